"""Which Python is this? The only file that asks.

`const`, the tick arithmetic, `RingIO` and `IOBase` have the same names and the same meaning on MicroPython and on CPython.
On MicroPython all of them are C; on CPython they are a few lines in desktop.py.
"""

try:
    from io import IOBase
    from time import ticks_add, ticks_diff

    from micropython import RingIO, const

    BOARD = True  # memory is scarce: see late.py
except ImportError:
    BOARD = False
    from .desktop import IOBase, RingIO, const, ticks_add, ticks_diff  # noqa: F401
