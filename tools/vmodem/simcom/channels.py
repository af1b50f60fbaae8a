"""TLS sessions: AT+CCHSET, CCHMODE, CCHSTART, CCHSTOP, CCHADDR, CCHSSLCFG, CCHCFG, CCHOPEN, CCHCLOSE (AT, chapter "SSL").

How data travels is in `channel_data`. The channel service has a network of its own and does not need AT+NETOPEN.
"""

from ..commands import AtError, ParameterError
from ..core import PENDING, Result
from ..endpoint import Endpoint
from ..hosts import literal
from .certs import Certificates
from .ssl_config import COUNT as CONTEXTS
from .ssl_config import NotSet, SslConfig

SESSIONS = 2
CONNECT_LIMIT_S = 120
STOPPED, STARTING, STARTED, STOPPING = range(4)
CONNECTING, OPEN, CLOSING = range(3)
PLAIN, TLS = 1, 2
PEER_CLOSED, TIMEOUT, TRANSFER, STATE, CREATE, DNS, CONNECT, HANDSHAKE, NO_NETWORK, SEND_TIMEOUT, NOT_SET = (
    4, 5, 6, 11, 12, 13, 14, 15, 17, 18, 19,
)  # fmt: skip
_REASONS = {"dns": DNS, "timeout": TIMEOUT, "tls": HANDSHAKE, "bind": CREATE}


class Session(Endpoint):
    """One of the two sessions."""

    def __init__(self, channels, number, host, port, kind, bind_port):
        super().__init__(channels, number)
        self.state = CONNECTING
        self.host = host
        self.port = port
        self.kind = kind
        self.bind_port = bind_port
        self.values = {}  # the settings of its TLS context when it was opened
        self.transparent = False
        self.reset = False
        self.job = None
        self.operation = None
        self.sending = None  # what is left of a send, and when it must be gone


