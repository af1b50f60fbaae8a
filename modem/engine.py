"""The conversation with the module: one command in flight, what it expects, when it is given up, and the URC table.

The engine does no I/O of its own and never waits: `begin` starts a request, `pump` digests what the port has, `tick` looks
at the clock. Who waits, and how, is the business of Modem and AsyncModem. Three questions are asked of each line, in this
order: does the request in flight take it as data (prefix and shape)? does it end the request? is it in the URC table?
The first character decides nothing, and a URC with the awaited prefix may come at any time.
"""

from .compat import const, ticks_add, ticks_diff
from .parser import Parser
from .request import CONNECT, DIAL, ERROR, LOST, OK, PENDING, SEND, SEND_FAIL, Discard

_STALL_MS = const(5000)  # longest silence inside a block of payload; field logs show up to about 2 s
_IDLE_MS = const(20000)  # so often a waiting reader looks whether it should ask the module (link.py)
_EVENTS = const(16)
_BLOCKS = const(8)  # most blocks digested per pump, so that a fast line cannot keep a caller past its deadline


class _Urc:
    """One entry of the URC table; entries with the same key form a list, so that going through it needs no iterator."""

    def __init__(self, prefix, handler):
        self.prefix = prefix
        self.n = len(prefix)
        self.handler = handler
        self.next = None


def _copy(buf, s, e):
    return bytes(memoryview(buf)[s:e])


