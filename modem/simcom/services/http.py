"""HTTP by the module: a small client on top of AT+CHTTPACT (IS 6).

The host writes the whole request and gets the whole response as it comes. An error of the module has the number of IS 6.2 (220 to
227) as its `code`. What HTTP and HTTPS (https.py) share is here.
"""

from ...at.params import number, quoted
from ...compat import const
from ...errors import ModemError, ProtocolError
from ...net.link import ByteRing
from .inflow import RING, Inflow, awaited, check_into
from .outflow import END, Ending, Pieces, Upload, escaped
from .response import Response, receive
from .state import Client, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from .state import _Data, _Into

    _Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]

HOST = const(255)  # bytes of the longest host name
_MOST = const(1024)  # bytes of a piece of the request
_CHUNK = const(16)  # bytes that frame a chunk
_BLOCK = const(512)
_PRIVATE = ("authorization", "proxy-authorization", "cookie", "host")  # headers that do not follow a redirect to another server
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
_ONCE = ("POST", "PATCH")  # a server may act on each of them (RFC 9110, 9.2.2)
_GET_INSTEAD = const(307)  # redirects below it turn a POST into a GET


class OddHost(ValueError):
    """A URL whose host is no name and no address."""


def address(url, scheme, port):
    """Split `scheme://host[:port][/path]` into (host, port, path). OddHost, ValueError for anything else."""
    head = scheme + "://"
    if not isinstance(url, str) or url[: len(head)].lower() != head:
        raise ValueError("url must begin with " + head)
    rest = url[len(head) :].split("#")[0]
    cut = len(rest)
    for c in "/?":
        i = rest.find(c)
        cut = i if 0 <= i < cut else cut
    host, path = rest[:cut], rest[cut:]
    path = path if path.startswith("/") else "/" + path
    if host.startswith("["):
        host, _, tail = host[1:].partition("]")
        tail = tail[1:]
    else:
        host, _, tail = host.partition(":")
    if not host:
        raise ValueError("url has no host")
    if len(host) > HOST or "@" in host or '"' in host or not _printable(host) or (tail and not tail.encode().isdigit()):
        raise OddHost("url has no plain host and port")
    if not _printable(path):
        raise ValueError("the path of the url must be printable ASCII: quote the rest as %XX")
    return host, number("port", int(tail[:6]) if tail else port, 1, 65535), path


def _printable(words):
    for c in words:
        if not " " < c < "\x7f":
            return False
    return True


def beside(url, to):
    """Return the URL that `to`, of a Location header, means in the response for `url` (RFC 3986, 5.2, without dot segments)."""
    scheme, _, rest = url.partition("://")
    if to.split("/")[0].split("?")[0].endswith(":"):
        return to
    if to.startswith("//"):
        return scheme + ":" + to
    path = rest.split("#")[0].split("?")[0]
    if to.startswith("/"):
        path = path.split("/")[0]
    elif not to.startswith("?"):
        path = path[: path.rfind("/") + 1] or path + "/"
    return scheme + "://" + path + to


class _Request(Ending):
    """Bytes of a request: the head, then the body, in chunks (RFC 9112, 7.1) where its length is not known.

    repeatable  it can be sent once more: the server cannot have acted on it, or it may do so twice, and none of the body was read
    """

    def __init__(self, head, body, chunked, escape, repeatable):
        self._head = head
        self._body = body
        self._chunked = chunked
        self._escape = escape
        self.repeatable = repeatable

    async def block(self):
        """Return the next bytes, b"" at the end."""
        if self._head:
            block, self._head = self._head[:_MOST], self._head[_MOST:]
            return self._escape(block) if self._escape else block
        if self._body is None:
            return b""
        self.repeatable = False
        block = await self._body.block()
        if self._chunked:
            if not block:
                self._body = None
            block = b"%x\r\n" % len(block) + block + b"\r\n"
        return self._escape(block) if self._escape and block else block


