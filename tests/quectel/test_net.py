"""Names, ping, time, socket states and options on a Quectel module, against a scripted module."""

from modem import CommandError, ModemError, ModemTimeout
from modem.deferred import when
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ready


def answering(command, *later, delay_ms=50, **table):
    """Return (port, modem): the command gets OK, and after a while the lines."""
    port = Module({command: [(0, OK)] + [(delay_ms, b"\r\n" + line + b"\r\n") for line in later]})
    return port, ready(port)


# --- names


def test_name_with_several_addresses():
    lines = [b'+QIURC: "dnsgip",' + rest for rest in (b"0,3,300", b'"10.1.1.1"', b"10.1.1.2", b'"2001:db8::1"')]
    port, modem = answering(b"AT+QIDNSGIP=", *lines)
    got = modem.resolve("example.com")
    check("Q-252", got, (["10.1.1.1", "10.1.1.2", "2001:db8::1"], 300))
    check("Q-254", got[0][:2], ["10.1.1.1", "10.1.1.2"])
    assert port.lines == [b'AT+QIDNSGIP=1,"example.com"'] and modem.module.deferred[b"+QIURC:"] is None
    assert modem.gethostbyname("example.com") == "10.1.1.1" and modem.gethostbyname("1.2.3.4") == "1.2.3.4"


def test_name_without_address_is_an_error_with_the_number():
    _, modem = answering(b"AT+QIDNSGIP=", b'+QIURC: "dnsgip",565')
    with raises(CommandError, "565") as error:
        modem.resolve("nowhere")
    assert error.value.code == 565 and modem.module.deferred[b"+QIURC:"] is None


def _found(address):
    return b'\r\n+QIURC: "dnsgip",0,1,300\r\n\r\n+QIURC: "dnsgip","' + address + b'"\r\n'


def test_the_answer_to_a_lookup_that_was_given_up_is_not_the_next_ones():
    late = [(0, OK), (5000, _found(b"10.0.0.1"))]  # comes while nothing is asked, or while the next one waits
    lost = [(4000, _found(b"10.0.0.1"))]  # its OK never comes
    overtaken = [(0, _found(b"10.0.0.1") + OK), (50, _found(b"10.0.0.2"))]

    def good(line):
        port.waiting.insert(0, (port.now, OK))  # before what is still owed
        return [(50, _found(b"10.0.0.2"))]

    for first, second, pause_ms in ((late, good, 0), (late, good, 10000), (lost, overtaken, 0), (lost, overtaken, 70000)):
        port = Module()
        modem = ready(port)
        port.table[b"AT+QIDNSGIP="] = first
        with raises(ModemTimeout):
            modem.resolve("first", timeout_ms=3000)
        port.table[b"AT+QIDNSGIP="] = second
        modem.poll(pause_ms)
        assert modem.resolve("second") == (["10.0.0.2"], 300), pause_ms


def test_name_that_is_never_answered_is_given_up_after_60_s():
    for lines in ((), (b'+QIURC: "dnsgip",0,2,300', b'+QIURC: "dnsgip","10.1.1.1"')):
        port, modem = answering(b"AT+QIDNSGIP=", *lines)
        with raises(ModemTimeout):
            modem.resolve("example.com")
        check("Q-253", port.now, 60000)


def test_network_services_want_a_connection_first():
    port = Module()
    modem = ready(port, connected=False)
    refused = []
    for call in (lambda: modem.ping("x"), lambda: modem.sync_time("x"), lambda: modem.dns("1.1.1.1"), lambda: modem.resolve("x")):
        with raises(ModemError, "not connected"):
            call()
        refused.append(True)
    check("Q-231", (refused[0], port.lines), (True, []))
    check("Q-420", (refused[1:], port.lines), ([True] * 3, []))


def test_name_servers_are_read_and_set():
    port = Module({b"AT+QIDNSCFG=1": b'\r\n+QIDNSCFG: 1,"8.8.8.8","0.0.0.0","2001:db8::1",""\r\n\r\nOK\r\n'})
    modem = ready(port)
    assert modem.dns() == ("8.8.8.8", "0.0.0.0", "2001:db8::1") and modem.ifconfig()[3] == "8.8.8.8"
    modem.dns("1.1.1.1", "9.9.9.9")
    assert port.lines[1:] == [b'AT+QIDNSCFG=1,"1.1.1.1","9.9.9.9"', b"AT+QIDNSCFG=1"]


