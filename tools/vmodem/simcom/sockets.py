"""Links: AT+CIPOPEN, CIPCLOSE (AN, 3.2-3.4; AT, chapter "TCPIP"). How data travels is in `transfer`."""

from ..buffers import DatagramBuffer, StreamBuffer
from ..commands import ParameterError
from ..core import PENDING, Result
from ..endpoint import Endpoint
from ..hosts import literal
from . import errors

CONNECTING, OPEN, CLOSING = range(3)
LINKS = 10
PEER, SEND_TIMEOUT_OR_DTR = 1, 2  # reasons of +IPCLOSE
_KINDS = ("TCP", "UDP", "UDPSERVER")


class Socket(Endpoint):
    """One of the ten links."""

    def __init__(self, sockets, number, kind, buffer):
        super().__init__(sockets, number, buffer)
        self.kind = kind
        self.state = CONNECTING
        self.server = -1  # -1: opened by this side
        self.address = "0.0.0.0"
        self.remote_port = self.local_port = 0
        self.transparent = False
        self.lost = False  # the network has gone away; the link stays listed
        self.sending = None
        self.operation = None
        self.job = None

    @property
    def datagrams(self):
        return self.kind != "TCP"


class Sockets:
    """The table of links, and the commands that open, close and list them."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.window = self._modem.window
        self._table = {}
        self._unread = {}  # link number -> buffer of a connection that the peer has closed
        add = simcom.add
        add("+CIPOPEN", test='+CIPOPEN: (0-9),("TCP","UDP","UDPSERVER")', read=self._list, write=self._open)
        add("+CIPCLOSE", test="+CIPCLOSE: (0-9)", read=self._flags, write=self._close)

    # The tables --------------------------------------------------------------------------------------------------------

    def __iter__(self):
        return iter([self._table[number] for number in sorted(self._table)])

    def link_number(self, parameters, index=0):
        """The parameter that names a link."""
        try:
            return parameters.int(index, 0, LINKS - 1)
        except ParameterError:
            raise self._simcom.ip_error(errors.IP_PARAMETER) from None

    def get(self, number):
        """The open link with this number, or None."""
        sock = self._table.get(number)
        return sock if sock and sock.state == OPEN else None

    def is_open(self, sock):
        return self._table.get(sock.number) is sock and sock.state == OPEN

    def transparent(self):
        """The link that ATO goes back to, or None."""
        sock = self.get(0)
        return sock if sock and sock.transparent and not sock.lost else None

    def buffer(self, number):
        """What can still be read of a link, open or closed by its peer; None if there is nothing."""
        sock = self._table.get(number)
        return sock.buffer if sock else self._unread.get(number)

    def any_open(self):
        """Whether a link is in use."""
        return bool(self._table)

    def apply_settings(self):
        """TCP options have been changed."""
        for sock in self:
            if sock.link and not sock.datagrams:
                self._simcom.settings.apply(sock.link)

    def free(self, sock, keep_unread=False):
        """Take a link out of the table; its number can be used again."""
        if self._table.get(sock.number) is not sock:
            return
        del self._table[sock.number]
        sock.drop()
        if keep_unread and sock.buffer:
            self._unread[sock.number] = sock.buffer
        self._simcom.transfer.forget(sock)

    def reset(self):
        """A restart of the module: everything is gone."""
        for sock in self:
            self.free(sock)
        self._unread.clear()

    def close_datagrams(self):
        """AT+NETCLOSE, before its OK: the UDP links. The lines to print."""
        lines = []
        for sock in self:
            if sock.datagrams and sock.state != CONNECTING:
                self.free(sock)
                lines.append("+CIPCLOSE: %d,0" % sock.number)
        return lines

    def close_streams(self):
        """AT+NETCLOSE, after its OK: everything that is left. The lines to print."""
        lines = self.close_datagrams()
        for sock in self:
            self.free(sock)
            if sock.state == CONNECTING:
                lines.append("+CIPOPEN: %d,%d" % (sock.number, errors.NETWORK))
            else:
                lines += ["CLOSED"] * sock.transparent + ["+CIPCLOSE: %d,0" % sock.number]
        self._unread.clear()
        return lines

    def lose(self):
        """The network has gone away: no link carries data any more."""
        for sock in self:
            if sock.link:
                sock.link.abort()
            if sock.state == CONNECTING:
                self.failed(sock, "unreachable")
            else:
                sock.lost = True
                self._simcom.transfer.cut(sock)

    def end_all(self):
        """Every connection is closed as if by its peer."""
        for sock in self:
            if sock.state == OPEN and not sock.datagrams and sock.link:
                sock.link.abort()
                self.ended(sock, False)

    # AT+CIPOPEN --------------------------------------------------------------------------------------------------------

    def _list(self):
        return self._simcom.block([self._line(number) for number in range(LINKS)])

    def _line(self, number):
        sock = self._table.get(number)
        if sock is None or sock.state == CONNECTING:
            return "+CIPOPEN: %d" % number
        server = sock.server + (sock.server >= 0 and self._simcom.quirk("accept-index", "next"))
        kind = "UDP" if sock.datagrams else "TCP"
        return '+CIPOPEN: %d,"%s","%s",%d,%d' % (number, kind, sock.address, sock.remote_port, server)

    def _open(self, parameters):
        number = self.link_number(parameters)
        refuse = self._refusal(number)
        if refuse:
            raise errors.Refused("+CIPOPEN: %d,%d" % (number, refuse))
        try:
            sock = self._described(number, parameters)
        except ParameterError:
            raise errors.Refused("+CIPOPEN: %d,%d" % (number, errors.PARAMETER)) from None
        self._unread.pop(number, None)
        self._table[number] = sock
        if sock.transparent:
            sock.job = self._modem.job
            self._begin(sock, self._modem.faults.result_code("+CIPOPEN"))
            return PENDING
        sock.operation = self._simcom.operation(ok_first=not sock.datagrams)
        self._simcom.after_reply("+CIPOPEN", self._begin, sock)
        return sock.operation.reply()

    def _refusal(self, number):
        service = self._simcom.service
        if not service.is_open:
            return errors.NOT_OPENED
        if number in self._table or (service.transparent and number and self._simcom.quirk("links-above-0", "refused")):
            return errors.NOT_SUPPORTED
        return 0

    def _described(self, number, parameters):
        """A link as the parameters of AT+CIPOPEN describe it."""
        parameters.count(4, 5)
        kind = parameters.str(1).upper()
        transparent = self._simcom.service.transparent and number == 0
        if kind not in _KINDS:
            raise ParameterError()
        sock = Socket(self, number, kind, self._new_buffer(kind))
        sock.transparent = transparent
        if kind == "TCP" or transparent:
            sock.address, sock.remote_port = parameters.str(2, 255), parameters.int(3, 0, 65535)
            if not sock.address:
                raise ParameterError()
        if kind == "TCP":
            sock.local_port = parameters.int(4, 0, 65535, 0)
        else:
            sock.local_port = parameters.int(4, 1, 65535)
        return sock

    def _new_buffer(self, kind):
        if kind == "TCP":
            return StreamBuffer()
        return DatagramBuffer(lambda: self._simcom.transfer.reads_as_stream())

    def _begin(self, sock, forced):
        """Start what AT+CIPOPEN has accepted."""
        if self._table.get(sock.number) is not sock or sock.state != CONNECTING:
            return
        net, fixed = self._modem.net, sock.kind == "TCP" or sock.transparent
        address = literal(sock.address) if fixed else None
        no_name_server = fixed and address is None and self._modem.faults.on("dns-silent")
        reason = "dns" if no_name_server else "timeout"
        sock.timer = self._modem.later(self._simcom.settings.timeout_s(1), self.failed, sock, reason)
        if forced:
            self._result(sock, forced)
        elif not self._simcom.service.alive or (address and address.version != self._simcom.service.family):
            self.failed(sock, "unreachable")
        elif no_name_server:
            self._modem.note("the name servers are silent")
        elif sock.kind == "TCP":
            sock.link = net.tcp(sock, sock.address, sock.remote_port, sock.local_port)
        else:
            net.udp(sock, sock.local_port, (sock.address, sock.remote_port) if fixed else None)

    def opened(self, sock, link):
        """The link is up."""
        if sock.state != CONNECTING or self._table.get(sock.number) is not sock:
            link.abort()
            return
        sock.link = link
        if not sock.datagrams:
            sock.address = link.remote[0]
            self._simcom.settings.apply(link)
        self._result(sock, 0)

    def failed(self, sock, reason):
        """The link did not come up."""
        if sock.state == CONNECTING and self._table.get(sock.number) is sock:
            self._result(sock, errors.REASONS.get(reason, errors.UNKNOWN))

    def _result(self, sock, code):
        """Tell the host how the open has ended."""
        sock.stop_timer()
        if code:
            self.free(sock)
        else:
            sock.state = OPEN
        if sock.transparent:
            self._modem.complete(sock.job, self._connected, sock, code)
        else:
            sock.operation.finish(["+CIPOPEN: %d,%d" % (sock.number, code)], failed=bool(code))

    def _connected(self, sock, code):
        return Result("CONNECT FAIL") if code else self._simcom.online.connected(sock)

    # What the network does ---------------------------------------------------------------------------------------------

    def arrived(self, sock, data, source):
        """Data from the peer."""
        if sock.state == OPEN and not sock.lost:
            sock.buffer.add(data, source)
            delay_s = self._simcom.settings.output_delay_s
            if delay_s:
                self._modem.later(delay_s, self._deliver_delayed, sock)
            else:
                self._simcom.transfer.deliver(sock, new=True)

    def _deliver_delayed(self, sock):
        if self.is_open(sock):
            self._simcom.transfer.deliver(sock, new=True)

    def ended(self, sock, reset):
        """The peer has closed, or the connection was reset."""
        if sock.state == OPEN and not sock.ended:
            sock.ended = True
            self._simcom.transfer.deliver(sock)

    def announce_end(self, sock, reason):
        """Tell the host that a link is closed; its number is free, and what it has received stays readable."""
        if self._table.get(sock.number) is not sock:
            return  # told already, while its last data were being sent
        transparent = sock.transparent
        self.free(sock, keep_unread=True)
        lines = ["+IPCLOSE: %d,%d" % (sock.number, reason)]
        if transparent and not self._simcom.quirk("closed", "missing"):
            lines.insert(self._simcom.quirk("closed", "after-ipclose"), "CLOSED")
        tell = self._modem.urc if transparent else self._simcom.urc
        for line in lines:
            tell(line)

    def writable(self, sock):
        self._simcom.transfer.writable(sock)

    def deliver(self, sock):
        self._simcom.transfer.deliver(sock)

    def hung_up(self, sock):
        """DTR has dropped with AT&D2: the connection is given up."""
        self.announce_end(sock, SEND_TIMEOUT_OR_DTR)

    def frozen(self, sock):
        """Time-outs take care of it."""

    def accept(self, server, link):
        """A client of a server: give it the lowest free link, or turn it away."""
        transparent = self._simcom.service.transparent and server.number == 0
        free = [number for number in range(1 if transparent else LINKS) if number not in self._table]
        if not free or not self._simcom.service.alive:
            link.abort()
            return
        sock = Socket(self, free[0], "TCP", StreamBuffer())
        self._unread.pop(sock.number, None)
        self._table[sock.number] = sock
        sock.state, sock.server, sock.transparent = OPEN, server.number, transparent
        sock.address, sock.remote_port = link.remote
        sock.local_port = server.port
        self._simcom.urc("+CLIENT: %d,%d,%s:%d" % (sock.number, server.number, sock.address, sock.remote_port))
        self._simcom.settings.apply(link)
        sock.take_over(link)
        if transparent:
            self._simcom.online.enter_when_free(sock)

    def accepted(self, server):
        """The links of the clients of a server."""
        return [sock for sock in self if sock.server == server]

    # AT+CIPCLOSE -------------------------------------------------------------------------------------------------------

    def _flags(self):
        used = [sock.number for sock in self if sock.state != CONNECTING]
        return "+CIPCLOSE: " + ",".join(str(int(number in used)) for number in range(LINKS))

    def _close(self, parameters):
        parameters.count(1, 1)
        number = self.link_number(parameters)
        sock = self.get(number)
        if sock is None:
            busy = number in self._table
            raise errors.Refused("+CIPCLOSE: %d,%d" % (number, errors.BUSY if busy else errors.NOT_SUPPORTED))
        if sock.datagrams:
            self.free(sock)
            shown = ["CLOSED"] * (sock.transparent and self._simcom.quirk("udp-closed", "yes"))
            return self._simcom.settle(False, shown + ["+CIPCLOSE: %d,0" % number])
        sock.state = CLOSING
        sock.operation = self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+CIPCLOSE", self._begin_close, sock)
        return sock.operation.reply()

    def _begin_close(self, sock, forced):
        if forced:
            sock.state = OPEN
            sock.operation.finish(["+CIPCLOSE: %d,%d" % (sock.number, forced)], failed=True)
            return
        if not sock.lost:
            sock.part(self._modem)
        self.free(sock)
        sock.operation.finish(["CLOSED"] * sock.transparent + ["+CIPCLOSE: %d,0" % sock.number])