class HttpClient(Client):
    """Requests and redirects. Derived classes: `_exchange(host, port, pieces)` sends a request and returns its source.

    A source has `ring`, `more()`, `confirm()`, `give_up()`, `end(keep)` and `ended`: see response.Reader.
    """

    scheme = "http"
    port = 80
    _connection = "close"
    _escape = staticmethod(escaped)

    def __init__(self, module, rxbuf: int = RING) -> None:
        super().__init__(module)
        self._rxbuf = rxbuf
        self._source = None  # of the response that is under way

    async def request(
        self, method: "_Method", url: str, headers: "Mapping[str, object] | None" = None, body: "str | _Data | None" = None,
        redirects: int = 0,
    ) -> Response:  # fmt: skip
        """Send a request; return its Response (response.py) when the headers have come.

        `headers`: a dict (Host, Connection and the length of the body are added). `body`: None, str, bytes, or an object with
        `readinto` or `read`: that is sent in chunks, unless `headers` has its Content-Length. `redirects`: how many to follow
        (none by default, and only to the same sort of URL; Authorization and Cookie stay with their server). The body of the
        response comes at the speed of the line: read it as fast, or have flow control. Raises CommandError with the module's
        number, ConnectionClosed, ProtocolError, ModemTimeout when nothing comes for 150 s, ValueError before anything is sent.
        """
        while True:
            host, port, path = address(url, self.scheme, self.port)
            source = await self._exchange(host, port, self._pieces(method, host, port, path, headers, body))
            self._source = source
            try:
                response = await receive(self.module, source, method)
            except Exception:
                await source.end(False)
                raise
            except BaseException:
                source.give_up()  # the next request ends it
                raise
            to = response.headers.get("location")
            if redirects <= 0 or response.status not in (301, 302, 303, 307, 308) or not to:
                return response
            redirects -= 1
            to = beside(url, to)
            try:
                there = address(to, self.scheme, self.port)
            except OddHost:
                await response.close()
                raise ProtocolError("the server redirects to a URL without a plain host: %r" % to)
            except ValueError:
                return response
            await response.close()
            if there[:2] != (host, port):
                headers = {name: headers[name] for name in headers or () if name.lower() not in _PRIVATE}
            if response.status < _GET_INSTEAD and method != "HEAD":
                if body is not None:
                    headers = {name: headers[name] for name in headers or () if not name.lower().startswith("content-")}
                method, body = "GET", None
            elif body is not None and not isinstance(body, (str, bytes, bytearray)):
                raise ModemError("the server wants the body again somewhere else: " + to)
            url = to

    async def get(self, url: str, headers: "Mapping[str, object] | None" = None, redirects: int = 0) -> Response:
        """GET: see `request`."""
        return await self.request("GET", url, headers, None, redirects)

    async def post(self, url: str, body: "str | _Data", headers: "Mapping[str, object] | None" = None) -> Response:
        """POST: see `request`."""
        return await self.request("POST", url, headers, body)

    async def raw(self, host: str, port: int, data: "_Data", into: "_Into") -> int:
        """Send bytes that are a request already (bytes or a stream). Write the response as it comes into `into`; return its size.

        Errors as for `request`.
        """
        check_into(into)
        filled("host", host, HOST)
        pieces = Pieces("data", data, self._escape, None, _MOST)
        self._source = source = await self._exchange(host, number("port", port, 1, 65535), pieces)
        buf = bytearray(_BLOCK)
        done = 0
        try:
            while await source.more():
                n = source.ring.readinto(buf)
                await awaited(into.write(memoryview(buf)[:n]))
                done += n
        except Exception:
            await source.end(False)
            raise
        await source.end(False)
        return done

    async def close(self) -> None:
        """Pass over the rest of a response; no error when there is none."""
        source, self._source = self._source, None
        if source is not None:
            await source.end(False)

    async def _begin(self):
        """Be ready for a request: the rest of an earlier response is given up."""
        self.module.online()
        if self._source is not None:
            await self._source.end(False)
            self._source = None

    def _pieces(self, method, host, port, path, headers, body):
        if method not in _METHODS:
            raise ValueError("method must be one of " + ", ".join(_METHODS))
        if headers is not None and not hasattr(headers, "items"):
            raise TypeError("headers must be a dict")
        given = [name.lower() for name in headers or ()]
        name = "[%s]" % host if ":" in host else host
        lines = ["%s %s HTTP/1.1" % (method, path)]
        if "host" not in given:
            lines.append("Host: " + (name if port == self.port else "%s:%d" % (name, port)))
        if "connection" not in given:
            lines.append("Connection: " + self._connection)
        if isinstance(body, str):
            body = body.encode()
        chunked = body is not None and "content-length" not in given and not isinstance(body, (bytes, bytearray, memoryview))
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        elif "content-length" not in given and (body is not None or method in ("POST", "PUT", "PATCH")):
            lines.append("Content-Length: %d" % len(body or b""))
        for name in headers or ():
            lines.append("%s: %s" % (name, headers[name]))
        for line in lines:
            if "\r" in line or "\n" in line:
                raise ValueError("a header must not contain a line end")
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        content = None if body is None else Pieces("body", body, None, None, _MOST - _CHUNK)
        return _Request(head, content, chunked, self._escape, content is not None or method not in _ONCE)


# a server keeps a connection on which no request comes; the module has no command to close it
_NOTHING = b"HEAD / HTTP/1.0\r\nConnection: close\r\n\r\n"


class _Answer(Inflow):
    """The response of AT+CHTTPACT."""

    far = 3  # some firmware ends the response with Ctrl-Z and a line end
    ended = False

    async def end(self, keep):
        """Pass over what is left; how the module judges a response that is complete does not matter."""
        if not self.ended:
            self.ended = True
            self.give_up()
            await self.drain()
            self.ring.clear()


class Http(HttpClient):
    """The module's HTTP client: one request at a time, each on a connection of its own.

    `rxbuf`: bytes that wait for the program.
    """

    _family = "simcom-http"

    async def _exchange(self, host, port, pieces):
        line = b"+CHTTPACT=" + quoted("host", host, HOST) + b",%d" % port
        await self._begin()
        source = await _Answer(self.module, (b"+CHTTPACT:",), self._family, ByteRing(self._rxbuf)).listen()
        upload = Upload(self.module, line, b"+CHTTPACT:", b"REQUEST", self._family, _NOTHING)
        try:
            await upload.send(pieces, END, source)
        except BaseException:
            if upload.begun:
                source.adopt(upload)
            source.give_up()
            raise
        source.adopt(upload)
        return source
