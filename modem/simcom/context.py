"""PDP context and network service on SIMCom modules: CGDCONT, CGACT, CGPADDR, CSOCKSETPN, NETOPEN, IPADDR. Their end: ending.py.

TCP-S 3.1 and the flow charts: every answer within 120 s, context activation within 150 s.
"""

from ..compat import const
from ..errors import CommandError
from ..params import quoted, split, text
from .order import LIMIT_MS, LOCAL_MS, Order

_TYPES = (b'"IP"', b'"IPV6"', b'"IPV4V6"')
_ACTIVATE_MS = const(150000)


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
        from .ending import close

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
        await order(m, b"+NETOPEN", "the network service did not open", deadline)
    except CommandError as error:
        if await is_open(m, deadline):
            return
        from .ending import explain

        await explain(m, error)
        raise


async def order(m, name, words, deadline):
    """Run a command with a result line of its own, `name` with a number; CommandError with `words` where it is not 0."""
    dialect = m.dialect
    dialect.net_result = None
    until = m._earlier(deadline, LIMIT_MS)
    await m._run(Order(name, name + b":", dialect.on_net), deadline)
    code = await m._result(dialect, "net_result", until, name)
    if code:
        raise CommandError(words, command="AT" + name.decode(), code=code, family="simcom")


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
