"""Stub files for the two flavours, made from the annotations in the sources: `python3 tools/stubs.py`.

An operation is written once, as a coroutine, in a class derived from `Operations` (modem/compat.py). Its blocking face is made at
run time, so a type checker or an editor cannot find it in the source. For each module with such classes a stub is written beside
it. In the stub the class has its coroutines, and a second class has the same operations without awaiting: the face where the
module has one (`Modem` of `BaseModem`, `Socket` of `AsyncSocket`), otherwise `Blocking<name>`, which exists for type checkers
only. There is also modem/__init__.pyi, because that package finds its names when they are asked for.

What is annotated throughout is public and goes into the stub, with its docstring; everything else in the module is the
library's own business. Names in annotations come from the module's imports, those under `if TYPE_CHECKING:` included.
"""

import ast
import copy
import functools
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEAD = '"""Made by tools/stubs.py: do not edit."""\n'
WITH = "%sdef __%senter__(self) -> Self: ...\n%sdef __%sexit__(self, *exc: object) -> None: ...\n"
TYPING = {"Any", "Final", "Literal", "NoReturn", "Self", "overload"}
# Results that depend on one argument: (class or "", function, argument): {its annotation and default: result}
OVERLOADS = {
    ("BaseModem", "active", "flag"): {"None = None": "bool", "bool": "Coroutine[Any, Any, None]"},
    ("BaseModem", "status", "name"): {
        "None = None": "str", "Literal['operator', 'technology', 'band']": "str | None", "Literal['rssi']": "int | None",
        "Literal['rsrp', 'rsrq', 'sinr']": "float | None", "Literal['cell']": "tuple[str, int, int] | None",
        "Literal['registration']": "list[int]",
    },
    ("BaseModem", "ipconfig", "name"): {
        "Literal['addr4']": "tuple[str, str]", "Literal['addr6']": "list[tuple[str, int, int, int]]", "Literal['dns']": "str",
    },
    ("Files", "get", "to"): {"None = None": "bytes", "_Writable": "int"},
    ("", "Supervisor", "modem"): {"Modem": "BlockingSupervisor", "AsyncModem": "AsyncSupervisor"},
    ("FtpClient", "list", "into"): {"None = None": "list[str]", "_Into": "int"},
}  # fmt: skip


@functools.cache
def _tree(path):
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _classes(path):
    return [node for node in _tree(path).body if isinstance(node, ast.ClassDef)]


def _base_names(node):
    return [getattr(base, "id", "") for base in node.bases]


@functools.cache
def operations():
    """{class derived from Operations: path of its module}, over the whole library."""
    found = {}
    paths = [p.relative_to(ROOT).as_posix() for p in sorted((ROOT / "modem").rglob("*.py"))]
    while True:
        more = {
            node.name: path
            for path in paths
            for node in _classes(path)
            if node.name not in found and {"Operations", *found} & set(_base_names(node))
        }
        if not more:
            return found
        found |= more


@functools.cache
def faces():
    """{class derived from Operations: name of its blocking face}."""
    found = {name: "Blocking" + name.replace("Async", "") for name, path in operations().items() if path in stubbed()}
    for path in set(operations().values()):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "written_out":
                face, name = (argument.id for argument in node.args)
                found[name] = face
    return found


def stubbed():
    """Paths of the modules with operations. (AsyncModem adds to those of BaseModem what has no blocking face.)"""
    return sorted({path for path in operations().values() if path != "modem/aio.py"})


# --- from a module to its stub


class _Face(ast.NodeTransformer):
    """What a blocking call has in place of an annotation of the coroutine."""

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(faces().get(node.id, node.id), node.ctx), node)

    def visit_Subscript(self, node):
        if getattr(node.value, "id", "") == "Coroutine":
            return self.visit(node.slice.elts[2])
        return self.generic_visit(node)


class _Unquoted(ast.NodeTransformer):
    def visit_Subscript(self, node):
        return node if getattr(node.value, "id", "") == "Literal" else self.generic_visit(node)

    def visit_Constant(self, node):
        if not isinstance(node.value, str):
            return node
        return self.visit(ast.parse(node.value.strip(), mode="eval").body)


