"""The state of SIM card, network and supply, and switching off: commands of SIMCom's general AT manuals.

"A76XX Series AT Command Manual" 1.09 and "SIM7500_SIM7600 Series AT Command Manual" 2.00: AT+CCID, ICCID, CICCID, SPIC, CSPN,
CPSI, CNSMOD, CNMP, AUTOCSQ, CBC, CSUB, SIMCOMATI, UIMHOTSWAPON, CPMUTEMP, CLTS, CPOF, CPOWD; and general commands that, without
parameters, restore what was set at delivery.
"""

from ..commands import needs_parameters
from ..outcome import Result

_RESTORED = ("+CMEE", "+CMGF", "+CNMI", "+CSCS", "+CSDH", "+ICF", "+IFC")
_OFF_S = 1.0
_LTE_SYSTEM = 8  # AT+CNSMOD
_VOLTS, _DEGREES = 3.8, 32
_SINR_OFFSET = 20
_NEAR_FULL_SCALE = 113  # dBm below which AT+CPSI has index 0 for RSSI


class Status:
    """The commands. `indexed`: AT+CPSI shows 3GPP's indexes as on A76XX; else tenths of dB and dBm as on SIM7x00."""

    def __init__(self, simcom, indexed):
        self._modem = modem = simcom.modem
        self._indexed = indexed
        general, model, add = modem.general, modem.model, modem.table.add
        for name, head in (("+CCID", "+CCID"), ("+ICCID", "+ICCID"), ("+CICCID", "+ICCID")):
            add(name, test="", execute=lambda head=head: modem.sim.need() or "%s: %s" % (head, model.iccid))
        for name in _RESTORED:
            add(name, execute=lambda name=name: general.restore(name))
        add("+SPIC", test="", execute=self._tries)
        add("+CSPN", test="", read=lambda: modem.sim.need() or '+CSPN: "%s",0' % modem.radio.operators[0].names[0])
        add("+CPSI", test="+CPSI: (0-255)", read=self._system, write=needs_parameters(self._repeat_system))
        self._repeats = None  # the timer of AT+CPSI=<seconds>
        general.keep("+CNSMOD", 0)
        self._shown_mode = None
        add("+CNSMOD", test="+CNSMOD: (0,1)", read=self._mode, write=needs_parameters(self._set_mode))
        general.add_numbers("+CNMP", "(2,13,14,38,48,54)", (2,))
        general.add_numbers("+AUTOCSQ", "(0,1),(0,1)", (0, 0))
        general.add_numbers("+UIMHOTSWAPON", "(0,1)", (0,))
        general.add_numbers("+CLTS", "(0,1)", (0,))
        add("+CBC", test="", read=self._supply, execute=self._supply)
        add("+CSUB", test="", execute=lambda: "+CSUB: " + model.revision)
        add("+SIMCOMATI", test="", execute=lambda: simcom.block(model.identity))
        add("+CPMUTEMP", test="", read=lambda: "+CPMUTEMP: %d" % _DEGREES, execute=lambda: "+CPMUTEMP: %d" % _DEGREES)
        add("+CPOF", test="", execute=lambda: modem.power.switch_off(seconds=_OFF_S))
        add("+CPOWD", test="+CPOWD: (0,1)", write=needs_parameters(self._power_down))
        modem.sim.on_change.append(self._card_changed)
        modem.radio.on_signal.append(self._signal_changed)
        modem.radio.on_registration.append(self._registration_changed)

    def _tries(self):
        sim = self._modem.sim
        sim.need_card()
        counts = (sim.first.tries, sim.first.puk_tries, sim.second.tries, sim.second.puk_tries)
        return "+SPIC: %d,%d,%d,%d" % tuple(max(count, 0) for count in counts)

    def _card_changed(self, inserted):
        self._modem.urc(self._modem.sim.boot_line() or "+SIMCARD: NOT AVAILABLE")

    def _signal_changed(self):
        if self._modem.general.value("+AUTOCSQ")[0]:
            self._modem.urc(self._modem.radio.signal(0))

    def _system_mode(self):
        return _LTE_SYSTEM if self._modem.radio.registered() else 0

    def _mode(self):
        return "+CNSMOD: %d,%d" % (self._modem.general.value("+CNSMOD"), self._system_mode())

    def _set_mode(self, parameters):
        self._modem.general.set("+CNSMOD", parameters.int(0, 0, 1))
        self._shown_mode = self._system_mode()

    def _registration_changed(self):
        mode = self._system_mode()
        if self._modem.general.value("+CNSMOD") and mode != self._shown_mode:
            self._modem.urc("+CNSMOD: %d" % mode)
        self._shown_mode = mode

    def _repeat_system(self, parameters):
        seconds = parameters.int(0, 0, 255)
        if self._repeats:
            self._repeats.cancel()
            self._repeats = None
        if seconds:
            self._repeats = self._modem.later(seconds, self._report_system, seconds)

    def _report_system(self, seconds):
        self._modem.urc(self._system())
        self._repeats = self._modem.later(seconds, self._report_system, seconds)

    def _system(self):
        radio, cell = self._modem.radio, self._modem.radio.cell
        if not radio.registered():
            return "+CPSI: NO SERVICE,Online"
        if self._indexed:
            quality, power = radio.levels()
            levels = (quality, power, max(0, cell.rssi + _NEAR_FULL_SCALE), cell.sinr + _SINR_OFFSET)
        else:
            levels = (10 * cell.rsrq, 10 * cell.rsrp, 10 * cell.rssi, cell.sinr)
        number, width = radio.operator.names[2], cell.bandwidth
        place = (number[:3], number[3:], cell.tac, cell.number, cell.physical, cell.band, cell.channel, width, width)
        return "+CPSI: LTE,Online,%s-%s,0x%04X,%d,%d,EUTRAN-BAND%d,%d,%d,%d,%d,%d,%d,%d" % (*place, *levels)

    def _supply(self):
        return "+CBC: %.3fV" % _VOLTS

    def _power_down(self, parameters):
        parameters.int(0, 0, 1)
        return Result("NORMAL POWER DOWN", then=lambda: self._modem.power.switch_off(seconds=_OFF_S))
