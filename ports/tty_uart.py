"""A terminal device of a Unix system as a port: a pty, /dev/ttyUSB2, /dev/ttyS0. On unix MicroPython and on CPython.

    port = TtyUart("/dev/pts/3")
    port = TtyUart("/dev/ttyUSB2", 115200)

The device is set to raw, 8 data bits, no parity, 1 stop bit, modem status lines ignored, and gets its old settings
back from close(). Input that was already there when it is opened is kept.

What the two Pythons cannot do alike:

                    CPython                                 MicroPython (unix)
    opening         takes a lock (flock, as pyserial        no lock; a process without a terminal of its own
                    does); OSError if somebody holds it     may get this one as controlling terminal
    baud rates      all the system has a name for           all that Linux has a name for
    dtr()           yes, where the device has the line      OSError: the interpreter cannot set it
    write()         the device is non-blocking              looks for room, then writes at most 256 bytes: so it
                                                            never blocks on a pty or with Linux' serial drivers
    lost()          on Linux, as its driver counts          never says so: the interpreter cannot ask

When the other end of a pty closes, or a USB device is unplugged, wait() returns True and readinto() raises OSError(EIO).
"""

import errno
import select
import sys
import termios

from . import Port
from .machine_setup import Closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_MICROPYTHON = sys.implementation.name == "micropython"

# MicroPython's termios has few names: beside each, its value on Linux.
_CFLAG_OFF = (
    getattr(termios, "CSIZE", 0o60)
    | getattr(termios, "CSTOPB", 0o100)
    | getattr(termios, "PARENB", 0o400)
    | getattr(termios, "CRTSCTS", 0o20000000000)
)
_CFLAG_ON = getattr(termios, "CS8", 0o60) | getattr(termios, "CREAD", 0o200) | getattr(termios, "CLOCAL", 0o4000)
_CRTSCTS = getattr(termios, "CRTSCTS", 0o20000000000)
_TERMIOS_ERROR = getattr(termios, "error", OSError)  # CPython's is no OSError
_VTIME = getattr(termios, "VTIME", 5)
_VMIN = getattr(termios, "VMIN", 6)
_SLOW = (0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400)
_FAST = (57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000)


def _speed(rate):
    """The number termios knows `rate` bits per second by. OSError when it knows none."""
    speed = getattr(termios, "B%d" % rate, None)
    if speed is None and sys.platform == "linux":
        if rate in _SLOW:
            speed = _SLOW.index(rate)
        elif rate in _FAST:
            speed = 0o10001 + _FAST.index(rate)
    if not speed:
        raise OSError(errno.EINVAL, "the system has no name for %d bits per second" % rate)
    return speed


class _Tty(Port):
    """What both Pythons share: the settings of the terminal."""

    rxbuf = 4096  # the line discipline's buffer; ptys and USB drivers hold more behind it

    def __init__(self, path: str, baudrate: int | None = None, rtscts: bool = False) -> None:
        """Open the device `path`. baudrate=None leaves the rate as it is; rtscts=True turns on RTS/CTS flow control.

        OSError: it cannot be opened, is in use, is no terminal, or does not know the rate.
        """
        super().__init__(baudrate)
        self.flow_control = bool(rtscts)
        speed = None if baudrate is None else _speed(baudrate)
        self._open(path)
        try:
            self._old = self._attributes()
            attrs = self._attributes()
            attrs[0] = attrs[1] = attrs[3] = 0  # no translation, no echo, no line editing, no XON/XOFF, no signals
            attrs[2] = attrs[2] & ~_CFLAG_OFF | _CFLAG_ON | (_CRTSCTS if rtscts else 0)
            if speed is not None:
                attrs[4] = attrs[5] = speed
            attrs[6][_VTIME] = 0
            attrs[6][_VMIN] = self._vmin
            self._set_attributes(attrs)
        except BaseException:
            self._release()
            raise

    def _attributes(self):
        if self._fd < 0:
            raise OSError(errno.EBADF, "the port is closed")
        try:
            return termios.tcgetattr(self._fd)
        except _TERMIOS_ERROR as error:
            raise OSError(*error.args)

    def _set_attributes(self, attrs):
        # At once: waiting for output to drain could take for ever with flow control, and flushing would lose input.
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, attrs)
        except _TERMIOS_ERROR as error:
            raise OSError(*error.args)

    def set_baudrate(self, rate: int) -> None:
        """Change the line rate to `rate` bits per second, at once: wait for the module's answer before.

        OSError: the system has no such rate, or the line is gone.
        """
        speed = _speed(rate)
        attrs = self._attributes()
        attrs[4] = attrs[5] = speed
        self._set_attributes(attrs)
        self.baudrate = rate

    def close(self) -> None:
        """Restore the terminal's settings and close it. Closing twice does nothing."""
        if self._fd < 0:
            return
        try:
            self._set_attributes(self._old)
        except OSError:
            pass  # hung up: there is nothing left to restore
        self._release()


