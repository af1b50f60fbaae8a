"""Sleep: a module that has nothing to do switches its UART off, and what wakes it is not heard.

AT+QSCLK (Quectel) and AT+CSCLK (SIMCom) are of the vendors' general AT manuals. 0: the module never sleeps. 1: it sleeps while
DTR is off and nothing is going on. 2: it sleeps after some seconds without a byte in either direction; a byte from the host
wakes it, and is lost like all that follow until the UART is running.
"""

from .commands import CmeError, ParameterError

_SILENCE_MS = 5000
_WAKE_MS = 50


class Slumber:
    """Whether the module hears what comes. `name` of the command; the fault `asleep` sets the times, and mode 2 at the start."""

    def __init__(self, modem, name):
        self._modem = modem
        self._name = name
        fault = modem.faults.get("asleep")
        self._silence_s = (fault.number("ms", _SILENCE_MS) if fault else _SILENCE_MS) / 1000
        self._wake_s = (fault.number("wake_ms", _WAKE_MS) if fault else _WAKE_MS) / 1000
        self._mode = self._saved = 2 if fault else 0
        self._stirred = modem.clock.now()  # the last byte in either direction
        self._running = self._stirred  # the UART runs from this moment on
        modem.table.add(name, test=name + ": (0-2)", read=lambda: "%s: %d" % (name, self._mode), write=self._set)
        modem.on_reset.append(self._reset)

    def _set(self, parameters):
        try:
            self._mode = parameters.int(0, 0, 2)
        except ParameterError:
            raise CmeError(50) from None

    def _reset(self):
        self._mode = self._saved

    def hears(self):
        """Whether bytes of the host that come now are heard. In mode 2 they wake the module in any case."""
        now = self._modem.clock.now()
        if self._mode == 1 and self._idle() and not self._modem.dtr_on:
            return False
        if self._mode == 2 and self._idle() and now - self._stirred >= self._silence_s:
            self._running = now + self._wake_s
            self._modem.note("woken up")
        self._stirred = now
        return now >= self._running

    def _idle(self):
        return self._modem.job is None and self._modem.phase is None

    def stir(self):
        """The module says something: it is awake."""
        self._running = self._stirred = self._modem.clock.now()

    def dtr(self):
        """DTR goes on: the module wakes up."""
        if self._mode == 1:
            self._running = self._modem.clock.now() + self._wake_s
