"""The scripted ports themselves: an endless dialogue fails instead of filling the memory. The limits are set low here: a board's heap is small."""

from tests.rigs.assertions import MICROPYTHON, raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ScriptedPort, ready

STEPS = 500
SENT = 1000


def limited(port):
    port.most_steps, port.most_sent = STEPS, SENT
    return port


def test_a_dialogue_that_ends_is_played_to_its_end():
    port = ScriptedPort([(b"AT\r", [(30, OK)]), (b"AT+CSQ\r", b"\r\n+CSQ: 9,99\r\n" + OK)])
    modem = ready(port)
    assert modem.command("AT") == [] and modem.command("AT+CSQ") == [b"+CSQ: 9,99"]
    port.done()
    assert port.now == 30


def test_a_host_that_sends_without_end_fails():
    for table in ({}, {b"AT+CSQ": None}):
        port = limited(Module(table))
        with raises(AssertionError, "the host does not stop", "AT+CSQ"):
            while True:
                port.write(b"AT+CSQ\r", 0, 7)
        assert SENT < len(port.sent) <= SENT + 7 and len(port.lines) <= SENT // 7 + 1


def test_a_host_that_waits_or_reads_without_end_fails():
    buf = bytearray(8)
    for call in (lambda port: port.wait(0), lambda port: port.wait(1000), lambda port: port.readinto(buf, 8)):
        port = limited(ScriptedPort([(b"AT\r", OK)]))
        port.write(b"AT", 0, 2)
        with raises(AssertionError, "the dialogue does not end", "AT"):
            while True:
                call(port)
        assert port.steps == STEPS + 1


def test_a_module_that_speaks_without_end_fails():
    port = limited(ScriptedPort())
    with raises(AssertionError, "the dialogue does not end"):
        while True:
            port.later(0, b"\r\nRING\r\n")
    assert len(port.waiting) == STEPS


def test_a_driver_that_repeats_a_command_fails_with_the_command():
    port = Module({b"AT+CSQ": b"\r\n+CME ERROR: 14\r\n"})
    modem = ready(limited(port) if MICROPYTHON else port)
    asked = 0
    with raises(AssertionError, "at last", "AT+CSQ"):
        while True:
            asked += 1
            try:
                modem.command("AT+CSQ")
            except OSError:  # a CommandError: the module is busy
                pass
    assert 100 < asked < 10000
