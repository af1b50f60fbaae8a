"""The module as the driver knows it: its dialect and identity, its PDP context, its connections, and its restarts."""

from .at.command import RESTARTED
from .at.session import Session
from .compat import rare
from .errors import ConnectionClosed, LineBusy, ModemError, ModemRestarted
from .net.link import BUFFER, PUSH, STREAM, Link


class Module(Session):
    """What `Modem`, `AsyncModem` and all operations work on. `wanted`: the model given by the program, or None.

    `links[slot]` is a Link or None. Slots are connection ids where the module counts all alike; net/connect.py hands them out.
    """

    def __init__(self, port, waiting, wanted=None):
        super().__init__(port, waiting)
        self.dialect = None
        self.wanted = wanted
        self.identity = {}  # manufacturer, model, revision, imei
        self.context = 1  # the PDP context in use
        self.started = False
        self.connected = False  # the PDP context is up
        self.registration_ms = None  # time for the registration; None: as long as the caller of connect() allows
        self.on_outcome = None  # callable(error): a connection or a name lookup has come about (None), or failed
        self.power = None  # a PowerKey (power_key.py), or None
        self.boots = 0  # boot lines seen
        self.rate = None  # the baud rate that start() had to search for
        self.rates = None  # of set_baudrate(): the module may be at any of them
        self.refusal = None  # the error with which the context was refused last, as text
        self.addresses = ()  # of the context
        self.dns_servers = ("0.0.0.0", "0.0.0.0")
        self.refused_pins = []  # PINs (quoted) that the card has refused, or may have
        self.apn_settings = None  # with which the context was activated
        self.links = []
        self.suspended = None  # the link that left transparent mode by +++ last: ATO resumes it
        self.lost_contexts = ()  # taken away by the network; the module has not been told to deactivate them yet
        self.sms = None  # an Sms (sms.py), once the program has asked for it
        self.deferred = {}  # commands whose results come by themselves: see deferred.py
        self.preload = None  # callable(Dialect): load all that a call may load
        self.marks = None  # what start() pinned and a restart undoes: see check_restart()
        self.engine.on_boot = self.on_boot
        for line in (b"RDY", b"*ATREADY:"):  # also before the vendor is known
            self.engine.urc(line, self.engine.boot)
        self.engine.on_lost = self._on_lost
        self.engine.on_gap = self.on_gap

    # --- the dialect

    def use_model(self, model):
        """Speak the dialect of a Model (models.py), unless it is spoken already."""
        if self.dialect is None or self.dialect.model != model.name:
            self.dialect = model.dialect(self)
            self.links.extend([None] * (self.dialect.links - len(self.links)))

    def known(self):
        """Return the dialect; ModemError while the model is unknown."""
        if self.dialect is None:
            raise ModemError("model unknown: call start() first")
        return self.dialect

    def part(self, name):
        """Return a file of the vendor's package (Dialect.part); ModemError while the model is unknown."""
        return self.known().part(name)

    def online(self):
        """ModemError unless connected: the commands that use the network answer nothing helpful without it."""
        if not self.connected:
            raise self.gone or ModemError("not connected: call connect() first")

    def error_command(self):
        return self.dialect.error_command() if self.dialect is not None else None

    def error_code(self, lines):
        return self.dialect.error_code(lines)

    def error_family(self):
        return self.dialect.error_family if self.dialect is not None else "cme"

    def input_timeout_ms(self):
        return self.dialect.input_timeout_ms if self.dialect is not None else 0

    # --- connections

    def prepare(self, access):
        """Data may come by themselves in this access mode: there is no time then to load what a call beside them needs."""
        if access != BUFFER and self.preload is not None:
            self.preload(self.dialect)

    def block_size(self, link, most):
        """Return how many bytes of `link`'s stream are asked for at a time: ring and port hold them, and 256 bytes of URCs."""
        return max(64, min(most, link.ring.size, self.port.rxbuf - 256))

    def link_at(self, number):
        """Return the link in slot `number`, None where there is none."""
        return self.links[number] if 0 <= number < len(self.links) else None

    def pushing(self):
        """Return whether received data may come at any moment: nothing may be loaded then."""
        for link in self.links:
            if link is not None and link.access != BUFFER:
                return True
        return False

    async def close_abandoned(self, deadline=None):
        """Close connections that no socket holds (an open was cancelled or took too long), clear away lost contexts.

        What is not done by `deadline` is left for the next time; ModemTimeout where that is a lost context.
        """
        raw = self.engine.parser.raw
        if raw is not None and not raw.link.abandoned:
            return  # a transparent socket has the line: later
        if self.lost_contexts:
            await self._clear_contexts(deadline)
        for link in self.links:
            if link is not None and link.abandoned:
                from .net.connect import close_link

                await close_link(self, link, deadline)
                if link.abandoned:
                    return  # the others would not be answered either, and a caller waits

    @rare
    async def _clear_contexts(self, deadline):
        while self.lost_contexts:
            context = self.lost_contexts[0]
            self.lost_contexts = self.lost_contexts[1:]
            try:
                await self.part("pdp").clear(self, context, deadline)
            except BaseException:
                self.lost_contexts += (context,)
                raise

    def end_links(self, error, context=None):
        """End all connections, or those of one PDP context, with `error`."""
        for link in self.links:
            if link is not None and context in (None, link.context):
                link.fail(error)

    async def settle(self, link, deadline):
        """The last read of `link` failed, the line needs resynchronising, or nothing came for long: find out how things are.

        False: not by `deadline`, or a second from now.
        """
        from .net.link_recovery import settle

        return await settle(self, link, deadline)

    @rare
    async def transparent_line(self, ticket):
        link = self.engine.parser.raw.link
        if link.holds_line():
            raise LineBusy("a socket in transparent mode, or a PPP session, has the line")
        from .net.transparent import leave_for_good

        await leave_for_good(self, link)

    @rare
    def _on_lost(self):
        for link in self.links:
            if link is not None:
                link.on_lost()
        if self.dialect is not None:
            self.dialect.on_lost()

    def on_gap(self):
        """Pushed data may be lost; nothing says of which connection. No allocation while there is none."""
        for link in self.links:
            if link is not None and link.access == PUSH and link.kind == STREAM and (link.lost or not link.ended()):
                link.on_gap()
                self.engine.doubt()
        if self.dialect is not None and self.dialect.on_gap():
            self.engine.doubt()

    # --- what happens by itself

    @rare
    def context_lost(self, error, context=None):
        """A PDP context (None: the one in use) is gone, and with it its connections. The module is told at the next chance."""
        context = self.context if context is None else context
        if context == self.context:
            self.connected = False
        self.end_links(error, context)
        if context not in self.lost_contexts:
            self.lost_contexts = self.lost_contexts + (context,)
        self.engine.event("context lost", context)

    @rare
    def forget_links(self, error):
        """The module has restarted: end all connections, their ids are free."""
        self.connected = False
        self.lost_contexts = ()
        self.end_links(error)
        for n in range(len(self.links)):
            self.links[n] = None

    @rare
    def on_boot(self):
        """A boot line, or another mark of a restart."""
        self.boots += 1
        if self.started:
            self.started = False
            self.apn_settings = None
            self.forget_links(ModemRestarted("the module restarted"))
            if self.dialect is not None:
                self.dialect.forget()
            self.engine.stop(RESTARTED)
            self.engine.event("reboot")

    @rare
    async def check_restart(self, probe, echoed, deadline):
        if self.started and self.marks:
            from .at.recovery import has_restarted

            if await has_restarted(self, self.marks, probe, echoed, deadline):
                self.on_boot()

    @rare
    def on_line_gone(self):
        self.started = self.connected = False
        self.end_links(self.gone)

    def event_detail(self, kind, detail):
        """Return what a callback gets: the socket in place of its link."""
        if isinstance(detail, Link):
            user = detail.owner and self.waiter.user(detail.owner)
            return (user, detail.overflowed()) if kind == "overflow" else user
        return detail

    @rare
    def context_closed(self):
        """The program has deactivated the context."""
        self.connected = False
        self.end_links(ConnectionClosed("the PDP context was deactivated"), self.context)
