"""How payload travels: AT+CIPSEND, CIPRXGET, CIPACK, ATO, push reports, transparent mode (AN, 1.5 and 3.2-3.4)."""

from ..commands import ParameterError
from ..core import Result
from ..hosts import literal
from ..phases import CountedPhase
from . import errors
from .phases import EtxPhase
from .sockets import OPEN, PEER, SEND_TIMEOUT_OR_DTR

LONGEST_SEND = 1500
LONGEST_READ, LONGEST_HEX_READ = 1500, 750
PUSH, BUFFER, BUFFER_WITH_SOURCE = 0, 1, 5
_CIPSEND = 2  # the index of its time-out
_POLL_S = 0.01


class _Sending:
    """One AT+CIPSEND whose data the stack has not taken, or the peer not acknowledged, yet."""

    def __init__(self, transfer, sock, data, operation, deadline):
        self._transfer = transfer
        self.sock = sock
        self.asked = len(data)
        self.rest = data
        self.operation = operation
        self.deadline = deadline

    def line(self, taken):
        return "+CIPSEND: %d,%d,%d" % (self.sock.number, self.asked, taken)

    def step(self):
        """Go on; the number for the result line when it is known, else None."""
        sock = self.sock
        if sock.state != OPEN or sock.lost or sock.link is None:
            return -1
        self.rest = self.rest[sock.write(self.rest) :]
        if self._transfer.now() >= self.deadline:
            return self.asked - len(self.rest)
        waiting = self.rest or (self._transfer.waits_for_acknowledgement() and sock.acknowledged() < sock.sent)
        return None if waiting else self.asked


