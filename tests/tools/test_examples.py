# CPython only: it starts the virtual modem, real servers and both Pythons.
"""The programs of tools/examples/ run as they stand there, with other names and shorter periods, against real servers."""

import concurrent.futures
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import pty
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import tty
import urllib.error
import urllib.parse
import urllib.request

import trustme

from tests.rigs.assertions import skip
from tests.rigs.foreign_programs import board_library, packages
from tests.rigs.mqtt_broker import broker
from tests.rigs.network_peers import free_port, ntp_server, served
from tests.rigs.scene_runner import ROOT, micropython, payload, vmodem

EXAMPLES = ROOT / "tools" / "examples"
_LIMIT_S = 20
_MICRODOT = "microdot==2.7.0"


def _changed(source, **values):
    """A program with other values for its constants, which it has to have."""
    for name, value in values.items():
        source, count = re.subn(
            "^%s = .*?(  #.*)?$" % name, lambda found, v=value, n=name: "%s = %r" % (n, v), source, flags=re.M
        )
        assert count == 1, name
    return source


class _Program:
    """An example that runs: its lines, as they come."""

    def __init__(self, name, device, folder, board=True, imports=(), stdin=None, **values):
        source = _changed((EXAMPLES / (name + ".py")).read_text(), **values)
        if not board:
            assert source.count("MachineUART(1, 115200, tx=4, rx=5)") == 1
            source = source.replace("from ports.machine_uart import MachineUART", "from ports.pyserial_uart import SerialUART")
            source = source.replace("MachineUART(1, 115200, tx=4, rx=5)", "SerialUART(%r, 115200)" % device)
        path = pathlib.Path(folder) / (name + ".py")
        path.write_text(source)
        command = [sys.executable, "-u", str(path)]
        if board:
            command = [micropython(), str(ROOT / "tests/rigs/example_board.py"), device, str(path), *map(str, imports)]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), *map(str, imports)]), MICROPYPATH=".frozen")
        self.lines, self._stdin = [], stdin
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip())

    def wait_for(self, found):
        """Wait until `found()` is true, and return that."""
        end = time.monotonic() + _LIMIT_S
        while not (value := found()):
            assert time.monotonic() < end, self.lines
            assert self.process.poll() is None, self.lines
            time.sleep(0.02)
        return value

    def wait_for_line(self, start):
        return self.wait_for(lambda: [line for line in list(self.lines) if line.startswith(start)])[0]

    def finished(self, status=0):
        """Wait for the end of the program, with that exit status; its lines."""
        assert self.process.wait(_LIMIT_S) == status, self.lines
        self._reading.join(10)
        return self.lines


@contextlib.contextmanager
def _running(name, device, folder, **options):
    program = _Program(name, device, folder, **options)
    try:
        yield program
    finally:
        program.process.kill()
        program.process.wait(_LIMIT_S)
        program._reading.join(10)
        program.process.stdout.close()
    failed = [line for line in program.lines if line.startswith("Traceback")]
    assert not failed or program.process.returncode == 1, program.lines  # a test that wants it waits for it


def _boards():
    """True: on MicroPython, as on a board; False: on CPython."""
    return (True, False) if micropython() else (False,)


