"""Commands that every module has: ITU-T V.250 and 3GPP TS 27.007.

Settings are what `AT&W` saves and `ATZ` and a restart bring back. Identity, SIM and registration come from the model and
from the faults in force (no SIM, PIN wanted, registration denied, searching).
"""

import calendar
import time

from .commands import CmeError, ParameterError

CME_TEXTS = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    16: "incorrect password",
    30: "no network service",
    50: "incorrect parameters",
    100: "unknown",
}
BAUD_RATES = (0, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1000000)
FACTORY = {
    "E": 1,
    "V": 1,
    "Q": 0,
    "X": 4,
    "&C": 1,
    "&D": 2,
    "S0": 0,
    "S3": 13,
    "S4": 10,
    "S5": 8,
    "S7": 0,
    "S10": 15,
    "+CMEE": 0,
    "+CREG": 0,
    "+CGREG": 0,
    "+CEREG": 0,
    "+IPR": 115200,
    "+CTZU": 0,
    "+CTZR": 0,
}
_RANGES = {"E": 1, "V": 1, "Q": 1, "X": 4, "&C": 1, "&D": 2, "S0": 255, "S3": 127, "S4": 127, "S5": 127, "S7": 255, "S10": 254}
_REGISTRATION = ("+CREG", "+CGREG", "+CEREG")


def _cme(handler):
    """Bad parameters of a general command are CME error 50."""

    def checked(*args):
        try:
            return handler(*args)
        except ParameterError:
            raise CmeError(50) from None

    return checked


