"""Data from the host to the Internet services of SIM7100, and the names of files on a server.

IS = "SIM7100 AT Command Set for Internet Service" 0.01.
"""

from ..errors import ModemTimeout
from ..masking import masked
from ..request import PENDING, Request
from .transfer import LIMIT_MS, give_up, own, settle

_ENDING_MS = 30000  # how long the result of a data phase that is ended early is waited for
_UNLIMITED_MS = 86400000  # the idle limit ends such a request


class Upload(Request):
    """A command that asks for data: by the line `<prefix> <word>`, or by a prompt where `word` is None."""

    begun = False  # the command has gone out

    def __init__(self, engine, line, prefix, word, family):
        super().__init__(b"AT" + line + b"\r", prefix, _UNLIMITED_MS)
        self._engine = engine
        self._word = word
        self._family = family
        self._end = b""  # what ends the data phase when nobody waits for it any more
        if word is None:
            self.payload(b"")

    def on_info(self, buf, s, e):
        """Take the line that asks for data, and what is left of a prompt; a result line goes to the URC table."""
        if self._word is None:
            return True
        if buf.find(self._word, s, e) < 0:
            return False
        self.open = self._engine.changed = True
        if self._end:
            self._engine.write(self._end, 0, len(self._end))
        return True

    def on_done(self):
        """The result is there."""
        own(self, None, self._family)

    async def send(self, m, pieces, end=b"", flow=None):
        """Run the command up to its result, with what `pieces.block()` gives, and `end` behind it. See `_judge`.

        With `flow` (an Inflow) also up to the first of its lines, when all has been sent: the OK before them may be missing.
        What the source raises is raised when the data phase has been ended: what had been sent by then is taken by the module.
        """
        engine = m._engine
        await m._acquire(None)
        engine.begin(self)
        self.begun = True
        ended = False
        raised = None
        until = m._deadline(LIMIT_MS)
        try:
            while self.result == PENDING and not (ended and flow is not None and flow.begun()):
                if self.open and not ended and engine.flush():
                    try:
                        block = b"" if raised else await settle(pieces.block())
                    except Exception as error:
                        raised, block = error, b""
                    ended = not block
                    until = m._deadline(LIMIT_MS)
                    if block or end:
                        engine.write(block or end, 0, len(block or end))
                elif not await self._waited(m, until, pieces) and self.result == PENDING:
                    give_up(m)
                    raise ModemTimeout("nothing came for %d s" % (LIMIT_MS // 1000), command=masked(self.line))
        except BaseException:
            if self.result == PENDING:
                self._cut(m, end, ended)
            raise
        if self.open and not ended:
            engine.desync = True  # some of the data may stand in the module's command line
        if raised is not None:
            raise raised
        return self if self.result == PENDING else await m._judge(self)

    async def _waited(self, m, until, pieces):
        """Line._turn; a caller that is cancelled has to stay where the module counts what comes: `pieces.fail` sees to it."""
        try:
            return await m._turn(until)
        except Exception:
            raise
        except BaseException as error:
            if not pieces.fail(error):
                raise
        return True

    def _cut(self, m, end, ended):
        """The caller goes away in the middle: end the data phase, or see to it that it ends as soon as the module begins it.

        Where it has been `ended`, what is left goes out by itself, and the result is waited for before the next command.
        """
        engine = m._engine
        if not end:
            m._pause_ms = m.dialect.input_timeout_ms
            give_up(m)
            return
        engine.limit_at = m._deadline(_ENDING_MS if self.open else LIMIT_MS)
        if ended:
            return
        if self.open:
            left = bytes(memoryview(engine._tx)[engine._tx_at : engine._tx_end]) + end
            engine.write(left, 0, len(left))
        elif self._word is None:
            self.payload(end)
        else:
            self._end = end


class Ending:
    """Data whose end the host tells."""

    def fail(self, error):
        """The caller is cancelled by `error`; return whether the module must get the rest nevertheless."""
        return False


def reads_bytes(data):
    """Return whether `data` can be read, and is no file that was opened for text."""
    return hasattr(data, "read") and not hasattr(data, "encoding")


class Pieces(Ending):
    """What a program wants sent: bytes, or an object with `readinto` or `read`, in blocks; `escape(block)` codes each one."""

    more_than_head = True  # what was read cannot be read again

    def __init__(self, name, data, escape=None, progress=None, most=1024):
        self._read = None
        self._buf = None
        if hasattr(data, "readinto"):
            self._buf = memoryview(bytearray(most))
            self._read = data.readinto
        elif reads_bytes(data):
            self._read = data.read
        elif not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError("%s must be bytes or an object with readinto or read, opened for reading bytes" % name)
        self._data = data
        self._escape = escape
        self._progress = progress
        self._most = most
        self.done = 0

    async def block(self):
        """Return the next bytes, b"" at the end."""
        if self._buf is not None:
            n = await settle(self._read(self._buf))
            block = bytes(self._buf[: n or 0])
        elif self._read is not None:
            block = await settle(self._read(self._most)) or b""
        else:
            block = bytes(self._data[self.done : self.done + self._most])
        if not isinstance(block, bytes):
            raise TypeError("data must be read as bytes")
        self.done += len(block)
        if self._progress is not None and block:
            self._progress(self.done)
        return self._escape(block) if self._escape is not None else block


def escaped(block):
    """Return a block as AT+CFTPPUT and AT+CHTTPACT take it: ETX in front of ETX (0x03) and Ctrl-Z (0x1A) (IS 5.10, 6.1)."""
    return block.replace(b"\x03", b"\x03\x03").replace(b"\x1a", b"\x03\x1a")


def remote(what, name, limit=256):
    """Return the name of a file or directory on a server as the commands take it.

    A str or bytes of plain ASCII is quoted; anything else becomes `{non-ascii}"<hex>"`: a str in UTF-8, bytes as they are, for
    servers that use another coding (IS 5.7). ValueError for an empty or too long name, or one with a line end.
    """
    data = name.encode() if isinstance(name, str) else name
    if not isinstance(data, (bytes, bytearray)):
        raise TypeError("%s must be str or bytes" % what)
    if not 0 < len(data) <= limit:
        raise ValueError("%s must have 1 to %d bytes" % (what, limit))
    plain = True
    for c in data:
        if c in (0, 10, 13):
            raise ValueError("%s must not contain a line end" % what)
        plain = plain and 32 <= c < 127 and c != 34
    if plain:
        return b'"' + bytes(data) + b'"'
    return b'{non-ascii}"' + b"".join([b"%02X" % c for c in data]) + b'"'
