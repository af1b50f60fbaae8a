"""The sink of a line in transparent mode: everything is payload, except a NO CARRIER or OK followed by silence.

Lines of the module may follow at once, such as the loss of the context that has ended the connection.
"""

from ..compat import age_ms, const, ticks_add, ticks_diff
from .link import BUFFER

_CR = const(13)
_LF = const(10)
_PLUS = const(43)

_HOLD_MS = const(1000)  # silence after which a line that announces the end is believed
_PART_MS = const(50)  # how long a CR LF is held back that may be the beginning of such a line
_QUIET_MS = const(300)  # silence after which an OK is believed
_EARLIEST_MS = const(950)  # an OK sooner after the escape sequence is data: the module has to wait a second itself
_MOST_MS = const(600000)  # a piece of data is on its way to the module for less than this
_MOST = const(2048)  # bytes after an OK or the announced end that are kept until there is silence
_OK = b"\r\nOK\r\n"


class TransparentLine:
    """Takes all bytes of the line for `link`. No allocation, except while the mode is being left.

    leaving  the line is wanted back: nothing may be written   writing  a piece of data is on its way out
    """

    def __init__(self, module, link):
        self.link = link
        self.leaving = False
        self.writing = False
        self._module = module
        self._all = module.dialect.carrier_lost  # what the module may announce the end by, with its CR LFs; the longest first
        self._longest = len(self._all[0])
        self._starts = tuple({line[:3] for line in self._all})  # one or two
        self._choose(0)
        self._matched = 0  # bytes of `lost` that the data ends with
        self._given = 0  # of these, how many the reader already has
        self._behind = None  # what came after a whole announcement, as long as it can be lines of the module
        self._now = link.engine.port.ticks_ms
        self._heard_at = self._quiet_at = self._now()
        self._tail = None  # while leaving: what may be the module's OK, and all after it
        self._ok_at = None  # when that OK came
        self._asked_at = 0
        self._limit_ms = 0
        self._guarded = False

    def _choose(self, n):
        """Match end marker `n`. `_half`: length of a shorter marker that is its prefix; matching that suffices."""
        self._lost = self._all[n]
        self._nlost = len(self._lost)
        self._half = 0
        for line in self._all:
            if len(line) < self._nlost and self._lost.startswith(line):
                self._half = len(line)

    def _other(self, c):
        """Return whether there is an announcement that goes on with `c` after its CR LF; compare with that one then."""
        for n in range(len(self._all)):
            if self._all[n][2] == c:
                self._choose(n)
                return True
        return False

    def ending(self):
        """Return whether what is held back is an announcement: the end, if nothing follows it."""
        return self._matched == self._nlost or self._matched == self._half > 0

    # --- receiving

    def write(self, buf, off, n):
        """Take bytes from the parser."""
        self._heard_at = self._now()
        if self._tail is not None:
            self._watch(buf, off, n)
        else:
            self._scan(buf, off, off + n)
        if self._matched or self._tail is not None:
            self.link.engine.changed = True  # something is due sooner than whoever waits believes
        return n

    def _scan(self, buf, off, end):
        """Pass data on, and hold back what may be an announcement."""
        while off < end:
            if not self._matched:
                off = self._plain(buf, off, end)
            elif self._matched == self._nlost:
                off = self._follow(buf, off, end)
            elif self._one(buf, off):
                off += 1

    def _plain(self, buf, off, end):
        """Pass on everything before what may be an announcement; return where to go on."""
        at = self._find(0, buf, off, end)
        if len(self._starts) > 1:
            at = self._find(1, buf, off, at)
        if at == end:  # it may begin with the last bytes
            if buf[end - 1] == _CR:
                at -= 1
            elif at - off > 1 and buf[end - 1] == _LF and buf[end - 2] == _CR:
                at -= 2
        self._put(buf, off, at - off)
        if at < end:
            self._matched = 1
            at += 1
        return at

    def _find(self, k, buf, off, end):
        """Return where announcements of sort `k` may begin in `buf[off:end]`, `end` where none does."""
        off = buf.find(self._starts[k], off, end)
        return end if off < 0 else off

    def _one(self, buf, off):
        """Take one byte that may belong to the announcement whose beginning has come; False: not taken, look at it anew."""
        if buf[off] == self._lost[self._matched] or (self._matched == 2 and self._other(buf[off])):
            self._matched += 1
            return True
        if 0 < self._half <= self._matched:
            return self._shorter()
        self._release(self._matched)
        if buf[off] == _CR:
            self._matched = 1
        else:
            self._put(buf, off, 1)
        return True

    def _shorter(self):
        """It was the shorter announcement after all, and what came after it. Return False."""
        n = self._half
        if self._matched > n:
            self._behind = bytearray(self._lost[n : self._matched])
        for k in range(len(self._all)):
            if len(self._all[k]) == n and self._lost.startswith(self._all[k]):
                self._choose(k)
                break
        self._matched = n
        return False

    def _follow(self, buf, off, end):
        """Something comes after the whole announcement: lines of the module, or it was data. Return where to go on."""
        if self._behind is None:
            if buf[off] != _CR and buf[off] != _PLUS:
                self._refuse()
                return off
            self._behind = bytearray()
        self._behind += memoryview(buf)[off:end]
        if len(self._behind) > _MOST:
            self._end()
        elif not lines_of_module(self.link.engine, self._behind):
            buf = self._behind
            self._refuse()
            self._scan(buf, 0, len(buf))
        return end

    def _refuse(self):
        """The announcement was data, except perhaps its last CR LF."""
        k = self._nlost - 2
        given = self._given
        self._release(k)
        self._matched = 2
        self._given = given - k if given > k else 0
        self._behind = None

    def _release(self, n):
        """The first `n` of the bytes held back were data."""
        if n > self._given:
            self._put(self._lost, self._given, n - self._given)
        self._matched = self._given = 0

    def _put(self, buf, off, n):
        link = self.link
        if n:
            link.received += n
            n -= link.ring.write(buf, off, n) or 0
            if n:
                link.overflow(n)
            link.engine.changed = True

    def due_ms(self, now):
        """Return after how many ms `tick` has something to decide."""
        if self._tail is not None:
            due_ms = self._limit_ms - age_ms(self._asked_at, now)
            if self._ok_at is not None or self._announced() >= 0:
                patience = _HOLD_MS if self._ok_at is None else _QUIET_MS
                due_ms = min(due_ms, patience - age_ms(self._heard_at, now))
            return max(1, due_ms)
        if self._matched > self._given or self.ending():
            return max(1, self._patience() - age_ms(self._heard_at, now))
        return 60000

    def _patience(self):
        return _PART_MS if self._matched <= 2 else _HOLD_MS

    def tick(self, now):
        """Decide about what is held back."""
        if self._tail is not None:
            self._judge(now)
            return
        if not self._matched or age_ms(self._heard_at, now) < self._patience():
            return
        if self.ending():
            self._end()
        elif self._matched > self._given:
            self._put(self._lost, self._given, self._matched - self._given)
            self._given = self._matched

    def _end(self):
        """The connection has ended, and the line is in command mode."""
        link = self.link
        engine = link.engine
        rest = self._behind
        self._behind = None
        self._matched = self._given = 0
        engine.parser.set_raw(None)
        engine.desync = True  # verified before the next command
        link.on_carrier_lost(self._module.dialect.end_frees)
        if rest:
            hand_over(engine.parser, rest)

    # --- sending

    def wrote(self, n, port):
        """`n` bytes have been given to the port: they are on the line for a while yet."""
        now = port.ticks_ms()
        if not 0 <= ticks_diff(self._quiet_at, now) <= _MOST_MS:
            self._quiet_at = now
        rate = port.baudrate
        self._quiet_at = ticks_add(self._quiet_at, n * 10000 // rate + 1 if rate else 1)

    def quiet_at(self, ms):
        """Return the moment when nothing has been on the line to the module for `ms`."""
        if not -_MOST_MS <= ticks_diff(self._quiet_at, self._now()) <= _MOST_MS:  # so long ago that the ticks have gone round
            self._quiet_at = ticks_add(self._now(), -_MOST_MS)
        return ticks_add(self._quiet_at, ms)

    # --- leaving

    def watching(self):
        """Return whether an answer of the module is awaited."""
        return self._tail is not None

    def watch(self, now, guarded, limit_ms):
        """From `now` on, for `limit_ms`, an OK of the module may come; `guarded`: no sooner than the guard time."""
        self._tail = bytearray(self._lost[self._given : self._matched]) + (self._behind or b"")
        self._behind = None
        self._matched = self._given = 0
        self._ok_at = None
        self._asked_at = now
        self._guarded = guarded
        self._limit_ms = limit_ms

    def _watch(self, buf, off, n):
        self._tail += memoryview(buf)[off : off + n]
        at = self._tail.rfind(_OK)
        if at > 0 or (at == 0 and self._ok_at is None):
            if not self._guarded or ticks_diff(self._heard_at, self._asked_at) >= _EARLIEST_MS:
                self._flush(at)
                self._ok_at = self._heard_at
            else:
                self._flush(at + 2)  # that OK was data
        if self._ok_at is not None and not self._plausible():
            self._ok_at = None
        if self._ok_at is None:
            at = self._announced()
            self._flush(at if 0 <= at and len(self._tail) <= _MOST else len(self._tail) - self._longest)

    def _plausible(self):
        """Return whether what came after the OK, if anything, can be a line of the module."""
        first = bytes(self._tail[len(_OK) : len(_OK) + 8]).strip()[:1]
        return first in (b"", b"+", b"*")

    def _flush(self, n):
        """The first `n` bytes of the tail are data."""
        if n > 0:
            self._put(self._tail, 0, n)
            self._tail = self._tail[n:]

    def _judge(self, now):
        """Find out whether the module has said OK, as far as that can be known now."""
        quiet_ms = age_ms(self._heard_at, now)
        late = age_ms(self._asked_at, now) >= self._limit_ms
        if self._ok_at is not None:
            if quiet_ms >= _QUIET_MS or late or len(self._tail) > _MOST:
                self._command_mode()
        elif quiet_ms >= _HOLD_MS and self._announced() >= 0:
            self._flush(self._announced())
            self._behind = skip(self._tail, 0, self._all)
            self._tail = None
            self.leaving = False
            self._end()
        elif late:
            self._flush(len(self._tail))
            self._tail = None
            self.leaving = False
            self.link.engine.changed = True

    def _announced(self):
        """Return where in the tail the end is announced, with nothing after it but lines of the module; -1: nowhere."""
        return find_end(self.link.engine, self._tail, self._all)

    def _command_mode(self):
        """The module has said OK: lines from here on, beginning with what came after it."""
        link = self.link
        rest = self._tail[len(_OK) :]
        self._tail = None
        self.leaving = False
        link.engine.parser.set_raw(None)
        link.set_access(BUFFER, None)
        link.read = link.transport.reader(link)
        self._module.suspended = link
        hand_over(link.engine.parser, rest)


def lines_of_module(engine, data):
    """Return whether `data` can be lines that the module says by itself: each is in the URC table, or may be once it is whole."""
    client = False
    for line in bytes(data).split(b"\n"):
        line = line.strip(b"\r")
        if line and not engine.knows(line):
            return False
        if b'"recv",' in line or (client and line.startswith(b"CONNECT")):
            return True  # payload may follow, which can be anything
        client = client or line.startswith(b"+CLIENT:")  # the next one of a transparent server
    return True


def find_end(engine, data, announcements):
    """Return where in `data` an announcement begins that nothing follows but lines of the module, -1 where there is none."""
    for line in announcements:
        at = data.rfind(line)
        if at >= 0 and lines_of_module(engine, data[at + len(line) :]):
            return at
    return -1


def skip(data, at, announcements):
    """Return what stands in `data` after the announcement at `at`."""
    for line in announcements:
        if data[at : at + len(line)] == line:
            return data[at + len(line) :]
    return b""


def hand_over(parser, data):
    """Give `data` to the parser as lines; it may look at the byte after the last one."""
    parser.feed(bytearray(data) + b"\0", len(data))
