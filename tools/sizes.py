"""What the library costs on a board, against its budgets: `python3 tools/sizes.py [--json FILE]`.

Per module: lines of code (without docstrings, comments and blank lines), lines of the longest function, bytes of the .mpy
file, and heap that stays in use after the import of the .mpy (what it imports in turn is counted there; the interpreter's
table of names grows in steps, which fall on whichever module comes next). Per install: the same for what a program loads
that runs start(), connect() and one TCP socket, for one vendor whole, and for everything.

Heap is measured on two builds of MicroPython: the WebAssembly one under Node is a 32-bit machine, as boards are, and the
budgets hold there; the unix one is a 64-bit machine. The program of the TCP install is tools/board_scene.py; its heap holds
the port's receive and transmit buffers (2048 + 256 bytes) too. "imported" is what the modules alone keep; "peak" the
most in use while they are imported, one after the other, when memory is collected between imports but not within one. The files
counted are all that were loaded on the way; the heap is what is left when the work of start() and connect() is let go
(modem/late.py). The .mpy files are compiled as tools/package.py does it for boards: without line numbers.
"smallest heap" is the smallest `-X heapsize` in which the unix build runs that program, without what the interpreter and
the scripted module take.

Targets are what was wanted at first; the table says by how much they are met or missed. Budgets are what must not be exceeded:
what was reached last, and 3 % (BUDGETS says why that is above a target). Lower them when the library gets smaller.

1 kB is 1024 bytes. The exit status is 1 when a budget is exceeded, 3 when something could not be measured here.
"""

import argparse
import ast
import json
import pathlib
import shutil
import subprocess
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import _setup, package

ROOT, LIB = _setup.ROOT, _setup.BUILD / "sizes"
KB = 1024
MAX_FILE_LINES, MAX_FUNCTION_LINES = 250, 60
FIGURES = (".mpy files", "heap, 32-bit", "peak heap, 32-bit")
TARGETS = (18 * KB, 36 * KB, 48 * KB)  # of one TCP socket, by FIGURES
# What was reached, and 3 %; in the order of FIGURES. Why the targets are not met, in bytes, for Quectel:
# - .mpy: of 29.5 kB, 15.5 are bytecode, 10 names (each file has its own table of them: the 530 different ones take 4.7 kB) and
#   3.6 constants. What a TCP client does not call is in other files (late.py), and constants of other modules are written out
#   (tools/fold.py). Half as much code would be half of the engine, of the deadlines and late answers, or of start() and connect()
#   with their waiting for SIM card and network.
# - heap: 35 kB of modules stay in use, ports included: 11 of bytecode, 9 of names, 13 for some 230 functions (about 60 bytes each
#   besides their code), the rest classes, tables, constants. 12 kB are the port's buffers, the rings, the objects of one socket.
#   Let go after use are start(), connect(), open and close, and parameters that are text; what is left runs while a module may
#   push data, and cannot be loaded then. The interpreter's table of names doubles at 620 of them, which costs 4.5 kB at once:
#   SIMCom's program brings 560.
# - peak: counts all modules, those that are let go too, because nothing is let go while they are imported one after the other.
BUDGETS = {"quectel": (31100, 49300, 48200), "simcom": (33100, 51900, 51500)}
TCP_MODELS = {"quectel": "ec600e", "simcom": "a76xx"}
PARTLY = 3  # exit status when nothing is over budget, but not everything could be measured
MISSING = {
    "wasm": "no Node or no WebAssembly build: the 32-bit heap WAS NOT MEASURED, and its budgets were not checked",
    "unix": "no MicroPython for this platform: the installs of one TCP socket WERE NOT MEASURED",
}

# Runs on the unix build: the same job as wasm_heap.mjs, with the same answer.
_UNIX_STEPS = """
import gc, json, sys
sys.path.insert(0, sys.argv[1])
with open(sys.argv[2]) as f:
    steps = json.load(f)
heap = []
for step in steps:
    gc.collect(); gc.disable()
    exec(step)
    before = gc.mem_alloc()
    gc.enable(); gc.collect()
    heap.append((before, gc.mem_alloc()))
print(json.dumps(heap))
"""


# --- lines


def code_lines(tree, source):
    """Numbers of the lines that hold code: not blank, not a comment, not a docstring."""
    doc = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            if isinstance(body[0].value.value, str):
                doc.update(range(body[0].lineno, body[0].end_lineno + 1))
    lines = enumerate(source.split("\n"), 1)
    return {i for i, line in lines if line.strip() and not line.strip().startswith("#") and i not in doc}


