"""`check` itself: it must fail when it should, and say what was wrong."""

from tests import conformance


def _fails(got, want, falsified=""):
    before, seen, record = conformance.falsified, list(conformance.seen), conformance._record
    conformance.falsified = falsified
    conformance._record = lambda *_: None  # Q-000 is no item of a checklist
    try:
        conformance.check("Q-000", got, want)
    except AssertionError as e:
        return str(e)
    finally:
        conformance.falsified, conformance._record = before, record
        conformance.seen[:] = seen
    return ""


def test_check_fails_when_values_differ():
    assert _fails(1, 2) == "Q-000: got 1, want 2"
    assert _fails(b"a", b"a") == ""


def test_check_fails_when_its_item_is_falsified():
    for value in (1, b"a", "a", None, True, [1], (1, 2), {"a": 1}):
        assert "got <falsified>" in _fails(value, value, "Q-000"), value
        assert _fails(value, value, "Q-001") == "", value


def test_a_test_that_swallows_the_assertion_is_found_by_falsifying():
    calls = []

    def blind():
        calls.append(conformance.falsified)
        try:
            conformance.check("Q-000", 1, 1)
        except AssertionError:
            pass

    real_os, seen, record = conformance.os, list(conformance.seen), conformance._record

    class Environment:
        @staticmethod
        def getenv(name):
            return "all" if name == "CONFORMANCE_FALSIFY" else None

    before = conformance.falsified
    conformance.os, conformance._record = Environment, lambda *_: None
    try:
        conformance.runs(blind)
        message = ""
    except AssertionError as e:
        message = str(e)
    finally:
        conformance.os, conformance._record, conformance.falsified = real_os, record, before
        conformance.seen[:] = seen
    assert message == "passes although the value is false: Q-000"
    assert calls == ["", "Q-000"]
