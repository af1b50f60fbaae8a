"""Breakdowns of a hundred minutes: how a supervisor lives through them, and how soon all is well again.

    python3 -m tools.simulation.outages [MODEL ...]     model, breakdown, restarts, seconds until a connection works again

Each breakdown begins while all is well. The restarts that the documents allow in the time (modem/supervisor.py): pauses of
10, 30 and 60 min follow the first one, and three more come without a pause where commands are not answered.
"""

import sys

from modem import models
from modem.errors import ModemError
from modem.supervisor import Supervisor

from . import peers
from .notices import QUECTEL
from .program import SYNC, Program
from .scenes import ECHO
from .world import World, simulated_time

OUTAGE_S = 6000.0
BACK_S = 240.0  # after the cause is gone
_STEP_S = 1500.0
_PAUSE_S = 20.0
_REFUSED, _UNANSWERED = True, False


def _fault(name):
    def begin(world):
        world.modem.faults.add(name)
        world.modem.dialect.lose_contexts()
        world.clock.call_later(OUTAGE_S, world.modem.faults.remove, name)

    return begin


def _resists(quectel, simcom, refused):
    """The module refuses these commands, or leaves them without an answer."""

    def begin(world):
        for name in quectel if world.vendor == QUECTEL else simcom:
            world.line.resist(name, OUTAGE_S, refused)

    return begin


def _without_context(begin):
    def both(world):
        begin(world)
        world.modem.dialect.lose_contexts()

    return both


_OPENS = (b"AT+QIOPEN",), (b"AT+CIPOPEN",)
_ACTIVATIONS = (b"AT+QIACT",), (b"AT+CGACT", b"AT+NETOPEN")

# name: (what begins it, restarts that are allowed)
OUTAGES = {
    "no SIM card": (_fault("no-sim"), 4),
    "denied": (_fault("denied"), 4),
    "no network": (_fault("searching"), 4),
    "module silent": (lambda world: world.line.be_deaf(OUTAGE_S), 7),
    "opens refused": (_resists(*_OPENS, _REFUSED), 4),
    "opens unanswered": (_resists(*_OPENS, _UNANSWERED), 7),
    "activation refused": (_without_context(_resists(*_ACTIVATIONS, _REFUSED)), 4),
    "activation unanswered": (_without_context(_resists(*_ACTIVATIONS, _UNANSWERED)), 7),
}


class Story:
    """One breakdown on one model: `restarts` while it lasts, and `seconds` after it until a connection works."""

    def __init__(self, model, name):
        self._begin, self.most = OUTAGES[name]
        self.restarts = 0
        self.seconds = None
        self._world = World(model)
        self._world.net.serve(ECHO, peers.Echo)
        with simulated_time(self._world):
            self._program = Program(self._world, SYNC)
            self._program.run(self._main)
        self.violations = self._program.violations

    async def _main(self, p):
        now = self._world.clock.now
        p.boot()
        keeper = Supervisor(p.modem, "internet", on_change=self._changed)
        while not await self._works(p, keeper):
            await p.sleep(_PAUSE_S)
        self.restarts = 0
        end = now() + OUTAGE_S
        self._begin(self._world)
        while now() < end:
            await self._works(p, keeper)
            await p.sleep(_PAUSE_S)
        while not await self._works(p, keeper) and now() < end + OUTAGE_S:
            await p.sleep(_PAUSE_S)
        self.seconds = now() - end

    def _changed(self, state):
        self.restarts += state == "restart"

    async def _works(self, p, keeper):
        if not await p.do("step", keeper.step, _STEP_S):
            return False
        try:
            stream = await p.open(ECHO)
            await stream.send(b"well")
            well = await stream.read(4) == b"well"
            await stream.close()
            return well
        except (ModemError, OSError):
            for stream in p.streams:
                await stream.close()
            return False


def main(chosen):
    """Print the table; `chosen`: names of models, all where there are none. Return 1 when a bound was broken."""
    broken = 0
    for model in models.MODELS:
        for name in OUTAGES if not chosen or model.name in chosen else ():
            story = Story(model.name, name)
            words = model.name, name, story.restarts, story.most, story.seconds, story.violations
            print("%-8s %-22s %d restarts of %d, %4.0f s %s" % words, flush=True)
            if story.violations or story.seconds > BACK_S or story.restarts > story.most:
                broken = 1
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