class Channels:
    """Both sessions, and their commands."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.window = self._modem.window
        self._table = {}
        self.settings = SslConfig(simcom)
        Certificates(simcom)
        self._begin_anew()
        add = simcom.add
        add(
            "+CCHSET",
            free=True,
            test="+CCHSET: (0,1),(0,1)",
            read=lambda: "+CCHSET: %d,%d" % (self.report, self.manual),
            write=self._set,
        )
        add("+CCHMODE", free=True, test="+CCHMODE: (0,1)", read=lambda: "+CCHMODE: %d" % self._transparent, write=self._set_mode)
        add("+CCHSTART", test="", execute=self._start)
        add("+CCHSTOP", test="", execute=self._stop)
        add("+CCHADDR", test="", execute=self._address)
        add("+CCHSSLCFG", test="+CCHSSLCFG: (0,1),(0-9)", read=self._list_contexts, write=self._choose_context)
        add("+CCHCFG", test=['+CCHCFG: "sendtimeout",(0,1),(60-150)', '+CCHCFG: "sslctx",(0,1),(0-9)'], write=self._configure)
        add("+CCHOPEN", test='+CCHOPEN: (0,1),"ADDRESS",(1-65535),(1,2),(1-65535)', read=self._list, write=self._open)
        add("+CCHCLOSE", test="+CCHCLOSE: (0,1)", write=self._close)

    def _begin_anew(self):
        self._state = STOPPED
        self.report = self.manual = self._transparent = 0
        self.unread = {}  # session -> buffer of a connection that the peer has closed
        self._contexts = list(range(SESSIONS))
        self.send_timeout_s = [150] * SESSIONS

    def reset(self):
        """A restart of the module."""
        for session in self.sessions():
            self._free(session)
        self._begin_anew()
        self.settings.reset()

    # The table ---------------------------------------------------------------------------------------------------------

    def sessions(self):
        """The sessions in use."""
        return list(self._table.values())

    def get(self, number):
        return self._table.get(number)

    def is_open(self, session):
        return self._table.get(session.number) is session and session.state == OPEN

    def transparent(self):
        """The session that ATO goes back to, or None."""
        session = self._table.get(0)
        return session if session and session.transparent and session.state == OPEN else None

    def session(self, parameters):
        """The open session that parameter 0 names."""
        session = self._table.get(parameters.int(0, 0, SESSIONS - 1))
        if session is None or session.state != OPEN:
            raise AtError()
        return session

    def _free(self, session, keep_unread=False):
        if self._table.get(session.number) is not session:
            return
        del self._table[session.number]
        session.drop()
        if keep_unread and session.buffer:
            self.unread[session.number] = session.buffer
        self._contexts[session.number] = session.number  # AT+CCHSSLCFG is lost with the session
        self._simcom.online.leave(session)
        self._simcom.channel_data.step(session)

    def lose(self):
        """The network has gone away: the service stops."""
        if self._state == STOPPED:
            return
        for session in self.sessions():
            if session.state == CONNECTING:
                self._result(session, NO_NETWORK)
            else:
                self._free(session, keep_unread=True)
        self._state = STOPPED
        self._simcom.urc("+CCH: CCH STOP")

    def end_all(self):
        """Every session is closed as if by its peer."""
        for session in self.sessions():
            if session.state == OPEN:
                session.link.abort()
                self.ended(session, False)

    # Service -----------------------------------------------------------------------------------------------------------

    def _set(self, parameters):
        parameters.count(1, 2)
        if self._state != STOPPED:
            raise AtError()
        self.report, self.manual = parameters.int(0, 0, 1), parameters.int(1, 0, 1, 0)

    def _set_mode(self, parameters):
        parameters.count(1, 1)
        if self._state != STOPPED:
            raise AtError()
        self._transparent = parameters.int(0, 0, 1)

    def _operation(self):
        return self._simcom.operation(ok_first=self._simcom.quirk("cch-order", "ok-first"))

    def _start(self):
        if self._state != STOPPED:
            raise AtError()
        self._state = STARTING
        operation = self._operation()
        self._simcom.after_reply("+CCHSTART", self._started, operation)
        return operation.reply()

    def _started(self, operation, forced):
        code = forced or (0 if self._simcom.contexts.bring_up(1) else NO_NETWORK)
        self._state = STOPPED if code else STARTED
        operation.finish(["+CCHSTART: %d" % code], failed=bool(code))

    def _stop(self):
        if self._state != STARTED:
            raise AtError()
        self._state = STOPPING
        operation = self._operation()
        self._simcom.after_reply("+CCHSTOP", self._stopped, operation)
        return operation.reply()

    def _stopped(self, operation, forced):
        if not forced:
            for session in self.sessions():
                self._free(session)
            self.unread.clear()
            self._state = STOPPED
        else:
            self._state = STARTED
        operation.finish(["+CCHSTOP: %d" % (forced or 0)], failed=bool(forced))

    def _need_started(self):
        if self._state != STARTED:
            raise AtError()

    def _address(self):
        self._need_started()
        return "+CCHADDR: " + self._simcom.service.address()

    def _list_contexts(self):
        return self._simcom.block(["+CCHSSLCFG: %d,%d" % pair for pair in enumerate(self._contexts)])

    def _choose_context(self, parameters):
        parameters.count(2, 2)
        self._need_started()
        number, context = parameters.int(0, 0, SESSIONS - 1), parameters.int(1, 0, CONTEXTS - 1)
        if number in self._table:
            raise AtError()
        self._contexts[number] = context

    def _configure(self, parameters):
        parameters.count(3, 3)
        self._need_started()
        word, number = parameters.str(0).lower(), parameters.int(1, 0, SESSIONS - 1)
        if word == "sendtimeout":
            self.send_timeout_s[number] = parameters.int(2, 60, 150)
        elif word == "sslctx" and number not in self._table:
            self._contexts[number] = parameters.int(2, 0, CONTEXTS - 1)
        else:
            raise ParameterError()

    # AT+CCHOPEN --------------------------------------------------------------------------------------------------------

    def _list(self):
        return self._simcom.block([self._line(number) for number in range(SESSIONS)])

    def _line(self, number):
        session = self._table.get(number)
        if session is None or session.state == CONNECTING:
            return '+CCHOPEN: %d,"",,,' % number
        bind = "%d" % session.bind_port if session.bind_port else ""
        return '+CCHOPEN: %d,"%s",%d,%d,%s' % (number, session.host, session.port, session.kind, bind)

    def _open(self, parameters):
        parameters.count(3, 5)
        self._need_started()
        number, host = parameters.int(0, 0, SESSIONS - 1), parameters.str(1, 256)
        port, kind = parameters.int(2, 1, 65535), parameters.int(3, PLAIN, TLS, TLS)
        bind_port = parameters.int(4, 1, 65535, 0)
        if not host or number in self._table or (self._transparent and number):
            raise AtError()
        session = self._table[number] = Session(self, number, host, port, kind, bind_port)
        self.unread.pop(number, None)
        session.values = self.settings.snapshot(self._contexts[number])
        if self._transparent:
            session.transparent = True
            session.job = self._modem.job
            self._begin(session, self._modem.faults.result_code("+CCHOPEN"))
            return PENDING
        session.operation = self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+CCHOPEN", self._begin, session)
        return session.operation.reply()

    def _begin(self, session, forced):
        """Start what AT+CCHOPEN has accepted."""
        if self._table.get(session.number) is not session or session.state != CONNECTING:
            return
        net = self._modem.net
        no_name_server = literal(session.host) is None and self._modem.faults.on("dns-silent")
        reason = "dns" if no_name_server else "timeout"
        session.timer = self._modem.later(CONNECT_LIMIT_S, self.failed, session, reason)
        if forced:
            self._result(session, forced)
        elif no_name_server:
            self._modem.note("the name servers are silent")
        elif session.kind == PLAIN:
            session.link = net.tcp(session, session.host, session.port, session.bind_port)
        else:
            self._begin_tls(session, net)

    def _begin_tls(self, session, net):
        try:
            settings = self.settings.tls(session.values, session.host)
        except NotSet as error:
            self._modem.note("tls: %s" % error)
            self._result(session, NOT_SET)
            return
        begun, note = lambda: self._shaking(session), self._modem.note
        link = net.tls(session, settings, self._modem.clock, begun=begun, note=note)
        session.link = link.connect(session.host, session.port, session.bind_port)

    def _shaking(self, session):
        """The server has been reached: now the time for the handshake counts."""
        session.stop_timer()
        session.timer = self._modem.later(session.values["negotiatetime"], self.failed, session, "tls")

    def opened(self, session, link):
        """The connection is up."""
        if session.state == CONNECTING and self._table.get(session.number) is session:
            session.link = link
            self._result(session, 0)
        else:
            link.abort()

    def failed(self, session, reason):
        """The connection did not come up."""
        if session.state == CONNECTING and self._table.get(session.number) is session:
            self._result(session, _REASONS.get(reason, CONNECT))

    def _result(self, session, code):
        session.stop_timer()
        if code:
            self._free(session)
        else:
            session.state = OPEN
        if not session.transparent:
            session.operation.finish(["+CCHOPEN: %d,%d" % (session.number, code)], failed=bool(code))
        elif code:
            self._modem.complete(session.job, lambda: Result("CONNECT FAIL"))
        else:
            self._modem.complete(session.job, self._simcom.online.connected, session)

    # What the network does ---------------------------------------------------------------------------------------------

    def arrived(self, session, data, source):
        """Data from the peer."""
        if session.state == OPEN:
            session.buffer.add(data)
            self._simcom.channel_data.deliver(session)

    def ended(self, session, reset):
        """The peer has closed, or the connection was reset, or ended otherwise than TLS wants it."""
        if session.state == OPEN and not session.ended:
            session.ended = True
            session.reset = reset
            self._simcom.channel_data.deliver(session)

    def frozen(self, session):
        """Time-outs take care of it."""

    def deliver(self, session):
        self._simcom.channel_data.deliver(session)

    def announce_end(self, session):
        """Tell the host that the peer has closed; what has been received stays readable."""
        self._free(session, keep_unread=True)
        lines = ["+CCH_PEER_CLOSED: %d" % session.number]
        if session.transparent:
            lines.insert(0, "CLOSED")
        elif session.reset:
            lines.insert(0, "+CCH_RECV_CLOSED: %d,%d" % (session.number, TRANSFER))
        for line in lines:
            self._simcom.urc(line)

    def writable(self, session):
        self._simcom.online.writable(session)
        self._simcom.channel_data.step(session)

    # AT+CCHCLOSE -------------------------------------------------------------------------------------------------------

    def _close(self, parameters):
        parameters.count(1, 1)
        session = self.session(parameters)
        session.state = CLOSING
        session.operation = self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+CCHCLOSE", self._begin_close, session)
        return session.operation.reply()

    def _begin_close(self, session, forced):
        if forced:
            session.state = OPEN
            session.operation.finish(["+CCHCLOSE: %d,%d" % (session.number, forced)], failed=True)
            return
        session.part(self._modem)
        self._free(session)
        session.operation.finish(["CLOSED"] if session.transparent else ["+CCHCLOSE: %d,0" % session.number])

    def hung_up(self, session):
        """DTR has dropped with AT&D2."""
        session.buffer.take(len(session.buffer))
        session.link.abort()
        self.ended(session, False)
