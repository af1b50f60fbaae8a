"""Letting the module sleep, and waking it before the next command; loaded by `modem.sleep()`.

The UART of a module that sleeps is off: the bytes that wake it are lost, and so is what follows until it is awake. AT+QSCLK
(Quectel) and AT+CSCLK (SIMCom) come from the vendors' general AT manuals, not from the documents that this driver is written
from: mode 1 sleeps while DTR is off, mode 2 after some five seconds of silence on the line. Not every firmware has mode 2.
"""

from .at.command import Command
from .at.params import number
from .compat import age_ms, const
from .errors import ModemError, NotSupported

_AWAKE = const(0)  # modes of the sleep command
_BY_DTR = const(1)
_BY_SILENCE = const(2)
_LONGEST_IDLE_MS = const(3600000)
_KNOCK_MS = const(200)  # a module that is awake answers AT within some 10 ms; one that sleeps takes 50 ms to wake up
_LIMIT_MS = const(5000)


async def sleep(m, idle_ms):
    """See `Modem.sleep`."""
    mode = _BY_DTR
    if idle_ms is not None:
        mode = _BY_SILENCE if number("idle_ms", idle_ms, 0, _LONGEST_IDLE_MS) else _AWAKE
    if not m.started:
        raise ModemError("not started: call start() first")
    command = m.dialect.sleep_command
    if command is None:
        raise m.dialect.lacks("sleep mode")
    if mode == _BY_DTR:
        try:
            m.port.dtr(True)
        except (OSError, AttributeError):
            raise NotSupported("sleep by DTR: the port has no DTR line; sleep(idle_ms) works without one")
        await m.attempt(b"&D1", limit_ms=_LIMIT_MS)  # switching DTR must not hang up
    await m.cmd(command + b"=%d" % mode, limit_ms=_LIMIT_MS)
    m.sleeper = Sleeper(m, idle_ms) if mode else None


class Sleeper:
    """Wakes the module before the first command after a silence, by AT: an answer shows that it is awake.

    Without an answer the line is resynchronised, by commands that the module, awake by then, hears.
    """

    def __init__(self, module, idle_ms):
        self._module = module
        self._idle_ms = idle_ms  # None: it sleeps while DTR is off
        self._knock = Command(b"AT\r", None, _KNOCK_MS)
        if idle_ms is None:
            module.port.dtr(False)

    def wake(self):
        """Called before a command: begin AT where the module may be asleep; return whether it was begun. No allocation."""
        m = self._module
        engine = m.engine
        by_dtr = self._idle_ms is None
        if m.started and not by_dtr and age_ms(engine.heard_at, m.port.ticks_ms()) < self._idle_ms:
            return False
        if by_dtr or not m.started:  # a module that has restarted sleeps no more
            m.sleeper = None
        if by_dtr:
            m.port.dtr(True)
        if not m.started or engine.desync:  # resynchronising sends enough to wake it
            return False
        engine.begin(self._knock)
        return True
