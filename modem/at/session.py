"""Running commands: whose turn it is on the line, deadlines, late answers, events.

Two deadlines hold for every command: the caller's (the call raises, the command stays in flight and consumes its late answer)
and the document's (the command is given up, and the line is resynchronised before the next one).

How to wait is the flavour's business: `BlockingWait` here, `AsyncWait` in aio.py. Both have

    wait = turn(deadline)    a coroutine: until something has happened; False at `deadline`
    notify()                 something has happened
    spawn(work)              a URC asks for commands: a task of its own awaits work(); nothing here, poll() does it
    user(operations)         what a program holds for an object with operations
    hand_over()              after data were found for an awaited read (a matter of MicroPython's asyncio)
    closed()                 the port has ended
"""

from ..compat import Coroutine, Rare, const, one_thread, rare, report, ticks_add, ticks_diff
from ..errors import CommandError, LineBusy, ModemError, ModemTimeout, ProtocolError
from .command import CONNECT, LOST, OK, PENDING, SEND_FAIL, Command
from .engine import Engine

TYPE_CHECKING = False
_MOST_MS = const(60000)


class BlockingWait:
    """How a blocking program waits."""

    fair = False  # one caller at a time: there are no others to be fair to

    def __init__(self, session):
        self._session = session
        self._port = session.port
        self._engine = session.engine

    def wait(self, deadline):
        """Wait until bytes come, `deadline` or the engine's next date; return False at `deadline`. No allocation."""
        now = self._port.ticks_ms()
        left = self._engine.due_ms(now)
        if deadline is not None:
            now = ticks_diff(deadline, now)
            if now < left:
                left = now if now > 0 else 0
        self._listen(left)
        now = self._port.ticks_ms()
        self._engine.tick(now)
        return deadline is None or ticks_diff(deadline, now) > 0

    def _listen(self, timeout_ms):
        try:
            self._port.wait(timeout_ms, self._engine.coming())
            self._engine.pump()
        except OSError:  # without a name for it: that would take the frame from the heap
            self._session.line_gone()
            raise self._session.gone

    async def turn(self, deadline):
        """See the module's docstring."""
        return self.wait(deadline)

    def notify(self):
        """Nothing: no one else waits."""

    def released(self):
        """Nothing: the call that had the line delivers what has happened meanwhile when it ends."""

    def user(self, operations):
        """Return the blocking face."""
        return operations.face()

    hand_over = closed = notify

    def spawn(self, work):
        """Nothing: poll() does it."""


