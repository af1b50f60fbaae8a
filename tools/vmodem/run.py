"""The virtual modem as a program: its event loop, and its messages on stderr and in the log."""

import asyncio
import contextlib
import importlib.util
import os
import selectors
import signal
import sys

from .clock import LoopClock
from .command_line import parser
from .control import Control, ControlServer
from .core import Modem
from .faults import Faults
from .files import FileStore
from .gnss import parse_fix, parse_script
from .hosts import HostMap, split_host
from .keys import Keyboard
from .line import Line
from .log import Log
from .models import MODELS
from .net import Network
from .ports import NoPort, PtyPort, Rfc2217Port, TcpPort
from .sim import parse_card
from .sms import parse_arrival

_POLL_S = 0.01
_QUIET_S = 0.2  # so long after its final result a line of --before counts as done
_BEFORE_LIMIT_S = 180


class Reports:
    """Messages for the user: notes go to the log, alarms also to stderr."""

    def __init__(self):
        self.log = None
        self._refused = set()

    def note(self, text):
        if self.log:
            self.log.note(text)

    def alarm(self, text):
        self.note(text)
        print("vmodem: " + text, file=sys.stderr, flush=True)

    def refused(self, host, why):
        """The host map blocks a host; reported once for each host."""
        if host not in self._refused and len(self._refused) < 1000:
            self._refused.add(host)
            self.alarm("%s %s: give --host %s=ADDRESS[:PORT], or --allow-net" % (ascii(host)[1:-1], why, ascii(host)[1:-1]))


def _places(where):
    """The script of the satellite receiver that --gnss names."""
    if where is None:
        return None
    if os.path.exists(where):
        with open(where, encoding="utf-8") as file:
            return parse_script(file.read())
    try:
        return [(0.0, parse_fix(where.replace(",", " ").split()))]
    except ValueError as error:
        raise ValueError("--gnss %s: no such file, and %s" % (where, error)) from None


async def _open_control(modem, options, reports):
    server = ControlServer(Control(modem), options.control)
    if server.exposed:
        reports.alarm("--control: every computer that reaches %s controls this module" % options.control)
    return await server.open()


async def _open_port(loop, line, options, reports):
    if options.tcp or options.rfc2217:
        text = options.tcp or options.rfc2217
        try:
            host, port = split_host(text)
        except ValueError:
            port = None
        if port is None:
            raise ValueError("--%s takes HOST:PORT, not %r" % ("tcp" if options.tcp else "rfc2217", text))
        kind = TcpPort if options.tcp else Rfc2217Port
        return await kind(loop, line, host, port, reports.alarm).open()
    return PtyPort(loop, line, options.pty, options.baud or 115200)


class _EarlierHost(NoPort):
    """The port of the program before: keeps the answer to its last line."""

    answer = b""

    def write(self, data):
        self.answer += data
        return len(data)


async def _type_before(modem, line, texts, alarm):
    """Send the command lines of an earlier program; `alarm` reports those that fail."""
    loop = asyncio.get_running_loop()
    port = _EarlierHost()
    line.attach(modem, port)
    for text in texts:
        port.answer = b""
        end = loop.time() + _BEFORE_LIMIT_S
        line.heard(text.encode("latin-1", "replace") + b"\r")
        await asyncio.sleep(_QUIET_S)
        while modem.job and not modem.phase:
            if loop.time() > end:
                raise ValueError("--before %s: no end after %d s" % (text, _BEFORE_LIMIT_S))
            await asyncio.sleep(_POLL_S)
        last = port.answer.decode("latin-1").strip().rpartition("\n")[2]
        if last == "ERROR" or last.startswith(("+CME ERROR", "+CMS ERROR")):
            alarm("--before %s: %s" % (text.partition("=")[0], last))  # parameters may be secret
    while line.backlog():
        await asyncio.sleep(_POLL_S)


def _module(options, clock, net, line, faults, reports):
    """The module that the options describe."""
    model = MODELS[options.model].with_quirks(options.quirk)
    modem = Modem(
        model if options.name is None else model.named(options.name),
        clock,
        net,
        line,
        faults=faults,
        files=FileStore(options.files),
        latency_s=options.latency_ms / 1000,
        echo=bool(options.echo),
        window=options.window,
        note=reports.note,
        alarm=reports.alarm,
        card=parse_card(options.sim),
        places=_places(options.gnss),
    )
    for seconds, sender, text in map(parse_arrival, options.sms):
        clock.call_later(seconds, modem.messages.receive, sender, text)
    if options.baud:
        modem.general.set_home_rate(options.baud)
    return modem


async def run(options, ready=None, stop=None):
    """Run one virtual modem until `stop` (an asyncio.Event) is set; `ready(name)` is called when it can be opened."""
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop)
    stop = stop or asyncio.Event()
    reports = Reports()
    with contextlib.ExitStack() as stack:
        if options.log:
            file = stack.enter_context(open(options.log, "w", buffering=1, encoding="ascii"))
            reports.log = Log(file, clock)
            stack.callback(reports.log.close)
        faults = Faults(options.fault, options.seed)
        window = options.window or MODELS[options.model].window
        net = Network(loop, HostMap(options.host, options.allow_net, reports.refused), reports.note, window)
        stack.callback(net.close)
        line = Line(clock, faults, options.baud, reports.log)
        modem = _module(options, clock, net, line, faults, reports)
        loop.set_exception_handler(lambda loop, context: modem.failed(context.get("exception") or Exception(context["message"])))
        if options.before:
            await _type_before(modem, line, options.before, reports.alarm)
        port = await _open_port(loop, line, options, reports)
        line.attach(modem, port)
        stack.callback(port.close)
        stack.callback(line.close)
        with contextlib.suppress(NotImplementedError):
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop.set)
        control = None
        if options.control:
            control = await _open_control(modem, options, reports)
            stack.callback(control.close)
        (ready or _print_ready)(port.name)
        if control:
            print("control " + control.name, flush=True)
        keyboard = Keyboard(Control(modem), lambda text: print(text, flush=True))
        if not ready and keyboard.open(loop):
            stack.callback(keyboard.close)
        await stop.wait()


def _print_ready(name):
    print("ready " + name, flush=True)


def _installed(package):
    """Whether a package can be imported."""
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:
        return False


def _make_loop():
    """A loop on select(): its timers are good to microseconds (epoll's: to milliseconds), and Windows has it too."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def main(arguments=None):
    """Run from the command line; the exit status."""
    options = parser().parse_args(arguments)
    if options.model not in ("ec600e", "ec800e") and not _installed("cryptography"):
        print("vmodem: TLS that verifies the server will fail: it needs the package cryptography", file=sys.stderr, flush=True)
    try:
        with asyncio.Runner(loop_factory=_make_loop) as runner:
            runner.run(run(options))
    except (ValueError, OSError) as error:
        print("vmodem: %s" % error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0
