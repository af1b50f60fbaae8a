"""Letting the module sleep, and waking it before the next command; loaded by `modem.sleep()`.

The UART of a module that sleeps is off: what wakes it is lost, and what comes before it is awake. AT+QSCLK (Quectel) and AT+CSCLK
(SIMCom) are of the vendors' general AT manuals, not of the documents that this driver is written from: mode 1 sleeps while DTR is
off, mode 2 after some five seconds of silence on the line. Not every firmware has mode 2.
"""

from .compat import const, ticks_diff
from .engine import Engine
from .errors import ModemError, NotSupported
from .fields import number
from .request import Request

_KNOCK_MS = const(200)  # a module that is awake answers AT within some 10 ms; one that is not takes 50 ms to wake up
_LIMIT_MS = const(5000)


async def sleep(m, idle_ms):
    """See `Modem.sleep`."""
    mode = 1
    if idle_ms is not None:
        mode = 2 if number("idle_ms", idle_ms, 0, 3600000) else 0
    if not m._started:
        raise ModemError("not started: call start() first")
    command = m.dialect.sleep_command
    if mode == 1:
        try:
            m._port.dtr(True)
        except (OSError, AttributeError):
            raise NotSupported("sleep by DTR: the port has no such line; sleep(idle_ms) does without")
        await m._try(b"&D1", limit_ms=_LIMIT_MS)  # DTR shall hang nothing up
    await m._cmd(command + b"=%d" % mode, limit_ms=_LIMIT_MS)
    _awake(m)
    if mode:
        m._engine.free = Sleeper(m, idle_ms).free


def _awake(m):
    """Back to the usual Engine.free()."""
    try:
        del m._engine.free
    except (AttributeError, KeyError):
        pass


class Sleeper:
    """Its `free()` takes the place of the engine's: before the first command after a silence it knocks, with AT.

    An answer shows that the module is awake. Without one the line is lined up, by commands which by then are heard.
    """

    def __init__(self, m, idle_ms):
        self._m = m
        self._engine = m._engine
        self._idle_ms = idle_ms
        self._knock = Request(b"AT\r", None, _KNOCK_MS)
        if idle_ms is None:
            m._port.dtr(False)

    def free(self):
        """See Engine.free(). False while the module is being woken up."""
        engine = self._engine
        if not self._m._started:  # restarted: it sleeps no more
            _awake(self._m)
            self._rise()
        elif Engine.free(engine) and self._asleep():
            self._rise()
            engine.begin(self._knock)
        return Engine.free(engine)

    def _asleep(self):
        if self._idle_ms is None:
            return True
        return ticks_diff(self._engine.port.ticks_ms(), self._engine._heard_at) >= self._idle_ms

    def _rise(self):
        if self._idle_ms is None:
            self._m._port.dtr(True)
            _awake(self._m)
