"""The SIMCom dialect: the "A76XX Series TCPIP Application Note" 1.04 (AN).

What the note leaves open is taken from the "A76XX Series AT Command Manual" 1.09 (AT).
`Simcom(modem)` registers the commands of all its parts in `modem.table`. Quirks of single firmwares are listed in `quirks`.
"""

from ..core import PENDING, Prompt, Result
from ..slumber import Slumber
from . import errors
from .channel_data import ChannelData
from .channels import Channels
from .context import Contexts
from .gnss import Gnss
from .identity import Identity
from .online import Online
from .servers import Servers
from .service import Service
from .settings import Settings
from .sockets import Sockets
from .status import Status
from .tools import Tools
from .transfer import Transfer

_HARMLESS = ("+CREG: 1", "+CGREG: 1", "SMS DONE", "+CGEV: ME PDN ACT 1", "PB DONE", "+CEREG: 1")
_READY = (0.1, "+CPIN: READY")
BOOT = {
    "a76xx": ((0.0, "*ATREADY: 1"), _READY, (0.6, "SMS DONE"), (0.9, "+CGEV: EPS PDN ACT 1"), (1.0, "PB DONE")),
    "isimaid": ((0.0, "*ATREADY: 1"), (0.05, '*ISIMAID: "A0000000871004"'), _READY, (0.6, "SMS DONE"), (1.0, "PB DONE")),
    "pb-first": ((0.0, "*ATREADY: 1"), _READY, (0.5, "PB DONE"), (0.6, "+CGEV: EPS PDN ACT 1"), (4.0, "SMS DONE")),
    "no-pb": ((0.0, "*ATREADY: 1"), _READY, (0.6, "SMS DONE")),
    "rdy": ((0.0, "RDY"), _READY, (0.6, "SMS DONE"), (1.0, "PB DONE")),
    "flapping": (
        (0.0, "*ATREADY: 1"),
        _READY,
        (0.2, "+CEREG: 2"),
        (0.4, "+CGEV: ME PDN ACT 1"),
        (0.5, "+CGEV: ME PDN DEACT 1"),
        (0.6, "SMS DONE"),
        (0.7, "+CEREG: 1"),
        (0.8, "+CGEV: ME PDN ACT 1"),
        (1.0, "PB DONE"),
    ),
}


class Operation:
    """A command whose result line comes before its OK or after it.

    The handler returns `reply()`; whoever finishes the work calls `finish(lines)`. A failed operation ends with ERROR where the
    result line comes first.
    """

    def __init__(self, simcom, ok_first):
        self._simcom = simcom
        self._job = simcom.modem.job
        self.ok_first = ok_first

    def reply(self):
        """What the handler returns."""
        return None if self.ok_first else PENDING

    def finish(self, lines, failed=False):
        """The work is done."""
        if self.ok_first:
            for line in lines:
                self._simcom.urc(line)
        else:
            self._simcom.modem.complete(self._job, lambda: Result("ERROR" if failed else "OK", lines))


