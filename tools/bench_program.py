"""What tools/bench.py measures inside one Python; runs on CPython and on MicroPython. Prints one JSON object per line.

bench_program.py receive [PASSES]            cost of lines and of payload against floors and the usual ways
bench_program.py calibration                 loops whose cycles on an RP2040 are known
bench_program.py pty DEVICE                  the cost of payload over a pty, tests/rigs/pty_peer.py at its other end
bench_program.py goodput DEVICE PORT ACCESS N RATE
bench_program.py async DEVICE PORT N RATE    buffer mode by awaited calls
bench_program.py send DEVICE PORT N RATE
bench_program.py hand DEVICE PORT N RATE    the same without the driver
bench_program.py first DEVICE PORT RATE      from Modem() to the first byte of a download
bench_program.py waiting DEVICE PORT SECONDS
bench_program.py roundtrip DEVICE COUNT
"""

import gc
import sys

try:
    from micropython import mem_total
except ImportError:
    mem_total = None

from modem import Modem
from modem.compat import RingIO
from modem.net.link import BUFFER, OPEN, STREAM, ByteRing, Link
from ports import Port
from tools.bench_line import (
    awaited,
    by_hand,
    first_byte,
    goodput,
    roundtrip,
    say,
    sending,
    sleep_ms,
    ticks_diff,
    ticks_us,
    waiting,
)  # fmt: skip

# Passes of about a millisecond: on a busy machine some of them are not disturbed.
_PASSES = 20  # in a row without a better time end a measurement, when nothing else is said
_MOST_PASSES = 200
_PTY_PASSES = 20
_BLOCK = 512
_ROOM = _BLOCK + 4  # of the buffers that are read into: the driver's parser has so many bytes beyond the block
_FULL = 4 * _BLOCK  # a pty holds 4095 bytes at once; pieces of less than half of that are not counted
_BURST = 1024 * 200
_BLOCK_BYTES = 1500  # what a buffer-mode read asks for
_READS = 80  # such reads in one pass
FIND = "floor: find and count"
READ = "floor: readinto"
RING = "readinto, ring in, ring out"
# Cycles of an RP2040 (emulated: Cortex-M0+ timings, flash cache misses counted) for loops that this program runs too
RP2040_CYCLES = {"for x in b": 455, "b[i] in a while loop": 891, "method call": 2610, "function call": 1700}


class Memory(Port):
    """A port that replays `data`, a block a read: what a UART driver's buffer does, without the UART.

    Each block is as long as the buffer that it goes into, so `data` ends with `_ROOM` bytes that are no part of it.
    """

    baudrate = None

    def __init__(self, data):
        view = memoryview(data)
        self.size = len(data) - _ROOM
        self._blocks = [view[i : i + _ROOM] for i in range(0, self.size, _BLOCK)]
        self.at = 0

    def ticks_ms(self):
        return 0

    def wait(self, timeout_ms, coming=1):
        return True

    def readinto(self, buf, n):
        if self.at == len(self._blocks):
            return 0
        buf[:] = self._blocks[self.at]  # the same size: a slice with a number would allocate
        n = self.size - self.at * _BLOCK
        self.at += 1
        return n if n < _BLOCK else _BLOCK

    def write(self, buf, off, n):
        return n


def compare(part, port, nbytes, ways, enough):
    """Say for each of `ways`, pairs (name, function), the best of many passes over the port's data, and their heap bytes.

    The ways take turns, so that a busy machine is busy for all of them. `enough` passes in a row without a better time end it.
    """
    found = [None] * len(ways)
    unchanged = passes = 0
    while unchanged < enough and passes < _MOST_PASSES:
        unchanged += 1
        passes += 1
        for k in range(len(ways)):
            port.at = 0
            gc.collect()
            start = ticks_us()
            ways[k][1]()
            took = ticks_diff(ticks_us(), start)
            if found[k] is None or took < found[k]:
                found[k] = took
                unchanged = 0
    for k in range(len(ways)):
        name, function = ways[k]
        port.at = 0
        heap = mem_total() if mem_total else 0
        function()
        heap = mem_total() - heap if mem_total else None
        say(part=part, way=name, ns_per_byte=1000 * found[k] / nbytes, heap=heap)


