"""HTTP: AT+CHTTPACT. "AT Command Set for Internet Service", SIM7100, 0.01 (IS), chapter 6.

The host writes the whole request and gets the response as it comes. The module only looks for its end: the length that the
header tells, the last chunk, or the end of the connection.
"""

from ..commands import CmeError
from ..core import PENDING, Prompt
from .ftp import EtxStreamPhase
from .services import DNS_LIMIT_S, IDLE_LIMIT_S, Blocks, dns_is_silent, with_code

UNKNOWN, BUSY, DNS, TIMEOUT, BROKEN, MEMORY, PARAMETER, NETWORK = range(220, 228)
LONGEST_REQUEST = 4 * 1024 * 1024
AHEAD = 65536  # bytes of a response that wait for the host before the server is made to wait
_LONGEST_HEAD = 65536  # bytes of a head, a chunk's size or trailers; what is longer is passed on without being understood
_LONGEST_NUMBER = 15  # digits of a length
_FAILURES = {"dns": DNS, "timeout": TIMEOUT}
_HEAD, _FIXED, _CHUNK_SIZE, _CHUNK, _TRAILER, _UNTIL_CLOSE, _DONE = range(7)


class ResponseEnd:
    """Finds the end of a response (RFC 9112, 6.3). `complete` says that it has come, `open_ended` that only a close ends it."""

    def __init__(self, request):
        self._without_body = request.split(b" ", 1)[0] == b"HEAD"
        self._state = _HEAD
        self._line = bytearray()
        self._head = []
        self._seen = 0  # bytes since the body, or the last chunk, has ended
        self._left = 0
        self.begun = False

    @property
    def complete(self):
        return self._state == _DONE

    @property
    def open_ended(self):
        return self._state == _UNTIL_CLOSE

    def feed(self, data):
        """More of the response."""
        self.begun = True
        position = 0
        while position < len(data) and self._state not in (_UNTIL_CLOSE, _DONE):
            if self._state in (_FIXED, _CHUNK):
                used = min(self._left, len(data) - position)
                position += used
                self._left -= used
                if not self._left:
                    self._seen = 0
                    self._state = _DONE if self._state == _FIXED else _CHUNK_SIZE
                continue
            end = data.find(b"\n", position)
            stop = len(data) if end < 0 else end + 1
            self._line += data[position:stop]
            self._seen += stop - position
            position = stop
            if self._seen > _LONGEST_HEAD:
                self._state = _UNTIL_CLOSE
            elif end >= 0:
                line, self._line = bytes(self._line).strip(), bytearray()
                self._take(line)

    def _take(self, line):
        if self._state == _HEAD:
            if line:
                self._head.append(line)
            elif self._head:
                self._body_begins()
        elif self._state == _CHUNK_SIZE:
            try:
                size = line.split(b";")[0][: _LONGEST_NUMBER + 1]
                self._left = int(size or b"0", 16) + 2 if line else 0  # with the CRLF behind it
            except ValueError:
                self._state = _UNTIL_CLOSE
                return
            if self._left > 2:
                self._state = _CHUNK
            elif line:
                self._state = _TRAILER
        elif not line:
            self._state = _DONE

    def _body_begins(self):
        status = self._head[0].split(b" ")[1:2]
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in self._head[1:])}
        code = int(status[0]) if status and status[0].isdigit() and len(status[0]) == 3 else 0
        self._head = []
        if 100 <= code < 200 and code != 101:
            return  # the real head follows
        length = fields.get(b"content-length", b"")
        if self._without_body or code in (204, 304):
            self._state = _DONE
        elif b"chunked" in fields.get(b"transfer-encoding", b"").lower():
            self._state = _CHUNK_SIZE
        elif length.isdigit() and len(length) <= _LONGEST_NUMBER:
            self._left = int(length)
            self._state = _FIXED if self._left else _DONE
        else:
            self._state = _UNTIL_CLOSE


