"""Datagram sockets: connected to one peer, or a service for any."""

from errno import EAGAIN, ENOTCONN, EOPNOTSUPP

from .compat import const
from .fields import number
from .late import part
from .link import DATAGRAM, LISTENER, SERVICE
from .operations import SEND_NOW_MS
from .params import text
from .sockets import SOCK_DGRAM, address_of, octets

# absent from the errno module of MicroPython; the numbers are those of Linux
_EDESTADDRREQ = const(89)
_EMSGSIZE = const(90)
_EISCONN = const(106)


def check_send(m, link, n, addressed):
    """Refuse what cannot go out as one datagram; OSError EMSGSIZE, EDESTADDRREQ."""
    if link.kind == LISTENER:
        raise OSError(ENOTCONN, "a listening socket sends nothing: use accept()")
    most = link.ops.max_send(m)
    if n > most:
        raise OSError(_EMSGSIZE, "a datagram has at most %d bytes" % most)
    if link.kind == SERVICE and not addressed:
        raise OSError(_EDESTADDRREQ, "the socket has no peer: use sendto()")


async def sendto(sock, data, address):
    """See `Operations.sendto`."""
    host, port = address_of(address)
    data = octets(data)
    sock._check_open()
    if sock.type != SOCK_DGRAM:
        raise OSError(EOPNOTSUPP, "sendto() is for datagram sockets: use send()")
    if not host:
        raise ValueError("host must not be empty")
    number("port", port, 1, 65535)
    if sock._link is None:
        from .servers import open_service

        await open_service(sock)
    link = sock._link_open()
    if link.kind == DATAGRAM:
        if (host, port) != link.peer:
            raise OSError(_EISCONN, "the socket is connected to another peer")
        return await sock._send(data, 0, len(data))
    modem = sock._modem
    check_send(modem, link, len(data), True)
    sock._check_alive(link)
    limit_ms = sock._timeout_ms
    if limit_ms == 0:  # see Operations._send_now
        if not (modem._engine.free() or modem._engine.adrift()):
            raise OSError(EAGAIN, "the line is busy")
        limit_ms = SEND_NOW_MS
    if data:
        peer = link.ops.peer(await _resolved(sock, host, limit_ms), port)
        await link.ops.send(modem, link, data, 0, len(data), modem._deadline(limit_ms), peer)
    return len(data)


async def _resolved(sock, host, limit_ms):
    """Return `host` as an address; a name is looked up once and remembered until another one is used."""
    if is_address(host):
        return host
    if sock._known is None or sock._known[0] != host:
        sock._known = (host, (await part(sock._modem._known(), "net").resolve(sock._modem, host, limit_ms))[0][0])
    return sock._known[1]


def is_address(host):
    """Return whether `host` is an address and no name: IPv6 has a colon, IPv4 nothing but digits and dots."""
    if not isinstance(host, str):
        host = text(host)
    return ":" in host or not host.replace(".", "").strip("0123456789")


async def recvfrom(sock, n):
    """See `Operations.recvfrom`."""
    if not await sock._data():
        return b"", None
    link = sock._link
    source = _source(link)
    buf = bytearray(min(n, link.ring.next()))
    link.ring.readinto(buf)
    return bytes(buf), source


async def recvfrom_into(sock, buf, nbytes):
    """See `Operations.recvfrom_into`."""
    if not await sock._data():
        return 0, None
    link = sock._link
    source = _source(link)
    return link.ring.readinto(buf, nbytes or len(buf)), source


def _source(link):
    """Return the sender of what is read next: a service's datagrams carry it, everything else has one peer."""
    return (link.ring.source() if link.kind == SERVICE else None) or link.peer
