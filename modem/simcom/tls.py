"""TLS by SIMCom modules: the CCH commands and AT+CSSLCFG (public A76XX AT manual 1.09, SSL application note 1.02).

Two sessions, 0 and 1, each with the TLS context of its own number, which is written whole before every open: the module's
defaults authenticate no server. One access mode holds for both sessions.
"""

from ..at.command import ERROR, LOST, ReadCommand
from ..at.params import after_comma, digits, fits, is_address, number, quoted, split
from ..compat import const
from ..errors import CommandError, ConnectionClosed, ModemRestarted, NotSupported, ProtocolError
from ..net.link import ACCESS, BUFFER, PUSH, STREAM
from ..net.link_recovery import synchronise
from ..tls import HINT, VERSIONS
from .files import stored
from .result_command import (
    LIMIT_MS,
    LINKS,
    LOCAL_MS,
    SESSIONS,
    Close,
    Open,
    ResultCommand,
    ResultTransport,
    Rows,
    Send,
    many_fields,
    row,
)  # fmt: skip

_MOST = const(2048)  # bytes of one CCHSEND and of one CCHRECV
_SEND_MS = const(155000)  # CCHCFG "sendtimeout": 150 s, and the way over the line
_BLANK = const(32)
_FAMILY = "simcom-tls"
_RECV = b"+CCHRECV:"
_DATA = b"DATA,"


# --- settings


def settings(m, context):
    """Return `context` as a tuple of (item, value); the server name is decided when the host is known."""
    dialect = m.dialect
    low, high = context.version
    if low != high and (low, high) != (0, len(VERSIONS) - 1):
        raise dialect.lacks('range of TLS versions other than "all"')
    for wanted, what in (
        (context.ciphers, "choice of cipher suites"),
        (context.dtls, "DTLS"),
        (context.ca_extra, "second CA file (ca_extra)"),
        (context.ignore, "switch for single checks of certificates (ignore)"),
    ):
        if wanted:
            raise dialect.lacks(what)
    level = (2 if context.cert else 1) if context.verify else (3 if context.cert else 0)
    out = [(b"sslversion", b"%d" % (low if low == high else 4)), (b"authmode", b"%d" % level)]
    for item, name, value in (
        (b"cacert", "ca", context.ca if context.verify else None),
        (b"clientcert", "cert", context.cert),
        (b"clientkey", "key", context.key),
        (b"password", "password", context.password),
    ):
        if value is not None:
            out.append((item, stored(name, value)))
    out.append((b"ignorelocaltime", b"0" if context.check_time else b"1"))
    out.append((b"negotiatetime", b"%d" % context.handshake_timeout_s))
    return tuple(out)


async def read(m, context):
    """See TlsContext.read: the first session that uses the context shows its settings."""
    for link in m.links[LINKS : LINKS + SESSIONS]:
        if link is not None and link.tls is context:
            lines = await m.cmd(b"+CSSLCFG=%d" % link.number, b"+CSSLCFG:", LOCAL_MS)
            v = split(lines[-1]) if lines else [None]
            v += [None] * (10 - len(v))
            return {
                "version": VERSIONS[v[1]] if v[1] in (0, 1, 2, 3) else "all",
                "verify": v[2] in (1, 2),
                "check_time": v[3] == 0,
                "handshake_timeout_s": v[4],
                "ca": v[5] or None,
                "cert": v[6] or None,
                "key": v[7] or None,
                "password": v[8] or None,
                "sni": v[9] == 1,
            }
    return None


async def _write(m, link, host, deadline):
    """Write the whole TLS context of `link`'s session, and have the session use it."""
    context = link.tls
    wanted = context.ready()
    if context.verify and context.check_time:
        from ..tls import ensure

        await ensure(m, deadline)
    n = link.number
    named = not is_address(host) if context.sni is None else context.sni
    for item, value in wanted + ((b"enableSNI", b"%d" % named),):
        try:
            await m.cmd(b'+CSSLCFG="%s",%d,%s' % (item, n, value), b"+CSSLCFG:", LOCAL_MS, deadline)
        except CommandError:
            if item != b"enableSNI" or context.sni:  # older firmware names no server
                raise
    if await m.attempt(b"+CCHSSLCFG=%d,%d" % (n, n), None, LOCAL_MS, deadline) is None:
        # firmware without the command uses the context of the session's own number
        for line in await m.attempt(b"+CCHSSLCFG?", b"+CCHSSLCFG:", LOCAL_MS, deadline) or ():
            values = split(line)
            if fits(values, "nn") and values[0] == n and values[1] != n:
                raise CommandError("the module keeps other TLS settings for the session", command="AT+CCHSSLCFG", lines=[line])


