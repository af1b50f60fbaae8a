# CPython only: it tests the tools, which boards never see.
"""The instruments themselves: that they count right, and complain when there is something to complain about."""

import ast
import json
import pathlib
import subprocess
import sys
import tempfile

from modem import models
from tests.rigs.assertions import raises, skip
from tests.run import only_for
from tools import conformance, package, sizes, stubs
from tools import test as runner
from tools.vmodem import models as vmodem_models

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
        ("modem/compat.py", "modem/net/link.py"),
        ("modem/errors.py", "modem/sockets.py"),
        ("modem/__init__.py", "modem/compat.py"),
        ("modem/dialect.py", "modem/quectel/dialect.py"),
        ("modem/quectel/tcp.py", "modem/quectel/dialect.py"),
    ):
        assert order.index(first) < order.index(then), (first, then)


def test_an_install_past_a_budget_is_complained_about():
    for vendor, model in sizes.TCP_MODELS.items():
        name = "%s, one TCP socket (%s)" % (vendor, model)
        mpy, heap = map(int, sizes.BUDGETS[vendor].values())
        row = {"mpy": mpy, "retained": {"wasm": heap}, "peak": {"wasm": 10**6}}
        assert sizes.over_budget({"installs": {name: row}}) == []
        for figure, change in ((".mpy files", {"mpy": mpy + 1}), ("heap, 32-bit", {"retained": {"wasm": heap + 1}})):
            (complaint,) = sizes.over_budget({"installs": {name: row | change}})
            assert complaint.startswith("%s, one TCP socket: %s: " % (vendor, figure)), complaint
    assert sizes.over_budget({"installs": {"slice quectel": {"flash": sizes.FLASH_BUDGET}}}) == []
    assert len(sizes.over_budget({"installs": {"slice quectel": {"flash": sizes.FLASH_BUDGET + 1}}})) == 1
    assert sizes.over_budget({"installs": {"everything": {"mpy": 10**6, "retained": {"wasm": 10**6}, "flash": 10**6}}}) == []


def test_flash_counts_whole_blocks():
    with tempfile.TemporaryDirectory() as folder:
        names = package.files("supervisor")
        for name in names:
            path = (pathlib.Path(folder) / name).with_suffix(".mpy")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(package.BLOCK + 1))
        assert package.flash(pathlib.Path(folder), "supervisor") == 2 * package.BLOCK * len(names)


def test_the_virtual_modem_plays_every_model_of_the_driver():
    assert sorted(vmodem_models.MODELS) == sorted(model.name for model in models.MODELS)
    assert {model.lower() for _, model, _ in conformance.DOCUMENTS} <= {model.name for model in models.MODELS}


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


_OPERATIONS = '''
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tls import TlsContext
LIMIT = const(5)


class AsyncThing(Operations):
    """A thing."""

    def __init__(self, module, size):
        self.size: int = size

    async def act(self, tls: "TlsContext | None" = None, n: int = LIMIT) -> "AsyncThing":
        """Acts."""

    async def close(self) -> None:
        """Ends."""

    def inside(self):
        """For the library."""


class Thing(Blocking):
    """A blocking thing."""

    def poll(self) -> bool:
        """Polls."""


written_out(Thing, AsyncThing)
'''


def test_a_stub_has_both_flavours_of_an_operation():
    root = stubs.ROOT
    with tempfile.TemporaryDirectory() as folder:
        stubs.ROOT = pathlib.Path(folder)
        (stubs.ROOT / "modem").mkdir()
        (stubs.ROOT / "modem/thing.py").write_text(_OPERATIONS)
        (stubs.ROOT / "modem/tls.py").write_text("class TlsContext(Operations):\n    async def read(self) -> int: ...\n")
        try:
            _forget_sources()
            tree = ast.parse(stubs.generate("modem/thing.py"))
            (stubs.ROOT / "modem/thing.py").write_text(_OPERATIONS.replace("n: int = LIMIT", "n=5"))
            _forget_sources()
            with raises(ValueError, "act has a result with a type, but no type for n"):
                stubs.generate("modem/thing.py")
        finally:
            stubs.ROOT = root
            _forget_sources()
    found = {
        node.name: [ast.unparse(n).split("\n")[0] for n in node.body[1:]] for node in tree.body if isinstance(node, ast.ClassDef)
    }
    assert found == {
        "AsyncThing": [
            "size: int",
            "async def act(self, tls: TlsContext | None=None, n: int=5) -> AsyncThing:",
            "async def close(self) -> None:",
            "async def __aenter__(self) -> Self:",
            "async def __aexit__(self, *exc: object) -> None:",
        ],
        "Thing": [
            "size: int",
            "operations: AsyncThing",
            "def act(self, tls: BlockingTlsContext | None=None, n: int=5) -> Thing:",
            "def close(self) -> None:",
            "def poll(self) -> bool:",
            "def __enter__(self) -> Self:",
            "def __exit__(self, *exc: object) -> None:",
        ],
    }
    imported = {(node.module, node.names[0].name) for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert imported == {("modem.tls", "BlockingTlsContext"), ("modem.tls", "TlsContext"), ("typing", "Final"), ("typing", "Self")}


def _forget_sources():
    for function in (stubs._tree, stubs.operations, stubs.faces):
        function.cache_clear()


def test_stubs_are_what_the_sources_say():
    assert stubs.complaints() == []


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


def test_tools_when_started_by_a_python_outside_the_environment():
    outside = pathlib.Path(sys.base_prefix) / "bin" / "python3"
    if pathlib.Path(sys.prefix).resolve() != runner._setup.VENV.resolve() or not outside.exists():
        skip("it needs the Python that .venv was made with")
    for words in (["-m", "tools.console"], ["-m", "tools.gateway"], ["-m", "tools.vmodem"], ["tools/sweep.py"]):
        done = subprocess.run(
            [str(outside), *words, "--help"], cwd=runner._setup.ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and "Traceback" not in done.stderr, (words, done.stderr)


def test_every_tool_says_what_it_is_there_for():
    """The programs that a tool runs in processes of their own are not started by people."""
    root = runner._setup.ROOT
    tools = [
        p for p in sorted((root / "tools").glob("*.py")) if "__main__" in p.read_text() and not p.name.endswith("_program.py")
    ]
    assert len(tools) > 12
    for path in tools:
        done = subprocess.run(
            [sys.executable, str(path), "--help"], cwd=root, capture_output=True, text=True, check=False, timeout=60
        )
        doc = ast.get_docstring(ast.parse(path.read_text()))
        assert done.returncode == 0 and not done.stderr, (path.name, done.stderr)
        assert " ".join(doc.split("\n")[0].split()[:4]) in " ".join(done.stdout.split()), (path.name, done.stdout)
