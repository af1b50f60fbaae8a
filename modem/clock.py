"""The module's clock, as far as TLS needs it: the dates of certificates are checked against it.

A module whose clock was never set starts in 1970, 1980, 2000 or at the build date of its firmware.
"""

import time

from .at.params import split
from .compat import const
from .errors import ModemError

EARLIEST = const(2025)  # a year before this cannot be now
_LIMIT_MS = const(5000)
_CENTURY = const(70)  # two digits from here on are of the 20th century, as in the epochs above


def utc():
    """Return this computer's or board's own time in UTC as time.gmtime() gives it, None when its clock is not set."""
    now = time.gmtime()
    return now if now[0] >= EARLIEST else None


async def year(m, deadline=None):
    """Return the year that the module's clock shows (AT+CCLK?, 3GPP TS 27.007, 8.15), None when it shows none."""
    lines = await m.attempt(b"+CCLK?", b"+CCLK:", _LIMIT_MS, deadline)
    values = split(lines[-1]) if lines else ()
    shown = values[0] if values else None
    if not isinstance(shown, str) or not shown[:2].isdigit():
        return None
    if shown[2:4].isdigit():  # four digits
        return int(shown[:4])
    return int(shown[:2]) + (1900 if int(shown[:2]) >= _CENTURY else 2000)


async def ensure(m, deadline=None):
    """Make sure that the module's clock is not obviously unset before certificates are checked against it.

    An unset clock is set to UTC from the clock of this computer or board; ModemError where that is not set either.
    """
    shown = await year(m, deadline)
    if shown is None or shown >= EARLIEST:
        return
    now = utc()
    if now is None:
        raise ModemError(
            "the module's clock is not set (it shows %d), so every certificate would look expired: call modem.sync_time(server) "
            "first, or use tls_context(check_time=False)" % shown
        )
    await m.cmd(b'+CCLK="%02d/%02d/%02d,%02d:%02d:%02d+00"' % ((now[0] % 100,) + tuple(now[1:6])), deadline=deadline)
