"""The command line of the virtual modem, and the event loop that it lives on."""

import argparse
import asyncio
import contextlib
import importlib.util
import selectors
import signal
import sys
import textwrap

from .clock import LoopClock
from .core import Modem
from .faults import TABLE, Faults
from .files import FileStore
from .hosts import HostMap, split_host
from .line import Line
from .log import Log
from .models import MODELS
from .net import Network
from .ports import PtyPort, Rfc2217Port, TcpPort

_EPILOG = """\
examples:
  python3 -m tools.vmodem --model ec600e --baud 115200
  python3 -m tools.vmodem --model ec600e --tcp 127.0.0.1:0 --host example.com:80=127.0.0.1:8080
  python3 -m tools.vmodem --model ec600e --fault fragment --fault late:every=20,ms=1500
  python3 -m tools.vmodem --model sim7100 --host smtp.example.com:25=127.0.0.1:8025 --files drives --quirk results=line

faults: NAME or NAME:KEY=VALUE,... with the keys
  every=N     every Nth occasion             skip=N   not the first N occasions     times=N   at most N times
  p=0.01      with this probability (--seed) cmd=+QIOPEN  only for this command
  after=N     once, when N bytes of payload have gone to the host
  at=S        once, S seconds after the start

TLS of the module (ec200u, eg915u, bg96, a76xx): real handshakes with real servers, by Python's ssl. Certificates are
checked against the module's own clock (AT+CCLK) and files. What today's OpenSSL cannot speak fails as a handshake failure:
SSL 3.0, RC4, 3DES, ECDH with fixed keys. DTLS is refused (Quectel: ERROR, 555).

Mail, FTP and HTTP of the module (sim7100): real sessions with real servers: SMTP, POP3, FTP (active and passive), FTPS (AUTH
TLS), HTTP, HTTPS; servers are not verified, as the module cannot. --host leads their names to servers of yours; --files DIR
has the drives C: and D: as DIR/C and DIR/D. What a firmware does in its own way is a --quirk.

"""


def parser():
    """The command line."""
    result = argparse.ArgumentParser(
        prog="python3 -m tools.vmodem",
        description="A virtual LTE module: AT commands on a serial port, real sockets behind them.",
        epilog=_EPILOG + TABLE + _quirks(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("--model", required=True, choices=sorted(MODELS))
    where = result.add_mutually_exclusive_group()
    where.add_argument("--pty", metavar="LINK", help="a pseudo-terminal with this symbolic link (default: one without a link)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="a TCP server; port 0 picks one")
    where.add_argument("--rfc2217", metavar="HOST:PORT", help="a serial port over TCP with baud rate and DTR (needs pyserial)")
    baud = "line rate: N/10 bytes per second each way, and AT+IPR (0: no limit)"
    add("--baud", type=_from_0(int), default=0, metavar="N", help=baud)
    add("--latency-ms", type=_from_0(float), default=0, metavar="N", help="think so long before each answer")
    host = "what the module sees = what is really reached (repeatable)"
    add("--host", action="append", default=[], metavar="NAME[:PORT]=ADDR[:PORT]", help=host)
    add("--allow-net", action="store_true", help="reach addresses other than loopback")
    add("--files", metavar="DIR", help="folder that is the module's file system (default: in memory)")
    add("--echo", type=int, choices=(0, 1), default=1, help="command echo at the start (default 1)")
    add("--log", metavar="FILE", help="every byte both ways, time-stamped, secrets masked")
    add("--seed", type=int, default=0, metavar="N", help="seed of everything random")
    add(
        "--quirk",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="a habit of some modules of this model, see below (repeatable)",
    )
    add("--fault", action="append", default=[], metavar="SPEC", help="see below (repeatable)")
    return result


def _from_0(kind):
    """What reads an int or float that is not negative from the command line."""

    def number(text):
        if kind(text) < 0:
            raise argparse.ArgumentTypeError("%s is less than 0" % text)
        return kind(text)

    return number


def _quirks():
    """What --quirk takes, model by model; the first value of each is the default."""
    lines = []
    for name in sorted(MODELS):
        options = MODELS[name].options
        if options:
            lines += ["", "quirks of %s: NAME=VALUE, the first value is the default, NAME alone means the second" % name]
        for quirk in sorted(options):
            values, meaning = options[quirk]
            lines += textwrap.wrap("%s=%s" % (quirk, "|".join(values)), 110, initial_indent="  ", subsequent_indent="      ")
            lines += textwrap.wrap(meaning, 110, initial_indent="      ", subsequent_indent="      ")
    return "\n".join(lines)


async def _open_port(loop, line, options):
    if options.tcp or options.rfc2217:
        text = options.tcp or options.rfc2217
        host, port = split_host(text)
        if port is None:
            raise ValueError("not HOST:PORT: %r" % text)
        kind = TcpPort if options.tcp else Rfc2217Port
        return await kind(loop, line, host, port).open()
    return PtyPort(loop, line, options.pty, options.baud or 115200)


async def run(options, ready=None, stop=None):
    """Run one virtual modem until `stop` (an asyncio.Event) is set; `ready(name)` is called when it can be opened."""
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop)
    stop = stop or asyncio.Event()
    with contextlib.ExitStack() as stack:
        log = None
        if options.log:
            log = Log(stack.enter_context(open(options.log, "w", buffering=1, encoding="ascii")), clock)
            stack.callback(log.close)
        faults = Faults(options.fault, options.seed)
        net = Network(loop, HostMap(options.host, options.allow_net), log.note if log else None)
        stack.callback(net.close)
        line = Line(clock, faults, options.baud, log)
        modem = Modem(
            MODELS[options.model].with_quirks(options.quirk),
            clock,
            net,
            line,
            faults=faults,
            files=FileStore(options.files),
            latency_s=options.latency_ms / 1000,
            echo=bool(options.echo),
            note=log.note if log else None,
        )
        if options.baud:
            modem.general.set_home_rate(options.baud)
        port = await _open_port(loop, line, options)
        line.attach(modem, port)
        stack.callback(port.close)
        stack.callback(line.close)
        with contextlib.suppress(NotImplementedError):
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop.set)
        (ready or _print_ready)(port.name)
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
