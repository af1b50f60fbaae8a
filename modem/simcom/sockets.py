"""Open connections on SIMCom modules in buffer mode: CIPSEND, CIPRXGET (TCP-S 3.2, 3.3). Opening and closing: opening.py.

One receive mode holds for all sockets of the module: modes.py.
"""

from ..compat import const
from ..errors import ModemError
from ..fields import after_comma, digits
from ..link import BUFFER, DATAGRAM, STREAM, TRANSPARENT
from ..request import OK, Fetch
from .order import LIMIT_MS, LOCAL_MS, Order

SLOTS = (0, 10)  # links 0-9

_NO_DATA = const(22)  # +IP ERROR: No data


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
        s += 10
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
            if not (self._link.ready or self._link.closed):
                self._link.refused = True  # nothing was promised: a link that is gone answers so too
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
    nbytes = m._block(link, m.dialect.max_read)
    if link.kind == STREAM:
        return Read(link, nbytes)
    from .datagrams import Read as ReadDatagram

    return ReadDatagram(link, nbytes)


async def send(m, link, data, off, n, deadline, peer=b""):
    """Have the module take `data[off:off+n]`; return when it says so. Never sends a byte twice.

    The next command for the same link waits for `+CIPSEND: <link>,<asked>,<taken>`. When the two differ the module must not be
    used to send on that link any further (AT manual, CIPSEND): the connection is closed. A result that never comes is looked
    up in the byte counters (AT+CIPACK); where they do not tell, the connection fails.

    start() switches the echo of payload off (AT+CIPCFG). A firmware that echoes and has no such command is got along with as long
    as no line of the payload is an answer of the module.
    """
    if m.dialect.access == TRANSPARENT:
        from ..errors import NotSupported

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
    except ModemError as error:
        from ..unsent import again

        if await again(m, link, order, error, before, n, deadline):
            return await send(m, link, data, off, n, deadline, peer)
    if link.sent - before != n:
        from .rare import cut_short

        await cut_short(m, link, link.sent - before, n)


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
        await m._result(link, "taken", m._earlier(deadline, LIMIT_MS), b"+CIPSEND=%d" % link.number)


def __getattr__(name):
    """Opening and closing, and what is not needed all the time, are loaded on first use."""
    if name in ("open", "begin", "close"):
        from . import opening as module
    elif name in ("settle", "rows"):
        from . import states as module
    elif name in ("switch", "resume_line", "peer", "counters"):
        from . import modes as module
    else:
        raise AttributeError(name)
    return getattr(module, name)
