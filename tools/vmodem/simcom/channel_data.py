"""How payload travels in a TLS session: AT+CCHSEND, CCHRECV, the blocks that are pushed (AT, chapter "SSL")."""

from ..commands import AtError
from ..core import PENDING, Result
from ..phases import CountedPhase
from . import errors
from .channels import OPEN, PEER_CLOSED, SEND_TIMEOUT, SESSIONS, STATE, TRANSFER

LONGEST_SEND = LONGEST_READ = 2048
_POLL_S = 0.01


class ChannelData:
    """Payload in both directions, for both sessions."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._channels = simcom.channels
        self._modem.on_free.append(self._deliver_all)
        add = simcom.add
        add("+CCHSEND", test="+CCHSEND: (0,1),(1-%d)" % LONGEST_SEND, read=self._unsent, write=self._send)
        add("+CCHRECV", test="+CCHRECV: (0,1),(0-%d)" % LONGEST_READ, read=self._lengths, write=self._receive)

    # From the network to the host --------------------------------------------------------------------------------------

    def _deliver_all(self):
        for session in self._channels.sessions():
            self.deliver(session)

    def deliver(self, session):
        """Tell the host what there is to tell about received data and about the end of a session."""
        online = self._simcom.online
        if session.state != OPEN:
            return
        if online.endpoint is session:
            online.pour()
        elif online.endpoint is None and not session.transparent:
            if not self._channels.manual:
                self._push(session)
            elif session.buffer and not session.announced:
                session.announced = True
                self._simcom.urc("+CCHEVENT: %d,RECV EVENT" % session.number)
        if session.ended and (not session.buffer or (self._channels.manual and not session.transparent)):
            self._channels.announce_end(session)
        session.throttle()

    def _block(self, session, buffer, count):
        """`count` bytes at most as a block with its header, which nothing may come between."""
        data = buffer.take(min(count, LONGEST_READ))
        self._modem.faults.delivered(len(data))
        return self._simcom.block(["+CCHRECV: DATA,%d,%d" % (session, len(data))]) + data

    def _push(self, session):
        while session.buffer and not self._modem.urcs_held() and self._modem.room():
            self._simcom.urc(self._block(session.number, session.buffer, LONGEST_READ))

    def _buffer(self, number):
        session = self._channels.get(number)
        return session.buffer if session else self._channels.unread.get(number)

    def _lengths(self):
        return "+CCHRECV: LEN,%d,%d" % tuple(len(self._buffer(number) or b"") for number in range(SESSIONS))

    def _receive(self, parameters):
        parameters.count(1, 2)
        number, count = parameters.int(0, 0, SESSIONS - 1), parameters.int(1, 0, LONGEST_READ, 0)
        buffer = self._buffer(number)
        if buffer is None or not self._channels.manual:
            raise errors.Refused("+CCHRECV: %d,%d" % (number, STATE))
        return Result(then=lambda: self._hand_out(number, buffer, count or len(buffer)))

    def _hand_out(self, number, buffer, count):
        while buffer and count:
            before = len(buffer)
            self._simcom.urc(self._block(number, buffer, count))
            count -= before - len(buffer)
        self._simcom.urc("+CCHRECV: %d,0" % number)
        session = self._channels.get(number)
        if session:
            session.announced = bool(buffer)
            session.throttle()

    # From the host to the network --------------------------------------------------------------------------------------

    def _unsent(self):
        counts = []
        for number in range(SESSIONS):
            session = self._channels.get(number)
            rest = len(session.sending[0]) if session and session.sending else 0
            counts += [number, rest + (session.link.unsent() if session and session.state == OPEN else 0)]
        return "+CCHSEND: %d,%d,%d,%d" % tuple(counts)

    def _send(self, parameters):
        parameters.count(2, 2)
        session, count = self._channels.session(parameters), parameters.int(1, 1, LONGEST_SEND)
        if session.sending or session.transparent:
            raise AtError()
        return self._simcom.prompt(CountedPhase(count, lambda data: self._sent(session, data)))

    def _sent(self, session, data):
        """All payload is there. With a report OK comes now, and otherwise when the stack has taken the data."""
        session.operation = self._simcom.operation(ok_first=True) if self._channels.report else None
        session.job = self._modem.job
        if self._modem.faults.hit("send-fail"):
            return self._outcome(session, TRANSFER)
        session.sending = (data, self._modem.clock.now() + self._channels.send_timeout_s[session.number])
        code = self._progress(session)
        if code is not None:
            session.sending = None
            return self._outcome(session, code)
        self._modem.later(_POLL_S, self._poll, session)
        return session.operation.reply() if session.operation else PENDING

    def _progress(self, session):
        """Go on with a send; its result when it is known, else None."""
        if not self._channels.is_open(session):
            return PEER_CLOSED
        data, deadline = session.sending
        data = data[session.write(data) :]
        session.sending = (data, deadline)
        if not data:
            return 0
        return SEND_TIMEOUT if self._modem.clock.now() >= deadline else None

    def _outcome(self, session, code):
        """What the command ends with when the result is known at once."""
        if session.operation is None:
            return Result("ERROR" if code else "OK")
        lines, operation = ["+CCHSEND: %d,%d" % (session.number, code)], session.operation
        return Result(then=lambda: operation.finish(lines)) if operation.ok_first else Result(info=lines)

    def _poll(self, session):
        if session.sending:
            self.step(session)
            self._modem.later(_POLL_S, self._poll, session)

    def step(self, session):
        code = self._progress(session) if session.sending else None
        if code is None:
            return
        session.sending = None
        if session.operation:
            session.operation.finish(["+CCHSEND: %d,%d" % (session.number, code)], failed=bool(code))
        else:
            self._modem.complete(session.job, lambda: Result("ERROR" if code else "OK"))
