"""HTTPS: AT+CHTTPSSTART, CHTTPSSTOP, CHTTPSOPSE, CHTTPSCLSE, CHTTPSSEND, CHTTPSRECV.

"AT Command Set for Internet Service", SIM7100, 0.01 (IS), chapter 7. One session, whose bytes the module does not look at. No
certificate is checked: the document has no command to load one. Numbers other than 0 are from general knowledge.
"""

from .. import tls
from ..commands import AtError, ParameterError
from ..hosts import literal
from ..phases import CountedPhase
from . import errors
from .services import DNS_LIMIT_S, Blocks, dns_is_silent

STOPPED, STARTED, OPENING, OPEN = range(4)
CLOSED, TIMEOUT, HANDSHAKE, NETWORK, DNS, CONNECT = 4, 5, 1, 10, 12, 14
_FAILURES = {"dns": DNS, "timeout": TIMEOUT, "tls": HANDSHAKE}
LONGEST_SEND = 4096
CACHE = 65536  # received bytes that wait for the host before the server is made to wait
_CONNECT_LIMIT_S = 60
_RECEIVE_LIMIT_S = 60
_SEND_LIMIT_S = 120
_GOODBYE_S = 5  # a server that does not close its side
_PLAIN, _SECURE = 1, 2
SEND_NAMES = ("+CHTTPSSEND", "+CHTTPSEND", "+CMMSSEND", "+CHTTPSENDD")  # printed all four ways (IS, 7.5)


