"""The Quectel dialect: contexts, sockets and tools as in the "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0.

`Quectel(modem)` registers the commands of all its parts in `modem.table`. What differs between models is in the model's
`quirks`: `contexts` (how many), `swap_573_574` (573 is "port busy" and 574 "APN not configured"), `ssl` (an `SslModel`; without
one there are no TLS and no file commands), `file_prefix` (what AT+QFLST puts before names).
"""

from ..commands import ParameterError
from ..slumber import Slumber
from . import errors
from .config import Config
from .context import Contexts
from .file_commands import FileCommands
from .gnss import Gnss
from .pdp import Pdp
from .quirks import BOOT
from .sockets import Sockets
from .ssl_sockets import SslSockets
from .status import Status
from .tools import Tools
from .transfer import Transfer

_NO_CLOCK = 315964800  # 1980-01-06: what a clock shows that nobody has set
_HARMLESS = ('+QIND: "csq",23,99', "+CREG: 1", '+QIND: "act","LTE"', "+CGREG: 1", "+QIND: SMS DONE")


class Quectel:
    """All of the dialect. The core calls the methods without an underscore."""

    busy_code = errors.BUSY

    def __init__(self, modem):
        self.modem = modem
        self.last_error = 0
        self._names = set()
        swapped = modem.model.quirks["swap_573_574"]
        self.port_busy, self.no_apn = (573, 574) if swapped else (574, 573)
        self.config = Config(self)
        self.contexts = Contexts(self)
        self.pdp = Pdp(self)
        self.status = Status(modem)
        Gnss(modem)
        self.sockets = Sockets(self)
        self.ssl = self.files = None
        if modem.model.quirks.get("ssl"):
            self.ssl = SslSockets(self, modem.model.quirks["ssl"])
            self.files = FileCommands(modem)
        self.groups = [self.sockets, self.ssl] if self.ssl else [self.sockets]
        self.transfer = Transfer(self)
        self.tools = Tools(self)
        table = modem.table
        table.add("+QIGETERROR", test="", execute=self._get_error)
        table.add("+QURCCFG", test='+QURCCFG: "urcport",("usbat","usbmodem","uart1","all")', write=self._urc_port)
        modem.slumber = Slumber(modem, "+QSCLK")
        self._set_urc_port("all")
        if modem.model.quirks.get("clock") == "unset":
            modem.rtc.set(_NO_CLOCK)
        modem.on_reset.append(self._reset)

    def add(self, name, **forms):
        """Register a TCP/IP command: its outcome is what AT+QIGETERROR reports."""
        self._names.add(name)
        forms = {form: self.guard(handler) if callable(handler) else handler for form, handler in forms.items()}
        self.modem.table.add(name, **forms)

    def guard(self, handler):
        """`handler`, with its error remembered for AT+QIGETERROR."""

        def guarded(*args):
            try:
                outcome = handler(*args)
            except ParameterError:
                self.last_error = errors.INVALID
                raise errors.TcpipError(errors.INVALID) from None
            except errors.TcpipError as error:
                self.last_error = error.code
                raise
            self.last_error = 0
            return outcome

        return guarded

    def after_reply(self, command_name, callback, *args):
        """Call `callback(*args, code)` after the OK of the command; `code` is the one a fault demands, or None."""
        forced = self.modem.faults.result_code(command_name)
        self.modem.later(self.modem.faults.urc_delay_s(command_name), callback, *args, forced)

    def taken(self, number):
        """Whether a TLS connection keeps a socket from having this number."""
        return bool(self.ssl and self.modem.model.quirks["ids"] == "shared" and self.ssl.get(number))

    def usable(self, number):
        """The connected socket with this ID, or else the TLS connection with it; an error if neither is."""
        if self.ssl and self.ssl.get(number) and not self.sockets.get(number):
            return self.ssl.usable(number)
        return self.sockets.usable(number)

    def _get_error(self):
        if self.modem.model.quirks["geterror"] == "useless":
            self.last_error = 0
        texts = errors.TEXTS if self.ssl else errors.GUIDE_TEXTS
        texts = {**texts, self.port_busy: "port busy", self.no_apn: "APN not configured"}
        text = texts.get(self.last_error, "unknown error")
        return "+QIGETERROR: %d,%s" % (self.last_error, text)

    def _urc_port(self, parameters):
        if parameters.str(0).lower() != "urcport":
            raise ParameterError()
        if len(parameters) == 1:
            return '+QURCCFG: "urcport","%s"' % self._port
        port = parameters.str(1).lower()
        if port not in ("usbat", "usbmodem", "uart1", "all"):
            raise ParameterError()
        self._set_urc_port(port)
        return None

    def _set_urc_port(self, port):
        self._port = port
        self.modem.urcs_elsewhere = port not in ("all", self.modem.port_name)

    # Called by the core and by faults ----------------------------------------------------------------------------------

    def _reset(self):
        self.last_error = 0
        self._set_urc_port("all")
        for group in self.groups:
            group.reset()
        if self.files:
            self.files.reset()
        self.transfer.reset()
        self.contexts.reset()
        self.config.reset()
        self.tools.reset()

    def boot_lines(self):
        """The lines of a restart, each with the seconds before it."""
        return BOOT.get(self.modem.model.quirks["boot"], self.modem.model.boot_lines)

    def error(self, code):
        """The error with which a fault refuses a command."""
        self.last_error = code
        return errors.TcpipError(code)

    def refusable(self, command):
        """Whether the faults `busy` and `fail` concern this command: TCP/IP commands that act."""
        return command.name in self._names and command.form in ("write", "execute")

    def harmless_urc(self, index):
        """One of the lines a storm is made of."""
        return _HARMLESS[index % len(_HARMLESS)]

    def same_prefix(self, command, reply):
        """An unsolicited line whose beginning is that of `reply`, or that belongs to the same subject; None if there is none."""
        if command.name in ("+CREG", "+CGREG", "+CEREG"):
            return command.name + ": 1"
        if command.name == "+CPIN":
            return "+CPIN: READY"
        if command.name == "+QIACTEX" and command.form == "read":
            return '+QIACTEX: %d,0,1,"10.7.157.%d"' % (self.contexts.last, self.contexts.last)
        if command.name in ("+QIRD", "+QISEND", "+QISENDEX", "+QISTATE"):
            return self.transfer.twin_urc(command)
        if command.name in ("+QSSLRECV", "+QSSLSEND", "+QSSLSTATE") and self.ssl:
            return self.transfer.twin_urc(command, self.ssl)
        return None

    def radio_off(self):
        """AT+CFUN=0 or 4."""
        self.lose_contexts()

    def knows_apn(self):
        """Whether a context has an APN."""
        return self.contexts.knows_apn()

    def lose_contexts(self):
        """The network deactivates every context; their sockets close, and a data call ends."""
        self.pdp.lose()
        self._lose(self.contexts.active())
        self.modem.data_call.hang_up()

    def lose_context(self, number):
        """The bearer of one context is gone."""
        self._lose([context for context in self.contexts.active() if context.number == number])

    def _lose(self, contexts):
        self.contexts.lose(contexts)
        for group in self.groups:
            group.lose([context.number for context in contexts])

    def dial_up(self, number):
        """The address of the host on context `number`, None if the network refuses."""
        return self.pdp.bring_up(number)

    ppp_over = None

    def ppp_connect_text(self):
        """The result of ATD*99#."""
        return "CONNECT 150000000"

    @property
    def off_line(self):
        """What the module prints last when it is switched off."""
        return "POWERED DOWN" if self.modem.model.quirks["off-line"] == "powered-down" else "NORMAL POWER DOWN"

    def memory_full_line(self, memory):
        """What announces that the memory for messages is full, or None."""
        return '+QIND: "smsfull","%s"' % memory if self.status.urcs["smsfull"] == "1" else None

    def close_all(self):
        """Every connection is closed as if by its peer."""
        for group in self.groups:
            group.end_all()

    def hang_up(self):
        """DTR has dropped with AT&D2."""
        self.transfer.online.hang_up()
