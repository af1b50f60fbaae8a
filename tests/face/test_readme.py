# CPython only: it starts the virtual modem, real servers and both Pythons.
"""The programs of the README and of the guides run as they stand there, against the virtual modem and real servers.

Each runs twice on one module: the second time in the state that the first run has left it in.
"""

import contextlib
import email
import email.policy
import http.server
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

from tests.quectel.test_scenes import pty
from tests.rigs.assertions import skip
from tests.rigs.foreign_programs import authority, board_library
from tests.rigs.mqtt_broker import broker
from tests.rigs.network_peers import free_port, ntp_server
from tests.rigs.scene_runner import ROOT, micropython, payload, pythons, run_scene, vmodem
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, Pop3Server, SmtpServer, WebServer, certificate

GUIDES = ("README.md", "modem/README.md", "ports/README.md", "tools/README.md", "tests/README.md")
_DEVICE = "/dev/ttyUSB2"
_LINK = "/tmp/modem"
TWICE = range(2)


def blocks(kind, language="python"):
    """Return the programs of the README and of the guides that are marked `<!-- run: kind -->`."""
    texts = [(ROOT / name).read_text() for name in GUIDES]
    return re.findall(r"<!-- run: %s -->\n```%s\n(.*?)```" % (re.escape(kind), language), "\n".join(texts), re.DOTALL)


class _Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

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


