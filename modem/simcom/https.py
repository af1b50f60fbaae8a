"""HTTPS by the module: the client of http.py on top of CHTTPSSTART, CHTTPSOPSE, CHTTPSSEND, CHTTPSRECV, CHTTPSCLSE, CHTTPSSTOP.

"SIM7100 AT Command Set for Internet Service" 0.01 (IS), chapter 7. The document gives no error numbers; those in codes.py, and
AT+CHTTPSRECV?, are general knowledge of the family.
"""

from ..answers import fields
from ..errors import CommandError, ModemError, ModemTimeout, NotSupported
from ..fields import digits
from ..params import quoted
from ..request import Request
from ..ring import ByteRing
from . import http
from .session import Session
from .transfer import LIMIT_MS, RING, Asked, Inflow, command

_FAMILY = "simcom-https"
_LOCAL_MS = 9000
_TEXT = 255
_ASK = 1024  # bytes asked for at a time
_PIECE = 1024  # the command takes up to 4096 (IS 7.5)
_CLOSED = 4
_TIMEOUT = 5
# the document spells the name in four ways (IS 7.5)
_SEND = (b"+CHTTPSSEND:", b"+CHTTPSEND:", b"+CMMSSEND:", b"+CHTTPSENDD:")


class Https(Session, http.Client):
    """The module's HTTPS client. The connection to a server is kept for the next request to it; `close()` gives it back.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server. Data are fetched when the program reads: it may be as slow as it likes, as long as the
    module's firmware gives no more than is asked for.
    """

    scheme = "https"
    port = 443
    _connection = "keep-alive"
    _escape = None
    _most = _PIECE

    def __init__(self, modem, verify=True, rxbuf=RING):
        if verify:
            raise NotSupported(
                "%s cannot verify an HTTPS server: its document (%s) has no command for certificates. Say verify=False to go "
                "without, or use a TLS socket" % (modem.dialect.model, modem.dialect.document)
            )
        super().__init__(modem, rxbuf)
        self._started = False
        self._epoch = 0
        self._peer = None  # (host, port) of the open connection
        self._used = False
        self.closed = False  # the server has closed it
        self.event = False  # data wait in the module

    def close(self):
        """Close the connection and stop the service; as good when nothing is open."""
        return self._modem._drive(self._close())

    async def _close(self):
        if self._open is not None:
            await self._open._close()
            self._open = None
        await self._leave()
        if self._started:
            await self._quietly(b"+CHTTPSSTOP")
            self._started = False

    async def _leave(self):
        if self._peer is not None:
            self.closed = True
            await self._quietly(b"+CHTTPSCLSE")
            self._peer = None

    async def _quietly(self, line):
        if self._modem._started:
            try:
                await command(self._modem, line, _FAMILY)
            except CommandError:
                pass  # closed already

    async def _connect(self, host, port):
        """Have a connection to the server."""
        m = self._modem
        if self._epoch != m.dialect.epoch:
            self._epoch = m.dialect.epoch
            self._started = False
            self._peer = None
        if self._peer == (host, port) and not self.closed:
            return
        await self._leave()
        if not self._started:
            self._listen()
            self._started = True  # also when it is cancelled: the service may run then
            try:
                await command(m, b"+CHTTPSSTART", _FAMILY)
            except CommandError:
                await self._quietly(b"+CHTTPSCLSE")  # left by an earlier program
                await self._quietly(b"+CHTTPSSTOP")
                await command(m, b"+CHTTPSSTART", _FAMILY)
        self._peer = (host, port)
        self.closed = True
        try:
            await command(m, b"+CHTTPSOPSE=" + quoted("host", host, _TEXT) + b",%d" % port, _FAMILY)
        except CommandError:
            self._peer = None  # there is nothing to close
            raise
        self.closed = self.event = self._used = False

    def _listen(self):
        """Hear the lines that tell of data and of the end; the latest client has them."""
        dialect = self._modem.dialect
        if dialect.flows.get(b"https") is None:
            flows = dialect.flows
            self._modem._engine.urc(b"+CHTTPS:", lambda buf, s, e: flows[b"https"]._on_event())
            self._modem._engine.urc(b"+CHTTPSNOTIFY:", lambda buf, s, e: flows[b"https"]._on_closed())
        dialect.flows[b"https"] = self

    def _on_event(self):
        self.event = self._modem._engine.changed = True

    def _on_closed(self):
        self.closed = self._modem._engine.changed = True

    async def _exchange(self, host, port, pieces):
        quoted("host", host, _TEXT)
        await self._settle()
        first = await pieces.block()
        try:
            await self._connect(host, port)
            used, self._used = self._used, True
            try:
                await self._deliver(first, pieces)
            except CommandError:
                source = _Source(self, self._rxbuf)
                if not await source.waiting():  # else the answer came before all was sent
                    if not used or pieces.more_than_head:
                        raise
                    await self._leave()  # the server has closed the kept connection meanwhile
                    await self._connect(host, port)
                    await self._deliver(first, pieces)
        except BaseException:
            await self._close()
            raise
        return _Source(self, self._rxbuf)

    async def _deliver(self, block, pieces):
        """Send a request that begins with `block`, and wait until the module is rid of it."""
        while block:
            await self._send(block)
            block = await pieces.block()
        await self._flush()

    async def _send(self, block):
        m = self._modem
        spelling = m.dialect.spelling
        name = spelling.get("https", b"+CHTTPSSEND")
        try:
            await self._piece(name, block)
        except CommandError:
            if "https" in spelling or self._peer is None:
                raise
            if await m._try(name + b"?", _SEND[0], _LOCAL_MS) is not None:
                spelling["https"] = name
                raise
            name = b"+CHTTPSEND"  # the other spelling of the heading (IS 7.5)
            await self._piece(name, block)
        spelling["https"] = name

    async def _piece(self, name, block):
        await self._modem._run(Asked(b"%s=%d" % (name, len(block)), _FAMILY).payload(block))

    async def _flush(self):
        name = self._modem.dialect.spelling["https"]
        flow = await Inflow(self._modem, _SEND, _FAMILY).listen()
        await flow.start(Request(b"AT" + name + b"\r", None, LIMIT_MS))
        await flow.finish()

    def unsent(self):
        """Return how many bytes of a request wait in the module (AT+CHTTPSSEND?)."""
        return self._modem._drive(self._unsent())

    async def _unsent(self):
        self._modem._online()
        name = self._modem.dialect.spelling.get("https", b"+CHTTPSSEND")
        return fields(await self._modem._cmd(name + b"?", b"+C", _LOCAL_MS), ".", name + b"?")[0]


