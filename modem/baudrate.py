"""Changing the baud rate of the line, with a check and a way back; loaded by `modem.set_baudrate()`.

AT+IPR is of V.250 (6.2.10). OK comes at the old rate; a firmware that changes its rate before OK is found too.
"""

from .at.command import ERROR, OK, Command
from .at.params import number
from .compat import const
from .errors import ModemError, ModemRestarted, ModemTimeout, NotSupported

_LOWEST = const(300)
_HIGHEST = const(4000000)
_LIMIT_MS = const(9000)
_SETTLE_MS = const(100)  # a module takes a moment after its OK
_PROBE_MS = const(300)
_PROBES = const(5)  # the first may be spoilt by what the module has heard at the wrong rate
_ROUNDS = const(3)


async def change(m, rate, store):
    """See `Modem.set_baudrate`."""
    number("rate", rate, _LOWEST, _HIGHEST)
    if not m.started:
        raise ModemError("not started: call start() first")
    command = Command(b"AT+IPR=%d\r" % rate, None, _LIMIT_MS)
    try:
        await m.acquire(command, None)  # until the end nothing else may be sent
        for link in m.links:
            if link is not None:
                raise ModemError("connections are open: what the module sends while the rate changes would be lost")
        try:
            await _change(m, command, rate)
        finally:
            m.engine.desync = True
    finally:
        m.release(command)
    if store:
        await m.cmd(b"&W", limit_ms=_LIMIT_MS)


async def _change(m, command, rate):
    before = getattr(m.port, "baudrate", None)
    if before is None:
        raise ModemError("the port was opened without a baud rate: give it one")
    _supported(m.port, rate, before)
    rates, m.rates = m.rates, (rate, before)  # from here on start() looks for the module at both
    await m.finish(command, None)
    if command.result == ERROR:
        m.rates = rates
        await m.judge(command)
    await m.pause(_SETTLE_MS)
    for _ in range(_ROUNDS):
        for tried in m.rates:
            m.port.set_baudrate(tried)
            if await _heard(m):
                if tried == rate:
                    return
                m.rates = rates
                raise ModemError("no answer at %d baud; the line is at %d again" % (rate, before))
            if tried == rate:  # the module may hear although it is not heard
                await m.finish(Command(b"AT+IPR=%d\r" % before, None, _PROBE_MS), None)
    raise ModemTimeout("the module answers neither at %d nor at %d baud: call start()" % m.rates)


def _supported(port, rate, before):
    """Raise NotSupported when the port cannot do `rate`, before the module is told to change."""
    try:
        port.set_baudrate(rate)
    except (OSError, ValueError, AttributeError) as error:  # MicroPython's UART: ValueError
        raise NotSupported("the port cannot change to %d baud: %s" % (rate, error.args[-1]))
    port.set_baudrate(before)


async def _heard(m):
    """Whether AT is answered twice in a row."""
    m.engine.parser.reset()
    row = 0
    for _ in range(_PROBES):
        probe = Command(b"AT\r", None, _PROBE_MS)
        await m.finish(probe, None)
        if not m.started:
            raise ModemRestarted("the module restarted while its baud rate was changed")
        row = row + 1 if probe.result == OK else 0
        if row == 2:
            return True
        m.engine.desync = False
    return False
