# CPython only: it starts the virtual modem, servers and both Pythons.
"""Options, states, contexts, IPv6 and byte counters on the EC600E, end to end, on both Pythons, sync and asyncio."""

import concurrent.futures

from tests.rigs.network_peers import free_port, with_echo
from tests.rigs.scene_runner import _Handler, data_server, pythons, run_scene, vmodem


def each(scene, *arguments, options=()):
    """Play a scene on each Python in each flavour, all at a time; return [(who, result)]."""

    def play(who):
        with vmodem(*options) as device:
            return who, run_scene(scene, device, who[1], *[a() if callable(a) else a for a in arguments], python=who[0])

    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(play, [(python, flavour) for python in pythons() for flavour in ("sync", "async")]))


def test_options_states_activation_and_ipv6():
    slow = ("--host", "six.test=::1", "--fault", "delay:ms=800,urc=1,cmd=+QIACTEX", "--fault", "fragment:max=100,gap_ms=0")
    with data_server() as port, with_echo(_Handler, "::1") as port6:
        for who, found in each("options", port, port6, free_port, options=slow):
            want = {
                "asked": True, "addresses": [3, True], "down": True, "up": True, "stats": True, "udp": True,
                "resolved": ["::1"], "contexts": [True] * 3, "wrong": [], "forms": [True] * 5,
                "states": [
                    [0, "TCP", "connected", 0], [1, "TCP", "connected", 1], [2, "UDP SERVICE", "connected", 0],
                    [3, "TCP LISTENER", "listening", 0],
                ],
            }  # fmt: skip
            wrong = {key: value for key, value in found.items() if value != want.get(key)}
            assert found == want, (who, wrong)


def test_byte_counters_when_nothing_is_acknowledged():
    with data_server() as port:
        for who, found in each("loss", port, options=("--fault", "blackhole:after=4000")):
            want = {"down": True, "pending": [3000, 0, 3000], "flush": "SocketTimeout", "send": True, "kept": True, "rssi": True}
            assert found == want, (who, found)
