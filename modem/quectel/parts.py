"""What the Quectel dialect is asked for now and then, reasons of errors above all. See late.py."""

from ..errors import NotSupported
from ..params import split
from ..request import Request


class Extra:
    """Of Quectel."""

    iccid = b"+QCCID"
    sleep_command = b"+QSCLK"
    files_in = None  # the documents of EC600E and EC800E have no commands for files
    port_in_use = (556, 573, 574)  # bind failed, port busy: 573 in TCP-E, 574 in the SSL documents
    transparent_server = False
    send_closed = ()  # codes of a send that mean the end of the connection
    found_at = 0  # ticks at the end of start()
    ended = ()  # ids of listeners that have been closed: a client may be announced after that

    def error_request(self):
        """Return the request that asks why the last TCP/IP or SSL command failed (TCP-E 2.4.19)."""
        return Request(b"AT+QIGETERROR\r", b"+QIGETERROR:", 5000)

    def error_code(self, lines):
        """Return the number in its answer; the text is not reliable. 0 ("no error") says nothing: None."""
        return (split(lines[-1])[0] or None) if lines else None

    def tls_settings(self, context):
        """Refuse: TLS is what secure.py adds."""
        raise NotSupported("TLS by the module: %s does not have it (%s)" % (self.model, self.document))
