"""AT+POP3READ: a mail without a length in front of it ("SIM7100 AT Command Set for Internet Service" 0.01, 4.10).

Its end is the last OK: one that nothing follows for a second. A line OK inside the mail is always followed by the rest of it.
"""

from ..compat import ticks_diff
from ..errors import CommandError, ModemTimeout
from ..params import quoted
from ..ring import ByteRing
from .transfer import RING, settle

_QUIET_MS = 1000
_LIMIT_MS = 30000
_TAIL = 16  # bytes kept back: they may be the final result
_END = b"\r\nOK\r\n"


class _Text:
    """Takes every byte of the line while the mail is read (Parser.raw)."""

    def __init__(self, m, size=RING):
        self._m = m
        self.ring = ByteRing(size)
        self.lost = 0
        self.heard = m._port.ticks_ms()

    def write(self, buf, off, n):
        """Take bytes from the line."""
        taken = self.ring.write(buf, off, n) or 0
        self.lost += n - taken
        self.heard = self._m._port.ticks_ms()
        self._m._engine.changed = True
        return taken

    def due_ms(self, now):
        """Return after how many ms `tick` has something to do."""
        return max(1, _QUIET_MS - ticks_diff(now, self.heard))

    def tick(self, now):
        """The silence is what ends the mail."""
        if ticks_diff(now, self.heard) >= _QUIET_MS:
            self._m._engine.changed = True


async def read(m, path, into, progress):
    """Write the mail fetched last (`path` None), or the file `path` in the mail folder, into `into`; return its size.

    `progress(done)` is called after each block. CommandError when there is none, or a mail is being fetched.
    """
    line = b"AT+POP3READ"
    if path is not None:
        tail = path[3:]
        if tail.upper().startswith(b"EMAIL/"):
            tail = tail[6:]
        line += b"=%d," % (path[:1].upper() == b"D") + quoted("path", tail)
    await m._acquire(None)
    engine = m._engine
    sink = _Text(m)
    engine.parser.set_raw(sink)
    try:
        engine.write(line + b"\r", 0, len(line) + 1)
        return await _pour(m, sink, into, progress, line)
    finally:
        engine.parser.set_raw(None)
        engine.changed = True


async def _pour(m, sink, into, progress, line):
    """Move all but what may be the final result; that is judged when the line is silent."""
    held = b""
    done = 0
    buf = bytearray(512)
    limit = m._deadline(_LIMIT_MS)
    began = False
    while True:
        n = sink.ring.readinto(buf)
        if n:
            held += bytes(memoryview(buf)[:n])
            if not began and len(held) >= 2:
                began = True
                held = held[2:] if held.startswith(b"\r\n") else held
            limit = m._deadline(_LIMIT_MS)
        if len(held) > _TAIL + 256:
            done += await _give(into, held[:-_TAIL], progress, done)
            held = held[-_TAIL:]
            continue
        if not n:
            silent = ticks_diff(m._port.ticks_ms(), sink.heard) >= _QUIET_MS
            if silent and (held.endswith(_END) or held == b"OK\r\n"):
                break
            if silent and held.find(b"ERROR") >= 0 and not done and held.endswith(b"\r\n") and len(held) < 40:
                raise CommandError("there is no such mail, or one is being fetched", command=line.decode())
            if not await m._turn(limit) and not sink.ring.any():
                raise ModemTimeout("the mail did not end", command=line.decode())
    if sink.lost:
        from ..errors import ProtocolError

        raise ProtocolError("%d bytes did not fit: the program takes data more slowly than the line brings it" % sink.lost)
    held = held[: -len(_END)]
    if held.endswith(b"\r\n"):
        held = held[:-2]  # the frame of the text
    return done + await _give(into, held, progress, done)


async def _give(into, data, progress, done):
    if data:
        await settle(into.write(data))
        if progress is not None:
            progress(done + len(data))
    return len(data)
