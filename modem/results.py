"""Results that come after the OK of their command, and sends whose result never came: the same for every vendor."""

from .errors import CommandError, ConnectionClosed, ModemTimeout, NotSupported, ProtocolError


async def result(m, holder, name, until, command):
    """Wait until the attribute `name` of `holder` is set by a result line; return it.

    Raises what has ended the connection meanwhile (`holder.error`), ModemTimeout at `until`. `command`: without AT.
    """
    while getattr(holder, name) is None:
        error = getattr(holder, "error", None)
        if error is not None:
            raise error
        if not await m._turn(until) and getattr(holder, name) is None:
            raise ModemTimeout("no result within the time allowed", command="AT" + bytes(command).decode())
    return getattr(holder, name)


async def settle_send(m, link, request, before, n, deadline):
    """A send of `n` bytes was given up without a result, after `before` bytes: find out by the module's byte counters.

    On return `link.sent` is true: all of it was taken, or nothing (then it may be sent again). Where the counters do not
    tell, the connection has failed, and its error is raised: never send twice, never guess.
    """
    if not request.written:
        m._pause_ms = m.dialect.input_timeout_ms
    try:
        total = (await link.ops.counters(m, link, deadline))[0]
    except (CommandError, ConnectionClosed, NotSupported):
        total = -1
    if total == before or (total == before + n and request.written):
        link.sent = total
        return
    link.fail(ProtocolError("connection %d: what became of the last send is not known" % link.number))
    raise link.error
