"""The types that desktop users get: `python3 tools/typecheck.py`.

The library's annotations are in the sources; where a class has a blocking face, tools/stubs.py writes them into a stub. This tool
checks that the stubs are what the sources say; that stubtest finds every name and signature of the stubs in the running library;
and that mypy, in strict mode, and pyright (where npm can get it) accept the stubs and a program that uses the library in both
flavours (tests/rigs/typed_program.py), and reject the wrong uses in it.

The exit status is 3 when nothing was wrong, but pyright could not be had.
"""

import subprocess
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter(__doc__)

from tools import _setup, stubs

ROOT = _setup.ROOT
PROGRAM = "tests/rigs/typed_program.py"
PYRIGHT = "pyright@1.1.414"
PARTLY = 3
# Annotations are complete where users call; what a type checker would say about the rest of the library is not asked.
CONFIG = """
[mypy]
strict = True
follow_imports = silent
[mypy-modem.*,ports.*]
ignore_errors = {ignore}
[mypy-machine,micropython]
ignore_missing_imports = True
"""
# Modules without a stub are their own stubs; objects are made by operations of Modem, not by their own constructors; what `with`
# passes at the end is the same for all.
ALLOWED = r"""
modem\.(?!({stubbed})\.).*
modem\.[a-z0-9_.]+\.(?!Modem|BaseModem)\w+\.__init__
modem\.[a-z0-9_.]+\.\w+\.__a?exit__
modem\.[a-z0-9_.]+\.Blocking\w+
"""


def _mypy(module, *arguments, ignore):
    config = _setup.BUILD / "mypy.ini"
    config.write_text(CONFIG.format(ignore=ignore))
    option = "--mypy-config-file" if module == "mypy.stubtest" else "--config-file"
    return subprocess.run([sys.executable, "-m", module, option, str(config), *arguments], cwd=ROOT, check=False).returncode


def stubtest():
    """Whether the stubs agree with the running library: the exit status."""
    allowed = _setup.BUILD / "stubtest-allowed.txt"
    named = [path[len("modem/") : -len(".py")].replace("/", r"\.") for path in stubs.stubbed()]
    allowed.write_text(ALLOWED.format(stubbed="|".join(named)))
    options = ["--ignore-missing-stub", "--ignore-unused-allowlist", "--concise", "--allowlist", str(allowed)]
    return _mypy("mypy.stubtest", "modem", *options, ignore=True)


def pyright():
    """The exit status of pyright, PARTLY where npm cannot get it."""
    try:
        script = _setup.npm_package("pyright", PYRIGHT) / "index.js"
    except _setup.SetupError as error:
        print("!! SKIPPED: pyright:", error)
        return PARTLY
    command = ["node", str(script), "--pythonpath", sys.executable, PROGRAM]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main():
    """The exit status."""
    _setup.BUILD.mkdir(exist_ok=True)
    found = stubs.complaints()
    for complaint in found:
        print(complaint)
    made = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "modem").rglob("*.pyi"))
    results = [bool(found), stubtest(), _mypy("mypy", *made, PROGRAM, ignore=False), pyright()]
    return 1 if any(result not in (0, PARTLY) for result in results) else max(results)


if __name__ == "__main__":
    sys.exit(main())