def measure_lines(path):
    """(lines of code of a file, lines of its longest function, that function's name)."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    lines = code_lines(tree, source)
    longest = (0, "")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            longest = max(longest, (len(lines & set(range(node.lineno, node.end_lineno + 1))), node.name))
    return len(lines), *longest


def line_problems():
    """Complaints about files and functions that are too long, and remarks about long files off the board."""
    problems, remarks = [], []
    for top in ("modem", "ports", "tools", "tests"):
        for path in sorted((ROOT / top).rglob("*.py")):
            lines, longest, name = measure_lines(path)
            shown = path.relative_to(ROOT).as_posix()
            if lines > MAX_FILE_LINES:
                where = problems if top in ("modem", "ports") else remarks
                where.append("%s has %d lines of code, %d are allowed" % (shown, lines, MAX_FILE_LINES))
            if longest > MAX_FUNCTION_LINES:
                problems.append("%s: %s has %d lines of code, %d are allowed" % (shown, name, longest, MAX_FUNCTION_LINES))
    return problems, remarks


# --- heap


def heap_of(steps):
    """Run the steps on both builds: {"unix": [...], "wasm": [...]}, a list of (before, after a collection) each.

    A build that is not there is missing.
    """
    found = {}
    job = LIB / "steps.json"  # a file, because MicroPython's arguments hold at most 255 characters
    job.write_text(json.dumps(steps))
    if _setup.have_micropython():
        found["unix"] = _answer([_setup.MICROPYTHON, "-c", _UNIX_STEPS, LIB, job])
    try:
        wasm = _setup.wasm_package()
    except _setup.SetupError:
        return found
    found["wasm"] = _answer(["node", ROOT / "tools" / "wasm_heap.mjs", wasm, LIB, job])
    return found


def _answer(command):
    return json.loads(_output(command).strip().rsplit("\n", 1)[-1])


def _output(command):
    done = subprocess.run([str(c) for c in command], cwd=LIB, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError("%s failed:\n%s%s" % (command[0], done.stdout, done.stderr))
    return done.stdout


def module_name(path):
    """ "modem/quectel/__init__.py" -> "modem.quectel"."""
    return path[:-3].replace("/", ".").removesuffix(".__init__")


def in_import_order(paths):
    """Sort files so that each comes after what it imports at module level, to charge every module for itself alone."""
    names = {module_name(p): p for p in paths}
    done = []

    def visit(name):
        path = names.get(name)
        if path is None or path in done:
            return
        parent = name.rpartition(".")[0]
        visit(parent)
        package_name = name if path.endswith("__init__.py") else parent
        for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                up = package_name.split(".")[: len(package_name.split(".")) - node.level + 1] if node.level else []
                base = ".".join([*up, *([node.module] if node.module else [])])
                for imported in (base, *(base + "." + a.name for a in node.names)):
                    if imported != name:
                        visit(imported)
        if path not in done:
            done.append(path)

    for name in names:
        visit(name)
    return done


def module_heap(paths):
    """Heap that each module keeps after its import: {build: {path: bytes}}."""
    steps = ["import gc, sys", *("import " + module_name(p) for p in paths)]
    heap = {}
    for build, rows in heap_of(steps).items():
        heap[build] = {path: rows[i + 1][1] - rows[i][1] for i, path in enumerate(paths)}
    return heap


# --- installs


def tcp_install(model):
    """Files that one TCP connection loads, and the heap it takes, by build, as `show` prints it."""
    scene = [
        "import board_scene",
        "import board_scene; uart = board_scene.UART(%r)" % model,
        "modem = board_scene.start(uart)",
        "socket = board_scene.connect(modem)",
    ]
    files = _loaded_files(scene)
    imports = ["import " + module_name(f) for f in in_import_order(files)]
    result = {"files": files, "imported": {}, "retained": {}, "peak": {}}
    for build, rows in heap_of(scene[:2] + imports + scene[2:]).items():
        base = rows[1][1]
        result["retained"][build] = rows[-1][1] - base
        result["peak"][build] = max(before for before, _ in rows[2:-2]) - base
        result["imported"][build] = rows[-3][1] - base
    return result


def _loaded_files(scene):
    keep = "import modem.late; modem.late.forget = lambda dialect: None"  # so that what is let go is counted too
    program = "\n".join(["import sys", "sys.path.insert(0, %r)" % str(LIB), keep, *scene, "print('\\n'.join(sys.modules))"])
    names = set(_output([_setup.MICROPYTHON, "-c", program]).split())
    return [f for f in package.files() if f.startswith("modem/") and module_name(f) in names]


def smallest_heap(model, suffix):
    """Smallest heap in bytes in which the unix build runs the TCP program, without what it needs before.

    `suffix`: ".mpy", or ".py" to have the board compile the library.
    """
    folder = LIB if suffix == ".mpy" else _sources()
    first = "import sys; sys.path.insert(0, %r)\nimport board_scene; uart = board_scene.UART(%r)\n" % (str(folder), model)

    def runs(program, heap):
        command = [_setup.MICROPYTHON, "-X", "heapsize=%d" % heap, "-c", program]
        return subprocess.run(command, cwd=LIB, capture_output=True, check=False).returncode == 0

    def search(program):
        low, high = 4 * KB, 1024 * KB
        while high - low > KB // 2:
            middle = (low + high) // 2
            low, high = (low, middle) if runs(program, middle) else (middle, high)
        return high

    return search(first + "socket = board_scene.connect(board_scene.start(uart))") - search(first)


def _sources():
    """A folder with the library as .py and the scene as .mpy."""
    folder = _setup.BUILD / "sizes-py"
    shutil.rmtree(folder, ignore_errors=True)
    for f in package.compiled_files():
        (folder / f).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / f, folder / f)
    shutil.copy(LIB / "board_scene.mpy", folder)
    return folder


def vendor_install(vendor):
    """Files of one vendor whole (None: all vendors)."""
    return [f for f in package.files(vendor) if f.startswith("modem/")]


# --- putting it together


def measure():
    """All figures as a dict, ready for JSON."""
    shutil.rmtree(LIB, ignore_errors=True)
    package.build_mpy(LIB)
    package.mpy_cross(ROOT / "tools" / "board_scene.py", LIB / "board_scene.mpy")
    paths = in_import_order([p for p in package.compiled_files() if not p.endswith(("machine_uart.py", "tty_uart.py"))])
    heap = module_heap(paths)
    modules = {}
    for path in package.compiled_files():
        lines, longest, _ = measure_lines(ROOT / path)
        modules[path] = {"lines": lines, "longest": longest, "mpy": (LIB / (path[:-3] + ".mpy")).stat().st_size}
        modules[path] |= {"heap_" + build: rows[path] for build, rows in heap.items() if path in rows}
    installs = {}
    for vendor, model in TCP_MODELS.items():
        if "unix" in heap and (ROOT / "modem/profiles" / (model + ".py")).exists():
            row = tcp_install(model)
            row["smallest_heap"] = {suffix: smallest_heap(model, suffix) for suffix in (".mpy", ".py")}
            installs["%s, one TCP socket (%s)" % (vendor, model)] = row
    for vendor in (*TCP_MODELS, None):
        if vendor is None or (ROOT / "modem" / vendor).is_dir():
            files = vendor_install(vendor)
            retained = {build: sum(rows[f] for f in files) for build, rows in heap.items()}
            installs["%s, whole" % (vendor or "all vendors")] = {"files": files, "retained": retained}
    for row in installs.values():
        row["mpy"] = sum(modules[f]["mpy"] for f in row["files"])
        row["lines"] = sum(modules[f]["lines"] for f in row["files"])
    return {"modules": modules, "installs": installs, "builds": sorted(heap)}


def tcp_figures(result):
    """(vendor, figure, bytes, target, budget) of the installs of one TCP socket; what was not measured is missing."""
    rows = []
    for vendor, model in TCP_MODELS.items():
        row = result["installs"].get("%s, one TCP socket (%s)" % (vendor, model))
        if row is not None:
            measured = (row["mpy"], row["retained"].get("wasm"), row["peak"].get("wasm"))
            rows += [(vendor, *figure) for figure in zip(FIGURES, measured, TARGETS, BUDGETS[vendor]) if figure[1] is not None]
    return rows


def over_budget(result):
    """Complaints about installs that exceed a budget."""
    rows = [row for row in tcp_figures(result) if row[2] > row[4]]
    return ["%s, one TCP socket: %s: %d bytes, %d are allowed" % (vendor, name, n, most) for vendor, name, n, _, most in rows]


def show(result):
    """Print the tables."""
    print("%-34s %6s %8s %7s %12s %12s" % ("module", "lines", "function", ".mpy", "heap 32-bit", "heap 64-bit"))
    for path, row in result["modules"].items():
        cells = [row.get("heap_wasm", "-"), row.get("heap_unix", "-")]
        print("%-34s %6d %8d %7d %12s %12s" % (path, row["lines"], row["longest"], row["mpy"], *cells))
    titles = ("install", "lines", ".mpy", "heap 32-bit", "heap 64-bit", "imported, 32", "peak, 32-bit", "smallest .mpy / .py, 64")
    print("\n%-34s %6s %7s %12s %12s %12s %12s %24s" % titles)
    for name, row in result["installs"].items():
        smallest = row.get("smallest_heap", {})
        cells = [row["retained"].get(build, "-") for build in ("wasm", "unix")]
        cells += [row.get(name, {}).get("wasm", "-") for name in ("imported", "peak")]
        last = "%s / %s" % (smallest.get(".mpy") or "-", smallest.get(".py") or "-") if smallest else ""
        print("%-34s %6d %7d %12s %12s %12s %12s %24s" % (name, row["lines"], row["mpy"], *cells, last))
    print("\n%-34s %9s %9s %16s %9s" % ("one TCP socket", "bytes", "target", "", "budget"))
    for vendor, name, n, target, budget in tcp_figures(result):
        verdict = "met" if n <= target else "missed by %d" % (n - target)
        print("%-34s %9d %9d %16s %9d" % (vendor + ": " + name, n, target, verdict, budget))


def main():
    """Command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="write the figures there as well")
    options = parser.parse_args()
    result = measure()
    show(result)
    problems, remarks = line_problems()
    problems += over_budget(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for remark in remarks:
        print("remark:", remark)
    missing = [build for build in MISSING if build not in result["builds"]]
    for build in missing:
        print("!! SKIPPED:", MISSING[build])
    for problem in problems:
        print("OVER BUDGET:", problem)
    return 1 if problems else PARTLY if missing else 0


if __name__ == "__main__":
    sys.exit(main())
