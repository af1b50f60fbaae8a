"""Error numbers of Quectel's TCP/IP and SSL commands.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, chapter 4; "BG96 SSL AT Commands Manual", chapter 5; "EC200U & EG915U
Series SSL Application Note" 1.1, chapter 5. 573 and 574 have changed places between the first and the others.
"""

from ..commands import AtError

UNKNOWN = 550
BLOCKED = 551
INVALID = 552
NO_MEMORY = 553
CREATE_FAILED = 554
NOT_SUPPORTED = 555
BIND_FAILED = 556
LISTEN_FAILED = 557
WRITE_FAILED = 558
READ_FAILED = 559
ACCEPT_FAILED = 560
PDP_OPEN_FAILED = 561
PDP_CLOSE_FAILED = 562
ID_IN_USE = 563
DNS_BUSY = 564
DNS_FAILED = 565
CONNECT_FAILED = 566
SOCKET_CLOSED = 567
BUSY = 568
TIMEOUT = 569
PDP_BROKEN = 570
CANCELLED = 571
NOT_ALLOWED = 572
HANDSHAKE_FAILED = 579

TEXTS = {
    0: "operate successfully",
    UNKNOWN: "unknown error",
    BLOCKED: "operation blocked",
    INVALID: "invalid parameter",
    NO_MEMORY: "memory not enough",
    CREATE_FAILED: "create socket failed",
    NOT_SUPPORTED: "operation not supported",
    BIND_FAILED: "socket bind failed",
    LISTEN_FAILED: "socket listen failed",
    WRITE_FAILED: "socket write failed",
    READ_FAILED: "socket read failed",
    ACCEPT_FAILED: "socket accept failed",
    PDP_OPEN_FAILED: "open PDP context failed",
    PDP_CLOSE_FAILED: "close PDP context failed",
    ID_IN_USE: "socket identity has been used",
    DNS_BUSY: "DNS busy",
    DNS_FAILED: "DNS parse failed",
    CONNECT_FAILED: "socket connection failed",
    SOCKET_CLOSED: "socket has been closed",
    BUSY: "operation busy",
    TIMEOUT: "operation timeout",
    PDP_BROKEN: "PDP context break down",
    CANCELLED: "cancel send",
    NOT_ALLOWED: "operation not allowed",
    HANDSHAKE_FAILED: "SSL handshake fail",
}
# Those of the TCP/IP guide that differ (table 2). 565 is what its example in 3.9 prints; the table has "DNS parse failed".
GUIDE_TEXTS = {
    **TEXTS,
    INVALID: "invalid parameters",
    CREATE_FAILED: "socket creation failed",
    PDP_OPEN_FAILED: "PDP context opening failed",
    PDP_CLOSE_FAILED: "PDP context closure failed",
    DNS_FAILED: "dns failed",
    CONNECT_FAILED: "socket connect failed",
    PDP_BROKEN: "PDP context broken down",
    CANCELLED: "cancel sending",
}


class TcpipError(AtError):
    """A TCP/IP command has failed; the line ends with ERROR and AT+QIGETERROR knows `code`."""
