"""Receiving from SIM7100's Internet services: counted blocks of data, and result lines that come before or after OK.

A command there ends in one of three ways: by OK or ERROR alone (`run_command`), by OK and a result line in either order, with
blocks of data in between (`Inflow`), or after data from the host (outflow.py). All printed forms of the lines are taken: blanks
or none, "DATA,5", "DATA, 5", "DATA, 5,", several spellings of a name (IS 5.9, 6.1, 8.14).
"""

from ...at.command import ERROR, LOST, OK, PENDING, Command
from ...at.params import after_comma, digits, text
from ...at.redact import redacted
from ...compat import const
from ...errors import CommandError, LineBusy, ModemRestarted, ModemTimeout, ProtocolError
from .state import state_of

LIMIT_MS = const(150000)  # IS gives no times; the network time-outs of the family are 120 s (A76XX TCPIP 1.04, flow charts)
LOCAL_MS = const(9000)  # commands that need no network (the same)
RING = const(8192)  # bytes that wait for the program; two rounds of the engine (4096) fit
DAY_MS = const(86400000)  # of commands that end by the silence between their lines, not by their length
_MOST = const(65536)  # bytes of one block; those seen have 1500 at most
_NEAR = const(8)  # most bytes of line ends
_GRACE_MS = const(500)  # a result line comes within this time after OK, if at all, on firmware whose habit is not known
_FIRST_MS = const(5000)  # the same for the start of a service, from which the habit is learnt
_LATE_OK_MS = const(2000)  # an OK after the result line comes within this time, if at all (IS 5.8, 6.1: missing in places)
_QUIET_MS = const(10000)  # the result of a transfer that lost bytes may be among them: it is not waited for longer than this
_OWN_NUMBERS = const(201)  # FTP and HTTP have numbers of their own in +CME ERROR from here on (IS 5.15, 6.2)
_PIECE = const(1024)  # bytes handed to a program's write() at a time
_LINE_END = const(2)
_BLANK = const(32)


def check_into(into):
    """TypeError, before anything is sent, when `into` is nothing that data can be written to."""
    if not hasattr(into, "write"):
        raise TypeError("into must be an object with write")


async def awaited(value):
    """Return `value`, awaited where it can be: the program's streams may be asyncio's."""
    return await value if hasattr(value, "send") or hasattr(value, "__await__") else value


def word(buf, s, e):
    """Return the word in a line after its prefix: the first field."""
    return text(bytes(memoryview(buf)[s:e])).split(",")[0].strip()


class ServiceCommand(Command):
    """A command whose numbers are those of the error table `table`; small ones of +CME ERROR keep their general meaning."""

    def __init__(self, line, table, limit_ms=LIMIT_MS, prefix=None, bare=False):
        super().__init__(b"AT" + line + b"\r", prefix, limit_ms, bare=bare)
        self.table = table

    def on_done(self):
        self.reason()

    def reason(self, code=None):
        """Complete the reason of a failure: `code` where there is none yet, and whose number it is."""
        if self.code is None:
            self.code = code
        if not (self.family == "cme" and isinstance(self.code, int) and self.code < _OWN_NUMBERS):
            self.family = self.table

    def error(self, words, code):
        """Return the CommandError for a result line."""
        return CommandError(words, command=redacted(self.line), code=code, lines=self.lines, family=self.table)


def give_up_command(m):
    """End the command in flight, whose answer may still come: the line is resynchronised before the next one."""
    m.engine.stop(LOST)
    m.engine.desync = True


