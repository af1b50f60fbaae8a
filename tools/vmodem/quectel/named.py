"""Commands that keep values by name: AT+QCFG, AT+QINDCFG, AT+QGPSCFG."""

from ..commands import CmeError, ParameterError, Ranges

_LONGEST_VALUE = 64


class NamedValues:
    """One such command: `table` is {name: (test form of the values, values at delivery)}.
    `error` is the CME error of bad parameters.

    A test form of ranges, `(0,1),(0-255)`, is checked; other text is not, and the values are kept as they were typed. What comes
    after as many values as there are at delivery is not kept: `<effect>` says when the others count.
    """

    def __init__(self, modem, command, table, error):
        self._command = command
        self._error = error
        self._tests = {name: text for name, (text, _) in table.items()}
        self._values = {name: values for name, (_, values) in table.items()}
        self._kept = {name: values.count(",") + 1 for name, values in self._values.items()}
        lines = ['%s: "%s",%s' % (command, name, text) for name, text in self._tests.items()]
        modem.table.add(command, test=lines, write=self._write)

    def __getitem__(self, name):
        """The values of a name, as AT+... shows them."""
        return self._values[name]

    def _write(self, parameters):
        try:
            return self._use(parameters)
        except ParameterError:
            raise CmeError(self._error) from None

    def _use(self, parameters):
        name = parameters.str(0, 30).lower()
        if name not in self._values:
            raise ParameterError()
        if len(parameters) == 1:
            return '%s: "%s",%s' % (self._command, name, self._values[name])
        typed = [self._text(parameters, index) for index in range(1, len(parameters))]
        ranges, kept = self._tests[name], self._kept[name]
        if ranges.startswith("("):
            present = [int(value) for value in self._values[name].split(",")]
            present += [1] * (ranges.count("(") - kept)
            typed = list(map(str, Ranges(ranges).read(parameters.after(1), present)))
        self._values[name] = ",".join(typed[:kept])
        return None

    @staticmethod
    def _text(parameters, index):
        value = parameters.str(index, _LONGEST_VALUE, bare=True)
        return '"%s"' % value if parameters.quoted(index) else value
