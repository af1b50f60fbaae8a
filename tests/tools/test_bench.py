# CPython only: it runs tools/bench.py's parts, and MicroPython as a process.
"""The arithmetic of tools/bench.py, and its program under both Pythons. Nothing here looks at how fast anything is."""

import pathlib
import tempfile

from tests.rigs import scene_runner
from tools import bench, bench_report


def _found(share, heap=0, lines=3.0):
    """What a run could have found."""
    receive = [
        {
            "python": "micropython",
            "part": part,
            "way": way,
            "ns_per_byte": ns,
            "heap": heap if part != "payload over a pty" else None,
        }
        for part, factor in (("lines", lines), ("payload", 1.2), ("payload over a pty", 1.2), ("whole read", 1.5))
        for way, ns in (("ours", 10.0 * factor), ("floor: x", 10.0), ("usual: y", 90.0))
    ]
    goodput = [
        {
            "python": python, "mode": mode, "rate": 115200, "latency_ms": 5, "share": share, "bytes_per_s": 1e4, "whole": True,
            "attempts": 2,
        }
        for python in scene_runner.PYTHONS
        for mode in bench.MODES
    ]  # fmt: skip
    return {
        "load": 0.5,
        "receive": receive,
        "calibration": [{"way": way, "cycles_per_ns": n} for way, n in (("x", 20.0), ("y", 40.0))],
        "goodput": goodput,
        "waiting": {"cpython": 0.1, "micropython": None},
        "first": [
            {"python": python, "lines": 14, "seconds": 0.6, "model": "x", "program": "first"} for python in scene_runner.PYTHONS
        ],
        "roundtrip": [{"python": "cpython", "way": "ours", "median_us": 5, "best_us": 4}],
        "sizes": {
            "quectel, one TCP socket (x)": {"mpy": 18 * 1024, "retained": {"unix": 1}, "peak": {"wasm": 50 * 1024}},
            "simcom, one TCP socket (y)": {"mpy": 18 * 1024, "retained": {"wasm": 59 * 1024}},
        },
    }


def _met(found):
    return {text: met for text, value, limit, met in bench.targets(found)}


def test_targets_when_met_missed_and_not_measured():
    met = _met(_found(0.975))
    assert met["goodput, buffer, cpython: worst share"] is True
    assert met["goodput, push, cpython: worst share"] is False
    assert met["CPU while waiting, cpython: percent"] is True
    assert met["quectel, one TCP socket: .mpy kB"] is True
    assert met["quectel, one TCP socket: retained heap kB, 32-bit"] is None
    assert met["simcom, one TCP socket: retained heap kB, 32-bit"] is False
    if scene_runner.micropython():
        assert met["CPU while waiting, micropython: percent"] is None
        assert met["lines, times the floor"] is True
        assert met["RP2040, cycles per byte of a whole read (estimate)"] is False
        assert met["heap bytes of receiving"] is True
        worse = _met(_found(0.99, heap=16, lines=4.1))
        assert worse["lines, times the floor"] is False
        assert worse["heap bytes of receiving"] is False
        assert worse["goodput, push, micropython: worst share"] is True


def test_table_and_plot_when_the_figures_are_there(capsys):
    found = _found(0.975)
    found["targets"] = bench.targets(found)
    bench_report.table(found)
    text = capsys.readouterr().out
    assert (
        "RP2040" in text
        and "best of 2" in text
        and "97.5 %" in text
        and "NOT MET" in text
        and "not measured" in text
        and "38 mandatory bytes" in text
    )
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.svg"
        bench_report.plot(found, str(path))
        assert "115200 baud, 5 ms, push" in path.read_text()


def test_goodput_formula_is_that_of_the_shortest_possible_exchange():
    read, send = (15 + 15 + 2 + 6, 1), (17 + 3 + 11, 2)
    assert bench.FORMULA == {"buffer": read, "asyncio": read, "push": (25 + 2, 0), "send": send, "by hand": send}


def test_estimate_for_an_rp2040_is_what_its_uart_takes_and_the_drivers_own_time_by_known_loops():
    found = _found(0.99)
    assert bench.rp2040(found, "whole read") == (321 + 15.0 * 20, 376 + 15.0 * 40)
    for row in found["receive"]:
        if row["part"] == "payload" and row["way"].startswith("floor"):
            row["way"] = "floor: readinto"
    assert [round(n) for n in bench.rp2040(found, "payload")] == [321 + 2 * 20, 376 + 2 * 40]
    found["calibration"] = []
    assert bench.rp2040(found, "payload") is None


def test_the_program_when_run_by_each_python():
    for python in scene_runner.pythons():
        rows = bench.measured(python, "receive", 1)
        assert [row["part"] for row in rows].count("lines") == 4
        assert [row["part"] for row in rows].count("payload") == 4
        assert [row["part"] for row in rows].count("whole read") == 2
        for row in rows:
            assert row["ns_per_byte"] > 0
            if python == "micropython" and row["way"] == "ours":
                assert row["heap"] == 0, row
    if scene_runner.micropython():
        rows = bench.measured("micropython", "calibration")
        assert len(rows) == 4 and all(row["ns"] > 0 and row["cycles_per_ns"] > 0 for row in rows)