LINES = (b"\r\n+CREG: 1\r\n", b'\r\n+QIURC: "recv",3\r\n', b'\r\n+CGREG: 1,"1A2B"\r\n', b'\r\n+QIURC: "recv",0\r\n')


def listening(port):
    """Return a modem on `port` with all its connections open."""
    modem = Modem(port, "ec600e")
    module = modem.module
    for n in range(len(module.links)):
        module.links[n] = Link(module, module.dialect.transport(None), n, STREAM, BUFFER, 64)
        module.links[n].state = OPEN
    return modem


def lines_cost(passes):
    """Lines: the engine with its URC table, against find-and-count and against the usual ways."""
    data = bytearray(b"".join(LINES) * 300 + bytes(_ROOM))
    port = Memory(data)
    rx = bytearray(_ROOM)
    engine = listening(port).module.engine

    def ours():
        while port.at < len(port._blocks):
            engine.pump()

    def floor():
        while True:
            n = port.readinto(rx, _BLOCK)
            if not n:
                return
            i = count = 0
            while i < n:
                i = rx.find(b"\n", i, n) + 1
                if not i:
                    break
                count += 1

    def readline_split():
        ring = RingIO(2 * _BLOCK)
        line = bytearray()
        one = bytearray(1)
        while True:
            n = port.readinto(rx, _BLOCK)
            if not n:
                return
            ring.write(rx, 0, n)
            while ring.any():
                ring.readinto(one)
                line += one
                if one == b"\n":
                    line.decode().strip().split(",")
                    line = bytearray()

    def growing():
        held = b""
        while True:
            n = port.readinto(rx, _BLOCK)
            if not n:
                return
            held += rx[:n]
            while True:
                i = held.find(b"\r\n")
                if i < 0:
                    break
                held[:i].decode().split(",")
                held = held[i + 2 :]

    ways = (
        ("ours", ours),
        (FIND, floor),
        ("usual: byte by byte, split", readline_split),
        ("usual: growing buffer, split", growing),
    )
    compare("lines", port, port.size, ways, passes)


class Again:
    """The owner of a payload: when it is complete, the next one begins."""

    def __init__(self, engine, ring):
        self._engine = engine
        self._ring = ring
        self.bytes = 1024  # asked for so far
        self._engine.expect(1024, ring, self)

    def on_payload(self, lost):
        self.bytes += 1024
        self._engine.expect(1024, self._ring, self)

    def on_broken(self, missing):
        """Never here."""


def payload_cost(passes):
    """Payload: counted blocks of 1024 bytes through the engine into a ring and out again, against bare readinto."""
    data = bytearray(1024 * 400 + _ROOM)
    port = Memory(data)
    rx = bytearray(_ROOM)
    modem = Modem(port, "ec600e")
    engine = modem.module.engine
    ring = RingIO(8192)
    out = bytearray(1024)
    Again(engine, ring)

    def ours():
        while port.at < len(port._blocks):
            engine.pump()
            while ring.any():
                ring.readinto(out)

    def floor():
        while port.readinto(rx, _BLOCK):
            pass

    def growing():
        held = b""
        while True:
            n = port.readinto(rx, _BLOCK)
            if not n:
                return
            held += rx[:n]
            if len(held) >= 1024:
                bytes(held[:1024])
                held = held[1024:]

    def ring_only():
        while True:
            n = port.readinto(rx, _BLOCK)
            if not n:
                return
            ring.write(rx, 0, n)
            ring.readinto(out)

    usual = ("usual: growing buffer, slices", growing)
    compare("payload", port, port.size, (("ours", ours), (READ, floor), (RING, ring_only), usual), passes)


class Answering(Memory):
    """Answers each read command with a block: the conversation of buffer mode."""

    def __init__(self):
        data = b"\r\n+QIRD: %d\r\n" % _BLOCK_BYTES + b"x" * _BLOCK_BYTES + b"\r\n\r\nOK\r\n"
        super().__init__(data + bytes(_ROOM))
        self.at = len(self._blocks)

    def write(self, buf, off, n):
        self.at = 0
        return n


