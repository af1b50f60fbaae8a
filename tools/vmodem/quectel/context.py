"""PDP contexts: AT+QICSGP, QIACT, QIDEACT, QIACTEX, QIDEACTEX.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.2-2.4.6.
"""

from . import errors

IPV4, IPV6, IPV4V6 = 1, 2, 3


class Context:
    """One context: what AT+QICSGP has set, and the addresses while it is active."""

    def __init__(self, number):
        self.number = number
        self.kind = IPV4
        self.apn = self.user = self.password = ""
        self.authentication = 0
        self.active = False
        self.lost = False
        self.kind_active = IPV4
        self.dns = {}

    def families(self):
        """The address families of the active context: 4, 6 or both."""
        return {IPV4: (4,), IPV6: (6,), IPV4V6: (4, 6)}[self.kind_active]

    def address(self, family=4):
        """The address the network gives: private for v4, of the documentation prefix for v6."""
        return "10.7.157.%d" % self.number if family == 4 else "2001:DB8:459:40D::%X" % self.number

    def describe(self):
        """`<context_type>[,<IPv4_address>][,<IPv6_address>]`."""
        return ",".join([str(self.kind_active)] + ['"%s"' % self.address(family) for family in self.families()])


class Contexts:
    """All contexts of the module, and their commands."""

    def __init__(self, quectel):
        self._quectel = quectel
        self._modem = quectel.modem
        self.last = self._modem.model.quirks["contexts"]
        self._contexts = {number: Context(number) for number in range(1, self.last + 1)}
        span = "(1-%d)" % self.last
        add = quectel.add
        add("+QICSGP", test="+QICSGP: %s,(1-3),<APN>,<username>,<password>,(0-3)" % span, write=self._configure)
        add("+QIACT", test="+QIACT: " + span, read=lambda: self._list("+QIACT"), write=self._activate)
        add("+QIDEACT", test="+QIDEACT: " + span, write=self._deactivate)
        add("+QIACTEX", test="+QIACTEX: %s,(0,1)" % span, read=lambda: self._list("+QIACTEX"), write=self._activate_later)
        add("+QIDEACTEX", test="+QIDEACTEX: " + span, write=self._deactivate_later)

    def reset(self):
        """A restart: settings of AT+QICSGP are saved, nothing is active."""
        for context in self._contexts.values():
            context.active = context.lost = False
            context.dns = {}

    def parameter(self, parameters, index=0):
        """The context that parameter `index` names."""
        return self._contexts[parameters.int(index, 1, self.last)]

    def need_active(self, parameters, index=0):
        """The context that parameter `index` names; an error if it is not active."""
        context = self.parameter(parameters, index)
        if not context.active:
            raise errors.TcpipError(errors.PDP_OPEN_FAILED)
        return context

    def get(self, number):
        return self._contexts[number]

    def active(self):
        return [context for context in self._contexts.values() if context.active]

    def knows_apn(self):
        """Whether a context has an APN."""
        return any(context.apn for context in self._contexts.values())

    def lose(self, contexts):
        """The network deactivates these contexts."""
        for context in contexts:
            context.active = False
            context.lost = True
            self._modem.urc('+QIURC: "pdpdeact",%d' % context.number)

    def _configure(self, parameters):
        context = self.parameter(parameters)
        if len(parameters) == 1:
            values = context.kind, context.apn, context.user, context.password, context.authentication
            return '+QICSGP: %d,"%s","%s","%s",%d' % values
        parameters.count(3, 6)
        kind, apn = parameters.int(1, IPV4, IPV4V6), parameters.str(2, 127)
        # The printed brackets of the set form also allow <authentication> directly after <APN>.
        short = len(parameters) == 4 and not parameters.quoted(3)
        user = context.user if short else parameters.str(3, 127, default=context.user)
        password = parameters.str(4, 127, default=context.password)
        authentication = parameters.int(3 if short else 5, 0, 3, context.authentication)
        context.kind, context.apn, context.user, context.password = kind, apn, user, password
        context.authentication = authentication
        self._quectel.pdp.define(context.number)
        return None

    def _check(self, context):
        """Raise what keeps a context from being activated."""
        modem, faults = self._modem, self._modem.faults
        if not modem.radio.registered():
            raise errors.TcpipError(errors.PDP_OPEN_FAILED)
        if context.active or context.lost:
            raise errors.TcpipError(errors.NOT_ALLOWED)
        if faults.refuses_apn(context.apn):
            raise errors.TcpipError(errors.PDP_OPEN_FAILED if context.apn else self._quectel.no_apn)
        limit = faults.get("contexts")
        if limit and len(self.active()) >= limit.number("max", 1):
            raise errors.TcpipError(errors.PDP_OPEN_FAILED)

    def _bring_up(self, context):
        self._check(context)
        context.active = True
        context.kind_active = context.kind

    def _take_down(self, context):
        context.active = context.lost = False
        context.dns = {}
        for group in self._quectel.groups:
            group.drop_context(context.number)

    def _list(self, prefix):
        return ["%s: %d,1,%s" % (prefix, context.number, context.describe()) for context in self.active()]

    def _activate(self, parameters):
        parameters.count(1, 1)
        self._bring_up(self.parameter(parameters))

    def _deactivate(self, parameters):
        parameters.count(1, 1)
        self._take_down(self.parameter(parameters))

    def _activate_later(self, parameters):
        parameters.count(1, 2)
        context, view = self.parameter(parameters), parameters.int(1, 0, 1, 0)
        if context.active or context.lost:
            raise errors.TcpipError(errors.NOT_ALLOWED)
        self._quectel.after_reply("+QIACTEX", self._activated, context, view)

    def _activated(self, context, view, forced):
        code = forced or 0
        if not code:
            try:
                self._bring_up(context)
            except errors.TcpipError as error:
                code = error.code
        self._quectel.last_error = code
        shown = "," + context.describe() if view and not code else ""
        self._modem.urc("+QIACTEX: %d,%d%s" % (context.number, code, shown))

    def _deactivate_later(self, parameters):
        parameters.count(1, 1)
        context = self.parameter(parameters)
        self._quectel.after_reply("+QIDEACTEX", self._deactivated, context)

    def _deactivated(self, context, forced):
        if not forced:
            self._take_down(context)
        self._quectel.last_error = forced or 0
        self._modem.urc("+QIDEACTEX: %d,%d" % (context.number, forced or 0))
