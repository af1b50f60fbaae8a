"""Ticks that go round after 2^30 ms, as on boards (MicroPython's time.ticks_ms), for a driver that runs on CPython.

Import this before anything of the driver but `modem.compat`, which is where all of it takes its arithmetic from.
"""

from modem import compat

PERIOD_MS = 1 << 30
_FIRST_ROUND_MS = 20_000  # simulated time after which they go round for the first time


def ticks_ms(seconds):
    """The ticks of a moment of the simulation."""
    return (int(seconds * 1000 + 1e-6) + PERIOD_MS - _FIRST_ROUND_MS) % PERIOD_MS


def ticks_add(ticks, delta):
    """As time.ticks_add."""
    return (ticks + delta) % PERIOD_MS


def ticks_diff(end, start):
    """As time.ticks_diff."""
    return (end - start + PERIOD_MS // 2) % PERIOD_MS - PERIOD_MS // 2


compat.ticks_add, compat.ticks_diff = ticks_add, ticks_diff
