"""Connections on SIMCom modules in buffer mode: CIPOPEN, CIPSEND, CIPRXGET, CIPCLOSE, CIPACK (TCP-S 3.2, 3.3).

One receive mode holds for all sockets of the module: modes.py.
"""

from ..errors import CommandError, ConnectionClosed, ModemRestarted, ModemTimeout, NotSupported, ProtocolError, SocketTimeout
from ..fields import after_comma, digits, number, quoted, split
from ..link import BUFFER, DATAGRAM, LISTENER, STREAM, TRANSPARENT
from ..request import OK, PENDING, Fetch
from ..results import result, settle_send
from .order import LIMIT_MS, LOCAL_MS, Order, Rows

SLOTS = (0, 10)  # links 0-9

_NO_DATA = 22  # +IP ERROR: No data


class Read(Fetch):
    """The command that fetches a block of a stream in buffer mode; made once per connection. No allocation."""

    def __init__(self, link, nbytes):
        super().__init__(link, b"AT+CIPRXGET=2,%d,%d\r" % (link.number, nbytes), b"+CIPRXGET:", LOCAL_MS)
        self.nbytes = nbytes
        self._promised = True

    def on_no_data(self):
        """+IP ERROR: No data. What comes after it counts anew."""
        self._promised = self._link.ready
        self._link.ready = False

    def on_info(self, buf, s, e):
        """`2,<link>,<read>,<rest>`; mode 1 is the URC with the same prefix, another link's line is not ours."""
        s += 11
        if digits(buf, s, e) != 2:
            return False
        s = after_comma(buf, s, e)
        if digits(buf, s, e) != self._link.number:
            return False
        return self._header(buf, after_comma(buf, s, e), e)

    def _header(self, buf, s, e):
        n = digits(buf, s, e)
        s = after_comma(buf, s, e)
        if n > 0:
            # nothing is left behind this block: the next URC will say when there is more
            if digits(buf, s, e) == 0 and not self._link.closed:
                self._link.ready = False
            self.on_header(self._link, n)
        elif n == 0:
            self._link.on_empty()
        return n >= 0

    def on_header(self, link, n):
        """A block of `n` bytes follows."""
        link.on_block(n, self)

    def on_done(self):
        Fetch.on_done(self)
        if self.result != OK:
            link = self._link
            # "No data" is also the answer for a link that is gone: when no URC had promised data, ask what it is
            if self.code != _NO_DATA or not (self._promised or link.ready or link.closed):
                link.refused = True
            elif not link.ready:
                link.on_empty()


def max_send(m):
    """Return the most payload bytes of one command."""
    return m.dialect.max_send


async def open(m, link, host, port, deadline):
    """Open `link`. Raises CommandError with <err>, ModemTimeout, NotSupported for another access mode than the one in force.

    A UDP link has a local port only (TCP-S 3.3): every AT+CIPSEND names the peer, so a name is resolved here, once.
    """
    if link.kind == STREAM:
        line = b'+CIPOPEN=%d,"TCP",%s,%d' % (link.number, quoted("host", host, 255), number("port", port, 1, 65535))
        line += b",%d" % link.port if link.port else b""
    if link.access != m.dialect.access or link.access != BUFFER or link.kind != STREAM:
        from .modes import use

        await use(m, link.access, link, deadline)
    if link.kind == LISTENER:
        from .servers import start

        await start(m, link, deadline)
    elif link.kind != STREAM:
        from .datagrams import open as open_datagrams

        await open_datagrams(m, link, host, port, deadline)
    elif link.access == TRANSPARENT:
        from .modes import dial

        await dial(m, link, line, deadline)
    else:
        await begin(m, link, line, deadline)


async def begin(m, link, line, deadline):
    """Send the open command and wait for its result, which comes behind OK for TCP and before it for UDP, or otherwise."""
    prepare(m, link)
    until = m._earlier(deadline, LIMIT_MS)
    try:
        await m._run(Order(line, b"+CIPOPEN:", m.dialect.on_open, link.number), deadline)
    except CommandError as error:
        link.opened = False
        if await in_use(m, link):
            error.code = m.dialect.id_in_use
        raise
    code = await result(m, link, "open_result", until, line)
    if code:
        link.opened = False
        raise CommandError("the connection failed", command="AT" + line.decode(), code=code, family="simcom")


def prepare(m, link):
    """Give a new link what this dialect keeps on it; from here on the module may hold it."""
    link.taken = 0  # <taken> of the last +CIPSEND; None while the result of a send is owed
    link.close_result = None
    link.freed = False  # +IPCLOSE: the module holds the link no longer
    link.opened = True
    if link.read is None:
        link.read = reader(m, link)


def reader(m, link):
    """Return the request that fetches a block, None where the module pushes."""
    if not hasattr(link, "taken"):  # a client of a server
        link.open_result = 0
        link.taken = 0
        link.close_result = None
        link.freed = False
    if link.access != BUFFER or m.dialect.access == TRANSPARENT:
        link.ready = False
        return None
    nbytes = min(m.dialect.max_read, link.ring.size, m._port.rxbuf - 256)
    if link.kind == STREAM:
        return Read(link, nbytes)
    from .datagrams import Read as ReadDatagram

    return ReadDatagram(link, nbytes)


async def switch(m, link, access, deadline):
    """Change between buffer and push mode, which is for all sockets of the module: NotSupported while others are open."""
    from .modes import use

    await use(m, access, link, deadline)


def resume_line(m, link):
    """Return the command that makes the line transparent again (TCP-S 3.2.3)."""
    if m.dialect.access != TRANSPARENT:
        raise NotSupported("%s: transparent access is chosen when the socket is made" % m.dialect.model)
    return b"ATO"


