"""All tests on both Pythons, and the checks around them: `python3 tools/test.py [pytest arguments]`.

Needs Python 3.11+ and the package registries, nothing else: the rest is installed into .venv on first use. Without
arguments it runs lint, type checks, byte-compilation of every board file, pytest, the same tests on MicroPython, a sample of the
sweep, sizes against their budgets, and the conformance report; a test that checks items of the documents runs once more for each
of them, with a false value, and has to fail then. With arguments only the tests: pytest gets them as they are, MicroPython gets
the test files and folders among them, whole (`python3 tools/test.py tests/at/test_ring.py -k wrap`), or nothing where there are
none.

The exit status is 0 only if everything passed. What this platform cannot run is reported as SKIPPED, in the summary too.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

if __name__ == "__main__":
    import _setup

    _setup.enter(__doc__)

from tests.run import only_for
from tools import _setup, package

ROOT, BUILD = _setup.ROOT, _setup.BUILD
RECORDS = BUILD / "conformance.tsv"
ARCHITECTURES = ("armv6m", "xtensawin", "rv32imc")  # RP2040, ESP32, ESP32-C3: native code would differ between them
WORKERS = 2
SCENES = 4  # pytest processes: most of their time is spent waiting for a line as slow as a real one
AGAIN = 4  # failed tests that are run once more
FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
SMALL_HEAP = "768k"  # objects are twice a board's size: some 250 kB of a board, and the test's own data
FILE_TIMEOUT_S = 400
SKIPPED = "SKIPPED, in whole or in part"
FOR_BOARDS = "SKIPPED: the arguments name files for MicroPython only"
NO_FILE = "SKIPPED: it runs whole test files, and the arguments name none"


def run(command, **options):
    """Run a command in the project's folder with its output shown; return whether it succeeded."""
    return subprocess.run([str(c) for c in command], cwd=ROOT, check=False, **options).returncode == 0


def test_files(name="tests"):
    """The test file of this name, or those of a folder and of the folders in it."""
    path = ROOT / name
    return [path] if path.is_file() and path.suffix == ".py" else sorted(path.rglob("test_*.py"))


def lint():
    """ruff, with the configuration in pyproject.toml."""
    return run([sys.executable, "-m", "ruff", "check", "--quiet", "."])


def byte_compile():
    """Every file for MicroPython, as bytecode and for the architectures of the usual boards."""
    out = BUILD / "mpy-check"
    jobs = [(f, options) for f in package.compiled_files() for options in [(), *(("-march=" + a,) for a in ARCHITECTURES)]]

    def compile_one(job):
        f, options = job
        try:
            package.mpy_cross(ROOT / f, out / (f[:-3] + "".join(options) + ".mpy"), *options, name=f)
        except subprocess.CalledProcessError as e:
            return "%s %s: %s" % (f, " ".join(options), e.stderr.strip())
        return None

    with ThreadPoolExecutor(WORKERS) as pool:
        failures = [e for e in pool.map(compile_one, jobs) if e]
    for failure in failures:
        print(failure)
    print("%d compilations, %d failed" % (len(jobs), len(failures)))
    return not failures


def pytest(arguments=(), falsify=False):
    """The tests on CPython, in several processes unless there are arguments.

    Scenes run in real time: on a machine that is busy with something else one of them may miss its time. So a few that failed are
    run once more, one at a time; what fails then has failed, and what passes then is shown in the summary.
    """
    command = [sys.executable, "-m", "pytest"]
    environment = _test_environment(falsify)
    if arguments:
        return run([*command, *arguments], env=environment)
    command.append("-q")
    FAILED.unlink(missing_ok=True)
    if run([*command, "-n", str(SCENES), "--dist", "worksteal"], env=environment):
        return True
    failed = sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []
    if not 0 < len(failed) <= AGAIN:
        return False
    print("\n!! %d failed, and run once more, one at a time:\n%s" % (len(failed), "\n".join(failed)), flush=True)
    if not run([*command, *failed], env=environment):
        return False
    return "passed, but only when run once more: " + " ".join(failed)


