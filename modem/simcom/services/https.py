"""HTTPS by the module: the client of http.py on top of CHTTPSSTART, CHTTPSOPSE, CHTTPSSEND, CHTTPSRECV, CHTTPSCLSE, CHTTPSSTOP
(IS 7).

The document gives no error numbers; those in codes.py, and AT+CHTTPSRECV?, are general knowledge of the family.
"""

from ...at.params import digits, fields, quoted
from ...compat import const
from ...errors import CommandError, ConnectionClosed, ModemError, ModemTimeout
from ...net.link import ByteRing
from .http import HOST, HttpClient
from .inflow import LIMIT_MS, LOCAL_MS, RING, Inflow, ServiceCommand, run_command
from .state import refuse_verify, state_of

_FAMILY = "simcom-https"
_RECV = b"+CHTTPSRECV:"
_ASK = const(1024)  # bytes asked for at a time
_AGAIN_MS = const(1000)  # so often a module that has reported nothing is asked, in case the event was lost
_CLOSED = const(4)
_TIMEOUT = const(5)
# the document spells the name in four ways (IS 7.5)
_SEND = (b"+CHTTPSSEND:", b"+CHTTPSEND:", b"+CMMSSEND:", b"+CHTTPSENDD:")


class _Session:
    """The module's HTTPS service and its one connection.

    peer    (host, port) of the connection, None without one
    used    a request has been sent on it
    closed  it cannot be used: the server has closed it, or it is not open yet
    event   data wait in the module
    """

    def __init__(self, module):
        self.module = module
        self.state = state_of(module)
        self.peer = None
        self.used = False
        self.closed = False
        self.event = False
        self._started = False
        self._epoch = self.state.epoch

    async def connect(self, host, port):
        """Have a connection to the server. CommandError, ModemTimeout."""
        m, state = self.module, self.state
        if self._epoch != state.epoch:
            self._epoch = state.epoch
            self._started = False
            self.peer = None
        if self.peer == (host, port) and not self.closed:
            return
        await self.leave()
        if not self._started:
            self._listen()
            self._started = True  # also when it is cancelled: the service may run then
            try:
                await run_command(m, b"+CHTTPSSTART", _FAMILY)
            except CommandError:
                await self._quietly(b"+CHTTPSCLSE")  # left by an earlier program
                await self._quietly(b"+CHTTPSSTOP")
                await run_command(m, b"+CHTTPSSTART", _FAMILY)
        self.peer = (host, port)
        self.closed = True
        try:
            await run_command(m, b"+CHTTPSOPSE=" + quoted("host", host, HOST) + b",%d" % port, _FAMILY)
        except CommandError:
            self.peer = None  # there is nothing to close
            raise
        self.closed = self.event = self.used = False

    def _listen(self):
        """Hear of data and of the end; the session opened last does."""
        state, engine = self.state, self.module.engine
        if state.https is None:
            engine.urc(b"+CHTTPS:", lambda buf, s, e: state.https.on_event())
            engine.urc(b"+CHTTPSNOTIFY:", lambda buf, s, e: state.https.on_closed())
        state.https = self

    def on_event(self):
        """+CHTTPS: RECV EVENT"""
        self.event = self.module.engine.changed = True

    def on_closed(self):
        """+CHTTPSNOTIFY: PEER CLOSED"""
        self.closed = self.module.engine.changed = True

    async def leave(self):
        """Close the connection."""
        if self.peer is not None:
            self.closed = True
            await self._quietly(b"+CHTTPSCLSE")
            self.peer = None

    async def stop(self):
        """Close the connection and stop the service."""
        await self.leave()
        if self._started:
            await self._quietly(b"+CHTTPSSTOP")
            self._started = False

    async def _quietly(self, line):
        """Close the connection or stop the service, after what was given up has ended. Nothing is received any more then."""
        if self.module.started:
            await self.state.drained(_FAMILY)
            try:
                await run_command(self.module, line, _FAMILY)
            except CommandError:
                pass  # closed already
            flow = self.state.flows.get(_RECV)
            if flow is not None:
                flow.cut(ConnectionClosed("the connection was closed on this side"))

    # --- sending

    def spelling(self):
        """Return the name of the command that sends."""
        return self.state.spelling.get("https", b"+CHTTPSSEND")

    async def deliver(self, block, pieces):
        """Send a request that begins with `block`, and wait until the module has sent it."""
        while block:
            await self._send(block)
            block = await pieces.block()
        flow = await Inflow(self.module, _SEND, _FAMILY).listen()
        await flow.start(self.spelling())
        await flow.finish()

    async def _send(self, block):
        m, spelling, name = self.module, self.state.spelling, self.spelling()
        try:
            await self._piece(name, block)
        except CommandError:
            if "https" in spelling or self.peer is None:
                raise
            if await m.attempt(name + b"?", _SEND[0], LOCAL_MS) is not None:
                spelling["https"] = name
                raise
            name = b"+CHTTPSEND"  # the other spelling of the heading (IS 7.5)
            await self._piece(name, block)
        spelling["https"] = name

    async def _piece(self, name, block):
        await self.module.run(ServiceCommand(b"%s=%d" % (name, len(block)), _FAMILY).payload(block))

    # --- receiving

    async def cached(self):
        """Return how many bytes of a response wait in the module, None where the firmware does not report it."""
        for line in await self.module.attempt(b"+CHTTPSRECV?", _RECV, LOCAL_MS) or ():
            at = line.find(b"LEN,")
            if at >= 0:
                return digits(line, at + 4, len(line))
        return None


