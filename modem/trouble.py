"""When something ends, or goes wrong on the line: reasons asked for, lining up again, connections lost. See late.py."""

from .compat import const
from .errors import CommandError, LineBusy, ModemError, ModemRestarted, ModemTimeout
from .masking import masked
from .request import LOST, OK, REBOOT, Request

_SETTLE_MS = const(1000)


class Sync(Request):
    """A command with an unmistakable answer: final results count only once its own information line has come."""

    armed = False

    def on_info(self, buf, s, e):
        self.armed = True
        return Request.on_info(self, buf, s, e)


# answered by every module; each attempt to line up uses the next one, so that its answer cannot be an earlier one's
_MARKERS = (
    (b"AT+CMEE?\r", b"+CMEE:", 1000),
    (b"AT+CSQ\r", b"+CSQ:", 2000),
    (b"AT+CFUN?\r", b"+CFUN:", 5000),
    (b"AT+COPS?\r", b"+COPS:", 10000),
)


class Extra:
    """Methods of Line."""

    async def _explain(self, request):
        """Ask the module for the reason of `request`'s ERROR, before anybody else gets the line."""
        engine = self._engine
        try:
            ask = self.dialect.error_request()
            if ask is None:
                return None
            await self._finish(ask, None)
            return self.dialect.error_code(ask.lines) if ask.result == OK else None
        finally:
            engine.reserved = None
            engine.changed = True

    def _family(self, request):
        """Return the name of the error table for `request`'s code (codes.py)."""
        return request.family or (self.dialect.errors if self.dialect else "cme")

    async def _failure(self, request):
        """Return the exception for `request`, which has ended, and not well."""
        command = masked(request.line)
        if request.result == LOST:
            return ModemTimeout("no answer within %d s" % (request.limit_ms // 1000), command=command)
        if request.result == REBOOT:
            return ModemRestarted("the module restarted", command=command)
        code = request.code
        if self._engine.reserved is request:
            told = await self._explain(request)
            if told is not None:
                code = told
                request.family = None  # the module's own number, whatever came with the ERROR
        return CommandError("command failed", command=command, code=code, lines=request.lines, family=self._family(request))

    def _no_answer(self, request):
        """Return the exception for `request`, which is still in flight."""
        return ModemTimeout("no answer yet", command=masked(request.line))

    def _busy(self):
        """Return the exception for a line that somebody else has."""
        held = self._engine.request or self._engine.reserved  # itself: while somebody lines up
        return LineBusy("the line is busy", command=masked(held.line) if hasattr(held, "line") else None)

    async def _line_up(self, deadline):
        """Send commands with unmistakable answers until one is answered; what came late before it is consumed.

        Raises ModemTimeout when none of them is. A module that has meanwhile lost what start() set has restarted.
        """
        engine = self._engine
        engine.reserved = engine  # nobody else may begin
        try:
            if self._pause_ms:
                pause, self._pause_ms = self._pause_ms, 0
                await self._sleep(pause, deadline)
            for line, prefix, limit_ms in _MARKERS:
                request = Sync(line, prefix, limit_ms)
                await self._finish(request, deadline)
                if request.result == OK:
                    engine.desync = False
                    if line == _MARKERS[0][0] and self._cmee not in (None, request.lines[-1]):
                        self._on_boot()
                    return
            raise ModemTimeout("the module does not answer")
        finally:
            if engine.reserved is engine:
                engine.reserved = None
            engine.changed = True

    def _keep_data(self, request):
        """The caller goes away: make what is still to be sent the engine's own, so that the data phase can be finished."""
        engine = self._engine
        if request.data is not None:
            data = bytes(memoryview(request.data)[request.offset : request.offset + request.length])
            if engine._tx is request.data:
                engine._tx_at -= request.offset
                engine._tx_end -= request.offset
                engine._tx = data
            request.data = data
            request.offset = 0

    def _line_gone(self, text="the line to the module is gone"):
        """The port has ended: every further call raises the same error, once what has arrived is read."""
        if self._gone is None:
            self._gone = ModemError(text)
            self._started = self._connected = False
            self._end_links(self._gone)
            self._engine.stop(LOST)

    def close(self):
        """Close all sockets and the port. The context stays up: `disconnect()` takes it down."""
        return self._drive(self._close())

    async def _close(self):
        if self._gone is None and self._started:
            for link in self._links:
                if link is not None and link.opened:
                    await self._close_link(link)
        self._line_gone("the modem is closed")
        self._port.close()
        self._after_close()

    def _after_close(self):
        """What AsyncModem has to do then."""

    def on_event(self, callback):
        """Call `callback(kind, detail)` for what happens by itself; None switches it off.

        kind: "closed" (detail: the socket), "incoming" (listening socket), "incoming full", "context lost" (context id),
        "reboot", "overflow" (socket, bytes lost), "line too long" (bytes dropped), "slow" (what takes longer than usual),
        "events lost" (how many), "urc" (bytes: a line that nobody knew). Callbacks run only while no command is in flight: from
        `poll()`, at the end of a call, or from AsyncModem's reader task. At most 16 events wait; more are counted and reported
        as "events lost". `callback` is a plain function with either flavour; one that wants to be awaited is a TypeError when
        it is called.
        """

        def told(kind, detail):
            wants = callback(kind, detail)
            if hasattr(wants, "send"):
                wants.close()
                raise TypeError("callback must be a plain function: start a task in it for what is awaited")

        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable, or None")
        self._callback = None if callback is None else told
        self._engine.on_stray = None if callback is None else self._stray

    def _stray(self, line):
        self._engine.event("urc", line)

    def _context_lost(self, error, context=None):
        """A PDP context (None: the one in use) is gone, and with it its connections. The module is told at the next chance."""
        context = self.context if context is None else context
        if context == self.context:
            self._connected = False
        self._end_links(error, context)
        if context not in self._lost:
            self._lost = self._lost + (context,)
        self._engine.event("context lost", context)

    def _forget_links(self, error):
        """The module has restarted: end all connections, their ids are free."""
        self._connected = False
        self._lost = ()
        self._end_links(error)
        for n in range(len(self._links)):
            self._links[n] = None

    async def _settle_link(self, link, deadline):
        """Line up where that is due, else find out why a read was refused; False: not by `deadline`, or a second from now."""
        if deadline is not None and self._left_ms(deadline) < _SETTLE_MS:
            deadline = self._deadline(_SETTLE_MS)
        try:
            if self._engine.adrift():
                await self._acquire(deadline)
                link.refused = False
            else:
                await link.ops.settle(self, link, deadline)
        except (LineBusy, ModemTimeout):
            if deadline is None or self._left_ms(deadline):
                raise
            return False
        finally:
            self._let_go()
        return True

    async def _leave(self, link):
        """Get the line out of transparent mode before `link` is closed; LineBusy when the mode belongs to another one."""
        from .transparent import leave_for_good

        await leave_for_good(self, link)

    async def _leave_orphan(self):
        """The line is transparent: fetch it back when the connection is one that nobody holds any more."""
        link = self._engine.parser.raw.link
        if not link.orphan:
            raise LineBusy("a socket in transparent mode has the line")
        await self._leave(link)
