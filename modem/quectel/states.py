"""What a Quectel module says about a connection: QISTATE (TCP-E 2.4.12). Asked when a read was refused."""

from ..compat import const
from ..params import split

_AGAIN_MS = const(50)  # pause before a read that was refused is tried again


async def settle(m, link, deadline=None):
    """A read was refused: ask for the state; a connection that is gone or closing has nothing left to read."""
    if await link.ops.state(m, link, deadline) == 2:
        link.refused = False
        await m._sleep(_AGAIN_MS, deadline)
        link.ready = True
        return
    link.refused = False
    link.on_gone()


async def state(m, link, deadline=None):
    """Return the module's number for the state of `link` (2: connected), None when it does not know the connection."""
    lines = await m._try(b"+QISTATE=1,%d" % link.number, b"+QISTATE:", 5000, deadline)
    values = split(lines[-1]) if lines else ()
    return values[5] if len(values) >= 6 else None