def _name(name):
    return ast.Name(name, ast.Load())


def _public(node):
    """Whether a function or class is one that users call: it is annotated throughout."""
    if isinstance(node, ast.ClassDef):
        return node.name[0] != "_" and (node.name in faces() or any(_public(n) for n in node.body))
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.returns is None:
        return False
    bare = [a.arg for a in [*node.args.args, *node.args.kwonlyargs] if a.annotation is None and a.arg not in ("self", "cls")]
    if bare and node.name != "__init__":  # a constructor takes the library's own objects where no user calls it
        raise ValueError("%s has a result with a type, but no type for %s" % (node.name, ", ".join(bare)))
    return not bare


def _declared(path, function):
    """The function without its body, with plain annotations and values."""
    function = copy.deepcopy(function)
    function.decorator_list = [d for d in function.decorator_list if getattr(d, "id", "") != "rare"]  # says nothing to a user
    doc = ast.get_docstring(function)
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]:
        if argument is not None and argument.annotation is not None:
            argument.annotation = _Unquoted().visit(argument.annotation)
    function.returns = _Unquoted().visit(function.returns)
    for defaults in (arguments.defaults, arguments.kw_defaults):
        values = [_value(path, default) if isinstance(default, ast.Name) else None for default in defaults]
        defaults[:] = [default if value is None else ast.Constant(value) for value, default in zip(values, defaults)]
    function.body = [ast.Expr(ast.Constant(doc) if doc else ast.Constant(...))]
    made = operations().get(getattr(function.returns, "id", ""))
    if arguments.kwarg is not None and made:
        _expand(function, made)
    return function


def _expand(function, path):
    """Name the arguments behind `**options` of a function that makes an object: they are those of its class."""
    init = _constructor(function.returns.id)
    there = function.args
    known = {argument.arg for argument in [*there.args, *there.kwonlyargs]} | {"self", "module", "modem"}
    plain = init.args.args
    defaults = [None] * (len(plain) - len(init.args.defaults)) + init.args.defaults
    for argument, default in [*zip(plain, defaults), *zip(init.args.kwonlyargs, init.args.kw_defaults)]:
        if argument.arg not in known:
            argument = copy.deepcopy(argument)
            if argument.annotation is not None:
                argument.annotation = _Unquoted().visit(argument.annotation)
            value = _value(path, default) if isinstance(default, ast.Name) else None
            there.kwonlyargs.append(argument)
            there.kw_defaults.append(default if value is None else ast.Constant(value))
    there.kwarg = copy.deepcopy(init.args.kwarg)
    if there.kwarg is not None:
        there.kwarg.annotation = _Unquoted().visit(there.kwarg.annotation)


def _constructor(name):
    """`__init__` of a class, its own or that of the base that has one."""
    node = _own(operations()[name], name)
    own = [n for n in node.body if getattr(n, "name", "") == "__init__"]
    return own[0] if own else next(_constructor(base) for base in _base_names(node) if base in operations())


def _blocking(function):
    """The function as the blocking face has it."""
    function = _Face().visit(copy.deepcopy(function))
    if isinstance(function, ast.AsyncFunctionDef):
        fields = {field: getattr(function, field, None) for field in ast.FunctionDef._fields}
        function = ast.copy_location(ast.FunctionDef(**fields), function)
    return function


def _overloads(name, function):
    """The function once for each result that it can have."""
    for (cls, method, argument), results in OVERLOADS.items():
        if (cls, method) == (name, function.name):
            return [_overload(function, argument, *row) for row in results.items()]
    return [function]


def _overload(function, argument, kind, result):
    function = copy.deepcopy(function)
    function.decorator_list = [_name("overload")]
    function.returns = ast.parse(result, mode="eval").body
    arguments = function.args.args
    at = [a.arg for a in arguments].index(argument)
    annotation, _, default = kind.partition(" = ")
    arguments[at].annotation = ast.parse(annotation, mode="eval").body
    if not default:  # neither it nor what stands before it can be left out
        following = len(arguments) - at - 1
        function.args.defaults = function.args.defaults[len(function.args.defaults) - following :] if following else []
    return function


