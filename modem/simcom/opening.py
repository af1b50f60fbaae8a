"""Opening and closing connections on SIMCom modules: CIPOPEN, CIPCLOSE (TCP-S 3.2, 3.3). See late.py."""

from ..errors import CommandError
from ..fields import after_comma, digits, number, quoted, split
from ..link import BUFFER, LISTENER, STREAM, TRANSPARENT
from ..request import Request
from .order import LIMIT_MS, LOCAL_MS, Order
from .sockets import reader


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
    code = await m._result(link, "open_result", until, line)
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


class Rows(Request):
    """A read command whose rows share their prefix with result lines: `shape(buf, s, e)` tells them apart."""

    def __init__(self, line, prefix, shape):
        super().__init__(b"AT" + line + b"\r", prefix, LOCAL_MS)
        self._shape = shape

    def on_info(self, buf, s, e):
        """Take a row; leave a result line to the URC table."""
        return self._shape(buf, s + len(self.prefix), e) and Request.on_info(self, buf, s, e)


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
    await m._result(link, "close_result", until, b"+CIPCLOSE=%d" % link.number)


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
