"""Names, ping, time and states of connections on SIMCom modules: CDNSGIP, CDNSCFG, CPING, CNTP, CIPOPEN?, CCHOPEN?.

TCP-S only names the first four; their syntax is the public A76XX AT command manual's (1.09).
"""

from ..at.command import Command
from ..at.params import fields, fits, number, plain, quoted, split, text
from ..compat import const
from ..deferred import DeferredResult, address_of_answer, ping_of, time_of
from ..errors import CommandError, NotSupported, refusal
from ..net.link import ACCESS, BUFFER
from .result_command import LINKS, LOCAL_MS

_DNS_MS = const(60000)  # the manual says 6 s
_UNKNOWN = (10,)
_TIME_MS = const(125000)
_SHORTEST_WAIT_S = const(10)  # of AT+CPING
_INTERVAL_MS = const(1000)
_TTL = const(255)
_SIZE = const(64)  # bytes of an echo request
_NTP = const(123)
_REPLY = const(1)  # types of lines of AT+CPING
_NO_REPLY = const(2)
_SUMMARY = const(3)


class _Lookup(Command):
    """AT+CDNSGIP: `<1, 2...>,"<host>","<address>"` or `0,<err>`. Lines that name another host are not taken."""

    def __init__(self, host):
        super().__init__(b'AT+CDNSGIP="' + host + b'"\r', b"+CDNSGIP:", _DNS_MS)
        self._host = text(host).lower()
        self.found = []

    def on_info(self, buf, s, e):
        values = split(bytes(memoryview(buf)[s:e]))
        if fits(values, "nt") and values[0] and values[1].lower() == self._host:
            self.found += [v for v in values[2:] if isinstance(v, str) and v and v not in self.found]
        elif fits(values, "nn") and not values[0]:
            self.code = values[1]
            self.family = "simcom-dns"
        else:
            return False
        return Command.on_info(self, buf, s, e)


async def resolve(m, host, timeout_ms):
    """Return `([address, ...], 0)` of a host name; the module reports no time to live.

    CommandError (10: unknown), ModemTimeout after `timeout_ms` (None: 60 s).
    """
    command = _Lookup(plain("host", host, 254))
    m.online()
    await m.run(command, m.deadline(timeout_ms))
    if not command.found:
        text = "no address for the name"
        error = CommandError(text, None, command.echo.decode(), command.code, command.lines, command.family)
        raise refusal(error, (), _UNKNOWN)
    return [address_of_answer(value, command.echo.decode()) for value in command.found], 0


async def dns(m, primary, secondary):
    """Return the name servers; set them first where `primary` is given. Firmware without AT+CDNSCFG reports none."""
    if primary is not None:
        line = b"+CDNSCFG=" + _server("primary", primary)
        line += b"," + (_server("secondary", secondary) if secondary is not None else b"")
        await m.cmd(line.rstrip(b",") if b":" not in line else line + b",1", limit_ms=LOCAL_MS)
    try:
        lines = await m.cmd(b"+CDNSCFG?", b"+CDNSCFG:", LOCAL_MS, bare=True)
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


async def name_servers(m, deadline):
    """See Dialect.part."""
    return list(await dns(m, None, None)) or None


def _server(name, value):
    """Check the address of a name server; the command takes it without quotes."""
    value = plain(name, value, 45)
    if value.strip(b"0123456789abcdefABCDEF.:"):
        raise ValueError("%s must be an address" % name)
    return value


class _Ping(DeferredResult):
    """Collects the lines of AT+CPING; the summary is the last one."""

    def take(self, values):
        if values[0] == _SUMMARY and len(values) >= 7:
            self.summary = tuple(values[1:7])
        elif values[0] == _REPLY and len(values) >= 5:
            self.replies.append(tuple(values[1:5]))
        elif values[0] == _NO_REPLY:
            self.replies.append(None)
        else:
            return False
        return True


async def ping(m, host, count, timeout_s):
    """See Modem.ping. The module takes 1 to 5 requests and waits at least 10 s for each; shorter ones are waited for 10 s."""
    count = number("count", count, 1, 5)
    wait_ms = 1000 * max(number("timeout_s", timeout_s, 1, 100), _SHORTEST_WAIT_S)
    kind = 2 if isinstance(host, str) and ":" in host else 1
    host = quoted("host", host, 255)
    command = b"+CPING=%s,%d,%d,%d,%d,%d,%d" % (host, kind, count, _SIZE, _INTERVAL_MS, wait_ms, _TTL)
    m.online()
    result = _Ping(m)
    await result.wait(m, command, b"+CPING:", count * (wait_ms + _INTERVAL_MS) + _DNS_MS, answer_ms=LOCAL_MS)
    return ping_of(result.summary, result.replies, "AT" + command.decode())


async def sync_time(m, server, port, set_clock, timeout_ms):
    """See Modem.sync_time. AT+CNTP always sets the module's clock, and always asks port 123; the zone is 0, so it is UTC."""
    line = b"+CNTP=%s,0" % quoted("server", server, 255)
    if port != _NTP or not set_clock:
        raise NotSupported("%s: AT+CNTP knows only port 123, and sets the module's clock" % m.dialect.model)
    m.online()
    deadline = m.deadline(timeout_ms)
    result = DeferredResult(m)  # `<err>[,"<time>"]`
    await m.cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
    await result.wait(m, b"+CNTP", b"+CNTP:", _TIME_MS, deadline, answer_ms=LOCAL_MS)
    if result.summary[0]:
        raise CommandError("the time was not fetched", command="AT+CNTP", code=result.summary[0], family="simcom-ntp")
    return time_of(fields(await m.cmd(b"+CCLK?", b"+CCLK:", LOCAL_MS, deadline), "t", b"+CCLK?")[0])


async def connections(m, link, context):
    """See Modem.connections: links that are free are left out; the module reports no local port and no access mode."""
    if link is not None:
        number("link", link, 0, LINKS - 1)
    out = []
    for row in await m.dialect.transport(None).rows(None):
        if isinstance(row[1], str) and (link is None or row[0] == link):
            row += [None] * (5 - len(row))
            server = row[4] if isinstance(row[4], int) and row[4] >= 0 else None
            service = "TCP INCOMING" if server is not None else row[1].upper()
            known = m.links[row[0]]
            port = known.port if known is not None else None
            access = ACCESS[m.dialect.access or BUFFER]
            out.append((row[0], service, row[2], row[3], port, "connected", 1, server, access, None))
    if m.dialect.cch is not None:
        from .tls import sessions

        for row in await sessions(m, None):
            if link is None or row[0] == link:
                out.append((row[0], "SSLCLIENT", row[1], row[2], None, "connected", 1, None, ACCESS[m.dialect.cch], None))
    return out if context in (None, 1) else []
