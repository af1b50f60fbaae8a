"""The Quectel dialect of modules with TLS: what they add to it. The operations are in tls.py, loaded on first use."""

from . import Quectel

_FEW = (b"sslversion", b"ciphersuite", b"cacert", b"clientcert", b"clientkey", b"seclevel", b"ignorelocaltime", b"negotiatetime")
_MORE = (b"cacertex", b"sni", b"ignoremulticertchainverify", b"ignoreinvalidcertsign", b"dtls", b"ignorecertitem")


class QuectelTls(Quectel):
    """Vendor defaults of modules with TLS."""

    errors = "quectel-ssl"
    tls_contexts = 6  # 0-5
    files_in = "files"
    leftovers = None  # files.py: names of uploads that were given up
    tls_few = False  # only the eight items of SSL-B
    tls_seclevel = b"seclevel"  # or b"secllevel": the one that the module has taken

    def __init__(self, modem):
        super().__init__(modem)
        self.tls_sets = None
        engine = modem._engine
        engine.urc(b"+QSSLURC:", self._on_urc)
        engine.urc(b"+QSSLOPEN:", self._on_open)
        engine.urc(b"+QSSOPEN:", self._on_open)  # as the heading of SSL-U 2.2.2 spells it

    @property
    def tls_items(self):
        """The items of AT+QSSLCFG that the model has."""
        return _FEW if self.tls_few else _FEW + _MORE

    def sockets(self, tls):
        """Return the module with the socket operations, over TLS or not. ValueError for a context that verifies nothing."""
        if tls is None:
            return super().sockets(tls)
        tls.ready()
        from . import tls as ops

        return ops

    def tls_settings(self, context):
        """Return the settings of a TlsContext as this model writes them."""
        from .tls import settings

        return settings(self, context)

    async def tls_read(self, m, context):
        """Return what the module is set to for a TlsContext."""
        from .tls import read

        return await read(m, context)
