# CPython only: it runs mip, mpremote and pip in processes of their own.
"""What gets installed is what was written: package.json against the tree, and installs by the real tools, then used."""

import contextlib
import hashlib
import importlib.util
import json
import os
import pathlib
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import tty
import venv
import zipfile

from tests.rigs import installs
from tests.rigs.assertions import raises, skip
from tests.rigs.foreign_programs import packages
from tests.rigs.scene_runner import ROOT, data_server, micropython, vmodem
from tools import install_costs, package, structure

# Runs where nothing but the installed files is on the path.
_PROGRAM = """
import hashlib, sys
import modem
from modem import Modem
assert modem.__file__.startswith("lib/"), modem.__file__
from ports.tty_uart import TtyUart
device, port = sys.argv[1:]
m = Modem(TtyUart(device))
m.start()
m.connect("internet")
s = m.socket()
s.connect(("srv", int(port)))
s.sendall(b"GET 7 5000\\n")
digest, count = s.readline().split()
data = s.read(int(count))
s.close()
import binascii
assert binascii.hexlify(hashlib.sha256(data).digest()) == digest
print("GOT", len(data))
"""


def _read_manifests():
    return {path: json.loads((ROOT / path).read_text()) for path in package.manifests()}


def test_every_file_of_the_tree_is_in_package_json_and_the_other_way_round():
    listed = {dest for dest, _ in _read_manifests()["package.json"]["urls"]}
    tree = {p.relative_to(ROOT).as_posix() for top in ("modem", "ports") for p in (ROOT / top).rglob("*.py")}
    folders = {"modem/%s/__init__.py" % name for name in ("at", "net", "quectel", "simcom")}  # a docstring each
    off_board = {*package.CPYTHON_ONLY, *package.UNIX_PORTS, *folders, package.MANIFEST}
    assert listed - tree == set(), "package.json names files that do not exist: run tools/package.py"
    assert tree - listed == off_board, "files that package.json does not name: run tools/package.py"


def test_every_url_leads_to_the_file_it_installs():
    on_disk = {path.relative_to(ROOT).as_posix() for top in ("", "modem", "ports") for path in (ROOT / top).glob("package*.json")}
    assert on_disk == set(package.manifests())
    for path, manifest in _read_manifests().items():
        assert manifest["version"] == package.version(), path
        for dest, source in manifest["urls"]:  # mip joins the folder of the JSON file and the URL: no way up from there
            assert (ROOT / path).parent / source == ROOT / dest and ".." not in source, (path, source)


def test_slices_hold_what_they_are_named_for_and_are_everything_together():
    slices = {path: {dest for dest, _ in manifest["urls"]} for path, manifest in _read_manifests().items()}
    whole = slices.pop("package.json")
    assert set().union(*slices.values()) == whole, "files that no slice names"
    shared = {"modem/modem.py", "modem/net/link.py", "modem/models.py"}
    quectel, simcom = slices.pop("modem/package-quectel.json"), slices.pop("modem/package-simcom.json")
    assert shared <= quectel & simcom
    assert {f.split("/")[1] for f in quectel ^ simcom} == {"quectel", "simcom"}
    assert not [f for f in quectel if f.startswith("modem/simcom/")] and not [f for f in simcom if f.startswith("modem/quectel/")]
    for path, files in slices.items():  # of the rest, nothing is installed twice
        assert files and not files & (quectel | simcom), path
    assert all(f.startswith("modem/simcom/services/") for f in slices["modem/package-simcom-services.json"])


def test_a_slice_imports_what_it_has_or_what_only_another_feature_needs():
    """Imports at the top of a module are there with it; what is imported late may be in another slice."""
    graph = {name: structure.at_import(name) for name in structure.module_paths()}
    off_board = {f[:-3].replace("/", ".") for f in package.CPYTHON_ONLY}
    graph = {name: below - off_board for name, below in graph.items() if name not in off_board}
    for vendor in package.VENDORS:
        names = {f[:-3].replace("/", ".").removesuffix(".__init__") for f in package.files(vendor)}
        assert [(name, below - names) for name, below in graph.items() if name in names and below - names] == []


def _fetch_with(folder, suffix, model):
    """Have an installed copy fetch 5000 bytes through the virtual modem."""
    installs.add_tty_port(folder, suffix)
    with data_server() as port, vmodem(model=model) as device:
        assert installs.run(folder, _PROGRAM, device, port) == "GOT 5000\n"


