"""Listening sockets: their clients, from the module's word of them to accept()."""

from errno import EINVAL, EOPNOTSUPP

from ..at.params import number
from ..compat import const
from ..errors import ConnectionClosed, LineBusy
from .connect import abandon, close_link, forget, open_link
from .link import CLOSING, LISTENER, STREAM, TRANSPARENT
from .link_recovery import add_link

_ANY = "127.0.0.1"  # what stands for "this module" in the open command of a server
_CONFIRM_MS = const(9000)


async def listen(sock, backlog):
    """See `AsyncSocket.listen`."""
    sock.check_open()
    m = sock.module
    if sock.access == TRANSPARENT and not m.known().transparent_server:
        # which of its peers would the bytes belong to?
        raise OSError(EOPNOTSUPP, "a server's access mode must be buffer or push")
    if sock.link is not None or not sock.bound or sock.is_datagram():
        raise OSError(EINVAL, "listen() needs a stream socket that is bound and not connected")
    number("port", sock.bound[1], 1, 65535)  # the modules choose none for a server
    transport = m.known().transport(sock.tls)
    transport.check(LISTENER, sock.access)
    most = transport.slots(STREAM)[1]
    sock.limit = most if backlog is None else number("backlog", backlog, 1, most)
    link = await open_link(sock, LISTENER, _ANY, 0, m.deadline(sock.timeout_ms or None))
    if link.backlog is None:  # else a client was there before the result of the open
        link.backlog = []


def incoming(m, server, n, host, port):
    """URC: the module has given connection id `n` to a client of the listening link `server`.

    What stood for that id so far has ended: a link of ours that waits there for its open gets an ERROR and tries another id.
    The same URC once more changes nothing.
    """
    before = m.links[server.transport.slots(STREAM)[0] + n]
    if before is not None and before.peer == (host, port) and before.port == server.port and not before.ended():
        return
    link = add_link(m, server.transport, n, server.access, server.size)
    link.port = server.port
    link.context = server.context
    link.peer = (host, port)
    link.abandoned = server.abandoned  # no task will accept it
    link.read = link.transport.reader(link)
    if server.backlog is None:
        server.backlog = []
    if len(server.backlog) >= server.limit:
        abandon(link)  # more than may wait: closed at the next chance
        return
    server.backlog.append(link)
    m.engine.event("incoming", server)


async def accept(sock):
    """See `AsyncSocket.accept`."""
    server = sock.open_link()
    if server.backlog is None:
        raise OSError(EINVAL, "the socket does not listen")
    m = sock.module
    deadline = m.deadline(sock.timeout_ms)
    while not await _has_client(server):
        if server.error is not None:
            raise server.error
        if server.state >= CLOSING:
            raise ConnectionClosed("the listening socket is closed")
        if m.engine.parser.raw is not None:
            raise LineBusy("a socket in transparent mode has the line")
        if server.silent(m.port.ticks_ms()):  # the URC "incoming" may be lost
            if not await m.settle(server, deadline):
                raise sock.timed_out()
        elif not await m.turn(deadline) and not server.backlog:
            raise sock.timed_out()
    link = server.backlog.pop(0)
    client = type(sock)(m, sock.family, sock.type, "buffer", None, sock.rxbuf)
    client.access = link.access
    client.link = link
    link.owner = client
    return client, link.peer


async def _has_client(server):
    """Whether a client is first in the queue. What is none is forgotten, and the module is asked for the one that was meant."""
    m = server.session
    while server.backlog:
        link = server.backlog[0]
        is_client = await link.transport.is_client(link, m.deadline(_CONFIRM_MS))
        if server.backlog and server.backlog[0] is link:
            if is_client:
                return True
            server.backlog.pop(0)
            forget(m, link)
            server.probe_at = m.port.ticks_ms()
    return False


async def end(m, server):
    """A listening link is being closed: close the clients that no task has accepted."""
    while server.backlog:
        await close_link(m, server.backlog.pop(0))
