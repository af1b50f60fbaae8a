"""A data session of the host's own PPP stack: `ATD*99#`, AT+CGDATA, `+++`, ATO, ATH (3GPP TS 27.007, 10.2 and 10.1.12)."""

from .commands import CmeError
from .errors import NO_NETWORK
from .outcome import Result
from .phases import TransparentPhase
from .ppp import Peer

_SERVERS = ("8.8.8.8", "8.8.4.4")


class _PppPhase(TransparentPhase):
    """The line belongs to PPP until the escape sequence, ATH, or the end of the link."""

    def __init__(self, call):
        super().__init__(call.heard, call.escaped)
        self.hang_up = call.hang_up


class DataCall:
    """At most one session. `held`: the host has left it with `+++` and may return with ATO."""

    def __init__(self, modem):
        self._modem = modem
        self._peer = None
        self._context = 0
        self._wrapped = False
        self.held = False
        modem.on_reset.append(self._forget)

    @property
    def up(self):
        """Whether LCP and IPCP are open."""
        return self._peer is not None and self._peer.up

    def dial(self, number):
        """The outcome of a command that opens a session over context `number`."""
        self._modem.sim.need()
        if not self._modem.radio.attached:
            return Result("NO CARRIER")
        address = self._modem.dialect.dial_up(number)
        if address is None:
            raise CmeError(NO_NETWORK)
        self._forget()
        self._context = number
        self._peer = Peer(self._modem.clock, self._say, self._over, address, _SERVERS)
        self._learn_resume()
        return Result(self._connect_text(), then=self._begin)

    def _connect_text(self):
        general = self._modem.general
        return "CONNECT" if general.value("X") == 0 else self._modem.dialect.ppp_connect_text()

    def _begin(self):
        self._enter()
        self._peer.start()

    def _enter(self):
        self.held = False
        self._modem.begin_phase(_PppPhase(self))

    def heard(self, data):
        """Bytes of the host; all of them are taken."""
        self._peer.feed(data)
        return len(data)

    def _say(self, data):
        if not self.held:
            self._modem.send(data)

    def escaped(self):
        """`+++`: command mode, and the session waits for ATO."""
        self.held = True

    def _learn_resume(self):
        """ATO goes back to the session while it is held, and else where it went before."""
        if not self._wrapped:
            self._wrapped = True
            self._modem.table.wrap(("O",), self._resume_first)

    def _resume_first(self, handler):
        def resume(*parameters):
            if self._peer is None or not self.held:
                return handler(*parameters)
            return Result(self._connect_text(), then=self._enter)

        return resume

    def hang_up(self):
        """The module's side ends the session: ATH, DTR has dropped, or the context is gone."""
        if self._peer:
            self._peer.terminate()
            self._over()

    def _over(self):
        online = not self.held
        self._forget()
        if online:
            self._modem.drop_phase("NO CARRIER")
            if self._modem.dialect.ppp_over:
                self._modem.urc(self._modem.dialect.ppp_over)

    def _forget(self):
        if self._peer:
            self._peer.stop()
            self._peer = None
        self.held = False
