# CPython only: it starts the virtual modem and both Pythons.
"""The portable subset: one scene on all seven models, on both Pythons, sync and asyncio. Only the model's name differs."""

import concurrent.futures
import socket

from tests.rigs.network_peers import free_port, ntp_server, peers
from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

MODELS = ("ec600e", "ec800e", "ec200u", "eg915u", "bg96", "a76xx", "sim7100")
CUT = ("--fault", "fragment:max=150,gap_ms=0", "--latency-ms", "1")
NUMBERS = {"left": 0, "incoming": 2}  # everything else is True


def _play(model, options, flavours=("sync", "async")):
    def scene(who):
        own = free_port(), free_port(socket.SOCK_DGRAM)
        with vmodem("--host", "ntp.test:123=127.0.0.1:%d" % ntp, *options, model=model) as device:
            return who, run_scene("portable", device, who[1], model, data, control, *own, python=who[0])

    with data_server() as data, peers() as control, ntp_server() as ntp, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(scene, [(python, flavour) for python in pythons() for flavour in flavours]):
            assert len(found) == 25, (who, found)
            wrong = {name: value for name, value in found.items() if value != NUMBERS.get(name, True)}
            assert not wrong, (model, who, wrong)


def test_the_portable_subset_on_ec600e():
    _play("ec600e", CUT)


def test_the_portable_subset_on_ec800e():
    _play("ec800e", CUT)


def test_the_portable_subset_on_ec200u():
    _play("ec200u", CUT)


def test_the_portable_subset_on_eg915u():
    _play("eg915u", CUT)


def test_the_portable_subset_on_bg96():
    _play("bg96", CUT)


def test_the_portable_subset_on_a76xx():
    _play("a76xx", CUT)


def test_the_portable_subset_on_sim7100():
    _play("sim7100", CUT)
