"""The SIMCom dialect: vendor defaults, URC table, and where the operations live (loaded on first use).

TCP-S = "A76XX Series TCPIP Application Note" 1.04. What it only names follows the public A76XX AT command manual 1.09.
"""

from ..compat import const
from ..fields import after_comma, digits
from ..late import base
from ..link import BUFFER, LISTENER, SERVICE, STREAM

LINKS = const(10)  # TCP-S 1.5: links 0-9, clients and accepted connections alike
SESSIONS = const(2)  # TLS sessions 0 and 1 (A76XX SSL)
SERVERS = const(4)  # TCP-S 3.4: servers 0-3

_COMPANIONS = (("simcom.parts", ""),)


class SimCom(base(_COMPANIONS)):
    """Vendor defaults; a profile overrides what its model does differently."""

    _companions = _COMPANIONS
    vendor = "simcom"
    model = None
    document = None
    errors = "simcom"  # error table in simcom/codes.py
    contexts = 1  # TCP-S 3.1: NETOPEN works on context 1
    links = LINKS + SESSIONS + SERVERS  # places in the table of links
    max_send = 1500  # AT manual, CIPSEND
    max_read = 1500  # AT manual, CIPRXGET
    sim_ms = 10000  # TCP-S flow chart: CPIN READY within 10 s
    registration_ms = 90000  # the same: packet domain within 90 s
    input_timeout_ms = 5000  # not documented: how long a prompt left alone is given to end
    id_in_use = "in use"  # set by opening.begin()
    no_context = (2,)  # an open says so where the network service is closed

    def __init__(self, modem):
        self._modem = modem
        self._links = modem._links
        self._engine = engine = modem._engine
        self.access = BUFFER  # the receive mode in force, for all sockets
        self.link_headers = False  # pushed data names its link (+RECEIVE)
        self.net_result = None
        self.runs = {}  # see runs.py
        self.cch = None  # the TLS service: None, or the access mode it was started in
        self.cch_result = None
        self.sources = False  # AT+CIPRXGET=5 is in force: announcements name the sender
        self.arrivals = None  # arrivals.py, once a socket needs it
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
        engine.urc(b"*ATREADY:", engine.boot)
        engine.urc(b"RDY", engine.boot)
        self.forget()

    def forget(self):
        """The module has restarted, or the context is opened anew: its modes have their defaults."""
        self.access = BUFFER
        self.sources = False
        self.net_result = None
        self.cch = None

    # --- operations: the modules that do them

    def sockets(self, tls):
        """Return the module with the socket operations, over TLS or not."""
        if tls is not None:
            tls.ready()
            from . import tls as ops
        else:
            from . import sockets as ops
        return ops

    def slots(self, ops, kind=STREAM):
        """Return (first, count) of the places in the table of links for connections of `ops`."""
        return (LINKS + SESSIONS, SERVERS) if kind == LISTENER else ops.SLOTS

    # --- URCs; no allocation for what comes with buffered data

    def link(self, buf, s, e):
        """Return the link whose number stands at `buf[s]`, or None."""
        n = digits(buf, s, e)
        return self._links[n] if 0 <= n < LINKS else None

    def _on_rxget(self, buf, s, e):
        if digits(buf, s, e) != 1:
            return False
        s = after_comma(buf, s, e)
        link = self.link(buf, s, e)
        if link is not None:
            if link.kind == SERVICE:
                self.arrivals.announced(link)
            link.on_recv()

    def _on_ipclose(self, buf, s, e):
        link = self.link(buf, s, e)
        if link is not None and link.open_result == 0:  # else it is about the connection that had the link before
            s = after_comma(buf, s, e)
            if digits(buf, s, e) == 0:
                link.closing = True  # reason 0: closed by this side, no news for the application (TCP-S 4.2)
            link.freed = True
            link.on_closed()

    def _on_ip_error(self, buf, s, e):
        """The reason of the ERROR that follows, as a number or as text. No allocation for "No data"."""
        request = self._engine.request
        if request is None:
            return False
        while s < e and buf[s] == 32:
            s += 1
        if not buf.startswith(b"No data", s) and digits(buf, s, e) != 22:
            return self._ip_error(buf, s, e)
        request.family = "simcom-ip"
        request.code = 22
        if request.lines == ():
            request.on_no_data()
        else:
            self._ip_error(buf, s, e)

    def _ip_error(self, buf, s, e):
        from .rare import ip_error

        ip_error(self._engine.request, bytes(memoryview(buf)[s:e]))

    def _on_ciperror(self, buf, s, e):
        request = self._engine.request
        if request is None:
            return False
        from .rare import cip_error

        cip_error(request, bytes(memoryview(buf)[s:e]))

    def on_open(self, buf, s, e):
        """+CIPOPEN: <link>,<err>; a row of AT+CIPOPEN? is none."""
        link = self.link(buf, s, e)
        result = digits(buf, after_comma(buf, s, e), e)
        if link is None or result < 0:
            return False
        link.open_result = result
        self._engine.changed = True

    def on_send(self, buf, s, e):
        """+CIPSEND: <link>,<asked>,<taken>; taken is -1 when the connection is down, 0 when there is no room."""
        link = self.link(buf, s, e)
        if link is None:
            return False
        link.taken = digits(buf, after_comma(buf, after_comma(buf, s, e), e), e)
        if link.taken > 0:
            link.sent += link.taken
        self._engine.changed = True

    def on_close(self, buf, s, e):
        """+CIPCLOSE: <link>,<err>."""
        link = self.link(buf, s, e)
        if link is None:
            return digits(buf, s, e) >= 0  # one of an earlier program's
        link.close_result = digits(buf, after_comma(buf, s, e), e)
        if not link.closing:
            link.closing = True  # NETCLOSE ends what is open, link by link
            link.on_closed()
        self._engine.changed = True

    def on_net(self, buf, s, e):
        """+NETOPEN: <err>, +NETCLOSE: <err>: the result of the command in progress."""
        self.net_result = digits(buf, s, e)
        self._engine.changed = True

    def _on_event(self, buf, s, e):
        if buf.find(b"NETWORK CLOSED", s, e) < 0:
            return False
        from .ending import lost

        lost(self._modem)
