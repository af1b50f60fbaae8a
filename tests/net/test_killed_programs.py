# CPython only: it starts the virtual modem, real servers, and both Pythons.
"""Programs that are killed at a random moment, twice, and run again on the module as it is: a sample of what tools/kills.py plays."""

import concurrent.futures

from tests.rigs.scene_runner import pythons
from tools import kills

AT_ONCE = 6  # they wait most of the time


def sample():
    """Return (model, activity, Python): every activity under every Python, the models in turn."""
    named = [activity for model in kills.MODELS for activity in kills.activities(model)]
    chosen = []
    for activity in sorted(set(named)):
        able = [model for model in sorted(kills.MODELS) if activity in kills.activities(model)]
        for python in pythons():
            chosen.append((able[len(chosen) % len(able)], activity, python))
    return chosen


def test_the_third_run_works():
    choices = sample()
    assert {activity for _, activity, _ in choices} >= {
        "buffer", "push", "transparent", "upload", "tls", "server", "udp", "file", "sleep", "baud rate",
        "smtp", "pop3", "ftp", "ftps", "http", "https",
    }  # fmt: skip
    with kills.servers() as ports, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        played = list(pool.map(lambda n: kills.play(n, ports, *choices[n]), range(len(choices))))
    for text, _, found, problem in played:
        assert problem is None and found["same"], (text, problem)
    done = sum(killed for _, killed, _, _ in played)
    assert done >= len(choices)  # each of these kills was survived
