"""The SIMCom dialect: the vendor's defaults, the URC table, and where the rest is.

TCP-S = "A76XX Series TCPIP Application Note" 1.04. What it only names follows the public A76XX AT command manual 1.09. Sockets
and TLS of SIM7100 work as on A76XX; its files follow general knowledge of the family.
"""

from ..at.command import ReadCommand
from ..at.params import after_comma, digits, text
from ..compat import apart, const, rare
from ..dialect import Dialect
from ..errors import ConnectionClosed
from ..net.link import BUFFER, OPEN, SERVICE
from .result_command import LINKS, SERVERS, SESSIONS, many_fields, third_field
from .tcp import Tcp

_BLANK = const(32)
_NO_DATA = const(22)  # +IP ERROR: No data
_ANNOUNCED = const(1)  # +CIPRXGET: 1,<link>: data have come


class VendorDialect(Dialect):
    """Vendor defaults; a Model (models.py) overrides what its model does differently.

    access       the access mode in force, for all sockets;       sources      UDP data come with their sender (AT+CIPRXGET=5)
                 None: not known
    cch          the TLS service: None, or its access mode        link_headers pushed data name their link (+RECEIVE)
    """

    vendor = "simcom"
    error_family = "simcom"
    links = LINKS + SESSIONS + SERVERS
    max_send = 1500  # AT manual, CIPSEND
    max_read = 1500  # AT manual, CIPRXGET
    sim_ms = 10000  # TCP-S flow chart: CPIN READY within 10 s
    registration_ms = 90000  # the same: packet domain within 90 s
    input_timeout_ms = None  # no document names one
    id_in_use = "in use"  # set by ResultTransport.begin()
    no_context = (2,)  # an open reports it where the network service is closed
    port_in_use = (6,)  # TCP-S 4.1: failed to bind socket
    send_closed = (2,)  # codes of a send that mean the end of the connection
    transparent_server = True  # server 0, whose one client is link 0 (TCP-S 3.4.1)
    server_ends_clients = True  # they are to be closed before it (TCP-S, flow chart)
    power_on_ms = 600  # see models.py
    power_off_ms = 2600
    power_off_wait_ms = 27000
    iccid = b"+CICCID"
    pin_tries = (b"+SPIC", b"+SPIC:", 0)
    sleep_command = b"+CSCLK"
    storage_full = (b"+SMS FULL", None)  # "A76XX Series AT Command Manual" 1.09
    gnss = "cgnsspwr cgps"
    tls = "sessions"
    service_state = None  # of SIM7100's services: services/state.py

    def __init__(self, module, model):
        super().__init__(module, model)
        self.access = BUFFER
        self.link_headers = False
        self.sources = False
        self.net_result = 0  # of the last AT+NETOPEN or AT+NETCLOSE; None: awaited
        self.cch = None
        self.failed_deactivations = 0  # in a row
        self.push = None  # access.PushUrcs, once a socket needs it
        self.pushed_ids = 0  # one bit for each link that has been in push mode, and for each TLS session that there has been
        self.server_urcs = None  # server.ServerUrcs, the same
        self._tcp = Tcp(module)
        self._tls = None
        engine = module.engine
        engine.urc(b"+CIPRXGET:", self._on_rxget)
        engine.urc(b"+IPCLOSE:", self._on_ipclose)
        engine.urc(b"+IP ERROR:", self._on_ip_error)
        engine.urc(b"+CIPERROR:", self._on_ciperror)
        engine.urc(b"+CIPOPEN:", self.on_open)
        engine.urc(b"+CIPSEND:", self.on_send)
        engine.urc(b"+CIPCLOSE:", self.on_close)
        engine.urc(b"+NETOPEN:", self.on_net)
        engine.urc(b"+NETCLOSE:", self.on_net)
        engine.urc(b"+CIPEVENT:", self._on_event)

    def forget(self):
        """The module has restarted, or the context is opened anew: its modes have their defaults."""
        self.access = BUFFER
        self.sources = False
        self.cch = None
        if self.service_state is not None:
            self.service_state.forget()

    @rare
    def preload(self):
        from . import access, codes, files, options, pdp, resolver, tls  # noqa: F401

    def on_lost(self):
        if self.service_state is not None:
            self.service_state.on_lost()

    def on_gap(self):
        return self.service_state is not None and self.service_state.on_gap()

    # --- errors

    @rare
    def restarts_after(self, command):
        return command.line.startswith(b"AT+CGACT=")  # TCP-S flow charts: 150 s

    def restart_reason(self, error=None):
        from .pdp import restart_reason

        return restart_reason(self, error)

    # --- connections

    def transport(self, tls):
        if tls is None:
            return self._tcp
        tls.ready()
        return self.sessions()

    def sessions(self):
        """Return the Transport of TLS sessions."""
        if self._tls is None:
            from .tls import Tls

            self._tls = Tls(self.module)
        return self._tls

    def service(self, name, arguments, options):
        if name not in self.services:
            return super().service(name, arguments, options)
        return apart("simcom.services", "simcom-services").client(self.module, name, arguments, options)

    # --- URCs; no allocation for what comes with buffered data

    def link(self, buf, s, e):
        """Return the link whose number stands at `buf[s]`, or None."""
        n = digits(buf, s, e)
        return self.module.links[n] if 0 <= n < LINKS else None

    def _on_rxget(self, buf, s, e):
        if digits(buf, s, e) != _ANNOUNCED:
            return False
        s = after_comma(buf, s, e)
        if s == e:  # the answer to AT+CIPRXGET?
            return False
        link = self.link(buf, s, e)
        if link is not None:
            if link.kind == SERVICE:
                self.push.announced(link)
            link.on_recv()

    def _on_ipclose(self, buf, s, e):
        """+IPCLOSE: <link>,<reason>. Before the open has its result it is about the connection that had the link before."""
        link = self.link(buf, s, e)
        if link is not None and link.state >= OPEN:
            s = after_comma(buf, s, e)
            if self.push is not None:
                self.push.check()
            link.freed = True
            link.on_closed(digits(buf, s, e) != 0)  # reason 0: closed by this side (TCP-S 4.2)

    def _on_ip_error(self, buf, s, e):
        """The reason of the ERROR that follows, as a number or as text. No allocation for "No data"."""
        while s < e and buf[s] == _BLANK:
            s += 1
        if buf.startswith(b"No data", s) or digits(buf, s, e) == _NO_DATA:
            if self._no_data():
                return True
        return self._reason(b"+IP ERROR: ", buf, s, e)

    def _no_data(self):
        command = self.module.engine.command
        if not isinstance(command, ReadCommand):
            return False
        command.code = _NO_DATA
        command.family = "simcom-ip"
        command.on_no_data()
        return True

    def _on_ciperror(self, buf, s, e):
        return self._reason(b"+CIPERROR:", buf, s, e)

    @rare
    def _reason(self, name, buf, s, e):
        command = self.module.engine.command
        if command is None:
            return False
        words = bytes(memoryview(buf)[s:e])
        code = digits(words, 0, len(words))
        if code < 0:
            from .codes import ip_error

            code = ip_error(text(words))
        command.code = code
        command.family = "simcom" if name == b"+CIPERROR:" else "simcom-ip"
        if not isinstance(command, ReadCommand):
            command.lines.append(name + words)
        return True

    def on_open(self, buf, s, e):
        """+CIPOPEN: <link>,<err>; a row of AT+CIPOPEN? is none."""
        result = digits(buf, after_comma(buf, s, e), e)
        return result >= 0 and self.opened(self._tcp, digits(buf, s, e), result)

    def opened(self, transport, n, result):
        """An open of link `n` has its result. One that this driver has given up is closed at the next chance."""
        first, count = transport.slots()
        if not 0 <= n < count:
            return False
        link = self.module.links[first + n]
        if link is not None:
            link.on_opened(result)
        elif result or not self.module.started:
            return False
        else:
            from ..net.link_recovery import refuse

            refuse(self.module, n, transport)
            self.module.links[first + n].held = True
        return True

    def on_send(self, buf, s, e):
        """+CIPSEND: <link>,<asked>,<taken>; taken is -1 when the connection is down, 0 when there is no room."""
        link = self.link(buf, s, e)
        s = third_field(buf, s, e)
        if link is None or s == e:
            return False
        link.on_result(digits(buf, s, e))

    def on_close(self, buf, s, e):
        """+CIPCLOSE: <link>,<err>, also for each link that NETCLOSE ends; the flags of AT+CIPCLOSE? are none. While a link is
        being opened it is about the connection that had its number before.
        """
        if many_fields(buf, s, e):
            return False
        link = self.link(buf, s, e)
        if link is None:
            return digits(buf, s, e) >= 0  # one of an earlier program's
        if link.state >= OPEN:
            link.on_close_result(digits(buf, after_comma(buf, s, e), e))
        return True

    def on_net(self, buf, s, e):
        """+NETOPEN: <err>, +NETCLOSE: <err>: the result of the command in progress; otherwise it is the answer to AT+NETOPEN?."""
        if self.net_result is not None:
            return False
        self.net_result = digits(buf, s, e)
        self.module.engine.changed = True

    def _on_event(self, buf, s, e):
        """+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY: no link carries data any more (TCP-S 4.2)."""
        if buf.find(b"NETWORK CLOSED", s, e) < 0:
            return False
        self.module.apn_settings = None
        self.module.context_lost(ConnectionClosed("the network was closed unexpectedly"))
