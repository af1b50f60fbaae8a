"""SOCKS version 5 (RFC 1928), the server's side: no authentication, command CONNECT. The module resolves names."""

import errno
import ipaddress
import socket
import struct

VERSION = 5
_NO_AUTHENTICATION = 0
_NO_METHOD = 0xFF
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_LENGTHS = {_IPV4: 4, _IPV6: 16}
# replies
GRANTED, FAILURE, NET_UNREACHABLE, HOST_UNREACHABLE, REFUSED, TTL_EXPIRED, NO_COMMAND, NO_ADDRESS_TYPE = 0, 1, 3, 4, 5, 6, 7, 8


class SocksError(Exception):
    """The client asks for what cannot be; it has been answered where there is an answer."""


def reply_for(error):
    """The reply that tells the client why a connection was not made."""
    if isinstance(error, socket.gaierror):
        return HOST_UNREACHABLE
    return {errno.ECONNREFUSED: REFUSED, errno.ETIMEDOUT: TTL_EXPIRED, errno.ENETDOWN: NET_UNREACHABLE}.get(error.errno, FAILURE)


async def _exactly(reader, form):
    return struct.unpack(form, await reader.readexactly(struct.calcsize(form)))


async def request(reader, writer):
    """Read what the client wants: return `(host, port)`. SocksError, asyncio.IncompleteReadError."""
    version, count = await _exactly(reader, ">BB")
    if version != VERSION:
        raise SocksError("version %d of SOCKS, or no SOCKS at all" % version)
    methods = await reader.readexactly(count)
    writer.write(bytes((VERSION, _NO_AUTHENTICATION if _NO_AUTHENTICATION in methods else _NO_METHOD)))
    if _NO_AUTHENTICATION not in methods:
        raise SocksError("the client insists on authentication")
    _, command, _, kind = await _exactly(reader, ">BBBB")
    if kind == _NAME:
        host = await reader.readexactly((await _exactly(reader, ">B"))[0])
    elif kind in _LENGTHS:
        host = str(ipaddress.ip_address(await reader.readexactly(_LENGTHS[kind]))).encode()
    else:
        await answer(writer, NO_ADDRESS_TYPE)
        raise SocksError("address type %d" % kind)
    (port,) = await _exactly(reader, ">H")
    if command != _CONNECT:
        await answer(writer, NO_COMMAND)
        raise SocksError("command %d: only CONNECT is possible" % command)
    try:
        return host.decode("ascii"), port
    except UnicodeDecodeError:
        await answer(writer, FAILURE)
        raise SocksError("a name that is not ASCII")


async def answer(writer, reply):
    """Send a reply; the address in it means nothing."""
    writer.write(bytes((VERSION, reply, 0, _IPV4)) + bytes(6))
    try:
        await writer.drain()
    except OSError:
        raise SocksError("the client is gone")
