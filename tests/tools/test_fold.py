# CPython only: it tests a tool that runs there.
"""tools/fold.py: what is byte-compiled for boards says the same as the source."""

import ast
import pathlib
import tempfile

from tests.rigs.assertions import raises
from tools import fold, package

_COMPAT = """
try:
    from time import ticks_add
    from sys import print_exception as report
    from micropython import RingIO, const
    BOARD = True
    Coroutine = type((lambda: (yield))())
except ImportError:
    BOARD = False
    from .desktop import Coroutine, RingIO, const, report, ticks_add
if BOARD:
    def unload(): return ticks_add(1, 2)
else:
    from .desktop import unload
"""
_COMPAT_FOLDED = """
from time import ticks_add; from sys import print_exception as report; from micropython import RingIO, const; \
Coroutine = type((lambda: (yield))())








if True:
    def unload(): return ticks_add(1, 2)
else:
    from .desktop import unload
"""
_KINDS = (
    "from .compat import const\nA = const(1)\nB = const(-2)  # two\nSHOWN = const(7)\n_OWN = const(3)\nN = 5\nC = const(A + 1)\n"
)


def _project(files, rare=None):
    """Folded sources of a library made of `files`, {path: text}, beside compat.py and kinds.py; `rare`: takes fold.rare_files()."""
    root = fold.ROOT
    with tempfile.TemporaryDirectory() as folder:
        fold.ROOT = pathlib.Path(folder)
        try:
            everything = {"__init__.py": 'NAMES = "SHOWN other"', "compat.py": _COMPAT, "desktop.py": "", "kinds.py": _KINDS}
            for path, text in {**everything, **files}.items():
                path = fold.ROOT / "modem" / path
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            _forget()
            if rare is not None:
                rare.update(fold.rare_files())
            return {path: fold.folded("modem/" + path) for path in {**everything, **files}}
        finally:
            fold.ROOT = root
            _forget()


def _forget():
    for function in (fold._tree, fold._public, fold.constants, fold._on_board, fold.rare_files):
        function.cache_clear()


def test_constants_are_written_out_and_gone_but_for_the_public_ones():
    user = "from .kinds import A, B, N, SHOWN\n\n\ndef f(x):\n    from .kinds import B\n    return x.A, A, B, N, SHOWN - B\n"
    done = _project({"user.py": user, "deep/user.py": "from ..kinds import (\n    A,\n    B,\n)\nx = A\n"})
    assert done["user.py"] == "from .kinds import N\n\n\ndef f(x):\n    pass\n    return x.A, 1, -2, N, 7 - -2\n"
    assert done["deep/user.py"] == "pass\n\n\n\nx = 1\n"
    assert done["kinds.py"] == "pass\npass\npass  # two\nSHOWN = 7\npass\nN = 5\nC = const(1 + 1)\n"
    assert done["compat.py"] == _COMPAT_FOLDED


def test_what_compat_stands_for_is_imported_from_where_it_is():
    user = "from .compat import BOARD, Coroutine, RingIO, const, report, ticks_add\nif not BOARD:\n    RingIO(ticks_add(1, 2))\n"
    assert _project({"user.py": user})["user.py"] == (
        "from .compat import Coroutine; from micropython import RingIO; from sys import print_exception as report; "
        "from time import ticks_add\nif not True:\n    RingIO(ticks_add(1, 2))\n"
    )


def test_what_only_type_checkers_read_is_left_out():
    user = "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Any\n\n\ndef f(x: 'Any'): pass\n"
    assert _project({"user.py": user})["user.py"] == user.replace("TYPE_CHECKING = False", "pass").replace(
        "TYPE_CHECKING", "False"
    )
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "user.mpy"
        package.mpy_cross(out, out, text=_project({"user.py": user})["user.py"])
        assert b"Any" not in out.read_bytes()


def test_attributes_of_a_class_keep_the_names_of_constants():
    done = _project({"user.py": "from .kinds import A\n\n\nclass X:\n    A = A\n    B = 2 * A\n"})
    assert done["user.py"].endswith("class X:\n    A = 1\n    B = 2 * 1\n")