if _MICROPYTHON:
    _GONE = select.POLLHUP | select.POLLERR
    _PIECE = 256

    class TtyUart(_Tty):
        """A terminal device as a port: see the module."""

        # The small methods are on purpose: the frame of a larger one is taken from the heap.
        # FileIO has no non-blocking mode: with VMIN = VTIME = 0 a read returns at once with what there is. It gives
        # 0 after a hang-up too; only poll() tells the two apart.
        _vmin = 0

        def _open(self, path):
            self._f = open(path, "r+b")
            self._fd = self._f.fileno()
            self.pollable = self._f
            self._in = select.poll()
            self._in.register(self._fd, select.POLLIN)
            self._out = select.poll()
            self._out.register(self._fd, select.POLLOUT)
            self._look(0)  # the first ipoll() of each object allocates its tuple
            self._room()

        def _release(self):
            f = self._f
            self._fd = -1
            self._f = self._in = self._out = Closed()
            self.pollable = None
            f.close()

        def _look(self, timeout_ms, coming=1):
            for _ in self._in.ipoll(timeout_ms):
                return True
            return False

        def _room(self):
            for _ in self._out.ipoll(0):
                return True
            return False

        def readinto(self, buf: "WriteableBuffer", n: int) -> int:
            """Up to `n` bytes into `buf`; 0: nothing there. OSError(EIO): hung up."""
            got = self._f.readinto(buf, n)
            return got if got else self._nothing(buf, n)

        def _nothing(self, buf, n):
            if not self._flags() & _GONE:
                return 0
            # What came between the empty read and the hang-up is still to be had where the driver keeps it.
            n = self._f.readinto(buf, n)
            if not n:
                raise OSError(errno.EIO, "the line was hung up")
            return n

        def _flags(self):
            for _, event in self._in.ipoll(0):
                return event
            return 0

        def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
            """Sends buf[off:off + n] as far as there is room, at most 256 bytes; returns how much. OSError(EIO): hung up."""
            return self._f.write(buf, off, n if n < _PIECE else _PIECE) if self._room() else 0


else:
    import fcntl
    import os
    import struct

    from .overruns import Overruns

    class TtyUart(_Tty):
        """A terminal device as a port: see the module."""

        _vmin = 1  # so that the non-blocking read says EAGAIN for "nothing" and 0 only for "hung up"

        def _open(self, path):
            self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            self._poll = select.poll()
            self._poll.register(self._fd, select.POLLIN)
            self.pollable = self._fd
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._release()
                raise OSError(errno.EBUSY, "%s is in use by another program or port" % path)
            self._overruns = Overruns(self._fd)

        def _release(self):
            fd = self._fd
            self._fd = -1
            self._poll = self._overruns = Closed()
            self.pollable = None
            os.close(fd)

        def _look(self, timeout_ms, coming):
            return bool(self._poll.poll(timeout_ms))

        def readinto(self, buf: "WriteableBuffer", n: int) -> int:
            """Up to `n` bytes into `buf`; 0: nothing there. OSError(EIO): hung up."""
            try:
                got = os.readv(self._fd, [memoryview(buf)[:n]])
            except BlockingIOError:
                return 0
            if not got and n:
                raise OSError(errno.EIO, "the line was hung up")
            return got

        def lost(self) -> bool:
            """Whether the system's driver has lost input; False where it does not count."""
            return self._overruns.lost()

        def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
            """Sends buf[off:off + n] as far as there is room; returns how much. OSError(EIO): hung up."""
            try:
                return os.write(self._fd, memoryview(buf)[off : off + n])
            except BlockingIOError:
                return 0

        def dtr(self, level: bool) -> None:
            """Assert (True) or release (False) DTR. OSError: the device has no such line (a pty), or is gone."""
            if self._fd < 0:
                raise OSError(errno.EBADF, "the port is closed")
            request = termios.TIOCMBIS if level else termios.TIOCMBIC
            try:
                fcntl.ioctl(self._fd, request, struct.pack("I", termios.TIOCM_DTR))
            except OSError as error:
                if error.errno in (errno.ENOTTY, errno.EINVAL):
                    raise OSError(errno.EOPNOTSUPP, "the device has no DTR line")
                raise
