"""Fixed rings that received payload is kept in: nothing here allocates after construction, except where said.

A ring is a sink for the parser: `write(buf, off, n)` takes what fits and returns how much that was; the parser counts
the rest as lost, so an overflow is never silent.
"""

from .compat import RingIO


class ByteRing:
    """A byte stream's ring: `size` bytes in, the same bytes out in the same order.

    `write` and `any` and `readinto` are the C ring's own methods, bound once, so that the receive path makes no detour.
    """

    def __init__(self, size):
        self.size = size
        io = RingIO(size)
        self._waste = bytearray(32)
        self.any = io.any
        self.write = io.write
        self.readinto = io.readinto

    def room(self):
        """Return how many more bytes fit. No allocation."""
        return self.size - self.any()

    def clear(self):
        """Forget everything that is stored. No allocation."""
        while self.any():
            self.readinto(self._waste)


class PacketRing:
    """Datagrams with their senders' addresses, boundaries kept: at most `size` payload bytes in at most `count` datagrams.

    A datagram is announced with `begin`, filled by `write` (the parser does that) and closed with `end`. One that does
    not fit whole is dropped whole and counted in `lost_packets` and `lost_bytes`: a datagram is never delivered in part.
    """

    def __init__(self, size, count=16):
        self.size = size
        self._io = RingIO(size)
        self._waste = bytearray(32)
        self._sizes = [0] * count
        self._sources = [None] * count
        self._first = 0
        self._count = 0
        self._filling = False
        self._skip = False
        self.lost_packets = 0
        self.lost_bytes = 0

    def begin(self, n, source=None):
        """Announce a datagram of `n` bytes that came from `source`."""
        self._skip = self._count == len(self._sizes) or n > self.size - self._io.any()
        self._filling = True
        if self._skip:
            self.lost_packets += 1
            self.lost_bytes += n
            return
        at = (self._first + self._count) % len(self._sizes)
        self._sizes[at] = n
        self._sources[at] = source

    def write(self, buf, off, n):
        """Store part of the announced datagram (or pass over it, when it did not fit); return `n`."""
        if not self._skip:
            self._io.write(buf, off, n)
        return n

    def end(self):
        """The announced datagram is complete: it may be read from now on."""
        if not self._skip:
            self._count += 1
        self._filling = False

    def cancel(self):
        """The announced datagram broke off: forget what there is of it (only possible when it is the only one)."""
        self._filling = False
        if not self._count:
            self._drop(self._io.any())

    def any(self):
        """Return how many whole datagrams wait."""
        return self._count

    def room(self):
        """Return how many payload bytes still fit; 0 when no further datagram can be noted."""
        return 0 if self._count == len(self._sizes) else self.size - self._io.any()

    def source(self):
        """Return the sender of the oldest datagram."""
        return self._sources[self._first]

    def readinto(self, buf, n=-1):
        """Take the oldest datagram: what of it fits into `buf` is stored there, the rest is dropped, as by a UDP socket."""
        size = self._sizes[self._first]
        self._sources[self._first] = None
        self._first = (self._first + 1) % len(self._sizes)
        self._count -= 1
        n = min(size, len(buf) if n < 0 else n)
        if n:
            self._io.readinto(buf, n)
        self._drop(size - n)
        return n

    def clear(self):
        """Forget everything that is stored."""
        self._drop(self._io.any())
        self._count = 0
        self._filling = False

    def _drop(self, n):
        while n > 0:
            k = self._io.readinto(self._waste, min(n, 32))
            if not k:
                return
            n -= k
