# CPython only: it starts the virtual modem and both Pythons.
"""One TCP connection, end to end, on both Pythons, over a pty that is cut; the faults that break other drivers are in tests/scenes/test_faults.py."""

import concurrent.futures

from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

MEBIBYTE = 1 << 20


def test_a_mebibyte_each_way_when_every_write_is_cut():
    def play(python):
        with vmodem("--fault", "fragment:max=200,gap_ms=0") as device:
            return python, run_scene("transfer", device, port, MEBIBYTE, MEBIBYTE, python=python)

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for python, found in pool.map(play, pythons()):
            assert (found["announced"], found["got"], found["same"]) == (MEBIBYTE, MEBIBYTE, True), (python, found)
            sent, acked, pending = found["stats"]
            assert found["upload"] == "SAME" and sent == acked > MEBIBYTE and pending == 0, (python, found)
