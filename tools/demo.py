"""The main job on real input: `python3 tools/demo.py [--quick] [--svg FILE]`.

Starts a real HTTP server on loopback with a generated file of 256 KiB, and the virtual modem on a pseudo-terminal; then one
and the same program downloads the file through the driver, under CPython and under MicroPython: the first part at 115200
baud, so that one sees what such a line feels like, the rest at 921600. The bytes cross the pseudo-terminal at the line's
pace, the modem fetches them over a real TCP connection, and the SHA-256 is compared. Then a third, shorter part does the
same by TLS on the module: an EC200U gets the CA certificate as a file and verifies a real HTTPS server.

With --svg, what the terminal shows at the end is drawn into FILE: tools/demo.svg is such a picture.

Needs Python 3.11+ and the package registry, nothing else. The exit status is 0 only if all of it worked.
"""

import argparse
import contextlib
import functools
import hashlib
import http.server
import os
import random
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time

if __name__ == "__main__":
    import _setup

    _setup.enter()

from tools import _setup

ROOT = _setup.ROOT
SIZE = 256 * 1024
FIRST = 32 * 1024  # bytes at the slow rate
SLOW, FAST = 115200, 921600
WIDTH = 120  # of the picture, in characters
UNSHOWN = ("AT+QICFG", "AT+QISDE", "AT+QURCCFG", "AT+CMEE", "AT+CGM", "AT+CGSN", "AT+CGREG", "AT+CREG")  # of the dialogue


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, says nothing, and ends a TLS session properly: an EC200U drops unread data of one that just breaks off."""

    def finish(self):
        """The answer is out: say goodbye."""
        super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            with contextlib.suppress(OSError):
                self.connection.unwrap()

    def log_message(self, format, *args):
        """Nothing."""


@contextlib.contextmanager
def web_server(folder, context=None):
    """A real HTTP server on loopback, HTTPS with a TLS context; yields its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def virtual_modem(model):
    """The virtual modem on a pseudo-terminal, paced; yields the device."""
    command = [sys.executable, "-m", "tools.vmodem", "--model", model, "--baud", str(SLOW), "--host", "files.example=127.0.0.1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        word, device = process.stdout.readline().split()
        assert word == "ready"
        print("virtual modem: %s on %s, %d baud" % (model, device, SLOW))
        yield device
    finally:
        process.terminate()
        process.wait(10)


class Progress:
    """Shows what the program prints: the dialogue once, then a bar with the rate and its share of what the line carries."""

    def __init__(self, title, size, dialogue):
        self.title, self.size, self.dialogue = title, size, dialogue
        self.shown = False
        self.bar = None
        self.rate = SLOW
        self.got = 0
        self.digest = None
        self.since = (0.0, 0)
        self.shares = []

    def line(self, text):
        """One line of the program's output."""
        word, _, rest = text.rstrip("\n").partition(" ")
        if word == "AT":
            command = rest.partition("> ")[2]
            if command:
                self.shown = self.dialogue and not command.startswith(UNSHOWN)
            if self.shown:
                print("   ", rest)
        elif word == "SAY":
            print("   ", rest)
        elif word == "RATE":
            self._lap()
            self.rate = int(rest)
            self.since = (time.monotonic(), self.got)
            if self.bar is None:
                from tqdm import tqdm

                self.bar = tqdm(total=self.size, unit="B", unit_scale=True, desc=self.title, mininterval=0.2, file=sys.stdout)
        elif word == "GOT":
            self.got = int(rest)
            share = self._share()
            self.bar.set_postfix_str("%d baud, %d %% of the line" % (self.rate, share), refresh=False)
            self.bar.update(self.got - self.bar.n)
        elif word == "SHA256":
            self._lap()
            self.digest = rest.split()[1]
            self.bar.close()
        else:
            print(text.rstrip("\n"))

    def _share(self):
        seconds = time.monotonic() - self.since[0]
        return 100 * (self.got - self.since[1]) / max(seconds, 1e-6) / (self.rate / 10)

    def _lap(self):
        if self.bar is not None:
            share = self._share()
            self.shares.append("%d baud: %.0f B/s, %.1f %% of the line rate" % (self.rate, share * self.rate / 1000, share))


def run(python, arguments, title, dialogue, digest, size):
    """Run the program under one of the Pythons; return whether it brought the file."""
    interpreter = sys.executable if python == "CPython" else str(_setup.MICROPYTHON)
    environment = dict(os.environ, PYTHONPATH=str(ROOT), MICROPYPATH=".frozen:" + str(ROOT), PYTHONUNBUFFERED="1")
    command = [interpreter, str(ROOT / "tools" / "demo_program.py"), *[str(a) for a in arguments]]
    progress = Progress(title, size, dialogue)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    for line in process.stdout:
        progress.line(line)
    status = process.wait()
    watchdog.cancel()
    for share in progress.shares:
        print("    " + share)
    same = progress.digest == digest
    print("    SHA-256 %s" % ("equal: " + digest if same else "DIFFERS, or the program failed (status %d)" % status))
    return same and status == 0


def certificate(folder):
    """Make a CA and a server certificate for files.example; return (server's TLS context, file with the CA's certificate)."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("files.example").configure_cert(context)
    path = os.path.join(folder, "ca.pem")
    authority.cert_pem.write_to_path(path)
    return context, path


def pythons():
    """The Pythons there are; says loudly when one is missing."""
    if _setup.have_micropython():
        return ("CPython", "MicroPython")
    print("SKIPPED: there is no MicroPython build for this platform; only CPython is shown")
    return ("CPython",)


def main(quick=False):
    """Run all parts; return the exit status."""
    started = time.monotonic()
    good = []
    with tempfile.TemporaryDirectory() as folder:
        data = random.Random(2026).randbytes(SIZE // 8 if quick else SIZE)
        first = FIRST // 8 if quick else FIRST
        small = data[: len(data) // 8]
        for name, content in (("file.bin", data), ("small.bin", small)):
            with open(os.path.join(folder, name), "wb") as f:
                f.write(content)
        with web_server(folder) as port, virtual_modem("ec600e") as device:
            for python in pythons():
                print("\n%s: http://files.example:%d/file.bin through an EC600E-CN" % (python, port))
                arguments = (device, "files.example", port, "/file.bin", SLOW, FAST, first)
                good.append(run(python, arguments, python, python == "CPython", hashlib.sha256(data).hexdigest(), len(data)))
        context, ca = certificate(folder)
        with web_server(folder, context) as port, virtual_modem("ec200u") as device:
            for python in pythons():
                print("\n%s: https://files.example:%d/small.bin, TLS on an EC200U that verifies the server" % (python, port))
                arguments = (device, "files.example", port, "/small.bin", SLOW, FAST, first // 8, ca)
                good.append(run(python, arguments, python, False, hashlib.sha256(small).hexdigest(), len(small)))
    print("\n%d of %d downloads right, %.0f s" % (sum(good), len(good), time.monotonic() - started))
    return 0 if all(good) else 1


def draw(path, quick):
    """Run the demo once more as a program and draw what a terminal shows at its end; return the exit status."""
    from rich.console import Console
    from rich.text import Text

    done = subprocess.run([sys.executable, __file__, *["--quick"] * quick], stdout=subprocess.PIPE, check=False)
    styles = {">": "bold green", "<": "white", "-": "bright_black"}
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, highlight=False)
        console.print(Text("$ python3 tools/demo.py", "bold"))
        for line in done.stdout.decode().split("\n"):
            words = line.split("\r")[-1].split(maxsplit=2)  # a bar is drawn anew from the beginning of its line
            style = styles.get(words[1] if len(words) > 1 and words[0][0].isdigit() else "", "cyan")
            console.print(Text(line.split("\r")[-1], style, no_wrap=True, overflow="ellipsis"))
        drawn = console.export_svg(title="", unique_id="demo")
    with open(path, "w", encoding="utf-8") as f:
        f.write(re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL))  # no fonts from the network
    return done.returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="an eighth of the file")
    parser.add_argument("--svg", metavar="FILE", help="draw what the terminal shows into this file")
    options = parser.parse_args()
    sys.exit(draw(options.svg, options.quick) if options.svg else main(options.quick))
