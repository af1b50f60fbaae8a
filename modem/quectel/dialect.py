"""The Quectel dialect: the vendor's defaults, the URC table, and where the rest is.

TCP-E = "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2023-03-10.
"""

from ..at.command import Command
from ..at.params import after_comma, digits, split
from ..compat import const, rare
from ..dialect import Dialect
from ..net.link import BUFFER, LISTENER
from .tcp import Tcp

_RESTART_MS = const(60000)  # TCP-E 2.3
_RESTARTS = (b"AT+QICLOSE", b"AT+QIDEACT", b"AT+QSSLCLOSE")  # the same: their own limits are shorter
_BLANK = const(32)
_ZERO = const(48)
_NINE = const(57)


class VendorDialect(Dialect):
    """Vendor defaults; a Model (models.py) overrides what its model does differently."""

    vendor = "quectel"
    error_family = "quectel"
    contexts = 15
    background = True  # AT+QIACTEX and AT+QIDEACTEX exist (TCP-E 2.4.5, 2.4.6)
    links = 12  # connection ids 0-11
    max_send = 1460  # TCP-E 2.4.10
    max_read = 1500  # TCP-E 2.4.11
    input_timeout_ms = 5000  # TCP-E 2.4.1 "qisend/timeout": how long the module waits for the payload after the prompt
    id_in_use = 563
    no_context = (561,)  # an open reports it where the context is down
    port_in_use = (556, 573, 574)  # bind failed, port busy: 573 in TCP-E, 574 in the SSL documents
    send_closed = (567,)  # socket closed
    carrier_lost = (b"\r\nNO CARRIER\r\n",)  # TCP-E 1.1: the end of a connection in transparent mode
    iccid = b"+QCCID"
    pin_tries = (b'+QPINC="SC"', b"+QPINC:", 1)
    sleep_command = b"+QSCLK"
    storage_full = (b'+QIND: "smsfull"', b'+QINDCFG="smsfull",1')  # "EC2x&EG9x&EG2x-G&EM05 Series AT Commands Manual" 2.0
    gnss = "qgps"
    tls_contexts = 6  # SSL contexts 0-5, of models with TLS
    tls_seclevel = b"seclevel"  # or b"secllevel": the name that the firmware has taken

    def __init__(self, module, model):
        super().__init__(module, model)
        self.active = {}  # context id -> settings with which it was activated
        self.found_at = 0  # ticks at the end of start()
        self.pushed_ids = 0  # one bit for each id whose connection, the last one that it had, is or was in push mode
        self.closed_listeners = ()  # ids of listeners that have been closed: a client may be announced after that
        self.tcp = Tcp(module)
        self.tls_transport = None  # tls.Tls, once a socket has used it
        self.files = None  # files.QuectelFiles, the same
        engine = module.engine
        engine.urc(b'+QIURC: "recv",', self._on_recv)  # the one that comes all the time
        engine.urc(b"+QIURC:", self._on_urc)
        engine.urc(b"+QIOPEN:", self._on_open)
        engine.urc(b"APP RDY", self._on_app_rdy)
        if self.tls:
            self.error_family = "quectel-ssl"
            engine.urc(b"+QSSLURC:", self._on_urc)
            engine.urc(b"+QSSLOPEN:", self._on_open)
            engine.urc(b"+QSSOPEN:", self._on_open)  # as the heading of SSL-U 2.2.2 spells it

    @rare
    def forget(self):
        self.active = {}
        self.closed_listeners = ()
        if self.tls_transport is not None:
            self.tls_transport.forget()

    @rare
    def preload(self):
        from . import codes, options, pdp, resolver, urcs  # noqa: F401

        if self.tls:
            from . import files, tls  # noqa: F401

    # --- errors

    @rare
    def error_command(self):
        """AT+QIGETERROR (TCP-E 2.4.19)."""
        return Command(b"AT+QIGETERROR\r", b"+QIGETERROR:", 5000)

    @rare
    def error_code(self, lines):
        """The number; the text is not reliable. 0 ("no error") says nothing: None."""
        return (split(lines[-1])[0] or None) if lines else None

    @rare
    def restarts_after(self, command):
        return command.limit_ms >= _RESTART_MS or command.line.split(b"=")[0] in _RESTARTS

    @rare
    def restart_reason(self, error=None):
        return self.tls_transport and self.tls_transport.restart_reason()

    # --- connections

    def transport(self, tls):
        if tls is None:
            return self.tcp
        if not self.tls:
            raise self.lacks("TLS by the module")
        tls.ready()
        if self.tls_transport is None:
            from .tls import Tls

            self.tls_transport = Tls(self.module)
        return self.tls_transport.over(tls)

    # --- URCs; no allocation for "recv" and "closed" in buffer mode

    def _on_urc(self, buf, s, e):
        while s < e and buf[s] == _BLANK:
            s += 1
        if buf.startswith(b'"recv",', s):
            return self._on_recv(buf, s + 7, e)
        if buf.startswith(b'"closed",', s):
            return self._on_closed(buf, s + 9, e)
        return self._on_rare(buf, s, e)

    def _on_recv(self, buf, s, e):
        if s + 1 == e and _ZERO <= buf[s] <= _NINE:  # one digit and no length
            link = self.module.links[buf[s] - _ZERO]
            if link is not None and link.access == BUFFER and link.tls is None:
                link.promised = True
                if not link.ready:
                    link.on_recv()
                return True
        link = self._link(buf, s, e)
        if link is None or link.kind == LISTENER:
            return self._pushed_late(buf, s, e)
        s = after_comma(buf, s, e)
        link.transport.on_pushed(link, buf, s, e)
        return True

    def _pushed_late(self, buf, s, e):
        """Data pushed at the last moment to a connection that is given up: bytes, not lines."""
        n = digits(buf, s, e)
        s = after_comma(buf, s, e)
        if n < 0 or (s < e and not self.pushed_ids >> n & 1):
            return False
        if digits(buf, s, e) > 0:
            self.module.engine.discard(digits(buf, s, e))
        return True

    def _on_closed(self, buf, s, e):
        link = self._link(buf, s, e)
        if link is not None:
            link.on_closed()
        return True

    def _on_rare(self, buf, s, e):
        from .urcs import on_urc

        return on_urc(self.module, bytes(memoryview(buf)[s:e]))

    def _on_app_rdy(self, buf, s, e):
        from .urcs import app_rdy

        app_rdy(self.module)

    def _link(self, buf, s, e):
        return self.module.link_at(digits(buf, s, e))

    def _on_open(self, buf, s, e):
        link = self._link(buf, s, e)
        result = digits(buf, after_comma(buf, s, e), e)
        if link is None or result < 0:
            return False
        link.on_opened(result)
        return True
