"""Network tools: AT+CDNSGIP, CDNSCFG, CPING, CNTP (AT, chapters "TCPIP" and "Others")."""


class Tools:
    """The commands."""

    def __init__(self, simcom):
        self._simcom = simcom

    def reset(self):
        """A restart of the module."""
