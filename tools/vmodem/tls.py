"""TLS over a link: real handshakes by Python's ssl, with limits and certificate checks that are the module's and not the host's.

A module has its own clock, its own list of trusted certificates and its own idea of which faults of a certificate matter.
Therefore OpenSSL checks no certificate here; `TlsSettings.check` does, as soon as the server has shown its certificates and
before a byte of the client's answer has gone out, so that the server sees what a module sends it: a fatal alert.

What today's OpenSSL cannot speak (SSL 3.0, RC4, 3DES, ECDH with fixed keys) fails as a failed handshake.
"""

import contextlib
import pathlib
import ssl
import struct
import tempfile
import warnings

SSL3, TLS10, TLS11, TLS12 = "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2"
_VERSIONS = {
    SSL3: ssl.TLSVersion.SSLv3,
    TLS10: ssl.TLSVersion.TLSv1,
    TLS11: ssl.TLSVersion.TLSv1_1,
    TLS12: ssl.TLSVersion.TLSv1_2,
}
_RECORD_VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303}
_READ_BLOCK = 16384
HANDSHAKE_FAILURE, BAD_CERTIFICATE, CERTIFICATE_EXPIRED, UNKNOWN_CA = 40, 42, 45, 48  # alerts (RFC 5246, 7.2)


class TlsError(Exception):
    """A handshake that cannot be, and the alert for the server (None: nothing is sent)."""

    def __init__(self, text, alert=None):
        super().__init__(text)
        self.alert = alert


