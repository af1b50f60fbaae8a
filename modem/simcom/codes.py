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
# "SIM7100 AT Command Set for Internet Service" 0.01: 5.15 and 6.2 (numbers), 3.9 and chapter 4 (words)
FTP = (
    "unknown FTP error", "FTP busy", "server address not resolved", "FTP time-out", "file read failed", "file write failed",
    "not allowed in this state", "log-in failed", "log-out failed", "data transfer failed", "command rejected by the server",
    "memory error", "invalid parameter", "network error",
)  # fmt: skip
HTTP = (
    "unknown HTTP error", "HTTP busy", "server address not resolved", "time-out", "transfer failed", "memory error",
    "invalid parameter", "network error",
)  # fmt: skip
# FTPS and HTTPS have no table in the document; these numbers are general knowledge of the family
FTPS = (
    "success", "SSL alert", "unknown error", "busy", "closed by the server", "time-out", "transfer failed",
    "file missing or memory error", "invalid parameter", "rejected by the server", "network error", "state error",
    "server address not resolved", "socket not created", "socket not connected", "socket not closed", "SSL session closed",
    "file error",
)  # fmt: skip
SMTP = {
    "ONGOING": "a transmission is already under way", "PARAM ERROR": "server, sender or recipient is not set",
    "NETWORK ERROR": "bad server address, or the network failed", "OVERSIZE": "the attachments have more than 10 MB in all",
    "SERVER ERROR": "the server closed the session, replied wrongly or not in time",
    "AUTH REQUIRED": "the server wants a user and a password", "AUTH ERROR": "the server refuses user and password",
    "STOPPED": "stop() was called",
}  # fmt: skip
POP3 = {
    "FAILURE": "the mail was not fetched", "ONGOING": "another operation is under way",
    "NETWORK ERROR": "bad server address, or the network failed",
    "SERVER ERROR": "the server closed the session, replied wrongly or not in time, or has no such mail",
    "INVALID UN": "the server refuses the user", "INVALID UN/PWD": "the server refuses user and password",
    "FILE SYSTEM ERROR": "the module could not store the mail; the session is closed",
}  # fmt: skip
WORDS = {"simcom-smtp": SMTP, "simcom-pop3": POP3}
# AT+CIPERROR and AT+CIPOPEN numbers are <err>; CDNSGIP has one number of its own
TABLES = {
    "simcom-ftps": FTPS,
    "simcom-https": FTPS,
    "simcom": ERR,
    "simcom-ip": IP_ERROR,
    "simcom-tls": CCH,
    "simcom-ntp": CNTP,
    "simcom-dns": ("",) * 10 + ("DNS error",),
}


def meaning(family, code):
    """Return what `code` means in the table `family`, "" where it does not know it."""
    if family in WORDS:
        return WORDS[family].get(code, "")
    if family in ("simcom-ftp", "simcom-http"):
        table, first = (FTP, 201) if family == "simcom-ftp" else (HTTP, 220)
        return table[code - first] if isinstance(code, int) and 0 <= code - first < len(table) else ""
    if code == 421 and family == "simcom-ftps":
        return "the server was idle too long: log in again"
    table = TABLES.get(family, ())
    return table[code] if isinstance(code, int) and 0 <= code < len(table) else ""


def ip_error(words):
    """Return the number of an `+IP ERROR:` text; the text itself when it is none of the list."""
    words = words.strip()
    return IP_ERROR.index(words) if words in IP_ERROR else words
