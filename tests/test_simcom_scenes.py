# CPython only: it starts the virtual modem and both Pythons.
"""Every service type and access mode of the A76XX note, end to end, on both Pythons, sync and asyncio."""

import concurrent.futures
import socket
import tempfile

from tests.peers import free_port, peers
from tests.rig import data_server, payload, pythons, run_scene, vmodem
from tests.test_tls_scenes import LIVE, NOW, Authority, world

CUT = ("--fault", "fragment:max=200,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")


def _flavours():
    return [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _access(access, n, options, model="a76xx"):
    """Play the scene on each Python in each flavour, all at a time."""

    def play(who):
        with vmodem(*options, model=model) as device:
            return who, run_scene("access", device, who[1], port, access, n, python=who[0], timeout_s=120)

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            want = {"overflow": 0, "down": True, "end": True, "up": True, "lost": 0, "rssi": True}
            assert found == want, (who, model, options, found)


def test_a_mebibyte_each_way_in_buffer_mode():
    _access("buffer", 1 << 20, CUT)


def test_a_mebibyte_each_way_by_direct_push():
    _access("push", 1 << 20, CUT)


def test_a_mebibyte_each_way_in_transparent_mode():
    _access("transparent", 1 << 20, CUT)


def test_each_access_mode_paced_and_cut_in_both_flavours():
    for access in ("buffer", "push", "transparent"):
        _access(access, 32768, PACED)


def test_each_access_mode_on_sim7100():
    for access in ("buffer", "push", "transparent"):
        _access(access, 65536, CUT, "sim7100")


def test_one_transparent_connection_left_and_taken_up_again():
    with data_server() as port:
        for python, flavour in _flavours():
            with vmodem(*PACED, model="a76xx") as device:
                found = run_scene("escape", device, flavour, port, python=python)
            assert len(found) == 6 and all(found.values()), (python, flavour, found)


def _servers(access, clients, n, options, model="a76xx"):
    def play(who):
        with vmodem(*options, model=model) as device:
            return who, run_scene("servers", device, who[1], port, free_port(), access, clients, n, python=who[0])

    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert found == {"same": True, "clients": "SAME", "incoming": clients, "empty": True}, (who, found)


def test_a_listener_with_three_clients_in_buffer_mode():
    _servers("buffer", 3, 65536, CUT)
    _servers("buffer", 3, 8192, PACED)


def test_a_listener_with_three_clients_by_direct_push():
    _servers("push", 3, 60000, CUT)  # the ring of a client that waits has to hold it all
    _servers("push", 3, 8192, PACED)
    _servers("push", 2, 8192, CUT, "sim7100")


def test_four_listeners_at_a_time_and_no_fifth():
    def play(who):
        with vmodem(*CUT, model="a76xx") as device:
            own = [free_port() for _ in range(5)]
            return who, run_scene("listeners", device, who[1], port, *own, python=who[0])

    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert found == {"clients": ["SAME"] * 4, "fifth": True, "again": "SAME", "left": 0}, (who, found)


def _datagrams(access, count, options, model="a76xx"):
    def play(who):
        with vmodem(*options, model=model) as device:
            own = free_port(socket.SOCK_DGRAM)
            return who, run_scene("datagrams", device, who[1], port, own, access, count, python=who[0])

    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert found.pop("service") == "SAME" and found.pop("seen") == count, (who, found)
            assert found.pop("sizes", [3, 5, 7]) == [3, 5, 7], (who, found)
            assert found == {"connected": True, "too long": True, "time-out": True, "named": True}, (who, found)


def test_datagrams_in_buffer_mode():
    _datagrams("buffer", 130, CUT)  # more than 64 KiB
    _datagrams("buffer", 40, PACED)


def test_datagrams_by_direct_push():
    _datagrams("push", 130, CUT)
    _datagrams("push", 40, PACED)
    _datagrams("push", 40, CUT, "sim7100")


def _transfer(down, up, *options, timeout_s=90):
    with data_server() as port:
        for python in pythons():
            with vmodem(*options, model="a76xx") as device:
                found = run_scene("transfer", device, port, down, up, python=python, timeout_s=timeout_s)
            if down:
                assert (found["announced"], found["got"], found["same"]) == (down, down, True), (python, options, found)
            if up:
                assert found["upload"] == "SAME", (python, options, found)
                sent, acked, pending = found["stats"]
                assert sent == acked > up and pending == 0, (python, found)


def test_a_paced_line_with_latency_when_urcs_rain():
    _transfer(65536, 16384, "--baud", "921600", "--latency-ms", "5", "--fault", "storm:ms=20,n=3", "--fault", "fragment:max=64")


def test_urcs_with_the_prefix_of_the_reply_just_before_it():
    _transfer(65536, 16384, "--fault", "same-prefix:every=5", "--fault", "fragment:max=64,gap_ms=0")


def test_replies_that_come_late():
    _transfer(65536, 0, "--fault", "late:every=20,ms=1500")


def test_the_peer_closes_while_data_is_still_in_the_module():
    _transfer(65536, 0, "--baud", "921600", "--fault", "close:after=20000")


def _plan(w):
    stranger = Authority("Stranger", key="stranger", starts=NOW - 86400, ends=NOW + 86400)
    w.file("stranger.pem", stranger.pem)
    good = w.serve()
    w.case("good chain", "ok", good)
    w.case("nothing verified", "ok", good, tls={"verify": False})
    w.case("no CA given", "ValueError: no CA file", good, tls={})
    w.case("wrong CA", 15, good, tls={"ca": "stranger.pem"})
    w.case("CA file missing", 19, good, tls={"ca": "nowhere.pem"})
    w.case("expired", 15, w.serve(w.authority.issue("good.test", starts=NOW - 9 * 86400, ends=NOW - 86400)))
    client = w.authority.issue(common_name="client", key="client", **LIVE)
    w.file("client.pem", client.certificate_pem)
    w.file("client-key.pem", client.key_pem)
    demanding = w.serve(client_ca=w.authority)
    w.case("client certificate given", "ok", demanding, tls={"ca": "ca.pem", "cert": "client.pem", "key": "client-key.pem"})
    w.case("two sockets at a time", "ok", good, tls={"ca": "ca.pem"}, many=2, sets=2)


def test_tls_with_each_sort_of_certificate():
    with world() as w:
        _plan(w)
        w.run("a76xx", *CUT)


def test_tls_in_both_access_modes():
    with world() as w:
        port = w.serve()
        for access in ("buffer", "push"):
            w.case(access, "ok", port, down=65536, up=65536, access=access)
            w.case(access + ", ended by the server", "ok", port, down=65536, access=access, ask="GET")
        w.run("a76xx", *PACED)


def test_three_sockets_with_late_replies_and_urcs_in_between_under_asyncio():
    with data_server() as port:
        for python in pythons():
            for options in (("late:every=30,ms=300", "same-prefix:every=7"), ("fragment:max=50", "storm:ms=20,n=3")):
                faults = [word for option in options for word in ("--fault", option)]
                with vmodem(*faults, model="a76xx") as device:
                    found = run_scene("many", device, port, 3, 40000, python=python, timeout_s=120)
                assert found["same"] == [True] * 3, (python, found)
                assert found["cancels"] > 0 and found["rssi"] is not None, (python, found)


def test_a_restart_of_the_module_in_mid_transfer_is_a_named_error_and_can_be_mended():
    data = payload(5, 200000)
    with data_server() as port, tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        for python in pythons():
            with vmodem(
                "--fault", "reboot:after=60000,down_ms=500", "--fault", "fragment:max=300,gap_ms=0", model="a76xx"
            ) as device:
                found = run_scene("reboot", device, port, len(data), file.name, python=python)
            assert found["closed"] and found["reboot"] and found["prefix_same"] and found["again"], (python, found)
