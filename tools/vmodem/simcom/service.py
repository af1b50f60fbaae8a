"""The TCP/IP service: AT+NETOPEN, NETCLOSE, IPADDR, CIPMODE, CSOCKSETPN (AN, 3.1, and AT, chapter "TCPIP")."""

from ..commands import AtError
from . import errors

CLOSED, OPENING, OPEN, CLOSING = range(4)
_ADDRESS = {4: "10.148.0.17", 6: "2409:8960:1e64:94d8:1:0:3b3b:7118"}  # those of the note's examples


class Service:
    """Whether the service is open, in which family, and in which access mode it was opened."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.reset()
        add = simcom.add
        add("+NETOPEN", test="", read=lambda: "+NETOPEN: %d" % (self.state == OPEN), execute=self._open)
        add("+NETCLOSE", test="", execute=self._close)
        add("+IPADDR", test="", execute=self._show_address)
        add(
            "+CIPMODE",
            free=True,
            test="+CIPMODE: (0-1)",
            read=lambda: "+CIPMODE: %d" % self.transparent,
            write=lambda parameters: self._set_mode(parameters.int(0, 0, 1)),
            execute=lambda: self._set_mode(0),
        )
        add(
            "+CSOCKSETPN",
            free=True,
            test="+CSOCKSETPN: 1,(1,6)",
            read=lambda: "+CSOCKSETPN: 1,%d" % (6 if self._family == 6 else 1),
            write=self._set_family,
        )

    def reset(self):
        """A restart of the module."""
        self.state = CLOSED
        self.lost = False  # the network has gone away under the open service
        self.transparent = False
        self._family = 4

    @property
    def is_open(self):
        return self.state == OPEN

    @property
    def family(self):
        """The address family of the service: 4 or 6."""
        return self._family

    @property
    def alive(self):
        """Whether data can be carried."""
        return self.state == OPEN and not self.lost

    def address(self):
        return _ADDRESS[self._family]

    def lose(self):
        """The network goes away; whether the service was open."""
        if self.state == OPENING:
            self.state = CLOSED
        self.lost = self.state == OPEN
        return self.lost

    def _set_mode(self, mode):
        if self.state != CLOSED and mode != self.transparent:
            raise AtError()
        self.transparent = bool(mode)

    def _set_family(self, parameters):
        parameters.count(1, 2)
        parameters.int(0, 1, 1)
        family = parameters.int(1, 1, 6, 6 if self._family == 6 else 1)
        if family not in (1, 6) or self.state != CLOSED:
            raise AtError()
        self._family = 6 if family == 6 else 4

    # AT+NETOPEN --------------------------------------------------------------------------------------------------------

    def _open(self):
        if self.state == OPEN:
            raise self._simcom.ip_error(errors.IP_ALREADY_OPENED)
        if self.state != CLOSED:
            raise errors.Refused("+NETOPEN: %d" % errors.BUSY)
        self.state = OPENING
        operation = self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+NETOPEN", self._opened, operation)
        return operation.reply()

    def _opened(self, operation, forced):
        code = forced
        if not code:
            allowed = self.state == OPENING and self._simcom.contexts.bring_up(1, self._family)
            code = 0 if allowed else errors.NETWORK
        self.state = CLOSED if code else OPEN
        self.lost = False
        operation.finish(["+NETOPEN: %d" % code], failed=bool(code))

    # AT+NETCLOSE -------------------------------------------------------------------------------------------------------

    def _close(self):
        if self.state != OPEN:
            raise errors.Refused("+NETCLOSE: %d" % errors.NOT_OPENED)
        sockets = self._simcom.sockets
        if self._simcom.quirk("netclose", "refuses") and sockets.any_open():
            raise errors.Refused("+NETCLOSE: %d" % errors.SOCKETS_OPENED)
        self.state = CLOSING
        operation = self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+NETCLOSE", self._end, operation)
        datagram_lines = sockets.close_datagrams()
        if not operation.ok_first:
            return operation.reply()
        return [] if self._simcom.quirk("netclose", "silent") else datagram_lines

    def _end(self, operation, forced):
        lines = self._simcom.sockets.close_streams()
        self._simcom.servers.reset()
        if self._simcom.quirk("netclose", "silent"):
            lines = []
        self.state = OPEN if forced else CLOSED
        operation.finish(lines + ["+NETCLOSE: %d" % (forced or 0)], failed=bool(forced))

    def _show_address(self):
        if self.state != OPEN:
            error = self._simcom.ip_error(errors.IP_NOT_OPENED)
            if self._simcom.quirk("ipaddr-error", "ipaddr"):
                error = errors.Refused("+IPADDR: " + errors.IP_ERRORS[errors.IP_NOT_OPENED])
            raise error
        return "+IPADDR: " + self.address()