class Https(HttpClient):
    """The module's HTTPS client. The connection to a server is kept for the next request to it; `close()` gives it back.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server. Data are fetched when the program reads: it may be as slow as it likes, as long as the
    module's firmware gives no more than is asked for. `rxbuf`: bytes that wait for the program.
    """

    scheme = "https"
    port = 443
    _connection = "keep-alive"
    _escape = None

    def __init__(self, module, verify: bool = True, rxbuf: int = RING) -> None:
        refuse_verify(module, verify, "HTTPS")
        super().__init__(module, rxbuf)
        self._session = _Session(module)

    async def close(self) -> None:
        """Close the connection and stop the service; no error when nothing is open."""
        await super().close()
        await self._session.stop()

    async def _exchange(self, host, port, pieces):
        session = self._session
        await self._begin()
        first = await pieces.block()
        try:
            await session.connect(host, port)
            used, session.used = session.used, True
            try:
                await session.deliver(first, pieces)
            except CommandError:
                if not await session.cached():  # else the answer came before all was sent
                    if not used or not pieces.repeatable:
                        raise
                    await session.leave()  # the server has closed the kept connection meanwhile
                    await session.connect(host, port)
                    await session.deliver(first, pieces)
        except BaseException:
            await self.close()
            raise
        return _Answer(session, self._rxbuf)

    async def unsent(self) -> int:
        """Return how many bytes of a request wait in the module (AT+CHTTPSSEND?)."""
        self.module.online()
        name = self._session.spelling()
        return fields(await self.module.cmd(name + b"?", b"+C", LOCAL_MS), "n", name + b"?")[0]


class _Answer:
    """The response: what AT+CHTTPSRECV gives, asked for as it is read. See response.Reader."""

    def __init__(self, session, size):
        self.ring = ByteRing(size)
        self.ended = False
        self._session = session
        self._module = session.module
        self._flow = None
        self._got = False
        self._until = self._module.deadline(LIMIT_MS)

    async def more(self):
        """Wait until there are data (True) or the server has closed the connection (False)."""
        while True:
            if self._flow is None and not await self._ask():
                return False
            flow = self._flow
            try:
                if await flow.more():
                    self._got = True
                    self._until = self._module.deadline(LIMIT_MS)
                    return True
                code = 0
            except CommandError as error:
                code = error.code
                if code is None and not self._got:
                    code = _TIMEOUT  # a bare ERROR where nothing waits
                elif code not in (_CLOSED, _TIMEOUT, None):
                    raise
            self._flow = None
            if code == _CLOSED:
                self._session.closed = True
                if not self._got:
                    return False
            elif not self._got:
                await self._wait()
            self._got = False

    async def _ask(self):
        """Send the next AT+CHTTPSRECV; False when there is nothing left. One byte is asked for to wait for the first one."""
        session = self._session
        n = await session.cached()
        if session.closed and not n:
            return False
        session.event = False
        flow = await Inflow(self._module, (_RECV,), _FAMILY, self.ring).listen()
        await flow.start(b"+CHTTPSRECV=%d" % (min(n, _ASK) if n else 1))
        self._flow = flow
        return True

    async def _wait(self):
        """Nothing waits in the module: it reports when something does."""
        m, session = self._module, self._session
        until = m.earlier(self._until, _AGAIN_MS)
        while not (session.event or session.closed) and await m.turn(until):
            pass
        if not m.left_ms(self._until):
            raise ModemTimeout("the server sent nothing for %d s" % (LIMIT_MS // 1000), command="AT+CHTTPSRECV")

    async def confirm(self):
        """See Inflow."""
        if self._flow is not None:
            await self._flow.confirm()

    def give_up(self):
        """No task wants the response."""
        if self._flow is not None:
            self._flow.give_up()

    async def end(self, keep):
        """The response is over; the connection is kept when it may be."""
        if self.ended:
            return
        self.ended = True
        if not keep:
            self._session.closed = True  # also when this is cancelled: what is left is no answer to the next request
        self.give_up()
        if self._flow is not None:
            try:
                await self._flow.drain()
            except ModemError:
                keep = False
            self._flow = None
        if not keep or self._session.closed:
            await self._session.leave()
