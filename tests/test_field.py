"""What real modules do that no document says: the field reports' file. Each test plays one habit that logs of real devices show.

Seen on Quectel BG96, BG77, BG95, EC200U, EC25 and EG800K, and on SIMCom A76xx and SIM7x00. The virtual modem has many of these
habits as quirks, which whole programs meet in test_quectel_quirks.py and test_simcom_quirks.py; here are single moments.
"""

from modem import ModemTimeout
from tests.helpers import ScriptedPort, raises, ready
from tests.modules import OK, Module

OPEN = (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', OK + b"\r\n+QIOPEN: 0,0\r\n")
LINED_UP = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)


def _connected(*dialogue, **options):
    port = ScriptedPort([OPEN] + list(dialogue))
    modem = ready(port)
    return port, modem, modem.create_connection(("srv", 80), **options)


# --- answers that are lost, or never given


def test_whoever_reads_after_an_answer_was_lost_lines_up_first():
    block = (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 5\r\nhello\r\n" + OK)
    port, modem, s = _connected((b"AT+X\r", b"\r\nK\r\n"), LINED_UP, block)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    assert s.recv(10) == b"hello"
    port.done()


def test_a_module_that_has_fallen_silent_is_an_error_for_whoever_reads():
    silent = [(b"AT+X\r", b"")] + [(line, b"") for line in (b"AT+CMEE?\r", b"AT+CSQ\r", b"AT+CFUN?\r", b"AT+COPS?\r")]
    port, modem, s = _connected(*silent)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    with raises(ModemTimeout, "does not answer"):
        s.recv(10)
    port.done()


def test_sockets_that_do_not_wait_line_up_as_well():
    sent = [(b"AT+QISEND=0,2\r", b"\r\n> "), (b"hi", b"\r\nSEND OK\r\n")]
    port, modem, s = _connected((b"AT+X\r", b""), LINED_UP, *sent)
    s.setblocking(False)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    assert s.send(b"hi") == 2
    port.done()
    port, modem, s = _connected((b"AT+X\r", b""), LINED_UP, (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 2\r\nhi\r\n" + OK))
    s.setblocking(False)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    assert s.recv(10) == b"hi"
    service = Module({b"AT+X": None, b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n", b"AT+QISEND=": b"\r\n> "})
    modem = ready(service)
    s = modem.socket(type=modem.SOCK_DGRAM)
    s.bind(("", 3030))
    s.setblocking(False)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    service.table[b"AT+QISEND="] = _takes(service, 2)
    assert s.sendto(b"hi", ("10.0.0.1", 80)) == 2


def _takes(port, n):
    def prompt(line):
        port.need = n
        port.after = b"\r\nSEND OK\r\n"
        return b"\r\n> "

    return prompt


def test_what_waits_is_fetched_before_the_mode_changes_although_an_answer_was_lost():
    block = (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 0\r\n" + OK)
    port, modem, s = _connected((b"AT+X\r", b""), LINED_UP, block, (b"AT+QISWTMD=0,1\r", OK), rxbuf=4096)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    s.switch("push")
    port.done()