def test_what_cannot_be_folded_is_named():
    with raises(ValueError, "A is assigned to"):
        _project({"user.py": "from .kinds import A\n\n\ndef f():\n    A = 2\n"})
    with raises(ValueError, "two constants named A"):
        _project({"user.py": "from .kinds import A\nfrom .more import A\n", "more.py": "A = const(9)\n"})
    with raises(ValueError, "there is no modem/nowhere to import from"):
        _project({"user.py": "from .nowhere import A\n"})
    with raises(ValueError, "gets another name"):
        _project({"user.py": "from .kinds import A as B\n"})


def test_every_file_of_the_library_keeps_its_lines_and_its_definitions():
    changed = 0
    apart = 0
    for path in package.compiled_files():
        text, source = fold.folded(path), (fold.ROOT / path).read_text()
        changed += text != source
        assert text.count("\n") == source.count("\n"), path
        rare = [
            name
            for name in _definitions(fold.rare_files().get(fold.rare_name(path), ""))
            if fold.rare_name(path) not in fold.TOGETHER or name in _definitions(source)
        ]
        apart += len(rare)
        here, there = _definitions(text), _definitions(source)
        assert set(here) <= set(there) and set(rare) <= set(there), path
        assert set(there) - set(here) <= {*rare, "rare"}, path
    assert changed > 40 and apart > 40


def _definitions(text):
    return [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]


_RARE = """from .compat import const, rare
from .kinds import A, N
from .more import Base, late
_HERE = "here"


class User(Base):
    def often(self):
        return A

    @rare
    async def seldom(self, n=N):
        return n + A, late(_HERE)

    @rare
    def never(self):
        pass


@rare
def once(x):
    return x
"""
_MORE = "from .compat import rare\n\n\nclass Base:\n    @rare\n    def old(self):\n        return 1\n\n    def plain(self):\n        pass\n"


def test_what_is_seldom_called_is_in_a_file_of_its_own():
    seen = {}
    done = _project({"user.py": _RARE, "more.py": _MORE}, seen)
    assert _definitions(done["user.py"]) == ["User", "once", "often"]
    assert "    rare = ('modem.user_rare seldom never', 'modem.more_rare old')\n" in done["user.py"]
    assert "    pass\n" in done["user.py"] and done["user.py"].count("\n") == _RARE.count("\n")
    assert "def once(*args): from modem.user_rare import once as f; return f(*args)" in done["user.py"]
    assert seen["modem/user_rare.py"].replace("\n\n", "\n") == (
        "from modem.kinds import N\nfrom modem.more import late\n_HERE = 'here'\n"
        "def once(x):\n    return x\nasync def seldom(self, n=N):\n    return (n + 1, late(_HERE))\ndef never(self):\n    pass\n"
    )
    for wrong, words in (
        ("class A:\n    @rare\n    def __init__(self): pass\n", "__init__"),
        ("class A:\n    @rare\n    def f(self): super().f()\n", "a method with super()"),
        ("class A:\n    @rare\n    def f(self): pass\n\n\nclass B:\n    @rare\n    def f(self): pass\n", "of its own: f"),
        ("from .more import Base\n\n\nclass A(Base):\n    @rare\n    def plain(self): pass\n", "plain of A would not be found"),
        ("from .more import Base\n\n\nclass A(Base):\n    def f(self): super().old()\n", "super().old of A would not be found"),
    ):
        with raises(ValueError, words):
            _project({"user.py": "from .compat import rare\n" + wrong, "more.py": _MORE}, seen)


def test_no_test_imports_a_name_that_is_gone_on_a_board():
    """The tests run with .mpy files too: a constant that was written out cannot be imported from there."""
    seen, gone = 0, []
    for path in sorted((fold.ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.name != "test_fold.py" and not text.startswith("# CPython only"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("modem", "ports"):
                    seen += 1
                    gone += ["%s: %s" % (path.name, alias.name) for alias in node.names if alias.name in fold.gone(node.module)]
    assert seen > 100 and not gone, gone
