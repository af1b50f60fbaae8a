"""What each way to install the library costs: `python3 tools/install_costs.py [--micropython FILE] [--frozen FILE]`.

The ways are .py files, .mpy files, a ROMFS image of the .mpy files, and the library frozen into the firmware. The program is that
of tools/sizes.py, tools/board_scene.py: start(), connect() and one TCP socket, from the slice that drives Quectel modules.

    flash       bytes in flash: whole blocks of 4096 for files, the image's size; of frozen code, what the interpreter is longer
    heap        bytes in use when the socket is open, without what was in use before, and without the image
    smallest    smallest heap in which the program runs, without what the interpreter and the scripted module take
    import      ms for the import of all modules that the program loads, on this computer: the shortest of several runs. Only the
                ratio says something about a board

ROMFS is mounted from memory here; a board has the image in flash. `--micropython` is the interpreter to measure with, by default
the 64-bit one in .venv. `--frozen` is the same one with the library frozen into it, without which that row is missing.
tools/README.md says how to build both.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import _setup, package, sizes

KB = 1024
VENDOR, RUNS = "quectel", 7
WORK = _setup.BUILD / "install-costs"
SCENE = "scene"  # a folder with tools/board_scene.py alone
IMAGE = "library.romfs"
_START = """
import sys
sys.path[:] = [%(path)r, ".frozen", %(scene)r]
if %(path)r == "/rom":
    import os, vfs
    image = bytearray(os.stat(%(image)r)[6])
    with open(%(image)r, "rb") as f:
        f.readinto(image)
    vfs.mount(vfs.VfsRom(image), "/rom")
import gc, board_scene, json, time, asyncio
uart = board_scene.UART(%(model)r)
gc.collect()
before = gc.mem_alloc()
"""
_HEAP = """
socket = board_scene.connect(board_scene.start(uart))
gc.collect()
print(gc.mem_alloc() - before)
"""
_IMPORT = """
start = time.ticks_us()
for name in %r:
    __import__(name)
print(time.ticks_diff(time.ticks_us(), start))
"""


def run(interpreter, program, heap=4 * 1024 * KB):
    """Run a program in a heap of so many bytes; what it prints as a number, None when it fails."""
    command = [str(interpreter), "-X", "heapsize=%d" % heap, "-c", program]
    done = subprocess.run(command, cwd=WORK, capture_output=True, text=True, check=False, timeout=120)
    return int(done.stdout or 0) if done.returncode == 0 else None


def smallest_heap(interpreter, program):
    """Smallest heap in bytes in which a program runs, to half a kB."""
    low, high = 4 * KB, 2048 * KB
    while high - low > KB // 2:
        middle = (low + high) // 2
        low, high = (middle, high) if run(interpreter, program, middle) is None else (low, middle)
    return high


def prepare():
    """Lay the library out in each way; {way: (entry of the import path, bytes of flash)}."""
    shutil.rmtree(WORK, ignore_errors=True)
    built = WORK / "mpy"
    package.build_mpy(built)
    package.mpy_cross(_setup.ROOT / "tools" / "board_scene.py", WORK / SCENE / "board_scene.mpy")
    blocks = 0
    for f in package.files_of([VENDOR]):
        path = WORK / "py" / f
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_setup.ROOT / f, path)
        blocks += -(-path.stat().st_size // package.BLOCK) * package.BLOCK
    image = package.build_romfs(WORK / IMAGE, [VENDOR])
    return {".py files": ("py", blocks), ".mpy files": ("mpy", package.flash(built, VENDOR)), "ROMFS": ("/rom", image)}


def _start(path):
    return _START % {"path": path, "scene": SCENE, "image": IMAGE, "model": sizes.TCP_MODELS[VENDOR]}


def heap_of(interpreter, path):
    """Heap in bytes of the program with the library from `path`. RuntimeError: it does not run."""
    heap = run(interpreter, _start(path) + _HEAP)
    if heap is None:
        raise RuntimeError("the program does not run from %s" % path)
    return heap


def measure(interpreter, path, loaded):
    """Figures of one way: heap, smallest heap, time of the imports."""
    heap, start = heap_of(interpreter, path), _start(path)
    smallest = smallest_heap(interpreter, start + _HEAP) - smallest_heap(interpreter, start)
    time_us = min(run(interpreter, start + _IMPORT % (loaded,)) for _ in range(RUNS))
    return {"heap": heap, "smallest": smallest, "import_ms": time_us / 1000}


def loaded_modules(interpreter):
    """Names of the modules that the program loads, each after what it imports."""
    program = _start("mpy") + sizes.NO_UNLOAD + _HEAP + "print(json.dumps(list(sys.modules)))"
    done = subprocess.run([str(interpreter), "-c", program], cwd=WORK, capture_output=True, text=True, check=True)
    names = set(json.loads(done.stdout.split("\n")[1]))
    return [sizes.module_name(f) for f in sizes.in_import_order([f for f in package.files() if sizes.module_name(f) in names])]


def main():
    """Command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--micropython", metavar="FILE", type=pathlib.Path, default=_setup.MICROPYTHON, help="unix build to measure with"
    )
    parser.add_argument("--frozen", metavar="FILE", type=pathlib.Path, help="the same build with the library frozen into it")
    options = parser.parse_args()
    if not options.micropython.exists():
        print("!! SKIPPED: no MicroPython for this platform")
        return sizes.PARTLY
    ways = prepare()
    loaded = loaded_modules(options.micropython)
    rows = {way: (options.micropython, path, flash) for way, (path, flash) in ways.items()}
    if options.frozen:
        rows["frozen"] = (options.frozen, ".frozen", options.frozen.stat().st_size - options.micropython.stat().st_size)
    print("%-12s %9s %9s %9s %10s" % ("way", "flash", "heap", "smallest", "import ms"))
    for way, (interpreter, path, flash) in rows.items():
        row = measure(interpreter, path, loaded)
        print("%-12s %9d %9d %9d %10.1f" % (way, flash, row["heap"], row["smallest"], row["import_ms"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
