"""Sending to SIM7100's Internet services: commands that ask for data, what a program wants sent, names of files on a server."""

from ...at.command import PENDING
from ...at.redact import redacted
from ...compat import const
from ...errors import ModemTimeout
from .inflow import DAY_MS, LIMIT_MS, ServiceCommand, awaited, give_up_command

END = b"\x1a"  # Ctrl-Z ends data of no fixed length (IS 3.6, 5.10, 6.1)
_ESCAPE = b"\x03"
_ENDING_MS = const(30000)  # how long the result of a data phase that is ended early is waited for
_PIECE = const(1024)
_FILL = const(256)
_BLANK = const(32)
_QUOTE = const(34)
_DELETE = const(127)


class Upload(ServiceCommand):
    """A command that asks for data: by the line `<prefix> <word>`, or by a prompt where `word` is None.

    begun  the command has gone out
    """

    begun = False
    feeds = True
    fed = False  # the module has got everything

    def __init__(self, module, line, prefix, word, family, nothing=b""):
        super().__init__(line, family, DAY_MS, prefix)
        self._nothing = nothing  # what the module gets in place of the data where its asking for them was lost
        self._module = module
        self._word = word
        self._end = b""  # what ends the data phase when no task waits for it any more
        self._way_out = b"\r", 1
        if word is None:
            self.payload(b"")

    def on_begin(self):
        self.begun = True

    def has_data(self):
        return self.fed

    def way_out(self):
        data, times = self._way_out
        return data if self.open else self._nothing + data, times

    def on_info(self, buf, s, e):
        """Take the line that asks for data, and what is left of a prompt; a result line goes to the URC table."""
        if self._word is None:
            return True
        if buf.find(self._word, s, e) < 0:
            return False
        engine = self._module.engine
        self.open = engine.changed = True
        if self._end:
            engine.write(self._end, 0, len(self._end))
        return True

    async def send(self, pieces, end=b"", flow=None, size=0):
        """Run the command up to its result, with what `pieces.block()` gives, and `end` after it. Errors as for Session.run.

        `size`: how many bytes the module waits for, where no `end` follows them. With `flow` (an Inflow) also up to the first of
        its lines, when all has been sent: the OK before them may be missing. What the source raises is raised when the data phase
        has been ended: the module has taken what had been sent by then.
        """
        m = self._module
        self._way_out = (end + b"\r", 1) if end else (b"\r" * _FILL, size // _FILL + 1)
        try:
            await m.acquire(self, None)
            m.engine.begin(self)
        finally:
            m.release(self)
        raised = await self._feed(pieces, end, flow)
        if raised is not None:
            raise raised
        if self.result == PENDING:
            self.fed = True
            m.engine.limit_at = m.deadline(LIMIT_MS)
        return self if self.result == PENDING else await m.judge(self)

    async def _feed(self, pieces, end, flow):
        """Send the data and wait for the result; return what the source has raised."""
        m, engine = self._module, self._module.engine
        ended = False
        raised = None
        until = m.deadline(LIMIT_MS)
        try:
            while self.result == PENDING and not (ended and flow is not None and flow.begun()):
                if self.open and not ended and engine.flush():
                    try:
                        block = b"" if raised else await awaited(pieces.block())
                    except Exception as error:
                        raised, block = error, b""
                    ended = not block
                    until = m.deadline(LIMIT_MS)
                    if self.result == PENDING and (block or end):
                        engine.write(block or end, 0, len(block or end))
                elif not await self._waited(until, pieces) and self.result == PENDING:
                    give_up_command(m)
                    raise ModemTimeout("nothing came for %d s" % (LIMIT_MS // 1000), command=redacted(self.line))
        except BaseException:
            if self.result == PENDING:
                self._cut(end, ended)
            raise
        if self.open and not ended:
            engine.desync = True  # some of the data may stand in the module's command line
        return raised

    async def _waited(self, until, pieces):
        """Session.turn; a caller that is cancelled must stay where the module counts what comes: `pieces.fail` says so."""
        try:
            return await self._module.turn(until)
        except Exception:
            raise
        except BaseException as error:
            if not pieces.fail(error):
                raise
        return True

    def _cut(self, end, ended):
        """The caller goes away in the middle: end the data phase, or have it end as soon as the module begins it.

        Where it has been `ended`, what is left goes out by itself, and the result is waited for before the next command.
        """
        m, engine = self._module, self._module.engine
        if not end:
            give_up_command(m)
            return
        engine.limit_at = m.deadline(_ENDING_MS if self.open else LIMIT_MS)
        if ended:
            return
        if self.open:
            left = engine.take_unsent() + end
            engine.write(left, 0, len(left))
        elif self._word is None:
            self.payload(end)
        else:
            self._end = self._nothing + end


class Ending:
    """Data whose end the host reports."""

    def fail(self, error):
        """The caller is cancelled by `error`; return whether the module must get the rest nevertheless."""
        return False


def reads_bytes(data):
    """Return whether `data` can be read, and is no file that was opened for text."""
    return hasattr(data, "read") and not hasattr(data, "encoding")


class Pieces(Ending):
    """What a program wants sent: bytes, or an object with `readinto` or `read`, in blocks; `escape(block)` codes each one.

    done        how many bytes have been read
    repeatable  whether it can be sent once more: what was read of an object cannot be read again
    """

    repeatable = False

    def __init__(self, name, data, escape=None, progress=None, most=_PIECE):
        self._read = None
        self._buf = None
        if hasattr(data, "readinto"):
            self._buf = memoryview(bytearray(most))
            self._read = data.readinto
        elif reads_bytes(data):
            self._read = data.read
        elif not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError("%s must be bytes or an object with readinto or read, opened for reading bytes" % name)
        self._data = data if self._read is not None else bytes(data)
        self._escape = escape
        self._progress = progress
        self._most = most
        self.done = 0

    async def block(self):
        """Return the next bytes, b"" at the end."""
        if self._buf is not None:
            n = await awaited(self._read(self._buf))
            block = bytes(self._buf[: n or 0])
        elif self._read is not None:
            block = await awaited(self._read(self._most)) or b""
        else:
            block = self._data[self.done : self.done + self._most]
        if not isinstance(block, bytes):
            raise TypeError("data must be read as bytes")
        self.done += len(block)
        if self._progress is not None and block:
            self._progress(self.done)
        return self._escape(block) if self._escape is not None else block


def escaped(block):
    """Return a block as AT+CFTPPUT and AT+CHTTPACT take it: ETX before ETX (0x03) and before Ctrl-Z (0x1A) (IS 5.10, 6.1)."""
    return block.replace(_ESCAPE, _ESCAPE + _ESCAPE).replace(END, _ESCAPE + END)


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
        if c in b"\0\r\n":
            raise ValueError("%s must not contain a line end" % what)
        plain = plain and _BLANK <= c < _DELETE and c != _QUOTE
    if plain:
        return b'"' + bytes(data) + b'"'
    return b'{non-ascii}"' + b"".join([b"%02X" % c for c in data]) + b'"'