def micropython(files=None, falsify=False):
    """The tests on MicroPython, each file in a process of its own: the sources, then .mpy files with a small heap.

    `falsify`: the checks of the files that run nowhere else.
    """
    if not _setup.have_micropython():
        print("!" * 78)
        print("!! No MicroPython build for this platform: HALF OF THE TESTS WERE NOT RUN.")
        print("!" * 78)
        return SKIPPED
    library = BUILD / "mpy"
    package.build_mpy(library)
    jobs = []
    for f in files or test_files():
        only = only_for(str(f))
        if only != "CPython":
            environment = _test_environment(falsify and only == "MicroPython")
            jobs.append((f, "sources", [], [], environment))
            jobs.append((f, ".mpy, small heap", ["-X", "heapsize=" + _heap(f)], ["--lib", library], environment))
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(_run_on_micropython, jobs))
    print("%d runs of %d files, %d failed" % (len(results), len(results) // 2, results.count(False)))
    return all(results)


def _run_on_micropython(job):
    path, kind, interpreter_options, options, environment = job
    name = os.path.relpath(path, ROOT)
    command = [_setup.MICROPYTHON, *interpreter_options, "tests/run.py", *options, name]
    try:
        done = subprocess.run(
            [str(c) for c in command], cwd=ROOT, env=environment, timeout=FILE_TIMEOUT_S, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        ok, output = done.returncode == 0, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        ok, output = False, (e.stdout or b"").decode(errors="replace") + "no end after %d s" % FILE_TIMEOUT_S
    last = output.strip().rsplit("\n", 1)[-1]
    print("%-48s %-17s %s" % (name, kind, last) if ok else "FAILED %s (%s)\n%s" % (name, kind, output), flush=True)
    return ok


def _heap(path):
    """A file that needs more than the small heap says so in its first lines: `# Heap: 1M <reason>.`"""
    with open(path) as f:
        for line in f.read(600).split("\n"):
            if line.startswith("# Heap: "):
                return line.split()[2]
    return SMALL_HEAP


def _test_environment(falsify):
    """For the tests: hundreds of processes start, and none should have to compile again what it imports."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if falsify:
        environment["CONFORMANCE_FALSIFY"] = "all"
    return environment


def record_checks():
    """Have the tests that run from here on leave behind which checklist items they check."""
    BUILD.mkdir(exist_ok=True)
    RECORDS.unlink(missing_ok=True)
    os.environ["CONFORMANCE_RECORD"] = str(RECORDS)


def tool(name, *arguments):
    """A step that is another tool of this folder; exit status 3 means that part of it cannot be done on this platform."""

    def step():
        status = subprocess.run([sys.executable, "tools/" + name, *arguments], cwd=ROOT, check=False).returncode
        return SKIPPED if status == 3 else status == 0

    return step


def sweep():
    """The fixed sample of the sweep; the line with its figures is shown in the summary."""
    command = [sys.executable, "tools/sweep.py", "--quick", "-j", str(WORKERS)]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    figures = [line for line in done.stdout.splitlines() if " a minute); " in line]
    return done.returncode == 0 and "passed: " + figures[-1]


def main(arguments):
    """Run the steps, print a summary, and return the exit status."""
    if arguments:
        files = [f for a in arguments if not a.startswith("-") for f in test_files(a.split("::")[0])]
        named = [a for a in arguments if not (ROOT / a).is_file() or only_for(str(ROOT / a)) != "MicroPython"]
        for_boards = len(named) < len(arguments) and not [a for a in named if not a.startswith("-")]
        steps = [
            ("tests on CPython", (lambda: FOR_BOARDS) if for_boards else lambda: pytest(named)),
            ("tests on MicroPython", (lambda: micropython(files)) if files else lambda: NO_FILE),
        ]
    else:
        record_checks()
        steps = [
            ("lint", lint),
            ("types", tool("typecheck.py")),
            ("byte-compilation", byte_compile),
            ("tests on CPython", lambda: pytest(falsify=True)),
            ("tests on MicroPython", lambda: micropython(falsify=True)),
            ("sweep", sweep),
            ("sizes", tool("sizes.py")),
            ("conformance", tool("conformance.py", "--records", str(RECORDS), "--falsify")),
        ]
    results = []
    for name, step in steps:
        print("\n== %s" % name, flush=True)
        start = time.monotonic()
        outcome = step()
        results.append(
            (name, outcome if isinstance(outcome, str) else "passed" if outcome else "FAILED", time.monotonic() - start)
        )
    print("\n== summary")
    for name, outcome, seconds in results:
        print("%-24s %6.1f s  %s" % (name, seconds, outcome))
    return 1 if any(outcome == "FAILED" for _, outcome, _ in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
