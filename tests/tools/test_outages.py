# CPython only: the driver and the virtual modem run on simulated time.
"""A supervisor in breakdowns of a hundred minutes: up again in a stated time, with no more restarts than the documents allow."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_a_supervisor_is_up_again_soon_after_the_cause_is_gone():
    command = [sys.executable, "-m", "tools.simulation.outages", "ec600e", "a76xx"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("restarts of") == 16, done.stdout
