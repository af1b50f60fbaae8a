"""Running requests: taking turns on the line, deadlines, late answers, lining up again, delivering events; the table of links.

`Line` is the common half of Modem and AsyncModem. The two differ in how they wait: `_turn` waits until something has
happened, and `_drive` runs a coroutine to its end (Modem) or hands it to asyncio (AsyncModem).

Two deadlines hold for every command: the caller's (the call raises, the command stays in flight and its late answer is
consumed by it) and the document's (the command is given up, and the line is lined up again before the next one).
"""

from .compat import ticks_add, ticks_diff
from .engine import Engine
from .errors import CommandError, ModemTimeout
from .late import forget, part
from .link import BUFFER
from .request import CONNECT, OK, PENDING, SEND_FAIL, Request


class Line:
    """One module's line: requests, deadlines, events, connections. What goes wrong is in trouble.py.

    `_links[slot]` is a Link or None. Slots are connection ids, where the module counts all alike; opening.py hands them out.
    """

    def __init__(self, port):
        self._port = port
        self._engine = Engine(port)
        self._callback = None
        self._delivering = False
        self._gone = None  # the OSError with which the port ended
        self._cmee = None  # the error format pinned by start(); another one means that the module has restarted
        self._links = []
        self._connected = False  # the PDP context is up
        self._left = None  # the link that has left transparent mode last
        self._lost = ()  # contexts that the network has taken away, and that the module has not been told to deactivate yet
        self._lookup = None  # list that collects the answers of a name server
        self._pause_ms = 0  # the module's own input time-out: waited out when a data phase could not be finished

    # --- time

    def _deadline(self, timeout_ms):
        """Return the tick value `timeout_ms` from now; None for no limit."""
        return None if timeout_ms is None else ticks_add(self._port.ticks_ms(), timeout_ms)

    def _earlier(self, deadline, timeout_ms):
        """Return `deadline` or the moment `timeout_ms` from now, whichever is earlier."""
        other = self._deadline(timeout_ms)
        return other if deadline is None or ticks_diff(other, deadline) < 0 else deadline

    def _left_ms(self, deadline, most=60000):
        """Return how many ms there are until `deadline`, at most `most`, at least 0."""
        return most if deadline is None else max(0, min(most, ticks_diff(deadline, self._port.ticks_ms())))

    async def _sleep(self, ms, deadline=None):
        """Let `ms` pass (URCs are digested meanwhile); return False when `deadline` came first."""
        until = self._earlier(deadline, ms)
        while await self._turn(until):
            pass
        return deadline is None or ticks_diff(deadline, until) > 0

    # --- requests

    async def _acquire(self, deadline):
        """Wait for the line; LineBusy naming the command in flight when `deadline` comes first."""
        engine = self._engine
        while True:
            if self._gone is not None:
                raise self._gone
            if engine.parser.raw is not None:
                await self._leave_orphan()
            if engine.free():
                return
            if engine.adrift():
                await self._line_up(deadline)
            elif not await self._turn(deadline):
                raise self._busy()

    async def _finish(self, request, deadline):
        """Start `request` on the free line and wait for its result; ModemTimeout when `deadline` comes first."""
        engine = self._engine
        engine.begin(request)
        try:
            while request.result == PENDING:
                if not await self._turn(deadline) and request.result == PENDING:
                    raise self._no_answer(request)
        except BaseException:
            if engine.request is request:
                self._keep_data(request)
            if engine.reserved is request:
                engine.reserved = None
            request.exclusive = False
            raise

    async def _run(self, request, deadline=None):
        """Run `request`; return it when it ended well (OK, CONNECT, SEND FAIL), raise otherwise.

        Raises LineBusy, ModemTimeout, CommandError (with the module's code, asked for where the dialect knows how) and
        ModemRestarted.
        """
        await self._acquire(deadline)
        await self._finish(request, deadline)
        return await self._judge(request)

    async def _judge(self, request):
        """Return `request`, which has ended, when it ended well; raise otherwise what `_run` says."""
        result = request.result
        if result == OK or result == CONNECT or result == SEND_FAIL:
            return request
        raise await self._failure(request)

    async def _cmd(self, line, prefix=None, limit_ms=60000, deadline=None, bare=False, explain=False):
        """Run `AT<line>` and return its information lines (bytes)."""
        request = Request(b"AT" + line + b"\r", prefix, limit_ms, bare=bare)
        request.exclusive = explain
        return (await self._run(request, deadline)).lines

    async def _try(self, line, prefix=None, limit_ms=60000, deadline=None):
        """Like `_cmd`, but None where the module answers ERROR."""
        try:
            return await self._cmd(line, prefix, limit_ms, deadline)
        except CommandError:
            return None

    async def _result(self, holder, name, until, command):
        """Wait until a result line, which comes by itself, sets the attribute `name` of `holder`; return it.

        Raises what has ended the connection meanwhile (`holder.error`), ModemTimeout at `until`. `command`: without AT.
        """
        while getattr(holder, name) is None:
            error = getattr(holder, "error", None)
            if error is not None:
                raise error
            if not await self._turn(until) and getattr(holder, name) is None:
                raise ModemTimeout("no result within the time allowed", command="AT" + bytes(command).decode())
        return getattr(holder, name)

    # --- events

    def _deliver(self):
        """Hand queued events to the callback, unless a command is in flight or a callback is already running."""
        engine = self._engine
        if self._delivering:
            return
        self._delivering = True
        try:
            while engine.request is None and (engine.events or engine.events_lost):
                if engine.events:
                    kind, detail = engine.next_event()
                else:
                    kind, detail = "events lost", engine.events_lost
                    engine.events_lost = 0
                if kind == "overflow":
                    detail = detail.overflowed()
                if self._callback is not None:
                    self._callback(kind, self._event_detail(detail))
        finally:
            self._delivering = False

    def _event_detail(self, detail):
        """Return what a callback gets: the socket in place of its link."""
        if isinstance(detail, tuple):
            return (self._event_detail(detail[0]),) + detail[1:]
        return getattr(detail, "owner", detail)

    # --- connections

    def _block(self, link, most):
        """Return how many bytes of `link`'s stream are asked for at a time: ring and port hold them, and 256 bytes of notices."""
        return max(64, min(most, link.ring.size, self._port.rxbuf - 256))

    async def _close_link(self, link):
        from .opening import close_link

        await close_link(self, link)

    def _let_go(self):
        """Let go of what opens and closes connections, unless data may be pushed: then there is no time to load it again."""
        for link in self._links:
            if link is not None and link.access != BUFFER:
                return
        forget(self.dialect)

    async def _sweep(self):
        """Close connections that nobody holds any more (an open was cancelled or took too long), clear away lost contexts."""
        raw = self._engine.parser.raw
        if raw is not None and not raw.link.orphan:
            return  # a transparent socket has the line: later
        while self._lost:
            await part(self.dialect, "ending").clear(self, self._lost[0])
            self._lost = self._lost[1:]
        for link in self._links:
            if link is not None and link.orphan:
                await self._close_link(link)

    def _end_links(self, error, context=None):
        """End all connections, or those of one PDP context, with `error`."""
        for link in self._links:
            if link is not None and context in (None, link.context):
                link.fail(error)
