"""Keys of the terminal in which the virtual modem runs: each stands for a line of the control channel (`control`).

Only a program in the foreground of a terminal has them: its output goes there, too. Ctrl-C ends it as ever.
"""

import os
import signal
import sys

KEYS = {
    "s": "sms +4915112345678 Hello",
    "c": "call +4915112345678",
    "h": "hangup",
    "-": "signal rssi=-109 rsrp=-125 rsrq=-18 sinr=-5",
    "+": "signal rssi=-67 rsrp=-95 rsrq=-10 sinr=15",
    "l": "registration lost",
    "b": "registration back",
    "x": "context lost",
    "d": "connections closed",
    "p": "pwrkey 3000",
    "r": "restart",
    "0": "pull",
    "1": "plug",
    "i": "status",
}
_LIST, _LINE = "?", ":"
_BLOCK = 1024


def table():
    """The keys and what they do, for `--help` and the key `?`."""
    rows = [*KEYS.items(), (_LINE, "the next line is one of the control channel (help lists them)"), (_LIST, "this list")]
    return "\n".join("  %s   %s" % row for row in rows)


class Keyboard:
    """What is typed at the terminal `fd`. `control` carries out lines, `show(text)` prints."""

    def __init__(self, control, show, fd=0):
        self._control = control
        self._show = show
        self._fd = fd
        self._line = None  # what has come of a line after `:`

    def open(self, loop):
        """Listen to the keys; `close` gives the terminal back. False: there is no terminal for it."""
        try:
            import termios
            import tty
        except ImportError:
            return False
        if not (os.isatty(self._fd) and sys.stdout.isatty() and self._in_front()):
            return False
        self._loop, self._termios, self._tty = loop, termios, tty
        self._before = termios.tcgetattr(self._fd)
        self._stopping = signal.signal(signal.SIGTTIN, signal.SIG_IGN)  # in the background, reading fails instead
        tty.setcbreak(self._fd, termios.TCSANOW)
        loop.add_reader(self._fd, self._readable)
        self._show("%s lists the keys" % _LIST)
        return True

    def _in_front(self):
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # it is not the terminal that controls this program
            return True

    def close(self):
        """Put the terminal back as it was."""
        self._loop.remove_reader(self._fd)
        if self._in_front():
            self._termios.tcsetattr(self._fd, self._termios.TCSANOW, self._before)
        signal.signal(signal.SIGTTIN, self._stopping)

    def _readable(self):
        try:
            data = os.read(self._fd, _BLOCK)
        except OSError:
            data = b""
        if not data:  # the terminal is gone, or this program is in the background now
            self._loop.remove_reader(self._fd)
            return
        self.typed(data.decode("utf-8", "replace"))
        if self._line is None:
            self._tty.setcbreak(self._fd, self._termios.TCSANOW)  # which does not discard what has been typed since
        else:  # the terminal collects it, so that it can be edited
            self._termios.tcsetattr(self._fd, self._termios.TCSANOW, self._before)

    def typed(self, text):
        """Keys, and lines after `:`."""
        while text:
            if self._line is None:
                self._key(text[0])
                text = text[1:]
                continue
            part, end, text = text.partition("\n")
            self._line += part
            if end:
                line, self._line = self._line.strip(), None
                self._do(line)

    def _key(self, key):
        if key == _LINE:
            self._line = ""
        elif key == _LIST:
            self._show(table())
        elif key in KEYS:
            self._show(KEYS[key])
            self._do(KEYS[key])

    def _do(self, line):
        if line:
            self._show(self._control.answer(line))
