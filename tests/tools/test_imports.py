"""Every file that a board installs can be imported, by itself, on both Pythons: none needs a module or a name that one lacks."""

import json
import sys

_ROOT = __file__.replace("\\", "/").rsplit("/", 1)[0] + "/../.."


def _module_names():
    with open(_ROOT + "/package.json") as f:
        paths = [dest for dest, _ in json.load(f)["urls"]]
    return [p[:-3].replace("/__init__", "").replace("/", ".") for p in paths]


def _import_error(name):
    try:
        __import__(name)
    except (ImportError, AttributeError, SyntaxError) as error:
        return "%s: %r" % (name, error)
    return None


def _forget_library():
    """Take the library out of sys.modules; return what was there."""
    taken = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("modem", "ports")}
    for name in taken:
        del sys.modules[name]
    return taken


def test_every_module_of_the_library_imports_first_of_all():
    names = _module_names()
    assert len(names) > 20
    failures = []
    before = _forget_library()
    for name in names:
        failures.append(_import_error(name) or (None if name in sys.modules else name + " is not there"))
        _forget_library()
    sys.modules.update(before)
    failures = [failure for failure in failures if failure]
    assert not failures, failures


def test_every_name_of_the_public_face_is_there():
    import modem

    for _, names in modem._WHERE:
        for name in names.split():
            assert getattr(modem, name) is not None, name
    try:
        getattr(modem, "no_such_" + "name")
    except AttributeError:
        return
    raise AssertionError("a name that does not exist was found")
