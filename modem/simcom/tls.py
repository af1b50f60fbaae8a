"""TLS by SIMCom modules: the CCH commands (public A76XX AT manual 1.09, SSL application note 1.02).

Two sessions, 0 and 1, each with the TLS context of its own number, which is written whole before every open: the module's
defaults authenticate nobody. One receive mode holds for both sessions.
"""

from ..compat import const
from ..errors import CommandError, ConnectionClosed, ModemRestarted, ModemTimeout, NotSupported, ProtocolError, SocketTimeout
from ..fields import after_comma, digits, number
from ..link import BUFFER, PUSH
from ..params import quoted, split
from ..request import ERROR, LOST, OK, PENDING, Fetch
from .order import LIMIT_MS, LOCAL_MS, Order
from .tls_settings import write

SLOTS = (10, 2)  # sessions 0 and 1, behind links 0-9

_MOST = const(2048)  # bytes of one CCHSEND and of one CCHRECV
_FAMILY = "simcom-tls"
_NAMES = ("buffer", "push")


async def _service(m, link, deadline):
    """Start the TLS service in the access mode of `link`: one for both sessions, set before CCHSTART."""
    dialect = m.dialect
    if link.access not in (BUFFER, PUSH):
        raise NotSupported("%s: TLS connections are used in buffer or push mode" % dialect.model)
    if dialect.cch == link.access:
        return
    others = [x for x in m._links[SLOTS[0] : SLOTS[0] + SLOTS[1]] if x is not None and x is not link and x.opened]
    if others and dialect.cch is not None:
        raise NotSupported("%s has one access mode for its TLS sessions: %s is in force" % (dialect.model, _NAMES[dialect.cch]))
    if dialect.cch is not None:
        await _order(m, b"+CCHSTOP", deadline)
        dialect.cch = None
    for again in (False, True):
        await m._cmd(b"+CCHSET=1,%d" % (link.access == BUFFER), limit_ms=LOCAL_MS, deadline=deadline)
        try:
            await _order(m, b"+CCHSTART", deadline)
            break
        except CommandError:
            if again:
                raise
            try:  # started by an earlier program, in a mode that nobody knows
                await _order(m, b"+CCHSTOP", deadline)
            except CommandError:
                pass
    dialect.cch = link.access


async def _order(m, name, deadline):
    dialect = m.dialect
    dialect.cch_result = None
    until = m._earlier(deadline, LIMIT_MS)
    await m._run(Order(name, name + b":", dialect.on_cch, None, LIMIT_MS, _FAMILY), deadline)
    code = await m._result(dialect, "cch_result", until, name)
    if code:
        raise CommandError("the TLS service failed", command="AT" + name.decode(), code=code, family=_FAMILY)


async def open(m, link, host, port, deadline):
    """Open `link` to `host`:`port`. CommandError with the module's number (15: the handshake failed), ModemTimeout."""
    n = link.number
    line = b"+CCHOPEN=%d,%s,%d,2" % (n, quoted("host", host, 256), number("port", port, 1, 65535))
    m.dialect.listen_tls(m._engine)
    await _service(m, link, deadline)
    await write(m, link, host, deadline)
    await m._try(b"+CCHSSLCFG=%d,%d" % (n, n), None, LOCAL_MS, deadline)  # without it the session's own number holds anyway
    link.taken = 0  # result of the last send; None while it is owed
    link.close_result = None
    link.opened = True
    link.read = reader(m, link)
    limit_ms = LIMIT_MS + link.tls.handshake_timeout_s * 1000
    until = m._earlier(deadline, limit_ms)
    from .opening import ask

    order = Order(line, b"+CCHOPEN:", m.dialect.on_cch_open, n, limit_ms, _FAMILY)
    await ask(m, link, order, line, _FAMILY, deadline, until, state)


def reader(m, link):
    """Return the request that fetches a block, None where the module pushes."""
    if link.access != BUFFER:
        return None
    return Read(link, m._block(link, _MOST))


