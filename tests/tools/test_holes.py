# CPython only: MicroPython has no random.Random.
"""tools/holes.py with few of its trials: hardly a hole in a pushed stream stays silent, and none where the port tells."""

from tools.holes import KINDS, VENDORS, silent, trial

_TRIALS = 30


def test_holes_are_noticed():
    for vendor in VENDORS:
        missed = late = 0
        for kind in KINDS:
            found, numbers, wrong = silent(vendor, kind, _TRIALS)
            missed += found
            late += wrong
        assert missed * 100 <= 3 * _TRIALS * len(KINDS), (vendor, missed)
        assert late * 100 <= 3 * _TRIALS * len(KINDS), (vendor, late)


def test_no_hole_is_silent_where_the_port_tells():
    for vendor in VENDORS:
        for kind in KINDS:
            assert silent(vendor, kind, _TRIALS, tells=True) == (0, [], 0), (vendor, kind)


def test_a_stream_without_a_hole_is_no_alarm():
    for vendor in VENDORS:
        for kind in KINDS:
            for number in range(5):
                assert trial(vendor, kind, number, hole=False) == (False, 0, None), (vendor, kind, number)
