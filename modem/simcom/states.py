"""What a SIMCom module says about its links: CIPOPEN?, CIPCLOSE? (TCP-S 3.2, 3.3). Asked when something went wrong."""

from ..errors import CommandError
from ..fields import after_comma, digits
from ..params import split
from ..request import Request
from .order import LOCAL_MS


class Rows(Request):
    """A read command whose rows share their prefix with result lines: `shape(buf, s, e)` tells them apart."""

    def __init__(self, line, prefix, shape):
        super().__init__(b"AT" + line + b"\r", prefix, LOCAL_MS)
        self._shape = shape

    def on_info(self, buf, s, e):
        """Take a row; leave a result line to the URC table."""
        return self._shape(buf, s + len(self.prefix), e) and Request.on_info(self, buf, s, e)


def _row(buf, s, e):
    """A row of AT+CIPOPEN? or AT+CCHOPEN?: the number alone, or a text behind it; a result line has a number there."""
    at = after_comma(buf, s, e)
    return at == e or digits(buf, at, e) < 0


async def rows(m, deadline=None):
    """Return the open links as lists [link, type, host, port, server index or -1] (AT+CIPOPEN?)."""
    request = await m._run(Rows(b"+CIPOPEN?", b"+CIPOPEN:", _row), deadline)
    return [row for row in [split(line) for line in request.lines] if len(row) > 1 and row[0] in range(10)]


async def sessions(m, deadline=None):
    """Return the open TLS sessions as lists [session, host, port, type, ...] (AT+CCHOPEN?)."""
    request = await m._run(Rows(b"+CCHOPEN?", b"+CCHOPEN:", _row), deadline)
    return [row for row in [split(line) for line in request.lines] if len(row) > 3 and row[1]]


async def in_use(m, link):
    """Return whether the module has the link's number in use, which this driver did not open."""
    try:
        return link.open_result != 0 and [row for row in await rows(m) if row[0] == link.number] != []
    except CommandError:
        return False


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
