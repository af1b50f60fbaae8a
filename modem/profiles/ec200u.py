"""EC200U series: TLS. Source: "EC200U&EG915U Series SSL Application Note" 1.1 (2021-08-17).

That document only mentions the TCP/IP commands and uses QICSGP and QIACT in its examples. Plain TCP and UDP are taken from the
"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, with the ranges that the SSL note gives: PDP contexts 1-7, connections
0-11, 1460 bytes per send.
"""

from ..quectel.secure import QuectelTls


class Profile(QuectelTls):
    """EC200U series: all fourteen TLS settings."""

    model = "ec200u"
    document = "EC200U&EG915U Series SSL Application Note 1.1"
    contexts = 7  # 2.2.2: <contextID> 1-7
