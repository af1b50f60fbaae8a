"""The SIM card: its PIN, what it lacks, its numbers; loaded where the card is not simply ready."""

from .at.command import Command
from .at.params import split
from .compat import const
from .errors import CommandError, ModemError, ProtocolError, SimError
from .registration import USABLE, card_state, switch_radio_on

_LIMIT_MS = const(5000)
_POLL_MS = const(500)
_NOT_INSERTED = (10, "SIM not inserted")  # +CME ERROR, and in words; the like of 13 (failure) may pass while the module boots
_ALL_TRIES = const(3)  # of a PIN (3GPP TS 31.101)
_LOCKS = {  # of firmware that says so by an error
    5: "PH-SIM PIN", 11: "SIM PIN", "SIM PIN required": "SIM PIN", 12: "SIM PUK", "SIM PUK required": "SIM PUK", 40: "PH-NET PIN",
}  # fmt: skip
_SHORTEST = const(10)  # digits of an IMSI or ICCID
_DIGITS = b"0123456789ABCDEFabcdef"


def named_lock(state):
    """Return the state that an error of AT+CPIN? stands for; any other state as it is."""
    return _LOCKS.get(state, state)


def is_lock_of_module(state):
    """Return whether the module itself is locked to a card or an operator: PH-SIM PIN, PH-NET PIN and the like (27.007, 8.3)."""
    return isinstance(state, str) and state.startswith("PH-")


async def unlock(m, state, pin, pin_retry, until, deadline):
    """Wait until the SIM card, whose state is `state`, is ready, at most until `until`, giving `pin` (quoted, or None) when it
    asks for it.

    SimError when the card is missing or stays locked. A PIN is sent once, and only where it cannot lock the card: see give_pin().
    """
    given = radio = False
    while state not in USABLE:
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
        state = await card_state(m, deadline)


async def give_pin(m, pin, pin_retry, deadline):
    """Send the PIN. A card locks itself after three wrong ones, so nothing sends a PIN again that may have been wrong:

    neither one that this card has refused before, nor, after a restart of the program, any while fewer than all tries are left;
    `pin_retry` is the program's word that it shall be sent nevertheless.
    """
    tries = await tries_left(m, deadline)
    if not pin_retry:
        if pin in m.refused_pins:
            raise sim_error("the PIN was refused before and is not sent again: pass pin_retry=True to do so", None, tries=tries)
        if tries is not None and tries < _ALL_TRIES:
            text = "the PIN is not sent, because a wrong one was given before: pass pin_retry=True to send it"
            raise sim_error(text, None, tries=tries)
    try:
        await m.cmd(b"+CPIN=" + pin, limit_ms=_LIMIT_MS, deadline=deadline)
    except CommandError as error:
        m.refused_pins.append(pin)
        text = "the PIN was not accepted: pass the right one, with pin_retry=True"
        raise sim_error(text, error.code, "AT+CPIN=***", await tries_left(m, deadline))
    except ModemError:  # the answer was lost: it may have been refused
        m.refused_pins.append(pin)
        raise
    m.refused_pins = []


async def tries_left(m, deadline):
    """Return how often the PIN can be given before the card wants its PUK, None where the module does not report it.

    AT+QPINC (Quectel), AT+SPIC (SIMCom), AT+CPINR (27.007, 8.65).
    """
    for command, prefix, field in (m.dialect.pin_tries, (b'+CPINR="SIM PIN"', b"+CPINR:", 1)):
        for line in await m.attempt(command, prefix, _LIMIT_MS, deadline) or ():
            values = split(line)
            if len(values) > field and isinstance(values[field], int):
                return values[field]
    return None


PUK_WANTED = 'locked by wrong PINs; it wants its PUK, which the operator has: modem.command(\'AT+CPIN="<puk>","<new pin>"\')'


def tries_text(tries):
    """Return `tries` as words behind a text, nothing where they are not known, or none is left: then the PUK is the subject."""
    return " (%d %s left)" % (tries, "try" if tries == 1 else "tries") if tries else ""


def sim_error(text, code, command="AT+CPIN?", tries=None):
    """Return a SimError; `tries`: how many of the PIN are left."""
    error = SimError(text + tries_text(tries), command=command, code=code, family="cme")
    error.tries_left = tries
    return error


async def identity(m, name):
    """See Modem.config."""
    if name == "imei" and m.identity.get(name) == "":  # start() did not get it
        m.identity[name] = await _ask_number(m, b"+CGSN")
    if name in m.identity:
        return m.identity[name]
    command = {"imsi": b"+CIMI", "iccid": m.dialect.iccid if m.dialect else b""}.get(name)
    if not command:
        raise ValueError("name must be one of imei, manufacturer, model, revision (after start()), imsi, iccid")
    return await _ask_number(m, command)


async def _ask_number(m, command):
    number = _Number(b"AT" + command + b"\r", b"+", bare=True)
    await m.run(number)
    if not number.lines:
        raise ProtocolError("unexpected answer: no number", command="AT" + command.decode())
    return number.lines[-1].rpartition(b":")[2].strip(b' "').decode()


class _Number(Command):
    """A command that answers with a number of the card, after a prefix that differs from firmware to firmware, or bare."""

    def on_info(self, buf, s, e):
        number = bytes(memoryview(buf)[s:e])
        name, colon, digits = number.rpartition(b":")
        digits = digits.strip(b' "')
        if (
            len(digits) < _SHORTEST
            or digits.strip(_DIGITS)
            or (colon and b"CCID" not in name and b"CIMI" not in name and b"CGSN" not in name)
        ):
            return False
        return Command.on_info(self, buf, s, e)
