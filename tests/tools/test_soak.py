# CPython only: it starts the virtual modem and both Pythons.
"""A few rounds of tools/soak.py: random programs over virtual modems on which anything may go wrong; and that its judge can say no."""

import concurrent.futures

from tests.rigs.scene_runner import pythons
from tools import soak


def test_random_programs_over_faulty_modems():
    nbytes = 0
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for text, found, problems in pool.map(lambda seed: soak.play(seed, 2, slack_s=60), range(10, 16)):
            assert not problems and found["acts"] > 30, (text, found, problems)
            nbytes += found["nbytes"]
    assert nbytes > 100


def test_rounds_differ_and_can_be_repeated():
    plans = [soak.plan(seed) for seed in range(60)]
    assert plans == [soak.plan(seed) for seed in range(60)] and len({str(plan) for plan in plans}) == 60
    assert {plan[0] for plan in plans} == set(soak.MODELS) and {plan[1] for plan in plans} == set(pythons())
    assert soak.plan(5, "bg96")[0] == "bg96"


def test_changed_bytes_are_found():
    found = soak.play(3, 60, "ec600e", ("--fault", "garble:every=997,skip=6000"))  # ends at the first of them
    assert any("wrong data" in problem for problem in found[2]), found
