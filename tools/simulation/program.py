"""How a scene calls the driver: one text for both flavours, with a time limit for each call and a look at each error.

`SYNC` programs use Modem, `ASYNC` programs AsyncModem on a port that the loop can poll, `POLLED` ones on a port that it cannot.
Only the public face of the driver is used.
"""

import asyncio
import pathlib
import sys

import modem
from modem import AsyncModem, Modem, ModemRestarted
from ports.trace import Trace

from .loop import SimulatedLoop

SYNC, ASYNC, POLLED = "sync", "async", "polled"
HOST = "peer.test"
TIMEOUT_S = 20.0  # of sockets, unless a scene says otherwise
SLACK_S = 3.0  # a call may be late by so much: the exchange in flight, the line brought in order
_DRIVER = str(pathlib.Path(modem.__file__).parent)
_RUN = modem.compat.run.__code__  # runs an operation
PATIENCE_S = 900.0  # beyond its limit: then it hangs
START_S, CONNECT_S, OPEN_S, CLOSE_S, COMMAND_S = 31.0, 300.0, 30.0, 150.0, 150.0
SERVICE_S = 310.0  # for one operation of a service: two waits of the 150 s that the driver allows its results


def _is_within(frame, code):
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


class Cut(Exception):
    """A fault has cancelled or interrupted the call."""


class CallbackError(Exception):
    """A mistake of the program in its event callback: it is reported by itself, and ends nothing else."""


class Killed(BaseException):
    """The process has been killed."""


class Violation:
    """A broken rule (a letter, see `cases`), and what was seen.

    plausible  a wrong value that looks like a right one
    told       the driver has raised an error for the call in question
    """

    def __init__(self, rule, text, plausible=False, told=False):
        self.rule = rule
        self.text = text
        self.plausible = plausible
        self.told = told

    def __str__(self):
        return "(%s) %s" % (self.rule, self.text)


