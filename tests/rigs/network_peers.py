"""The other side of servers and datagram sockets: what the module's listener and UDP service are called by. CPython only."""

import contextlib
import hashlib
import http.server
import random
import select
import socket
import socketserver
import struct
import threading
import time

from tests.rigs.scene_runner import LOOK_ALIKES, payload


def datagrams(seed, count, most=1460):
    """Return `count` datagrams: every byte value, look-alikes of the protocol, all lengths up to `most`."""
    rnd = random.Random(seed)
    out = [bytes(range(256)), b"\x1a", b"x" * most, *[word for word in LOOK_ALIKES if len(word) <= most]]
    while len(out) < count:
        out.append(rnd.randbytes(rnd.randrange(1, most + 1)))
    return out[:count]


class _Control(socketserver.StreamRequestHandler):
    """One line says what is wanted; the answer is a line too.

    CLIENTS port count n   `count` clients call the port one after the other, all open at once; each sends `sha256 n`, n bytes,
                           and wants the n bytes back: SAME when all got them
    DATAGRAMS port count   sends datagrams to the port, one at a time, and wants each back: SAME when all came
    CALL port n reset      one client connects, sends n bytes and goes at once, in order or by a reset; `sha256` of what it sent
    KNOCK port count away  so many clients connect, one after the other, of which `away` should be turned away; how many are not
    """

    def handle(self):
        line = self.rfile.readline().decode().split()
        if line:
            answer = getattr(self, "do_" + line[0].lower())(*[int(a) for a in line[1:]])
            if answer:
                self.wfile.write(answer + b"\n")

    def do_clients(self, port, count, n):
        clients = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(count)]
        results = []
        threads = [threading.Thread(target=self._client, args=(clients[i], i, n, results)) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return b"SAME" if results == [True] * count else b"DIFF"

    def _client(self, client, seed, n, results):
        data = payload(seed, n)
        with client:
            client.settimeout(60)
            client.sendall(b"%s %d\n" % (hashlib.sha256(data).hexdigest().encode(), n) + data)
            back = b""
            while len(back) < n:
                more = client.recv(65536)
                if not more:
                    break
                back += more
            results.append(back == data)

    def do_datagrams(self, port, count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(20)
            for data in datagrams(1, count):
                sock.sendto(data, ("127.0.0.1", port))
                back, _ = sock.recvfrom(4096)
                if back != data:
                    return b"DIFF"
            sock.sendto(b"END", ("127.0.0.1", port))
        return b"SAME"

    def do_call(self, port, n, reset):
        data = payload(port, n)
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(data)
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return hashlib.sha256(data).hexdigest().encode()

    def do_knock(self, port, count, away):
        stay = []
        for _ in range(count):
            with contextlib.suppress(ConnectionError):  # turned away before it has connected
                stay.append(socket.create_connection(("127.0.0.1", port), 20))
        end = time.monotonic() + 30
        while len(stay) > count - away and time.monotonic() < end:
            stay = self._not_turned_away(stay, 0.5)
        stay = self._not_turned_away(stay, 0.3)
        for client in stay:
            client.close()
        return b"%d" % len(stay)

    @staticmethod
    def _not_turned_away(clients, seconds):
        """Wait until a connection ends, or so long; close those that have ended, and return the others."""
        ended, _, _ = select.select(clients, (), (), seconds)
        for client in ended:
            client.close()
        return [client for client in clients if client not in ended]


class _Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, handler):
        self.address_family = _family(address[0])
        super().__init__(address, handler)

    def handle_error(self, request, client_address):
        """A peer that vanishes is part of some scenes."""


class _Udp(socketserver.UDPServer):
    def __init__(self, address):
        self.address_family = _family(address[0])
        super().__init__(address, _Echo)


def _family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@contextlib.contextmanager
def with_echo(handler, host="127.0.0.1"):
    """Run a TCP server with `handler`, and a UDP echo on the same port number; yields it."""
    for _ in range(20):
        tcp = _Tcp((host, 0), handler)
        try:
            udp = _Udp((host, tcp.server_address[1]))
            break
        except OSError:  # a datagram socket of somebody else's has this number
            tcp.server_close()
    else:
        raise AssertionError("no port is free for both")
    with tcp, udp:
        for server in (tcp, udp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield tcp.server_address[1]
        finally:
            tcp.shutdown()
            udp.shutdown()


@contextlib.contextmanager
def served(handler, context=None):
    """A real web server on loopback with this handler, HTTPS with a TLS context; yields its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda request, address: None
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def peers():
    """Run the control server and a UDP echo on the same port number; yields it."""
    return with_echo(_Control)


def free_port(kind=socket.SOCK_STREAM):
    """Return a local port that nobody uses now: one of those that the system gives to nobody who does not name them.

    Tests run beside one another, and there is a while until the virtual modem takes the port.
    """
    for _ in range(100):
        port = random.SystemRandom().randrange(10240, 32768)
        with socket.socket(socket.AF_INET, kind) as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


class _Ntp(socketserver.BaseRequestHandler):
    """Tells this computer's time (RFC 5905, mode 4)."""

    def handle(self):
        data, sock = self.request
        if len(data) == 48 and data[0] & 7 == 3:
            stamp = struct.pack("!II", int(time.time()) + 2208988800, 0)
            sock.sendto(
                bytes([data[0] & 0x38 | 4, 1, 4, 0xEC]) + bytes(12) + stamp + data[40:48] + stamp + stamp, self.client_address
            )


@contextlib.contextmanager
def ntp_server():
    """Run a time server; yields its port."""
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Ntp) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
