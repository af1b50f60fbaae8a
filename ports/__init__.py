"""Ports: what stands between the driver and a line to the module.

A port is any object with these methods and attributes; `modem` asks for nothing else.

    readinto(buf, n) -> int     what has arrived, at most `n` bytes, into the start of `buf`; 0: nothing has.
                                OSError: the line is gone (unplugged, hung up, closed). Never blocks.
    write(buf, off, n) -> int   sends buf[off:off + n]; may be short, 0: no room now. OSError as above.
    wait(timeout_ms) -> bool    sleeps until readinto() has something to say, at most `timeout_ms` milliseconds.
                                A line that is gone counts as readable: readinto() then raises.
    close()                     gives the line back; every later call raises OSError.
    ticks_ms() -> int           milliseconds: wraps like time.ticks_ms on MicroPython, never on CPython.
    set_baudrate(rate)          bits per second; what is still in the receive buffer may be lost.
    dtr(level)                  True: DTR asserted (electrically low on a UART), False: not.

    pollable                    what select and asyncio can poll: a file number or a stream, or None when there is
                                no such thing; an asyncio user then looks every 5 ms.
    rxbuf                       bytes that may arrive while the program is away.
    baudrate                    bits per second, None when the port does not know.
    idle, idle_ms               see Port.
    flow_control                True: the port holds the module back (RTS) when nobody takes what has come.

A port that lacks an option raises OSError(EOPNOTSUPP, text) from it: nothing is silently skipped. On MicroPython
readinto, write, wait and ticks_ms allocate nothing once the port is made, so that they also work with the heap locked.
"""

import errno
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

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
    """What the ports here share: waiting with an idle hook, and saying no.

    idle     called without arguments at least every `idle_ms` milliseconds while the program waits, also when data
             keeps coming: the place to feed a watchdog. None: no hook. What it raises comes out of wait().
    idle_ms  default 1000; choose less than half of the watchdog's period.

    A subclass gives `_look(timeout_ms)`: sleep at most so long, return whether the line is readable.
    """

    pollable: "Any" = None
    rxbuf: int = 4096
    flow_control: bool = False
    ticks_ms = staticmethod(ticks_ms)

    def __init__(self, baudrate: int | None = None) -> None:
        self.baudrate: int | None = baudrate
        self.idle: Callable[[], object] | None = None
        self.idle_ms = 1000
        self._fed_ms = ticks_ms()

    def wait(self, timeout_ms: int) -> bool:
        """True as soon as there is something to read; False after `timeout_ms` milliseconds. 0: just look."""
        now = ticks_ms()
        end = ticks_add(now, timeout_ms)
        while True:
            left = ticks_diff(end, now)
            if left < 0:
                left = 0
            if self.idle is not None:
                left = self._feed(now, left)
            if self._look(left):
                return True
            now = ticks_ms()
            if ticks_diff(end, now) <= 0:
                return False

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

    def set_baudrate(self, rate: int) -> None:
        """Change the line rate to `rate` bits per second. OSError where the port cannot."""
        raise OSError(errno.EOPNOTSUPP, "this port cannot change its baud rate")

    def dtr(self, level: bool) -> None:
        """Assert (True) or release (False) DTR. OSError where the port has no such line."""
        raise OSError(errno.EOPNOTSUPP, "this port has no DTR line")
