"""Passwords and PINs in command lines; loaded when there is an error or a log to show one in."""

from .params import text

_SECRETS = (
    (b"AT+QICSGP=", 3), (b"AT+CPIN=", 0), (b"AT+CGAUTH=", 2), (b"AT+SMTPAUTH=", 1), (b"AT+POP3IN=", 0), (b"AT+POP3SRV=", 0),
    (b"AT+CFTPPW=", 0), (b"AT+CFTPUN=", 0), (b"AT+CFTPSLOGIN=", 2), (b"AT+CLCK=", 2), (b"AT+CPWD=", 1),
)  # fmt: skip


def masked(command):
    """Return a command line as text for messages and logs: secret parameters (passwords, PINs) become `***`."""
    command = bytes(command).strip()
    for prefix, first in _SECRETS:
        if command.upper().startswith(prefix):
            shown = command[len(prefix) :].split(b",")
            return text(prefix + b",".join(shown[:first] + [b"***"]))
    return text(command)