class Read(Fetch):
    """AT+CCHRECV: OK, any number of DATA blocks and a closing line, in either order of OK and the rest. No allocation.

    It sees every line and is finished by the last of the two; ERROR finishes it at once. A block is handed out when the line
    behind it has come, at the usual distance: see Fetch.
    """

    armed = False

    def __init__(self, link, nbytes):
        super().__init__(link, b"AT+CCHRECV=%d,%d\r" % (link.number, nbytes), b"+CCHRECV:", LIMIT_MS)
        self.prefix = b""
        link.engine.tails.setdefault(b"DATA", 0)  # another block may follow, at a distance of its own
        self.nbytes = nbytes
        self._reset()

    def _reset(self):
        self.armed = False
        self._ok = False
        self._end = False
        self._got = 0

    def on_no_data(self):
        """+IP ERROR: a line of other connections."""

    def on_info(self, buf, s, e):
        if e - s == 2 and buf.startswith(b"OK", s):
            self.ended(LOST)  # a block whose closing line did not come is damaged
            self.armed = self._end or self._ok  # a second OK ends a command whose closing line was lost
            if not self._end:
                self._link.ready = False  # an announcement from here on counts anew
            self._ok = True
            return not self.armed
        if buf.startswith(b"ERROR", s) or buf.startswith(b"+CM", s):
            self.armed = True
            return False
        if not buf.startswith(b"+CCHRECV:", s):
            return False
        self._judge(buf, s)
        return self._part(buf, s + 9, e)

    def _judge(self, buf, s):
        """The line may be the one behind a block."""
        engine = self._link.engine
        engine.tail = engine.parser.behind(buf, s)
        self.usual = b"DATA" if buf.startswith(b"DATA", s + 10) else b"+CCHRECV:"
        self.ended(OK)

    def _part(self, buf, s, e):
        while s < e and buf[s] == 32:
            s += 1
        link = self._link
        if buf.startswith(b"DATA,", s):
            return self._data(buf, s + 5, e)
        if digits(buf, s, e) != link.number:
            return False
        self._end = True
        if self._got:
            link.ready = True
        elif not (self._ok and link.ready):
            link.on_empty()
        if self._ok:
            link.engine._finish(OK)
        return True

    def _data(self, buf, s, e):
        if digits(buf, s, e) != self._link.number:
            return False
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)
        if s < 1:
            return False
        self._got += s
        self._link.on_block(s, self)
        return True

    def on_done(self):
        Fetch.on_done(self)
        link = self._link
        self._reset()
        if self.result == ERROR and link.closed:
            link.on_empty()
        elif self.result != OK:
            link.refused = True


async def close(m, link, deadline=None):
    """Close the session and wait for the result."""
    link.closing = True
    if not link.opened:
        return
    link.close_result = None
    until = m._earlier(deadline, LIMIT_MS)
    line = b"+CCHCLOSE=%d" % link.number
    await m._run(Order(line, b"+CCHCLOSE:", m.dialect.on_cch_close, link.number, LIMIT_MS, _FAMILY), deadline)
    await m._result(link, "close_result", until, line)


def max_send(m):
    """Return the most payload bytes of one command."""
    return _MOST


async def send(m, link, data, off, n, deadline, peer=b""):
    """Have the module take `data[off:off+n]`; return when it says so. Never sends a byte twice.

    There are no byte counters for TLS: when the result never comes, the connection fails.
    """
    await _settled(m, link, deadline)
    line = b"+CCHSEND=%d,%d" % (link.number, n)
    order = Send(line, b"+CCHSEND:", m.dialect.on_cch_send, link)
    link.taken = None
    try:
        await m._run(order.payload(data, off, n), deadline)
        await _settled(m, link, deadline)
    except ModemRestarted:
        raise link.error
    except ModemTimeout:
        if order.result in (PENDING, OK):
            raise SocketTimeout("the module still owes the result of the send")
        if not order.written:
            m._pause_ms = m.dialect.input_timeout_ms
        link.fail(ProtocolError("TLS session %d: what became of the last send is not known" % link.number))
        raise link.error
    except CommandError as error:
        if link.closed:
            raise ConnectionClosed("the connection is closed", command=error.command, code=error.code, family=error.family)
        raise
    if link.taken:
        link.fail(ConnectionClosed("sending failed", command="AT" + line.decode(), code=link.taken, family=_FAMILY))
        raise link.error
    link.sent += n


class Send(Order):
    """AT+CCHSEND: an ERROR, or no answer at all, means that no result will follow."""

    def __init__(self, line, prefix, handler, link):
        super().__init__(line, prefix, handler, link.number, LIMIT_MS + 30000, _FAMILY)  # CCHCFG "sendtimeout": 150 s
        self._link = link

    def on_done(self):
        Order.on_done(self)
        if self.result != OK and self._link.taken is None:
            self._link.taken = 0


async def _settled(m, link, deadline):
    if link.taken is None:
        await m._result(link, "taken", m._earlier(deadline, LIMIT_MS + 30000), b"+CCHSEND=%d" % link.number)


async def counters(m, link, deadline=None):
    """Return (sent, passed on, pending) bytes: AT+CCHSEND? tells what the module has not passed on yet."""
    lines = await m._cmd(b"+CCHSEND?", b"+CCHSEND:", LOCAL_MS, deadline)
    values = split(lines[-1]) if lines else ()
    at = 2 * link.number + 1
    if len(values) <= at or not isinstance(values[at], int):
        raise ProtocolError("no counters in the answer", command="AT+CCHSEND?")
    return link.sent, link.sent - values[at], values[at]


async def settle(m, link, deadline=None):
    """A read was refused: ask for the state; a session that is gone has nothing left to read."""
    gone = not await state(m, link, deadline)
    link.refused = False
    if not gone:
        link.ready = False
        return
    link.on_closed()
    link.drained = True


async def state(m, link, deadline=None):
    """Return whether the module has the session open (AT+CCHOPEN?)."""
    for line in await m._try(b"+CCHOPEN?", b"+CCHOPEN:", LOCAL_MS, deadline) or ():
        values = split(line)
        if values[0] == link.number and len(values) > 1:
            return bool(values[1])
    return False


async def switch(m, link, access, deadline):
    """The mode is chosen before the service is started: NotSupported."""
    raise NotSupported("%s: the access mode of a TLS session is chosen when the socket is made" % m.dialect.model)


def resume_line(m, link):
    """See switch."""
    raise NotSupported("%s: TLS connections are used in buffer or push mode" % m.dialect.model)
