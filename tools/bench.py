"""How fast the driver is, and what it costs: `python3 tools/bench.py [--quick] [--json FILE] [--plot FILE.svg]`.

Measured on CPython and on MicroPython (tools/bench_program.py is what runs inside): the cost of receiving lines and payload,
with its heap bytes, against floors and against the usual ways; goodput over a paced virtual line as a share of what the
protocol allows; round trips of a command; CPU time while waiting; RAM and flash (tools/sizes.py).

There are no absolute thresholds, since machines differ: what counts are ratios within one run. The targets of the project
are printed at the end, met or not met; the exit status does not depend on them.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tests.rigs import scene_runner
from tools import _setup

ROOT = _setup.ROOT
PROGRAM = ROOT / "tools" / "bench_program.py"
RATES = (115200, 921600)
LATENCIES_MS = (0, 5)
MODES = ("buffer", "asyncio", "push", "send", "by hand")
# Mandatory bytes beside the payload of a full block, both ways, and think times of the module per block.
FORMULA = {
    "buffer": (len(b"AT+QIRD=0,1500\r\r\n+QIRD: 1500\r\n\r\n\r\nOK\r\n"), 1),
    "push": (len(b'\r\n+QIURC: "recv",0,1500\r\n\r\n'), 0),
    "send": (len(b"AT+QISEND=0,1460\r\r\n>\r\nSEND OK\r\n"), 2),
}
FORMULA["asyncio"] = FORMULA["buffer"]  # AsyncModem in buffer mode
FORMULA["by hand"] = FORMULA["send"]  # the same bytes without the driver: what the virtual modem and two processes leave of it
ATTEMPTS = 3  # on a busy machine a transfer over a paced line is late now and then: a share below its target is measured again

LINES_FACTOR, PAYLOAD_FACTOR, WAIT_PERCENT = 4.0, 1.3, 1.0
LEAST_SHARES = {"buffer": 0.97, "asyncio": 0.97, "push": 0.98}
# An RP2040 at 125 MHz has so many cycles for each byte at 921600 baud; a third of them is what the receive path should take.
RP2040_BUDGET = 125_000_000 * 10 / 921600 / 3
# Cycles that machine.UART itself takes there for a byte: readinto() of 512 bytes, and the interrupt (emulated, as above)
RP2040_UART = (161 + 160, 176 + 200)
MPY_KB, HEAP_KB = 31, 58
FIRST_LINES, FIRST_S = 16, 0.75  # from Modem() to the first byte of a download
FIRST_RATE, FIRST_LATENCY_MS = 921600, 30
FIRST_MODELS = ("ec600e", "ec200u", "a76xx", "sim7100")
WAIT_S = 3
TIMEOUT_S = 180


def command(python, *arguments):
    """Return the command line of tools/bench_program.py under one of the Pythons."""
    return [sys.executable if python == "cpython" else scene_runner.micropython(), str(PROGRAM), *[str(a) for a in arguments]]


def environment():
    """Return the environment in which both Pythons find the driver."""
    return dict(os.environ, PYTHONPATH=str(ROOT), MICROPYPATH=".frozen:" + str(ROOT), PYTHONUNBUFFERED="1")


def measured(python, *arguments):
    """Run the program and return its rows, each with the name of the Python."""
    done = subprocess.run(
        command(python, *arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode:
        raise SystemExit("%s %s failed:\n%s%s" % (python, arguments, done.stdout, done.stderr))
    return [dict(json.loads(line), python=python) for line in done.stdout.splitlines()]


def pty_cost(python):
    """Payload over a real pty, a feeder process at its other end."""
    with tempfile.TemporaryDirectory() as folder:
        link = pathlib.Path(folder) / "tty"
        feeder = subprocess.Popen([sys.executable, str(ROOT / "tests" / "rigs" / "pty_peer.py"), str(link)])
        try:
            while not link.exists() and feeder.poll() is None:
                time.sleep(0.02)
            return measured(python, "pty", link)
        finally:
            feeder.terminate()
            feeder.wait()


def goodput(python, mode, rate, latency_ms, seconds):
    """One transfer of about `seconds` over a paced line; returns its row, with its share of the formula."""
    n = int(rate / 10 * seconds) // 1500 * 1500
    with scene_runner.data_server() as port, scene_runner.vmodem("--baud", str(rate), "--latency-ms", str(latency_ms)) as device:
        device = device.partition("@")[0]
        word = {"asyncio": "async", "send": "send", "by hand": "hand"}.get(mode)
        arguments = (word, device, port, n, rate) if word else ("goodput", device, port, mode, n, rate)
        row = measured(python, *arguments)[0]
    overhead, thinks = FORMULA[mode]
    bare_s = (row["bytes"] + overhead * row["blocks"]) * 10 / rate + thinks * row["blocks"] * latency_ms / 1000
    row.update(
        mode=mode, rate=rate, latency_ms=latency_ms, bytes_per_s=row["bytes"] / row["seconds"], share=bare_s / row["seconds"]
    )
    return row


def best_goodput(*arguments):
    """The best of at most `ATTEMPTS` transfers; one that meets its target is enough, and so is one where there is none."""
    least = LEAST_SHARES.get(arguments[1], 0)
    rows = []
    while len(rows) < ATTEMPTS and (not rows or rows[-1]["share"] < least):
        rows.append(goodput(*arguments))
    return dict(max(rows, key=lambda row: row["share"]), attempts=len(rows))


def first_byte(python, model):
    """Rows of the first program on a module that is on and attached, and of one that comes after it."""
    options = ("--baud", str(FIRST_RATE), "--latency-ms", str(FIRST_LATENCY_MS))
    with scene_runner.data_server() as port, scene_runner.vmodem(*options, model=model) as device:
        device = device.partition("@")[0]
        run = ("first", device, port, FIRST_RATE)
        return [dict(measured(python, *run)[0], model=model, program=program) for program in ("first", "next")]


def waiting(python):
    """Percent of one core that the process takes while it waits for data; None where the system does not tell."""
    with scene_runner.data_server() as port, scene_runner.vmodem() as device:
        process = subprocess.Popen(
            command(python, "waiting", device, port, WAIT_S),
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        times = {}
        for line in process.stdout:
            times[line.strip()] = cpu_seconds(process.pid)
            if line.strip() == b"WAITED":
                break
        process.stdin.write(b"\n")
        process.stdin.close()
        process.stdout.close()
        process.wait(10)
    if None in times.values():
        return None
    return 100 * (times[b"WAITED"] - times[b"WAITING"]) / WAIT_S


def cpu_seconds(pid):
    """Return how long a process has been on a CPU, None where /proc does not say."""
    try:
        return int(pathlib.Path("/proc/%d/schedstat" % pid).read_text().split()[0]) / 1e9
    except OSError:
        return None


def sizes():
    """Return what tools/sizes.py says of the install with one TCP socket, None when it could not measure."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "sizes.json"
        subprocess.run(
            [sys.executable, str(ROOT / "tools" / "sizes.py"), "--json", str(out)], cwd=ROOT, capture_output=True, check=False
        )
        if not out.exists():
            return None
        installs = json.loads(out.read_text())["installs"]
    return {name: install for name, install in installs.items() if "one TCP socket" in name}


