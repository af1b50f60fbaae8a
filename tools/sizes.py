"""What the library costs on a board, against its budgets: `python3 tools/sizes.py [--json FILE]`.

Per module: lines of code (without docstrings, comments and blank lines), lines of the longest function, bytes of the .mpy
file, and heap that stays in use after the import of the .mpy (modules that it imports are counted there only if no module before
it has imported them; the interpreter's table of names grows in steps, and each step counts for the module that causes it).

Per install: the same for what a program loads that runs start(), connect() and one TCP socket, for each slice of
tools/package.py, and for everything. Of the program with one TCP socket, ".mpy" counts every module that it loads; ".mpy that
stays" leaves out those that the library unloads after start() and connect() (compat.unload), and so does the heap.

Heap is measured on two builds of MicroPython: the WebAssembly one under Node is a 32-bit machine, as boards are, and the
budgets are checked there; the unix one is a 64-bit machine. The program is tools/board_scene.py; its heap includes
the port's receive and transmit buffers (2048 + 256 bytes). "imported" is what the modules alone keep; "peak" the
most in use while they are imported, one after the other, when memory is collected between imports but not during one.
"smallest heap" is the smallest `-X heapsize` in which the unix build runs that program, without what the interpreter and
the scripted module take. The .mpy files are compiled as tools/package.py does it for boards: without line numbers. "flash" counts
whole blocks of 4096 bytes for each .mpy file.

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

from tools import _setup, fold, package

ROOT, LIB = _setup.ROOT, _setup.BUILD / "sizes"
KB = 1024
MAX_FILE_LINES, MAX_FUNCTION_LINES, FEW_LINES = 400, 60, 25
# Of one TCP socket, each vendor. The targets are what a 264 kB board should have left for its program; the budgets are what has
# been reached, 3 percent above today's figures: nothing may grow unseen while the way to the targets is open.
TARGETS = {".mpy files": 31 * KB, "heap, 32-bit": 58 * KB}
BUDGETS = {
    "quectel": {".mpy files": 45 * KB, "heap, 32-bit": 75 * KB},
    "simcom": {".mpy files": 50.5 * KB, "heap, 32-bit": 81 * KB},
}
FLASH_TARGET = 250 * KB  # of the slice that drives Quectel modules, as .mpy files
FLASH_BUDGET = FLASH_TARGET
TCP_MODELS = {"quectel": "ec600e", "simcom": "a76xx"}
PARTLY = 3  # exit status when nothing is over budget, but not everything could be measured
MISSING = {
    "wasm": "no Node or no WebAssembly build: the 32-bit heap WAS NOT MEASURED, and its budgets were not checked",
    "unix": "no MicroPython for this platform: the programs with one TCP socket WERE NOT MEASURED",
}

# A collection keeps what a number that looks like an address seems to point to; which one does, depends on where things lie. One
# unloaded module kept in this way is 5 to 10 kB. So the job is run with some memory taken first, and the best run counts.
SHIFTS = (0, 16, 400, 1600)

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


def source_of(path):
    """The source of a file that is compiled for boards: of those that tools/fold.py makes, too."""
    return fold.rare_files().get(path) or (ROOT / path).read_text(encoding="utf-8")


def measure_lines(path):
    """(lines of code of a file, lines of its longest function, that function's name)."""
    return lines_of(path.read_text(encoding="utf-8"))


def lines_of(source):
    """measure_lines() of a source."""
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
    runs = [_answer(["node", ROOT / "tools" / "wasm_heap.mjs", wasm, LIB, job, shift]) for shift in SHIFTS]
    found["wasm"] = min(runs, key=lambda rows: rows[-1][1] - rows[0][1])
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
        for node in ast.parse(source_of(path)).body:
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
    """Files that one TCP connection loads, those that stay loaded, and the heap it takes, by build, as `show` prints it."""
    scene = [
        "import board_scene",
        "import board_scene; uart = board_scene.UART(%r)" % model,
        "modem = board_scene.start(uart)",
        "socket = board_scene.connect(modem)",
    ]
    files = _loaded_files([NO_UNLOAD, *scene])
    imports = ["import " + module_name(f) for f in in_import_order(files)]
    result = {"files": files, "stays": _loaded_files(scene), "imported": {}, "retained": {}, "peak": {}}
    for build, rows in heap_of(scene).items():
        result["retained"][build] = rows[-1][1] - rows[1][1]
    for build, rows in heap_of(scene[:2] + imports).items():
        base = rows[1][1]
        result["peak"][build] = max(before for before, _ in rows[2:]) - base
        result["imported"][build] = rows[-1][1] - base
    return result


NO_UNLOAD = "import modem.compat; modem.compat.unload = lambda *names: None"  # before modem.py takes it from there


def _loaded_files(scene):
    program = "\n".join(["import sys", "sys.path.insert(0, %r)" % str(LIB), *scene, "print('\\n'.join(sys.modules))"])
    names = set(_output([_setup.MICROPYTHON, "-c", program]).split())
    return [f for f in package.as_compiled(package.files()) if f.startswith("modem/") and module_name(f) in names]


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


# --- putting it together


def measure():
    """All figures as a dict, ready for JSON."""
    shutil.rmtree(LIB, ignore_errors=True)
    package.build_mpy(LIB)
    package.mpy_cross(ROOT / "tools" / "board_scene.py", LIB / "board_scene.mpy")
    compiled = [*package.as_compiled(package.files()), *package.UNIX_PORTS]
    paths = in_import_order([p for p in compiled if not p.endswith(("machine_uart.py", "tty_uart.py"))])
    heap = module_heap(paths)
    modules = {}
    for path in compiled:
        lines, longest, _ = lines_of(source_of(path))
        modules[path] = {"lines": lines, "longest": longest, "mpy": (LIB / (path[:-3] + ".mpy")).stat().st_size}
        modules[path] |= {"heap_" + build: rows[path] for build, rows in heap.items() if path in rows}
    installs = {}
    for vendor, model in TCP_MODELS.items():
        if "unix" in heap:
            row = tcp_install(model)
            row["smallest_heap"] = {suffix: smallest_heap(model, suffix) for suffix in (".mpy", ".py")}
            row["mpy_stays"] = sum(modules[f]["mpy"] for f in row["stays"])
            installs["%s, one TCP socket (%s)" % (vendor, model)] = row
    for part in (*package.SLICES, None):
        files = package.as_compiled(package.files(part))
        retained = {build: sum(rows.get(f, 0) for f in files) for build, rows in heap.items()}
        flash = package.flash(LIB, part)
        installs["slice " + part if part else "everything"] = {"files": files, "retained": retained, "flash": flash}
    for row in installs.values():
        row["mpy"] = sum(modules[f]["mpy"] for f in row["files"])
        row["lines"] = sum(modules[f]["lines"] for f in row["files"])
    return {"modules": modules, "installs": installs, "builds": sorted(heap)}


def figures(result):
    """(name, bytes, budget, target) of everything that has a budget; what was not measured is missing."""
    rows = []
    for vendor, model in TCP_MODELS.items():
        row = result["installs"].get("%s, one TCP socket (%s)" % (vendor, model))
        if row is not None:
            measured = (row["mpy"], row["retained"].get("wasm"))
            named = zip(TARGETS, measured, BUDGETS[vendor].values(), TARGETS.values())
            rows += [("%s, one TCP socket: %s" % (vendor, name), n, most, aim) for name, n, most, aim in named if n is not None]
    row = result["installs"].get("slice quectel")
    return rows + [("slice quectel: flash", row["flash"], FLASH_BUDGET, FLASH_TARGET)] if row else rows


def over_budget(result):
    """Complaints about figures that exceed a budget."""
    return ["%s: %d bytes, %d are allowed" % row[:3] for row in figures(result) if row[1] > row[2]]


def show(result):
    """Print the tables."""
    print("%-36s %6s %8s %7s %12s %12s" % ("module", "lines", "function", ".mpy", "heap 32-bit", "heap 64-bit"))
    for path, row in result["modules"].items():
        cells = [row.get("heap_wasm", "-"), row.get("heap_unix", "-")]
        print("%-36s %6d %8d %7d %12s %12s" % (path, row["lines"], row["longest"], row["mpy"], *cells))
    few = [path for path, row in result["modules"].items() if row["lines"] < FEW_LINES]
    print("%d files, %d of them with less than %d lines of code" % (len(result["modules"]), len(few), FEW_LINES))
    titles = ("install", "files", "lines", ".mpy", ".mpy that stays", "flash", "heap 32-bit", "heap 64-bit", "imported", "peak")
    print("\n%-34s %6s %6s %7s %16s %8s %12s %12s %12s %9s" % titles)
    for name, row in result["installs"].items():
        cells = [row.get("mpy_stays", "-"), row.get("flash", "-"), *(row["retained"].get(b, "-") for b in ("wasm", "unix"))]
        cells += [row.get(part, {}).get("wasm", "-") for part in ("imported", "peak")]
        print("%-34s %6d %6d %7d %16s %8s %12s %12s %12s %9s" % (name, len(row["files"]), row["lines"], row["mpy"], *cells))
    for name, row in result["installs"].items():
        for suffix, n in row.get("smallest_heap", {}).items():
            print("%s: smallest heap with %s files, 64-bit: %d" % (name, suffix, n))
    print("\n%-44s %9s %9s %9s" % ("", "bytes", "budget", "target"))
    for row in figures(result):
        print("%-44s %9d %9d %9d" % row + (" MISSED" if row[1] > row[3] else ""))


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
