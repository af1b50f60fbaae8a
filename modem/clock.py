"""The module's clock, as far as TLS needs it: certificates are checked against it.

A module that has not been told the time starts in 1970, 1980, 2000 or at the date its firmware was made.
"""

import time

from .errors import ModemError
from .params import split

EARLIEST = 2025  # a date before this cannot be now


def utc():
    """Return this computer's or board's own time in UTC as time.gmtime() gives it, None when its clock is not set."""
    now = time.gmtime()
    return now if now[0] >= EARLIEST else None


async def year(m, deadline=None):
    """Return the year that the module's clock shows (AT+CCLK?), None when it does not say."""
    lines = await m._try(b"+CCLK?", b"+CCLK:", 5000, deadline)
    values = split(lines[-1]) if lines else ()
    shown = values[0] if values else None
    if not isinstance(shown, str) or not shown[:2].isdigit():
        return None
    if shown[2:4].isdigit():  # four digits
        return int(shown[:4])
    return int(shown[:2]) + (1900 if int(shown[:2]) >= 70 else 2000)


async def ensure(m, deadline=None):
    """See to it that the module's clock is not obviously unset before certificates are checked against it.

    A clock that is unset is set to UTC from this side's own, where that one is set; otherwise ModemError says what to do.
    """
    shown = await year(m, deadline)
    if shown is None or shown >= EARLIEST:
        return
    now = utc()
    if now is None:
        raise ModemError(
            "the module's clock is not set (it says %d), so every certificate would look expired: call modem.sync_time(server) "
            "first, or use tls_context(check_time=False)" % shown
        )
    await m._cmd(b'+CCLK="%02d/%02d/%02d,%02d:%02d:%02d+00"' % ((now[0] % 100,) + tuple(now[1:6])), deadline=deadline)
