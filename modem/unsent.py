"""A send that went wrong: what the module has taken all the same. The same for every vendor, loaded when it happens."""

from .errors import CommandError, ConnectionClosed, ModemRestarted, ModemTimeout, NotSupported, ProtocolError, SocketTimeout
from .request import OK, PENDING


async def again(m, link, request, error, before, n, deadline):
    """Sending `n` bytes after `before` bytes has ended with `error`; return whether they are to be sent again: none was taken.

    False: all of them were taken after all. Otherwise raises what the caller of send() gets.
    """
    if isinstance(error, ModemRestarted):
        raise link.error
    if isinstance(error, ModemTimeout):
        if request.result == PENDING or request.result == OK:
            raise SocketTimeout("the module still owes the result of the send; stats() tells what it has taken")
        await settle(m, link, request, before, n, deadline)
        return link.sent == before
    if isinstance(error, CommandError) and (link.closed or error.code in m.dialect.send_closed):
        raise ConnectionClosed("the connection is closed", command=error.command, code=error.code, family=error.family)
    raise error


async def settle(m, link, request, before, n, deadline):
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
