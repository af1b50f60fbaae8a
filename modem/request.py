"""One AT command: its line, what it expects, and what came of it. The engine runs one at a time."""

from .compat import const

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
