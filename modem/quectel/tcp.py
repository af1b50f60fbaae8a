"""TCP connections on Quectel modules: QIOPEN, QISEND, QIRD, QICLOSE, QISTATE, QISWTMD (TCP-E 2.4.7 to 2.4.13).

The TLS commands have the same shapes under other names: tls.py derives from this. What a datagram has besides is in udp.py.
"""

from ..at.command import OK, SEND, SEND_FAIL, Command, ReadCommand
from ..at.params import after_comma, digits, fits, number, quoted, split
from ..compat import const, rare
from ..dialect import Transport
from ..errors import CommandError, ModemError, ModemTimeout, ProtocolError, SocketTimeout, refusal
from ..net.link import BUFFER, DATAGRAM, LISTENER, OPENING, PUSH, SERVICE, STREAM, TRANSPARENT

_OPEN_MS = const(150000)  # TCP-E 2.4.7: then the host closes the socket
_CLOSE_MS = const(12000)  # TCP-E 2.4.8: 10 s, and the way over the line
_STATE_MS = const(5000)
_RETRY_MS = const(50)  # first pause after SEND FAIL; doubles up to 2 s
_RETRY_MOST_MS = const(2000)
_PUSHED_MOST = const(1500)  # longest block that a module pushes (TCP-E 2.5.2)
_CLOSING = const(4)  # state in QISTATE: the connection is closing
_SERVICES = (b"TCP", b"UDP", b"UDP SERVICE", b"TCP LISTENER")  # by link.kind


class Read(ReadCommand):
    """The command that fetches a block of a stream in buffer mode. No allocation."""

    def __init__(self, link, nbytes):
        name = link.transport.RECV_NAME
        super().__init__(link, b"AT%s=%d,%d\r" % (name, link.number, nbytes), name + b":", nbytes)
        self._skip = len(name) + 1

    def on_info(self, buf, s, e):
        n = digits(buf, s + self._skip, e)
        if n < 0:
            return False
        if n < self.nbytes and not self._link.ready:
            self._link.promised = False  # that is all, and no URC has reported more since the read began
        return self.on_header(n)


@rare
class _Switch(Command):
    """AT+QISWTMD: the first pushed block may come right after its OK."""

    def __init__(self, link, access):
        super().__init__(b"AT+QISWTMD=%d,%d\r" % (link.number, access), explain=True)
        self._link = link
        self._access = access

    def on_done(self):
        if self.result == OK:
            self._link.set_access(self._access, None)
            self._link.read = self._link.transport.reader(self._link)


class Send(Command):
    """A command that sends a block: counts it when it ends well, whether its caller is still there or not."""

    before = 0  # bytes sent when it began: the one before it may have ended while it waited for the line

    def __init__(self, link, data, off, n, peer):
        name = link.transport.SEND_NAME
        line = b"AT%s=%d,%d%s\r" % (name, link.number, n, peer)
        super().__init__(line, name + b":", link.transport.send_ms, SEND, explain=True)
        self.payload(data, off, n)
        self._link = link

    def on_begin(self):
        self.before = self._link.sent

    def on_done(self):
        if self.result == OK and not self.is_full():
            self._link.sent += self.length

    def is_full(self):
        """Whether the module's send buffer is full: SEND FAIL, or status 1 of `+QISEND: <id>,<status>,<free>` in view mode 1."""
        if self.result == SEND_FAIL or not self.lines:
            return self.result == SEND_FAIL
        values = split(self.lines[-1])
        return len(values) >= 3 and values[1] == 1


