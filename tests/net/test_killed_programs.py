# CPython only: it starts the virtual modem, real servers, and both Pythons.
"""Programs that are killed at a random moment, twice, and run again on the module as it is: a sample of what tools/kills.py plays."""

import concurrent.futures

from tests.rigs.scene_runner import pythons
from tools import kills

# (model, activity): each kind of state that a killed program leaves behind
SAMPLE = (
    ("ec600e", "transparent"), ("ec600e", "push"), ("ec200u", "file"), ("ec200u", "tls push"), ("bg96", "server"),
    ("a76xx", "transparent"), ("a76xx", "upload"), ("a76xx", "tls"), ("a76xx", "server"), ("sim7100", "baud rate"),
    ("sim7100", "ftps"), ("sim7100", "https"),
)  # fmt: skip


def test_the_third_run_works():
    choices = [(model, activity, pythons()[n % len(pythons())]) for n, (model, activity) in enumerate(SAMPLE)]
    with kills.servers() as ports, concurrent.futures.ThreadPoolExecutor(kills.AT_ONCE) as pool:
        played = list(pool.map(lambda n: kills.play(n, ports, *choices[n]), range(len(choices))))
    for text, _, found, problem in played:
        assert problem is None and found["same"], (text, problem)
    assert sum(killed for _, killed, _, _ in played) >= len(choices)
