"""The Quectel dialect: vendor defaults, URC table, and where the operations live (loaded on first use).

TCP-E = "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2023-03-10.
"""

from ..fields import after_comma, digits
from ..late import base
from ..link import BUFFER, LISTENER

_COMPANIONS = (("quectel.parts", ""),)


class Quectel(base(_COMPANIONS)):
    """Vendor defaults; a profile overrides what its model does differently."""

    _companions = _COMPANIONS
    vendor = "quectel"
    model = None
    document = None
    errors = "quectel"  # error table in codes.py
    contexts = 15
    background = True  # AT+QIACTEX and AT+QIDEACTEX exist (TCP-E 2.4.5, 2.4.6)
    links = 12  # connection ids 0-11
    max_send = 1460  # TCP-E 2.4.10
    max_read = 1500  # TCP-E 2.4.11
    sim_ms = 20000  # general practice; TCP-E gives no figure
    registration_ms = 90000
    input_timeout_ms = 5000  # TCP-E 2.4.1 "qisend/timeout": how long the module waits for the payload after the prompt
    id_in_use = 563
    no_context = (561,)  # an open says so where the context is down
    end_frees = False  # what has ended keeps its id until AT+QICLOSE
    carrier_lost = (b"\r\nNO CARRIER\r\n",)  # TCP-E 1.1: the end of a connection in transparent mode

    def __init__(self, modem):
        self._modem = modem
        engine = modem._engine
        self._links = modem._links
        self.active = {}  # context id -> settings with which it was activated
        self.runs = {}  # prefix of a service's lines -> who takes them now
        engine.urc(b'+QIURC: "recv",', self._on_recv)  # the one that comes all the time
        engine.urc(b"+QIURC:", self._on_urc)
        engine.urc(b"+QIOPEN:", self._on_open)
        engine.urc(b"RDY", engine.boot)
        engine.urc(b"APP RDY", self._on_app_rdy)

    # --- operations: the modules that do them

    def slots(self, ops, kind=0):
        """Return (first, count) of the places in the table of links for connections of `ops`: all share the ids."""
        return 0, self.links

    def sockets(self, tls):
        """Return the module with the socket operations, over TLS or not."""
        if tls is not None:
            self.tls_settings(tls)
        from . import sockets

        return sockets

    # --- URCs; no allocation for "recv" and "closed" in buffer mode

    def _on_urc(self, buf, s, e):
        while s < e and buf[s] == 32:
            s += 1
        if buf.startswith(b'"recv",', s):
            return self._on_recv(buf, s + 7, e)
        if buf.startswith(b'"closed",', s):
            return self._on_closed(buf, s + 9, e)
        return self._on_rare(buf, s, e)

    def _on_recv(self, buf, s, e):
        if s + 1 == e and 48 <= buf[s] < 58:  # one digit and no length
            link = self._links[buf[s] - 48]
            if link is not None and link.access == BUFFER and link.tls is None:
                link.on_recv()
                return True
        link = self._link(buf, s, e)
        s = after_comma(buf, s, e)
        if link is None or link.kind == LISTENER:
            return self._pushed_late(buf, s, e)
        link.ops.on_recv(link, buf, s, e)
        return True

    def _pushed_late(self, buf, s, e):
        """Payload pushed at the last moment to a connection that is given up: bytes, not lines."""
        s = digits(buf, s, e)
        if s > 0:
            self._modem._engine.discard(s)
        return True

    def _on_closed(self, buf, s, e):
        link = self._link(buf, s, e)
        if link is not None:
            link.on_closed()
        return True

    def _on_rare(self, buf, s, e):
        from .rare import on_urc

        return on_urc(self._modem, bytes(memoryview(buf)[s:e]))

    def _on_app_rdy(self, buf, s, e):
        from .rare import app_rdy

        app_rdy(self._modem)

    def _link(self, buf, s, e):
        n = digits(buf, s, e)
        return self._links[n] if 0 <= n < len(self._links) else None

    def _on_open(self, buf, s, e):
        link = self._link(buf, s, e)
        result = digits(buf, after_comma(buf, s, e), e)
        if link is None or result < 0:
            return False
        link.open_result = result
        self._modem._engine.changed = True
        return True
