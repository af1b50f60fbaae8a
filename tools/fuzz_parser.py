"""Rounds of tools/fuzz.py for the parser: what it finds is compared with what a plain reading, byte by byte, finds.

Both get the same stream and are asked for the same things at the same places: payload, a prompt, raw mode, a reset. The parser
gets it in pieces of every size, in a buffer that has anything behind them. On both Pythons.
"""

from modem.at.parser import Parser
from tools.fuzz_module import Random

CAP = 200  # longest line that may be cut by the end of a block


class Plain:
    """The parser as it is described, without a thought for speed: one byte after the other."""

    def __init__(self, handler, cap):
        self._handler = handler
        self._cap = cap
        self._line = b""
        self._cut = False  # the line has begun in an earlier block
        self._prompt = False
        self._end = b""  # what must come next of a line end
        self._sink = None
        self.raw = None
        self.need = 0
        self.lost = 0

    def expect(self, n, sink):
        """As the parser's."""
        self.need, self._sink, self.lost = n, sink, 0

    def await_prompt(self, wanted):
        """As the parser's."""
        self._prompt = wanted

    def expect_line_end(self):
        """As the parser's."""
        self._end = b"\r\n"

    def set_raw(self, sink):
        """As the parser's."""
        self.raw = sink
        self._end = b""

    def reset(self):
        """As the parser's."""
        missing, self.need = self.need, 0
        self._prompt = self._cut = False
        self._line = self._end = b""
        return missing

    def feed(self, buf, n):
        """As the parser's."""
        self._cut = self._line != b""
        for at in range(n):
            self._byte(bytes([buf[at]]))

    def _byte(self, byte):
        if self._line:
            self._of_line(byte)
        elif self.need:
            self.need -= 1
            self.lost += 1 if self.lost else 1 - self._sink.write(byte, 0, 1)  # nothing behind a loss is stored
            if not self.need:
                self._handler.on_payload()
        elif self.raw is not None:
            self.raw.write(byte, 0, 1)
        elif self._end and byte == self._end[:1]:
            self._end = self._end[1:]
        else:
            self._line_begins(byte)

    def _line_begins(self, byte):
        if self._end:
            self._end = b""
            if not self._prompt or byte != b">":
                self._handler.on_no_line_end(byte[0])
        if self._prompt and byte == b">":
            self._prompt = False
            self._handler.on_prompt()
        else:
            self._of_line(byte)

    def _of_line(self, byte):
        if byte != b"\n":
            self._line += byte
            return
        line, self._line = self._line, b""
        cut, self._cut = self._cut, False
        if cut and len(line) > self._cap:
            self._handler.on_overrun(len(line))
        elif line not in (b"", b"\r"):
            self._handler.on_line(line + b"\n", 0, len(line))


class Reader:
    """Takes what a parser finds, writes it down, and asks for something now and then: for the same after the same findings."""

    def __init__(self, kind, seed):
        self.parser = kind(self, CAP)
        self.found = []
        self._rnd = Random(seed)
        self._room = 0

    def on_line(self, buf, s, e):
        """As of the parser's handler."""
        assert 0 <= s <= e < len(buf), (s, e)
        self._note("line", bytes(memoryview(buf)[s:e]))
        self.ask()

    def on_prompt(self):
        """As of the parser's handler."""
        self._note("prompt", b"")
        self.ask()

    def on_payload(self):
        """As of the parser's handler."""
        self._note("lost", b"%d" % self.parser.lost)
        if self._rnd.below(3) == 0:
            self.parser.expect_line_end()
        self.ask()

    def on_no_line_end(self, c):
        """As of the parser's handler."""
        self._note("no line end", bytes([c]))

    def on_overrun(self, nbytes):
        """As of the parser's handler."""
        self._note("overrun", b"%d" % nbytes)

    def write(self, buf, off, n):
        """Take payload as long as there is room."""
        assert 0 <= off and 0 < n and off + n <= len(buf), (off, n)
        n = min(n, self._room)
        self._room -= n
        self._note("data", bytes(memoryview(buf)[off : off + n]))
        return n

    def _note(self, what, data):
        if what == "data" and self.found and self.found[-1][0] == what:
            self.found[-1] = (what, self.found[-1][1] + data)
        elif what != "data" or data:
            self.found.append((what, data))

    def ask(self):
        """Ask the parser for something, or for nothing."""
        parser, way = self.parser, self._rnd.below(20)
        if way < 3 and parser.raw is None:
            n = self._rnd.below(self._rnd.pick((20, 300)))
            self._room = n if way else n // 2
            parser.expect(n, self)
        elif way < 6:
            parser.await_prompt(way < 5)
        elif way == 6 and not parser.need:
            self._room = 1 << 20
            parser.set_raw(self)

    def between(self, way):
        """Ask for something between two pieces."""
        parser = self.parser
        if way == 0:
            parser.await_prompt(True)
        elif way == 1 and not parser.need and parser.raw is None:
            self._room = 50
            parser.expect(70, self)
        elif way == 2:
            self._room = 1 << 20
            if not parser.need:
                parser.set_raw(self if parser.raw is None else None)
        elif way == 3:
            self._note("missing", b"%d" % parser.reset())


def parser_round(noise, seed):
    """Feed noise in pieces of every size to both readings and compare what they find."""
    rnd = Random(seed)
    ours, plain = Reader(Parser, seed + 1), Reader(Plain, seed + 1)
    stream = b"".join([noise.noise(rnd) for _ in range(12)])
    at = 0
    while at < len(stream):
        n = min(1 + rnd.below(rnd.pick((2, 20, 300, 600))), len(stream) - at)
        behind = rnd.data(4)
        if stream[at + n : at + n + 1] != b"\n":
            behind = behind.replace(b"\n", b"\r")  # a CR that a block ends with and the LF behind it mean something together
        buf = bytearray(stream[at : at + n] + behind)
        way = rnd.below(16) if stream[at + n - 1 : at + n + 1] != b"\r\n" else 16  # between CR and LF nobody asks for anything
        for reader in (ours, plain):
            reader.parser.feed(buf, n)
            reader.between(way)
        at += n
        assert ours.parser.need == plain.parser.need, (ours.found[-3:], plain.found[-3:])
    assert ours.found == plain.found, _difference(ours.found, plain.found)
    for reader in (ours, plain):
        reader.parser.set_raw(None)
        reader.parser.reset()
    ours.parser.feed(bytearray(b"\r\nOK\r\n\0\0\0\0"), 6)
    assert ours.found[-1] == ("line", b"OK\r"), ours.found[-1]
    return len(ours.found)


def _difference(ours, plain):
    at = 0
    while ours[at : at + 1] == plain[at : at + 1]:
        at += 1
    return at, ours[at : at + 3], plain[at : at + 3]