def run(quick):
    """Measure everything; returns what --json writes."""
    found = {"load": os.getloadavg()[0], "waiting": {}}
    found.update((part, []) for part in ("receive", "calibration", "roundtrip", "first", "goodput"))
    for python in scene_runner.pythons():
        progress("receive path on " + python)
        found["receive"] += measured(python, "receive") + pty_cost(python)
        if python == "micropython":
            found["calibration"] = measured(python, "calibration")
        progress("round trips on " + python)
        with scene_runner.vmodem() as device:
            found["roundtrip"] += measured(python, "roundtrip", device, 100 if quick else 500)
        progress("from Modem() to the first byte on " + python)
        for model in FIRST_MODELS:
            found["first"] += first_byte(python, model)
        progress("waiting on " + python)
        found["waiting"][python] = waiting(python)
        for rate in RATES:
            for latency_ms in LATENCIES_MS:
                progress("goodput at %d baud, latency %d ms on %s" % (rate, latency_ms, python))
                for mode in MODES:
                    found["goodput"].append(best_goodput(python, mode, rate, latency_ms, 1 if quick else 4))
    progress("sizes")
    found["sizes"] = sizes()
    found["targets"] = targets(found)
    return found


def progress(text):
    """Say on stderr what is being measured."""
    print("... " + text, file=sys.stderr, flush=True)


