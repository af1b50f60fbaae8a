"""Real servers on loopback for tests of mail, FTP and HTTP. CPython only.

Each is a context manager with `port`: `SmtpServer` (aiosmtpd), `Pop3Server` (Twisted, tests/rigs/pop3_server.py), `FtpServer`
(pyftpdlib, with TLS if it gets a certificate), `WebServer` (http.server, with TLS likewise). `Scripted` is for servers that
misbehave.
"""

import asyncio
import contextlib
import http.server
import logging
import pathlib
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import ThreadedFTPServer

from tests.rigs.tls_network import Authority

logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
USER, PASSWORD = "myname", "mypassword"


def closed_port():
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def certificate():
    """A certificate for 127.0.0.1 and its key, in one PEM text."""
    identity = Authority().issue("127.0.0.1")
    return identity.key_pem + identity.certificate_pem


class SmtpServer:
    """Keeps what arrives in `envelopes`. `login`: (user, password) that clients must show; `answers`: what RCPT TO of an
    address is answered; `delay_s`: how long it thinks about a mail."""

    def __init__(self, login=None, size=33554432, answers=None, delay_s=0):
        self.envelopes = []
        self._delay_s = delay_s
        self._login = login
        self.answers = answers or {}
        extra = {}
        if login:
            extra = {"authenticator": self._check, "auth_required": True, "auth_require_tls": False}
        self._controller = Controller(self, hostname="127.0.0.1", port=self._free(), data_size_limit=size, **extra)
        self.port = self._controller.port

    @staticmethod
    def _free():
        return closed_port()

    def _check(self, server, session, envelope, mechanism, data):
        good = (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self._delay_s)
        self.envelopes.append(envelope)
        return "250 OK"

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *error):
        self._controller.stop()


class Pop3Server:
    """A mailbox with `messages` (bytes each); `left()` tells which are still there."""

    def __init__(self, *messages):
        self._folder = tempfile.TemporaryDirectory()
        self._path = pathlib.Path(self._folder.name)
        for number, data in enumerate(messages, 1):
            (self._path / ("%03d" % number)).write_bytes(data)

    def left(self):
        return [path.read_bytes() for path in sorted(self._path.iterdir())]

    def __enter__(self):
        script = pathlib.Path(__file__).with_name("pop3_server.py")
        command = [sys.executable, str(script), str(self._path)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()


class _Listing(AbstractedFS):
    """Lists directories as `texts` ({path: bytes}) has them, breaks off in files of `broken` ({path: bytes}), and goes away in the
    middle of files of `vanish` ({path: bytes until then})."""

    texts: dict = {}
    broken: dict = {}
    vanish: dict = {}

    def format_list(self, basedir, listing, ignore_err=True):
        text = self.texts.get(self.fs2ftp(basedir))
        return iter([text]) if text is not None else super().format_list(basedir, listing, ignore_err)

    def open(self, filename, mode):
        file = super().open(filename, mode)
        if self.fs2ftp(filename) in self.vanish:
            return _Vanishing(file, self.vanish[self.fs2ftp(filename)], self.cmd_channel)
        start = self.broken.get(self.fs2ftp(filename))
        return _Broken(file, start, self.cmd_channel) if start is not None else file


class _Broken:
    """A file that gives `start` and then an error; under TLS the control connection goes too, for want of an answer."""

    def __init__(self, file, start, control):
        self._control = control
        self.name = file.name
        self._parts = [start]
        self.close = file.close
        self.closed = False

    def read(self, size):
        if not self._parts:
            if isinstance(self._control, TLS_FTPHandler):
                self._control.close()
            raise OSError("the disk has gone")
        return self._parts.pop()


class _Vanishing:
    """A file in the middle of which, read or written, the server closes all its connections."""

    def __init__(self, file, left, control):
        self._file, self._left, self._control = file, left, control
        self.name = file.name
        self.close = file.close
        self.closed = False

    def _count(self, n):
        self._left -= n
        if self._left < 0:
            self._control.close()
            raise OSError("the server has gone")

    def read(self, size):
        data = self._file.read(min(size, 1000))
        self._count(len(data))
        return data

    def write(self, data):
        self._count(len(data))
        return self._file.write(data)


class FtpServer:
    """A folder `root` (a `pathlib.Path`) for USER with PASSWORD. `log` collects the commands it got.

    pem      certificate and key: FTPS
    require  log-in and data must be encrypted
    gate     an Event without which no RETR and no STOR begins
    """

    def __init__(self, *, pem=None, texts=None, broken=None, vanish=None, gate=None, **attributes):
        self._folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self._folder.name)
        self.log = log = []
        authorizer = DummyAuthorizer()
        authorizer.add_user(USER, PASSWORD, self._folder.name, perm="elradfmwMT")
        authorizer.add_anonymous(self._folder.name)
        files = type("Files", (_Listing,), {"texts": texts or {}, "broken": broken or {}, "vanish": vanish or {}})
        kind = TLS_FTPHandler if pem else FTPHandler

        class Handler(kind):
            def pre_process_command(self, line, cmd, arg):
                log.append((cmd, arg))
                if gate and cmd in ("RETR", "STOR"):
                    gate.wait(30)
                super().pre_process_command(line, cmd, arg)

        Handler.authorizer, Handler.abstracted_fs, Handler.encoding = authorizer, files, "latin-1"
        Handler.auth_failed_timeout = 0
        if pem:
            path = self.root.with_suffix(".pem")
            path.write_bytes(pem)
            self._pem = path
            Handler.certfile = str(path)
            Handler.tls_control_required = Handler.tls_data_required = True
        else:
            self._pem = None
        for name, value in attributes.items():
            setattr(Handler, name, value)
        self._server = ThreadedFTPServer(("127.0.0.1", 0), Handler, IOLoop())
        self._server._exit, self._server._lock = threading.Event(), threading.Lock()  # its own: several run in one process
        self.port = self._server.address[1]

    def commands(self):
        """The names of the commands so far."""
        return [name for name, _ in self.log]

    def write(self, name, data):
        """Make a file, and the directories that it is in."""
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def read(self, name):
        return (self.root / name.lstrip("/")).read_bytes()

    def __enter__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def _serve(self):
        while not self._stop.is_set():
            self._server.serve_forever(timeout=0.02, blocking=False)
        self._server.close_all()

    def __exit__(self, *error):
        self._stop.set()
        self._thread.join(10)
        self._folder.cleanup()
        if self._pem:
            self._pem.unlink()


