"""Input that a serial driver of Linux has lost, as it counts it itself (TIOCGICOUNT). CPython only."""

import struct
import sys

_TIOCGICOUNT = 0x545D  # include/uapi/asm-generic/ioctls.h
_COUNTERS = struct.Struct("20i")  # struct serial_icounter_struct of include/uapi/linux/serial.h
_OVERRUN = 7  # bytes for which the UART had no room,
_BUF_OVERRUN = 10  # and for which the system had none


class Overruns:
    """Looks at the counters of the device with file number `fd`. One without them (a pty, a socket) is taken to lose nothing."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._counters = bytearray(_COUNTERS.size)
        self._can = sys.platform == "linux"
        self._seen = 0
        self.lost()

    def lost(self) -> bool:
        """Return whether the counters have changed since the last call."""
        if not self._can:
            return False
        import fcntl

        try:
            fcntl.ioctl(self._fd, _TIOCGICOUNT, self._counters)
        except OSError:  # no counters; or the device is gone, which readinto() says
            self._can = False
            return False
        counters = _COUNTERS.unpack(self._counters)
        before, self._seen = self._seen, counters[_OVERRUN] + counters[_BUF_OVERRUN]
        return self._seen != before
