"""UDP on SIMCom modules (TCP-S 3.3): a link has a local port, and every send names its peer.

In buffer mode the module reports the sender of a datagram only together with its URC (AT+CIPRXGET=5, from the AT manual), which
comes once until the buffer has been read empty. So `recvfrom` knows the sender of the first waiting datagram; of the others the
address is None. In push mode every datagram names its sender.
"""

from ..at.params import is_address, number
from ..compat import const
from ..errors import CommandError
from ..net.link import BUFFER, DATAGRAM, TRANSPARENT
from .result_command import LOCAL_MS

_FIRST_PORT = const(49152)  # of the dynamic ports
_PORTS = const(16384)
_STEP = const(97)
_TRIES = const(8)


async def open(link, host, port, deadline):
    """Open a UDP link on its local port, or on a free one. A name of the peer is resolved here, once: every send has it."""
    m = link.session
    dialect = m.dialect
    link.ready = False  # nothing can have come before the local port is open; a URC reports what comes then
    if link.kind == DATAGRAM:
        number("port", port, 1, 65535)
        if not is_address(host):
            host = (await m.part("resolver").resolve(m, host, None if deadline is None else m.left_ms(deadline)))[0][0]
        link.target = link.transport.peer(host, port)
    elif link.access == BUFFER and not dialect.sources:
        # firmware without mode 5 reports no senders
        dialect.sources = await m.attempt(b"+CIPRXGET=5", None, LOCAL_MS, deadline) is not None
    target = link.target if link.access == TRANSPARENT else b",,"
    fixed = link.port
    at = m.port.ticks_ms() % _PORTS
    for n in range(_TRIES):
        if not fixed:
            link.port = _FIRST_PORT + (at + n * _STEP) % _PORTS
        try:
            await link.transport.open_line(link, b'+CIPOPEN=%d,"UDP"%s,%d' % (link.number, target, link.port), deadline)
            return
        except CommandError as error:
            # CONNECT FAIL of a transparent open gives no reason
            taken = error.code in dialect.port_in_use or (link.access == TRANSPARENT and error.code is None)
            if fixed or not taken or n == _TRIES - 1:
                raise
