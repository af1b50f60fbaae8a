"""TLS by Python's own `ssl` over a connection of the module. Only for CPython: boards do not load it.

    from modem.ssl_sockets import create_default_context

    context = create_default_context()              # trusts what the operating system trusts; cafile="ca.pem": that file
    sock = context.wrap_socket(modem.create_connection(("example.com", 443), 30), server_hostname="example.com")
    reader, writer = await modem.open_connection("example.com", 443, ssl=True)          # AsyncModem

The PC checks the certificate and does the cryptography; the module carries bytes. A `SslContext` is an `ssl.SSLContext` whose
`wrap_socket` takes a modem's sockets too. That is what programs and libraries need that take a context. With `urllib.request`,
`http.client` and `requests` (urllib3) it takes in addition a few lines that tell them where connections come from:

    class Connection(http.client.HTTPConnection):
        def connect(self):
            self.sock = modem.create_connection((self.host, self.port), 60)

    class SslConnection(http.client.HTTPSConnection):
        def connect(self):
            sock = modem.create_connection((self.host, self.port), 60)
            self.sock = context.wrap_socket(sock, server_hostname=self.host)

    class Http(urllib.request.HTTPHandler):
        def http_open(self, request):
            return self.do_open(Connection, request)

    class Https(urllib.request.HTTPSHandler):
        def https_open(self, request):
            return self.do_open(SslConnection, request)

    urllib.request.build_opener(Http, Https).open("https://example.com/").read()

    class Pooled(urllib3.connection.HTTPConnection):                # and the same of HTTPSConnection, as PooledSsl
        def _new_conn(self):
            return modem.create_connection((self._dns_host, self.port), 60)

        @property
        def is_connected(self):                                     # may a kept connection be used again?
            return self.sock is not None and not self.sock.has_ended()

    class Adapter(requests.adapters.HTTPAdapter):                   # session.mount("http://", Adapter()), and "https://"
        def init_poolmanager(self, *args, **more):
            super().init_poolmanager(*args, ssl_context=context, **more)
            for scheme, pool, connection in (
                ("http", urllib3.HTTPConnectionPool, Pooled), ("https", urllib3.HTTPSConnectionPool, PooledSsl),
            ):
                derived = type(pool.__name__, (pool,), {"ConnectionCls": connection})
                self.poolmanager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme | {scheme: derived}

A library that waits for sockets with select or epoll (paho's own loop, aiohttp, httpx with its default transports) has nothing to
wait for here: the operating system does not know these sockets. Run it through `python3 -m tools.gateway`.
"""

import asyncio
import ssl
from ssl import (
    CERT_NONE,
    PROTOCOL_TLS_CLIENT,
    PROTOCOL_TLS_SERVER,
    MemoryBIO,
    Purpose,
    SSLContext,
    SSLEOFError,
    SSLError,
    SSLWantReadError,
    SSLZeroReturnError,
)

from .compat import Blocking, written_out
from .errors import SocketTimeout
from .net.link import ACCESS, ByteRing
from .socket_habits import SocketHabits
from .sockets import AsyncSocket, Socket, take

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _typeshed import WriteableBuffer

_RECORD = 16384  # most payload bytes of a TLS record (RFC 8446, 5.1)
_BYE_S = 5  # how long close() waits for the module to take what ends TLS in order


