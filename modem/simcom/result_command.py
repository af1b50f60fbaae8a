"""Commands with a result line (`+CIPOPEN: 1,0`), and what TCP links and TLS sessions share: such commands open them, close them
and send their data.

The result line comes before OK, after OK, or before ERROR. It goes through the handler of the URC table whichever order the
module keeps; before ERROR it is also the reason, and ends in the exception's `code` and `lines`.

TCP-S = "A76XX Series TCPIP Application Note" 1.04.
"""

from ..at.command import ERROR, LOST, OK, PENDING, Command
from ..at.params import after_comma, digits, split
from ..compat import const
from ..dialect import Transport
from ..errors import CommandError, ConnectionClosed, ModemError, ModemTimeout, ProtocolError, refusal
from ..net.link import NEW, OPENING, Link

TYPE_CHECKING = False

# places in the module's table of links
LINKS = const(10)  # TCP-S 1.5: links 0-9, clients and accepted connections alike
SESSIONS = const(2)  # then TLS sessions 0 and 1
SERVERS = const(4)  # then servers 0-3 (TCP-S 3.4)

LIMIT_MS = const(125000)  # 120 s, the longest of AT+CIPTIMEOUT, and the way over the line (A76XX TCPIP 1.04, flow charts)
LOCAL_MS = const(9000)  # commands that need no network (the same)
_FINAL_MS = const(5000)  # between the result line and the OK or ERROR after it
BUSY = const(8)  # result of a close (AT manual): the link is still being opened
_BYTE_MS = const(5)  # of payload on a slow line (2400 baud)


class ResultCommand(Command):
    """A command with a result line `<prefix> [<number>,]...`; `handler(buf, s, e)` is the one of the URC.

    `number`: the connection's, when the line begins with it. `family`: error table of the number in the line.
    """

    final_ms = _FINAL_MS

    def __init__(self, line, prefix, handler, number=None, limit_ms=LIMIT_MS, family="simcom"):
        super().__init__(b"AT" + line + b"\r", prefix, limit_ms)
        self._handler = handler
        self._number = number
        self._own_family = family

    def on_info(self, buf, s, e):
        """Take the result line of this number; another connection's is left to the URC table."""
        at = s + len(self.prefix)
        if self._number is not None and digits(buf, at, e) != self._number:
            return False
        if self._handler(buf, at, e) is False:
            return False
        return Command.on_info(self, buf, s, e)

    def on_done(self):
        """After ERROR the result line has the reason, unless the module gave a reason of another sort."""
        if self.result == ERROR and self.code is None and self.lines:
            line = self.lines[-1]
            self.code = digits(line, max(line.rfind(b","), line.rfind(b":")) + 1, len(line))
            self.family = self._own_family

    async def complete(self, m, finished, deadline, limit_ms=LIMIT_MS):
        """Run the command and wait until `finished()`, for `limit_ms` at most: its result may come after OK. An OK that is lost
        is not missed where the result has come.
        """
        until = m.earlier(deadline, limit_ms)
        try:
            await m.run(self, deadline)
        except ModemTimeout:
            if self.result != LOST or not finished():
                raise
        await m.until(finished, until, self.echo.decode())


class Rows(Command):
    """A read command whose lines share their prefix with result lines or URCs: `shape(buf, s, e)` distinguishes them."""

    def __init__(self, line, shape):
        super().__init__(b"AT" + line + b"?\r", line + b":", LOCAL_MS)
        self._shape = shape

    def on_info(self, buf, s, e):
        """Take a line of the right shape; leave others to the URC table."""
        return self._shape(buf, s + len(self.prefix), e) and Command.on_info(self, buf, s, e)

    async def read(self, m, deadline):
        """Run it; return its lines split into fields."""
        return [split(line) for line in (await m.run(self, deadline)).lines]


def row(buf, s, e):
    """Shape of a row of AT+CIPOPEN? or AT+CCHOPEN?: the number alone, or a text after it; a result line has a number there."""
    at = after_comma(buf, s, e)
    return at == e or digits(buf, at, e) < 0


def one_field(buf, s, e):
    """Shape of a setting: one field; URCs have more."""
    return after_comma(buf, s, e) == e


def many_fields(buf, s, e):
    """Shape of the flags or counters of all connections: four fields or more; result lines have two, and perhaps one that no
    document knows.
    """
    return after_comma(buf, third_field(buf, s, e), e) < e


