"""AT+QICFG: the options of the TCP/IP stack ("EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.1).

Nothing is saved: after a restart every option has its default. Defaults that the document showed by underlining only, and
that the text lost, are the ones its examples imply.
"""

from ..commands import ParameterError

# name: (ranges, defaults); the order is that of AT+QICFG=?
OPTIONS = {
    "transpktsize": (((1, 1460),), (1024,)),
    "transwaittm": (((0, 20),), (2,)),
    "dataformat": (((0, 1), (0, 1)), (0, 0)),
    "viewmode": (((0, 1),), (0,)),
    "udp/sendmode": (((0, 1),), (0,)),
    "udp/readmode": (((0, 1),), (0,)),
    "tcp/accept": (((0, 1),), (1,)),
    "passiveclosed": (((0, 1),), (0,)),
    "close/mode": (((0, 1),), (0,)),
    "recvind": (((0, 1),), (0,)),
    "tcp/keepalive": (((0, 1), (1, 1800), (25, 100), (3, 10)), (0, 60, 25, 3)),
    "tcp/retranscfg": (((3, 12), (1, 60)), (5, 3)),
    "send/auto": None,
    "formatcfg": (((0, 1),), (0,)),
    "qisend/timeout": (((0, 120),), (5,)),
    "tcp/delay_ack": (((0, 1),), (0,)),
    "dns/cache": (((0, 1),), (1,)),
    "tcp/twrecycle": (((2, 60000),), (2,)),
    "dns/retry": (((1, 4), (100, 2000)), (2, 200)),
}
# Not in the document's list, though its QISEND has the effect: the name is that of a sibling's firmware (EC801E).
HIDDEN = {"sendinfo": (((0, 1),), (0,))}
_ALL = {**OPTIONS, **HIDDEN}

_AUTO_TEST = '+QICFG: "send/auto",(0-11),(0,20-65535),<msg_auto>,(0,1)'
_AUTO_LONGEST = 400  # characters of hex


def _range_text(low, high):
    return "(0,1)" if (low, high) == (0, 1) else "(%d-%d)" % (low, high)


class Config:
    """The options in force. `config["viewmode"]` is a number, `config["dns/retry"]` a tuple."""

    def __init__(self, quectel):
        self._quectel = quectel
        self._changed = {}
        self._auto = {}  # connectID: (period, hex, first, timer)
        self.reset()
        quectel.add("+QICFG", test=self._test, write=self._write)

    def reset(self):
        """A restart of the module."""
        self._values = {name: spec[1] for name, spec in _ALL.items() if spec}
        for connection in list(self._auto):
            self._stop_auto(connection)

    def __getitem__(self, name):
        values = self._values[name]
        return values[0] if len(values) == 1 else values

    def on_change(self, name, callback):
        """Call `callback()` when `name` has been set."""
        self._changed.setdefault(name, []).append(callback)

    def _test(self):
        lines = []
        for name, spec in OPTIONS.items():
            if spec is None:
                lines.append(_AUTO_TEST)
            else:
                lines.append('+QICFG: "%s",%s' % (name, ",".join(_range_text(*limits) for limits in spec[0])))
        return lines

    def _write(self, parameters):
        name = parameters.str(0).lower()
        if name == "send/auto":
            return self._write_auto(parameters)
        if name not in _ALL:
            raise ParameterError()
        ranges = _ALL[name][0]
        if len(parameters) == 1:
            return '+QICFG: "%s",%s' % (name, ",".join(map(str, self._values[name])))
        parameters.count(len(ranges) + 1, len(ranges) + 1)
        self._values[name] = tuple(parameters.int(index + 1, *limits) for index, limits in enumerate(ranges))
        for callback in self._changed.get(name, ()):
            callback()
        return None

    # send/auto ---------------------------------------------------------------------------------------------------------

    def _write_auto(self, parameters):
        parameters.count(1, 5)
        if len(parameters) == 1:
            return [self._auto_line(connection) for connection in sorted(self._auto)]
        connection = parameters.int(1, 0, 11)
        if len(parameters) == 2:
            return self._auto_line(connection)
        period, message, first, _ = self._auto.get(connection, (0, "", 0, None))
        period = parameters.int(2, 0, 65535)
        if 0 < period < 20:
            raise ParameterError()
        message = parameters.str(3, _AUTO_LONGEST, default=message, bare=True)
        try:
            data = bytes.fromhex(message)
        except ValueError:
            raise ParameterError() from None
        first = parameters.int(4, 0, 1, first)
        self._stop_auto(connection)
        if period:
            self._auto[connection] = (period, message, first, self._later(connection, period, data))
            if first:
                self._quectel.transfer.send_now(connection, data)
        return None

    def _auto_line(self, connection):
        period, message, first, _ = self._auto.get(connection, (0, "", 0, None))
        return '+QICFG: "send/auto",%d,%d,"%s",%d' % (connection, period, message, first)

    def _stop_auto(self, connection):
        entry = self._auto.pop(connection, None)
        if entry:
            entry[3].cancel()

    def _later(self, connection, period, data):
        return self._quectel.modem.later(period, self._send_auto, connection, data)

    def _send_auto(self, connection, data):
        period, message, first, _ = self._auto[connection]
        self._auto[connection] = (period, message, first, self._later(connection, period, data))
        self._quectel.transfer.send_now(connection, data)