def test_what_mip_installs_from_a_server_opens_a_connection():
    if not micropython():
        skip("no MicroPython for this platform")
    for path in package.manifests():
        with tempfile.TemporaryDirectory() as folder, installs.served(ROOT) as (url, missing):
            installs.mip_install(url + "/" + path, folder)
            assert not missing, missing
            dests = [dest for dest, _ in json.loads((ROOT / path).read_text())["urls"]]
            assert installs.installed(folder + "/lib") == {dest: (ROOT / dest).read_bytes() for dest in dests}, path
            if path in ("package.json", "modem/package-quectel.json", "modem/package-simcom.json"):
                installs.mip_install(url + "/ports/package.json", folder)
                _fetch_with(folder, ".py", "a76xx" if "simcom" in path else "ec600e")


def test_what_mip_installs_as_mpy_opens_a_connection():
    if not micropython():
        skip("no MicroPython for this platform")
    with tempfile.TemporaryDirectory() as built, tempfile.TemporaryDirectory() as folder:
        package.build_mpy(pathlib.Path(built))
        with installs.served(built) as (url, missing):
            installs.mip_install(url + "/modem/package-quectel.json", folder)
            installs.mip_install(url + "/ports/package.json", folder)
        assert not missing, missing
        names = set(installs.installed(folder + "/lib"))
        assert names == {f[:-3] + ".mpy" for f in package.as_compiled(package.files("quectel"))}
        _fetch_with(folder, ".mpy", "ec600e")


