"""What only the source needs is settled before it is byte-compiled for boards.

A constant of another module costs each module that imports it an entry in its table of names, and a look-up at each use; so does
a name that compat.py takes from MicroPython. In the .mpy files, therefore:

- constants (`NAME = const(<int>)`) are written out where they are used, and are gone, except those of the public face;
- names that compat.py takes from MicroPython are imported from there;
- what is only for CPython or for type checkers is left out: `BOARD` is True and `TYPE_CHECKING` False, so that mpy-cross drops
  the other branch;
- what is marked `@rare`, as it is seldom called, is in a file of its own beside it, `sockets_rare.mpy` of sockets.py, or in one
  for several sources (TOGETHER), which is loaded when something in it is called first. A class keeps the names of such files,
  where its methods are, as its attribute `rare` (compat.Rare); in place of a function there is one that loads it. Arguments of
  such functions have no names.

Everything else is the source as it stands, line by line. (All of the core in one file, so that names which many modules use are
there once, was tried. It saves less than expected, 1.2 kB: a name beyond the 128th takes a byte more at each use.)
"""

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPAT, FACE = "modem/compat.py", "modem/__init__.py"
SETTLED = {"BOARD": True, "TYPE_CHECKING": False}  # names whose value is known when a file is compiled for a board
MARK = "rare"  # the decorator of what is seldom called, and the attribute of a class that names the files with its methods
# Files whose seldom called functions are in one file, as mostly trouble calls them: each would take a block of a board's flash.
TOGETHER = {
    "modem/rare.py": (
        "modem/at/command.py", "modem/at/engine.py", "modem/at/session.py", "modem/dialect.py", "modem/module.py",
        "modem/net/connect.py", "modem/net/link.py", "modem/registration.py", "modem/startup.py",
    ),
    "modem/quectel/rare.py": ("modem/quectel/dialect.py", "modem/quectel/tcp.py"),
    "modem/simcom/rare.py": ("modem/simcom/dialect.py", "modem/simcom/tcp.py"),
}  # fmt: skip
ALWAYS = ("modem.errors", "modem.at.params", "modem.compat", "time")  # what every program has loaded
PRELOADED = ("modem/preload.py", "RARE")  # the constant there that names all such files


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
    text = _settled_text(path)
    tree = ast.parse(text)
    module = rare_name(path)[:-3].replace("/", ".")
    edits = _moved(tree)
    for node in tree.body:
        if _is_rare(node) and isinstance(node, ast.ClassDef):
            edits.append((_Marked(node), "pass"))
        elif _is_rare(node):
            name = node.name
            edits.append((_Marked(node), "def %s(*args): from %s import %s as f; return f(*args)" % (name, module, name)))
        elif path == COMPAT and getattr(node, "name", "") == MARK:
            edits.append((node, "pass"))
        methods = [line for line in getattr(node, "body", ()) if _is_rare(line)]
        words = "%s = %r" % (MARK, tuple(_rare_words(path, node))) if methods else ""
        for method in methods:
            edits.append((_Marked(method), words))
            words = "pass"
    return _edited(text, edits)


def rare_name(path):
    """The file of what is seldom called in `path`, as it would be named as a source."""
    return next((name for name, paths in TOGETHER.items() if path in paths), path[:-3] + "_rare.py")


@functools.cache
def rare_files():
    """{name of a file with functions and methods that are seldom called: its source}."""
    found = {}
    for source in sorted((ROOT / "modem").rglob("*.py")):
        path = source.relative_to(ROOT).as_posix()
        if path != COMPAT and any(map(_is_rare, ast.walk(_tree(path)))):
            found[rare_name(path)] = found.get(rare_name(path), "") + _rare_text(path)
    _check_inherited()
    for name, text in found.items():
        defined = [node.name for node in ast.parse(text).body if hasattr(node, "name")]
        twice = sorted({each for each in defined if defined.count(each) > 1})
        if twice:
            raise ValueError("%s: a name is there twice: %s" % (name, " ".join(twice)))
    return found


def _check_inherited():
    """ValueError where a class asks with super() for what is in a file of its own: it would not be found there."""
    for source in sorted((ROOT / "modem").rglob("*.py")):
        path = source.relative_to(ROOT).as_posix()
        for cls in [node for node in _tree(path).body if isinstance(node, ast.ClassDef)]:
            rare = {line.name for _, base in _bases(path, cls) for line in base.body if _is_rare(line)}
            for node in ast.walk(cls):
                called = node.value if isinstance(node, ast.Attribute) else None
                if isinstance(called, ast.Call) and getattr(called.func, "id", "") == "super" and node.attr in rare:
                    raise ValueError("%s: super().%s of %s would not be found" % (path, node.attr, cls.name))


def _is_rare(node):
    return MARK in [getattr(d, "id", "") for d in getattr(node, "decorator_list", ())]


class _Marked:
    """Where a function stands in the source, its decorator included."""

    def __init__(self, function):
        first = function.decorator_list[0]
        self.lineno, self.col_offset = first.lineno, first.col_offset - 1
        self.end_lineno, self.end_col_offset = function.end_lineno, function.end_col_offset


def _bases(path, cls):
    """[(path, class)] of a class and of those that it is derived from, as far as they are the library's."""
    found = [(path, cls)]
    for base in [base.id for base in cls.bases if isinstance(base, ast.Name)]:
        where = path
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom) and base in [alias.name for alias in node.names]:
                where = _file_of(path, node)
        if where is not None:
            found += [more for node in _tree(where).body if getattr(node, "name", "") == base for more in _bases(where, node)]
    return found


