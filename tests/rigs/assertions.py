"""`raises` and `skip`, which pytest has and MicroPython has not. Runs on both Pythons."""

import sys

MICROPYTHON = sys.implementation.name == "micropython"


class Skip(Exception):
    """Raised by a test that cannot run here; the runners count it as skipped."""


def skip(reason):
    """Skip the test that calls this."""
    if not MICROPYTHON:
        import pytest

        pytest.skip(reason)
    raise Skip(reason)


class raises:
    """`with raises(ValueError, "apn") as error:` demands the exception (and that its text holds the words); `error.value` is it."""

    def __init__(self, kind, *words):
        self.kind = kind
        self.words = words
        self.value = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        assert kind is not None, "nothing was raised, %s was wanted" % self.kind
        if not isinstance(value, self.kind):
            return False
        self.value = value
        for word in self.words:
            assert word in str(value), "%r is not in %r" % (word, str(value))
        return True
