"""Clocks for the virtual modem: the event loop's, and one that tests turn by hand.

Both have the same four methods, so that no other file of the virtual modem reads the time or sleeps:

    now() -> float                      seconds, only ever going up
    wall() -> float                     seconds since 1970 UTC
    call_later(seconds, callback, *args) -> handle with cancel()
    call_soon(callback, *args) -> handle with cancel()
"""

import heapq
import itertools
import time


class LoopClock:
    """The clock of a running asyncio event loop."""

    def __init__(self, loop):
        self._loop = loop
        self.now = loop.time
        self.call_later = loop.call_later
        self.call_soon = loop.call_soon
        self.wall = time.time


class _Timer:
    def __init__(self, callback, args):
        self._callback = callback
        self._args = args
        self.cancelled = False

    def cancel(self):
        self.cancelled = True

    def run(self):
        if not self.cancelled:
            self._callback(*self._args)


class ManualClock:
    """A clock that moves only when told: minutes of time-outs pass in no time.

    `advance(seconds)` runs everything that falls due, in order, with `now()` at the moment it fell due.
    """

    def __init__(self, wall=1_700_000_000.0):
        self._now = 0.0
        self._wall = wall
        self._heap = []
        self._order = itertools.count()

    def now(self):
        return self._now

    def wall(self):
        return self._wall + self._now

    def call_later(self, seconds, callback, *args):
        timer = _Timer(callback, args)
        heapq.heappush(self._heap, (self._now + max(0.0, seconds), next(self._order), timer))
        return timer

    def call_soon(self, callback, *args):
        return self.call_later(0.0, callback, *args)

    def due(self):
        """When the next thing falls due, in seconds of `now()`; None when nothing waits."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, seconds=0.0):
        """Let `seconds` pass."""
        self.advance_to(self._now + seconds)

    def advance_to(self, end):
        """Let the time pass up to the moment `end`."""
        while self._heap and self._heap[0][0] <= end:
            due, _, timer = heapq.heappop(self._heap)
            self._now = max(self._now, due)
            timer.run()
        self._now = end
