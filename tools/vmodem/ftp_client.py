"""FTP and FTPS sessions: ftplib behind the host map. Every function here blocks and runs in a worker's thread.

Names are bytes on their way to the server: one Latin-1 character each. TLS is at most 1.2 and checks no certificate: modules that
have these commands have none to check with.
"""

import contextlib
import ftplib
import socket
import ssl
import warnings

from .bounded import Bounded
from .hosts import Unreachable
from .workers import cut

_BLOCK = 8192
_LONGEST_REPLY = 65536  # bytes of one answer on the control connection
PLAIN, EXPLICIT, IMPLICIT = "plain", "explicit", "implicit"

# Why an operation has failed
DNS, CONNECT, TIMEOUT, LOGIN, REJECTED, BROKEN, CLOSED, NETWORK = (
    "dns",
    "connect",
    "timeout",
    "login",
    "rejected",
    "broken",
    "closed",
    "network",
)


class FtpError(Exception):
    """An operation has failed; `reason` is one of the words above."""

    def __init__(self, reason, text=""):
        super().__init__("%s: %s" % (reason, text))
        self.reason = reason


def _reason(error):
    if isinstance(error, Unreachable):
        return error.reason if error.reason == DNS else NETWORK
    if isinstance(error, socket.gaierror):
        return DNS
    if isinstance(error, TimeoutError):
        return TIMEOUT
    if isinstance(error, (EOFError, ConnectionError)):
        return CLOSED
    if isinstance(error, ftplib.Error):
        return REJECTED
    return NETWORK


@contextlib.contextmanager
def _failing(**instead):
    """Turn what ftplib raises into FtpError; `closed="broken"` and the like give a reason another name."""
    try:
        yield
    except (ftplib.Error, EOFError, OSError, ValueError, Unreachable) as error:
        reason = _reason(error)
        raise FtpError(instead.get(reason, reason), error) from error


class _Client(ftplib.FTP_TLS):
    """ftplib's client with its data connections behind the host map. `worker` is whose thread it runs in at the moment."""

    worker = None

    def begin_control(self):
        """The control connection stands, or has become TLS."""
        self.file = Bounded(self.sock.makefile("r", encoding=self.encoding), _LONGEST_REPLY)

    def getresp(self):
        self.file.begin()
        return super().getresp()

    def makepasv(self):
        return self.worker.route(*super().makepasv())

    def makeport(self):
        """Listen on the address that the server sees, and on no other."""
        sock = socket.create_server((self.sock.getsockname()[0], 0), family=self.af)
        sock.settimeout(self.timeout)
        host, port = sock.getsockname()[:2]
        if self.af == socket.AF_INET:
            self.sendport(host, port)
        else:
            self.sendeprt(host, port)
        return self.worker.adopt(sock)

    def sendport(self, host, port):
        return self.voidcmd("PORT %s,%d,%d" % (host.replace(".", ","), port >> 8, port & 255))

    def ntransfercmd(self, cmd, rest=None):
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        self.worker.adopt(conn)
        if self._prot_p:
            conn = self.context.wrap_socket(conn, server_hostname=self.host, session=self.sock.session)
        return conn, size


def _tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what modules speak
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class FtpSession:
    """A log-in at a server.

    security    PLAIN, EXPLICIT (AUTH TLS) or IMPLICIT
    passive     the module connects for data; else the server does
    single_ip   passive data connections go to the address of the control connection, whatever address the server names
    """

    def __init__(self, timeout_s, *, security=PLAIN, passive=True, single_ip=False):
        self._client = _Client(timeout=timeout_s, context=_tls_context(), encoding="latin-1")
        self._client.set_pasv(passive)
        self._client.trust_server_pasv_ipv4_address = not single_ip
        self._security = security
        self._timeout_s = timeout_s

    @contextlib.contextmanager
    def _in(self, worker, **instead):
        self._client.worker = worker
        if self._client.sock:
            worker.adopt(self._client.sock)
        with _failing(**instead):
            yield self._client

    def open(self, worker, host, port, user, password):
        """Connect and log in."""
        with self._in(worker, closed=CONNECT, rejected=CONNECT) as client:
            client.host = host
            client.sock = worker.connect(host, port, self._timeout_s)
            if self._security == IMPLICIT:
                client.sock = client.context.wrap_socket(client.sock, server_hostname=host)
            client.af = client.sock.family
            client.begin_control()
            client.welcome = client.getresp()
        with self._in(worker, rejected=LOGIN) as client:
            if self._security == EXPLICIT:
                client.auth()
                client.begin_control()
            client.login(user, password, secure=False)
            if self._security != PLAIN:
                client.prot_p()

    def quit(self, worker):
        """Log out."""
        with self._in(worker) as client:
            client.quit()

    def command(self, worker, method, *args):
        """A method of ftplib.FTP: `mkd`, `rmd`, `delete`, `cwd`, `pwd`."""
        with self._in(worker) as client:
            return getattr(client, method)(*args)

    def retrieve(self, worker, line, kind, give):
        """Let the server send what the command `line` asks for; `give(data)` gets it as it comes, as type A or I has it."""
        with self._in(worker) as client:
            client.voidcmd("TYPE " + kind)
            conn = client.transfercmd(line)
        with self._in(worker, closed=BROKEN, network=BROKEN):
            with conn:
                while data := conn.recv(_BLOCK):
                    give(data)
                _end_tls(conn)
            self._done()

    def store(self, worker, line, kind, parts):
        """Send the bytes of the iterable `parts`."""
        with self._in(worker) as client:
            client.voidcmd("TYPE " + kind)
            conn = client.transfercmd(line)
        with self._in(worker, closed=BROKEN, network=BROKEN):
            with conn:
                for part in parts:
                    conn.sendall(part)
                _end_tls(conn)
            self._done()

    def _done(self):
        try:
            self._client.voidresp()
        except ftplib.error_temp as error:  # 426, 451: the transfer was given up
            raise FtpError(BROKEN, error) from error

    def cut(self):
        """The connection ends as if by the server."""
        if self._client.sock:
            cut(self._client.sock)

    def close(self):
        """Let go of the connection without a word."""
        with contextlib.suppress(OSError):
            self._client.close()


def _end_tls(conn):
    if isinstance(conn, ssl.SSLSocket):
        with contextlib.suppress(OSError, ValueError):
            conn.unwrap()
