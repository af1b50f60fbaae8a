"""Network tools: AT+QIDNSCFG, QIDNSGIP, QPING, QNTP ("EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.14-2.4.17)."""


class Tools:
    def __init__(self, quectel):
        self._quectel = quectel

    def reset(self):
        """A restart of the module."""
