# CPython only: it starts the virtual modem and both Pythons.
"""Several sockets and tasks under asyncio, reads cancelled all the time, on both Pythons."""

import concurrent.futures

from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem


def _many(sockets, n, *options, access="buffer"):
    def play(python):
        with vmodem(*options) as device:
            return python, run_scene("many", device, port, sockets, n, access, python=python)

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for python, found in pool.map(play, pythons()):
            assert found["same"] == [True] * sockets, (python, found)
            assert found["cancels"] > 0 and found["ticks"] > 0 and found["rssi"] is not None, (python, found)


def test_a_mebibyte_each_way_over_each_of_three_sockets():
    _many(3, 1 << 20, "--fault", "fragment:max=400,gap_ms=0")


def test_four_sockets_at_once_over_a_line_that_is_paced_and_cut():
    _many(4, 24000, "--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=50")


def test_three_sockets_with_late_replies_and_urcs_in_between():
    _many(3, 40000, "--fault", "late:every=30,ms=300", "--fault", "same-prefix:every=7")


def test_four_sockets_at_once_by_direct_push_over_a_line_that_is_paced_and_cut():
    _many(4, 24000, "--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64", access="push")
