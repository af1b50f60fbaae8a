"""SIM7100: mail, FTP, HTTP and their secure forms. Source: "SIM7100 AT Command Set for Internet Service" 0.01.

Sockets and their TLS work as on A76XX ("A76XX Series TCPIP Application Note" 1.04). The module's files follow general knowledge
of the family.
"""

from ..simcom import SimCom


class Profile(SimCom):
    """SIM7100: sockets with the vendor's defaults, and the Internet services."""

    model = "sim7100"
    document = "SIM7100 AT Command Set for Internet Service 0.01"
    files_in = "fs"
    epoch = 0  # sessions with servers that were opened in an earlier one are gone
    services = ("smtp", "pop3", "ftp", "ftps", "http", "https")  # modules of modem/simcom

    def forget(self):
        """The module has restarted, or the context is opened anew: it has forgotten what the services were set to."""
        super().forget()
        self.ftp_settings = None
        self.epoch += 1
        for name in self.flows:
            if getattr(self.flows[name], "_given_up", False):
                self.flows[name] = None

    def __init__(self, modem):
        self.flows = {}  # prefix: the transfer that is under way (simcom/transfer.py)
        self.late = {}  # error table: whether results come by a line of their own after OK
        self.spelling = {}  # the forms of names that this firmware takes, where the document prints several
        super().__init__(modem)
