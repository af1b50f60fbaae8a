"""PDP context and network service on SIMCom modules: CGDCONT, CGACT, CGPADDR, CSOCKSETPN, NETOPEN, NETCLOSE, IPADDR.

TCP-S 3.1 and the flow charts: every answer within 120 s, context activation within 150 s.
"""

from ..compat import const
from ..errors import CommandError, ConnectionClosed, ModemError, ModemTimeout, SimError
from ..fields import quoted, split, text
from .order import LIMIT_MS, LOCAL_MS, Order

_TYPES = (b'"IP"', b'"IPV6"', b'"IPV4V6"')
_ACTIVATE_MS = const(150000)
_LINKS_OPEN = const(9)  # <err> of +NETCLOSE
_GIVE_UP = const(3)  # failed deactivations in a row after which only a restart helps (flow charts, step 6a)


def settings(dialect, apn, user, password, auth, ip):
    """Check what describes a context; return (ip, parameters of AT+CGDCONT, parameters of AT+CGAUTH).

    `auth`: 0 none, 1 PAP, 2 CHAP, 3 either; `ip`: 0 IPv4, 1 IPv6, 2 both.
    """
    define = b"1," + _TYPES[ip] + b"," + quoted("apn", apn, 99)
    login = b"1,%d" % auth
    if auth:
        login += b"," + quoted("user", user or "", 127) + b"," + quoted("password", password or "", 127)
    return ip, define, login


async def attach(m, params, deadline):
    """Define the context and open the network service, unless it is open with the same settings; return its addresses."""
    await m._sweep()  # what the network has taken away is closed first, never what is opened here
    if await is_open(m, deadline):
        if params == m._apn_settings:
            return await addresses(m, params[0], deadline)
        await close(m, deadline)  # left open by an earlier program, or after the network was lost: its links go with it
    m.dialect.forget()
    ip, define, login = params
    await m._cmd(b"+CGDCONT=" + define, limit_ms=LOCAL_MS, deadline=deadline)
    if await m._try(b"+CGAUTH=" + login, limit_ms=LOCAL_MS, deadline=deadline) is None and b"," in login[2:]:
        raise CommandError("the module does not take user and password", command="AT+CGAUTH=***")
    await activate(m, deadline)
    family = b"6" if ip == 1 else b"1"
    await m._cmd(b"+CSOCKSETPN=1," + family, limit_ms=LOCAL_MS, deadline=deadline)
    await m._cmd(b"+CIPMODE=0", limit_ms=LOCAL_MS, deadline=deadline)
    await open(m, deadline)
    await m._cmd(b"+CIPRXGET=1", limit_ms=LOCAL_MS, deadline=deadline)
    return await addresses(m, ip, deadline)


async def activate(m, deadline):
    """Activate context 1 where it is not active. Its ERROR is no end: NETOPEN activates the context itself (TCP-S 3.1.3).

    No answer within 150 s is ModemTimeout: the flow charts then restart the module.
    """
    for line in await m._try(b"+CGACT?", b"+CGACT:", LOCAL_MS, deadline) or ():
        if split(line)[:2] == [1, 1]:
            return
    await m._try(b"+CGACT=1,1", None, _ACTIVATE_MS, deadline)


async def is_open(m, deadline=None):
    """Return whether the network service is open (AT+NETOPEN?)."""
    lines = await m._try(b"+NETOPEN?", b"+NETOPEN:", LOCAL_MS, deadline)
    return bool(lines) and split(lines[-1])[:1] == [1]


async def open(m, deadline):
    """Open the network service. OK alone does not mean that it is open: the result line counts (TCP-S 3.1.3)."""
    try:
        await _order(m, b"+NETOPEN", "the network service did not open", deadline)
    except CommandError as error:
        if await is_open(m, deadline):
            return
        await explain(m, error)
        raise


async def close(m, deadline):
    """Close the network service and with it all links; "not open" is as good.

    Some firmware does not close the links itself, and refuses while there are any (9): then they are closed one by one before.
    """
    try:
        await _order(m, b"+NETCLOSE", "the network service did not close", deadline)
    except CommandError as error:
        if not await is_open(m, deadline):
            return
        if error.code != _LINKS_OPEN:
            raise
        await _close_links(m, deadline)
        await _order(m, b"+NETCLOSE", "the network service did not close", deadline)


async def _close_links(m, deadline):
    from .opening import rows

    until = m._earlier(deadline, LIMIT_MS)
    left = await rows(m, deadline)
    while left:
        for row in left:
            await m._try(b"+CIPCLOSE=%d" % row[0], None, LOCAL_MS, deadline)
        if not await m._sleep(200, until):  # the result may come after OK
            break
        left = await rows(m, deadline)


async def _order(m, name, words, deadline):
    dialect = m.dialect
    dialect.net_result = None
    until = m._earlier(deadline, LIMIT_MS)
    await m._run(Order(name, name + b":", dialect.on_net), deadline)
    code = await m._result(dialect, "net_result", until, name)
    if code:
        raise CommandError(words, command="AT" + name.decode(), code=code, family="simcom")


async def explain(m, error):
    """After ERROR from a TCP/IP command: SimError in its place when the SIM card is missing or locked (TCP-S 1.5.1)."""
    lines = await m._try(b"+CPIN?", b"+CPIN:", 5000)
    state = split(lines[-1])[0] if lines else "no answer"
    if state != "READY":
        raise SimError("the SIM card is not ready: %s" % state, command=error.command, code=error.code, family=error.family)


async def addresses(m, ip=0, deadline=None):
    """Return the addresses of the service (AT+IPADDR), with `ip` 2 (both) those of the context too (AT+CGPADDR)."""
    lines = await m._cmd(b"+IPADDR", b"+IPADDR:", LOCAL_MS, deadline)
    address = text(lines[-1][8:].strip()) if lines else ""
    if "." not in address and ":" not in address:
        # an older edition prints the text of +IP ERROR here
        raise CommandError("no address: %s" % address, command="AT+IPADDR", lines=lines)
    found = [address]
    if ip == 2:
        for line in await m._try(b"+CGPADDR=1", b"+CGPADDR:", LOCAL_MS, deadline) or ():
            found += [a for a in split(line)[1:] if isinstance(a, str) and a not in found and a != "0.0.0.0"]
    return tuple(found)


async def detach(m, deadline):
    """Close the network service, then deactivate the context.

    In LTE the module may keep its default bearer: that it refuses to deactivate is an error only the third time in a row, when
    the flow charts restart the module.
    """
    dialect = m.dialect
    await close(m, deadline)
    dialect.forget()
    if await m._try(b"+CGACT=0,1", None, _ACTIVATE_MS, deadline) is not None:
        dialect.failed_deactivations = 0
        return
    dialect.failed_deactivations += 1
    if dialect.failed_deactivations >= _GIVE_UP:
        raise ModemError("the context was not deactivated three times in a row: restart the module", command="AT+CGACT=0,1")


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
