"""PDP contexts on Quectel modules: QICSGP, QIACT, QIDEACT, QIACTEX, QIDEACTEX (TCP-E 2.4.2 to 2.4.6)."""

from ..at.params import number, quoted, split
from ..compat import const
from ..errors import CommandError, ConnectionClosed

_ACTIVATE_MS = const(150000)  # TCP-E 2.4.3
_DEACTIVATE_MS = const(40000)  # TCP-E 2.4.4
_NOT_ALLOWED = const(572)


def settings(apn, user, password, auth, ip):
    """Return the parameters of AT+QICSGP after the context id; see Dialect.part."""
    names = (quoted("apn", apn, 99), quoted("user", user or "", 127), quoted("password", password or "", 127))
    return b"%d,%s,%s,%s,%d" % (ip + 1, names[0], names[1], names[2], auth)


async def attach(m, params, deadline):
    """Configure context `m.context` and activate it, unless it is active with the same settings; return its addresses."""
    cid = number("context", m.context, 1, m.dialect.contexts)
    await m.close_abandoned(deadline)  # a context that the network took away must be deactivated first
    found = await addresses(m, deadline)
    if found is not None:
        if params == m.dialect.active.get(cid) or await _has_settings(m, cid, params, deadline):
            m.dialect.active[cid] = params
            return found
        await detach(m, deadline)
    m.end_links(ConnectionClosed("the PDP context was not up any more"), cid)
    await define(m, params, deadline)
    for last in (False, True):
        try:
            await _run(m, b"+QIACT", cid, _ACTIVATE_MS, deadline)
            found = await addresses(m, deadline)
            break
        except CommandError as error:
            found = await addresses(m, deadline)  # "already active" is an ERROR on some firmware
            if found is not None:
                break
            if last or error.code != _NOT_ALLOWED:
                raise
            await clear(m, cid, deadline)  # the network has taken it away, unseen by this program
    m.dialect.active[cid] = params
    return found or ()


async def define(m, params, deadline):
    """Tell the module what context `m.context` is: the network may want the APN for the registration already."""
    await m.cmd(b"+QICSGP=%d,%s" % (m.context, params), deadline=deadline, explain=True)


async def _has_settings(m, cid, params, deadline):
    """Return whether the context, which an earlier program has activated, is what this one wants."""
    lines = await m.attempt(b"+QICSGP=%d" % cid, b"+QICSGP:", deadline=deadline)
    return bool(lines) and split(lines[-1])[:5] == split(b"+QICSGP: " + params)


async def addresses(m, deadline):
    """Return the addresses of context `m.context` (IPv4 first), None when it is not active."""
    for line in await m.cmd(b"+QIACT?", b"+QIACT:", deadline=deadline):
        values = split(line)
        if values[:2] == [m.context, 1]:
            return tuple([v for v in values[3:] if v and isinstance(v, str)])
    return None


async def clear(m, context, deadline):
    """After "pdpdeact" the host has to deactivate the context too (TCP-E 2.5.5)."""
    await m.attempt(b"+QIDEACT=%d" % context, limit_ms=_DEACTIVATE_MS, deadline=deadline)


async def detach(m, deadline):
    """Deactivate context `m.context`; the module closes its connections."""
    m.dialect.active.pop(m.context, None)
    await _run(m, b"+QIDEACT", m.context, _DEACTIVATE_MS, deadline)


async def _run(m, name, cid, limit_ms, deadline):
    """Run AT+QIACT or AT+QIDEACT; for asyncio the form that leaves the line free, where the firmware has it."""
    if m.waiter.fair and m.dialect.background:
        try:
            from .urcs import in_background

            return await in_background(m, name + b"EX", cid, limit_ms, deadline)
        except CommandError as error:
            if error.code is not None and not error.unknown_command():
                raise
            m.dialect.background = False
    return await m.cmd(name + b"=%d" % cid, limit_ms=limit_ms, deadline=deadline, explain=True)
