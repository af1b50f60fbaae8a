"""From the SIM card to an address: what `Modem.connect()` does, once for both flavours."""

from .compat import const
from .errors import CommandError, ModemTimeout
from .late import part
from .params import quoted, split
from .sockets import one_of

_TYPES = const(("ipv4", "ipv6", "ipv4v6"))
_AUTH = const(("none", "pap", "chap", "either"))
_HOME = const(1)
_DENIED = const(3)
_ROAMING = const(5)
_POLL_MS = const(500)
_DENIED_MS = const(30000)  # a denial this old is believed: some networks deny the first attach and accept the next


async def connect(m, apn, user, password, auth, ip, pin, timeout_ms):
    """See `Modem.connect`."""
    deadline = m._deadline(timeout_ms)
    if m.dialect is None:  # the module is to be asked which model it is
        await m._start(timeout_ms if timeout_ms is not None else 60000, None)
    auth = one_of("auth", ("either" if user else "none") if auth is None else auth, _AUTH)
    if pin is not None:
        pin = quoted("pin", pin, 8)
    settings = part(m.dialect, "context").settings(m.dialect, apn, user, password, auth, one_of("ip", ip, _TYPES))
    if not m._started:
        await m._start(timeout_ms if timeout_ms is not None else 60000, None)
    if m._radio_off:  # by active(False)
        await m._cmd(b"+CFUN=1", limit_ms=15000, deadline=deadline)
        m._radio_off = False
    until = m._earlier(deadline, m.dialect.sim_ms)
    state = await sim_state(m, deadline)
    if state != "READY":
        from .simcard import unlock

        await unlock(m, pin, state, until, deadline)
    await register(m, deadline)
    m._addresses = await part(m.dialect, "context").attach(m, settings, deadline)
    m._apn_settings = settings
    m._connected = True


async def sim_state(m, deadline):
    """Return what the module says of the SIM card (AT+CPIN?): "READY", "SIM PIN" and so on, or the code of its error."""
    try:
        lines = await m._cmd(b"+CPIN?", b"+CPIN:", 5000, deadline)
    except CommandError as error:
        return error.code
    return split(lines[-1])[0] if lines else "no answer"


async def register(m, deadline):
    """Wait until the module is registered, at home or roaming, in any of the three domains that CREG, CGREG and CEREG show.

    RegistrationDenied when all that know better say so for 30 s; ModemTimeout with the last status when time is up.
    """
    until = m._earlier(deadline, m.dialect.registration_ms)
    denied_until = None
    while True:
        states = await registration(m, deadline)
        if _HOME in states or _ROAMING in states:
            return
        if _DENIED in states:
            if denied_until is None:
                denied_until = m._earlier(until, _DENIED_MS)
        else:
            denied_until = None
        late = not await m._sleep(_POLL_MS, until)
        if denied_until is not None and (late or not m._left_ms(denied_until)):
            from .errors import RegistrationDenied

            raise RegistrationDenied("the network denies registration")
        if late:
            raise ModemTimeout("not registered: status %s, signal %s dBm" % (states, await rssi_dbm(m, None)))


async def registration(m, deadline=None):
    """Return the registration status of the three domains, -1 where the module does not know the command."""
    states = []
    for name in (b"+CREG", b"+CGREG", b"+CEREG"):
        lines = await m._try(name + b"?", name + b":", 5000, deadline)
        state = -1
        for line in lines or ():
            values = split(line)
            # the reply is <n>,<stat>[,...]; a URC has <stat> alone or <stat>,"<tac>"
            if len(values) >= 2 and isinstance(values[1], int):
                state = values[1]
        states.append(state)
    return states


async def rssi_dbm(m, deadline):
    """Return the signal strength in dBm (AT+CSQ: -113 to -51 in steps of 2), None when it is not known."""
    lines = await m._try(b"+CSQ", b"+CSQ:", 5000, deadline)
    rssi = split(lines[-1])[0] if lines else 99
    return 2 * rssi - 113 if isinstance(rssi, int) and 0 <= rssi <= 31 else None
