"""The environment that the tools run in: `.venv` with the pinned packages of requirements.txt, made on first use.

A tool that a person starts with any Python 3.11+ and nothing installed calls `enter()` before it imports anything else:

    import _setup
    _setup.enter()          # returns inside .venv; elsewhere it runs the same command there and exits with its status

With nothing to install this costs one reading of a small file. A tool that reads its arguments itself says what it is there for:
`_setup.enter(__doc__)` prints that for --help, and exits.
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / "build"
REQUIREMENTS = ROOT / "tools" / "requirements.txt"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout=60", "--retries=5")
WASM = "@micropython/micropython-webassembly-pyscript@1.27.0"  # 32-bit MicroPython for tools/sizes.py, run by Node
_SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = _SCRIPTS / ("python.exe" if os.name == "nt" else "python")
MICROPYTHON = _SCRIPTS / "micropython"
PAUSES_S = (0, 5, 30)  # before each attempt to get something from a registry


class SetupError(Exception):
    """The environment could not be made; the text says why, and what to do."""


def enter(manual=None):
    """Return if this is .venv's Python and the packages are there; else set up, run the command there, and exit.

    `manual`: what to print, and nothing else, when the arguments ask for help.
    """
    if manual is not None and {"-h", "--help"} & set(sys.argv[1:]):
        print(manual.strip())
        sys.exit()
    if sys.version_info < (3, 11):  # noqa: UP036  this is where an older Python learns that it is too old
        sys.exit("Python 3.11 or newer is needed, this is %s" % sys.version.split()[0])
    try:
        ensure()
    except SetupError as e:
        sys.exit(str(e))
    if pathlib.Path(sys.prefix).resolve() == VENV.resolve():
        if str(ROOT) not in sys.path:
            sys.path.insert(0, str(ROOT))
        return
    try:
        status = subprocess.call([str(PYTHON), *sys.orig_argv[1:]])  # sys.argv has lost `-m NAME`
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def ensure():
    """Make .venv if there is none, and install what requirements.txt names if that changed since the last time."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = VENV / "requirements.sha256"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    with _lock():
        if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
            return  # somebody else did it while we waited
        if not _works():
            print("making .venv", flush=True)
            _make_venv()
        print("installing the packages of tools/requirements.txt into .venv", flush=True)
        _fetch([str(PYTHON), *_PIP, "--require-hashes", "-r", str(REQUIREMENTS)], "the packages could not be installed")
        stamp.write_text(wanted)


def have_micropython():
    """Whether there is a MicroPython interpreter for this platform."""
    return MICROPYTHON.exists()


def wasm_package():
    """The folder of the WebAssembly MicroPython; see npm_package()."""
    return npm_package("wasm", WASM)


def npm_package(folder, package):
    """The folder of `package` (name@version), fetched by npm into build/`folder` on first use.

    SetupError when Node or npm is missing or the package cannot be had.
    """
    home = BUILD / folder
    there = home / "node_modules" / package.rsplit("@", 1)[0]
    if not shutil.which("node"):
        raise SetupError("node is not installed")
    if not (there / "package.json").exists():
        npm = shutil.which("npm")
        if not npm:
            raise SetupError("npm is not installed")
        home.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), package]
        _fetch(command, "npm could not get " + package)
    return there


def _make_venv():
    """Make .venv; a Python that came without ensurepip lends its own pip, if it has one."""
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    try:
        _run(make, "no .venv (Debian: apt install python3-venv)")
    except SetupError:
        if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
            raise
        _run([*make, "--without-pip"], "no .venv")
        _fetch([sys.executable, "-m", "pip", "--python", str(PYTHON), *_PIP[2:], "pip"], "no pip in .venv")


def _works():
    """Whether .venv is there and its Python and pip run; an interpreter that was removed leaves a dead one behind."""
    probe = [str(PYTHON), "-c", "import pip"]
    return PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _fetch(command, complaint):
    """Run a command that gets something from a registry, again after a pause when that fails."""
    for pause_s in PAUSES_S:
        time.sleep(pause_s)
        try:
            return _run(command, complaint)
        except SetupError as e:
            failure = e
            print("that failed:\n%s" % e, flush=True)
    raise failure


def _run(command, complaint):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SetupError("%s:\n%s" % (complaint, done.stdout.strip()))


@contextlib.contextmanager
def _lock():
    """Keep two tools that start at the same time from installing into each other's feet (where the system has flock)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / "setup.lock", "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield
