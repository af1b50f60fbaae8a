"""The access mode of a SIMCom module (TCP-S 1.5.4): one for all sockets, changed only while no other socket is open. Also: what
the module sends in push mode and in transparent mode. Loaded with the first connection that is more than a TCP client in buffer
mode.
"""

from ..at.command import LOST, OK, Command
from ..at.params import after_comma, digits, is_address, text
from ..compat import const
from ..errors import CommandError, ConnectionClosed, ModemTimeout, NotSupported
from ..net.link import ACCESS, BUFFER, LISTENER, OPEN, OPENING, PUSH, SERVICE, TRANSPARENT
from .result_command import LIMIT_MS, LINKS, LOCAL_MS, Rows, one_field

_LONGEST_SOURCE = const(64)  # bytes of <ip>:<port>
_PUSHED_MOST = const(4096)  # no module pushes a longer block: a digit was doubled on the line
# what ends the data phase (TCP-S 3.2.3, 4.2): field logs show the two lines in both orders, and each alone
_CARRIER_LOST = (
    b"\r\n+IPCLOSE: 0,1\r\n\r\nCLOSED\r\n",
    b"\r\nCLOSED\r\n\r\n+IPCLOSE: 0,1\r\n",
    b"\r\n+IPCLOSE: 0,1\r\n",
    b"\r\nCLOSED\r\n",
)


async def use(link, access, deadline):
    """Put mode `access` in force for `link`. NotSupported, naming the mode in force, while other sockets are open in it."""
    m = link.session
    dialect = m.dialect
    if dialect.push is None:
        dialect.push = PushUrcs(m)
    _check(m, link, access)
    if access == TRANSPARENT:
        dialect.carrier_lost = _CARRIER_LOST
        dialect.end_frees = True  # the id is free then, for the next client of a server
    before = dialect.access
    if access == before:
        return
    dialect.access = None  # until all of it is done
    if TRANSPARENT in (access, before) or (before is None and not _others(m, link)):
        from .pdp import close_service, open_service

        # CIPMODE is set before NETOPEN (TCP-S 3.2.3)
        await close_service(m, deadline)
        await m.cmd(b"+CIPMODE=%d" % (access == TRANSPARENT), limit_ms=LOCAL_MS, deadline=deadline)
        await open_service(m, deadline)
    if access == PUSH:
        for line in (b"+CIPHEAD=1", b"+CIPSRIP=1"):
            await m.cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
    if access != TRANSPARENT:
        await _set_receive_mode(link, access, deadline)
        dialect.sources = False
    dialect.access = access


def _check(m, link, access):
    dialect = m.dialect
    others = _others(m, link)
    in_force = dialect.access if dialect.access is not None or not others else others[0].access  # None: half set
    if others and access != in_force:
        raise NotSupported(
            "%s has one access mode for all its sockets: %s is in force while sockets are open (%s)"
            % (dialect.model, ACCESS[in_force], dialect.document)
        )
    if access == TRANSPARENT and (others or link.number):
        raise NotSupported("%s: transparent access needs link 0 and no other socket open" % dialect.model)
    if access == PUSH and not dialect.link_headers and (others or link.kind == LISTENER):
        raise NotSupported("this firmware of %s does not name the link of pushed data: one push socket only" % dialect.model)


def _others(m, link):
    """What ended with its context or with a restart is not the module's any more, though a socket may still hold its place."""
    return [
        one
        for one in m.links
        if one is not None and one is not link and one.transport is link.transport and not isinstance(one.error, ConnectionClosed)
    ]


class _ReceiveMode(Command):
    """AT+CIPRXGET=0 or 1: from its OK on the link, if it is open, is in that mode."""

    def __init__(self, link, access):
        super().__init__(b"AT+CIPRXGET=%d\r" % (access == BUFFER), None, LOCAL_MS)
        self._link = link
        self._access = access

    def on_done(self):
        link = self._link
        if self.result == OK:
            link.session.dialect.access = self._access
            if link.state == OPEN and link.kind != LISTENER:
                link.set_access(self._access, None)
                link.read = link.transport.reader(link)


async def _set_receive_mode(link, access, deadline):
    """Some firmware has been seen to answer nothing to AT+CIPRXGET=0: then it is asked what is in force."""
    command = _ReceiveMode(link, access)
    try:
        await link.session.run(command, deadline)
    except ModemTimeout:
        if command.result != LOST:
            raise
        shown = await Rows(b"+CIPRXGET", one_field).read(link.session, deadline)
        if not shown or shown[-1][0] != (access == BUFFER):
            raise
        command.result = OK
        command.on_done()


