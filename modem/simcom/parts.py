"""What the SIMCom dialect is asked for now and then: where rare operations live. See late.py."""


class Extra:
    """Methods of SimCom."""

    def restart_reason(self, error=None):
        """Return why the flow charts (TCP-S 2) want a restart now: for `error` of connect(), or for what came before; or None."""
        from .context import restart_reason

        return restart_reason(self, error)

    async def detach(self, m, deadline):
        """Close the network service."""
        from .context import detach

        await detach(m, deadline)

    async def context_lost(self, m, context):
        """After the network went away: close the service where it still stands as open (TCP-S 4.2)."""
        from .context import clear

        await clear(m)

    def net(self):
        """Return the module with names, ping, time and states."""
        from . import net

        return net

    def options(self):
        """Return the module that sets options of the TCP/IP stack."""
        from . import options

        return options

    def checks(self):
        """Return the module with what diagnose() asks."""
        from . import checks

        return checks

    def files(self):
        """Return the module with the operations on files."""
        from . import files

        return files

    def tls_settings(self, context):
        """Return the settings of a TlsContext as this model writes them."""
        from .tls_settings import settings

        return settings(self, context)

    async def tls_read(self, m, context):
        """Return what the module is set to for a TlsContext."""
        from .tls_settings import read

        return await read(m, context)

    def error_request(self):
        """There is no command that tells why the last one failed: what can be known came with it."""
        return None
