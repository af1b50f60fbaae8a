"""What only the source needs is settled before it is byte-compiled for boards.

A constant of another module costs each module that imports it an entry in its table of names, and a look-up at each use; so does
a name that compat.py takes from MicroPython. In the .mpy files, therefore:

- constants (`NAME = const(<int>)`) are written out where they are used, and are gone, except those of the public face;
- names that compat.py takes from MicroPython are imported from there;
- what is only for CPython or for type checkers is left out: `BOARD` is True and `TYPE_CHECKING` False, so that mpy-cross drops
  the other branch.

Everything else is the source as it stands, line by line. (All of the core in one file, so that names which many modules use are
there once, was tried. It saves less than expected, 1.2 kB: a name beyond the 128th takes a byte more at each use.)
"""

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPAT, FACE = "modem/compat.py", "modem/__init__.py"
SETTLED = {"BOARD": True, "TYPE_CHECKING": False}  # names whose value is known when a file is compiled for a board


@functools.cache
def _tree(path):
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@functools.cache
def _public():
    """Words in modem/__init__.py: the names that a program can import from `modem` are among them."""
    return {word for node in ast.walk(_tree(FACE)) if isinstance(node, ast.Constant) for word in str(node.value).split()}


def _const(node):
    """Return (name, value) of `NAME = const(<int>)`, None of anything else."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or getattr(node.value.func, "id", "") != "const":
        return None
    try:
        value = ast.literal_eval(node.value.args[0])
    except ValueError:  # made of other constants
        return None
    return (node.targets[0].id, value) if type(value) is int else None


@functools.cache
def constants(path):
    """{name: value} of the module's constants."""
    return dict(found for found in map(_const, _tree(path).body) if found)


@functools.cache
def _on_board():
    """What compat.py takes from MicroPython: {name: (module, its name there)}."""
    found = {}
    for node in _choice().body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: (node.module, alias) for alias in node.names}
    return found


def _choice():
    """The statement of compat.py that finds out which Python this is."""
    return next(node for node in _tree(COMPAT).body if isinstance(node, ast.Try))


def _file_of(path, node):
    """The file that a relative import names, seen from the file `path`; None where the import is not relative."""
    if not node.level:
        return None
    folder = pathlib.PurePosixPath(path).parents[node.level - 1]
    name = (folder / (node.module or "").replace(".", "/")).as_posix()
    found = [n for n in (name + ".py", name + "/__init__.py") if (ROOT / n).is_file()]
    if not found:
        raise ValueError("%s: there is no %s to import from" % (path, name))
    return found[0]


def folded(path):
    """The source of a file of the library, relative to the project, as it is to be compiled. ValueError: it cannot be folded."""
    text = (ROOT / path).read_text(encoding="utf-8")
    edits, values = _imports_settled(path)
    values |= constants(path) | SETTLED
    if path == COMPAT:
        edits.append((_choice(), "; ".join(ast.unparse(node) for node in _choice().body if not _settled(node))))
    kept = set()
    for node in _walk(path):
        if _settled(node):
            kept.add(node.targets[0])
            edits.append((node, "pass"))
        elif _const(node) and node.targets[0].id in constants(path):
            name, value = _const(node)
            kept.add(node.targets[0])
            edits.append((node, "%s = %d" % (name, value) if name in _public() else "pass"))
        elif isinstance(node, ast.ClassDef):
            kept.update(target for line in node.body if isinstance(line, ast.Assign) for target in line.targets)
    for node in _walk(path):
        if isinstance(node, ast.Name) and node.id in values and node not in kept:
            if not isinstance(node.ctx, ast.Load):
                raise ValueError("%s: the constant %s is assigned to" % (path, node.id))
            edits.append((node, repr(values[node.id])))
    return _edited(text, edits)


def gone(module):
    """The names that the module `module` (as `modem.net.link`) has in the source and not in its .mpy file."""
    name = module.replace(".", "/")
    found = [n for n in (name + ".py", name + "/__init__.py") if (ROOT / n).is_file()]
    known = set(constants(found[0]) if found else ()) | set(SETTLED if found == [COMPAT] else ())
    return known - _public()


def _settled(node):
    """Whether `node` sets one of the names whose value is known on a board."""
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in SETTLED


def _walk(path):
    """Every node of a file, except those of compat.py's choice between the two Pythons."""
    left_out = set(ast.walk(_choice())) if path == COMPAT else ()
    return [node for node in ast.walk(_tree(path)) if node not in left_out]


def _imports_settled(path):
    """Edits of the relative imports in a file, and the values of the names that are imported no longer."""
    edits, values = [], {}
    for node in _walk(path):
        source = _file_of(path, node) if isinstance(node, ast.ImportFrom) else None
        if source is None:
            continue
        moved, known = (_on_board(), SETTLED) if source == COMPAT else ({}, constants(source))
        for alias in [alias for alias in node.names if alias.name in known]:
            if alias.asname:
                raise ValueError("%s: the constant %s gets another name" % (path, alias.name))
            if values.setdefault(alias.name, known[alias.name]) != known[alias.name]:
                raise ValueError("%s: two constants named %s" % (path, alias.name))
        kept = [alias for alias in node.names if alias.name not in known and alias.name != "const"]
        if moved or len(kept) < len(node.names):
            edits.append((node, _imports("." * node.level + (node.module or ""), kept, moved)))
    return edits, values


def _imports(module, aliases, moved):
    """Import statements for `aliases`, from `module` or from where `moved` says."""
    found = {}
    for alias in aliases:
        origin, there = moved.get(alias.name, (module, alias))
        found.setdefault(origin, []).append(ast.unparse(there))
    return "; ".join("from %s import %s" % (origin, ", ".join(found[origin])) for origin in sorted(found)) or "pass"


def _edited(text, edits):
    """`text` with each node replaced by its new words; every other line stays where it is."""
    lines = [line.encode() for line in text.split("\n")]
    for node, new in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        first, last = node.lineno - 1, node.end_lineno - 1
        lines[first] = lines[first][: node.col_offset] + new.encode() + lines[last][node.end_col_offset :]
        lines[first + 1 : last + 1] = [b""] * (last - first)
    return b"\n".join(lines).decode()
