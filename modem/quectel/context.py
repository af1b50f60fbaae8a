"""PDP contexts on Quectel modules: QICSGP, QIACT (TCP-E 2.4.2, 2.4.3). Their end: ending.py."""

from ..compat import const
from ..errors import CommandError, ConnectionClosed
from ..fields import number
from ..params import quoted, split

_ACTIVATE_MS = const(150000)  # TCP-E 2.4.3


def settings(dialect, apn, user, password, auth, ip):
    """Check what describes a context; return the parameters of AT+QICSGP behind the context id.

    `auth`: 0 none, 1 PAP, 2 CHAP, 3 either; `ip`: 0 IPv4, 1 IPv6, 2 both.
    """
    names = (quoted("apn", apn, 99), quoted("user", user or "", 127), quoted("password", password or "", 127))
    return b"%d,%s,%s,%s,%d" % (ip + 1, names[0], names[1], names[2], auth)


async def attach(m, params, deadline):
    """Configure context `m.context` and activate it, unless it is active with the same settings; return its addresses."""
    cid = number("context", m.context, 1, m.dialect.contexts)
    await m._sweep()  # a context that the network took away must be deactivated first
    found = await addresses(m, deadline)
    if found is not None:
        if params == m.dialect.active.get(cid):
            return found
        from .ending import detach

        await detach(m, deadline)
    m._end_links(ConnectionClosed("the PDP context was not up any more"), cid)
    await m._cmd(b"+QICSGP=%d,%s" % (cid, params), deadline=deadline, explain=True)
    try:
        if m._background and m.dialect.background:
            from .background import run

            await run(m, b"+QIACTEX", cid, _ACTIVATE_MS, deadline)
        else:
            await m._cmd(b"+QIACT=%d" % cid, limit_ms=_ACTIVATE_MS, deadline=deadline, explain=True)
    except CommandError:
        found = await addresses(m, deadline)  # "already active" is an ERROR on some firmware
        if found is None:
            raise
    else:
        found = await addresses(m, deadline)
    m.dialect.active[cid] = params
    return found or ()


async def addresses(m, deadline):
    """Return the addresses of context `m.context` (IPv4 first), None when it is not active."""
    for line in await m._cmd(b"+QIACT?", b"+QIACT:", deadline=deadline):
        values = split(line)
        if values[:2] == [m.context, 1]:
            return tuple([v for v in values[3:] if v and isinstance(v, str)])
    return None
