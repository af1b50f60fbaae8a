"""Installs by MicroPython's own mip from a server on this machine, and programs that run on nothing but what was installed.

CPython only: each install and each program is a process of its own.
"""

import contextlib
import functools
import http.server
import os
import pathlib
import shutil
import subprocess
import threading

from tests.rigs.scene_runner import ROOT, micropython
from tools import package

TTY_PORT = "ports/tty_uart"  # boards have no terminal device: it is not installed on them, and is the one thing added here


@contextlib.contextmanager
def served(folder):
    """Serve a folder over HTTP; yields its URL and the list of paths that were not there."""
    missing = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Quiet."""

        def send_error(self, code, *args, **more):
            missing.append((code, self.path))
            super().send_error(code, *args, **more)

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield "http://127.0.0.1:%d" % server.server_address[1], missing
        finally:
            server.shutdown()


def mip_install(url, folder):
    """Have mip install what the JSON file at `url` lists into `folder`/lib."""
    command = [micropython(), "-m", "mip", "install", "-t", "lib", url]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert "Done" in done.stdout, done.stdout + done.stderr  # the exit status of mip is 0 whatever happens


def installed(folder):
    """{path: content} of the files below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in pathlib.Path(folder).rglob("*") if p.is_file()}


def add_tty_port(folder, suffix=".py"):
    """Add the port of the unix build to an install."""
    target = pathlib.Path(folder) / "lib" / (TTY_PORT + suffix)
    if suffix == ".mpy":
        package.mpy_cross(ROOT / (TTY_PORT + ".py"), target)
    else:
        shutil.copy(ROOT / (TTY_PORT + ".py"), target)


def run(folder, program, *arguments):
    """Run a program on MicroPython with an install, and nothing else, on its path; return what it prints."""
    path = pathlib.Path(folder) / "program.py"
    path.write_text(program)
    done = subprocess.run(
        [micropython(), "program.py", *map(str, arguments)],
        cwd=folder, env=dict(os.environ, MICROPYPATH=".frozen:lib"), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
