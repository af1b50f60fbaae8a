"""PDP contexts on Quectel modules: QICSGP, QIACT, QIDEACT (TCP-E 2.4.2 to 2.4.6) and what the network says about them."""

from ..errors import CommandError
from ..fields import number, quoted, split

_TYPES = {"ipv4": 1, "ipv6": 2, "ipv4v6": 3}
_AUTH = {None: 0, "none": 0, "pap": 1, "chap": 2, "either": 3}
_ACTIVATE_MS = 150000  # TCP-E 2.4.3
_DEACTIVATE_MS = 40000  # TCP-E 2.4.4


def settings(dialect, apn, user, password, auth, ip):
    """Check what describes a context; return the parameters of AT+QICSGP behind the context id.

    `auth`: None, "none", "pap", "chap" or "either"; with a user and no `auth` it is "either".
    """
    if ip not in _TYPES:
        raise ValueError("ip must be one of " + ", ".join(sorted(_TYPES)))
    if auth is None and user:
        auth = "either"
    if auth not in _AUTH:
        raise ValueError("auth must be one of none, pap, chap, either")
    return b",".join(
        (
            b"%d" % _TYPES[ip],
            quoted("apn", apn, 99),
            quoted("user", user or "", 127),
            quoted("password", password or "", 127),
            b"%d" % _AUTH[auth],
        )
    )


async def attach(m, params, deadline):
    """Configure context `m.context` and activate it, unless it is active with the same settings; return its addresses."""
    cid = b"%d" % number("context", m.context, 1, m.dialect.contexts)
    await m._sweep()  # a context that the network took away must be deactivated first
    found = await addresses(m, deadline)
    if found is not None:
        if params == m._apn_settings:
            return found
        await m._cmd(b"+QIDEACT=" + cid, limit_ms=_DEACTIVATE_MS, deadline=deadline, explain=True)
    await m._cmd(b"+QICSGP=" + cid + b"," + params, deadline=deadline, explain=True)
    try:
        await m._cmd(b"+QIACT=" + cid, limit_ms=_ACTIVATE_MS, deadline=deadline, explain=True)
    except CommandError:
        found = await addresses(m, deadline)  # "already active" is an ERROR on some firmware
        if found is None:
            raise
        return found
    return await addresses(m, deadline) or ()


async def addresses(m, deadline):
    """Return the addresses of context `m.context` (IPv4 first), None when it is not active."""
    for line in await m._cmd(b"+QIACT?", b"+QIACT:", deadline=deadline):
        values = split(line)
        if values[0] == m.context and values[1] == 1:
            return tuple(values[3:])
    return None


async def detach(m, deadline):
    """Deactivate context `m.context`; the module closes its connections."""
    await m._cmd(b"+QIDEACT=%d" % m.context, limit_ms=_DEACTIVATE_MS, deadline=deadline, explain=True)
