"""What the Internet services of SIM7100 share: work under a time limit, counted blocks of data, result lines, names in hex.

"AT Command Set for Internet Service", SIM7100, 0.01 (IS): 2 for the frames, 5.9 for blocks, 5.7 for `{non-ascii}` names.
"""

import itertools

from ..commands import CmeError, ParameterError
from ..core import PENDING, Result
from ..hosts import Unreachable, literal

IDLE_LIMIT_S = 120  # without any progress an operation has timed out
DNS_LIMIT_S = 30
_NON_ASCII = "{non-ascii}"
_SETTLE_S = 0.1  # a block that is not full waits so long for more
_MIXED = (1020, 1058)  # the sizes of the example of AT+CFTPGET


class Lost(Exception):
    """The network has gone away under an operation."""


def dns_is_silent(modem, host):
    """Whether `host` is a name that no name server answers for (a fault)."""
    return modem.faults.on("dns-silent") and literal(host) is None


class Task:
    """Blocking work (`net.work`) with a time limit: `done(result, error)` is called once, with one of both.

    `host` is whom it will connect to, if it will.

    The error is what the work has raised, TimeoutError when nothing has happened for `IDLE_LIMIT_S`, or `Lost`.
    """

    def __init__(self, modem, run, done, host=None):
        self._modem = modem
        self._done = done
        self._over = False
        self._timer = self.worker = None
        if host and dns_is_silent(modem, host):
            self._timer = modem.later(DNS_LIMIT_S, self.fail, Unreachable("dns"))
        else:
            self.alive()
            self.worker = modem.net.work(run, self._finish)

    def hang_up(self):
        """The connections end as if by the server."""
        if self.worker:
            self.worker.hang_up()

    def _abort(self):
        if self.worker:
            self.worker.abort()

    def alive(self):
        """Something has happened: the time limit starts again."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if self._over else self._modem.later(IDLE_LIMIT_S, self.fail, TimeoutError())

    def _finish(self, result, error):
        if not self._over:
            self._over = True
            self._timer.cancel()
            if error is not None:
                self._modem.note("service: %s" % (error or type(error).__name__))
            self._done(result, error)

    def fail(self, error):
        """Give up; `error` is the outcome."""
        if not self._over:
            self._abort()
            self._finish(None, error)

    def cancel(self):
        """Give up; there is no outcome."""
        if not self._over:
            self._over = True
            self._timer.cancel()
            self._abort()


class Blocks:
    """Bytes for the host as blocks `+NAME: DATA,<len>`. `finished()` is called when the last one is on its way.

    `taken(count)` tells whoever gives the bytes that so many are on their way. `spaced`: this command's header has a blank.
    """

    def __init__(self, simcom, name, finished=None, *, taken=None, spaced=False):
        self._simcom = simcom
        self._modem = simcom.modem
        self._name = name
        self._finished = finished
        self._taken = taken or (lambda count: None)
        header = simcom.choice("data-header")
        self._form = "%s: DATA, %d" if header in ("blank", "comma") or (spaced and header == "canonical") else "%s: DATA,%d"
        self._form += "," * (header == "comma")
        size = simcom.choice("block")
        self._sizes = itertools.cycle(_MIXED if size == "mixed" else (int(size),))
        self._size = next(self._sizes)
        self._data = bytearray()
        self._settled = self._ended = False
        self._timer = None
        simcom.streams.append(self)

    def feed(self, data):
        """More bytes."""
        self._data += data
        self.pump()

    def end(self, finished=None):
        """No more bytes will come."""
        self._finished = finished or self._finished
        self._ended = True
        self.pump()

    def waiting(self):
        """Bytes that are not on their way yet."""
        return len(self._data)

    def cancel(self):
        """Forget everything."""
        self._data.clear()
        self._stop()

    def _stop(self):
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self in self._simcom.streams:
            self._simcom.streams.remove(self)

    def pump(self):
        """Print what may be printed now."""
        while self._data and self._modem.room() and not self._modem.urcs_held():
            if len(self._data) < self._size and not (self._ended or self._settled):
                self._wait()
                return
            block = bytes(memoryview(self._data)[: self._size])
            del self._data[: len(block)]
            self._size = next(self._sizes)
            self._modem.urc(self._modem.frame(self._form % (self._name, len(block))) + block)
            self._modem.faults.delivered(len(block))
            self._taken(len(block))
        self._settled = False
        if self._ended and not self._data and self in self._simcom.streams:
            self._stop()
            self._finished()

    def _wait(self):
        if not self._timer:
            self._timer = self._modem.later(_SETTLE_S, self._settle)

    def _settle(self):
        self._timer = None
        self._settled = True
        self.pump()


class Finality:
    """A command that reports by its final result alone, or by a result line after OK as later firmware does (quirk `results`).

    `reply()` is what the handler returns; `finish(code)` ends the command, with 0 for success.
    """

    def __init__(self, simcom, name, failure=None):
        self._simcom = simcom
        self._name = name
        self._job = simcom.modem.job
        self._failure = failure  # form of the line before ERROR
        self._line_after = simcom.quirk("results", "line")

    def reply(self):
        return None if self._line_after else PENDING

    def finish(self, code):
        if self._line_after:
            self._simcom.urc("%s: %d" % (self._name, code))
            return
        info = [self._failure % code] if code and self._failure else []
        self._simcom.modem.complete(self._job, lambda: Result("ERROR" if code else "OK", info))


def decode_name(text):
    """A name as typed, with or without the `{non-ascii}` tag: one Latin-1 character per byte.

    ParameterError for digits that are odd in number or none. Hex runs may be parted by `/`, which they may begin with as well.
    """
    if not text.lower().startswith(_NON_ASCII):
        if len(text) < 2 or text[0] != '"' or text[-1] != '"':
            raise ParameterError()
        return text[1:-1]
    digits = text[len(_NON_ASCII) :].strip()
    if len(digits) < 2 or digits[0] != '"' or digits[-1] != '"':
        raise ParameterError()
    try:
        runs = [bytes.fromhex(run).decode("latin-1") for run in digits[1:-1].split("/")]
    except ValueError:
        raise ParameterError() from None
    if any(" " in run for run in digits[1:-1].split("/")):
        raise ParameterError()
    path = "/".join(runs)
    while "//" in path:
        path = path.replace("//", "/")
    return path


def name_parameter(parameters, index=0, longest=256):
    """Parameter `index` as the name of a remote file or directory."""
    text = parameters.str(index, 4 * longest, bare=True)
    name = decode_name('"%s"' % text if parameters.quoted(index) else text)
    if not name or len(name) > longest or any(char in name for char in "\r\n\0"):
        raise ParameterError()
    return name


def with_code(code, handler):
    """`handler`, whose bad parameters are `+CME ERROR: <code>`."""

    def checked(*args):
        try:
            return handler(*args)
        except ParameterError:
            raise CmeError(code) from None

    return checked