class Program:
    """A program on the driver. `violations` are what is wrong with the driver; `failure` is the error that ended the scene."""

    def __init__(self, world, flavour, secrets=()):
        self.world = world
        world.program = self
        self.flavour = flavour
        self.violations = []
        self.streams = []
        self.errors = []  # all errors that calls have raised, in order
        self.happened = []  # (name of the call, seconds it took, "ok" or the error's class)
        self.secrets = list(secrets)  # what must be in no exception and no trace
        self.traced = []  # lines of the trace, kept where there are secrets
        self.later = []  # what ends what the scene has begun: calls made before the recovery
        self.afterwards = []  # calls made when all works again: what the scene could not end, or leaves to the next call
        self.pin = None  # the SIM's PIN
        self.expected = ()  # classes of errors of wrong arguments, where the scene has such
        self.on_event = None  # callable(kind): the scene's own part of the event callback
        self.verifies = True  # whether TLS is asked to verify
        self.made_files = set()  # names that the driver makes for the scene, and has to remove again
        self.kept_files = set()  # names that the scene leaves on the module, or may leave when it fails
        self.loop = None if flavour == SYNC else SimulatedLoop(world)
        self.modem = self.port = None
        self.task = None  # the awaited call that may be cancelled
        self._cut = self._calling = False
        self.others = []  # tasks that faults have started
        self.killed = self.callback_raises = False
        self.handing = False  # Ctrl-C has come when an operation was over, and the caller did not have its result yet
        self.torn = False  # Ctrl-C may have come when a call had its data already, which are lost to the program then

    # Life --------------------------------------------------------------------------------------------------------------

    def boot(self):
        """The process starts: a new driver object on the port."""
        self.port = self.world.plug_in(self.flavour != POLLED)
        kind = Modem if self.flavour == SYNC else AsyncModem
        self.modem = kind(Trace(self.port, self.traced.append) if self.secrets else self.port)
        self.modem.on_event(self.event)
        self.streams = []
        self.later = []
        self.afterwards = []
        self.world.pins = []

    def event(self, kind, detail):
        """What the driver reports."""
        if self.callback_raises:
            self.callback_raises = False
            self.happened.append(("event callback", 0.0, "raised"))
            raise CallbackError
        if self.on_event:
            self.on_event(kind)

    def run(self, scene):
        """Run `scene(program)`, a coroutine function, to its end."""
        if self.loop is None:
            coro = scene(self)
            try:
                coro.send(None)
            except StopIteration:
                return
            coro.close()
            raise RuntimeError("a blocking call has awaited something")
        self.loop.run_until_complete(scene(self))

    def kill(self):
        """The process is gone; what it held is lost."""
        self.killed = True
        self.port.die(Killed())
        if self.loop is not None:
            self._graves.append((self.loop, self.modem))
            self.loop = SimulatedLoop(self.world)

    _graves = []  # loops of killed processes: their tasks must not be finalised in the middle of another case

    def violate(self, rule, text, plausible=False, told=False):
        self.violations.append(Violation(rule, text, plausible, told))

    def unhandled(self, context):
        """An exception in a task or callback that nobody has awaited."""
        error = context.get("exception")
        if not self.killed and error is not None and not isinstance(error, (OSError, asyncio.CancelledError, CallbackError)):
            self.violate("d", "unhandled: %r (%s)" % (error, context.get("message")))

    # Calls -------------------------------------------------------------------------------------------------------------

    async def do(self, name, call, limit_s, cuttable=True):
        """The value of `call()`, awaited where the flavour awaits it. Raises Cut when a fault has cut it short."""
        world = self.world
        start = world.clock.now()
        world.horizon = start + limit_s + PATIENCE_S
        outcome = "ok"
        self._calling = True
        try:
            value = call()
            if hasattr(value, "send") and hasattr(value, "throw"):
                task = self.loop.create_task(value)
                if cuttable:
                    self.task = task
                value = await task
            return value
        except (asyncio.CancelledError, KeyboardInterrupt):
            outcome = "cut"
            if not self._cut:
                raise
            self._cut = False
            raise Cut(name) from None
        except Exception as error:
            outcome = type(error).__name__
            self.look_at(name, error)
            raise
        finally:
            self._calling = False
            if cuttable:
                self.task = None
            sys.settrace(None)
            if self.port:
                self.port.pending = None
            took = world.clock.now() - start
            self.happened.append((name, took, outcome))
            if took > limit_s + SLACK_S:
                self.violate("c", "%s took %.1f s instead of at most %.1f (%s)" % (name, took, limit_s, outcome))

    def look_at(self, name, error):
        """Whether an error is one that the README knows, and gives no secret away."""
        self.errors.append(error)
        if not isinstance(error, (OSError, EOFError, *self.expected)):
            self.violate("d", "%s raised %r" % (name, error))
        if isinstance(error, ModemRestarted) and not self.world.line.restarts:
            self.violate("d", "%s tells of a restart that never was" % name, plausible=True)
        shown = "%r %s %s" % (error, error, getattr(error, "command", ""))
        for secret in self.secrets:
            if secret in shown:
                self.violate("h", "%s: the error shows a secret: %s" % (name, shown))

    def cut(self, raised):
        """A fault cancels the call that runs (asyncio), or has `raised` come out of it (True) or of the next read or write."""
        if self.loop is not None:
            if self.task is not None and not self.task.done():
                self._cut = True
                self.task.cancel()
        elif self._calling:
            self._cut = True
            if raised:
                raise KeyboardInterrupt
            self.port.pending = KeyboardInterrupt()

    def cut_after(self, lines):
        """The call that runs is interrupted by Ctrl-C when so many more lines of the driver's own code have run."""
        if self.loop is not None or not self._calling:
            return

        def trace(frame, event, argument):
            nonlocal lines
            if not frame.f_code.co_filename.startswith(_DRIVER):
                return None
            if event == "line":
                lines -= 1
                if lines < 0:
                    sys.settrace(None)
                    self._cut = self.torn = True
                    self.handing = not _is_within(frame, _RUN)
                    raise KeyboardInterrupt
            return trace

        frame = sys._getframe()
        while frame:
            if frame.f_code.co_filename.startswith(_DRIVER):
                frame.f_trace = trace
            frame = frame.f_back
        sys.settrace(trace)

    async def sleep(self, seconds):
        """Let time pass."""
        if self.loop is None:
            self.world.pass_time(seconds)
        else:
            self.world.horizon = max(self.world.horizon, self.world.clock.now() + seconds + PATIENCE_S)
            await asyncio.sleep(seconds)

    # What most scenes do -----------------------------------------------------------------------------------------------

    async def start(self):
        await self.do("start", self.modem.start, START_S)

    async def attach(self, **options):
        await self.do("connect", lambda: self.modem.connect("internet", **options), CONNECT_S)

    async def open(self, port, *, access="buffer", tls=None, timeout_s=TIMEOUT_S, host=HOST, rxbuf=1536):
        """A connection to `port`, as a Stream."""
        stream = Stream(self, port, timeout_s)
        stream.counted = access != "transparent"
        self.streams.append(stream)

        def connect():
            return self.modem.create_connection((host, port), timeout_s, tls=tls, access=access, rxbuf=rxbuf)

        stream.sock = await self.do("open", connect, timeout_s)
        return stream

    async def accept(self, listener, timeout_s=TIMEOUT_S):
        """A client of a listening socket, as a Stream."""
        sock, address = await self.do("accept", listener.accept, timeout_s)
        stream = Stream(self, None, timeout_s)
        stream.client = address
        stream.sock = sock
        self.streams.append(stream)
        sock.settimeout(timeout_s)
        return stream


