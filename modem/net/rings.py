"""Rings that know where a block or a datagram begins and ends, for direct push and for UDP.

A block is announced with `begin`, filled by `write` (the parser does that) and closed with `end`, or given up with `cancel`.
Only whole blocks can be read, also while the next one is still coming. Nothing here allocates after construction, except
`cancel`.
"""

from ..compat import RingIO


class _BlockRing:
    """What both sorts share: bytes stored, and those of them that belong to whole blocks."""

    def __init__(self, size):
        self.size = size
        self._io = RingIO(size)
        self._waste = bytearray(32)
        self._whole = 0  # bytes of complete blocks
        self._last = 0  # and of the last one of them

    def cancel(self):
        """The announced block broke off: forget what there is of it."""
        kept = bytearray(self._whole)
        n = self._io.readinto(kept, self._whole) if self._whole else 0
        self._drop(self._io.any())
        self._io.write(kept, 0, n)

    def cancel_last(self):
        """The last whole block was damaged: forget what has not been read of it, and the one that is coming."""
        self._whole -= min(self._last, self._whole)
        self._last = 0
        self.cancel()

    def _drop(self, n):
        while n > 0:
            k = self._io.readinto(self._waste, min(n, 32))
            if not k:
                return
            n -= k


class BlockRing(_BlockRing):
    """A stream's ring in direct push mode. What does not fit is counted as lost by the parser."""

    def __init__(self, size):
        super().__init__(size)
        self.write = self._io.write

    def begin(self, n, source=None):
        """A block of `n` bytes is coming."""

    def end(self):
        """The announced block is complete: it may be read from now on. Return 0: the parser counts what did not fit."""
        self._last = self._io.any() - self._whole
        self._whole += self._last
        return 0

    def any(self):
        """Return how many bytes can be read."""
        return self._whole

    next = any

    def room(self):
        """Return how many more bytes fit."""
        return self.size - self._io.any()

    def readinto(self, buf, n=-1):
        """Move up to `n` bytes (default: as many as fit) into the start of `buf`; return how many."""
        n = min(len(buf) if n < 0 else n, len(buf), self._whole)
        if n:
            self._whole -= n  # first: Ctrl-C between the two leaves more bytes than are counted, never fewer
            self._io.readinto(buf, n)
        return n

    def clear(self):
        """Forget everything that is stored."""
        self._whole = 0
        self._drop(self._io.any())


class PacketRing(_BlockRing):
    """Datagrams with their senders' addresses, boundaries kept: at most `size` payload bytes in at most `count` datagrams.

    One that does not fit whole is dropped whole and counted in `lost_packets` and `lost_bytes`: a datagram is never
    delivered in part.
    """

    def __init__(self, size, count=16):
        super().__init__(size)
        self._sizes = [0] * count
        self._sources = [None] * count
        self._first = 0
        self._count = 0
        self._coming = 0
        self._source = None
        self._skip = False
        self.lost_packets = 0
        self.lost_bytes = 0

    def begin(self, n, source=None):
        """A datagram of `n` bytes is coming, from `source`."""
        self._coming = n
        self._source = source
        self._skip = self._count == len(self._sizes) or n > self.size - self._io.any()

    def write(self, buf, off, n):
        """Store part of the announced datagram (or pass over it, when it did not fit); return `n`."""
        if not self._skip:
            self._io.write(buf, off, n)
        return n

    def end(self):
        """The announced datagram is complete: it may be read from now on. Return how many bytes were dropped."""
        n = self._coming
        if self._skip:
            self.lost_packets += 1
            self.lost_bytes += n
            return n
        at = (self._first + self._count) % len(self._sizes)
        self._sizes[at] = n
        self._sources[at] = self._source
        self._count += 1
        self._whole += n
        self._last = n
        return 0

    def cancel_last(self):
        """The last datagram was damaged: forget it, unless it has been read."""
        if self._count and self._last:
            self._count -= 1
            _BlockRing.cancel_last(self)

    def any(self):
        """Return how many whole datagrams wait."""
        return self._count

    def room(self):
        """Return how many payload bytes still fit; 0 when no further datagram can be noted."""
        return 0 if self._count == len(self._sizes) else self.size - self._io.any()

    def next(self):
        """Return the size of the oldest datagram, 0 where there is none."""
        return self._sizes[self._first] if self._count else 0

    def source(self):
        """Return the sender of the oldest datagram."""
        return self._sources[self._first]

    def readinto(self, buf, n=-1):
        """Take the oldest datagram: what of it fits into `buf` is stored there, the rest is dropped, as by a UDP socket."""
        if not self._count:
            return 0
        size = self._sizes[self._first]
        self._sources[self._first] = None
        self._first = (self._first + 1) % len(self._sizes)
        self._count -= 1
        self._whole -= size
        n = min(size, len(buf), len(buf) if n < 0 else n)
        if n:
            self._io.readinto(buf, n)
        self._drop(size - n)
        return n

    def clear(self):
        """Forget everything that is stored."""
        self._count = self._whole = 0
        self._drop(self._io.any())


class NoRing:
    """In place of a ring where nothing can be received: a listening socket."""

    size = 0

    @staticmethod
    def any():
        """OSError ENOTCONN: reading from a listening socket."""
        from errno import ENOTCONN

        raise OSError(ENOTCONN, "a listening socket has no data: use accept()")


def change_ring(link, access):
    """Give `link` the ring for another access mode; what is in its ring stays."""
    old, blocks = link.ring, link.blocks
    new = link.ring_for(access)
    if link.blocks == blocks:
        return
    link.ring = new
    n = old.any()
    if n:
        kept = bytearray(link.size)
        n = old.readinto(kept)
        if link.blocks:
            new.begin(n)
        new.write(kept, 0, n)
        if link.blocks:
            new.end()
