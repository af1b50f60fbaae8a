"""Links over real UDP sockets. `net` says what a link and its handler are."""

import socket

from .hosts import Unreachable, literal, twin

BLOCK = 65536


class UdpLink:
    """A UDP socket: with a fixed `remote`, or open to everybody, then by IPv6 as well where the computer has it."""

    def __init__(self, net, handler, local_port, remote=None, real_remote=None):
        self._net = net
        self._loop = net.loop
        self.handler = handler
        self.remote = remote
        if remote and literal(remote[0]) is None:
            self.remote = real_remote[0], remote[1]
        self._frozen = self._paused = False
        host, port = net.hosts.local(local_port) if remote is None else ("", local_port)
        family = socket.AF_INET6 if ":" in ((real_remote or (host,))[0]) else socket.AF_INET
        self._sock = socket.socket(family, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        try:
            self._sock.bind((host, port))
            if real_remote:
                self._sock.connect(real_remote)
        except OSError:
            self._sock.close()
            raise
        self.local = self._sock.getsockname()[:2]
        self._six = twin(self._sock) if remote is None else None

    def _each(self):
        return [sock for sock in (self._sock, self._six) if sock]

    def start(self):
        for sock in self._each():
            self._loop.add_reader(sock, self._readable, sock)

    def _readable(self, sock):
        try:
            data, address = sock.recvfrom(BLOCK)
        except OSError:
            return  # an ICMP error about an earlier datagram
        self.handler.link_data(self, data, self._net.hosts.seen(*address[:2]))

    def write(self, data):
        """One datagram to the fixed peer."""
        if self._sock and not self._frozen:
            try:
                self._sock.send(data)
            except OSError:
                pass  # datagrams may get lost

    def write_to(self, data, host, port):
        """One datagram to (host, port). What cannot be reached is lost, as datagrams are."""
        try:
            address = self._net.hosts.route(host, port)
        except Unreachable:
            return
        sock = self._six if ":" in address[0] and self._six else self._sock
        if sock and not self._frozen:
            try:
                sock.sendto(data, address)
            except OSError:
                pass

    def queued(self):
        return 0

    unsent = queued

    def pause(self):
        if self._sock and not self._paused:
            self._paused = True
            for sock in self._each():
                self._loop.remove_reader(sock)

    def resume(self):
        if self._sock and self._paused and not self._frozen:
            self._paused = False
            self.start()

    def freeze(self):
        self.pause()
        self._frozen = True

    @property
    def frozen(self):
        return self._frozen

    def close(self):
        self.abort()
        self._loop.call_soon(self.handler.link_closed, self)

    def abort(self):
        if self._sock:
            for sock in self._each():
                self._loop.remove_reader(sock)
                sock.close()
            self._sock = self._six = None
            self._net.forget(self)

    release = abort
