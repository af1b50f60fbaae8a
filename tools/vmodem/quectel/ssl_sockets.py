"""TLS connections: AT+QSSLOPEN, QSSLCLOSE, QSSLSTATE, QSSLSEND, QSSLRECV.

"EC200U & EG915U Series SSL Application Note" 1.1, 2.2.2-2.2.6 and 2.3; "BG96 SSL AT Commands Manual", 2.1.2-2.1.6 and 2.2. What
a connection is and how its payload reaches the host is in `sockets` and `transfer`; client IDs are numbers of their own.
DTLS is refused (555): Python's ssl has none.
"""

from .. import tls
from ..commands import ParameterError
from ..core import PENDING, Result
from ..phases import CountedPhase, TerminatedPhase
from . import errors
from .sockets import BUFFER, CLOSING, CONNECT_LIMIT_S, CONNECTED, COUNT, OPENING, TRANSPARENT, Socket, Sockets
from .ssl_config import COUNT as CONTEXTS
from .ssl_config import SslConfig
from .transfer import LONGEST_READ, LONGEST_SEND


class SslSocket(Socket):
    """One client ID in use."""

    urc = "+QSSLURC"
    formatted = False

    def __init__(self, owner, number, context, mode, ssl_context):
        super().__init__(owner, number, context, "SSLClient", mode)
        self.ssl_context = ssl_context
        self.values = {}  # the settings of its SSL context when it was opened
        self.abnormal = False  # it has ended otherwise than TLS wants it

    def link_ended(self, link, reset):
        self.abnormal = reset
        super().link_ended(link, reset)

    def line(self, port_name):
        """The line of AT+QSSLSTATE: that of AT+QISTATE with the SSL context at its end."""
        return "%s,%d" % (super().line(port_name).replace("+QISTATE", "+QSSLSTATE", 1), self.ssl_context)


