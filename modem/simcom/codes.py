"""SIMCom error numbers and texts; loaded only when one is met.

Sources: "A76XX Series TCPIP Application Note" 1.04, 4.1 (`+IP ERROR:` and `<err>`) and 4.2 (`+IPCLOSE`); public knowledge of the
family for the TLS channel (CCH), CDNSGIP and CNTP. The tables are unrelated: 4 is "Network is already opened" in one and
"operation not supported" in another, so a number is never looked up in the table of the other.
"""

# the exact texts of `+IP ERROR: <err_info>`, by number; the module shows either, by the error display of AT+CIPCCFG
IP_ERROR = (
    "Connection time out", "Bind port failed", "Port overflow", "Create socket failed", "Network is already opened",
    "Network is already closed", "No clients connected", "No active client", "Network not opened", "Client index overflow",
    "Connection is already created", "Connection is not created", "Invalid parameter", "Operation not supported",
    "DNS query failed", "TCP busy", "Net close failed for socket opened", "Sending time out",
    "Sending failure for network error", "Open failure for network error", "Server is already listening", "Operation failed",
    "No data",
)  # fmt: skip
ERR = (
    "success", "network failure", "network not opened", "wrong parameter", "operation not supported", "failed to create socket",
    "failed to bind socket", "TCP server is already listening", "busy", "sockets opened", "timeout", "DNS parse failed",
    "unknown error",
)  # fmt: skip
CCH = (
    "success", "alerting state", "unknown error", "busy", "peer closed", "operation timeout", "transfer failed", "memory error",
    "invalid parameter", "network error", "open session error", "state error", "create socket error", "get DNS error",
    "connect socket error", "handshake error", "close socket error", "no network", "send timeout", "certificates not set",
)  # fmt: skip
CNTP = (
    "success", "unknown error", "wrong parameter", "wrong date and time calculated", "network error", "time zone error",
    "time out error",
)  # fmt: skip
# AT+CIPERROR and AT+CIPOPEN numbers are <err>; CDNSGIP has one number of its own
TABLES = {"simcom": ERR, "simcom-ip": IP_ERROR, "simcom-tls": CCH, "simcom-ntp": CNTP, "simcom-dns": ("",) * 10 + ("DNS error",)}


def meaning(family, code):
    """Return what `code` means in the table `family`, "" where it does not know it."""
    table = TABLES.get(family, ())
    return table[code] if isinstance(code, int) and 0 <= code < len(table) else ""


def ip_error(words):
    """Return the number of an `+IP ERROR:` text; the text itself when it is none of the list."""
    words = words.strip()
    return IP_ERROR.index(words) if words in IP_ERROR else words
