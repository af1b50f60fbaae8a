"""Which Python is this? The only file that asks.

`const`, the tick arithmetic, `RingIO`, `IOBase`, `Blocking`, `unload` and `report` have the same names and the same meaning on
MicroPython and on CPython. What MicroPython has in C is taken from there; the rest for CPython is in desktop.py.

Operations and their blocking face. Each operation is written once, as a coroutine, in a class derived from `Operations`; that
class is what asyncio programs hold. A blocking program holds a `Blocking` around it, whose calls run the coroutine to its end:
with a blocking port it never suspends. On MicroPython the face finds the operation when it is called, which costs no memory
per method; on CPython it is a real class with a method, signature and docstring per operation, for help(), dir() and editors.
"""

try:
    from io import IOBase
    from sys import print_exception as report
    from time import ticks_add, ticks_diff

    from micropython import RingIO, const

    BOARD = True
    Coroutine = type((lambda: (yield))())  # the type of a call of an "async def"
except ImportError:
    BOARD = False
    from .desktop import Coroutine, IOBase, RingIO, const, report, ticks_add, ticks_diff  # noqa: F401


def rare(function):
    """Mark a function or method that is seldom called: in a byte-compiled library it is in a file of its own, which is loaded
    when it is called (tools/fold.py). Its class is derived from `Rare`. It has no place on the receive path: finding it takes
    memory. A function is called without names of arguments."""
    return function


class Rare:
    """Base of classes with methods marked `@rare`."""

    if BOARD:
        rare = ()  # for each file with such methods: its name and theirs

        def __getattr__(self, name):
            for words in self.rare:
                words = words.split()
                if name in words:
                    return lambda *args, **kwargs: getattr(__import__(words[0], None, None, ("*",)), name)(self, *args, **kwargs)
            raise AttributeError("'%s' object has no attribute '%s'" % (type(self).__name__, name))


def is_due(at, now, most_ms):
    """Return whether the moment `at`, set at most `most_ms` ahead, has come. Ticks go round after some days: what seems further
    ahead than that has come long ago."""
    left = ticks_diff(at, now)
    return left <= 0 or left > most_ms


def age_ms(at, now):
    """Return how long ago `at` was; a moment in the past that seems to lie ahead is so old that the ticks have gone round."""
    age = ticks_diff(now, at)
    return age if age >= 0 else 0x1FFFFFFF


def vendor_file(vendor, name):
    """Return the module `name` of a vendor's package, "quectel" or "simcom"; it is loaded on first use."""
    return apart(vendor + "." + name, vendor)


def apart(name, part):
    """Return the module modem.`name`; it is loaded on first use. ImportError names `part`, the slice to install for it."""
    try:
        return __import__("modem." + name, None, None, ("*",))
    except ImportError as error:
        raise ImportError("%s: install modem/package-%s.json" % (error, part))


def run(coroutine):
    """Run a coroutine that never suspends to its end; return its result."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("suspended in a blocking call")


class Operations(Rare):
    """Base of the classes with operations as coroutines. `module`: the Module they work on."""

    blocking = None  # the class of the blocking face; None: Blocking itself
    face_made = None

    def face(self):
        """Return the blocking face of this object, always the same one."""
        if self.face_made is None:
            self.face_made = blocking_class(type(self))(self)
        return self.face_made

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        await self.close()


def finish(result, module):
    """Return what a blocking call returns for `result` of an operation: a coroutine is run, what has a face gets it."""
    if isinstance(result, Coroutine):
        result = run(result)
        module.deliver()
    if isinstance(result, Operations):
        return result.face()
    if isinstance(result, tuple) and result and isinstance(result[0], Operations):
        return (result[0].face(),) + result[1:]
    return result


if BOARD:

    class Blocking:
        """The blocking face of an object with operations."""

        def __init__(self, operations):
            self.operations = operations

        def __getattr__(self, name):
            operations = self.operations
            if name[:1] == "_" or not hasattr(operations, name):
                cls = operations if type(self) is Blocking else self
                raise AttributeError("'%s' object has no attribute '%s'" % (type(cls).__name__.replace("Async", ""), name))
            found = getattr(operations, name)
            if not callable(found):
                return finish(found, None)

            def call(*args, **kwargs):
                return finish(found(*args, **kwargs), operations.module)

            return call

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            self.close()

    _BRIEF = (
        "rare startup models relatives attach sim registration codes deferred at.questions at.recovery at.redact "
        "VENDOR.rare VENDOR.pdp VENDOR.pdp_rare VENDOR.settings VENDOR.codes"
    )

    def blocking_class(operations):
        """Return the class of the blocking face for a class of operations."""
        return operations.blocking or Blocking

    def unload(vendor):
        """Forget what start(), connect() and error texts alone need; the next import loads it again. No state or class of
        theirs is in use."""
        import gc
        import sys

        for name in _BRIEF.split():
            parent, _, name = ("modem." + name.replace("VENDOR", vendor)).rpartition(".")
            if sys.modules.pop(parent + "." + name, None) is not None and hasattr(sys.modules[parent], name):
                delattr(sys.modules[parent], name)
        gc.collect()

    def written_out(face, operations):
        """Complete `face`, a class derived from Blocking that writes out some operations: the others are found when called."""
        operations.blocking = face

    one_thread = None

else:
    from .desktop import Blocking, OneThread, add_operations, unload  # noqa: F401

    one_thread = OneThread

    def blocking_class(operations):
        """Return the class of the blocking face for a class of operations, made on first use."""
        face = operations.__dict__.get("blocking")
        if face is None:
            face = type(operations.__name__.replace("Async", ""), (Blocking,), {"__doc__": operations.__doc__})
            written_out(face, operations)
        return face

    def written_out(face, operations):
        """Complete `face`, a class derived from Blocking that writes out some operations: add the others."""
        operations.blocking = face
        add_operations(face, operations, finish)
