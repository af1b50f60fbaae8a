"""Names, ping, time and socket options on SIMCom modules: CDNSGIP, CDNSCFG, CPING, CNTP, CIPCCFG and others.

TCP-S only names them; the syntax is the public A76XX AT command manual's (1.09).
"""

from ..errors import CommandError
from ..fields import quoted, split
from .order import Order

_DNS_MS = 20000  # the manual says 6 s


async def resolve(m, host, deadline=None):
    """Return [(address, None), ...] of `host`: AT+CDNSGIP tells no time to live."""
    line = b"+CDNSGIP=" + quoted("host", host, 254)
    order = Order(line, b"+CDNSGIP:", _row, None, _DNS_MS, "simcom-dns")
    await m._run(order, deadline)
    found = [(v[2], None) for v in [split(line) for line in order.lines] if len(v) > 2 and v[2]]
    if not found:
        raise CommandError("no address for the name", command="AT" + line.decode(), lines=order.lines)
    return found


def _row(buf, s, e):
    return True
