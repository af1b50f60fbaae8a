"""pytest: leave MicroPython's own test files out, and run coroutine tests without a plugin."""

import asyncio
import inspect
import pathlib

import pytest

from tests import conformance
from tests.run import only_for

collect_ignore = [str(p) for p in pathlib.Path(__file__).parent.rglob("test_*.py") if only_for(str(p)) == "MicroPython"]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Call the test; a coroutine gets an event loop of its own."""
    wanted = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: value for name, value in pyfuncitem.funcargs.items() if name in wanted}

    def call():
        result = pyfuncitem.obj(**arguments)
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        assert result is None, "a test returns nothing"

    conformance.runs(call)
    return True
