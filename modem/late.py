"""Methods that a board loads when one of them is first called, and modules that it lets go: a program pays for what it uses.

A class has its rarely used methods in companion modules, each with a class `Extra`. On MicroPython `base()` is a class
that fetches them from there when they are missing; on CPython, where memory does not matter and tools look at classes, it
is one that inherits from all of them. Such methods do not use `super()`, are no properties, and are none that must run while
a module pushes data: loading takes a board some 20 ms, and its receive buffer is not larger than that. For the same reason what
opens and closes connections is let go only while all of them are in buffer mode, where the module keeps what comes.
"""

from .compat import BOARD

_BRIEF = "startup network simcard opening params context ending states wire"  # of modem/ and of the vendor: see forget()


def extra(module):
    """Return the class `Extra` of `modem.<module>`."""
    return __import__("modem." + module, None, None, ("Extra",)).Extra


class Late:
    """Fetches methods from the companions of the class that the object is of: `_companions`, as for base()."""

    def __getattr__(self, name):
        if name[:2] != "__":
            for module, names in self._companions:
                if not names or name in names.split():
                    setattr(type(self), name, getattr(extra(module), name))
                    return getattr(self, name)
        raise AttributeError(name)


def base(companions):
    """Return a base class with the methods of `companions`: pairs of a module and the names in it, "" for all that is left.

    A class that has it for a base has the same ones in its attribute `_companions`.
    """
    if BOARD:
        return Late
    else:  # said, so that it is not compiled for a board
        return type("Extras", tuple([extra(module) for module, _ in companions]), {})


def part(dialect, name):
    """Return module `name` of the dialect's vendor: "net" with name server and ping, "context", "options", and so on."""
    return __import__("modem.%s.%s" % (dialect.vendor, name), None, None, ("*",))


def forget(dialect):
    """On a board, let go of modules that have done their work, such as that of start(): the next call loads them again.

    Their memory is free at once, before something that stays is put behind it.
    """
    if BOARD:
        import gc
        import sys

        gone = False
        for parent in ("modem", "modem." + dialect.vendor):
            for name in _BRIEF.split():
                if sys.modules.pop(parent + "." + name, None) is not None:
                    gone = True
                    if hasattr(sys.modules[parent], name):
                        delattr(sys.modules[parent], name)
        if gone:
            gc.collect()
