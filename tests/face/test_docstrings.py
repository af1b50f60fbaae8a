# CPython only: it reads the sources with ast.
"""Every public class, method and function says what it does; limits, errors and units are in the text where there are any."""

import ast
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Hooks that the base class describes (request.Request, the handlers of parser and engine), and attributes that wrap a port's.
DESCRIBED = {"on_info", "on_payload", "on_broken", "on_done", "on_line", "take", "write", "idle", "idle_ms"}
LIMITS = {"timeout_ms": ("timeout_ms", "time-out", "time out"), "progress": ("progress",), "rates": ("rates",)}


def _public(tree, prefix=""):
    """Yield (name, node) of the public classes and functions of a module, and of the methods of such classes."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, prefix + node.name + ".")


def _faults(source, limits=True):
    """Return what is missing in the docstrings of a module; `limits`: it is a part that users call."""
    tree = ast.parse(source)
    found = [] if ast.get_docstring(tree) else ["module"]
    for name, node in _public(tree):
        text = ast.get_docstring(node) or ""
        if not text and name.rpartition(".")[2] not in DESCRIBED:
            found.append(name)
        elif limits and not isinstance(node, ast.ClassDef) and not text.startswith(("See ", "Same as")):
            names = [a.arg for a in node.args.args + node.args.kwonlyargs]
            for limit, words in LIMITS.items():
                if limit in names and not any(word in text for word in words):
                    found.append("%s does not tell of %s" % (name, limit))
    return found


def test_every_public_name_has_a_docstring_that_tells_of_its_limits():
    files = [*ROOT.glob("modem/**/*.py"), *ROOT.glob("ports/*.py")]
    assert len(files) > 60
    found = {str(path.relative_to(ROOT)): _faults(path.read_text()) for path in files}
    assert not {path: faults for path, faults in found.items() if faults}


def test_a_missing_docstring_is_found():
    assert _faults('"""M."""\nclass A:\n    """Does things at once."""\n    def b(self): pass\n') == ["A.b"]
    assert _faults('def a(timeout_ms):\n    """Waits for a while."""\n') == ["module", "a does not tell of timeout_ms"]
    assert _faults('"""M."""\ndef a(timeout_ms):\n    """Waits; `timeout_ms` in all."""\ndef _b(): pass\n') == []
