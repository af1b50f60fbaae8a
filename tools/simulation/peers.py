"""Who is at the other end of a connection: small state machines. `chain` and `trusted` are for TLS."""

from .identities import FOREIGN, TRUSTED
from .services import seeded


class Peer:
    """Takes everything and says nothing."""

    chain, trusted = (TRUSTED,), True

    def on_open(self, link):
        """The connection is up."""

    def on_data(self, link, data):
        """Bytes of the module."""

    def on_datagram(self, socket, data, address):
        """A datagram of the module."""


class Echo(Peer):
    """Gives back what comes."""

    def on_data(self, link, data):
        link.send(data)

    def on_datagram(self, socket, data, address):
        socket.send(data, address)


class Source(Peer):
    """Sends so many bytes as soon as the connection is up, then closes, or stays open (`keep`)."""

    def __init__(self, count, seed, keep=False):
        self._count = count
        self._seed = seed
        self._keep = keep

    def on_open(self, link):
        link.send(seeded(self._count, self._seed))
        if not self._keep:
            link.end()


class Endless(Peer):
    """Sends so many bytes, and no end of a line among them."""

    def __init__(self, count):
        self._count = count

    def on_open(self, link):
        link.send(b"." * self._count)


class Leaver(Peer):
    """Says nothing, and closes after `pause_s`."""

    def __init__(self, clock, pause_s):
        self._clock = clock
        self._pause_s = pause_s

    def on_open(self, link):
        self._clock.call_later(self._pause_s, link.end)


class Clerk(Peer):
    """Answers each line `GET <n>` with n bytes, and each line `PUT <n>` and its n bytes with `GOT <n>`."""

    def __init__(self, seed=1):
        self._seed = seed
        self._input = bytearray()
        self._put = None

    def on_data(self, link, data):
        self._input += data
        while self._input:
            if self._put is not None:
                if len(self._input) < self._put:
                    return
                del self._input[: self._put]
                link.send(b"GOT %d\n" % self._put)
                self._put = None
                continue
            end = self._input.find(b"\n")
            if end < 0:
                return
            verb, _, number = bytes(self._input[:end]).partition(b" ")
            del self._input[: end + 1]
            if verb == b"PUT" and number.isdigit():
                self._put = int(number)
            elif verb == b"GET" and number.isdigit():
                self._seed += 1
                link.send(seeded(int(number), self._seed))
            else:
                link.end(reset=True)
                return


class Client(Peer):
    """Connects to a listener of the module: sends lines, reads the echo, closes."""

    def __init__(self, seed, lines=2):
        self._seed = seed
        self._left = lines

    def _say(self, link):
        self._left -= 1
        link.send(b"line %d of client %d\n" % (self._left, self._seed))

    def on_open(self, link):
        self._say(link)

    def on_data(self, link, data):
        if link.received.count(b"\n") * 1 == link.sent.count(b"\n"):
            if self._left:
                self._say(link)
            else:
                link.end()


class Passer(Peer):
    """Connects to a listener of the module, says something and leaves at once."""

    def __init__(self, number):
        self._number = number

    def on_open(self, link):
        link.send(b"passer %d\n" % self._number)
        link.end()


class Halves(Peer):
    """Sends ten bytes, and after `pause_s` the rest of the line."""

    def __init__(self, clock, pause_s=3.0):
        self._clock = clock
        self._pause_s = pause_s

    def on_open(self, link):
        link.send(b"0123456789")
        self._clock.call_later(self._pause_s, link.send, b" and the rest\n")


class Impostor(Echo):
    """An echo whose certificate nobody the module trusts has signed."""

    chain, trusted = (FOREIGN,), False


class TimeServer(Peer):
    """NTP."""

    def __init__(self, wall):
        self._wall = wall

    def on_datagram(self, socket, data, address):
        seconds = int(self._wall()) + 2208988800
        answer = bytearray(48)
        answer[0], answer[1] = 0x1C, 2
        answer[40:44] = seconds.to_bytes(4, "big")
        socket.send(bytes(answer), address)


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_CHUNK = b"\r\nhello\r\n0\r\n\r\n"
_MANY = 300
# Answers that RFC 9112 forbids, or that have no end in sight; each of them is whole otherwise.
HOSTILE = (
    *(_CHUNKED + size + _CHUNK for size in (b"-5", b"0x5", b"+5", b"0_5", b"\xb2", b"five", b"", b"5" * 40)),
    _CHUNKED + b"0\r\n" + b"Trailer: more\r\n" * _MANY + b"\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"Header: more\r\n" * _MANY + b"\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * _MANY + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    *(b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\nhello" % size for size in (b"-5", b"+5", b"0_5", b"\xb2", b"5" * 5000)),
    b"HTTP/1.1 two OK\r\nContent-Length: 5\r\n\r\nhello",
)


class WebServer(Peer):
    """HTTP: GET of a seeded page by length, POST of a body that is counted, in kept connections.

    It ends a connection on which a request does not come, or not whole, within a minute (RFC 9110, 15.5.9).
    """

    PATIENCE_S = 60.0

    def __init__(self, net, size=2500, seed=3):
        self._net = net
        self._clock = net.clock
        self._size = size
        self._seed = seed
        self._input = bytearray()
        self._timer = None

    def _wait(self, link, wanted):
        if self._timer:
            self._timer.cancel()
        self._timer = self._clock.call_later(self.PATIENCE_S, link.end) if wanted else None

    def on_open(self, link):
        self._wait(link, True)

    def on_data(self, link, data):
        self._input += data
        self._answer(link)
        self._wait(link, bool(self._input) or not link.received)

    def _answer(self, link):
        while True:
            end = self._input.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._input[:end])
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if len(self._input) < end + 4 + length:
                return
            body = bytes(self._input[end + 4 : end + 4 + length])
            del self._input[: end + 4 + length]
            answer = b"got %d" % len(body) if head.startswith(b"POST") else seeded(self._size, self._seed)
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
            hostile, self._net.hostile = self._net.hostile, None
            link.send(answer if hostile is None else HOSTILE[hostile])
            if b"connection: close" in head.lower():
                link.end()
                return
