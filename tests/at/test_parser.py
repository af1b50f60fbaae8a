"""The parser: lines, prompts and counted payload, however the bytes are cut."""

import random

from modem.at.parser import Parser


class Heard:
    """Writes down what the parser finds."""

    def __init__(self, plan=()):
        self.events = []
        self.data = bytearray()
        self.parser = Parser(self, 64)
        self.takes = 1 << 20

    def on_line(self, buf, s, e):
        line = bytes(buf[s:e]).strip(b"\r")
        self.events.append(line)
        if line.startswith(b"+DATA: "):
            self.parser.expect(int(line[7:]), self)
        elif line == b"+ASK":
            self.parser.await_prompt(True)

    def on_prompt(self):
        self.events.append(b"prompt")

    def on_payload(self):
        self.events.append(b"end, lost %d" % self.parser.lost)

    def on_no_line_end(self, c):
        self.events.append(b"no line end: %d" % c)

    def on_overrun(self, nbytes):
        self.events.append(b"overrun %d" % nbytes)

    def write(self, buf, off, n):
        n = min(n, self.takes)
        self.takes -= n
        self.data += bytes(buf[off : off + n])
        return n


BEHIND = b"\n\n\n\n"  # an earlier, longer block has left it in the buffer


def _fed(stream, cuts):
    heard = Heard()
    at = 0
    for cut in list(cuts) + [len(stream)]:
        heard.parser.feed(bytearray(stream[at:cut] + BEHIND), cut - at)
        at = cut
    return [e for e in heard.events if e != b""], bytes(heard.data)


PAYLOAD = b'\r\nOK\r\nERROR\r\n> +DATA: 3\r\n\x00\xff+QIURC: "closed",0\r\n+++'
STREAM = (
    b"\r\nOK\r\n\r\n+CSQ: 20,99\r\n\r\n+DATA: %d\r\n" % len(PAYLOAD)
    + PAYLOAD
    + b"\r\n\r\nOK\r\n+ASK\r\n\r\n> \r\nSEND OK\r\n>not a prompt\r\nRDY\r\n"
)
WANT = (
    [b"OK", b"+CSQ: 20,99", b"+DATA: %d" % len(PAYLOAD), b"end, lost 0", b"OK", b"+ASK", b"prompt", b" ", b"SEND OK", b">not a prompt", b"RDY"],
    PAYLOAD,
)  # fmt: skip


def _plain(found):
    return [e for e in found[0] if e != b" "], found[1]


def test_the_same_events_however_the_stream_is_cut():
    want = _plain(WANT)
    assert _plain(_fed(STREAM, ())) == want
    assert _plain(_fed(STREAM, range(1, len(STREAM)))) == want
    for cut in range(1, len(STREAM)):
        assert _plain(_fed(STREAM, (cut,))) == want, cut
    for seed in range(30):
        random.seed(seed)
        cuts = sorted([random.randrange(1, len(STREAM)) for _ in range(12)])
        assert _plain(_fed(STREAM, cuts)) == want, cuts


def test_a_line_over_the_cap_is_counted_and_dropped_up_to_its_newline():
    stream = b"first\r\n" + b"x" * 200 + b"\r\nlast\r\n"
    for cuts in ((50, 100, 150), range(1, len(stream)), (30, 205)):
        assert _fed(stream, cuts)[0] == [b"first", b"overrun 201", b"last"]


def test_a_long_line_that_arrives_whole_is_a_line():
    assert _fed(b"y" * 100 + b"\r\n", ())[0] == [b"y" * 100]


def test_bytes_the_sink_does_not_take_are_counted_as_lost():
    heard = Heard()
    heard.takes = 4
    heard.parser.expect(10, heard)
    heard.parser.feed(b"0123", 4)
    heard.parser.feed(b"456789\r\nOK\r\n", 12)
    assert [e for e in heard.events if e] == [b"end, lost 6", b"OK"] and bytes(heard.data) == b"0123"


def test_reset_says_how_much_payload_is_missing():
    heard = Heard()
    heard.parser.expect(10, heard)
    heard.parser.feed(b"0123", 4)
    assert heard.parser.reset() == 6
    heard.parser.feed(b"OK\r\n", 4)
    assert heard.events == [b"OK"]


def test_raw_bytes_go_to_the_sink_untouched():
    heard = Heard()
    heard.parser.set_raw(heard)
    heard.parser.feed(b"\r\nOK\r\n> ", 8)
    heard.parser.set_raw(None)
    heard.parser.feed(b"OK\r\n", 4)
    assert bytes(heard.data) == b"\r\nOK\r\n> " and heard.events == [b"OK"]


def _behind_payload(stream, prompt, cut):
    """What the parser finds behind three bytes of payload that a line end must follow."""
    heard = Heard()
    heard.parser.expect(3, heard)
    heard.parser.feed(b"abc" + BEHIND, 3)
    heard.parser.expect_line_end()
    if prompt:
        heard.parser.await_prompt(True)
    for part in (stream[:cut], stream[cut:]):
        heard.parser.feed(part + BEHIND, len(part))
    return heard.events[1:]


def test_what_must_be_a_line_end_is_one_or_is_reported():
    for stream, prompt, want in (
        (b"\r\n\r\nOK\r\n", False, [b"OK"]),
        (b"\r\nOK\r\n", False, [b"OK"]),
        (b"OK\r\n", False, [b"no line end: 79", b"OK"]),
        (b"\rOK\r\n", False, [b"no line end: 79", b"OK"]),
        (b"\nOK\r\n", False, [b"no line end: 10", b"OK"]),
        (b"\n\rOK\r\n", False, [b"no line end: 10", b"OK"]),
        (b"> ab\r\n", False, [b"no line end: 62", b"> ab"]),
        (b"> ab\r\n", True, [b"prompt", b" ab"]),
        (b"\r\n> ab\r\n", True, [b"prompt", b" ab"]),
    ):
        for cut in range(len(stream) + 1):
            assert _behind_payload(stream, prompt, cut) == want, (stream, prompt, cut)


def test_a_line_of_one_byte_is_a_line():
    assert _fed(b"x\r\ny\n\r\n\nz\n", ())[0] == [b"x", b"y", b"z"]
    assert _fed(b"x\r\ny\n\r\n\nz\n", range(1, 10))[0] == [b"x", b"y", b"z"]
