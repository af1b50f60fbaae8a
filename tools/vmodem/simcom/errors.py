"""The two error lists of the "A76XX Series TCPIP Application Note" 1.04, chapter 4: `<err>` numbers and `+IP ERROR` texts.

The lists are unrelated: 4 is "operation not supported" in the one and "Network is already opened" in the other.
"""

from ..commands import AtError

NETWORK = 1
NOT_OPENED = 2
PARAMETER = 3
NOT_SUPPORTED = 4
CREATE = 5
BIND = 6
LISTENING = 7
BUSY = 8
SOCKETS_OPENED = 9
TIMEOUT = 10
DNS = 11
UNKNOWN = 12

REASONS = {"refused": NETWORK, "unreachable": NETWORK, "timeout": TIMEOUT, "dns": DNS, "bind": BIND}

IP_ERRORS = (
    "Connection time out",
    "Bind port failed",
    "Port overflow",
    "Create socket failed",
    "Network is already opened",
    "Network is already closed",
    "No clients connected",
    "No active client",
    "Network not opened",
    "Client index overflow",
    "Connection is already created",
    "Connection is not created",
    "Invalid parameter",
    "Operation not supported",
    "DNS query failed",
    "TCP busy",
    "Net close failed for socket opened",
    "Sending time out",
    "Sending failure for network error",
    "Open failure for network error",
    "Server is already listening",
    "Operation failed",
    "No data",
)
IP_ALREADY_OPENED, IP_NOT_OPENED, IP_NOT_CREATED, IP_PARAMETER, IP_NO_DATA = 4, 8, 11, 12, 22


class Refused(AtError):
    """A command ends with the line `text` and ERROR."""

    def __init__(self, text):
        super().__init__(None, (text,))