def third_field(buf, s, e):
    """Return where the third field begins, `e` where there is none. No allocation."""
    return after_comma(buf, after_comma(buf, s, e), e)


class SimcomLink(Link):
    """A link of TCP, UDP or TLS, or a server. Besides what Link has:

    held      the module may hold the id: from the open command until it reports that the connection is closed
    freed     it has reported +IPCLOSE: the id is free again once what it still holds has been read
    sending   the last send command, or None
    taken     figure in the result of the last send; None while that is owed
    server    the number of the server whose client it is, or None
    target    what names the peer in each send (UDP with one peer)
    """

    def __init__(self, session, transport, number, kind, access, size):
        super().__init__(session, transport, number, kind, access, size)
        self.held = False
        self.freed = False
        self.close_result = 0  # None: it was asked for, and is owed
        self.sending = None
        self.taken = 0
        self.server = None
        self.target = b""
        self.source = None

    def on_alive(self):
        Link.on_alive(self)
        if not self.refusals:
            self.promised = self.ready

    def on_carrier_lost(self, frees):
        self.freed = frees
        self.on_closed()

    def on_result(self, n):
        """The result of a send has come, with the figure `n`."""
        self.taken = n
        self.engine.changed = True
        if self.sending is not None:
            self.sending.on_result(n)

    def on_close_result(self, result):
        """The result of a close has come, or of the end of the network service. One that is not owed may be another
        connection's, with a damaged number: the module may still hold this one.
        """
        if result != BUSY and self.close_result is None:
            self.held = False
        self.close_result = result
        self.on_closed()
        self.engine.changed = True

    def fail_send(self):
        """It will not be known what the module has taken of the last send."""
        self.fail(ProtocolError("connection %d: what became of the last send is not known" % self.number))


class Open(ResultCommand):
    """An open command."""

    def __init__(self, link, line, prefix, handler, limit_ms=LIMIT_MS, family="simcom"):
        super().__init__(line, prefix, handler, link.number, limit_ms, family)
        self._link = link

    def on_begin(self):
        link = self._link
        link.held = True
        link.open_result = None
        if link.state == NEW:
            link.state = OPENING


class Close(ResultCommand):
    """A close command."""

    def __init__(self, link, line, prefix, handler, family="simcom"):
        super().__init__(line, prefix, handler, link.number, LIMIT_MS, family)
        self._link = link

    def on_begin(self):
        self._link.close_result = None

    async def run(self, deadline):
        """Run it and wait for its result; that of a connection that has failed may never come."""
        link = self._link
        error = link.error
        limit_ms = LIMIT_MS if error is None else LOCAL_MS
        try:
            await self.complete(
                link.session, lambda: link.close_result is not None or link.error is not error, deadline, limit_ms
            )
        except CommandError:
            if link.held:  # else the module has reported by its number that it is not open
                raise


class Send(ResultCommand):
    """A send command: its result is owed from here on, until it comes or the command ends badly. The module asks for the data,
    and says that it has them, without the network; `result_ms`: the longest time to the result.

    accepted  how many bytes the module has taken; None: not known yet
    """

    def __init__(self, link, n, line, prefix, handler, result_ms=LIMIT_MS, family="simcom"):
        super().__init__(line, prefix, handler, link.number, LOCAL_MS + n * _BYTE_MS, family)
        self._link = link
        self.accepted = None
        self.before = 0  # bytes sent when it began
        self.result_ms = result_ms
        self.until = None  # when the result is given up

    def on_begin(self):
        link = self._link
        link.sending = self
        link.taken = None
        self.before = link.sent
        self.until = link.session.deadline(self.result_ms)

    def on_result(self, n):
        """The result: `n` is what the module reports."""
        link = self._link
        if self.padded:
            link.fail_send()
            return
        self.accepted = link.transport.accepted(self, n)
        link.sent += self.accepted
        if self.accepted != self.length:
            text = "the module took %d of %d bytes: the connection is of no further use" % (self.accepted, self.length)
            link.fail(ConnectionClosed(text, command=self.echo.decode(), code=n, family=link.transport.result_family))

    def on_taken(self):
        """The module has taken all data, although the result has not come."""
        self._link.taken = 0
        self.accepted = self.length
        self._link.sent += self.length

    def on_done(self):
        """ERROR, or no answer at all: no result will follow."""
        ResultCommand.on_done(self)
        if self.result != OK and self._link.taken is None:
            self._link.taken = 0

    def has_data(self):
        return self.accepted is not None


