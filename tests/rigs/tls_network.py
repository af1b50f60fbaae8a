"""Certificates, and TLS servers that a played network answers with. CPython only.

`Authority` makes a certificate authority and server certificates for a test. `TlsNetwork` is a `PlayedNetwork` of
tests/rigs/virtual_modem.py whose peers are TLS servers in memory: real handshakes, no sockets, no time. `TlsRig` is a virtual modem
in front of one.
"""

import contextlib
import datetime
import ipaddress
import os
import ssl
import tempfile
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.rigs.virtual_modem import OK, Peer, PlayedNetwork, Rig

NOW = 1_700_000_000  # what a ManualClock shows at first: 2023-11-14
DAY = 86400
_KEYS = {}


def make_key(kind="rsa"):
    """A private key; RSA keys are made once per run and name, since they take time."""
    if kind.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    if kind not in _KEYS:
        _KEYS[kind] = rsa.generate_private_key(65537, 1024 if kind == "rsa-short" else 2048)
    return _KEYS[kind]


def pem(thing):
    """The PEM text of a certificate or a private key."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Authority:
    """A certificate authority. `certificate` is its own; `issue` makes others."""

    def __init__(self, name="Test CA", *, key="ca", parent=None, starts=NOW - 100 * DAY, ends=NOW + 100 * DAY):
        self.key = make_key(key)
        self.subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        extensions = [x509.BasicConstraints(ca=True, path_length=None)]
        self.certificate = self._sign(self.subject, self.key.public_key(), extensions, starts, ends, parent or self)
        self.pem = pem(self.certificate)

    @classmethod
    def of(cls, identity):
        """A server's certificate used as if it were an authority's."""
        fake = cls.__new__(cls)
        fake.key, fake.subject, fake.certificate = identity.key, identity.certificate.subject, identity.certificate
        return fake

    @staticmethod
    def _sign(subject, public_key, extensions, starts, ends, issuer):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(_moment(starts)).not_valid_after(_moment(ends))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(issuer.key, hashes.SHA256())

    def issue(self, *names, key="server", starts=NOW - 10 * DAY, ends=NOW + 10 * DAY, common_name="server", extensions=()):
        """A certificate for `names` (host names, addresses; none: only the common name) and its key: an `Identity`."""
        private = make_key(key)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
        more = list(extensions)
        if names:
            more.append(x509.SubjectAlternativeName([_general_name(name) for name in names]))
        return Identity(private, self._sign(subject, private.public_key(), more, starts, ends, self), [self.certificate])


class Identity:
    """A certificate with its key, and the certificates above it, as a TLS server or client shows them."""

    def __init__(self, key, certificate, above=()):
        self.key = key
        self.certificate = certificate
        self.above = list(above)
        self.certificate_pem = pem(certificate)
        self.key_pem = pem(key)

    def load(self, context, chain=()):
        """Give it to an SSLContext, with further certificates."""
        with tempfile.TemporaryDirectory() as folder:
            paths = os.path.join(folder, "certificate"), os.path.join(folder, "key")
            for path, data in zip(paths, (self.certificate_pem + b"".join(map(pem, chain)), self.key_pem)):
                with open(path, "wb") as f:
                    f.write(data)
            context.load_cert_chain(*paths)


def server_context(identity, *, chain=(), version=None, ciphers="ALL", client_ca=None):
    """A server's SSLContext that speaks old TLS too; `version` alone if it is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = version or ssl.TLSVersion.TLSv1
        context.maximum_version = version or ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers + ":@SECLEVEL=0")
    identity.load(context, chain)
    if client_ca:
        context.load_verify_locations(cadata=client_ca.pem.decode())
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME: the test's certificates are of another year
    return context


