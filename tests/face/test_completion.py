# CPython only: editors run there, and help() is made there.
"""What an editor, help() and dir() show: every public operation, with its signature and docstring, in both flavours."""

import inspect
import pydoc

import jedi

from modem import AsyncModem, Modem
from modem.aio import AsyncModem as AioModem
from modem.files import Files
from modem.modem import BaseModem
from modem.socket_habits import SocketHabits
from modem.sockets import AsyncSocket
from modem.tls import TlsContext
from tests.rigs.scene_runner import ROOT
from tests.rigs.scripted_port import ScriptedPort
from tools import stubs

_PROJECT = jedi.Project(str(ROOT))


def _operations(cls):
    """{name: function} of the public operations of a class: those that are annotated."""
    members = {name: inspect.getattr_static(cls, name) for name in dir(cls) if name[0] != "_"}
    return {name: f for name, f in members.items() if inspect.isfunction(f) and "return" in f.__annotations__}


def _completed(source):
    """{name: completion} of what jedi offers after the last dot of `source`."""
    found = jedi.Script("from modem import AsyncModem, Modem\n" + source, project=_PROJECT).complete()
    return {completion.name: completion for completion in found}


def _firsts(name, function):
    """First lines that may describe an operation: its own, or that of what CPython's sockets have in its place."""
    habit = getattr(SocketHabits, name, None)
    return [inspect.getdoc(f).split("\n")[0] for f in (function, habit) if f is not None]


def _check(source, cls, *others):
    wanted = _operations(cls)
    assert len(wanted) > 1
    found = _completed(source)
    assert set(wanted) | set(others) <= set(found), (source, (set(wanted) | set(others)) - set(found))
    for name, function in wanted.items():
        first = found[name].docstring(raw=True).strip().split("\n")[0]
        assert first in (*_firsts(name, function), "See AsyncSocket.%s. Allocates nothing." % name), (name, first)
        shown = [[p.name for p in signature.params] for signature in found[name].get_signatures()]
        own = [p for p in inspect.signature(function).parameters if p != "self"]
        assert shown and (shown[0] == own or shown[0][: len(own) - 1] == own[:-1]), (
            source,
            name,
            shown,
            own,
        )  # **options is more


def test_an_editor_completes_the_blocking_flavour():
    _check("Modem(None).", BaseModem, "context", "identity", "files")
    _check("Modem(None).socket().", AsyncSocket, "family", "type", "lost")
    _check("modem = Modem(None)\nsock = modem.create_connection(('a', 1))\nsock.", AsyncSocket)
    _check("Modem(None).files.", Files)
    _check("Modem(None).tls_context().", TlsContext, "ca")


def test_an_editor_completes_the_asyncio_flavour():
    _check("AsyncModem(None).", AioModem, "context", "identity", "files", "open_connection")
    _check("AsyncModem(None).socket().", AsyncSocket, "family", "type", "lost")
    _check("AsyncModem(None).files.", Files)
    _check("AsyncModem(None).tls_context().", TlsContext)


def test_an_editor_completes_the_clients_of_internet_services():
    for name, arguments in (
        ("smtp", ""),
        ("pop3", "'h', 'u', 'p'"),
        ("ftp", "'h'"),
        ("ftps", "'h'"),
        ("http", ""),
        ("https", ""),
    ):
        returns = inspect.signature(getattr(BaseModem, name)).return_annotation
        module = __import__(stubs.operations()[returns][:-3].replace("/", "."), None, None, (returns,))
        _check("AsyncModem(None).%s(%s)." % (name, arguments), getattr(module, returns))
        _check("Modem(None).%s(%s)." % (name, arguments), getattr(module, returns))


def test_dir_and_help_are_complete():
    for modem, cls in ((Modem(ScriptedPort()), BaseModem), (AsyncModem(ScriptedPort()), AioModem)):
        sock = modem.socket()
        for holder, operations in ((modem, cls), (sock, AsyncSocket)):
            text = pydoc.plain(pydoc.render_doc(type(holder)))
            for name, function in _operations(operations).items():
                assert name in dir(holder), name
                assert name + "(self" in text and any(first in text for first in _firsts(name, function)), name
                if not hasattr(SocketHabits, name):
                    assert inspect.signature(getattr(type(holder), name)) == inspect.signature(function), name