def _at_once(function):
    """Call `function` for each kind of board, at the same time; what it returns."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(function, _boards()))


def _files(content, cuts=(), etag=None, seen=None):
    """A handler that serves `content` (path: bytes), with ranges; answer number n ends after cuts[n] bytes of its body."""
    cuts = list(cuts)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body, first = content[self.path], 0
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if wanted and (etag is None or self.headers.get("If-Range") == etag()):
                first = int(wanted.group(1))
            if seen is not None:
                seen.append((self.path, first))
            self.send_response(206 if wanted and (first or etag is None) else 200)
            self.send_header("Content-Length", str(len(body) - first))
            if etag is not None:
                self.send_header("ETag", etag())
            self.end_headers()
            cut = cuts.pop(0) if cuts else None
            self.wfile.write(body[first:] if cut is None else body[first : first + cut])

        def finish(self):
            """End as TLS wants it."""
            super().finish()
            if isinstance(self.connection, ssl.SSLSocket):
                with contextlib.suppress(OSError, ValueError):
                    self.connection.unwrap()

        def log_message(self, format, *args):
            """Nothing."""

    return Handler


@contextlib.contextmanager
def _line(*options, model="ec600e"):
    """A virtual modem and a folder for the program; yields both."""
    with tempfile.TemporaryDirectory() as folder, vmodem(*options, model=model) as device:
        yield device, folder


def _first_connection(board):
    with served(_files({"/": b"hello\r\n"})) as port:
        for pin in ("9999", "1234"):
            with _line("--host", "example.com:80=127.0.0.1:%d" % port, "--sim", "pin=1234") as (device, folder):
                with _running("first_connection", device, folder, board=board, PIN=pin) as program:
                    lines = program.finished()
            assert lines[0].startswith("module: EC600E"), lines
            if pin == "1234":
                assert lines[3] == "server: HTTP/1.0 200 OK", lines
            else:
                assert lines[1].startswith("SIM card: ") and "Tries left: 2" in lines[1], lines


def test_first_connection_reports_each_step():
    _at_once(_first_connection)


def _http_download(board):
    content, tag, seen = {"/firmware.bin": payload(1, 20000)}, ['"one"'], []
    with served(_files(content, (6000, 7000, None, 5000), lambda: tag[0], seen)) as port:
        with _line("--host", "example.com:80=127.0.0.1:%d" % port) as (device, folder):
            with _running("http_download", device, folder, board=board) as program:
                assert "20000 bytes are in firmware.bin" in program.finished()
            assert (pathlib.Path(folder) / "firmware.bin").read_bytes() == content["/firmware.bin"]
            assert [first for _, first in seen] == [0, 6000, 13000]
            with _running("http_download", device, folder, board=board, TRIES=1, FILE="new.bin") as program:
                program.finished()
            content["/firmware.bin"], tag[0] = payload(2, 9000), '"two"'  # the file changes while the board is off
            with _running("http_download", device, folder, board=board, FILE="new.bin") as program:
                assert "9000 bytes are in new.bin" in program.finished()
            assert (pathlib.Path(folder) / "new.bin").read_bytes() == content["/firmware.bin"]
            assert [first for _, first in seen[3:]] == [0, 0] and sorted(os.listdir(folder))[0] == "firmware.bin"
            assert not list(pathlib.Path(folder).glob("*.etag"))


def test_an_http_download_goes_on_where_it_broke_off():
    _at_once(_http_download)


class _Certificates:
    """An authority, a server's context and a client's files."""

    def __init__(self, host, wants_client=False):
        rsa = trustme.KeyType.RSA
        self.ca = trustme.CA(key_type=rsa)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(host, key_type=rsa).configure_cert(self.context)
        if wants_client:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(self.context)
        self.client = self.ca.issue_cert("board-1.test", key_type=rsa)

    def write(self, folder):
        """Write ca.pem, client.pem and key.pem."""
        folder = pathlib.Path(folder)
        self.ca.cert_pem.write_to_path(folder / "ca.pem")
        self.client.cert_chain_pems[0].write_to_path(folder / "client.pem")
        self.client.private_key_pem.write_to_path(folder / "key.pem")


def test_an_update_over_the_air_is_resumed_checked_and_started():
    if not micropython():
        skip("no MicroPython for this platform")
    host, image = "updates.example.com", payload(3, 5 * 4096 + 100)
    certificates, seen = _Certificates(host), []
    content = {"/fw.app-bin": image, "/fw.txt": b"%s %d\n" % (hashlib.sha256(image).hexdigest().encode(), len(image))}
    # The image ends after two blocks; then one block comes and the board loses power; then the rest.
    with (
        served(_files(content, (None, 9000, None, None), seen=seen), certificates.context) as port,
        tempfile.TemporaryDirectory() as files,
    ):
        certificates.write(files)
        with _line("--host", "%s:443=127.0.0.1:%d" % (host, port), "--files", files, model="ec200u") as (device, folder):
            with _running("ota_esp32", device, folder) as program:
                lines = program.finished()
            flash = pathlib.Path(folder)
            assert lines[-1].startswith("reset [('valid', 'ota_0'), ('write', 0)") and lines[-1].endswith("('boot', 'ota_1')]"), (
                lines
            )
            assert [first for path, first in seen if path == "/fw.app-bin"] == [0, 8192]
            assert (flash / "ota_1.bin").read_bytes()[: len(image)] == image and (flash / "boot.txt").read_text() == "ota_1"
            with _running("ota_esp32", device, folder) as program:  # the new image runs: it is valid, and nothing is to be done
                assert program.finished() == ["ended [('valid', 'ota_1')]"]
            newer = payload(4, 3 * 4096)
            content["/fw.app-bin"] = b"!" + newer[1:]  # not what the text announces
            content["/fw.txt"] = b"%s %d\n" % (hashlib.sha256(newer).hexdigest().encode(), len(newer))
            with _running("ota_esp32", device, folder) as program:
                assert program.finished(1)[-1] == "ValueError: the hash of the image does not fit", program.lines
            assert (flash / "boot.txt").read_text() == "ota_1"
            content["/fw.app-bin"] = newer
            (flash / "update.txt").write_text(hashlib.sha256(newer).hexdigest() + " 2")  # the power failed after two blocks
            (flash / "ota_0.bin").write_bytes(newer[:8192] + b"\xff" * (14 * 4096))
            with _running("ota_esp32", device, folder) as program:
                assert program.finished()[-1] == "reset [('valid', 'ota_1'), ('write', 2), ('boot', 'ota_0')]"
            assert seen[-1] == ("/fw.app-bin", 8192)


@contextlib.contextmanager
def _tls_front(context, port):
    """A TLS server that passes everything on to `port`; it closes its first connection. Yields its port, and names of its clients."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as client:
                peers.append(client.getpeercert()["subjectAltName"])
                if len(peers) == 1:  # as AWS does with a certificate that has no policy
                    connect = b""
                    while not connect.endswith(b"board-1") and (data := client.recv(4096)):  # it comes in pieces
                        connect += data
                    client.unwrap()
                    return
                with socket.create_connection(("127.0.0.1", port)) as server:
                    back = threading.Thread(target=carry, args=(server, client), daemon=True)
                    back.start()
                    carry(client, server)

    def carry(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                target.sendall(data)

    peers = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1], peers
        finally:
            server.shutdown()


