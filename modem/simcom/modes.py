"""The receive mode of a SIMCom module: one for all sockets (TCP-S 1.5.4), changed only while no other socket is open."""

from ..errors import CommandError, ConnectionClosed, ModemTimeout, NotSupported, ProtocolError
from ..fields import after_comma, number
from ..link import BUFFER, LISTENER, PUSH, TRANSPARENT
from ..params import quoted, split
from ..request import LOST, OK, Request
from ..sockets import ACCESS
from ..turning import turn
from .order import LIMIT_MS, LOCAL_MS
from .sockets import reader

# what ends the data phase (TCP-S 3.2.3, 4.2): field logs show the two lines in both orders, and each alone
_CARRIER_LOST = (
    b"\r\n+IPCLOSE: 0,1\r\n\r\nCLOSED\r\n",
    b"\r\nCLOSED\r\n\r\n+IPCLOSE: 0,1\r\n",
    b"\r\n+IPCLOSE: 0,1\r\n",
    b"\r\nCLOSED\r\n",
)


async def use(m, access, link, deadline=None):
    """Put mode `access` in force for `link`. NotSupported, naming the mode in force, while other sockets are open in it."""
    dialect = m.dialect
    if dialect.arrivals is None:
        from .arrivals import Arrivals

        dialect.arrivals = Arrivals(dialect, m._engine)
    # what ended with its context or with a restart is not the module's any more, though a socket may still hold its place
    others = [
        one
        for one in m._links
        if one is not None and one is not link and one.ops is link.ops and not isinstance(one.error, ConnectionClosed)
    ]
    if others and access != dialect.access:
        raise NotSupported(
            "%s has one access mode for all its sockets: %s is in force while sockets are open (%s)"
            % (dialect.model, ACCESS[dialect.access], dialect.document)
        )
    if access == TRANSPARENT:
        dialect.carrier_lost = _CARRIER_LOST
        dialect.end_frees = True  # the link is free then, for the next client of a server
    if access == TRANSPARENT and (others or link.number):
        raise NotSupported("%s: transparent access needs link 0 and no other socket open" % dialect.model)
    if access == PUSH and not dialect.link_headers and (others or link.kind == LISTENER):
        raise NotSupported("this firmware of %s does not name the link of pushed data: one push socket only" % dialect.model)
    if access == dialect.access:
        return
    if TRANSPARENT in (access, dialect.access):
        from .context import open
        from .ending import close

        # CIPMODE is set before NETOPEN (TCP-S 3.2.3)
        await close(m, deadline)
        await m._cmd(b"+CIPMODE=%d" % (access == TRANSPARENT), limit_ms=LOCAL_MS, deadline=deadline)
        await open(m, deadline)
    if access == PUSH:
        for line in (b"+CIPHEAD=1", b"+CIPSRIP=1"):
            await m._cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
    if access != TRANSPARENT:
        await _turned(m, _Turn(m, link, access), deadline)
        dialect.sources = False
    dialect.access = access


class _Turn(Request):
    """AT+CIPRXGET=0 or 1: from its OK on the open link, if there is one, is in that mode."""

    def __init__(self, m, link, access):
        super().__init__(b"AT+CIPRXGET=%d\r" % (access == BUFFER), None, LOCAL_MS)
        self._modem = m
        self._link = link
        self.access = access

    def on_done(self):
        link = self._link
        if self.result == OK:
            self._modem.dialect.access = self.access
            if link.opened and link.kind != LISTENER:
                turn(link, self.access, None)
                link.read = reader(self._modem, link)


async def _turned(m, order, deadline):
    """Run `order`. Some firmware has been seen to answer nothing to AT+CIPRXGET=0: then it is asked what is in force."""
    try:
        await m._run(order, deadline)
    except ModemTimeout:
        if order.result != LOST:
            raise
        from .states import Rows

        shown = (await m._run(Rows(b"+CIPRXGET?", b"+CIPRXGET:", _alone), deadline)).lines
        if not shown or split(shown[-1])[0] != (order.access == BUFFER):
            raise
        order.result = OK
        order.on_done()


def _alone(buf, s, e):
    """The answer to AT+CIPRXGET? has one field; announcements have two."""
    return after_comma(buf, s, e) == e


async def dial(m, link, line, deadline):
    """Open `link` transparently: CONNECT, and from there on the line carries its data (TCP-S 3.2.3)."""
    from ..transparent import enter
    from .opening import prepare

    prepare(m, link)
    try:
        await enter(m, link, b"AT" + line, LIMIT_MS, deadline)
    except CommandError as error:
        link.opened = False
        if error.code is None and link.open_result:
            error.code = link.open_result
            error.family = "simcom"
        raise
    if link.closed:
        raise ConnectionClosed("the connection has ended")
    link.open_result = 0


async def switch(m, link, access, deadline):
    """Change between buffer and push mode, which is for all sockets of the module: NotSupported while others are open."""
    await use(m, access, link, deadline)


def resume_line(m, link):
    """Return the command that makes the line transparent again (TCP-S 3.2.3)."""
    if m.dialect.access != TRANSPARENT:
        raise NotSupported("%s: transparent access is chosen when the socket is made" % m.dialect.model)
    return b"ATO"


def peer(host, port):
    """Return what names the receiver of a datagram in AT+CIPSEND."""
    return b",%s,%d" % (quoted("host", host, 255), number("port", port, 1, 65535))


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
