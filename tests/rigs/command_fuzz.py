"""Mutated command lines for the virtual modem: `python -m tests.rigs.command_fuzz [SECONDS [MODEL ...]]` by hand. CPython only.

The corpus is what hosts type in the transcripts of the documents, and every command of the model in every form. A line is cut,
doubled, spliced, and spoilt with quotes, control characters, huge numbers and separators; payload follows where a prompt comes.
"""

import pathlib
import random
import sys
import time

from modem.models import find
from tests.rigs.transcripts import transcripts
from tests.rigs.virtual_modem import Rig
from tools.vmodem.models import MODELS

_LONGEST = 6000
_BITS = ('"', ",", ";", "=", "?", "\0", "\x1a", "\x1b", "\b", "\x7f", "&", "+", "#", "\xff", " ", "\n", '""', ",,", "{non-ascii}")
_NUMBERS = ("0", "-1", "255", "256", "65536", "4294967296", "9" * 30, "9" * 5000, "1e9", "0x10", "\xb2", "+-1", "1.5")
_WORDS = ("*", "UFS:", "C:/", "../x", "AT", "OK", "ERROR", "+++", "::1%eth0", "10.1.1.1", "example.com", "x" * 300, "\x00\x01")


_FAULTS = (
    "same-prefix:every=2 send-fail:every=3 busy:every=9 fail:every=7,urc=1 storm:ms=700,n=2 fragment:max=7 late:every=9,ms=300 "
    "double-line:every=7 lose-line:every=9,line=+ delay-line:every=5,ms=300 context-loss:at=50 dns-silent:at=20,ms=5000"
).split()


SHAPES = (("1",), ('"a"',), ("0", '"a"'), ('"a"', "1"), ("1", "0", '"TCP"', '"example.com"', "80"))
NASTY = ("\xb2", "+-1", "-1", "9" * 3000, "", '"', '"\xff"', "0x")


class _NoWork:
    """Work in threads that fails at once: services of SIM7100 reach nobody."""

    def __init__(self, clock, done):
        clock.call_soon(done, None, OSError("nobody there"))

    def hang_up(self):
        """Nothing is connected."""

    abort = hang_up

    def taken(self, count):
        """Nothing is given."""


def corpus(rig, model):
    """Command lines to begin with."""
    vendor = find(model).vendor
    lines = {data for each in transcripts(vendor) for side, data in each.turns if side == "host" and data.endswith(b"\r")}
    lines = [line[:-1].decode("latin-1") for line in sorted(lines)]
    for name in rig.modem.table.names():
        lines += ["AT" + name + end for end in ("", "?", "=?", "=1", '=0,"x"', '="a",1', "=0,10", '=1,0,"TCP","example.com",80')]
    return lines


def _with_another_value(rng, line):
    """One parameter is something else."""
    name, equals, rest = line.partition("=")
    values = rest.split(",")
    values[rng.randrange(len(values))] = rng.choice(rng.choice((_NUMBERS, _WORDS, _BITS)))
    return name + equals + ",".join(values)


_MUTATIONS = (
    lambda rng, line, at, end, lines: _with_another_value(rng, line),
    lambda rng, line, at, end, lines: _with_another_value(rng, line),
    lambda rng, line, at, end, lines: line[:at] + line[end:],
    lambda rng, line, at, end, lines: line[:end] + line[at:],
    lambda rng, line, at, end, lines: line[:at] + rng.choice(_BITS) + line[at:],
    lambda rng, line, at, end, lines: line[:at] + rng.choice(_NUMBERS) + line[end:],
    lambda rng, line, at, end, lines: line[:at] + rng.choice(_WORDS) + line[at:],
    lambda rng, line, at, end, lines: line[:at] + rng.choice(lines)[2:],
    lambda rng, line, at, end, lines: line + ";" + rng.choice(lines)[2:],
    lambda rng, line, at, end, lines: line.replace('"', ""),
    lambda rng, line, at, end, lines: line.replace(",", rng.choice((",,", ", ", ";")), 1),
)