_NAMES = "import binascii, socket, struct, sys\nsys.modules.update(usocket=socket, ustruct=struct, ubinascii=binascii)\n"


def test_mqtt_over_tls_shows_a_client_certificate():
    host = "broker.test"
    certificates = _Certificates(host, wants_client=True)
    answers = {"board-1/telemetry": ("board-1/commands", 1)}
    for board, model in zip(_boards(), ("ec200u", "a76xx")):
        with broker(answers=answers) as desk, ntp_server() as ntp, _tls_front(certificates.context, desk.port) as (port, peers):
            hosts = ("--host", host + "=127.0.0.1", "--host", "pool.ntp.org:123=127.0.0.1:%d" % ntp)
            with _line(*hosts, model=model) as (device, folder):
                certificates.write(folder)
                (pathlib.Path(folder) / "usocket.py").write_text("from socket import *\n")
                (pathlib.Path(folder) / "ustruct.py").write_text("from struct import *\n")
                (pathlib.Path(folder) / "ubinascii.py").write_text("from binascii import *\n")
                with _running(
                    "mqtt_tls", device, folder, board=board, imports=[board_library(), *(() if board else (folder,))],
                    ENDPOINT=host, MQTT_PORT=port, PERIOD_S=1, PAUSE_MS=100,
                ) as program:  # fmt: skip
                    program.wait_for_line("command: {")
                    assert program.lines[0].startswith("the broker closed the connection"), program.lines
                    for topic, message in desk.settled(1):
                        assert topic == "board-1/telemetry" and json.loads(message)["technology"] == "LTE"
        assert peers == [(("DNS", "board-1.test"),)] * 2, peers


