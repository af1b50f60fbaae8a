"""The radio: functionality, registration, operators, signal.

3GPP TS 27.007, 7.2 (CREG), 7.3 (COPS), 8.2 (CFUN), 8.5 (CSQ), 8.69 (CESQ), 10.1.20 (CGREG), 10.1.9 (CGATT), 10.1.22 (CEREG).
"""

from .commands import CmeError, ParameterError, Ranges, needs_parameters
from .errors import NETWORK_NOT_ALLOWED, NO_NETWORK
from .outcome import PENDING

OFF, HOME, SEARCHING, DENIED, ROAMING = 0, 1, 2, 3, 5  # <stat> of AT+CREG
STATES = {"home": HOME, "searching": SEARCHING, "denied": DENIED, "roaming": ROAMING}
SCAN_S = 3.0  # AT+COPS=?; the fault delay:cmd=+COPS makes it as slow as in the field
SELECT_S = 1.0  # AT+COPS=1 or 4
FULL, MINIMUM, FLIGHT = 1, 0, 4  # <fun> of AT+CFUN
_COMMANDS = {"+CREG": "(0-2)", "+CGREG": "(0-5)", "+CEREG": "(0-5)"}
_WITH_PLACE, _WITH_CAUSE, _WITH_TIMERS = (2, 3, 4, 5), (3, 5), (4, 5)
_CAUSE = "0,11"  # <cause_type>,<reject_cause>: of EMM, the network is not allowed (3GPP TS 24.301, annex A)
_AUTOMATIC, _MANUAL, _DEREGISTERED, _FORMAT_ONLY, _MANUAL_THEN_AUTOMATIC = range(5)
_LONG, _SHORT, _NUMERIC = range(3)
_UNKNOWN = 99
_LIMITS = {"rssi": (-120, -20), "rsrp": (-140, -44), "rsrq": (-20, -3), "sinr": (-20, 30)}


class Operator:
    """A network in reach: its names, its number, and whether this card may use it."""

    def __init__(self, long, short, number, forbidden=False):
        self.names = long, short, number
        self.forbidden = forbidden


class Cell:
    """The cell that serves the module, and how well it is received: dBm, dB."""

    def __init__(self):
        self.tac, self.number, self.physical = 0x5A1E, 0x0ABCDE01, 257
        self.band, self.channel, self.bandwidth = 3, 1850, 5
        self.rssi, self.rsrp, self.rsrq, self.sinr = -67, -95, -10, 15

    def tune(self, **levels):
        """Set some of `rssi`, `rsrp`, `rsrq`, `sinr`. ValueError for other names and for what no cell has."""
        for name, level in levels.items():
            low, high = _LIMITS.get(name, (0, -1))
            if not low <= level <= high:
                known = ", ".join("%s from %d to %d" % (each, *limits) for each, limits in _LIMITS.items())
                raise ValueError("%s=%d: a signal has %s" % (name, level, known))
        self.__dict__.update(levels)


