"""Passwords and PINs in command lines: one table for messages, logs and traces."""

from .params import text

# command (without AT), and which of its parameters are secret: the first of them, and all after it
_SECRETS = (
    (b"+QICSGP=", 3), (b"+CPIN=", 0), (b"+CGAUTH=", 2), (b"+SMTPAUTH=", 1), (b"+POP3IN=", 0), (b"+POP3SRV=", 0),
    (b"+CFTPPW=", 0), (b"+CFTPUN=", 0), (b"+CFTPSLOGIN=", 2), (b"+CLCK=", 2), (b"+CPWD=", 1),
)  # fmt: skip


def redacted(command):
    """Return a command line as text for messages and logs: secret parameters (passwords, PINs) become `***`."""
    command = bytes(command).strip()
    for name, first in _SECRETS:
        at = command.upper().find(name)
        if at >= 0:
            at += len(name)
            shown = command[at:].split(b",")
            return text(command[:at] + b",".join(shown[:first] + [b"***"]))
    return text(command)
