# CPython only: it starts the virtual modem and both Pythons.
"""A module that sleeps: programs on both Pythons and both vendors' modules get along with it."""

import concurrent.futures
import pathlib
import tempfile

from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem


def test_a_module_that_sleeps_after_silence_is_woken_before_each_command():
    with data_server() as port, tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(4) as pool:

        def play(python, model, flavour):
            log = pathlib.Path(folder) / (python + model)
            with vmodem("--fault", "asleep:ms=800,wake_ms=50", "--log", str(log), model=model) as device:
                found = run_scene("asleep", device, flavour, port, python=python, timeout_s=60)
            return found, log.read_text().count("woken up")

        runs = [(python, model, flavour) for python in pythons() for model, flavour in (("ec600e", "sync"), ("a76xx", "async"))]
        for who, (found, woken) in zip(runs, pool.map(play, *zip(*runs))):
            assert found == dict.fromkeys(("started", "off", "sent", "opened"), True), (who, found)
            assert woken >= 3, (who, woken)
