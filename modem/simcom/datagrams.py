"""UDP on SIMCom modules (TCP-S 3.3): a link has a local port, and every send names its peer.

In buffer mode the module tells the sender of a datagram only together with its announcement (AT+CIPRXGET=5, from the AT
manual), which it makes once until the buffer has been read empty. So `recvfrom` knows the sender of a datagram that came
when nothing was waiting; of one that came behind it the address is None. In push mode every datagram names its sender.
"""

from ..compat import const
from ..errors import CommandError
from ..fields import digits, number
from ..late import part
from ..link import BUFFER, DATAGRAM, TRANSPARENT
from ..params import text as as_text
from . import sockets
from .order import LOCAL_MS

_FIRST_PORT = const(49152)  # of the dynamic ports
_PORTS = const(16384)
_TRIES = const(8)
_BIND_FAILED = const(6)


class Read(sockets.Read):
    """The command that fetches one datagram in buffer mode."""

    def on_header(self, link, n):
        """A datagram follows; its sender is known when it was announced with it."""
        link.on_block(n, self, link.source)
        link.source = None

    def on_done(self):
        """As for a stream; what "No data" says about the sender is nothing."""
        sockets.Read.on_done(self)


async def open(m, link, host, port, deadline):
    """Open a UDP link on its local port, or on a free one; remember the fixed peer of a connected one."""
    link.source = None
    link.ready = False  # nothing can have come before the local port is open; what comes then is announced
    if link.kind == DATAGRAM:
        number("port", port, 1, 65535)
        from ..datagrams import is_address

        if not is_address(host):
            host = (await part(m.dialect, "net").resolve(m, host, None if deadline is None else m._left_ms(deadline)))[0][0]
        from .modes import peer

        link.target = peer(host, port)
    elif link.access == BUFFER and not m.dialect.sources:
        # a firmware without mode 5 tells no senders
        m.dialect.sources = await m._try(b"+CIPRXGET=5", None, LOCAL_MS, deadline) is not None
    fixed = link.port
    at = m._port.ticks_ms() % _PORTS
    for n in range(_TRIES):
        if not fixed:
            link.port = _FIRST_PORT + (at + n * 97) % _PORTS
        try:
            await _open(m, link, deadline)
            return
        except CommandError as error:
            taken = error.code == _BIND_FAILED or (link.access == TRANSPARENT and error.code is None)  # CONNECT FAIL says no more
            if fixed or not taken or n == _TRIES - 1:
                raise
            link.open_result = None


async def _open(m, link, deadline):
    if link.access == TRANSPARENT:
        from .modes import dial

        await dial(m, link, b'+CIPOPEN=%d,"UDP"%s,%d' % (link.number, link.target, link.port), deadline)
    else:
        from .opening import begin

        await begin(m, link, b'+CIPOPEN=%d,"UDP",,,%d' % (link.number, link.port), deadline)


def source(text):
    """Return (host, port) of `<ip>:<port>` (bytes): the port stands behind the last colon (TCP-S 1.5.4)."""
    at = text.rfind(b":")
    return as_text(text[:at].strip().strip(b"[]")), max(0, digits(text, at + 1, len(text)))
