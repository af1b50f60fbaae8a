"""The simulated network: the same face as `tools.vmodem.net.Network`, with peers that are small state machines.

Everything takes `DELAY_S`, and nothing is lost unless a fault says so. Who answers at a port is set by `serve`; every connection
to it gets a peer of its own, and all connections are kept in `links` for the judge.
"""

from tools.vmodem.hosts import HostMap, literal
from tools.vmodem.tls import TlsError

from .services import FtpSession, Outbox, PopSession, SmtpSending, Worker

DELAY_S = 0.03  # from the module to a peer, and back
_CHUNK, _CHUNK_S = 1400, 0.002  # a peer's bytes arrive in packets, so far apart
_PING_MS, _PING_TTL = 31, 57
ADDRESS = "192.0.2.10"
NAMES = {"peer.test": [ADDRESS], "other.test": ["192.0.2.20"], "time.test": ["192.0.2.30"], "mail.test": ["192.0.2.40"]}
FIRST_PORT = 50000


class Link:
    """A TCP connection of the module. `received` is what the module has sent, `sent` what the peer has."""

    def __init__(self, net, handler, remote, local_port=0):
        self._net = net
        self._clock = net.clock
        self.handler = handler
        self.remote = remote
        self.local = "10.0.0.2", local_port or net.next_port()
        self.peer = None
        self.incoming = False  # the peer has connected to a listener
        self.received = bytearray()
        self.sent = bytearray()
        self.open = self.gone = self.frozen = False  # gone: the module has let go of it
        self.closing = self.ended = self.lost = False  # by the module's FIN; by the peer; with a reset
        self._paused = self._reading = False
        self._inbox = []  # what has arrived and not been given to the module: bytes, or True/False for the end (reset or not)
        self._due_at = 0.0

    # The module's side

    def write(self, data):
        if self.gone or self.lost or self.frozen:
            return
        self.received += data
        if self.peer:
            self._clock.call_later(DELAY_S, self._tell_peer, bytes(data))

    def _tell_peer(self, data):
        if not self.lost:
            self.peer.on_data(self, data)

    def queued(self):
        return 0

    unsent = queued

    def pause(self):
        self._paused = True

    def resume(self):
        self._paused = False
        self._hand_over()

    def start(self):
        """Begin to read."""
        self._reading = True
        self._hand_over()

    def configure(self, *options):
        """TCP options mean nothing here."""

    def freeze(self):
        self.frozen = True

    def close(self):
        self.closing = True
        self._paused = False
        self._clock.call_later(2 * DELAY_S, self._closed)

    def _closed(self):
        if not self.gone:
            self.gone = True
            self.handler.link_closed(self)

    def release(self):
        self.gone = True

    def abort(self):
        self.gone = True

    # The peer's side

    def send(self, data):
        """Bytes of the peer."""
        if self.ended or self.gone or self.lost:
            return
        self.sent += data
        for at in range(0, len(data), _CHUNK):
            self._arrive(bytes(data[at : at + _CHUNK]))

    def end(self, reset=False):
        """The peer closes, or resets the connection."""
        if not self.ended:
            self.ended = True
            self.lost = reset
            self._arrive(reset)

    def _arrive(self, item):
        self._due_at = max(self._clock.now() + DELAY_S, self._due_at + _CHUNK_S)
        self._clock.call_later(self._due_at - self._clock.now(), self._arrived, item)

    def _arrived(self, item):
        self._inbox.append(item)
        self._hand_over()

    def _hand_over(self):
        while self._inbox and self._reading and not (self._paused or self.gone or self.frozen or self.closing):
            item = self._inbox.pop(0)
            if isinstance(item, bytes):
                self.handler.link_data(self, item)
            else:
                self.handler.link_ended(self, item)


class Datagrams:
    """A UDP socket of the module."""

    def __init__(self, net, handler, remote, local_port):
        self._net = net
        self._clock = net.clock
        self.handler = handler
        self.remote = remote
        self.local = "10.0.0.2", local_port or net.next_port()
        self.received = []  # (data, where to)
        self.gone = self.frozen = False
        self.open = True

    def start(self):
        """Datagrams are given to the module as they come."""

    pause = resume = start

    def write(self, data):
        self.write_to(data, *self.remote)

    def write_to(self, data, host, port):
        if not self.frozen:
            self.received.append((bytes(data), (host, port)))
            peer = self._net.peer(port)
            if peer:
                self._clock.call_later(DELAY_S, peer.on_datagram, self, bytes(data), (host, port))

    def send(self, data, source):
        """A datagram of a peer."""
        self._clock.call_later(DELAY_S, self._arrived, data, source)

    def _arrived(self, data, source):
        if not (self.gone or self.frozen):
            self.handler.link_data(self, data, source)

    def queued(self):
        return 0

    unsent = queued

    def freeze(self):
        self.frozen = True

    def close(self):
        self.gone = True
        self._clock.call_soon(self.handler.link_closed, self)

    def abort(self):
        self.gone = True

    release = abort


class Listener:
    """A listening socket of the module."""

    def __init__(self, net, handler, port):
        self.net = net
        self.handler = handler
        self.local = "10.0.0.2", port
        self.gone = False
        self.open = True

    def abort(self):
        self.gone = True

    release = abort