class _Control:
    """The control channel of a virtual modem: another thread's way to make things happen."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), _LIMIT_S)
        self._file = self._socket.makefile("rw")

    def do(self, line):
        """Carry out a line; the lines of the answer before its "ok"."""
        self._file.write(line + "\n")
        self._file.flush()
        found = []
        while not (answer := self._file.readline()).startswith("ok"):
            assert answer and not answer.startswith("error"), (line, answer)
            found.append(answer.rstrip())
        return found

    def close(self):
        self._file.close()
        self._socket.close()


def test_sms_commands_obey_one_number_only():
    if not micropython():
        skip("no MicroPython for this platform")
    number = free_port()
    with _line("--control", "127.0.0.1:%d" % number, model="ec200u") as (device, folder):
        control = _Control(number)
        try:
            with _running("sms_commands", device, folder, PERIOD_MS=100) as program:
                control.do("sms +4915100000000 on")
                program.wait_for_line("ignored: a message from +4915100000000")
                control.do("sms +491701234567 On")
                program.wait_for_line("on -> output on, signal -")
                control.do("sms +491701234567 dance")
                program.wait_for_line("dance -> I know: off, on, status")
                program.wait_for(lambda: len(control.do("outbox")) == 2)
                control.do("restart")
                control.do("sms +491701234567 off")
                program.wait_for_line("off -> output off")
                sent = program.wait_for(lambda: len(found := control.do("outbox")) == 3 and found)
        finally:
            control.close()
    assert all(line.startswith("+491701234567 ") for line in sent) and "I know" in sent[1], sent


def _positions(board):
    """What the example reports to a web server until it has a position."""
    bodies = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format, *args):
            """Nothing."""

    with served(Handler) as port:
        host = "tracker.example.com:80=127.0.0.1:%d" % port
        with _line("--host", host, "--gnss", "52.5,13.4,34", model="a76xx") as (device, folder):
            with _running("position_reporting", device, folder, board=board, PERIOD_MS=300) as program:
                program.wait_for(lambda: bodies and bodies[-1][1]["fix"])
    return bodies


def test_positions_are_reported():
    for bodies in _at_once(_positions):  # the first fix takes 5 s
        path, first = bodies[0]
        fix = bodies[-1][1]["fix"]
        assert path == "/positions" and first["fix"] is None and first["imei"].isdigit() and first["cell"], bodies
        assert (fix["latitude_e7"], fix["longitude_e7"], fix["altitude_m"]) == (525000000, 134000000, 34), fix


def test_telemetry_is_sent_again_until_it_is_confirmed():
    if not micropython():
        skip("no MicroPython for this platform")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, tempfile.TemporaryDirectory() as logs:
        server.bind(("127.0.0.1", 0))
        server.settimeout(_LIMIT_S)
        log = pathlib.Path(logs) / "line.log"
        with _line("--host", "telemetry.example.com=127.0.0.1", "--log", str(log)) as (device, folder):
            with _running("udp_telemetry", device, folder, UDP_PORT=server.getsockname()[1], WAIT_S=0.3) as program:
                data, _ = server.recvfrom(2000)  # the confirmation is lost
                again, address = server.recvfrom(2000)
                assert again == data and json.loads(data.split(b"\n")[1])["rssi"] < 0
                assert data.split(b"\n")[0] == b"1"
                server.sendto(b"0\n", address)  # of an earlier one
                server.sendto(b"1\n", address)
                program.wait_for_line("1 confirmed")
                program.wait_for_line("lightsleep 300000")
                assert server.recvfrom(2000)[0].startswith(b"2\n")
                program.wait_for_line("2 not confirmed")
        assert b"AT+QSCLK=2" in log.read_bytes()


def test_the_web_server_shows_and_switches():
    if not micropython():
        skip("no MicroPython for this platform")
    port, number = free_port(), free_port()
    with _line("--control", "127.0.0.1:%d" % number) as (device, folder), _running(
        "web_server", device, folder, imports=[packages(_MICRODOT)], PORT=port, PASSWORD="secret"
    ) as program:  # fmt: skip
        program.wait_for_line("http://10.")
        url = "http://127.0.0.1:%d" % port
        assert "output is off" in urllib.request.urlopen(url, timeout=_LIMIT_S).read().decode()
        for password, level, shown in (("secret", 1, "on"), ("wrong", 0, None), ("secret", 0, "off")):
            form = urllib.parse.urlencode({"password": password, "level": level}).encode()
            try:
                page = urllib.request.urlopen(url + "/output", form, timeout=_LIMIT_S).read().decode()
                assert shown and "output is " + shown in page, page
            except urllib.error.HTTPError as error:
                assert error.code == 403 and shown is None, error
            if shown is None:
                assert "output is on" in urllib.request.urlopen(url, timeout=_LIMIT_S).read().decode()
        control = _Control(number)
        control.do("context lost")
        control.close()
        program.wait_for(lambda: len(program.lines) == 2)  # it serves again
        assert "output is off" in urllib.request.urlopen(url, timeout=_LIMIT_S).read().decode()


def test_the_bridge_carries_both_ways():
    if not micropython():
        skip("no MicroPython for this platform")
    computer, usb = pty.openpty()
    tty.setraw(usb)
    try:
        with _line() as (device, folder), _running("bridge", device, folder, stdin=usb) as program:
            os.write(computer, b"ATE0\r")
            program.wait_for_line("OK")
            os.write(computer, b"AT+CGMM\r")
            program.wait_for_line("EC600E-CN")
            os.write(computer, b"\x1d\x1d\x1d")
            assert program.finished()[-1] == "ended []"
    finally:
        os.close(computer)
        os.close(usb)


# --- what holds for all examples


def test_examples_are_short_listed_and_use_the_public_face():
    listed = re.findall(r"^\| \[`(\w+\.py)`\]\(examples/\1\) \| \S", (ROOT / "tools/README.md").read_text(), re.M)
    names = sorted(path.name for path in EXAMPLES.glob("*.py"))
    assert sorted(listed) == names and len(names) == 9
    for name in names:
        source = (EXAMPLES / name).read_text()
        assert len(source.splitlines()) <= 90 and all(word in source.split('"""')[1] for word in ("Wiring", "Change")), name
        assert not re.search(r"\b(?!self\b)\w+\._[a-z]", source), name
        for module in re.findall(r"^(?:from|import) ((?:modem|ports)\S*)", source, re.M):
            assert module in ("modem", "modem.supervisor", "ports.machine_uart"), (name, module)
