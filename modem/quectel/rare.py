"""The +QIURC lines that come now and then: incoming, incoming full, pdpdeact, dnsgip (TCP-E 2.5, 2.4.17)."""

from ..compat import const, ticks_diff
from ..errors import ConnectionClosed
from ..link import LISTENER
from ..params import split

_BOOT_MS = const(30000)


def _link(m, number):
    return m._links[number] if number in range(len(m._links)) else None


def on_urc(m, line):
    """Deal with a +QIURC that is neither "recv" nor "closed"; return False when it is none that we know."""
    values = split(line)
    kind = values[0]
    if kind == "pdpdeact" and len(values) > 1 and values[1] in range(1, m.dialect.contexts + 1):
        m._context_lost(ConnectionClosed("the network has deactivated the PDP context"), values[1])
    elif kind == "incoming full":
        m._engine.event("incoming full")
    elif kind == "incoming" and len(values) > 4:
        server = _link(m, values[2])
        if values[1] not in range(len(m._links)):
            return False
        from ..servers import incoming, refuse

        if server is not None and server.kind == LISTENER:
            incoming(m, server, values[1], values[3], values[4])
        elif values[2] not in m.dialect.ended or _link(m, values[1]) is not None:
            return False
        else:
            refuse(m, values[1])
    elif kind == "dnsgip" and m._lookup is not None and len(values) > 1:
        m._lookup.append(values[1:])
        m._engine.changed = True
    else:
        return False
    return True


def app_rdy(m):
    """APP RDY: BG modules end their boot with it, seconds after RDY and after the first answers; over USB there is no RDY.

    Soon after start() it is that of the boot in which the module was found. Should it be another one's, lining up shows it.
    """
    if m._started and ticks_diff(m._port.ticks_ms(), m.dialect.found_at) < _BOOT_MS:
        m._engine.desync = True
    else:
        m._engine.boot(None, 0, 0)
