"""Kinds of faults, and which events of a fault-free run each of them fits.

A fault is written `kind` or `kind.argument`; `make(text)` gives an object with

    out(line, kind, data)   for an event of the module: what goes out in its place; True drops the rest of what is written with it
    into(line, kind, data)  for an event of the host
    lasts_s                 for how long it keeps its hold on what happens
    harmless                whether a program must not notice it at all, apart from the time it takes
    cancels                 whether it does nothing but cancel a call
    wants                   the error that the program has to get, if the scene has not ended well
"""

import re

from modem import ModemError

from .firmware import HABITS, SlowAfterBoot
from .line import COMMAND, HOST, LINE, PAYLOAD
from .notices import NOTICES, QUECTEL, line_of
from .peers import HOSTILE
from .program import Cut, Killed

_REGISTRATION_S = 30.0
_STUBBORN_S = 120.0
_LINES, _STRIDE, _INTERRUPTED = 40, 13, 3  # after an event Ctrl-C comes once within each of so many lines, everywhere in turn
_GONE_S = 0.2


class Fault:
    """Nothing goes wrong."""

    lasts_s = 0.0
    harmless = cancels = False
    wants = None
    world = None  # set when it strikes

    def __init__(self, argument=""):
        self.argument = argument

    def out(self, line, kind, data):
        line.put(data)

    def into(self, line, kind, data):
        line.carry(data)


# The line ------------------------------------------------------------------------------------------------------------------


class Lost(Fault):
    """A line, a piece of payload, or what the host writes at once is lost."""

    def out(self, line, kind, data):
        """Nothing goes out."""

    def into(self, line, kind, data):
        """Nothing is heard."""


class Late(Fault):
    """It, and all that follows, comes so many seconds later."""

    def __init__(self, argument):
        super().__init__(argument)
        self.lasts_s = float(argument)
        self.harmless = self.lasts_s < 1

    def out(self, line, kind, data):
        line.hold(self.lasts_s)
        line.put(data)


class Doubled(Fault):
    """A line comes twice."""

    def out(self, line, kind, data):
        line.put(data)
        line.put(data)


class Error(Fault):
    """ERROR comes in place of a line and of what follows it at once."""

    def out(self, line, kind, data):
        line.put(b"\r\nERROR\r\n")
        return True


class ByteLost(Fault):
    """The byte at a position is lost."""

    def _at(self, data):
        """The position: after another fault this may be a shorter event than the one that it was meant for."""
        return int(self.argument) % len(data)

    def _spoilt(self, data):
        at = self._at(data)
        return data[:at] + data[at + 1 :]

    def out(self, line, kind, data):
        line.put(self._spoilt(data))

    def into(self, line, kind, data):
        line.carry(self._spoilt(data))


class ByteChanged(ByteLost):
    """One bit of the byte at a position is changed."""

    def _spoilt(self, data):
        at = self._at(data)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    into = Fault.into  # what the host writes is not changed: after another fault the event may be another one


class DigitDoubled(ByteLost):
    """The digit at a position comes twice: a number that is far too large."""

    def _spoilt(self, data):
        at = self._at(data)
        return data[: at + 1] + data[at:]

    def out(self, line, kind, data):
        line.put(self._spoilt(data) if kind == LINE else data)

    into = Fault.into


class Longer(Fault):
    """An answer has one field more at its end than the document says."""

    harmless = True

    def out(self, line, kind, data):
        line.put(data.rstrip(b"\r\n") + b",7\r\n")


class Overtaken(Fault):
    """What the module says next by itself comes before this line and what is written with it, if it comes soon."""

    harmless = True

    def out(self, line, kind, data):
        line.let_pass(data)


class Stale(Fault):
    """The end of an earlier connection with the same number is told only now."""

    harmless = True

    def out(self, line, kind, data):
        number = data.strip().partition(b": ")[2].partition(b",")[0]
        line.put((b'\r\n+QIURC: "closed",%s\r\n' if data.strip()[:2] == b"+Q" else b"\r\n+IPCLOSE: %s,1\r\n") % number)
        line.put(data)


class Notice(Fault):
    """An unsolicited line that says nothing wrong comes before a line."""

    harmless = True

    def out(self, line, kind, data):
        line.put(b"\r\n" + line_of(self.world.vendor, int(self.argument)) + b"\r\n")
        line.put(data)


class Twin(Fault):
    """An unsolicited line with the prefix of the answer comes before it."""

    harmless = True

    def out(self, line, kind, data):
        modem = self.world.modem
        if modem.job and modem.job.commands:
            twin = modem.dialect.same_prefix(modem.job.current, data)
            if twin:
                line.put(modem.frame(twin))
        line.put(data)


