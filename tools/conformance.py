"""What the tests prove of the vendors' documents: `python3 tools/conformance.py [--falsify] [--open]`.

The checklists in tests/conformance/ restate the documents as numbered items. A test that proves one calls
`check("Q-154", got, want)`; this tool runs those tests on both Pythons and prints, per document and model, how many items
were checked out of all, for the driver and for the virtual modem, and the items left out with their reasons.

It fails on an unknown number, on an item both checked and left out, and on a check that cannot fail: one whose `got` is a
constant or the same expression as `want`.

`--falsify` runs every test once more for each item that it checks, with `got` of that one item replaced by a value that
equals nothing, and demands that the test fails each time. That catches what reading cannot: an assertion that is swallowed
on its way (by a task, a thread, an `except`), a `want` that equals everything, a check in a process of its own.
"""

import argparse
import ast
import collections
import json
import pathlib
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import test as runner

FOLDER = runner.ROOT / "tests" / "conformance"
DOCUMENTS = (
    ("quectel", "EC600E", "TCP-E  EC600E-CN & EC800E-CN TCP/IP Application Guide 1.0"),
    ("quectel", "EC200U", "SSL-U  EC200U & EG915U SSL Application Note 1.1"),
    ("quectel", "BG96", "SSL-B  BG96 SSL AT Commands Manual"),
    ("simcom", "SIM7100", "D1     SIM7100 AT Command Set for Internet Service 0.01"),
    ("simcom", "A76XX", "D2     A76XX TCPIP Application Note 1.04"),
)
SIDES = {"D": "driver", "S": "virtual modem"}


def items(vendor):
    """The checklist of a vendor: a list of dicts as the file has them."""
    with open(FOLDER / (vendor + ".jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def obligations(rows):
    """The (id, side) pairs that a list of items asks for: an item that concerns both sides counts twice."""
    return {(row["id"], side) for row in rows for side in row["side"]}


def read_records(path):
    """Lines of the record file as (item, side, runtime, test)."""
    if not path.exists():
        return []
    return [tuple(line.split("\t")) for line in path.read_text().splitlines()]


def test_files():
    """Test files that check items."""
    found = [f for f in runner.test_files() if f.parent != FOLDER]  # there: the tests of `check` itself
    return [f for f in found if "tests.conformance import" in f.read_text(encoding="utf-8")]


def checks_that_cannot_fail(path):
    """Complaints about `check` calls in one file whose outcome does not depend on the program."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check" and len(node.args) >= 3:
            _, got, want = node.args[:3]
            if isinstance(got, ast.Constant) or ast.dump(got) == ast.dump(want):
                found.append("%s:%d: this check cannot fail" % (path, node.lineno))
    return found


def run_tests(files, falsify):
    """Run the files on both Pythons, leaving the records behind; return whether all passed."""
    runner.record_checks()
    names = [str(f.relative_to(runner.ROOT)) for f in files]
    on_cpython = [n for n in names if runner.only_for(n) != "MicroPython"]
    ok = not on_cpython or runner.pytest(["-q", "-n", str(runner.WORKERS), *on_cpython], falsify)
    on_micropython = [n for n in names if runner.only_for(n) == "MicroPython"] if falsify else names
    if on_micropython:
        ok = bool(runner.micropython(on_micropython, falsify)) and ok
    return ok


def not_falsified(records):
    """Complaints about items that passed in some test but were never given a false value there."""
    falsified = {(item, test) for item, side, _, test in records if side == "falsified"}
    return ["%s in %s: the false value never reached this check" % (item, test)
            for item, test in sorted({(r[0], r[3]) for r in records if r[1] != "falsified"} - falsified)]  # fmt: skip


def summarise(records, left_out):
    """Match records with the checklists; return (rows of the table, complaints, open obligations)."""
    sides_of = {row["id"]: row["side"] for vendor in ("quectel", "simcom") for row in items(vendor)}
    checked, problems = set(), []
    for item, side, _, test in records:
        if item not in sides_of:
            problems.append("%s in %s: no such item" % (item, test))
        elif side != "falsified":
            checked.add((item, side if side in sides_of[item] else sides_of[item]))
    problems += ["left_out.json: %s: no such item" % item for item in left_out if item not in sides_of]
    problems += ["%s is left out, but a test checks it" % item for item in left_out if item in {i for i, _ in checked}]
    table, missing = [], set()
    for vendor, model, document in DOCUMENTS:
        wanted = obligations(row for row in items(vendor) if model in row["models"] or "ALL" in row["models"])
        count = collections.Counter()
        for item, side in wanted:
            done = (item, side) in checked
            count["all", side] += 1
            count["checked", side] += done
            count["left", side] += item in left_out
            if not done and item not in left_out:
                missing.add((item, side))
        table.append((document, model, count))
    return table, sorted(set(problems)), missing


def show(table, left_out, missing, list_open):
    """Print the table and the lists."""
    print("%-62s %-8s %16s %16s" % ("items checked by a test that ran / all", "model", *SIDES.values()))
    for document, model, count in table:
        cells = ["%d/%d%s" % (count["checked", s], count["all", s], _left(count["left", s])) for s in SIDES]
        print("%-62s %-8s %16s %16s" % (document, model, *cells))
    print("left out: %d items" % len(left_out))
    for item, reason in sorted(left_out.items()):
        print("  %s  %s" % (item, reason))
    print("open: %d (an item that concerns both sides counts twice)" % len(missing))
    if list_open:
        texts = {row["id"]: row["text"] for vendor in ("quectel", "simcom") for row in items(vendor)}
        for item, side in sorted(missing):
            print("  %s %-13s %s" % (item, SIDES[side], texts[item]))


def _left(count):
    return " (%d out)" % count if count else ""


def main():
    """Command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--falsify", action="store_true", help="demand that each test fails when its item is falsified")
    parser.add_argument("--open", action="store_true", help="list the items that nothing checks and nobody left out")
    parser.add_argument("--quiet", action="store_true", help="print complaints only")
    parser.add_argument("--records", type=pathlib.Path, help="report on the records of a test run instead of running the tests")
    options = parser.parse_args()
    left_out = json.loads((FOLDER / "left_out.json").read_text(encoding="utf-8"))
    files = test_files()
    problems = [complaint for f in files for complaint in checks_that_cannot_fail(f)]
    if not options.records and not run_tests(files, options.falsify):
        problems.append("tests failed")
    records = read_records(options.records or runner.RECORDS)
    table, found, missing = summarise(records, left_out)
    problems += found
    if not options.quiet:
        show(table, left_out, missing, options.open)
    if options.falsify:
        problems += not_falsified(records)
        print("falsified: %d checks" % sum(side == "falsified" for _, side, _, _ in records))
    for problem in problems:
        print("ERROR:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
