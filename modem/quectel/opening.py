"""Opening and closing connections on Quectel modules: QIOPEN, QICLOSE (TCP-E 2.4.7, 2.4.8). See late.py.

The TLS commands have the same shapes under other names: see sockets.py.
"""

from ..compat import const
from ..errors import CommandError
from ..fields import number
from ..link import LISTENER, SERVICE, TRANSPARENT
from ..params import quoted

_OPEN_MS = const(150000)  # TCP-E 2.4.7: then the host closes the socket
_CLOSE_MS = const(12000)  # TCP-E 2.4.8: 10 s, and the way over the line
_SERVICES = (b"TCP", b"UDP", b"UDP SERVICE", b"TCP LISTENER")  # by link.kind


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
    link.read = link.ops.reader(m, link)
    if link.access == TRANSPARENT:
        from ..transparent import enter

        link.opened = True
        await enter(m, link, b"AT" + line, limit_ms, deadline)
        return
    try:
        await m._cmd(line, explain=True, deadline=deadline)
    except CommandError as error:
        error.again = error.code is None  # the reason of something in the background has taken the place of its own
        raise
    link.opened = True  # from here on the module may hold the id
    until = m._earlier(deadline, limit_ms)
    if await m._result(link, "open_result", until, line):
        raise CommandError("the connection failed", command="AT" + line.decode(), code=link.open_result, family=m.dialect.errors)


async def close(m, link, deadline=None):
    """Close `link`; whatever the module answers, it holds the id no longer, or answers 563 when it is used again."""
    link.closing = True
    try:
        await m._try(b"%s=%d" % (link.ops.CLOSE_NAME, link.number), limit_ms=_CLOSE_MS, deadline=deadline)
    finally:
        if link.kind == LISTENER:
            from ..servers import end

            if link.number not in m.dialect.ended:
                m.dialect.ended += (link.number,)
            await end(m, link)
