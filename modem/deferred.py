"""Commands whose results come as unsolicited lines after their OK (ping, time, name lookup): one at a time per command.

A result counts only after the OK of its own command. Where a caller has gone before all of it came (a time-out, a
cancellation), the rest is still owed: it is remembered and thrown away, so that it is never taken for the answer to a later
command. Where a result is owed and never comes, the document's response time ends the wait.
"""

from .at.command import OK, Command
from .at.params import fits, is_address, split
from .compat import const
from .errors import LineBusy, ModemTimeout

_TURN_MS = const(60000)
_LOWEST = (1970, 1, 1, 0, 0, 0)  # of year, month, day, hour, minute, second
_HIGHEST = (2099, 12, 31, 23, 59, 60)


class DeferredResult:
    """Collects the lines of one command. The result is complete when `summary` or `error` is set."""

    def __init__(self, m):
        self._module = m
        self._begun = False  # the command has got its OK
        self.owed_until = None  # the caller has gone: until then the rest may come
        self.replies = []
        self.summary = None
        self.error = None

    def take(self, values):
        """Take the fields of a line; return False when it is not one of this command's.

        Here: one line that begins with a number is the result, as of a time; the answer to a read form begins with a text.
        """
        if not isinstance(values[0], int):
            return False
        self.summary = values
        return True

    def on_line(self, buf, s, e):
        """A line with the command's prefix."""
        if not self._begun or self.take(split(bytes(memoryview(buf)[s:e]))) is False:
            return False
        self._module.engine.changed = True
        return True

    def on_begun(self, ok):
        """The command has ended: with OK its result is on its way."""
        self._begun = ok

    def over(self):
        """Return whether nothing more of it can come."""
        return self.complete() or (self.owed_until is not None and not self._module.left_ms(self.owed_until))

    def complete(self):
        """Return whether the result is complete."""
        return self.summary is not None or self.error is not None

    async def wait(self, m, command, prefix, limit_ms, deadline=None, slow_ms=None, answer_ms=_TURN_MS):
        """Send `command` (without AT) and wait until the result is complete, for `limit_ms` after its OK at most: ModemTimeout.

        `slow_ms`: after this time the event "slow" tells that it takes longer than usual. `answer_ms`: limit of the OK.
        """
        await listen(m, prefix, self, deadline)
        try:
            await m.run(_Begin(self, command, answer_ms), deadline)
            slow = m.deadline(slow_ms)
            until = m.deadline(limit_ms)
            while not self.complete():
                if not await m.turn(m.earlier(deadline, m.left_ms(until))) and not self.complete():
                    raise ModemTimeout("no result within the time allowed", command="AT" + command.decode())
                if slow is not None and not m.left_ms(slow):
                    slow = None
                    m.engine.event("slow", prefix[1:-1].decode())
        finally:
            if self._begun and not self.complete():
                self.owed_until = m.deadline(limit_ms)
            else:
                m.deferred[prefix] = None
            m.notify()


class _Begin(Command):
    """The command: what comes before its OK belongs to an earlier one."""

    def __init__(self, result, line, limit_ms):
        super().__init__(b"AT" + line + b"\r", None, limit_ms, explain=True)
        self._result = result

    def on_done(self):
        self._result.on_begun(self.result == OK)


async def listen(m, prefix, result, deadline):
    """Give lines with `prefix` to `result`; wait while another command of this kind is not over."""
    while True:
        before = m.deferred.get(prefix)
        if before is None or before.over():
            break
        if not await m.turn(m.earlier(deadline, _TURN_MS)) and not m.left_ms(deadline):
            raise LineBusy("an earlier command of this kind is not over yet", command="AT" + prefix.decode().rstrip(":"))
    if prefix not in m.deferred:
        m.engine.urc(prefix, lambda buf, s, e: m.deferred[prefix] is not None and m.deferred[prefix].on_line(buf, s, e))
    m.deferred[prefix] = result


def address_of_answer(value, command):
    """Return `value`, an address in an answer to `command` (with AT). ProtocolError when it cannot be one."""
    if isinstance(value, str) and is_address(value):
        return value
    from .errors import ProtocolError

    raise ProtocolError("unexpected answer: address %r" % (value,), command=command)


def ping_of(summary, replies, command):
    """Return the result of a ping; ProtocolError where figures or addresses in the answers to `command` cannot be right."""
    if not fits(summary, "nnnnnn") or summary[0] < summary[1]:
        from .errors import ProtocolError

        raise ProtocolError("unexpected answer: summary %r" % (summary,), command=command)
    for reply in replies:
        if reply is not None:
            address_of_answer(reply[0], command)
    return summary, replies


def time_of(value):
    """Return `when(value)` of a time that the module reports. ProtocolError when it is none."""
    try:
        return when(value)
    except (AttributeError, ValueError):
        from .errors import ProtocolError

        raise ProtocolError("unparseable time %r" % (value,))


def when(text):
    """Return `(year, month, day, hour, minute, second, zone)` of "2024/05/17,08:01:02+32"; `zone` in minutes east of UTC.

    The zone counts quarters of an hour, -48 to +56. A year of two digits is one of this century. ValueError for anything else.
    """
    text = text.replace(" ", "")
    at = max(text.rfind("+"), text.rfind("-"))
    date, _, clock = (text if at < 0 else text[:at]).partition(",")
    parts = [int(p) for p in date.split("/")] + [int(p) for p in clock.split(":")]
    if len(parts) != 6:
        raise ValueError("not a time: " + text)
    if parts[0] < 100:
        parts[0] += 2000
    for n in range(6):
        if not _LOWEST[n] <= parts[n] <= _HIGHEST[n]:
            raise ValueError("not a time: " + text)
    return tuple(parts) + (0 if at < 0 else int(text[at:]) * 15,)
