# CPython only: it starts the virtual modem, real servers and both Pythons.
"""The README's programs run as they stand there, against the virtual modem and real servers."""

import contextlib
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

from tests.rig import ROOT, micropython, run_scene, vmodem

_DEVICE = "/dev/ttyUSB2"


def blocks(kind):
    """Return the programs of the README that are marked `<!-- run: kind -->`."""
    text = (ROOT / "README.md").read_text()
    return re.findall(r"<!-- run: %s -->\n```python\n(.*?)```" % re.escape(kind), text, re.DOTALL)


class _Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"hello from the server\n" * 100
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Nothing."""


@contextlib.contextmanager
def web_server():
    """A real HTTP server; yields the option that leads example.com there."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hello)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield "example.com:80=127.0.0.1:%d" % server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def run_desktop(program, device):
    """Run a program on CPython; return what it prints."""
    assert _DEVICE in program
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "program.py"
        path.write_text("import sys\nsys.path.insert(0, %r)\n" % str(ROOT) + program.replace(_DEVICE, device))
        done = subprocess.run([sys.executable, str(path)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_for_a_board_runs_on_micropython():
    if micropython() is None:
        return
    (program,) = blocks("board")
    with web_server() as host, vmodem("--host", host) as device, tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(program)
        file.flush()
        lines = run_scene("readme_board", device, file.name, python="micropython")["lines"]
    assert lines[0].endswith("dBm") and "hello from the server" in "".join(lines[1:]), lines


def test_the_programs_for_a_desktop_run():
    programs = blocks("desktop")
    assert len(programs) >= 2
    with web_server() as host:
        for program in programs:
            with vmodem("--host", host) as device:
                assert "200 OK" in run_desktop(program, device)
