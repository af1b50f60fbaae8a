"""What compat.py takes from MicroPython, for CPython: the same names with the same meaning, in a few lines."""


def const(value):
    """Mark a module-level name as a compile-time constant (a plain value on CPython)."""
    return value


def ticks_add(ticks, delta):
    """Return the tick value `delta` ms after `ticks`."""
    return ticks + delta


def ticks_diff(end, start):
    """Return the signed number of ms from `start` to `end`."""
    return end - start


class IOBase:
    """Nothing: a CPython socket must not inherit the real one, whose __del__ would talk to the modem."""


class RingIO:
    """Fixed ring of `size` bytes with the methods of MicroPython's RingIO that the driver uses."""

    def __init__(self, size):
        self._store = bytearray(size)
        self._view = memoryview(self._store)
        self._size = size
        self._head = 0  # index of the oldest byte
        self._used = 0

    def any(self):
        """Return how many bytes wait to be read."""
        return self._used

    def write(self, buf, off=0, n=-1):
        """Store `buf[off:off+n]`, as much of it as there is room for; return how much that was."""
        n = min(len(buf) - off if n < 0 else n, self._size - self._used)
        view = memoryview(buf)
        at = (self._head + self._used) % self._size
        first = min(n, self._size - at)
        self._view[at : at + first] = view[off : off + first]
        self._view[: n - first] = view[off + first : off + n]
        self._used += n
        return n

    def readinto(self, buf, n=-1):
        """Move up to `n` bytes (default: as many as fit) into the start of `buf`; return how many."""
        n = min(len(buf) if n < 0 else n, len(buf), self._used)
        view = memoryview(buf)
        first = min(n, self._size - self._head)
        view[:first] = self._view[self._head : self._head + first]
        view[first:n] = self._view[: n - first]
        self._head = (self._head + n) % self._size
        self._used -= n
        return n