# --- receiving


class Read(ReadCommand):
    """AT+CCHRECV: OK, any number of DATA blocks and a closing line, in either order of OK and the rest. No allocation.

    It sees every line and is finished by the later of OK and closing line; ERROR finishes it at once. A block is handed out when
    the line after it has come, at the usual distance: see ReadCommand.
    """

    armed = False
    least_tail = 0  # as in tcp.py

    def __init__(self, link, nbytes):
        super().__init__(link, b"AT+CCHRECV=%d,%d\r" % (link.number, nbytes), _RECV, nbytes, LOCAL_MS)
        self.prefix = b""
        link.engine.tails.setdefault(_DATA, 0)  # another block may follow, at a distance of its own
        self._ok = False
        self._end = False
        self._got = 0

    def on_begin(self):
        ReadCommand.on_begin(self)
        self.armed = self._ok = self._end = False
        self._got = 0

    def on_no_data(self):
        """+IP ERROR: a line of other connections."""

    def on_info(self, buf, s, e):
        if e - s == 2 and buf.startswith(b"OK", s):
            self._end_block(False)  # a block whose closing line did not come is damaged
            self.armed = self._end or self._ok  # a second OK ends a command whose closing line was lost
            self._ok = True
            return not self.armed
        if buf.startswith(b"ERROR", s) or buf.startswith(b"+CME ERROR", s) or buf.startswith(b"+CMS ERROR", s):
            self.armed = True
            return False
        if not buf.startswith(_RECV, s):
            return False
        engine = self._link.engine
        engine.tail = engine.parser.behind(buf, s)
        s += len(_RECV)
        while s < e and buf[s] == _BLANK:
            s += 1
        self.usual = _DATA if buf.startswith(_DATA, s) else _RECV
        self._end_block(True)
        return self._block(buf, s + len(_DATA), e) if self.usual is _DATA else self._closing(buf, s, e)

    def _end_block(self, good):
        """The line after a block has come (`good`), or another one: hand the block out, or fail the connection."""
        link = self._link
        if link.filling and not link.engine.parser.need:
            missing = self._missing(link.engine) if good and not self._odd else -1
            if missing:
                link.on_broken(missing)
            else:
                link.on_filled(self._lost)

    def _block(self, buf, s, e):
        link = self._link
        if digits(buf, s, e) != link.number:
            return False
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)
        if s < 1:
            return False
        self._header = True
        self._got += s
        if self._got > self.nbytes:
            self._odd = True
        else:
            link.engine.believe(self)
            link.refusals = 0
            link.on_block(s, self)
        return True

    def _closing(self, buf, s, e):
        link = self._link
        if digits(buf, s, e) != link.number:
            return False
        self._end = True
        if self._got:
            link.ready = True
        elif digits(buf, after_comma(buf, s, e), e) > 0 and not link.ended():
            self._header = link.refused = True  # refused: the state decides
            link.refusals += 1
        else:
            ReadCommand.on_no_data(self)
        if self._ok:
            link.engine.complete()
        return True

    def on_done(self):
        if self.result == ERROR and self._link.ended():
            ReadCommand.on_no_data(self)
        ReadCommand.on_done(self)


# --- the transport


class _Service(ResultCommand):
    """AT+CCHSTART or AT+CCHSTOP."""

    def __init__(self, transport, name):
        super().__init__(name, name + b":", transport.on_service, None, LIMIT_MS, _FAMILY)
        self._transport = transport

    def on_begin(self):
        self._transport.service_result = None