def _frozen(arguments="", mode="MODE_FREEZE"):
    """What MicroPython's own manifest tool makes of an include of modem/manifest.py: {path on the board: its entry}."""
    path = packages("micropython-stubber==1.29.1") / "stubber" / "tools" / "manifestfile.py"  # an unchanged copy of the tool
    spec = importlib.util.spec_from_file_location("manifestfile", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    manifest = tool.ManifestFile(getattr(tool, mode), {"MPY_LIB_DIR": ""})
    if mode == "MODE_COMPILE":
        manifest.execute(str(ROOT / package.MANIFEST))
        assert manifest.metadata().version == package.version()
    else:
        with raises(tool.ManifestFileError) if "wrong" in arguments else contextlib.nullcontext():
            manifest.execute('include("%s"%s)' % (ROOT / package.MANIFEST, arguments))
    for entry in manifest.files():
        assert pathlib.Path(entry.full_path).samefile(ROOT / entry.target_path)
    assert len(manifest.files()) == len({entry.target_path for entry in manifest.files()})
    return {entry.target_path: entry for entry in manifest.files()}


def test_the_manifest_freezes_everything_or_a_slice():
    assert set(_frozen()) == set(_frozen(mode="MODE_COMPILE")) == set(package.files())
    for vendor in package.VENDORS:
        for features in ([], ["sms", "network"], list(package.APART)):
            found = _frozen(', vendor="%s", features="%s"' % (vendor, " ".join(features)))
            assert sorted(found) == package.files_of([vendor, *features]), (vendor, features)
            assert not [f for f in found if f.startswith("modem/%s/" % ({*package.VENDORS} - {vendor}).pop())]
    every = _frozen(', vendor="quectel"')
    assert sorted(every) == package.files_of(["quectel", *package.APART])
    assert {entry.opt for entry in every.values()} == {3} and {entry.opt for entry in _frozen(", opt=0").values()} == {0}


def test_the_manifest_refuses_names_that_it_does_not_know():
    for arguments in (', vendor="wrong"', ', features="sms wrong"'):
        assert _frozen(arguments) == {}


_ROM = """
import os, sys, vfs
image = bytearray(os.stat(%r)[6])
with open(%r, "rb") as f:
    f.readinto(image)
vfs.mount(vfs.VfsRom(image), "/rom")
sys.path.insert(0, "/rom")
"""
_LISTED = """
def walk(folder):
    for name, kind, *_ in os.ilistdir(folder):
        if kind == 0x4000:
            walk(folder + "/" + name)
        else:
            print((folder + "/" + name)[len("/rom/"):])
walk("/rom")
"""


def _in_rom(image, program, *arguments):
    """Run a program with an image mounted, as firmware with ROMFS does it at its start; its output."""
    command = [micropython(), "-c", _ROM % (str(image), str(image)) + program, *arguments]
    done = subprocess.run(command, cwd=image.parent, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_romfs_image_opens_a_connection():
    if not micropython():
        skip("no MicroPython for this platform")
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder) / "library.romfs"
        port = (ROOT / "ports/tty_uart.py").read_text()  # not on boards, and so not in the image
        (pathlib.Path(folder) / "tty_uart.py").write_text(port.replace("from .", "from ports.").replace("ports. ", "ports "))
        for parts, model in ((["quectel"], "ec600e"), (["simcom", "network"], "a76xx"), ([], None)):
            size = package.build_romfs(image, parts)
            assert size == image.stat().st_size and image.read_bytes()[:3] == b"\xd2\xcd\x31"
            held = _in_rom(image, _LISTED).split()
            assert sorted(held) == [f[:-3] + ".mpy" for f in package.as_compiled(package.files_of(parts))]
            if model:
                program = _PROGRAM.replace('"lib/"', '"/rom/"').replace("ports.tty_uart", "tty_uart")
                with data_server() as port, vmodem(model=model) as device:
                    program = program.replace("sys.argv[1:]", repr((device, str(port))))
                    assert _in_rom(image, program) == "GOT 5000\n"


def test_wrong_names_of_parts_and_images_are_refused():
    for arguments, words in (
        (("quectel",), "belongs to --romfs"),
        (("--romfs", "x.romfs", "wrong"), "not wrong"),
        (("--romfs", "x"), ".romfs"),
    ):
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools/package.py"), *arguments], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 2 and words in done.stderr, (arguments, done.stderr)
    assert not (ROOT / "x.romfs").exists() and not (ROOT / "x").exists()


def test_a_library_in_romfs_takes_less_heap_than_files():
    if not micropython():
        skip("no MicroPython for this platform")
    ways = install_costs.prepare()
    heap = {way: install_costs.heap_of(micropython(), path) for way, (path, _) in ways.items()}
    flash = {way: flash for way, (_, flash) in ways.items()}
    for row in (heap, flash):
        assert row["ROMFS"] * 4 < row[".mpy files"] * 3 and row[".mpy files"] < row[".py files"], row
    with raises(RuntimeError):
        install_costs.heap_of(micropython(), "nowhere")


@contextlib.contextmanager
def _repl(folder):
    """MicroPython's REPL, running in `folder`, as a serial device: what a board on a USB port looks like; yields the path."""
    outer, device = pty.openpty()  # what mpremote opens
    inner, console = pty.openpty()  # what the interpreter runs on
    tty.setraw(device)  # or the banner comes back as input before mpremote has opened the line
    tty.setraw(console)
    path = os.ttyname(device)
    process = subprocess.Popen([micropython()], cwd=folder, stdin=console, stdout=console, stderr=console, start_new_session=True)
    stopped = threading.Event()

    def carry():
        while not stopped.is_set():
            for fd in select.select([outer, inner], [], [], 0.05)[0]:
                os.write(inner if fd == outer else outer, os.read(fd, 4096))

    bridge = threading.Thread(target=carry, daemon=True)
    bridge.start()
    try:
        yield path
    finally:
        process.kill()
        process.wait(10)
        stopped.set()
        bridge.join(10)
        for fd in (outer, device, inner, console):
            os.close(fd)


def _mpremote(device, *arguments):
    command = [sys.executable, "-m", "mpremote", "connect", device, "resume", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, "%s: %s%s" % (arguments, done.stdout, done.stderr)
    return done.stdout.replace("\r\n", "\n")


def test_mpremote_installs_and_copies_to_a_repl_on_a_serial_line():
    if not micropython():
        skip("no MicroPython for this platform")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as built:
        package.build_mpy(pathlib.Path(built))
        with _repl(folder) as device:
            for part in ("/modem/package-quectel.json", "/ports/package.json"):
                _mpremote(device, "mip", "install", "--target", "lib", built + part)
            _mpremote(device, "fs", "cp", "LICENSE", ":license.txt")
            shown = _mpremote(device, "exec", "import sys; sys.path.append('lib'); import modem; print(modem.__version__)")
        assert shown == package.version() + "\n"
        installed = installs.installed(folder)
        assert installed.pop("license.txt") == (ROOT / "LICENSE").read_bytes()
        files = {"lib/" + f[:-3] + ".mpy": f for f in package.as_compiled(package.files("quectel"))}
        assert set(installed) == set(files)
        for name, f in files.items():
            want = (pathlib.Path(built) / (f[:-3] + ".mpy")).read_bytes()
            assert hashlib.sha256(installed[name]).digest() == hashlib.sha256(want).digest(), name


_BUILD_SDIST = "import sys; from setuptools import build_meta; print(build_meta.build_sdist(sys.argv[1]))"


def _wheel(folder, name, source):
    """Build a wheel from a folder or an archive; its path, and what is in it."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "-w", str(folder / name), str(source)], check=True, capture_output=True, timeout=300)
    (wheel,) = (folder / name).iterdir()
    with zipfile.ZipFile(wheel) as archive:
        return wheel, {entry: archive.read(entry) for entry in archive.namelist() if not entry.endswith("/RECORD")}


def test_pip_installs_the_library_and_its_types():
    """A wheel from the tree and one from the source archive are the same; installed, its commands work."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "source"
        source.mkdir()
        for name in ("modem", "ports", "tools"):  # tools: to show that it stays out
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        command = [sys.executable, "-c", _BUILD_SDIST, folder]
        done = subprocess.run(command, cwd=source, check=True, capture_output=True, text=True, timeout=300)
        archive = pathlib.Path(folder) / done.stdout.split()[-1]
        with tarfile.open(archive) as tar:
            held = {name.partition("/")[2] for name in tar.getnames()}
        assert {"LICENSE", "README.md", "pyproject.toml", "modem/py.typed", "modem/modem.pyi", "tools/vmodem/run.py"} <= held
        _, from_tree = _wheel(pathlib.Path(folder), "tree", source)
        wheel, content = _wheel(pathlib.Path(folder), "archive", archive)
        assert content == from_tree
        home = pathlib.Path(folder) / "venv"
        venv.create(home, with_pip=False)
        python = str(home / "bin" / "python")
        install = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--python",
            python,
            "install",
            "--quiet",
            str(wheel),
        ]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
        program = (
            "import importlib.metadata as m, modem, modem.quectel.dialect, modem.simcom.services.ftp, ports.tty_uart\n"
            "from modem import Modem, AsyncModem\n"
            "needs = [r for r in m.requires('modem') if 'extra' not in r]\n"
            "print(modem.__file__, m.version('modem'), needs, m.metadata('modem')['License-Expression'], Modem.__name__, AsyncModem.__name__)"
        )
        done = subprocess.run([python, "-I", "-c", program], cwd=folder, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        path, *rest = done.stdout.split()
        site = pathlib.Path(path).parent.parent
        assert rest == [package.version(), "['pyserial>=3.5']", "MIT", "Modem", "AsyncModem"]
        tops = {"modem": ROOT / "modem", "ports": ROOT / "ports", "vmodem": ROOT / "tools" / "vmodem"}
        apart = {"modem/console": ROOT / "tools" / "console", "modem/gateway": ROOT / "tools" / "gateway"}
        shipped = {"%s/%s" % (top, p.relative_to(at).as_posix()) for top, at in (tops | apart).items() for p in at.rglob("*.py*")}
        shipped = {s for s in shipped if not s.endswith(".pyc")} | {"modem/py.typed", "ports/py.typed"}
        assert {s for s in shipped if not (site / s).is_file()} == set()
        assert {p.name for p in site.iterdir() if p.is_dir() and not p.name.endswith("-info")} - {"serial"} == set(tops)
        with vmodem() as device:
            _command(home, folder, "modem-console", device, "AT+CSQ", ends="OK\n")
            _command(home, folder, "modem-gateway", device, "--socks", "0", ends="", begins="ready socks 127.0.0.1:")
        for command in ([str(home / "bin" / "vmodem")], [python, "-I", "-m", "vmodem"]):
            _runs_by_itself(command, folder)


def _command(home, folder, name, *arguments, ends, begins=None):
    """Run an installed command: its output ends so; or, for one that goes on, its first line begins so."""
    process = subprocess.Popen(
        [str(home / "bin" / name), *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        shown = process.stdout.readline() if begins else process.communicate(timeout=60)[0]
        assert shown.startswith(begins or "") and shown.endswith(ends), shown
    finally:
        process.kill()
        process.communicate()


def _runs_by_itself(command, folder):
    """A virtual modem away from the checkout: it says what it is ready for, and answers."""
    shown = subprocess.run([*command, "--help"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0 and "--model" in shown.stdout, shown.stderr
    process = subprocess.Popen(
        [*command, "--model", "EC600E", "--tcp", "127.0.0.1:0"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        host, port = process.stdout.readline().removeprefix("ready ").strip().split(":")
        with socket.create_connection((host, int(port)), 60) as sock:
            sock.sendall(b"ATE0\r")
            got = b""
            while not got.endswith(b"\r\nOK\r\n"):
                got += sock.recv(100)
    finally:
        process.kill()
        process.communicate()


def test_what_the_tools_install_is_pinned_by_hashes_and_each_has_its_reason_and_licence():
    text = (ROOT / "tools" / "requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))
    for entry in re.split(r"^(?=\w)", text.partition("\n")[2], flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry, entry
    wanted = [line for line in (ROOT / "tools" / "requirements.in").read_text().splitlines() if line and line[0] != "#"]
    assert len(wanted) > 15
    for line in wanted:
        name, version = re.match(r"([\w.-]+)==([^\s;]+)", line).groups()
        assert pinned[name.lower().replace("_", "-")] == version, line
        reason, licence = re.fullmatch(r".*  # *(\S.*?)  +(\S.*)", line).groups()
        assert reason and re.search("MIT|BSD|Apache|MPL", licence), line
