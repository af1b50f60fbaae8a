"""The conversation with the module: one command in flight, what it expects, when it is given up, and the URC table.

The engine never waits: `begin` starts a command, `pump` digests what the port has, `tick` looks at the clock. How to wait is the
session's business. Of each line three questions are asked, in this order: does the command in flight take it as data (prefix and
shape)? does it end the command? is it in the URC table? The first character decides nothing, and a URC with the awaited prefix
may come at any time. Only a line to which all three say no is looked at more closely, and a plain notification not even then.
"""

from ..compat import Rare, age_ms, const, rare, ticks_add, ticks_diff
from .command import CONNECT, DATA_CALL, DIAL, ERROR, LOST, OK, PENDING, SEND, SEND_FAIL, Discard
from .events import EventQueue, copy, is_notice, looks_like_notification, text_closes, trimmed
from .parser import Parser

_STALL_MS = const(5000)  # longest silence inside a block of payload; field logs show up to about 2 s
_IDLE_MS = const(20000)  # so often a waiting reader looks whether it should ask the module (Link.look)
_ERROR_MS = const(300)  # an ERROR in place of a prompt or of a block is believed when none has come for so long
_WRITE_MS = const(2)  # pause while the port's transmit buffer is full
_BLOCKS = const(8)  # most blocks digested per pump, so that a fast line cannot keep a caller past its deadline
_TAIL = const(8)  # about as many bytes follow a block of a read: line ends and OK
_RAW = const(96)  # bytes that are worth waking up for in transparent mode
_SHORT = const(10)  # unknown lines up to this length may be words of a module, such as SMS DONE

# characters
_CR = const(13)
_AT = const(64)  # the character before A
_BRACKET = const(91)  # and the one after Z
_BLANK = const(32)
_FILL = const(255)  # what a UART makes of a line that is not driven
_STAR = const(42)
_PLUS = const(43)
_E = const(69)
_K = const(75)
_O = const(79)

# An entry of the URC table is a list of these; entries with the same key are chained, so that going through them needs no
# iterator. (Objects with attributes would take more memory.)
_PREFIX = const(0)
_HANDLER = const(1)
_NEXT = const(2)
_LENGTH = const(3)  # of the prefix

_NOT_DIALLED = (b"NO CARRIER", b"BUSY", b"NO ANSWER", b"NO DIALTONE")

# lines that begin the text of a notification (3GPP TS 27.005, 3.4.1; 27.007, 7.15): what they carry is no protocol
_USSD = b"+CUSD:"
_REPORT = b"+CDS:"
_WITH_TEXT = (b"+CMT:", b"+CBM:", _REPORT, _USSD)


