"""What users hold: sockets that feel like Python's, and like MicroPython's streams, over a connection of the module.

`AsyncSocket` has every operation, as a coroutine. `Socket` is its blocking face; it writes out what runs in steady state, so
that a blocking read allocates nothing, its command included.
"""

from errno import EAGAIN, EBADF, EINVAL, ENOTCONN

from .at.params import address_of, number, octets, one_of, plain
from .compat import BOARD, Blocking, Operations, apart, const, rare, run, written_out
from .errors import CommandError, ConnectionClosed, NotSupported, SocketTimeout
from .net.link import ACCESS, DATA, DATAGRAM, ENDED, LISTENER, STREAM, TRANSPARENT, WAIT

if BOARD:
    from io import IOBase as SocketHabits  # MicroPython takes a socket for a stream (ssl, select) only with it
else:
    from .socket_habits import SocketHabits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from _typeshed import ReadableBuffer, WriteableBuffer

    _Access = Literal["buffer", "push", "transparent"]

AF_INET = const(2)
AF_INET6 = const(10)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)

_LONGEST_S = const(536870)  # ticks of a small board go round after 2**30 ms; half of that can be compared
_SEND_NOW_MS = const(1000)
_SMALLEST_BLOCK = const(512)  # no firmware refuses to send so little at a time
_LINE_CAP = const(4096)
_MOST = const(0x3FFFFFFF)
_READ = const(1024)

# requests and answers of MicroPython's select.poll
_MP_POLL = const(3)
_MP_CLOSE = const(4)
_POLL_RD = const(1)
_POLL_WR = const(4)
_POLL_HUP = const(16)


def milliseconds(seconds):
    """Return a time-out in seconds (None: no limit; so is more than six days) as ms. ValueError for a negative one."""
    if seconds is None:
        return None
    if not seconds >= 0:
        raise ValueError("a time-out must be None, 0 or more seconds")
    # less than a millisecond is not 0, which means something else
    return None if seconds > _LONGEST_S else int(seconds * 1000) or (1 if seconds else 0)


