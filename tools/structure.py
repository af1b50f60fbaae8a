"""How the library's modules hang together: `python3 tools/structure.py` prints the layers, from the line up to the user.

A module is one layer above the highest module that it imports, at its top or inside a function. Imports for type checkers do not
count. compat.apart, which loads a file of a slice that not every board has, is an import like any other; those that preload.py
makes of all such files do not count. Three more are made by name. models.Model.dialect loads the vendor's package that start()
has found, and codes.meaning its error texts; they do not count, so these stand below the vendors, as everything does that knows a
vendor by its name only. Dialect.part loads a file of the package that the dialect is in; it counts as an import of that package's
own dialect.py, whoever calls it.
"""

import ast
import functools
import pathlib
import re
import sys

VENDORS = ("quectel", "simcom")
OWN = ("self", "cls", "super()")
ROOT = pathlib.Path(__file__).resolve().parent.parent


@functools.cache
def module_paths():
    """{name of a module: its path} of modem/ and ports/."""
    paths = [p for top in ("modem", "ports") for p in sorted((ROOT / top).rglob("*.py")) if p.name != "manifest.py"]
    return {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in paths}


def at_run_time(tree):
    """Every node of a module that runs: without what stands under `if TYPE_CHECKING:`."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
            stack.extend(ast.iter_child_nodes(node))


def parsed(path):
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports():
    """{module: the modules of the library that it imports}."""
    found = {name: _imported(name, path, at_run_time(parsed(path))) - {name} for name, path in module_paths().items()}
    for vendor in VENDORS:
        found["modem.%s.dialect" % vendor] |= {"modem.%s.%s" % (vendor, part) for part in parts()}
    return found


def at_import(name):
    """The modules of the library that are imported with a module: at its top, not inside a function or a branch."""
    path = module_paths()[name]
    return _imported(name, path, parsed(path).body)


def imported_late(name):
    """The modules of the library that a module imports inside its functions."""
    path = module_paths()[name]
    functions = [n for n in ast.walk(parsed(path)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {module for function in functions for module in _imported(name, path, at_run_time(function))}


def with_imports(names):
    """The modules `names`, and those that are imported with them."""
    found, new = set(), set(names)
    while new:
        found |= new
        new = {below for name in new for below in at_import(name)} - found
    return found


def parts():
    """The files of a vendor's package that Dialect.part() returns: those that its docstring describes."""
    return {line.partition(".")[0] for line in contract()}


@functools.cache
def contract():
    """What every vendor's package has, by the docstring of Dialect.part: {"pdp.clear": "m, context", ...}."""
    nodes = [n for n in ast.walk(parsed(module_paths()["modem.dialect"])) if getattr(n, "name", "") == "part"]
    return dict(re.findall(r"^ +(\w+\.\w+)\(([^)]*)\)", ast.get_docstring(nodes[0], clean=False), re.M))


def left_to_subclasses():
    """{(module, class): names} of the methods that a class leaves to those derived from it: under `if TYPE_CHECKING:` in it."""
    found = {}
    for name, path in module_paths().items():
        for owner in [n for n in ast.walk(parsed(path)) if isinstance(n, ast.ClassDef)]:
            for block in [n for n in owner.body if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING"]:
                found[name, owner.name] = [n.name for n in block.body]
    return found


def _imported(name, path, nodes):
    paths = module_paths()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "apart" and isinstance(node.args[0], ast.Constant):
            found.add("modem." + node.args[0].value)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            inside = {source + "." + alias.name for alias in node.names}
            found |= inside & set(paths) or {source}
    return found & set(paths)


def layers(graph):
    """(layers, cycle): modules by layer from the lowest up; `cycle`: the modules that no order can be found for."""
    left, done, found = dict(graph), set(), []
    while left:
        layer = sorted(name for name, below in left.items() if below <= done)
        if not layer:
            return found, sorted(left)
        found.append(layer)
        done |= set(layer)
        for name in layer:
            del left[name]
    return found, []


def private_uses():
    """(file, line, text) of each use of another object's or module's `_private` name."""
    found = []
    for path in module_paths().values():
        for node in at_run_time(parsed(path)):
            if isinstance(node, ast.Attribute) and _private(node.attr) and ast.unparse(node.value) not in OWN:
                found.append((_shown(path), node.lineno, ast.unparse(node)))
            elif isinstance(node, ast.ImportFrom):
                names = [alias.name for alias in node.names if _private(alias.name)]
                found += [(_shown(path), node.lineno, "from %s import %s" % (node.module, name)) for name in names]
    return sorted(found)


def _private(name):
    return name[0] == "_" and name[:2] != "__"


def probes():
    """(file, line, text) of each call of hasattr and getattr, and of __import__."""
    found = []
    for path in module_paths().values():
        for node in at_run_time(parsed(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("hasattr", "getattr", "__import__"):
                found.append((_shown(path), node.lineno, ast.unparse(node)))
    return sorted(found)


def _shown(path):
    return path.relative_to(ROOT).as_posix()


def report():
    """The text that the tool prints."""
    found, cycle = layers(imports())
    lines = ["%2d  %s" % (n, "  ".join(layer)) for n, layer in enumerate(found)]
    if cycle:
        lines.append("in a cycle, or above one: " + "  ".join(cycle))
    lines += ["uses of another object's private names: %d" % len(private_uses())]
    lines += ["    %s:%d  %s" % use for use in private_uses()]
    return "\n".join(lines)


if __name__ == "__main__":
    import _setup

    _setup.enter(__doc__)
    sys.exit(print(report()))
