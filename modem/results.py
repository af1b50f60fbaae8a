"""Results that come after the OK of their command: the same for every vendor."""

from .errors import ModemTimeout


async def result(m, holder, name, until, command):
    """Wait until the attribute `name` of `holder` is set by a result line; return it.

    Raises what has ended the connection meanwhile (`holder.error`), ModemTimeout at `until`. `command`: without AT.
    """
    while getattr(holder, name) is None:
        error = getattr(holder, "error", None)
        if error is not None:
            raise error
        if not await m._turn(until) and getattr(holder, name) is None:
            raise ModemTimeout("no result within the time allowed", command="AT" + bytes(command).decode())
    return getattr(holder, name)