class Engine(EventQueue, Rare):
    """State of one line. `changed` tells the waiting side that something happened that a task may be waiting for."""

    starts = b""  # characters with which a line may begin right behind a pushed block, without a line end

    def __init__(self, port, block=512):
        super().__init__()
        self.port = port
        self._rx = bytearray(block + 4)  # a handler may look at the fourth byte of any line
        self._nrx = block
        self.parser = Parser(self)
        self.command = None  # the command in flight
        self.desync = False  # answers may be owed: resynchronise before the next command
        self.stale = False  # answers to earlier probes, or payload taken for lines, may still come
        self.unfed = None  # a command that was given up, while the module may have waited for its data
        self.unknown = 0  # lines that no table knows
        self.suspects = 0  # those of them that look like lost payload
        self.echo_payload = False  # the module sends back what it gets after the prompt
        self.echoes = 0  # echoes of commands seen: the echo is off, so they show a restart
        self.text_lines = 0  # lines of a notification's text still to come
        self.on_report = None  # callable(bytes): the text after +CDS, the report of a delivery, in PDU mode
        self._reports = False  # the text to come is one
        self._owner = None  # whose payload the parser is counting
        self.tail = 0  # bytes between the last payload and the OK after it
        self.tails = {}  # how many there are in the replies to a command
        self.limit_at = 0
        self.heard_at = port.ticks_ms()
        self._digesting = False  # pump() is at it, or an exception came out of it
        self._writing = False  # the same of flush()
        self._tx = None  # what is being written: buffer, offset, end
        self._tx_from = self._tx_at = self._tx_end = 0
        self._urcs = [None] * 32  # by the fourth byte of the line, modulo 32
        self.on_boot = None
        self.on_limit = None  # callable(command): a command was given up at its limit
        self.on_gap = None  # callable(): pushed data came as lines, so bytes of some connection are lost
        self.on_lost = None  # callable(): received bytes were lost, nobody knows how many; the command has not ended yet
        self.on_unknown = None  # callable(bytes) for lines that no table knows; costs an allocation per such line
        for prefix in _WITH_TEXT:
            self.urc(prefix, self._on_text)

    # --- the sending side

    def free(self):
        """Return whether a new command may begin."""
        return self.command is None and not self.desync and self.parser.raw is None

    def out_of_sync(self):
        """Return whether the line needs resynchronising before the next command."""
        return self.desync and self.command is None and self.parser.raw is None

    def begin(self, command):
        """Send the command line. No allocation. The caller has made sure that the line is free."""
        command.result = PENDING
        command.code = None
        command.bare_error = False
        self.command = command
        self.limit_at = ticks_add(self.port.ticks_ms(), command.limit_ms)
        if command.data is not None:
            self.parser.await_prompt(True)
        command.on_begin()
        self.write(command.line, 0, command.nline)

    def write(self, buf, at, end):
        """Write `buf[at:end]`; what the port does not take now goes out during later pumps."""
        self._writing = True
        self._tx_from = self._tx_at = at
        self._tx_end = end
        self._tx = buf  # last: what has not begun counts as not written
        self._push()

    def _push(self):
        try:
            self.flush()
        except OSError:
            self._writing = False  # `pump` tries again at once, and there it is known what to do about it

    def flush(self):
        """Write as much of what waits as the port takes; return whether all is out. No allocation."""
        while self._tx_at < self._tx_end:
            self._writing = True
            n = self.port.write(self._tx, self._tx_at, self._tx_end - self._tx_at) or 0
            self._tx_at += n
            self._writing = False
            if not n:
                return False
        self._writing = False
        return True

    def unsent(self):
        """Return how many bytes of the last write() have not gone out yet."""
        return self._tx_end - self._tx_at

    def written(self):
        """Return how many bytes of the last write() have gone out."""
        return self._tx_at - self._tx_from

    @rare
    def take_unsent(self):
        """Stop writing; return what has not gone out yet, as bytes."""
        left = copy(self._tx, self._tx_at, self._tx_end) if self._tx_at < self._tx_end else b""
        self._tx_end = self._tx_at
        return left

    @rare
    def keep_data(self, command):
        """The caller goes away: copy the data that are still to be sent, so that the data phase can be finished without it."""
        data = copy(command.data, command.offset, command.offset + command.length)
        if self._tx is command.data:
            self._tx_from -= command.offset
            self._tx_at -= command.offset
            self._tx_end -= command.offset
            self._tx = data
        command.data = data
        command.offset = 0

    def complete(self):
        """The command in flight has ended well, with a line of its own in place of OK: for its on_info()."""
        self._finish(OK)

    # --- the receiving side

    def pump(self):
        """Digest what has arrived; return whether anything has. No allocation. OSError when the port is gone."""
        if self._digesting or self._writing:
            self.recover()
        blocks = _BLOCKS
        while blocks:
            self._digesting = True
            n = self.port.readinto(self._rx, self._nrx)
            if self.port.lost():
                self._lose()
                self._digesting = True
            if not n:
                break
            self.parser.feed(self._rx, n)
            blocks = blocks - 1 if n == self._nrx else 0
        self._digesting = False
        if blocks < _BLOCKS:
            self.heard_at = self.port.ticks_ms()
        if self._tx_at < self._tx_end:
            self.flush()
        return blocks < _BLOCKS

    def recover(self):
        """Called before anything new begins: after an exception, such as a KeyboardInterrupt, out of pump() or flush(), nobody
        knows how much was digested or written.
        """
        if self._digesting or self._writing:
            self._lose()
            self._tx_end = self._tx_at

    @rare
    def _lose(self):
        """Received bytes are lost, nobody knows how many or where: what was being received fails."""
        if self.on_lost is not None:
            self.on_lost()
        self._broken()
        self.event("input lost")

    def coming(self):
        """Return how many bytes are on their way, or worth waiting for together; at least 1. No allocation."""
        n = self.parser.need
        if n:
            return n if self.command is None else n + _TAIL
        return 1 if self.parser.raw is None else _RAW

    def due_ms(self, now):
        """Return after how many ms `tick` must be called at the latest. No allocation."""
        if self._tx_at < self._tx_end:
            return _WRITE_MS
        if self.parser.need:
            return max(1, _STALL_MS - age_ms(self.heard_at, now))
        if self.command is not None:
            return max(1, ticks_diff(self.limit_at, now))
        raw = self.parser.raw
        return _IDLE_MS if raw is None else raw.due_ms(now)

    def tick(self, now):
        """Give up what is past its limit."""
        if self.parser.need and age_ms(self.heard_at, now) >= _STALL_MS:
            self._broken()
        command = self.command
        if command is not None and ticks_diff(now, self.limit_at) >= 0:
            if command.bare_error:
                self._finish(ERROR)
            else:
                self._finish(LOST)
                self.text_lines = 0  # the closing quote may be what was lost
                self.desync = True  # set last: what it owes may still come
                if self.on_limit is not None:
                    self.on_limit(command)
        if self.parser.raw is not None:
            self.parser.raw.tick(now)

    def urc(self, prefix, handler):
        """Lines that begin with `prefix` go to `handler(buf, s, e)`, `s` after the prefix; False means "not mine"."""
        key = prefix[3] & 31 if len(prefix) > 3 else _CR  # the CR after a word of three letters
        entry = [prefix, handler, None, len(prefix)]
        last = self._urcs[key]
        if last is None:
            self._urcs[key] = entry
            return
        while last[_NEXT] is not None:
            last = last[_NEXT]
        last[_NEXT] = entry

    @rare
    def knows(self, line):
        """Return whether `line` (bytes) is the beginning of a URC, or longer than one that is in the table."""
        for urc in self._urcs:
            while urc is not None:
                if line.startswith(urc[_PREFIX]) or urc[_PREFIX].startswith(line):
                    return True
                urc = urc[_NEXT]
        return False

    def expect(self, n, sink, owner):
        """The next `n` bytes are payload for `sink`; `owner.on_payload(lost)` or `owner.on_broken(missing)` ends them."""
        self._owner = owner
        self.parser.expect(n, sink)

    def discard(self, n):
        """The next `n` bytes are payload that no one wants."""
        self.expect(n, Discard, Discard)

    # A function whose locals and operands need more than 11 words takes its frame from the heap (MicroPython): the next
    # ones are as small as they are for that reason.

    def on_line(self, buf, s, e):
        """One line from the parser. No allocation, except in a command that collects lines."""
        if self.text_lines:
            self._skip_text(buf, s, e)
            return
        e -= 1
        if buf[e] != _CR or buf[e - 1] < _BLANK:
            e = trimmed(buf, s, e + 1)
        it = self.command
        if it is not None and not it.urcs_first and self._asked(buf, s, e):
            return
        it = self._urcs[buf[s + 3] & 31]  # one name for a command and an entry: see above
        while it is not None:
            if buf.startswith(it[_PREFIX], s) and it[_HANDLER](buf, s + it[_LENGTH], e) is not False:
                return
            it = it[_NEXT]
        if buf[s] == _PLUS and _AT < buf[s + 1] < _BRACKET and self.command is self.on_unknown is None:
            self.unknown += 1  # a notification, as nearly all unknown lines are
        else:
            self._unknown(buf, s, e)

    def _unknown(self, buf, s, e):
        if not _BLANK < buf[s] < _FILL:  # in front of the line: look again without it
            while s < e and not _BLANK < buf[s] < _FILL:
                s += 1
            if s < e:
                self.on_line(buf, s, e)
            return
        command = self.command
        if command is not None and self._tolerated(buf, s, e):
            return
        self.unknown += 1
        if not looks_like_notification(buf, s, e):
            if command is not None:
                command.on_unknown()
            if e - s > _SHORT:
                self.suspects += 1
            self._stray()
        elif command is not None:
            if buf[s] > _AT and not is_notice(buf, s):  # words in capitals, none of those that modules are known to say
                command.on_unknown()
        elif not self.desync and buf.startswith(b"ERROR", s):
            self._stray()  # an answer to nothing: it stands in the place of something else
        if self.on_unknown is not None:
            self.on_unknown(copy(buf, s, e))

    def _stray(self):
        """What looks like payload comes as a line: it may be pushed data whose header, or the end of whose block, was lost.

        While payload is sent it may be the echo of that, from a firmware whose echo cannot be switched off.
        """
        if self.on_gap is not None and (self.command is None or self.command.data is None):
            self.on_gap()

    def doubt(self):
        """Payload was taken for lines, and more may follow: what looks like an answer may be none."""
        self.desync = self.stale = True

    def on_no_line_end(self, c):
        """The parser has found the byte `c` right behind a pushed block: not the echo of a command, but the rest of the block."""
        if c not in self.starts and (self.command is None or c != self.command.line[0]):
            self._stray()

    def _on_text(self, buf, s, e):
        """A notification that carries text: its lines mean nothing to the driver, whatever they look like."""
        self._reports = buf.startswith(_REPORT, s - len(_REPORT))
        if not buf.startswith(_USSD, s - len(_USSD)):
            self.text_lines = 1
        elif buf.find(b'"', s, e) < 0:  # no text, or the answer to AT+CUSD?
            return False
        elif not text_closes(buf, buf.find(b'"', s, e) + 1, e):  # a text of several lines
            self.text_lines = -1  # up to the line with the closing quote
        if self.on_unknown is not None:
            self.on_unknown(copy(buf, buf.rfind(b"+", 0, s), e))

    def _skip_text(self, buf, s, e):
        e = trimmed(buf, s, e)
        if self.text_lines > 0:
            self.text_lines -= 1
            if self._reports and self.on_report is not None:
                self.on_report(copy(buf, s, e))
        elif text_closes(buf, s, e):
            self.text_lines = 0

    def _asked(self, buf, s, e):
        """Is the line data of the command in flight, or its end?"""
        command = self.command
        if buf.startswith(command.prefix, s) and command.on_info(buf, s, e):
            if command.final_ms:
                self.limit_at = ticks_add(self.port.ticks_ms(), command.final_ms)
            return True
        return self._ends(buf, s, e)

    def _tolerated(self, buf, s, e):
        """Is the line, which no table knows, the echo of the command in flight, or an answer without a prefix?"""
        command = self.command
        if command.urcs_first and self._asked(buf, s, e):
            return True
        if buf.startswith(command.echo, s):
            self.echoes += 1
            return True
        return command.bare and not _STAR <= buf[s] <= _PLUS and not is_notice(buf, s) and command.on_info(buf, s, e)

    def _ends(self, buf, s, e):
        if not self.command.armed:
            return False
        c = buf[s]
        if c == _O:
            return e - s == 2 and buf[s + 1] == _K and self._ok(buf, s)
        if c == _E:
            return e - s == 5 and buf.startswith(b"ERROR", s) and self._error()
        if c == _PLUS:  # +CME ERROR: n, +CMS ERROR: n
            return buf.startswith(b"+CM", s) and self._cme(buf, s, e)
        if self.command.asks_for_data and (buf.startswith(b"CONNECT", s) or buf.startswith(b"DOWNLOAD", s)):
            self.parser.await_prompt(False)
            self.on_prompt()
            return True
        if self.command.kind == SEND:
            if buf.startswith(b"SEND OK", s):
                return self.command.is_fed() and self._finish(OK)
            return buf.startswith(b"SEND FAIL", s) and self._finish(SEND_FAIL)
        if self.command.kind >= DIAL:
            return self._dialled(buf, s, e)
        return False

    def _ok(self, buf, s):
        if self.command.kind == DATA_CALL or not self.command.is_fed():
            return False
        self.tail = self.parser.behind(buf, s)
        return self._finish(OK)

    @rare
    def _dialled(self, buf, s, e):
        if buf.startswith(b"CONNECT", s):
            return self._finish(ERROR if buf.startswith(b"CONNECT FAIL", s) else CONNECT)
        for word in _NOT_DIALLED:
            if e - s == len(word) and buf.startswith(word, s):
                return self._finish(ERROR)
        return False

    def _error(self):
        command = self.command
        command.bare_error = True
        if not command.has_begun():
            self.limit_at = ticks_add(self.port.ticks_ms(), _ERROR_MS)
            return True
        return self._finish(ERROR)

    def _cme(self, buf, s, e):
        if not buf.startswith(b" ERROR", s + 4):
            return False
        self.command.on_reason(copy(buf, s + 10, e).lstrip(b": "), "cme" if buf[s + 3] == _E else "cms")
        return self._finish(ERROR)

    def _finish(self, result):
        command = self.command
        if command.data is not None:
            self.parser.await_prompt(False)
            command.written = self._tx is command.data and self._tx_at == self._tx_end
        if result == LOST and (command.feeds or command.kind == DATA_CALL):
            if command.data is not None:
                self.keep_data(command)
            self.unfed = command
            self.limit_at = self.port.ticks_ms()
        command.result = result
        command.on_done()
        self.command = None  # last: a command that an interrupt keeps from its end counts as lost
        self.changed = True
        return True

    def believe(self, command):
        """The module answers the command: an ERROR before was another one's."""
        if command.bare_error:
            command.bare_error = False
            self.limit_at = ticks_add(self.port.ticks_ms(), command.limit_ms)

    def on_prompt(self):
        """The module wants the payload, or its next part."""
        command = self.command
        command.open = self.changed = True
        self.believe(command)
        if command.length:
            if self.echo_payload and command.data_echoed:
                self.discard(command.length)
            self.write(command.data, command.offset, command.offset + command.length)

    def on_payload(self):
        """The parser has counted the payload out."""
        self._owner.on_payload(self.parser.lost)
        self.changed = True

    def on_overrun(self, nbytes):
        """The parser dropped a line of `nbytes` bytes."""
        if self.command is not None:
            self.command.dropped += 1
            self.command.on_unknown()
        else:
            self._stray()
        self.event("line too long", nbytes)

    @rare
    def _broken(self):
        """A block stalled, or what was being digested is lost."""
        self._digesting = self._writing = False
        self.text_lines = 0
        missing = self.parser.reset()
        if self._owner is not None and missing:
            self._owner.on_broken(missing)
            self.stale = True  # they may still come
        if self.command is not None:
            self._finish(LOST)
        self.desync = True
        self.changed = True

    # --- what upsets everything

    @rare
    def stop(self, result):
        """End the command in flight with `result`, forget half-received things (restart of the module, lost port)."""
        if self.parser.need and self._owner is not None:
            self._owner.on_broken(self.parser.need)
        self.parser.set_raw(None)
        self.parser.reset()
        self.text_lines = 0
        if self.command is not None:
            self._finish(result)
        self._tx_end = self._tx_at
        self._digesting = self._writing = False  # where the port is gone, nothing was taken from it
        if result != LOST:
            self.unfed = None
        self.changed = True

    def boot(self, buf, s, e):
        """URC handler of boot lines: outside of start() they mean that the module has restarted.

        Among payload that is taken for lines they mean nothing: resynchronising shows whether it has.
        """
        if self.on_boot is not None and not (self.desync and self.stale):
            self.on_boot()
