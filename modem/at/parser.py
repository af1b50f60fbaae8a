"""Bytes into lines, prompts and counted payload. Knows no meaning, does no I/O, allocates nothing after construction.

A line ends at LF. The parser hands over `(buf, start, end)` without the LF; the text may still have a CR behind it and
blanks in front. Lines that arrive whole are handed over where they lie; the beginning of a line that is cut by the end of
a block waits in a small ring until the rest has come. Nothing is scanned twice.
"""

from ..compat import RingIO, const

_FAR = const(-1024)
_CR = const(13)
_LF = const(10)
_PROMPT = const(62)  # ">"
_PAD = const(4)  # room for the LF, and a handler may look at the fourth byte of any line


class _Hole:
    """Sink of what follows a loss: it takes nothing."""

    @staticmethod
    def write(buf, off, n):
        """Take nothing."""
        return 0


class Parser:
    """Cuts a byte stream; what it finds goes to the handler's methods.

    on_line(buf, start, end)  a line; `buf` is valid only during the call
    on_prompt()               a ">" (or what `await_prompt` named) at the start of a line, while `await_prompt` was asked for
    on_payload()              the counted payload asked for with `expect` is complete
    on_no_line_end(c)         the byte `c` comes where `expect_line_end` said that a line end or a prompt must

    `overruns` counts lines longer than `cap` bytes: such a line is dropped up to its LF, and `on_overrun(nbytes)` says so.
    """

    def __init__(self, handler, cap=512):
        self._on_line = handler.on_line
        self._on_prompt = handler.on_prompt
        self._on_payload = handler.on_payload
        self._on_overrun = handler.on_overrun
        self._on_no_line_end = handler.on_no_line_end
        self._held = RingIO(cap)
        self._line = bytearray(cap + _PAD)
        self._cut = False  # the last block ended inside a line
        self._dropped = 0  # bytes of an over-long line passed over so far; 0: no such line
        self._special = False  # one of the next ones is in force
        self._line_end = 0  # the byte of CR LF that must come next; 0: any may
        self._prompt = False
        self._mark = _PROMPT
        self.need = 0  # payload bytes still to come
        self.raw = None  # transparent mode: the sink that takes every byte
        self._sink = None
        self.lost = 0  # payload bytes that the sink of the block just ended did not take
        self.overruns = 0
        self._after = _FAR  # where the last payload ended, counted from the beginning of the block
        self._cut_at = 0  # where the line that was cut began, counted from there

    def expect(self, n, sink):
        """The next `n` bytes are payload for `sink.write(buf, off, n)`, whatever they look like. No allocation."""
        self.need = n
        self._special = True
        self._sink = sink
        self.lost = 0

    def inline(self, line, i, n):
        """The awaited payload began already in the line just handed over, at `line[i:n]`; its end belongs to it too.

        Returns how many bytes of the line are left after the payload.
        """
        end = n
        while line[end] != _LF:  # what is not text at the end of a line was left out
            end += 1
        i = self._count(line, i, end + 1)
        return max(0, n - i)

    def await_prompt(self, wanted, mark=_PROMPT):
        """From now on (or no longer) the character `mark` at the start of a line is a prompt."""
        self._mark = mark
        self._prompt = wanted
        self._special = True

    def expect_line_end(self):
        """The payload that is complete must be followed by CR LF, as every line of a module begins so; or by the prompt."""
        self._line_end = _CR
        self._special = True

    def take_lines_of(self, cap):
        """Take lines of up to `cap` bytes, for a command with a longer answer; return how long they could be before."""
        before = len(self._line) - _PAD
        held = RingIO(cap)
        if self._cut and not self._dropped:
            held.write(self._line, 0, self._held.readinto(self._line))
        self._held = held
        self._line = bytearray(cap + _PAD)
        return before

    def set_raw(self, sink):
        """Hand every byte to `sink` from now on (transparent mode); None goes back to lines."""
        self.raw = sink
        self._line_end = 0
        self._special = True

    def reset(self):
        """Forget half a line and payload still owed; return how many payload bytes were missing."""
        missing = self.need
        self.need = self._line_end = 0
        self._prompt = False
        self._special = self.raw is not None
        self._dropped = 0
        self._cut = False
        while self._held.any():
            self._held.readinto(self._line)
        return missing

    def feed(self, rx, n):
        """Digest `rx[:n]`. No allocation. `rx` is longer than `n`: it must have at least 4 bytes beyond `n`; their value does
        not matter."""
        i = self._join(rx, n) if self._cut else 0
        while i < n:
            if self._special:
                j = self.need
                if j:  # as in _count(): a call less for each block
                    if j > n - i:
                        j = n - i
                    self.need -= j
                    i += j
                    j -= self._sink.write(rx, i - j, j) or 0
                    if j:
                        self._lose(j)
                    if not self.need:
                        self._after = i
                        self._on_payload()
                    continue
                j = self._feed_special(rx, i, n)
                if j > i:
                    i = j
                    continue
            elif rx[i] == _CR and rx[i + 1] == _LF:  # a blank line, passed over without a search
                i += 2
            j = rx.find(b"\n", i, n)
            if j < 0:
                self._hold(rx, i, n)
                break
            if j - i > 1 or (j > i and rx[i] != _CR):
                self._on_line(rx, i, j)
            i = j + 1
        if self._after > _FAR:
            self._after -= n

    def behind(self, buf, s):
        """Return how far after the last payload's end the line handed over begins at `buf[s]`; more than 1000: very far."""
        return s + self._cut_at if buf is self._line else s - self._after

    def _feed_special(self, rx, i, n):
        if self.raw is not None:
            self.raw.write(rx, i, n - i)
            return n
        if self._line_end and self._ends_line(rx[i]):
            return i + 1
        if not self._prompt:
            self._special = False
        elif rx[i] == self._mark:
            self.await_prompt(False)
            self._on_prompt()
            return i + 1
        return i

    def _ends_line(self, c):
        """Return whether `c` is the byte of the line end that must come; after another one none must."""
        if c == self._line_end:
            self._line_end = _LF if c == _CR else 0
            return True
        self._line_end = 0
        if not self._prompt or c != self._mark:
            self._on_no_line_end(c)
        return False

    def _count(self, rx, i, n):
        n -= i
        if n > self.need:
            n = self.need
        self.need -= n
        i += n
        n -= self._sink.write(rx, i - n, n) or 0
        if n:
            self._lose(n)
        if not self.need:
            self._after = _FAR
            self._on_payload()
        return i

    def _lose(self, n):
        self.lost += n
        self._sink = _Hole  # the sink may have room again before the block ends

    def _hold(self, rx, i, n):
        n -= i
        if n <= 0:
            return
        if not self._cut:
            self._cut_at = i - self._after
        self._cut = True
        if self._dropped:
            self._dropped += n
            return
        n -= self._held.write(rx, i, n) or 0
        if n:  # too long: count what there is of it and forget it
            while self._held.any():
                n += self._held.readinto(self._line)
            self._dropped = n

    def _join(self, rx, n):
        """Finish the line that the last block cut; return where the next one begins."""
        j = rx.find(b"\n", 0, n)
        self._hold(rx, 0, n if j < 0 else j)
        if j < 0:
            return n
        self._cut = False
        if self._dropped:
            n = self._dropped
            self._dropped = 0
            self.overruns += 1
            self._on_overrun(n)
            return j + 1
        n = self._held.readinto(self._line, len(self._line) - _PAD)
        self._line[n] = _LF
        if n > 1 or (n and self._line[0] != _CR):
            self._on_line(self._line, 0, n)
        return j + 1
