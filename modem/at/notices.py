"""Lines that a module sends by itself and no table knows, told from answers and from lost payload by what they look like."""

from ..compat import const

_BLANK = const(32)
_AT = const(64)  # the character before A
_BRACKET = const(91)  # and the one after Z
_TILDE = const(126)

# lines without a prefix that a module sends by itself at any time: none of them answers a command. The last ones: NMEA sentences,
# which a receiver streams over the same line after AT+CGNSSTST=1 of an earlier program
_NOTICES = (
    b"RING", b"NO CARRIER", b"SMS DONE", b"PB DONE", b"SMS Ready", b"Call Ready", b"UNDER-VOLTAGE", b"OVER-VOLTAGE",
    b"NORMAL POWER DOWN", b"POWERED DOWN", b"$G", b"$BD", b"$P",
)  # fmt: skip


def is_notice(buf, s):
    """Return whether the line at `buf[s]` is one of those that answer no command."""
    for word in _NOTICES:
        if buf.startswith(word, s):
            return True
    return False


def looks_like_notification(buf, s, e):
    """Return whether an unknown line may be the module's: text after "+" and the like, or in capitals (UNDER-VOLTAGE)."""
    if is_notice(buf, s):
        return True
    if buf[s] not in b"$*+^" and not (_AT < buf[s] < _BRACKET and _AT < buf[s + 1] < _BRACKET):
        return False
    while s < e:
        if not _BLANK <= buf[s] <= _TILDE:
            return False
        s += 1
    return True
