"""The phonebook of the card, and its own number: AT+CPBS, CPBR, CPBW, CPBF, CNUM (3GPP TS 27.007, 7.1 and 8.11 to 8.14)."""

from .calls import kind_of_number
from .commands import CmeError, ParameterError, needs_parameters
from .errors import INVALID_INDEX, NOT_FOUND

SIZE = 250
_LONGEST_NUMBER, _LONGEST_NAME = 40, 14


class Phonebook:
    """Entries by index, from 1 on; they stay over a restart."""

    def __init__(self, modem):
        self._modem = modem
        self._entries = {}
        add = modem.table.add
        add("+CPBS", test='+CPBS: ("SM")', read=self._usage, write=needs_parameters(self._choose))
        span = "(1-%d),%d,%d" % (SIZE, _LONGEST_NUMBER, _LONGEST_NAME)
        add("+CPBR", test="+CPBR: " + span, write=needs_parameters(self._read))
        entry = "(1-%d),%d,(129,145),%d" % (SIZE, _LONGEST_NUMBER, _LONGEST_NAME)
        add("+CPBW", test="+CPBW: " + entry, write=needs_parameters(self._write))
        add("+CPBF", test="+CPBF: %d,%d" % (_LONGEST_NUMBER, _LONGEST_NAME), write=needs_parameters(self._find))
        add("+CNUM", test="", execute=self._own_number)

    def _own_number(self):
        self._modem.sim.need()
        number = self._modem.model.number
        return '+CNUM: "","%s",%d' % (number, kind_of_number(number)) if number else None

    def _usage(self):
        return '+CPBS: "SM",%d,%d' % (len(self._entries), SIZE)

    def _choose(self, parameters):
        self._modem.sim.need()
        if parameters.str(0, 2).upper() != "SM":
            raise ParameterError()

    def _row(self, head, index):
        number, name = self._entries[index]
        return '%s: %d,"%s",%d,"%s"' % (head, index, number, kind_of_number(number), name)

    def _read(self, parameters):
        self._modem.sim.need()
        first = parameters.int(0, 1, SIZE)
        last = parameters.int(1, first, SIZE, first)
        return [self._row("+CPBR", index) for index in sorted(self._entries) if first <= index <= last]

    def _write(self, parameters):
        self._modem.sim.need()
        parameters.count(1, 4)
        index = parameters.int(0, 1, SIZE, None)
        if not parameters.given(1):
            if index is None:
                raise ParameterError()
            self._entries.pop(index, None)
            return
        if index is None:
            index = next((each for each in range(1, SIZE + 1) if each not in self._entries), None)
            if index is None:
                raise CmeError(INVALID_INDEX)
        number, name = parameters.str(1, _LONGEST_NUMBER), parameters.str(3, _LONGEST_NAME, default="")
        self._entries[index] = number, name

    def _find(self, parameters):
        self._modem.sim.need()
        start = parameters.str(0, _LONGEST_NAME).upper()
        found = [index for index in sorted(self._entries) if self._entries[index][1].upper().startswith(start)]
        if not found:
            raise CmeError(NOT_FOUND)
        return [self._row("+CPBF", index) for index in found]
