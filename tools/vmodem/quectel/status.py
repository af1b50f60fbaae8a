"""The state of SIM card, network, supply and clock, and switching off: commands of Quectel's general AT manuals.

"EC2x&EG9x&EG2x-G&EM05 Series AT Commands Manual" 2.0 and "BG96 AT Commands Manual" 2.3: AT+QCCID, QPINC, QSIMSTAT, QSIMDET,
QINISTAT, QNWINFO, QENG, QCSQ, QSPN, QLTS, QINDCFG, QCFG, QADC, QTEMP, QPOWD, QGMR, EGMR, CBC,
and AT+QPSMS of BG96.
"""

import time

from ..commands import CmeError, ParameterError, needs_parameters
from ..errors import NOT_SUPPORTED, PARAMETERS
from ..models import CAT_M1
from ..radio import DENIED
from ..rtc import QUARTER_S
from .named import NamedValues

_ALL_READY = 7  # AT+QINISTAT: card, messages and phonebook
_NORMAL, _AT_ONCE = 1, 0  # AT+QPOWD
_AT_ONCE_S = 0.1
_MILLIVOLTS, _CHARGE = 3800, 80
_DEGREES = (32, 30, 31)
_SINR_STEPS_PER_DB, _LOWEST_SINR = 5, -20  # AT+QCSQ
_URC_ITEMS = {
    "all": ("(0,1)", "1"),
    "csq": ("(0,1)", "0"),
    "smsfull": ("(0,1)", "0"),
    "ring": ("(0,1)", "1"),
    "smsincoming": ("(0,1)", "1"),
    "act": ("(0,1)", "0"),
}
_CONFIGURATION = {
    "nwscanmode": ("(0-3),(0,1)", "0"),
    "nwscanseq": ("<scanseq>[,<effect>]", "00"),
    "iotopmode": ("(0-2),(0,1)", "0"),
    "band": ("<GSM_band>,<LTE_band>,<NB_band>[,<effect>]", "0xf,0x400a0e189f,0xa0e189f"),
    "servicedomain": ("(0-2),(0,1)", "2"),
    "roamservice": ("(1,2,255),(0,1)", "255"),
    "nb1/bandprior": ("<band_value>", "00"),
    "celevel": ("(0-2)", "0"),
    "psm/enter": ("(0,1)", "0"),
    "psm/urc": ("(0,1)", "0"),
    "ledmode": ("(0,1)", "0"),
    "gprsattach": ("(0,1)", "1"),
    "risignaltype": ('"respective","physical"', '"respective"'),
    "urc/ri/ring": ('"off","pulse","always"', '"pulse",120,1000,5000,"off",1'),
    "urc/ri/smsincoming": ('"off","pulse","always"', '"pulse",120,1'),
    "urc/ri/other": ('"off","pulse"', '"off",120,1'),
    "urc/delay": ("(0,1)", "0"),
    "airplanecontrol": ("(0,1)", "0"),
    "apready": ("(0,1),(0,1),(100-3000)", "0,0,500"),
    "pdp/duplicatechk": ("(0,1)", "0"),
    "tone/incoming": ("(0,1)", "0"),
    "usbnet": ("(0-3)", "0"),
    "ims": ("(0-2)", "0"),
}


