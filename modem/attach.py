"""From the SIM card to an address: what `Modem.connect()` does."""

from .at.params import one_of, quoted
from .compat import const
from .errors import CommandError, ModemError, ModemTimeout, RegistrationDenied
from .registration import (
    DENIED,
    HOME,
    ROAMING,
    USABLE,
    card_state,
    end_detachment,
    named,
    registered,
    registration,
    rssi_dbm,
    switch_radio_on,
)  # fmt: skip

_TYPES = const(("ipv4", "ipv6", "ipv4v6"))
_AUTH = const(("none", "pap", "chap", "either"))
_POLL_MS = const(500)
_START_MS = const(60000)
_NOT_INSERTED = (10, "SIM not inserted")  # +CME ERROR, and in words; the like of 13 (failure) may pass while the module boots
_DENIED_MS = const(30000)  # a denial this old is believed: some networks deny the first attach and accept the next


async def connect(m, apn, user, password, auth, ip, pin, timeout_ms, pin_retry):
    """See `Modem.connect`."""
    deadline = m.deadline(timeout_ms)
    if m.dialect is None:  # the module is to be asked which model it is
        await _start(m, timeout_ms)
    auth = one_of("auth", ("either" if user else "none") if auth is None else auth, _AUTH)
    if pin is not None:
        pin = quoted("pin", pin, 8)
    settings = m.part("pdp").settings(apn, user, password, auth, one_of("ip", ip, _TYPES))
    if not m.started:
        await _start(m, timeout_ms)
    await _unlock(m, pin, pin_retry, m.earlier(deadline, m.dialect.sim_ms), deadline)
    if not await registered(m, deadline):
        await switch_radio_on(m, deadline)
        await _define(m, settings, deadline)
        await _register(m, deadline)
    try:
        found = await m.part("pdp").attach(m, settings, deadline)
    except CommandError as error:
        error.text += " (APN %r: is it the operator's?)" % apn
        m.refusal = str(error)
        raise
    if not is_usable(found):
        raise ModemError("the network gave no address for APN %r (is it the operator's?): %s" % (apn, ", ".join(found)))
    m.refusal = None
    m.addresses = found
    m.apn_settings = settings
    m.connected = True


def is_usable(addresses):
    """Return whether an address is among those that the network has given, or none is shown: zeros are none."""
    return not addresses or bool([address for address in addresses if address.strip("0.:")])


async def _start(m, timeout_ms):
    from .startup import start

    await start(m, timeout_ms if timeout_ms is not None else _START_MS, None)


async def _unlock(m, pin, pin_retry, until, deadline):
    """Wait until the SIM card is ready, at most until `until`, giving `pin` (quoted, or None) when it asks for it.

    SimError when the card is missing or stays locked. A PIN is sent once, and only where it cannot lock the card: see
    sim.give_pin().
    """
    given = radio = False
    while True:
        state = await card_state(m, deadline)
        if state in USABLE:
            return
        from .sim import PUK_WANTED, give_pin, is_lock_of_module, named_lock, sim_error, tries_left

        state = named_lock(state)
        if is_lock_of_module(state):
            raise sim_error("the module takes only the card or operator that it is locked to (%s)" % state, None)
        if state == "SIM PUK":
            raise sim_error("the SIM card is " + PUK_WANTED, None, tries=0)
        if state == "SIM PIN":
            if pin is None or given:
                text = "the SIM card wants its PIN" + (": pass pin=" if pin is None else "")
                raise sim_error(text, None, tries=await tries_left(m, deadline))
            given = True
            await give_pin(m, pin, pin_retry, deadline)
        elif not radio:
            radio = True
            await switch_radio_on(m, deadline)  # without it the card is off, too
        elif not await m.pause(_POLL_MS, until):
            error = sim_error(
                "no SIM card (is it in its holder?)" if state in _NOT_INSERTED else "the SIM card is not ready", state
            )
            error.step = "sim"
            raise error


async def _define(m, settings, deadline):
    """Some networks want the APN for the registration; a firmware that refuses it so early gets it with the activation."""
    try:
        await m.part("pdp").define(m, settings, deadline)
    except CommandError:
        pass


async def _register(m, deadline):
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
