"""Open connections on Quectel modules: QISEND, QIRD (TCP-E 2.4.10, 2.4.11). Opening and closing: opening.py.

The TLS commands have the same shapes under other names: tls.py takes the functions from here, and they find the names of
their commands in `link.ops`.
"""

from ..compat import const
from ..errors import ModemError, SocketTimeout
from ..fields import after_comma, digits
from ..link import BUFFER, LISTENER, PUSH, SERVICE, STREAM
from ..request import OK, SEND, SEND_FAIL, Fetch, Request

SEND_NAME = b"+QISEND"
RECV_NAME = b"+QIRD"
CLOSE_NAME = b"+QICLOSE"

_RETRY_MS = const(50)  # first pause after SEND FAIL; doubles up to 2 s


class Read(Fetch):
    """The command that fetches a block of a stream in buffer mode; made once per connection. No allocation."""

    def __init__(self, link, nbytes):
        name = link.ops.RECV_NAME
        super().__init__(link, b"AT%s=%d,%d\r" % (name, link.number, nbytes), name + b":")
        self.nbytes = nbytes
        self._skip = len(name) + 1

    def on_info(self, buf, s, e):
        n = digits(buf, s + self._skip, e)
        if n > 0:
            self._link.on_block(n, self)
            if n < self.nbytes:
                self._link.promised = False
        elif n == 0:
            self._link.on_empty()
        return n >= 0

    def on_done(self):
        Fetch.on_done(self)
        if self.result != OK:
            self._link.refused = True


def max_send(m):
    """Return the most payload bytes of one command."""
    return m.dialect.max_send


def reader(m, link):
    """Return the request that fetches a block of `link`; None where the module pushes, or there is nothing to read."""
    if link.access != BUFFER or link.kind == LISTENER:
        return None
    if link.kind == STREAM:
        return Read(link, m._block(link, m.dialect.max_read))
    if link.kind == SERVICE:
        from .datagrams import ReadFrom

        return ReadFrom(link, m.dialect.max_read)
    return Read(link, m.dialect.max_read)  # a shorter read may cut a datagram (TCP-E 2.4.11 does not say)


def on_recv(link, buf, s, e):
    """URC "recv", `s` behind the id: the module has data (a length changes nothing), or pushes a block. No allocation."""
    if link.access != PUSH or not _pushed(link, buf, s, e):
        link.on_recv()


def _pushed(link, buf, s, e):
    n = digits(buf, s, e)
    if n <= 0:
        _pull(link)
        return False
    # few locals on purpose: see Engine.on_line
    buf = None if link.source_of is None else _source(link, buf, s, e)
    link.on_block(n, link, buf)
    return True


def _source(link, buf, s, e):
    s = after_comma(buf, s, e)
    return link.source_of(link, buf, s, e)


def _pull(link):
    """No length: a listener's client that the module keeps in buffer mode, although the listener pushes (TCP-E 2.5.4)."""
    from ..turning import turn

    turn(link, BUFFER, None)
    link.read = Read(link, min(1500, link.ring.size))


async def send(m, link, data, off, n, deadline, peer=b""):
    """Have the module take `data[off:off+n]`; return when it has. Never sends a byte twice.

    SEND FAIL (the module's buffer is full) is tried again with growing pauses until `deadline`: SocketTimeout. When the result
    never came, the module's byte counters tell what it has taken; where they cannot, the connection fails.
    """
    pause_ms = _RETRY_MS
    while True:
        name = link.ops.SEND_NAME
        request = Request(b"AT%s=%d,%d%s\r" % (name, link.number, n, peer), name + b":", kind=SEND).payload(data, off, n)
        request.exclusive = True
        before = link.sent
        try:
            await m._run(request, deadline)
        except ModemError as error:
            from ..unsent import again

            if await again(m, link, request, error, before, n, deadline):
                continue
            return
        if request.result == OK and not _is_full(request):
            link.sent += n
            return
        if not await m._sleep(pause_ms, deadline):
            raise SocketTimeout("the module's send buffer stays full", command="AT" + name.decode())
        pause_ms = min(pause_ms * 2, 2000)


def _is_full(request):
    """Send view mode 1 answers `+QISEND: <id>,<status>,<free>` and OK; status 1: buffer full, not sent (TCP-E 2.4.10)."""
    if request.result == SEND_FAIL or not request.lines:
        return request.result == SEND_FAIL
    from ..params import split

    values = split(request.lines[-1])
    return len(values) == 3 and values[1] == 1


def __getattr__(name):
    """Opening and closing, and operations beyond a TCP client in one access mode, are loaded on first use."""
    if name in ("open", "begin", "close"):
        from . import opening as module
    elif name in ("settle", "state"):
        from . import states as module
    elif name in ("switch", "resume_line", "peer", "counters"):
        from . import modes as module
    else:
        raise AttributeError(name)
    return getattr(module, name)
