"""The stubs of the asyncio flavour, made from those of the blocking one: `python3 tools/stubs.py` writes modem/aio.pyi.

AsyncModem and AsyncSocket have the names and arguments of Modem and Socket, with calls that are awaited; so have the services
that AsyncModem hands out (files, mail ...), which are one class at run time and two for a type checker. Each call of the
blocking class that does I/O gets its result wrapped in Coroutine; what is inherited from BaseModem and BaseSocket does none.
"""

import ast
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# (stub, class, name in aio.pyi); a leading underscore: there is no such class at run time.
CLASSES = (
    ("sockets", "Socket", "AsyncSocket"),
    ("files", "Files", "_AsyncFiles"),
    ("tls", "TlsContext", "_AsyncTlsContext"),
    ("simcom.smtp", "Smtp", "_AsyncSmtp"),
    ("simcom.pop3", "Pop3", "_AsyncPop3"),
    ("simcom.ftp", "Ftp", "_AsyncFtp"),
    ("simcom.ftps", "Ftps", "_AsyncFtps"),
    ("simcom.response", "Response", "_AsyncResponse"),
    ("simcom.http", "Client", "_AsyncClient"),
    ("simcom.http", "Http", "_AsyncHttp"),
    ("simcom.https", "Https", "_AsyncHttps"),
    ("device", "Modem", "AsyncModem"),
)
# calls that do no I/O although they differ by flavour
PLAIN = ("socket", "tls_context", "smtp", "pop3", "ftp", "ftps", "http", "https")
LEFT_OUT = ("ioctl",)  # MicroPython's poll asks a blocking socket; a task awaits instead
# What only the asyncio flavour has.
EXTRA_IMPORTS = (
    "from collections.abc import Callable",
    "from .streams import Server",
    "from .streams import StreamReader",
    "from .streams import StreamWriter",
)
EXTRA = {
    "AsyncModem": """
def open_connection(
    self,
    host: str,
    port: int,
    timeout_ms: int | None = None,
    tls: _AsyncTlsContext | None = None,
    access: _Access = "buffer",
    rxbuf: int = 1536,
) -> Coroutine[Any, Any, tuple[StreamReader, StreamWriter]]: ...
def start_server(
    self,
    callback: Callable[[StreamReader, StreamWriter], object],
    host: str | None,
    port: int,
    backlog: int | None = None,
    access: _Access = "buffer",
    rxbuf: int = 1536,
) -> Coroutine[Any, Any, Server]: ...
"""
}
HEAD = '''"""Made by tools/stubs.py from the stubs of the blocking classes."""
'''


class _Rename(ast.NodeTransformer):
    names = {name: new for _, name, new in CLASSES}

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def parsed(stub):
    """The syntax tree of the stub of a module, "files" or "simcom.ftp"."""
    return ast.parse((ROOT / "modem" / (stub.replace(".", "/") + ".pyi")).read_text(encoding="utf-8"))


def _from(node, stub):
    """The module that a stub's `from ... import` names, as modem/aio.pyi names it."""
    if not node.level:
        return node.module
    folders = stub.split(".")[: -node.level]
    return "." + ".".join([*folders, node.module])


def _is(decorator, name):
    return isinstance(decorator, ast.Name) and decorator.id == name


def _async_def(function):
    fields = {field: getattr(function, field, None) for field in ast.AsyncFunctionDef._fields}
    return ast.copy_location(ast.AsyncFunctionDef(**fields), function)


def awaited(function, natively):
    """The function of the stub in its asyncio form; `natively`: names that aio.py itself defines with `async def`."""
    if function.name in ("__enter__", "__exit__"):
        function.name = "__a" + function.name[2:]
        return _async_def(function)
    if function.name in natively:
        return _async_def(function)
    is_property = any(_is(d, "property") for d in function.decorator_list)
    # active() without an argument only tells; with one it does.
    only_tells = function.name == "active" and ast.unparse(function.returns) == "bool"
    if not is_property and not only_tells and function.name not in PLAIN and not function.name.startswith("__"):
        function.returns = ast.parse("Coroutine[Any, Any, %s]" % ast.unparse(function.returns), mode="eval").body
    return function


def _async_methods(name):
    tree = ast.parse((ROOT / "modem" / "aio.py").read_text(encoding="utf-8"))
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return [n.name for c in classes for n in c.body if isinstance(n, ast.AsyncFunctionDef)]


def _async_class(tree, name, new):
    (node,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    natively = _async_methods(new)
    node.body = [
        awaited(n, natively) if isinstance(n, ast.FunctionDef) else n
        for n in node.body
        if not (isinstance(n, ast.FunctionDef) and n.name in LEFT_OUT)
    ]
    node.name = new
    node = _Rename().visit(node)
    node.body += ast.parse(EXTRA.get(new, "")).body
    return node


def generate():
    """The text of modem/aio.pyi."""
    imports, helpers, classes = set(), {}, []
    for stub, name, new in CLASSES:
        tree = parsed(stub)
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                imports |= {"from %s import %s" % (_from(node, stub), a.name) for a in node.names}
            elif isinstance(node, ast.Assign):
                helpers[node.targets[0].id] = ast.unparse(node)
            elif isinstance(node, ast.ClassDef) and node.name.startswith("_"):
                helpers[node.name] = ast.unparse(node)
        classes.append(ast.unparse(_async_class(tree, name, new)))
    imports |= set(EXTRA_IMPORTS) | {"from collections.abc import Coroutine", "from typing import Any"}
    imports |= {"from .device import BaseModem", "from .sockets import BaseSocket"}
    used = _names("\n".join(classes))
    while more := [text for name, text in helpers.items() if name in used and not _names(text) <= used | {name}]:
        used |= _names("\n".join(more))  # what helpers themselves need
    body = [text for name, text in helpers.items() if name in used] + classes
    used = _names("\n".join(body))
    replaced = {name for _, name, _ in CLASSES} | set(helpers)
    needed = [line for line in imports if line.split()[-1] in used - replaced]
    return HEAD + "\n".join([*sorted(needed), *body]) + "\n"


def _names(text):
    return {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}


def formatted():
    """The same, in the project's format."""
    text = generate()
    for step in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *step, "--stdin-filename", "modem/aio.pyi", "-"]
        text = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=True).stdout
    return text


if __name__ == "__main__":
    import _setup

    _setup.enter()
    (ROOT / "modem" / "aio.pyi").write_text(formatted(), encoding="utf-8")