class _Threads:
    """A server of `handler` on a free port of loopback, with a thread for each connection; it runs in `with`."""

    def __init__(self, handler, kind=socketserver.ThreadingTCPServer):
        self._server = kind(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()


class _WebHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.bodies.get(self.path)
        if body is None:
            self.send_error(404)
        elif "chunked" in self.path:
            self._chunked(body)
        else:
            self.send_response(200)
            if "close" in self.path:
                self.send_header("Connection", "close")
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _chunked(self, body):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(body), 1000):
            part = body[at : at + 1000]
            self.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.bodies[self.path])))
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(body)
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Quiet."""


class _QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Clients that go away in the middle are part of many scenes."""


class WebServer(_Threads):
    """GET gives `bodies[path]` (chunked or until close, if the path says so), POST gives the body back; `posted` keeps it.

    It closes connections on which nothing has come for `patience_s`.
    """

    def __init__(self, bodies=None, pem=None, patience_s=None):
        handler = type("Handler", (_WebHandler,), {"timeout": patience_s})
        super().__init__(handler, _QuietServer)
        self._server.bodies, self._server.posted = bodies or {}, []
        self.posted = self._server.posted
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            with tempfile.NamedTemporaryFile() as file:
                file.write(pem)
                file.flush()
                context.load_cert_chain(file.name)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)


class Scripted(_Threads):
    """A server that says `greeting`, and to each line the answer of the first key of `answers` that it begins with.

    An answer of None closes the connection, "reset" resets it, and b"" says nothing. `lines` is what it has heard.
    """

    def __init__(self, greeting, answers):
        self.lines = lines = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                if greeting is None:
                    return
                self.wfile.write(greeting)
                with contextlib.suppress(OSError):
                    for line in self.rfile:
                        lines.append(line)
                        answer = next((text for key, text in answers.items() if line.upper().startswith(key)), b"")
                        if answer == "reset":
                            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                            self.rfile.close()
                            self.connection.close()
                            return
                        if answer is None:
                            return
                        self.wfile.write(answer)

        super().__init__(Handler)


class Vanishing(_Threads):
    """A way to `port` whose connections go away: the first after so many bytes as `limits[0]` says, ("down", n) or ("up", n),
    the second as `limits[1]` says, and so on; those behind the last limit stay."""

    def __init__(self, port, *limits):
        left = list(limits)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                direction, limit = left.pop(0) if left else ("", 0)
                with socket.create_connection(("127.0.0.1", port)) as server:
                    ends = {"up": (self.request, server), "down": (server, self.request)}
                    pumps = [threading.Thread(target=self.pump, args=(*ends[name], name == direction and limit)) for name in ends]
                    for each in pumps:
                        each.start()
                    for each in pumps:
                        each.join()

            def pump(self, source, target, limit):
                passed = 0
                with contextlib.suppress(OSError):
                    while data := source.recv(1000):
                        target.sendall(data)
                        passed += len(data)
                        if limit and passed > limit:
                            for end in (source, target):
                                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                                end.shutdown(socket.SHUT_RDWR)
                            return
                    target.shutdown(socket.SHUT_WR)

        super().__init__(Handler)
