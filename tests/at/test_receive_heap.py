# MicroPython only: it locks the heap and reads the allocator's counters.
"""The receive path allocates nothing: shown with the heap locked, and by the allocator's total, which also sees heap frames."""

import asyncio
import gc

import micropython

from modem.aio import AsyncModem
from modem.at.engine import Engine
from modem.compat import RingIO
from ports import Port
from tests.rigs.scripted_port import ready

_BLOCK = 1500
_PAYLOAD = (bytes(range(256)) * 5 + b'\r\nOK\r\n+QIURC: "recv",1\r\n> ERROR\r\n' + b"x" * 300)[:_BLOCK]
_REPLY = b"\r\n+QIRD: 1500\r\n" + _PAYLOAD + b"\r\n\r\nOK\r\n"
_URCS = b'\r\n+QIURC: "recv",0\r\n\r\n+CREG: 1\r\n\r\n+QIURC: "recv",3\r\n\r\n+QIURC: "closed",7\r\n\r\n+UNKNOWN: 5,"x"\r\n'


class FixedPort(Port):
    """Answers each read command with the same block, URCs around it, cut into pieces of `piece` bytes; allocates nothing."""

    baudrate = None

    def __init__(self, piece=97):
        self._ring = RingIO(8192)
        self._piece = piece
        self._now = 0

    def ticks_ms(self):
        return self._now

    def wait(self, timeout_ms, coming=1):
        self._now = (self._now + 1) & 0xFFFFFF
        return self._ring.any() > 0

    def readinto(self, buf, n):
        return self._ring.readinto(buf, n if n < self._piece else self._piece)

    def write(self, buf, off, n):
        if buf.startswith(b"AT+QIRD", off):
            self._ring.write(_URCS)
            self._ring.write(_REPLY)
            self._ring.write(_URCS)
        elif buf.startswith(b"AT+QIOPEN", off):
            self._ring.write(b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n")
        else:
            self._ring.write(b"\r\nOK\r\n")
        return n

    def put(self, data):
        self._ring.write(data)

    def dtr(self, level):
        raise OSError(95)

    def close(self):
        pass


def _cost(function, times=20):
    """Run `function` with the heap locked, then count what many runs take from the allocator; return bytes."""
    for _ in range(3):
        function()
    gc.collect()
    micropython.heap_lock()
    try:
        function()
    finally:
        micropython.heap_unlock()
    gc.collect()
    before = micropython.mem_total()
    for _ in range(times):
        function()
    return micropython.mem_total() - before


def _loop_cost(times=20):
    """What _cost counts when nothing is done."""
    return _cost(_nothing, times)


def _nothing():
    pass


def test_lines_and_urc_dispatch_allocate_nothing():
    port = FixedPort()
    modem = ready(port)
    engine = modem.module.engine

    def round():
        port.put(_URCS)
        while port._ring.any():
            engine.pump()

    assert _cost(round) == _loop_cost() == 0
    assert engine.unknown > 20


def _whole_read(piece):
    """The heap that a whole read takes, command included, when the line's bytes come in pieces of `piece`."""
    sock = ready(FixedPort(piece)).create_connection(("host", 80))
    buf = bytearray(_BLOCK)

    def round():
        got = 0
        while got < _BLOCK:
            got += sock.recv_into(buf)

    found = _cost(round)
    assert buf == _PAYLOAD
    return found


def test_a_whole_blocking_read_with_its_command_allocates_nothing():
    for piece in (13, 97, 512, 4096):
        assert _whole_read(piece) == 0, piece


def test_a_blocking_read_with_a_time_out_allocates_nothing():
    modem = ready(FixedPort())
    sock = modem.create_connection(("host", 80))
    sock.settimeout(5)
    buf = bytearray(_BLOCK)

    def round():
        sock.recv_into(buf)

    assert _cost(round) == 0


def test_an_awaited_read_costs_no_more_than_its_coroutines():
    modem = ready(FixedPort(512), modem_class=AsyncModem)
    buf = bytearray(_BLOCK)

    async def rounds(sock, n):
        for _ in range(n):
            await sock.recv_into(buf)

    async def passes(sock, n):
        for _ in range(n):
            await asyncio.sleep_ms(5)

    async def cost(rounds, sock):
        await rounds(sock, 3)
        gc.collect()
        before = micropython.mem_total()
        await rounds(sock, 20)
        return (micropython.mem_total() - before) // 20

    async def measure():
        sock = await modem.create_connection(("host", 80))
        found = await cost(rounds, sock), await cost(passes, sock)
        await modem.close()
        return found

    read, loop = asyncio.run(measure())
    asyncio.new_event_loop()
    # a pass of the event loop, with nothing to read, costs what it costs; the read itself has 600 bytes
    assert 0 < read - loop <= 600, (read, loop)


def test_a_dropped_line_and_the_engines_clock_allocate_nothing():
    port = FixedPort(100)
    engine = Engine(port)
    long_line = b"y" * 1400 + b"\r\n"

    def round():
        port.put(long_line)
        while port._ring.any():
            engine.pump()
        engine.tick(port.ticks_ms())
        engine.due_ms(port.ticks_ms())
        if engine.events:
            engine.events = 0

    assert _cost(round) == 0
    assert engine.parser.overruns > 20
