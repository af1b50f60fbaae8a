"""A SIM card that is not ready when connect() asks for it: it wants its PIN, starts up, or is not there."""

from .compat import const
from .errors import CommandError, SimError
from .network import sim_state

_POLL_MS = const(500)
_NOT_INSERTED = const(10)  # +CME ERROR; 13 (failure) and 15 (wrong) may pass while the module boots


async def unlock(m, pin, state, until, deadline):
    """Wait until the SIM card is ready, at most until `until`, giving `pin` (quoted, or None) when it asks.

    `state`: what it was last. SimError when the card is missing or stays locked.
    """
    given = False
    while state != "READY":
        if state in ("SIM PIN", "SIM PUK"):
            if state == "SIM PUK" or pin is None or given:
                hint = ": pass pin=" if state == "SIM PIN" and pin is None else ""
                raise SimError("the SIM card wants its %s%s" % (state[4:], hint))
            given = True
            await _give(m, pin, deadline)
        elif state == _NOT_INSERTED:
            raise _error("no SIM card", state)
        elif not await m._sleep(_POLL_MS, until):
            raise _error("the SIM card is not ready", state)
        state = await sim_state(m, deadline)


async def _give(m, pin, deadline):
    try:
        await m._cmd(b"+CPIN=" + pin, limit_ms=5000, deadline=deadline)
    except CommandError as error:
        raise _error("the PIN was not accepted", error.code, "AT+CPIN=***")


def _error(text, code, command="AT+CPIN?"):
    return SimError(text, command=command, code=code, family="cme")
