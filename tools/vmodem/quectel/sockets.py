"""Sockets: their states and what happens to them; AT+QIOPEN, QICLOSE, QISTATE.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.7-2.4.9 and 2.5. How data travels is in `transfer`.
"""

from ..buffers import DatagramBuffer
from ..commands import ParameterError
from ..core import PENDING, Result
from ..hosts import literal
from . import errors
from .socket import BUFFER, CLOSING, CONNECTED, COUNT, INITIAL, LISTENING, OPENING, TRANSPARENT, Socket

CONNECT_LIMIT_S = 120  # a peer that never answers; the document allows 150 s until the result
_SERVICES = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
_REASONS = {"dns": errors.DNS_FAILED, "timeout": errors.TIMEOUT}


class Sockets:
    """The twelve connection IDs and the commands that open, close and list them."""

    open_name = "+QIOPEN"

    def _setup(self, quectel):
        self._quectel = quectel
        self._modem = quectel.modem
        self.window = self._modem.window
        self._table = {}
        self._resting = {}  # local port -> when it may be used again (tcp/twrecycle)

    def __init__(self, quectel):
        self._setup(quectel)
        last = self._quectel.contexts.last
        quectel.add(
            "+QIOPEN",
            test='+QIOPEN: (1-%d),(0-11),"TCP/UDP/TCP LISTENER/UDP SERVICE","<IP_address>/<domain_name>",'
            "<remote_port>,<local_port>,(0-2),(0-12)" % last,
            write=self._open,
        )
        quectel.add("+QICLOSE", test="+QICLOSE: (0-11),(0-65535)", write=self._close)
        quectel.add("+QISTATE", test="", read=self._list, execute=self._list, write=self._query)
        for option in ("tcp/keepalive", "tcp/retranscfg", "tcp/delay_ack"):
            quectel.config.on_change(option, self._configure_all)

    # The table ---------------------------------------------------------------------------------------------------------

    def __iter__(self):
        return iter([self._table[number] for number in sorted(self._table)])

    def get(self, number):
        """The socket with this ID, or None."""
        return self._table.get(number)

    def usable(self, number):
        """The connected socket with this ID; an error otherwise."""
        sock = self._table.get(number)
        if sock is None or sock.state == CLOSING or sock.ended:
            raise errors.TcpipError(errors.SOCKET_CLOSED)
        if sock.state != CONNECTED:
            raise errors.TcpipError(errors.NOT_ALLOWED)
        return sock

    def _free(self, sock, *, reset=False):
        """Take a socket out of the table; with `reset` its peer gets a reset and no orderly end."""
        if self._table.get(sock.number) is not sock:
            return
        del self._table[sock.number]
        rests = sock.service == "TCP" and sock.state in (CONNECTED, CLOSING)
        sock.state = INITIAL
        if sock.timer:
            sock.timer.cancel()
        if sock.link:
            if reset:
                sock.link.abort()
            else:
                sock.link.release()
            if rests:
                self._resting[sock.local_port] = self._modem.clock.now() + self._quectel.config["tcp/twrecycle"] / 1000
        self._quectel.transfer.forget(sock)

    def reset(self):
        """A restart: every socket is gone."""
        for sock in self:
            self._free(sock, reset=True)
        self._resting.clear()

    def drop_context(self, number):
        """AT+QIDEACT: the sockets of the context are closed, silently; a command that waits for one of them is answered."""
        for sock in self:
            if sock.context == number:
                if sock.state == CLOSING and sock.timer and sock.job:
                    self.closed(sock)
                elif sock.state == OPENING and sock.mode == TRANSPARENT:
                    self.failed(sock, "unreachable")
                else:
                    self._free(sock)

    def lose(self, contexts):
        """The network has taken contexts away: their sockets are in state Closing now."""
        for sock in self:
            if sock.context in contexts:
                self._break(sock)

    def end_all(self):
        """Every connection is closed as if by its peer."""
        for sock in self:
            if sock.state == CONNECTED and not sock.datagrams:
                self._break(sock)

    def _break(self, sock):
        if sock.link:
            sock.link.abort()
        if sock.state == OPENING:
            self.failed(sock, "unreachable")
        elif sock.state in (CONNECTED, LISTENING):
            self.ended(sock)

    # AT+QIOPEN ---------------------------------------------------------------------------------------------------------

    def _open(self, parameters):
        parameters.count(5, 8)
        context = self._quectel.contexts.parameter(parameters)
        number = parameters.int(1, 0, COUNT - 1)
        service = parameters.str(2).upper()
        host, remote_port = parameters.str(3, 255), parameters.int(4, 0, 65535)
        is_server = service in _SERVICES[2:]
        if service not in _SERVICES or not host or (is_server and not parameters.given(5)):
            raise ParameterError()
        local_port = parameters.int(5, 0, 65535, 0)
        mode = parameters.int(6, BUFFER, TRANSPARENT, BUFFER)
        clients = parameters.int(7, 0, COUNT, COUNT)
        if is_server and mode == TRANSPARENT:
            raise errors.TcpipError(errors.NOT_SUPPORTED)
        if number in self._table or self._quectel.taken(number):
            raise errors.TcpipError(errors.ID_IN_USE)
        if not context.active:
            raise errors.TcpipError(errors.PDP_OPEN_FAILED)
        sock = self._table[number] = Socket(self, number, context.number, service, mode)
        sock.clients = clients
        sock.host = host
        sock.address = context.address(context.families()[0]) if is_server else host
        sock.remote_port = 0 if is_server else remote_port
        sock.local_port = local_port
        if sock.datagrams:
            sock.buffer = DatagramBuffer(lambda: self._quectel.config["udp/readmode"])
        if mode == TRANSPARENT:
            sock.job = self._modem.job
            self._quectel.after_reply("+QIOPEN", self._begin, sock)
            return PENDING
        self._quectel.after_reply("+QIOPEN", self._begin, sock)
        return None

    def _begin(self, sock, forced):
        """Start what QIOPEN has accepted."""
        if self._table.get(sock.number) is not sock or sock.state != OPENING:
            return
        sock.timer = self._modem.later(CONNECT_LIMIT_S, self.failed, sock, "timeout")
        if forced:
            self._result(sock, forced)
        elif self._resting.get(sock.local_port, 0) > self._modem.clock.now():
            self.failed(sock, "bind")
        elif sock.service in ("TCP", "UDP"):
            self._find(sock)
        elif sock.service == "UDP SERVICE":
            self._modem.net.udp(sock, sock.local_port)
        else:
            try:
                sock.link = self._modem.net.listen(sock, sock.local_port)
            except OSError:
                self.failed(sock, "bind")
                return
            sock.local_port = sock.local_port or sock.link.local[1]
            self._result(sock, 0)

    def _find(self, sock):
        """Look for the address of the peer, then connect."""
        found = lambda addresses: self._found(sock, addresses)  # noqa: E731 - a pair of callbacks
        self._quectel.tools.resolver.find(sock.host, found, lambda code: self.failed(sock, "dns"))

    def _found(self, sock, addresses):
        if sock.state == OPENING:
            sock.address = addresses[0]
            self._connect(sock)

    def _connect(self, sock):
        """The address of the peer is known."""
        if sock.service == "TCP":
            sock.link = self._modem.net.tcp(sock, sock.host, sock.remote_port, sock.local_port)
        else:
            self._modem.net.udp(sock, sock.local_port, (sock.host, sock.remote_port))

    def opened(self, sock, link):
        """The link of a client or UDP service is up."""
        if sock.state != OPENING or self._table.get(sock.number) is not sock:
            link.abort()
            return
        sock.link = link
        if sock.service != "UDP SERVICE":
            if literal(link.remote[0]):
                sock.address = link.remote[0]
            self._configure(sock)
        if not sock.local_port:
            sock.local_port = link.local[1]
        self._result(sock, 0)

    def failed(self, sock, reason):
        """The link did not come up."""
        if sock.state == OPENING:
            self._result(sock, self._quectel.port_busy if reason == "bind" else _REASONS.get(reason, errors.CONNECT_FAILED))

    def _result(self, sock, code):
        """Tell the host how the open has ended."""
        if sock.timer:
            sock.timer.cancel()
            sock.timer = None
        self._quectel.last_error = code
        if code:
            self._free(sock)
        else:
            sock.state = LISTENING if sock.service == "TCP LISTENER" else CONNECTED
            sock.active_at = self._modem.clock.now()
        if sock.mode != TRANSPARENT:
            self._modem.urc("%s: %d,%d" % (self.open_name, sock.number, code))
        else:
            self._modem.complete(sock.job, self._quectel.guard(self._transparent), sock, code)

    def _transparent(self, sock, code):
        if code:
            raise errors.TcpipError(code)
        return Result("CONNECT", then=lambda: self._quectel.transfer.online.enter(sock))

    def _configure(self, sock):
        """Give a TCP connection the options of AT+QICFG."""
        if sock.link and sock.service in ("TCP", "TCP INCOMING"):
            count, period_s = self._quectel.config["tcp/retranscfg"]
            sock.link.configure(self._quectel.config["tcp/keepalive"], count * period_s, self._quectel.config["tcp/delay_ack"])

    def _configure_all(self):
        for sock in self:
            self._configure(sock)

    # What the network does ---------------------------------------------------------------------------------------------

    def arrived(self, sock, data, source):
        """Data from the peer."""
        if sock.state == CONNECTED:
            sock.active_at = self._modem.clock.now()
            sock.buffer.add(data, source)
            if self._modem.model.quirks["recv-urc"] == "repeated":
                sock.announced = False
            self._quectel.transfer.deliver(sock)

    def frozen(self, sock):
        """Nothing gets through to the peer any more. What finds that out: keep-alive, or data that is not acknowledged."""
        enable, idle_s, interval_s, count = self._quectel.config["tcp/keepalive"]
        if sock.service not in ("TCP", "TCP INCOMING") or sock.state != CONNECTED:
            return
        if enable:
            idle_left_s = max(0, idle_s - (self._modem.clock.now() - sock.active_at))
            self._modem.later(idle_left_s + interval_s * count, self.ended, sock)
        if sock.link.queued():
            self.unacknowledged(sock)

    def unacknowledged(self, sock):
        """Data has been sent into a black hole: the retransmissions run out."""
        count, period_s = self._quectel.config["tcp/retranscfg"]
        self._modem.later(count * period_s, self.ended, sock)

    def ended(self, sock):
        """The peer has closed, or the connection is lost."""
        if sock.state in (CONNECTED, LISTENING) and not sock.ended:
            sock.ended = True
            self._quectel.transfer.deliver(sock)

    def announce_end(self, sock):
        """Tell the host of it; the ID stays in use until AT+QICLOSE, or is free at once with passiveclosed 1."""
        sock.state = CLOSING
        self._modem.urc('+QIURC: "closed",%d' % sock.number)
        if self._quectel.config["passiveclosed"]:
            self._free(sock)

    def writable(self, sock):
        self._quectel.transfer.online.writable(sock)

    def client(self, server, link):
        """A client of a listener: give it the highest free ID, or turn it away."""
        if not self._quectel.config["tcp/accept"]:
            link.abort()
            return
        free = [number for number in range(COUNT) if number not in self._table]
        clients = sum(1 for sock in self if sock.service == "TCP INCOMING" and sock.server == server.number)
        if not free or clients >= server.clients:
            link.abort()
            self._modem.urc('+QIURC: "incoming full"')
            return
        sock = Socket(self, free[-1], server.context, "TCP INCOMING", server.mode)
        self._table[sock.number] = sock
        sock.state = CONNECTED
        sock.server = server.number
        sock.address, sock.remote_port = link.remote
        sock.local_port = server.local_port
        sock.link = link
        link.handler = sock
        self._configure(sock)
        self._modem.urc('+QIURC: "incoming",%d,%d,"%s",%d' % (sock.number, server.number, sock.address, sock.remote_port))
        link.start()

    # AT+QICLOSE --------------------------------------------------------------------------------------------------------

    def _close(self, parameters):
        parameters.count(1, 2)
        sock = self._table.get(parameters.int(0, 0, COUNT - 1))
        limit_s = parameters.int(1, 0, 65535, 10)
        if sock is None or (sock.state == CLOSING and sock.timer):
            raise errors.TcpipError(errors.SOCKET_CLOSED if sock is None else errors.BUSY)
        in_background = self._quectel.config["close/mode"] == 1
        sock.job = None if in_background else self._modem.job
        if sock.state == CONNECTED and not sock.ended and not sock.datagrams and limit_s:
            sock.state = CLOSING
            sock.timer = self._modem.later(limit_s, self.closed, sock, True)
            sock.link.resume()
            sock.link.close()
            return None if in_background else PENDING
        if in_background:
            sock.state = CLOSING
            self._modem.later(0, self.closed, sock, not limit_s)
        else:
            self._free(sock, reset=not limit_s)
        return None

    def closed(self, sock, reset=False):
        """AT+QICLOSE is complete: the peer has closed too, or the time is up."""
        if self._table.get(sock.number) is not sock:
            return
        job = sock.job
        self._free(sock, reset=reset)
        if job is None:
            self._modem.urc('+QIURC: "closed",%d' % sock.number)
        else:
            self._modem.complete(job, self._quectel.guard(lambda: None))

    # AT+QISTATE --------------------------------------------------------------------------------------------------------

    def _lines(self, wanted):
        return [sock.line(self._modem.port_name) for sock in self if wanted(sock)]

    def _list(self):
        return self._lines(lambda sock: True)

    def _query(self, parameters):
        parameters.count(2, 2)
        if parameters.int(0, 0, 1):
            number = parameters.int(1, 0, COUNT - 1)
            return self._lines(lambda sock: sock.number == number)
        context = self._quectel.contexts.parameter(parameters, 1).number
        return self._lines(lambda sock: sock.context == context)
