"""Commands whose results come as unsolicited lines after their OK (ping, time): one run of each at a time gets them."""

from .errors import ModemTimeout
from .params import split


class Run:
    """Collects the lines of one run. `take(values)`, of the vendor, gets the fields of a line; False: it is not one of them.

    The run is over when `summary` or `error` is set.
    """

    def __init__(self, engine):
        self._engine = engine
        self.replies = []
        self.summary = None
        self.error = None

    def on_line(self, buf, s, e):
        """Handler of the URC table."""
        if self.take(split(bytes(memoryview(buf)[s:e]))) is False:
            return False
        self._engine.changed = True
        return True

    def over(self):
        """Return whether the run is over."""
        return self.summary is not None or self.error is not None

    async def wait(self, m, command, prefix, run_ms, deadline=None, slow_ms=None, limit_ms=60000):
        """Send `command` (without AT) and wait until the run is over, for `run_ms` behind its OK at most: ModemTimeout.

        `slow_ms`: after this time the event "slow" tells that it takes longer than usual.
        """
        await listen(m, prefix, self.on_line)
        try:
            await m._cmd(command, limit_ms=limit_ms, deadline=deadline, explain=True)
            slow = m._deadline(slow_ms)
            until = m._earlier(deadline, run_ms)
            while not self.over():
                if not await m._turn(until) and not self.over():
                    raise ModemTimeout("no result within the time allowed", command="AT" + command.decode())
                if slow is not None and not m._left_ms(slow):
                    slow = None
                    m._engine.event("slow", prefix[1:-1].decode())
        finally:
            forget(m, prefix)


async def listen(m, prefix, handler):
    """Give lines with `prefix` to `handler`; wait while another run of the same command listens."""
    table = m.dialect.runs
    while table.get(prefix) is not None:
        await m._turn(None)
    if prefix not in table:
        m._engine.urc(prefix, lambda buf, s, e: table[prefix] is not None and table[prefix](buf, s, e))
    table[prefix] = handler


def forget(m, prefix):
    """The run that listened for `prefix` is over."""
    m.dialect.runs[prefix] = None
    m._engine.changed = True


def told(value):
    """Return `when(value)` of a time that the module told. ProtocolError when it is none."""
    try:
        return when(value)
    except (AttributeError, ValueError):
        from .errors import ProtocolError

        raise ProtocolError("the module tells no time but %r" % (value,))


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
    return tuple(parts) + (0 if at < 0 else int(text[at:]) * 15,)
