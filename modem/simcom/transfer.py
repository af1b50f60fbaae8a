"""What the Internet services of SIM7100 share: result lines that come before or after OK, counted blocks.

IS = "SIM7100 AT Command Set for Internet Service" 0.01; chapter numbers are those of its body. A command there ends in one of
three ways: by OK or ERROR alone (`command`), by OK and a result line in either order, with blocks of data in between (`Inflow`),
or after data from the host (upload.py). All printed variants of the lines are taken: blanks or none, "DATA,5", "DATA, 5",
"DATA, 5,", several spellings of a name.
"""

from ..errors import CommandError, LineBusy, ModemRestarted, ModemTimeout, ProtocolError
from ..fields import after_comma, digits
from ..masking import masked
from ..request import ERROR, LOST, OK, PENDING, Request
from ..ring import ByteRing

LIMIT_MS = 150000  # the document gives no times; the module's own network time-outs are 120 s (A76XX TCPIP 1.04, flow charts)
_NEAR = 8  # most bytes of line ends
RING = 8192  # bytes that wait for the program; two rounds of the engine (4096) fit
_GRACE_MS = 500  # a result line of a command that ends by OK comes within this time after it, if at all
_LATE_OK_MS = 2000  # an OK behind the result line comes within this time, if at all (IS 5.8, 6.1: missing in places)
_QUIET_MS = 10000  # the result of a transfer that lost bytes may be among them: not waited for longer than this
_OWN_NUMBERS = 201  # FTP and HTTP have numbers of their own in +CME ERROR from here on (IS 5.15, 6.2)


def check_into(into):
    """TypeError, before anything is sent, when `into` is nothing that data can be written to."""
    if not hasattr(into, "write"):
        raise TypeError("into must be an object with write")


async def settle(value):
    """Return `value`, awaited where it wants to be: the program's streams may be asyncio's."""
    return await value if hasattr(value, "send") or hasattr(value, "__await__") else value


class Asked(Request):
    """A command whose numbers are those of the table `family`; small ones of +CME ERROR keep their general meaning."""

    def __init__(self, line, family, limit_ms=LIMIT_MS, prefix=None):
        super().__init__(b"AT" + line + b"\r", prefix, limit_ms)
        self._own = family

    def on_done(self):
        """The result is there."""
        own(self, None, self._own)


def own(request, code, family):
    """Complete the reason of `request`'s failure: `code` where it has none, and whose number it is."""
    if request.code is None:
        request.code = code
    if not (request.family == "cme" and isinstance(request.code, int) and request.code < _OWN_NUMBERS):
        request.family = family


