"""The options of the virtual modem, and its help by topic."""

import argparse
import sys
import textwrap

from .control import Control
from .faults import TABLE
from .keys import table
from .models import MODELS

_LARGEST = 1_000_000_000  # of any number on the command line

_EXAMPLES = """\
{prog} --model ec600e --baud 115200
{prog} --model ec600e --tcp 127.0.0.1:0 --host example.com:80=127.0.0.1:8080
{prog} --model ec600e --fault fragment --fault late:every=20,ms=1500
{prog} --model a76xx --fault lose-line:line=+CIPOPEN,times=1 --quirk order=swapped
{prog} --model bg96 --fault delay:cmd=+QIDNSGIP,urc=1,ms=5000,times=1
    the answer of a lookup that the program has given up comes while nothing is asked
{prog} --model ec600e --before AT+QIACT=1 --before 'AT+QIOPEN=1,0,"TCP","127.0.0.1",8080,0,2'
    the module is in a data phase when the program starts, as after a program that was killed
{prog} --model a76xx --sim pin=1234,tries=2 --sms +4915112345678:Hello --control 5000
{prog} --model sim7100 --host smtp.example.com:25=127.0.0.1:8025 --files drives --quirk results=line
"""

_NETWORK = """\
A module here reaches loopback addresses only. --host leads names and addresses of the module's world to others: with
--host example.com:80=127.0.0.1:8080 the name, and the address that the module gives out for it, lead to a server of yours.
--allow-net lets everything through.

TLS of the module (ec200u, eg915u, bg96, a76xx): real handshakes with real servers, by Python's ssl. Certificates are checked
against the module's own clock (AT+CCLK) and files. What today's OpenSSL cannot speak fails as a handshake failure: SSL 3.0,
RC4, 3DES, ECDH with fixed keys. DTLS is refused (Quectel: ERROR, 555).

Mail, FTP and HTTP of the module (sim7100): real sessions with real servers: SMTP, POP3, FTP (active and passive), FTPS (AUTH
TLS), HTTP, HTTPS; servers are not verified, as the module cannot. --files DIR has the drives C: and D: as DIR/C and DIR/D.

A connection keeps 10240 received bytes for the host (--window); then the peer has to wait.

--tcp and --rfc2217 serve one host at a time. Every computer that reaches the port can use the modem, so give it a loopback
address. Requests of web browsers are rejected.
"""

_FAULTS = """\
A fault is NAME or NAME:KEY=VALUE,... An error lists the keys that the fault takes; those of several faults are
  every=N     every Nth occasion             skip=N   not the first N occasions     times=N   at most N times
  p=0.01      with this probability (--seed) cmd=+QIOPEN  only for this command
  after=N     once, when N bytes of payload have gone to the host
  at=S        once, S seconds after the start

"""


def _quirks():
    """What --quirk takes, model by model; the first value of each is the default."""
    lines = ["What a firmware does in its own way. NAME=VALUE: the first value is the default, NAME alone means the second."]
    for name in sorted(MODELS):
        options = MODELS[name].options
        if options:
            lines += ["", "quirks of " + name]
        for quirk in sorted(options):
            values, meaning = options[quirk]
            lines += textwrap.wrap("%s=%s" % (quirk, "|".join(values)), 110, initial_indent="  ", subsequent_indent="      ")
            lines += textwrap.wrap(meaning, 110, initial_indent="      ", subsequent_indent="      ")
    return "\n".join(lines) + "\n"


def _models():
    return "".join("%-8s %s %s, %s\n" % (name, one.manufacturer, one.name, one.revision) for name, one in MODELS.items())


def _control():
    head = "--control opens a port that takes these lines, and answers each with ok or error:\n\n"
    keys = "\n\nIn a terminal, keys stand for some of them:\n\n"
    return head + Control.table() + keys + table() + "\n"


TOPICS = {
    "control": lambda prog: _control(),
    "examples": lambda prog: _EXAMPLES.format(prog=prog),
    "faults": lambda prog: _FAULTS + TABLE,
    "models": lambda prog: _models(),
    "network": lambda prog: _NETWORK,
    "quirks": lambda prog: _quirks(),
}