class Transfer:
    """Payload in both directions, for all links."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.reset()
        add = simcom.add
        add("+CIPSEND", test="+CIPSEND: (0-9),(1-%d)" % LONGEST_SEND, write=self._send)
        add(
            "+CIPRXGET",
            free=True,
            test="+CIPRXGET: (0-5),(0-9),(1-%d)" % LONGEST_READ,
            read=lambda: "+CIPRXGET: %d" % self._mode,
            write=self._get,
        )
        add("+CIPACK", free=True, test="+CIPACK: (0-9)", write=self._counters)
        self._modem.on_free.append(self._deliver_all)

    def reset(self):
        """A restart of the module."""
        self._mode = PUSH

    def now(self):
        return self._modem.clock.now()

    def reads_as_stream(self):
        """Whether a read may go on into the next datagram."""
        return self._mode != PUSH and not self._simcom.settings.by_packet

    def waits_for_acknowledgement(self):
        return self._simcom.settings.wait_for_acknowledgement

    def forget(self, sock):
        """A link is gone."""
        self._simcom.online.leave(sock)
        self._step(sock)

    def cut(self, sock):
        """The network is gone: a transparent link falls back to command mode."""
        self._simcom.online.leave(sock, "CLOSED")
        self._step(sock)

    # From the network to the host --------------------------------------------------------------------------------------

    def _deliver_all(self):
        for sock in self._simcom.sockets:
            self.deliver(sock)

    def deliver(self, sock, new=False):
        """Tell the host what there is to tell about received data (`new`: some has just come) and about the end of a link."""
        if sock.state != OPEN:
            return
        online = self._simcom.online
        if online.endpoint is sock:
            online.pour()
        elif online.endpoint is None and not sock.transparent:
            if self._mode == PUSH:
                self._push(sock)
            elif sock.buffer and (not sock.announced or (new and self._simcom.quirk("rxget-urc", "repeated"))):
                self._announce(sock)
        if sock.ended and (not sock.buffer or (self._mode != PUSH and not sock.transparent)):
            self._simcom.sockets.announce_end(sock, PEER)
        sock.throttle()

    def _announce(self, sock):
        sock.announced = True
        if self._mode == BUFFER_WITH_SOURCE:
            self._simcom.urc("+CIPRXGETIP:%s:%d" % (sock.buffer.source() or (sock.address, sock.remote_port)))
        self._simcom.urc("+CIPRXGET: 1,%d" % sock.number)

    def _push(self, sock):
        """Direct push: one report per block or datagram."""
        while sock.buffer and not self._modem.urcs_held() and self._modem.room():
            source = sock.buffer.source() or (sock.address, sock.remote_port)
            data = sock.buffer.take(LONGEST_READ)
            self._modem.urc(self._report(sock, source, data))
            self._modem.faults.delivered(len(data))

    def _report(self, sock, source, data):
        settings, lines = self._simcom.settings, []
        if settings.source:
            lines.append("%sRECV FROM:%s:%d" % (("+" if self._simcom.quirk("header", "plus") else "",) + source))
        if settings.head and settings.link_in_header:
            lines.append("+RECEIVE,%d,%d" % (sock.number, len(data)))
        elif settings.head:
            lines.append("+IPD%s%d" % (" " if self._simcom.quirk("header", "blank") else "", len(data)))
        return (self._simcom.block(lines) if lines else b"") + data

    def _get(self, parameters):
        parameters.count(1, 3)
        mode = parameters.int(0, 0, 5)
        if mode in (PUSH, BUFFER, BUFFER_WITH_SOURCE):
            parameters.count(1, 1)
            if mode == BUFFER_WITH_SOURCE and self._simcom.quirk("rxget-source", "unknown"):
                raise ParameterError()
            self._mode = mode
            self._modem.later(0, self._deliver_all)
            return None
        number = self._simcom.sockets.link_number(parameters, 1)
        buffer = self._simcom.sockets.buffer(number)
        if mode == 4:
            parameters.count(2, 2)
            return "+CIPRXGET: 4,%d,%d" % (number, len(buffer or b""))
        longest = LONGEST_READ if mode == 2 else LONGEST_HEX_READ
        count = parameters.int(2, 1, longest, longest)
        if not buffer:
            raise self._simcom.ip_error(errors.IP_NO_DATA)
        data = buffer.take(count)
        self._modem.faults.delivered(len(data))
        sock = self._simcom.sockets.get(number)
        if sock:
            sock.announced = bool(buffer)
            sock.throttle()
        shown = data if mode == 2 else data.hex().upper().encode()
        header = self._simcom.block(["+CIPRXGET: %d,%d,%d,%d" % (mode, number, len(data), len(buffer))])
        return header + shown + self._modem.general.line_end

    def twin_urc(self, command):
        """The announcement of a link that has nothing new: harmless, and about the same link as the reply."""
        fields = command.text.split(",")
        known = len(fields) > 1 and fields[1].strip().isdecimal() and self._simcom.sockets.get(int(fields[1]))
        return "+CIPRXGET: 1,%d" % known.number if known else None

    def _counters(self, parameters):
        parameters.count(1, 1)
        sock = self._simcom.sockets.get(self._simcom.sockets.link_number(parameters))
        if sock is None or sock.datagrams:
            raise self._simcom.ip_error(errors.IP_NOT_CREATED)
        return "+CIPACK: %d,%d,%d" % (sock.sent, sock.acknowledged(), sock.buffer.total)

    # From the host to the network --------------------------------------------------------------------------------------

    def _send(self, parameters):
        parameters.count(1, 4)
        number = self._simcom.sockets.link_number(parameters)
        count = parameters.int(1, 1, LONGEST_SEND, None)
        sock = self._simcom.sockets.get(number)
        code = self._refusal(sock, count, len(parameters))
        target = None
        if not code and sock.datagrams:
            target = self._target(parameters)
            code = 0 if target else errors.PARAMETER
        if code:
            raise errors.Refused("+CIPERROR: %d" % code)
        echo = self._simcom.settings.data_echo

        def done(data):
            return self._sent(sock, data, target)

        if count is None:
            return self._simcom.prompt(EtxPhase(LONGEST_SEND, done, cancelled=lambda: None, overlong=self._overlong, echo=echo))
        return self._simcom.prompt(CountedPhase(count, done, echo=echo))

    def _refusal(self, sock, count, given):
        if not self._simcom.service.is_open:
            return errors.NOT_OPENED
        if sock is None or sock.transparent or (count is None and sock.server >= 0):
            return errors.NOT_SUPPORTED
        if sock.sending:
            return errors.BUSY
        return 0 if sock.datagrams or given <= 2 else errors.PARAMETER

    def _target(self, parameters):
        """Address and port of a datagram; None if they cannot be used."""
        try:
            host, port = parameters.str(2, 255), parameters.int(3, 0, 65535)
        except ParameterError:
            return None
        address = literal(host)
        return (host, port) if address and address.version == self._simcom.service.family else None

    def _overlong(self, data):
        raise ParameterError()

    def _sent(self, sock, data, target):
        """All payload of an AT+CIPSEND is there."""
        operation = self._simcom.operation(ok_first=self._simcom.quirk("send-result", "after-ok"))
        sending = _Sending(self, sock, data, operation, self.now() + self._simcom.settings.timeout_s(_CIPSEND))
        if self._modem.faults.hit("send-fail"):
            taken = 0
        elif target and sock.state == OPEN and sock.link and not sock.lost:
            taken = self._datagram(sock, data, target)
        elif target:
            taken = -1
        else:
            taken = sending.step()
        if taken is None or self._modem.faults.urc_delay_s("+CIPSEND"):
            sock.sending = sending
            self._modem.later(_POLL_S, self._poll, sock, sending)
            return operation.reply()
        if operation.ok_first:
            return Result(then=lambda: operation.finish([sending.line(taken)]))
        return Result(info=[sending.line(taken)])

    def _datagram(self, sock, data, target):
        """Send one datagram. Where it goes to is not the stack's business: what cannot be reached is lost."""
        sock.link.write_to(data, *target)
        sock.sent += len(data)
        return len(data)

    def _poll(self, sock, sending):
        if sock.sending is sending:
            self._step(sock)
            self._modem.later(_POLL_S, self._poll, sock, sending)

    def _step(self, sock):
        """See how far the send of a link is."""
        sending = sock.sending
        taken = sending.step() if sending else None
        if taken is None:
            return
        sock.sending = None
        sending.operation.finish([sending.line(taken)], failed=taken != sending.asked)
        if taken not in (-1, sending.asked):
            self._simcom.sockets.announce_end(sock, SEND_TIMEOUT_OR_DTR)

    def writable(self, sock):
        """The network takes data of a link again."""
        self._simcom.online.writable(sock)
        self._step(sock)
