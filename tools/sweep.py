"""One fault at a time, everywhere: driver and virtual modem on simulated time, each event of a fault-free run with each fault
that fits it, and a look at everything the program saw. `tools/simulation/` has the parts, tools/README.md says how to read it.

    python3 tools/sweep.py                                  everything (long)
    python3 tools/sweep.py --quick                          a fixed sample, at most two minutes
    python3 tools/sweep.py --scene download --model bg96    of one scene, one model; --fault late: one kind of fault
    python3 tools/sweep.py --case download/bg96/sync/80.lost    one case again, with the dialogue around its fault
"""

import argparse
import collections
import gc
import hashlib
import multiprocessing
import os
import pathlib
import random
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).resolve().parent)
    import _setup

    _setup.enter()

from tools.simulation import excuses
from tools.simulation.cases import Case, run
from tools.simulation.faults import KINDS, Place, fitting
from tools.simulation.scenes import SCENES
from tools.simulation.world import vendor_of

QUICK_CASES = 6000  # of the sample; takes about a minute on two cores
PAIR_CASES = 20000
_CHUNK = 100
_STALL_S = 30  # of real time, for one case
_CONTEXT = 14  # events shown before and after a fault
_SHOWN = 3  # violations printed per kind, scene and fault


class Plan:
    """All cases of one scene, model and flavour: what a fault-free run lists, times what fits."""

    def __init__(self, scene, model, flavour):
        self.where = scene, model, flavour
        self.base = run(Case(scene, model, flavour), listing=True)
        first, last = self.base.marks
        self.events = self.base.events[first:last]
        self._asynchronous = flavour != "sync"

    def cases(self, kinds=()):
        """Every single fault."""
        place = Place(vendor_of(self.where[1]), self.where[0])
        for event in self.events:
            for fault in fitting(event, place, self._asynchronous):
                if not kinds or fault.partition(".")[0] in kinds:
                    yield Case(*self.where, [(event.index, fault)])

    def pairs(self, count, kinds=()):
        """`count` pairs of single faults at different events, the same each time."""
        singles = [case.faults[0] for case in self.cases(kinds)]
        rng = random.Random("/".join(self.where))
        for _ in range(count):
            pair = sorted(rng.sample(singles, 2))
            if pair[0][0] != pair[1][0]:
                yield Case(*self.where, pair)


def wanted(options):
    """(scene, model, flavour) that the options ask for."""
    for name, scene in SCENES.items():
        if options.scene and name not in options.scene:
            continue
        for model in scene.models:
            if not options.model or model in options.model:
                yield from ((name, model, flavour) for flavour in scene.flavours if options.flavour in (None, flavour))


def sampled(case, share):
    """Whether a case is in a sample of so many of a million: decided by its name."""
    return int.from_bytes(hashlib.sha256(str(case).encode()).digest()[:4], "big") % 1_000_000 < share


# Work of one process -------------------------------------------------------------------------------------------------------


def _list(job):
    """How many cases a plan has."""
    where, options = job
    plan = _plan(where)
    return where, [str(each) for each in plan.base.violations], sum(1 for _ in _chosen(plan, options))


def _chosen(plan, options):
    if options["pairs"]:
        return plan.pairs(options["pairs"], options["fault"])
    cases = plan.cases(options["fault"])
    return cases if options["share"] is None else (case for case in cases if sampled(case, options["share"]))


_plans = {}


def _plan(where):
    if where not in _plans:
        _plans.clear()
        _plans[where] = Plan(*where)
    return _plans[where]


def _work(job):
    """Run the cases `first` to `last` of a plan: [(case, [violations], [excused])], and how many were run."""
    where, options, first, last = job
    plan = _plan(where)
    found = []
    count = 0
    kinds = collections.Counter()
    gc.disable()
    for number, case in enumerate(_chosen(plan, options)):
        if not first <= number < last:
            continue
        count += 1
        kinds[_kind(case)] += 1
        violations, excused = judge(plan, case)
        if violations or excused:
            found.append((str(case), [(each.rule, each.text) for each in violations], len(excused)))
    gc.enable()
    gc.collect()
    return where, count, kinds, found


def judge(plan, case):
    """Run a case: (its violations, those that are excused)."""
    outcome = run(case, usual_s=plan.base.seconds)
    events = {event.index: event for event in plan.base.events}
    reason = excuses.reason(case, [events[index] for index, _ in case.faults])
    kept = [each for each in outcome.violations if not excuses.covers(reason, each)]
    return kept, [each for each in outcome.violations if each not in kept]


def _kind(case):
    return "+".join(fault.partition(".")[0] for _, fault in case.faults)


# The whole -----------------------------------------------------------------------------------------------------------------


class Tally:
    """What has been found so far."""

    def __init__(self):
        self.cases = collections.Counter()  # (scene, kind) -> cases
        self.bad = collections.Counter()  # (scene, kind) -> cases with a violation
        self.excused = 0
        self.examples = collections.defaultdict(list)  # (rule, scene, kind) -> [(case, text)]
        self.total = collections.Counter()  # rule -> violations

    def add(self, where, kinds, found):
        for kind, count in kinds.items():
            self.cases[where[0], kind] += count
        for name, violations, excused in found:
            self.excused += excused
            if not violations:
                continue
            kind = _kind(Case.parse(name))
            self.bad[where[0], kind] += 1
            for rule, text in violations:
                self.total[rule] += 1
                self.examples[rule, where[0], kind].append((name, text))

    def table(self):
        """Scene x fault: violations/cases."""
        kinds = sorted({kind for _, kind in self.cases})
        if len(kinds) > len(KINDS):
            kinds = []
        scenes = sorted({scene for scene, _ in self.cases})
        rows = [["scene", *kinds, "all"]]
        for scene in scenes:
            cells = [_cell(self.bad[scene, kind], self.cases[scene, kind]) for kind in kinds]
            rows.append(
                [scene, *cells, _cell(*(sum(c for (s, _), c in table.items() if s == scene) for table in (self.bad, self.cases)))]
            )
        rows.append(
            [
                "all",
                *(
                    _cell(*(sum(c for (_, k), c in table.items() if k == kind) for table in (self.bad, self.cases)))
                    for kind in kinds
                ),
            ]
        )
        rows[-1].append(_cell(sum(self.bad.values()), sum(self.cases.values())))
        return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]])