class _Help(argparse.Action):
    """`--help`: the options; `--help TOPIC`: that topic; `--help all`: everything."""

    def __call__(self, parser, namespace, topic, option_string=None):
        if topic in TOPICS:
            print(TOPICS[topic](parser.prog), end="")
        else:
            parser.print_help()
        if topic == "all":
            for name, text in TOPICS.items():
                print("\n" + name.upper() + "\n\n" + text(parser.prog), end="")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line is enough."""
        self.exit(2, "vmodem: %s (see --help)\n" % message)


def _model(text):
    """The key of a model: by its key or by its name, in capitals or not."""
    for key, model in MODELS.items():
        if text.lower() in (key, model.name.lower()):
            return key
    raise argparse.ArgumentTypeError("there is no model %r; there are: %s" % (text, ", ".join(sorted(MODELS))))


def _number(kind, least):
    """What reads an int or float from `least` on from the command line."""

    def number(text):
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError("%r is not a number" % text) from None
        if not least <= value <= _LARGEST:
            raise argparse.ArgumentTypeError("%s is not from %d to %d" % (text, least, _LARGEST))
        return value

    return number


def parser():
    """The command line."""
    prog = "vmodem" if sys.argv[0].endswith("vmodem") else "python3 -m " + __package__
    result = _Parser(
        prog=prog,
        description="A virtual LTE module: AT commands on a serial port, real sockets behind them.",
        epilog="--help TOPIC explains a topic: %s, all" % ", ".join(TOPICS),
        add_help=False,
    )
    help_text = "this; with a topic: that"
    result.add_argument("-h", "--help", action=_Help, nargs="?", choices=[*TOPICS, "all"], metavar="TOPIC", help=help_text)
    module = result.add_argument_group("module")
    module.add_argument("--model", required=True, type=_model, help="one of: " + ", ".join(sorted(MODELS)))
    name = "the name that it reports (AT+CGMM, ATI), as a relative with the same commands does"
    module.add_argument("--name", metavar="NAME", help=name)
    module.add_argument("--echo", type=int, choices=(0, 1), default=1, help="command echo at the start (default 1)")
    module.add_argument("--files", metavar="DIR", help="folder that is the module's file system (default: in memory)")
    window = "received bytes that a connection keeps for the host (default: the model's)"
    module.add_argument("--window", type=_number(int, 1), metavar="BYTES", help=window)
    before = "a command line that an earlier program has typed: the module is as that left it (repeatable)"
    module.add_argument("--before", action="append", default=[], metavar="LINE", help=before)
    quirk = "a habit of some modules of this model (repeatable)"
    module.add_argument("--quirk", action="append", default=[], metavar="NAME[=VALUE]", help=quirk)
    line = result.add_argument_group("serial line")
    where = line.add_mutually_exclusive_group()
    where.add_argument("--pty", metavar="LINK", help="a pseudo-terminal with this symbolic link (default: one without a link)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="a TCP server; port 0 picks one")
    where.add_argument("--rfc2217", metavar="HOST:PORT", help="a serial port over TCP with baud rate and DTR (needs pyserial)")
    baud = "line rate: N/10 bytes per second each way, and AT+IPR (0: no limit)"
    line.add_argument("--baud", type=_number(int, 0), default=0, metavar="N", help=baud)
    latency = "think so long before each answer"
    line.add_argument("--latency-ms", type=_number(float, 0), default=0, metavar="N", help=latency)
    network = result.add_argument_group("network")
    host = "what the module sees = what is really reached (repeatable)"
    network.add_argument("--host", action="append", default=[], metavar="NAME[:PORT]=ADDR[:PORT]", help=host)
    network.add_argument("--allow-net", action="store_true", help="reach addresses other than loopback")
    world = result.add_argument_group("card, network and sky; --help control")
    card = "pin=1234 (asked for), puk=, tries=, puk_tries=, error=14 (a CME error), ms=6000 (for so long)"
    world.add_argument("--sim", metavar="SPEC", default="", help=card)
    sms = "a message that arrives, so long after the start (3; repeatable)"
    world.add_argument("--sms", action="append", default=[], metavar="[SECONDS,]FROM:TEXT", help=sms)
    gnss = "where the receiver is: LAT,LON[,ALTITUDE[,SPEED[,COURSE]]], none, or a FILE of lines SECONDS LAT LON ..."
    world.add_argument("--gnss", metavar="WHERE", help=gnss)
    control = "a port for lines that make things happen; a number alone is a port of 127.0.0.1, 0 picks one"
    world.add_argument("--control", metavar="[HOST:]PORT", help=control)
    trouble = result.add_argument_group("trouble")
    trouble.add_argument("--fault", action="append", default=[], metavar="SPEC", help="what goes wrong, and when (repeatable)")
    trouble.add_argument("--seed", type=int, default=0, metavar="N", help="seed of everything random")
    trouble.add_argument("--log", metavar="FILE", help="every byte both ways, time-stamped, secrets masked")
    return result
