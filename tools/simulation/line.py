"""The serial line of a simulation: pacing in both directions, and the place where faults of the line strike.

Every line, prompt and piece of payload of the module, and everything that the host writes, is an event with a number. A fault is
put at one of them.
"""

import re

from .segments import LINE, PAYLOAD, Scanner

MODULE, HOST = "<", ">"
COMMAND, DATA = "command", "data"  # kinds of what the host writes
_DRAINED = 1024
_PASSING_S = 0.2


class Line:
    """Has the methods that the virtual modem's core asks of a line; see `tools.vmodem.line`.

    `strike(side, kind, data)` is called for each event and returns None, or a fault with `out(line, kind, data)` for events of
    the module and `into(line, kind, data)` for those of the host. `out` returns True when the rest of what the module writes at
    the same time is dropped.
    """

    paced = True

    def __init__(self, clock, rate, strike):
        self._clock = clock
        self.rate = rate
        self._strike = strike
        self._scanner = Scanner()
        self._free_at = self._hears_at = 0.0
        self._waiting = 0
        self.restarts = 0  # of the module: what was on its way is lost
        self._mute = False  # a restart has been decided: nothing more comes before it
        self._muffled = False  # nothing of the boot is heard
        self._deaf_until = 0.0
        self._kept = None  # bytes that the next line may overtake
        self._resisted = b"", 0.0, False
        self.habit = None  # of this firmware: see `firmware.Habit`
        self.modem = self._port = None

    def attach(self, modem, port):
        self.modem = modem
        self._port = port

    # What the core calls -----------------------------------------------------------------------------------------------

    def write(self, data):
        """Bytes from the module to the host."""
        if self._mute or self._muffled:
            return
        phase = self.modem.phase
        dropped = held = False
        for kind, piece in self._scanner.cut(data, bool(phase and phase.carrier)):
            if dropped or self._mute:
                continue
            fault = self._strike(MODULE, kind, piece)
            if fault:
                dropped = fault.out(self, kind, piece)
                held = self._kept is not None
            elif held:
                self._kept += piece
            elif self.habit and kind == LINE:
                self.put(self.habit.said(piece))
            else:
                self.put(piece)
        if self._kept is not None and not held:
            self._let_go()

    def counting(self):
        """Whether the module is in the middle of counted payload, or has just ended one."""
        return self._scanner.counting

    def put(self, data, then=None):
        """Queue bytes for the host; `then()` is called when they have been carried."""
        now = self._clock.now()
        self._free_at = max(now, self._free_at) + len(data) * 10 / self.rate
        self._waiting += len(data)
        self._clock.call_later(self._free_at - now, self._carried, self.restarts, data, then)

    def _carried(self, restarts, data, then):
        if restarts != self.restarts:
            return
        self._waiting -= len(data)
        if data:
            self._port.arrived(data, self.rate)
        if then:
            then()
        if self._waiting < _DRAINED:
            self.modem.drained()

    def hold(self, seconds):
        """All that follows goes out so much later."""
        self._free_at = max(self._clock.now(), self._free_at) + seconds

    def after(self, seconds, callback, *args):
        return self._clock.call_later(seconds, callback, *args)

    def backlog(self):
        return self._waiting

    def backlog_s(self):
        return max(0.0, self._free_at - self._clock.now())

    def set_rate(self, rate):
        """AT+IPR: once everything before has gone out."""
        if rate:
            self._clock.call_later(self.backlog_s(), self._set_rate, rate)

    def _set_rate(self, rate):
        self.rate = rate

    def clear(self):
        """The module has gone down: what was still to be sent never comes."""
        self.restarts += 1
        self._waiting = 0
        self._free_at = self._hears_at = self._clock.now()
        self._mute = False
        self._scanner.reset()

    def check_input(self):
        """The module always listens."""

    # What faults call --------------------------------------------------------------------------------------------------

    def restart(self, silent):
        """The module restarts once what it has sent so far has been carried; `silent`: no line of its boot is heard."""
        self._mute = True
        self._clock.call_later(self.backlog_s(), self._restart, silent)

    def _restart(self, silent):
        self._muffled = silent
        self.modem.reboot()

    def let_pass(self, data):
        """What follows by itself within a fifth of a second comes before `data` and the rest of what is written now."""
        self._kept = bytearray(data)
        self._clock.call_later(_PASSING_S, self._let_go)

    def _let_go(self):
        kept, self._kept = self._kept, None
        if kept:
            self.put(bytes(kept))

    def resist(self, name, seconds, refuse):
        """For so long commands that begin with `name` are refused, or not answered at all."""
        self._resisted = name, self._clock.now() + seconds, refuse

    def _resists(self, data):
        name, until, _ = self._resisted
        return self._clock.now() < until and re.match(re.escape(name) + rb"(?![A-Z])", data.upper())

    def now(self):
        """The time of the line's clock."""
        return self._clock.now()

    def be_deaf(self, seconds):
        """The module hears nothing for so long."""
        self._deaf_until = self._clock.now() + seconds

    def answer_error(self):
        """The module refuses a command without carrying it out."""
        self._clock.call_later(self.modem.latency_s, self.write, b"\r\nERROR\r\n")

    # From the host -----------------------------------------------------------------------------------------------------

    def heard(self, data):
        """Bytes that the host writes."""
        kind = DATA if self.modem.phase else COMMAND
        fault = self._strike(HOST, kind, data)
        if fault:
            fault.into(self, kind, data)
        else:
            self.carry(data)

    def carry(self, data, then=None):
        """Let the module hear bytes when the line has carried them."""
        now = self._clock.now()
        self._hears_at = max(now, self._hears_at) + len(data) * 10 / self.rate
        self._clock.call_later(self._hears_at - now, self._hear, self.restarts, data, then)

    def _hear(self, restarts, data, then):
        if restarts == self.restarts and data and self._clock.now() >= self._deaf_until:
            if self._resisted[0] and not self.modem.phase and self._resists(data):
                if self._resisted[2]:
                    self.answer_error()
                return
            answer = self.habit.asked(data) if self.habit and not self.modem.phase else None
            if answer is not None:
                self._clock.call_later(self.modem.latency_s, self.write, answer)
                return
            if self.modem.powered:
                self._muffled = False
            self.modem.feed(data)
        if then:
            then()


__all__ = ["COMMAND", "DATA", "HOST", "LINE", "MODULE", "PAYLOAD", "Line"]
