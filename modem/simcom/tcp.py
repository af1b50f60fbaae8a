"""TCP links of SIMCom modules: CIPOPEN, CIPSEND, CIPRXGET, CIPCLOSE, CIPACK (TCP-S 3.2, 3.3). The transport of UDP and servers,
too: what those have besides is in udp.py and server.py. One access mode holds for all links: access.py.
"""

from ..at.command import ReadCommand
from ..at.params import after_comma, digits, fields, number, quoted
from ..compat import const, rare
from ..errors import CommandError, ConnectionClosed, NotSupported, ProtocolError
from ..net.link import BUFFER, DATAGRAM, DRAINED, LISTENER, PUSH, SERVICE, STREAM, TRANSPARENT
from .result_command import BUSY, LINKS, LOCAL_MS, SERVERS, SESSIONS, Close, Open, ResultTransport, Rows, Send, many_fields, row

_FETCH = const(2)  # mode of AT+CIPRXGET
_COUNTS = const(4)  # questions about what waits
_PREFIX = b"+CIPRXGET:"


class Read(ReadCommand):
    """The command that fetches a block or a datagram in buffer mode. No allocation."""

    least_tail = 0  # field: OK may follow the block without a line end

    def __init__(self, link, nbytes):
        super().__init__(link, b"AT+CIPRXGET=%d,%d,%d\r" % (_FETCH, link.number, nbytes), _PREFIX, nbytes, LOCAL_MS)

    def on_info(self, buf, s, e):
        """`2,<link>,<read>,<rest>`; mode 1 is the URC with the same prefix, another link's line is not ours."""
        s += len(_PREFIX)
        if digits(buf, s, e) != _FETCH:
            return False
        s = after_comma(buf, s, e)
        if digits(buf, s, e) != self._link.number:
            return False
        return self._counts(buf, after_comma(buf, s, e), e)

    # few locals on purpose, here and below: see Engine.on_line

    def _counts(self, buf, s, e):
        n = digits(buf, s, e)
        if n < 0:
            return False
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)
        self._block(n, s)
        return True

    def _block(self, n, rest):
        link = self._link
        self.on_header(n, link.source)
        link.source = None  # the module names the sender of the first datagram only
        if n > 0 and rest == 0 and not link.ended():
            link.ready = link.promised = False  # nothing is left after this block: the next URC will say when there is more

    def on_done(self):
        """Where there are no data, a promise of data of which none were read since stands, until the state has been asked for."""
        link = self._link
        promised = self._empty and link.promised and not link.ended()
        ReadCommand.on_done(self)
        link.promised = promised or link.promised