def mutated(rng, lines):
    """One command line, more or less like those of the corpus."""
    line = rng.choice(lines)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        at, end = sorted((rng.randint(0, len(line)), rng.randint(0, len(line))))
        line = rng.choice(_MUTATIONS)(rng, line, at, end, lines)[:_LONGEST]
    return line


def comes_back(rig):
    """Whether the module answers once everything that it may wait for has been given to it."""
    for data in (b"\x1b", bytes(6000) + b"\x1a", b"+++", b"\x1b\r", b"\r"):
        rig.pass_time(200)
        rig.host(data)
    rig.pass_time(200)
    if rig.modem.power.off:
        rig.modem.power.press(5000)
        rig.pass_time(10)
    for name, value in (("V", 1), ("Q", 0), ("E", 0), ("S3", 13), ("S4", 10)):
        rig.modem.general.set(name, value)
    rig.host(b"\rAT\r")  # it may have been told to sleep
    rig.pass_time(1)
    return (rig.command("AT") + rig.pass_time(10)).count(b"\r\nOK\r\n") > 0


class Fuzz:
    """One module under one seed."""

    def __init__(self, model, seed):
        self._rng = random.Random(seed)
        self.rig = Rig(model, payload_echo=True, faults=self._rng.sample(_FAULTS, self._rng.choice((0, 1, 3))))
        self.rig.net.work = lambda run, done: _NoWork(self.rig.clock, done)
        self._lines = corpus(self.rig, model)

    def step(self):
        """Type something, and let the network and the time do something."""
        rig, rng = self.rig, self._rng
        rig.host(mutated(rng, self._lines).encode("latin-1", "replace") + b"\r")
        if rng.random() < 0.2:
            rig.host(rng.randbytes(rng.randint(1, 2000)))
        if rng.random() < 0.1:
            rig.host(b"\x1a")
        links = [link for link in rig.net.links if not link.gone and link.handler]
        if links and rng.random() < 0.2:
            link = rng.choice(links)
            acts = [lambda: link.send(rng.randbytes(rng.randint(1, 3000)), ("10.0.0.1", 5))]
            acts += [link.end] * hasattr(link.handler, "link_ended") + [link.acknowledge] * hasattr(link.handler, "link_writable")
            rng.choice(acts)()
        if rng.random() < 0.2:
            rig.pass_time(rng.choice((0.01, 1, 30)))

    def run(self, steps):
        """So many steps; AssertionError when the module has not got over them."""
        for number in range(1, steps + 1):
            self.step()
            if number % 50 == 0:
                self.check()

    def sweep(self, values=NASTY):
        """Every command with each of `values` in each place of a few shapes of parameters."""
        for number, name in enumerate(self.rig.modem.table.names()):
            for shape in SHAPES:
                for place in range(len(shape)):
                    for value in values:
                        words = [*shape[:place], value, *shape[place + 1 :]]
                        self.rig.host(("AT%s=%s\r" % (name, ",".join(words))).encode("latin-1"))
                        self.rig.host(b"\x1b")
            if number % 10 == 9:
                self.check()
        self.check()

    def check(self):
        """The module is as good as at the start; empty its folders."""
        rig = self.rig
        assert comes_back(rig), rig.port.take()
        bad = [note for note in rig.notes if "Traceback" in note]
        assert not bad, bad[0]
        rig.notes.clear()
        rig.net.links = [link for link in rig.net.links if not link.gone]
        for name in rig.modem.files.names():
            rig.modem.files.remove(name)


def main(arguments):
    """Fuzz each model for so many seconds."""
    seconds, models = int((arguments or ["300"])[0]), arguments[1:] or sorted(MODELS)
    for model in models:
        end, seed, steps = time.monotonic() + seconds, 0, 0
        while time.monotonic() < end:
            fuzz = Fuzz(model, seed)
            try:
                fuzz.run(500)
            except AssertionError as error:
                print("%s, seed %d: %s" % (model, seed, error))
                return 1
            seed, steps = seed + 1, steps + 500
        status = pathlib.Path("/proc/self/status")
        peak = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else [""]
        print("%s: %d command lines, %d seeds, %s" % (model, steps, seed, peak[0]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
