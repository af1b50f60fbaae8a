"""One simulated world: a virtual modem, its line and network, the clock, and the list of what happens."""

import contextlib
import time

from modem.models import find
from tools.vmodem.clock import ManualClock
from tools.vmodem.core import Modem
from tools.vmodem.faults import Faults
from tools.vmodem.models import MODELS

from .drives import MemoryFiles
from .line import COMMAND, HOST, LINE, MODULE, Line
from .net import Net
from .notices import QUECTEL, SIMCOM
from .port import SimulatedPort, Stuck

WALL = 1767225600.0  # 2026-01-01
BAUD = 115200
LATENCY_S = 0.005
_CONTENTS = ("+QFDWL", "+QFREAD", "+POP3READ", "+CFTRANTX")  # their answers hold bytes of files, in lines only by chance


def vendor_of(model):
    """Which of `NOTICES` fit a model."""
    return SIMCOM if find(model).vendor == "simcom" else QUECTEL


class Conditions(Faults):
    """The virtual modem's own faults, and whether the network denies it at the moment."""

    denied = False

    def on(self, name):
        return (name == "denied" and self.denied) or super().on(name)


class Event:
    """Something that happened on the line.

    quiet    an unsolicited line may come before it;  twin: there is one with its prefix
    header   counted payload follows, or has just been
    """

    __slots__ = ("at", "data", "header", "index", "kind", "quiet", "side", "twin")

    def __init__(self, index, at, side, kind, data, quiet, twin, header):
        self.index = index
        self.at = at
        self.side = side
        self.kind = kind
        self.data = data
        self.quiet = quiet
        self.twin = twin
        self.header = header

    def __str__(self):
        shown = ascii(self.data.decode("latin-1"))[1:-1]
        return "%9.3f %5d %s %-7s %s" % (
            self.at,
            self.index,
            self.side,
            self.kind,
            shown[:150] + ("..." if len(shown) > 150 else ""),
        )


class World:
    """`faults`: {number of an event: fault}. `events`, and what the host has `heard` with its times, are kept when `listing`."""

    def __init__(self, model, faults=None, *, listing=False, specs=(), quirks=()):
        self.model = model
        self.vendor = vendor_of(model)
        self.clock = ManualClock(WALL)
        self.net = Net(self.clock)
        self.events = []
        self.heard = [] if listing else None
        self.struck = []  # (number of an event, its kind, its bytes) where a fault has struck
        self.horizon = 0.0
        self.program = None
        self.fault_over = 0.0  # when the fault has ceased to have a direct effect
        self._faults = faults or {}
        self._listing = listing
        self._count = 0
        self.commands = 0  # that the host has written
        self._header = False
        self.pins = []  # PINs that the module has refused to the program that runs
        self.marks = []  # numbers of events at which the scene's own part begins and ends
        self.line = Line(self.clock, BAUD, self._strike)
        self.modem = Modem(
            MODELS[model].with_quirks(quirks),
            self.clock,
            self.net,
            self.line,
            faults=Conditions(specs),
            files=MemoryFiles(self.clock),
            latency_s=LATENCY_S,
        )
        self.modem.general.set_home_rate(BAUD)
        self.port = None

    def plug_in(self, pollable=True):
        """A new port of the host, in place of the one before."""
        self.port = SimulatedPort(self, pollable)
        self.line.attach(self.modem, self.port)
        return self.port

    def harmless(self):
        """Whether no program may notice anything of the faults."""
        return all(fault.harmless for fault in self._faults.values())

    def mark(self):
        """The scene's own part begins, or ends, here."""
        self.marks.append(self._count)

    def _strike(self, side, kind, data):
        index = self._count
        self._count += 1
        self.commands += side == HOST and kind == COMMAND
        if side == MODULE and kind == LINE and b"ERROR" in data:
            self._look_for_pin()
        if self._listing:
            self._list(index, side, kind, data)
        fault = self._faults.get(index)
        if fault:
            self.struck.append((index, kind, data))
            self.fault_over = max(self.fault_over, self.clock.now()) + fault.lasts_s  # delays add up
            fault.world = self
        return fault

    def _look_for_pin(self):
        job = self.modem.job
        if job and job.commands and job.current.name == "+CPIN" and job.current.form == "write":
            self.pins.append(job.current.text)

    def _list(self, index, side, kind, data):
        quiet = twin = False
        if side == MODULE and kind == LINE:
            modem = self.modem
            quiet = not (self._header or modem.urcs_held())
            if quiet and modem.job and modem.job.commands:
                quiet = modem.job.current.name not in _CONTENTS
                twin = bool(modem.dialect.same_prefix(modem.job.current, data)) and (
                    modem.job.current.name != "+CPIN" or modem.sim.ready()
                )
        self._header = self.line.counting()
        self.events.append(Event(index, self.clock.now(), side, kind, data, quiet, twin, self._header))

    def _drives(self):
        file_system = getattr(self.modem.dialect, "fs", None)
        return file_system and file_system.drives

    def files(self):
        """The names of all files on the module; those on drives with their drive."""
        drives = self._drives()
        return self.modem.files.names() + (drives.paths() if drives else [])

    def stored(self, name):
        """The bytes of a file on the module, None where there is none."""
        try:
            return self._drives().read(name) if name[1:2] == ":" else self.modem.files.read(name)
        except KeyError:
            return None

    def deny(self, seconds):
        """The network does not want the module for so long, and takes its contexts away."""
        self._denied(True)
        self.modem.dialect.lose_contexts()
        self.clock.call_later(seconds, self._denied, False)

    def _denied(self, flag):
        self.modem.faults.denied = flag
        self.modem.radio.announce()

    def advance(self, end):
        """Let the time pass until the next thing happens, at most up to `end`."""
        clock = self.clock
        due = clock.due()
        if due is None and end is None:
            raise Stuck("nothing is going to happen any more")
        if due is None or (end is not None and due > end):
            clock.advance_to(end)
        else:
            clock.advance_to(max(due, clock.now()))
        if clock.now() > self.horizon:
            raise Stuck("%.0f s have passed" % clock.now())

    def pass_time(self, seconds):
        """Let so many seconds pass."""
        end = self.clock.now() + seconds
        self.horizon = max(self.horizon, end + 1)
        while self.clock.now() < end:
            self.advance(end)

    def unhandled(self, context):
        """asyncio tells of an exception that nobody has seen."""
        if self.program:
            self.program.unhandled(context)


@contextlib.contextmanager
def simulated_time(world):
    """Let the process's own clocks show the simulated time."""
    clock = world.clock
    kept = {name: getattr(time, name) for name in ("time", "monotonic", "gmtime", "sleep")}
    gmtime = time.gmtime
    time.time = clock.wall
    time.monotonic = clock.now
    time.gmtime = lambda seconds=None: gmtime(clock.wall() if seconds is None else seconds)
    time.sleep = world.pass_time
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(time, name, function)