def run_desktop(program, device, files=None, start=""):
    """Run a program on CPython, after the lines `start`, in a folder with `files` (name: content); return what it prints."""
    assert _DEVICE in program or _LINK in program
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (files or {}).items():
            (pathlib.Path(folder) / name).write_bytes(content)
        path = pathlib.Path(folder) / "program.py"
        program = start + program.replace(_DEVICE, device).replace(_LINK, device)
        path.write_text("import sys\nsys.path.insert(0, %r)\n" % str(ROOT) + program)
        done = subprocess.run([sys.executable, str(path)], cwd=folder, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_for_a_board_runs_on_micropython():
    if micropython() is None:
        skip("no MicroPython for this platform")
    (program,) = blocks("board")
    with web_server() as host, vmodem("--host", host) as device:
        for _ in TWICE:
            lines = _run_on_board(program, device)
            assert lines[0].endswith("dBm") and "hello from the server" in "".join(lines[1:]), lines


def test_the_programs_for_a_desktop_run():
    programs = blocks("desktop")
    assert len(programs) >= 2
    with web_server() as host:
        for program in programs:
            with vmodem("--host", host) as device:
                for _ in TWICE:
                    assert "200 OK" in run_desktop(program, device)


def test_the_transparent_program_and_the_supervisor_run():
    with web_server() as host:
        with vmodem("--host", host) as device:
            for _ in TWICE:
                printed = run_desktop(blocks("transparent")[0], device)
                assert "200 OK" in printed and "dBm" in printed and "Server:" in printed, printed
        with vmodem("--host", host, "--fault", "context-loss:after=3000") as device:
            for _ in TWICE:
                assert run_desktop(blocks("supervisor")[0], device).count("200 OK") == 3


def _knock(address):
    """Connect when the server is there."""
    for _ in range(1200):
        try:
            return socket.create_connection(address, timeout=60)
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("nobody listens")


@contextlib.contextmanager
def _endless(program, device, python, *folders):
    """Run a program that never ends, on a board or, with the port exchanged, on a desktop; it is to print no traceback."""
    if python == "cpython":
        program = program.replace("from ports.machine_uart import MachineUART", "from ports.pyserial_uart import SerialUART")
        program = program.replace("MachineUART(1, 115200, tx=4, rx=5)", "SerialUART(%r, 115200)" % device)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "program.py"
        path.write_text(program)
        command = [sys.executable, str(path)]
        if python != "cpython":
            command = [micropython(), str(ROOT / "tests" / "scenes" / "readme_board.py"), device, str(path), *folders]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MICROPYPATH": ".frozen:" + str(ROOT)}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        try:
            yield
        finally:
            process.kill()
            errors = process.communicate()[1]
    assert "Traceback" not in errors, errors


def test_the_server_program_serves_clients_and_datagrams():
    with vmodem() as device:
        for python in (*pythons(), "cpython"):  # each is killed at last
            tcp, udp = free_port(), free_port(socket.SOCK_DGRAM)
            program = blocks("server")[0].replace("2020", str(tcp)).replace("3030", str(udp))
            with _endless(program, device, python):
                _visit(tcp, udp)


def _visit(tcp, udp):
    """What the program's clients do."""
    with _knock(("127.0.0.1", tcp)) as one, _knock(("127.0.0.1", tcp)) as two:
        for client in (one, two, one):
            client.sendall(b"a line\r\n")
            assert client.recv(8, socket.MSG_WAITALL) == b"a line\r\n"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(1)
            for _ in range(40):  # one that comes before the service is there is lost
                peer.sendto(b"\x00datagram\r\nOK\r\n", ("127.0.0.1", udp))
                if select.select([peer], [], [], 0.5)[0]:
                    break
            assert peer.recv(100) == b"\x00datagram\r\nOK\r\n"


def test_the_web_application_answers():
    if micropython() is None:
        skip("no MicroPython for this platform")
    port = free_port()
    (program,) = blocks("asyncio-library")
    with vmodem() as device, _endless(program.replace("2020", str(port)), device, "micropython", board_library()):
        with _knock(("127.0.0.1", port)) as client, client.makefile("rb") as file:
            client.sendall(b"GET /hello/you HTTP/1.0\r\n\r\n")
            assert file.read().endswith(b"\r\n\r\nhello you")


def test_the_bridge_program_is_transparent():
    if micropython() is None:
        skip("no MicroPython for this platform")
    with socket.create_server(("127.0.0.1", 0)) as server, pty() as (local, path):
        server.settimeout(60)
        host = "example.com:4001=127.0.0.1:%d" % server.getsockname()[1]
        with vmodem("--host", host, "--baud", "115200") as device, tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(blocks("bridge")[0])
            file.flush()
            for size in (8000, 2000):
                found = []
                words = (device, file.name, "0=" + path)
                board = threading.Thread(target=lambda: found.append(run_scene("readme_board", *words, python="micropython")))  # noqa: B023
                board.start()
                peer, _ = server.accept()
                with peer:
                    _bridged(peer, local, payload(4, size))
                board.join(100)
                assert found == [{"lines": []}]


def _bridged(peer, local, data):
    """All of `data` passes the bridge in both directions."""
    peer.settimeout(60)
    for n in range(0, len(data), 500):
        os.write(local, data[n : n + 500])
        got = b""
        while len(got) < len(data[n : n + 500]):
            got += peer.recv(500)
        assert got == data[n : n + 500]
    threading.Thread(target=peer.sendall, args=(data,), daemon=True).start()
    back = b""
    while len(back) < len(data) and select.select([local], [], [], 60)[0]:
        back += os.read(local, 4096)
    assert back == data


def _console(command, device, folder):
    """Run a console command as the guide has it, in `folder`."""
    words = command.replace(_DEVICE, device).split()
    assert words[:3] == ["python3", "-m", "tools.console"], command
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run_on_board(program, device, *folders):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(program)
        file.flush()
        return run_scene("readme_board", device, file.name, *folders, python="micropython")["lines"]


def test_a_certificate_gets_onto_the_module_and_mqtt_over_tls_runs():
    (command,), (provision,), (program,) = blocks("provision-console", "sh"), blocks("provision"), blocks("mqtt")
    name = "broker.example.com"
    with authority(name) as (trust, chain), ntp_server() as ntp:
        content = trust.read_bytes()
        listed = "[('ca.pem', %d)]" % len(content)
        for put in (
            lambda device: _console(command, device, trust.parent),
            lambda device: run_desktop(provision, device, {"ca.pem": content}),
        ):
            with broker(chain, {"garden/temperature": ("garden/valve", 1)}) as desk:
                hosts = ("--host", "%s:8883=127.0.0.1:%d" % (name, desk.port), "--host", "pool.ntp.org:123=127.0.0.1:%d" % ntp)
                with vmodem(*hosts, model="ec200u") as device:
                    printed = put(device)
                    assert "UFS:ca.pem" in printed or listed in printed, printed
                    for n in TWICE if micropython() is not None else ():
                        assert _run_on_board(program, device, board_library()) == ["b'21.5'"]
                        assert desk.settled(n + 1) == [("garden/temperature", b"21.5")] * (n + 1)
                    put(device)


_MAIL = b"From: a@a.example\r\nSubject: Hi there\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nHello\r\nOK\r\nbye\r\n"
_LOG = b"soil,light\r\n12,99\r\n"
_FIRMWARE = bytes(range(256)) * 40


def after_head(device, body):
    """Run `body` after the lines that begin each short example, on each Python; yields what it prints and the folder of the run."""
    (head,) = blocks("head")
    program = head + "\n" + body
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "log.csv").write_bytes(_LOG)
        path, _, _ = device.partition("@")
        moved = "import os\nos.chdir(%r)\n" % str(folder)
        yield run_desktop(program, path, start=moved), folder
        if micropython() is not None:
            desktop = ("from ports.pyserial_uart import SerialUART", 'SerialUART("/dev/ttyUSB2", 115200)')
            board = ("from ports.machine_uart import MachineUART", "MachineUART(1, 115200, tx=4, rx=5)")
            for each, other in zip(desktop, board):
                assert each in program
                program = program.replace(each, other)
            yield "\n".join(_run_on_board(moved + program, device)) + "\n", folder