class Restart(Fault):
    """The module restarts before it has sent a line; with `silent` or `slow` no line of its boot is heard, and with `slow` it
    takes its time for some answers.
    """

    lasts_s = 5.0

    def out(self, line, kind, data):
        if self.argument == "slow":
            line.habit = SlowAfterBoot(self.world)
        line.restart(self.argument != "")
        return True


class Deaf(Fault):
    """The module hears nothing from here on, for so many seconds."""

    def __init__(self, argument):
        super().__init__(argument)
        self.lasts_s = float(argument)

    def into(self, line, kind, data):
        line.be_deaf(self.lasts_s)


class Refused(Fault):
    """The module refuses a command without carrying it out."""

    def into(self, line, kind, data):
        line.answer_error()


class Busy(Refused):
    """The module cannot take data at the moment, although the connection is well: wait, and send again (TCP-E 2.4.10)."""

    harmless = True


class Gone(Fault):
    """The peer has closed the connection, and the line that said so was lost; the module refuses to send, and says why."""

    wants = "ConnectionClosed"

    def into(self, line, kind, data):
        self._refused = False
        line.habit = self
        for link in self.world.net.links:
            if link.open and not link.gone:
                link.end()
        self.world.clock.call_later(_GONE_S, line.carry, data)

    def said(self, line):
        """The end is not told by itself."""
        return b"" if self.world.modem.job is None and b'"closed"' in line else line

    def asked(self, text):
        """A send, and the question for the reason."""
        if self._refused and text == b"AT+QIGETERROR\r":
            self.world.line.habit = None
            return b"\r\n+QIGETERROR: 567,socket has been closed\r\n\r\nOK\r\n"
        self._refused = self._refused or text.startswith(b"AT+QISEND=")
        return b"\r\nERROR\r\n" if text.startswith(b"AT+QISEND=") else None


class Firmware(Fault):
    """From here on the module has a habit of one firmware, by its name in `firmware.HABITS`."""

    def __init__(self, argument):
        super().__init__(argument)
        self._habit = HABITS[argument]
        self.harmless = self._habit.harmless
        self.lasts_s = self._habit.lasts_s

    def into(self, line, kind, data):
        line.habit = self._habit(self.world)
        line.carry(data)

    def out(self, line, kind, data):
        line.habit = self._habit(self.world)
        line.put(line.habit.said(data))


class Stubborn(Fault):
    """From here on the module refuses this command (`refused`), or does not answer it (`unanswered`), for two minutes."""

    lasts_s = _STUBBORN_S

    def into(self, line, kind, data):
        name = re.match(rb"AT[+&]?[A-Z]*", data.upper())
        if name:
            line.resist(name[0], self.lasts_s, self.argument == "refused")
        line.carry(data)


# The program ---------------------------------------------------------------------------------------------------------------


class Act(Fault):
    """Something happens once an event has been carried."""

    def out(self, line, kind, data):
        line.put(data, self.act)

    def into(self, line, kind, data):
        line.carry(data, self.act)


class Cancelled(Act):
    """The call that runs is cancelled, or interrupted by Ctrl-C while it waits."""

    cancels = True

    def act(self):
        self.world.program.cut(True)


class Interrupted(Act):
    """Ctrl-C comes out of the next read or write of the port, or after so many lines of the driver's code."""

    def act(self):
        if self.argument:
            self.world.program.cut_after(int(self.argument))
        else:
            self.world.program.cut(False)


class Dead(Act):
    """The process is killed; the program is run again on the module as it is."""

    def act(self):
        self.world.program.kill()
        raise Killed


class Other(Act):
    """Another task closes the newest connection (`close`), or has a command of its own (`command`)."""

    def act(self):
        program = self.world.program
        if program.loop is None or program.modem is None:
            return
        streams = [stream for stream in program.streams if stream.sock is not None and not stream.closed]
        if self.argument == "command":
            program.others.append(program.loop.create_task(self._command(program)))
        elif streams:
            streams[-1].closed = True
            program.others.append(program.loop.create_task(self._close(program, streams[-1])))

    async def _command(self, program):
        try:
            await program.do("beside", lambda: program.modem.command("AT+CSQ"), 130.0, cuttable=False)
        except (ModemError, Cut):
            pass

    async def _close(self, program, stream):
        try:
            await program.do("close beside", stream.sock.close, 150.0, cuttable=False)
        except (ModemError, Cut):
            pass


class CallbackRaises(Act):
    """The program's event callback raises, once."""

    def act(self):
        self.world.program.callback_raises = True


# The world -----------------------------------------------------------------------------------------------------------------


