# Heap: 4M for dialogues that go on up to the limit.
"""The scripted ports themselves: a dialogue that does not end fails, instead of going on until the memory is full."""

from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ScriptedPort, ready


def test_a_dialogue_that_ends_is_played_to_its_end():
    port = ScriptedPort([(b"AT\r", [(30, OK)]), (b"AT+CSQ\r", b"\r\n+CSQ: 9,99\r\n" + OK)])
    modem = ready(port)
    assert modem.command("AT") == [] and modem.command("AT+CSQ") == [b"+CSQ: 9,99"]
    port.done()
    assert port.now == 30


def test_a_host_that_sends_without_end_fails():
    for port in (Module(), Module({b"AT": None})):
        with raises(AssertionError, "the host does not stop", "AT+CSQ"):
            while True:
                port.write(b"AT+CSQ\r" * 100, 0, 700)
        assert len(port.sent) <= port.most_sent + 700 and len(port.lines) < port.most_sent // 7 + 100


def test_a_host_that_waits_or_reads_without_end_fails():
    buf = bytearray(8)
    for call in (lambda port: port.wait(0), lambda port: port.wait(1000), lambda port: port.readinto(buf, 8)):
        port = ScriptedPort([(b"AT\r", OK)])
        port.write(b"AT\r"[:2], 0, 2)
        with raises(AssertionError, "the dialogue does not end", "AT"):
            while True:
                call(port)
        assert port.steps == port.most_steps + 1


def test_a_module_that_speaks_without_end_fails():
    port = ScriptedPort()
    port.most_steps = 500
    with raises(AssertionError, "the dialogue does not end"):
        while True:
            port.later(0, b"\r\nRING\r\n")
    assert len(port.waiting) == 500


def test_a_driver_that_asks_again_and_again_fails_with_what_it_asks():
    modem = ready(Module({b"AT+CSQ": b"\r\n+CME ERROR: 14\r\n"}))
    asked = 0
    with raises(AssertionError, "at last", "AT+CSQ"):
        while True:
            asked += 1
            try:
                modem.command("AT+CSQ")
            except OSError:  # a CommandError: the module is busy
                pass
    assert 1000 < asked < 10000
