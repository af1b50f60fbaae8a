"""The conformance checklists, and `check`, by which a test says which of their items it proves.

    from tests.conformance import check
    check("Q-154", got, want)                # fails like `assert got == want`, and records the item

Items `Q-...` are in quectel.jsonl, `S-...` in simcom.jsonl beside this file, one JSON object a line: `id`, `topic`,
`models`, `side` ("D": the driver; "S": the simulated modem; "DS": both), `text`, and `mark` for what is not the plain word
of a document: "inf" inferred from damaged or indirect text, "gap" a choice where the documents are silent, "ext" and "GK"
general knowledge of the model family. left_out.json names items that no test checks, with the reason. The documents:

    Q  EC600E   TCP-E  EC600E-CN & EC800E-CN TCP/IP Application Guide 1.0 (2023-03-10)
       EC200U   SSL-U  EC200U & EG915U Series SSL Application Note 1.1 (2021-08-17)
       BG96     SSL-B  BG96 SSL AT Commands Manual
    S  SIM7100  D1     SIM7100 AT Command Set for Internet Service 0.01 (2015-02-10)
       A76XX    D2     A76XX Series TCPIP Application Note 1.04

`tools/conformance.py` reports what was checked. `check` works on CPython and on MicroPython.

Two environment variables steer it:

- `CONFORMANCE_RECORD`: a file to which each item that passed is appended, as `item side runtime test` with tabs between;
  the side is "falsified" in the line that says that the test failed when it was given a false value.
- `CONFORMANCE_FALSIFY`: `Q-154` replaces `got` of that item by something that equals nothing, so that the test must fail;
  `all` makes the runner (tests/conftest.py, tests/run.py) run every test once more for each item that it checks, with that
  item falsified, and demand the failure each time.
"""

import os
import sys

_RUNTIME = sys.implementation.name

# The runner on MicroPython sets `test` to "tests/at/test_x.py::test_y"; pytest tells it through the environment.
# `seen` collects what one test checks, in order; `falsified` is the item whose value is false at the moment.
test = ""
seen = []
falsified = os.getenv("CONFORMANCE_FALSIFY") or ""
_recorded = set()


class _Falsified:
    """A value that stands in for `got` and equals nothing, itself included."""

    def __eq__(self, other):
        return False

    def __ne__(self, other):
        return True

    def __repr__(self):
        return "<falsified>"


def check(item, got, want, side=None):
    """Assert that `got` equals `want`, and record that checklist item `item` was proved by this test.

    `side` is "D" (driver) or "S" (simulated modem) and matters only for items that concern both: left out, a test in
    tests/vmodem/ proves the modem's side and any other the driver's.
    """
    if item not in seen:
        seen.append(item)
    if item == falsified:
        got = _Falsified()
    if not got == want:
        raise AssertionError("%s: got %r, want %r" % (item, got, want))
    _record(item, side)


def _record(item, side):
    path = os.getenv("CONFORMANCE_RECORD")
    if not path:
        return
    name = test or (os.getenv("PYTEST_CURRENT_TEST") or "").split(" ")[0]
    if side is None:
        side = "S" if "tests/vmodem/" in name else "D"
    line = "%s\t%s\t%s\t%s\n" % (item, side, _RUNTIME, name)
    if line not in _recorded:
        _recorded.add(line)
        with open(path, "a") as f:
            f.write(line)


def runs(call):
    """Call `call`, and under `CONFORMANCE_FALSIFY=all` once more for each item it checks: each of those must fail.

    The runners put every test through this. A test that still passes with a false value does not prove its item: its
    assertion was caught on the way, or compares with something that equals everything.
    """
    global falsified
    every = os.getenv("CONFORMANCE_FALSIFY") == "all"
    del seen[:]
    if every:
        falsified = ""
    call()
    if not every:
        return
    blind = []
    for item in list(seen):
        falsified = item
        try:
            call()
        except Exception:
            _record(item, "falsified")
        else:
            blind.append(item)
        finally:
            falsified = ""
    if blind:
        raise AssertionError("passes although the value is false: " + ", ".join(blind))
