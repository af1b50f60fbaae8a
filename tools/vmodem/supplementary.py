"""Supplementary services: AT+CLIP, CLIR, COLP, CCWA, CCFC, CSSN, CUSD (3GPP TS 27.007, 7.6 to 7.17)."""

from .commands import ParameterError, Ranges, needs_parameters

_QUERY = 2
_ALL_CLASSES = 7  # voice, data, fax
_USSD_DELAY_S = 1.0
_GSM_ALPHABET = 15
_CANCEL = 2
_REASONS = 5  # <reason> of AT+CCFC is 0 to 5


class Supplementary:
    """Shown as provided, and forwarded to nobody until AT+CCFC says so. `ussd` is what the network answers to AT+CUSD."""

    def __init__(self, modem):
        self._modem = modem
        self.ussd = "Balance: 12.34 EUR"
        self._forwards = {}  # reason: number
        for name, last in (("+CLIP", 1), ("+COLP", 1), ("+CLIR", 4)):
            self._add_presentation(name, last)
        modem.general.add_numbers("+CSSN", "(0,1),(0,1)", (0, 0))
        modem.general.keep("+CCWA", 0)
        modem.general.keep("+CUSD", 0)
        value, add = modem.general.value, modem.table.add
        add("+CCWA", test="+CCWA: (0,1)", read=lambda: "+CCWA: %d" % value("+CCWA"), write=needs_parameters(self._waiting))
        add("+CCFC", test="+CCFC: (0-%d)" % _REASONS, write=needs_parameters(self._forward))
        add("+CUSD", test="+CUSD: (0-2)", read=lambda: "+CUSD: %d" % value("+CUSD"), write=needs_parameters(self._ussd))

    def _add_presentation(self, name, provided):
        general = self._modem.general
        high = 2 if name == "+CLIR" else 1
        ranges = Ranges("(0-%d)" % high)
        general.keep(name, 0)

        def write(parameters):
            general.set(name, *ranges.read(parameters, (0,)))

        self._modem.table.add(
            name,
            test="%s: (0-%d)" % (name, high),
            read=lambda: "%s: %d,%d" % (name, general.value(name), provided),
            write=needs_parameters(write),
        )

    def _waiting(self, parameters):
        parameters.count(1, 3)
        self._modem.sim.need()
        announce, mode = parameters.int(0, 0, 1, 0), parameters.int(1, 0, _QUERY, 0)
        if mode == _QUERY:
            return "+CCWA: 0,%d" % _ALL_CLASSES
        self._modem.general.set("+CCWA", announce)
        return None

    def _forward(self, parameters):
        parameters.count(2, 8)
        self._modem.sim.need()
        reason, mode = parameters.int(0, 0, _REASONS), parameters.int(1, 0, 4)
        if mode == _QUERY:
            number = self._forwards.get(reason)
            return '+CCFC: 1,%d,"%s",129' % (_ALL_CLASSES, number) if number else "+CCFC: 0,%d" % _ALL_CLASSES
        if mode in (1, 3):
            self._forwards[reason] = parameters.str(2, 40)
        else:
            self._forwards.pop(reason, None)
        return None

    def _ussd(self, parameters):
        parameters.count(1, 3)
        self._modem.sim.need()
        mode = parameters.int(0, 0, _CANCEL)
        if mode == _CANCEL:
            return
        self._modem.general.set("+CUSD", mode)
        if parameters.given(1):
            if not parameters.str(1, 182):
                raise ParameterError()
            self._modem.later(_USSD_DELAY_S, self._answer)

    def _answer(self):
        if self._modem.general.value("+CUSD"):
            self._modem.urc('+CUSD: 0,"%s",%d' % (self.ussd, _GSM_ALPHABET))