def peer(host, port):
    """Return what names the receiver of a datagram in AT+CIPSEND."""
    return b",%s,%d" % (quoted("host", host, 255), number("port", port, 1, 65535))


def _row(buf, s, e):
    """A row of AT+CIPOPEN?: the number alone, or with the type in quotes; a result line has a number there."""
    at = after_comma(buf, s, e)
    return at == e or digits(buf, at, e) < 0


async def rows(m, deadline=None):
    """Return the open links as lists [link, type, host, port, server index or -1] (AT+CIPOPEN?)."""
    request = await m._run(Rows(b"+CIPOPEN?", b"+CIPOPEN:", _row), deadline)
    return [row for row in [split(line) for line in request.lines] if len(row) > 1 and row[0] in range(10)]


async def in_use(m, link):
    """Return whether the module has the link's number in use, which this driver did not open."""
    try:
        return link.open_result != 0 and [row for row in await rows(m) if row[0] == link.number] != []
    except CommandError:
        return False


async def close(m, link, deadline=None):
    """Close `link` and wait for the result. After +IPCLOSE the module has freed it already (TCP-S 4.2), unless data are left."""
    link.closing = True
    if link.kind == LISTENER:
        from .servers import stop

        await stop(m, link, deadline)
        return
    if not link.opened or (link.freed and (link.drained or link.read is None)):
        return
    link.close_result = None
    until = m._earlier(deadline, LIMIT_MS)
    await m._run(Order(b"+CIPCLOSE=%d" % link.number, b"+CIPCLOSE:", m.dialect.on_close, link.number), deadline)
    await result(m, link, "close_result", until, b"+CIPCLOSE=%d" % link.number)


async def send(m, link, data, off, n, deadline, peer=b""):
    """Have the module take `data[off:off+n]`; return when it says so. Never sends a byte twice.

    The next command for the same link waits for `+CIPSEND: <link>,<asked>,<taken>`. When the two differ the module must not be
    used to send on that link any further (AT manual, CIPSEND): the connection is closed. A result that never comes is looked
    up in the byte counters (AT+CIPACK); where they do not tell, the connection fails.
    """
    if m.dialect.access == TRANSPARENT:
        raise NotSupported("%s: resume() first: a transparent connection is used in transparent mode" % m.dialect.model)
    await _settled(m, link, deadline)
    if link.kind == DATAGRAM:
        peer = link.target
    order = Send(b"+CIPSEND=%d,%d%s" % (link.number, n, peer), b"+CIPSEND:", m.dialect.on_send, link)
    before = link.sent
    link.taken = None
    try:
        await m._run(order.payload(data, off, n), deadline)
        await _settled(m, link, deadline)
    except ModemRestarted:
        raise link.error
    except ModemTimeout:
        if order.result == PENDING or order.result == OK:
            raise SocketTimeout("the module still owes the result of the send; stats() tells what it has taken")
        await settle_send(m, link, order, before, n, deadline)
        if link.sent == before:
            return await send(m, link, data, off, n, deadline, peer)
    except CommandError as error:
        if link.closed or error.code == 2:
            raise ConnectionClosed("the connection is closed", command=error.command, code=error.code, family=error.family)
        raise
    if link.sent - before != n:
        await _broken(m, link, link.sent - before, n)


class Send(Order):
    """AT+CIPSEND: an ERROR, or no answer at all, means that no result will follow."""

    def __init__(self, line, prefix, handler, link):
        super().__init__(line, prefix, handler, link.number)
        self._link = link

    def on_done(self):
        Order.on_done(self)
        if self.result != OK and self._link.taken is None:
            self._link.taken = 0


async def _settled(m, link, deadline):
    """Wait until no result of a send is owed for `link`."""
    if getattr(link, "taken", 0) is None:
        await result(m, link, "taken", m._earlier(deadline, LIMIT_MS), b"+CIPSEND=%d" % link.number)


async def _broken(m, link, took, n):
    error = ConnectionClosed("the module took %d of %d bytes: the connection is of no further use" % (took, n), code=link.taken)
    try:
        await close(m, link)
    except (CommandError, ModemTimeout):
        pass
    link.fail(error)
    raise error


async def counters(m, link, deadline=None):
    """Return (sent, acknowledged, pending) bytes of a TCP link: AT+CIPACK. After its end the module tells them no more."""
    line = b"+CIPACK=%d" % link.number
    try:
        lines = await m._cmd(line, b"+CIPACK:", LOCAL_MS, deadline)
    except CommandError as error:
        if link.closed:
            raise ConnectionClosed("closed: its counters are gone", command=error.command, code=error.code, family=error.family)
        raise
    values = split(lines[-1]) if lines else ()
    if len(values) < 2 or not isinstance(values[0], int) or not isinstance(values[1], int):
        raise ProtocolError("no counters in the answer", command="AT" + line.decode())
    return values[0], values[1], values[0] - values[1]


def _flags(buf, s, e):
    """The answer to AT+CIPCLOSE?: ten flags; a result line has two numbers."""
    return after_comma(buf, after_comma(buf, s, e), e) < e


async def connected(m, link, deadline=None):
    """Return whether the module holds `link` as connected (AT+CIPCLOSE?)."""
    request = await m._run(Rows(b"+CIPCLOSE?", b"+CIPCLOSE:", _flags), deadline)
    flags = split(request.lines[-1]) if request.lines else ()
    return len(flags) > link.number and flags[link.number] == 1


async def settle(m, link, deadline=None):
    """A read was refused, or had nothing to read when nothing was promised: ask for the state, so that a lost +IPCLOSE shows."""
    try:
        if await connected(m, link, deadline):
            link.refused = False
            return
    except CommandError:
        pass  # the service is closed
    link.refused = False
    link.freed = True
    link.on_closed()
    link.drained = True
