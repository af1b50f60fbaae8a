"""PDP contexts of a Quectel module: settings, activation, addresses, several at once, and what the network takes away."""

import asyncio

from modem import AsyncModem, CommandError, ConnectionClosed, Modem, ModemError
from modem.compat import run
from modem.quectel.settings import PINS
from modem.quectel.urcs import in_background
from tests.at.test_turns import RunningPort
from tests.conformance import check
from tests.quectel.test_sockets import opening
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ready


def test_context_is_configured_with_all_six_values_and_then_activated():
    port = Module()
    modem = Modem(port)
    modem.connect("internet", user="me", password="secret", ip="ipv4v6", auth="chap")
    at = port.lines.index(b'AT+QICSGP=1,3,"internet","me","secret",2')
    check("Q-029", at > 0, True)
    check("Q-047", port.lines[at + 1], b"AT+QIACT=1")
    assert modem.isconnected() and modem.ifconfig()[0] == "10.0.0.2"


def test_authentication_and_types_as_people_name_them():
    for options, want in (
        ({}, b'1,1,"apn","","",0'),
        ({"user": "u"}, b'1,1,"apn","u","",3'),
        ({"user": "u", "auth": "pap", "ip": "ipv6"}, b'1,2,"apn","u","",1'),
        ({"user": "u", "password": "p" * 127, "auth": "either"}, b'1,1,"apn","u","%s",3' % (b"p" * 127)),
    ):
        port = Module()
        Modem(port).connect("apn", **options)
        check("Q-029", b"AT+QICSGP=" + want in port.lines, True)
    for options in ({"ip": "ipx"}, {"auth": "psk"}, {"user": "u" * 128}, {"password": 'a"b'}, {"user": "a\r"}):
        port = Module()
        modem = ready(port, connected=False)
        with raises(ValueError):
            modem.connect("apn", **options)
        assert not port.lines


def test_context_range_is_checked_before_anything_is_sent():
    port = Module()
    modem = ready(port, connected=False)
    modem.context = 16
    with raises(ValueError, "context must be 1 to 15"):
        modem.connect("apn")
    check("Q-038", [line for line in port.lines if b"QIC" in line or b"QIACT" in line], [])


def test_addresses_are_recognised_by_what_they_are():
    for line, addr4, addr6 in (
        (b"1,1,1", "0.0.0.0", []),
        (b'1,1,1,"10.7.157.1"', "10.7.157.1", []),
        (b'1,1,2,"2409:8D1E::1"', "0.0.0.0", ["2409:8D1E::1"]),
        (b'1,1,1,"10.7.157.1","2409:8D1E::1"', "10.7.157.1", ["2409:8D1E::1"]),
        (b'1,1,3,"2409:8D1E::1","10.7.157.1",7', "10.7.157.1", ["2409:8D1E::1"]),
    ):
        port = Module({b"AT+QIACT?": b"\r\n+QIACT: " + line + b"\r\n\r\nOK\r\n"})
        modem = ready(port, connected=False)
        modem.connect("apn")
        got = modem.ipconfig("addr4")[0], [a[0] for a in modem.ipconfig("addr6")]
        check("Q-045", got, (addr4, addr6))
        check("Q-046", got, (addr4, addr6))
        check("Q-416", got, (addr4, addr6))


def test_error_of_an_activation_asks_whether_the_context_is_up_already():
    port = Module({b"AT+QIACT=1": ERROR})
    answers = [OK, b'\r\n+QIACT: 1,1,1,"10.0.0.2"\r\n\r\nOK\r\n']
    port.table[b"AT+QIACT?"] = lambda line: answers.pop(0)
    modem = ready(port, connected=False)
    modem.connect("apn")
    check("Q-048", (modem.isconnected(), answers), (True, []))
    port = Module({b"AT+QIACT=1": ERROR, b"AT+QIGETERROR": b"\r\n+QIGETERROR: 561,open PDP context failed\r\n\r\nOK\r\n"})
    with raises(CommandError, "561") as error:
        ready(port, connected=False).connect("apn")
    assert error.value.code == 561


def test_context_that_is_up_with_other_settings_is_taken_down_first():
    port = Module()
    port.up = True
    modem = ready(port, connected=False)
    modem.connect("one")
    assert port.count(b"AT+QIDEACT=1") == 1
    modem.connect("one")
    assert port.count(b"AT+QIDEACT=1") == 1 and port.count(b"AT+QIACT=1") == 1
    modem.connect("two")
    assert port.count(b"AT+QIDEACT=1") == 2


def _two_contexts():
    up = {}

    def activate(line):
        up[int(line[9:])] = b"10.0.0.%d" % int(line[9:])
        return OK

    def deactivate(line):
        up.pop(int(line[11:]), None)
        return OK

    def shown(line):
        return b"".join([b'\r\n+QIACT: %d,1,1,"%s"\r\n' % (n, up[n]) for n in sorted(up)]) + OK

    port = Module({b"AT+QIACT=": activate, b"AT+QIDEACT=": deactivate, b"AT+QIACT?": shown, b"AT+QIOPEN=": opening})
    modem = ready(port, connected=False)
    modem.connect("one")
    modem.context = 2
    modem.connect("two")
    return port, modem