class TlsSettings:
    """What a connection may and must do.

    lowest, highest   versions (`SSL3` ... `TLS12`)
    suites            codes of cipher suites (RFC numbers); those that OpenSSL lacks cannot be negotiated
    server_name       host name for the SNI extension, or None
    certificate, key  of the client, PEM bytes, or None
    check             callable taking the server's certificates (list of DER, its own first); raises TlsError to refuse them
    """

    def __init__(self, lowest, highest, suites, *, server_name=None, certificate=None, key=None, check=None):
        self.lowest = lowest
        self.highest = highest
        self.suites = suites
        self.server_name = server_name
        self.certificate = certificate
        self.key = key
        self.check = check

    def start(self):
        """A handshake ready to begin: (SSLObject, bytes in, bytes out). TlsError when it cannot even begin."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if self.highest == SSL3 and not ssl.HAS_SSLv3:
            raise TlsError("this OpenSSL has no SSL 3.0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what modules speak
            context.minimum_version = _VERSIONS[max(self.lowest, TLS10) if not ssl.HAS_SSLv3 else self.lowest]
            context.maximum_version = _VERSIONS[self.highest]
        names = [_openssl_names()[code] for code in self.suites if code in _openssl_names()]
        if not names:
            raise TlsError("this OpenSSL has none of the cipher suites")
        context.set_ciphers(":".join(names) + ":@SECLEVEL=0")
        if self.certificate is not None:
            self._load_pair(context)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            return context.wrap_bio(incoming, outgoing, server_hostname=self.server_name), incoming, outgoing
        except ValueError as error:
            raise TlsError("server name: %s" % error) from None

    def _load_pair(self, context):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, name) for name in ("certificate", "key")]
            for path, data in zip(paths, (self.certificate, self.key or b"")):
                path.touch(0o600)
                path.write_bytes(data)
            try:
                context.load_cert_chain(*map(str, paths), password=lambda: b"")
            except (ssl.SSLError, OSError, ValueError) as error:
                raise TlsError("client certificate and key: %s" % error) from None


def _openssl_names(cache={}):  # noqa: B006 - filled on first use
    """Code of a cipher suite -> its name in this OpenSSL, up to TLS 1.2."""
    if not cache:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        cache.update((suite["id"] & 0xFFFF, suite["name"]) for suite in context.get_ciphers() if suite["protocol"] != "TLSv1.3")
    return cache


def _shown(tls):
    """The certificates that the server has sent so far, as DER; empty before they have come."""
    chain = tls._sslobj.get_unverified_chain()  # public from Python 3.13 on, and only after the handshake
    return [bytes(certificate.public_bytes(2)) for certificate in chain or ()]  # 2: DER


class TlsLink:
    """A link with the face of `TcpLink` whose bytes are encrypted on their way.

    `link_open` comes after the handshake; a failed one is `link_failed(link, "tls")`. `begun()` is called when the server has
    been reached and the handshake begins. `clean` says whether the peer has ended the connection as TLS wants it.
    """

    def __init__(self, net, handler, settings, clock, *, begun=None, note=None):
        self._net = net
        self._clock = clock
        self.handler = handler
        self._settings = settings
        self._begun = begun or (lambda: None)
        self._note = note or (lambda text: None)
        self._tcp = None
        self._tls = None
        self._open = self._checked = self._over = False
        self.clean = False

    def connect(self, host, port, local_port=0):
        """Start to connect; the handler hears the rest."""
        self._tcp = self._net.tcp(self, host, port, local_port)
        return self

    @property
    def local(self):
        return self._tcp.local

    @property
    def remote(self):
        return self._tcp.remote

    @property
    def frozen(self):
        return self._tcp.frozen

    # What the TCP link tells -------------------------------------------------------------------------------------------

    def link_open(self, tcp):
        self._begun()
        try:
            self._tls, self._incoming, self._outgoing = self._settings.start()
        except TlsError as error:
            self._fail(error)
            return
        self._shake()

    def link_failed(self, tcp, reason):
        if not self._over:
            self.handler.link_failed(self, reason)

    def link_data(self, tcp, data, source=None):
        if self._over:
            return
        self._incoming.write(data)
        if self._open:
            self._read()
        else:
            self._shake()

    def link_room(self, tcp):
        return self.handler.link_room(self) if self._open else _READ_BLOCK

    def link_ended(self, tcp, reset):
        if self._over:
            return
        if not self._open:
            self._fail(TlsError("the server has closed the connection"))
            return
        self._over = True
        self.handler.link_ended(self, reset or not self.clean)

    def link_writable(self, tcp):
        if self._open:
            self.handler.link_writable(self)

    def link_closed(self, tcp):
        self.handler.link_closed(self)

    def link_frozen(self, tcp):
        if self._open:
            self.handler.link_frozen(self)

    # Handshake ---------------------------------------------------------------------------------------------------------

    def _shake(self):
        try:
            self._tls.do_handshake()
            self._open = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._flush()  # OpenSSL's own alert
            self._fail(TlsError(error.reason or str(error)))
            return
        try:
            self._check()
        except TlsError as error:
            self._open = False
            self._fail(error)
            return
        self._flush()
        if self._open:
            self._note("tls: %s %s" % (self._tls.version(), self._tls.cipher()[0]))
            self.handler.link_open(self)
            self._read()

    def _check(self):
        """Look at the server's certificates once, as soon as they are there."""
        if self._checked or self._settings.check is None:
            return
        chain = _shown(self._tls)
        if chain:
            self._checked = True
            self._settings.check(chain)
        elif self._open:
            raise TlsError("the server has shown no certificate", BAD_CERTIFICATE)

    def _fail(self, error):
        self._note("tls: %s" % error)
        self._over = True
        if error.alert is not None:  # not encrypted yet: the client has not changed its cipher spec (RFC 5246, 6.2.1 and 7.2)
            version = _RECORD_VERSIONS.get(self._tls.version(), 0x0303)
            self._tcp.write(struct.pack(">BHHBB", 21, version, 2, 2, error.alert))
        self._tcp.release()
        self._clock.call_soon(self.handler.link_failed, self, "tls")

    def _flush(self):
        data = self._outgoing.read()
        if data:
            self._tcp.write(data)

    # Data --------------------------------------------------------------------------------------------------------------

    def _read(self):
        while not self._over:
            try:
                data = self._tls.read(_READ_BLOCK)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                data = b""
            except ssl.SSLError as error:
                self._note("tls: %s" % (error.reason or error))
                self._end(True)
                return
            if not data:
                self.clean = True
                self._say_goodbye()
                self._end(False)
                return
            self.handler.link_data(self, data)
        if not self._over:
            self._flush()

    def _end(self, abnormal):
        self._over = True
        self.handler.link_ended(self, abnormal)

    def _say_goodbye(self):
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._tls.unwrap()
        self._flush()

    def write(self, data):
        """Encrypt bytes and queue them for the peer."""
        if self._open and not self._over:
            try:
                self._tls.write(data)
            except ssl.SSLError as error:
                self._note("tls: %s" % (error.reason or error))
                return
            self._flush()

    def queued(self):
        """Encrypted bytes that the peer has not acknowledged."""
        return self._tcp.queued()

    def unsent(self):
        return self._tcp.unsent()

    def pause(self):
        self._tcp.pause()

    def resume(self):
        self._tcp.resume()

    def configure(self, *options):
        self._tcp.configure(*options)

    def close(self):
        """Send what is queued and TLS's closing alert, then FIN; `link_closed` when the peer has closed too."""
        if self._open and not self._over:
            self._say_goodbye()
        self._over = True
        self._tcp.close()

    def release(self):
        """Let go without a reset."""
        self._over = True
        if self._tcp:
            self._tcp.release()

    def abort(self):
        """Reset the connection, or give up connecting."""
        self._over = True
        if self._tcp:
            self._tcp.abort()
