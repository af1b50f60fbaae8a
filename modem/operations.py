"""What a socket can do beyond a TCP client in one access mode. The work is in the modules named here, loaded on first use."""

from errno import EAGAIN, EINVAL, ENOTCONN

from .compat import const
from .errors import SocketTimeout
from .link import DATAGRAM, TRANSPARENT

_LONGEST_S = const(536870)  # ticks of a small board go round after 2**30 ms
SEND_NOW_MS = 1000


class Extra:
    """Methods of the sockets: servers, datagrams, access modes, and small answers. See late.py."""

    def bind(self, address):
        """Choose the local port: `address` is `(host, port)`, of which only the port counts (the module has one address).

        A datagram socket is opened by it, as service for any peer (`sendto`, `recvfrom`). A stream socket keeps the port for
        `listen` or `connect`. Port 0 lets the module choose (`connect`), or the driver (datagram); a server needs one. Raises
        CommandError with the module's code, for example when the port is in use.
        """
        from .servers import bind

        return self._modem._drive(bind(self, address))

    def listen(self, backlog=None):
        """Wait for clients on the port given to `bind`; `accept` hands them out.

        `backlog`: the most clients that may be connected at a time; None: as many as the module has connection ids. One more is
        turned away by the module and reported as event "incoming full". On SIMCom the module takes clients as long as it has
        links; `backlog` (at most 3) is how many may wait for their connection.
        """
        from .servers import listen

        return self._modem._drive(listen(self, backlog))

    def accept(self):
        """Return `(socket, (host, port))` of the next client; waits for it as long as the time-out says.

        The client's socket has the listener's access mode and ring size. Raises SocketTimeout, OSError EAGAIN when the socket
        does not wait, ConnectionClosed when the listener has ended, LineBusy while a transparent socket has the line.
        """
        from .servers import accept

        return self._modem._drive(accept(self))

    def sendto(self, data, address):
        """Send one datagram to `address` `(host, port)`; return its length.

        A host name is resolved by the module first (Quectel wants an address here); the last one is remembered. A socket without
        port is bound to a free one. OSError EMSGSIZE when `data` is longer than the module sends in one datagram.
        """
        from .datagrams import sendto

        return self._modem._drive(sendto(self, data, address))

    def recvfrom(self, n):
        """Return `(data, (host, port))` of the next datagram, cut to `n` bytes. Waits as `recv` does.

        The address is None where the module does not tell it: on SIMCom, in buffer mode, for what came while something waited.
        """
        from .datagrams import recvfrom

        return self._modem._drive(recvfrom(self, n))

    def recvfrom_into(self, buf, nbytes=0):
        """Store the next datagram at the start of `buf`, cut to `nbytes` (default: all); return `(length, (host, port))`."""
        from .datagrams import recvfrom_into

        return self._modem._drive(recvfrom_into(self, buf, nbytes))

    def switch(self, access):
        """Change the access mode of the open connection: "buffer", "push" or "transparent".

        What the module holds is fetched first, so that nothing is lost; OSError ENOBUFS when it does not fit into the socket's
        ring: read first. Out of transparent mode it is `escape`, with its limits.
        """
        from .transparent import switch

        return self._modem._drive(switch(self, access))

    def escape(self, dtr=False):
        """Leave transparent mode; the connection stays, in buffer mode, and other commands can run. Takes a little over 2 s.

        By `+++` between two silences of more than a second; `dtr=True` by dropping DTR, where the port carries it (at once).
        Signalling inside the data has limits: if the module did not see the sequence, `+++` has gone to the peer as data (the
        driver tries once more, then raises ModemTimeout); see transparent.py for the rest.
        """
        from .transparent import escape

        return self._modem._drive(escape(self, dtr))

    def resume(self):
        """Go back into transparent mode after `escape`. ConnectionClosed when the connection has ended meanwhile."""
        from .transparent import switch

        return self._modem._drive(switch(self, "transparent"))

    async def _send_now(self, data, off, n):
        """Send on a socket that does not wait: OSError EAGAIN when nothing was taken, so that it may be tried again.

        A command that has begun is seen through, for half of it cannot be taken back: SocketTimeout when the module owes its
        result for more than a second.
        """
        engine = self._modem._engine
        limit_ms = 0 if self._link.access == TRANSPARENT else SEND_NOW_MS
        if not limit_ms or not n or engine.free() or engine.adrift():
            try:
                return await self._send(data, off, n, limit_ms)
            except SocketTimeout:
                if engine.request is not None:
                    raise
        raise OSError(EAGAIN, "the module takes nothing now")

    # --- small answers

    def settimeout(self, seconds):
        """Set the time-out of every blocking call in seconds: None waits without limit (so do more than six days), 0 never waits.

        A send that has begun is seen through all the same, for up to a second: the module's word is what counts. What opens a
        socket or switches it (`connect`, `bind`, `listen`, `switch`) waits for the module with 0, too: at most 150 s.
        """
        if seconds is not None:
            if not seconds >= 0:
                raise ValueError("seconds must be None, 0 or more")
            # half the range of the ticks on a small board; less than a millisecond is not 0, which means something else
            seconds = None if seconds > _LONGEST_S else int(seconds * 1000) or (1 if seconds else 0)
        self._timeout_ms = seconds

    def gettimeout(self):
        """Return the time-out in seconds as `settimeout` has set it, None for no limit."""
        return None if self._timeout_ms is None else self._timeout_ms / 1000

    def setblocking(self, flag):
        """Same as `settimeout(None)` (true) or `settimeout(0)` (false)."""
        self._timeout_ms = None if flag else 0

    def setsockopt(self, *args):
        """Accepted and without effect, for programs that set SO_REUSEADDR; options of the module: `modem.configure()`."""

    def shutdown(self, how):
        """NotSupported, as the modules end both directions at once: `close()` does that."""
        from .errors import NotSupported

        raise NotSupported("the modules cannot end one direction of a connection: use close()")

    def connection_id(self):
        """Return the module's number of the connection, -1 where there is none.

        There is no `fileno()`: the operating system knows nothing of this socket.
        """
        return -1 if self._link is None else self._link.number

    def getpeername(self):
        """Return `(host, port)` of the other side as it was given to `connect`, or as the module reported it."""
        link = self._link_open()
        if link.kind > DATAGRAM:
            raise OSError(ENOTCONN, "the socket has no peer")
        return link.peer

    def getsockname(self):
        """Return `(address, port)` of this side; the port is 0 where the module chose one and was not asked yet."""
        link = self._link
        return (self._modem.ifconfig()[0], link.port if link is not None else self._bound[1] if self._bound else 0)

    def makefile(self, mode="rb", buffering=0):
        """Return the socket itself: it is a stream, as MicroPython's sockets are."""
        return self

    # --- what the peer has

    def stats(self):
        """Return `(sent, acknowledged, pending)` in bytes, as the module counts them. NotSupported where it does not."""
        return self._modem._drive(self._stats())

    async def _stats(self):
        link = self._link_open()
        modem = self._modem
        return await link.ops.counters(modem, link, modem._deadline(self._timeout_ms or None))

    def flush(self):
        """Wait until the peer has acknowledged all that was sent. SocketTimeout when that takes longer than the time-out."""
        return self._modem._drive(self._flush())

    async def _flush(self):
        modem = self._modem
        deadline = modem._deadline(self._timeout_ms)
        pause_ms = 20
        while (await self._stats())[2]:
            if not await modem._sleep(pause_ms, deadline):
                raise SocketTimeout("the peer has not acknowledged everything")
            pause_ms = min(pause_ms * 2, 1000)

    def _listening(self):
        link = self._link_open()
        if link.backlog is None:
            raise OSError(EINVAL, "the socket does not listen")
        return link
