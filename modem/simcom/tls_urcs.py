"""The lines that the TLS commands of SIMCom modules bring by themselves; loaded with the first TLS socket."""

from ..errors import ConnectionClosed
from ..fields import after_comma, digits
from .tls import SLOTS


class Urcs:
    """Handlers of the URC table. No allocation for what comes with data."""

    def __init__(self, dialect, engine):
        self._dialect = dialect
        self._engine = engine
        self._links = dialect._links

    def _link(self, buf, s, e):
        n = digits(buf, s, e)
        return self._links[SLOTS[0] + n] if 0 <= n < SLOTS[1] else None

    def service(self, buf, s, e):
        """+CCHSTART: <err>, +CCHSTOP: <err>."""
        self._dialect.cch_result = digits(buf, s, e)
        self._engine.changed = True

    def opened(self, buf, s, e):
        """+CCHOPEN: <session>,<err>; a row of AT+CCHOPEN? has a name there."""
        link = self._link(buf, s, e)
        code = digits(buf, after_comma(buf, s, e), e)
        if link is None or code < 0:
            return False
        link.open_result = code
        self._engine.changed = True

    def sent(self, buf, s, e):
        """+CCHSEND: <session>,<err>."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.taken = digits(buf, after_comma(buf, s, e), e)
        self._engine.changed = True

    def closed(self, buf, s, e):
        """+CCHCLOSE: <session>,<err>."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.close_result = digits(buf, after_comma(buf, s, e), e)
        self._engine.changed = True

    def received(self, buf, s, e):
        """+CCHRECV: DATA,<session>,<len> by itself: pushed data, or a block of a read that was given up."""
        while s < e and buf[s] == 32:
            s += 1
        if not buf.startswith(b"DATA,", s):
            return digits(buf, s, e) >= 0  # the closing line of a read that was given up
        return self._block(buf, s + 5, e)

    def _block(self, buf, s, e):
        link = self._link(buf, s, e)
        s = after_comma(buf, s, e)
        s = digits(buf, s, e)
        if s < 1:
            return False
        if link is None:
            self._engine.discard(s)
        else:
            link.on_block(s, link)
        return True

    def event(self, buf, s, e):
        """+CCHEVENT: <session>,RECV EVENT."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.on_recv()

    def ended(self, buf, s, e):
        """+CCH_PEER_CLOSED: <session>, +CCH_RECV_CLOSED: <session>,<err>: what is cached can still be read."""
        link = self._link(buf, s, e)
        if link is None:
            return False
        link.on_closed()

    def stopped(self, buf, s, e):
        """+CCH: CCH STOP: the network is gone, and both sessions with it."""
        if buf.find(b"STOP", s, e) < 0:
            return False
        self._dialect.cch = None
        for link in self._links[SLOTS[0] : SLOTS[0] + SLOTS[1]]:
            if link is not None:
                link.fail(ConnectionClosed("the network was lost, and the TLS service with it"))


def register(dialect, engine):
    """Put the handlers into the URC table; those that results of commands use too become the dialect's."""
    urcs = Urcs(dialect, engine)
    dialect.on_cch = urcs.service
    dialect.on_cch_open = urcs.opened
    dialect.on_cch_send = urcs.sent
    dialect.on_cch_close = urcs.closed
    for prefix, handler in (
        (b"+CCHSTART:", urcs.service), (b"+CCHSTOP:", urcs.service), (b"+CCHOPEN:", urcs.opened), (b"+CCHSEND:", urcs.sent),
        (b"+CCHCLOSE:", urcs.closed), (b"+CCHRECV:", urcs.received), (b"+CCHEVENT:", urcs.event),
        (b"+CCH_PEER_CLOSED:", urcs.ended), (b"+CCH_RECV_CLOSED:", urcs.ended), (b"+CCH:", urcs.stopped),
    ):  # fmt: skip
        engine.urc(prefix, handler)
