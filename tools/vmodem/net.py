"""The real network: TCP and UDP sockets on an asyncio event loop, behind the host map.

Dialects see links and never sockets. Every call returns at once; what happens later is told to the link's `handler`:

    link_open(link)              the connection is up
    link_failed(link, reason)    it never came up: "refused", "timeout", "unreachable", "dns", "bind"
    link_data(link, data)        bytes have arrived (datagrams: link_data(link, data, (host, port)))
    link_ended(link, reset)      the peer has closed; or the connection was reset, or is lost
    link_writable(link)          all that was written has been handed to the network
    link_closed(link)            `close()` is complete
    link_room(link)              asked of handlers of TCP links: how many bytes they take now

A link has `write(data)`, `queued()` (bytes not yet acknowledged by the peer, as far as the system tells), `unsent()`, `pause()`,
`resume()`, `close()`, `release()`, `abort()`, `frozen`, `local` and `remote` (host, port). A test double with the same methods
serves the core as well.
"""

import socket

from .datagrams import UdpLink
from .ftp_client import FtpSession
from .hosts import HostMap, Unreachable, literal
from .icmp import Pinger
from .links import Listener, TcpLink
from .mail_clients import PopSession, SmtpSending
from .tls import TlsLink
from .workers import Outbox, Worker


class Network:
    """Makes links and sessions. One per virtual modem.

    `tls`, `ftp_session`, `pop_session`, `smtp_sending` and `outbox` make objects of these classes; a simulated network makes
    others, which need neither threads nor real handshakes.
    """

    ftp_session = FtpSession
    pop_session = PopSession
    smtp_sending = SmtpSending
    outbox = Outbox

    def __init__(self, loop, hosts=None, note=None, window=65536):
        self.loop = loop
        self.window = window
        self.hosts = hosts or HostMap()
        self._pinger = Pinger(loop, note or (lambda text: None))
        self._links = set()
        self._frozen = False

    def adopt(self, link):
        self._links.add(link)
        if self._frozen and hasattr(link, "freeze"):
            link.freeze()
        return link

    def forget(self, link):
        self._links.discard(link)

    def tcp(self, handler, host, port, local_port=0):
        """Start a TCP connection to `host` (name or literal, as the module sees it); the handler hears the rest."""
        link = self.adopt(TcpLink(self, handler))
        link.remote = (host, port)

        def found(address):
            link.connect(address, local_port)

        def failed(reason):
            self.forget(link)
            handler.link_failed(link, reason)

        self._route(host, port, socket.SOCK_STREAM, found, failed)
        return link

    def tls(self, handler, settings, clock, **options):
        """A `TlsLink` that is not connected yet."""
        return TlsLink(self, handler, settings, clock, **options)

    def udp(self, handler, local_port, remote=None):
        """Open a UDP socket, later; with `remote` (host, port) it has a fixed peer."""
        if remote is None:
            self.loop.call_soon(self._udp, handler, local_port, None, None)
        else:

            def found(address):
                self._udp(handler, local_port, remote, address)

            self._route(*remote, socket.SOCK_DGRAM, found, lambda reason: handler.link_failed(None, reason))

    def _udp(self, handler, local_port, remote, address):
        try:
            link = self.adopt(UdpLink(self, handler, local_port, remote, address))
        except OSError:
            handler.link_failed(None, "bind")
            return
        handler.link_open(link)
        link.start()

    def listen(self, handler, port):
        """Open a listening socket now. Raises OSError when the port cannot be had."""
        return self.adopt(Listener(self, handler, port))

    def work(self, run, done):
        """Run the blocking `run(worker)` in a thread, then `done(result, error)` in the event loop; the `Worker`."""
        return self.adopt(Worker(self, run, done)).start()

    def _route(self, host, port, kind, found, failed):
        """Call `found((address, port))` or `failed(reason)` later."""
        if self._frozen:
            return  # silence
        try:
            real = self.hosts.route(host, port)
        except Unreachable as error:
            self.loop.call_soon(failed, error.reason)
            return
        if literal(real[0]) is not None:
            self.loop.call_soon(found, real)
        else:
            self._look_up(real[0], real[1], kind, lambda addresses: found(addresses[0]), failed)

    def _look_up(self, host, port, kind, found, failed):
        task = self.loop.create_task(self.loop.getaddrinfo(host, port, type=kind))

        def done(task):
            if task.exception() or not task.result():
                failed("dns")
            else:
                found([entry[4][:2] for entry in task.result()])

        task.add_done_callback(done)

    def resolve(self, name, found, failed):
        """`found([address, ...])` as the module sees them, or `failed("dns")`."""
        addresses = self.hosts.addresses(name)
        if addresses:
            self.loop.call_soon(found, addresses)
        elif not self.hosts.allow_net:
            self.loop.call_soon(failed, "dns")
        else:

            def looked_up(pairs):
                found(list(dict.fromkeys(pair[0] for pair in pairs)))

            self._look_up(name, 0, socket.SOCK_STREAM, looked_up, failed)

    def ping(self, host, timeout_s, done):
        """One echo request: `done(address, milliseconds, ttl)`, or `done(None, "dns" | "unreachable" | "timeout", 0)`."""

        def found(addresses):
            try:
                real = self.hosts.ping_target(addresses[0])
            except Unreachable as error:
                done(None, error.reason, 0)
                return
            self._pinger.send(addresses[0], real, timeout_s, done)

        if self._frozen:
            self.loop.call_later(timeout_s, done, None, "timeout", 0)
        else:
            self.resolve(host, found, lambda reason: done(None, reason, 0))

    def freeze(self):
        """A black hole: nothing gets through any more, and nobody says so. Handlers may know: `link_frozen(link)`."""
        self._frozen = True
        for link in list(self._links):
            if hasattr(link, "freeze"):
                link.freeze()
                if link.handler:
                    link.handler.link_frozen(link)

    def close(self):
        """Abort everything."""
        self._pinger.close()
        for link in list(self._links):
            link.abort()
