# CPython only: it tests the tools, which boards never see.
"""The instruments themselves: that they count right, and complain when there is something to complain about."""

import ast
import json
import pathlib
import subprocess
import sys
import tempfile

from tests.rigs.assertions import raises
from tests.run import only_for
from tools import conformance, package, sizes, stubs
from tools import test as runner

_SOURCE = '''"""A docstring
of two lines."""

import os  # a comment behind code counts as code


# a comment alone does not
def long(a):
    """Nor does this."""
    b = """a string that is
    used counts"""
    return a, b


class Empty:
    """A class."""
'''


def test_lines_are_code_without_docstrings_comments_and_blank_lines():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.py"
        path.write_text(_SOURCE)
        assert sizes.measure_lines(path) == (6, 4, "long")


def test_modules_come_after_what_they_import():
    order = sizes.in_import_order([f for f in package.files() if f.startswith("modem/")])
    assert sorted(order) == sorted(f for f in package.files() if f.startswith("modem/"))
    for first, then in (
        ("modem/compat.py", "modem/ring.py"),
        ("modem/errors.py", "modem/sockets.py"),
        ("modem/__init__.py", "modem/compat.py"),
        ("modem/quectel/__init__.py", "modem/profiles/ec600e.py"),
        ("modem/profiles/ec600e.py", "modem/profiles/ec800e.py"),
    ):
        assert order.index(first) < order.index(then), (first, then)


def test_an_install_past_a_budget_is_complained_about():
    name = "quectel, one TCP socket (ec600e)"
    mpy, heap, peak = sizes.BUDGETS["quectel"]
    row = {"mpy": mpy, "retained": {"wasm": heap}, "peak": {"wasm": peak}}
    assert sizes.over_budget({"installs": {name: row}}) == []
    for figure, change in (
        (".mpy files", {"mpy": mpy + 1}),
        ("heap, 32-bit", {"retained": {"wasm": heap + 1}}),
        ("peak heap, 32-bit", {"peak": {"wasm": peak + 1}}),
    ):
        (complaint,) = sizes.over_budget({"installs": {name: row | change}})
        assert complaint.startswith("quectel, one TCP socket: %s: " % figure), complaint
    assert sizes.over_budget({"installs": {"quectel, whole": {"mpy": 10**6, "retained": {"wasm": 10**6}}}}) == []


def test_vendors_of_profiles_are_found_through_their_imports():
    assert package.vendor_of("modem/profiles/ec600e.py") == "quectel"
    assert package.vendor_of("modem/profiles/ec800e.py") == "quectel"
    assert package.vendor_of("modem/profiles/a76xx.py") == "simcom"


def test_checklists_are_complete_and_well_formed():
    for vendor, letter, count in (("quectel", "Q", 423), ("simcom", "S", 442)):
        rows = conformance.items(vendor)
        assert len(rows) == count and len({row["id"] for row in rows}) == count
        models = {model for v, model, _ in conformance.DOCUMENTS if v == vendor} | {"ALL"}
        for row in rows:
            assert list(row) == ["id", "topic", "models", "side", "mark", "text"], row
            assert row["id"][:2] == letter + "-" and row["side"] in ("D", "S", "DS") and set(row["models"]) <= models, row
            assert row["text"].endswith((".", "`")) and row["topic"], row


def test_records_are_counted_by_document_and_side():
    records = [
        ("Q-001", "D", "cpython", "tests/at/test_x.py::test_a"),
        ("Q-001", "D", "micropython", "tests/at/test_x.py::test_a"),
        ("Q-154", "D", "cpython", "tests/at/test_x.py::test_b"),  # an item of one side, checked in a test of the other
        ("S-029", "S", "cpython", "tests/vmodem/test_x.py::test_c"),  # an item of both sides
        ("S-030", "falsified", "cpython", "tests/vmodem/test_x.py::test_c"),
    ]
    table, problems, missing = conformance.summarise(records, {"Q-002": "reason"})
    counts = {document.split()[0]: count for document, _, count in table}
    assert problems == []
    assert (counts["TCP-E"]["checked", "D"], counts["TCP-E"]["checked", "S"], counts["TCP-E"]["left", "S"]) == (1, 1, 1)
    assert (counts["SSL-U"]["checked", "D"], counts["SSL-U"]["checked", "S"]) == (1, 0)
    assert (counts["D1"]["checked", "D"], counts["D1"]["checked", "S"]) == (0, 1)
    assert ("S-029", "D") in missing and ("S-029", "S") not in missing
    assert ("S-030", "S") in missing and ("Q-002", "S") not in missing and ("Q-001", "D") not in missing


def test_unknown_items_and_contradictions_are_complained_about():
    record = ("Q-777", "D", "cpython", "tests/at/test_x.py::test_a")
    assert conformance.summarise([record], {})[1] == ["Q-777 in tests/at/test_x.py::test_a: no such item"]
    assert conformance.summarise([], {"S-999": "reason"})[1] == ["left_out.json: S-999: no such item"]
    both = conformance.summarise([("Q-001", "D", "cpython", "t")], {"Q-001": "reason"})[1]
    assert both == ["Q-001 is left out, but a test checks it"]


