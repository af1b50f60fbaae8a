"""The end of network service and PDP context on SIMCom modules: NETCLOSE, CGACT=0; the network goes by itself (TCP-S 4.2)."""

from ..compat import const
from ..errors import CommandError, ConnectionClosed, ModemError, ModemTimeout, SimError
from ..params import split
from .context import is_open, order
from .order import LIMIT_MS, LOCAL_MS

_DEACTIVATE_MS = const(150000)
_LINKS_OPEN = const(9)  # <err> of +NETCLOSE
_GIVE_UP = const(3)  # failed deactivations in a row after which only a restart helps (flow charts, step 6a)


async def close(m, deadline):
    """Close the network service and with it all links; "not open" is as good.

    Some firmware does not close the links itself, and refuses while there are any (9): then they are closed one by one before.
    """
    try:
        await order(m, b"+NETCLOSE", "the network service did not close", deadline)
    except CommandError as error:
        if not await is_open(m, deadline):
            return
        if error.code != _LINKS_OPEN:
            raise
        await _close_links(m, deadline)
        await order(m, b"+NETCLOSE", "the network service did not close", deadline)


async def _close_links(m, deadline):
    from .states import rows

    until = m._earlier(deadline, LIMIT_MS)
    left = await rows(m, deadline)
    while left:
        for row in left:
            await m._try(b"+CIPCLOSE=%d" % row[0], None, LOCAL_MS, deadline)
        if not await m._sleep(200, until):  # the result may come after OK
            break
        left = await rows(m, deadline)


async def detach(m, deadline):
    """Close the network service, then deactivate the context.

    In LTE the module may keep its default bearer: that it refuses to deactivate is an error only the third time in a row, when
    the flow charts restart the module.
    """
    dialect = m.dialect
    await close(m, deadline)
    dialect.forget()
    if await m._try(b"+CGACT=0,1", None, _DEACTIVATE_MS, deadline) is not None:
        dialect.failed_deactivations = 0
        return
    dialect.failed_deactivations += 1
    if dialect.failed_deactivations >= _GIVE_UP:
        raise ModemError("the context was not deactivated three times in a row: restart the module", command="AT+CGACT=0,1")


async def explain(m, error):
    """After ERROR from a TCP/IP command: SimError in its place when the SIM card is missing or locked (TCP-S 1.5.1)."""
    lines = await m._try(b"+CPIN?", b"+CPIN:", 5000)
    state = split(lines[-1])[0] if lines else "no answer"
    if state != "READY":
        raise SimError("the SIM card is not ready: %s" % state, command=error.command, code=error.code, family=error.family)


def restart_reason(dialect, error):
    """See SimCom.restart_reason. A card that wants its PIN is not helped by a restart: its error has no code."""
    if dialect.failed_deactivations >= _GIVE_UP:
        dialect.failed_deactivations = 0
        return "the context was not deactivated three times in a row"
    if isinstance(error, SimError) and error.code is not None:
        return "the SIM card was not ready within 10 s"
    if isinstance(error, ModemTimeout) and error.command is None:
        return "not registered within 90 s"
    return None


async def clear(m, context):
    """After +CIPEVENT: close what is open, then the service where AT+NETOPEN? still shows it (TCP-S 4.2)."""
    for link in m._links:
        if link is not None and link.opened and not link.orphan:
            try:
                await link.ops.close(m, link)
            except (CommandError, ConnectionClosed, ModemTimeout):
                pass  # gone already, or the result line never comes
            link.opened = False
    if await is_open(m):
        await close(m, None)


def lost(m):
    """+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY: no link carries data any more (TCP-S 4.2)."""
    m._apn_settings = None
    m._context_lost(ConnectionClosed("the network was closed unexpectedly"))
