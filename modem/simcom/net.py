"""Names, ping, time and states of links on SIMCom modules: CDNSGIP, CDNSCFG, CPING, CNTP, CIPOPEN?, CIPCLOSE?.

TCP-S only names the first four; their syntax is the public A76XX AT command manual's (1.09).
"""

from ..compat import const
from ..errors import CommandError, NotSupported
from ..fields import number
from ..params import quoted, split, text
from ..runs import Run, told
from ..sockets import ACCESS
from .order import LOCAL_MS, Order
from .states import rows, sessions

_DNS_MS = const(60000)  # the manual says 6 s
_TIME_MS = const(125000)
_SHORTEST_WAIT_S = const(10)  # of AT+CPING
_INTERVAL_MS = const(1000)
_NTP = const(123)


async def resolve(m, host, timeout_ms):
    """Return `([address, ...], 0)` of a host name; the module tells no time to live.

    CommandError (10: unknown), ModemTimeout after `timeout_ms` (None: 60 s).
    """
    line = b"+CDNSGIP=" + quoted("host", host, 254)
    m._online()
    order = Order(line, b"+CDNSGIP:", _taken, None, _DNS_MS, "simcom-dns")
    await m._run(order, m._deadline(timeout_ms))
    found = []
    for values in [split(row) for row in order.lines]:
        found += [v for v in values[2:] if isinstance(v, str) and v and v not in found]
    if not found:
        raise CommandError("no address for the name", command="AT" + text(line), lines=order.lines)
    return found, 0


def _taken(buf, s, e):
    return True


async def dns(m, primary, secondary):
    """Return the name servers; set them first where `primary` is given. A firmware without AT+CDNSCFG tells none."""
    if primary is not None:
        line = b"+CDNSCFG=" + _server("primary", primary)
        line += b"," + (_server("secondary", secondary) if secondary is not None else b"")
        await m._cmd(line.rstrip(b",") if b":" not in line else line + b",1", limit_ms=LOCAL_MS)
    try:
        lines = await m._cmd(b"+CDNSCFG?", b"+CDNSCFG:", LOCAL_MS, bare=True)
    except CommandError:
        return ()
    found = []
    for line in lines:
        for part in text(line).split(","):
            _, mark, value = part.partition("DNS:")
            value = value.strip()
            if mark and value.strip("0.:"):
                found.append(value)
    return tuple(found)


def _server(name, value):
    """Check the address of a name server; the command takes it without quotes."""
    value = quoted(name, value, 45)[1:-1]
    if value.strip(b"0123456789abcdefABCDEF.:"):
        raise ValueError("%s must be an address" % name)
    return value


class Ping(Run):
    """Collects the lines of AT+CPING: type 1 a reply, 2 a request without answer, 3 the summary, which ends the run."""

    def take(self, values):
        if values[0] == 3 and len(values) >= 7:
            self.summary = tuple(values[1:7])
        elif values[0] == 1 and len(values) >= 5:
            self.replies.append(tuple(values[1:5]))
        elif values[0] == 2:
            self.replies.append(None)
        else:
            return False
        return True


async def ping(m, host, count, timeout_s):
    """See `Modem.ping`. The module takes 1 to 5 requests and waits at least 10 s for each; shorter ones are waited for 10 s."""
    count = number("count", count, 1, 5)
    wait_s = max(number("timeout_s", timeout_s, 1, 100), _SHORTEST_WAIT_S)
    kind = 2 if isinstance(host, str) and ":" in host else 1
    command = b"+CPING=%s,%d,%d,64,%d,%d,255" % (quoted("host", host, 255), kind, count, _INTERVAL_MS, wait_s * 1000)
    m._online()
    run = Ping(m._engine)
    run_ms = count * (wait_s * 1000 + _INTERVAL_MS) + _DNS_MS
    await run.wait(m, command, b"+CPING:", run_ms, limit_ms=LOCAL_MS)
    return run.summary, run.replies


class Clock(Run):
    """Collects the line of AT+CNTP: `<err>`; the answer to its read form begins with a server."""

    def take(self, values):
        if len(values) != 1 or not isinstance(values[0], int):
            return False
        self.summary = values
        return True


async def sync_time(m, server, port, set_clock, timeout_ms):
    """See `Modem.sync_time`. AT+CNTP always sets the module's clock, and always asks port 123; the zone is 0, so it is UTC."""
    line = b"+CNTP=%s,0" % quoted("server", server, 255)
    if port != _NTP or not set_clock:
        raise NotSupported("%s: AT+CNTP knows only port 123, and sets the module's clock" % m.dialect.model)
    m._online()
    deadline = m._deadline(timeout_ms)
    run = Clock(m._engine)
    await m._cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
    await run.wait(m, b"+CNTP", b"+CNTP:", _TIME_MS, deadline, limit_ms=LOCAL_MS)
    if run.summary[0]:
        raise CommandError("the time was not fetched", command="AT+CNTP", code=run.summary[0], family="simcom-ntp")
    lines = await m._cmd(b"+CCLK?", b"+CCLK:", LOCAL_MS, deadline)
    return told(split(lines[-1])[0] if lines else None)


async def states(m, link=None, context=None):
    """See `Modem.connections`: links that are free are left out; the module tells no local port and no access mode."""
    if link is not None:
        number("link", link, 0, 9)
    out = []
    for row in await rows(m):
        if isinstance(row[1], str) and (link is None or row[0] == link):
            row += [None] * (5 - len(row))
            server = row[4] if isinstance(row[4], int) and row[4] >= 0 else None
            service = "TCP INCOMING" if server is not None else row[1].upper()
            known = m._links[row[0]]
            port = known.port if known is not None else None
            access = ACCESS[m.dialect.access]
            out.append((row[0], service, row[2], row[3], port, "connected", 1, server, access, None))
    if m.dialect.cch is not None:
        for row in await sessions(m):
            if link is None or row[0] == link:
                out.append((row[0], "SSLCLIENT", row[1], row[2], None, "connected", 1, None, ACCESS[m.dialect.cch], None))
    return out if context in (None, 1) else []
