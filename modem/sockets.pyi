"""Made by tools/stubs.py: do not edit."""

from typing import Final, Literal, Self

from _typeshed import ReadableBuffer, WriteableBuffer

from modem.socket_habits import SocketHabits

_Access = Literal["buffer", "push", "transparent"]
AF_INET: Final = 2
AF_INET6: Final = 10
SOCK_STREAM: Final = 1
SOCK_DGRAM: Final = 2

class AsyncSocket:
    """A socket; made by `modem.socket(...)`, not directly."""

    family: int
    type: int

    async def connect(self, address: tuple[str, int]) -> None:
        """Connect to `(host, port)`; the module resolves a name. A datagram socket gets one fixed peer by it.

        Returns when the connection stands. Raises CommandError with the module's code when it cannot be made, SocketTimeout when
        the socket's time-out passes first (the module then gives the connection up by itself, at the latest after 150 s),
        LineBusy, ValueError for a bad address, NotSupported for what the model cannot. OSError EISCONN when connected already."""

    async def bind(self, address: tuple[str, int]) -> None:
        """Choose the local port: `address` is `(host, port)`, of which only the port counts (the module has one address).

        A datagram socket is opened by it, as service for any peer (`sendto`, `recvfrom`). A stream socket keeps the port for
        `listen` or `connect`. Port 0 lets the module choose (`connect`), or the driver (datagram); a server needs one. Raises
        CommandError with the module's code, for example when the port is in use."""

    async def listen(self, backlog: int | None = None) -> None:
        """Wait for clients on the port given to `bind`; `accept` returns them one by one.

        `backlog`: the most clients that may be connected at a time; None: as many as the module has connection ids. One more is
        turned away by the module and reported as event "incoming full". On SIMCom the module takes clients as long as it has
        links; `backlog` is how many may wait for `accept`: one more is closed at once."""

    async def accept(self) -> tuple[AsyncSocket, tuple[str, int]]:
        """Return `(socket, (host, port))` of the next client; waits for it as long as the time-out says.

        The client's socket has the listener's access mode and ring size. Raises SocketTimeout, OSError EAGAIN when the socket
        does not wait, ConnectionClosed when the listener has ended, LineBusy while a transparent socket has the line."""

    async def close(self) -> None:
        """Close the connection and free its id. Always succeeds; calling it again does nothing.

        The module's answer does not matter: when there is none within the documented limit, the id is freed anyway and the
        module's own time-out ends the connection."""

    async def recv(self, n: int) -> bytes:
        """Return up to `n` bytes (at most one block), b"" at the end. Waits for the first byte as long as the time-out says.

        Raises SocketTimeout; OSError EAGAIN when the socket does not wait; ConnectionClosed when the connection broke."""

    async def recv_into(self, buf: WriteableBuffer, nbytes: int = 0) -> int:
        """Store what is there, at most one block and `nbytes` (0: `len(buf)`), at the start of `buf`; return how much.

        0 means the end. Waits and raises as `recv` does. The blocking call allocates nothing."""

    async def readinto(self, buf: WriteableBuffer, nbytes: int = 0) -> int | None:
        """Like `recv_into`, but None when nothing is there and the socket does not wait."""

    async def read(self, n: int = -1) -> bytes | None:
        """Return exactly `n` bytes (fewer only at the end), or everything up to the end; None: nothing there and non-blocking.

        What has been received before a time-out or a cancellation is returned by the next read."""

    async def readline(self, limit: int = -1) -> bytes | None:
        """Return one line with its LF, or what there is before the end or before `limit` bytes; at most 4096 bytes.

        None: nothing there and non-blocking. What has been received before a time-out is returned by the next read."""

    async def recvfrom(self, n: int) -> tuple[bytes, tuple[str, int] | None]:
        """Return `(data, (host, port))` of the next datagram, cut to `n` bytes. Waits as `recv` does.

        The address is None where the module does not report it: on SIMCom, in buffer mode, for all but the first waiting
        datagram."""

    async def recvfrom_into(self, buf: WriteableBuffer, nbytes: int = 0) -> tuple[int, tuple[str, int] | None]:
        """Store the next datagram at the start of `buf`, cut to `nbytes` (default: all); return `(length, (host, port))`."""

    async def send(self, data: ReadableBuffer) -> int:
        """Send the beginning of `data`, as much as the module takes in one command; return how much that was.

        "Sent" means that the module has it; `stats()` and `flush()` tell what the peer has. Raises ConnectionClosed,
        SocketTimeout (the module's buffer stayed full, or its answer is still owed: `stats()` tells what it has taken)."""

    async def sendall(self, data: ReadableBuffer) -> None:
        """Send all of `data`; return None. Errors as for `send`; then part of the data may have been sent."""

    async def write(self, buf: ReadableBuffer, off: int | None = None, n: int | None = None) -> int | None:
        """Send all of `buf`, `buf[:n]` (two arguments) or `buf[off:off+n]` (three), as MicroPython's streams do.

        Returns how much that was; None when the socket does not wait and nothing was taken. Errors as for `sendall`."""

    async def sendto(self, data: ReadableBuffer, address: tuple[str, int]) -> int:
        """Send one datagram to `address` `(host, port)`; return its length.

        A host name is resolved by the module first (Quectel wants an address here); the last one is remembered. A socket without
        port is bound to a free one. OSError EMSGSIZE when `data` is longer than the module sends in one datagram."""

    async def switch(self, access: _Access) -> None:
        """Change the access mode of the open connection: "buffer", "push" or "transparent".

        What the module holds is fetched first, so that nothing is lost; OSError ENOBUFS when it does not fit into the socket's
        ring: read first. Out of transparent mode it is `escape`, with its limits."""

    async def escape(self, dtr: bool = False) -> None:
        """Leave transparent mode; the connection stays, in buffer mode, and other commands can run. Takes a little over 2 s.

        By `+++` between two silences of more than a second; `dtr=True` by dropping DTR, where the port has it (at once).
        Signalling inside the data has limits: if the module did not see the sequence, `+++` has gone to the peer as data (the
        driver tries once more, then raises ModemTimeout); see net/transparent.py for the rest."""

    async def resume(self) -> None:
        """Go back into transparent mode after `escape`. ConnectionClosed when the connection has ended meanwhile."""

    def settimeout(self, seconds: float | None) -> None:
        """Set the time-out of every blocking call in seconds: None waits without limit (so do more than six days), 0 never waits.

        A send that has begun is completed in any case, for up to a second: half a command cannot be taken back. What opens a
        socket or switches it (`connect`, `bind`, `listen`, `switch`) waits for the module with 0, too: at most 150 s."""

    def gettimeout(self) -> float | None:
        """Return the time-out in seconds as `settimeout` has set it, None for no limit."""

    def setblocking(self, flag: bool) -> None:
        """Same as `settimeout(None)` (true) or `settimeout(0)` (false)."""

    def setsockopt(self, *args: object) -> None:
        """Accepted and without effect, for programs that set SO_REUSEADDR; options of the module: `modem.configure()`."""

    async def shutdown(self, how: int) -> None:
        """Close the connection; `how` must be 2 (SHUT_RDWR): the modules end both directions at once, NotSupported for others."""

    def makefile(self, mode: str = "rb", buffering: int = 0) -> AsyncSocket:
        """Return the socket itself: it is a stream, as MicroPython's sockets are."""

    def connection_id(self) -> int:
        """Return the module's number of the connection, -1 where there is none.

        There is no `fileno()`: the operating system knows nothing of this socket."""

    def getpeername(self) -> tuple[str, int]:
        """Return `(host, port)` of the other side as it was given to `connect`, or as the module reported it."""

    def getsockname(self) -> tuple[str, int]:
        """Return `(address, port)` of this side; the port is 0 where the module chose one and was not asked yet."""

    @property
    def lost(self) -> int:
        """Bytes that came by direct push or in transparent mode when the ring had no room; the event "overflow" reports them."""

    async def stats(self) -> tuple[int, int, int]:
        """Return `(sent, acknowledged, pending)` in bytes, as the module counts them. NotSupported where it does not."""

    async def flush(self) -> None:
        """Wait until the peer has acknowledged all that was sent. SocketTimeout when that takes longer than the time-out."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class Socket(SocketHabits):
    """A blocking socket."""

    family: int
    type: int
    operations: AsyncSocket

    def connect(self, address: tuple[str, int]) -> None:
        """Connect to `(host, port)`; the module resolves a name. A datagram socket gets one fixed peer by it.

        Returns when the connection stands. Raises CommandError with the module's code when it cannot be made, SocketTimeout when
        the socket's time-out passes first (the module then gives the connection up by itself, at the latest after 150 s),
        LineBusy, ValueError for a bad address, NotSupported for what the model cannot. OSError EISCONN when connected already."""

    def bind(self, address: tuple[str, int]) -> None:
        """Choose the local port: `address` is `(host, port)`, of which only the port counts (the module has one address).

        A datagram socket is opened by it, as service for any peer (`sendto`, `recvfrom`). A stream socket keeps the port for
        `listen` or `connect`. Port 0 lets the module choose (`connect`), or the driver (datagram); a server needs one. Raises
        CommandError with the module's code, for example when the port is in use."""

    def listen(self, backlog: int | None = None) -> None:
        """Wait for clients on the port given to `bind`; `accept` returns them one by one.

        `backlog`: the most clients that may be connected at a time; None: as many as the module has connection ids. One more is
        turned away by the module and reported as event "incoming full". On SIMCom the module takes clients as long as it has
        links; `backlog` is how many may wait for `accept`: one more is closed at once."""

    def accept(self) -> tuple[Socket, tuple[str, int]]:
        """Return `(socket, (host, port))` of the next client; waits for it as long as the time-out says.

        The client's socket has the listener's access mode and ring size. Raises SocketTimeout, OSError EAGAIN when the socket
        does not wait, ConnectionClosed when the listener has ended, LineBusy while a transparent socket has the line."""

    def recv_into(self, buf: WriteableBuffer, nbytes: int = 0) -> int:
        """Store what is there, at most one block and `nbytes` (0: `len(buf)`), at the start of `buf`; return how much.

        0 means the end. Waits and raises as `recv` does. The blocking call allocates nothing."""

    def readinto(self, buf: WriteableBuffer, nbytes: int = 0) -> int | None:
        """Like `recv_into`, but None when nothing is there and the socket does not wait."""

    def read(self, n: int = -1) -> bytes | None:
        """Return exactly `n` bytes (fewer only at the end), or everything up to the end; None: nothing there and non-blocking.

        What has been received before a time-out or a cancellation is returned by the next read."""

    def readline(self, limit: int = -1) -> bytes | None:
        """Return one line with its LF, or what there is before the end or before `limit` bytes; at most 4096 bytes.

        None: nothing there and non-blocking. What has been received before a time-out is returned by the next read."""

    def recvfrom_into(self, buf: WriteableBuffer, nbytes: int = 0) -> tuple[int, tuple[str, int] | None]:
        """Store the next datagram at the start of `buf`, cut to `nbytes` (default: all); return `(length, (host, port))`."""

    def write(self, buf: ReadableBuffer, off: int | None = None, n: int | None = None) -> int | None:
        """Send all of `buf`, `buf[:n]` (two arguments) or `buf[off:off+n]` (three), as MicroPython's streams do.

        Returns how much that was; None when the socket does not wait and nothing was taken. Errors as for `sendall`."""

    def sendto(self, data: ReadableBuffer, address: tuple[str, int]) -> int:
        """Send one datagram to `address` `(host, port)`; return its length.

        A host name is resolved by the module first (Quectel wants an address here); the last one is remembered. A socket without
        port is bound to a free one. OSError EMSGSIZE when `data` is longer than the module sends in one datagram."""

    def switch(self, access: _Access) -> None:
        """Change the access mode of the open connection: "buffer", "push" or "transparent".

        What the module holds is fetched first, so that nothing is lost; OSError ENOBUFS when it does not fit into the socket's
        ring: read first. Out of transparent mode it is `escape`, with its limits."""

    def escape(self, dtr: bool = False) -> None:
        """Leave transparent mode; the connection stays, in buffer mode, and other commands can run. Takes a little over 2 s.

        By `+++` between two silences of more than a second; `dtr=True` by dropping DTR, where the port has it (at once).
        Signalling inside the data has limits: if the module did not see the sequence, `+++` has gone to the peer as data (the
        driver tries once more, then raises ModemTimeout); see net/transparent.py for the rest."""

    def resume(self) -> None:
        """Go back into transparent mode after `escape`. ConnectionClosed when the connection has ended meanwhile."""

    def settimeout(self, seconds: float | None) -> None:
        """Set the time-out of every blocking call in seconds: None waits without limit (so do more than six days), 0 never waits.

        A send that has begun is completed in any case, for up to a second: half a command cannot be taken back. What opens a
        socket or switches it (`connect`, `bind`, `listen`, `switch`) waits for the module with 0, too: at most 150 s."""

    def gettimeout(self) -> float | None:
        """Return the time-out in seconds as `settimeout` has set it, None for no limit."""

    def setblocking(self, flag: bool) -> None:
        """Same as `settimeout(None)` (true) or `settimeout(0)` (false)."""

    def setsockopt(self, *args: object) -> None:
        """Accepted and without effect, for programs that set SO_REUSEADDR; options of the module: `modem.configure()`."""

    def shutdown(self, how: int) -> None:
        """Close the connection; `how` must be 2 (SHUT_RDWR): the modules end both directions at once, NotSupported for others."""

    def connection_id(self) -> int:
        """Return the module's number of the connection, -1 where there is none.

        There is no `fileno()`: the operating system knows nothing of this socket."""

    def getpeername(self) -> tuple[str, int]:
        """Return `(host, port)` of the other side as it was given to `connect`, or as the module reported it."""

    def getsockname(self) -> tuple[str, int]:
        """Return `(address, port)` of this side; the port is 0 where the module chose one and was not asked yet."""

    @property
    def lost(self) -> int:
        """Bytes that came by direct push or in transparent mode when the ring had no room; the event "overflow" reports them."""

    def stats(self) -> tuple[int, int, int]:
        """Return `(sent, acknowledged, pending)` in bytes, as the module counts them. NotSupported where it does not."""

    def flush(self) -> None:
        """Wait until the peer has acknowledged all that was sent. SocketTimeout when that takes longer than the time-out."""

    def ioctl(self, request: int, arg: int) -> int:
        """What select.poll on MicroPython asks: readable, writable, hung up."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
