"""Made by tools/stubs.py: do not edit."""

from ssl import Purpose, SSLContext
from typing import Any, Self

from _typeshed import WriteableBuffer

from modem.socket_habits import SocketHabits
from modem.sockets import AsyncSocket, Socket

class AsyncSslSocket(AsyncSocket):
    """A socket with TLS by Python's ssl; made by `SslContext.wrap_socket`, and by `ssl=` of `AsyncModem`'s streams and servers.

    It takes over the connection of the socket it is made of, which is closed by that."""

    context: SSLContext
    server_side: bool
    server_hostname: str | bytes | None

    async def do_handshake(self) -> None:
        """Agree on keys and verify the other side. ssl.SSLCertVerificationError, other ssl.SSLError, and those of a socket."""

    async def recv_into(self, buf: WriteableBuffer, nbytes: int = 0) -> int:
        """See AsyncSocket.recv_into."""

    async def close(self) -> None:
        """End TLS in order, as far as the connection still takes it, and close the connection."""

    def getpeercert(self, binary_form: bool = False) -> Any:
        """See ssl.SSLSocket.getpeercert."""

    def version(self) -> str | None:
        """See ssl.SSLSocket.version."""

    def cipher(self) -> tuple[str, str, int] | None:
        """See ssl.SSLSocket.cipher."""

    def selected_alpn_protocol(self) -> str | None:
        """See ssl.SSLSocket.selected_alpn_protocol."""

    def pending(self) -> int:
        """Return how many decrypted bytes wait to be read."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class SslSocket(Socket, SocketHabits):
    """A blocking socket with TLS by Python's ssl."""

    context: SSLContext
    server_side: bool
    server_hostname: str | bytes | None
    operations: AsyncSslSocket

    def do_handshake(self) -> None:
        """Agree on keys and verify the other side. ssl.SSLCertVerificationError, other ssl.SSLError, and those of a socket."""

    def recv_into(self, buf: WriteableBuffer, nbytes: int = 0) -> int:
        """See AsyncSocket.recv_into."""

    def getpeercert(self, binary_form: bool = False) -> Any:
        """See ssl.SSLSocket.getpeercert."""

    def version(self) -> str | None:
        """See ssl.SSLSocket.version."""

    def cipher(self) -> tuple[str, str, int] | None:
        """See ssl.SSLSocket.cipher."""

    def selected_alpn_protocol(self) -> str | None:
        """See ssl.SSLSocket.selected_alpn_protocol."""

    def pending(self) -> int:
        """Return how many decrypted bytes wait to be read."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

class SslContext(SSLContext):
    """An `ssl.SSLContext` whose `wrap_socket` takes a modem's sockets, too."""

    def wrap_socket(
        self,
        sock: Any,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: Any = None,
    ) -> Any:
        """Return an SslSocket over `sock`, a modem's connected Socket, after the handshake; otherwise as `ssl.SSLContext` does.

        `suppress_ragged_eofs` has no effect on it: an end without TLS's own is an end."""

def create_default_context(
    purpose: Purpose = Purpose.SERVER_AUTH,
    *,
    cafile: str | None = None,
    capath: str | None = None,
    cadata: str | bytes | None = None,
) -> SslContext:
    """Like `ssl.create_default_context`: certificate and host name are verified. Returns a SslContext."""
