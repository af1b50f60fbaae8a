"""Secrets in AT lines (passwords, user names, PINs): one table for messages, traces and the console's history."""

from .params import text

# Where they begin, as number of the parameter: in the command (AT+X=...) and in the reply (+X: ...), None: nowhere.
# Everything from there to the end of the line is hidden.
SECRETS = (
    (b"+CPIN", 0, None),  # the reply is the SIM's state
    (b"+CPIN2", 0, None), (b"+CPWD", 1, None), (b"+CLCK", 2, None), (b"+CGAUTH", 2, 2), (b"+CSOCKAUTH", 2, 2), (b"$QCPDPP", 2, 2),
    (b"+QICSGP", 3, 2),  # the reply leaves the context's number out
    (b"+QFTPCFG", 1, 1), (b"+QSMTPCFG", 1, 1), (b"+QHTTPCFG", 1, 1), (b"+QMTCONN", 2, None), (b"+SMTPAUTH", 1, 1),
    (b"+POP3SRV", 1, 1), (b"+POP3IN", 0, None),  # the reply is the server's name
    (b"+CFTPUN", 0, 0), (b"+CFTPPW", 0, 0), (b"+CFTPSLOGIN", 2, None), (b"+CMQTTCONNECT", 4, None), (b"+CSMTPSAUTH", 1, 1),
)  # fmt: skip
# Words that secrets follow, whatever the command: headers and options of HTTP and TLS commands
WORDS = (b"AUTHORIZATION", b"COOKIE", b"API-KEY", b"TOKEN", b'PASSWORD"', b'PWD"', b'"PSK')


def masked(line):
    """Return `line` (bytes, a command or a reply) with everything from its first secret on as ***."""
    upper = line.upper()
    end = len(line)
    for name, in_command, in_reply in SECRETS:
        at = upper.find(name)
        while at >= 0:
            at += len(name)
            rest = line[at:].lstrip(b" ")
            first = in_command if rest[:1] == b"=" else in_reply if rest[:1] == b":" else None
            if first is not None and rest[1:] not in (b"?", b""):
                start = len(line) - len(rest) + 1
                # Commas inside quotes count too: that hides too much rather than too little.
                while first and start:
                    start = line.find(b",", start) + 1
                    first -= 1
                if start and start < end:
                    end = start
            at = upper.find(name, at)
    for word in WORDS:
        at = upper.find(word)
        if at >= 0:
            end = min(end, at + len(word) + 1)
    at = line.find(b"://") + 3  # https://user:password@host
    if at > 2 and b"/" not in line[at:].split(b"@")[0] and b"@" in line:
        end = min(end, at)
    return line if end == len(line) else line[:end] + b"***"


def redacted(command):
    """Return a command line as text for messages and logs: from the first secret on it is `***`."""
    return text(masked(bytes(command).strip()))