class Radio:
    """Registration and signal. `functionality` is AT+CFUN's; `forced` is the state that the control channel has set, or None.
    `on_signal` and `on_registration` list what to call when one of them has changed."""

    def __init__(self, modem):
        self._modem = modem
        self.functionality = FULL
        self.cell = Cell()
        self.technology = modem.model.technology.number
        self.forced = None
        self.on_signal = []
        self.on_registration = []
        self.operators = [
            Operator("Virtual Network", "Virtual", "00101"),
            Operator("Second Network", "Second", "00102"),
            Operator("Third Network", "Third", "00103", forbidden=True),
        ]
        self.operator = self.operators[0]
        self._mode, self._format = _AUTOMATIC, _LONG
        for name, text in _COMMANDS.items():
            self._add_registration(name, text)
        add = modem.table.add
        add("+CSQ", test="+CSQ: (0-31,99),(0-7,99)", execute=self.signal)
        add("+CESQ", test="+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)", execute=self._extended_signal)
        add("+COPS", test=self._scan, read=self._show_operator, write=needs_parameters(self._select))
        add("+COPN", test="", execute=lambda: ['+COPN: "%s","%s"' % (each.names[2], each.names[0]) for each in self.operators])
        function = needs_parameters(self._set_function)
        add("+CFUN", test="+CFUN: (0,1,4),(0,1)", read=lambda: "+CFUN: %d" % self.functionality, write=function)
        add("+CGATT", test="+CGATT: (0,1)", read=lambda: "+CGATT: %d" % self.attached, write=needs_parameters(self._attach))
        self._detached = False
        modem.on_reset.append(self._reset)

    def _reset(self):
        if self._modem.model.quirks["cfun"] == "reset":
            self.functionality = FULL
        self.operator, self._mode, self._format = self.operators[0], _AUTOMATIC, _LONG
        self._detached = False

    # Registration ------------------------------------------------------------------------------------------------------

    def registration(self):
        """The `<stat>` of AT+CREG."""
        faults = self._modem.faults
        if not self._modem.sim.ready() or self.functionality != FULL or self._mode == _DEREGISTERED:
            return OFF
        if self.forced is not None:
            return self.forced
        if faults.on("denied") or self.operator.forbidden:
            return DENIED
        if faults.on("searching"):
            return SEARCHING
        return ROAMING if faults.on("roaming") else HOME

    def registered(self):
        """Whether the network takes the module."""
        return self.registration() in (HOME, ROAMING)

    @property
    def attached(self):
        """Whether data can be used."""
        return self.registered() and not self._detached

    def force(self, state):
        """Force the registration state; None: no longer."""
        self.forced = state
        self.announce()

    def announce(self):
        """Print the unsolicited registration lines that have been asked for."""
        for name in _COMMANDS:
            mode = self._modem.general.value(name)
            if mode:
                self._modem.urc("%s: %s" % (name, self._status(name, mode)))
        for callback in self.on_registration:
            callback()

    def _status(self, name, mode):
        """The fields of a registration line from `<stat>` on; those at its end that are empty are left out."""
        status = self.registration()
        fields, routing_area = [str(status), "", "", ""], [""] if name == "+CGREG" else []
        if status in (HOME, ROAMING) and mode in _WITH_PLACE:
            fields[1:] = '"%04X"' % self.cell.tac, '"%08X"' % self.cell.number, str(self.technology)
            fields += [*routing_area, "", "", *self._modem.saving.granted()] if mode in _WITH_TIMERS else []
        elif status == DENIED and mode in _WITH_CAUSE:
            fields += [*routing_area, _CAUSE]
        return ",".join(fields).rstrip(",")

    def _add_registration(self, name, text):
        general, ranges = self._modem.general, Ranges(text)
        general.keep(name, 0)

        def read():
            mode = general.value(name)
            return "%s: %d,%s" % (name, mode, self._status(name, mode))

        def write(parameters):
            general.set(name, *ranges.read(parameters, (0,)))

        forms = {"read": read, "write": needs_parameters(write), "execute": lambda: general.set(name, 0)}
        self._modem.table.add(name, test="%s: %s" % (name, text), **forms)

    def _attach(self, parameters):
        wanted = parameters.int(0, 0, 1)
        if wanted:
            self._modem.sim.need()
            if not self.registered():
                raise CmeError(NO_NETWORK)
        self._detached = not wanted
        if not wanted:
            self._modem.clock.call_soon(self._modem.dialect.lose_contexts)

    def _set_function(self, parameters):
        level = parameters.int(0, 0, FLIGHT)
        if level not in (MINIMUM, FULL, FLIGHT):
            raise ParameterError()
        if parameters.int(1, 0, 1, 0):
            self._modem.power.restart()
            return
        was, self.functionality = self.functionality, level
        if was != level:
            if level != FULL:
                self._modem.dialect.radio_off()
            self._modem.clock.call_soon(self.announce)

    # Operators ---------------------------------------------------------------------------------------------------------

    def _scan(self):
        if self.functionality != FULL:
            raise CmeError(NO_NETWORK)
        self._modem.later(SCAN_S, self._modem.complete, self._modem.job, self._scanned)
        return PENDING

    def _scanned(self):
        rows = []
        for operator in self.operators:
            current = operator is self.operator and self.registered()
            state = 3 if operator.forbidden else 2 if current else 1
            rows.append('(%d,"%s","%s","%s",%d)' % ((state, *operator.names, self.technology)))
        return "+COPS: %s,,(0-4),(0-2)" % ",".join(rows)

    def _show_operator(self):
        if not self.registered():
            return "+COPS: %d" % self._mode
        return '+COPS: %d,%d,"%s",%d' % (self._mode, self._format, self.operator.names[self._format], self.technology)

    def _select(self, parameters):
        parameters.count(1, 4)
        mode = parameters.int(0, 0, _MANUAL_THEN_AUTOMATIC)
        if mode == _FORMAT_ONLY:
            self._format = parameters.int(1, 0, _NUMERIC)
            return None
        self._modem.sim.need()
        if mode in (_MANUAL, _MANUAL_THEN_AUTOMATIC):
            style = parameters.int(1, 0, _NUMERIC)
            name = parameters.str(2, 24, bare=True)
            parameters.int(3, 0, 9, self.technology)
            self._modem.later(SELECT_S, self._modem.complete, self._modem.job, self._selected, mode, style, name)
            return PENDING
        if mode == _DEREGISTERED:
            self._modem.dialect.lose_contexts()
        was = self.registration(), self.operator
        self._mode, self.operator = mode, self.operators[0]
        if was != (self.registration(), self.operator):
            self._modem.clock.call_soon(self.announce)
        return None

    def _selected(self, mode, style, name):
        found = [each for each in self.operators if each.names[style] == name]
        usable = bool(found) and not found[0].forbidden
        if not usable and mode == _MANUAL_THEN_AUTOMATIC:
            self._mode, self.operator = _AUTOMATIC, self.operators[0]
            return
        if not found:
            raise CmeError(NO_NETWORK)
        self._mode, self._format, self.operator = _MANUAL, style, found[0]
        self._modem.clock.call_soon(self.announce)
        if not usable:
            self._modem.dialect.lose_contexts()
            raise CmeError(NETWORK_NOT_ALLOWED)

    # Signal ------------------------------------------------------------------------------------------------------------

    def signal(self, errors=_UNKNOWN):
        """AT+CSQ; `errors` is the `<ber>` of a module that knows one."""
        if not self.registered():
            return "+CSQ: 99,99"
        return "+CSQ: %d,%d" % (min(31, max(0, (self.cell.rssi + 113) // 2)), errors)

    def _extended_signal(self):
        if not self.registered():
            return "+CESQ: 99,99,255,255,255,255"
        quality, power = self.levels()
        return "+CESQ: 99,99,255,255,%d,%d" % (quality, power)

    def tune(self, **levels):
        """The signal changes; see `Cell.tune`."""
        self.cell.tune(**levels)
        for callback in self.on_signal:
            callback()

    def levels(self):
        """RSRQ and RSRP as 3GPP TS 36.133, 9.1.7 and 9.1.4, number them."""
        return min(34, max(0, 2 * self.cell.rsrq + 40)), min(97, max(0, self.cell.rsrp + 141))
