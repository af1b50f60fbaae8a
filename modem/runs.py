"""Commands whose results come as unsolicited lines after their OK (ping, time): one run of each at a time gets them."""


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
