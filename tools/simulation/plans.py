"""All cases of one scene, model and flavour, which of them make a sample, and the verdict on each."""

import random

from . import excuses
from .cases import Case, run
from .faults import Place, fitting
from .firmware import habits
from .scenes import SCENES
from .world import vendor_of


class Plan:
    """What a fault-free run of a scene lists, times what fits. `base` is that run's Outcome."""

    def __init__(self, scene, model, flavour):
        self.where = scene, model, flavour
        self.base = run(Case(scene, model, flavour), listing=True)
        first, last = (*self.base.marks, len(self.base.events))[:2]  # a scene that hangs has no end
        self.events = self.base.events[first:last]
        self._asynchronous = flavour != "sync"

    def _singles(self, kinds):
        """(number of the event, fault as text) of every single fault."""
        for fault in self._habits(kinds):
            yield self.events[0].index, fault
        place = Place(vendor_of(self.where[1]), self.where[0])
        for event in self.events:
            for fault in fitting(event, place, self._asynchronous):
                if not kinds or fault.partition(".")[0] in kinds:
                    yield event.index, fault

    def _habits(self, kinds):
        scene, model, _ = self.where
        wanted = not kinds or "firmware" in kinds
        return ["firmware." + name for name in habits(vendor_of(model), model, scene)] if wanted else []

    def cases(self, kinds=()):
        """Every single fault."""
        return [Case(*self.where, [single]) for single in self._singles(kinds)]

    def sample(self, count, kinds=(), seed=""):
        """`count` of them, the same each time: every habit of a firmware, and others drawn by the plan's name and the seed.

        Half of these are what the scene is for.
        """
        singles = list(self._singles(kinds))
        drawn = list(range(len(self._habits(kinds))))
        random_ = random.Random("/".join(self.where) + seed)
        others = range(len(drawn), len(singles))
        about = [at for at in others if singles[at][1].partition(".")[0] in SCENES[self.where[0]].about]
        drawn += random_.sample(about, min(count // 2, len(about)))
        others = [at for at in others if at not in drawn]
        drawn += random_.sample(others, max(0, min(count - len(drawn), len(others))))
        return [Case(*self.where, [singles[number]]) for number in sorted(drawn)]

    def pairs(self, count, kinds=(), seed=""):
        """`count` pairs of single faults at different events, the same each time."""
        singles = list(self._singles(kinds))
        draw = random.Random("/".join(self.where) + seed).sample
        pairs = [sorted(draw(singles, 2)) for _ in range(count if len(singles) > 1 else 0)]
        return [Case(*self.where, pair) for pair in pairs if pair[0][0] != pair[1][0]]

    def judge(self, case):
        """Run a case: (its violations, those that are excused)."""
        outcome = run(case, usual_s=self.base.seconds)
        why = excuses.reasons(case, outcome.struck)
        kept = [each for each in outcome.violations if not excuses.cover(why, each)]
        return kept, [each for each in outcome.violations if each not in kept]


def places(scenes=None, models=None, flavour=None):
    """(scene, model, flavour) of all plans that are asked for; None: of all."""
    for name, scene in SCENES.items():
        if scenes and name not in scenes:
            continue
        for model in scene.models:
            if not models or model in models:
                yield from ((name, model, each) for each in scene.flavours if flavour in (None, each))
