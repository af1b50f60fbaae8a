"""What users hold: sockets that feel like Python's, and like MicroPython's streams, over a connection of the module.

`BaseSocket` has everything that one body serves for both flavours. The steady-state reads are plain functions with one
short loop per flavour: `Socket` here, `AsyncSocket` in aio.py.
"""

from errno import EAGAIN, EBADF, ENOTCONN

from .compat import IOBase, const
from .errors import ConnectionClosed, SocketTimeout
from .fields import number
from .late import base
from .link import DATA, STREAM, TRANSPARENT, WAIT

AF_INET = const(2)
AF_INET6 = const(10)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)

ACCESS = ("buffer", "push", "transparent")  # by BUFFER, PUSH, TRANSPARENT
_BYTES = (bytes, bytearray, memoryview)
_MP_POLL = const(3)
_MP_CLOSE = const(4)
_POLL_RD = const(1)
_POLL_WR = const(4)
_POLL_HUP = const(16)


def one_of(name, value, values):
    """Return at which place of `values` the parameter `name` is. ValueError naming both where it is none of them."""
    if value not in values:
        raise ValueError("%s must be one of %s" % (name, ", ".join(values)))
    return values.index(value)


def address_of(address):
    """Return `(host, port)` of an address tuple; TypeError or ValueError where it is none."""
    if not isinstance(address, tuple) or len(address) < 2:
        raise TypeError("address must be a tuple (host, port)")
    return address[0], number("port", address[1], 0, 65535)


def octets(data):
    """Return `data` as something whose length is its number of bytes. TypeError before anything is sent where it has none.

    Text has bytes on MicroPython, as for its own sockets; on CPython it is a TypeError.
    """
    return data if isinstance(data, _BYTES) else bytes(memoryview(data))


_COMPANIONS = (("reading", "_some read _read readline _readline"), ("operations", ""))


# IOBase comes first: MicroPython takes a socket for a stream (ssl, select) only then
class BaseSocket(IOBase, base(_COMPANIONS)):
    """A socket; made by `modem.socket(...)`, not directly."""

    _companions = _COMPANIONS

    def __init__(self, modem, af, type, access, tls, rxbuf):
        self._modem = modem
        self.family = af
        self.type = type
        self._access = one_of("access", access, ACCESS)
        self._tls = tls
        self._rxbuf = rxbuf
        self._timeout_ms = None
        self._link = None
        self._bound = None  # ("", local port)
        self._limit = 0  # listener: most clients
        self._known = None  # sendto(): the last name and its address
        self._closed = False

    # --- the life of a socket

    def connect(self, address):
        """Connect to `(host, port)`; the module resolves a name. A datagram socket gets one fixed peer by it.

        Returns when the connection stands. Raises CommandError with the module's code when it does not come about,
        SocketTimeout when the socket's time-out passes first (the module then gives the connection up by itself, at the
        latest after 150 s), LineBusy, ValueError for a bad address. Calling it on a connected socket is OSError EISCONN.
        """
        return self._modem._drive(self._connect(address))

    async def _connect(self, address):
        from .opening import connect

        await connect(self, address)

    def close(self):
        """Close the connection and free its id. Always succeeds; calling it again does nothing.

        What the module says to it does not matter; when it says nothing within the document's limit the id is freed all the
        same and the module's own time-out ends the connection.
        """
        return self._modem._drive(self._close())

    async def _close(self):
        link = self._link
        self._closed = True
        self._link = None
        if link is not None:
            await self._modem._close_link(link)

    # --- sending

    def send(self, data):
        """Send the beginning of `data`, as much as the module takes in one command (1460 bytes); return how much that was.

        "Sent" means that the module has it; `stats()` and `flush()` tell what the peer has. Raises ConnectionClosed,
        SocketTimeout (the module's buffer stayed full, or its answer is still owed: `stats()` tells what it has taken).
        """
        data = octets(data)
        return self._modem._drive(self._send(data, 0, len(data)))

    def sendall(self, data):
        """Send all of `data`; return None. Errors as for `send`; then part of the data may have been sent."""
        data = octets(data)
        return self._modem._drive(self._send_all(data, 0, len(data), None))

    def write(self, buf, off=None, n=None):
        """Send all of `buf`, `buf[:n]` (two arguments) or `buf[off:off+n]` (three), as MicroPython's streams do.

        Returns how much that was; None when the socket does not wait and nothing was taken. Errors as for `sendall`.
        """
        buf = octets(buf)
        if n is None:
            off, n = 0, len(buf) if off is None else off
        if off < 0 or n < 0:
            raise ValueError("off and n must not be negative")
        n = max(0, min(n, len(buf) - off))
        return self._modem._drive(self._send_all(buf, off, n, n))

    async def _send_all(self, data, off, n, result):
        end = off + n
        while off < end:
            try:
                off += await self._send(data, off, end - off)
            except OSError as error:
                if result is None or error.args[0] != EAGAIN:
                    raise
                return n - end + off or None  # write() on a socket that does not wait
        return result

    async def _send(self, data, off, n, limit_ms=None):
        link = self._link_open()
        self._check_alive(link)
        modem = self._modem
        if limit_ms is None:
            limit_ms = self._timeout_ms
            if limit_ms == 0:
                return await self._send_now(data, off, n)
        deadline = modem._deadline(limit_ms)
        if link.access == TRANSPARENT:
            from .transparent import send_raw

            return await send_raw(modem, link, data, off, n, deadline)
        if link.kind != STREAM:
            from .datagrams import check_send

            check_send(modem, link, n, False)
        n = min(n, link.ops.max_send(modem))
        if n:
            await link.ops.send(modem, link, data, off, n, deadline)
        return n

    @property
    def lost(self):
        """Bytes that came by direct push or in transparent mode when the ring had no room; the event "overflow" told of them."""
        return 0 if self._link is None else self._link.lost

    # --- common pieces

    def _check_open(self):
        if self._closed:
            raise OSError(EBADF, "the socket is closed")

    def _check_alive(self, link):
        if link.error is not None:
            raise link.error
        if link.closed:
            raise ConnectionClosed("the peer has closed the connection")

    def _link_open(self):
        self._check_open()
        if self._link is None:
            raise OSError(ENOTCONN, "the socket is not connected")
        return self._link

    def _timed_out(self):
        if self._timeout_ms == 0:
            return OSError(EAGAIN, "no data yet")
        return SocketTimeout("no data within %d ms" % (self._timeout_ms or 0))


