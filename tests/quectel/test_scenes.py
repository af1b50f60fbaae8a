# CPython only: it starts the virtual modem and both Pythons.
"""Every service type and access mode of the Quectel document, end to end, on both Pythons, sync and asyncio."""

import concurrent.futures
import contextlib
import os
import socket
import threading
import time
import tty

from tests.rigs.network_peers import datagrams, free_port, peers
from tests.rigs.scene_runner import data_server, payload, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=200,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")


def _flavours():
    return [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _each(play):
    """Run `play(python, flavour)` for each Python in each flavour, all at a time: on a paced line they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(lambda who: (who, play(*who)), _flavours()))


def _access(access, n, options):
    def play(python, flavour):
        with vmodem(*options) as device:
            return run_scene("access", device, flavour, port, access, n, python=python)

    with data_server() as port:
        for who, found in _each(play):
            want = {"overflow": 0, "down": True, "end": True, "up": True, "lost": 0, "rssi": True}
            assert found == want, (who, found)


def test_a_mebibyte_each_way_by_direct_push():
    _access("push", 1 << 20, CUT)


def test_a_mebibyte_each_way_in_transparent_mode():
    _access("transparent", 1 << 20, CUT)


def test_push_paced_and_cut_in_both_flavours():
    _access("push", 65536, PACED)


def test_transparent_mode_paced_and_cut_in_both_flavours():
    _access("transparent", 65536, PACED)


def test_one_connection_through_all_access_modes():
    def play(python, flavour):
        with vmodem(*PACED) as device:
            return run_scene("switching", device, flavour, port, python=python)

    with data_server() as port:
        for who, found in _each(play):
            assert len(found) == 10 and all(found.values()), (who, found)


def _servers(access, clients, n, options):
    def play(python, flavour):
        with vmodem(*options) as device:
            return run_scene("servers", device, flavour, port, free_port(), access, clients, n, python=python)

    with peers() as port:
        for who, found in _each(play):
            want = {"same": True, "clients": "SAME", "incoming": clients, "empty": True}
            assert found == want, (who, found)


def test_a_listener_with_four_clients_in_buffer_mode():
    _servers("buffer", 4, 17000, PACED)  # more than 64 KiB in all


def test_a_listener_with_three_clients_by_direct_push():
    _servers("push", 3, 22000, PACED)


def _datagrams(access, options):
    sent = sum(len(data) for data in datagrams(1, 110))
    assert sent > 65536

    def play(python, flavour):
        with vmodem(*options) as device:
            own = free_port(socket.SOCK_DGRAM)
            return run_scene("datagrams", device, flavour, port, own, access, 110, python=python)

    with peers() as port:
        for who, found in _each(play):
            assert found.pop("sizes") == [3, 5, 7], (who, found)
            want = {"connected": True, "too long": True, "time-out": True, "service": "SAME", "seen": sent, "named": True}
            assert found == want, (who, found)


def test_datagrams_in_buffer_mode():
    _datagrams("buffer", PACED)


def test_datagrams_by_direct_push():
    _datagrams("push", PACED)


def test_tcp_server_and_udp_service_as_asyncio_programs():
    with peers() as port:
        for python in pythons():
            with vmodem(*CUT) as device:
                own = free_port(), free_port(socket.SOCK_DGRAM)
                found = run_scene("echo_server", device, port, *own, python=python)
            assert found == {"answers": ["SAME", "SAME"], "served": [3, 3, 30]}, (python, found)


def test_a_transparent_bridge_carries_everything_both_ways():
    data = payload(9, 60000)
    with data_server() as port:
        for python in pythons():
            with vmodem("--baud", "921600") as device, pty() as (local, path):
                back = bytearray()
                threading.Thread(target=_talk, args=(local, data, back), daemon=True).start()
                found = run_scene("bridge", device.split("@")[0], port, path, python=python)
            assert bytes(back) == data, (python, len(back), found)
            assert found == {"up": len(data) + 11, "down": len(data), "rssi": True, "lost": 0}, (python, found)


def _talk(fd, data, back):
    """Be the device behind the bridge: have the server echo `data`, then quit."""

    def write(piece):
        while piece:
            piece = piece[os.write(fd, piece[:256]) :]

    write(b"ECHO %d\n" % len(data))
    sender = threading.Thread(target=write, args=(data,), daemon=True)
    sender.start()
    while len(back) < len(data):
        back += os.read(fd, 4096)
    sender.join()
    time.sleep(0.1)  # the bridge shall see QUIT in one piece
    write(b"QUIT\r\n")


@contextlib.contextmanager
def pty():
    """Yield (master's file number, path of the device)."""
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        os.close(master)
