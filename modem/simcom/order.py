"""Commands whose result line (`+CIPOPEN: 1,0`) may come before OK, after OK, or before ERROR.

The result goes through the same handler as the URC, whichever order the module keeps; before ERROR it is also the reason,
and ends in the exception's `code` and `lines`.
"""

from ..compat import const
from ..fields import digits
from ..request import ERROR, Request

LIMIT_MS = const(125000)  # 120 s, the longest of AT+CIPTIMEOUT, and the way over the line (A76XX TCPIP 1.04, flow charts)
LOCAL_MS = const(9000)  # commands that need no network (the same)


def last_number(line):
    """Return the number behind the last comma or colon of a result line, -1 where there is none."""
    at = max(line.rfind(b","), line.rfind(b":")) + 1
    return digits(line, at, len(line))


class Order(Request):
    """A command with a result line `<prefix> [<number>,]...`; `handler(buf, s, e)` is the one of the URC."""

    def __init__(self, line, prefix, handler, number=None, limit_ms=LIMIT_MS, family="simcom"):
        super().__init__(b"AT" + line + b"\r", prefix, limit_ms)
        self._handler = handler
        self._number = number
        self._own = family

    def on_info(self, buf, s, e):
        """Take the result line of this number; another connection's is left to the URC table."""
        at = s + len(self.prefix)
        if self._number is not None and digits(buf, at, e) != self._number:
            return False
        if self._handler(buf, at, e) is False:
            return False
        return Request.on_info(self, buf, s, e)

    def on_done(self):
        """After ERROR the result line says why, unless the module gave a reason of another sort."""
        if self.result == ERROR and self.code is None and self.lines:
            self.code = last_number(self.lines[-1])
            self.family = self._own