class Status:
    """The commands."""

    def __init__(self, modem):
        self._modem = modem
        general, add = modem.general, modem.table.add
        for name in ("+QCCID", "+CCID", "+ICCID"):
            add(name, test="", execute=lambda name=name: modem.sim.need() or "%s: %s" % (name, modem.model.iccid))
        add("+QPINC", test='+QPINC: ("SC","P2")', read=self._all_tries, write=needs_parameters(self._tries))
        general.add_numbers("+QSIMDET", "(0,1),(0,1)", (0, 1))
        general.keep("+QSIMSTAT", 0)
        add("+QSIMSTAT", test="+QSIMSTAT: (0,1)", read=self._card_state, write=needs_parameters(self._watch_card))
        add("+QINISTAT", test="+QINISTAT: (0-7)", execute=lambda: "+QINISTAT: %d" % (_ALL_READY if modem.sim.ready() else 0))
        add("+QNWINFO", test="", execute=self._network)
        add("+QENG", test='+QENG: ("servingcell","neighbourcell")', write=needs_parameters(self._engineering))
        add("+QCSQ", test='+QCSQ: "NOSERVICE","LTE","CAT-M1"', execute=self._levels)
        add("+QSPN", test="", execute=self._provider)
        local = needs_parameters(lambda p: self._time(p.int(0, 0, 2)))
        add("+QLTS", test="+QLTS: (0-2)", execute=lambda: self._time(0), write=local)
        add("+QADC", test="+QADC: (0,1)", write=needs_parameters(lambda p: "+QADC: 1,%d" % (p.int(0, 0, 1) or 800)))
        add("+QTEMP", test="", execute=lambda: "+QTEMP: %d,%d,%d" % _DEGREES)
        add("+CBC", test="+CBC: (0-3),(0-100),(0-65535)", execute=lambda: "+CBC: 0,%d,%d" % (_CHARGE, _MILLIVOLTS))
        off = needs_parameters(self._power_off)
        add("+QPOWD", test="+QPOWD: (0,1)", execute=lambda: self._switch_off(_NORMAL), write=off)
        add("+QGMR", test="", execute=lambda: modem.model.revision + "_01.001.01.001")
        add("+EGMR", test="+EGMR: (0),(7)", write=needs_parameters(self._serial_number))
        if modem.model.technology is CAT_M1:
            saving = modem.saving
            seconds = lambda: '+QPSMS: %d,,,"%d","%d"' % saving.psm_in_seconds()  # noqa: E731
            add("+QPSMS", test="+QPSMS: " + saving.psm_forms, read=seconds, write=needs_parameters(saving.set_psm))
        self.urcs = NamedValues(modem, "+QINDCFG", _URC_ITEMS, PARAMETERS)
        self.configuration = NamedValues(modem, "+QCFG", _CONFIGURATION, PARAMETERS)
        modem.sim.on_change.append(self._card_changed)
        modem.radio.on_signal.append(self._signal_changed)

    # Card --------------------------------------------------------------------------------------------------------------

    def _count(self, name):
        secret = self._modem.sim.first if name == "SC" else self._modem.sim.second
        return '+QPINC: "%s",%d,%d' % (name, max(secret.tries, 0), max(secret.puk_tries, 0))

    def _all_tries(self):
        self._modem.sim.need_card()
        return [self._count("SC"), self._count("P2")]

    def _tries(self, parameters):
        name = parameters.str(0, 2).upper()
        if name not in ("SC", "P2"):
            raise ParameterError()
        self._modem.sim.need_card()
        return self._count(name)

    def _card_state(self):
        return "+QSIMSTAT: %d,%d" % (self._modem.general.value("+QSIMSTAT"), self._modem.sim.state() is not None)

    def _watch_card(self, parameters):
        self._modem.general.set("+QSIMSTAT", parameters.int(0, 0, 1))

    def _card_changed(self, inserted):
        if self._modem.general.value("+QSIMSTAT"):
            self._modem.urc("+QSIMSTAT: 1,%d" % inserted)
        self._modem.urc(self._modem.sim.boot_line() or "+CPIN: NOT READY")

    # Network -----------------------------------------------------------------------------------------------------------

    def _network(self):
        radio, model = self._modem.radio, self._modem.model
        if not radio.registered():
            return "+QNWINFO: No Service"
        cell = radio.cell
        row = (model.technology.quectel_name, radio.operator.names[2], cell.band, cell.channel)
        return '+QNWINFO: "%s","%s","LTE BAND %d",%d' % row

    def _engineering(self, parameters):
        kind = parameters.str(0, 20).lower()
        if kind == "neighbourcell":
            return None
        if kind != "servingcell":
            raise ParameterError()
        radio, cell = self._modem.radio, self._modem.radio.cell
        if not radio.registered():
            return '+QENG: "servingcell","%s"' % ("LIMSRV" if radio.registration() == DENIED else "SEARCH")
        number, width = radio.operator.names[2], cell.bandwidth
        place = (number[:3], number[3:], cell.number, cell.physical, cell.channel, cell.band, width, width, cell.tac)
        levels = (cell.rsrp, cell.rsrq, cell.rssi, cell.sinr)
        head = '+QENG: "servingcell","NOCONN","%s","FDD",' % self._modem.model.technology.cell_name
        return head + "%s,%s,%X,%d,%d,%d,%d,%d,%X,%d,%d,%d,%d,-" % (*place, *levels)

    def _levels(self):
        radio, cell = self._modem.radio, self._modem.radio.cell
        if not radio.registered():
            return '+QCSQ: "NOSERVICE"'
        sinr = (cell.sinr - _LOWEST_SINR) * _SINR_STEPS_PER_DB
        return '+QCSQ: "%s",%d,%d,%d,%d' % (self._modem.model.technology.level_name, cell.rssi, cell.rsrp, sinr, cell.rsrq)

    def _signal_changed(self):
        if self.urcs["csq"] == "1":
            self._modem.urc(self._modem.radio.signal().replace("+CSQ: ", '+QIND: "csq",'))

    def _provider(self):
        if not self._modem.radio.registered():
            raise CmeError(NOT_SUPPORTED)
        long, short, number = self._modem.radio.operator.names
        return '+QSPN: "%s","%s","",0,"%s"' % (long, short, number)

    def _time(self, mode):
        rtc = self._modem.rtc
        seconds = self._modem.clock.wall() + (QUARTER_S * rtc.zone_quarters if mode == 2 else 0)
        return '+QLTS: "%s%+03d,0"' % (time.strftime("%Y/%m/%d,%H:%M:%S", time.gmtime(seconds)), rtc.zone_quarters)

    # The module --------------------------------------------------------------------------------------------------------

    def _serial_number(self, parameters):
        parameters.int(0, 0, 0)
        parameters.int(1, 7, 7)
        return '+EGMR: "%s"' % self._modem.model.imei

    def _power_off(self, parameters):
        self._switch_off(parameters.int(0, 0, 1))

    def _switch_off(self, mode):
        if mode == _AT_ONCE:
            self._modem.power.switch_off(seconds=_AT_ONCE_S)
        else:
            self._modem.power.switch_off(self._modem.dialect.off_line)