def read_cost(passes):
    """A whole read: recv_into() of 1500 bytes with its command, header and OK, against readinto() of the same bytes."""
    port = Answering()
    modem = listening(port)
    sock = modem.socket()
    link = modem.module.links[0]
    sock.operations.link = link
    link.ring = ByteRing(1536)
    link.read = link.transport.reader(link)
    out = bytearray(_BLOCK_BYTES)
    rx = bytearray(_ROOM)

    def ours():
        for _ in range(_READS):
            got = 0
            while got < _BLOCK_BYTES:
                got += sock.recv_into(out)

    def floor():
        for _ in range(_READS):
            port.at = 0
            while port.readinto(rx, _BLOCK):
                pass

    compare("whole read", port, _READS * _BLOCK_BYTES, (("ours", ours), (READ, floor)), passes)


class _Thing:
    """Something with a method."""

    def method(self):
        """Nothing."""


def _function():
    """Nothing."""


def calibration():
    """Say how long loops take here whose cycles on an RP2040 are known: the measure for an estimate (MicroPython only)."""
    data = bytearray(20000)
    thing = _Thing()

    def values():
        n = 0
        for x in data:
            n += x

    def indexed():
        n = i = 0
        while i < 20000:
            n += data[i]
            i += 1

    def nothing():
        for _ in data:
            pass

    def functions():
        for _ in data:
            _function()

    def methods():
        for _ in data:
            thing.method()

    found = {}
    for _ in range(3 * _PASSES):
        for function in (values, indexed, nothing, functions, methods):
            start = ticks_us()
            function()
            took = ticks_diff(ticks_us(), start)
            found[function] = min(took, found.get(function, took))
    net = [found[f] - found[nothing] for f in (methods, functions)]
    names = ("for x in b", "b[i] in a while loop", "method call", "function call")
    for name, took in zip(names, [found[values], found[indexed]] + net):
        ns = 1000 * took / 20000
        say(part="calibration", way=name, ns=ns, rp2040_cycles=RP2040_CYCLES[name], cycles_per_ns=RP2040_CYCLES[name] / ns)


def pty_cost(device):
    """Payload again, over a real terminal: what a port's readinto costs there. The waiting is not counted; the median counts.

    At the other end is tests/rigs/pty_peer.py, which writes as fast as it can.
    """
    from ports.tty_uart import TtyUart

    port = TtyUart(device)
    rx = bytearray(_ROOM)
    engine = Modem(port, "ec600e").module.engine
    ring = RingIO(8192)
    out = bytearray(1024)
    again = Again(engine, ring)

    def ours():
        got = again.bytes - engine.parser.need
        engine.pump()
        while ring.any():
            ring.readinto(out)
        return again.bytes - engine.parser.need - got

    def floor():
        got = 0
        for _ in range(8):
            n = port.readinto(rx, _BLOCK)
            got += n
            if n < _BLOCK:
                break
        return got

    def one_pass(function, costs):
        command = b"burst %d\n" % _BURST
        port.write(command, 0, len(command))
        left = _BURST
        while left:
            port.wait(1000)
            sleep_ms(1)
            start = ticks_us()
            got = function()
            took = ticks_diff(ticks_us(), start)
            left -= got
            if got >= _FULL:
                costs.append(1000 * took / got)

    found = (("ours", ours, []), (READ, floor, []))
    for _ in range(_PTY_PASSES):
        for _, function, costs in found:
            one_pass(function, costs)
    for name, _, costs in found:
        costs.sort()
        say(part="payload over a pty", way=name, ns_per_byte=costs[len(costs) // 2], heap=None)
    port.close()


if __name__ == "__main__":
    a = sys.argv[1:]
    if a[0] == "receive":
        passes = int(a[1]) if len(a) > 1 else _PASSES
        lines_cost(passes)
        payload_cost(passes)
        read_cost(passes)
    elif a[0] == "calibration":
        calibration()
    elif a[0] == "pty":
        pty_cost(a[1])
    elif a[0] == "goodput":
        goodput(a[1], int(a[2]), a[3], int(a[4]), int(a[5]))
    elif a[0] == "async":
        awaited(a[1], int(a[2]), int(a[3]), int(a[4]))
    elif a[0] == "send":
        sending(a[1], int(a[2]), int(a[3]), int(a[4]))
    elif a[0] == "hand":
        by_hand(a[1], int(a[2]), int(a[3]), int(a[4]))
    elif a[0] == "first":
        first_byte(a[1], int(a[2]), int(a[3]))
    elif a[0] == "waiting":
        waiting(a[1], int(a[2]), float(a[3]))
    else:
        roundtrip(a[1], int(a[2]))
