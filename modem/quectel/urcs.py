"""The rarer +QIURC lines: incoming, incoming full, pdpdeact (TCP-E 2.5)."""

from ..at.params import split
from ..compat import age_ms, const
from ..errors import ConnectionClosed
from ..net.link import LISTENER

_BOOT_MS = const(30000)


def on_urc(m, line):
    """Deal with a +QIURC that is neither "recv", "closed" nor "dnsgip"; return False when it is none that we know."""
    values = split(line)
    kind = values[0]
    if kind == "pdpdeact" and len(values) > 1 and values[1] in range(1, m.dialect.contexts + 1):
        m.context_lost(ConnectionClosed("the network has deactivated the PDP context"), values[1])
    elif kind == "incoming full":
        m.engine.event("incoming full")
    elif kind == "incoming" and len(values) > 4:
        server = m.link_at(values[2]) if isinstance(values[2], int) else None
        if values[1] not in range(len(m.links)):
            return False
        from ..net.server import incoming, refuse

        if server is not None and server.kind == LISTENER:
            incoming(m, server, values[1], values[3], values[4])
        elif values[2] not in m.dialect.closed_listeners or m.link_at(values[1]) is not None:
            return False
        else:
            refuse(m, values[1])
    else:
        return False
    return True


def app_rdy(m):
    """APP RDY: BG modules end their boot with it, seconds after RDY and after the first answers; over USB there is no RDY.

    Soon after start() it is that of the boot in which the module was found. If it belongs to a later restart, resynchronising
    will detect that.
    """
    if m.started and age_ms(m.dialect.found_at, m.port.ticks_ms()) < _BOOT_MS:
        m.engine.desync = True
    else:
        m.engine.boot(None, 0, 0)
