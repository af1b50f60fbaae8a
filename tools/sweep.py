"""One fault at a time, everywhere: driver and virtual modem on simulated time, each event of a fault-free run with each fault
that fits it, and a look at everything the program saw. `tools/simulation/` has the parts, tools/README.md says how to read it.

    python3 tools/sweep.py                                  everything (about an hour)
    python3 tools/sweep.py --quick                          a fixed sample, at most two minutes
    python3 tools/sweep.py --scene download --model bg96    of one scene, one model; --fault late: one kind of fault
    python3 tools/sweep.py --case download/bg96/sync/80.lost    one case again, with the dialogue around its fault
"""

import argparse
import collections
import gc
import multiprocessing
import os
import pathlib
import signal
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).resolve().parent)
    import _setup

    _setup.enter()

from tools.simulation.cases import Case, run
from tools.simulation.faults import KINDS
from tools.simulation.plans import Plan, places
from tools.simulation.port import Stuck
from tools.simulation.scenes import SCENES

QUICK_CASES = 3300  # of the sample: about half a minute on two free cores
PAIR_CASES = 20000
_CHUNK = 100
_CONTEXT = 14  # events shown before and after a fault
_SHOWN = 3  # violations printed per rule, scene and kind of fault
_PROGRESS_S = 60.0
_LONGEST_S = 100  # of real time for one case: the last resort, where counting steps does not help
ALL, SAMPLE, PAIRS = "all", "sample", "pairs"


# Work of one process -------------------------------------------------------------------------------------------------------

_plans = {}


def _plan(where):
    """The plan of a place; the last one is kept."""
    if where not in _plans:
        _plans.clear()
        _plans[where] = Plan(*where)
    return _plans[where]


def _count(job):
    """How many cases of these kinds a place has."""
    where, kinds = job
    return len(_plan(where).cases(kinds))


def _work(job):
    """Run cases of a place: (place, violations without any fault, Counter of kinds, [(case, [(rule, text)], excused)])."""
    where, kinds, what, seed, first, last = job
    plan = _plan(where)
    if what == ALL:
        cases = plan.cases(kinds)[first:last]
    else:
        cases = (plan.sample if what == SAMPLE else plan.pairs)(last, kinds, seed)
    found = []
    gc.disable()
    for case in cases:
        signal.alarm(_LONGEST_S)
        violations, excused = plan.judge(case)
        signal.alarm(0)
        if violations or excused:
            found.append((str(case), [(each.rule, each.text) for each in violations], len(excused)))
    gc.enable()
    gc.collect()
    usual = [] if first else [str(each) for each in plan.base.violations]
    return where, usual, collections.Counter(map(_kind, cases)), found


def _kind(case):
    return "+".join(fault.partition(".")[0] for _, fault in case.faults)


def _quiet():
    """What dies with a killed program is nobody's business, nor is what the driver prints of a mistake in a callback; what has
    been loaded need not be searched for garbage again."""
    sys.unraisablehook = lambda unraisable: None
    sys.stderr = open(os.devnull, "w")
    signal.signal(signal.SIGALRM, _endless)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the processes
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()


def _endless(number, frame):
    raise Stuck("%d s of real time without a call of the port" % _LONGEST_S)


# The whole -----------------------------------------------------------------------------------------------------------------


class Tally:
    """What has been found so far."""

    def __init__(self):
        self.cases = collections.Counter()  # (scene, kind) -> cases
        self.bad = collections.Counter()  # (scene, kind) -> cases with a violation
        self.usual = []  # violations without any fault
        self.excused = 0
        self.rules = collections.Counter()
        self.examples = collections.defaultdict(list)  # (rule, scene, kind) -> [(case, text)]

    def add(self, where, usual, kinds, found):
        """What `_work` has returned."""
        self.usual += ["%s: %s" % ("/".join(where), each) for each in usual]
        for kind, count in kinds.items():
            self.cases[where[0], kind] += count
        for name, violations, excused in found:
            self.excused += excused
            kind = _kind(Case.parse(name))
            self.bad[where[0], kind] += bool(violations)
            for rule, text in violations:
                self.rules[rule] += 1
                self.examples[rule, where[0], kind].append((name, text))

    def _cell(self, scene=None, kind=None):
        def total(counts):
            return sum(n for (s, k), n in counts.items() if scene in (None, s) and kind in (None, k))

        bad, cases = total(self.bad), total(self.cases)
        return "%d/%d" % (bad, cases) if bad else str(cases)

    def table(self):
        """Scene x fault: cases with violations/cases."""
        kinds = [kind for kind in KINDS if any(kind == each for _, each in self.cases)]
        rows = [["scene", *kinds, "all"], ["---"] * (len(kinds) + 2)]
        for scene in [scene for scene in SCENES if any(scene == each for each, _ in self.cases)]:
            rows.append([scene, *(self._cell(scene, kind) for kind in kinds), self._cell(scene)])
        rows.append(["all", *(self._cell(None, kind) for kind in kinds), self._cell()])
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def show(self, most):
        """Print what is wrong, and the table."""
        for each in sorted(self.usual):
            print("without any fault: " + each)
        for (rule, scene, kind), examples in sorted(self.examples.items()):
            print("(%s) %s, %s: %d" % (rule, scene, kind, len(examples)))
            for name, text in sorted(examples)[:most]:
                print("    %s: %s" % (name, text))
        print("\n" + self.table())