def test_two_contexts_at_once_and_a_loss_ends_only_its_own_connections():
    port, modem = _two_contexts()
    assert modem.ifconfig()[0] == "10.0.0.2"
    second = modem.create_connection(("a", 1))
    modem.context = 1
    first = modem.create_connection(("b", 1))
    assert [line[:12] for line in port.lines[-2:]] == [b"AT+QIOPEN=2,", b"AT+QIOPEN=1,"]
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    port.later(0, b'\r\n+QIURC: "pdpdeact",2\r\n')
    modem.poll(10)
    assert events == [("context lost", 2)] and modem.isconnected()
    with raises(ConnectionClosed):
        second.send(b"x")
    assert first.link.error is None
    check("Q-277", port.count(b"AT+QIDEACT=2"), 1)


def test_deactivation_ends_the_connections_of_its_context():
    _, modem = _two_contexts()
    second = modem.create_connection(("a", 1))
    modem.context = 1
    first = modem.create_connection(("b", 1))
    modem.disconnect()
    with raises(ModemError):
        first.recv(1)
    check("Q-054", (first.link.ended(), second.link.ended(), modem.isconnected()), (True, False, False))
    with raises(ModemError, "not connected"):
        modem.create_connection(("c", 1))


def test_settings_that_the_driver_relies_on_are_made_at_every_start():
    port = Module()
    modem = Modem(port)
    wanted = PINS.split()
    modem.start()
    sent = b";".join(port.lines).replace(b";AT", b";").split(b";")  # one by one, or several in a line
    check("Q-187", [line for line in wanted if line not in sent], [])
    check("Q-257", b"+QISDE=0" in sent, True)
    del port.lines[:]
    modem.start()
    sent = b";".join(port.lines).replace(b";AT", b";").split(b";")
    check("Q-187", [line for line in wanted if line not in sent], [])


# --- in the background, for asyncio


class RealTime(Module):
    """A module whose clock goes on by itself, for asyncio: each look at it is a millisecond."""

    def ticks_ms(self):
        self.now += 1
        return self.now


def test_activation_in_the_background_leaves_the_line_free():
    port = RealTime()
    port.table[b"AT+QIACTEX=1"] = OK
    port.table[b"AT+QIACT?"] = lambda line: b'\r\n+QIACT: 1,1,1,"10.0.0.2"\r\n\r\nOK\r\n' if port.up else OK

    async def main():
        modem = ready(port, connected=False, modem_class=AsyncModem)
        task = asyncio.create_task(modem.connect("apn"))
        while b"AT+QIACTEX=1" not in port.lines:
            await asyncio.sleep(0)
        rssi = await modem.status("rssi")
        lines = await modem.command("AT+QIACTEX?")
        port.up = True
        port.later(0, b"\r\n+QIACTEX: 2,561\r\n\r\n+QIACTEX: 1,0\r\n")
        await task
        return rssi, lines, modem.isconnected()

    port.table[b"AT+QIACTEX?"] = b'\r\n+QIACTEX: 1,1,1,"10.0.0.9"\r\n\r\nOK\r\n'
    rssi, lines, up = asyncio.run(main())
    check("Q-063", (rssi, up, b"AT+QIACT=1" in port.lines), (-57, True, False))
    check("Q-061", lines, [b'+QIACTEX: 1,1,1,"10.0.0.9"'])


def test_failed_activation_in_the_background_tells_the_number():
    port = RealTime({b"AT+QIACTEX=1": [(0, OK), (5, b"\r\n+QIACTEX: 1,561\r\n")]})

    async def main():
        modem = ready(port, connected=False, modem_class=AsyncModem)
        with raises(CommandError) as error:
            await modem.connect("apn")
        return error.value.code

    assert asyncio.run(main()) == 561


def test_background_results_are_waited_for_as_long_as_the_document_says():
    for name, limit_ms, item in ((b"+QIACTEX", 150000, "Q-063"), (b"+QIDEACTEX", 40000, "Q-066")):
        port = Module()
        modem = ready(port)
        with raises(ModemError, "no result"):
            run(in_background(modem.module, name, 1, limit_ms, None))
        check(item, port.now, limit_ms)


async def test_a_firmware_without_the_activation_in_the_background_gets_the_other_one():
    for answer in (ERROR, b"\r\n+CME ERROR: 58\r\n", b"\r\n+CME ERROR: 4\r\n"):
        port = RunningPort({b"AT+QIACTEX=": answer, b"AT+QIGETERROR": ERROR})
        modem = ready(port, connected=False, modem_class=AsyncModem)
        await modem.connect("internet")
        assert modem.isconnected() and port.count(b"AT+QIACTEX=1") == port.count(b"AT+QIACT=1") == 1
        await modem.close()
