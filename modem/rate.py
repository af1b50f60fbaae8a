"""Changing the baud rate of the line, with a check and a way back; loaded by `modem.set_baudrate()`.

AT+IPR is of V.250 (6.2.10). OK comes at the old rate; a firmware that changes over before it says OK is found all the same.
"""

from .compat import const
from .errors import ModemError, ModemRestarted, ModemTimeout
from .fields import number
from .request import ERROR, OK, Request

_LIMIT_MS = const(9000)
_SETTLE_MS = const(100)  # a module takes a moment after its OK
_PROBE_MS = const(300)
_PROBES = const(5)  # the first may be spoilt by what the module has heard at the wrong rate
_ROUNDS = const(3)


async def change(m, rate, store):
    """See `Modem.set_baudrate`."""
    number("rate", rate, 300, 4000000)
    if not m._started:
        raise ModemError("not started: call start() first")
    for link in m._links:
        if link is not None:
            raise ModemError("connections are open: what the module says while the rate changes would be lost")
    engine = m._engine
    await m._acquire(None)
    engine.reserved = engine  # nobody else may begin
    try:
        await _change(m, m._port, rate)
    finally:
        if engine.reserved is engine:
            engine.reserved = None
        engine.desync = engine.changed = True
    if store:
        await m._cmd(b"&W", limit_ms=_LIMIT_MS)


async def _change(m, port, rate):
    before = getattr(port, "baudrate", None)
    if before is None:
        raise ModemError("the port was opened without a baud rate: give it one")
    _supported(port, rate, before)
    request = Request(b"AT+IPR=%d\r" % rate, None, _LIMIT_MS)
    rates, m._rates = m._rates, (rate, before)  # from here on start() looks for the module at both
    await m._finish(request, None)
    if request.result == ERROR:
        m._rates = rates
        raise await m._failure(request)
    await m._sleep(_SETTLE_MS)
    for _ in range(_ROUNDS):
        for tried in m._rates:
            port.set_baudrate(tried)
            if await _heard(m):
                if tried == rate:
                    return
                m._rates = rates
                raise ModemError("no answer at %d baud; the line is at %d again" % (rate, before))
            if tried == rate:  # unheard it may still hear
                await m._finish(Request(b"AT+IPR=%d\r" % before, None, _PROBE_MS), None)
    raise ModemTimeout("the module answers neither at %d nor at %d baud: call start()" % m._rates)


def _supported(port, rate, before):
    """Raise NotSupported when the port cannot do `rate`: before the module is told."""
    try:
        port.set_baudrate(rate)
    except (OSError, ValueError, AttributeError) as error:  # MicroPython's UART: ValueError
        from .refusals import NotSupported

        raise NotSupported("the port cannot change to %d baud: %s" % (rate, error.args[-1]))
    port.set_baudrate(before)


async def _heard(m):
    """Whether AT is answered twice in a row."""
    m._engine.parser.reset()
    row = 0
    for _ in range(_PROBES):
        probe = Request(b"AT\r", None, _PROBE_MS)
        await m._finish(probe, None)
        if not m._started:
            raise ModemRestarted("the module restarted while its baud rate was changed")
        row = row + 1 if probe.result == OK else 0
        if row == 2:
            return True
        m._engine.desync = False
    return False