class AsyncSocket(Operations):
    """A socket; made by `modem.socket(...)`, not directly."""

    def __init__(self, module, af, type, access, tls, rxbuf):
        self.module = module
        self.family: int = af
        self.type: int = type
        self.access = one_of("access", access, ACCESS)
        self.tls = tls
        self.rxbuf = rxbuf
        self.timeout_ms = None
        self.link = None
        self.bound = None  # ("", local port)
        self.limit = 0  # listener: most clients
        self.resolved = None  # sendto(): the last name and its address
        self.closed = False
        self.kept = b""  # read from the ring by readline() or read() and not handed out yet

    # --- the life of a socket

    async def connect(self, address: tuple[str, int]) -> None:
        """Connect to `(host, port)`; the module resolves a name. A datagram socket gets one fixed peer by it.

        Returns when the connection stands. Raises CommandError with the module's code when it cannot be made, SocketTimeout when
        the socket's time-out passes first (the module then gives the connection up by itself, at the latest after 150 s),
        LineBusy, ValueError for a bad address, NotSupported for what the model cannot. OSError EISCONN when connected already.
        """
        from .net.connect import connect

        await connect(self, address)

    @rare
    async def bind(self, address: tuple[str, int]) -> None:
        """Choose the local port: `address` is `(host, port)`, of which only the port counts (the module has one address).

        A datagram socket is opened by it, as service for any peer (`sendto`, `recvfrom`). A stream socket keeps the port for
        `listen` or `connect`. Port 0 lets the module choose (`connect`), or the driver (datagram); a server needs one. Raises
        CommandError with the module's code, for example when the port is in use.
        """
        _, port = address_of(address)
        self.check_open()
        if self.link is not None:
            raise OSError(EINVAL, "the socket is bound already")
        self.bound = ("", port)
        if self.is_datagram():
            await apart("net.datagram", "udp").open_service(self)

    @rare
    async def listen(self, backlog: int | None = None) -> None:
        """Wait for clients on the port given to `bind`; `accept` returns them one by one.

        `backlog`: the most clients that may be connected at a time; None: as many as the module has connection ids. One more is
        turned away by the module and reported as event "incoming full". On SIMCom the module takes clients as long as it has
        links; `backlog` is how many may wait for `accept`: one more is closed at once.
        """
        await apart("net.server", "server").listen(self, backlog)

    @rare
    async def accept(self) -> "tuple[AsyncSocket, tuple[str, int]]":
        """Return `(socket, (host, port))` of the next client; waits for it as long as the time-out says.

        The client's socket has the listener's access mode and ring size. Raises SocketTimeout, OSError EAGAIN when the socket
        does not wait, ConnectionClosed when the listener has ended, LineBusy while a transparent socket has the line.
        """
        return await apart("net.server", "server").accept(self)

    async def close(self) -> None:
        """Close the connection and free its id. Always succeeds; calling it again does nothing.

        The module's answer does not matter: when there is none within the documented limit, the id is freed anyway and the
        module's own time-out ends the connection.
        """
        link = self.link
        self.closed = True
        self.link = None
        if link is not None:
            from .net.connect import close

            await close(self.module, link)

    # --- receiving

    async def recv(self, n: int) -> bytes:
        """Return up to `n` bytes (at most one block), b"" at the end. Waits for the first byte as long as the time-out says.

        Raises SocketTimeout; OSError EAGAIN when the socket does not wait; ConnectionClosed when the connection broke.
        """
        if not number("n", n, 0, _MOST):
            return b""
        if self.kept:
            return self._take_kept(n)
        link = await self.data()
        return bytes(take(link, n)) if link is not None else b""

    async def recv_into(self, buf: "WriteableBuffer", nbytes: int = 0) -> int:
        """Store what is there, at most one block and `nbytes` (0: `len(buf)`), at the start of `buf`; return how much.

        0 means the end. Waits and raises as `recv` does. The blocking call allocates nothing.
        """
        nbytes = number("nbytes", nbytes, 0, _MOST) or len(buf)
        if not nbytes:
            return 0
        if self.kept:
            data = self._take_kept(min(nbytes, len(buf)))
            buf[: len(data)] = data
            return len(data)
        link = self.link
        if link is None or link.filling or not link.ring.any():  # without a coroutine more when it is there already
            link = await self.data()
            if link is None:
                return 0
        else:
            self.module.waiter.hand_over()
        return link.ring.readinto(buf, nbytes)

    async def readinto(self, buf: "WriteableBuffer", nbytes: int = 0) -> int | None:
        """Like `recv_into`, but None when nothing is there and the socket does not wait."""
        try:
            return await self.recv_into(buf, nbytes)
        except OSError as error:
            if error.args[0] == EAGAIN:
                return None
            raise

    @rare
    async def read(self, n: int = -1) -> bytes | None:
        """Return exactly `n` bytes (fewer only at the end), or everything up to the end; None: nothing there and non-blocking.

        What has been received before a time-out or a cancellation is returned by the next read.
        """
        number("n", n, -1, _MOST)
        while n < 0 or len(self.kept) < n:
            if not await self._more():
                if self._waits_not() and not self.kept:
                    return None
                break
        return self._take_kept(len(self.kept) if n < 0 else n)

    @rare
    async def readline(self, limit: int = -1) -> bytes | None:
        """Return one line with its LF, or what there is before the end or before `limit` bytes; at most 4096 bytes.

        None: nothing there and non-blocking. What has been received before a time-out is returned by the next read.
        """
        if not 0 <= number("limit", limit, -1, _MOST) <= _LINE_CAP:
            limit = _LINE_CAP
        start = 0
        while True:
            at = self.kept.find(b"\n", start)
            if at >= 0 or len(self.kept) >= limit:
                return self._take_kept(min(at + 1, limit) if at >= 0 else limit)
            start = len(self.kept)
            if not await self._more():
                if self._waits_not() and not self.kept:
                    return None
                return self._take_kept(limit)

    @rare
    async def _more(self):
        """Add what is there to the kept bytes; return whether there was something: False at the end, or when not waiting."""
        try:
            link = await self.data()
        except OSError as error:
            if error.args[0] == EAGAIN:
                return False
            raise
        if link is None:
            return False
        self.kept = self.kept + take(link, _READ)
        return True

    @rare
    def _waits_not(self):
        """Whether a read that found nothing did so because the socket does not wait, not because the stream has ended."""
        return self.timeout_ms == 0 and self.link is not None and not self.link.ended()

    def _take_kept(self, n):
        data = bytes(self.kept[:n])
        self.kept = self.kept[n:]
        return data

    @rare
    async def recvfrom(self, n: int) -> "tuple[bytes, tuple[str, int] | None]":
        """Return `(data, (host, port))` of the next datagram, cut to `n` bytes. Waits as `recv` does.

        The address is None where the module does not report it: on SIMCom, in buffer mode, for all but the first waiting
        datagram.
        """
        return await apart("net.datagram", "udp").recvfrom(self, n)

    @rare
    async def recvfrom_into(self, buf: "WriteableBuffer", nbytes: int = 0) -> "tuple[int, tuple[str, int] | None]":
        """Store the next datagram at the start of `buf`, cut to `nbytes` (default: all); return `(length, (host, port))`."""
        return await apart("net.datagram", "udp").recvfrom_into(self, buf, nbytes)

    async def data(self):
        """Wait until data are in the ring; return the link, None at the end."""
        link = self.open_link()
        m = self.module
        m.engine.recover()
        deadline = m.deadline(self.timeout_ms)
        link.waiting += 1
        try:
            while True:
                r = link.look(m.port.ticks_ms())
                if r != WAIT:
                    m.waiter.hand_over()
                    return link if r == DATA else None
                if link.refused:
                    if not await m.settle(link, deadline):
                        raise self.timed_out()
                elif not await m.turn(deadline) and link.look(m.port.ticks_ms()) == WAIT:
                    raise self.timed_out()
        finally:
            link.waiting -= 1
            if not link.waiting:
                m.leave(link)

    # --- sending

    async def send(self, data: "ReadableBuffer") -> int:
        """Send the beginning of `data`, as much as the module takes in one command; return how much that was.

        "Sent" means that the module has it; `stats()` and `flush()` tell what the peer has. Raises ConnectionClosed,
        SocketTimeout (the module's buffer stayed full, or its answer is still owed: `stats()` tells what it has taken).
        """
        data = octets(data)
        return await self.send_part(data, 0, len(data))

    async def sendall(self, data: "ReadableBuffer") -> None:
        """Send all of `data`; return None. Errors as for `send`; then part of the data may have been sent."""
        data = octets(data)
        await self._send_all(data, 0, len(data), None)

    async def write(self, buf: "ReadableBuffer", off: int | None = None, n: int | None = None) -> int | None:
        """Send all of `buf`, `buf[:n]` (two arguments) or `buf[off:off+n]` (three), as MicroPython's streams do.

        Returns how much that was; None when the socket does not wait and nothing was taken. Errors as for `sendall`.
        """
        buf = octets(buf)
        if n is None:
            off, n = 0, len(buf) if off is None else off
        if off < 0 or n < 0:
            raise ValueError("off and n must not be negative")
        n = max(0, min(n, len(buf) - off))
        return await self._send_all(buf, off, n, n)

    async def _send_all(self, data, off, n, result):
        end = off + n
        while off < end:
            try:
                off += await self.send_part(data, off, end - off)
            except OSError as error:
                if result is None or error.args[0] != EAGAIN:
                    raise
                return n - end + off or None  # write() on a socket that does not wait
        return result

    @rare
    async def sendto(self, data: "ReadableBuffer", address: tuple[str, int]) -> int:
        """Send one datagram to `address` `(host, port)`; return its length.

        A host name is resolved by the module first (Quectel wants an address here); the last one is remembered. A socket without
        port is bound to a free one. OSError EMSGSIZE when `data` is longer than the module sends in one datagram.
        """
        return await apart("net.datagram", "udp").sendto(self, octets(data), address)

    async def send_part(self, data, off, n):
        """Send as much of `data[off:off+n]` as one command takes; return how much that was."""
        link = self.open_link()
        self.check_alive(link)
        if self.timeout_ms == 0:
            return await self._send_now(link, data, off, n)
        return await self.send_within(link, data, off, n, self.timeout_ms)

    async def send_within(self, link, data, off, n, limit_ms):
        """Like send_part(), with a time-out of its own; None: no limit."""
        deadline = self.module.deadline(limit_ms)
        if link.access == TRANSPARENT or link.kind != STREAM:
            return await self._send_whole(link, data, off, n, deadline)
        while n:
            n = min(n, link.transport.max_send, link.most)
            try:
                await link.transport.send(link, data, off, n, deadline)
                break
            except CommandError as error:
                if not error.refused or n <= _SMALLEST_BLOCK:
                    raise
                link.most = max(_SMALLEST_BLOCK, n - n // 4)  # some firmware takes less than the documents say
        return n

    @rare
    async def _send_whole(self, link, data, off, n, deadline):
        """Send to a transparent connection, or one datagram."""
        if link.access == TRANSPARENT:
            from .net.transparent import send_raw

            return await send_raw(self.module, link, data, off, n, deadline)
        if link.kind == LISTENER:
            raise OSError(ENOTCONN, "use accept()")
        apart("net.datagram", "udp").check_send(link, n, False)
        await link.transport.send(link, data, off, n, deadline)
        return n

    @rare
    async def _send_now(self, link, data, off, n):
        """Send on a socket that does not wait: OSError EAGAIN when nothing was taken, so that it may be tried again.

        A command that has begun is completed, for half of it cannot be taken back: SocketTimeout when the module owes its
        result for more than a second.
        """
        limit_ms = 0 if link.access == TRANSPARENT else _SEND_NOW_MS
        if not limit_ms or not n or not self.module.busy():
            try:
                return await self.send_within(link, data, off, n, limit_ms)
            except SocketTimeout as error:
                if error.owed or self.module.busy():
                    raise
        raise OSError(EAGAIN, "the module takes nothing now")

    # --- access modes

    @rare
    async def switch(self, access: "_Access") -> None:
        """Change the access mode of the open connection: "buffer", "push" or "transparent".

        What the module holds is fetched first, so that nothing is lost; OSError ENOBUFS when it does not fit into the socket's
        ring: read first. Out of transparent mode it is `escape`, with its limits.
        """
        from .net.transparent import switch

        await switch(self, access)

    @rare
    async def escape(self, dtr: bool = False) -> None:
        """Leave transparent mode; the connection stays, in buffer mode, and other commands can run. Takes a little over 2 s.

        By `+++` between two silences of more than a second; `dtr=True` by dropping DTR, where the port has it (at once).
        Signalling inside the data has limits: if the module did not see the sequence, `+++` has gone to the peer as data (the
        driver tries once more, then raises ModemTimeout); see net/transparent.py for the rest.
        """
        from .net.transparent import escape

        await escape(self, dtr)

    @rare
    async def resume(self) -> None:
        """Go back into transparent mode after `escape`. ConnectionClosed when the connection has ended meanwhile."""
        await self.switch("transparent")

    # --- never awaited

    def settimeout(self, seconds: float | None) -> None:
        """Set the time-out of every blocking call in seconds: None waits without limit (so do more than six days), 0 never waits.

        A send that has begun is completed in any case, for up to a second: half a command cannot be taken back. What opens a
        socket or switches it (`connect`, `bind`, `listen`, `switch`) waits for the module with 0, too: at most 150 s.
        """
        self.timeout_ms = milliseconds(seconds)

    @rare
    def gettimeout(self) -> float | None:
        """Return the time-out in seconds as `settimeout` has set it, None for no limit."""
        return None if self.timeout_ms is None else self.timeout_ms / 1000

    @rare
    def setblocking(self, flag: bool) -> None:
        """Same as `settimeout(None)` (true) or `settimeout(0)` (false)."""
        self.timeout_ms = None if flag else 0

    @rare
    def setsockopt(self, *args: object) -> None:
        """Accepted and without effect, for programs that set SO_REUSEADDR; options of the module: `modem.configure()`."""

    @rare
    async def shutdown(self, how: int) -> None:
        """Close the connection; `how` must be 2 (SHUT_RDWR): the modules end both directions at once, NotSupported for others."""
        if how != 2:  # SHUT_RDWR
            raise NotSupported("the modules cannot end one direction of a connection: use close()")
        self.open_link()
        await self.close()

    @rare
    def makefile(self, mode: str = "rb", buffering: int = 0) -> "AsyncSocket":
        """Return the socket itself: it is a stream, as MicroPython's sockets are."""
        return self

    @rare
    def connection_id(self) -> int:
        """Return the module's number of the connection, -1 where there is none.

        There is no `fileno()`: the operating system knows nothing of this socket.
        """
        return -1 if self.link is None else self.link.number

    @rare
    def getpeername(self) -> tuple[str, int]:
        """Return `(host, port)` of the other side as it was given to `connect`, or as the module reported it."""
        link = self.open_link()
        if link.kind > DATAGRAM:
            raise OSError(ENOTCONN, "the socket has no peer")
        return link.peer

    @rare
    def getsockname(self) -> tuple[str, int]:
        """Return `(address, port)` of this side; the port is 0 where the module chose one and was not asked yet."""
        link = self.link
        addresses = self.module.addresses if self.module.connected else ()
        port = link.port if link is not None else self.bound[1] if self.bound else 0
        return (addresses[0] if addresses else "0.0.0.0", port)

    @property
    def lost(self) -> int:
        """Bytes that came by direct push or in transparent mode when the ring had no room; the event "overflow" reports them."""
        return 0 if self.link is None else self.link.lost

    # --- what the peer has

    @rare
    async def stats(self) -> tuple[int, int, int]:
        """Return `(sent, acknowledged, pending)` in bytes, as the module counts them. NotSupported where it does not."""
        link = self.open_link()
        return await link.transport.counters(link, self.module.deadline(self.timeout_ms or None))

    @rare
    async def flush(self) -> None:
        """Wait until the peer has acknowledged all that was sent. SocketTimeout when that takes longer than the time-out."""
        deadline = self.module.deadline(self.timeout_ms)
        pause_ms = 20
        while (await self.stats())[2]:
            if not await self.module.pause(pause_ms, deadline):
                raise SocketTimeout("the peer has not acknowledged everything")
            pause_ms = min(pause_ms * 2, 1000)

    # --- for the other parts of the driver

    def is_datagram(self):
        """Return whether this is a datagram socket."""
        return self.type == SOCK_DGRAM

    def check_open(self):
        """OSError EBADF when the socket is closed."""
        if self.closed:
            raise OSError(EBADF, "the socket is closed")

    def check_alive(self, link):
        """Raise what has ended the connection, if it has ended."""
        if link.error is not None:
            raise link.error
        if link.state >= ENDED:
            raise ConnectionClosed("the peer has closed the connection")

    def open_link(self):
        """Return the link; OSError EBADF when the socket is closed, ENOTCONN when it is not connected."""
        self.check_open()
        if self.link is None:
            raise OSError(ENOTCONN, "the socket is not connected")
        return self.link

    def timed_out(self):
        """Return the exception for a wait that took longer than the time-out."""
        if self.timeout_ms == 0:
            return OSError(EAGAIN, "no data yet")
        return SocketTimeout("no data within %d ms" % (self.timeout_ms or 0))


def tls_of(tls):
    """Return the TlsContext of what a program passes as `tls`, None for None; TypeError for anything else."""
    if isinstance(tls, Blocking):
        tls = tls.operations
    if tls is not None and not isinstance(tls, Operations):
        raise TypeError("tls must be what modem.tls_context() returns")
    return tls


def make_socket(module, af, type, access, tls, rxbuf):
    """See Modem.socket."""
    if number("type", type, SOCK_STREAM, SOCK_DGRAM) == SOCK_DGRAM:
        apart("net.datagram", "udp")
    return AsyncSocket(module, af, type, access, tls_of(tls), number("rxbuf", rxbuf, 64, 65534))  # the most that RingIO takes


@rare
def address_info(host, port, af, type, proto):
    """See Modem.getaddrinfo."""
    host, port = address_of((host, port))
    plain("host", host)
    return [(af or AF_INET, type or SOCK_STREAM, proto, "", (host, port))]


def take(link, n):
    """Return up to `n` bytes, or the next datagram cut to that, out of the ring of `link`, which has some."""
    buf = bytearray(min(n, link.ring.next()))
    link.ring.readinto(buf)
    return buf


class Socket(SocketHabits, Blocking):
    """A blocking socket."""

    def recv_into(self, buf, nbytes=0):
        """See AsyncSocket.recv_into. Allocates nothing."""
        sock = self.operations
        if nbytes < 0:
            raise ValueError("nbytes must not be negative")
        nbytes = nbytes or len(buf)
        if not nbytes:
            return 0
        if sock.kept:
            return run(sock.recv_into(buf, nbytes))
        link = self._fill(sock)
        return 0 if link is None else link.ring.readinto(buf, nbytes)

    def readinto(self, buf, nbytes=0):
        """See AsyncSocket.readinto. Allocates nothing."""
        if self.operations.timeout_ms == 0 and not self.operations.kept and self.peek() == WAIT:
            return None
        return self.recv_into(buf, nbytes)

    def _fill(self, sock):
        """Wait until data are in the ring; return the link, None at the end. No allocation, command included."""
        link = sock.open_link()
        m = sock.module
        m.engine.recover()
        deadline = None if sock.timeout_ms is None else m.deadline(sock.timeout_ms)
        while True:
            r = link.look(m.port.ticks_ms())
            if r != WAIT:
                m.deliver()
                return link if r == DATA else None
            if link.refused:
                if not run(m.settle(link, deadline)):
                    raise sock.timed_out()
            elif not m.waiter.wait(deadline) and link.look(m.port.ticks_ms()) == WAIT:
                raise sock.timed_out()

    def peek(self):
        """Let in what has arrived; return DATA, EOF or WAIT without waiting."""
        link = self.operations.open_link()
        m = self.operations.module
        link.look(m.port.ticks_ms())
        m.waiter.wait(m.port.ticks_ms())
        if link.refused:
            run(m.settle(link, m.port.ticks_ms()))
        return link.look(m.port.ticks_ms())

    def ioctl(self, request: int, arg: int) -> int:
        """What select.poll on MicroPython asks: readable, writable, hung up."""
        if request == _MP_POLL:
            return _poll(self, arg)
        if request == _MP_CLOSE:
            self.close()
            return 0
        return -1


@rare
def _poll(face, arg):
    """Return which of the events in `arg`, as select.poll names them, a blocking socket has."""
    sock = face.operations
    try:
        if sock.link is not None and sock.link.backlog is not None:
            now = sock.module.port.ticks_ms()
            if sock.link.silent(now):
                run(sock.module.settle(sock.link, now))
            sock.module.waiter.wait(now)
            return arg & _POLL_RD if sock.link.backlog else 0
        readable = sock.kept or face.peek() != WAIT
    except OSError:
        return arg & (_POLL_RD | _POLL_WR) | _POLL_HUP
    return arg & ((_POLL_RD if readable else 0) | (0 if sock.link.ended() else _POLL_WR))


written_out(Socket, AsyncSocket)