# --- ping


def test_ping_tells_replies_losses_and_the_summary_apart():
    lines = (
        b'+QPING: 0,"61.135.169.125",32,192,255', b"+QPING: 569", b'+QPING: 0,"61.135.169.125",32,479,255,9',
        b"+QPING: 0,3,2,1,192,479,353",
    )  # fmt: skip
    port, modem = answering(b"AT+QPING=", *lines)
    summary, replies = modem.ping("www.baidu.com", 3, timeout_s=10)
    want = [("61.135.169.125", 32, 192, 255), None, ("61.135.169.125", 32, 479, 255)]
    check("Q-229", (replies, summary), (want, (3, 2, 1, 192, 479, 353)))
    check("Q-230", replies[2][2] > 255 and summary[5] == 353, True)
    assert port.lines == [b'AT+QPING=1,"www.baidu.com",10,3']


def test_ping_that_cannot_begin_or_loses_everything():
    _, modem = answering(b"AT+QPING=", b"+QPING: 565")
    with raises(CommandError) as error:
        modem.ping("nowhere")
    check("Q-229", error.value.code, 565)
    _, modem = answering(b"AT+QPING=", *[b"+QPING: 569"] * 5)
    with raises(CommandError) as error:
        modem.ping("1.2.3.4")
    check("Q-229", error.value.code, 569)
    _, modem = answering(b"AT+QPING=", *[b"+QPING: 569"] * 2, b"+QPING: 0,2,0,2,0,0,0")
    assert modem.ping("1.2.3.4", 2) == ((2, 0, 2, 0, 0, 0), [None, None])


def test_ping_checks_its_ranges_and_can_be_repeated():
    port, modem = answering(b"AT+QPING=", b'+QPING: 0,"1.2.3.4",32,1,255', b"+QPING: 0,1,1,0,1,1,1")
    for bad in ({"count": 0}, {"count": 11}, {"timeout_s": 0}, {"timeout_s": 256}):
        with raises(ValueError):
            modem.ping("1.2.3.4", **bad)
    assert not port.lines
    assert modem.ping("1.2.3.4", 1) == modem.ping("1.2.3.4", 1)
    assert modem.module.engine.unknown == 0


# --- time


def test_time_of_a_server():
    line = b'+QNTP: 0,"2024/05/17,08:01:02+32"'
    port, modem = answering(b"AT+QNTP=", b'+QNTP: "pool.ntp.org",123', line)
    got = modem.sync_time("pool.ntp.org")
    check("Q-240", got, (2024, 5, 17, 8, 1, 2, 480))
    assert port.lines == [b'AT+QNTP=1,"pool.ntp.org",123,1']
    modem.sync_time("pool.ntp.org", port=124, set_clock=False)
    assert port.lines[1] == b'AT+QNTP=1,"pool.ntp.org",124,0'


def test_zones_in_quarters_of_an_hour():
    for text, zone in (("+00", 0), ("-48", -720), ("+56", 840), ("+22", 330), ("-14", -210)):
        check("Q-238", when("2019/09/09,01:32:52" + text), (2019, 9, 9, 1, 32, 52, zone))
    assert when("19/09/09, 01:32:52+32") == (2019, 9, 9, 1, 32, 52, 480)
    with raises(ValueError):
        when("yesterday")


def test_time_that_fails_or_never_comes():
    _, modem = answering(b"AT+QNTP=", b"+QNTP: 569")
    with raises(CommandError) as error:
        modem.sync_time("x")
    assert error.value.code == 569
    port, modem = answering(b"AT+QNTP=")
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    with raises(ModemTimeout):
        modem.sync_time("x")
    check("Q-239", port.now, 700000)
    modem.poll()
    assert events == [("slow", "QNTP")]
    port, modem = answering(b"AT+QNTP=", b'+QNTP: 0,"2024/05/17,08:01:02+32"', delay_ms=650000)
    assert modem.sync_time("x")[0] == 2024


# --- states