def _attributes(node):
    """Declarations of the attributes that `__init__` sets with an annotation."""
    found = []
    for function in node.body:
        if getattr(function, "name", "") == "__init__":
            for line in ast.walk(function):
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Attribute):
                    kind = _Unquoted().visit(copy.deepcopy(line.annotation))
                    found.append(ast.AnnAssign(_name(line.target.attr), kind, None, 1))
    return found


def _constants(path, body):
    """Declarations of public constants in a list of statements."""
    found = []
    for line in body:
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "_")[0].isupper():
            value = _value(path, line.value)
            if isinstance(value, int) and not isinstance(value, bool):
                found.append(ast.parse("%s: Final = %d" % (line.targets[0].id, value)).body[0])
            elif isinstance(value, tuple) and {type(v) for v in value} == {str}:
                found.append(ast.parse("%s: tuple[str, ...]" % line.targets[0].id).body[0])
    return found


def _value(path, node):
    """The value of a constant, None where it is not a plain one."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const":
        node = node.args[0]
    if isinstance(node, ast.Name):
        for line in _tree(path).body:
            if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == node.id:
                return _value(path, line.value)
            if isinstance(line, ast.ImportFrom) and line.level and node.id in [alias.name for alias in line.names]:
                return _value(module_path(path, line), node)
        return None
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def module_path(path, node):
    """The file that a relative import in the file `path` names."""
    folder = pathlib.PurePosixPath(path).parents[node.level - 1]
    name = (folder / (node.module or "").replace(".", "/")).as_posix()
    return next(n for n in (name + ".py", name + "/__init__.py") if (ROOT / n).is_file())


def _class(path, node):
    """The classes of a stub for a class of the module: the class itself, and its blocking face."""
    members = [_declared(path, n) for n in node.body if _public(n)]
    members = [overload for member in members for overload in _overloads(node.name, member)]
    head = [*_constants(path, node.body), *_attributes(node)]
    bases = [base for base in _base_names(node) if base not in ("Operations", "object")]
    made = [_made(node.name, bases, node, head + members)]
    if node.name in faces():
        own = _own(path, faces()[node.name])
        plain = [_blocking(n) for n in members if n.name != "__init__"]
        names = {n.name for n in plain}
        plain += [_declared(path, n) for n in own.body if _public(n) and n.name not in names] if own else []
        written = [name for name in _base_names(own) if name not in ("Blocking", "object")] if own else []
        inherited = {n.name for name in written for n in _own(_source(path, name), name).body if isinstance(n, ast.FunctionDef)}
        plain = [n for n in plain if n.name not in inherited]
        operation = ast.parse("operations: %s" % node.name).body
        bases = [faces().get(base, base) for base in bases] + written
        head = [_Face().visit(copy.deepcopy(n)) for n in head]
        made.append(_made(faces()[node.name], bases, own or node, head + operation + plain))
        if "close" in names:
            made[0].body += ast.parse(WITH % (("async ", "a") * 2)).body
            made[1].body += ast.parse(WITH % (("", "") * 2)).body
    return made


def _own(path, name):
    return next((node for node in _classes(path) if node.name == name), None)


def _source(path, name):
    """The file of the class `name` that the module imports: on CPython, where it is not the same for both Pythons."""
    found = [n for n in ast.walk(_tree(path)) if isinstance(n, ast.ImportFrom) and n.level]
    return next((module_path(path, n) for n in found if name in [alias.name for alias in n.names]), path)


def _made(name, bases, node, body):
    doc = ast.get_docstring(node)
    body = ([ast.Expr(ast.Constant(doc))] if doc else []) + body
    return ast.ClassDef(name, [_name(base) for base in bases], [], body or [ast.Expr(ast.Constant(...))], [], type_params=[])


def _typing_block(path):
    """The statements under `if TYPE_CHECKING:`."""
    tests = [n for n in _tree(path).body if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING"]
    return [line for node in tests for line in node.body]


def _known(path):
    """{name: import statement} of what a module can name, in `from <absolute> import` form."""
    package = path.split("/")[:-1]
    known = {name: "from typing import " + name for name in TYPING}
    choices = [n for n in _tree(path).body if isinstance(n, ast.If) and getattr(n.test, "id", "") == "BOARD"]
    chosen = [line for node in choices for line in node.orelse]
    for node in [*_tree(path).body, *chosen, *_typing_block(path)]:
        if isinstance(node, ast.ImportFrom):
            there = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*there, *([node.module] if node.module else [])])
            for alias in node.names:
                name = alias.asname or alias.name
                known[name] = "from %s import %s" % (source, ast.unparse(alias))
                if name in faces():
                    known[faces()[name]] = "from %s import %s" % (source, faces()[name])
        elif _target(node):
            known[_target(node)] = "from %s import %s" % (path[:-3].replace("/", "."), _target(node))
    return known


def _imports(path, names):
    """Import statements for `names`, as the module itself imports them. ValueError for a name that it does not know."""
    known = _known(path)
    for name in [name for name in known if name in operations()]:
        known = _known(operations()[name]) | known  # the arguments behind `**options` of a function that makes such an object
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError("%s: no import for %s in an annotation" % (path, ", ".join(sorted(unknown))))
    return [known[name] for name in sorted(names)]


def generate(path):
    """The text of the stub of a module, not formatted."""
    body = [node for node in _typing_block(path) if not isinstance(node, (ast.Import, ast.ImportFrom))]
    body += _constants(path, _tree(path).body)
    written = {face for name, face in faces().items() if operations()[name] == path}
    for node in _tree(path).body:
        if isinstance(node, ast.ClassDef) and node.name not in written and _public(node):
            body += _class(path, node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _public(node) and node.name[0] != "_":
            body += _overloads("", _declared(path, node))
    text = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in body)
    tree = ast.parse(text)
    defined = {getattr(node, "name", None) or _target(node) for node in tree.body}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    members = {_target(line) for node in tree.body if isinstance(node, ast.ClassDef) for line in node.body}
    decorators = [line for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for line in node.decorator_list]
    members |= {line.value.id for line in decorators if isinstance(line, ast.Attribute)}  # @context.setter
    names -= defined | members | set(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)
    return HEAD + "\n".join([*_imports(path, names), text]) + "\n"


def _target(node):
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return getattr(target, "id", None)


def generate_face():
    """The text of modem/__init__.pyi: the names that the package finds when they are asked for."""
    table = next(n for n in _tree("modem/__init__.py").body if isinstance(n, ast.Assign) and n.targets[0].id == "_WHERE")
    rows = ast.literal_eval(table.value)
    lines = ["from .%s import %s as %s" % (module, name, name) for module, names in rows for name in names.split()]
    return HEAD + "\n".join([*lines, "__version__: str"]) + "\n"


def formatted():
    """{path of a stub: its text in the project's format}."""
    made = {"modem/__init__.pyi": generate_face()} | {path + "i": generate(path) for path in stubbed()}
    for path, text in made.items():
        for step in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
            command = [sys.executable, "-m", "ruff", *step, "--stdin-filename", path, "-"]
            text = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=True).stdout
        made[path] = text
    return made


def complaints():
    """What is wrong with the stubs in the project's folder."""
    wanted = formatted()
    there = {p.relative_to(ROOT).as_posix() for p in (ROOT / "modem").rglob("*.pyi")}
    found = ["%s is a stub that tools/stubs.py does not make" % path for path in sorted(there - set(wanted))]
    for path, text in wanted.items():
        if path not in there or (ROOT / path).read_text(encoding="utf-8") != text:
            found.append("%s is not what the source says: run python3 tools/stubs.py" % path)
    return found


if __name__ == "__main__":
    import _setup

    _setup.enter(__doc__)
    for path, text in formatted().items():
        (ROOT / path).write_text(text, encoding="utf-8")