def _services(device, service):
    (body,) = blocks("services-" + service)
    yield from after_head(device, body)


def _services_modem(name, server, port):
    return vmodem("--baud", "115200", "--host", "%s:%d=127.0.0.1:%d" % (name, port, server.port), model="sim7100")


def test_the_mail_programs_send_and_fetch():
    with SmtpServer((USER, PASSWORD)) as server, _services_modem("smtp.example.com", server, 25) as device:
        for _ in _services(device, "smtp"):
            message = email.message_from_bytes(server.envelopes.pop().content, policy=email.policy.default)
            (part,) = message.iter_attachments()
            assert (message["Subject"], part.get_filename(), part.get_payload(decode=True)) == ("Dry", "log.csv", _LOG)
            assert message.get_body(("plain",)).get_content().strip() == "Water, please."
    with Pop3Server(_MAIL, _MAIL) as server, _services_modem("pop.example.com", server, 110) as device:
        for left, (printed, folder) in zip((1, 0), _services(device, "pop3")):
            assert printed.startswith("(%d, " % (left + 1)) and "Hi there" in printed, printed
            assert (folder / "mail.eml").read_bytes() == _MAIL
            assert len(server.left()) == left


def test_the_ftp_programs_transfer():
    with FtpServer() as server, _services_modem("ftp.example.com", server, 21) as device:
        server.write("firmware.bin", _FIRMWARE)
        for printed, folder in _services(device, "ftp"):
            progress = [int(n) for n in re.findall(r"^(\d+) bytes$", printed, re.MULTILINE)]
            assert progress == sorted(set(progress)) and len(progress) > 5 and "10240 bytes\n10240 [" in printed, printed
            assert (folder / "firmware.bin").read_bytes() == server.read("copy.bin") == _FIRMWARE
            server.write("copy.bin", b"")
    with FtpServer(pem=certificate()) as server, _services_modem("ftp.example.com", server, 21) as device:
        for printed, _ in _services(device, "ftps"):
            assert printed.startswith("/ ['") and "log.csv" in printed, printed
            assert server.read("log.csv") == _LOG
            server.write("log.csv", b"")


def test_the_web_programs_get_and_post():
    for service, pem, port in (("http", None, 80), ("https", certificate(), 443)):
        with WebServer({"/page": _FIRMWARE}, pem) as server, _services_modem("example.com", server, port) as device:
            for printed, folder in _services(device, service):
                if pem:
                    assert printed == "%r\n" % _FIRMWARE[:20] * 2, printed
                else:
                    assert printed == "200 10240\n%r\n" % b"temperature=21.5", printed
                    assert (folder / "page").read_bytes() == _FIRMWARE
