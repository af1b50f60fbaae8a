# MicroPython only: it reads the allocator's counters, and asyncio's loop gets a clock of its own.
"""How often a board wakes up while data come, and how much garbage that makes: measured on a UART that receives at line speed.

Bytes of garbage are those of a 64-bit heap: a board's are half as large.
"""

import asyncio
import gc

import micropython

from modem.aio import AsyncModem
from tests.rigs.scripted_port import ready
from tests.rigs.timed_board import TimedBoard

_BLOCK = 1500
_READS = 20
_REPLY = b"\r\n+QIRD: 1500\r\n" + b"x" * _BLOCK + b"\r\n\r\nOK\r\n"
_PUSH = b'\r\n+QIURC: "recv",0,1460\r\n' + b"x" * 1460 + b"\r\n"


def _answer(module, buf, off, n):
    if buf.startswith(b"AT+QIRD", off):
        module.say(_REPLY)
    elif buf.startswith(b"AT+QIOPEN", off):
        module.say(b"\r\nCONNECT\r\n" if buf.find(b",2\r", off) > 0 else b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n")


class _Measured:
    """What `size` bytes took: looks at the port and bytes of garbage per kB, and the share of the time that the line was busy."""

    def __init__(self, line, engine):
        self._line = line
        self.pumps = self.garbage = self.wakes = self.speed = self._total = 0
        self._pump = engine.pump
        engine.pump = self._counted
        gc.collect()
        self._start = line.clock.now
        self._total = micropython.mem_total()

    def _counted(self):
        self.pumps += 1
        return self._pump()

    def end(self, size, rate):
        self.garbage = (micropython.mem_total() - self._total) * 1000 // size
        self.wakes = self.pumps * 1000 / size
        self.speed = size * 10000 / rate / (self._line.clock.now - self._start)
        assert self._line.uart.overflow == 0
        return self


def _download(rate, access, rxbuf=2048):
    """Awaited reads of 30 kB."""
    line = TimedBoard(rate, _answer, rxbuf)
    with line:
        modem = ready(line.port, modem_class=AsyncModem)

        async def run():
            sock = await modem.create_connection(("host", 80), access=access, rxbuf=4096)
            buf = bytearray(_BLOCK)
            size = 0
            await asyncio.sleep_ms(10)
            if access != "buffer":
                for _ in range(_READS):
                    line.module.say(_PUSH if access == "push" else b"x" * _BLOCK)
            found = _Measured(line, modem.module.engine)
            while size < _READS * (1460 if access == "push" else _BLOCK):
                size += await sock.recv_into(buf)
            found.end(size, rate)
            await modem.close()
            return found

        try:
            return asyncio.run(run())
        finally:
            asyncio.new_event_loop()


# baud rate, access mode, and the share of the time that the line is busy at 5 ms latency: without naps it is the same
_CASES = (
    (115200, "buffer", 0.93), (921600, "buffer", 0.66), (115200, "push", 0.97), (921600, "push", 0.95), (115200, "transparent", 0.98),
    (921600, "transparent", 0.95),
)  # fmt: skip


def test_awaited_reads_wake_up_a_few_times_per_kb_and_make_little_garbage():
    for rate, access, speed in _CASES:
        found = _download(rate, access)
        assert found.wakes <= 3 and found.garbage <= 1500, (rate, access, found.wakes, found.garbage)
        assert found.speed >= speed, (rate, access, found.speed)


def _blocking(rate, access):
    """Blocking reads of 30 kB, after some that warm up."""
    line = TimedBoard(rate, _answer)
    with line:
        modem = ready(line.port)
        sock = modem.create_connection(("host", 80), access=access, rxbuf=4096)
        buf = bytearray(_BLOCK)
        if access != "buffer":
            for _ in range(_READS + 4):
                line.module.say(_PUSH if access == "push" else b"x" * _BLOCK)
        _read(sock, buf, 4000)
        found = _Measured(line, modem.module.engine)
        return found.end(_read(sock, buf, _READS * 1460), rate)


def _read(sock, buf, size):
    got = 0
    while got < size:
        got += sock.recv_into(buf)
    return got


def test_blocking_reads_wake_up_a_few_times_per_kb_and_make_no_garbage():
    for rate, access, speed in _CASES:
        found = _blocking(rate, access)
        most = 12 if access == "transparent" else 4
        assert found.wakes <= most and found.garbage == 0, (rate, access, found.wakes, found.garbage)
        assert found.speed >= speed, (rate, access, found.speed)