class Engine:
    """State of one line. `changed` tells the waiting side that something happened that a waiter may be interested in."""

    def __init__(self, port, block=512):
        self.port = port
        self._rx = bytearray(block + 4)  # a handler may look at the fourth byte of any line
        self._nrx = block
        self.parser = Parser(self)
        self.request = None  # the command in flight
        self.reserved = None  # a failed request whose follow-up command has the next turn
        self.desync = False  # answers may be owed: resynchronise before the next command
        self.changed = False
        self.strays = 0  # lines that nobody knew
        self.aliens = 0  # those of them that do not look like lines of a module
        self.echo_payload = False  # the module sends back what it gets after the prompt
        self._owner = None  # whose payload the parser is counting
        self.tail = 0  # bytes between the last payload and the OK behind it
        self.tails = {}  # how many there are in the replies to a command
        self.limit_at = 0
        self._heard_at = 0
        self._tx = None  # what is being written: buffer, offset, end
        self._tx_at = self._tx_end = 0
        self._urcs = [None] * 32  # by the fourth byte of the line, modulo 32
        self.on_boot = None
        self.on_lost = None  # callable(request): a command was given up at its limit
        self.on_stray = None  # callable(bytes) for lines nobody knows; costs an allocation per such line
        self._kinds = [None] * _EVENTS
        self._details = [None] * _EVENTS
        self._event_at = 0
        self.events = 0  # how many wait
        self.events_lost = 0

    # --- the sending side

    def free(self):
        """Return whether a new command may begin."""
        return self.request is None and self.reserved is None and not self.desync and self.parser.raw is None

    def adrift(self):
        """Return whether the line waits for somebody to line it up."""
        return self.desync and self.request is None and self.reserved is None and self.parser.raw is None

    def begin(self, request):
        """Send the request's command line. No allocation. The caller has made sure that the line is free."""
        request.result = PENDING
        request.code = None
        self.request = request
        self.limit_at = ticks_add(self.port.ticks_ms(), request.limit_ms)
        if request.data is not None:
            self.parser.await_prompt(True)
        self.write(request.line, 0, request.nline)

    def write(self, buf, at, end):
        """Write `buf[at:end]`; what the port does not take now goes out during later pumps."""
        self._tx = buf
        self._tx_at = at
        self._tx_end = end
        self._push()

    def _push(self):
        try:
            self.flush()
        except OSError:
            pass  # `pump` tries again at once, and there it is known what to do about it

    def flush(self):
        """Write as much of what waits as the port takes; return whether all is out. No allocation."""
        while self._tx_at < self._tx_end:
            n = self.port.write(self._tx, self._tx_at, self._tx_end - self._tx_at)
            if not n:
                return False
            self._tx_at += n
        return True

    # --- the receiving side

    def pump(self):
        """Digest what has arrived. No allocation. OSError when the port is gone."""
        rx = self._rx
        blocks = _BLOCKS
        while blocks:
            n = self.port.readinto(rx, self._nrx)
            if not n:
                break
            self.parser.feed(rx, n)
            blocks = blocks - 1 if n == self._nrx else 0
        if blocks < _BLOCKS:
            self._heard_at = self.port.ticks_ms()
        if self._tx_at < self._tx_end:
            self.flush()

    def due_ms(self, now):
        """Return after how many ms `tick` must be called at the latest. No allocation."""
        if self._tx_at < self._tx_end:
            return 2
        if self.parser.need:
            return max(1, _STALL_MS - ticks_diff(now, self._heard_at))
        if self.request is not None:
            return max(1, ticks_diff(self.limit_at, now))
        raw = self.parser.raw
        return _IDLE_MS if raw is None else raw.due_ms(now)

    def tick(self, now):
        """Give up what is past its limit."""
        if self.parser.need and ticks_diff(now, self._heard_at) >= _STALL_MS:
            self._broken()
        request = self.request
        if request is not None and ticks_diff(now, self.limit_at) >= 0:
            self._finish(LOST)
            self.desync = True  # set last: what it owes may still come
            if self.on_lost is not None:
                self.on_lost(request)
        if self.parser.raw is not None:
            self.parser.raw.tick(now)

    def urc(self, prefix, handler):
        """Lines that begin with `prefix` go to `handler(buf, s, e)`, `s` behind the prefix; False means "not mine"."""
        key = prefix[3] & 31 if len(prefix) > 3 else 13  # the CR behind a word of three letters
        entry = _Urc(prefix, handler)
        first = self._urcs[key]
        if first is None:
            self._urcs[key] = entry
            return
        while first.next is not None:
            first = first.next
        first.next = entry

    def expect(self, n, sink, owner):
        """The next `n` bytes are payload for `sink`; `owner.on_payload(lost)` or `owner.on_broken(missing)` ends them."""
        self._owner = owner
        self.parser.expect(n, sink)

    def discard(self, n):
        """The next `n` bytes are payload that nobody wants."""
        self.expect(n, Discard, Discard)

    # A function whose locals and operands need more than 11 words takes its frame from the heap (MicroPython): the next
    # ones are as small as they are for that reason.

    def on_line(self, buf, s, e):
        """One line from the parser. No allocation, except in a command that collects lines."""
        if buf[e - 1] == 13:
            e -= 1
        if buf[s] <= 32:
            while s < e and buf[s] <= 32:
                s += 1
            if s >= e:
                return
        if self.request is not None and self._asked(buf, s, e):
            return
        urc = self._urcs[buf[s + 3] & 31]
        while urc is not None:
            if buf.startswith(urc.prefix, s) and urc.handler(buf, s + urc.n, e) is not False:
                return
            urc = urc.next
        if self.request is not None and self._tolerated(buf, s, e):
            return
        self.strays += 1
        # no notice ("+", or words in capitals such as UNDER-VOLTAGE WARNNING), nothing short such as SMS DONE
        if e - s > 10 and buf[s] not in b"$*+^" and not (64 < buf[s] < 91 and 64 < buf[s + 1] < 91):
            self._alien(buf, s)
        if self.on_stray is not None:
            self.on_stray(_copy(buf, s, e))

    def _alien(self, buf, s):
        """What the line says is no module's: bytes of a payload. Right behind one, bytes of that were lost on the line.

        While a payload is sent it may be the echo of that, from a firmware whose echo cannot be switched off.
        """
        self.aliens += 1
        if self.parser.behind(buf, s) <= 40 and getattr(self.request, "data", None) is None and hasattr(self._owner, "on_gap"):
            self._owner.on_gap()

    def _asked(self, buf, s, e):
        """Is the line data of the request in flight, or its end?"""
        request = self.request
        if buf.startswith(request.prefix, s) and request.on_info(buf, s, e):
            return True
        return self._ends(buf, s, e)

    def _tolerated(self, buf, s, e):
        """Is the line, which no table knows, the echo of the request in flight, or an answer without a prefix?"""
        request = self.request
        if buf.startswith(request.echo, s):
            return True
        if request.bare and not 42 <= buf[s] <= 43 and not buf.startswith(b" DONE", e - 5):  # SMS DONE, PB DONE: late boot lines
            request.on_info(buf, s, e)
            return True
        return False

    def _ends(self, buf, s, e):
        if not self.request.armed:
            return False
        c = buf[s]
        if c == 79:  # O
            return e - s == 2 and buf[s + 1] == 75 and self._ok(buf, s)
        if c == 69:  # E
            return e - s == 5 and buf.startswith(b"ERROR", s) and self._finish(ERROR)
        if c == 43:  # +CME ERROR: n, +CMS ERROR: n
            return buf.startswith(b"+CM", s) and self._cme(buf, s, e)
        if self.request.kind == SEND:
            if buf.startswith(b"SEND OK", s):
                return self._finish(OK)
            return buf.startswith(b"SEND FAIL", s) and self._finish(SEND_FAIL)
        if self.request.kind == DIAL:
            return self._dialled(buf, s)
        return False

    def _ok(self, buf, s):
        self.tail = self.parser.behind(buf, s)
        return self._finish(OK)

    def _dialled(self, buf, s):
        if buf.startswith(b"CONNECT FAIL", s) or buf.startswith(b"NO CARRIER", s):
            return self._finish(ERROR)
        return buf.startswith(b"CONNECT", s) and self._finish(CONNECT)

    def _cme(self, buf, s, e):
        if not buf.startswith(b" ERROR", s + 4):
            return False
        self.request.on_reason(_copy(buf, s + 10, e).lstrip(b": "))
        return self._finish(ERROR)

    def _finish(self, result):
        request = self.request
        self.request = None
        if request.data is not None:
            self.parser.await_prompt(False)
            request.written = self._tx is request.data and self._tx_at == self._tx_end
        request.result = result
        if result == ERROR and request.exclusive:
            self.reserved = request
        request.on_done()
        self.changed = True
        return True

    def on_prompt(self):
        """The module wants the payload."""
        request = self.request
        request.open = self.changed = True
        if self.echo_payload:
            self.discard(request.length)
        self.write(request.data, request.offset, request.offset + request.length)

    def on_payload(self):
        """The parser has counted the payload out."""
        self._owner.on_payload(self.parser.lost)
        self.changed = True

    def on_overrun(self, nbytes):
        """The parser dropped a line of `nbytes` bytes."""
        self.event("line too long", nbytes)

    def _broken(self):
        missing = self.parser.reset()
        if self._owner is not None:
            self._owner.on_broken(missing)
        if self.request is not None:
            self._finish(LOST)
        self.desync = True
        self.changed = True

    # --- what upsets everything

    def stop(self, result):
        """End the request in flight with `result`, forget half-received things (restart of the module, lost port)."""
        if self.parser.need and self._owner is not None:
            self._owner.on_broken(self.parser.need)
        self.parser.set_raw(None)
        self.parser.reset()
        self._tx_at = self._tx_end = 0
        self.reserved = None
        if self.request is not None:
            self._finish(result)
        self.changed = True

    def boot(self, buf, s, e):
        """URC handler of boot lines: outside of start() they mean that the module has restarted."""
        if self.on_boot is not None:
            self.on_boot()

    # --- events

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

    def next_event(self):
        """Take the oldest event: `(kind, detail)`."""
        at = self._event_at
        self._event_at = (at + 1) % _EVENTS
        self.events -= 1
        detail = self._details[at]
        self._details[at] = None
        return self._kinds[at], detail
