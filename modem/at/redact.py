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
    (b"+CFTPUN", 0, 0), (b"+CFTPPW", 0, 0), (b"+CFTPSLOGIN", 2, None), (b"+CMQTTCONNECT", 4, None),
    (b"AUTHORIZATION", None, 0),  # a header in the parameter of an HTTP command
)  # fmt: skip


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
    return line if end == len(line) else line[:end] + b"***"


def redacted(command):
    """Return a command line as text for messages and logs: from the first secret on it is `***`."""
    return text(masked(bytes(command).strip()))
