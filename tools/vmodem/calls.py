"""Voice calls and dialling: ATD, ATA, ATH (ITU-T V.250, 6.3), AT+CHUP, CLCC, CPAS, CLIP and the like (3GPP TS 27.007, 6 and 7).

A call is a sequence of states without sound. `ATD*99#` and its forms dial a data session, see `data_call`.
"""

import re

from .commands import CmeError, ParameterError, needs_parameters
from .errors import NOT_ALLOWED
from .outcome import Result

RING_S = 5.0
ANSWER_S = 3.0  # until whoever is called answers
_ACTIVE, _DIALLING, _INCOMING = 0, 2, 4  # <stat> of AT+CLCC
_PHONE_READY, _PHONE_RINGING, _PHONE_IN_CALL = 0, 3, 4  # <pas> of AT+CPAS
_DATA_NUMBER = re.compile(r"[TP]?\*9[89](?:\*[^*#]*)?(?:\*[^*#]*)?(?:\*(\d+))?#")
_LONGEST_NUMBER = 80
_TONES = set("0123456789*#ABCD")


def kind_of_number(number):
    """The type of address: 145 for an international number, else 129 (3GPP TS 24.008, 10.5.4.7)."""
    return 145 if number.startswith("+") else 129


class Calls:
    """At most one call at a time."""

    def __init__(self, modem):
        self._modem = modem
        self._state = None  # <stat> of AT+CLCC; None: no call
        self._number = ""
        self._outgoing = False
        self._rings = 0
        add = modem.table.add
        add("D", write=self._dial)
        add("A", execute=self._answer)
        add("H", execute=self._hang_up, write=lambda parameters: self._hang_up())
        add("+CHUP", test="", execute=self._hang_up)
        add("+CLCC", test="", read=self._list, execute=self._list)
        add("+CPAS", test="+CPAS: (0,3,4)", execute=self._activity)
        add("+CHLD", test="+CHLD: (0,1)", write=needs_parameters(self._hold))
        add("+VTS", test="+VTS: (0-9,*,#,A-D)", write=needs_parameters(self._tone))
        add("+CEER", test="", execute=lambda: "+CEER: No cause information available")
        add("+CGDATA", test='+CGDATA: "PPP"', write=needs_parameters(self._enter_data))
        modem.on_reset.append(self._reset)

    def _reset(self):
        self._state = None

    # The other side ----------------------------------------------------------------------------------------------------

    def ring(self, number):
        """An incoming call. False: there is a call already, or no network."""
        if self._state is not None or not self._modem.radio.registered():
            return False
        self._state, self._number, self._outgoing, self._rings = _INCOMING, number, False, 0
        self._ring(number)
        return True

    def _ring(self, number):
        if self._state != _INCOMING or self._number != number:
            return
        general = self._modem.general
        self._rings += 1
        self._modem.urc("+CRING: VOICE" if general.value("+CRC") else "RING")
        if general.value("+CLIP"):
            self._modem.urc('+CLIP: "%s",%d,,,,0' % (number, kind_of_number(number)))
        if 0 < general.value("S0") <= self._rings:
            self._state = _ACTIVE
        self._modem.later(RING_S, self._ring, number)

    def drop(self):
        """The other side hangs up. False: there is no call."""
        if self._state is None:
            return False
        self._state = None
        self._modem.urc("NO CARRIER")
        return True

    # Commands ----------------------------------------------------------------------------------------------------------

    def _dial(self, parameters):
        number = parameters.str(0, _LONGEST_NUMBER, bare=True).replace(" ", "")
        data = _DATA_NUMBER.fullmatch(number.upper())
        if data:
            return self._modem.data_call.dial(int(data.group(1) or 1))
        if self._state is not None:
            raise CmeError(NOT_ALLOWED)
        if not number.endswith(";") or not self._modem.radio.registered():
            return Result("NO CARRIER")  # no network takes circuit-switched data any more
        self._state, self._number, self._outgoing = _DIALLING, number.rstrip(";").lstrip("TPtp"), True
        self._modem.later(ANSWER_S, self._answered, self._number)
        return None

    def _enter_data(self, parameters):
        if parameters.str(0, 3).upper() != "PPP":
            raise ParameterError()
        return self._modem.data_call.dial(parameters.int(1, 1, 15, 1))

    def _answered(self, number):
        if self._state == _DIALLING and self._number == number:
            self._state = _ACTIVE

    def _answer(self):
        if self._state != _INCOMING:
            return Result("NO CARRIER")
        self._state = _ACTIVE
        return None

    def _hang_up(self):
        self._state = None
        self._modem.data_call.hang_up()

    def _list(self):
        if self._state is None:
            return None
        direction = 0 if self._outgoing else 1
        return '+CLCC: 1,%d,%d,0,0,"%s",%d' % (direction, self._state, self._number, kind_of_number(self._number))

    def _activity(self):
        activity = {None: _PHONE_READY, _INCOMING: _PHONE_RINGING}.get(self._state, _PHONE_IN_CALL)
        return "+CPAS: %d" % activity

    def _hold(self, parameters):
        parameters.int(0, 0, 1)
        if self._state is None:
            raise CmeError(NOT_ALLOWED)
        self._state = None

    def _tone(self, parameters):
        tones = parameters.str(0, 32, bare=True).upper()
        if not tones or set(tones) - _TONES:
            raise ParameterError()
        if self._state != _ACTIVE:
            raise CmeError(NOT_ALLOWED)