class PeerEnds(Act):
    """Every peer closes, or resets its connection (`reset`)."""

    def act(self):
        for link in self.world.net.links:
            if link.open and not link.gone:
                link.end(self.argument == "reset")


class Hostile(Act):
    """The next answer of the web server is none that HTTP allows."""

    def act(self):
        self.world.net.hostile = int(self.argument)


class ContextLost(Act):
    """The network takes every context away."""

    def act(self):
        self.world.modem.dialect.lose_contexts()


class Unregistered(Act):
    """The network does not want the module for half a minute."""

    lasts_s = _REGISTRATION_S

    def act(self):
        self.world.deny(_REGISTRATION_S)


class Place:
    """What decides which faults fit: who made the module, whether data are pushed, whether a connection is opened anew."""

    overtakable = (b"+QIRD: 0",)

    def __init__(self, vendor, scene):
        self.vendor = vendor
        self.pushed = "push" in scene
        self.reopened = scene == "again"
        self.web = scene in ("http", "https")
        self.sends = scene in ("echo", "rounds", "upload")


KINDS = {
    "lost": Lost,
    "late": Late,
    "doubled": Doubled,
    "error": Error,
    "byte-lost": ByteLost,
    "byte-changed": ByteChanged,
    "digit-doubled": DigitDoubled,
    "longer": Longer,
    "overtaken": Overtaken,
    "stale": Stale,
    "notice": Notice,
    "twin": Twin,
    "restart": Restart,
    "deaf": Deaf,
    "refused": Refused,
    "busy": Busy,
    "gone": Gone,
    "stubborn": Stubborn,
    "firmware": Firmware,
    "cancelled": Cancelled,
    "interrupted": Interrupted,
    "killed": Dead,
    "other": Other,
    "callback": CallbackRaises,
    "peer": PeerEnds,
    "hostile": Hostile,
    "context": ContextLost,
    "registration": Unregistered,
}
LATE_S = ("0.5", "6", "200")
DEAF_S = ("1", "10")


def make(text):
    """The fault that `kind` or `kind.argument` names. ValueError for an unknown one."""
    kind, _, argument = text.partition(".")
    if kind not in KINDS:
        raise ValueError("unknown fault %r; known: %s" % (kind, " ".join(KINDS)))
    return KINDS[kind](argument)


def fitting(event, place, asynchronous):
    """The faults, as text, that fit an event of a fault-free run. `place` is its `Place`."""
    if event.side == HOST:
        yield from ("lost", *("deaf." + seconds for seconds in DEAF_S))
        if event.kind == COMMAND:
            if event.data[:3].upper() == b"AT+" and event.data[-1:] == b"\r":
                yield from ("refused", "stubborn.refused", "stubborn.unanswered")
                if event.data.startswith(b"AT+QISEND=") and place.sends:
                    yield from ("busy", "gone")
            yield from ("byte-lost.%d" % at for at in range(len(event.data)))
        else:
            yield from ("byte-lost.%d" % at for at in _some(event.data))
    elif event.kind == PAYLOAD:
        yield from ("lost", *("late." + seconds for seconds in LATE_S))
        for kind in ("byte-lost", "byte-changed"):
            yield from ("%s.%d" % (kind, at) for at in _some(event.data))
    else:
        if place.web:
            yield from ("hostile.%d" % number for number in range(len(HOSTILE)))
        yield from ("lost", *("late." + seconds for seconds in LATE_S), "restart", "restart.silent", "restart.slow")
        for kind in ("byte-lost", "byte-changed"):
            yield from ("%s.%d" % (kind, at) for at in range(len(event.data)))
        if event.kind == LINE:
            yield from ("doubled", "error")
            text = event.data.strip()
            yield from ("digit-doubled.%d" % at for at, byte in enumerate(event.data) if 48 <= byte < 58)
            if text[:1] == b"+" and b": " in text and not event.header:
                yield "longer"
            if text[:9] in (b"+QIOPEN: ", b"+CIPOPEN:") and place.reopened:
                yield "stale"
            if text in place.overtakable:
                yield "overtaken"
        if event.quiet:
            yield from ("notice.%d" % number for number in range(len(NOTICES[place.vendor])))
            if place.vendor == QUECTEL and not place.pushed:
                yield "notice.%d" % len(NOTICES[QUECTEL])
        if event.twin:
            yield "twin"
    yield from ("cancelled", "killed", "callback", "peer", "peer.reset", "context", "registration")
    if asynchronous:
        yield from ("other.close", "other.command")
    else:
        yield "interrupted"
        yield from ("interrupted.%d" % (event.index * _STRIDE % _LINES + at * _LINES) for at in range(_INTERRUPTED))


def _some(data):
    return sorted({0, len(data) // 2, len(data) - 1})
