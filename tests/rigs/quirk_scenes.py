"""What the tests of habits (the virtual modem's quirks) share: tests/scenes/habits.py against one with quirks. CPython only."""

import concurrent.futures
import contextlib
import json
import pathlib
import socket
import tempfile

from tests.net.test_tls_scenes import LIVE, NOW, Authority, server_context, tls_server
from tests.rigs.network_peers import free_port, peers
from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=100,gap_ms=0", "--host", "two.test=127.0.0.1", "--host", "two.test=127.0.0.2")


@contextlib.contextmanager
def _world():
    """Yield what the scene's plan says about this side."""
    authority = Authority(starts=NOW - 8640000, ends=NOW + 8640000)
    context = server_context(authority.issue("good.test", **LIVE))
    with tempfile.TemporaryDirectory() as folder, data_server() as data, peers() as control, tls_server(context) as tls:
        ca = pathlib.Path(folder) / "ca.pem"
        ca.write_bytes(authority.pem)
        yield {"data": data, "peers": control, "tls": tls, "ca": str(ca), "folder": folder}


def play(model, cases):
    """Play (quirks, parts) each on every Python, sync and asyncio in turn; nothing may be wrong."""

    def scene(number, python, quirks, parts):
        own = free_port(), free_port(socket.SOCK_DGRAM)
        plan = pathlib.Path(world["folder"]) / ("%d.json" % number)
        plan.write_text(json.dumps({**world, "parts": parts, "own": own, "senders": "rxget-source=unknown" not in quirks}))
        options = [word for quirk in quirks for word in ("--quirk", quirk)]
        with vmodem("--host", "good.test=127.0.0.1", *CUT, *options, model=model) as device:
            found = run_scene("habits", device, ("sync", "async")[number // 2 % 2], plan, python=python)
        return quirks, python, found, parts

    runs = [(python, quirks, parts) for quirks, parts in cases for python in pythons()]
    with _world() as world, concurrent.futures.ThreadPoolExecutor(6) as pool:
        for quirks, python, found, parts in pool.map(scene, range(len(runs)), *zip(*runs)):
            assert found.pop("rssi") == [] and sorted(found) == sorted(parts), (quirks, python, found)
            assert not any(found.values()), (quirks, python, found)


def habits(table, *names):
    """The cases of some quirks of a table {quirk: {value: parts}}."""
    return [(["%s=%s" % (name, value)], parts) for name in names for value, parts in table[name].items()]
