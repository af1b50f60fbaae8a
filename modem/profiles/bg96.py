"""BG96: TLS. Source: "BG96 SSL AT Commands Manual" (the copy at hand has no version).

That document only mentions the TCP/IP commands and uses QICSGP and QIACT in its examples. Plain TCP and UDP are taken from the
"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, with the ranges that the SSL manual gives: PDP contexts 1-16, connections
0-11.
"""

from ..quectel.secure import QuectelTls


class Profile(QuectelTls):
    """BG96: eight TLS settings, thirteen cipher suites."""

    model = "bg96"
    document = "BG96 SSL AT Commands Manual"
    contexts = 16  # 2.1.2: <pdpctxID> 1-16
    tls_few = True