def _rare_words(path, cls):
    """For each file with rare methods of a class, its own first: the file's name and theirs, in one text.

    ValueError where one of them would not be found, as a class that this one is derived from has another method of its name.
    """
    mine = {line.name for line in cls.body if _is_rare(line)}
    found = []
    for where, base in _bases(path, cls):
        other = {line.name for line in base.body if hasattr(line, "name") and not _is_rare(line)} & mine
        if other:
            raise ValueError("%s: %s of %s would not be found: %s has it" % (path, sorted(other)[0], cls.name, base.name))
        rare = [line.name for line in base.body if _is_rare(line)]
        if rare:
            found.append(" ".join([rare_name(where)[:-3].replace("/", "."), *rare]))
    return found


def _loaded(nodes):
    """The names that code uses, annotations aside."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            found.add(node.id)
        parts = {field: part for field, part in ast.iter_fields(node) if field not in ("annotation", "returns")}
        for part in parts.values():
            found |= _loaded([n for n in (part if isinstance(part, list) else [part]) if isinstance(n, ast.AST)])
    return found


def _only_rare(tree):
    """Names of a file that only what is seldom called uses."""
    rare = [node for node in ast.walk(tree) if _is_rare(node)]
    inside = {id(below) for node in rare for below in ast.walk(node)}
    set_here = {id(target) for node in tree.body for target in getattr(node, "targets", ())}
    here = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in inside and id(n) not in set_here}
    return _loaded(rare) - here


def _moves(node, left):
    """Whether a statement gives a name of the file's own to what only the names in `left` stand for."""
    names = [getattr(target, "id", "") for target in getattr(node, "targets", ())]
    return isinstance(node, ast.Assign) and len(names) == 1 and names[0][:1] == "_" and names[0] in left


def _moved(tree):
    """Edits of a file: without the imports and the private values that only what is seldom called uses."""
    left = _only_rare(tree)
    edits = [(node, "pass") for node in tree.body if _moves(node, left)]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and left & {alias.name for alias in node.names}:
            kept = [ast.unparse(alias) for alias in node.names if (alias.asname or alias.name) not in left]
            words = "from %s import %s" % ("." * node.level + (node.module or ""), ", ".join(kept)) if kept else "pass"
            edits.append((node, words))
    return edits


def _rare_text(path):
    """The source of the file with what is seldom called in `path`. Methods are functions there."""
    tree = ast.parse(_settled_text(path))
    functions = [node for node in ast.walk(tree) if _is_rare(node)]
    names = [function.name for function in functions]
    wrong = [name for name in names if names.count(name) > 1 or name.startswith("__")]
    wrong += [function.name for function in functions if len(function.decorator_list) > 1]
    if wrong or "super" in _loaded([function for function in functions if not isinstance(function, ast.ClassDef)]):
        raise ValueError("%s: this cannot be in a file of its own: %s" % (path, ", ".join(wrong or ["a method with super()"])))
    left = _only_rare(tree)
    head = [node for node in tree.body if _moves(node, left)]
    origins = _origins(path, [node for node in tree.body if node not in [*head, *functions]])
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            node.module, node.level = _module(path, node), 0
    at_once = _loaded([f for f in functions if isinstance(f, ast.ClassDef) or rare_name(path) not in TOGETHER])
    for function in functions:
        function.decorator_list = []
        names = _loaded([function]) - at_once
        if not isinstance(function, ast.ClassDef):  # for one of them, the files that the others come from are not loaded
            function.body[:0] = _imported(origins, names, lambda module: module not in ALWAYS)
    head[:0] = _imported(origins, at_once, lambda module: True) + _imported(
        origins, _loaded(functions) - at_once, lambda module: module in ALWAYS
    )
    return ast.unparse(ast.Module(head + functions, [])) + "\n"


def _module(path, node):
    """The name of the module that an import statement of a file is from, without dots in front."""
    if not node.level:
        return node.module
    folder = pathlib.PurePosixPath(path).parents[node.level - 1].as_posix().replace("/", ".")
    return folder + ("." + node.module if node.module else "")


def _origins(path, nodes):
    """{name: (module, its name there)} of what statements of a file import or define; the module is "" for a module itself."""
    found = {}
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = _module(path, node) if isinstance(node, ast.ImportFrom) else ""
            found |= {alias.asname or alias.name: (module, alias) for alias in node.names}
        else:
            own = [getattr(node, "name", "")] + [getattr(target, "id", "") for target in getattr(node, "targets", ())]
            found |= {name: (path[:-3].replace("/", "."), ast.alias(name)) for name in own if name}
    return found


def _imported(origins, names, wanted):
    """Statements that import those of `names` whose module is wanted."""
    found = {}
    for name in sorted(names & set(origins)):
        module, alias = origins[name]
        if wanted(module):
            found.setdefault(module, []).append(alias)
    return [ast.ImportFrom(module, found[module], 0) if module else ast.Import(found[module]) for module in sorted(found)]


def _settled_text(path):
    """The source of a file with its constants written out."""
    text = (ROOT / path).read_text(encoding="utf-8")
    edits, values = _imports_settled(path)
    values |= constants(path) | SETTLED
    if path == COMPAT:
        edits.append((_choice(), "; ".join(ast.unparse(node) for node in _choice().body if not _settled(node))))
    kept = set()
    if path == PRELOADED[0]:
        values[PRELOADED[1]] = tuple(name[:-3].replace("/", ".") for name in rare_files())
    for node in _walk(path):
        if path == PRELOADED[0] and isinstance(node, ast.Assign) and node.targets[0].id == PRELOADED[1]:
            kept.add(node.targets[0])
            edits.append((node, "pass"))
        elif _settled(node):
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
        kept = [alias for alias in node.names if alias.name not in known and alias.name not in ("const", MARK)]
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
