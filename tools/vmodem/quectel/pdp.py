"""The contexts of AT+QICSGP as the general commands of 3GPP TS 27.007, 10.1, see them: AT+CGDCONT, CGACT, CGPADDR and so on.

An LTE module has a bearer for context 1 as long as it is attached. AT+QIACT puts the module's own TCP/IP stack on a context;
what AT+CGACT shows is the bearer, which may be there without.
"""

from ..commands import CmeError, ParameterError, needs_parameters
from ..errors import NO_NETWORK, PARAMETERS
from .context import IPV4, IPV4V6, IPV6

_KINDS = {"IP": IPV4, "IPV6": IPV6, "IPV4V6": IPV4V6}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_EMPTY = "0.0.0.0"
_SERVERS = '"8.8.8.8","8.8.4.4"'
_FIRST_BEARER = 5


class Pdp:
    """Bearers, and the commands for them."""

    def __init__(self, quectel):
        self._modem = quectel.modem
        self._contexts = quectel.contexts
        self._quectel = quectel
        self._bearers = {}  # number: whether AT+CGACT has it up or down
        self._defined = {1}
        span = "(1-%d)" % self._contexts.last
        add = self._add
        kinds = ['+CGDCONT: %s,"%s",,,(0-2),(0-4)' % (span, kind) for kind in _KINDS]
        add("+CGDCONT", test=kinds, read=self._list, write=self._define)
        add("+CGACT", test="+CGACT: (0,1)", read=self._states, write=self._activate)
        add("+CGPADDR", test=self._addresses_test, write=self._addresses, execute=self._all_addresses)
        add("+CGCONTRDP", test=self._contrdp_test, write=self._details, execute=self._all_details)
        add("+CGAUTH", test="+CGAUTH: %s,(0-3),<user>,<password>" % span, read=self._authentications, write=self._authenticate)
        self._modem.on_reset.append(self._bearers.clear)

    def _add(self, name, **forms):
        forms = {form: needs_parameters(handler) if callable(handler) else handler for form, handler in forms.items()}
        self._modem.table.add(name, **forms)

    def define(self, number):
        """AT+QICSGP has set the context."""
        self._defined.add(number)

    def up(self, number):
        """Whether the network has a bearer for this context."""
        default = number == 1 or self._contexts.get(number).active
        return self._modem.radio.attached and self._bearers.get(number, default)

    def bring_up(self, number):
        """Ask the network for a bearer; its address, None if it refuses."""
        if number > self._contexts.last or not self._modem.radio.attached:
            return None
        context = self._contexts.get(number)
        if self._modem.faults.refuses_apn(context.apn):
            return None
        self._bearers[number] = True
        return context.address()

    def lose(self):
        """The network takes every bearer away; the first comes back by itself."""
        self._bearers.clear()

    def _rows(self):
        return [self._contexts.get(number) for number in sorted(self._defined)]

    # Commands ----------------------------------------------------------------------------------------------------------

    def _list(self):
        return ['+CGDCONT: %d,"%s","%s","%s",0,0,0,0' % (c.number, _NAMES[c.kind], c.apn, _EMPTY) for c in self._rows()]

    def _define(self, parameters):
        parameters.count(1, 11)
        context = self._contexts.parameter(parameters)
        if len(parameters) == 1:
            self._defined.discard(context.number)
            context.apn = ""
            return
        kind = parameters.str(1, 6).upper()
        if kind not in _KINDS:
            raise ParameterError()
        context.kind, context.apn = _KINDS[kind], parameters.str(2, 100, default="")
        self._defined.add(context.number)

    def _states(self):
        return ["+CGACT: %d,%d" % (context.number, self.up(context.number)) for context in self._rows()]

    def _activate(self, parameters):
        parameters.count(1, 1 + self._contexts.last)
        self._modem.sim.need()
        wanted = parameters.int(0, 0, 1)
        chosen = [self._contexts.parameter(parameters, index) for index in range(1, len(parameters))] or self._rows()
        for context in chosen:
            if wanted and self.bring_up(context.number) is None:
                raise CmeError(NO_NETWORK)
            if not wanted:
                self._bearers[context.number] = False
                if context.active:
                    self._modem.later(0, self._quectel.lose_context, context.number)

    def _address(self, context):
        address = context.address() if self.up(context.number) else _EMPTY
        return '+CGPADDR: %d,"%s"' % (context.number, address)

    def _addresses_test(self):
        return "+CGPADDR: (%s)" % ",".join(str(context.number) for context in self._rows())

    def _addresses(self, parameters):
        return [self._address(self._contexts.parameter(parameters, index)) for index in range(len(parameters))]

    def _all_addresses(self):
        return [self._address(context) for context in self._rows()]

    def _detail(self, context):
        if not self.up(context.number):
            return None
        bearer = _FIRST_BEARER + context.number - 1
        return '+CGCONTRDP: %d,%d,"%s","%s","",%s' % (context.number, bearer, context.apn, context.address(), _SERVERS)

    def _contrdp_test(self):
        return "+CGCONTRDP: (%s)" % ",".join(str(context.number) for context in self._rows() if self.up(context.number))

    def _details(self, parameters):
        line = self._detail(self._contexts.parameter(parameters))
        if line is None:
            raise CmeError(PARAMETERS)
        return line

    def _all_details(self):
        return [line for line in map(self._detail, self._rows()) if line]

    def _authentications(self):
        return ['+CGAUTH: %d,%d,"%s","%s"' % (c.number, c.authentication, c.user, c.password) for c in self._rows()]

    def _authenticate(self, parameters):
        parameters.count(2, 4)
        context = self._contexts.parameter(parameters)
        kind = parameters.int(1, 0, 3)
        user, password = parameters.str(2, 64, default=""), parameters.str(3, 64, default="")
        context.authentication, context.user, context.password = kind, user if kind else "", password if kind else ""