class AsyncSslSocket(AsyncSocket):
    """A socket with TLS by Python's ssl; made by `SslContext.wrap_socket`, and by `ssl=` of `AsyncModem`'s streams and servers.

    It takes over the connection of the socket it is made of, which is closed by that.
    """

    def __init__(self, sock, context, server_side, server_hostname):
        super().__init__(sock.module, sock.family, sock.type, ACCESS[sock.access], sock.tls, sock.rxbuf)
        self.timeout_ms, self.link, self.bound = sock.timeout_ms, sock.open_link(), sock.bound
        self.link.owner = self
        self.context: SSLContext = context
        self.server_side: bool = server_side
        self.server_hostname: str | bytes | None = server_hostname
        self.ring = ByteRing(_RECORD)  # decrypted
        self._in, self._out = MemoryBIO(), MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side, server_hostname)
        self._in.write(sock.kept)
        self._unsent = b""  # encrypted, and not taken by the module yet
        self._sending = asyncio.Lock()
        sock.link, sock.closed, sock.kept = None, True, b""

    async def do_handshake(self) -> None:
        """Agree on keys and verify the other side. ssl.SSLCertVerificationError, other ssl.SSLError, and those of a socket."""
        while True:
            try:
                self._tls.do_handshake()
                break
            except SSLWantReadError:
                await self._flush(self.timeout_ms)
                await self._fetch()
            except SSLError:
                await self._last_words()
                raise
        await self._flush(self.timeout_ms)

    async def _fetch(self):
        link = await super().data()
        if link is None:
            self._in.write_eof()
        else:
            self._in.write(take(link, _RECORD))

    async def _flush(self, limit_ms):
        """Have the module take what is encrypted. SocketTimeout: the rest is kept, and goes out with what follows.

        It goes on when the task that waits for it is cancelled: a part that is sent twice, or not at all, would break TLS.
        """
        if self._unsent or self._out.pending:
            sending = self._send_rest(limit_ms)
            await (asyncio.shield(asyncio.create_task(sending)) if self.module.waiter.fair else sending)

    async def _send_rest(self, limit_ms):
        async with self._sending:
            self._unsent += self._out.read()
            while self._unsent:
                n = await super().send_within(self.open_link(), self._unsent, 0, len(self._unsent), limit_ms)
                self._unsent = self._unsent[n:] + self._out.read()

    async def _last_words(self):
        """Send an alert, where there is one and the connection takes it."""
        try:
            await self._flush(_BYE_S * 1000)
        except OSError:
            pass

    async def data(self):
        """Wait until decrypted data are in the ring; return what has the ring, None at the end."""
        while not self.ring.any():
            try:
                self.ring.write(self._tls.read(_RECORD))
                if not self.ring.any():
                    return None
            except SSLWantReadError:
                await self._flush(self.timeout_ms)
                await self._fetch()
            except (SSLZeroReturnError, SSLEOFError):  # the end, in order or not, as ssl.SSLSocket has it
                return None
        return self

    async def recv_into(self, buf: "WriteableBuffer", nbytes: int = 0) -> int:
        """See AsyncSocket.recv_into."""
        data = await self.recv(nbytes or len(buf))
        memoryview(buf)[: len(data)] = data
        return len(data)

    async def send_within(self, link, data, off, n, limit_ms):
        """See AsyncSocket.send_within. What is encrypted counts as sent: it goes out before anything that follows."""
        await self._flush(limit_ms)
        if not n:
            return 0
        n = self._tls.write(memoryview(data)[off : off + min(n, _RECORD)])
        try:
            await self._flush(limit_ms)
        except SocketTimeout:
            pass
        return n

    async def close(self) -> None:
        """End TLS in order, as far as the connection still takes it, and close the connection."""
        if self.link is not None and not self.link.ended():
            try:
                self._tls.unwrap()
            except (SSLError, ValueError):  # the peer's answer is not waited for; or there was no handshake
                pass
            await self._last_words()
        await super().close()

    # --- what ssl.SSLSocket tells

    def getpeercert(self, binary_form: bool = False) -> "Any":
        """See ssl.SSLSocket.getpeercert."""
        return self._tls.getpeercert(binary_form)

    def version(self) -> str | None:
        """See ssl.SSLSocket.version."""
        return self._tls.version()

    def cipher(self) -> tuple[str, str, int] | None:
        """See ssl.SSLSocket.cipher."""
        return self._tls.cipher()

    def selected_alpn_protocol(self) -> str | None:
        """See ssl.SSLSocket.selected_alpn_protocol."""
        return self._tls.selected_alpn_protocol()

    def pending(self) -> int:
        """Return how many decrypted bytes wait to be read."""
        return self.ring.any() + len(self.kept) + self._tls.pending()


class SslSocket(SocketHabits, Blocking):
    """A blocking socket with TLS by Python's ssl."""


written_out(SslSocket, AsyncSslSocket)


class SslContext(SSLContext):
    """An `ssl.SSLContext` whose `wrap_socket` takes a modem's sockets, too."""

    def wrap_socket(  # type: ignore[override]
        self, sock: "Any", server_side: bool = False, do_handshake_on_connect: bool = True, suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None, session: "Any" = None,
    ) -> "Any":  # fmt: skip
        """Return an SslSocket over `sock`, a modem's connected Socket, after the handshake; otherwise as `ssl.SSLContext` does.

        `suppress_ragged_eofs` has no effect on it: an end without TLS's own is an end.
        """
        if not isinstance(sock, (Socket, SslSocket)):
            return super().wrap_socket(
                sock, server_side, do_handshake_on_connect, suppress_ragged_eofs, server_hostname, session
            )  # fmt: skip
        wrapped = AsyncSslSocket(sock.operations, self, server_side, server_hostname).face()
        if do_handshake_on_connect:
            try:
                wrapped.do_handshake()
            except BaseException:
                wrapped.close()
                raise
        return wrapped


def create_default_context(
    purpose: "Purpose" = Purpose.SERVER_AUTH, *, cafile: str | None = None, capath: str | None = None,
    cadata: str | bytes | None = None,
) -> SslContext:  # fmt: skip
    """Like `ssl.create_default_context`: certificate and host name are verified. Returns a SslContext."""
    default = ssl.create_default_context(purpose, cafile=cafile, capath=capath, cadata=cadata)
    server = purpose == Purpose.CLIENT_AUTH
    context = SslContext(PROTOCOL_TLS_SERVER if server else PROTOCOL_TLS_CLIENT)
    context.options, context.verify_flags = default.options, default.verify_flags
    context.check_hostname, context.verify_mode = default.check_hostname, default.verify_mode
    if cafile or capath or cadata:
        context.load_verify_locations(cafile, capath, cadata)
    elif context.verify_mode != CERT_NONE:
        context.load_default_certs(purpose)
    return context


async def wrap(sock, context, server_side, server_hostname):
    """Return an AsyncSslSocket over the connected AsyncSocket `sock`, after the handshake. `context`: True for the default."""
    if context is True:
        context = create_default_context()
    wrapped = AsyncSslSocket(sock, context, server_side, server_hostname)
    try:
        await wrapped.do_handshake()
    except BaseException:
        await wrapped.close()
        raise
    return wrapped
