"""A port that wraps a port and shows what passes: which commands went out, what came back, and when.

    port = Trace(SerialUART("/dev/ttyUSB2"))
    modem = Modem(port)

    0.000 > AT+CSQ                      sent to the module; seconds since the trace began
    0.012 < +CSQ: 24,99                 came from it
    0.012 < OK
    0.400 > AT+QICSGP=1,1,"internet",***
    1.210 < +QIRD: 1460
    1.334 < [1460 bytes]                payload, not shown unless data="hex"
    9.000 - baud rate 921600            what the program did to the line

Lines are shown when they are complete, blank ones not at all; what is not printable as \\xNN. Passwords, user names and
PINs are shown as *** in commands, in their echo and in replies, however the bytes are cut.

Payload is recognised by the module's own announcements: a count in the line before (+QIRD: 1460), or a prompt or CONNECT,
after which everything is payload up to a final result. That is a guess where the two cannot be told apart (in transparent
mode, a line NO CARRIER that the peer sent); it only changes how the trace looks, never what the driver gets.

A trace builds text, so it allocates on every line. Leave it out where that matters.
"""

from modem.at.redact import masked

from . import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Protocol

    from _typeshed import ReadableBuffer, WriteableBuffer

    class _Out(Protocol):
        def write(self, text: str) -> object: ...


# Lines before counted payload, and which parameter is the count. "+X: DATA,<n>" and "+X: DATA,<session>,<n>" besides.
_COUNTED = (
    (b"+QIRD: ", 0),
    (b"+QSSLRECV: ", 0),
    (b'+QIURC: "recv",', 1),
    (b'+QSSLURC: "recv",', 1),
    (b"+CIPRXGET: 2,", 1),
    (b"+RECEIVE,", 1),
    (b"+IPD", 0),
)

_PROMPTS = (b">", b"DOWNLOAD", b"+CHTTPACT: REQUEST", b"+CFTPPUT: BEGIN")
_FINAL = (b"OK", b"ERROR", b"SEND OK", b"SEND FAIL", b"NO CARRIER", b"RDY", b"APP RDY")
_FINAL_STARTS = (b"+CME ERROR", b"+CMS ERROR", b"*ATREADY")

_CARRIER = b"\r\nNO CARRIER\r\n"
_ESCAPED = b"\r\nOK\r\n"

_COMMANDS = 0  # lines both ways
_UPLOAD = 1  # what is sent is payload, what comes is lines, perhaps with an echo of the payload
_TRANSPARENT = 2  # payload both ways