def test_states_in_three_forms_and_all_service_types():
    services = ("TCP", "UDP", "TCP LISTENER", "TCP incoming", "UDP SERVICE", "udp incoming")
    line = b'\r\n+QISTATE: %d,"%s","10.0.0.1",80,5000,%d,1,%d,0,"uart1"\r\n'
    answer = b"".join([line % (i, services[i].encode(), min(i, 4), i) for i in range(6)])
    port = Module({b"AT+QISTATE": answer + OK, b"AT+QISTATE=": answer[: answer.find(b"\r\n\r\n") + 2] + OK})
    modem = ready(port)
    found = modem.connections()
    want = ["TCP", "UDP", "TCP LISTENER", "TCP INCOMING", "UDP SERVICE", "UDP INCOMING"]
    check("Q-111", [state[1] for state in found], want)
    assert found[2] == (2, "TCP LISTENER", "10.0.0.1", 80, 5000, "connected", 1, 2, 0, "uart1") and found[4][5] == "closing"
    assert len(modem.connections(link=0)) == len(modem.connections(context=3)) == 1
    assert port.lines == [b"AT+QISTATE", b"AT+QISTATE=1,0", b"AT+QISTATE=0,3"]
    for bad in ({"link": 12}, {"context": 16}):
        with raises(ValueError):
            modem.connections(**bad)


# --- options

SETTINGS = (
    ("transpktsize", (1460,), (1461,)),
    ("transwaittm", (20,), (21,)),
    ("tcp/accept", (0,), (2,)),
    ("tcp/keepalive", (1, 1800, 100, 10), (1, 1801, 100, 10)),
    ("tcp/retranscfg", (12, 60), (2, 60)),
    ("send/auto", (11, 20, "313233", 1), (11, 19, "313233", 1)),
    ("qisend/timeout", (120,), (121,)),
    ("tcp/delay_ack", (1,), (2,)),
    ("dns/cache", (0,), (-1,)),
    ("tcp/twrecycle", (60000,), (1,)),
    ("dns/retry", (4, 2000), (4, 99)),
)


def test_every_option_is_set_by_name_with_its_ranges():
    for option, good, bad in SETTINGS:
        port = Module()
        modem = ready(port)
        with raises(ValueError, option):
            modem.configure(option, *bad)
        with raises(ValueError, "value"):
            modem.configure(option, *(good + (1,)))
        assert not port.lines
        modem.configure(option, *good)
        want = ",".join(['"%s"' % v if isinstance(v, str) else str(v) for v in good])
        assert port.lines == [b'AT+QICFG="%s",%s' % (option.encode(), want.encode())]


def test_options_are_read_back_also_in_brackets():
    port = Module({b'AT+QICFG="tcp/keepalive"': b'\r\n+QICFG: "tcp/keepalive",0,60,25,3\r\n\r\nOK\r\n'})
    port.table[b'AT+QICFG="recvind"'] = b'\r\n[+QICFG: "recvind",0]\r\n\r\nOK\r\n'
    port.table[b'AT+QICFG="send/auto",3'] = b'\r\n+QICFG: "send/auto",3,20,"3132",1\r\n\r\nOK\r\n'
    modem = ready(port)
    assert modem.configure("tcp/keepalive") == (0, 60, 25, 3) and modem.configure("send/auto", 3) == (3, 20, "3132", 1)
    check("Q-412", modem.configure("recvind"), (0,))


def test_options_that_belong_to_the_driver_are_refused_with_the_reason():
    port = Module()
    modem = ready(port)
    pinned = ("dataformat", "viewmode", "udp/sendmode", "udp/readmode", "passiveclosed", "close/mode", "recvind", "formatcfg")
    for option in pinned:
        with raises(ValueError, option, "belongs to the driver", "would"):
            modem.configure(option, 1)
    with raises(ValueError, "unknown option", "tcp/keepalive"):
        modem.configure("tcp/keepalife", 1)
    with raises(ValueError, "hex digits"):
        modem.configure("send/auto", 1, 20, "12x4", 0)
    with raises(ValueError, "even number"):
        modem.configure("send/auto", 1, 20, "123", 0)
    assert not port.lines and len(SETTINGS) + len(pinned) == 19


def test_firmware_without_the_option_says_so():
    port = Module({b'AT+QICFG="dns/cache",1': ERROR})
    with raises(CommandError):
        ready(port).configure("dns/cache", 1)


def test_input_time_out_is_remembered():
    modem = ready(Module())
    modem.configure("qisend/timeout", 20)
    assert modem.module.dialect.input_timeout_ms == 20000