class General:
    """The general commands and the settings behind them."""

    def __init__(self, modem, echo):
        self._modem = modem
        self._factory = dict(FACTORY, E=int(echo), **modem.model.settings)
        self._saved = dict(self._factory)
        self._now = dict(self._saved)
        self._clock_offset_s = 0
        self.zone_quarters = 0
        self.functionality = 1
        self._pin_done = False
        self._cached()
        self._register(modem.table)

    # Settings ----------------------------------------------------------------------------------------------------------

    def value(self, name):
        """The value of a setting, such as `&D` or `S3`."""
        return self._now[name]

    def set(self, name, value):
        """Change a setting until the next restart."""
        self._now[name] = value
        self._cached()

    def save(self, name):
        """Make the value of one setting the one that a restart brings back."""
        self._saved[name] = self._now[name]

    def _cached(self):
        now = self._now
        self.echo = now["E"] == 1
        self.verbose = now["V"] == 1
        self.quiet = now["Q"] == 1
        self.error_mode = now["+CMEE"]
        self.terminator = bytes([now["S3"]])
        self.line_end = bytes([now["S3"], now["S4"]])

    def reset(self):
        """A restart: saved settings come back."""
        self._now = dict(self._saved)
        if self._modem.model.quirks["cfun"] == "reset":
            self.functionality = 1
        self._pin_done = False
        self._cached()
        self._modem.line.set_rate(self._now["+IPR"])

    def set_home_rate(self, rate):
        """The baud rate that the module was delivered with."""
        for settings in (self._factory, self._saved, self._now):
            settings["+IPR"] = rate

    def _restore(self, source):
        self._now.update(source)
        self._cached()
        self._modem.clock.call_soon(self._modem.line.set_rate, self._now["+IPR"])

    # Registration of the commands --------------------------------------------------------------------------------------

    def _register(self, table):
        table.add("Z", execute=lambda: self._restore(self._saved), write=lambda p: self._restore(self._saved))
        table.add("&F", execute=lambda: self._restore(self._factory), write=lambda p: self._restore(self._factory))
        table.add("&W", execute=lambda: self._saved.update(self._now), write=lambda p: self._saved.update(self._now))
        table.add("&V", execute=self._view)
        table.add("H", execute=lambda: None, write=lambda p: None)
        for name, high in _RANGES.items():
            self._add_setting(table, name, high)
        self._add_identity(table)
        self._add_numbers(table)
        for name in _REGISTRATION:
            self._add_registration(table, name)
        add = self._add
        add(table, "+CPIN", test="", read=self._pin_read, write=self._pin_write)
        add(table, "+CSQ", test="+CSQ: (0-31,99),(0-7,99)", execute=self._signal)
        add(table, "+COPS", test=self._operators, read=self._operator, write=self._operator_set)
        add(table, "+CFUN", test="+CFUN: (0,1,4),(0,1)", read=lambda: "+CFUN: %d" % self.functionality, write=self._function)
        add(table, "+CCLK", test="", read=lambda: '+CCLK: "%s"' % self.clock_text(), write=self._clock_set)
        add(table, "+IPR", test="+IPR: (),(%s)" % ",".join(map(str, BAUD_RATES)), read=self._rate, write=self._rate_set)
        add(table, "+CGATT", test="+CGATT: (0,1)", read=lambda: "+CGATT: %d" % self.registered(), write=self._attach)

    @staticmethod
    def _add(table, name, **forms):
        table.add(name, **{form: _cme(handler) if callable(handler) else handler for form, handler in forms.items()})

    def _add_setting(self, table, name, high):
        def write(parameters):
            self.set(name, parameters.int(0, 0, high))

        def execute():
            self.set(name, 0)

        def read():
            return "%03d" % self._now[name]

        is_register = name[0] == "S"
        self._add(table, name, write=write, execute=None if is_register else execute, read=read if is_register else None)

    def _add_identity(self, table):
        model = self._modem.model
        for name, text in (("MI", model.manufacturer), ("MM", model.name), ("MR", model.revision_line)):
            table.add("+CG" + name, test="", execute=lambda text=text: text)
            table.add("+G" + name, test="", execute=lambda text=text: text)
        for name in ("+CGSN", "+GSN"):
            table.add(name, test="", execute=lambda: model.imei)
        table.add("I", execute=lambda: list(model.identity), write=lambda p: list(model.identity))
        table.add("+CIMI", test="", execute=self._imsi)

    def _add_numbers(self, table):
        for name, high in (("+CMEE", 2), ("+CTZU", 3), ("+CTZR", 2)):

            def write(parameters, name=name, high=high):
                self.set(name, parameters.int(0, 0, high))

            def read(name=name):
                return "%s: %d" % (name, self._now[name])

            self._add(table, name, test="%s: (0-%d)" % (name, high), read=read, write=write)

    def _add_registration(self, table, name):
        def read():
            mode = self._now[name]
            status = self.registration()
            place = ',"5A1E","0ABCDE01",7' if mode == 2 and status in (1, 5) else ""
            return "%s: %d,%d%s" % (name, mode, status, place)

        def write(parameters):
            self.set(name, parameters.int(0, 0, 2))

        self._add(table, name, test=name + ": (0-2)", read=read, write=write)

    def _view(self):
        return ["%s: %d" % item for item in sorted(self._now.items())]

    # SIM and network ---------------------------------------------------------------------------------------------------

    def sim(self):
        """The text of AT+CPIN?, or None without a SIM."""
        faults = self._modem.faults
        if faults.on("no-sim"):
            return None
        return "SIM PIN" if faults.on("pin") and not self._pin_done else "READY"

    def need_sim(self):
        """Raise the error of a command that cannot work without an unlocked SIM."""
        state = self.sim()
        if state != "READY":
            raise CmeError(10 if state is None else 11)

    def registration(self):
        """The `<stat>` of AT+CREG: 0 off, 1 home, 2 searching, 3 denied, 5 roaming."""
        faults = self._modem.faults
        if self.sim() != "READY" or self.functionality != 1:
            return 0
        if faults.on("denied"):
            return 3
        if faults.on("searching"):
            return 2
        return 5 if faults.on("roaming") else 1

    def registered(self):
        """Whether data can be used."""
        return self.registration() in (1, 5)

    def announce_registration(self):
        """Print the unsolicited registration lines that have been asked for."""
        for name in _REGISTRATION:
            if self._now[name]:
                self._modem.urc("%s: %d" % (name, self.registration()))

    def _imsi(self):
        self.need_sim()
        return self._modem.model.imsi

    def _pin_read(self):
        state = self.sim()
        if state is None:
            raise CmeError(10)
        return "+CPIN: " + state

    def _pin_write(self, parameters):
        state = self.sim()
        if state is None:
            raise CmeError(10)
        if state == "READY":
            raise CmeError(3)
        if parameters.str(0, 8, bare=True) != self._modem.faults.get("pin").text("pin", "1234"):
            raise CmeError(16)
        self._pin_done = True
        self._modem.clock.call_soon(self._modem.urc, "+CPIN: READY")

    def _signal(self):
        return "+CSQ: 23,99" if self.registered() else "+CSQ: 99,99"

    def _operators(self):
        return '+COPS: (2,"Virtual Network","Virtual","00101",7),,(0-4),(0-2)'

    def _operator(self):
        return '+COPS: 0,0,"Virtual Network",7' if self.registered() else "+COPS: 0"

    def _operator_set(self, parameters):
        parameters.int(0, 0, 4)

    def _attach(self, parameters):
        parameters.int(0, 0, 1)

    def _function(self, parameters):
        level = parameters.int(0, 0, 4)
        if level not in (0, 1, 4):
            raise ParameterError()
        if parameters.int(1, 0, 1, 0):
            self._modem.restart()
            return
        was, self.functionality = self.functionality, level
        if was != level:
            if level != 1:
                self._modem.dialect.radio_off()
            self._modem.clock.call_soon(self.announce_registration)

    # Clock and baud rate -----------------------------------------------------------------------------------------------

    def clock_text(self):
        """The module's clock as AT+CCLK? prints it."""
        moment = time.gmtime(self._modem.clock.wall() + self._clock_offset_s)
        return time.strftime("%y/%m/%d,%H:%M:%S", moment) + "%+03d" % self.zone_quarters

    def set_clock(self, seconds):
        """Set the clock: the digits it shows now, as seconds since 1970."""
        self._clock_offset_s = seconds - self._modem.clock.wall()

    def clock_seconds(self):
        """The digits that the clock shows, as seconds since 1970."""
        return self._modem.clock.wall() + self._clock_offset_s

    def _clock_set(self, parameters):
        text = parameters.str(0, 22)
        try:
            moment = time.strptime(text[:17], "%y/%m/%d,%H:%M:%S")
            zone = int(text[17:] or self.zone_quarters)
        except ValueError:
            raise ParameterError() from None
        if not -96 <= zone <= 96:
            raise ParameterError()
        self.zone_quarters = zone
        self.set_clock(calendar.timegm(moment))

    def _rate(self):
        return "+IPR: %d" % self._now["+IPR"]

    def _rate_set(self, parameters):
        rate = parameters.int(0, 0, 4000000)
        if rate not in BAUD_RATES:
            raise ParameterError()
        self.set("+IPR", rate)
        self._modem.clock.call_soon(self._modem.line.set_rate, rate)