class Https:
    """The session: its commands, and the handler of its link."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._state = STOPPED
        self._link = None
        self._forget()
        add = simcom.add
        add("+CHTTPSSTART", execute=self._start)
        add("+CHTTPSSTOP", execute=self._stop)
        add("+CHTTPSOPSE", write=self._open)
        add("+CHTTPSCLSE", execute=self._close)
        for name in SEND_NAMES:
            add(
                name,
                test="%s: (1-%d)" % (name, LONGEST_SEND),
                read=lambda name=name: "%s: %d" % (name, self._unsent),
                write=self._send,
                execute=lambda name=name: self._flush(name),
            )
        add("+CHTTPSRECV", read=lambda: "+CHTTPSRECV: LEN,%d" % len(self._cache), write=self._receive)

    def _forget(self):
        """A session ends, or has not begun."""
        self._cache = bytearray()
        self._unsent = 0  # bytes of the host that the network has not taken
        self._ended = self._announced = self._paused = False
        self._flushing = self._receiving = self._stream = self._timer = None

    # What the dialect calls --------------------------------------------------------------------------------------------

    def reset(self):
        """A restart of the module."""
        self._drop()
        self._state = STOPPED

    def lose(self):
        """The network has gone away."""
        if self._link and self._state == OPENING:
            self.link_failed(self._link, "unreachable")
        elif self._link and not self._ended:
            self.link_ended(self._link, True)

    def end_all(self):
        """The connection ends as if by the server."""
        if self._link and self._state == OPEN and not self._ended:
            self.link_ended(self._link, False)

    def _drop(self):
        if self._link:
            self._link.release()
            self._link = None
        if self._stream:
            self._stream.cancel()
        if self._timer:
            self._timer.cancel()
        self._forget()

    # Session -----------------------------------------------------------------------------------------------------------

    def _done(self, name):
        """A command that needs no network: its final result, or its result line, at once."""
        finality = self._simcom.finality(name)
        self._modem.later(0, finality.finish, 0)
        return finality.reply()

    def _start(self):
        if self._state != STOPPED or not self._simcom.contexts.bring_up(1):
            raise AtError()
        self._state = STARTED
        return self._done("+CHTTPSSTART")

    def _stop(self):
        if self._state == STOPPED:
            raise AtError()
        self._drop()
        self._state = STOPPED
        return self._done("+CHTTPSSTOP")

    def _open(self, parameters):
        parameters.count(2, 3)
        host, port = parameters.str(0, 256), parameters.int(1, 1, 65535)
        kind = parameters.int(2, _PLAIN, _SECURE, _SECURE)
        if not host:
            raise ParameterError()
        if self._state != STARTED or not self._simcom.contexts.bring_up(1):
            raise AtError()
        self._state = OPENING
        self._finality = self._simcom.finality("+CHTTPSOPSE")
        self._timer = self._modem.later(_CONNECT_LIMIT_S, self._late)
        if dns_is_silent(self._modem, host):
            self._timer.cancel()
            self._timer = self._modem.later(DNS_LIMIT_S, lambda: self.link_failed(None, "dns"))
        elif kind == _PLAIN:
            self._link = self._modem.net.tcp(self, host, port)
        else:
            name = host if literal(host) is None else None
            settings = tls.TlsSettings(tls.TLS10, tls.TLS12, list(tls._openssl_names()), server_name=name)
            link = self._modem.net.tls(self, settings, self._modem.clock, note=self._modem.note)
            self._link = link.connect(host, port)
        return self._finality.reply()

    def _late(self):
        self.link_failed(self._link, "timeout")

    def _close(self):
        if self._state != OPEN:
            raise AtError()
        self._link.close()
        self._modem.later(_GOODBYE_S, self._link.release)
        self._link = None
        self._drop()
        self._state = STARTED
        return self._done("+CHTTPSCLSE")

    # What the link tells -----------------------------------------------------------------------------------------------

    def link_open(self, link):
        if link is not self._link:
            return
        self._timer.cancel()
        self._timer = None
        self._state = OPEN
        self._finality.finish(0)

    def link_failed(self, link, reason):
        if link is self._link and self._state == OPENING:
            self._drop()
            self._state = STARTED
            self._finality.finish(_FAILURES.get(reason, CONNECT))

    def link_data(self, link, data, source=None):
        if link is not self._link or self._ended:
            return
        self._cache += data
        if len(self._cache) >= CACHE and not self._paused:
            self._paused = True
            link.pause()
        self._check()

    def link_room(self, link):
        return CACHE

    def link_ended(self, link, reset):
        if link is not self._link or self._ended:
            return
        self._ended = True
        if self._unsent and self._flushing:
            self._flushed(CLOSED)
        self._check()
        if self._simcom.quirk("peer-closed", "notify"):
            self._simcom.urc("+CHTTPSNOTIFY: PEER CLOSED")

    def link_writable(self, link):
        if link is self._link:
            self._unsent = 0
            if self._flushing:
                self._flushed(0)

    def link_closed(self, link):
        """Nothing is left to do."""

    def link_frozen(self, link):
        """The time limits tell."""

    # AT+CHTTPSSEND -----------------------------------------------------------------------------------------------------

    def _need_open(self):
        if self._state != OPEN or self._ended:
            raise AtError()

    def _send(self, parameters):
        parameters.count(1, 1)
        count = parameters.int(0, 1, LONGEST_SEND)
        self._need_open()

        def typed(data):
            self._need_open()
            self._link.write(data)
            self._unsent = self._unsent + len(data) if self._link.unsent() else 0

        return self._simcom.prompt(CountedPhase(count, typed))

    def _flush(self, name):
        if self._state != OPEN or self._flushing:
            raise AtError()
        self._flushing = name, self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+CHTTPSSEND", self._flush_begins, self._flushing)
        return self._flushing[1].reply()

    def _flush_begins(self, flushing, forced):
        if self._flushing is not flushing:
            return
        if forced or self._ended:
            self._flushed(forced or CLOSED)
        elif not self._unsent:
            self._flushed(0)
        else:
            self._modem.later(_SEND_LIMIT_S, lambda: self._flushing is flushing and self._flushed(TIMEOUT))

    def _flushed(self, code):
        (name, operation), self._flushing = self._flushing, None
        operation.finish(["%s: %d" % (name, code)], failed=code != 0)

    # AT+CHTTPSRECV -----------------------------------------------------------------------------------------------------

    def _receive(self, parameters):
        parameters.count(1, 1)
        wanted = parameters.int(0, 1, 1 << 31)
        if self._state != OPEN or self._receiving:
            raise AtError()
        if self._ended and not self._cache:
            raise errors.Refused("+CHTTPSRECV: %d" % CLOSED)
        self._receiving = wanted, self._simcom.operation(ok_first=True)
        self._simcom.after_reply("+CHTTPSRECV", self._receive_begins, self._receiving)
        return self._receiving[1].reply()

    def _receive_begins(self, receiving, forced):
        if self._receiving is not receiving:
            return
        if forced:
            self._received(forced)
        else:
            self._timer = self._modem.later(_RECEIVE_LIMIT_S, self._receive_late)
            self._check()

    def _receive_late(self):
        if self._receiving and not self._stream:
            self._deliver(0 if self._cache else TIMEOUT)

    def _check(self):
        """Go on with a receive, or tell the host that there is something."""
        if self._stream:
            return
        if self._receiving and self._timer:
            if len(self._cache) >= min(self._receiving[0], CACHE) or self._ended:
                self._deliver(0 if self._cache else CLOSED)
        elif self._cache and not self._announced and not self._receiving:
            self._announced = True
            self._simcom.urc("+CHTTPS: RECV EVENT")

    def _deliver(self, code):
        self._timer.cancel()
        self._timer = None
        count = len(self._cache)
        if self._simcom.quirk("https-receive", "at-most"):
            count = min(count, self._receiving[0])
        data = bytes(self._cache[:count])
        del self._cache[:count]
        if self._paused and len(self._cache) < CACHE:
            self._paused = False
            self._link.resume()
        self._stream = Blocks(self._simcom, "+CHTTPSRECV")
        self._stream.feed(data)
        self._stream.end(lambda: self._received(code))

    def _received(self, code):
        (_, operation), self._receiving = self._receiving, None
        self._stream = None
        self._announced = False
        operation.finish(["+CHTTPSRECV: %d" % code], failed=code != 0)
        self._check()
