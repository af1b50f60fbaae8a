# CPython only: it starts the virtual modem and both Pythons.
"""The baud rate is changed on a line that garbles when the two ends differ, as a real one does."""

import concurrent.futures

from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

WANT = dict.fromkeys(("921600", "57600", "460800", "230400", "refused", "whole"), True)


def test_the_rate_changes_and_a_restarted_module_is_found_at_the_stored_one():
    with data_server() as port, concurrent.futures.ThreadPoolExecutor(2) as pool:

        def play(python, model, flavour):
            with vmodem("--baud", "115200", model=model) as device:
                return run_scene("rate", device, flavour, port, python=python)

        kinds = (("ec600e", "sync"), ("a76xx", "async"))
        runs = [(python, *kind) for python, kind in zip(pythons(), kinds * 2)]
        for who, found in zip(runs, pool.map(play, *zip(*runs))):
            assert found == {**WANT, "again": 460800}, (who, found)
