# CPython only: it starts the virtual modem and both Pythons.
"""Messages, position, network information and power saving on the virtual modem, on both Pythons, sync and asyncio."""

import concurrent.futures

from tests.rigs.scene_runner import pythons, run_scene, vmodem

OPERATORS = [
    ["Virtual Network", "00101", "LTE", "current"], ["Second Network", "00102", "LTE", "available"],
    ["Third Network", "00103", "LTE", "forbidden"],
]  # fmt: skip
WANT = {
    "deleted": [0, 50], "operator": "Virtual Network", "technology": "LTE", "band": "B3", "cell": ["00101", 0x5A1E, 0x0ABCDE01],
    "rssi": -67, "rsrp": -95, "rsrq": -10, "sinr": 15, "scan": OPERATORS, "edrx": [20.48, 20.48, 0],
    "psm": [[True, 60, 108000], [True, 60, 108000], [False, 0, 0]], "place": [525200, 134000, 34.0, True],
}  # fmt: skip


def _play(model):
    def scene(who):
        with vmodem("--gnss", "52.52005,13.40005,34", "--fault", "fragment:max=150,gap_ms=0", model=model) as device:
            return who, run_scene("messages", device, who[1], python=who[0])

    with concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(scene, [(python, flavour) for python in pythons() for flavour in ("sync", "async")]):
            wrong = {name: value for name, value in found.items() if value != WANT.get(name, True)}
            assert not wrong and len(found) == 25, (model, who, wrong, len(found))


def test_on_a_module_of_quectel():
    _play("ec200u")


def test_on_an_a76xx():
    _play("a76xx")


def test_on_a_sim7100():
    _play("sim7100")