def _cell(bad, cases):
    return "%d/%d" % (bad, cases) if bad else str(cases)


def sweep(options):
    """Run what the options ask for; the number of cases with violations."""
    begun = time.perf_counter()
    tally = Tally()
    places = list(wanted(options))
    asked = {"fault": tuple(options.fault or ()), "share": None, "pairs": 0}
    if options.pairs:
        asked["pairs"] = -(-(options.pairs_count or PAIR_CASES) // max(1, len(places)))
    with multiprocessing.get_context("fork").Pool(options.jobs, _quiet) as pool:
        counts = pool.map(_list, [(where, asked) for where in places], 1)
        total = sum(count for _, _, count in counts)
        limit = QUICK_CASES if options.quick else options.sample
        jobs = []
        for where, _, count in counts:
            share = None
            if limit and total > limit and not options.pairs:
                share = limit * 1_000_000 // (len(counts) * count)  # as many of each plan
            step = count if share else _CHUNK
            jobs += [(where, dict(asked, share=share), first, first + step) for first in range(0, count, step)]
        broken = 0
        for where, violations, _ in counts:
            for each in violations:
                broken += 1
                print("without any fault: %s: %s" % ("/".join(where), each))
        print("%d cases of %d scenes on %d processes" % (total, len(places), options.jobs), flush=True)
        for where, _, kinds, found in pool.imap_unordered(_work, jobs):
            tally.add(where, kinds, found)
    seconds = time.perf_counter() - begun
    _report(tally, seconds, options)
    return broken + sum(tally.bad.values())


def _quiet():
    """Processes of the pool: what dies with a killed program is nobody's business."""
    sys.unraisablehook = lambda unraisable: None


def _report(tally, seconds, options):
    for (rule, scene, kind), examples in sorted(tally.examples.items()):
        print("(%s) %s, %s: %d" % (rule, scene, kind, len(examples)))
        for name, text in sorted(examples)[: options.show]:
            print("    %s: %s" % (name, text))
    print()
    print(tally.table())
    cases = sum(tally.cases.values())
    words = cases, seconds, 60 * cases / seconds, sum(tally.bad.values()), tally.excused
    print("%d cases in %.0f s (%.0f a minute); %d with violations; %d violations excused" % words)
    print("violations by rule: " + (", ".join("(%s) %d" % pair for pair in sorted(tally.total.items())) or "none"))


def replay(name, everything):
    """Run one case and print the dialogue around its fault."""
    _quiet()
    case = Case.parse(name)
    plan = Plan(case.scene, case.model, case.flavour)
    outcome = run(case, usual_s=plan.base.seconds, listing=True)
    struck = [index for index, _ in case.faults]
    for event in outcome.events:
        if (
            everything
            or any(abs(event.index - index) <= _CONTEXT for index in struck)
            or event.index >= len(outcome.events) - _CONTEXT
        ):
            print(("=>" if event.index in struck else "  ") + str(event))
    for call in outcome.happened:
        print("   %-14s %9.3f s  %s" % call)
    kept, excused = judge(plan, case)
    for each in excused:
        print("excused: %s" % each)
    for each in kept:
        print("violation %s" % each)
    return len(kept)


def main(arguments=None):
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add(
        "--scene",
        action="append",
        choices=sorted(SCENES),
        metavar="NAME",
        help="only this scene (repeatable): " + " ".join(sorted(SCENES)),
    )
    add("--model", action="append", metavar="NAME", help="only this model (repeatable)")
    add("--flavour", choices=("sync", "async", "polled"), help="only with Modem, AsyncModem, AsyncModem on a port without poll")
    add("--fault", action="append", choices=sorted(KINDS), metavar="KIND", help="only this kind (repeatable): " + " ".join(KINDS))
    add("--case", metavar="ID", help="run one case and print the dialogue around its fault")
    add("--all", action="store_true", help="with --case: the whole dialogue")
    add("--quick", action="store_true", help="a fixed sample of %d cases" % QUICK_CASES)
    add("--sample", type=int, metavar="N", help="a fixed sample of about N cases")
    add("--pairs", action="store_true", help="pairs of faults, a fixed sample of --pairs-count of them")
    add("--pairs-count", type=int, metavar="N", help="default %d" % PAIR_CASES)
    add(
        "--show",
        type=int,
        default=_SHOWN,
        metavar="N",
        help="cases printed per rule, scene and kind of fault (default %d)" % _SHOWN,
    )
    add("-j", "--jobs", type=int, default=os.cpu_count(), metavar="N", help="processes (default: one per core)")
    options = parser.parse_args(arguments)
    if options.case:
        return 1 if replay(options.case, options.all) else 0
    return 1 if sweep(options) else 0


if __name__ == "__main__":
    sys.exit(main())
