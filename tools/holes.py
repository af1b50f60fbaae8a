"""Cuts a hole out of a pushed stream, and sees whether the driver notices: `python3 tools/holes.py [TRIALS]`.

A receive buffer that overruns loses bytes somewhere between two others. In buffer mode the counts of every read show that; pushed
data have nothing but the header before each block, so that the driver has to recognise that what follows a hole is no line of the
module. Each trial plays a stream of pushed blocks and the end of the connection, without 100 to 16000 of its bytes, and counts as
silent when the program sees a clean end after something else than what was sent. Ports that can tell that input was lost
(Port.lost) are played, too. What stays silent are coincidences: the count of the block that was cut ends between two later
blocks, to the byte.

Trials are numbered; the same number is the same trial.
"""

import random
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter(__doc__)

from modem import Modem, ModemError
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ready

_SIZE = 40000  # payload bytes of a stream
_BLOCK = 1460
_SHORTEST, _LONGEST = 100, 16000  # of a hole
KINDS = ("csv", "json", "random")
VENDORS = ("quectel", "simcom")


def payload(kind, rnd):
    """Return a stream of the kind: "csv" with CR LF, "json" one object a line, "random" bytes."""
    if kind == "random":
        return bytes([rnd.randrange(256) for _ in range(_SIZE)])
    out = []
    size = 0
    while size < _SIZE:
        n = len(out)
        if kind == "csv":
            when = "2026-11-%02d %02d:%02d" % (n // 40 % 30 + 1, n % 24, n % 60)
            line = "%d,%s,%d.%d,%d\r\n" % (n, when, rnd.randrange(40), n % 10, rnd.randrange(2000))
        else:
            value = rnd.randrange(990) / 10
            line = '{"id": %d, "name": "node%d", "value": %.1f, "ok": true}\n' % (n, rnd.randrange(50), value)
        out.append(line)
        size += len(line)
    return "".join(out).encode()[:_SIZE]


def stream(vendor, data, rnd):
    """Return `data` as the vendor's modules push it (TCP-E 2.5.2, TCP-S 4.2), in blocks as they come from a network."""
    out = []
    at = 0
    while at < len(data):
        n = _BLOCK if rnd.random() < 0.7 else rnd.randrange(1, _BLOCK + 1)
        block = data[at : at + n]
        at += n
        if vendor == "quectel":
            out.append(b'\r\n+QIURC: "recv",0,%d\r\n%s\r\n' % (len(block), block))
        else:
            out.append(b"\r\n+RECEIVE,0,%d:\r\n%s" % (len(block), block))
    return b"".join(out)


class HolePort(Module):
    """A module that pushes. `hole_at`: so many of its bytes are read, then some are missing; `tells`: the port says so."""

    most_steps = 10**9
    hole_at = None
    tells = False

    def readinto(self, buf, n):
        n = super().readinto(buf, n)
        if self.tells and self.hole_at is not None and self.read > self.hole_at:
            self.hole_at = None
            self.overrun = True
        return n


def _connected(vendor):
    port = HolePort({b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n", b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n"})
    port.table[b"AT+CIPCLOSE?"] = b"\r\n+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0\r\n\r\nOK\r\n"
    modem = ready(port, "ec600e" if vendor == "quectel" else "a76xx", modem_class=Modem)
    sock = modem.socket(access="push", rxbuf=8192)
    sock.connect(("10.0.0.1", 80))
    sock.settimeout(60)
    return port, sock


def _received(sock):
    """Read to the end; return (what came, the error or None)."""
    got = bytearray()
    try:
        while True:
            block = sock.recv(2048)
            if not block:
                return bytes(got), None
            got += block
    except ModemError as error:
        return bytes(got), error


def trial(vendor, kind, number, tells=False, hole=True):
    """Play trial `number`; return (whether it was silent, how many bytes of wrong data were delivered, the error or None)."""
    rnd = random.Random("%s %s %d" % (vendor, kind, number))
    data = payload(kind, rnd)
    line = stream(vendor, data, rnd)
    length = rnd.randrange(_SHORTEST, _LONGEST + 1) if hole else 0
    start = rnd.randrange(len(line) - length)
    port, sock = _connected(vendor)
    port.hole_at = port.read + start if hole else None
    port.tells = tells
    end = b'\r\n+QIURC: "closed",0\r\n' if vendor == "quectel" else b"\r\n+IPCLOSE: 0,1\r\n"
    # in pieces that a receive buffer of this size gives, so that the ring never overflows; the hole lies between two of them
    at = 0
    for part in (line[:start], line[start + length :] + end):
        for i in range(0, len(part), 1024):
            port.later(10 * at, part[i : i + 1024])
            at += 1
    got, error = _received(sock)
    good = 0
    while good < len(got) and got[good : good + 1] == data[good : good + 1]:
        good += 1
    return error is None and got != data, len(got) - good, error


def silent(vendor, kind, trials, tells=False):
    """Return (how many of `trials` trials stay silent, their numbers, how many deliver wrong data before the error)."""
    numbers = []
    late = 0
    for number in range(trials):
        missed, wrong, _ = trial(vendor, kind, number, tells)
        if missed:
            numbers.append(number)
        elif wrong:
            late += 1
    return len(numbers), numbers, late


def main(trials):
    """Play all kinds; print a table."""
    print("%-8s %-7s %-24s %-24s" % ("", "", "the port cannot tell", "the port tells"))
    print("%-8s %-7s %-24s %-24s" % ("vendor", "payload", "silent  wrong data first", "silent  wrong data first"))
    for vendor in VENDORS:
        for kind in KINDS:
            blind, numbers, late = silent(vendor, kind, trials)
            told, _, told_late = silent(vendor, kind, trials, True)
            print("%-8s %-7s %4d  %17d %4d  %17d   %s" % (vendor, kind, blind, late, told, told_late, numbers[:20]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
