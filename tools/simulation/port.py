"""The host's end of a simulated line."""

import errno

from ports import Port

from .ticks import ticks_ms

_STEPS = 400_000  # calls of a port in one case: more is a program that turns on the spot


class Stuck(BaseException):
    """The driver does not come back: it calls the port without end, or waits for what nothing will bring about."""


class SimulatedPort(Port):
    """A port whose waiting lets the simulated time pass.

    `pending` is an exception that the next read or write raises once: a Ctrl-C. After `die(error)` every call raises `error`: the
    process has been killed, and what its clean-up does reaches nobody.
    """

    def __init__(self, world, pollable=True):
        super().__init__(world.line.rate)
        self._world = world
        self._clock = world.clock
        self._line = world.line
        self._buffer = bytearray()
        self._steps = 0
        self._dead = None
        self._heard = world.heard
        self.pending = None
        self.pollable = self if pollable else None

    def arrived(self, data, rate):
        """The line has carried bytes, sent at `rate`."""
        self._buffer += data if rate == self.baudrate else bytes(byte | 0x80 for byte in data)
        if self._heard is not None:
            self._heard.append((round(self._clock.now(), 6), data))

    def any(self):
        """How many bytes wait to be read."""
        return len(self._buffer)

    def die(self, error):
        """Nothing works any more."""
        self._dead = error

    def _step(self):
        if self._dead is not None:
            raise self._dead
        self._steps += 1
        if self._steps > _STEPS:
            raise Stuck("%d calls of the port" % self._steps)

    def _interrupted(self):
        if self.pending is not None:
            error, self.pending = self.pending, None
            raise error

    # The contract of ports ---------------------------------------------------------------------------------------------

    def readinto(self, buf, n):
        self._step()
        n = min(n, len(self._buffer))
        if n:
            buf[:n] = self._buffer[:n]
            del self._buffer[:n]
        self._interrupted()  # what was taken is lost
        return n

    def write(self, buf, off, n):
        self._step()
        self._interrupted()
        self._line.heard(bytes(memoryview(buf)[off : off + n]))
        return n

    def wait(self, timeout_ms, coming=1):
        self._step()
        clock = self._clock
        end = clock.now() + max(0, timeout_ms) / 1000
        while not self._buffer:
            self._world.advance(end)
            if clock.now() >= end:
                break
        return bool(self._buffer)

    def ticks_ms(self):
        return ticks_ms(self._clock.now())

    def set_baudrate(self, rate):
        self.baudrate = rate

    def dtr(self, level):
        self._world.modem.dtr(level)

    def close(self):
        self._dead = OSError(errno.EBADF, "the port is closed")
