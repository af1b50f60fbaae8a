"""The connection that the serial line belongs to: transparent mode of links and of TLS sessions, and ATO (AN, 1.5.4)."""

from ..core import Result
from .phases import SimcomTransparentPhase

_RAW_BLOCK = 4096
_POLL_S = 0.01


class Online:
    """At most one endpoint is online. Its owner has `is_open(endpoint)` and `hung_up(endpoint)`."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.endpoint = None
        self._modem.table.add("O", execute=self._resume, write=lambda parameters: self._resume())
        self._modem.on_free.append(self.pour)

    def reset(self):
        """A restart of the module."""
        self.endpoint = None

    def connect_text(self):
        """CONNECT with the baud rate (AN, 3.2.3)."""
        return "CONNECT %d" % (self._modem.general.value("+IPR") or 115200)

    def connected(self, endpoint):
        """The outcome of a command that makes the line transparent for `endpoint`."""
        return Result(self.connect_text(), then=lambda: self.enter(endpoint))

    def _resume(self):
        endpoint = self._simcom.resumable()
        return self.connected(endpoint) if endpoint else Result("NO CARRIER")

    def enter_when_free(self, endpoint):
        """The line becomes transparent as soon as no command runs, and says so."""
        if self.endpoint or not endpoint.owner.is_open(endpoint):
            return
        if self._modem.job or self._modem.phase:
            self._modem.later(_POLL_S, self.enter_when_free, endpoint)
        else:
            self._modem.send(self._modem.final(self.connect_text()))
            self.enter(endpoint)

    def enter(self, endpoint):
        """The line becomes transparent."""
        if endpoint.owner.is_open(endpoint):
            self.endpoint = endpoint
            self._modem.begin_phase(
                SimcomTransparentPhase(self._take, self._escaped, packet_wait_s=self._simcom.settings.transparent_wait_s)
            )
            endpoint.owner.deliver(endpoint)

    def leave(self, endpoint, text=None):
        """`endpoint` is gone: if it was online, the line is in command mode again."""
        if self.endpoint is endpoint:
            self.endpoint = None
            self._modem.drop_phase(text)

    def _escaped(self):
        self.endpoint = None

    def pour(self):
        """Received bytes to the host, as they are."""
        endpoint = self.endpoint
        while endpoint and endpoint.buffer and self._modem.room():
            data = endpoint.buffer.take(_RAW_BLOCK)
            self._modem.send(data)
            self._modem.faults.delivered(len(data))

    def _take(self, data):
        """A packet from the host; how much of it the network has room for."""
        endpoint = self.endpoint
        taken = endpoint.write(data)
        if taken < len(data):
            self._modem.later(_POLL_S, self.writable, endpoint)
        return taken

    def writable(self, endpoint):
        """The network takes data again."""
        if endpoint is not None and self.endpoint is endpoint and self._modem.phase:
            self._modem.phase.writable()

    def hang_up(self):
        """DTR has dropped with AT&D2."""
        if self.endpoint:
            self.endpoint.owner.hung_up(self.endpoint)