class Inflow:
    """What a command sends by itself: blocks `+NAME: DATA,<len>` into a ring, then the result line `+NAME: <n>`.

    `names` are the prefixes the lines may have, the right one first. The module sends at line speed: the program must take the
    data as fast, or stop the module by flow control of the port. What does not fit into the ring is an error that says so.
    """

    def __init__(self, m, names, family, size=0):
        self._m = m
        self._names = names
        self._family = family
        self.ring = ByteRing(size) if size else None
        self.result = None
        self.failed = None  # the error that ends it
        self._given_up = False
        self._aliens = -1  # how many lines were no lines at the end of the last block; -1: no block yet
        self._request = None
        self._until = m._deadline(LIMIT_MS)

    # --- lines

    def on_line(self, buf, s, e):
        """One line behind its prefix: header of a block, or result."""
        while s < e and buf[s] == 32:
            s += 1
        engine = self._m._engine
        if buf.startswith(b"DATA", s):
            self._judge(buf, s, self._names[0])
            n = digits(buf, after_comma(buf, s, e), e)
            if n > 0 and (self._given_up or self.ring is None):
                engine.discard(n)
            elif n > 0:
                engine.expect(n, self.ring, self)
            self._until = self._m._deadline(self._patience())
            return n >= 0
        n = digits(buf, s, e)
        if n < 0:
            return False
        self._judge(buf, s, b"")
        self.result = n
        engine.changed = True
        if self._given_up:
            self._leave()
        return True

    def on_payload(self, lost):
        """A block is complete; `lost` bytes of it did not fit into the ring."""
        self._aliens = self._m._engine.aliens
        if lost and self.failed is None and not self._given_up:
            self.failed = ProtocolError("%d bytes did not fit: the program takes data more slowly than the line brings it" % lost)

    def _judge(self, buf, s, what):
        """Bytes that the line loses inside a block are taken from what follows: then there is too little of that, or none.

        `what` may follow at a distance of its own: a firmware may end its lines as it likes, but always with pairs of CR and LF.
        """
        engine = self._m._engine
        n = engine.parser.behind(buf, buf.rfind(b"+", 0, s))
        if self._aliens < 0 or self.failed is not None or self._given_up:
            return
        usual = engine.tails.setdefault(what, n) if n <= _NEAR else n
        if engine.aliens != self._aliens or (usual - n) & 1 or bool(usual) != bool(n):
            engine.tails.pop(what, None)  # it may have been learnt from a damaged one
            self.failed = ProtocolError("bytes were lost on the line inside a block: use RTS/CTS")
        self._aliens = -1

    def on_broken(self, missing):
        """A block broke off."""
        self.failed = ProtocolError("the module broke off %d bytes before the end of a block" % missing)

    async def listen(self):
        """Take the names for this command, after an earlier one that is still under way has ended.

        LineBusy when that goes on: the module does one thing of a sort at a time, and most of them cannot be broken off.
        """
        flows = self._m.dialect.flows
        for name in self._names:
            while flows.get(name) is not None:
                other = flows[name]
                if other._given_up:
                    await other.drain()
                elif not await self._m._turn(other._until) and flows.get(name) is other:
                    raise LineBusy("the module is busy with another transfer", command=name.decode())
        for name in self._names:
            if name not in flows:
                self._m._engine.urc(name, _handler(flows, name))
            flows[name] = self
        if self.ring is not None and getattr(self._m._port, "flow_control", False):
            self._m._brake = self._full
        return self

    def _leave(self):
        flows = self._m.dialect.flows
        for name in self._names:
            if flows.get(name) is self:
                flows[name] = None
        self._m._engine.changed = True

    # --- a transfer from beginning to end

    async def start(self, request):
        """Send the command; `more()` tells how it goes on."""
        try:
            await self._m._acquire(None)
        except BaseException:
            self._leave()
            raise
        self._m._engine.begin(request)
        self._request = request

    def _full(self):
        """AsyncModem asks: leave to flow control what there is no room for, unless an answer to another command is awaited."""
        if self._given_up or self._m.dialect.flows.get(self._names[0]) is not self:
            self._m._brake = None
            return False
        request = self._m._engine.request
        return self.ring.any() > self.ring.size // 2 and (request is None or request is self._request)

    def adopt(self, request):
        """The command has been sent already."""
        self._request = request
        self._until = self._m._deadline(LIMIT_MS)

    def begun(self):
        """Return whether a block or the result has come."""
        return self.result is not None or self.ring.any() > 0

    def _coming(self):
        engine = self._m._engine
        return engine.parser.need and engine._owner is self

    async def more(self):
        """Wait until there are data (True) or the transfer has ended well (False).

        Raises CommandError with the module's number, ModemTimeout when nothing comes for 150 s, ProtocolError when data were lost
        on the way, ModemRestarted. A caller that is cancelled may go on later.
        """
        try:
            while not (self.ring is not None and self.ring.any()):
                if self.failed is not None and self._m._started:
                    raise self.failed
                if await self._over():
                    return False
                if not await self._m._turn(self._until):
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
        m, request = self._m, self._request
        if not m._started:
            raise ModemRestarted("the module restarted", command=masked(request.line))
        if request.result not in (PENDING, OK):
            self._leave()
            own(request, self.result, self._family)
            await m._judge(request)
        if self.result is None:
            return False
        until = m._deadline(_LATE_OK_MS)
        while request.result == PENDING and await m._turn(until):
            pass
        if request.result == PENDING:
            give_up(m)
        self._leave()
        if self.result or request.result == ERROR:
            code = self.result or request.code
            raise CommandError("failed", command=masked(request.line), code=code, lines=request.lines, family=self._family)
        return True

    def _timed_out(self):
        request = self._request
        if self._m._engine.request is request:
            give_up(self._m)
        raise ModemTimeout("nothing came for %d s" % (LIMIT_MS // 1000), command=masked(request.line))

    async def pour(self, into, progress=None, done=0):
        """Hand all data to `into.write()`; return how many bytes that were, with `done` before them.

        What `into` or `progress(done)` raises is raised when the module has finished sending.
        """
        try:
            return await self._pour(into, progress, done)
        except BaseException:
            self.give_up()
            raise

    async def _pour(self, into, progress, done):
        buf = bytearray(1024)
        view = memoryview(buf)
        raised = None
        while await self.more():
            while self.ring.any() < len(buf) and self._coming() and await self._m._turn(self._until):
                pass  # whole blocks: a file system does not like bytes as a line brings them
            n = self.ring.readinto(buf)
            self._until = self._m._deadline(LIMIT_MS)
            if raised is not None:
                continue
            try:
                await settle(into.write(view[:n]))
                done += n
                if progress is not None:
                    progress(done)
            except Exception as error:
                raised = error
        if raised is not None:
            raise raised
        return done

    def _patience(self):
        return LIMIT_MS if self.failed is None else _QUIET_MS

    def give_up(self):
        """Nobody wants the rest: swallow what still comes, up to the result line."""
        if self.result is not None or (self._request is not None and self._request.result == ERROR) or not self._m._started:
            self._leave()
        elif not self._given_up:
            self._given_up = True
            self._until = self._m._deadline(self._patience())
            if self._request is None:
                self._leave()

    async def drain(self):
        """After `give_up`: wait until the module has ended it."""
        while self._m.dialect.flows.get(self._names[0]) is self:
            request = self._request
            if (request is not None and request.result == ERROR) or not await self._m._turn(self._until):
                self._leave()


async def drained(m, family):
    """Wait until what was given up of a service has ended in the module, which does one thing of a sort at a time."""
    for flow in list(m.dialect.flows.values()):
        if getattr(flow, "_given_up", False) and flow._family == family:
            await flow.drain()


def _handler(flows, name):
    return lambda buf, s, e: flows[name] is not None and flows[name].on_line(buf, s, e)


def give_up(m):
    """End the command in flight, whose answer may still come: the line is lined up before the next one."""
    m._engine.stop(LOST)
    m._engine.desync = True


async def command(m, line, family, limit_ms=LIMIT_MS):
    """Run `AT<line>`, which ends by OK or ERROR, perhaps with `+NAME: <n>` before or after it: a number other than 0 wins.

    Later firmware answers OK at once and reports by that line alone; whether this one does is learnt from the first command of a
    family of names. Raises CommandError with the number.
    """
    name = line.split(b"=")[0]
    flow = await Inflow(m, (name + b":",), family).listen()
    request = Request(b"AT" + line + b"\r", None, limit_ms)
    late = m.dialect.late
    try:
        await flow.start(request)
        while request.result == PENDING:
            await m._turn(None)
        if request.result == OK and flow.result is None and late.get(family) is not False:
            until = m._deadline(limit_ms if late.get(family) else _GRACE_MS)
            while flow.result is None and await m._turn(until):
                pass
            if flow.result is not None:
                late[family] = True
            elif late.get(family):
                raise ModemTimeout("no result within %d s" % (limit_ms // 1000), command=masked(request.line))
            elif name.endswith(b"START"):
                late[family] = False
        own(request, flow.result, family)
        await m._judge(request)
        if flow.result:
            raise CommandError("failed", command=masked(request.line), code=flow.result, family=family)
    except Exception:
        flow._leave()
        raise
    except BaseException:  # cancelled: the line that may still come is this command's, not the next one's
        if late.get(family):
            flow.give_up()
        else:
            flow._leave()
        raise
    flow._leave()
