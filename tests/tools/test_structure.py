# CPython only: it reads the sources with ast.
"""How the library is built: contracts, no cycle among its modules, no private names of other objects, no probing, small pieces."""

import collections
import importlib
import inspect

from modem import preload
from tools import sizes, structure

_QUEUES = "MicroPython's asyncio has no public way to queue a task or to wait for a stream"
_PRIVATE = {
    ("modem/aio.py", "core._task_queue"): _QUEUES,
    ("modem/aio.py", "core._io_queue"): _QUEUES,
    ("ports/machine_setup.py", "sys.implementation._machine"): "so MicroPython documents the name of the board and its chip",
}
_PROGRAM = "what a program passes may be one of several kinds of objects, told apart by what it can do"
_PORT = "a port that is not one of ports/ may lack what is optional"
_PROBES = {  # by file: how many, and why
    "modem/__init__.py": (2, "the names of the public face are found when they are asked for"),
    "modem/baudrate.py": (1, _PORT),
    "modem/compat.py": (
        6,
        "the blocking face finds an operation by its name, a class its methods in a file that is made for boards; files of a "
        "vendor's package, which is known at run time, are loaded late and unloaded by their names",
    ),
    "modem/desktop.py": (3, "the blocking face is made of the operations by their names"),
    "modem/files.py": (1, _PROGRAM),
    "modem/modem.py": (1, _PROGRAM),
    "modem/power_key.py": (1, _PROGRAM),
    "modem/preload.py": (1, "the files with what is seldom called are made when the library is compiled for boards"),
    "modem/ppp.py": (3, "network.PPP differs by port and version; a UART that interrupts is more than a port needs"),
    "modem/quectel/files.py": (1, _PORT),
    "modem/simcom/services/http.py": (1, _PROGRAM),
    "modem/simcom/services/inflow.py": (4, _PROGRAM),
    "modem/simcom/services/outflow.py": (3, _PROGRAM),
    "modem/simcom/services/smtp.py": (1, _PROGRAM),
    "modem/streams.py": (1, _PROGRAM),
    "ports/__init__.py": (1, "the time module of each Python"),
    "ports/machine_uart.py": (1, _PROGRAM),
    "ports/pyserial_uart.py": (3, "pyserial's ports differ by operating system and kind of URL"),
    "ports/trace.py": (2, _PROGRAM),
    "ports/tty_uart.py": (12, "MicroPython's termios and terminals lack names that CPython's have"),
}
_MOST_FILES, _MOST_SMALL = 98, 5


def test_modules_have_an_order():
    graph = structure.imports()
    layers, cycle = structure.layers(graph)
    print(structure.report())
    assert cycle == []
    assert sum(map(len, layers)) == len(graph) > 60


def test_layers_are_those_of_the_design():
    allowed = {
        "modem.at": ("modem.at", "modem.errors", "modem.compat", "modem.codes"),
        "modem.net": ("modem.net", "modem.at", "modem.errors", "modem.compat", "modem.codes"),
        # the one table of secrets; the power key that boards.open() makes, and what it refuses
        "ports": ("ports", "modem.at.redact", "modem.power_key", "modem.models", "modem.errors"),
    }
    for name, below in structure.imports().items():
        for top, others in allowed.items():
            if name == top or name.startswith(top + "."):
                assert [b for b in below if not b.startswith(others)] == [], name
        for vendor, other in (("modem.quectel", "modem.simcom"), ("modem.simcom", "modem.quectel")):
            assert not name.startswith(vendor) or not [b for b in below if b.startswith(other)], name
        if not name.startswith(("modem.quectel", "modem.simcom")):
            assert [b for b in below if b.startswith(("modem.quectel.", "modem.simcom."))] == [], name


def test_every_vendor_has_the_functions_that_the_contract_names():
    contract = structure.contract()
    assert len(contract) > 10 and {"pdp.attach", "settings.pin", "cell.status"} <= set(contract)
    for vendor in structure.VENDORS:
        for name, parameters in contract.items():
            part, _, function = name.partition(".")
            found = getattr(importlib.import_module("modem.%s.%s" % (vendor, part)), function)
            assert ", ".join(inspect.signature(found).parameters) == parameters, (vendor, name)


def test_what_a_class_leaves_to_others_is_there():
    left = structure.left_to_subclasses()
    assert {("modem.at.session", "Session"), ("modem.dialect", "Transport")} <= set(left)
    for name in ("modem.module", *("modem.%s.%s" % (v, part) for v in structure.VENDORS for part in ("tcp", "tls"))):
        importlib.import_module(name)
    for (module, name), methods in left.items():
        owners = _leaves(getattr(importlib.import_module(module), name))
        assert owners and methods
        for owner in owners:
            assert [m for m in methods if not hasattr(owner, m)] == [], owner


def _leaves(cls):
    """The classes of the library that are derived from `cls` and from which none is derived."""
    below = [c for c in cls.__subclasses__() if c.__module__.startswith("modem.")]
    return [leaf for c in below for leaf in _leaves(c) or [c]]


def test_what_a_call_beside_pushed_data_may_load_is_preloaded():
    """A new operation of Modem or of a socket goes into preload.py, or here: it begins anew, or its object is taken hold of first."""
    slices = {"modem." + name for name in preload.APART.split() if "VENDOR" not in name}
    there = structure.with_imports(structure.imports()["modem.preload"] | {"modem.modem"} | slices)
    late = {name for face in ("modem", "sockets", "module", "tls", "files") for name in structure.imported_late("modem." + face)}
    left_out = {"modem." + name for name in ("startup", "attach", "models", "diagnose", "gnss", "ppp", "sms", "preload")}
    assert late - there == left_out


def test_a_cycle_is_found():
    layers, cycle = structure.layers({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()})
    assert (layers, cycle) == ([["d"]], ["a", "b", "c"])


def test_private_names_of_others_are_left_alone():
    uses = structure.private_uses()
    assert {(path, text) for path, _, text in uses} == set(_PRIVATE), uses
    assert len(uses) < 20


def test_objects_are_not_probed():
    found = collections.Counter(path for path, _, _ in structure.probes())
    assert found == {path: count for path, (count, _) in _PROBES.items()}, structure.probes()


def test_files_and_functions_are_of_a_size_to_be_read():
    problems, _ = sizes.line_problems()
    assert problems == []
    lines = {name: sizes.measure_lines(path)[0] for name, path in structure.module_paths().items() if name.startswith("modem")}
    small = sorted(name for name, n in lines.items() if n < sizes.FEW_LINES and n > 1)
    print("%d files in modem/, %d of them small: %s" % (len(lines), len(small), small))
    assert len(lines) <= _MOST_FILES and len(small) <= _MOST_SMALL
