"""The types that desktop users get: `python3 tools/typecheck.py`.

The library's stubs (.pyi beside the modules, never sent to a board) are checked in four ways: modem/aio.pyi is what
tools/stubs.py makes of the others; no public name of a class is missing; stubtest finds every name and every signature of
the stubs in the running library; mypy, in strict mode, reads the stubs and a program that uses them
(tests/rigs/typed_program.py), wrong uses included.
"""

import ast
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
# Made by methods of Modem, not by their own constructors; compat.py is one of two things, as the Python is; what the services
# share is not for programs; and they are of one class for both flavours, so that each has the other's `with` as well.
ALLOWED = r"""
modem\.[a-z0-9_.]+\.(?!Modem|AsyncModem|BaseModem)\w+\.__init__
modem\.compat\..*
modem\.simcom\.\w+\.(?!(Smtp|Pop3|Ftp|Ftps|Client|Http|Https|Response)$)\w+
modem\.simcom\.\w+\.\w+\.__a(enter|exit)__
"""

INTERNAL = ("dialect", "ready", "settings")  # public by name only: other modules of the library use them


def _mypy(module, *arguments, ignore):
    config = _setup.BUILD / "mypy.ini"
    config.write_text(CONFIG.format(ignore=ignore))
    option = "--mypy-config-file" if module == "mypy.stubtest" else "--config-file"
    return subprocess.run([sys.executable, "-m", module, option, str(config), *arguments], cwd=ROOT, check=False).returncode


def missing_names():
    """Complaints about public names that the library has and its stubs do not."""
    found = []
    for stub, name, new in stubs.CLASSES:
        for module, cls in {(stub, name), ("aio", new)}:
            real = getattr(__import__("modem." + module, None, None, ("*",)), cls, None)
            told = names_of_stub(module, cls)
            for public in [n for n in dir(real) if n[0] != "_"] if real else ():
                inherited = any(public in vars(base) for base in real.__mro__ if not base.__module__.startswith("modem"))
                if public not in told and not inherited and public not in stubs.LEFT_OUT + INTERNAL:
                    found.append("modem/%s.pyi: %s.%s is missing" % (module, cls, public))
    return found


def names_of_stub(module, cls):
    """Names that a class of a stub and its bases define."""
    names = set()
    for stub in {module, *(s for s, _, _ in stubs.CLASSES)}:
        for node in stubs.parsed(stub).body:
            if isinstance(node, ast.ClassDef) and node.name == cls:
                for member in node.body:
                    names.add(getattr(member, "name", None) or getattr(getattr(member, "target", None), "id", None))
                for base in node.bases:
                    names |= names_of_stub(module, ast.unparse(base))
    return names


def main():
    """The exit status."""
    _setup.BUILD.mkdir(exist_ok=True)
    status = 0
    if (ROOT / "modem/aio.pyi").read_text(encoding="utf-8") != stubs.formatted():
        print("modem/aio.pyi is not what the other stubs say: run python3 tools/stubs.py")
        status = 1
    for complaint in missing_names():
        print(complaint)
        status = 1
    allowed = _setup.BUILD / "stubtest-allowed.txt"
    allowed.write_text(ALLOWED)
    packages = ["modem", "ports", "--ignore-missing-stub", "--ignore-unused-allowlist", "--concise", "--allowlist", str(allowed)]
    status |= _mypy("mypy.stubtest", *packages, ignore=True)
    files = sorted(str(p.relative_to(ROOT)) for top in ("modem", "ports") for p in (ROOT / top).rglob("*.pyi"))
    status |= _mypy("mypy", *files, "tests/rigs/typed_program.py", ignore=False)
    return status


if __name__ == "__main__":
    sys.exit(main())