class Inflow:
    """What a command sends by itself: blocks `+NAME: DATA,<len>` into `ring`, then the result line `+NAME: <n>`.

    `names` are the prefixes that the lines may have, the right one first. The module sends at line speed: the program must take
    the data as fast, or stop the module by flow control of the port. What does not fit into the ring is an error at the hole.

    result    the number of the result line, None before it
    failed    the error that ends it, None
    given_up  no task wants the rest: it is swallowed up to the result line
    until     so long the next line is waited for (ticks)
    """

    far = None  # where a result line may begin besides, counted from the end of the last block

    def __init__(self, module, names, family, ring=None):
        self.module = module
        self.names = names
        self.family = family
        self.ring = ring
        self.state = state_of(module)
        self.result = None
        self.failed = None
        self.given_up = False
        self.until = module.deadline(LIMIT_MS)
        self._command = None
        self._lost = 0  # bytes of the block that were not taken, from the first one that did not fit
        self._suspects = -1  # lines that look like lost payload, counted at the end of the last block; -1: no block yet
        self._unconfirmed = False  # no line has come after the last block: bytes of it may be lost

    # --- lines and blocks

    def on_line(self, buf, s, e):
        """One line after its prefix: header of a block, or result. False: neither."""
        while s < e and buf[s] == _BLANK:
            s += 1
        if buf.startswith(b"DATA", s):
            return self._on_header(buf, s, digits(buf, after_comma(buf, s, e), e))
        n = digits(buf, s, e)
        if n < 0:
            return False
        self._check_distance(buf, s, b"")
        self.result = n
        self._shorten()
        self.module.engine.changed = True
        if self.given_up:
            self.leave()
        return True

    def _on_header(self, buf, s, n):
        if n < 0:
            return False
        self._check_distance(buf, s, self.names[0])
        engine = self.module.engine
        if n > _MOST:
            self._fail("the module announced a block of %d bytes" % n)
        elif n and (self.given_up or self.failed is not None or self.ring is None):
            engine.discard(n)
        elif n:
            self._unconfirmed = True
            engine.expect(n, self, self)
        self._wait_on()
        return True

    def write(self, buf, off, n):
        """Take bytes of a block; return `n`. After the first one that does not fit none is taken: the data end at the hole."""
        taken = 0 if self._lost else self.ring.write(buf, off, n) or 0
        self._lost += n - taken
        if self.ring.any() > self.ring.size // 2:
            self.module.engine.changed = True  # a reader need not wait for the end of the block
        return n

    def on_payload(self, lost):
        """A block is complete."""
        self._suspects = self.module.engine.suspects
        if self._lost and not self.given_up:
            self._fail("%d bytes did not fit: the program takes data more slowly than the line brings it" % self._lost)

    def on_broken(self, missing):
        """A block broke off."""
        self._fail("the module broke off %d bytes before the end of a block" % missing)

    def on_gap(self):
        """A line that looks like lost payload came right after a block."""
        self._fail("bytes were lost on the line inside a block: use RTS/CTS")

    def _fail(self, words):
        if self.failed is None:
            self.failed = ProtocolError(words)

    def _check_distance(self, buf, s, what):
        """Bytes that the line loses inside a block are taken from what follows it: then that comes too near, or not at all.

        `what` may follow at a distance of its own: a firmware may end its lines as it likes, but always with pairs of CR and LF.
        """
        engine = self.module.engine
        n = engine.parser.behind(buf, buf.rfind(b"+", 0, s))
        self._unconfirmed = False
        if not what and n == self.far:
            n = _LINE_END
        if self._suspects < 0 or self.failed is not None or self.given_up:
            return
        distances = self.state.distances
        odd = n <= _NEAR and n & 1
        usual = distances.setdefault(what, n) if n <= _NEAR and not odd else n
        if odd or engine.suspects != self._suspects or bool(usual) != bool(n):
            distances.pop(what, None)  # it may have been learnt from a damaged one
            self.on_gap()
        self._suspects = -1

    # --- who listens

    async def listen(self, is_result=False):
        """Take the names for this command, after an earlier one that is still under way has ended; return the flow.

        `is_result`: see ServiceState.hear. LineBusy when the earlier one goes on: the module does one thing of a sort at a time,
        and cannot abort most of them.
        """
        m, flows = self.module, self.state.flows
        for name in self.names:
            while flows.get(name) is not None:
                other = flows[name]
                if other.given_up:
                    await other.drain()
                elif not await m.turn(other.until) and flows.get(name) is other:
                    raise LineBusy("the module is busy with another transfer", command=name.decode())
        for name in self.names:
            self.state.hear(name, self.family, is_result)
            flows[name] = self
        if self.ring is not None and m.waiter.fair and getattr(m.port, "flow_control", False):
            m.waiter.brake = self._brake
        return self

    def leave(self):
        """Stop listening."""
        flows = self.state.flows
        for name in self.names:
            if flows.get(name) is self:
                flows[name] = None
        self.module.notify()

    def cut(self, error):
        """The transfer is over without a result."""
        self.failed = error
        self.leave()

    def check(self):
        """Raise what has ended the transfer; ModemRestarted when the module is not started any more."""
        if self.failed is not None:
            raise self.failed
        if not self.module.started:
            raise ModemRestarted("the module restarted", command=redacted(self._command.line) if self._command else None)

    def _brake(self):
        """Stop reading the UART (RTS holds the module) while the ring is more than half full and no other command is pending."""
        m = self.module
        if self.given_up or self.state.flows.get(self.names[0]) is not self:
            m.waiter.brake = None
            return False
        return self.ring.any() > self.ring.size // 2 and m.engine.command in (None, self._command)

    # --- a transfer from beginning to end

    async def start(self, line, limit_ms=LIMIT_MS, before=None):
        """Send `AT<line>` and return its ServiceCommand; `more()` tells how it goes on. `before`: a Command to run right before
        it, with no other command in between. Errors as for Session.run."""
        m = self.module
        command = ServiceCommand(line, self.family, limit_ms)
        try:
            await m.acquire(command, None)
            if before is not None:
                await m.finish(before, None)
                await m.judge(before)
            m.engine.begin(command)
        except BaseException:
            self.leave()
            raise
        finally:
            m.release(command)
        self._command = command
        return command

    def adopt(self, command):
        """The command, a ServiceCommand, has been sent already."""
        self._command = command
        self.until = self.module.deadline(LIMIT_MS)
        if self.result is not None:
            self._shorten()

    def _shorten(self):
        """The result has come: so has the OK of the command, or it comes soon, or it is missing."""
        engine = self.module.engine
        if engine.command is not None and engine.command is self._command:
            engine.limit_at = self.module.deadline(_LATE_OK_MS)

    def begun(self):
        """Return whether a block or the result has come."""
        return self.result is not None or self.ring.any() > 0

    async def more(self):
        """Wait until there are data (True) or the transfer has ended well (False).

        Raises CommandError with the module's number, ModemTimeout when nothing comes for 150 s, ProtocolError when data were lost
        on the way, ModemRestarted. A caller that is cancelled may go on later.
        """
        try:
            while self.ring is None or not self.ring.any():
                self.check()
                if await self._over():
                    return False
                if not await self.module.turn(self.until):
                    self._timed_out()
        except Exception:
            self.give_up()
            raise
        return True

    async def finish(self):
        """Wait for the result of a command without data. Errors as for `more`."""
        try:
            await self.more()
        except BaseException:
            self.give_up()
            raise

    async def _over(self):
        m, command = self.module, self._command
        if command.result not in (PENDING, OK):
            self.leave()
            command.reason(self.result)
            await m.judge(command)
        if self.result is None:
            return False
        until = m.deadline(_LATE_OK_MS)
        while command.result == PENDING and await m.turn(until):
            pass
        if command.result == PENDING:
            give_up_command(m)
        self.leave()
        if self.result or command.result == ERROR:
            raise command.error("failed", self.result or command.code)
        return True

    def _timed_out(self):
        command = self._command
        if self.module.engine.command is command:
            give_up_command(self.module)
        raise ModemTimeout("nothing came for %d s" % (LIMIT_MS // 1000), command=redacted(command.line))

    async def confirm(self):
        """All that is wanted has come: wait for the line after the last block, which shows whether bytes of it were lost.

        Errors as for `more`.
        """
        while self._unconfirmed:
            self.check()
            if not await self.module.turn(self.until):
                self._timed_out()
        self.check()

    async def pour(self, into, progress=None):
        """Hand all data to `into.write()`; return how many bytes they were. `progress(done)` is called after each block.

        What `into` or `progress` raises is raised when the module has finished sending.
        """
        try:
            return await self._pour(into, progress)
        except BaseException:
            self.give_up()
            raise

    async def _pour(self, into, progress):
        m, engine = self.module, self.module.engine
        buf = bytearray(_PIECE)
        view = memoryview(buf)
        done = 0
        raised = None
        while await self.more():
            while self.ring.any() < len(buf) and engine.parser.need and await m.turn(self.until):
                pass  # whole blocks: a file system does not like bytes as a line brings them
            n = self.ring.readinto(buf)
            self.until = m.deadline(LIMIT_MS)
            if raised is not None:
                continue
            try:
                await awaited(into.write(view[:n]))
                done += n
                if progress is not None:
                    progress(done)
            except Exception as error:
                raised = error
        if raised is not None:
            raise raised
        return done

    def _wait_on(self):
        """The next line is waited for from now on. The command ends with it where no task wants the data: its OK may be lost."""
        m = self.module
        self.until = m.deadline(LIMIT_MS if self.failed is None else _QUIET_MS)
        if self.given_up and m.engine.command is self._command:
            m.engine.limit_at = self.until

    def give_up(self):
        """No task wants the rest: swallow what still comes, up to the result line."""
        command = self._command
        if self.result is not None or command is None or command.result == ERROR or not self.module.started:
            self.leave()
        elif not self.given_up:
            self.given_up = True
            self._wait_on()

    async def drain(self):
        """After `give_up`: wait until the module has ended it, or has been silent for too long."""
        while self.state.flows.get(self.names[0]) is self:
            if self._command.result == ERROR:
                self.leave()
            elif not await self.module.turn(self.until):
                self.leave()
                if self.module.engine.command is self._command:
                    give_up_command(self.module)


async def run_command(m, line, family, limit_ms=LIMIT_MS):
    """Run `AT<line>`, which ends by OK or ERROR, perhaps with `+NAME: <n>` before or after it: a number other than 0 wins.

    Later firmware answers OK at once and reports by that line alone. Which firmware this is shows with the first line that comes
    after its OK; without one, the start of a service waits 5 s and then takes OK for the result. Raises CommandError with the
    number, ModemTimeout.
    """
    name = line.split(b"=")[0]
    flow = await Inflow(m, (name + b":",), family).listen(True)
    follow = flow.state.results_follow
    try:
        command = await flow.start(line, limit_ms)
        while command.result == PENDING:
            await m.turn(None)
        if command.result == OK and flow.result is None:
            await _result_line(m, flow, command, name.endswith(b"START"))
        command.reason(flow.result)
        await m.judge(command)
        if flow.result:
            raise command.error("failed", flow.result)
    except Exception:
        flow.leave()
        raise
    except BaseException:  # cancelled: the line that may still come is this command's, not the next one's
        if follow.get(family):
            flow.give_up()
        else:
            flow.leave()
        raise
    flow.leave()


async def _result_line(m, flow, command, is_start):
    """OK has come: wait for the result line as long as the firmware's habit wants it, and learn the habit."""
    follow, family = flow.state.results_follow, flow.family
    full = m.deadline(command.limit_ms)
    short = m.deadline(0 if family in follow else _FIRST_MS if is_start else _GRACE_MS)
    while flow.result is None:
        until = full if follow.get(family) else short
        if not m.left_ms(until):
            break
        await m.turn(until)
    if flow.result is not None:
        follow[family] = True
    elif follow.get(family):
        del follow[family]  # learn it anew
        raise ModemTimeout("no result within %d s" % (command.limit_ms // 1000), command=redacted(command.line))
    elif is_start:
        follow[family] = False
