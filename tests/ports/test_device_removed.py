# CPython only: it starts the virtual modem and both Pythons.
"""The device disappears, as a USB adapter does that is pulled out: whatever is being waited for ends with a named error."""

import concurrent.futures
import json
import os
import subprocess
import sys
import time

from tests.rigs.network_peers import free_port
from tests.rigs.scene_runner import ROOT, data_server, micropython, pythons

GONE = "the line to the module is gone"
SLOW = {"command": "+CSQ", "send": "+QISEND", "close": "+QICLOSE", "start": "+CGMI", "connect": "+QIOPEN"}


def _pull(python, flavour, state, port):
    """Start a virtual modem and the scene, take the modem away in the middle; return the scene's result."""
    slow = ["--fault", "delay:ms=60000,%scmd=%s" % ("skip=1," if state == "start" else "", SLOW[state])] if state in SLOW else []
    command = [sys.executable, "-m", "tools.vmodem", "--model", "ec600e", "--host", "srv=127.0.0.1", *slow]
    modem = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    device = modem.stdout.readline().split()[1]
    scene = str(ROOT / "tests" / "scenes" / "pulled.py")
    program = [
        sys.executable if python == "cpython" else micropython(),
        scene,
        device,
        flavour,
        str(port),
        str(free_port()),
        state,
    ]
    environment = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONUNBUFFERED="1", MICROPYPATH=".frozen:" + str(ROOT))
    host = subprocess.Popen(program, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = [host.stdout.readline()]
        time.sleep(0.3)  # the call has begun and waits
        modem.kill()
        lines += host.communicate(timeout=200)[0].strip().split("\n")
    finally:
        host.kill()
        modem.kill()
        modem.wait()
        modem.stdout.close()
    assert lines[0] == "NOW\n" and lines[-1].startswith("RESULT "), "".join(lines)
    return json.loads(lines[-1][7:])


def test_a_device_that_disappears_ends_every_wait_and_every_later_call():
    states = ("recv", "readline", "transparent", "accept", "poll", "command", "connect", "send", "start", "close")
    whos = [(python, flavour, state) for state in states for python in pythons() for flavour in ("sync", "async")]
    with data_server() as port, concurrent.futures.ThreadPoolExecutor(6) as pool:
        for who, found in zip(whos, pool.map(lambda who: _pull(*who, port), whos)):
            first, *rest = found["found"]
            assert first.startswith(GONE) if who[2] != "close" else first == "None", (who, found)
            assert rest[1] in (GONE, "OSError 9", "OSError 107"), (who, found)  # closed, or never connected
            assert all(text.startswith(GONE) for text in (rest[0], *rest[2:])), (who, found)
            assert found["quick"] and not found["connected"], (who, found)