class _Source:
    """The response: what AT+CHTTPSRECV gives, asked for as it is read."""

    def __init__(self, client, size):
        self._client = client
        self._m = client._modem
        self._flow = None
        self._got = False
        self.ring = ByteRing(size)
        self._until = self._m._deadline(LIMIT_MS)

    async def waiting(self):
        """Return whether a response waits in the module."""
        return bool(await self._cached())

    async def _cached(self):
        """Return how many bytes wait in the module, None where the firmware does not tell."""
        for line in await self._m._try(b"+CHTTPSRECV?", b"+CHTTPSRECV:", _LOCAL_MS) or ():
            at = line.find(b"LEN,")
            if at >= 0:
                return digits(line, at + 4, len(line))
        return None

    async def more(self):
        """Wait until there are data (True) or the server has closed the connection (False)."""
        while True:
            if self._flow is None and not await self._ask():
                return False
            flow = self._flow
            try:
                if await flow.more():
                    self._got = True
                    self._until = self._m._deadline(LIMIT_MS)
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
                self._client.closed = True
                if not self._got:
                    return False
            elif not self._got:
                await self._wait()
            self._got = False

    async def _ask(self):
        """Send the next AT+CHTTPSRECV; False when there is nothing left. One byte is asked for to wait for the first one."""
        client = self._client
        n = await self._cached()
        if client.closed and not n:
            return False
        client.event = False
        flow = await Inflow(self._m, (b"+CHTTPSRECV:",), _FAMILY).listen()
        flow.ring = self.ring
        await flow.start(Request(b"AT+CHTTPSRECV=%d\r" % (min(n, _ASK) if n else 1), None, LIMIT_MS))
        self._flow = flow
        return True

    async def _wait(self):
        """Nothing waits: the event tells when something does. Firmware that lost one is asked again after a second."""
        m = self._m
        until = m._earlier(self._until, 1000)
        while not (self._client.event or self._client.closed) and await m._turn(until):
            pass
        if not m._left_ms(self._until):
            raise ModemTimeout("the server sent nothing for %d s" % (LIMIT_MS // 1000), command="AT+CHTTPSRECV")

    def give_up(self):
        """Nobody wants the response."""
        if self._flow is not None:
            self._flow.give_up()

    async def end(self, keep):
        """The response is over; the connection is kept when it may be."""
        client = self._client
        self.give_up()
        if self._flow is not None:
            try:
                await self._flow.drain()
            except ModemError:
                keep = False
            self._flow = None
        if not keep or client.closed:
            await client._leave()
