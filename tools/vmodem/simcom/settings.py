"""Settings of the TCP/IP commands, which last until the next restart: AN, 4.1; AT, chapter "TCPIP".

AT+CIPHEAD, CIPSRIP, CIPSENDMODE, CIPTIMEOUT, CIPCCFG, CTCPKA, CSOC, and CIPCFG of later firmware (quirk `dataecho=on`).
"""

from ..commands import AtError, ParameterError

_FLAGS = {"+CIPHEAD": 1, "+CIPSRIP": 1, "+CIPSENDMODE": 0}
_TIMEOUT_MS = (120000, 120000, 120000)  # NETOPEN, CIPOPEN, CIPSEND
_CONFIG = (10, 0, 0, 1, 0, 0, 500, 0)
_CONFIG_RANGES = ((0, 10), (0, 1000), (0, 0), (0, 1), (0, 1), (0, 1), (500, 120000), (0, 1))
_KEEP_ALIVE = (0, 1, 5, 1)
# AT+CSOC: the note names the command only (AN, 2.1); the items are those of the family's manual, ranges and values are assumed.
_SOCKET_OPTIONS = {
    "Tcp srxt": (((1, 10), (500, 60000)), (5, 3000)),  # SYN: retries, first interval in ms
    "Tcp rxt": (((1, 20), (200, 60000)), (10, 500)),
    "Mss": (((640, 1500),), (1460,)),
    "RecvWin": (((1460, 65535),), (10240,)),
    "DnsTmr": (((1, 10), (500, 30000)), (4, 1500)),
}
_SWITCH = ("OFF", "ON")
_WAIT_MS = 100
_LONGEST_WAIT_S = 60


