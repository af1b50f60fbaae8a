"""From the SIM card to an address: what `Modem.connect()` does."""

from .at.params import one_of, quoted
from .compat import const
from .errors import CommandError, ModemError
from .registration import USABLE, card_state, register, registered

_TYPES = const(("ipv4", "ipv6", "ipv4v6"))
_AUTH = const(("none", "pap", "chap", "either"))
_START_MS = const(60000)


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
    until = m.earlier(deadline, m.dialect.sim_ms)
    state = await card_state(m, deadline)
    if state not in USABLE:
        from .sim import unlock

        await unlock(m, state, pin, pin_retry, until, deadline)
    if not await registered(m, deadline):
        await register(m, settings, deadline)
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
