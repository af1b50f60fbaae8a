"""The receive mode of a SIMCom module: one for all sockets (TCP-S 1.5.4), changed only while none is open."""

from ..errors import NotSupported
from ..link import BUFFER, PUSH, TRANSPARENT
from .order import LOCAL_MS

_NAMES = ("buffer", "push", "transparent")


async def use(m, access, link, deadline=None):
    """Put mode `access` in force for `link`. NotSupported naming the mode in force while other sockets are open in it."""
    dialect = m.dialect
    others = [one for one in m._links if one is not None and one is not link and one.slot not in dialect.APART]
    if access == TRANSPARENT and (others or link.number):
        raise NotSupported("%s: transparent access needs link 0 and no other socket open" % dialect.model)
    if access == dialect.access:
        return
    if others:
        raise NotSupported(
            "%s has one access mode for all its sockets, and %r is in force while sockets are open (%s)"
            % (dialect.model, _NAMES[dialect.access], dialect.document)
        )
    if TRANSPARENT in (access, dialect.access):
        from .context import close, open

        # CIPMODE is set before NETOPEN (TCP-S 3.2.3)
        await close(m, deadline)
        await m._cmd(b"+CIPMODE=%d" % (access == TRANSPARENT), limit_ms=LOCAL_MS, deadline=deadline)
        await open(m, deadline)
    if access == PUSH:
        for line in (b"+CIPHEAD=1", b"+CIPSRIP=1"):
            await m._cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
    if access != TRANSPARENT:
        await m._cmd(b"+CIPRXGET=%d" % (access == BUFFER), limit_ms=LOCAL_MS, deadline=deadline)
    dialect.access = access