class ResultTransport(Transport):
    """A sort of connection whose commands have result lines."""

    link_class = SimcomLink
    result_family = None  # error table of the figure in the result of a send

    if TYPE_CHECKING:  # every sort of connection has its own

        def send_command(self, link, n, peer):
            """Return the Send for `n` bytes."""

        def accepted(self, command, n):
            """Return how many bytes the module has taken when the result of the Send `command` shows `n`."""

        async def has_taken(self, link, command, deadline):
            """Ask whether the module has taken all data of the Send `command`, whose result has not come yet."""

        async def in_use(self, link):
            """Return whether the module has the link's number in use, after it refused to open it."""

    async def holds(self, link, deadline):
        """A link that has ended has no id any more."""
        return await self.is_open(link, deadline)

    async def begin(self, link, command, deadline, limit_ms=LIMIT_MS):
        """Send the open command and wait for its result. CommandError with the module's code, or `id_in_use`."""
        m = self.module
        link.read = self.reader(link)
        try:
            await command.complete(m, lambda: link.open_result is not None or link.error is not None, deadline, limit_ms)
        except CommandError as error:
            # a damaged line may have become an ERROR: the module may have opened it, or go on
            link.held = command.bare_error and (link.open_result == 0 or not error.lines)
            if await self.in_use(link):
                if link.held:
                    error.reason_lost = True
                else:
                    error.code = m.dialect.id_in_use
            raise
        if link.error is not None:
            raise link.error
        if link.open_result:  # the link is still to be closed: a damaged digit looks like a failure, too
            family = self.result_family or "simcom"
            error = CommandError("the connection failed", command=command.echo.decode(), code=link.open_result, family=family)
            raise refusal(error, self.refused, self.unknown_host)

    async def send(self, link, data, off, n, deadline, peer=b""):
        """The next command for the same link waits for the result line of the last one.

        When it shows fewer bytes than were asked for, the module must not be used to send on that link any further (AT manual,
        CIPSEND): the connection is closed, and ConnectionClosed says how many it took. Where a result never comes, recover()
        decides.
        """
        while True:
            command = self.send_command(link, n, peer or link.target).payload(data, off, n)
            try:
                await self._run_send(link, command, deadline)
            except ModemError as error:
                if command.accepted is None:  # else only its OK was lost
                    if await self.recover(link, command, error, deadline):
                        continue
                    return
            break
        if command.accepted != n:
            error = link.error
            try:
                await self.close(link)
            except ModemError:
                pass
            raise error

    async def _run_send(self, link, command, deadline):
        m = self.module
        try:
            while True:
                if link.taken is None and not await self._has_result(link, link.sending, deadline):
                    link.fail_send()
                await m.acquire(command, deadline)
                if link.error is not None:
                    raise link.error
                if link.taken is not None:
                    break
                m.release(command)
            await m.finish(command, deadline)
            await m.judge(command)
        finally:
            m.release(command)
        if not await self._has_result(link, command, deadline):
            command.result = LOST
            link.taken = 0
            raise ModemTimeout("no result within the time allowed", command=command.echo.decode())

    async def _has_result(self, link, command, deadline):
        """Wait for the result of a send whose command has got its OK; False: it has not come within the command's limit.

        Its line may be lost: the module is asked what it has taken.
        """
        m = self.module
        ask_at = m.deadline(LOCAL_MS)
        while link.sending is command and link.taken is None:
            if link.error is not None:
                raise link.error
            if await m.turn(m.earlier(deadline, m.left_ms(ask_at))) or link.taken is not None:
                continue
            if not m.left_ms(deadline):
                from ..net.link_recovery import still_owed

                raise still_owed()
            if command.result == PENDING:  # of a caller who went away: not even its OK has come
                ask_at = m.deadline(LOCAL_MS)
            elif not m.left_ms(ask_at):
                if await self.has_taken(link, command, deadline):
                    command.on_taken()
                elif not m.left_ms(command.until, command.result_ms):
                    return False
                ask_at = m.deadline(LOCAL_MS)
        return True

    async def recover(self, link, command, error, deadline):
        """A send has ended with `error`; return whether it is to be sent again. False: all was taken; raises otherwise."""
        from ..net.link_recovery import recover

        return await recover(self.module, link, command, error, command.before, command.length, deadline)
