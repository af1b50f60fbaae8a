# CPython only: it starts the virtual modem and both Pythons.
"""Every service type and access mode of the Quectel document, end to end, on both Pythons, sync and asyncio."""

import socket

from tests.peers import free_port, peers
from tests.rig import data_server, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=200,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")


def _flavours():
    return [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _access(access, n, options, flavours=None):
    with data_server() as port:
        for python, flavour in flavours or _flavours():
            with vmodem(*options) as device:
                found = run_scene("access", device, flavour, port, access, n, python=python, timeout_s=120)
            want = {"overflow": 0, "down": True, "end": True, "up": True, "lost": 0, "rssi": True}
            assert found == want, (python, flavour, found)


def test_a_mebibyte_each_way_by_direct_push():
    _access("push", 1 << 20, CUT, [(python, "sync") for python in pythons()])


def test_a_mebibyte_each_way_in_transparent_mode():
    _access("transparent", 1 << 20, CUT, [(python, "sync") for python in pythons()])


def test_push_paced_and_cut_in_both_flavours():
    _access("push", 65536, PACED)


def test_transparent_mode_paced_and_cut_in_both_flavours():
    _access("transparent", 65536, PACED)


def test_one_connection_through_all_access_modes():
    with data_server() as port:
        for python, flavour in _flavours():
            with vmodem(*PACED) as device:
                found = run_scene("switching", device, flavour, port, python=python)
            assert len(found) == 10 and all(found.values()), (python, flavour, found)


def _servers(access, clients, n, options):
    with peers() as port:
        for python, flavour in _flavours():
            with vmodem(*options) as device:
                found = run_scene("servers", device, flavour, port, free_port(), access, clients, n, python=python)
            want = {"same": True, "clients": "SAME", "incoming": clients, "empty": True}
            assert found == want, (python, flavour, found)


def test_a_listener_with_four_clients_in_buffer_mode():
    _servers("buffer", 4, 16384, PACED)


def test_a_listener_with_three_clients_by_direct_push():
    _servers("push", 3, 16384, PACED)


def _datagrams(access, options):
    with peers() as port:
        for python, flavour in _flavours():
            with vmodem(*options) as device:
                own = free_port(socket.SOCK_DGRAM)
                found = run_scene("datagrams", device, flavour, port, own, access, 60, python=python)
            assert found.pop("sizes") == [3, 5, 7], (python, flavour, found)
            want = {"connected": True, "too long": True, "time-out": True, "service": "SAME", "seen": 60, "named": True}
            assert found == want, (python, flavour, found)


def test_datagrams_in_buffer_mode():
    _datagrams("buffer", PACED)


def test_datagrams_by_direct_push():
    _datagrams("push", PACED)
