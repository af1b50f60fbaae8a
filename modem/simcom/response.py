"""A response of an HTTP server, read from the bytes that the module passes on as they come (RFC 9112)."""

from ..errors import ConnectionClosed, ProtocolError
from ..params import text
from .session import Session

_LINE = 8192  # bytes of the longest header line
_FIELDS = 100


class Response(Session):
    """Status line and headers of a response, and its body as a stream.

    `status` (int), `reason`, `headers` (dict, names in small letters; lines with the same name are joined by ", "). `read(n)`,
    `readinto(buf)` and `close()` as for sockets: b"" and 0 at the end of the body, whatever framing it has. Read it to its end or
    close it: the module does nothing else with HTTP meanwhile. ConnectionClosed when the body ends too early.
    """

    def __init__(self, modem, source, method):
        self._modem = modem
        self._source = source
        self._buf = bytearray(512)
        self._view = memoryview(self._buf)
        self._at = self._end = 0
        self._left = None  # bytes to come of the body or of a chunk; None: until the server closes
        self._chunked = False
        self._first = True
        self.ended = False
        self._method = method
        self.status = 0
        self.reason = ""
        self.headers = {}

    async def _fill(self):
        ring = self._source.ring
        if not ring.any() and not await self._source.more():
            return False
        self._at = 0
        self._end = ring.readinto(self._buf)
        return True

    async def _readline(self):
        line = b""
        while True:
            if self._at == self._end and not await self._fill():
                raise ConnectionClosed("the server ended in the middle of %s" % ("the body" if self.headers else "the headers"))
            i = self._buf.find(b"\n", self._at, self._end)
            stop = self._end if i < 0 else i + 1
            line += bytes(self._view[self._at : stop])
            self._at = stop
            if i >= 0:
                return line.rstrip(b"\r\n")
            if len(line) > _LINE:
                raise ProtocolError("a line of the response is longer than %d bytes" % _LINE)

    async def _begin(self):
        """Read up to the end of the headers; return the response."""
        while True:
            parts = (await self._readline()).split(None, 2)
            if len(parts) < 2 or not parts[0].startswith(b"HTTP/") or not parts[1].isdigit():
                raise ProtocolError("that is no HTTP response")
            self.status = int(parts[1])
            self.reason = text(parts[2]) if len(parts) > 2 else ""
            self.keep = parts[0] != b"HTTP/1.0"
            await self._fields()
            if self.status == 101 or not 100 <= self.status < 200:
                break
        length = self.headers.get("content-length", "")
        self.keep = self.keep and "close" not in self.headers.get("connection", "").lower()
        if self._method == "HEAD" or self.status in (204, 304):
            self._left = 0
        elif "chunked" in self.headers.get("transfer-encoding", "").lower():
            self._chunked = True
            self._left = 0
        elif length.isdigit():
            self._left = int(length)
        if self._left == 0 and not self._chunked:
            await self._finish()
        return self

    async def _fields(self):
        self.headers = {}
        for _ in range(_FIELDS):
            line = await self._readline()
            if not line:
                return
            name, _, value = text(line).partition(":")
            name = name.strip().lower()
            value = value.strip()
            self.headers[name] = self.headers[name] + ", " + value if name in self.headers else value
        raise ProtocolError("the response has more than %d header lines" % _FIELDS)

    async def _chunk(self):
        """Read the size of the next chunk; the last one has none."""
        if not self._first and await self._readline():
            raise ProtocolError("a chunk of the response is longer than it says")
        self._first = False
        try:
            self._left = int((await self._readline()).split(b";")[0].decode(), 16)
        except ValueError:
            raise ProtocolError("a chunk of the response has no size")
        if not self._left:
            while await self._readline():
                pass  # trailer fields
            await self._finish()

    async def _finish(self):
        self.ended = True
        await self._source.end(self.keep and self._left is not None)

    async def _readinto(self, buf, n):
        if self._chunked and not self._left and not self.ended:
            await self._chunk()
        if self.ended or not n:
            return 0
        if self._at == self._end and not await self._fill():
            if self._left is not None:
                await self._source.end(False)
                self.ended = True
                raise ConnectionClosed("the server ended %d bytes before the end of the body" % self._left)
            await self._finish()
            return 0
        n = min(n, self._end - self._at)
        if self._left is not None:
            n = min(n, self._left)
            self._left -= n
        buf[:n] = self._view[self._at : self._at + n]
        self._at += n
        if self._left == 0 and not self._chunked:
            await self._finish()
        return n

    def readinto(self, buf, n=None):
        """Store what is there of the body at the start of `buf`, at most `n` bytes; return how many, 0 at its end. Waits."""
        return self._modem._drive(self._readinto(memoryview(buf), len(buf) if n is None else min(n, len(buf))))

    def read(self, n=-1):
        """Return exactly `n` bytes of the body, fewer at its end; all of the rest for -1 (it has to fit into the memory)."""
        return self._modem._drive(self._read(n))

    async def _read(self, n):
        out = bytearray()
        block = memoryview(bytearray(512))
        while n:
            k = await self._readinto(block, 512 if n < 0 else min(n, 512))
            if not k:
                break
            out += block[:k]
            n -= k if n > 0 else 0
        return bytes(out)

    def close(self):
        """Pass over the rest, and leave the module ready for the next request."""
        return self._modem._drive(self._close())

    async def _close(self):
        if not self.ended:
            await self._source.end(False)
            self.ended = True
