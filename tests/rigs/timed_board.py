"""A board whose UART receives at line speed, on a clock of its own: what a driver costs while data come. MicroPython only.

    line = TimedBoard(115200, reply)
    port = line.port                      a MachineUART
    with line: ...                        the program's sleeps, waits and asyncio's polls move the clock, nothing else does

A pass of asyncio's loop and a look at the UART after a nap are taken to last a millisecond, as they do on an RP2040.
"""

import asyncio
from time import ticks_add, ticks_diff
from time import ticks_ms as real_ticks_ms

import ports
import ports.machine_uart as machine_uart
from modem.compat import RingIO
from tests.rigs.fake_machine import Board

_LATENCY_MS = 5


class TimedModule:
    """The far end of the UART: bytes that have had time to come; answers each command line by `answer(buf, off, n)`."""

    def __init__(self, clock, rate, answer):
        self._clock = clock
        self._rate = rate
        self._answer = answer
        self._ring = RingIO(65000)
        self._since = clock.now
        self.given = 0

    def readinto(self, buf, n):
        due = ticks_diff(self._clock.now, self._since) * self._rate // 10000
        n = min(n, due - self.given, self._ring.any())
        if n <= 0:
            return 0
        self.given += n
        return self._ring.readinto(buf, n)

    def write(self, buf, off, n):
        self._answer(self, buf, off, n)
        return n

    def say(self, data):
        """`data` begin to come after the latency, or after what is on its way."""
        if not self._ring.any():
            self._since = ticks_add(self._clock.now, _LATENCY_MS)
            self.given = 0
        assert self._ring.write(data) == len(data)


class _Poller:
    """In place of the poll object of asyncio's loop: time passes while it waits."""

    def __init__(self, clock, poller):
        self._clock = clock
        self.real = poller
        self.modify = poller.modify
        self._streams = 0

    def register(self, stream, flags):
        self._streams += 1
        self.real.register(stream, flags)

    def unregister(self, stream):
        self._streams -= 1
        self.real.unregister(stream)

    def ipoll(self, dt):
        self._clock.naps += 1
        self._clock.sleep_ms(1)
        while dt > 1 and not (self._streams and self._clock.line.uart.any()):
            self._clock.sleep_ms(1)
            dt -= 1
        return self.real.ipoll(0)


class Clock:
    """Milliseconds; `naps` counts how often the program has slept or asyncio's loop has looked around."""

    def __init__(self, line):
        self.line = line
        self.now = real_ticks_ms()
        self.naps = 0

    def ticks_ms(self):
        return self.now

    def sleep_ms(self, ms):
        self.now = ticks_add(self.now, ms)

    def nap(self, ms):
        self.naps += 1
        self.sleep_ms(ms)


class _Time:
    """In place of the module `time` in the port."""

    def __init__(self, clock):
        self.sleep_ms = clock.nap


class TimedBoard:
    """See the module. `answer(module, buf, off, n)` sees what the host writes, and may have the module say() something."""

    def __init__(self, rate, answer, rxbuf=2048, kind="rp2"):
        self.clock = clock = Clock(self)
        board = Board(kind)
        board.wire = self.module = TimedModule(clock, rate, answer)
        board.install()
        try:
            self.port = machine_uart.MachineUART(1, rate, tx=4, rx=5, rxbuf=rxbuf)
        finally:
            board.remove()
        self.uart = board.made[0]
        self.port.ticks_ms = clock.ticks_ms

    def __enter__(self):
        clock, core = self.clock, asyncio.core
        self._saved = machine_uart.time, machine_uart.ticks_ms, ports.ticks_ms, core.ticks
        machine_uart.time, machine_uart.ticks_ms, ports.ticks_ms, core.ticks = (
            _Time(clock),
            clock.ticks_ms,
            clock.ticks_ms,
            clock.ticks_ms,
        )
        self._queue = core._io_queue
        core._io_queue.poller = _Poller(clock, core._io_queue.poller)
        return self

    def __exit__(self, *_):
        machine_uart.time, machine_uart.ticks_ms, ports.ticks_ms, asyncio.core.ticks = self._saved
        self._queue.poller = self._queue.poller.real