class Settings:
    """What the commands have set."""

    def __init__(self, simcom):
        self._simcom = simcom
        self.reset()
        add = simcom.add
        for name in _FLAGS:
            self._add_flag(name)
        add("+CIPTIMEOUT", free=True, read=lambda: "+CIPTIMEOUT: %d,%d,%d" % self.timeout_ms, write=self._set_timeouts)
        add(
            "+CIPCCFG",
            free=True,
            test=self._test_configuration,
            read=lambda: "+CIPCCFG: " + ",".join(map(str, self._config[: self._values()])),
            write=self._configure,
            execute=self._forget_configuration,
        )
        add("+CIPCFG", free=True, test=self._test_later, read=self._read_later, write=self._set_later)
        add("+CSOC", free=True, test="", read=self._list_socket_options, write=self._set_socket_option)
        add("+CTCPKA", test="", read=lambda: "+CTCPKA: %d,%d,%d,%d" % self._keep_alive, write=self._set_keep_alive)

    def reset(self):
        """A restart of the module."""
        self._flags = dict(_FLAGS)
        self.timeout_ms = _TIMEOUT_MS
        self._keep_alive = _KEEP_ALIVE
        self._options = {name: values for name, (_, values) in _SOCKET_OPTIONS.items()}
        self._echo = True
        self._wait_ms = _WAIT_MS
        self._default_configuration()

    def _default_configuration(self):
        self._config = _CONFIG

    # What the other parts ask for --------------------------------------------------------------------------------------

    @property
    def head(self):
        """Push reports carry the line with the length."""
        return self._flags["+CIPHEAD"] == 1

    @property
    def source(self):
        """Push reports carry the line with the sender's address."""
        return self._flags["+CIPSRIP"] == 1

    @property
    def wait_for_acknowledgement(self):
        """+CIPSEND comes when the peer has acknowledged the data, not when the stack has taken them."""
        return self._flags["+CIPSENDMODE"] == 1

    @property
    def error_text(self):
        """+IP ERROR shows a text, not a number."""
        return self._config[3] == 1

    @property
    def link_in_header(self):
        """Push reports begin with +RECEIVE and name the link."""
        return self._config[4] == 1

    @property
    def by_packet(self):
        """A read of a UDP link ends with the datagram."""
        return self._config[7] == 1

    @property
    def data_echo(self):
        """Payload that is typed after a prompt comes back."""
        return self._simcom.quirk("dataecho", "fixed") or (self._later and self._echo)

    @property
    def transparent_wait_s(self):
        """How long transparent mode collects bytes before it sends fewer than a packet."""
        return self._wait_ms / 1000 if self._later else 0.0

    @property
    def _later(self):
        """Whether this is the firmware that has AT+CIPCFG."""
        return self._simcom.quirk("dataecho", "on")

    def timeout_s(self, index):
        """The time-out of NETOPEN (0), CIPOPEN (1), CIPSEND (2)."""
        return self.timeout_ms[index] / 1000

    @property
    def output_delay_s(self):
        """How long received data wait before the host hears of them."""
        return self._config[1] / 1000

    @property
    def patience_s(self):
        """How long data may stay without acknowledgement before the connection breaks: the first wait, doubled each time (the
        stack waits at most a minute), but no longer than AT+CIPSEND waits."""
        retries, first_s = self._config[0], self._config[6] / 1000
        total_s = sum(min(first_s * 2**n, max(first_s, _LONGEST_WAIT_S)) for n in range(retries + 1))
        return max(1, int(min(total_s, self.timeout_s(2))))

    def apply(self, link):
        """Set the TCP options of a link."""
        enable, idle_min, count, interval_min = self._keep_alive
        link.configure((enable, idle_min * 60, interval_min * 60, count), self.patience_s, False)

    # Commands ----------------------------------------------------------------------------------------------------------

    def _add_flag(self, name):
        def write(parameters):
            parameters.count(1, 1)
            self._flags[name] = parameters.int(0, 0, 1)

        def execute():
            self._flags[name] = _FLAGS[name]

        self._simcom.add(
            name,
            free=True,
            test="%s: (0-1)" % name,
            read=lambda: "%s: %d" % (name, self._flags[name]),
            write=write,
            execute=execute if _FLAGS[name] else None,
        )

    def _set_timeouts(self, parameters):
        parameters.count(1, 3)
        self.timeout_ms = tuple(parameters.int(index, 3000, 120000, old) for index, old in enumerate(self.timeout_ms))

    def _values(self):
        """How many values AT+CIPCCFG has; ERROR where the firmware lacks it."""
        if self._simcom.quirk("cipccfg", "missing"):
            raise AtError()
        return len(_CONFIG) - self._simcom.quirk("cipccfg", "old")

    def _test_configuration(self):
        shown = ["(0)" if low == high else "(%d-%d)" % (low, high) for low, high in _CONFIG_RANGES[: self._values()]]
        return "+CIPCCFG: " + ",".join(shown)

    def _forget_configuration(self):
        self._values()
        self._default_configuration()

    def _configure(self, parameters):
        parameters.count(1, self._values())
        given = zip(self._config, _CONFIG_RANGES)
        self._config = tuple(parameters.int(index, low, high, old) for index, (old, (low, high)) in enumerate(given))
        self._simcom.sockets.apply_settings()

    def _set_keep_alive(self, parameters):
        parameters.count(3, 4)
        if not self._simcom.service.is_open and self._simcom.quirk("keep-alive", "service-only"):
            raise AtError()
        values = parameters.int(0, 0, 1), parameters.int(1, 1, 120), parameters.int(2, 1, 10)
        self._keep_alive = values + (parameters.int(3, 1, 100, self._keep_alive[3]),)
        self._simcom.sockets.apply_settings()

    def _list_socket_options(self):
        return self._simcom.block(['+CSOC: "%s",%s' % (name, ",".join(map(str, each))) for name, each in self._options.items()])

    def _set_socket_option(self, parameters):
        """Kept and shown; how the stack sends its segments cannot be seen by the host."""
        name = next((name for name in _SOCKET_OPTIONS if name.lower() == parameters.str(0).lower()), None)
        if name is None:
            raise ParameterError()
        ranges, _ = _SOCKET_OPTIONS[name]
        parameters.count(1 + len(ranges), 1 + len(ranges))
        self._options[name] = tuple(parameters.int(1 + index, *limits) for index, limits in enumerate(ranges))

    def _need_later(self):
        if not self._later:
            raise AtError()

    def _test_later(self):
        self._need_later()
        return self._simcom.block(['+CIPCFG: "transwaittm",(5-1000)', '+CIPCFG: "DATAECHO",(ON,OFF)'])

    def _read_later(self):
        self._need_later()
        return self._simcom.block(['+CIPCFG: "transwaittm",%d' % self._wait_ms, '+CIPCFG: "DATAECHO",%s' % _SWITCH[self._echo]])

    def _set_later(self, parameters):
        self._need_later()
        parameters.count(2, 2)
        word = parameters.str(0).lower()
        if word == "transwaittm":
            self._wait_ms = parameters.int(1, 5, 1000)
        elif word == "dataecho" and parameters.str(1, bare=True).upper() in _SWITCH:
            self._echo = parameters.str(1, bare=True).upper() == "ON"
        else:
            raise ParameterError()
