"""The types that desktop users get: `python3 tools/typecheck.py`.

The library's stubs (.pyi beside the modules, never sent to a board) are checked in three ways: modem/aio.pyi is what
tools/stubs.py makes of the others; stubtest finds every name and every signature of the stubs in the running library; mypy,
in strict mode, reads the stubs and a program that uses them (tests/typed_use.py), wrong uses included.
"""

import subprocess
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import _setup, stubs

ROOT = _setup.ROOT
# The sources have no annotations: what mypy would say about their insides is not asked.
CONFIG = """
[mypy]
strict = True
follow_imports = silent
[mypy-modem.*,ports.*]
ignore_errors = {ignore}
[mypy-machine,micropython]
ignore_missing_imports = True
"""
# Made by methods of Modem, not by their own constructors; and compat.py is one of two things, as the Python is.
ALLOWED = r"""
modem\.[a-z0-9_]+\.(?!Modem|AsyncModem|BaseModem)\w+\.__init__
modem\.compat\..*
"""


def _mypy(module, *arguments, ignore):
    config = _setup.BUILD / "mypy.ini"
    config.write_text(CONFIG.format(ignore=ignore))
    option = "--mypy-config-file" if module == "mypy.stubtest" else "--config-file"
    return subprocess.run([sys.executable, "-m", module, option, str(config), *arguments], cwd=ROOT, check=False).returncode


def main():
    """The exit status."""
    _setup.BUILD.mkdir(exist_ok=True)
    status = 0
    if (ROOT / "modem/aio.pyi").read_text(encoding="utf-8") != stubs.formatted():
        print("modem/aio.pyi is not what the other stubs say: run python3 tools/stubs.py")
        status = 1
    allowed = _setup.BUILD / "stubtest-allowed.txt"
    allowed.write_text(ALLOWED)
    packages = ["modem", "ports", "--ignore-missing-stub", "--ignore-unused-allowlist", "--concise", "--allowlist", str(allowed)]
    status |= _mypy("mypy.stubtest", *packages, ignore=True)
    files = sorted(str(p.relative_to(ROOT)) for top in ("modem", "ports") for p in (ROOT / top).rglob("*.pyi"))
    status |= _mypy("mypy", *files, "tests/typed_use.py", ignore=False)
    return status


if __name__ == "__main__":
    sys.exit(main())
