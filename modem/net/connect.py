"""Opening and closing connections: ids handed out, opened, closed; the same for every vendor."""

from ..at.params import address_of
from ..compat import const, rare
from ..errors import CommandError, ConnectionClosed, LineBusy, ModemError, ModemRestarted, ModemTimeout, SocketTimeout
from .link import CLOSING, DATAGRAM, NEW, SERVICE, STREAM

_EISCONN = const(106)  # absent from the errno module of MicroPython


async def connect(sock, address):
    """See AsyncSocket.connect."""
    host, port = address_of(address)
    if not host or (isinstance(host, str) and (" " in host or "/" in host)):
        raise ValueError("host must be a name or an address, no URL")
    sock.check_open()
    m = sock.module
    kind = DATAGRAM if sock.is_datagram() else STREAM
    m.known().transport(sock.tls).check(kind, sock.access)
    if sock.link is not None:
        if sock.link.kind != SERVICE:
            raise OSError(_EISCONN, "the socket is connected already")
        link, sock.link = sock.link, None  # bound so far: the port stays, now for one peer
        await close_link(m, link)
    try:
        link = await open_link(sock, kind, host, port, m.deadline(sock.timeout_ms or None))
        link.peer = (host, port)
        if m.on_outcome is not None and kind == STREAM:
            m.on_outcome(None)
    except ModemError as error:
        raise _failed(sock, kind, error)


@rare
def _failed(sock, kind, error):
    """Report that connecting has ended with `error`; return what the caller gets."""
    m = sock.module
    if m.on_outcome is not None and kind == STREAM and isinstance(error, (CommandError, ModemTimeout)):
        m.on_outcome(error)
    if sock.timeout_ms and error.errno == SocketTimeout.default_errno and not isinstance(error, SocketTimeout):
        return SocketTimeout("connecting took longer than the socket's time-out", command=error.command)
    return error


async def open_link(sock, kind, host, port, deadline):
    """Open a connection for `sock` on a free id; an id that the module still has in use is passed over. Returns the link.

    `kind`: see link.py. `sock.bound` and `sock.limit` say which local port and how many clients.
    """
    m = sock.module
    m.online()
    m.prepare(sock.access)
    await _read_on(m)
    m.online()
    await m.close_abandoned(deadline)
    refused = ()
    while True:
        link = _new_link(m, sock, kind, refused)
        try:
            await link.transport.open(link, host, port, deadline)
            await _hand_out(m, sock, link, deadline)
            return link
        except BaseException as error:
            if not await _may_try_again(m, link, error, refused, deadline):
                raise
            refused += (link.slot,)


@rare
async def _may_try_again(m, link, error, refused, deadline):
    """Opening has ended with `error`; return whether another id may do. `refused`: the ids that have been tried before."""
    if isinstance(error, CommandError):
        if error.code == m.dialect.id_in_use:
            forget(m, link)  # unless the module has given the id to a client of a listener
            return True
        if not refused and error.reason_lost:
            return abandon(link)  # the module may have begun to connect
        await _refused(m, link, error, deadline)
    elif link.state == NEW:  # nothing was sent
        forget(m, link)
    else:
        abandon(link)  # the module may go on connecting: closed by close_abandoned()
        if isinstance(error, ModemTimeout) and m.left_ms(deadline):
            await close_link(m, link, deadline)  # it was the document's limit that has passed, not the caller's
    return False


async def _read_on(m):
    """Digest what is already here: the result of an earlier open, the end of the context. Nobody knows when it came, so it does
    not show that the module is awake.
    """
    heard_at = m.engine.heard_at
    await m.turn(m.deadline(0))
    if not m.engine.parser.need:
        m.engine.heard_at = heard_at


async def _hand_out(m, sock, link, deadline):
    """The connection is open: it is the socket's, unless another task has closed or connected the socket meanwhile."""
    if sock.closed or sock.link is not None:
        await close_link(m, link, deadline)
        sock.check_open()
        raise OSError(_EISCONN, "the socket is connected already")
    if link.error is not None:
        raise link.error
    sock.link = link
    link.owner = sock


@rare
async def _refused(m, link, error, deadline):
    """The module has refused the open for good. ModemRestarted where a restart that no boot line told of is the reason."""
    if error.code in m.dialect.no_context:
        m.engine.desync = True  # resynchronising shows a restart whose lines were lost, or counted as payload
    await close_link(m, link, deadline)
    if m.engine.desync:  # that took no command
        from .link_recovery import synchronise

        await synchronise(m, link, deadline)
    if not m.started:
        raise ModemRestarted("the module has restarted", command=error.command)


def _new_link(m, sock, kind, refused=()):
    """Put a new Link for `sock` into the table, on a free id that is not one of `refused`. ModemError when there is none."""
    transport = m.dialect.transport(sock.tls)
    first, count = transport.slots(kind)
    for n in range(first, first + count):
        if m.links[n] is None and n not in refused:
            link = transport.link_class(m, transport, n - first, kind, sock.access, sock.rxbuf)
            link.slot = n
            link.tls = sock.tls
            link.port = sock.bound[1] if sock.bound else 0
            link.limit = sock.limit
            link.context = m.context
            m.links[n] = link
            return link
    raise ModemError("all %d connections of the module are in use" % count)


async def close(m, link):
    """See AsyncSocket.close. Connections that could not be closed before are closed with it, where the module answers."""
    await close_link(m, link)
    for other in m.links:
        if link.abandoned or m.engine.parser.raw is not None:
            return
        if other is not None and other.abandoned:
            link = other
            await close_link(m, link)


async def close_link(m, link, deadline=None):
    """Close `link` and free its id; never raises because of the module.

    While another link is transparent, and where the module refuses or does not answer (by `deadline`, of a caller who has to wait
    for this), the link is left to be closed by close_abandoned().
    """
    link.abandoned = False  # claimed: no other task closes it too
    if link.state < CLOSING:
        link.state = CLOSING
    later = False
    try:
        if link.error is None or not isinstance(link.error, ModemRestarted):
            if m.engine.parser.raw is not None:
                from .transparent import leave_for_good

                await leave_for_good(m, link)
            if not link.unclosed or await link.transport.holds(link, deadline):
                await link.transport.close(link, deadline)
    except LineBusy:
        later = abandon(link)
    except (CommandError, ModemTimeout):
        link.unclosed = later = abandon(link)
    except ModemError:
        pass
    except BaseException:  # cancelled: close_abandoned() goes on with it
        later = abandon(link)
        raise
    finally:
        if not later:
            forget(m, link)
        link.fail(ConnectionClosed("the connection was closed on this side"))  # for tasks that wait for its data


def forget(m, link):
    """The id of `link` is free."""
    if m.links[link.slot] is link:
        m.links[link.slot] = None


def abandon(link):
    """No socket holds `link` any more, nor the clients that wait at it (one of them may have the line); return True."""
    link.abandoned = True
    for client in link.backlog or ():
        client.abandoned = True
    return True
