"""Links over real TCP sockets, and listening sockets. `net` says what a link and its handler are."""

import errno
import socket
import struct
import sys

from .hosts import literal, twin

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

BLOCK = 65536
_SEGMENT = 1460
_TIOCOUTQ = 0x5411  # Linux: SIOCOUTQ, bytes not yet acknowledged


def _unacknowledged(sock):
    """Bytes of a TCP socket that the peer has not acknowledged; 0 where the system does not tell."""
    if fcntl is None or not sys.platform.startswith("linux"):
        return 0
    try:
        return struct.unpack("i", fcntl.ioctl(sock.fileno(), _TIOCOUTQ, b"\0\0\0\0"))[0]
    except OSError:
        return 0


def _narrow(sock, window):
    """Give a socket, before it connects or listens, the receive window of a module; the peer waits while the window is full."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    if hasattr(socket, "TCP_MAXSEG"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)


def _reason(code):
    if code == errno.ECONNREFUSED:
        return "refused"
    return "timeout" if code == errno.ETIMEDOUT else "unreachable"


class TcpLink:
    """A TCP connection, outgoing or accepted."""

    def __init__(self, net, handler, sock=None, peer=None):
        self._net = net
        self._loop = net.loop
        self.handler = handler
        self._sock = sock
        self._queue = bytearray()
        self._reading = self._writing = self._paused = self._frozen = False
        self._closing = self._ended = self._dead = False
        self.local = self.remote = ("0.0.0.0", 0)
        if sock is not None:
            self._adopt()
            self.remote = net.hosts.seen(*peer[:2])

    def _adopt(self):
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local = self._sock.getsockname()[:2]

    def connect(self, address, local_port):
        """Start connecting to a real (host, port)."""
        if self._dead:
            return
        if literal(self.remote[0]) is None:
            self.remote = address[0], self.remote[1]
        family = socket.AF_INET6 if literal(address[0]).version == 6 else socket.AF_INET
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _narrow(self._sock, self._net.window)
        if local_port:
            try:
                self._sock.bind(("", local_port))
            except OSError:
                self._fail("bind")
                return
        code = self._sock.connect_ex(address)
        if code in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            self._loop.add_writer(self._sock, self._connected)
        else:
            self._fail(_reason(code))

    def _connected(self):
        self._loop.remove_writer(self._sock)
        code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._fail(_reason(code))
            return
        self._adopt()
        self.handler.link_open(self)
        self.start()

    def _fail(self, reason):
        self._loop.call_soon(self._failed, reason)

    def _failed(self, reason):
        if self._sock:
            self._drop()
            self.handler.link_failed(self, reason)

    def start(self):
        """Begin to read (accepted links: when their handler is ready)."""
        self._watch()

    def _watch(self):
        """Watch the socket for what is wanted now."""
        if self._sock is None:
            return
        want_read = not (self._ended or self._frozen or (self._paused and not self._closing))
        if want_read != self._reading:
            self._reading = want_read
            if want_read:
                self._loop.add_reader(self._sock, self._readable)
            else:
                self._loop.remove_reader(self._sock)
        want_write = bool(self._queue) and not self._frozen
        if want_write != self._writing:
            self._writing = want_write
            if want_write:
                self._loop.add_writer(self._sock, self._flush)
            else:
                self._loop.remove_writer(self._sock)

    def _readable(self):
        try:
            data = self._sock.recv(BLOCK if self._closing else max(1, self.handler.link_room(self)))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._end(True)
            return
        if not data:
            self._end(False)
        elif not self._closing:
            self.handler.link_data(self, data)

    def _end(self, reset):
        self._ended = True
        if reset:
            self._queue.clear()
        self._watch()
        if self._closing:
            self._maybe_closed()
        else:
            self.handler.link_ended(self, reset)

    def write(self, data):
        """Queue bytes for the peer."""
        if self._sock is None:
            return
        if not self._queue and not self._frozen:
            try:
                sent = self._sock.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                return  # the reset will be read
            if sent == len(data):
                return
            data = memoryview(data)[sent:]
        self._queue += data
        self._watch()

    def _flush(self):
        try:
            sent = self._sock.send(self._queue)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._queue.clear()
            self._watch()
            return
        del self._queue[:sent]
        if self._queue:
            return
        self._watch()
        if self._closing:
            self._shutdown()
        else:
            self.handler.link_writable(self)

    def queued(self):
        """Bytes written that the peer has not acknowledged."""
        return len(self._queue) + (_unacknowledged(self._sock) if self._sock else 0)

    def unsent(self):
        """Bytes written that the system has not taken yet."""
        return len(self._queue)

    def pause(self):
        self._paused = True
        self._watch()

    def resume(self):
        self._paused = False
        self._watch()

    def freeze(self):
        """Nothing gets through any more."""
        self._frozen = True
        self._watch()

    @property
    def frozen(self):
        return self._frozen

    def close(self):
        """Send what is queued, then FIN; `link_closed` when the peer has closed too. The caller keeps the time-out."""
        self._closing = True
        self._watch()
        if not self._queue and not self._frozen:
            self._shutdown()

    def _shutdown(self):
        if self._sock is None:
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._ended = True
        self._maybe_closed()

    def _maybe_closed(self):
        if self._ended and not self._queue and self._sock:
            self._drop()
            self._loop.call_soon(self.handler.link_closed, self)

    def _drop(self):
        sock, self._sock = self._sock, None
        if sock is not None:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            sock.close()
            self._net.forget(self)

    def abort(self):
        """Reset the connection, or give up connecting; nothing is told to the handler any more."""
        self._dead = True
        if self._sock is None:
            self._net.forget(self)
            return
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self._drop()

    def release(self):
        """Let go of the connection without a reset: what is queued in the system is still sent."""
        self._dead = True
        self._drop()

    def configure(self, keep_alive, retransmit_s, delayed_acknowledgement):
        """Set TCP options where the system has them: keep-alive (enable, idle s, interval s, count), the time after which an
        unacknowledged segment breaks the connection, and whether acknowledgements may wait."""
        if self._sock is None:
            return
        enable, idle_s, interval_s, count = keep_alive
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, enable)
        options = [("TCP_USER_TIMEOUT", retransmit_s * 1000), ("TCP_QUICKACK", int(not delayed_acknowledgement))]
        if enable:
            options += [("TCP_KEEPIDLE", idle_s), ("TCP_KEEPINTVL", interval_s), ("TCP_KEEPCNT", count)]
        for name, value in options:
            if hasattr(socket, name):
                self._sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class Listener:
    """A listening TCP socket, by IPv6 too where the computer has it; `handler.link_client(listener, link)` for each client."""

    def __init__(self, net, handler, port):
        self._net = net
        self.handler = handler
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sock.setblocking(False)
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _narrow(self._sock, net.window)
            self._sock.bind(net.hosts.local(port))
            self._sock.listen(16)
        except OSError:
            self._sock.close()
            raise
        self.local = self._sock.getsockname()[:2]
        self._six = twin(self._sock)
        if self._six:
            _narrow(self._six, net.window)
            self._six.listen(16)
        for sock in self._each():
            net.loop.add_reader(sock, self._acceptable, sock)

    def _each(self):
        return [sock for sock in (self._sock, self._six) if sock]

    def _acceptable(self, listening):
        try:
            sock, peer = listening.accept()
        except OSError:
            return
        sock.setblocking(False)
        self.handler.link_client(self, self._net.adopt(TcpLink(self._net, None, sock, peer)))

    def abort(self):
        if self._sock:
            for sock in self._each():
                self._net.loop.remove_reader(sock)
                sock.close()
            self._sock = self._six = None
            self._net.forget(self)

    release = abort