class Socket(BaseSocket):
    """A blocking socket."""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def recv_into(self, buf, nbytes=0):
        """Store what is there, at most one block and `nbytes` (default: `len(buf)`), at the start of `buf`; return how much.

        0 means the end. Waits for the first byte as long as the time-out says: SocketTimeout; OSError EAGAIN when the socket
        does not wait. Allocates nothing.
        """
        nbytes = nbytes or len(buf)
        if nbytes and self._fill():
            return self._link.ring.readinto(buf, nbytes)
        return 0

    def readinto(self, buf, nbytes=0):
        """Like `recv_into`, but None when nothing is there and the socket does not wait."""
        if self._timeout_ms == 0 and self._peek() == WAIT:
            return None
        return self.recv_into(buf, nbytes)

    def recv(self, n):
        """Return up to `n` bytes (at most one block), b"" at the end. Waits as `recv_into` does."""
        if not n or not self._fill():
            return b""
        return bytes(self._take(n))

    def _take(self, n):
        ring = self._link.ring
        buf = bytearray(min(n, ring.next()))
        ring.readinto(buf)
        return buf

    def _fill(self):
        """Wait until data is in the ring: True; the end: False. No allocation, command included."""
        link = self._link_open()
        modem = self._modem
        deadline = None if self._timeout_ms is None else modem._deadline(self._timeout_ms)
        while True:
            r = link.look(modem._port.ticks_ms())
            if r != WAIT:
                if modem._engine.events:
                    modem._deliver()
                return r == DATA
            if link.refused:
                if not modem._drive(modem._settle_link(link, deadline)):
                    raise self._timed_out()
            elif not modem._wait(deadline) and link.look(modem._port.ticks_ms()) == WAIT:
                raise self._timed_out()

    def _peek(self):
        """Let in what has arrived; return DATA, EOF or WAIT without waiting."""
        link = self._link_open()
        modem = self._modem
        link.look(modem._port.ticks_ms())
        modem._wait(modem._port.ticks_ms())
        if link.refused:
            modem._drive(modem._settle_link(link, modem._port.ticks_ms()))
        return link.look(modem._port.ticks_ms())

    async def _data(self):
        return self._fill()

    def ioctl(self, request, arg):
        """What select.poll on MicroPython asks: readable, writable, hung up."""
        if request == _MP_POLL:
            try:
                readable = self._peek() != WAIT
            except OSError:
                return arg & (_POLL_RD | _POLL_WR) | _POLL_HUP
            return arg & ((_POLL_RD if readable else 0) | (0 if self._link.closed else _POLL_WR))
        if request == _MP_CLOSE:
            self.close()
            return 0
        return -1