class Session(Rare):
    """One module's line. `waiting`: the class that waits, BlockingWait or AsyncWait."""

    def __init__(self, port, waiting):
        self.port = port
        self.engine = Engine(port)
        self.guard = one_thread() if one_thread is not None else None
        self.gone = None  # the OSError with which the port ended
        self._queue = []  # tickets of those who want the line, in order of asking; the first has the next turn
        self._holder = None  # the ticket that has the line now
        self.sleeper = None  # wakes the module before the next command: see power_saving.py
        self._callback = None
        self._delivering = False
        self.waiter = waiting(self)
        self.turn = self.waiter.turn  # turn(deadline): wait until something has happened; False at `deadline`

    if TYPE_CHECKING:  # what Module (module.py), which derives from this, knows of the module

        def error_command(self):
            """Return the command that asks the module for the reason of the last error; None where there is none."""

        def error_code(self, lines):
            """Return the number in the answer to `error_command()`, None where it says nothing."""

        def error_family(self):
            """Return the name of the error table (codes.py) that the module's own numbers belong to."""

        def input_timeout_ms(self):
            """Return how long the module waits for payload after the prompt; None: for ever."""

        async def check_restart(self, probe, echoed, deadline):
            """The line was out of sync, and `probe` was answered: has the module restarted meanwhile? `echoed`: it was echoed."""

        async def transparent_line(self, ticket):
            """The line is transparent, and someone else wants it: LineBusy, or it is not transparent any more."""

        def event_detail(self, kind, detail):
            """Return what a callback gets as detail."""

        def on_line_gone(self):
            """What else ends with the line."""

    # --- time

    def deadline(self, timeout_ms):
        """Return the tick value `timeout_ms` from now; None for no limit."""
        return None if timeout_ms is None else ticks_add(self.port.ticks_ms(), timeout_ms)

    def earlier(self, deadline, timeout_ms):
        """Return `deadline` or the moment `timeout_ms` from now, whichever is earlier."""
        other = self.deadline(timeout_ms)
        return other if deadline is None or ticks_diff(other, deadline) < 0 else deadline

    def left_ms(self, deadline, most=_MOST_MS):
        """Return how many ms there are until `deadline`, at most `most`, at least 0."""
        return most if deadline is None else max(0, min(most, ticks_diff(deadline, self.port.ticks_ms())))

    async def pause(self, ms, deadline=None):
        """Let `ms` pass (URCs are digested meanwhile); return False when `deadline` came first."""
        until = self.earlier(deadline, ms)
        while await self.turn(until):
            pass
        return deadline is None or ticks_diff(deadline, until) > 0

    async def until(self, happened, deadline, what):
        """Wait until `happened()` is true. ModemTimeout naming the command `what` (with AT) at `deadline`."""
        while not happened():
            if not await self.turn(deadline) and not happened():
                raise ModemTimeout("no result within the time allowed", command=what)

    def notify(self):
        """Something has happened that a task may be waiting for."""
        self.engine.changed = True
        self.waiter.notify()

    # --- turns on the line: first come, first served

    def may_begin(self, ticket):
        """Return whether the holder of `ticket` may begin a command now; otherwise `ticket` waits in the queue.

        A ticket that is refused and no longer wanted must be taken out with leave(). No allocation for a blocking program.
        """
        if self._holder is None and self.engine.free() and (not self._queue or self._queue[0] is ticket) and not self._wakes():
            if self._queue:
                self._queue.pop(0)
            return True
        if self.waiter.fair and ticket.waiting and ticket not in self._queue:
            self._queue.append(ticket)
        return False

    def _wakes(self):
        """Whether the module has to wake up first: the line is busy with that."""
        return self.sleeper is not None and self.sleeper.wake()

    def leave(self, ticket):
        """`ticket` is not wanted any more."""
        if ticket in self._queue:
            self._queue.remove(ticket)
            self.notify()

    async def acquire(self, ticket, deadline):
        """Wait for the line, resynchronising it where that is due; then it is the ticket's until release().

        Raises LineBusy naming the command in flight when `deadline` comes first, ModemTimeout when the module does not answer.
        """
        engine = self.engine
        engine.recover()
        if self.waiter.fair:
            self._queue.append(ticket)
        else:
            self._holder = None  # of a call that was interrupted
        while True:
            if self.gone is not None:
                raise self.gone
            if self._holder is None and (not self._queue or self._queue[0] is ticket):
                if engine.parser.raw is not None:
                    await self.transparent_line(ticket)
                elif engine.command is None and not self._wakes():
                    self._holder = ticket
                    if self._queue:
                        self._queue.pop(0)
                    if engine.desync:
                        from .recovery import resynchronise

                        await resynchronise(self, deadline)
                    return
            if not await self.turn(deadline):
                raise LineBusy("the line is busy", command=self._shown())

    def release(self, ticket):
        """The ticket's turn is over."""
        if ticket in self._queue:
            self._queue.remove(ticket)
        if self._holder is ticket:
            self._holder = None
        self.notify()
        self.waiter.released()

    @rare
    def _shown(self):
        from .redact import redacted

        held = self.engine.command or self._holder
        return redacted(held.line) if isinstance(held, Command) else None

    def busy(self):
        """Return whether a command would have to wait for its turn."""
        return self._holder is not None or self.engine.command is not None or bool(self._queue)

    # --- commands

    async def finish(self, command, deadline):
        """Begin `command` on the line, which the caller holds, and wait for its result; ModemTimeout at `deadline`."""
        self.engine.begin(command)
        try:
            while command.result == PENDING:
                if not await self.turn(deadline) and command.result == PENDING:
                    raise ModemTimeout("no answer yet", command=self._shown())
        except BaseException:
            if self.engine.command is command and command.data is not None:
                self.engine.keep_data(command)
            raise

    async def run(self, command, deadline=None):
        """Run `command`; return it when it ended well (OK, CONNECT, SEND FAIL), raise otherwise.

        Raises LineBusy, ModemTimeout, CommandError (with the module's code, asked for where the dialect knows how) and
        ModemRestarted.
        """
        try:
            await self.acquire(command, deadline)
            await self.finish(command, deadline)
            return await self.judge(command)
        finally:
            self.release(command)

    async def judge(self, command):
        """Return `command`, which has ended, when it ended well; raise otherwise what run() says. The caller holds the line."""
        if command.result in (OK, CONNECT, SEND_FAIL):
            return command
        from .recovery import failure

        raise await failure(self, command)

    async def cmd(self, line, prefix=None, limit_ms=_MOST_MS, deadline=None, bare=False, explain=False):
        """Run `AT<line>` and return its information lines (bytes). ProtocolError when some of them were lost."""
        command = Command(b"AT" + line + b"\r", prefix, limit_ms, bare=bare, explain=explain)
        await self.run(command, deadline)
        if command.dropped:
            raise self._dropped(command)
        return command.lines

    @rare
    def _dropped(self, command):
        from .redact import redacted

        text = "%d lines of the answer are too long or too many" % command.dropped
        return ProtocolError(text, command=redacted(command.line))

    async def attempt(self, line, prefix=None, limit_ms=_MOST_MS, deadline=None, bare=False):
        """Like cmd(), but None where the module answers ERROR."""
        try:
            return await self.cmd(line, prefix, limit_ms, deadline, bare)
        except CommandError:
            return None

    @rare
    def abort(self):
        """Give up the command in flight; its late answer is expected no longer."""
        self.engine.stop(LOST)

    # --- events

    @rare
    def on_event(self, callback):
        """Call `callback(kind, detail)` for each event; None switches it off."""
        self._callback = callback
        self.engine.on_unknown = None if callback is None else self._on_unknown

    def _on_unknown(self, line):
        self.engine.event("urc", line)

    def deliver(self):
        """Hand queued events to the callback, unless a command is in flight or a callback is already running.

        What the callback raises is reported by itself and ends nothing else.
        """
        if not self._delivering and (self.engine.events or self.engine.events_lost):
            self._deliver()

    def _deliver(self):
        engine = self.engine
        self._delivering = True
        try:
            while engine.command is None and self._holder is None and (engine.events or engine.events_lost):
                if engine.events:
                    engine.take_event(self._report)
                else:
                    lost, engine.events_lost = engine.events_lost, 0
                    self._report("events lost", lost)
        finally:
            self._delivering = False

    def _report(self, kind, detail):
        detail = self.event_detail(kind, detail)
        if self._callback is None:
            return
        try:
            wants = self._callback(kind, detail)
            if isinstance(wants, Coroutine):
                wants.close()
                raise TypeError("callback must be a plain function: start a task in it for what is awaited")
        except Exception as error:
            report(error)

    # --- the end of the line

    @rare
    def line_gone(self, text="the line to the module is gone"):
        """The port has ended: every further call raises the same error, once what has arrived is read."""
        if self.gone is None:
            self.gone = ModemError(text)
            self.on_line_gone()
            self.notify()
        self.engine.stop(LOST)