class Stream:
    """A connection of the program, with what went through it.

    got     all bytes received
    sent    list of (bytes, whether the call said that they were sent)
    ended   the driver has said that the peer has closed
    error   the first error that ended it
    over    the error of a read that ended it
    counted  the module tells how many bytes come
    """

    def __init__(self, program, port, timeout_s):
        self._program = program
        self.port = port
        self.client = None
        self.timeout_s = timeout_s
        self.sock = None
        self.got = bytearray()
        self.sent = []
        self.ended = self.closed = False
        self.cuttable = self.counted = True
        self.error = self.over = None

    async def _do(self, name, call):
        try:
            return await self._program.do(name, call, self.timeout_s, self.cuttable)
        except OSError as error:
            if not isinstance(error, TimeoutError):
                self.error = self.error or error
            raise

    async def recv(self, most=1500):
        """Some bytes, b"" at the end. A call that is cut short is made again; one time-out is forgiven."""
        for last in (False, False, True):
            try:
                data = await self._do("recv", lambda: self.sock.recv(most))
                break
            except Cut:
                continue
            except TimeoutError:
                if last:
                    self._blame()
                    raise
            except OSError as error:
                self.over = error
                raise
        self.got += data
        if not data:
            self.ended = True
        return data

    def _blame(self):
        """Three reads in a row have timed out: had the peer sent more, and was all well meanwhile?"""
        if self._program.torn:
            return
        world = self._program.world
        links = [link for link in world.net.links if link.remote[1] == self.port][-1:]
        well_s = world.clock.now() - world.fault_over
        more = links and len(links[0].sent) > len(self.got) and self.counted
        if more and well_s > 3 * self.timeout_s - SLACK_S and self.timeout_s >= TIMEOUT_S:
            self._program.violate("c", "three reads in a row timed out, of a connection with data")

    async def read(self, count):
        """Exactly `count` bytes. EOFError when the end comes before."""
        data = b""
        while len(data) < count:
            part = await self.recv(min(1500, count - len(data)))
            if not part:
                raise EOFError("the end after %d of %d bytes" % (len(data), count))
            data += part
        return data

    async def read_all(self):
        """Everything up to the end."""
        while await self.recv():
            pass

    async def send(self, data):
        """All of `data`. Whatever goes wrong, `sent` says that it may have been sent in part."""
        self.sent.append((bytes(data), False))
        await self._do("send", lambda: self.sock.sendall(data))
        self.sent[-1] = (bytes(data), True)

    async def close(self):
        if self.sock is not None and not self.closed:
            self.closed = True
            await self._program.do("close", self.sock.close, CLOSE_S, cuttable=False)
