"""What the module reports about the SIM card and the network: registration, signal; and waiting for the registration."""

from .at.params import split
from .compat import const, rare
from .errors import CommandError, ModemTimeout, RegistrationDenied

HOME = const(1)  # of the states 0 to 11 (3GPP TS 27.007, 7.2)
DENIED = const(3)
ROAMING = const(5)
_LAST_STATE = const(11)
_DOMAINS = (b"+CEREG", b"+CGREG", b"+CREG")  # LTE first: one answer is enough
_LIMIT_MS = const(5000)
_NO_RSSI = const(99)
_RADIO_MS = const(15000)  # AT+CFUN
_RADIO_ON = const(1)
_POLL_MS = const(500)
_DENIED_MS = const(30000)  # a denial this old is believed: some networks deny the first attach and accept the next
_SEARCH_MS = const(180000)  # AT+COPS, AT+CGATT: they may search for a network

USABLE = ("READY", "SIM PIN2", "SIM PUK2")  # states of a card; PIN2 guards some of its own lists


async def card_state(m, deadline):
    """Return what the module reports of the SIM card (AT+CPIN?): "READY", "SIM PIN" and so on, or the code of its error."""
    try:
        lines = await m.cmd(b"+CPIN?", b"+CPIN:", _LIMIT_MS, deadline)
    except CommandError as error:
        return error.code
    return split(lines[-1])[0] if lines else "no answer"


@rare
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


@rare
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


@rare
async def rssi_dbm(m, deadline):
    """Return the signal strength in dBm (AT+CSQ: -113 to -51 in steps of 2), None when it is not known."""
    lines = await m.attempt(b"+CSQ", b"+CSQ:", _LIMIT_MS, deadline)
    rssi = split(lines[-1])[0] if lines else _NO_RSSI
    return 2 * rssi - 113 if isinstance(rssi, int) and 0 <= rssi <= 31 else None


@rare
async def radio_is_on(m, deadline):
    """Return whether the radio is on, as far as the module tells (AT+CFUN?)."""
    lines = await m.attempt(b"+CFUN?", b"+CFUN:", _RADIO_MS, deadline)
    return not lines or split(lines[-1])[0] == _RADIO_ON


@rare
async def switch_radio_on(m, deadline):
    """An earlier program, or a stored setting, may have switched the radio off (AT+CFUN=0 or 4)."""
    if not await radio_is_on(m, deadline):
        await m.cmd(b"+CFUN=1", limit_ms=_RADIO_MS, deadline=deadline)


@rare
async def end_detachment(m, deadline):
    """An earlier program may have taken the module off the network (AT+COPS=2, AT+CGATT=0): end that. Returns whether it was."""
    was = False
    for ask, prefix, off, on in ((b"+COPS?", b"+COPS:", 2, b"+COPS=0"), (b"+CGATT?", b"+CGATT:", 0, b"+CGATT=1")):
        lines = await m.attempt(ask, prefix, _LIMIT_MS, deadline)
        if lines and split(lines[-1])[0] == off:
            was = True
            await m.attempt(on, None, _SEARCH_MS, deadline)
    return was


@rare
async def register(m, settings, deadline):
    """Switch the radio on and wait until the module is registered. `settings`: of the PDP context, see Dialect.part.

    Some networks want the APN for the registration; a firmware that refuses it so early gets it with the activation.
    """
    await switch_radio_on(m, deadline)
    try:
        await m.part("pdp").define(m, settings, deadline)
    except CommandError:
        pass
    await _wait(m, deadline)


@rare
async def _wait(m, deadline):
    """Wait until the module is registered, at home or roaming, in any of the three domains that CREG, CGREG and CEREG show.

    Each change is an event "registration": (states, signal in dBm). RegistrationDenied when all domains that are not searching
    say so for 30 s; ModemTimeout with the last states when time is up.
    """
    until = deadline if m.registration_ms is None else m.earlier(deadline, m.registration_ms)
    denied_until = shown = None
    while True:
        states = await registration(m, deadline)
        if HOME in states or ROAMING in states:
            return
        if shown is None and max(states) <= 0 and await end_detachment(m, until):
            continue  # it did not search
        if states != shown:
            shown = states
            m.engine.event("registration", (tuple(states), await rssi_dbm(m, deadline)))
            m.deliver()
        if DENIED in states:
            if denied_until is None:
                denied_until = m.earlier(until, _DENIED_MS)
        else:
            denied_until = None
        late = not await m.pause(_POLL_MS, until)
        if denied_until is not None and (late or not m.left_ms(denied_until)):
            error = RegistrationDenied("the network denies registration: %s; is the card active, allowed here?" % named(states))
        elif late:
            text = "not registered: status %s, signal %s dBm (None: no signal); antenna, coverage, bands?"
            error = ModemTimeout(text % (named(states), await rssi_dbm(m, None)))
        else:
            continue
        if late:
            error.step = "registration"
        raise error
