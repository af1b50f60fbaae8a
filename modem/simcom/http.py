"""HTTP by the module: a small client on top of AT+CHTTPACT.

"SIM7100 AT Command Set for Internet Service" 0.01 (IS), chapter 6: the host writes the whole request and gets the whole
response as it comes. An error of the module has the number of IS 6.2 (220 to 227) as its `code`.
"""

from ..errors import ModemError
from ..fields import number
from ..params import quoted
from .response import Response
from .transfer import RING, Inflow
from .upload import Ending, Pieces, Upload, escaped

_FAMILY = "simcom-http"
_TEXT = 255
_PRIVATE = ("authorization", "cookie", "host")  # headers that do not follow a redirect to another server
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


def address(url, scheme, port):
    """Split `scheme://host[:port][/path]` into (host, port, path). ValueError for anything else."""
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
    if not host or "@" in host or (tail and not tail.isdigit()):
        raise ValueError("url has no plain host and port")
    for c in path:
        if not 32 < ord(c) < 127:
            raise ValueError("the path of the url must be printable ASCII: quote the rest as %XX")
    return host, number("port", int(tail) if tail else port, 1, 65535), path


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
    """Bytes of a request: the head, then the body, in chunks (RFC 9112, 7.1) where its length is not known."""

    more_than_head = False  # some of the body has been read: it cannot be sent again

    def __init__(self, head, body, chunked, escape, most):
        self._head = head
        self._body = body
        self._most = most
        self._chunked = chunked
        self._escape = escape

    async def block(self):
        """Return the next bytes, b"" at the end."""
        if self._head:
            block, self._head = self._head[: self._most], self._head[self._most :]
            return self._escape(block) if self._escape else block
        if self._body is None:
            return b""
        self.more_than_head = True
        block = await self._body.block()
        if self._chunked:
            if not block:
                self._body = None
            block = b"%x\r\n" % len(block) + block + b"\r\n"
        return self._escape(block) if self._escape and block else block


class Client:
    """What HTTP and HTTPS share: requests, redirects. `_exchange(host, port, pieces)` gives the source of the response."""

    scheme = "http"
    port = 80
    _connection = "close"
    _escape = staticmethod(escaped)
    _most = 1024

    def __init__(self, modem, rxbuf=RING):
        self._modem = modem
        self._rxbuf = rxbuf
        self._open = None  # the response that is under way

    def request(self, method, url, headers=None, body=None, redirects=0):
        """Send a request; return its Response when the headers have come. See response.Response.

        `headers`: a dict (Host, Connection and the length of the body are added). `body`: None, str, bytes, or an object with
        `readinto` or `read`: that is sent in chunks, unless `headers` tells its Content-Length. `redirects`: how many to follow
        (none by default, and only to the same sort of URL; Authorization and Cookie stay with their server). The body of the
        response comes at the speed of the line: read it as fast, or have flow control. Raises CommandError with the module's
        number, ConnectionClosed, ProtocolError, ValueError before anything is sent.
        """
        return self._modem._drive(self._request(method, url, headers, body, redirects))

    def get(self, url, headers=None, redirects=0):
        """GET: see `request`."""
        return self.request("GET", url, headers, None, redirects)

    def post(self, url, body, headers=None):
        """POST: see `request`."""
        return self.request("POST", url, headers, body)

    async def _request(self, method, url, headers, body, redirects):
        while True:
            host, port, path = address(url, self.scheme, self.port)
            pieces = self._pieces(method, host, port, path, headers, body)
            source = await self._exchange(host, port, pieces)
            response = Response(self._modem, source, method)
            self._open = response
            try:
                await response._begin()
            except Exception:
                response.ended = True
                await source.end(False)
                raise
            except BaseException:
                source.give_up()  # the next request ends it
                raise
            to = response.headers.get("location")
            if redirects <= 0 or response.status not in (301, 302, 303, 307, 308) or not to:
                return response
            to = beside(url, to)
            try:
                there = address(to, self.scheme, self.port)
            except ValueError:
                return response
            await response._close()
            redirects -= 1
            if there[:2] != (host, port):
                headers = {name: headers[name] for name in headers or () if name.lower() not in _PRIVATE}
            if response.status < 307 and method != "HEAD":
                method, body = "GET", None
            elif body is not None and not isinstance(body, (str, bytes, bytearray)):
                raise ModemError("the server wants the body again somewhere else: " + to)
            url = to

    def _pieces(self, method, host, port, path, headers, body):
        if method not in _METHODS:
            raise ValueError("method must be one of " + ", ".join(_METHODS))
        given = {}
        if headers is not None and not hasattr(headers, "items"):
            raise TypeError("headers must be a dict")
        for name in headers or ():
            given[name.lower()] = True
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
        content = None if body is None else Pieces("body", body, None, None, self._most - 16)
        return _Request(head, content, chunked, self._escape, self._most)

    def raw(self, host, port, data, into):
        """Send bytes that are a request already (bytes or a stream).

        Write the response as it comes into `into`; return its size.
        """
        return self._modem._drive(self._raw(host, port, Pieces("data", data, self._escape, None, self._most), into))

    async def _raw(self, host, port, pieces, into):
        from .transfer import check_into, settle

        check_into(into)
        source = await self._exchange(host, number("port", port, 1, 65535), pieces)
        self._open = rest = Response(self._modem, source, "GET")
        buf = bytearray(512)
        done = 0
        try:
            while await source.more():
                n = source.ring.readinto(buf)
                await settle(into.write(memoryview(buf)[:n]))
                done += n
        except Exception:
            await rest._close()
            raise
        await rest._close()
        return done

    async def _settle(self):
        """Pass over the rest of an earlier response."""
        self._modem._online()
        if self._open is not None:
            await self._open._close()
            self._open = None


class _Source(Inflow):
    """The response of AT+CHTTPACT."""

    async def end(self, keep):
        """Pass over what is left; how the module judges a response that is complete does not matter."""
        self.give_up()
        await self.drain()
        self.ring.clear()


class Http(Client):
    """The module's HTTP client: one request at a time, each on a connection of its own."""

    async def _exchange(self, host, port, pieces):
        m = self._modem
        line = b"+CHTTPACT=" + quoted("host", host, _TEXT) + b",%d" % port
        await self._settle()
        source = await _Source(m, (b"+CHTTPACT:",), _FAMILY, self._rxbuf).listen()
        upload = Upload(m._engine, line, b"+CHTTPACT:", b"REQUEST", _FAMILY)
        try:
            await upload.send(m, pieces, b"\x1a", source)
        except BaseException:
            if upload.begun:
                source.adopt(upload)
            source.give_up()
            raise
        source.adopt(upload)
        return source
