"""The fixed ring that a stream's payload is kept in. Rings for direct push and for datagrams are in blocks.py.

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
        self.next = io.any  # how many bytes a read gets at most
        self.write = io.write
        self.readinto = io.readinto

    def room(self):
        """Return how many more bytes fit. No allocation."""
        return self.size - self.any()

    def clear(self):
        """Forget everything that is stored. No allocation."""
        while self.any():
            self.readinto(self._waste)

    def keep(self, n):
        """Forget all but the oldest `n` bytes."""
        kept = bytearray(n)
        n = self.readinto(kept, n) if n else 0
        self.clear()
        self.write(kept, 0, n)
