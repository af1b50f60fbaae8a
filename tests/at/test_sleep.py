"""A module that sleeps loses what comes first: start(), and the commands after a silence, wake it. Scripted, on both Pythons."""

from modem import CommandError, Modem, ModemError, ModemRestarted, ModemTimeout, NotSupported
from tests.at.test_undocumented_answers import simcom
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ready

SILENCE_MS = 5000
WAKE_MS = 50
BLOCK = b"\r\n+QIRD: 5\r\nhello\r\n" + OK


class Sleepy:
    """Mixed into a scripted module: AT+QSCLK and AT+CSCLK do what they say. `heard` has what the module was awake for."""

    mode = 0
    stirred = running = 0
    level = True  # of DTR
    dropped = 0

    def write(self, buf, off, n):
        asleep = not self.need and (
            not self.level if self.mode == 1 else self.mode == 2 and self.now - self.stirred >= SILENCE_MS
        )
        if asleep and self.mode == 2:
            self.running = self.now + WAKE_MS
        self.stirred = self.now
        if asleep or self.now < self.running:
            self.dropped += n
            return n
        return Module.write(self, buf, off, n)

    def readinto(self, buf, n):
        n = Module.readinto(self, buf, n)
        if n:
            self.stirred = self.now
        return n

    def dtr(self, level):
        if level and not self.level:
            self.running = self.now + WAKE_MS
        self.level = level

    def _line(self, line):
        for command in line[2:].split(b";"):
            if command.startswith((b"+QSCLK=", b"+CSCLK=")):
                self.mode = int(command[7:])
        Module._line(self, line)


class Quectel(Sleepy, Module):
    pass


def _connected():
    port = Quectel({b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n", b"AT+QIRD=0,1500": b"\r\n+QIRD: 0\r\n" + OK})
    modem = ready(port)
    return port, modem, modem.create_connection(("srv", 80))


def test_a_module_that_an_earlier_program_has_let_sleep_is_started():
    port = Quectel()
    port.mode, port.now = 2, 60000
    modem = Modem(port)
    modem.start()
    assert port.dropped and port.now < 62000 and port.mode == 0
    port.now += 60000
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_every_call_after_a_silence_wakes_the_module_first():
    port, modem, s = _connected()
    modem.sleep(idle_ms=4000)
    assert port.mode == 2
    for call, want in (
        (lambda: modem.command("AT+CSQ"), [b"+CSQ: 28,99"]),
        (lambda: s.send(b"hi"), 2),
        (lambda: s.recv(10), b"hello"),
        (lambda: modem.status("rssi"), -57),
    ):
        port.now += 60000
        lost, before = port.dropped, port.now
        port.table[b"AT+QIRD=0,1500"] = BLOCK
        port.after = b"\r\nSEND OK\r\n"
        if want == b"hello":
            s.link.on_recv()
        assert call() == want
        assert port.dropped == lost + 3 and port.now - before < 500, want
    lost = port.dropped
    port.now += 4500  # not asleep yet: it answers at once
    before = port.now
    modem.command("AT+CSQ")
    assert port.dropped == lost and port.now == before and port.lines[-2:] == [b"AT", b"AT+CSQ"]
    port.now += 1000
    modem.command("AT+CSQ")
    assert port.lines[-2:] == [b"AT+CSQ", b"AT+CSQ"]


def test_data_that_come_while_it_sleeps_are_read():
    port, modem, s = _connected()
    assert s.readinto is not None
    s.setblocking(False)
    assert s.read(1) is None
    s.settimeout(30)
    modem.sleep(idle_ms=4000)
    port.table[b"AT+QIRD=0,1500"] = BLOCK
    port.later(12000, b'\r\n+QIURC: "recv",0\r\n')
    assert s.recv(10) == b"hello" and port.dropped == 0


def test_sockets_that_do_not_wait_wake_it_too():
    port, modem, s = _connected()
    s.setblocking(False)
    assert s.read(1) is None
    modem.sleep(idle_ms=4000)
    port.now += 60000
    port.after = b"\r\nSEND OK\r\n"
    for _ in range(3):
        modem.poll(500)
        try:
            assert s.send(b"hi") == 2
            break
        except OSError as error:
            assert error.args[0] == 11
    assert port.payloads == [b"hi"]


def test_a_module_that_does_not_wake_up_is_an_error():
    port, modem, s = _connected()
    modem.sleep(idle_ms=4000)
    port.now += 60000
    port.dead = True
    with raises(ModemTimeout, "does not answer"):
        modem.command("AT+CSQ")


def test_it_sleeps_by_dtr_until_the_next_command():
    port, modem, s = _connected()
    modem.sleep()
    assert port.mode == 1 and not port.level and b"AT&D1" in port.lines
    port.now += 1000
    before = port.now
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and port.level and port.now - before < 500
    port.now += 60000
    lost = port.dropped
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and port.dropped == lost, "awake until sleep() is called again"
    modem.sleep()
    modem.sleep()
    assert not port.level and modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    modem.sleep(0)
    assert port.level and port.mode == 0


def test_a_restart_ends_the_sleep():
    for idle_ms in (None, 4000):
        port, modem, s = _connected()
        modem.sleep(idle_ms)
        port.later(1000, b"\r\nRDY\r\n")
        port.mode, port.up = 0, False
        port.table[b"AT+CMEE?"] = b"\r\n+CMEE: 1\r\n" + OK
        modem.poll(2000)
        with raises(ModemRestarted):
            s.recv(1)
        port.now += 60000
        modem.start()
        modem.connect("internet")
        before = len(port.lines)
        port.now += 60000
        modem.command("AT+CSQ")
        assert port.level and port.lines[before:] == [b"AT+CSQ"]


def test_sleep_is_asked_for_in_the_vendors_words_and_refused_before_anything_is_sent():
    port = simcom()
    modem = ready(port, "a76xx")
    modem.sleep(idle_ms=1000)
    assert port.lines == [b"AT+CSCLK=2"]
    with raises(NotSupported, "DTR"):
        modem.sleep()
    for wrong, kind in ((-1, ValueError), (3600001, ValueError), (1.5, TypeError), (True, TypeError)):
        with raises(kind, "idle_ms"):
            modem.sleep(wrong)
    with raises(ModemError, "start()"):
        Modem(Module(), "ec600e").sleep(1000)
    assert port.lines == [b"AT+CSCLK=2"]
    port.table[b"AT+CSCLK="] = ERROR
    with raises(CommandError, "AT+CSCLK=2"):
        modem.sleep(1000)


def test_a_module_that_slept_longer_than_the_ticks_can_tell_is_woken():
    for away_ms in (-1, -(2**29), -(2**29) + 4001):  # a clock that has gone round shows any of these
        port, modem, s = _connected()
        port.now = 2**29 + 10000
        modem.sleep(idle_ms=4000)
        before = len(port.lines)
        port.now += away_ms
        port.mode = 0  # this port cannot count the time itself
        assert modem.status("rssi") == -57
        assert port.lines[before:] == [b"AT", b"AT+CSQ"], away_ms
