"""What the host does in a round of tools/fuzz.py: one act after the other, on sockets of each kind and with every service.

`Host.act()` does one. Only the driver's own errors may come out of it, and those of sockets; each class below has the acts of
one part of the driver: the methods whose names begin with `do_`. Runs on both Pythons.
"""

import io
from errno import EAGAIN, EINVAL, ENOTCONN

from modem import ModemError, NotSupported

_EDESTADDRREQ, _EMSGSIZE, _EOPNOTSUPP, _EISCONN, _ENOBUFS = 89, 90, 95, 106, 105
ALLOWED = (EAGAIN, EINVAL, ENOTCONN, _EDESTADDRREQ, _EMSGSIZE, _EOPNOTSUPP, _EISCONN, _ENOBUFS)
_MODES = ("buffer", "push", "transparent")
HOST = ("192.0.2.1", 80)
_SLACK_MS = 1500  # beyond a socket's time-out, for calls that only wait for data: a refused read is looked into for a second


class Sink:
    """Takes what a service fetches."""

    def write(self, data):
        """As a file's."""
        return len(data)


class Sockets:
    """Acts on sockets. `self.sock` is the one picked for this act."""

    def opened(self, access=None):
        """Make and connect a socket of any kind; whether that works depends on what the module says."""
        rnd = self.rnd
        access = access or rnd.pick(("buffer", "buffer", "push", "push", "transparent"))
        kind = 2 if rnd.below(4) == 0 else 1
        tls = None
        if kind == 1 and rnd.below(3) == 0:
            tls = self.tls()
        sock = self.modem.socket(type=kind, access=access, rxbuf=256, tls=tls)
        self.socks.append(sock)
        sock.settimeout(3)
        try:
            sock.connect(HOST)
        except (ModemError, KeyboardInterrupt):
            pass
        except OSError as error:
            assert error.args[0] in ALLOWED, repr(error)

    def tls(self):
        """Return a TLS context that needs no file, None where the module does no TLS."""
        try:
            return self.modem.tls_context(verify=False, check_time=False)
        except NotSupported:
            return None

    def do_recv_into(self):
        self.in_time(self.sock.recv_into, bytearray(64))

    def do_recv(self):
        self.in_time(self.sock.recv, 100)

    def do_readinto(self):
        self.in_time(self.sock.readinto, bytearray(40))

    def do_read(self):
        self.sock.read(1 + self.rnd.below(50))

    def do_readline(self):
        self.sock.readline()

    def do_recvfrom(self):
        self.in_time(self.sock.recvfrom, 20)

    def do_accept(self):
        client, _ = self.sock.accept()
        self.socks.append(client)

    def do_send(self):
        self.sock.send(b"x" * (1 + self.rnd.below(300)))

    def do_sendall(self):
        self.sock.sendall(b"OK\r\n\x1a\x1b" * self.rnd.below(500))

    def do_sendto(self):
        self.sock.sendto(b"hello", HOST)

    def do_stats(self):
        self.sock.stats()

    def do_flush(self):
        self.sock.flush()

    def do_switch(self):
        self.sock.switch(self.rnd.pick(_MODES))

    def do_escape(self):
        self.sock.escape()

    def do_resume(self):
        self.sock.resume()

    def do_ioctl(self):
        assert self.sock.ioctl(3, 5) >= 0 or self.sock.closed

    def do_replace(self):
        """Close a socket and open another."""
        self.socks.remove(self.sock)
        self.sock.close()
        self.opened()

    def do_wait_for_strangers(self):
        """Listen, or take datagrams from anywhere."""
        sock = self.modem.socket(
            type=1 + self.rnd.below(2), access=self.rnd.pick(("buffer", "buffer", "push", "transparent")), rxbuf=256
        )
        self.socks.append(sock)
        sock.settimeout(3)
        sock.bind(("", 5000 + self.rnd.below(4)))
        if sock.type == 1:
            sock.listen(2)


class General:
    """Acts on the module."""

    def do_poll(self):
        self.modem.poll(self.rnd.below(300))

    def do_command(self):
        self.modem.command("AT+CSQ", prefix="+CSQ:", timeout_ms=self.rnd.pick((5, 300, 9000)))

    def do_status(self):
        self.modem.status(self.rnd.pick(("rssi", "registration", None)))

    def do_config(self):
        self.modem.config(self.rnd.pick(("imsi", "iccid")))

    def do_start(self):
        self.modem.start(timeout_ms=4000)

    def do_connect(self):
        self.modem.connect("internet", timeout_ms=5000)

    def do_disconnect(self):
        self.modem.disconnect(timeout_ms=2000)

    def do_resolve(self):
        self.modem.resolve("example.com")

    def do_ping(self):
        self.modem.ping("192.0.2.1", count=1)

    def do_sync_time(self):
        self.modem.sync_time("192.0.2.1")

    def do_dns(self):
        self.modem.dns(*self.rnd.pick(((), ("192.0.2.1",))))

    def do_connections(self):
        self.modem.connections(*self.rnd.pick(((), (0,))))

    def do_configure(self):
        vendor = self.modem.module.dialect.vendor
        self.modem.configure("tcp/retranscfg" if vendor == "quectel" else "CIPTIMEOUT")

    def do_diagnose(self):
        for finding in self.modem.diagnose("192.0.2.1", 80, self.tls(), 20000):
            str(finding)

    def do_files(self):
        files = self.modem.files
        self.rnd.pick((files.free, files.list, lambda: files.remove("aaa.pem"), lambda: files.get("aaa.pem", Sink())))()

    def do_put(self):
        self.modem.files.put("aaa.pem", b"-----BEGIN CERTIFICATE-----\n" * (1 + self.rnd.below(20)))


