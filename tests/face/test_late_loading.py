# CPython only: on MicroPython the companions of a class are not told apart from other methods once they are loaded.
"""Companion modules (late.py): a board finds every method in the companion that the class names for it."""

from modem.modem import BaseModem
from modem.late import extra
from modem.quectel import Quectel
from modem.simcom import SimCom
from modem.sockets import BaseSocket


def _methods(module):
    return {name for name in vars(extra(module)) if callable(getattr(extra(module), name))} - {"__dict__", "__weakref__"}


def test_every_method_of_a_companion_is_named_once():
    for cls in (BaseModem, BaseSocket, Quectel, SimCom):
        companions = cls._companions
        assert companions[-1][1] == ""  # the last one has what is left
        seen = set()
        for module, names in companions:
            methods = _methods(module)
            assert methods and not methods & seen, module
            assert not names or set(names.split()) == methods, (module, set(names.split()) ^ methods)
            seen |= methods


def test_companions_hide_nothing_and_do_without_super():
    for cls in (BaseModem, BaseSocket, Quectel, SimCom):
        for module, _ in cls._companions:
            for name in _methods(module):
                function = vars(extra(module))[name]
                assert getattr(cls, name) is function, "%s of %s is defined twice" % (name, module)
                assert "super" not in function.__code__.co_names, name
