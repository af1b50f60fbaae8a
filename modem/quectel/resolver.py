"""Name server, ping, time and socket states on Quectel modules: QIDNSGIP, QIDNSCFG, QPING, QNTP, QISTATE.

TCP-E = "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.9 and 2.4.14 to 2.4.17. What comes after the OK of these
commands are unsolicited lines, some with the prefix of the command's own answers: they are told apart by their fields.
"""

from ..at.params import fits, number, quoted, split
from ..compat import const
from ..deferred import DeferredResult, address_of_answer, ping_of, time_of
from ..errors import CommandError, ProtocolError, refusal

_LOOKUP_MS = const(60000)  # TCP-E 2.4.17
_UNKNOWN = (565,)  # TCP-E, chapter 4
_LOOKUP = b"+QIURC:"
_TIME_MS = const(700000)  # TCP-E 2.4.15: 125 s in the text, 700 s in the table
_SLOW_MS = const(125000)


class Lookup(DeferredResult):
    """Collects the lines of a lookup: `<err>,<count>,<ttl>`, then `"<address>"` for each address."""

    def take(self, values):
        if values[:1] != ["dnsgip"] or len(values) == 1:
            return False
        self.replies.append(values[1:])
        first = self.replies[0]
        if first and first[0] == 0 and fits(first, "nn") and len(self.replies) <= first[1]:
            return True
        self.summary = first
        return True


async def resolve(m, host, timeout_ms):
    """Return `([address, ...], ttl_s)` of a host name. CommandError (565: unknown), ModemTimeout after `timeout_ms` (None: 60
    s)."""
    command = b"+QIDNSGIP=%d,%s" % (m.context, quoted("host", host, 255))
    m.online()
    lookup = Lookup(m)
    await lookup.wait(m, command, _LOOKUP, _LOOKUP_MS, m.deadline(timeout_ms))
    first = lookup.summary
    if not first or first[0]:
        raise refusal(_failed(m, "the name was not resolved", command, first[0] if first else None), (), _UNKNOWN)
    shown = "AT" + command.decode()
    found = [address_of_answer(values[0], shown) for values in lookup.replies[1:] if values]
    if not found:
        raise ProtocolError("no address in the answer", command="AT" + command.decode())
    return found, first[2] if len(first) > 2 else 0


def _failed(m, text, command, code):
    return CommandError(text, command="AT" + command.decode(), code=code, family=m.dialect.error_family)


async def dns(m, primary, secondary):
    """Return the name servers of the context; set them first where `primary` is given."""
    cid = b"%d" % m.context
    if primary is not None:
        command = b"+QIDNSCFG=" + cid + b"," + quoted("primary", primary, 45)
        if secondary is not None:
            command += b"," + quoted("secondary", secondary, 45)
        m.online()
        await m.cmd(command, b"+QIDNSCFG:", explain=True)
    lines = await m.cmd(b"+QIDNSCFG=" + cid, b"+QIDNSCFG:", explain=True)
    return tuple([v for v in split(lines[-1])[1:] if v]) if lines else ()


class Ping(DeferredResult):
    """Collects the lines of AT+QPING.

    A reply has a quoted address, a lost request is a lone number, the summary has seven fields. A lone number also ends a run
    that could not begin: when it comes first and is no time-out, or after as many requests as were asked for.
    """

    def __init__(self, m, count):
        super().__init__(m)
        self._count = count

    def take(self, values):
        if len(values) >= 7:
            self.summary = tuple(values[:7])
        elif len(values) >= 5 and fits(values, ".tnnn"):
            self.replies.append(tuple(values[1:5]))
        elif len(values) == 1 and isinstance(values[0], int):
            if len(self.replies) >= self._count or (not self.replies and values[0] != 569):
                self.error = values[0]
            else:
                self.replies.append(None)
        else:
            return False
        return True


async def ping(m, host, count, timeout_s):
    """See Modem.ping."""
    count = number("count", count, 1, 10)
    timeout_s = number("timeout_s", timeout_s, 1, 255)
    command = b"+QPING=%d,%s,%d,%d" % (m.context, quoted("host", host, 255), timeout_s, count)
    m.online()
    result = Ping(m, count)
    await result.wait(m, command, b"+QPING:", count * timeout_s * 1000 + _LOOKUP_MS)
    if result.summary is None:
        raise _failed(m, "the ping failed", command, result.error)
    return ping_of(result.summary[1:], result.replies, "AT" + command.decode())


async def sync_time(m, server, port, set_clock, timeout_ms):
    """See `Modem.sync_time`."""
    command = b"+QNTP=%d,%s,%d,%d" % (
        m.context, quoted("server", server, 255), number("port", port, 1, 65535), 1 if set_clock else 0,
    )  # fmt: skip
    m.online()
    result = DeferredResult(m)  # `<err>[,"<time>"]`
    await result.wait(m, command, b"+QNTP:", _TIME_MS, m.deadline(timeout_ms), _SLOW_MS)
    if result.summary[0] or len(result.summary) < 2:
        raise _failed(m, "the time was not fetched", command, result.summary[0])
    return time_of(result.summary[1])


STATES = ("initial", "opening", "connected", "listening", "closing")


async def connections(m, link, context):
    """Return what AT+QISTATE says, and AT+QSSLSTATE of models with TLS: of one connection, of a context, or of all.

    One tuple per connection: (id, service, address, remote port, local port, state, context, server id, access mode, port name).
    """
    command = b"+QISTATE"
    secure = b"+QSSLSTATE"  # has no form for a context
    if link is not None:
        command += b"=1,%d" % number("link", link, 0, m.dialect.links - 1)
        secure += b"=%d" % link
    elif context is not None:
        command += b"=0,%d" % number("context", context, 1, m.dialect.contexts)
    rows = [split(line) for line in await m.cmd(command, b"+QISTATE:", 5000, explain=True)]
    if m.dialect.tls:
        more = [split(line) for line in await m.attempt(secure, b"+QSSLSTATE:", 5000) or ()]
        rows += [row for row in more if context is None or row[6:7] == [context]]
    out = []
    for values in rows:
        if len(values) >= 9 and fits(values, ".t...n"):
            values[1] = values[1].upper()
            values[5] = STATES[values[5]] if 0 <= values[5] < len(STATES) else values[5]
            out.append(tuple(values[:10]))
    return out


async def name_servers(m, deadline):
    """Return the name servers of the context (AT+QIDNSCFG, TCP-E 2.4.16), None when the module does not report them."""
    lines = await m.attempt(b"+QIDNSCFG=%d" % m.context, b"+QIDNSCFG:", 5000, deadline)
    return [v for v in split(lines[-1])[1:] if isinstance(v, str)] if lines else None
