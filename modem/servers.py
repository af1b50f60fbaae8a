"""Listening sockets, and binding to a local port."""

from errno import EADDRINUSE, EINVAL, EOPNOTSUPP

from .compat import const
from .errors import CommandError, ConnectionClosed, LineBusy
from .fields import number
from .link import LISTENER, SERVICE, STREAM, TRANSPARENT, Link
from .sockets import SOCK_DGRAM, address_of

_ANY = "127.0.0.1"  # what stands for "this module" in the open command of a server
_FIRST_PORT = const(49152)  # of the dynamic ports
_PORTS = const(16384)
_TRIES = const(8)


def server_access(sock):
    """A server cannot be transparent: which of its peers would the bytes belong to?"""
    if sock._access == TRANSPARENT and (sock.type == SOCK_DGRAM or not getattr(sock._modem.dialect, "transparent_server", False)):
        raise OSError(EOPNOTSUPP, "a server's access mode must be buffer or push")


async def bind(sock, address):
    """See `Operations.bind`."""
    _, port = address_of(address)
    sock._check_open()
    if sock._link is not None:
        raise OSError(EINVAL, "the socket is bound already")
    sock._bound = ("", port)
    if sock.type == SOCK_DGRAM:
        await open_service(sock)


async def open_service(sock):
    """Open a datagram socket on its local port, or on a free one where it has none."""
    from .opening import open_link

    server_access(sock)
    modem = sock._modem
    deadline = modem._deadline(sock._timeout_ms or None)
    if sock._bound and sock._bound[1]:
        await open_link(sock, SERVICE, _ANY, 0, deadline)
        return
    at = modem._port.ticks_ms() % _PORTS
    for n in range(_TRIES):
        sock._bound = ("", _FIRST_PORT + (at + n * 97) % _PORTS)
        try:
            await open_link(sock, SERVICE, _ANY, 0, deadline)
            return
        except CommandError as error:
            if error.code not in modem.dialect.port_in_use:
                raise
    raise OSError(EADDRINUSE, "no free port found")


async def listen(sock, backlog):
    """See `Operations.listen`."""
    from .opening import open_link

    sock._check_open()
    server_access(sock)
    if sock._link is not None or not sock._bound or sock.type == SOCK_DGRAM:
        raise OSError(EINVAL, "listen() needs a stream socket that is bound and not connected")
    number("port", sock._bound[1], 1, 65535)  # the modules choose none for a server
    modem = sock._modem
    most = modem.dialect.links
    sock._limit = most if backlog is None else number("backlog", backlog, 1, most)
    link = await open_link(sock, LISTENER, _ANY, 0, modem._deadline(sock._timeout_ms or None))
    if link.backlog is None:  # else a client was there before the result of the open
        link.backlog = []


def incoming(m, server, n, host, port):
    """URC: the module has given connection id `n` to a client of the listening link `server`."""
    first, _ = m.dialect.slots(server.ops, STREAM)
    link = Link(m._engine, n, STREAM, server.access, server.size)
    link.slot = first + n
    link.ops = server.ops
    link.opened = True
    link.port = server.port
    link.context = server.context
    link.peer = (host, port)
    link.orphan = server.orphan  # nobody will accept it
    link.read = link.ops.reader(m, link)
    m._links[link.slot] = link  # a link of ours that waits there for its open gets ERROR and moves on
    if server.backlog is None:
        server.backlog = []
    server.backlog.append(link)
    m._engine.event("incoming", server)


def refuse(m, n):
    """URC: the module has given id `n` to a client of a listener that was just closed: it is closed at the next chance."""
    ops = m.dialect.sockets(None)
    link = Link(m._engine, n, STREAM, 0, 64)
    link.slot = m.dialect.slots(ops, STREAM)[0] + n
    link.ops = ops
    link.context = m.context
    link.opened = link.orphan = True
    m._links[link.slot] = link
    m._engine.changed = True


async def accept(sock):
    """See `Operations.accept`."""
    link = sock._listening()
    modem = sock._modem
    deadline = modem._deadline(sock._timeout_ms)
    while not link.backlog:
        if link.error is not None:
            raise link.error
        if link.closed or link.closing:
            raise ConnectionClosed("the listening socket is closed")
        if modem._engine.parser.raw is not None:
            raise LineBusy("a socket in transparent mode has the line")
        if not await modem._turn(deadline) and not link.backlog:
            raise sock._timed_out()
    new = link.backlog.pop(0)
    client = modem._socket_class(modem, sock.family, sock.type, "buffer", None, sock._rxbuf)
    client._access = new.access
    client._link = new
    new.owner = client
    return client, new.peer


async def end(m, link):
    """A listening link is being closed: close the clients that nobody has accepted."""
    while link.backlog:
        await m._close_link(link.backlog.pop(0))
