# CPython only: it starts the virtual modem and both Pythons.
"""Calls that are broken off in their middle: Ctrl-C, asyncio.wait_for. On both Pythons, whatever was under way."""

import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from tests.rigs.network_peers import free_port
from tests.rigs.scene_runner import ROOT, data_server, micropython, pythons, run_scene, vmodem

MODELS = ("ec600e", "a76xx")
WAITS = ("7", "23", "35", "219", "230", "270", "271")  # poll, select, nanosleep and their kin, as Linux on x86-64 numbers them


def _judge(who, found):
    """Each call was broken off or, on a machine with a lot to do, done before that; what came after it works."""
    words = [value[0] for value in found.values() if isinstance(value, list)]
    wrong = {name: value for name, value in found.items() if value not in (True, ["broken off", True], ["done", True])}
    assert not wrong and len(found) >= 30 and words.count("broken off") >= 10, (who, wrong, words)


def _interrupt(process):
    """Send SIGINT while the program waits for the module or for time to pass.

    The unix build of MicroPython raises KeyboardInterrupt out of the signal handler, wherever it is; inside its allocator or its
    table of names that leaves a lock behind for ever. So the program is stopped, looked at, and interrupted only where it waits.
    """
    for _ in range(2000):
        time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        while _status(process.pid, "stat").rpartition(") ")[2][:1] not in ("T", "Z", ""):
            time.sleep(0.001)
        if _status(process.pid, "syscall").split(" ")[0] in (*WAITS, ""):
            break
        process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)


def _status(pid, name):
    """Return what Linux tells about a process; "" where it does not."""
    try:
        return pathlib.Path("/proc/%d/%s" % (pid, name)).read_text()
    except OSError:
        return ""


def _scene(python, model, port):
    """Run the scene, and send it SIGINT soon after each NOW."""
    with vmodem("--latency-ms", "100", model=model) as device:
        scene = str(ROOT / "tests" / "scenes" / "interrupt.py")
        program = [sys.executable if python == "cpython" else micropython(), scene, device, "sync", str(port), str(free_port())]
        environment = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONUNBUFFERED="1", MICROPYPATH=".frozen:" + str(ROOT))
        host = subprocess.Popen(program, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        try:
            for line in host.stdout:
                lines.append(line)
                if line == "NOW\n":
                    _interrupt(host)
        finally:
            host.kill()
            host.wait()
            host.stdout.close()
    assert lines[-1].startswith("RESULT "), "".join(lines)
    return json.loads(lines[-1][7:])


def test_every_call_may_be_interrupted_by_the_keyboard():
    whos = [(python, model) for model in MODELS for python in pythons()]
    with data_server() as port, concurrent.futures.ThreadPoolExecutor(4) as pool:
        for who, found in zip(whos, pool.map(lambda who: _scene(*who, port), whos)):
            _judge(who, found)


def test_every_awaited_call_may_be_cancelled():
    whos = [(python, model) for model in MODELS for python in pythons()]

    def play(who):
        with vmodem("--latency-ms", "100", model=who[1]) as device:
            return run_scene("interrupt", device, "async", port, free_port(), python=who[0])

    with data_server() as port, concurrent.futures.ThreadPoolExecutor(4) as pool:
        for who, found in zip(whos, pool.map(play, whos)):
            _judge(who, found)
