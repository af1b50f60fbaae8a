"""AT+POP3READ: a mail without a length before it (IS 4.10), for firmware without file commands.

Its end is the last OK: one that nothing follows for a second. A line OK inside the mail is always followed by the rest of it.
"""

from ...at.command import Command
from ...at.params import quoted
from ...compat import const, ticks_diff
from ...errors import CommandError, ModemTimeout, ProtocolError
from ...net.link import ByteRing
from .inflow import RING, awaited

_QUIET_MS = const(1000)
_LIMIT_MS = const(30000)
_TAIL = const(16)  # bytes kept back: they may be the final result
_BLOCK = const(512)
_ANSWER = const(40)  # an error answer is shorter
_END = b"\r\nOK\r\n"


class _MailSink:
    """Takes every byte of the line while the mail is read (Parser.raw)."""

    abandoned = False

    def __init__(self, module, size=RING):
        self.link = self  # the line belongs to it, as to a link in transparent mode
        self._module = module
        self.ring = ByteRing(size)
        self.lost = 0
        self.heard_at = module.port.ticks_ms()

    def write(self, buf, off, n):
        """Take bytes from the line."""
        taken = self.ring.write(buf, off, n) or 0
        self.lost += n - taken
        self.heard_at = self._module.port.ticks_ms()
        self._module.engine.changed = True
        return n

    def due_ms(self, now):
        """Return after how many ms `tick` has something to do."""
        return max(1, _QUIET_MS - ticks_diff(now, self.heard_at))

    def tick(self, now):
        """The silence is what ends the mail."""
        if ticks_diff(now, self.heard_at) >= _QUIET_MS:
            self._module.engine.changed = True


async def read(m, path, into, progress):
    """Write the mail fetched last (`path` None), or the file `path` in the mail folder, into `into`; return its size.

    `progress(done)` is called after each block. CommandError when there is none, or a mail is being fetched; ModemTimeout when
    nothing comes for 30 s; ProtocolError when the program is too slow.
    """
    line = b"AT+POP3READ"
    if path is not None:
        tail = path[3:]
        if tail.upper().startswith(b"EMAIL/"):
            tail = tail[6:]
        line += b"=%d," % (path[:1].upper() == b"D") + quoted("path", tail)
    command = Command(line + b"\r")
    engine = m.engine
    try:
        await m.acquire(command, None)
        sink = _MailSink(m)
        engine.parser.set_raw(sink)
        try:
            engine.write(command.line, 0, command.nline)
            return await _pour(m, sink, into, progress, line.decode())
        finally:
            engine.parser.set_raw(None)
    finally:
        m.release(command)


async def _pour(m, sink, into, progress, line):
    """Move all but what may be the final result; that is judged when the line is silent."""
    held = b""
    done = 0
    buf = bytearray(_BLOCK)
    limit = m.deadline(_LIMIT_MS)
    began = False
    while True:
        n = sink.ring.readinto(buf)
        if n:
            held += bytes(memoryview(buf)[:n])
            if not began and len(held) >= 2:
                began = True
                held = held[2:] if held.startswith(b"\r\n") else held
            limit = m.deadline(_LIMIT_MS)
        if len(held) > _TAIL + _BLOCK // 2:
            done += await _give(into, held[:-_TAIL], progress, done)
            held = held[-_TAIL:]
            continue
        if n:
            continue
        if sink.lost:
            m.engine.desync = True
            raise ProtocolError("%d bytes did not fit: the program takes data more slowly than the line brings it" % sink.lost)
        silent = ticks_diff(m.port.ticks_ms(), sink.heard_at) >= _QUIET_MS
        if silent and (held.endswith(_END) or held == b"OK\r\n"):
            break
        if silent and held.find(b"ERROR") >= 0 and not done and held.endswith(b"\r\n") and len(held) < _ANSWER:
            raise CommandError("there is no such mail, or one is being fetched", command=line)
        if not await m.turn(limit) and not sink.ring.any():
            m.engine.desync = True
            raise ModemTimeout("the mail did not end", command=line)
    held = held[: -len(_END)]
    if held.endswith(b"\r\n"):
        held = held[:-2]  # the frame of the text
    return done + await _give(into, held, progress, done)


async def _give(into, data, progress, done):
    if data:
        await awaited(into.write(data))
        if progress is not None:
            progress(done + len(data))
    return len(data)