class Services:
    """Acts with the Internet services of SIM7100."""

    def mail(self):
        """Send a mail, or begin to."""
        smtp = self.modem.smtp()
        smtp.server("mail.example.com")
        smtp.sender("a@example.com")
        if self.rnd.below(2):
            smtp.send_mail(["b@example.com"], "subject", "text\n" * self.rnd.below(60), timeout_ms=9000)
        else:
            smtp.begin()
            smtp.ongoing()
            smtp.stop()

    def mailbox(self):
        """Look into a mailbox."""
        with self.modem.pop3("mail.example.com", "user", "password") as box:
            self.rnd.pick((box.count, box.sizes, lambda: box.header(1), lambda: box.delete(1)))()
            box.get(1, timeout_ms=9000)
            box.read(Sink())

    def ftp(self):
        """Fetch, list or store a file."""
        ftp = self.modem.ftp("ftp.example.com", "user", "password", rxbuf=4096)
        self.rnd.pick(
            (
                lambda: ftp.retrieve("/pub/mydir/test1.txt", Sink()),
                ftp.list,
                lambda: ftp.store("/a.txt", b"\x03\x1a" * self.rnd.below(1500)),
                lambda: ftp.get_file("/a.txt"),
                lambda: ftp.mkdir("/new"),
            )
        )()

    def ftps(self):
        """The same over TLS."""
        with self.modem.ftps("ftp.example.com", "user", "password", verify=False, rxbuf=4096) as ftps:
            self.rnd.pick(
                (
                    lambda: ftps.retrieve("/a.txt", Sink()),
                    ftps.list,
                    lambda: ftps.store("/a.txt", b"x" * (1 + self.rnd.below(3000))),
                    ftps.getcwd,
                )
            )()

    def http(self):
        """A request, whose response is read or not."""
        self.response(self.modem.http(rxbuf=4096), "http")

    def https(self):
        """The same over TLS."""
        with self.modem.https(verify=False, rxbuf=4096) as client:
            self.response(client, "https")

    def response(self, client, scheme):
        """Use a web client."""
        url = scheme + "://example.com/index.html"
        body = self.rnd.pick((None, b"a=1", io.BytesIO(b"x" * self.rnd.below(3000))))
        with client.request("POST" if body else "GET", url, body=body) as response:
            if self.rnd.below(4):
                response.read(self.rnd.pick((-1, 10, 100)))

    def do_service(self):
        """One of the services, where the model has them."""
        if self.modem.module.dialect.services:
            self.rnd.pick((self.mail, self.mailbox, self.ftp, self.ftps, self.http, self.https))()
        else:
            try:
                self.modem.smtp()
                raise AssertionError("no smtp() was expected")
            except NotSupported:
                pass


class Host(Sockets, General):
    """A program with a modem; see the module."""

    mail = Services.mail
    mailbox = Services.mailbox
    ftp = Services.ftp
    ftps = Services.ftps
    http = Services.http
    https = Services.https
    response = Services.response
    do_service = Services.do_service

    def __init__(self, rnd, modem, port):
        self.rnd = rnd
        self.modem = modem
        self.port = port
        self.socks = []
        self.sock = None
        self.served = modem.module.dialect.services and rnd.below(2)
        self._names = sorted([name for name in dir(self) if name.startswith("do_")])

    def in_time(self, call, *arguments):
        """Call something that only waits for data: it comes back within the socket's time-out."""
        limit_ms = self.sock.timeout_ms
        begun = self.port._now
        try:
            call(*arguments)
        finally:
            took = self.port._now - begun
            assert limit_ms is None or took <= limit_ms + _SLACK_MS, "%d ms instead of %d" % (took, limit_ms)

    def act(self):
        """Do one thing; return its name."""
        modem = self.modem
        self.port.waits = 0
        if not self.socks:
            self.opened()
        if not (modem.module.started and modem.module.connected) and self.rnd.below(3):
            modem.module.started = modem.module.connected = True  # what start() and connect() would do
        self.sock = self.rnd.pick(self.socks)
        self.sock.settimeout(self.rnd.pick((0, 0.1, 2, 30)))
        name = "do_service" if self.served and self.rnd.below(2) else self.rnd.pick(self._names)
        try:
            getattr(self, name)()
        except ModemError as error:
            str(error)
        except KeyboardInterrupt:
            pass
        except OSError as error:
            assert error.args[0] in ALLOWED, "%s: %r" % (name, error)
        if self.sock in self.socks and (self.sock.link is None or self.sock.link.error is not None) and self.rnd.below(2):
            self.socks.remove(self.sock)
            try:
                self.sock.close()
            except (ModemError, KeyboardInterrupt):
                pass
        return name
