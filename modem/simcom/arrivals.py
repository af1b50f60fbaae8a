"""What arrives by itself on SIMCom modules besides notices of buffered data; loaded with the first socket that needs it.

Direct push (`RECV FROM`, `+IPD`, `+RECEIVE`), senders of datagrams, clients of servers, the data phase of a transparent server
(TCP-S 1.5.4, 3.2 to 3.4). No allocation for pushed streams.
"""

from ..compat import const
from ..fields import after_comma, digits
from ..link import PUSH, SERVICE, TRANSPARENT
from ..turning import turn
from . import LINKS, SERVERS, SESSIONS

_LONGEST = const(64)  # bytes of <ip>:<port>
_AT = LINKS + SESSIONS  # place of server 0


class Arrivals:
    """Handlers of the URC table."""

    def __init__(self, dialect, engine):
        self._dialect = dialect
        self._modem = dialect._modem
        self._links = dialect._links
        self._engine = engine
        self._source = bytearray(_LONGEST)  # <ip>:<port> of what is announced next
        self._nsource = 0
        engine.urc(b"+CIPRXGETIP:", self._on_from)
        engine.urc(b"+RECEIVE,", self._on_receive)
        engine.urc(b"+IPD", self._on_ipd)
        engine.urc(b"RECV FROM:", self._on_from)
        engine.urc(b"+RECV FROM:", self._on_from)
        engine.urc(b"+CLIENT:", self._on_client)
        engine.urc(b"+SERVERSTOP:", self.on_stop)
        engine.urc(b"CONNECT", self._on_connect)
        engine.urc(b"CLOSED", self._on_closed)

    def _on_closed(self, buf, s, e):
        """CLOSED: end of a transparent connection; +IPCLOSE or +CIPCLOSE comes with it."""
        return s == e

    def on_stop(self, buf, s, e):
        """+SERVERSTOP: <server>,<err>."""
        n = digits(buf, s, e)
        server = self._links[_AT + n] if 0 <= n < SERVERS else None
        if server is None:
            return False
        server.stop_result = digits(buf, after_comma(buf, s, e), e)
        self._engine.changed = True

    def _on_client(self, buf, s, e):
        from .servers import incoming

        return incoming(self._modem, _AT, bytes(memoryview(buf)[s:e]))

    def _on_connect(self, buf, s, e):
        """CONNECT by itself: the client just announced is connected transparently (TCP-S 3.4.1); the next byte is its data."""
        link = self._links[0]
        if self._dialect.access != TRANSPARENT or link is None or getattr(link, "server", None) is None:
            return False
        from ..raw import Raw

        turn(link, TRANSPARENT, None)
        self._engine.parser.set_raw(Raw(self._modem, link))

    def _on_from(self, buf, s, e):
        n = 0
        source = self._source
        while s < e and n < _LONGEST:
            source[n] = buf[s]
            n += 1
            s += 1
        self._nsource = n

    def announced(self, link):
        """The sender told with an announcement is that of the next datagram only when none was waiting before."""
        if self._nsource and not link.ready and not link.ring.any():
            link.source = self._sender()
        self._nsource = 0

    def _sender(self):
        from .datagrams import source

        return source(bytes(memoryview(self._source)[: self._nsource])) if self._nsource else None

    def _on_receive(self, buf, s, e):
        link = self._dialect.link(buf, s, e)
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)
        if s < 0:
            return False
        self._pushed(link, s)

    def _on_ipd(self, buf, s, e):
        n = digits(buf, s, e)
        if n < 0:
            return False
        self._pushed(self._only_link(), n)

    def _only_link(self):
        """Without the link's number there is only one socket: modes.use()."""
        i = 0
        while i < LINKS:
            if self._links[i] is not None and self._links[i].access == PUSH:
                return self._links[i]
            i += 1
        return None

    def _pushed(self, link, n):
        if not n:
            return
        if link is None or link.access != PUSH:
            self._engine.discard(n)
        elif link.kind == SERVICE:
            link.on_block(n, link, self._sender())
        else:
            link.on_block(n, link)
        self._nsource = 0