async def dial(link, line, deadline):
    """Open `link` transparently: CONNECT, and from there on the line carries its data (TCP-S 3.2.3)."""
    from ..net.transparent import enter

    link.held = True
    link.state = OPENING
    link.open_result = None
    try:
        await enter(link.session, link, b"AT" + line, LIMIT_MS, deadline)
    except CommandError as error:
        link.held = False
        if error.code is None and link.open_result:
            error.code = link.open_result
            error.family = "simcom"
        raise
    if link.ended():
        raise link.error or ConnectionClosed("the connection has ended")


class PushUrcs:
    """URCs of pushed data and of senders. No allocation for pushed streams."""

    def __init__(self, module):
        self._module = module
        self._engine = engine = module.engine
        self._source = bytearray(_LONGEST_SOURCE)  # <ip>:<port> of what comes next
        self._nsource = 0
        self._owed = False  # a header must follow the sender: data were pushed when it came
        engine.starts = b"+RCO"  # some firmware ends its lines, and begins none with a line end
        engine.urc(b"+CIPRXGETIP:", self._on_from)
        engine.urc(b"+RECEIVE,", self._on_receive)
        engine.urc(b"+IPD", self._on_ipd)
        engine.urc(b"RECV FROM:", self._on_from)
        engine.urc(b"+RECV FROM:", self._on_from)
        engine.urc(b"CLOSED", self._on_closed)

    def _on_closed(self, buf, s, e):
        """CLOSED: end of a transparent connection; +IPCLOSE or +CIPCLOSE comes with it."""
        return s == e

    def _on_from(self, buf, s, e):
        """A sender, before the header of what it has sent. In push mode the header must follow."""
        self.check()
        n = 0
        source = self._source
        while s < e and n < _LONGEST_SOURCE:
            source[n] = buf[s]
            n += 1
            s += 1
        self._nsource = n
        self._owed = self._module.dialect.access == PUSH

    def check(self):
        """Something else comes: the header that was to follow a sender in push mode is lost, and its data with it."""
        if self._nsource and self._owed and self._module.dialect.access == PUSH:
            self._nsource = 0
            self._module.on_gap()

    def announced(self, link):
        """Data have come for a UDP service: the sender reported with them is that of the first one that waits."""
        if self._nsource and not link.ready and not link.ring.any():
            link.source = self._sender()
        self._nsource = 0

    def _sender(self):
        return source_of(bytes(memoryview(self._source)[: self._nsource])) if self._nsource else None

    def _on_receive(self, buf, s, e):
        link = self._module.dialect.link(buf, s, e)
        if link is None and not self._has_pushed(digits(buf, s, e)):
            return False
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)  # few locals on purpose: see Engine.on_line
        return self._pushed(link, s)

    def _has_pushed(self, n):
        return n >= 0 and self._module.dialect.pushed_ids >> n & 1

    def _on_ipd(self, buf, s, e):
        s = digits(buf, s, e)
        return self._pushed(self._only_link(), s)

    def _only_link(self):
        """Without the link's number there is only one push socket: use()."""
        links = self._module.links
        i = 0
        while i < LINKS:
            if links[i] is not None and links[i].access == PUSH:
                return links[i]
            i += 1
        return None

    def _pushed(self, link, n):
        if n < 0 or self._module.dialect.access == BUFFER or self._module.dialect.access == TRANSPARENT:
            return False
        if link is None or link.access != PUSH:
            self._module.on_gap()  # the link's number is wrong, or the line that announced the link was lost
            if 0 < n <= _PUSHED_MOST:
                self._engine.discard(n)
        elif n > _PUSHED_MOST:
            link.on_broken(0)
        elif n:
            link.on_block(n, link, None if link.kind != SERVICE else self._sender())
        self._nsource = 0
        return True


def source_of(address):
    """Return (host, port) of `<ip>:<port>` (bytes): the port follows the last colon (TCP-S 1.5.4); None: no address."""
    at = address.rfind(b":")
    host = text(address[: max(0, at)].strip().strip(b"[]"))
    port = digits(address, at + 1, len(address))
    return (host, port) if is_address(host) and port >= 0 else None
