"""The far end of a pty, for the tests of the ports: makes the pty, and does what lines that arrive there tell it.

    python3 tests/rigs/pty_peer.py LINK      LINK becomes a symbolic link to the terminal

A process of its own, because MicroPython cannot make a pty. Commands, each ending with LF:

    say HEX         writes these bytes
    burst N         writes the first N bytes of the pattern (see pattern())
    sink N          reads N bytes; answers `<crc32> <pattern or other>` and LF
    deaf N MS       reads nothing for MS milliseconds, then does as sink N
    speed           answers the line rate and LF
    hang [HEX]      writes these bytes and closes its end
    (nothing)       does nothing

It ends when the terminal is closed by the last one that had it open, or after a minute.
"""

import binascii
import os
import pty
import signal
import sys
import termios
import time


def pattern(n):
    """`n` bytes that hold every value and differ from block to block."""
    block = bytes((i ^ (i >> 8)) & 255 for i in range(65536))
    return (block * (n // 65536 + 1))[:n]


class Peer:
    """The master's side."""

    def __init__(self, link):
        self.fd, self._slave = pty.openpty()
        os.symlink(os.ttyname(self._slave), link + ".tmp")
        os.rename(link + ".tmp", link)
        self._rest = b""

    def _read(self):
        data = os.read(self.fd, 65536)
        if self._slave is not None:  # now somebody else has it open: when he closes it, read() fails
            os.close(self._slave)
            self._slave = None
        return data

    def line(self):
        while b"\n" not in self._rest:
            self._rest += self._read()
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode().split(" ")

    def write(self, data):
        while data:
            data = data[os.write(self.fd, data) :]

    def sink(self, n):
        got = bytearray(self._rest[:n])
        self._rest = self._rest[n:]
        while len(got) < n:
            data = self._read()
            self._rest = data[n - len(got) :]
            got += data[: n - len(got)]
        self.write(b"%d %s\n" % (binascii.crc32(got), b"pattern" if got == pattern(n) else b"other"))

    def obey(self, command, *values):
        if command == "say":
            self.write(bytes.fromhex(values[0]))
        elif command == "burst":
            self.write(pattern(int(values[0])))
        elif command == "sink":
            self.sink(int(values[0]))
        elif command == "deaf":
            time.sleep(int(values[1]) / 1000)
            self.sink(int(values[0]))
        elif command == "speed":
            speed = termios.tcgetattr(self.fd)[5]
            names = {getattr(termios, name): name[1:] for name in dir(termios) if name[0] == "B" and name[1:].isdigit()}
            self.write(names[speed].encode() + b"\n")
        elif command == "hang":
            self.write(bytes.fromhex(values[0]) if values else b"")
            return False
        return True


def main(link):
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("nobody talked for a minute"))
    signal.alarm(60)
    peer = Peer(link)
    try:
        while peer.obey(*peer.line()):
            pass
    except OSError:  # EIO: the terminal was closed
        pass
    finally:
        os.unlink(link)
        os.close(peer.fd)


if __name__ == "__main__":
    main(sys.argv[1])