class Simcom:
    """All of the dialect. The core calls the methods without an underscore."""

    busy_code = errors.BUSY
    decimal_degrees = True  # of AT+CGNSSINFO

    def __init__(self, modem):
        self.modem = modem
        self._names = set()
        self.settings = Settings(self)
        self.contexts = Contexts(self)
        self.service = Service(self)
        self.online = Online(self)
        self.sockets = Sockets(self)
        self.servers = Servers(self)
        self.transfer = Transfer(self)
        self.channels = Channels(self)
        self.channel_data = ChannelData(self)
        self.tools = Tools(self)
        self._identity = Identity(self)
        Status(self, indexed=self.quirk("cpsi", "index"))
        Gnss(modem, decimal=self.decimal_degrees)
        modem.slumber = Slumber(modem, "+CSCLK")
        modem.on_reset.append(self._reset)

    def quirk(self, name, value):
        """Whether the quirk `name` has been set to `value`."""
        return self.modem.model.quirks[name] == value

    def add(self, name, *, free=False, **forms):
        """Register a TCP/IP command. Its forms that act need an unlocked SIM, unless it is `free`."""
        if not free:
            self._names.add(name)
            forms = {
                form: self._with_sim(handler) if form in ("write", "execute") else handler for form, handler in forms.items()
            }
        self.modem.table.add(name, **forms)

    def _with_sim(self, handler):
        def checked(*args):
            self.modem.sim.need()
            return handler(*args)

        return checked

    def operation(self, ok_first):
        """A command with a result line; `ok_first` is the documented order."""
        choice = self.modem.model.quirks["order"]
        if choice != "documented":
            ok_first = {"ok-first": True, "result-first": False, "swapped": not ok_first}[choice]
        return Operation(self, ok_first)

    def settle(self, ok_first, lines):
        """The outcome of a command with a result line whose work is done already."""
        operation = self.operation(ok_first)
        if operation.ok_first:
            return Result(then=lambda: operation.finish(lines))
        return Result(info=lines)

    def after_reply(self, name, callback, *args):
        """Call `callback(*args, code)` after the OK of the command `name`; `code` is the one a fault demands, or None."""
        forced = self.modem.faults.result_code(name)
        self.modem.later(self.modem.faults.urc_delay_s(name), callback, *args, forced)

    def urc(self, line):
        """Print an unsolicited line as the quirk `urc-crlf` has it; `bytes` are printed as they are."""
        if isinstance(line, str) and not self.quirk("urc-crlf", "both"):
            end = self.modem.general.line_end
            data = (line.encode("latin-1") + end) * self.modem.faults.copies(line)
            line = data if self.quirk("urc-crlf", "after") else end + end + data + end
        self.modem.urc(line)

    def block(self, lines):
        """Several lines as one information response (AN, 2)."""
        lines = [line for line in lines for _ in range(self.modem.faults.copies(line))]
        if not lines:
            return b""
        end = self.modem.general.line_end
        return end * self.modem.general.verbose + end.join(line.encode("latin-1") for line in lines) + end

    def ip_error(self, number):
        """A command fails with `+IP ERROR:`, in text or digits as AT+CIPCCFG has it."""
        shown = errors.IP_ERRORS[number] if self.settings.error_text else number
        return errors.Refused("+IP ERROR: %s" % shown)

    def prompt(self, phase):
        """The outcome of a command that asks for data."""
        blank = b" " if self.quirk("prompt", "blank") else b""
        return Prompt(phase, self.modem.general.line_end + b">" + blank)

    def resumable(self):
        """The connection that ATO goes back to, or None."""
        return self.sockets.transparent() or self.channels.transparent()

    # Called by the core and by faults ----------------------------------------------------------------------------------

    def _reset(self):
        self.sockets.reset()
        self.servers.reset()
        self.channels.reset()
        self.online.reset()
        self.transfer.reset()
        self.service.reset()
        self.contexts.reset()
        self.settings.reset()
        self.tools.reset()

    def boot_lines(self):
        """The lines of a restart, each with the seconds before it."""
        return BOOT[self.modem.model.quirks["boot"]]

    def error(self, code):
        """The error with which a fault refuses a command: the command's own line, where there is one, and ERROR."""
        command = self.modem.job.current
        link = command.text.split(",")[0].strip()
        if command.name in ("+CIPOPEN", "+CIPCLOSE") and link.isdecimal():
            return errors.Refused("%s: %s,%d" % (command.name, link, code))
        if command.name in ("+CIPSEND", "+SERVERSTART"):
            return errors.Refused("+CIPERROR: %d" % code)
        if command.name in ("+NETOPEN", "+NETCLOSE"):
            return errors.Refused("%s: %d" % (command.name, code))
        return errors.AtError()

    def refusable(self, command):
        """Whether the faults `busy` and `fail` concern this command: TCP/IP commands that act."""
        return command.name in self._names and command.form in ("write", "execute")

    def harmless_urc(self, index):
        """One of the lines a storm is made of."""
        return _HARMLESS[index % len(_HARMLESS)]

    def same_prefix(self, command, reply):
        """An unsolicited line whose beginning is that of `reply`; None if there is none."""
        if command.name in ("+CREG", "+CGREG", "+CEREG"):
            return command.name + ": 1"
        if command.name == "+CPIN":
            return "+CPIN: READY"
        if command.name == "+CIPRXGET" and command.form == "write":
            return self.transfer.twin_urc(command)
        if command.name == "+CIPCLOSE" and command.form == "read":
            return "+CIPCLOSE: 9,0"
        return None

    def radio_off(self):
        """AT+CFUN=0 or 4."""
        self.modem.later(0, self.lose_contexts)

    def knows_apn(self):
        """Whether a context has an APN."""
        return self.contexts.knows_apn()

    def lose_contexts(self):
        """The network is gone: nothing comes through any more, and links stay listed until the host closes them (AN, 4.2)."""
        self.contexts.lose()
        if self.service.lose():
            self.sockets.lose()
            self.servers.lose()
            self.urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
        self.channels.lose()
        self.modem.data_call.hang_up()

    def dial_up(self, number):
        """The address of the host on context `number`, None if the network refuses."""
        return self.contexts.dial_up(number)

    def ppp_connect_text(self):
        """The result of ATD*99#."""
        return self.online.connect_text()

    ppp_over = "+PPPD: DISCONNECTED"  # a notification after the NO CARRIER of a PPP session, as users' logs show it
    off_line = None  # what the module prints last when it is switched off by its key

    def memory_full_line(self, memory):
        """What announces that the memory for messages is full."""
        return "+SMS FULL"

    def close_all(self):
        """Every connection is closed as if by its peer."""
        self.sockets.end_all()
        self.channels.end_all()

    def hang_up(self):
        """DTR has dropped with AT&D2: the transparent connection is given up (AN, 4.2, reason 2)."""
        self.online.hang_up()
