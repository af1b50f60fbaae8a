"""Datagrams of a UDP SERVICE on Quectel modules: each carries its sender (TCP-E 2.4.11, 2.5.2)."""

from ..at.command import ReadCommand
from ..at.params import after_comma, digits, fits, is_address, split
from ..compat import const

_PREFIX = b"+QIRD:"
_LF = const(10)
_CR = const(13)
_ZERO = const(48)
_NINE = const(57)


def source_of(link, buf, s, e):
    """Return `(address, port)` from `"10.7.76.34",7687` at `buf[s:e]`; None where it is none, as bytes were lost.

    No allocation while the sender stays the same.
    """
    if link.source is None or not _same(link.source[0], buf, s, e):
        values = split(bytes(memoryview(buf)[s:e]))
        whole = fits(values, "tn") and is_address(values[0])
        link.source = (bytes(memoryview(buf)[s:e]), (values[0], values[1]) if whole else None)
    return link.source[1]


def _same(text, buf, s, e):
    return len(text) == e - s and buf.startswith(text, s)


class ReadFrom(ReadCommand):
    """The command that fetches one datagram and its sender.

    TCP-E prints its header both with a line break before the data (3.6.3) and without (2.4.11). Without one, what follows the
    port number in the header's line is data; data that begin with a digit could then not be told from the port.
    """

    def __init__(self, link, nbytes):
        super().__init__(link, b"AT+QIRD=%d,%d\r" % (link.number, nbytes), _PREFIX, nbytes)

    def on_info(self, buf, s, e):
        s += len(_PREFIX)
        n = digits(buf, s, e)
        if n <= 0:
            return n == 0 and self.on_header(0)
        s = after_comma(buf, s, e)
        end = after_comma(buf, s, e)
        while end < e and _ZERO <= buf[end] <= _NINE:
            end += 1
        source = source_of(self._link, buf, s, end)
        if source is None:
            return False
        self.on_header(n, source)
        if buf[end] != _CR and buf[end] != _LF and self._link.filling:
            if self._link.engine.parser.inline(buf, end, e):
                self.on_unknown()  # the line end before the data was lost
        return True
