"""What the SIMCom dialect is asked for now and then: where rare operations live. See late.py."""


class Extra:
    """Of SimCom."""

    iccid = b"+CICCID"
    sleep_command = b"+CSCLK"
    files_in = "files"
    failed_deactivations = 0  # in a row
    _tls_known = False
    port_in_use = (6,)  # TCP-S 4.1: failed to bind socket
    send_closed = (2,)  # codes of a send that mean the end of the connection
    transparent_server = True  # server 0, whose one client is link 0 (TCP-S 3.4.1)

    def restart_reason(self, error=None):
        """Return why the flow charts (TCP-S 1.4) want a restart: for `error` of connect(), or for what came before; or None."""
        from .ending import restart_reason

        return restart_reason(self, error)

    def tls_settings(self, context):
        """Return the settings of a TlsContext as this model writes them."""
        from .tls_settings import settings

        return settings(self, context)

    async def tls_read(self, m, context):
        """Return what the module is set to for a TlsContext."""
        from .tls_settings import read

        return await read(m, context)

    def listen_tls(self, engine):
        """Know the lines of the TLS commands from now on; called before each open."""
        if not self._tls_known:
            self._tls_known = True
            from .tls_urcs import register

            register(self, engine)

    def error_request(self):
        """There is no command that tells why the last one failed: what can be known came with it."""
        return None
