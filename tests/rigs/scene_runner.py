"""The rig for scenes: the virtual modem in a process of its own, real servers behind it, and programs under both Pythons.

CPython only. A scene is a program in tests/scenes/ that runs unchanged on CPython and on MicroPython; it gets the modem's
device and the server's port as arguments and prints `RESULT <json>` as its last line.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import random
import socket
import socketserver
import struct
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHONS = ("cpython", "micropython")
LOOK_ALIKES = (
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b'\r\n+QIURC: "closed",0\r\n',
    b'\r\n+QIURC: "recv",0,4\r\nxxxx\r\n',
    b"\r\n+QIRD: 5\r\nabcde\r\n\r\nOK\r\n",
    b"\r\n+CIPRXGET: 2,0,5,0\r\n",
    b"\r\nRDY\r\n",
    b"\r\n> ",
    b"+++",
    b"\r\nSEND OK\r\n",
    b"\r\nNO CARRIER\r\n",
    b"line that ends in OK\r\n",
    b"\x1a\x1b\x03\x00\xff",
)


def micropython():
    """Return the command that runs MicroPython, None where there is none."""
    path = pathlib.Path(sys.executable).parent / "micropython"
    return str(path) if path.exists() else None


def pythons():
    """Return the names of the Pythons there are."""
    return PYTHONS if micropython() else PYTHONS[:1]


def payload(seed, n):
    """Return `n` bytes: random ones of every value, mixed with what looks like the protocol."""
    rnd = random.Random(seed)
    out = bytearray(bytes(range(256)))
    while len(out) < n:
        out += rnd.randbytes(rnd.randrange(1, 700))
        out += rnd.choice(LOOK_ALIKES)
    return bytes(out[:n])


class _Handler(socketserver.BaseRequestHandler):
    """One connection: a line says what is wanted.

    GET seed n     the line `sha256 n`, then n bytes, then the end
    HOLD seed n    the same, but the connection stays open until the client ends it
    PUT n sha256   reads n bytes, answers SAME or DIFF; stays open as well
    ECHO n         sends n bytes back as they come
    CUT seed n     as GET, but the connection ends by a reset
    TAKE n         reads n bytes, then resets the connection
    LEAVE n        reads n bytes, then closes it in order, whatever is still on its way
    """

    def handle(self):
        line = b""
        while not line.endswith(b"\n"):
            more = self.request.recv(1)
            if not more:
                return
            line += more
        word, *args = line.decode().split()
        getattr(self, "do_" + word.lower())(*args)

    def do_get(self, seed, n):
        data = payload(int(seed), int(n))
        self.request.sendall(b"%s %d\n" % (hashlib.sha256(data).hexdigest().encode(), len(data)) + data)

    def do_hold(self, seed, n):
        self.do_get(seed, n)
        self.request.recv(1)

    def do_put(self, n, digest):
        seen = hashlib.sha256()
        left = int(n)
        while left:
            data = self.request.recv(min(left, 65536))
            if not data:
                return
            left -= len(data)
            seen.update(data)
        self.request.sendall(b"SAME\n" if seen.hexdigest() == digest else b"DIFF\n")
        self.request.recv(1)  # open until the client ends it: some modules keep byte counters no longer than the connection

    def do_echo(self, n):
        left = int(n)
        while left:
            data = self.request.recv(min(left, 65536))
            if not data:
                return
            left -= len(data)
            self.request.sendall(data)
        self.request.recv(1)

    def do_cut(self, seed, n):
        self.do_get(seed, n)
        self._reset()

    def do_take(self, n):
        self.do_leave(n)
        self._reset()

    def do_leave(self, n):
        left = int(n)
        while left > 0:
            data = self.request.recv(min(left, 65536))
            if not data:
                return
            left -= len(data)

    def _reset(self):
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that vanishes is part of many scenes."""


@contextlib.contextmanager
def data_server():
    """Run the data server of `_Handler`; yields its port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextlib.contextmanager
def vmodem(*options, model="ec600e"):
    """Run the virtual modem; yields what it can be opened by, "/dev/pts/3@921600" when it is paced.

    `srv` is the modem's name for this machine.
    """
    command = [sys.executable, "-m", "tools.vmodem", "--model", model, "--host", "srv=127.0.0.1", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        ready = process.stdout.readline().split()
        assert ready[:1] == ["ready"], "the virtual modem did not start: %r" % ready
        yield ready[1] + ("@" + options[options.index("--baud") + 1] if "--baud" in options else "")
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def scene_command(name, *args, python="cpython"):
    """Return the command that runs tests/scenes/`name`.py under one of the Pythons, and its environment."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT), MICROPYPATH=".frozen:" + str(ROOT))
    command = [sys.executable if python == "cpython" else micropython(), str(ROOT / "tests" / "scenes" / (name + ".py"))]
    return command + [str(a) for a in args], environment


def run_scene(name, *args, python="cpython", timeout_s=200):
    """Run tests/scenes/`name`.py under one of the Pythons; return its result. AssertionError with its output when it fails."""
    command, environment = scene_command(name, *args, python=python)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout_s)
    lines = done.stdout.strip().split("\n")
    assert done.returncode == 0 and lines[-1].startswith("RESULT "), "%s on %s: %s\n%s" % (name, python, done.stdout, done.stderr)
    return json.loads(lines[-1][7:])