class TlsPeer(Peer):
    """A TLS server at the other end of a played link. `heard` is what it has decrypted, `error` why its handshake failed."""

    def __init__(self, net, handler, remote, local_port=0):
        super().__init__(net, handler, remote, local_port)
        self.heard = bytearray()
        self.error = None
        self.silent = net.mute
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = net.server.wrap_bio(self._in, self._out, server_side=True)
        self.open = self.goodbye = False

    def write(self, data):
        super().write(data)
        self._in.write(data)
        if not self.silent:
            self._net.clock.call_soon(self._run)

    def _run(self):
        try:
            if not self.open:
                self.tls.do_handshake()
                self.open = True
            while True:
                data = self.tls.read(65536)
                if not data:
                    self.goodbye = True
                    break
                self.heard += data
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError) as error:
            self.goodbye = isinstance(error, ssl.SSLZeroReturnError) or self.goodbye
        except ssl.SSLError as error:
            self.error = error.reason
            self._flush()
            if not self.gone:
                self.handler.link_ended(self, False)
            return
        self._flush()

    def _flush(self):
        data = self._out.read()
        if data and not self.gone and not self.frozen:
            self.handler.link_data(self, data)

    def send(self, data, source=None):
        """Encrypted bytes for the module."""
        self.tls.write(data)
        self._flush()

    def end(self, reset=False):
        """End without a word."""
        self.handler.link_ended(self, reset)

    def close_tls(self):
        """End as TLS wants it."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        self._flush()
        self.handler.link_ended(self, False)


class TlsNetwork(PlayedNetwork):
    """A network whose TCP servers speak TLS with `server`, an SSLContext; while it is None they are plain ones."""

    def __init__(self, clock):
        super().__init__(clock)
        self.server = None
        self.mute = False  # servers never answer the handshake

    def tcp(self, handler, host, port, local_port=0):
        kind = Peer if self.server is None else TlsPeer
        link = kind(self, handler, (host, port), local_port)
        self._bring_up(link, local_port)
        return link


MODELS = ("ec200u", "eg915u", "bg96")
FAILED = {"ec200u": 579, "eg915u": 579, "bg96": 566}  # the code of a failed handshake
HOST = "server.example"
ADDRESS = "192.0.2.20"
OPEN = 'AT+QSSLOPEN=1,1,%%d,"%s",8010,%%d' % HOST
CONNECT = b"\r\nCONNECT\r\n"
SEND_OK = b"\r\nSEND OK\r\n"
NO_CARRIER = b"\r\nNO CARRIER\r\n"
RECV = b'\r\n+QSSLURC: "recv",4\r\n'
CLOSED = b'\r\n+QSSLURC: "closed",4\r\n'
ALL_BYTES = bytes(range(256))


class TlsRig(Rig):
    """A virtual modem of a model with TLS, an authority, and a server that shows a good certificate."""

    def __init__(self, model="ec200u", *, quirks=(), **options):
        super().__init__(model, **options)
        self.modem.model = self.modem.model.with_quirks(quirks)
        self.net = self.modem.net = TlsNetwork(self.clock)
        self.net.names[HOST] = [ADDRESS]
        self.authority = Authority()
        self.serve(self.authority.issue(HOST, ADDRESS))
        self.put("ca.pem", self.authority.pem)
        self.online()

    def serve(self, identity, **options):
        """What the servers show from now on."""
        self.net.server = server_context(identity, **options)

    def put(self, name, data):
        """A file on the module."""
        self.modem.files.write(name, data)

    def configure(self, context=1, **values):
        """AT+QSSLCFG with each of the values."""
        for item, value in values.items():
            shown = '"%s"' % value if isinstance(value, str) and not value.startswith("0X") else value
            got = self.command('AT+QSSLCFG="%s",%d,%s' % (item, context, shown))
            assert got == OK, (item, value, got)
        return self

    def verify(self, context=1, **more):
        """Server authentication against ca.pem, dates included."""
        return self.configure(context, **{"seclevel": 1, "cacert": "ca.pem", "ignorelocaltime": 0, **more})

    def tls_open(self, number=4, *, context=1, host=HOST, port=8010, mode=0):
        """Open a TLS connection in mode 0 or 1: the code of its URC."""
        got = self.command('AT+QSSLOPEN=1,%d,%d,"%s",%d,%d' % (context, number, host, port, mode)) + self.pass_time()
        start = OK + b"\r\n+QSSLOPEN: %d," % number
        assert got.startswith(start) and got.endswith(b"\r\n"), got
        return int(got[len(start) : -2])

    @property
    def peer(self):
        """The server of the latest connection."""
        return self.net.links[-1]

    def tls_state(self, number=4):
        """`<socket_state>` of a TLS connection, None if it is not listed."""
        fields = self.command("AT+QSSLSTATE=%d" % number).split(b",")
        return int(fields[5]) if len(fields) > 5 else None


def connected(model, mode=0, **options):
    """A rig with an open TLS connection, number 4."""
    rig = TlsRig(model, **options)
    if mode == 2:
        assert rig.command(OPEN % (4, 2)) == CONNECT
    else:
        assert rig.tls_open(mode=mode) == 0
    return rig


def read(rig, count=1500):
    """AT+QSSLRECV of connection 4."""
    return rig.command("AT+QSSLRECV=4,%d" % count)


def got(data):
    """The answer to AT+QSSLRECV that brings `data`."""
    return b"\r\n+QSSLRECV: %d\r\n%s\r\n" % (len(data), data) + OK


def attempt(rig, **options):
    """Open connection 4 and close it again: the code."""
    code = rig.tls_open(**options)
    if code == 0:
        rig.command("AT+QSSLCLOSE=4")
    return code