def test_checks_that_cannot_fail_are_found_in_the_source():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.py"
        path.write_text('check("Q-001", f(), 1)\ncheck("Q-002", True, True)\ncheck("Q-003", a.b, a.b)\ncheck("Q-004", [], [])\n')
        found = conformance.checks_that_cannot_fail(path)
        assert [int(f.rsplit(":", 2)[1]) for f in found] == [2, 3, 4]
    assert [c for f in conformance.test_files() for c in conformance.checks_that_cannot_fail(f)] == []


def test_an_item_that_was_checked_out_of_sight_is_complained_about():
    seen = [("Q-001", "D", "cpython", "t"), ("Q-001", "falsified", "cpython", "t"), ("Q-002", "D", "cpython", "t")]
    assert conformance.not_falsified(seen) == ["Q-002 in t: the false value never reached this check"]


def test_the_head_of_a_test_file_says_where_it_runs_and_how_much_heap_it_gets():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "test_x.py"
        for head, python, heap in (
            ("# CPython only: a reason.\n", "CPython", runner.SMALL_HEAP),
            ('"""Text."""\n# MicroPython only: a reason.\n', "MicroPython", runner.SMALL_HEAP),
            ('"""About CPython only: text."""\n', None, runner.SMALL_HEAP),
            ("# Heap: 1M for big tables.\nimport x\n", None, "1M"),
        ):
            path.write_text(head)
            assert (only_for(str(path)), runner._heap(path)) == (python, heap), head


def _run_on_micropython(text):
    """Run a test file of this text with tests/run.py; (exit status, last line, output)."""
    if not runner._setup.have_micropython():
        from tests.rigs.assertions import skip

        skip("no MicroPython for this platform")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "test_it.py"
        path.write_text(text)
        command = [str(runner._setup.MICROPYTHON), "tests/run.py", str(path)]
        done = subprocess.run(command, cwd=runner.ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout.strip().rsplit("\n", 1)[-1], done.stdout + done.stderr


def test_the_runner_for_micropython_counts_and_fails():
    head = "import asyncio\nclass Skip(Exception): pass\n"
    ok = "async def test_a():\n    await asyncio.sleep_ms(1)\ndef test_b(): pass\ndef test_c(): raise Skip('why')\n"
    assert _run_on_micropython(head + ok)[:2] == (0, "2 passed, 0 failed, 1 skipped")
    status, last, output = _run_on_micropython(head + ok + "async def test_d():\n    assert 1 == 2, 'one is not two'\n")
    assert (status, last) == (1, "2 passed, 1 failed, 1 skipped") and "one is not two" in output
    assert _run_on_micropython("x = 1\n")[:2] == (1, "0 passed, 1 failed, 0 skipped")
    assert _run_on_micropython("import nothing_of_this_name\n")[:2] == (1, "0 passed, 1 failed, 0 skipped")
    assert _run_on_micropython("# CPython only: a reason.\n")[:2] == (1, "0 passed, 0 failed, 0 skipped")


def test_stubs_of_both_flavours_have_the_same_names():
    def names(tree, name):
        (node,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
        return {n.name for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name[0] != "_"}

    aio = ast.parse((runner.ROOT / "modem" / "aio.pyi").read_text())
    for stub, name, new in stubs.CLASSES:
        own = {n.name for n in ast.parse(stubs.EXTRA.get(new, "")).body}
        assert names(aio, new) - own == names(stubs.parsed(stub), name) - set(stubs.LEFT_OUT), name


def test_the_test_command_says_no_when_a_test_fails():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "test_it.py"
        path.write_text("import sys\ndef test_a():\n    assert sys.implementation.name != 'micropython'\n")
        command = [sys.executable, "tools/test.py", str(path), "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=runner.ROOT, capture_output=True, text=True, timeout=300)
    lines = done.stdout.split("== summary\n")[1].strip().split("\n")
    outcomes = [line.split(" s  ")[1] for line in lines]
    if runner._setup.have_micropython():
        assert (done.returncode, outcomes) == (1, ["passed", "FAILED"]), done.stdout
    else:
        assert (done.returncode, outcomes) == (0, ["passed", runner.SKIPPED]), done.stdout


def test_left_out_items_have_reasons():
    left_out = json.loads((conformance.FOLDER / "left_out.json").read_text())
    for item, reason in left_out.items():
        assert len(reason) > 20, item


def test_what_a_registry_refuses_is_tried_again_after_a_pause():
    setup, calls = runner._setup, []
    before = setup._run, setup.time

    class Clock:
        @staticmethod
        def sleep(seconds):
            calls.append(seconds)

    def run(command, complaint):
        calls.append(command)
        if calls.count(command) < succeeds_at:
            raise setup.SetupError(complaint)

    setup._run, setup.time = run, Clock
    try:
        succeeds_at = 2
        setup._fetch("get it", "refused")
        assert calls == [0, "get it", 5, "get it"]
        calls.clear()
        succeeds_at = 9
        with raises(setup.SetupError, "refused"):
            setup._fetch("get it", "refused")
        assert calls.count("get it") == 3
    finally:
        setup._run, setup.time = before