class SslSockets(Sockets):
    """The twelve client IDs, and their commands."""

    open_name = "+QSSLOPEN"

    def __init__(self, quectel, model):
        self._setup(quectel)
        self._model = model
        self.settings = SslConfig(quectel, model)
        last = quectel.contexts.last
        add = quectel.add
        for name in ("+QSSLOPEN", "+QSSOPEN"):  # printed both ways in the application note
            text = "+QSSLOPEN: (1-%d),(0-5),(0-11),<serveraddr>,<server_port>[,(0-2)]" % last
            add(name, test=text, write=self._open)
        add("+QSSLSEND", test="+QSSLSEND: (0-11)[,(1-%d)]" % LONGEST_SEND, write=self._send)
        add("+QSSLRECV", test="+QSSLRECV: (0-11),(1-%d)" % LONGEST_READ, write=self._read)
        add("+QSSLCLOSE", test="+QSSLCLOSE: (0-11),(0-65535)", write=self._close)
        add("+QSSLSTATE", test="", execute=self._list, write=self._query)

    def reset(self):
        """A restart of the module."""
        super().reset()
        self.settings.reset()

    # AT+QSSLOPEN -------------------------------------------------------------------------------------------------------

    def _open(self, parameters):
        parameters.count(5, 6)
        context = self._quectel.contexts.parameter(parameters)
        ssl_context = parameters.int(1, 0, CONTEXTS - 1)
        number = parameters.int(2, 0, COUNT - 1)
        host, port = parameters.str(3, 255), parameters.int(4, 0, 65535)
        mode = parameters.int(5, BUFFER, TRANSPARENT, BUFFER)
        if not host:
            raise ParameterError()
        if number in self._table or (self._modem.model.quirks["ids"] == "shared" and self._quectel.sockets.get(number)):
            raise errors.TcpipError(errors.ID_IN_USE)
        if not context.active:
            raise errors.TcpipError(errors.PDP_OPEN_FAILED)
        if self.settings.get(ssl_context, "dtls"):
            raise errors.TcpipError(errors.NOT_SUPPORTED)
        sock = self._table[number] = SslSocket(self, number, context.number, mode, ssl_context)
        sock.address = sock.host = host
        sock.remote_port = port
        sock.values = self.settings.snapshot(ssl_context)
        sock.job = self._modem.job
        self._quectel.after_reply("+QSSLOPEN", self._begin, sock)
        return PENDING if mode == TRANSPARENT else None

    def _begin(self, sock, forced):
        """Start what QSSLOPEN has accepted."""
        if self._table.get(sock.number) is not sock or sock.state != OPENING:
            return
        if forced:
            self._result(sock, forced)
            return
        sock.timer = self._modem.later(CONNECT_LIMIT_S, self.failed, sock, "timeout")
        self._find(sock)

    def _connect(self, sock):
        """The address of the peer is known."""
        try:
            settings = self.settings.tls(sock.values, sock.host)
        except tls.TlsError as error:
            self._modem.note("tls: %s" % error)
            self.failed(sock, "tls")
            return
        link = self._modem.net.tls(sock, settings, self._modem.clock, begun=lambda: self._begun(sock), note=self._modem.note)
        sock.link = link.connect(sock.host, sock.remote_port)

    def _begun(self, sock):
        """The server has been reached: now the time for the handshake counts."""
        if sock.timer:
            sock.timer.cancel()
        sock.timer = self._modem.later(sock.values["negotiatetime"], self.failed, sock, "tls")

    def failed(self, sock, reason):
        """The connection did not come up."""
        if sock.state == OPENING and reason == "tls":
            self._result(sock, self._model.handshake)
        else:
            super().failed(sock, reason)

    # The end of a connection -------------------------------------------------------------------------------------------

    def lose(self, contexts):
        """The network has taken contexts away."""
        for sock in self:
            if sock.context in contexts:
                sock.abnormal = True
                self._break(sock)

    def frozen(self, sock):
        """Nothing gets through to the peer any more; only data that is not acknowledged finds it out."""
        if sock.state == CONNECTED and sock.link.queued():
            self.unacknowledged(sock)

    def unacknowledged(self, sock):
        sock.abnormal = True
        super().unacknowledged(sock)

    def announce_end(self, sock):
        """Tell the host of it; the ID stays in use until AT+QSSLCLOSE."""
        sock.state = CLOSING
        self._modem.urc('+QSSLURC: "closed",%d' % sock.number)

    def _close(self, parameters):
        parameters.count(1, 2)
        sock = self._table.get(parameters.int(0, 0, COUNT - 1))
        limit_s = parameters.int(1, 0, 65535, 10)
        if sock is None or (sock.state == CLOSING and sock.timer):
            raise errors.TcpipError(errors.SOCKET_CLOSED if sock is None else errors.BUSY)
        if sock.state != CONNECTED or sock.ended or not limit_s:
            self._free(sock, reset=not limit_s)
            return None
        sock.job = self._modem.job
        sock.state = CLOSING
        sock.timer = self._modem.later(limit_s, self.closed, sock, True)
        sock.link.resume()
        sock.link.close()
        return PENDING

    def _query(self, parameters):
        parameters.count(1, 1)
        number = parameters.int(0, 0, COUNT - 1)
        return self._lines(lambda sock: sock.number == number)

    # Payload -----------------------------------------------------------------------------------------------------------

    def _send(self, parameters):
        parameters.count(1, 2)
        number = parameters.int(0, 0, COUNT - 1)
        count = parameters.int(1, 1, self._model.longest_send, None)
        sock = self.usable(number)
        transfer, guard = self._quectel.transfer, self._quectel.guard
        done = guard(lambda data: self._sent(sock, data))
        options = transfer.phase_options()
        if count is not None:
            return transfer.prompt(CountedPhase(count, done, **options))
        cancelled, overlong = guard(transfer.cancelled), guard(transfer.overlong)
        return transfer.prompt(TerminatedPhase(self._model.longest_send, done, cancelled, overlong=overlong, **options))

    def _sent(self, sock, data):
        if self.usable(sock.number) is not sock:
            raise errors.TcpipError(errors.SOCKET_CLOSED)
        return Result("SEND OK" if self._quectel.transfer.write(sock, data) else "SEND FAIL")

    def _read(self, parameters):
        parameters.count(2, 2)
        sock = self._table.get(parameters.int(0, 0, COUNT - 1))
        count = parameters.int(1, 1, LONGEST_READ)
        lost = sock and sock.ended and sock.abnormal and self._modem.model.quirks["unread"] == "lost"
        if sock is None or lost:
            raise errors.TcpipError(errors.SOCKET_CLOSED)
        if sock.state == OPENING:
            raise errors.TcpipError(errors.NOT_ALLOWED)
        return self._quectel.transfer.read(sock, "+QSSLRECV", count)
