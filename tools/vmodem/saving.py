"""Power saving: AT+CPSMS, CEDRXS, CEDRXRDP (3GPP TS 27.007, 7.38 to 7.40). The network grants what is asked for.

The module does not fall asleep: only the commands and the timers in AT+CEREG are played.
"""

from .commands import ParameterError, needs_parameters

_PERIODIC, _ACTIVE = "01000011", "00100001"  # at delivery: 30 hours, 1 minute (3GPP TS 24.008, 10.5.7.4a and 10.5.7.3)
_PERIODIC_UNITS_S = (600, 3600, 36000, 2, 30, 60, 1152000, 0)  # by the first three bits; 0: deactivated
_ACTIVE_UNITS_S = (2, 60, 360, 60, 60, 60, 60, 0)
_RADIO = {4: "E-UTRAN (WB-S1 mode)", 5: "E-UTRAN (NB-S1 mode)"}
_PAGING_WINDOW = "0011"
_RESET = 2


def _bits(parameters, index, count, default):
    text = parameters.str(index, count, default)
    if len(text) != count or set(text) - {"0", "1"}:
        raise ParameterError()
    return text


def _seconds(bits, units_s):
    return units_s[int(bits[:3], 2)] * int(bits[3:], 2)


class PowerSaving:
    """PSM and eDRX. Both settings outlive a restart."""

    def __init__(self, modem):
        self._modem = modem
        self._psm, self._periodic, self._active = 0, _PERIODIC, _ACTIVE
        self._edrx = {}  # <AcT-type>: cycle
        self._announces = False
        add = modem.table.add
        self.psm_forms = '(0-2),,,("00000000"-"11111111"),("00000000"-"11111111")'
        add("+CPSMS", test="+CPSMS: " + self.psm_forms, read=self._show_psm, write=needs_parameters(self.set_psm))
        cycles = '+CEDRXS: (0-3),(4,5),("0000"-"1111")'
        add("+CEDRXS", test=cycles, read=self._show_edrx, write=needs_parameters(self._set_edrx))
        add("+CEDRXRDP", test="", execute=lambda: self._in_use("+CEDRXRDP: ") or "+CEDRXRDP: 0")

    def granted(self):
        """The timers at the end of the lines that AT+CEREG=4 asks for: `<Active-Time>`, `<Periodic-TAU>`; none without PSM."""
        return ['"%s"' % self._active, '"%s"' % self._periodic] if self._psm else []

    def _show_psm(self):
        return '+CPSMS: %d,,,"%s","%s"' % (self._psm, self._periodic, self._active)

    def psm_in_seconds(self):
        """Whether PSM is on, and its two timers: periodic update and active time."""
        return self._psm, _seconds(self._periodic, _PERIODIC_UNITS_S), _seconds(self._active, _ACTIVE_UNITS_S)

    def set_psm(self, parameters):
        """AT+CPSMS=."""
        parameters.count(1, 5)
        mode = parameters.int(0, 0, _RESET)
        if mode == _RESET:
            self._psm, self._periodic, self._active = 0, _PERIODIC, _ACTIVE
            return
        self._periodic, self._active = _bits(parameters, 3, 8, self._periodic), _bits(parameters, 4, 8, self._active)
        self._psm = mode

    def _show_edrx(self):
        return ['+CEDRXS: %d,"%s"' % row for row in sorted(self._edrx.items())]

    def _set_edrx(self, parameters):
        parameters.count(1, 3)
        mode = parameters.int(0, 0, 3)
        if mode in (0, 3) and not parameters.given(1):
            self._edrx.clear()
            return
        radio = parameters.int(1, 0, 5)
        if radio not in _RADIO:
            raise ParameterError()
        if mode in (1, 2):
            self._edrx[radio] = _bits(parameters, 2, 4, "0010")
        else:
            self._edrx.pop(radio, None)
        line = self._in_use("+CEDRXP: ") if mode == 2 else None
        if line:
            self._modem.clock.call_soon(self._modem.urc, line)

    def _in_use(self, head):
        wide = 4
        cycle = self._edrx.get(wide)
        return '%s%d,"%s","%s","%s"' % (head, wide, cycle, cycle, _PAGING_WINDOW) if cycle else None
