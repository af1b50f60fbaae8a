"""The end of a PDP context on Quectel modules: QIDEACT (TCP-E 2.4.4)."""

from ..compat import const

_DEACTIVATE_MS = const(40000)  # TCP-E 2.4.4


async def clear(m, context):
    """After "pdpdeact" the host has to deactivate the context too (TCP-E 2.5.5)."""
    await m._try(b"+QIDEACT=%d" % context, limit_ms=_DEACTIVATE_MS)


async def detach(m, deadline):
    """Deactivate context `m.context`; the module closes its connections."""
    m.dialect.active.pop(m.context, None)
    if m._background and m.dialect.background:
        from .background import run

        await run(m, b"+QIDEACTEX", m.context, _DEACTIVATE_MS, deadline)
    else:
        await m._cmd(b"+QIDEACT=%d" % m.context, limit_ms=_DEACTIVATE_MS, deadline=deadline, explain=True)
