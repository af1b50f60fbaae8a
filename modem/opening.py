"""Opening and closing connections: ids handed out, opened, closed. A board loads it for that and lets it go: see late.py."""

from .compat import const
from .errors import CommandError, ConnectionClosed, LineBusy, ModemError, ModemRestarted, ModemTimeout, SocketTimeout
from .link import DATAGRAM, SERVICE, STREAM, Link
from .sockets import SOCK_DGRAM, address_of

_EISCONN = const(106)  # absent from the errno module of MicroPython


async def connect(sock, address):
    """See `BaseSocket.connect`."""
    host, port = address_of(address)
    if not host or (isinstance(host, str) and (" " in host or "/" in host)):
        raise ValueError("host must be a name or an address, no URL")
    if sock._tls is not None and not hasattr(sock._tls, "ready"):
        raise TypeError("tls must be what modem.tls_context(...) returns")
    sock._check_open()
    m = sock._modem
    if sock._link is not None:
        if sock._link.kind != SERVICE:
            raise OSError(_EISCONN, "the socket is connected already")
        await m._close_link(sock._link)  # bound so far: the port stays, now for one peer
        sock._link = None
    try:
        kind = DATAGRAM if sock.type == SOCK_DGRAM else STREAM
        link = await open_link(sock, kind, host, port, m._deadline(sock._timeout_ms or None))
        link.peer = (host, port)
    except ModemError as error:
        if sock._timeout_ms and error.errno == SocketTimeout.default_errno and not isinstance(error, SocketTimeout):
            raise SocketTimeout("connecting took longer than the socket's time-out", command=error.command)
        raise


async def open_link(sock, kind, host, port, deadline):
    """Open a connection for `sock` on a free id; an id that the module still has in use is passed over. Returns the link.

    `kind`: see link.py. `sock._bound` and `sock._limit` say which local port and how many clients.
    """
    m = sock._modem
    if not m._connected:
        raise m._gone or ModemError("not connected: call connect() first")
    await m._sweep()
    ops = m.dialect.sockets(sock._tls)
    refused = ()
    while True:
        link = new_link(m, sock, kind, ops, refused)
        try:
            await ops.open(m, link, host, port, deadline)
            if sock._closed or sock._link is not None:  # by another task, meanwhile
                await m._close_link(link)
                sock._check_open()
                raise OSError(_EISCONN, "the socket is connected already")
            sock._link = link
            link.owner = sock
            return link
        except CommandError as error:
            if error.code != m.dialect.id_in_use and (refused or not getattr(error, "again", False)):
                if error.code in m.dialect.no_context:
                    m._engine.desync = True  # lining up shows a restart whose lines were lost, or counted as payload
                await m._close_link(link)
                if m._engine.desync:  # that took no command
                    await m._acquire(deadline)
                if not m._started:
                    raise ModemRestarted("the module has restarted", command=error.command)
                raise
            if m._links[link.slot] is link:  # else the module has given the id to a client of a listener
                m._links[link.slot] = None
            refused += (link.slot,)
        except (TypeError, ValueError):  # nothing was sent
            m._links[link.slot] = None
            raise
        except BaseException as error:
            _orphaned(link)  # the module may go on connecting: closed by _sweep()
            if isinstance(error, ModemTimeout) and m._left_ms(deadline):
                await m._close_link(link)  # it was the document's limit that has passed, not the caller's
            raise
        finally:
            m._let_go()


def new_link(m, sock, kind, ops, refused=()):
    """Put a new Link for `sock` into the table, on a free id that is not one of `refused`. ModemError when there is none."""
    first, count = m.dialect.slots(ops, kind)
    for n in range(first, first + count):
        if m._links[n] is None and n not in refused:
            link = Link(m._engine, n - first, kind, sock._access, sock._rxbuf)
            link.slot = n
            link.ops = ops
            link.tls = sock._tls
            link.port = sock._bound[1] if sock._bound else 0
            link.limit = sock._limit
            link.context = m.context
            m._links[n] = link
            return link
    raise ModemError("all %d connections of the module are in use" % count)


async def close_link(m, link):
    """Close `link` and free its id, whatever the module says to it; later, while another one is transparent."""
    later = False
    try:
        if link.error is None or not isinstance(link.error, ModemRestarted):
            if m._engine.parser.raw is not None:
                await m._leave(link)
            await link.ops.close(m, link)
    except LineBusy:
        later = _orphaned(link)
    except ModemError:
        pass
    except BaseException:  # cancelled: _sweep() goes on with it
        later = _orphaned(link)
        raise
    finally:
        if not later:
            if m._links[link.slot] is link:
                m._links[link.slot] = None
            link.fail(ConnectionClosed("the connection was closed on this side"))  # for tasks that wait for its data
        m._let_go()


def _orphaned(link):
    """Nobody holds `link` any more, nor the clients that wait at it (one of them may have the line); return True."""
    link.orphan = True
    for client in link.backlog or ():
        client.orphan = True
    return True
