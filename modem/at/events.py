"""What happens by itself: the queue of events between the receive path, which may not allocate or call the program, and poll();
and lines that no table knows, told from answers and from lost payload by what they look like.
"""

from ..compat import const

_EVENTS = const(16)
_BLANK = const(32)
_COMMA = const(44)
_AT = const(64)  # the character before A
_BRACKET = const(91)  # and the one after Z
_TILDE = const(126)

# lines without a prefix that a module sends by itself at any time: none of them answers a command. The last ones: NMEA sentences,
# which a receiver streams over the same line after AT+CGNSSTST=1 of an earlier program
_NOTICES = (
    b"RING", b"NO CARRIER", b"SMS DONE", b"PB DONE", b"SMS Ready", b"Call Ready", b"UNDER-VOLTAGE", b"OVER-VOLTAGE",
    b"NORMAL POWER DOWN", b"POWERED DOWN", b"$G", b"$BD", b"$P",
)  # fmt: skip


class EventQueue:
    """Up to 16 events, oldest first. `events`: how many wait; `events_lost`: how many found it full; `changed`: see Engine."""

    def __init__(self):
        self._kinds = [None] * _EVENTS
        self._details = [None] * _EVENTS
        self._event_at = 0
        self.events = 0
        self.events_lost = 0
        self.changed = False

    def event(self, kind, detail=None):
        """Queue an event; return False when 16 wait: then it is dropped and counted in `events_lost`. No allocation."""
        if self.events == _EVENTS:
            self.events_lost += 1
            return False
        at = (self._event_at + self.events) % _EVENTS
        self._kinds[at] = kind
        self._details[at] = detail
        self.events += 1
        self.changed = True
        return True

    def take_event(self, callback):
        """Hand the oldest event to `callback(kind, detail)`. No allocation."""
        at = self._event_at
        self._event_at = (at + 1) % _EVENTS
        self.events -= 1
        detail = self._details[at]
        self._details[at] = None
        callback(self._kinds[at], detail)


def is_notice(buf, s):
    """Return whether the line at `buf[s]` is one of those that answer no command."""
    for word in _NOTICES:
        if buf.startswith(word, s):
            return True
    return False


def looks_like_notification(buf, s, e):
    """Return whether an unknown line may be the module's: text after "+" and the like, or in capitals (UNDER-VOLTAGE)."""
    if buf[s] in b"$*+^":
        return _BLANK <= buf[s + 1] <= _TILDE and _BLANK <= buf[s + 2] <= _TILDE  # two more are enough
    if is_notice(buf, s):
        return True
    if not (_AT < buf[s] < _BRACKET and _AT < buf[s + 1] < _BRACKET):
        return False
    while s < e:
        if not _BLANK <= buf[s] <= _TILDE:
            return False
        s += 1
    return True


def trimmed(buf, s, e):
    """Return where the line ends without what is not text."""
    while e > s and buf[e - 1] < _BLANK:
        e -= 1
    return e


def copy(buf, s, e):
    """Return a copy of `buf[s:e]`."""
    return bytes(memoryview(buf)[s:e])


def text_closes(buf, s, e):
    """Return whether the text of a +CUSD ends here: with its last quote, which only the coding scheme may follow."""
    s = buf.rfind(b'"', s, e) + 1
    return s > 0 and (s == e or (buf[s] == _COMMA and copy(buf, s + 1, e).strip().isdigit()))
