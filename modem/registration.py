"""What the module reports about the network: registration, signal."""

from .at.params import split

HOME, DENIED, ROAMING = 1, 3, 5  # of the states 0 to 11 (3GPP TS 27.007, 7.2)
_LAST_STATE = 11
_DOMAINS = (b"+CEREG", b"+CGREG", b"+CREG")  # LTE first: one answer is enough
_LIMIT_MS = 5000
_NO_RSSI = 99
_RADIO_MS = 15000  # AT+CFUN
_RADIO_ON = 1
_SEARCH_MS = 180000  # AT+COPS, AT+CGATT: they may search for a network

_NAMES = (
    "not registered, not searching", "registered at home", "not registered, searching", "denied by the network", "unknown",
    "registered, roaming", "registered for SMS only, at home", "registered for SMS only, roaming", "emergency calls only",
    "registered without CSFB, at home", "registered without CSFB, roaming", "emergency calls only (attached)",
)  # fmt: skip


def state_name(state):
    """Return the meaning of a registration state, "not reported" for -1."""
    return _NAMES[state] if 0 <= state <= _LAST_STATE else "not reported"


def named(states):
    """Return registration states as text, each with its meaning."""
    return ", ".join(["%d (%s)" % (state, state_name(state)) for state in states])


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
