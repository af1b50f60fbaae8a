"""Servers: AT+SERVERSTART, SERVERSTOP (AN, 3.4; AT, chapter "TCPIP"). Their clients become links, see `sockets`."""

from ..endpoint import Endpoint
from . import errors

COUNT = 4


class Server(Endpoint):
    """One of the four listening sockets."""

    def __init__(self, servers, number, port):
        super().__init__(servers, number)
        self.port = port


class Servers:
    """The table of servers, and their commands."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._table = {}
        add = simcom.add
        add("+SERVERSTART", test="+SERVERSTART: (0-65535),(0-3)", read=self._list, write=self._start)
        add("+SERVERSTOP", write=lambda parameters: self._stop(parameters.int(0, 0, COUNT - 1)), execute=lambda: self._stop(0))

    def client(self, server, link):
        """A client has connected."""
        self._simcom.sockets.accept(server, link)

    def reset(self):
        """A restart of the module, or AT+NETCLOSE: nobody listens any more."""
        self.lose()
        self._table.clear()

    def lose(self):
        """The network has gone away: no client comes any more."""
        for server in self._table.values():
            server.drop()

    def _list(self):
        if not self._simcom.service.is_open:
            raise errors.Refused("+CIPERROR: %d" % errors.NOT_OPENED)
        lines = ["+SERVERSTART: %d,%d" % (number, self._table[number].port) for number in sorted(self._table)]
        return self._simcom.block(lines) if lines else None

    def _start(self, parameters):
        parameters.count(2, 3)
        port, number = parameters.int(0, 0, 65535), parameters.int(1, 0, COUNT - 1)
        parameters.int(2, 1, 3, 3)  # the backlog: nothing that can be seen from outside
        service = self._simcom.service
        code = 0
        if not service.is_open:
            code = errors.NOT_OPENED
        elif number in self._table:
            code = errors.LISTENING
        elif service.transparent and number and self._simcom.quirk("links-above-0", "refused"):
            code = errors.NOT_SUPPORTED
        if not code:
            server = Server(self, number, port)
            try:
                server.link = self._simcom.modem.net.listen(server, port)
                self._table[number] = server
            except OSError:
                code = errors.BIND
        if code:
            raise errors.Refused("+CIPERROR: %d" % code)

    def _stop(self, number):
        server, sockets = self._table.get(number), self._simcom.sockets
        clients = sockets.accepted(number)
        code = 0
        if not self._simcom.service.is_open:
            code = errors.NOT_OPENED
        elif server is None:
            code = errors.NOT_SUPPORTED
        elif clients and self._simcom.quirk("busy-servers", "refused"):
            code = errors.SOCKETS_OPENED
        if code:
            raise errors.Refused("+SERVERSTOP: %d,%d" % (number, code))
        for sock in clients:
            sockets.free(sock)
        del self._table[number]
        server.drop()
        return self._simcom.settle(False, ["+SERVERSTOP: %d,0" % number])