def _jobs(pool, options):
    """What the processes are to do."""
    kinds = tuple(options.fault or ())
    where = list(places(options.scene, options.model, options.flavour))
    limit = PAIR_CASES if options.pairs else QUICK_CASES if options.quick else None
    limit = options.sample or limit
    if limit:
        each = max(1, limit // max(1, len(where)))
        return [(place, kinds, PAIRS if options.pairs else SAMPLE, options.seed, 0, each) for place in where]
    counts = pool.map(_count, [(place, kinds) for place in where], 1)
    parts = [(place, at) for place, count in zip(where, counts) for at in range(0, max(1, count), _CHUNK)]
    return [(place, kinds, ALL, "", at, at + _CHUNK) for place, at in parts]


def _stop(number, frame):
    raise KeyboardInterrupt


def sweep(options):
    """Run what the options ask for; whether all is well. Ctrl-C and SIGTERM end it early: what was found so far is shown."""
    begun = time.perf_counter()
    tally = Tally()
    signal.signal(signal.SIGTERM, _stop)
    try:
        _run(options, tally)
        whole = True
    except KeyboardInterrupt:
        whole = False
    seconds = time.perf_counter() - begun
    tally.show(options.show)
    cases, bad = sum(tally.cases.values()), sum(tally.bad.values())
    words = "" if whole else "stopped: ", cases, seconds, 60 * cases / seconds, bad, tally.excused
    print("%s%d cases in %.0f s (%.0f a minute); %d with violations; %d violations excused" % words)
    print("violations by rule: " + (", ".join("(%s) %d" % pair for pair in sorted(tally.rules.items())) or "none"))
    return whole and not bad and not tally.usual


def _run(options, tally):
    shown = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(options.jobs, _quiet) as pool:
        jobs = _jobs(pool, options)
        for number, result in enumerate(pool.imap_unordered(_work, jobs), 1):
            tally.add(*result)
            for name, violations, _ in result[3]:
                for violation in violations:
                    print("%s: (%s) %s" % (name, *violation), file=sys.stderr, flush=True)
            if time.perf_counter() - shown > _PROGRESS_S:
                shown = time.perf_counter()
                words = number, len(jobs), sum(tally.cases.values()), sum(tally.bad.values())
                print("%d of %d parts, %d cases, %d with violations" % words, file=sys.stderr, flush=True)


def replay(name, everything):
    """Run one case and print the dialogue around its fault; whether all is well."""
    sys.unraisablehook = lambda unraisable: None
    case = Case.parse(name)
    plan = Plan(case.scene, case.model, case.flavour)
    outcome = run(case, usual_s=plan.base.seconds, listing=True)
    struck = [index for index, _ in case.faults]
    for event in outcome.events:
        near = any(abs(event.index - index) <= _CONTEXT for index in struck)
        if everything or near or event.index >= len(outcome.events) - _CONTEXT:
            print(("=>" if event.index in struck else "  ") + str(event))
    for call in outcome.happened:
        print("   %-14s %9.3f s  %s" % call)
    kept, excused = plan.judge(case)
    for each in excused:
        print("excused: %s" % each)
    for each in kept:
        print("violation %s" % each)
    return not kept


def main(arguments=None):
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    names = " ".join(SCENES)
    add("--scene", action="append", choices=list(SCENES), metavar="NAME", help="only this scene (repeatable): " + names)
    add("--model", action="append", metavar="NAME", help="only this model (repeatable)")
    add("--flavour", choices=("sync", "async", "polled"), help="only Modem, AsyncModem, or AsyncModem on a port without poll")
    kinds = "only this kind (repeatable): " + " ".join(KINDS)
    add("--fault", action="append", choices=list(KINDS), metavar="KIND", help=kinds)
    add("--case", metavar="ID", help="run one case and print the dialogue around its fault")
    add("--all", action="store_true", help="with --case: the whole dialogue")
    add("--quick", action="store_true", help="a fixed sample of about %d cases" % QUICK_CASES)
    add("--sample", type=int, metavar="N", help="a fixed sample of about N cases, as many of each scene, model and flavour")
    add("--pairs", action="store_true", help="pairs of faults; a fixed sample of %d, or of --sample" % PAIR_CASES)
    add("--seed", default="", metavar="WORD", help="with --sample or --pairs: another sample than the usual one")
    add("--show", type=int, default=_SHOWN, metavar="N", help="cases printed per rule, scene and kind (default %d)" % _SHOWN)
    add("-j", "--jobs", type=int, default=os.cpu_count(), metavar="N", help="processes (default: one per core)")
    options = parser.parse_args(arguments)
    if options.case:
        return 0 if replay(options.case, options.all) else 1
    return 0 if sweep(options) else 1


if __name__ == "__main__":
    sys.exit(main())
