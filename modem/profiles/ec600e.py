"""EC600E-CN: TCP/IP. Source: "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0 (2023-03-10)."""

from ..quectel import Quectel


class Profile(Quectel):
    """EC600E-CN: the vendor's defaults are its figures."""

    model = "ec600e"
    document = "EC600E-CN & EC800E-CN TCP/IP Application Guide 1.0"
    contexts = 15  # 2.4.2: <contextID> 1-15
