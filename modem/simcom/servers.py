"""Servers on SIMCom modules: SERVERSTART, SERVERSTOP, +CLIENT (TCP-S 3.4): four of them; clients take links 0-9."""

from ..compat import const
from ..errors import ConnectionClosed
from ..fields import number
from ..link import STREAM
from ..params import split
from .order import LIMIT_MS, LOCAL_MS, Order

_BACKLOG = const(3)  # most connections that may wait


async def start(m, link, deadline):
    """Listen on `link.port` as server `link.number`; the port comes first (TCP-S 3.4)."""
    line = b"+SERVERSTART=%d,%d,%d" % (number("port", link.port, 0, 65535), link.number, min(link.limit or _BACKLOG, _BACKLOG))
    link.stop_result = None
    await m._cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
    link.opened = True


async def stop(m, link, deadline):
    """Stop listening. The module wants all clients of the server closed before (TCP-S, flow chart): they end with it."""
    from ..servers import end

    await end(m, link)
    for client in m._links:
        if client is not None and getattr(client, "server", None) == link.number:
            client.fail(ConnectionClosed("the server of this connection was closed, and its clients with it"))
            await m._close_link(client)
    if not link.opened:
        return
    line = b"+SERVERSTOP=%d" % link.number
    until = m._earlier(deadline, LIMIT_MS)
    await m._run(Order(line, b"+SERVERSTOP:", m.dialect.arrivals.on_stop, link.number), deadline)
    await m._result(link, "stop_result", until, line)


def incoming(m, first, line):
    """+CLIENT: <link>,<server>,<ip>:<port>; server `n` has place `first` + n. Return False when it is no such line."""
    from .datagrams import source

    values = split(line)
    if len(values) < 3 or not isinstance(values[0], int) or not isinstance(values[1], int):
        return False
    server = m._links[first + values[1]] if 0 <= values[1] < len(m._links) - first else None
    if server is None or not 0 <= values[0] < first:
        return False
    from ..servers import incoming as accept

    host, port = source(line[line.rfind(b",") + 1 :])
    accept(m, server, values[0], host, port)
    client = m._links[m.dialect.slots(server.ops, STREAM)[0] + values[0]]
    client.server = server.number
    return True
