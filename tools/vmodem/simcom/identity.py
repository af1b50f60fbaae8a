"""Commands that every SIMCom module answers in its own way: identity, signal, baud rate, restart (AT, chapters 2, 3, 4, 6)."""

from ..commands import CmeError, ParameterError

RATES = (0, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1842000, 3686400)

# Ports of AT+CATR, for unsolicited lines. SIM7100 names the command only; the values are those of its relatives' manuals.
_ALL_PORTS, _PORTS = 0, {"uart1": 1, "usbmodem": 2, "usbat": 3}


class Identity:
    """The commands."""

    def __init__(self, simcom):
        self._modem = modem = simcom.modem
        model = modem.model
        table = modem.table
        table.add("I", execute=lambda: simcom.block(model.identity), write=lambda parameters: simcom.block(model.identity))
        table.add("+GMR", test="", execute=lambda: "+GMR: " + model.revision)
        table.add("+SIMEI", test="", read=lambda: "+SIMEI: " + model.imei)
        table.add("+CSQ", test="+CSQ: (0-31,99),(0-7,99)", execute=lambda: modem.radio.signal(0))
        table.add(
            "+IPR", test="+IPR: (%s)" % ",".join(map(str, RATES)), read=lambda: "+IPR: %d" % self._rate(), write=self._set_rate
        )
        table.add(
            "+IPREX",
            test="+IPREX: (%s)" % ",".join(map(str, RATES)),
            read=lambda: "+IPREX: %d" % self._rate(),
            write=self._store_rate,
        )
        table.add("+CATR", test="+CATR: (0-7)", read=lambda: "+CATR: %d" % self._urc_port, write=self._choose_port)
        table.add("+CRESET", test="", execute=self._restart)
        if model.quirks["clock"] == "unset":
            modem.rtc.set(0)
        self._use_port(_ALL_PORTS)
        modem.on_reset.append(self._reset)

    def _reset(self):
        self._use_port(_ALL_PORTS)

    def _choose_port(self, parameters):
        parameters.count(1, 1)
        self._use_port(parameters.int(0, _ALL_PORTS, 7))

    def _use_port(self, port):
        self._urc_port = port
        self._modem.urcs_elsewhere = port not in (_ALL_PORTS, _PORTS.get(self._modem.port_name))

    def _restart(self):
        self._modem.power.restart()

    def _rate(self):
        return self._modem.general.value("+IPR")

    def _set_rate(self, parameters):
        try:
            rate = parameters.int(0, 0, 4000000)
        except ParameterError:
            raise CmeError(50) from None
        if rate not in RATES:
            raise CmeError(50)
        self._modem.general.set("+IPR", rate)
        self._modem.clock.call_soon(self._modem.line.set_rate, rate)

    def _store_rate(self, parameters):
        self._set_rate(parameters)
        self._modem.general.save("+IPR")
