"""Run the tests on MicroPython: `micropython tests/run.py [--lib DIR] [tests/at | tests/at/test_x.py[::test_y] ...]`.

Runs every `test_...` function of the files and folders named (all of tests/ when none is), prints a traceback for each failure, ends
with a line `N passed, N failed, N skipped`, and exits with 1 if any failed or none ran. A file whose first lines hold
`# CPython only: <reason>.` is left out; a test that raises an exception named Skip, SkipTest or Skipped counts as skipped.
`--lib DIR` puts a folder first on the import path, to test an installed or byte-compiled copy of the library.
"""

import asyncio
import os
import sys

_HEAD_LINES = 12


def only_for(path):
    """The one Python a test file is for, as its first lines say: "CPython", "MicroPython" or None for both."""
    with open(path) as f:
        for _ in range(_HEAD_LINES):
            line = f.readline()
            for python in ("CPython", "MicroPython"):
                if line.startswith("# %s only: " % python):
                    return python
    return None


def _folder(path):
    return path.rsplit("/", 1)[0] if "/" in path else "."


def _test_files(folder):
    """The test files of a folder and of the folders in it."""
    found = []
    for name in sorted(os.listdir(folder)):
        path = folder + "/" + name
        if name.startswith("test_") and name.endswith(".py"):
            found.append(path)
        elif "." not in name and name != "__pycache__":
            found += _test_files(path)
    return found


def _call(function):
    result = function()
    if hasattr(result, "send"):
        try:
            asyncio.run(result)
        finally:
            asyncio.new_event_loop()  # otherwise tasks left over go on in the next test


class _Count:
    passed = failed = skipped = 0


def _run_test(name, function, conformance):
    conformance.test = name
    try:
        conformance.runs(lambda: _call(function))
    except Exception as e:
        if type(e).__name__ in ("Skip", "SkipTest", "Skipped"):
            _Count.skipped += 1
            print("skipped", name, e)
            return
        _Count.failed += 1
        print("FAILED", name)
        sys.print_exception(e)
    else:
        _Count.passed += 1


def _import(path):
    at = ("/" + path).rfind("/tests/")
    if at >= 0:
        name = path[at:-3].replace("/", ".")
    else:
        folder, name = _folder(path), path.rsplit("/", 1)[-1][:-3]
        if folder not in sys.path:
            sys.path.insert(0, folder)
    return __import__(name, None, None, ("*",))


def _run_file(path, wanted, conformance):
    try:
        module = _import(path)
        names = [n for n in sorted(dir(module)) if n.startswith("test_") and wanted in ("", n)]
        if not names:
            raise ValueError("no test named %r in %s" % (wanted, path))
    except Exception as e:
        _Count.failed += 1
        print("FAILED", path)
        sys.print_exception(e)
        return
    for name in names:
        _run_test("%s::%s" % (path, name), getattr(module, name), conformance)


def main(arguments):
    """Run what the arguments name and return the exit status."""
    here = _folder(sys.argv[0])
    root = here + "/.."
    sys.path[0] = root  # the script's own folder would make tests/ look like a set of top-level modules
    if arguments[:1] == ["--lib"]:
        sys.path.insert(0, arguments[1])
        arguments = arguments[2:]
    from tests import conformance

    for argument in arguments or [here]:
        named, _, wanted = argument.partition("::")
        for path in [named] if named.endswith(".py") else _test_files(named.rstrip("/")):
            if only_for(path) != "CPython":
                _run_file(path, wanted, conformance)
    print("%d passed, %d failed, %d skipped" % (_Count.passed, _Count.failed, _Count.skipped))
    return 1 if _Count.failed or not _Count.passed + _Count.skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
