"""Who the module is: ITU-T V.250, 6.1, 3GPP TS 27.007, 5.1 to 5.4 and 8.37."""

from .commands import Ranges, needs_parameters


class Identity:
    """AT+CGMI and its like, ATI, and the lists of what the module can do."""

    def __init__(self, modem):
        self._modem = modem
        model, table = modem.model, modem.table
        for name, text in (("MI", model.manufacturer), ("MM", model.name), ("MR", model.revision_line)):
            table.add("+CG" + name, test="", execute=lambda text=text: text)
            table.add("+G" + name, test="", execute=lambda text=text: text)
        table.add("+GSN", test="", execute=lambda: model.imei)
        table.add("+CGSN", test="+CGSN: (0-3)", execute=lambda: model.imei, write=needs_parameters(self._serial_number))
        table.add("I", execute=lambda: list(model.identity), write=lambda p: list(model.identity))
        table.add("+GCAP", test="", execute=lambda: "+GCAP: +CGSM,+FCLASS,+DS")
        table.add("+CLAC", test="", execute=lambda: ["AT" + name for name in table.names()])
        table.add("+WS46", test="+WS46: (28)", read=lambda: "28", write=Ranges("(28)").only())

    def _serial_number(self, parameters):
        model = self._modem.model
        version = "01"  # of the software, the last two digits of the IMEISV (3GPP TS 23.003, 6.2.2)
        kind = parameters.int(0, 0, 3)
        if kind == 0:
            return model.imei
        return '+CGSN: "%s"' % (model.imei, model.imei[:14] + version, version)[kind - 1]
