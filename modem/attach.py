"""From the SIM card to an address: what `Modem.connect()` does."""

from .at.params import one_of, quoted
from .compat import const
from .errors import ModemTimeout, RegistrationDenied
from .registration import DENIED, HOME, ROAMING, registration, rssi_dbm, state_name
from .sim import unlock

_TYPES = const(("ipv4", "ipv6", "ipv4v6"))
_AUTH = const(("none", "pap", "chap", "either"))
_POLL_MS = const(500)
_START_MS = const(60000)
_RADIO_MS = const(15000)
_DENIED_MS = const(30000)  # a denial this old is believed: some networks deny the first attach and accept the next


async def connect(m, apn, user, password, auth, ip, pin, timeout_ms):
    """See `Modem.connect`."""
    deadline = m.deadline(timeout_ms)
    if m.dialect is None:  # the module is to be asked which model it is
        await _start(m, timeout_ms)
    auth = one_of("auth", ("either" if user else "none") if auth is None else auth, _AUTH)
    if pin is not None:
        pin = quoted("pin", pin, 8)
    settings = m.dialect.context_settings(apn, user, password, auth, one_of("ip", ip, _TYPES))
    if not m.started:
        await _start(m, timeout_ms)
    if m.radio_off:  # by active(False)
        await m.cmd(b"+CFUN=1", limit_ms=_RADIO_MS, deadline=deadline)
        m.radio_off = False
    await unlock(m, pin, m.earlier(deadline, m.dialect.sim_ms), deadline)
    await register(m, deadline)
    m.addresses = await m.dialect.attach(settings, deadline)
    m.apn_settings = settings
    m.connected = True


async def _start(m, timeout_ms):
    from .startup import start

    await start(m, timeout_ms if timeout_ms is not None else _START_MS, None)


async def register(m, deadline):
    """Wait until the module is registered, at home or roaming, in any of the three domains that CREG, CGREG and CEREG show.

    RegistrationDenied when all that know better say so for 30 s; ModemTimeout with the last status when time is up.
    """
    until = m.earlier(deadline, m.dialect.registration_ms)
    denied_until = None
    while True:
        states = await registration(m, deadline)
        if HOME in states or ROAMING in states:
            return
        if DENIED in states:
            if denied_until is None:
                denied_until = m.earlier(until, _DENIED_MS)
        else:
            denied_until = None
        late = not await m.pause(_POLL_MS, until)
        if denied_until is not None and (late or not m.left_ms(denied_until)):
            raise RegistrationDenied("the network denies registration")
        if late:
            shown = ", ".join(["%d (%s)" % (state, state_name(state)) for state in states])
            raise ModemTimeout("not registered: status %s, signal %s dBm" % (shown, await rssi_dbm(m, None)))
