"""What compat.py takes from MicroPython, for CPython: the same names with the same meaning, in a few lines."""

import functools
import inspect
import threading
from types import CoroutineType as Coroutine  # noqa: F401


def const(value):
    """Mark a module-level name as a compile-time constant (a plain value on CPython)."""
    return value


def ticks_add(ticks, delta):
    """Return the tick value `delta` ms after `ticks`."""
    return ticks + delta


def ticks_diff(end, start):
    """Return the signed number of ms from `start` to `end`."""
    return end - start


class IOBase:
    """Nothing: a stream over the modem must not inherit the real one, whose __del__ would talk to the modem."""


class RingIO:
    """Fixed ring of `size` bytes with the methods of MicroPython's RingIO that the driver uses."""

    def __init__(self, size):
        self._store = bytearray(size)
        self._view = memoryview(self._store)
        self._size = size
        self._head = 0  # index of the oldest byte
        self._used = 0

    def any(self):
        """Return how many bytes wait to be read."""
        return self._used

    def write(self, buf, off=0, n=-1):
        """Store `buf[off:off+n]`, as much of it as there is room for; return how much that was."""
        n = min(len(buf) - off if n < 0 else n, self._size - self._used)
        view = memoryview(buf)
        at = (self._head + self._used) % self._size
        first = min(n, self._size - at)
        self._view[at : at + first] = view[off : off + first]
        self._view[: n - first] = view[off + first : off + n]
        self._used += n
        return n

    def readinto(self, buf, n=-1):
        """Move up to `n` bytes (default: as many as fit) into the start of `buf`; return how many."""
        n = min(len(buf) if n < 0 else n, len(buf), self._used)
        view = memoryview(buf)
        first = min(n, self._size - self._head)
        view[:first] = self._view[self._head : self._head + first]
        view[first:n] = self._view[: n - first]
        # at once: an exception between the two, such as a KeyboardInterrupt, would leave a hole
        self._head, self._used = (self._head + n) % self._size, self._used - n
        return n


def report(error):
    """Print an exception with its traceback to stderr."""
    import sys
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)


def unload(vendor):
    """Nothing: memory does not matter here."""


class OneThread:
    """The lock of a modem: one thread at a time. `depth`: how many calls of that thread, one inside the other, have it."""

    def __init__(self):
        self._lock = threading.RLock()
        self.depth = 0

    def acquire(self, blocking=True):
        """Take the lock; return whether that was possible."""
        taken = self._lock.acquire(blocking)
        self.depth += taken
        return taken

    def release(self):
        """Give it back."""
        self.depth -= 1
        self._lock.release()


class Blocking:
    """The blocking face of an object with operations; the classes that derive from it are made by `blocking_class`."""

    def __init__(self, operations):
        self.operations = operations

    def __getattr__(self, name):
        """Attributes that an object has and its class has not."""
        if name[:1] != "_" and name != "operations" and name in self.operations.__dict__:
            return self.operations.__dict__[name]
        raise AttributeError("%r object has no attribute %r" % (type(self).__name__, name))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def add_operations(face, operations, finish):
    """Give the class `face` a method with signature and docstring for each public operation of the class `operations`.

    A method that `face` writes out itself stays, with the operation's docstring; one of its base stays as it is. All of them run
    for one thread at a time: another thread gets RuntimeError, because answers of the module cannot be told apart by thread.
    """
    for name in dir(operations):
        found = getattr(operations, name)
        own = getattr(face, name, None)  # its own, or of a base
        if name[0] == "_" or name in ("blocking", "face", "face_made"):
            continue
        if inspect.isfunction(own):
            setattr(face, name, _guarded(own, found if name in face.__dict__ else own))
        elif own is None and inspect.isfunction(found):
            setattr(face, name, _guarded(_operation(found, finish), found))
        elif own is None and isinstance(found, property):
            setattr(face, name, _passed_on(name, finish, found.__doc__))
        elif own is None:
            setattr(face, name, found)


def _operation(method, finish):
    def call(self, *args, **kwargs):
        return finish(method(self.operations, *args, **kwargs), self.operations.module)

    return call


def _passed_on(name, finish, doc):
    def read(self):
        return finish(getattr(self.operations, name), None)

    return property(read, lambda self, value: setattr(self.operations, name, value), None, doc)


def _guarded(call, like):
    @functools.wraps(like)
    def guarded(self, *args, **kwargs):
        guard = self.operations.module.guard
        if not guard.acquire(blocking=False):
            raise RuntimeError("another thread is using this modem: use it from one thread, or run tools.gateway")
        try:
            return call(self, *args, **kwargs)
        finally:
            guard.release()

    guarded.__signature__ = inspect.signature(like)
    return guarded
