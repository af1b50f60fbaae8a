# CPython only: it starts the virtual modem and both Pythons.
"""A PPP session with the virtual modem's LCP, PAP and IPCP, on both Pythons, sync and asyncio."""

import concurrent.futures

from tests.rigs.scene_runner import pythons, run_scene, vmodem


def _play(model):
    def scene(who):
        with vmodem(model=model) as device:
            return who, run_scene("ppp", device, who[1], python=who[0])

    with concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(scene, [(python, flavour) for python in pythons() for flavour in ("sync", "async")]):
            session = [True, 3, "busy", True]
            want = {"first": session, "again": session, "connected": True, "fetched": True}
            ends = [kind for kind in found.pop("events") if kind == "ppp closed"]
            assert found == want and len(ends) == 2, (model, who, found, ends)


def test_on_a_module_of_quectel():
    _play("ec200u")


def test_on_an_a76xx():
    _play("a76xx")
