# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Keys of the terminal in which the virtual modem runs."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time

import serial

from tests.rigs.virtual_modem import OK, Rig
from tests.vmodem.test_options import helped
from tests.vmodem.test_process import ROOT, talk
from tools.vmodem.control import Control
from tools.vmodem.keys import KEYS, Keyboard


def test_keys_do_what_their_lines_do():
    rig = Rig()
    rig.command("AT+CREG=1")
    shown = []
    keyboard = Keyboard(Control(rig.modem), shown.append)
    keyboard.typed("l\x1b[Ab")
    assert rig.port.take() == b"\r\n+CREG: 2\r\n\r\n+CREG: 1\r\n"
    assert shown == ["registration lost", "ok", "registration back", "ok"], "other keys do nothing"
    shown.clear()
    keyboard.typed("l:registration ")
    keyboard.typed("back\n?")
    assert shown[:3] == ["registration lost", "ok", "ok"] and "sms +49" in shown[3] and rig.modem.radio.registered()


def test_every_key_is_a_line_that_can_be():
    """In an order in which each is possible, on a model of each vendor."""
    for model in ("eg915u", "sim7100"):
        rig = Rig(model)
        control = Control(rig.modem)
        for key in "schcs-+lbxdi" + "r":
            got = control.answer(KEYS[key])
            rig.pass_time(10)
            assert got.endswith("ok"), (model, key, got)
        for key, off in (("p", True), ("p", False), ("0", True), ("1", False)):
            assert control.answer(KEYS[key]).endswith("ok")
            rig.pass_time(10)
            assert rig.modem.power.off == off, (model, key)
        assert sorted(KEYS) == sorted("schlbxdipr01-+")
    assert "registration lost" in helped("--help", "control").partition("In a terminal")[2]


class Terminal:
    """The virtual modem in the foreground of a terminal."""

    def __init__(self):
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "tools.vmodem", "--model", "ec600e", "--echo", "0"]
        own = lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # noqa: E731
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}
        self.process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=own, **streams)
        self.slave = slave
        self._seen = b""

    def write(self, data):
        os.write(self._master, data)

    def expect(self, text, limit_s=30):
        """Everything up to and with `text`."""
        end = time.monotonic() + limit_s
        while text not in self._seen:
            assert time.monotonic() < end, self._seen
            if select.select([self._master], [], [], 0.1)[0]:
                self._seen += os.read(self._master, 1000)
        got, _, self._seen = self._seen.partition(text)
        return got + text

    @staticmethod
    def until(done, limit_s=30):
        end = time.monotonic() + limit_s
        while not done():
            assert time.monotonic() < end
            time.sleep(0.01)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self.slave)


def test_terminal():
    terminal = Terminal()
    try:
        before = termios.tcgetattr(terminal.slave)
        name = terminal.expect(b"lists the keys").split()[1].decode()
        assert termios.tcgetattr(terminal.slave) != before
        with serial.Serial(name, 115200, timeout=0.05) as port:
            assert talk(port, "AT+CREG=1") == OK
            terminal.write(b"l")
            terminal.expect(b"registration lost\r\nok\r\n")
            assert talk(port, "", b"+CREG: 2\r\n") == b"\r\n+CREG: 2\r\n"
            terminal.write(b":")
            terminal.until(lambda: termios.tcgetattr(terminal.slave) == before)  # a whole line now, with echo
            terminal.write(b"urc +NEWS\n")
            terminal.expect(b"ok\r\n")
            assert talk(port, "", b"+NEWS\r\n") == b"\r\n+NEWS\r\n"
        terminal.write(b"\x03")
        assert terminal.process.wait(30) == 0
        assert termios.tcgetattr(terminal.slave) == before, "the terminal is as it was"
    finally:
        terminal.close()