class TlsLink:
    """TLS as a handshake that comes to terms or not, and then the bytes as they are."""

    def __init__(self, net, handler, settings, clock, *, begun=None, note=None):
        self._net = net
        self._clock = clock
        self.handler = handler
        self._settings = settings
        self._begun = begun or (lambda: None)
        self._note = note or (lambda text: None)
        self._over = False

    def connect(self, host, port, local_port=0):
        self._tcp = self._net.tcp(self, host, port, local_port)
        return self

    def link_open(self, tcp):
        self._begun()
        self._clock.call_later(2 * DELAY_S, self._shaken)

    def _shaken(self):
        if self._over:
            return
        chain = self._tcp.peer.chain
        try:
            if self._settings.check is None:
                self._net.unverified.append(self._tcp)
            else:
                self._settings.check(chain)
        except TlsError as error:
            self._note("tls: %s" % error)
            self._over = True
            self._tcp.release()
            self.handler.link_failed(self, "tls")
            return
        if not self._tcp.peer.trusted:
            self._net.unverified.append(self._tcp)
        self.handler.link_open(self)

    def link_failed(self, tcp, reason):
        if not self._over:
            self.handler.link_failed(self, reason)

    def link_data(self, tcp, data, source=None):
        self.handler.link_data(self, data)

    def link_ended(self, tcp, reset):
        if not self._over:
            self.handler.link_ended(self, reset)

    def link_closed(self, tcp):
        self.handler.link_closed(self)

    def link_frozen(self, tcp):
        self.handler.link_frozen(self)

    def __getattr__(self, name):
        if name in ("local", "remote", "frozen", "write", "queued", "unsent", "pause", "resume", "configure", "close"):
            return getattr(self._tcp, name)
        raise AttributeError(name)

    def release(self):
        self._over = True
        self._tcp.release()

    def abort(self):
        self._over = True
        self._tcp.abort()


class Net:
    """Makes links. One per simulation.

    links       all TCP connections that there have been, in order;  also `datagrams` and `listeners`
    unverified  TLS connections that came up although the server should have been refused, or was not looked at
    """

    ftp_session, pop_session, smtp_sending, outbox = None, None, None, Outbox

    def __init__(self, clock):
        self.clock = clock
        self.hosts = HostMap(allow_net=True)
        self.links = []
        self.datagrams = []
        self.listeners = []
        self.unverified = []
        self.mail = self.files = None  # servers (`services`)
        self.hostile = None  # which of `peers.HOSTILE` is the web server's next answer
        self._peers = {}
        self._port = FIRST_PORT
        self._frozen = False
        self.ftp_session = lambda *args, **options: FtpSession(self, **options)
        self.pop_session = lambda: PopSession(self)
        self.smtp_sending = lambda *args: SmtpSending(self, *args)

    def serve(self, port, make_peer):
        """From now on `make_peer()` answers at `port`."""
        self._peers[port] = make_peer

    def peer(self, port):
        """A new peer for a port; None where nobody listens."""
        make = self._peers.get(port)
        return make() if make else None

    def next_port(self):
        self._port += 1
        return self._port

    def alive(self):
        """What of the module is still open: a link whose end is on its way to the peer is not."""
        links = [link for link in self.links if not link.closing]
        return [one for one in (*links, *self.datagrams, *self.listeners) if one.open and not one.gone]

    def client(self, listener, peer, host="198.51.100.7"):
        """A client connects to a listener of the module; the link."""
        link = Link(self, None, (host, self.next_port()), listener.local[1])
        link.open = link.incoming = True
        link.peer = peer
        self.links.append(link)
        self.clock.call_later(DELAY_S, self._client, listener, link)
        return link

    def _client(self, listener, link):
        if not listener.gone:
            listener.handler.link_client(listener, link)
            link.peer.on_open(link)
        else:
            link.open = False

    # The face of a network

    def tcp(self, handler, host, port, local_port=0):
        link = Link(self, handler, (host, port), local_port)
        self.links.append(link)
        self.clock.call_later(2 * DELAY_S, self._connected, link)
        return link

    def _connected(self, link):
        if link.gone or self._frozen:
            return
        host, port = link.remote
        if literal(host) is None and host not in NAMES:
            link.handler.link_failed(link, "dns")
            return
        link.peer = self.peer(port)
        if link.peer is None:
            link.handler.link_failed(link, "refused")
            return
        link.open = True
        link.remote = NAMES.get(host, [host])[0], port
        link.handler.link_open(link)
        link.start()
        link.peer.on_open(link)

    def tls(self, handler, settings, clock, **options):
        return TlsLink(self, handler, settings, clock, **options)

    def udp(self, handler, local_port, remote=None):
        link = Datagrams(self, handler, remote, local_port)
        self.datagrams.append(link)
        self.clock.call_soon(handler.link_open, link)

    def listen(self, handler, port):
        self.listeners.append(Listener(self, handler, port))
        return self.listeners[-1]

    def work(self, run, done):
        return Worker(self, run, done).start()

    def resolve(self, name, found, failed):
        addresses = [name] if literal(name) else NAMES.get(name)
        if self._frozen:
            return
        if addresses:
            self.clock.call_later(2 * DELAY_S, found, addresses)
        else:
            self.clock.call_later(2 * DELAY_S, failed, "dns")

    def ping(self, host, timeout_s, done):
        addresses = [host] if literal(host) else NAMES.get(host)
        if addresses:
            self.clock.call_later(_PING_MS / 1000, done, addresses[0], _PING_MS, _PING_TTL)
        else:
            self.clock.call_later(2 * DELAY_S, done, None, "dns", 0)

    def freeze(self):
        """Nothing gets through any more."""
        self._frozen = True
        for link in (*self.links, *self.datagrams):
            link.freeze()
            if link.handler:
                link.handler.link_frozen(link)