class Tcp(Transport):
    """TCP and UDP."""

    SEND_NAME = b"+QISEND"
    RECV_NAME = b"+QIRD"
    CLOSE_NAME = b"+QICLOSE"
    STATE_NAME = b"+QISTATE"
    ASK_STATE = b"+QISTATE=1,%d"
    READ = Read
    SEND = Send
    send_ms = 60000
    kinds = (STREAM, DATAGRAM, SERVICE, LISTENER)
    accesses = (BUFFER, PUSH, TRANSPARENT)
    keeps_ended = True
    repeats = True  # a send that is refused is made once more
    refused = (566,)  # TCP-E, chapter 4: "socket connection failed"
    unknown_host = (565,)

    # --- receiving

    def reader(self, link):
        bit = 1 << link.number
        pushed = self.module.dialect.pushed_ids & ~bit
        self.module.dialect.pushed_ids = pushed | bit if link.access == PUSH else pushed
        if link.access != BUFFER or link.kind == LISTENER:
            return None
        most = self.module.dialect.max_read
        if link.kind == STREAM:
            return self.READ(link, self.module.block_size(link, most))
        if link.kind == SERVICE:
            from .udp import ReadFrom

            return ReadFrom(link, most)
        return self.READ(link, most)  # a shorter read may cut a datagram (TCP-E 2.4.11 does not say)

    def on_pushed(self, link, buf, s, e):
        """A length changes nothing in buffer mode; in push mode it announces a block. No allocation."""
        if link.access != PUSH or not _pushed(link, buf, s, e):
            self.on_data(link)

    def on_data(self, link):
        """The module holds data for `link`. No allocation."""
        link.on_recv()

    @rare
    def pull(self, link):
        """No length: a listener's client that the module keeps in buffer mode, although the listener pushes (TCP-E 2.5.4)."""
        link.set_access(BUFFER, None)
        link.read = self.reader(link)

    # --- sending

    async def send(self, link, data, off, n, deadline, peer=b""):
        """SEND FAIL (the module's buffer is full) is tried again with growing pauses until `deadline`: SocketTimeout. When the
        result never came, the module's byte counters tell what it has taken; where they cannot, the connection fails.
        """
        pause_ms = _RETRY_MS
        again_ms = _RETRY_MS if self.repeats else None
        while True:
            command = self.SEND(link, data, off, n, peer)
            try:
                await self.module.run(command, deadline)
            except ModemError as error:
                from ..net.link_recovery import recover

                if not await recover(self.module, link, command, error, command.before, n, deadline, again_ms):
                    return
                if error.refused:
                    again_ms = None  # wait, and send again (TCP-E 2.4.10): once
                continue
            if not command.is_full():
                return
            if link.error is not None:
                raise link.error
            if not await self.module.pause(pause_ms, deadline):
                raise SocketTimeout("the module's send buffer stays full", command="AT" + self.SEND_NAME.decode())
            pause_ms = min(pause_ms * 2, _RETRY_MOST_MS)

    @rare
    def peer(self, host, port):
        """What names the receiver of a datagram in AT+QISEND (TCP-E 2.4.10: an address, no name)."""
        return b",%s,%d" % (quoted("host", host, 45), number("port", port, 1, 65535))

    @rare
    async def counters(self, link, deadline):
        """AT+QISEND=<id>,0 (TCP-E 2.4.10)."""
        return await self._counted(b"+QISEND", link, deadline)

    @rare
    async def handed_out(self, link, deadline):
        """AT+QIRD=<id>,0: (received, handed out, waiting) (TCP-E 2.4.11)."""
        return (await self._counted(b"+QIRD", link, deadline))[1]

    @rare
    async def _counted(self, name, link, deadline):
        command = name + b"=%d,0" % link.number
        lines = await self.module.cmd(command, name + b":", _STATE_MS, deadline, explain=True)
        values = split(lines[-1]) if lines else ()
        if len(values) < 3 or not fits(values, "nnn"):
            raise ProtocolError("no counters in the answer", command="AT" + command.decode())
        return tuple(values[:3])

    # --- opening, closing, state

    async def open(self, link, host, port, deadline):
        """CommandError 563: the id is taken."""
        port = number("port", port, 1 if link.kind < SERVICE else 0, 65535)
        line = b'+QIOPEN=%d,%d,"%s",%s,%d,%d,%d' % (
            link.context, link.number, _SERVICES[link.kind], quoted("host", host, 150), port, link.port, link.access,
        )  # fmt: skip
        if link.kind == LISTENER:
            line += b",%d" % link.limit
        elif link.kind == SERVICE:
            from .udp import source_of

            link.source_of = source_of
        await self.begin(link, line, _OPEN_MS, deadline)

    async def begin(self, link, line, limit_ms, deadline):
        """Send the open command `line` and wait for its URC (or CONNECT), at most `limit_ms`."""
        m = self.module
        link.read = self.reader(link)
        if link.access == TRANSPARENT:
            await self._enter(link, line, limit_ms, deadline)
            return
        try:
            await m.run(_Open(link, line), deadline)
        except CommandError as error:
            error.reason_lost = error.code is None  # the reason of something in the background has taken the place of its own
            raise
        until = m.earlier(deadline, limit_ms)
        await m.until(lambda: link.open_result is not None or link.error is not None, until, "AT" + line.decode())
        if link.error is not None:
            raise link.error
        if link.open_result:
            raise self._open_error(link, line)

    @rare
    async def _enter(self, link, line, limit_ms, deadline):
        from ..net.transparent import enter

        link.state = OPENING
        await enter(self.module, link, b"AT" + line, limit_ms, deadline)

    @rare
    def _open_error(self, link, line):
        family = self.module.dialect.error_family
        error = CommandError("the connection failed", command="AT" + line.decode(), code=link.open_result, family=family)
        return refusal(error, self.refused, self.unknown_host)

    async def close(self, link, deadline=None):
        if link.kind == LISTENER:
            await self.find_clients(link, deadline)
        try:
            await self.module.cmd(b"%s=%d" % (self.CLOSE_NAME, link.number), limit_ms=_CLOSE_MS, deadline=deadline)
        finally:
            if link.kind == LISTENER:
                await self.end_clients(link)

    @rare
    async def find_clients(self, link, deadline):
        """Find the clients that are to be closed with a listener."""
        try:
            await self.is_open(link, deadline)
        except ModemTimeout:
            pass

    @rare
    async def end_clients(self, link):
        """A listener has been closed, and its clients are with it."""
        from ..net.server import end

        dialect = self.module.dialect
        if link.number not in dialect.closed_listeners:
            dialect.closed_listeners += (link.number,)
        await end(self.module, link)

    @rare
    async def state(self, link, deadline):
        """Return the module's number for the state of `link` (2: connected), None when it does not know the connection.

        Where it answers ERROR, as no document says what it answers for an id that is not in use, or names no connection, as that
        line may be lost, all connections are listed.
        """
        m = self.module
        prefix = self.STATE_NAME + b":"
        lines = await m.attempt(self.ASK_STATE % link.number, prefix, _STATE_MS, deadline)
        if not lines:
            lines = await m.cmd(self.STATE_NAME, prefix, _STATE_MS, deadline)
        for values in map(split, lines):
            if len(values) >= 6 and values[0] == link.number:
                return values[5]
        return None

    @rare
    async def is_open(self, link, deadline):
        try:
            if link.kind == LISTENER:
                from .urcs import Clients

                first = await self.module.run(Clients(link), deadline)
                return first.listens or (await self.module.run(Clients(link), deadline)).listens  # its line may be lost
            state = await self.state(link, deadline)
        except CommandError:
            return True
        return state is not None and state != _CLOSING

    @rare
    async def holds(self, link, deadline):
        return await self.state(link, deadline) is not None

    # --- access modes

    @rare
    async def switch(self, link, access, deadline):
        """TCP-E 2.4.13."""
        await self.module.run(_Switch(link, access), deadline)

    @rare
    def resume_line(self, link):
        """ATO for the connection that left the mode last."""
        return b"ATO" if self.module.suspended is link else b"AT+QISWTMD=%d,2" % link.number


def _pushed(link, buf, s, e):
    n = digits(buf, s, e)
    if s == e:
        link.transport.pull(link)
        return False
    if not 0 < n <= _PUSHED_MOST:
        if n:
            link.on_broken(0)
        return True
    # few locals on purpose: see Engine.on_line
    if link.source_of is None:
        link.on_block(n, link)
        return True
    buf = _source(link, buf, s, e)
    if buf is None:
        link.on_broken(0)
    link.on_block(n, link, buf)
    return True


def _source(link, buf, s, e):
    s = after_comma(buf, s, e)
    return link.source_of(link, buf, s, e)


class _Open(Command):
    """The open command: from its beginning on the module may hold the id."""

    def __init__(self, link, line):
        super().__init__(b"AT" + line + b"\r", explain=True)
        self._link = link

    def on_begin(self):
        self._link.open_result = None
        self._link.state = OPENING
