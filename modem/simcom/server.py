"""Servers on SIMCom modules: SERVERSTART, SERVERSTOP, +CLIENT (TCP-S 3.4). There are four; their clients take links 0-9."""

from ..at.command import OK, Command
from ..at.params import after_comma, digits, fits, number, split
from ..compat import const
from ..errors import CommandError, ConnectionClosed
from ..net.connect import close_link
from ..net.link import DRAINED, OPENING, TRANSPARENT
from ..net.server import end, incoming
from .access import source_of
from .result_command import LINKS, LOCAL_MS, SERVERS, SESSIONS, Close, Rows

_BACKLOG = const(3)  # most connections that may wait in the module
_FIRST = LINKS + SESSIONS  # place of server 0 in the table of links


class _Start(Command):
    """AT+SERVERSTART: from its beginning on the module may listen."""

    def __init__(self, link):
        port = number("port", link.port, 0, 65535)
        backlog = min(link.limit or _BACKLOG, _BACKLOG)
        super().__init__(b"AT+SERVERSTART=%d,%d,%d\r" % (port, link.number, backlog), None, LOCAL_MS)
        self._link = link

    def on_begin(self):
        self._link.held = True
        self._link.state = OPENING

    def on_done(self):
        if self.result == OK:
            self._link.on_opened(0)


async def start(link, deadline):
    """Listen on `link.port` as server `link.number`; the port comes first (TCP-S 3.4)."""
    m = link.session
    if m.dialect.server_urcs is None:
        m.dialect.server_urcs = ServerUrcs(m)
    try:
        await m.run(_Start(link), deadline)
    except CommandError:
        link.held = False
        raise


async def stop(link, deadline):
    """Stop listening. The module wants all clients of the server closed before (TCP-S, flow chart): they end with it. Where it
    refuses all the same, there are clients that were not announced.
    """
    for last in (False, True):
        await _close_clients(link)
        if not link.held:
            return
        try:
            await Close(link, b"+SERVERSTOP=%d" % link.number, b"+SERVERSTOP:", link.session.dialect.server_urcs.on_stop).run(
                deadline
            )
        except CommandError:
            if last:
                raise
        if link.held and not await is_listening(link, deadline):
            link.held = False


async def _close_clients(link):
    m = link.session
    await end(m, link)
    for client in m.links[:LINKS]:
        if client is not None and client.server == link.number:
            client.fail(ConnectionClosed("the server of this connection was closed, and its clients with it"))
            await close_link(m, client)


async def is_listening(link, deadline):
    """Return whether server `link` listens (AT+SERVERSTART?). Clients of it that no URC has announced are announced now."""
    for values in await link.transport.rows(deadline):
        if values[4:5] == [link.number] and link.session.links[values[0]] is None:
            _announce(link, values[0], values[2], values[3])
    rows = await Rows(b"+SERVERSTART", _is_row).read(link.session, deadline)
    return link.number in [values[0] for values in rows]


def _is_row(buf, s, e):
    return digits(buf, s, e) >= 0


async def is_client(link, deadline):
    """Return whether the module has `link` as a client of its server; its address is what the list of links says.

    A digit of +CLIENT that is damaged on the line names another link. The list shows the index of the server, or one more
    (an example in TCP-S).
    """
    if link.ended() or link.access == TRANSPARENT:
        return True
    for values in await link.transport.rows(deadline):
        if values[0] == link.number and values[4:5] in ([link.server], [link.server + 1]):
            if values[2] and values[3]:
                link.peer = (values[2].strip("[]"), values[3])
            return True
    return link.ended()


def _announce(server, n, host, port):
    m = server.session
    incoming(m, server, n, host, port)
    m.links[n].held = True
    m.links[n].server = server.number


class ServerUrcs:
    """URCs of servers."""

    def __init__(self, module):
        self._module = module
        engine = module.engine
        engine.urc(b"+CLIENT:", self._on_client)
        engine.urc(b"+SERVERSTOP:", self.on_stop)
        engine.urc(b"CONNECT", self._on_connect)

    def _server(self, n):
        return self._module.links[_FIRST + n] if 0 <= n < SERVERS else None

    def on_stop(self, buf, s, e):
        """+SERVERSTOP: <server>,<err>."""
        server = self._server(digits(buf, s, e))
        if server is None:
            return False
        server.close_result = digits(buf, after_comma(buf, s, e), e)
        if not server.close_result:
            server.held = False
        self._module.engine.changed = True

    def _on_client(self, buf, s, e):
        """+CLIENT: <link>,<server>,<ip>:<port>. What had the link before has ended, and the module no longer holds it."""
        line = bytes(memoryview(buf)[s:e])
        values = split(line)
        if not fits(values, "nn.") or not 0 <= values[0] < LINKS:
            return False
        server = self._server(values[1])
        if server is None:
            return False
        host, port = source_of(line[line.rfind(b",") + 1 :]) or (None, 0)  # is_client() asks for it
        links = self._module.links
        before = links[values[0]]
        if before is not None:
            if before.server == values[1] and before.peer == (host, port) and not before.ended():
                return True  # the same line once more
            before.held = False
            if before.read is not None and before.state < DRAINED:
                before.promised = True  # nobody has read it to its end
            before.on_gone()
            links[values[0]] = None
        _announce(server, values[0], host, port)

    def _on_connect(self, buf, s, e):
        """CONNECT by itself: the client just reported is connected transparently (TCP-S 3.4.1); the next byte is its data."""
        m = self._module
        link = m.links[0]
        if m.dialect.access != TRANSPARENT or link is None or link.server is None:
            return False
        from ..net.escape import TransparentLine

        link.set_access(TRANSPARENT, None)
        m.engine.parser.set_raw(TransparentLine(m, link))
