"""The control channel: lines of text through which a test or a person makes things happen while the modem runs.

    Control(modem).do("sms +4915112345678 Hello")  ->  "ok"

`serve` offers the same on a TCP port: each line gets its answer, whose last line begins with `ok` or `error:`.
"""

import asyncio

from .gnss import parse_fix
from .hosts import literal, split_host
from .ports import begins_as_http
from .radio import DENIED, HOME, ROAMING, SEARCHING

_LONGEST_LINE = 8192
_REGISTRATIONS = {"lost": SEARCHING, "denied": DENIED, "roaming": ROAMING, "home": HOME, "back": None}


class Refused(ValueError):
    """The line asks for what cannot be."""


class Control:
    """The commands: one method each. Its docstring is its line in `help`: usage, two blanks, meaning."""

    def __init__(self, modem):
        self._modem = modem

    def do(self, line):
        """Carry out one line; the answer, lines separated by LF."""
        name, _, rest = line.strip().partition(" ")
        method = getattr(self, "do_" + name.lower().replace("-", "_"), None)
        if method is None:
            return "error: unknown command %s; help lists them" % ascii(name)
        try:
            return "\n".join([*(method(rest.strip()) or ()), "ok"])
        except ValueError as error:
            return "error: %s" % error

    def do_help(self, rest):
        """help  this list"""
        return [self.table()]

    @classmethod
    def table(cls):
        """All lines with their meaning."""
        methods = [getattr(cls, name) for name in sorted(dir(cls)) if name.startswith("do_")]
        rows = [method.__doc__.partition("  ") for method in methods]
        return "\n".join("%-52s %s" % (usage, meaning) for usage, _, meaning in rows)

    def answer(self, line):
        """The same with a remark in the log; a fault of this program is reported, and ends nothing."""
        self._modem.note("control: " + ascii(line)[1:-1])
        try:
            return self.do(line)
        except Exception as error:
            self._modem.failed(error)
            return "error: a fault of the virtual modem, see its log"

    # Messages and calls ------------------------------------------------------------------------------------------------

    def do_sms(self, rest):
        """sms FROM TEXT  a message arrives; a long one in parts; \\n in TEXT is a line end"""
        sender, _, text = rest.partition(" ")
        if not sender:
            raise Refused("sms FROM TEXT")
        self._modem.messages.receive(sender, text.replace("\\n", "\n"))

    def do_outbox(self, rest):
        """outbox  the messages that the network has taken, a line each: number, text"""
        return ["%s %s" % (number, text.replace("\n", "\\n")) for number, text in self._modem.messages.sent]

    def do_call(self, rest):
        """call NUMBER  an incoming call: RING until answered or ended"""
        if not rest or not self._modem.calls.ring(rest):
            raise Refused("no call is possible: no number, no network, or a call already")

    def do_hangup(self, rest):
        """hangup  the other side of the call hangs up"""
        if not self._modem.calls.drop():
            raise Refused("there is no call")

    def do_ussd(self, rest):
        """ussd TEXT  what the network answers to AT+CUSD from now on"""
        self._modem.supplementary.ussd = rest

    # Radio -------------------------------------------------------------------------------------------------------------

    def do_signal(self, rest):
        """signal [rssi=DBM] [rsrp=DBM] [rsrq=DB] [sinr=DB]  the signal changes"""
        levels = {}
        for word in rest.split():
            name, _, level = word.partition("=")
            levels[name] = int(level)
        if not levels:
            raise Refused("signal rssi=-90 rsrp=-110 rsrq=-14 sinr=2, some of them")
        self._modem.radio.tune(**levels)

    def do_registration(self, rest):
        """registration lost|denied|roaming|home|back  the registration state; back: no longer forced"""
        if rest not in _REGISTRATIONS:
            raise Refused("registration %s" % "|".join(_REGISTRATIONS))
        self._modem.radio.force(_REGISTRATIONS[rest])

    def do_context(self, rest):
        """context lost  the network deactivates every context"""
        if rest != "lost":
            raise Refused("context lost")
        self._modem.dialect.lose_contexts()

    def do_connections(self, rest):
        """connections closed  every peer closes its connection"""
        if rest != "closed":
            raise Refused("connections closed")
        self._modem.dialect.close_all()

    def do_time(self, rest):
        """time [ZONE]  the network reports the time; ZONE in quarters of an hour"""
        self._modem.rtc.network_time(int(rest or 0))

    def do_position(self, rest):
        """position LAT LON [ALTITUDE [SPEED [COURSE]]] | none  the position: degrees, metres, km/h; none: no fix"""
        self._modem.gnss.place(parse_fix(rest.split()))

    # Card --------------------------------------------------------------------------------------------------------------

    def do_sim(self, rest):
        """sim pull|insert|ready | error CODE [MS]  the card is removed, inserted, works again, fails with a CME error for MS"""
        sim = self._modem.sim
        words = rest.split()
        if words in (["pull"], ["insert"]):
            sim.insert(words == ["insert"])
        elif words == ["ready"]:
            sim.fail(0)
        elif words[:1] == ["error"] and len(words) in (2, 3):
            sim.fail(int(words[1]), int(words[2]) / 1000 if len(words) == 3 else 0)
        else:
            raise Refused("sim pull|insert|ready, or sim error CODE [MS]")

    # The module --------------------------------------------------------------------------------------------------------

    def do_pwrkey(self, rest):
        """pwrkey MS  the PWRKEY is held for so long"""
        return [self._modem.power.press(int(rest))]

    def do_pull(self, rest):
        """pull  the supply is cut: no last word"""
        self._modem.power.cut()

    def do_plug(self, rest):
        """plug  the supply is back, and the module starts"""
        self._modem.power.restore()

    def do_restart(self, rest):
        """restart  the module restarts by itself"""
        if self._modem.power.off:
            raise Refused("the module is off")
        self._modem.reboot()

    def do_urc(self, rest):
        """urc TEXT  the module prints this unsolicited line"""
        self._modem.urc(rest)

    def do_fault(self, rest):
        """fault SPEC | fault end NAME  arm a fault as --fault does, or end one"""
        verb, _, name = rest.partition(" ")
        if verb == "end":
            self._modem.faults.remove(name)
        else:
            self._modem.faults.add(rest)

    def do_status(self, rest):
        """status  the state of power, card, registration, messages and receiver"""
        modem = self._modem
        return [
            "power %s" % ("off" if modem.power.off else "on" if modem.powered else "starting"),
            "sim %s" % (modem.sim.trouble() or modem.sim.state()),
            "registration %d" % modem.radio.registration(),
            "messages %d" % sum(map(len, modem.messages.memories.values())),
            "gnss %s" % ("on" if modem.gnss.on else "off"),
        ]


