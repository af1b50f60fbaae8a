"""A response of an HTTP server, read from the bytes that the module passes on as they come (RFC 9112)."""

from ...at.params import text
from ...compat import Operations, const
from ...errors import ConnectionClosed, ModemError, ProtocolError

_LINE = const(8192)  # bytes of the longest line
_FIELDS = const(100)  # lines of a header, or of the trailer after the last chunk
_INTERIM = const(8)  # 1xx responses before the real one
_DIGITS = const(15)  # of the longest length
_BUFFER = const(512)
_HEXADECIMAL = b"0123456789abcdefABCDEF"


class Reader:
    """Lines and bytes of a source: `more()` waits for data in `ring`; `confirm()` waits until it is known that none of them were
    damaged; `end(keep)` ends it, `ended` says whether it has been.
    """

    def __init__(self, source):
        self.source = source
        self._buf = bytearray(_BUFFER)
        self._view = memoryview(self._buf)
        self._at = self._end = 0

    async def fill(self):
        """Wait until there are bytes; False at the end."""
        if self._at < self._end:
            return True
        ring = self.source.ring
        if not ring.any() and not await self.source.more():
            return False
        self._at = 0
        self._end = ring.readinto(self._buf)
        return True

    async def line(self, where):
        """Return the next line without its end. ConnectionClosed naming `where` it ends, ProtocolError when it is too long."""
        line = b""
        while True:
            if not await self.fill():
                raise ConnectionClosed("the server ended in the middle of %s" % where)
            i = self._buf.find(b"\n", self._at, self._end)
            stop = self._end if i < 0 else i + 1
            line += bytes(self._view[self._at : stop])
            self._at = stop
            if i >= 0:
                return line.rstrip(b"\r\n")
            if len(line) > _LINE:
                raise ProtocolError("a line of the response is longer than %d bytes" % _LINE)

    def take(self, buf, n):
        """Move up to `n` bytes of those that are there into `buf`; return how many."""
        n = min(n, self._end - self._at)
        buf[:n] = self._view[self._at : self._at + n]
        self._at += n
        return n

    async def fields(self):
        """Return the header lines up to the empty one as a dict."""
        found = {}
        for _ in range(_FIELDS):
            line = await self.line("the headers")
            if not line:
                return found
            name, _, value = text(line).partition(":")
            name = name.strip().lower()
            value = value.strip()
            found[name] = found[name] + ", " + value if name in found else value
        raise ProtocolError("the response has more than %d header lines" % _FIELDS)


async def receive(module, source, method):
    """Read up to the end of the headers of the answer to a request with `method`; return the Response.

    ConnectionClosed when the server ends before, ProtocolError for what is not HTTP.
    """
    reader = Reader(source)
    for _ in range(_INTERIM + 1):
        version, status, reason = _status(await reader.line("the headers"))
        headers = await reader.fields()
        if status == 101 or not 100 <= status < 200:
            break
    else:
        raise ProtocolError("the server sends interim responses without end")
    chunked = False
    left = None
    if method == "HEAD" or status in (204, 304):
        left = 0
    elif "chunked" in headers.get("transfer-encoding", "").lower():
        chunked = True
        left = 0
    elif "content-length" in headers:
        left = _length(headers["content-length"])
    keep = version != b"HTTP/1.0" and "close" not in headers.get("connection", "").lower() and left is not None
    if left == 0 and not chunked:
        await source.confirm()
        await source.end(keep)
    return Response(module, reader, (status, reason, headers), left, chunked, keep)


def _status(line):
    parts = line.split(None, 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/") or len(parts[1]) != 3 or not parts[1].isdigit():
        raise ProtocolError("not an HTTP response")
    return parts[0], int(parts[1]), text(parts[2]) if len(parts) > 2 else ""


def _length(value):
    """Return the number of a Content-Length, which may be repeated. ProtocolError."""
    parts = [part.strip() for part in value.split(",")]
    found = parts[0].encode()
    if not 0 < len(found) <= _DIGITS or not found.isdigit() or parts.count(parts[0]) != len(parts):
        raise ProtocolError("the response has a Content-Length that is not a number")
    return int(found)


class Response(Operations):
    """Status line and headers of a response, and its body as a stream.

    `status` (int), `reason`, `headers` (dict, names in small letters; lines with the same name are joined by ", "). `read(n)`,
    `readinto(buf)` and `close()` as for sockets: b"" and 0 at the end of the body, whatever framing it has. Read it to its end or
    close it: the next request gives up what is left. ConnectionClosed when the body ends too early, ProtocolError when its
    framing is damaged, CommandError with the module's number.
    """

    def __init__(self, module, reader, head, left, chunked, keep):
        self.module = module
        self.status: int = head[0]
        self.reason: str = head[1]
        self.headers: dict[str, str] = head[2]
        self._reader = reader
        self._left = left  # bytes to come of the body or of a chunk; None: until the server closes
        self._chunked = chunked
        self._keep = keep  # the connection can be kept when the body has been read
        self._first = True
        self._ended = left == 0 and not chunked
        self._error = None  # what has ended it early: every later read raises it, too

    async def _finish(self):
        """The body has come whole. Errors of its last block are raised before any of it is handed out."""
        source = self._reader.source
        try:
            await source.confirm()
        except ModemError:
            await source.end(False)
            raise
        self._ended = True
        await source.end(self._keep)

    async def _chunk(self):
        """Read the size of the next chunk; the last one has none."""
        reader = self._reader
        if not self._first and await reader.line("the body"):
            raise ProtocolError("a chunk of the response is longer than it says")
        self._first = False
        size = (await reader.line("the body")).split(b";")[0].strip(b" \t")
        if not 0 < len(size) <= _DIGITS or size.strip(_HEXADECIMAL):
            raise ProtocolError("a chunk of the response has no size")
        self._left = int(size.decode(), 16)
        if not self._left:
            await reader.fields()  # the trailer
            await self._finish()

    async def readinto(self, buf: object, n: int | None = None) -> int:
        """Store what is there of the body at the start of `buf`, at most `n` bytes; return how many, 0 at its end. Waits."""
        n = len(buf) if n is None else min(n, len(buf))
        if self._ended or n <= 0:
            return 0
        if self._error is not None:
            raise self._error
        try:
            if self._reader.source.ended:
                raise ConnectionClosed("the next request has given up the rest of this response")
            return await self._take(memoryview(buf), n)
        except ModemError as error:
            self._error = error
            raise

    async def _take(self, buf, n):
        if self._chunked and not self._left:
            await self._chunk()
            if self._ended:
                return 0
        if not await self._reader.fill():
            if self._left is not None:
                await self._reader.source.end(False)
                raise ConnectionClosed("the server ended %d bytes before the end of the body" % self._left)
            await self._finish()
            return 0
        n = self._reader.take(buf, n if self._left is None else min(n, self._left))
        if self._left is not None:
            self._left -= n
            if not self._left and not self._chunked:
                await self._finish()
        return n

    async def read(self, n: int = -1) -> bytes:
        """Return exactly `n` bytes of the body, fewer at its end; all of the rest for -1 (it has to fit into the memory)."""
        out = bytearray()
        block = memoryview(bytearray(_BUFFER))
        while n:
            k = await self.readinto(block, _BUFFER if n < 0 else min(n, _BUFFER))
            if not k:
                break
            out += block[:k]
            n -= k if n > 0 else 0
        return bytes(out)

    async def close(self) -> None:
        """Pass over the rest, and leave the module ready for the next request."""
        if not self._ended:
            self._ended = True
            await self._reader.source.end(False)
