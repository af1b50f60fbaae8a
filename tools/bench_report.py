"""What tools/bench.py found, as text and as a plot."""

import platform

NOTES = """\
Lines: URCs and unknown lines through the engine, connections open, no command in flight. Heap: bytes taken from the allocator
in one pass. Ratios are within one run, the best of several passes that take turns ("over a pty": the median of some thousand
pieces). A busy machine makes them larger by a tenth or so, because what is short is disturbed less.
Payload from memory: the port's readinto is one copy of 512 bytes, about a third of a microsecond on a PC. The ring alone, in and
out again by C functions ("readinto, ring in, ring out"), takes half as much again, and the way of a block through engine and
parser some calls, a microsecond in all: this target is not met, and not within reach where reading costs next to nothing. A port
that reads from a device costs more: "over a pty" is readinto from a terminal device with a feeder process behind it, without the
time spent waiting. "whole read": recv_into() of 1500 bytes with its command, header and OK, from memory: some 40 calls.
RP2040: an estimate, nothing measured on one. Known loops take so many cycles there (MicroPython 1.28 on an emulated RP2040) for
each nanosecond here; they differ, hence a range. What the driver takes beyond readinto is multiplied by them, and {low} to {high}
cycles for machine.UART's readinto and interrupt are added. A third of the time between two bytes at 921600 baud: {budget} cycles.
The UART leaves about a hundred of them, and the 40 calls of a whole read take half of those by themselves (1700 to 2600 cycles
each, over 1500 bytes): this target is not met. What it comes to is a third to a half of the time.
Goodput: share of the time that the protocol itself takes,
    (payload + mandatory bytes, both ways) x 10 / baud rate + think times x latency
with, per block, {buffer} mandatory bytes and one think time in buffer mode (AT+QIRD, its header and OK, 1500 bytes of payload),
{push} and none in push mode (the URC), {send} and two when sending (AT+QISEND, prompt, SEND OK, 1460 bytes: one think time after
the command line, one after the last byte of payload). "asyncio": buffer mode by AsyncModem. "by hand" sends the same without
the driver: the rest is what the virtual modem's timers (2 ms) and the switching between processes cost."""


def heading(text):
    """Print a heading."""
    print("\n%s\n%s" % (text, "-" * len(text)))


def table(found):
    """Print everything."""
    from tools.bench import FIRST_LATENCY_MS, FORMULA, RP2040_BUDGET, RP2040_UART, rp2040

    print("%s, CPython %s; load average at the beginning %.1f" % (platform.machine(), platform.python_version(), found["load"]))
    receive(found["receive"])
    if found["calibration"]:
        heading("RP2040 at 125 MHz, estimated (cycles per byte)")
        for part in ("whole read", "payload", "lines"):
            print("%-12s %d to %d" % ((part, *rp2040(found, part))))
        scale = ["%s %.0f" % (row["way"], row["cycles_per_ns"]) for row in found["calibration"]]
        print("cycles there for each nanosecond here: " + ", ".join(scale))
    heading("Goodput over a paced line (bytes/s, share of the formula)")
    for row in found["goodput"]:
        print(
            "%-12s %-7s %6d baud  latency %d ms %9d %7.1f %%%s"
            % (
                row["python"], row["mode"], row["rate"], row["latency_ms"], row["bytes_per_s"], 100 * row["share"],
                ("" if row["attempts"] == 1 else "  best of %d" % row["attempts"]) + ("" if row["whole"] else "  INCOMPLETE"),
            )
        )  # fmt: skip
    heading("Round trip of AT, virtual modem on an unpaced pty (us)")
    for row in found["roundtrip"]:
        print("%-12s %-32s median %6d  best %6d" % (row["python"], row["way"], row["median_us"], row["best_us"]))
    heading("From Modem() to the first byte of a download, latency %d ms" % FIRST_LATENCY_MS)
    for row in found["first"]:
        print("%(python)-12s %(model)-8s %(program)-5s program  %(lines)3d command lines  %(seconds).2f s" % row)
    heading("CPU time while waiting for data")
    for python, percent in found["waiting"].items():
        print("%-12s %s" % (python, "not measured: no /proc here" if percent is None else "%.2f %% of one core" % percent))
    heading("RAM and flash (tools/sizes.py)")
    for name, install in (found["sizes"] or {}).items():
        heap = ", ".join(
            "%s %.1f kB" % (key, install[key]["wasm"] / 1024) for key in ("retained", "peak") if "wasm" in install.get(key, {})
        )
        print("%-34s .mpy %.1f kB; 32-bit heap: %s" % (name, install["mpy"] / 1024, heap or "not measured"))
    if not found["sizes"]:
        print("not measured")
    heading("Targets")
    for text, value, limit, met in found["targets"]:
        shown = "not measured" if value is None else "%.3g" % value
        print("%-55s %12s  (%g)  %s" % (text, shown, limit, {True: "met", False: "NOT MET", None: "-"}[met]))
    figures = {mode: overhead for mode, (overhead, _) in FORMULA.items()}
    print("\n" + NOTES.format(low=RP2040_UART[0], high=RP2040_UART[1], budget=round(RP2040_BUDGET), **figures))


def receive(rows):
    """Print the cost of the receive path."""
    heading("Receive path (ns per byte, times the floor, heap bytes per pass)")
    floors = {(row["python"], row["part"]): row["ns_per_byte"] for row in rows if row["way"].startswith("floor")}
    for row in rows:
        times = row["ns_per_byte"] / floors[row["python"], row["part"]]
        heap = "" if row["heap"] is None else "%10d" % row["heap"]
        print("%-12s %-19s %-30s %8.1f %7.2f %s" % (row["python"], row["part"], row["way"], row["ns_per_byte"], times, heap))


def plot(found, path):
    """Draw the goodput as a share of the formula."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.fonttype"] = "none"
    matplotlib.rcParams["svg.hashsalt"] = "modem"  # the same figures make the same file
    from matplotlib import pyplot

    cases = []
    for row in found["goodput"]:
        case = row["rate"], row["latency_ms"], row["mode"]
        if case not in cases:
            cases.append(case)
    pythons = list(found["waiting"])
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for k in range(len(pythons)):
        shares = {
            (row["rate"], row["latency_ms"], row["mode"]): 100 * row["share"]
            for row in found["goodput"]
            if row["python"] == pythons[k]
        }
        name = {"cpython": "CPython"}.get(pythons[k], "MicroPython")
        axes.plot([shares[case] for case in cases], range(len(cases)), "os"[k], markersize=7, alpha=0.8, label=name)
    axes.axvline(100, color="black", linewidth=0.8)
    axes.set_yticks(range(len(cases)), ["%d baud, %d ms, %s" % case for case in cases], fontsize=8)
    axes.invert_yaxis()
    axes.grid(alpha=0.3)
    axes.set_xlim(min(90, axes.get_xlim()[0]), 100.5)
    axes.set_xlabel("goodput, % of what the protocol allows at that baud rate and module latency")
    axes.legend(loc="lower left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if str(path).endswith(".svg") else None)
