"""Connections on Quectel modules: QIOPEN, QISEND, QIRD, QICLOSE, QISTATE (TCP-E 2.4.7 to 2.4.12).

The TLS commands have the same shapes under other names: tls.py takes the functions from here, and they find the names of
their commands in `link.ops`.
"""

from ..errors import CommandError, ConnectionClosed, ModemRestarted, ModemTimeout, SocketTimeout
from ..fields import after_comma, digits, number, quoted, split
from ..link import BUFFER, LISTENER, PUSH, SERVICE, STREAM, TRANSPARENT
from ..request import OK, PENDING, SEND, SEND_FAIL, Fetch, Request
from ..results import result, settle_send

SEND_NAME = b"+QISEND"
RECV_NAME = b"+QIRD"
CLOSE_NAME = b"+QICLOSE"

_OPEN_MS = 150000  # TCP-E 2.4.7: then the host closes the socket
_CLOSE_MS = 12000  # TCP-E 2.4.8: 10 s, and the way over the line
_RETRY_MS = 50  # first pause after SEND FAIL; doubles up to 2 s
_SERVICES = (b"TCP", b"UDP", b"UDP SERVICE", b"TCP LISTENER")  # by link.kind


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
        return Read(link, min(m.dialect.max_read, link.ring.size, m._port.rxbuf - 256))
    if link.kind == SERVICE:
        from .datagrams import ReadFrom

        return ReadFrom(link, m.dialect.max_read)
    return Read(link, m.dialect.max_read)  # a shorter read may cut a datagram (TCP-E 2.4.11 does not say)


async def open(m, link, host, port, deadline):
    """Open `link` to `host`:`port`. Raises CommandError (563: the id is taken), ModemTimeout."""
    port = number("port", port, 1 if link.kind < SERVICE else 0, 65535)
    line = b'+QIOPEN=%d,%d,"%s",%s,%d,%d,%d' % (
        link.context, link.number, _SERVICES[link.kind], quoted("host", host, 150), port, link.port, link.access,
    )  # fmt: skip
    if link.kind == LISTENER:
        line += b",%d" % link.limit
    elif link.kind == SERVICE:
        from .datagrams import source_of

        link.source_of = source_of
    await begin(m, link, line, _OPEN_MS, deadline)


async def begin(m, link, line, limit_ms, deadline):
    """Send the open command `line` and wait for its URC (or CONNECT), at most `limit_ms`."""
    link.read = reader(m, link)
    if link.access == TRANSPARENT:
        from ..transparent import enter

        link.opened = True
        await enter(m, link, b"AT" + line, limit_ms, deadline)
        return
    await m._cmd(line, explain=True, deadline=deadline)
    link.opened = True  # from here on the module may hold the id
    until = m._earlier(deadline, limit_ms)
    if await result(m, link, "open_result", until, line):
        raise CommandError("the connection failed", command="AT" + line.decode(), code=link.open_result, family=m.dialect.errors)


async def close(m, link, deadline=None):
    """Close `link`; whatever the module answers, it holds the id no longer, or answers 563 when it is used again."""
    link.closing = True
    try:
        await m._try(b"%s=%d" % (link.ops.CLOSE_NAME, link.number), limit_ms=_CLOSE_MS, deadline=deadline)
    finally:
        if link.kind == LISTENER:
            from ..servers import end

            m.dialect.ended += (link.number,)
            await end(m, link)


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
        except ModemRestarted:
            raise link.error
        except ModemTimeout:
            if request.result == PENDING:
                raise SocketTimeout("the module still owes the result of the send; stats() tells what it has taken")
            await settle_send(m, link, request, before, n, deadline)
            if link.sent == before:
                continue
            return
        except CommandError as error:
            if link.closed:
                raise ConnectionClosed("the connection is closed", command=error.command, code=error.code)
            raise
        if request.result == OK and not _is_full(request):
            link.sent += n
            return
        if not await m._sleep(pause_ms, deadline):
            raise SocketTimeout("the module's send buffer stays full", command="AT" + name.decode())
        pause_ms = min(pause_ms * 2, 2000)


def _is_full(request):
    """Send view mode 1 answers `+QISEND: <id>,<status>,<free>` and OK; status 1: buffer full, not sent (TCP-E 2.4.9)."""
    values = split(request.lines[-1]) if request.lines else ()
    return request.result == SEND_FAIL or (len(values) == 3 and values[1] == 1)


async def settle(m, link, deadline=None):
    """A read was refused: ask for the state; a connection that is gone or closing has nothing left to read."""
    if await link.ops.state(m, link, deadline) == 2:
        link.refused = False
        await m._sleep(_RETRY_MS, deadline)
        link.ready = True
        return
    link.refused = False
    link.on_gone()


async def state(m, link, deadline=None):
    """Return the module's number for the state of `link` (2: connected), None when it does not know the connection."""
    lines = await m._try(b"+QISTATE=1,%d" % link.number, b"+QISTATE:", 5000, deadline)
    values = split(lines[-1]) if lines else ()
    return values[5] if len(values) >= 6 else None


def __getattr__(name):
    """Operations beyond a TCP client in one access mode are in modes.py, loaded on first use."""
    if name not in ("switch", "resume_line", "peer", "counters"):
        raise AttributeError(name)
    from . import modes

    return getattr(modes, name)