# --- targets


def ratio(found, python, part):
    """Return how many times its floor the driver takes for one part of the receive path."""
    rows = {row["way"]: row["ns_per_byte"] for row in found["receive"] if row["python"] == python and row["part"] == part}
    floor = [ns for way, ns in rows.items() if way.startswith("floor")]
    return rows["ours"] / floor[0] if floor else None


def rp2040(found, part):
    """Estimate the cycles of an RP2040 for each byte of `part`: (least, most), None where it was not measured.

    What the driver takes here beyond the port's readinto, by the cycles that known loops take there for each of their
    nanoseconds here (they differ by the loop: hence two figures), and what machine.UART takes there.
    """
    rows = {r["way"]: r["ns_per_byte"] for r in found["receive"] if r["python"] == "micropython" and r["part"] == part}
    factors = [row["cycles_per_ns"] for row in found["calibration"]]
    if "ours" not in rows or not factors:
        return None
    own = rows["ours"] - rows.get("floor: readinto", 0)
    return tuple(edge + own * factor for edge, factor in zip(RP2040_UART, (min(factors), max(factors)), strict=True))


def targets(found):
    """Return the targets as rows (text, value, limit, met); met is None where it was not measured."""
    rows = []

    def at_most(text, value, limit):
        rows.append((text, value, limit, None if value is None else value <= limit))

    def at_least(text, value, limit):
        rows.append((text, value, limit, None if value is None else value >= limit))

    if "micropython" in scene_runner.pythons():
        ours = [row for row in found["receive"] if row["python"] == "micropython" and row["way"] == "ours"]
        at_most("heap bytes of receiving", max(row["heap"] for row in ours if row["heap"] is not None), 0)
        at_most("lines, times the floor", ratio(found, "micropython", "lines"), LINES_FACTOR)
        at_most("payload over a pty, times the floor", ratio(found, "micropython", "payload over a pty"), PAYLOAD_FACTOR)
        at_most("payload from memory, times the floor", ratio(found, "micropython", "payload"), PAYLOAD_FACTOR)
        estimate = rp2040(found, "whole read")
        at_most("RP2040, cycles per byte of a whole read (estimate)", estimate and estimate[1], round(RP2040_BUDGET))
    for python in scene_runner.pythons():
        for mode, limit in LEAST_SHARES.items():
            worst = min(row["share"] for row in found["goodput"] if row["python"] == python and row["mode"] == mode)
            at_least("goodput, %s, %s: worst share" % (mode, python), worst, limit)
        first = [row for row in found["first"] if row["python"] == python]
        at_most("command lines to the first byte, %s: most" % python, max(row["lines"] for row in first), FIRST_LINES)
        at_most("seconds to the first byte, %s: most" % python, max(row["seconds"] for row in first), FIRST_S)
        at_most("CPU while waiting, %s: percent" % python, found["waiting"][python], WAIT_PERCENT)
    for name, install in (found["sizes"] or {}).items():
        vendor = name.partition(",")[0]
        at_most(vendor + ", one TCP socket: .mpy kB", install["mpy"] / 1024, MPY_KB)
        heap = install.get("retained", {}).get("wasm")
        at_most(vendor + ", one TCP socket: retained heap kB, 32-bit", heap / 1024 if heap else None, HEAP_KB)
    return rows


def main():
    """Run from the command line."""
    from tools import bench_report

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw the goodput (SVG or PNG)")
    parser.add_argument("--quick", action="store_true", help="shorter transfers: about a minute in all")
    options = parser.parse_args()
    if scene_runner.micropython() is None:
        print("!! No MicroPython build for this platform: that half IS NOT MEASURED.")
    found = run(options.quick)
    bench_report.table(found)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(found, indent=1) + "\n")
    if options.plot:
        bench_report.plot(found, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
