"""What the module reports about the SIM card and the network: registration, signal."""

from .at.params import split
from .compat import const
from .errors import CommandError

HOME = const(1)  # of the states 0 to 11 (3GPP TS 27.007, 7.2)
DENIED = const(3)
ROAMING = const(5)
_LAST_STATE = const(11)
_DOMAINS = (b"+CEREG", b"+CGREG", b"+CREG")  # LTE first: one answer is enough
_LIMIT_MS = const(5000)
_NO_RSSI = const(99)
_RADIO_MS = const(15000)  # AT+CFUN
_RADIO_ON = const(1)
_SEARCH_MS = const(180000)  # AT+COPS, AT+CGATT: they may search for a network

USABLE = ("READY", "SIM PIN2", "SIM PUK2")  # states of a card; PIN2 guards some of its own lists


async def card_state(m, deadline):
    """Return what the module reports of the SIM card (AT+CPIN?): "READY", "SIM PIN" and so on, or the code of its error."""
    try:
        lines = await m.cmd(b"+CPIN?", b"+CPIN:", _LIMIT_MS, deadline)
    except CommandError as error:
        return error.code
    return split(lines[-1])[0] if lines else "no answer"


def named(states):
    """Return registration states as text, each with its meaning."""
    from .codes import registration_state

    return ", ".join(["%d (%s)" % (state, registration_state(state)) for state in states])


async def registered(m, deadline):
    """Return whether the module is registered for data: one question where the answer is yes."""
    for name in _DOMAINS:
        if await _state(m, name, deadline) in (HOME, ROAMING):
            return True
    return False


async def registration(m, deadline=None):
    """Return the registration states of the three domains (CREG, CGREG, CEREG), -1 where the module does not know the command."""
    states = []
    for name in (b"+CREG", b"+CGREG", b"+CEREG"):
        states.append(await _state(m, name, deadline))
    return states


async def _state(m, name, deadline):
    state = -1
    for line in await m.attempt(name + b"?", name + b":", _LIMIT_MS, deadline) or ():
        values = split(line)
        # the reply is <n>,<stat>[,...]; a URC has <stat> alone or <stat>,"<tac>" or <stat>,<tac>
        if len(values) >= 2 and isinstance(values[1], int) and 0 <= values[1] <= _LAST_STATE:
            state = values[1]
    return state


async def rssi_dbm(m, deadline):
    """Return the signal strength in dBm (AT+CSQ: -113 to -51 in steps of 2), None when it is not known."""
    lines = await m.attempt(b"+CSQ", b"+CSQ:", _LIMIT_MS, deadline)
    rssi = split(lines[-1])[0] if lines else _NO_RSSI
    return 2 * rssi - 113 if isinstance(rssi, int) and 0 <= rssi <= 31 else None


async def radio_is_on(m, deadline):
    """Return whether the radio is on, as far as the module tells (AT+CFUN?)."""
    lines = await m.attempt(b"+CFUN?", b"+CFUN:", _RADIO_MS, deadline)
    return not lines or split(lines[-1])[0] == _RADIO_ON


async def switch_radio_on(m, deadline):
    """An earlier program, or a stored setting, may have switched the radio off (AT+CFUN=0 or 4)."""
    if not await radio_is_on(m, deadline):
        await m.cmd(b"+CFUN=1", limit_ms=_RADIO_MS, deadline=deadline)


async def end_detachment(m, deadline):
    """An earlier program may have taken the module off the network (AT+COPS=2, AT+CGATT=0): end that. Returns whether it was."""
    was = False
    for ask, prefix, off, on in ((b"+COPS?", b"+COPS:", 2, b"+COPS=0"), (b"+CGATT?", b"+CGATT:", 0, b"+CGATT=1")):
        lines = await m.attempt(ask, prefix, _LIMIT_MS, deadline)
        if lines and split(lines[-1])[0] == off:
            was = True
            await m.attempt(on, None, _SEARCH_MS, deadline)
    return was
