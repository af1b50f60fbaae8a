"""One AT command: its line, what it expects, and what came of it. The engine runs one at a time."""

from ..compat import Rare, const, rare, ticks_add

# results of a command
PENDING = const(0)
OK = const(1)
ERROR = const(2)  # ERROR, +CME ERROR, +CMS ERROR, NO CARRIER, BUSY, NO ANSWER, NO DIALTONE, CONNECT FAIL
SEND_FAIL = const(3)
CONNECT = const(4)
LOST = const(5)  # no final result within the document's limit, or a block that stalled
RESTARTED = const(6)  # the module restarted

# kinds of commands: which final results they know besides OK and the errors
PLAIN = const(0)
SEND = const(1)  # SEND OK, SEND FAIL
DIAL = const(2)  # CONNECT, NO CARRIER, BUSY, NO ANSWER, NO DIALTONE, CONNECT FAIL
DATA_CALL = const(3)  # the same, but OK is not one of them: it belongs to another command

_FINAL_MS = const(5000)  # longest silence between a block of payload and the OK after it
_TAIL = const(8)  # most bytes of line ends between a block and its OK
_USUAL = const(15)  # of the distance noted for a command: the largest seen; above it, how often it differed by whole line ends
_ONCE = const(16)
_VARIES = const(32)  # twice
_MOST_BYTES = const(16384)  # of information lines kept per command


class Command(Rare):
    """One AT command: its line, what it expects, and what came of it.

    `prefix`: information lines that begin with it are the command's data (None: none are); `bare`: lines that no table knows
    are its data too (AT+CGMI, AT+CGSN). `limit_ms`: the document's longest response time. `data`: payload for the prompt.
    `explain`: after ERROR the module is asked for the reason before anyone else has the line.
    """

    armed = True  # False: final results belong to an earlier command (see Probe in questions.py)
    open = False  # the module has asked for the data
    feeds = False  # it has a data phase
    padded = False  # other bytes were typed in place of data that may have been lost: the module may have taken them
    final_ms = 0  # longest silence between one of its information lines and what follows; 0: its limit
    urcs_first = False  # what a URC handler takes is none of the command's lines, although the prefix is the same
    asks_for_data = False  # CONNECT and DOWNLOAD ask for the data, as the prompt does
    data_echoed = True  # False: the firmware that echoes what goes into a connection does not echo this payload

    def __init__(self, line, prefix=None, limit_ms=60000, kind=PLAIN, bare=False, explain=False):
        self.line = line
        self.nline = len(line)
        self.echo = line.strip()  # what the module sends back while its echo is on
        self.prefix = prefix or b"\0"
        self.limit_ms = limit_ms
        self.kind = kind
        self.bare = bare
        self.explain = explain
        self.data = None  # payload for the prompt: buffer, offset, length
        self.offset = 0
        self.length = 0
        self.written = False  # the payload has gone out whole
        self.lines = []
        self.kept = 0  # bytes of information lines
        self.dropped = 0  # information lines for which there was no room
        self.result = PENDING
        self.bare_error = False  # it has ended by ERROR alone, which does not show whose answer it is
        self.code = None
        self.family = None  # whose number the code is (codes.py)

    def payload(self, data, offset=0, length=None):
        """Give the payload to send after the prompt; returns the command."""
        self.feeds = True
        self.data = data
        self.offset = offset
        self.length = len(data) - offset if length is None else length
        return self

    def has_begun(self):
        """Return whether the module has begun to answer this command. An ERROR before that may be an earlier one's."""
        return self.open or not self.feeds

    def on_begin(self):
        """The command line goes out: from here on the module may act on it."""

    @rare
    def on_reason(self, reason, family):
        """The module gave a reason for its ERROR: a number of the error table `family` ("cme" or "cms"), or words."""
        self.family = family
        if reason.isdigit():
            self.code = int(reason)
        else:
            from .params import text

            self.code = text(reason)

    def on_info(self, buf, s, e):
        """A line with the awaited prefix: return True to take it, False when its shape is not the one that was asked for."""
        if self.kept + e - s > _MOST_BYTES:
            self.dropped += 1
        else:
            self.kept += e - s
            self.lines.append(bytes(memoryview(buf)[s:e]))
        return True

    def on_unknown(self):
        """A line that no table knows came while the command was in flight."""

    def on_payload(self, lost):
        """The counted payload that `on_info` asked for is complete; the sink did not take `lost` bytes of it."""

    def on_broken(self, missing):
        """The counted payload broke off `missing` bytes before its end."""

    def on_done(self):
        """`result` is set. Called also when no task waits any more."""

    def is_fed(self):
        """Return whether the module has asked for the data, if there are any: an OK before that is another command's."""
        return self.open or self.data is None

    @rare
    def has_data(self):
        """Return whether the module is known to have got all of the data, although the command was given up."""
        return False

    @rare
    def way_out(self):
        """Return (bytes, how many times) that end the data phase where data are missing. A module that does not wait for data
        ignores them: line ends in their place, and ESC for data of no fixed length.
        """
        return b"\r" * self.length + b"\x1b\r", 1


