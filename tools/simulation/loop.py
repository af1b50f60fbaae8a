"""An asyncio event loop on the simulated clock: waiting lets the simulated time pass at once."""

import asyncio

from .port import Stuck


class SimulatedLoop(asyncio.BaseEventLoop):
    """Knows timers, tasks, and readers of objects with `any()`."""

    def __init__(self, world):
        super().__init__()
        self._world = world
        self._watched = {}
        self._selector = self  # BaseEventLoop asks its selector to wait
        self._turns = 0
        self.set_exception_handler(lambda loop, context: world.unhandled(context))

    def time(self):
        return self._world.clock.now()

    def add_reader(self, fd, callback, *args):
        self._watched[fd] = callback, args

    def remove_reader(self, fd):
        return self._watched.pop(fd, None) is not None

    def select(self, timeout):
        """Let the time pass until something is to be done, at most `timeout` seconds (None: without limit)."""
        self._turns += 1
        if self._turns > _TURNS:
            raise Stuck("%d turns of the event loop" % self._turns)
        clock = self._world.clock
        end = None if timeout is None else clock.now() + timeout
        self._world.advance(clock.now())
        while not (self._readable() or self._ready):
            if end is not None and clock.now() >= end:
                break
            self._world.advance(end)
        return ()

    def _readable(self):
        found = False
        for fd, (callback, args) in list(self._watched.items()):
            if fd.any():
                self.call_soon(callback, *args)
                found = True
        return found

    def _process_events(self, events):
        """Readers have been queued by `select` already."""

    def _write_to_self(self):
        """Nothing calls from another thread."""


_TURNS = 400_000  # more is a program that turns on the spot
