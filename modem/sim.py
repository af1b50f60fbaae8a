"""The SIM card: its state, its PIN, its numbers."""

from .at.command import Command
from .at.params import split
from .compat import const
from .errors import CommandError, ProtocolError, SimError

_POLL_MS = const(500)
_LIMIT_MS = const(5000)
_NOT_INSERTED = const(10)  # +CME ERROR; 13 (failure) and 15 (wrong) may pass while the module boots
_SHORTEST = const(10)  # digits of an IMSI or ICCID
_DIGITS = b"0123456789ABCDEFabcdef"
_TEXT_NOT_INSERTED = "SIM not inserted"  # the same in the verbose form


async def sim_state(m, deadline):
    """Return what the module reports of the SIM card (AT+CPIN?): "READY", "SIM PIN" and so on, or the code of its error."""
    try:
        lines = await m.cmd(b"+CPIN?", b"+CPIN:", _LIMIT_MS, deadline)
    except CommandError as error:
        return error.code
    return split(lines[-1])[0] if lines else "no answer"


async def unlock(m, pin, until, deadline):
    """Wait until the SIM card is ready, at most until `until`, giving `pin` (quoted, or None) when it asks for it.

    SimError when the card is missing or stays locked.
    """
    given = False
    while True:
        state = await sim_state(m, deadline)
        if state == "READY":
            return
        if state in ("SIM PIN", "SIM PUK"):
            if state == "SIM PUK" or pin is None or given:
                hint = ": pass pin=" if state == "SIM PIN" and pin is None else ""
                raise SimError("the SIM card wants its %s%s" % (state[4:], hint))
            given = True
            await _give(m, pin, deadline)
        elif state == _NOT_INSERTED or state == _TEXT_NOT_INSERTED:
            raise _error("no SIM card", state)
        elif not await m.pause(_POLL_MS, until):
            raise _error("the SIM card is not ready", state)


async def _give(m, pin, deadline):
    try:
        await m.cmd(b"+CPIN=" + pin, limit_ms=_LIMIT_MS, deadline=deadline)
    except CommandError as error:
        raise _error("the PIN was not accepted", error.code, "AT+CPIN=***")


def _error(text, code, command="AT+CPIN?"):
    return SimError(text, command=command, code=code, family="cme")


async def identity(m, name):
    """See Modem.config."""
    if name in m.identity:
        return m.identity[name]
    command = {"imsi": b"+CIMI", "iccid": m.dialect.iccid if m.dialect else b""}.get(name)
    if not command:
        raise ValueError("name must be one of imei, manufacturer, model, revision (after start()), imsi, iccid")
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
        if len(digits) < _SHORTEST or digits.strip(_DIGITS) or (colon and b"CCID" not in name and b"CIMI" not in name):
            return False
        return Command.on_info(self, buf, s, e)
