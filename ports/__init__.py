"""Ports: what stands between the driver and a line to the module.

`Port` is the contract: `modem` asks a port for nothing else. The ports here derive from it; another one may be any object
with the same methods and attributes. A port that lacks an option raises OSError(EOPNOTSUPP, text) from it: nothing is silently
skipped. On MicroPython readinto, write, wait, lost and ticks_ms allocate nothing once the port is made, so that they also work
with the heap locked.
"""

import errno
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from _typeshed import ReadableBuffer, WriteableBuffer

if hasattr(time, "ticks_ms"):
    from time import ticks_add, ticks_diff, ticks_ms
else:

    def ticks_ms() -> int:
        """Milliseconds of a clock that never goes back. CPython's integers do not wrap."""
        return time.monotonic_ns() // 1000000

    def ticks_add(ticks: int, delta: int) -> int:
        """The time `delta` milliseconds after `ticks`."""
        return ticks + delta

    def ticks_diff(end: int, start: int) -> int:
        """Milliseconds from `start` to `end`."""
        return end - start


class Port:
    """The contract of a port, and what the ports here share: waiting with an idle hook, and refusing options.

    pollable      what select and asyncio can poll: a file number or a stream, or None when there is no such thing; an asyncio
                  program then looks every 5 ms, every 40 ms while nothing happens
    rxbuf         bytes that may arrive while the program is away
    baudrate      bits per second, None when the port does not know
    flow_control  True: the port holds the module back (RTS) when nobody takes what has come
    idle          called without arguments at least every `idle_ms` milliseconds while the program waits, also when data keep
                  coming: the place to feed a watchdog. None: no hook. What it raises comes out of wait()
    idle_ms       default 1000; choose less than half of the watchdog's period

    A subclass gives readinto(), write(), close() and either wait() or what wait() here needs: `_look(timeout_ms, coming)`, which
    sleeps at most so long and returns whether the line is readable.
    """

    pollable: "Any" = None
    rxbuf: int = 4096
    flow_control: bool = False
    ticks_ms = staticmethod(ticks_ms)  # the clock: wraps like time.ticks_ms on MicroPython, never on CPython

    def __init__(self, baudrate: int | None = None) -> None:
        self.baudrate: int | None = baudrate
        self.idle: Callable[[], object] | None = None
        self.idle_ms = 1000
        self._fed_ms = ticks_ms()

    def readinto(self, buf: "WriteableBuffer", n: int) -> int:
        """Move what has arrived, at most `n` bytes, to the start of `buf`; return how much, 0 for nothing. Never blocks.

        OSError: the line is gone (unplugged, hung up, closed).
        """
        raise NotImplementedError

    def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
        """Send buf[off:off + n] as far as there is room; return how much that was, 0 for no room now. Never stands still.

        OSError as in readinto().
        """
        raise NotImplementedError

    def lost(self) -> bool:
        """Return whether input was lost since lost() was last asked: bytes that came when nobody took them in time.

        Asked after each readinto(), before its bytes are used: no byte from behind the hole is given out before this says so.
        False also where the port cannot tell.
        """
        return False

    def close(self) -> None:
        """Give the line back; every later call raises OSError. Closing twice does nothing."""
        raise NotImplementedError

    def wait(self, timeout_ms: int, coming: int = 1) -> bool:
        """Sleep until there is something to read, at most `timeout_ms` milliseconds (0: just look); return whether there is.

        `coming`: that many bytes are known to be on their way: the port may sleep until they should have come, if its buffer
        holds them. A line that is gone counts as readable: readinto() then raises.
        """
        now = ticks_ms()
        end = ticks_add(now, timeout_ms)
        while True:
            left = ticks_diff(end, now)
            if left < 0:
                left = 0
            if self.idle is not None:
                left = self._feed(now, left)
            if self._look(left, coming):
                return True
            now = ticks_ms()
            if ticks_diff(end, now) <= 0:
                return False

    def _look(self, timeout_ms, coming):
        raise NotImplementedError

    def _feed(self, now, left):
        """Call the hook when its time has come; return how long to sleep before looking at the clock again."""
        since = ticks_diff(now, self._fed_ms)
        # Negative: nobody waited for so long that the clock wrapped around.
        if since < 0 or since >= self.idle_ms:
            self._fed_ms = now
            since = 0
            self.idle()
        since = self.idle_ms - since
        return since if since < left else left

    def line_ms(self, n: int) -> int:
        """Return how many milliseconds `n` bytes take on the line, at most what fills half of the receive buffer.

        0 where the rate is not known.
        """
        if self.baudrate is None:
            return 0
        return (n if n + n < self.rxbuf else self.rxbuf // 2) * 10000 // self.baudrate

    def set_baudrate(self, rate: int) -> None:
        """Change the line rate to `rate` bits per second; what is in the receive buffer may be lost.

        OSError where the port cannot.
        """
        raise OSError(errno.EOPNOTSUPP, "this port cannot change its baud rate")

    def dtr(self, level: bool) -> None:
        """Assert (True: electrically low on a UART) or release (False) DTR. OSError where the port has no such line."""
        raise OSError(errno.EOPNOTSUPP, "this port has no DTR line")
