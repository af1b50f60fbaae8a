"""How long the driver waits for a Quectel module, and what it does when an answer is owed. The clock is turned by hand."""

from modem import CommandError, Modem, ModemError
from modem.compat import run
from modem.quectel.pdp import attach
from modem.quectel.urcs import in_background
from tests.conformance import check
from tests.quectel.test_sockets import connected, module
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import modem_of, ready


def _silence(call, table):
    """Return for how long `call(modem)` waits before it gives up."""
    port = Module(table)
    modem = ready(port)
    with raises(ModemError):
        call(modem)
    return port.now


def test_limits_of_the_document():
    got = {
        "QIACT": _silence(lambda m: run(attach(m.module, b'1,"apn","","",0', None)), {b"AT+QIACT=": None}),
        "QIDEACT": _silence(lambda m: m.disconnect(), {b"AT+QIDEACT=": None}),
        "QIOPEN": _silence(lambda m: m.create_connection(("10.0.0.1", 80)), {}),
        "QIDNSGIP": _silence(lambda m: m.resolve("example.com"), {}),
        "QIACTEX": _silence(lambda m: run(in_background(m.module, b"+QIACTEX", 1, 150000, None)), {}),
        "QNTP": _silence(lambda m: m.sync_time("pool.ntp.org"), {}),
    }
    want = {"QIACT": 150000, "QIDEACT": 40000, "QIOPEN": 150000, "QIDNSGIP": 60000, "QIACTEX": 150000, "QNTP": 700000}
    check("Q-385", got, want)
    port = module()
    port.table[b"AT+QICLOSE="] = None
    sock = connected(port)
    began = port.now
    sock.close()
    check("Q-385", 10000 < port.now - began <= 15000, True)


def test_reason_of_an_error_is_waited_for_longer_than_300_ms_and_not_for_ever():
    port = Module({b"AT+QIDEACT=1": ERROR, b"AT+QIGETERROR": None})
    modem = ready(port)
    with raises(CommandError) as error:
        modem.disconnect()
    check("Q-265", (300 < port.now <= 6000, error.value.code), (True, None))


def test_send_that_was_never_confirmed_is_settled_after_lining_up():
    port = module()
    port.after = b""
    port.table[b"AT+QISEND=0,0"] = b"\r\n+QISEND: 3,3,0\r\n\r\nOK\r\n"
    sock = connected(port)
    sock.settimeout(100)
    assert sock.send(b"abc") == 3
    check("Q-144", port.lines[-2:], [b"AT+CMEE?", b"AT+QISEND=0,0"])
    assert port.payloads == [b"abc"] and sock.link.sent == 3


def test_send_that_was_never_confirmed_and_cannot_be_settled_fails_the_connection():
    port = module()
    port.after = b""
    port.table[b"AT+QISEND=0,0"] = b"\r\n+QISEND: 2,2,0\r\n\r\nOK\r\n"
    sock = connected(port)
    sock.settimeout(100)
    with raises(ModemError, "not known"):
        sock.send(b"abc")
    assert port.payloads == [b"abc"]
    with raises(ModemError, "not known"):
        sock.send(b"abc")


def test_payload_that_is_echoed_is_not_taken_for_the_result():
    payload = b"\r\nSEND OK\r\n+CME ERROR: 3\r\n\x1a"
    port = module()
    port.after = payload + b"\r\nSEND OK\r\n"
    sock = connected(port)
    modem_of(sock).module.engine.echo_payload = True
    for _ in range(2):
        check("Q-258", sock.send(payload), len(payload))
    check("Q-258", (port.payloads, modem_of(sock).status("rssi")), ([payload, payload], -57))


def test_cancelled_input_may_end_in_three_ways():
    for answer in (b"\r\nOK\r\n", b"\r\nSEND FAIL\r\n", b"\r\nERROR\r\n"):
        port = Module()

        def prompt(line):
            port.need = 4  # noqa: B023
            return b"\r\n> "

        port.table[b"AT+QISEND=0"] = prompt
        port.after = answer
        modem = ready(port)
        try:
            modem.command("AT+QISEND=0", data=b"abc\x1b")
        except CommandError:
            assert answer == b"\r\nERROR\r\n"
        check("Q-117", (port.payloads, modem.status("rssi")), ([b"abc\x1b"], -57))


def test_no_test_form_is_used_to_find_out_what_a_module_can_do():
    port = Module({b"AT+QIOPEN=": OK})
    Modem(port).connect("internet")
    check("Q-017", [line for line in port.lines if line.endswith(b"=?")], [])
