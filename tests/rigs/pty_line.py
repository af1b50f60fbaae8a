"""Start tests/rigs/pty_peer.py from either Python, and talk to it through the port under test."""

import os
import time

import ports

_started = 0


def pattern(n):
    """What the peer's `burst` sends."""
    block = bytes((i ^ (i >> 8)) & 255 for i in range(65536))
    return (block * (n // 65536 + 1))[:n]


def start_peer():
    """Start a peer; returns the path of its terminal."""
    global _started
    _started += 1
    here = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
    link = "%s/ports-%d-%d" % (os.getenv("TMPDIR") or "/tmp", time.time_ns(), _started)
    command = "%s %s/pty_peer.py %s </dev/null >/dev/null 2>&1 &" % (os.getenv("PYTHON") or "python3", here, link)
    assert os.system(command) == 0
    for _ in range(1000):
        try:
            os.stat(link)
            return link
        except OSError:
            time.sleep(0.01)
    raise AssertionError("the peer does not start")


class LineOfPeer:
    """Talks to a peer through `port`; everything gives up after 20 seconds."""

    def __init__(self, port):
        self.port = port
        self.send(b"\n")  # from now on the peer ends when the port is closed

    def send(self, data):
        at = 0
        while at < len(data):
            done = self.port.write(data, at, len(data) - at)
            if not done:
                time.sleep(0.001)
            at += done

    def tell(self, command):
        """Give the peer a command."""
        self.send(command.encode() + b"\n")

    def take(self, n):
        """The next `n` bytes."""
        buf = bytearray(1024)
        out = bytearray(n)
        have = 0
        end = ports.ticks_add(ports.ticks_ms(), 20000)
        while have < n:
            assert ports.ticks_diff(end, ports.ticks_ms()) > 0, "no answer"
            self.port.wait(100)
            k = self.port.readinto(buf, min(1024, n - have))
            out[have : have + k] = memoryview(buf)[:k]
            have += k
        return out

    def line(self):
        """The next line, as text without its LF."""
        got = bytearray()
        while not got.endswith(b"\n"):
            got += self.take(1)
        return got[:-1].decode()

    def arrive(self, n):
        """Wait until `n` bytes that were just asked for lie in the port. They come in one piece."""
        assert self.port.wait(20000)
