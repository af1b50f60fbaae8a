"""What the Quectel dialect is asked for now and then: reasons of errors, and where rare operations live. See late.py."""

from ..errors import NotSupported
from ..fields import split
from ..request import Request


class Extra:
    """Methods of Quectel."""

    def error_request(self):
        """Return the request that asks why the last TCP/IP or SSL command failed (TCP-E 2.4.19)."""
        return Request(b"AT+QIGETERROR\r", b"+QIGETERROR:", 5000)

    def error_code(self, lines):
        """Return the number in its answer; the text is not reliable. 0 ("no error") says nothing: None."""
        return (split(lines[-1])[0] or None) if lines else None

    async def detach(self, m, deadline):
        """Deactivate the context."""
        from .context import detach

        await detach(m, deadline)

    async def context_lost(self, m, context):
        """After "pdpdeact" the host has to deactivate the context too (TCP-E 2.5.5)."""
        await m._try(b"+QIDEACT=%d" % context, limit_ms=40000)

    def tls_settings(self, context):
        """Refuse: TLS is what secure.py adds."""
        raise NotSupported("TLS by the module: %s does not have it (%s)" % (self.model, self.document))

    def checks(self):
        """Return the module with what diagnose() asks."""
        from . import checks

        return checks

    def net(self):
        """Return the module with name server, ping, time and socket states."""
        from . import net

        return net

    def options(self):
        """Return the module with the options of AT+QICFG."""
        from . import config

        return config

    def files(self):
        """Return the module with the operations on files."""
        from . import files

        return files