class ReadCommand(Command):
    """A command that fetches a block of a connection; made once per connection, and used again without allocation.

    `nbytes`: the most that it asks for. The module has them already: an answer that takes longer than 10 s is lost. The block is
    handed out when OK has come, and only if nothing speaks for lost bytes:

    - the header must come before OK, and must not announce more than was asked for;
    - no unknown line may come between the block and its OK: it would be the rest of a longer block;
    - OK must come as far after the block as in other replies to the same command: where bytes were lost on the line, the count
      takes in what follows the block, and OK is too near, or not there at all. Some firmware varies the number of line ends
      before OK: after three such replies whole line ends no longer count as loss, only odd differences do.
    """

    least_tail = 2  # bytes between the block and OK: at least one CR LF

    def __init__(self, link, line, prefix, nbytes, limit_ms=10000):
        super().__init__(line, prefix, limit_ms)
        self.lines = ()
        self.nbytes = nbytes
        self._link = link
        self._lost = 0
        self._header = False
        self._empty = False
        self._odd = False
        self._probe = False
        self.usual = prefix  # the key of its distance
        link.engine.tails.setdefault(prefix, 0)

    def on_begin(self):
        link = self._link
        self._probe = not link.ready and not link.ended()
        link.ready = self._header = self._empty = self._odd = False

    def has_begun(self):
        return self._header

    def on_header(self, n, source=None):
        """The header announced `n` bytes; 0: the module has nothing. Returns True: the line is taken."""
        if self._header or n > self.nbytes:
            self._odd = True
            return True
        self._header = True
        link = self._link
        link.refusals = 0
        if n > 0:
            link.engine.believe(self)
            link.ready = True  # there may be more
            link.on_block(n, self, source)
        else:
            self.on_no_data()
        return True

    def on_no_data(self):
        """The module has nothing. Where nothing was promised it was asked in case a URC was lost: ask for the state, too."""
        self._header = self._empty = True
        self._expect_end(self._link.engine)

    def on_unknown(self):
        self._odd = True

    def on_payload(self, lost):
        if self.result == PENDING:
            self._lost = lost
            self._expect_end(self._link.engine)
        else:
            self._link.on_filled(lost)

    def _expect_end(self, engine):
        engine.limit_at = ticks_add(engine.port.ticks_ms(), _FINAL_MS)

    def on_broken(self, missing):
        self._link.on_broken(missing)

    def on_done(self):
        """The final result has come, or did not: hand the block out, or fail the connection."""
        link = self._link
        result = self.result
        if result != OK and not self._header:
            link.refused = True
            link.refusals += 1
            link.unheard = link.unheard or result == LOST or (result == ERROR and link.promised)
        if link.filling and not link.engine.parser.need:
            missing = self._missing(link.engine) if result == OK and not self._odd else -1
            if missing:
                link.on_broken(missing)
                link.engine.doubt()
            else:
                link.on_filled(self._lost)
        elif self._odd or (result == OK and not self._header):
            link.on_broken(0)
            link.engine.doubt()
        elif self._empty and result <= ERROR:
            link.refused = self._probe
            link.on_empty()

    def _missing(self, engine):
        n = engine.tail
        if n > _TAIL:  # lines of others came between
            return 0
        usual = engine.tails[self.usual]
        odd = abs(n - (usual & _USUAL)) if usual else 0
        if n & 1 or (not usual and n < self.least_tail):  # line ends are pairs: this reply is the damaged one
            return odd or -1
        if odd and n:
            if usual >= _VARIES:
                return 0
            usual += _ONCE
        if n > usual & _USUAL:
            usual += n - (usual & _USUAL)
        engine.tails[self.usual] = usual
        return odd  # it may be the one before that was damaged


class Discard:
    """Sink and owner of bytes that no one wants: the module's echo of the payload."""

    @staticmethod
    def write(buf, off, n):
        """Take everything."""
        return n

    @staticmethod
    def on_payload(lost):
        """Nothing: no one waits for them."""

    @staticmethod
    def on_broken(missing):
        """Nothing: no one waits for them."""