class Tcp(ResultTransport):
    """TCP and UDP."""

    kinds = (STREAM, DATAGRAM, SERVICE, LISTENER)
    accesses = (BUFFER, PUSH, TRANSPARENT)
    unknown_host = (11,)  # TCP-S 4.1; a refusal is 1, "network failure", as much else is

    def slots(self, kind=STREAM):
        return (LINKS + SESSIONS, SERVERS) if kind == LISTENER else (0, LINKS)

    def reader(self, link):
        dialect = self.module.dialect
        if link.access == PUSH:
            dialect.pushed_ids |= 1 << link.number
        if link.access != BUFFER or dialect.access == TRANSPARENT or link.kind == LISTENER:
            link.ready = False
            return None
        return Read(link, self.module.block_size(link, dialect.max_read))

    # --- opening, closing, state

    async def open(self, link, host, port, deadline):
        """NotSupported for another access mode than the one in force. UDP has a local port only (TCP-S 3.3)."""
        if link.kind == STREAM:
            line = b'+CIPOPEN=%d,"TCP",%s,%d' % (link.number, quoted("host", host, 255), number("port", port, 1, 65535))
            line += b",%d" % link.port if link.port else b""
        if link.access != self.module.dialect.access or link.access != BUFFER or link.kind != STREAM:
            from .access import use

            await use(link, link.access, deadline)
        if link.kind == LISTENER:
            from .server import start

            await start(link, deadline)
        elif link.kind != STREAM:
            from .udp import open as open_udp

            await open_udp(link, host, port, deadline)
        else:
            await self.open_line(link, line, deadline)

    async def open_line(self, link, line, deadline):
        """Open `link` by the command `line`. Its result comes after OK for TCP and before it for UDP, or otherwise."""
        if link.access == TRANSPARENT:
            from .access import dial

            await dial(link, line, deadline)
        else:
            await self.begin(link, Open(link, line, b"+CIPOPEN:", self.module.dialect.on_open), deadline)

    @rare
    async def in_use(self, link):
        """AT+CIPOPEN? shows links that this driver did not open."""
        return link.open_result != 0 and await self._is_shown(link)

    async def _is_shown(self, link):
        try:
            return link.number in [found[0] for found in await self.rows(None)]
        except CommandError:
            return False

    @rare
    async def rows(self, deadline):
        """Return the open links as lists [link, type, host, port, server index or -1] (AT+CIPOPEN?)."""
        found = await Rows(b"+CIPOPEN", row).read(self.module, deadline)
        return [values for values in found if len(values) > 1 and values[0] in range(LINKS)]

    async def close(self, link, deadline=None):
        """After +IPCLOSE the module has freed the id already (TCP-S 4.2), unless data are left."""
        if link.kind == LISTENER:
            from .server import stop

            await stop(link, deadline)
        elif link.held and not (link.freed and (link.read is None or link.state == DRAINED)):
            command = Close(link, b"+CIPCLOSE=%d" % link.number, b"+CIPCLOSE:", self.module.dialect.on_close)
            await command.run(deadline)

    async def is_client(self, link, deadline):
        from .server import is_client

        return await is_client(link, deadline)

    @rare
    async def is_open(self, link, deadline):
        """AT+CIPCLOSE? shows ten flags; ERROR: the service is closed, unless AT+CIPOPEN? still shows the link."""
        if link.kind == LISTENER:
            from .server import is_listening

            return await is_listening(link, deadline)
        try:
            flags = await Rows(b"+CIPCLOSE", many_fields).read(self.module, deadline)
        except CommandError:
            if await self._is_shown(link):
                return True
            flags = [[0] * LINKS]
        opening = link.open_result is None and link.close_result == BUSY
        link.held = opening or not flags or len(flags[-1]) <= link.number or flags[-1][link.number] != 0
        return link.held

    # --- sending

    async def send(self, link, data, off, n, deadline, peer=b""):
        """See ResultTransport.send. What the byte counters (AT+CIPACK) do not decide fails the connection.

        start() switches the echo of payload off (AT+CIPCFG). Firmware that echoes and lacks the command works too, unless a
        line of the payload looks like an answer of the module.
        """
        dialect = self.module.dialect
        if dialect.access == TRANSPARENT:
            raise NotSupported("%s: resume() first: a transparent connection is used in transparent mode" % dialect.model)
        if not n:
            raise dialect.lacks("datagrams without data")
        await super().send(link, data, off, n, deadline, peer)

    def send_command(self, link, n, peer):
        return Send(link, n, b"+CIPSEND=%d,%d%s" % (link.number, n, peer), b"+CIPSEND:", self.module.dialect.on_send)

    def accepted(self, command, n):
        """-1: the connection is down; 0: there is no room."""
        return max(0, n)

    @rare
    def peer(self, host, port):
        """What names the receiver of a datagram in AT+CIPSEND."""
        return b",%s,%d" % (quoted("host", host, 255), number("port", port, 1, 65535))

    @rare
    async def has_taken(self, link, command, deadline):
        """Without counters the connection may have ended unnoticed, as the module has restarted: then nothing else will tell."""
        try:
            return (await self.counters(link, deadline))[0] == command.before + command.length
        except CommandError:
            if not await self.is_open(link, deadline):
                from ..net.link_recovery import synchronise

                self.module.engine.desync = True
                await synchronise(self.module, command, deadline)
                link.fail_send()
            return False
        except (ConnectionClosed, ProtocolError):
            return False

    @rare
    async def counters(self, link, deadline):
        """AT+CIPACK; ConnectionClosed after the end, when the module no longer has them."""
        values = await self._counted(link, b"+CIPACK=%d", b"+CIPACK:", "nn", deadline)
        return values[0], values[1], values[0] - values[1]

    @rare
    async def handed_out(self, link, deadline):
        """What AT+CIPACK counts as received, less what still waits (AT+CIPRXGET=4). Both are asked for again while data come in
        between; ProtocolError when they always do.
        """
        before = total = -1
        for _ in range(_COUNTS):
            waiting = (await self._counted(link, b"+CIPRXGET=4,%d", b"+CIPRXGET: 4,", "nnn", deadline))[2]
            if waiting == before:
                return total - waiting
            before = waiting
            total = (await self._counted(link, b"+CIPACK=%d", b"+CIPACK:", "nnn", deadline))[2]
        raise ProtocolError("connection %d: data come all the time" % link.number)

    @rare
    async def _counted(self, link, line, prefix, kinds, deadline):
        line %= link.number
        try:
            lines = await self.module.cmd(line, prefix, LOCAL_MS, deadline)
        except CommandError as error:
            if link.ended():
                raise ConnectionClosed("closed: its counters are gone", None, error.command, error.code, (), error.family)
            raise
        return fields(lines, kinds, line)

    # --- access modes

    @rare
    async def switch(self, link, access, deadline):
        """The mode is for all sockets of the module: NotSupported while others are open."""
        from .access import use

        await use(link, access, deadline)

    @rare
    def resume_line(self, link):
        """ATO (TCP-S 3.2.3)."""
        dialect = self.module.dialect
        if dialect.access != TRANSPARENT:
            raise NotSupported("%s: transparent access is chosen when the socket is made" % dialect.model)
        return b"ATO"
