# CPython only: it reads the sources with ast.
"""Every public class, method and function says what it does; limits, errors and units are in the text where there are any."""

import ast
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMITS = {"timeout_ms": ("timeout_ms", "time-out", "time out"), "progress": ("progress",), "rates": ("rates",)}


def _public(tree, prefix="", bases=()):
    """Yield (name, node, names of base classes) of the public classes and functions of a module, and of the methods of classes."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield prefix + node.name, node, bases
            if isinstance(node, ast.ClassDef):
                yield from _public(node, prefix + node.name + ".", [ast.unparse(base).split(".")[-1] for base in node.bases])


def _classes(trees):
    """{class: list of (names of base classes, names of methods with a docstring)}: a name may be used in several modules."""
    found = {}
    for node in [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        left = [n for block in node.body if isinstance(block, ast.If) for n in block.body]  # to those derived from it
        methods = [n for n in node.body + left if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        told = {n.name for n in methods if ast.get_docstring(n)}
        found.setdefault(node.name, []).append(([ast.unparse(base).split(".")[-1] for base in node.bases], told))
    return found


def _described(name, bases, classes):
    """Whether a base class has a docstring for the method."""
    known = [entry for base in bases for entry in classes.get(base, ())]
    return any(name in told or _described(name, more, classes) for more, told in known)


def _faults(tree, classes):
    """Return what is missing in the docstrings of a module. Limits are to be told of where users call: where there are types."""
    found = [] if ast.get_docstring(tree) else ["module"]
    for name, node, bases in _public(tree):
        text = ast.get_docstring(node) or ""
        setter = any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in node.decorator_list)
        if not text and not setter and not _described(node.name, bases, classes):
            found.append(name)
        elif (
            text and not isinstance(node, ast.ClassDef) and node.returns is not None and not text.startswith(("See ", "Same as"))
        ):
            names = [a.arg for a in node.args.args + node.args.kwonlyargs]
            for limit, words in LIMITS.items():
                if limit in names and not any(word in text for word in words):
                    found.append("%s does not tell of %s" % (name, limit))
    return found


def test_every_public_name_has_a_docstring_that_tells_of_its_limits():
    trees = {path: ast.parse(path.read_text()) for path in [*ROOT.glob("modem/**/*.py"), *ROOT.glob("ports/*.py")]}
    assert len(trees) > 60
    classes = _classes(trees.values())
    found = {str(path.relative_to(ROOT)): _faults(tree, classes) for path, tree in trees.items()}
    assert not {path: faults for path, faults in found.items() if faults}


def test_a_missing_docstring_is_found():
    def faults(source):
        tree = ast.parse(source)
        return _faults(tree, _classes([tree]))

    assert faults('"""M."""\nclass A:\n    """Does things at once."""\n    def b(self): pass\n') == ["A.b"]
    assert faults('def a(timeout_ms) -> int:\n    """Waits for a while."""\n') == ["module", "a does not tell of timeout_ms"]
    assert faults('"""M."""\ndef a(timeout_ms) -> int:\n    """Waits; `timeout_ms` in all."""\ndef _b(): pass\n') == []
    base = '"""M."""\nclass A:\n    """A."""\n    def b(self):\n        """Does."""\nclass B(A):\n    """B."""\n    def b(self): pass\n'
    assert faults(base) == [] and faults(base + "    def c(self): pass\n") == ["B.c"]
