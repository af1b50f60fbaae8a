"""Opening and closing connections on SIMCom modules: CIPOPEN, CIPCLOSE (TCP-S 3.2, 3.3). See late.py."""

from ..errors import CommandError
from ..fields import number
from ..link import BUFFER, LISTENER, STREAM, TRANSPARENT
from ..params import quoted
from .order import LIMIT_MS, Order
from .sockets import reader


async def open(m, link, host, port, deadline):
    """Open `link`. Raises CommandError with <err>, ModemTimeout, NotSupported for another access mode than the one in force.

    A UDP link has a local port only (TCP-S 3.3): every AT+CIPSEND names the peer, so a name is resolved here, once.
    """
    if link.kind == STREAM:
        line = b'+CIPOPEN=%d,"TCP",%s,%d' % (link.number, quoted("host", host, 255), number("port", port, 1, 65535))
        line += b",%d" % link.port if link.port else b""
    if link.access != m.dialect.access or link.access != BUFFER or link.kind != STREAM:
        from .modes import use

        await use(m, link.access, link, deadline)
    if link.kind == LISTENER:
        from .servers import start

        await start(m, link, deadline)
    elif link.kind != STREAM:
        from .datagrams import open as open_datagrams

        await open_datagrams(m, link, host, port, deadline)
    elif link.access == TRANSPARENT:
        from .modes import dial

        await dial(m, link, line, deadline)
    else:
        await begin(m, link, line, deadline)


async def begin(m, link, line, deadline):
    """Send the open command and wait for its result, which comes behind OK for TCP and before it for UDP, or otherwise."""
    prepare(m, link)
    until = m._earlier(deadline, LIMIT_MS)
    await ask(m, link, Order(line, b"+CIPOPEN:", m.dialect.on_open, link.number), line, "simcom", deadline, until)


async def ask(m, link, order, line, family, deadline, until, held=None):
    """Run an open command, and wait for its result until `until`. CommandError with its code of `family`, or `id_in_use`.

    `held(m, link)`: whether the module has the number in use; None: as AT+CIPOPEN? says.
    """
    try:
        await m._run(order, deadline)
    except CommandError as error:
        link.opened = False
        if held is None:
            from .states import in_use as held
        if await held(m, link):
            error.code = m.dialect.id_in_use
        raise
    code = await m._result(link, "open_result", until, line)
    if code:
        link.opened = False
        raise CommandError("the connection failed", command="AT" + line.decode(), code=code, family=family)


def prepare(m, link):
    """Give a new link what this dialect keeps on it; from here on the module may hold it."""
    link.taken = 0  # <taken> of the last +CIPSEND; None while the result of a send is owed
    link.close_result = None
    link.freed = False  # +IPCLOSE: the module holds the link no longer
    link.opened = True
    if link.read is None:
        link.read = reader(m, link)


async def close(m, link, deadline=None):
    """Close `link` and wait for the result. After +IPCLOSE the module has freed it already (TCP-S 4.2), unless data are left."""
    link.closing = True
    if link.kind == LISTENER:
        from .servers import stop

        await stop(m, link, deadline)
        return
    if not link.opened or (link.freed and (link.drained or link.read is None)):
        return
    link.close_result = None
    until = m._earlier(deadline, LIMIT_MS)
    await m._run(Order(b"+CIPCLOSE=%d" % link.number, b"+CIPCLOSE:", m.dialect.on_close, link.number), deadline)
    await m._result(link, "close_result", until, b"+CIPCLOSE=%d" % link.number)
