# CPython only: it starts the virtual modem and both Pythons.
"""The portable subset: one scene on every model of modem/models.py, on both Pythons, sync and asyncio. Only the model's name differs."""

import concurrent.futures
import socket

from modem.models import MODELS
from tests.rigs.network_peers import free_port, ntp_server, peers
from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

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


def _test_of(model):
    return lambda: _play(model, CUT)


for _model in MODELS:  # a test for each, because they take long and run side by side
    globals()["test_the_portable_subset_on_" + _model.name] = _test_of(_model.name)