class Trace:
    """Wraps `port`; has all its methods and attributes.

    out    a function that takes a line of text, or an object with write() such as a file; None: print
    data   "count" shows payload as a number of bytes, "hex" as hex digits, 32 bytes a line. Payload may hold secrets
           (mail, keys, HTTP headers), and only "count" hides them
    limit  bytes shown of a line that is longer; the rest, with the line's end, is counted
    """

    def __init__(
        self, port: "Any", out: "Callable[[str], object] | _Out | None" = None, data: "Literal['count', 'hex']" = "count",
        limit: int = 200,
    ) -> None:  # fmt: skip
        if data not in ("count", "hex"):
            raise ValueError("data is 'count' or 'hex'")
        self._port = port
        if out is None:
            out = print
        elif hasattr(out, "write"):
            stream = out

            def out(line):
                stream.write(line + "\n")

        self._out = out
        self._hex = data == "hex"
        self._limit = limit
        self._now = port.ticks_ms()
        self._ms = 0
        self._mode = _COMMANDS
        self._tx = _Line(limit)
        self._rx = _Line(limit)
        self._command = b""
        self._need = self._had = 0
        self._recvind = self._escaping = False
        self._tail = b""
        self.ticks_ms = port.ticks_ms
        self.wait: Callable[..., bool] = port.wait

    pollable: "Any"
    rxbuf: int
    baudrate: "int | None"
    flow_control: bool

    def line_ms(self, n: int) -> int:
        """The port's."""
        return self._port.line_ms(n)

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._port, name)  # pollable, rxbuf, baudrate and whatever else the port has

    @property
    def idle(self) -> "Callable[[], object] | None":
        """The port's idle hook."""
        return self._port.idle

    @idle.setter
    def idle(self, hook: "Callable[[], object] | None") -> None:
        self._port.idle = hook

    @property
    def idle_ms(self) -> int:
        """The port's idle_ms."""
        return self._port.idle_ms

    @idle_ms.setter
    def idle_ms(self, ms: int) -> None:
        self._port.idle_ms = ms

    def readinto(self, buf: "WriteableBuffer", n: int) -> int:
        """The port's readinto(), shown."""
        try:
            n = self._port.readinto(buf, n)
        except OSError as error:
            self._show("-", "reading failed: %s" % error)
            raise
        if n:
            self._came(bytes(memoryview(buf)[:n]))
        return n

    def lost(self) -> bool:
        """The port's lost(), noted."""
        lost: bool = self._port.lost()
        if lost:
            self._show("-", "input lost")
        return lost

    def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
        """The port's write(), shown as far as the port took it."""
        try:
            n = self._port.write(buf, off, n)
        except OSError as error:
            self._show("-", "writing failed: %s" % error)
            raise
        if n:
            self._went(bytes(memoryview(buf)[off : off + n]))
        return n

    def set_baudrate(self, rate: int) -> None:
        """The port's set_baudrate(), noted."""
        self._port.set_baudrate(rate)
        self._show("-", "baud rate %d" % rate)

    def dtr(self, level: bool) -> None:
        """The port's dtr(), noted."""
        self._port.dtr(level)
        self._show("-", "DTR %s" % ("asserted" if level else "released"))

    def close(self) -> None:
        """The port's close(); shows lines that were never completed."""
        if self._need:
            self._show("<", "[%d of %d bytes]" % (self._had, self._had + self._need))
            self._need = 0
        for mark, line in ((">", self._tx), ("<", self._rx)):
            if line.total:
                self._text(mark, line)
        self._show("-", "closed")
        self._port.close()

    # --- to the module

    def _went(self, data):
        self._escaping = self._mode == _TRANSPARENT and data == b"+++"
        if self._mode != _COMMANDS and not self._escaping:
            self._payload(">", data)
            return
        at = 0
        while at < len(data):
            end = data.find(b"\r", at) + 1
            self._tx.add(data[at : end or len(data)])
            if not end:
                break
            at = end
            self._command = self._tx.stripped().upper()
            if b'="RECVIND",' in self._command:
                self._recvind = self._command.endswith(b"1")
            self._text(">", self._tx)
        if self._tx.stripped() == b"+++":  # the one thing that is sent without an end
            self._text(">", self._tx)

    # --- from the module

    def _came(self, data):
        at = 0
        while at < len(data):
            if self._need:
                at = self._counted(data, at)
            elif self._mode == _TRANSPARENT:
                at = self._raw(data, at)
            else:
                end = data.find(b"\n", at) + 1
                self._rx.add(data[at : end or len(data)])
                if end:
                    self._line(self._rx.stripped())
                at = end or len(data)
        if self._mode == _COMMANDS and self._rx.stripped() == b">":  # the one line that has no end
            self._line(b">")

    def _counted(self, data, at):
        part = data[at : at + self._need]
        self._need -= len(part)
        self._had += len(part)
        if self._hex:
            self._payload("<", part)
        elif not self._need:
            self._show("<", "[%d bytes]" % self._had)
        return at + len(part)

    def _raw(self, data, at):
        """Payload in transparent mode, up to the line that ends the mode; returns where that is."""
        before = len(self._tail)
        data = self._tail + data[at:]
        end = data.find(_CARRIER)
        if end < 0 and self._escaping:
            end = data.find(_ESCAPED)
        if end >= 0:
            self._mode = _COMMANDS
            self._tail = b""
            # The beginning of that line may have been shown as payload already.
            self._rx.add(data[end:before])
            end = max(end, before)
        else:
            self._tail = data[-len(_CARRIER) + 1 :]
            end = len(data)
        if end > before:
            self._payload("<", data[before:end])
        return at + end - before

    def _line(self, line):
        if self._mode == _UPLOAD:
            if line in _FINAL or any(line.startswith(start) for start in _FINAL_STARTS):
                self._mode = _COMMANDS
            elif line and not _looks_like_urc(line):
                # An echo of the payload.
                self._payload("<", self._rx.data, self._rx.total)
                self._rx.clear()
                return
        self._text("<", self._rx)
        if line in _PROMPTS:
            self._mode = _UPLOAD
        elif line.startswith(b"CONNECT") and line != b"CONNECT FAIL":
            if b"+QFREAD=" in self._command:  # CONNECT <n>, unlike CONNECT <rate>
                self._need = _number(line[7:])
            else:
                self._mode = _UPLOAD if b"+QF" in self._command or b"+QHTTP" in self._command else _TRANSPARENT
        elif self._mode == _COMMANDS:
            self._need = _count(line, self._recvind)
        self._had = 0

    # --- showing

    def _payload(self, mark, data, total=None):
        if not self._hex:
            self._show(mark, "[%d bytes]" % (total or len(data)))
            return
        for at in range(0, len(data), 32):
            self._show(mark, " ".join("%02x" % byte for byte in data[at : at + 32]))

    def _text(self, mark, line):
        text = line.stripped()
        if text:
            text = "".join(chr(c) if 32 <= c < 127 else "\\x%02x" % c for c in masked(text))
            over = line.total - len(line.data)
            self._show(mark, text + (" ... %d more bytes" % over if over else ""))
        line.clear()

    def _show(self, mark, text):
        now = self._port.ticks_ms()
        self._ms += ticks_diff(now, self._now)
        self._now = now
        self._out("%d.%03d %s %s" % (self._ms // 1000, self._ms % 1000, mark, text))


class _Line:
    """A line that grows, up to a limit; what is beyond it is only counted."""

    def __init__(self, limit):
        self._limit = limit
        self.clear()

    def clear(self):
        self.data = b""
        self.total = 0

    def add(self, part):
        self.total += len(part)
        self.data += part[: max(0, self._limit - len(self.data))]

    def stripped(self):
        return self.data.strip(b"\r\n ")


def _looks_like_urc(line):
    return line[:1] in (b"+", b"*") and 0 < line.find(b": ") < 20


def _number(text):
    """The number that `text` begins with, blanks aside; 0 when it does not."""
    text = text.strip(b" ")
    n = 0
    while n < len(text) and text[n : n + 1].isdigit():
        n += 1
    return int(text[:n]) if n else 0


def _count(line, recvind):
    """How many bytes of payload follow `line`."""
    at = line.find(b": DATA,")
    if line[:1] == b"+" and at > 0:
        return _number(line[at + 7 :].rstrip(b", ").split(b",")[-1])
    for start, which in _COUNTED:
        if line.startswith(start):
            fields = line[len(start) :].split(b",")
            if len(fields) <= which:
                return 0
            if which == 0 and len(fields) > 1 and fields[1][:1] != b'"':
                return 0  # +QIRD: <received>,<read>,<unread>: counters, no payload
            if recvind and start == b'+QIURC: "recv",':
                return 0  # buffer mode with "recvind": told beforehand, not sent
            return _number(fields[which])
    return 0
