"""AT+QSSLCFG: the six SSL contexts, and what they make of a connection.

"EC200U & EG915U Series SSL Application Note" 1.1, 2.2.1; "BG96 SSL AT Commands Manual", 2.1.1. Nothing is saved. The defaults
that the documents showed by underlining are lost, except for the cipher suites: see `ssl_model`.
"""

from .. import certificates, tls, trust
from ..commands import ParameterError
from .file_commands import plain_name
from .ssl_model import ALL_SUITES, IGNORE_ALL, ITEMS, PATH, SUITE

COUNT = 6
_PLACEHOLDERS = {
    "cacert": "<cacertpath>",
    "cacertex": "<cacertpath>",
    "clientcert": "<client_cert_path>",
    "clientkey": "<client_key_path>",
}
_SPELLINGS = ("seclevel", "secllevel")
_VERSIONS = {
    0: (tls.SSL3, tls.SSL3),
    1: (tls.TLS10, tls.TLS10),
    2: (tls.TLS11, tls.TLS11),
    3: (tls.TLS12, tls.TLS12),
    4: (tls.SSL3, tls.TLS12),
}
_IGNORE_BITS = {
    1: {certificates.EXPIRED},
    4: {certificates.NAME},
    8: {certificates.UNTRUSTED, certificates.SIGNATURE},
    2048: {certificates.KEY_USAGE},
    4096: {certificates.EXTENDED_KEY_USAGE},
    8192: {certificates.NS_CERT_TYPE},
    32768: {certificates.ALGORITHM},
    65536: {certificates.KEY},
}


class SslConfig:
    """The settings of all contexts. `config.get(context, "sni")` is a number or a string."""

    def __init__(self, quectel, model):
        self._quectel = quectel
        self._modem = quectel.modem
        self._model = model
        self.reset()
        quectel.add("+QSSLCFG", test=self._test, write=self._write)

    def reset(self):
        """A restart of the module."""
        self._values = [{name: ITEMS[name][1] for name in self._model.items} for _ in range(COUNT)]

    def get(self, context, name):
        """A setting of a context; its default if the model does not have the item."""
        return self._values[context].get(name, ITEMS[name][1])

    # The command -------------------------------------------------------------------------------------------------------

    def _test(self):
        return ['+QSSLCFG: "%s",(0-5),%s' % (self._shown_name(name), self._shown_values(name)) for name in self._model.items]

    def _shown_name(self, name):
        return self._model.spelling if name == "seclevel" else name

    def _shown_values(self, name):
        values = ITEMS[name][0]
        if values is SUITE:
            return "(%s)" % ",".join("0X%04X" % code for code in (*self._model.suites, ALL_SUITES))
        if values is PATH:
            return _PLACEHOLDERS[name]
        return "(0,1)" if values == (0, 1) else "(%d-%d)" % values

    def _write(self, parameters):
        word = parameters.str(0).lower()
        name = "seclevel" if word in self._spellings() else word
        if name not in self._model.items or (word in _SPELLINGS and word not in self._spellings()):
            raise ParameterError()
        if name == "cacertex" and len(parameters) == 1:
            return [self._line(word, name, context) for context in range(COUNT)]
        parameters.count(2, 3)
        context = parameters.int(1, 0, COUNT - 1)
        if len(parameters) == 2:
            return self._line(word, name, context)
        values = ITEMS[name][0]
        if values is SUITE:
            value = self._suite(parameters)
        elif values is PATH:
            value = parameters.str(2, 255)
        else:
            value = parameters.int(2, *values)
        self._values[context][name] = value
        return None

    def _spellings(self):
        wanted = self._modem.model.quirks["spelling"]
        return _SPELLINGS if wanted == "both" else (wanted,)

    def _line(self, word, name, context):
        value = self._values[context][name]
        kind = ITEMS[name][0]
        text = "0X%04X" % value if kind is SUITE else '"%s"' % value if kind is PATH else "%d" % value
        return '+QSSLCFG: "%s",%d,%s' % (word, context, text)

    def _suite(self, parameters):
        text = "" if parameters.quoted(2) else parameters.str(2, 7, bare=True).upper()
        try:
            code = int(text, 16) if text.startswith("0X") else -1
        except ValueError:
            code = -1
        if code == 0xFFFFF:  # so printed once in the application note
            code = ALL_SUITES
        if code not in (*self._model.suites, ALL_SUITES):
            raise ParameterError()
        return code

    # What the settings mean --------------------------------------------------------------------------------------------

    def snapshot(self, context):
        """The settings of a context as they are now."""
        return dict(self._values[context])

    def tls(self, values, host):
        """What a connection to `host` with these settings does. TlsError when a file is missing or of no use."""
        lowest, highest = _VERSIONS[values["sslversion"]]
        suite = values["ciphersuite"]
        result = tls.TlsSettings(lowest, highest, self._model.suites if suite == ALL_SUITES else (suite,))
        if values.get("sni"):
            result.server_name = host
        if values["seclevel"] >= 1:
            result.check = self._checker(values, host)
        if values["seclevel"] == 2 and (values["clientcert"] or values["clientkey"]):
            result.certificate, result.key = self._file(values["clientcert"]), self._file(values["clientkey"])
        return result

    def _file(self, path):
        try:
            return self._modem.files.read(plain_name(path))
        except (KeyError, ValueError):
            raise tls.TlsError("no file %r" % path) from None

    def _checker(self, values, host):
        """What checks the server's certificates: with the files as they are now and the clock as it is then."""
        paths = [values[name] for name in ("cacert", "cacertex") if values.get(name)]
        if not paths:
            raise tls.TlsError("no CA certificate is set")
        try:
            anchors = [one for path in paths for one in certificates.load(self._file(path))]
        except certificates.CertificateError as error:
            raise tls.TlsError(str(error)) from None
        if values.get("ignorecertitem") == IGNORE_ALL:
            return None
        ignored = certificates.ALL - self._model.checks | self._ignored(values)
        check = trust.checker(anchors, self._modem.rtc.seconds, host, ignored)
        if not values.get("ignoremulticertchainverify"):
            return check
        lenient = trust.checker(anchors, self._modem.rtc.seconds, host, ignored | {certificates.UNTRUSTED})
        return lambda shown: (lenient if len(shown) > 1 else check)(shown)

    @staticmethod
    def _ignored(values):
        ignored = set()
        for bit, faults in _IGNORE_BITS.items():
            if values.get("ignorecertitem", 0) & bit:
                ignored |= faults
        if values["ignorelocaltime"]:
            ignored.add(certificates.EXPIRED)
        if values.get("ignoreinvalidcertsign"):
            ignored.add(certificates.SIGNATURE)
        return ignored
