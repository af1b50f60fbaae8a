"""What a connection is after a failed read, how many bytes the module accepted of a failed send, and connections that nobody
wants any more; for every vendor.
"""

from ..at.command import ERROR, OK, PENDING
from ..at.redact import redacted
from ..compat import const
from ..errors import (
    CommandError,
    ConnectionClosed,
    LineBusy,
    ModemRestarted,
    ModemTimeout,
    NotSupported,
    ProtocolError,
    SocketTimeout,
)  # fmt: skip
from .link import BUFFER, OPEN, STREAM

_SETTLE_MS = const(1000)
_REFUSALS = const(4)  # failed reads in a row of an open connection before it fails
_SMALL = const(64)  # ring of a connection that is only closed
_AGAIN_MS = const(25)  # pause before a failed read is tried again; doubles each time


async def settle(m, link, deadline):
    """See Module.settle."""
    m.leave(link)  # the next read begins only after this
    if deadline is not None and m.left_ms(deadline) < _SETTLE_MS:
        deadline = m.deadline(_SETTLE_MS)
    try:
        if m.engine.out_of_sync():
            await synchronise(m, link, deadline)
            link.refused = link.unheard
        elif link.error is None:
            if link.unheard:
                await _find_hole(m, link, deadline)
            else:
                await _ask_state(m, link, deadline)
    except (LineBusy, ModemTimeout):
        if deadline is None or m.left_ms(deadline):
            raise
        return False
    return True


async def synchronise(m, ticket, deadline):
    """Take a turn on the line, which resynchronises it where that is due."""
    try:
        await m.acquire(ticket, deadline)
    finally:
        m.release(ticket)


async def _find_hole(m, link, deadline):
    """The answer to a read is lost, or ERROR in place of data that were promised: fail a stream that lacks data by the module's
    count; where the answer is lost and there is no count, one to which data were promised, or whose reads are never answered.
    """
    refused = link.read is not None and link.read.result == ERROR  # None: it has another access mode by now
    try:
        count = await link.transport.handed_out(link, deadline)
    except (CommandError, ConnectionClosed, ProtocolError):
        count = None
    if count is None:
        hole = not refused and (link.promised or link.refusals > _REFUSALS)
    else:
        hole = count != link.received
    if hole and link.kind == STREAM:
        link.fail(ProtocolError("connection %d: the answer to a read is lost, and the data in it" % link.number))
    link.unheard = False


async def _ask_state(m, link, deadline):
    failed = link.refusals
    lives = await link.transport.is_open(link, deadline)
    if not lives:
        link.refused = False
        if link.state == OPEN:  # its end was never reported: the line was lost, the answer damaged, or the module has restarted
            m.engine.desync = True
            await synchronise(m, link, deadline)
            lives = await link.transport.is_open(link, deadline)
            if not lives and link.transport.keeps_ended and not await link.transport.holds(link, deadline):
                link.on_gone()  # which is an error of its own when data were promised
                link.fail(ConnectionClosed("connection %d: gone from the module, which reported no end" % link.number))
    if not lives:
        link.on_gone()
        return
    link.on_alive()
    if failed > _REFUSALS:
        code = link.read.code
        link.fail(
            CommandError("the module refuses to be read", command=redacted(link.read.line), code=code, family=m.error_family())
        )
    elif failed:
        await m.pause(_AGAIN_MS << failed, deadline)
        link.ready = True


def still_owed():
    """Return the exception for a send whose result has not come by the caller's deadline: the data may have been sent."""
    error = SocketTimeout("the module still owes the result of the send; stats() tells what it has taken")
    error.owed = True
    return error


async def recover(m, link, command, error, before, n, deadline, again_ms=None):
    """Sending `n` bytes after `before` bytes has ended with `error`; return whether they are to be sent again: none was taken.

    `again_ms`: the pause after which a send is to be made once more that was refused before the module asked for the data.

    False: all of them were taken after all. Otherwise raises what the caller of send() gets. `before`: bytes that the module had
    taken when the command began.
    """
    if isinstance(error, ModemRestarted):
        raise link.error or error
    if isinstance(error, ModemTimeout):
        if command.result == PENDING or command.result == OK:
            raise still_owed()
        await _count(m, link, command, before, n, deadline)
        return link.sent == before
    refused = isinstance(error, CommandError)
    if refused and command.open:  # after the data: an answer to what else?
        await _count(m, link, command, before, n, deadline)
        if link.sent != before:
            return False
    if refused and (link.ended() or (
        (command.open or error.code in m.dialect.send_closed) and not await link.transport.is_open(link, deadline)
    )):  # fmt: skip
        link.on_closed()
        raise ConnectionClosed("the connection is closed", command=error.command, code=error.code, family=error.family)
    error.refused = refused and not command.open
    if error.refused and again_ms is not None and await m.pause(again_ms, deadline):
        return True
    raise error


async def _count(m, link, command, before, n, deadline):
    """A send of `n` bytes was given up without a result, after `before` bytes: find out by the module's byte counters.

    On return `link.sent` is true: all of it was taken, or nothing (then it may be sent again). Where the counters do not tell,
    the connection has failed, and its error is raised: never send twice, never guess. The counters decide only while nothing
    else was sent: a byte that was lost on its way to the module makes it wait for more, so its own input time-out passes first.
    """
    try:
        total = (await link.transport.counters(link, deadline))[0]
    except (CommandError, ConnectionClosed, NotSupported, ProtocolError):
        total = -1
    if link.error is None and (total == before or (total == before + n and command.written)):
        link.sent = total
        return
    if total < 0 and link.error is None and not await link.transport.is_open(link, deadline):
        link.on_closed()
        raise ConnectionClosed("connection %d: closed; what became of the last send is not known" % link.number)
    link.fail(ProtocolError("connection %d: what became of the last send is not known" % link.number))
    raise link.error


def refuse(m, n, transport=None):
    """The module reports a connection with id `n` that nobody wants any more, such as a client of a listener that was just
    closed: it is closed at the next chance.
    """
    link = add_link(m, transport or m.dialect.transport(None), n, BUFFER, _SMALL)
    link.context = m.context
    link.unclosed = True
    link.abandoned = True
    m.engine.changed = True


def add_link(m, transport, n, access, size):
    """Put the link of a connection that the module has opened into the table, and return it."""
    link = transport.link_class(m, transport, n, STREAM, access, size)
    link.slot = transport.slots(STREAM)[0] + n
    link.state = OPEN
    before = m.links[link.slot]
    if before is not None:
        before.on_gone()
    m.links[link.slot] = link
    return link
