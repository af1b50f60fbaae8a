"""Settings, and the commands of ITU-T V.250 and 3GPP TS 27.007 that only keep a value.

Settings are what `AT&W` saves and `ATZ` and a restart bring back. The parts of the module with a meaning of their own are
`identity`, `sim`, `radio`, `rtc`, `power`, `calls`, `sms`, `phonebook` and `gnss`; they keep their settings here too.
"""

from .commands import ParameterError, Ranges, needs_parameters

BAUD_RATES = (0, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1000000)
_BASIC = {  # name: (highest value, value at delivery); ITU-T V.250, 6.2 and 6.3
    "E": (1, 1),
    "V": (1, 1),
    "Q": (1, 0),
    "X": (4, 4),
    "L": (3, 0),
    "M": (2, 0),
    "&C": (2, 1),
    "&D": (2, 2),
    "&K": (6, 0),
    "&S": (1, 0),
    "\\Q": (3, 0),
    "S0": (255, 0),
    "S3": (127, 13),
    "S4": (127, 10),
    "S5": (127, 8),
    "S6": (10, 2),
    "S7": (255, 0),
    "S8": (255, 2),
    "S10": (254, 15),
}
_NUMBERS = {  # name: (test form, values at delivery)
    "+CMEE": ("(0-2)", (0,)),
    "+CRC": ("(0,1)", (0,)),
    "+CR": ("(0,1)", (0,)),
    "+CRLP": ("(0-61),(0-61),(39-255),(1-255)", (61, 61, 48, 6)),
    "+CBST": ("(0,7,12,14,68,70,71,75),(0),(0-3)", (7, 0, 1)),
    "+CMOD": ("(0-3)", (0,)),
    "+CVHU": ("(0-2)", (0,)),
    "+CSTA": ("(129,145,161)", (129,)),
    "+CGEREP": ("(0-2),(0,1)", (0, 0)),
    "+CMER": ("(0-3),(0),(0),(0-2),(0,1)", (0, 0, 0, 0, 0)),
    "+CGSMS": ("(0-3)", (1,)),
    "+CEMODE": ("(0-3)", (2,)),
    "+ICF": ("(1-6),(0-3)", (3, 3)),
    "+IFC": ("(0,2),(0,2)", (0, 0)),
    "+ILRR": ("(0,1)", (0,)),
    "+FCLASS": ("(0,1)", (0,)),
}


class General:
    """The settings, and the commands that set them."""

    def __init__(self, modem, echo):
        self._modem = modem
        self._factory = {}
        self._saved = {}
        self._now = {}
        for name, (high, value) in _BASIC.items():
            self._add_basic(name, high, int(echo) if name == "E" else value)
        for name, (text, values) in _NUMBERS.items():
            self.add_numbers(name, text, values)
        self.keep("+IPR", 115200)
        self._register(modem.table)
        self._cached()

    # Settings ----------------------------------------------------------------------------------------------------------

    def keep(self, name, value):
        """A setting with its value at delivery: a number, or a tuple of several values."""
        value = self._modem.model.settings.get(name, value)
        for settings in (self._factory, self._saved, self._now):
            settings[name] = value

    def value(self, name):
        """The value of a setting, such as `&D` or `S3`."""
        return self._now[name]

    def set(self, name, value):
        """Change a setting until the next restart."""
        self._now[name] = value
        self._cached()

    def restore(self, name):
        """Give a setting the value of delivery."""
        self.set(name, self._factory[name])

    def save(self, name):
        """Make the value of one setting the one that a restart brings back."""
        self._saved[name] = self._now[name]

    def add_numbers(self, name, text, values):
        """A command that keeps one number or several: `text` is its test form and says what they may be."""
        ranges = Ranges(text)
        single = len(values) == 1
        self.keep(name, values[0] if single else values)

        def numbers():
            value = self._now[name]
            return (value,) if single else value

        def read():
            return "%s: %s" % (name, ",".join(map(str, numbers())))

        def write(parameters):
            values = ranges.read(parameters, numbers())
            self.set(name, values[0] if single else values)

        self._modem.table.add(name, test="%s: %s" % (name, text), read=read, write=needs_parameters(write))

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

    # Commands ----------------------------------------------------------------------------------------------------------

    def _register(self, table):
        table.add("Z", execute=lambda: self._restore(self._saved), write=lambda p: self._restore(self._saved))
        table.add("&F", execute=lambda: self._restore(self._factory), write=lambda p: self._restore(self._factory))
        table.add("&W", execute=lambda: self._saved.update(self._now), write=lambda p: self._saved.update(self._now))
        table.add("&V", execute=self._view, write=lambda p: self._view())
        for name in "PT":  # pulse or tone dialling: no difference
            table.add(name, execute=lambda: None)
        rates = "+IPR: (),(%s)" % ",".join(map(str, BAUD_RATES))
        table.add("+IPR", test=rates, read=lambda: "+IPR: %d" % self._now["+IPR"], write=needs_parameters(self._rate_set))

    def _add_basic(self, name, high, value):
        self.keep(name, value)

        def write(parameters):
            self.set(name, parameters.int(0, 0, high))

        def execute():
            self.set(name, 0)

        def read():
            return "%03d" % self._now[name]

        is_register = name[0] == "S"
        self._modem.table.add(
            name,
            write=needs_parameters(write),
            execute=None if is_register else execute,
            read=read if is_register else None,
        )

    def _view(self):
        return [
            "%s: %s" % (name, ",".join(map(str, value)) if isinstance(value, tuple) else value)
            for name, value in sorted(self._now.items())
        ]

    def _rate_set(self, parameters):
        rate = parameters.int(0, 0, 4000000)
        if rate not in BAUD_RATES:
            raise ParameterError()
        self.set("+IPR", rate)
        self._modem.clock.call_soon(self._modem.line.set_rate, rate)
