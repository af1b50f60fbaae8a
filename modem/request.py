"""One AT command: its line, what it expects, and what came of it. The engine runs one at a time."""

from .compat import const, ticks_add

# results of a request
PENDING = const(0)
OK = const(1)
ERROR = const(2)  # ERROR, +CME ERROR, +CMS ERROR, NO CARRIER, CONNECT FAIL
SEND_FAIL = const(3)
CONNECT = const(4)
LOST = const(5)  # no final result within the document's limit, or a block that stalled
REBOOT = const(6)  # the module restarted

# kinds of requests: which final results they know besides OK and the errors
PLAIN = const(0)
SEND = const(1)  # SEND OK, SEND FAIL
DIAL = const(2)  # CONNECT, NO CARRIER, CONNECT FAIL

_FINAL_MS = const(5000)  # longest silence between a block of payload and the OK behind it
_TAIL = const(8)  # most bytes of line ends that are there
_USUAL = const(15)  # a reply's distance: the largest seen, and how often it differed by whole line ends
_ONCE = const(16)
_VARIES = const(32)  # twice
_MAX_LINES = const(64)  # information lines kept per command; more are passed over


class Request:
    """One AT command: its line, what it expects, and what came of it.

    `prefix`: information lines that begin with it are the command's data (None: none are); `bare`: lines that no table knows
    are its data too (AT+CGMI, AT+CGSN). `limit_ms`: the document's longest response time. `data`: payload for the prompt.
    """

    armed = True  # False: final results belong to an earlier command (see Sync in line.py)
    open = False  # the module has asked for the data

    def __init__(self, line, prefix=None, limit_ms=60000, kind=PLAIN, bare=False):
        self.line = line
        self.nline = len(line)
        self.echo = line.strip()  # what the module sends back while its echo is on
        self.prefix = prefix or b"\0"
        self.limit_ms = limit_ms
        self.kind = kind
        self.bare = bare
        self.data = None  # payload for the prompt: buffer, offset, length
        self.offset = 0
        self.length = 0
        self.written = False  # the payload has gone out whole
        self.lines = []
        self.result = PENDING
        self.code = None
        self.family = None  # whose number the code is (codes.py)
        self.exclusive = False  # after ERROR the line stays reserved, so that nobody gets between it and its QIGETERROR

    def payload(self, data, offset=0, length=None):
        """Give the payload to send after the prompt; returns the request."""
        self.data = data
        self.offset = offset
        self.length = len(data) - offset if length is None else length
        return self

    def on_reason(self, reason):
        """The module gave a reason for its ERROR, with +CME ERROR or +CMS ERROR: a number, or words."""
        self.family = "cme"  # not one of the numbers of AT+QIGETERROR
        if reason.isdigit():
            self.code = int(reason)
        else:
            from .params import text

            self.code = text(reason)

    def on_info(self, buf, s, e):
        """A line with the awaited prefix: return True to take it, False when its shape is not the one that was asked for."""
        if len(self.lines) < _MAX_LINES:
            self.lines.append(bytes(memoryview(buf)[s:e]))
        return True

    def on_payload(self, lost):
        """The counted payload that `on_info` asked for is complete; the sink did not take `lost` bytes of it."""

    def on_broken(self, missing):
        """The counted payload broke off `missing` bytes before its end."""

    def on_done(self):
        """`result` is set. Called also when nobody waits any more."""


class Fetch(Request):
    """A command that fetches a block of a connection.

    The block is handed out when OK has come, as far behind it as in other replies to the same command: where bytes were lost on
    the line, the count takes in what follows the block, and OK is too near, or not there at all. A firmware that puts a blank
    line there or none as it pleases is told from a bad line by the third time that just one or two line ends are missing:
    from then on only odd distances count.
    """

    def __init__(self, link, line, prefix, limit_ms=60000):
        super().__init__(line, prefix, limit_ms)
        self.lines = ()
        self._link = link
        self._lost = 0
        self.usual = prefix  # the key of its distance
        link.engine.tails.setdefault(prefix, 0)

    def on_payload(self, lost):
        if self.result == PENDING:
            self._lost = lost
            engine = self._link.engine
            engine.limit_at = ticks_add(engine.port.ticks_ms(), _FINAL_MS)
        else:
            self._link.on_filled(lost)

    def on_broken(self, missing):
        self._link.on_broken(missing)

    def on_done(self):
        self.ended(self.result)

    def ended(self, result):
        """The line behind the block has come (OK), or did not: hand the block out, or fail the connection."""
        link = self._link
        if link.filling and not link.engine.parser.need:
            missing = self._missing(link.engine) if result == OK else -1
            if missing:
                link.on_broken(missing)
            else:
                link.on_filled(self._lost)

    def _missing(self, engine):
        n = engine.tail
        if n > _TAIL:  # lines of others came between
            return 0
        usual = engine.tails[self.usual]
        odd = abs(n - (usual & _USUAL)) if usual else 0
        if odd and not odd & 1 and n:
            if usual >= _VARIES:
                return 0
            usual += _ONCE
        if n > usual & _USUAL:
            usual += n - (usual & _USUAL)
        engine.tails[self.usual] = usual
        return odd  # it may be the one before that was damaged


class Discard:
    """Sink and owner of bytes nobody wants: the module's echo of the payload."""

    @staticmethod
    def write(buf, off, n):
        return n

    @staticmethod
    def on_payload(lost):
        pass

    @staticmethod
    def on_broken(missing):
        pass