class ControlServer:
    """The channel on a TCP port. It takes any number of clients, and listens on loopback unless another address is named."""

    def __init__(self, control, where):
        self._control = control
        try:
            host, port = split_host(where if ":" in where else "127.0.0.1:" + where)
        except ValueError:
            port = None
        if port is None:
            raise ValueError("--control takes HOST:PORT or PORT, not %r" % where)
        self._address = host, port
        address = literal(host)
        self.exposed = host != "localhost" and not (address and address.is_loopback)

    async def open(self):
        """Listen; the name of the place is in `name`."""
        self._server = await asyncio.start_server(self._talk, *self._address, limit=_LONGEST_LINE)
        found = self._server.sockets[0].getsockname()
        self.name = "%s:%d" % ("[%s]" % found[0] if ":" in found[0] else found[0], found[1])
        return self

    def close(self):
        """Listen no longer."""
        self._server.close()

    async def _talk(self, reader, writer):
        try:
            while True:
                line = await reader.readline()
                if not line.endswith(b"\n"):
                    break
                text = line.decode("utf-8", "replace").strip()
                if begins_as_http(line):
                    break  # a web page has sent this, not a person or a test
                if text:
                    writer.write(self._control.answer(text).encode("utf-8", "replace") + b"\n")
                    await writer.drain()
        except (ValueError, ConnectionError, asyncio.CancelledError):
            pass  # a line is too long, the client is gone, or the program ends
        finally:
            writer.close()
