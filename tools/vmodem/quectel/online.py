"""Transparent mode: the connection that the serial line belongs to; AT+QISWTMD, ATO, NO CARRIER.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 1.1 and 2.4.13.
"""

from ..core import Result
from ..phases import TransparentPhase
from . import errors
from .socket import BUFFER, CONNECTED, COUNT, TRANSPARENT

_RAW_BLOCK = 4096
_UNSENT_LIMIT = 65536  # bytes the system has not taken, beyond which the host is made to wait


class Online:
    """At most one socket is online: `sock`."""

    def __init__(self, quectel, transfer):
        self._quectel = quectel
        self._modem = quectel.modem
        self._transfer = transfer
        self.sock = None
        self._left = []  # sockets that have left transparent mode, the latest last
        quectel.add("+QISWTMD", test="+QISWTMD: (0-11),(0-2)", write=self._switch)
        self._modem.table.add("O", execute=self._resume, write=lambda parameters: self._resume())

    def reset(self):
        """A restart of the module."""
        self.sock = None
        self._left.clear()

    def forget(self, sock):
        """A socket is gone; if it was online, the line is in command mode again."""
        if sock in self._left:
            self._left.remove(sock)
        if self.sock is sock:
            self.sock = None
            self._modem.drop_phase("NO CARRIER")

    def _switch(self, parameters):
        parameters.count(2, 2)
        number, mode = parameters.int(0, 0, COUNT - 1), parameters.int(1, BUFFER, TRANSPARENT)
        sock = self._quectel.usable(number)
        if mode == TRANSPARENT:
            if sock.service == "UDP SERVICE":
                raise errors.TcpipError(errors.NOT_SUPPORTED)
            return Result("CONNECT", then=lambda: self.enter(sock))
        sock.mode = mode
        sock.announced = sock.announced and mode == BUFFER
        self._modem.later(0, self._transfer.deliver, sock)
        return None

    def _resume(self):
        sock = self._left[-1] if self._left else None
        if sock is None or sock.state != CONNECTED or sock.ended:
            return Result("NO CARRIER")
        return Result("CONNECT", then=lambda: self.enter(sock))

    def enter(self, sock):
        """The line becomes transparent."""
        if sock in self._left:
            self._left.remove(sock)
        sock.mode = TRANSPARENT
        sock.announced = False
        self.sock = sock
        phase = TransparentPhase(
            lambda data: self._take(sock, data),
            lambda: self._escaped(sock),
            packet_size=self._quectel.config["transpktsize"],
            packet_wait_s=self._quectel.config["transwaittm"] / 10,
        )
        self._modem.begin_phase(phase)
        self._transfer.deliver(sock)

    def pour(self):
        """What has arrived goes to the host as it is."""
        buffer = self.sock.buffer
        while buffer and self._modem.room():
            data = buffer.take(_RAW_BLOCK)
            self._modem.send(data)
            self._modem.faults.delivered(len(data))

    def _take(self, sock, data):
        """A packet from the host; how much of it the network has room for."""
        if sock.link.unsent() >= _UNSENT_LIMIT:
            return 0  # `writable` follows
        self._transfer.to_peer(sock, data)
        return len(data)

    def writable(self, sock):
        """The network takes data of a socket again."""
        if self.sock is sock and self._modem.phase:
            self._modem.phase.writable()

    def _escaped(self, sock):
        self.sock = None
        sock.mode = BUFFER
        self._left.append(sock)

    def hang_up(self):
        """DTR has dropped with AT&D2: the connection is given up."""
        sock = self.sock
        if sock:
            sock.link.abort()
            sock.ended = True
            sock.buffer.take(len(sock.buffer))
            self._transfer.deliver(sock)