class Tls(ResultTransport):
    """TLS sessions. Registers their URCs."""

    kinds = (STREAM,)
    accesses = (BUFFER, PUSH)
    max_send = _MOST
    result_family = _FAMILY
    refused = (14,)
    unknown_host = (13,)

    def __init__(self, module):
        super().__init__(module)
        self.service_result = 0  # of the last AT+CCHSTART or AT+CCHSTOP; None: awaited
        self._starting = False
        engine = module.engine
        for prefix, handler in (
            (b"+CCHSTART:", self.on_service), (b"+CCHSTOP:", self.on_service), (b"+CCHOPEN:", self._on_opened),
            (b"+CCHSEND:", self._on_sent), (b"+CCHCLOSE:", self._on_close), (_RECV, self._on_received),
            (b"+CCHEVENT:", self._on_event), (b"+CCH_PEER_CLOSED:", self._on_ended), (b"+CCH_RECV_CLOSED:", self._on_ended),
            (b"+CCH:", self._on_stopped),
        ):  # fmt: skip
            engine.urc(prefix, handler)

    def check(self, kind, access):
        if access not in self.accesses:
            raise NotSupported("%s: TLS connections are used in buffer or push mode" % self.module.dialect.model)
        super().check(kind, access)

    def slots(self, kind=STREAM):
        return LINKS, SESSIONS

    def reader(self, link):
        self.module.dialect.pushed_ids |= 1 << LINKS + link.number
        return Read(link, self.module.block_size(link, _MOST)) if link.access == BUFFER else None

    # --- opening, closing, state

    async def open(self, link, host, port, deadline):
        """CommandError with the module's number (15: the handshake failed)."""
        m = self.module
        line = b"+CCHOPEN=%d,%s,%d,2" % (link.number, quoted("host", host, 256), number("port", port, 1, 65535))
        await m.until(lambda: not self._starting, m.earlier(deadline, LIMIT_MS), "AT+CCHSTART")
        self._starting = True
        try:
            await self._start_service(link, deadline)
        finally:
            self._starting = False
            m.notify()
        await _write(m, link, host, deadline)
        limit_ms = LIMIT_MS + link.tls.handshake_timeout_s * 1000
        try:
            await self.begin(link, Open(link, line, b"+CCHOPEN:", self._on_opened, limit_ms, _FAMILY), deadline, limit_ms)
        except CommandError as error:
            error.text += HINT
            raise

    async def _start_service(self, link, deadline):
        """Start the TLS service in the access mode of `link`: one for both sessions, set before CCHSTART."""
        m = self.module
        dialect = m.dialect
        if dialect.cch == link.access:
            return
        if dialect.cch is not None:
            if [x for x in m.links[LINKS : LINKS + SESSIONS] if x is not None and x.held]:
                shown = (dialect.model, ACCESS[dialect.cch])
                raise NotSupported("%s has one access mode for its TLS sessions: %s is in force" % shown)
            await self.stop(deadline)
        for last in (False, True):
            try:
                await m.cmd(b"+CCHSET=1,%d" % (link.access == BUFFER), limit_ms=LOCAL_MS, deadline=deadline)
                await self._run_service(b"+CCHSTART", deadline)
                break
            except CommandError:
                if last:
                    raise
                try:  # started by an earlier program, in an unknown mode
                    await self._run_service(b"+CCHSTOP", deadline)
                except CommandError:
                    pass
        dialect.cch = link.access

    async def stop(self, deadline):
        """Stop the TLS service, and with it the sessions."""
        await self._run_service(b"+CCHSTOP", deadline)
        self.module.dialect.cch = None

    async def _run_service(self, name, deadline):
        command = _Service(self, name)
        m = self.module
        boots = m.boots
        await command.complete(m, lambda: self.service_result is not None or m.boots != boots, deadline)
        if m.boots != boots:
            raise ModemRestarted("the module restarted", command=command.echo.decode())
        if self.service_result:
            raise CommandError("the TLS service failed", command="AT" + name.decode(), code=self.service_result, family=_FAMILY)

    async def in_use(self, link):
        return await self.is_open(link, None)

    async def close(self, link, deadline=None):
        if link.held:
            command = Close(link, b"+CCHCLOSE=%d" % link.number, b"+CCHCLOSE:", self._on_close, _FAMILY)
            await command.run(deadline)

    async def is_open(self, link, deadline):
        """AT+CCHOPEN? shows the open sessions; ERROR: the service does not run."""
        try:
            return link.number in [values[0] for values in await sessions(self.module, deadline)]
        except CommandError:
            return False

    # --- sending

    def send_command(self, link, n, peer):
        return Send(link, n, b"+CCHSEND=%d,%d" % (link.number, n), b"+CCHSEND:", self._on_sent, _SEND_MS, _FAMILY)

    def accepted(self, command, n):
        """The figure is an error number."""
        return 0 if n else command.length

    async def has_taken(self, link, command, deadline):
        try:
            return not (await self.counters(link, deadline))[2]
        except (CommandError, ProtocolError):
            return False

    async def recover(self, link, command, error, deadline):
        """No counter shows what was taken: where the result does not come with the data phase ended, the connection fails."""
        if command.result == LOST and not isinstance(error, ModemRestarted):
            if self.module.engine.out_of_sync():
                await synchronise(self.module, command, deadline)
            if command.has_data():
                return False
            link.fail(ProtocolError("TLS session %d: what became of the last send is not known" % link.number))
            raise link.error
        return await super().recover(link, command, error, deadline)

    async def handed_out(self, link, deadline):
        """None: nothing of a TLS session is counted."""

    async def counters(self, link, deadline):
        """AT+CCHSEND? shows how many bytes the module has not passed on yet."""
        rows = await Rows(b"+CCHSEND", many_fields).read(self.module, deadline)
        at = 2 * link.number + 1
        if not rows or len(rows[-1]) <= at or not isinstance(rows[-1][at], int):
            raise ProtocolError("no counters in the answer", command="AT+CCHSEND?")
        return link.sent, link.sent - rows[-1][at], rows[-1][at]

    async def switch(self, link, access, deadline):
        raise NotSupported("%s: the access mode of a TLS session is chosen when the socket is made" % self.module.dialect.model)

    # --- URCs; no allocation for what comes with data

    def _link(self, buf, s, e):
        n = digits(buf, s, e)
        return self.module.links[LINKS + n] if 0 <= n < SESSIONS else None

    def on_service(self, buf, s, e):
        """+CCHSTART: <err>, +CCHSTOP: <err>: the result of the command in progress."""
        if self.service_result is not None:
            return False
        self.service_result = digits(buf, s, e)
        self.module.engine.changed = True

    def _on_opened(self, buf, s, e):
        """+CCHOPEN: <session>,<err>; a row of AT+CCHOPEN? has a name there."""
        code = digits(buf, after_comma(buf, s, e), e)
        return code >= 0 and self.module.dialect.opened(self, digits(buf, s, e), code)

    def _on_sent(self, buf, s, e):
        """+CCHSEND: <session>,<err>; the counters of AT+CCHSEND? are none."""
        link = self._link(buf, s, e)
        if link is None or many_fields(buf, s, e):
            return False
        link.on_result(digits(buf, after_comma(buf, s, e), e))

    def _on_close(self, buf, s, e):
        """+CCHCLOSE: <session>,<err>."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.close_result = digits(buf, after_comma(buf, s, e), e)
        link.held = False
        self.module.engine.changed = True

    def _on_received(self, buf, s, e):
        """+CCHRECV: DATA,<session>,<len> by itself: pushed data, or a block of a read that was given up."""
        while s < e and buf[s] == _BLANK:
            s += 1
        if not buf.startswith(_DATA, s):
            return digits(buf, s, e) >= 0  # the closing line of a read that was given up
        return self._on_block(buf, s + len(_DATA), e)

    def _on_block(self, buf, s, e):
        link = self._link(buf, s, e)
        n = digits(buf, s, e)
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)
        if n < 0 or s < 1:
            return False
        if s > _MOST:
            if link is not None:
                link.on_broken(0)
        elif link is None:
            if not self.module.dialect.pushed_ids >> LINKS + n & 1:
                return False
            self.module.engine.discard(s)
        else:
            link.on_block(s, link)
        return True

    def _on_event(self, buf, s, e):
        """+CCHEVENT: <session>,RECV EVENT."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.on_recv()

    def _on_ended(self, buf, s, e):
        """+CCH_PEER_CLOSED: <session>, +CCH_RECV_CLOSED: <session>,<err>: what is cached can still be read."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.on_closed()

    def _on_stopped(self, buf, s, e):
        """+CCH: CCH STOP: the network is gone, and both sessions with it."""
        if buf.find(b"STOP", s, e) < 0:
            return False
        self.module.dialect.cch = None
        for link in self.module.links[LINKS : LINKS + SESSIONS]:
            if link is not None:
                link.held = False
                link.fail(ConnectionClosed("the network was lost, and the TLS service with it"))


async def sessions(m, deadline):
    """Return the open TLS sessions as lists [session, host, port, type, ...] (AT+CCHOPEN?)."""
    return [values for values in await Rows(b"+CCHOPEN", row).read(m, deadline) if len(values) > 3 and values[1]]
