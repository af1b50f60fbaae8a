"""Datagram sockets: connected to one peer, or a service for any."""

from errno import EADDRINUSE, EAGAIN, EOPNOTSUPP

from ..at.params import address_of, is_address, number
from ..compat import const
from ..errors import CommandError
from .connect import open_link
from .link import DATAGRAM, SERVICE, TRANSPARENT

# absent from the errno module of MicroPython; the numbers are those of Linux
_EDESTADDRREQ = const(89)
_EMSGSIZE = const(90)
_EISCONN = const(106)

_SEND_NOW_MS = const(1000)
_ANY = "127.0.0.1"  # what stands for "this module" in the open command of a service
_FIRST_PORT = const(49152)  # of the dynamic ports
_PORTS = const(16384)
_TRIES = const(8)


async def open_service(sock):
    """Open a datagram socket on its local port, or on a free one where it has none."""
    if sock.access == TRANSPARENT:
        raise OSError(EOPNOTSUPP, "transparent access needs one peer: use connect()")
    m = sock.module
    m.known().transport(sock.tls).check(SERVICE, sock.access)
    deadline = m.deadline(sock.timeout_ms or None)
    if sock.bound and sock.bound[1]:
        await open_link(sock, SERVICE, _ANY, 0, deadline)
        return
    at = m.port.ticks_ms() % _PORTS
    for n in range(_TRIES):
        sock.bound = ("", _FIRST_PORT + (at + n * 97) % _PORTS)
        try:
            await open_link(sock, SERVICE, _ANY, 0, deadline)
            return
        except CommandError as error:
            if error.code not in m.dialect.port_in_use:
                raise
    raise OSError(EADDRINUSE, "no free port found")


def check_send(link, n, addressed):
    """Refuse what cannot go out as one datagram; OSError EMSGSIZE, EDESTADDRREQ."""
    most = link.transport.max_send
    if not n:
        raise link.session.dialect.lacks("empty datagrams")  # the commands of both vendors have no such form
    if n > most:
        raise OSError(_EMSGSIZE, "a datagram has at most %d bytes" % most)
    if link.kind == SERVICE and not addressed:
        raise OSError(_EDESTADDRREQ, "the socket has no peer: use sendto()")


async def sendto(sock, data, address):
    """See `AsyncSocket.sendto`."""
    host, port = address_of(address)
    sock.check_open()
    if not sock.is_datagram():
        raise OSError(EOPNOTSUPP, "sendto() is for datagram sockets: use send()")
    if not host:
        raise ValueError("host must not be empty")
    number("port", port, 1, 65535)
    if sock.link is None:
        await open_service(sock)
    link = sock.open_link()
    if link.kind == DATAGRAM:
        if (host, port) != link.peer:
            raise OSError(_EISCONN, "the socket is connected to another peer")
        return await sock.send_part(data, 0, len(data))
    m = sock.module
    check_send(link, len(data), True)
    sock.check_alive(link)
    limit_ms = sock.timeout_ms
    if limit_ms == 0:  # as for send(): a command that has begun is completed
        if m.busy():
            raise OSError(EAGAIN, "the line is busy")
        limit_ms = _SEND_NOW_MS
    deadline = m.deadline(limit_ms)
    peer = link.transport.peer(await _resolved(sock, host, limit_ms), port)
    await link.transport.send(link, data, 0, len(data), deadline, peer)
    return len(data)


async def _resolved(sock, host, limit_ms):
    """Return `host` as an address; a name is looked up once and remembered until another one is used."""
    if is_address(host):
        return host
    if sock.resolved is None or sock.resolved[0] != host:
        found, _ = await sock.module.part("resolver").resolve(sock.module, host, limit_ms)
        sock.resolved = (host, found[0])
    return sock.resolved[1]


async def recvfrom(sock, n):
    """See `AsyncSocket.recvfrom`."""
    link = await sock.data()
    if link is None:
        return b"", None
    source = _source(link)
    buf = bytearray(min(n, link.ring.next()))
    link.ring.readinto(buf)
    return bytes(buf), source


async def recvfrom_into(sock, buf, nbytes):
    """See `AsyncSocket.recvfrom_into`."""
    link = await sock.data()
    if link is None:
        return 0, None
    source = _source(link)
    return link.ring.readinto(buf, nbytes or len(buf)), source


def _source(link):
    """Return the sender of what is read next: a service's datagrams carry it, everything else has one peer."""
    return (link.ring.source() if link.kind == SERVICE else None) or link.peer
