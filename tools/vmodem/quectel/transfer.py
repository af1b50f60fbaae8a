"""How payload travels: AT+QISEND, QISENDEX, QIRD, QISDE, the recv URCs, direct push.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 1.1, 2.4.10-2.4.13, 2.4.18, 2.5.2.
"""

from ..commands import ParameterError
from ..core import Prompt, Result
from ..hosts import literal
from ..phases import CountedPhase, TerminatedPhase
from . import errors
from .online import Online
from .socket import BUFFER, CLOSING, CONNECTED, COUNT, OPENING, PUSH, TRANSPARENT

SEND_BUFFER = 10240
LONGEST_SEND = 1460
LONGEST_READ = 1500
LONGEST_HEX = 512  # digits
_STREAM_WAIT_S = 0.02  # udp/sendmode 1: how long bytes wait for more, a time that no document gives


class Transfer:
    """Payload in both directions, for all sockets."""

    def __init__(self, quectel):
        self._quectel = quectel
        self._modem = quectel.modem
        self._config = quectel.config
        self._echo = 1
        self._paused = set()
        add = quectel.add
        add("+QISEND", test="+QISEND: (0-11),(0-%d)" % LONGEST_SEND, write=self._send)
        add("+QISENDEX", test="+QISENDEX: (0-11),<hex_string>", write=self._send_hex)
        add("+QIRD", test="+QIRD: (0-11),(0-%d)" % LONGEST_READ, write=self._read)
        add("+QISDE", test="+QISDE: (0,1)", read=lambda: "+QISDE: %d" % self._echo, write=self._set_echo)
        self.online = Online(quectel, self)
        self._modem.on_free.append(self._deliver_all)

    def reset(self):
        """A restart of the module."""
        self.online.reset()
        self._paused.clear()
        self._echo = 1

    def forget(self, sock):
        """A socket is gone."""
        self._paused.discard(sock)
        self.online.forget(sock)

    # From the network to the host --------------------------------------------------------------------------------------

    def _deliver_all(self):
        for group in self._quectel.groups:
            for sock in group:
                self.deliver(sock)

    def deliver(self, sock):
        """Tell the host what there is to tell about received data and about the end of a connection."""
        online = self.online.sock
        if online is not None and online is not sock:
            self._throttle(sock)
            return  # the line belongs to another socket; `_deliver_all` comes back here
        if sock.mode == TRANSPARENT:
            if online is sock:
                self.online.pour()
        elif sock.mode == PUSH:
            self._push(sock)
        elif sock.buffer and not sock.announced:
            sock.announced = True
            self._modem.urc(self._recv_line(sock))
        if sock.ended and sock.state != CLOSING and (sock.mode == BUFFER or not sock.buffer):
            self._end(sock)
        self._throttle(sock)

    def _end(self, sock):
        if self.online.sock is sock:
            sock.state = CLOSING
            sock.mode = BUFFER
            self.online.forget(sock)
        else:
            sock.owner.announce_end(sock)

    def _throttle(self, sock):
        """Stop reading from the network when much is unread, and go on when it has been read."""
        if sock.link is None or sock.state != CONNECTED:
            return
        full = len(sock.buffer) >= sock.owner.window
        if full and sock not in self._paused:
            self._paused.add(sock)
            sock.link.pause()
        elif not full and sock in self._paused:
            self._paused.discard(sock)
            sock.link.resume()

    def _push(self, sock):
        """Direct push: one URC per block or datagram."""
        while sock.buffer and not self._modem.urcs_held() and self._modem.room():
            source = sock.buffer.source()
            data = sock.buffer.take(LONGEST_READ)
            header = '%s: "recv",%d,%d' % (sock.urc, sock.number, len(data))
            block = self._with_data(sock, header, source, data)
            if self._modem.model.quirks["push-end"] == "none":
                block = block[: -len(self._modem.general.line_end)]
            self._modem.urc(block)
            self._modem.faults.delivered(len(data))

    def _with_data(self, sock, header, source, data):
        """Header and payload as viewmode and dataformat want them, framed."""
        end = self._modem.general.line_end
        if sock.service == "UDP SERVICE":
            header += ',"%s",%d' % source
        if self._config["dataformat"][1] and sock.formatted:
            data = data.hex().upper().encode()
        separator = b"," if self._config["viewmode"] and sock.formatted else end
        shown = (header.encode() + separator) * self._modem.faults.copies(header)
        return b"".join((end, shown, data, end))

    def _read(self, parameters):
        parameters.count(1, 2)
        sock = self._quectel.sockets.get(parameters.int(0, 0, COUNT - 1))
        count = parameters.int(1, 0, LONGEST_READ, LONGEST_READ)
        if sock is None:
            raise errors.TcpipError(errors.SOCKET_CLOSED)
        if sock.service == "TCP LISTENER":
            raise errors.TcpipError(errors.NOT_SUPPORTED)
        if sock.state == OPENING:
            raise errors.TcpipError(errors.NOT_ALLOWED)
        buffer = sock.buffer
        if count == 0 and parameters.given(1):
            return "+QIRD: %d,%d,%d" % (buffer.total, buffer.taken, len(buffer))
        return self.read(sock, "+QIRD", count)

    def read(self, sock, name, count):
        """Up to `count` bytes of what has arrived, as the answer to the command `name`."""
        buffer = sock.buffer
        source = buffer.source()
        data = buffer.take(count)
        if not buffer:
            sock.announced = False
        self._throttle(sock)
        if not data:
            return name + ": 0"
        self._modem.faults.delivered(len(data))
        return self._with_data(sock, "%s: %d" % (name, len(data)), source, data)

    def twin_urc(self, command, group=None):
        """The recv URC of a buffered socket that has nothing new: harmless, and about the same socket as the reply."""
        number = command.text.split(",")[0].strip()
        sock = (group or self._quectel.sockets).get(int(number)) if number.isdecimal() else None
        if sock is None or sock.mode != BUFFER or sock.service == "TCP LISTENER":
            return None
        return self._recv_line(sock)

    def _recv_line(self, sock):
        shown = ",%d" % len(sock.buffer) if self._config["recvind"] and sock.formatted else ""
        return '%s: "recv",%d%s' % (sock.urc, sock.number, shown)

    # From the host to the network --------------------------------------------------------------------------------------

    def prompt(self, phase):
        """Ask the host for the payload of a send."""
        end = self._modem.general.line_end
        blank = b" " if self._modem.model.quirks["prompt"] == "space" else b""
        return Prompt(phase, end + b">" + (end if self._config["formatcfg"] else blank))

    def phase_options(self):
        """What the data phases of all sends have in common."""
        timed_out = self._quectel.guard(self._timed_out)
        echo = self._echo == 1 and (self._modem.general.echo or self._modem.model.quirks["payload-echo"] == "always")
        return {"timeout_s": self._config["qisend/timeout"], "timed_out": timed_out, "echo": echo}

    def _timed_out(self):
        raise errors.TcpipError(errors.TIMEOUT)

    def cancelled(self):
        """The host has typed ESC."""
        raise errors.TcpipError(errors.CANCELLED)

    def overlong(self, data):
        """The host has typed too much before Ctrl-Z."""
        raise ParameterError()

    def _send(self, parameters):
        parameters.count(1, 4)
        number = parameters.int(0, 0, COUNT - 1)
        count = parameters.int(1, 0, LONGEST_SEND, None)
        addressed = len(parameters) > 2
        if count == 0 and not addressed:
            return self._counters(number)
        sock = self._quectel.sockets.usable(number)
        if (sock.service == "UDP SERVICE") != addressed:
            raise errors.TcpipError(errors.NOT_SUPPORTED)
        target = None
        if addressed:
            target = parameters.str(2), parameters.int(3, 0, 65535)
            if not count or literal(target[0]) is None:
                raise ParameterError()
        in_hex = 2 if self._config["dataformat"][0] else 1
        done = self._quectel.guard(lambda data: self._sent(sock, "+QISEND", self._decoded(data), target))
        if count is None:
            cancelled, overlong = self._quectel.guard(self.cancelled), self._quectel.guard(self.overlong)
            phase = TerminatedPhase(LONGEST_SEND * in_hex, done, cancelled, overlong=overlong, **self.phase_options())
        else:
            phase = CountedPhase(count * in_hex, done, **self.phase_options())
        return self.prompt(phase)

    def _decoded(self, data):
        if not self._config["dataformat"][0]:
            return data
        try:
            if data.isalnum() or not data:
                return bytes.fromhex(data.decode())
        except ValueError:
            pass
        raise ParameterError()

    def _counters(self, number):
        sock = self._quectel.sockets.get(number)
        if sock is None or sock.link is None or sock.service == "TCP LISTENER":
            raise errors.TcpipError(errors.SOCKET_CLOSED)
        waiting = min(sock.sent, sock.link.queued())
        return "+QISEND: %d,%d,%d" % (sock.sent, sock.sent - waiting, waiting)

    def free(self, sock):
        """Room in the send buffer of a socket."""
        return max(0, SEND_BUFFER - sock.link.queued())

    def write(self, sock, data, target=None):
        """Give data to the network; False when the send buffer is too full."""
        if self._modem.faults.hit("send-fail") or self.free(sock) < len(data):
            return False
        if target:
            sock.link.write_to(data, *target)
            sock.sent += len(data)
        elif sock.datagrams and self._config["udp/sendmode"]:
            self._stream(sock, data)
        elif data:
            self.to_peer(sock, data)
        return True

    def _stream(self, sock, data):
        """udp/sendmode 1: datagrams are cut from a stream of bytes, not from sends."""
        if not sock.stream:
            self._modem.later(_STREAM_WAIT_S, self._flush_stream, sock, sock.stream)
        sock.stream += data
        while len(sock.stream) >= LONGEST_SEND:
            self.to_peer(sock, bytes(sock.stream[:LONGEST_SEND]))
            del sock.stream[:LONGEST_SEND]

    def _flush_stream(self, sock, stream):
        if stream and sock.state == CONNECTED:
            self.to_peer(sock, bytes(stream))
        stream.clear()

    def to_peer(self, sock, data):
        """Give bytes to the network and count them."""
        sock.link.write(data)
        sock.sent += len(data)
        sock.active_at = self._modem.clock.now()
        if sock.link.frozen and not sock.datagrams:
            sock.owner.unacknowledged(sock)

    def _sent(self, sock, name, data, target=None):
        """The result of a send."""
        if self._quectel.sockets.usable(sock.number) is not sock:
            raise errors.TcpipError(errors.SOCKET_CLOSED)
        done = self.write(sock, data, target)
        if self._config["sendinfo"]:
            return "%s: %d,%d,%d" % (name, sock.number, 0 if done else 1, self.free(sock))
        return Result("SEND OK" if done else "SEND FAIL")

    def _send_hex(self, parameters):
        parameters.count(2, 2)
        number = parameters.int(0, 0, COUNT - 1)
        digits = parameters.str(1, LONGEST_HEX)
        try:
            data = bytes.fromhex(digits) if digits.isalnum() else None
        except ValueError:
            data = None
        if data is None:
            raise ParameterError()
        sock = self._quectel.sockets.get(number)
        if sock and sock.service in ("UDP SERVICE", "TCP LISTENER"):
            raise errors.TcpipError(errors.NOT_SUPPORTED)
        return self._sent(self._quectel.sockets.usable(number), "+QISENDEX", data)

    def send_now(self, number, data):
        """The periodic sends of QICFG "send/auto": silent, also when they fail."""
        sock = self._quectel.sockets.get(number)
        if sock and sock.state == CONNECTED and not sock.ended and sock.service not in ("UDP SERVICE", "TCP LISTENER"):
            self.write(sock, data)

    def _set_echo(self, parameters):
        self._echo = parameters.int(0, 0, 1)