class Exchange:
    """One request and its response; the handler of its link. `done(code)` once, 0 for success."""

    def __init__(self, modem, host, port, request, stream, connected, done):
        self._modem = modem
        self._request = request
        self._stream = stream
        self._connected = connected
        self._done = done
        self._end = ResponseEnd(request)
        self._paused = False
        self._timer = None
        self._alive()
        self._link = None
        if dns_is_silent(modem, host):
            self._timer.cancel()
            self._timer = modem.later(DNS_LIMIT_S, self.finish, DNS)
        else:
            self._link = modem.net.tcp(self, host, port)

    def _alive(self):
        if self._timer:
            self._timer.cancel()
        self._timer = self._modem.later(IDLE_LIMIT_S, self.finish, TIMEOUT)

    def finish(self, code):
        """The exchange is over."""
        if self._done:
            done, self._done = self._done, None
            self._timer.cancel()
            if self._link:
                self._link.release()
            done(code)

    def cancel(self):
        """Give up without a word."""
        self._done = None
        self._timer.cancel()
        if self._link:
            self._link.abort()

    def taken(self, count):
        """Blocks are on their way to the host."""
        if self._paused and self._stream.waiting() < AHEAD:
            self._paused = False
            self._link.resume()

    # What the link tells -----------------------------------------------------------------------------------------------

    def link_open(self, link):
        self._connected()
        self._alive()
        link.write(self._request)

    def link_failed(self, link, reason):
        self.finish(_FAILURES.get(reason, NETWORK))

    def link_data(self, link, data, source=None):
        if not self._done:
            return
        self._alive()
        self._end.feed(data)
        self._stream.feed(data)
        if self._end.complete:
            self.finish(0)
        elif self._stream.waiting() >= AHEAD and not self._paused:
            self._paused = True
            link.pause()

    def link_room(self, link):
        return AHEAD

    def link_ended(self, link, reset):
        self.finish(0 if self._end.open_ended and not reset else BROKEN)

    def link_writable(self, link):
        self._alive()

    def link_closed(self, link):
        """Nothing is left to do."""

    def link_frozen(self, link):
        """The time limit tells."""


class Http:
    """The command."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._exchange = self._stream = None
        self._busy = False
        simcom.add("+CHTTPACT", test='+CHTTPACT: "ADDRESS",(1-65535)', write=with_code(PARAMETER, self._act))

    def reset(self):
        """A restart of the module."""
        if self._exchange:
            self._exchange.cancel()
        if self._stream:
            self._stream.cancel()
        self._exchange = self._stream = None
        self._busy = False

    def lose(self):
        """The network has gone away."""
        if self._exchange:
            self._exchange.finish(NETWORK)

    def end_all(self):
        """The connection ends as if by the server."""
        if self._exchange:
            self._exchange.link_ended(None, False)

    def _act(self, parameters):
        parameters.count(2, 2)
        host, port = parameters.str(0, 256), parameters.int(1, 1, 65535)
        if not host:
            raise CmeError(PARAMETER)
        if self._busy:
            raise CmeError(BUSY)
        if not self._simcom.contexts.bring_up(1):
            raise CmeError(NETWORK)
        request = bytearray()
        job = self._modem.job
        self._busy = True

        def part(data):
            request.extend(data[: LONGEST_REQUEST + 1 - len(request)])

        def typed():
            if len(request) > LONGEST_REQUEST:
                self._busy = False
                raise CmeError(MEMORY)
            if self._simcom.quirk("http-failure", "early"):
                self._begin(host, port, bytes(request), job)
                return PENDING
            self._simcom.after_reply("+CHTTPACT", self._begin_later, host, port, bytes(request))
            return None

        return Prompt(EtxStreamPhase(part, typed), self._modem.frame("+CHTTPACT: REQUEST"))

    def _begin_later(self, host, port, request, forced):
        if forced:
            self._report(forced)
        elif self._busy:
            self._begin(host, port, request, None)

    def _begin(self, host, port, request, job):
        """Connect and send. With `job` its OK, or error, tells whether the server was reached."""
        waiting = [job] if job else []
        stream = self._stream = Blocks(self._simcom, "+CHTTPACT", spaced=True, taken=lambda count: self._taken(count))

        def connected():
            if waiting:
                self._modem.complete(waiting.pop(), lambda: None)

        def done(code):
            self._exchange = None
            if waiting:
                self._cleared()
                self._modem.complete(waiting.pop(), _raise, CmeError(code))
            else:
                stream.end(lambda: self._ended(code))

        self._exchange = Exchange(self._modem, host, port, request, stream, connected, done)

    def _taken(self, count):
        if self._exchange:
            self._exchange.taken(count)

    def _cleared(self):
        if self._stream:
            self._stream.cancel()
        self._stream = None
        self._busy = False

    def _ended(self, code):
        if self._simcom.quirk("http-end", "ctrl-z"):
            self._modem.urc(b"\x1a")
        self._report(code)

    def _report(self, code):
        self._cleared()
        self._simcom.urc("+CHTTPACT: %d" % code)


def _raise(error):
    raise error
