"""PDP contexts: AT+CGDCONT, CGACT, CGPADDR, CGCONTRDP, CGAUTH (3GPP TS 27.007, 10.1; AN, 3.1.2)."""

from ..commands import CmeError, ParameterError

COUNT = 15
_KINDS = {"IP": (4,), "IPV6": (6,), "IPV4V6": (4, 6)}


class Context:
    """One context."""

    def __init__(self, number):
        self.number = number
        self.kind = "IPV4V6" if number == 1 else None  # None: not defined
        self.apn = ""
        self.active = False
        self.authentication = (0, "", "")

    def addresses(self, service):
        """What AT+CGPADDR shows of an active context."""
        own = {4: "10.148.0.%d" % (16 + self.number), 6: "2409:8960:1e64:94d8:1:0:3b3b:%x" % (0x7117 + self.number)}
        return [own[family] for family in _KINDS[self.kind]]


class Contexts:
    """All contexts."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._contexts = {number: Context(number) for number in range(1, COUNT + 1)}
        span = "(1-%d)" % COUNT
        table = self._modem.table
        kinds = ['+CGDCONT: %s,"%s",,,(0-1),(0-2)' % (span, kind) for kind in _KINDS]
        table.add("+CGDCONT", test=kinds, read=self._list, write=self._cme(self._define))
        table.add("+CGACT", test="+CGACT: (0,1)", read=self._list_active, write=self._cme(self._activate))
        table.add("+CGPADDR", test="+CGPADDR: " + span, write=self._cme(self._show), execute=self._show_all)
        table.add("+CGCONTRDP", test=self._contrdp_test, write=self._cme(self._detail), execute=self._all_details)
        table.add(
            "+CGAUTH", test="+CGAUTH: %s,(0-2),," % span, read=self._list_authentication, write=self._cme(self._authenticate)
        )

    @staticmethod
    def _cme(handler):
        def checked(parameters):
            try:
                return handler(parameters)
            except ParameterError:
                raise CmeError(50) from None

        return checked

    def reset(self):
        """A restart: definitions stay, nothing is active."""
        self.lose()

    def lose(self):
        """The network deactivates every context."""
        for context in self._contexts.values():
            context.active = False

    def bring_up(self, number, family=None):
        """Activate a context, which must offer `family`; whether it is active."""
        context = self._contexts[number]
        faults = self._modem.faults
        limit = faults.get("contexts")
        others = sum(1 for each in self._contexts.values() if each.active and each is not context)
        if not self._modem.radio.attached or context.kind is None or (family and family not in _KINDS[context.kind]):
            return False
        if faults.refuses_apn(context.apn) or (limit and others >= limit.number("max", 1)):
            return False
        context.active = True
        return True

    def knows_apn(self):
        """Whether a context has an APN."""
        return any(context.apn for context in self._defined())

    def _defined(self):
        return [context for context in self._contexts.values() if context.kind]

    def _parameter(self, parameters, index=0):
        return self._contexts[parameters.int(index, 1, COUNT)]

    def _block(self, lines):
        return self._simcom.block(lines) if lines else None

    def _list(self):
        zero = {"IP": "0.0.0.0", "IPV6": "0000:0000:0000:0000:0000:0000:0000:0000", "IPV4V6": "0.0.0.0"}
        return self._block(['+CGDCONT: %d,"%s","%s","%s",0,0' % (c.number, c.kind, c.apn, zero[c.kind]) for c in self._defined()])

    def _define(self, parameters):
        parameters.count(1, 11)
        context = self._parameter(parameters)
        if len(parameters) == 1:
            context.kind, context.apn, context.active = None, "", False
            return
        kind = parameters.str(1).upper()
        if kind not in _KINDS:
            raise ParameterError()
        context.kind, context.apn = kind, parameters.str(2, 100, default="")

    def _list_active(self):
        return self._block(["+CGACT: %d,%d" % (context.number, context.active) for context in self._defined()])

    def _activate(self, parameters):
        parameters.count(1, 1 + COUNT)
        self._modem.sim.need()
        wanted = parameters.int(0, 0, 1)
        chosen = [self._parameter(parameters, index) for index in range(1, len(parameters))] or self._defined()
        for context in chosen:
            if wanted:
                if not self.bring_up(context.number):
                    raise CmeError(30)
            else:
                context.active = False
                if context.number == 1 and self._simcom.service.is_open:
                    self._modem.later(0, self._simcom.lose_contexts)

    def _address_line(self, context):
        return "+CGPADDR: %d,%s" % (
            context.number,
            ",".join(context.addresses(self._simcom.service)) if context.active else "0.0.0.0",
        )

    def _show(self, parameters):
        return self._block([self._address_line(self._parameter(parameters, index)) for index in range(len(parameters))])

    def _show_all(self):
        return self._block([self._address_line(context) for context in self._defined()])

    def dial_up(self, number):
        """The IPv4 address of a host that dials in on a context, None if the network refuses."""
        if number > COUNT or not self.bring_up(number, 4):
            return None
        return self._contexts[number].addresses(self._simcom.service)[0]

    def _detail_line(self, context):
        address = context.addresses(self._simcom.service)[0]
        return '+CGCONTRDP: %d,5,"%s","%s","","8.8.8.8","8.8.4.4"' % (context.number, context.apn, address)

    def _active(self):
        return [context for context in self._contexts.values() if context.active]

    def _contrdp_test(self):
        return "+CGCONTRDP: (%s)" % ",".join(str(context.number) for context in self._active())

    def _detail(self, parameters):
        context = self._parameter(parameters)
        if not context.active:
            raise ParameterError()
        return self._detail_line(context)

    def _all_details(self):
        return self._block([self._detail_line(context) for context in self._active()])

    def _list_authentication(self):
        return self._block(
            ['+CGAUTH: %d,%d,"%s","%s"' % ((c.number,) + c.authentication) for c in self._defined() if c.authentication[0]]
        )

    def _authenticate(self, parameters):
        parameters.count(2, 4)
        kind = parameters.int(1, 0, 2)
        self._parameter(parameters).authentication = (
            kind,
            parameters.str(2, 100, default=""),
            parameters.str(3, 100, default=""),
        )
