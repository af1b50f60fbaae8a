"""PDP contexts on Quectel modules: QICSGP, QIACT, QIDEACT (TCP-E 2.4.2 to 2.4.6) and what the network says about them."""

from ..compat import const
from ..errors import CommandError, ConnectionClosed, ModemTimeout
from ..fields import number, quoted, split

_ACTIVATE_MS = const(150000)  # TCP-E 2.4.3
_DEACTIVATE_MS = const(40000)  # TCP-E 2.4.4


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
        await detach(m, deadline)
    m._end_links(ConnectionClosed("the PDP context was not up any more"), cid)
    await m._cmd(b"+QICSGP=%d,%s" % (cid, params), deadline=deadline, explain=True)
    try:
        if m._background and m.dialect.background:
            await _in_background(m, b"+QIACTEX", cid, _ACTIVATE_MS, deadline)
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


async def _in_background(m, name, cid, limit_ms, deadline):
    """Run AT+QIACTEX or AT+QIDEACTEX: OK comes at once, `<name>: <id>,<err>` later; other commands can run meanwhile."""
    results = m.dialect.results
    key = name + b": %d" % cid
    results[key] = None
    line = name + b"=%d" % cid
    until = m._earlier(deadline, limit_ms)
    try:
        await m._cmd(line, explain=True, deadline=deadline)
        while results[key] is None:
            if not await m._turn(until) and results[key] is None:
                raise ModemTimeout("no result within the time allowed", command="AT" + line.decode())
        if results[key]:
            raise CommandError("command failed", command="AT" + line.decode(), code=results[key], family=m.dialect.errors)
    finally:
        del results[key]


async def addresses(m, deadline):
    """Return the addresses of context `m.context` (IPv4 first), None when it is not active."""
    for line in await m._cmd(b"+QIACT?", b"+QIACT:", deadline=deadline):
        values = split(line)
        if values[:2] == [m.context, 1]:
            return tuple([v for v in values[3:] if v and isinstance(v, str)])
    return None


async def clear(m, context):
    """After "pdpdeact" the host has to deactivate the context too (TCP-E 2.5.5)."""
    await m._try(b"+QIDEACT=%d" % context, limit_ms=_DEACTIVATE_MS)


async def detach(m, deadline):
    """Deactivate context `m.context`; the module closes its connections."""
    m.dialect.active.pop(m.context, None)
    if m._background and m.dialect.background:
        await _in_background(m, b"+QIDEACTEX", m.context, _DEACTIVATE_MS, deadline)
    else:
        await m._cmd(b"+QIDEACT=%d" % m.context, limit_ms=_DEACTIVATE_MS, deadline=deadline, explain=True)
