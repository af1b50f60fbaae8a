"""Changing the baud rate: checked, with a way back. Scripted, on both Pythons."""

from modem import CommandError, ModemError, ModemRestarted, ModemTimeout, NotSupported
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ready


class Rated(Module):
    """Hears what comes at its own rate only; of what comes at another one it hears noise. `deaf`, `mute`: rates at which a direction fails."""

    real = baudrate = stored = 115200
    deaf = mute = ()
    limit = 4000000  # the port's
    early = False  # it changes over before it says OK
    restarts = False
    noise = b""

    def set_baudrate(self, rate):
        if rate > self.limit:
            raise OSError(22, "too fast")
        self.baudrate = rate

    def write(self, buf, off, n):
        if self.baudrate != self.real or self.real in self.deaf:
            self.noise = b"\xf8\x80"
            return n
        if self.noise:  # in front of the first line that it can read
            self.noise = b""
            self.later(5, ERROR)
            return n
        return Module.write(self, buf, off, n)

    def readinto(self, buf, n):
        n = Module.readinto(self, buf, n)
        if n and (self.baudrate != self.real or self.real in self.mute):
            buf[:n] = b"\xf5" * n
        return n

    def _line(self, line):
        if line[:7] == b"AT+IPR=" and b"AT+IPR=" not in self.table:
            if self.early:
                self.real = int(line[7:])
            else:
                self.later(1, OK)
                self.after_ok = int(line[7:])
                return
        if line == b"AT&W":
            self.stored = self.real
        Module._line(self, line)

    def wait(self, timeout_ms, coming=1):
        heard = Module.wait(self, timeout_ms)
        if not heard and getattr(self, "after_ok", None):
            self.real, self.after_ok = self.after_ok, None
            if self.restarts:
                self.restart()
        return heard

    def restart(self):
        self.real, self.up = self.stored, False
        self.later(50, b"\r\nRDY\r\n")


def _changed(rate=921600, **how):
    port = Rated()
    modem = ready(port)
    for name, value in how.items():
        setattr(port, name, value)
    modem.set_baudrate(rate)
    return port, modem


def test_the_rate_is_changed_at_both_ends():
    for early in (False, True):
        port, modem = _changed(early=early)
        assert port.baudrate == port.real == 921600 and port.stored == 115200
        assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and b"AT&W" not in port.lines
    modem.set_baudrate(9600, store=True)
    assert port.baudrate == port.real == port.stored == 9600


def test_a_rate_at_which_the_module_is_not_heard_is_left_again():
    for mute in ((921600,), (921600, 460800)):
        port = Rated()
        modem = ready(port)
        port.mute = mute
        with raises(ModemError, "no answer at 921600 baud", "115200"):
            modem.set_baudrate(921600)
        assert port.baudrate == port.real == 115200 and modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
        if len(mute) == 1:
            modem.set_baudrate(460800)
            assert port.real == 460800


def test_a_module_that_is_heard_no_more_at_any_rate_is_an_error():
    with raises(ModemTimeout, "921600", "115200", "start()"):
        _changed(deaf=(921600,))


def test_a_rate_that_the_module_or_the_port_refuses_changes_nothing():
    port = Rated()
    modem = ready(port)
    before = list(port.lines)
    port.limit = 460800
    with raises(NotSupported, "921600", "too fast"):
        modem.set_baudrate(921600)
    for wrong, kind in ((0, ValueError), (4000001, ValueError), ("9600", TypeError), (9600.0, TypeError), (True, TypeError)):
        with raises(kind, "rate"):
            modem.set_baudrate(wrong)
    assert port.lines == before
    port.table[b"AT+IPR="] = ERROR
    with raises(CommandError, "AT+IPR=9600"):
        modem.set_baudrate(9600)
    assert port.baudrate == port.real == 115200 and modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    port.baudrate = None
    with raises(ModemError, "without a baud rate"):
        modem.set_baudrate(9600)


def test_not_while_connections_are_open_nor_before_start():
    from modem import Modem

    with raises(ModemError, "start()"):
        Modem(Rated(), "ec600e").set_baudrate(9600)
    port = Rated({b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n"})
    modem = ready(port)
    s = modem.create_connection(("srv", 80))
    with raises(ModemError, "connections are open"):
        modem.set_baudrate(9600)
    s.close()
    modem.set_baudrate(9600)
    assert port.real == 9600


def test_a_module_that_restarts_is_found_at_its_stored_rate():
    port, modem = _changed()
    port.restart()
    modem.start()
    assert port.baudrate == 115200 and modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    modem.set_baudrate(921600)
    modem.start()
    assert port.baudrate == 921600 and not [line for line in port.lines if b"&W" in line]


def test_a_restart_in_the_middle_is_told():
    port = Rated()
    modem = ready(port)
    port.table[b"AT+IPR="] = OK + b"\r\nRDY\r\n"
    with raises(ModemRestarted):
        modem.set_baudrate(921600)
    port, modem = Rated(), None
    modem = ready(port)
    port.restarts = True  # seen at neither rate: it says so too early
    with raises(ModemError, "115200 again"):
        modem.set_baudrate(921600)
    port.table[b"AT+CMEE?"] = b"\r\n+CMEE: 0\r\n" + OK
    modem.command("AT+CSQ")
    assert modem.status() == "down"
