"""TLS contexts: AT+CSSLCFG (AT, chapter "SSL"), and what their settings mean for a connection.

The module has no rule about host names: what it checks is the chain, its dates and the key usage.
"""

from .. import certificates, tls, trust
from ..commands import ParameterError
from ..hosts import literal
from ..rtc import QUARTER_S
from .certs import file_name

COUNT = 10
FILE = "file"
# Item: (range or FILE, default), in the order of the line that AT+CSSLCFG=<ctx> shows.
ITEMS = {
    "sslversion": ((0, 4), 4),
    "authmode": ((0, 3), 0),
    "ignorelocaltime": ((0, 1), 1),
    "negotiatetime": ((10, 300), 300),
    "cacert": (FILE, ""),
    "clientcert": (FILE, ""),
    "clientkey": (FILE, ""),
    "password": (FILE, ""),
    "enableSNI": ((0, 1), 0),
}
_WORDS = {word.lower(): word for word in ITEMS}
_ONLY = (tls.SSL3, tls.TLS10, tls.TLS11, tls.TLS12)
_ALL_VERSIONS = (tls.TLS10, tls.TLS12)
# RSA and ECDHE key exchange with AES: what today's servers and this family have in common.
_SUITES = (
    0xC02F, 0xC030, 0xC02B, 0xC02C, 0xC027, 0xC028, 0xC013, 0xC014, 0xC023, 0xC024, 0xC009, 0xC00A,
    0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035, 0x000A,
)  # fmt: skip
SERVER, BOTH, CLIENT = 1, 2, 3


class NotSet(Exception):
    """A file that the authentication needs has not been named, or is not there, or is of no use."""


class SslConfig:
    """The settings of all contexts."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.reset()
        self._modem.table.add("+CSSLCFG", test=self._test(), read=self._list, write=self._write)

    def reset(self):
        """A restart of the module."""
        self._values = [{word: default for word, (_, default) in ITEMS.items()} for _ in range(COUNT)]

    def snapshot(self, context):
        """The settings of a context as they are now."""
        return dict(self._values[context])

    @staticmethod
    def _test():
        lines = []
        for word, (kind, _) in ITEMS.items():
            shown = "(5-108)" if kind is FILE else "(%d-%d)" % kind
            lines.append('+CSSLCFG: "%s",(0-%d),%s' % (word, COUNT - 1, shown))
        return lines

    def _line(self, context):
        shown = ['"%s"' % value if ITEMS[word][0] is FILE else str(value) for word, value in self._values[context].items()]
        return "+CSSLCFG: %d,%s" % (context, ",".join(shown))

    def _list(self):
        return self._simcom.block([self._line(context) for context in range(COUNT)])

    def _write(self, parameters):
        if not parameters.quoted(0):
            parameters.count(1, 1)
            return self._line(parameters.int(0, 0, COUNT - 1))
        parameters.count(3, 3)
        word, context = _WORDS.get(parameters.str(0).lower()), parameters.int(1, 0, COUNT - 1)
        if word is None:
            raise ParameterError()
        kind = ITEMS[word][0]
        self._values[context][word] = file_name(parameters, 2, empty=True) if kind is FILE else parameters.int(2, *kind)
        return None

    # What the settings mean --------------------------------------------------------------------------------------------

    def tls(self, values, host):
        """What a connection to `host` with these settings does. NotSet when a certificate is missing."""
        version = values["sslversion"]
        lowest, highest = _ALL_VERSIONS if version == 4 else (_ONLY[version], _ONLY[version])
        result = tls.TlsSettings(lowest, highest, _SUITES)
        if values["enableSNI"] and literal(host) is None:
            result.server_name = host
        if values["authmode"] in (SERVER, BOTH):
            ignored = {certificates.NAME} | ({certificates.EXPIRED} if values["ignorelocaltime"] else set())
            result.check = trust.checker(self._anchors(values["cacert"]), self._utc, host, ignored)
        if values["authmode"] in (BOTH, CLIENT):
            result.certificate, result.key = self._pair(values)
        return result

    def _utc(self):
        rtc = self._modem.rtc
        return rtc.seconds() - QUARTER_S * rtc.zone_quarters

    def _file(self, name):
        try:
            return self._modem.files.read(name)
        except (KeyError, ValueError):
            raise NotSet("no file %r" % name) from None

    def _anchors(self, name):
        try:
            return certificates.load(self._file(name))
        except certificates.CertificateError as error:
            raise NotSet(str(error)) from None

    def _pair(self, values):
        """The client's certificates and key as PEM, whatever they are stored as."""
        from cryptography.hazmat.primitives import serialization as s

        chain, key_data = self._anchors(values["clientcert"]), self._file(values["clientkey"])
        password = self._file(values["password"]).strip() if values["password"] else None
        load = s.load_pem_private_key if b"-----BEGIN" in key_data else s.load_der_private_key
        try:
            key = load(key_data, password)
        except (ValueError, TypeError) as error:
            raise NotSet("client key: %s" % error) from None
        pem = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
        return b"".join(one.public_bytes(s.Encoding.PEM) for one in chain), pem
