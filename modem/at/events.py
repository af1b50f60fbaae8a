"""The queue of events between the receive path, which may not allocate or call the program, and poll()."""

from ..compat import const

_EVENTS = const(16)


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
