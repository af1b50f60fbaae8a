# CPython only: it starts the virtual modem, a broker, a web server and both Pythons.
"""Existing programs for boards over our sockets: umqtt and requests with each vendor, with and without TLS, mqtt_async, microdot."""

import asyncio
import contextlib
import hashlib
import http.server
import json
import socket
import ssl
import threading
import time

from tests.rigs.assertions import skip
from tests.rigs.foreign_programs import authority, board_library
from tests.rigs.mqtt_broker import broker
from tests.rigs.network_peers import free_port, ntp_server, served
from tests.rigs.scene_runner import data_server, micropython, payload, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=64,gap_ms=0")
HOST = "good.test"
LARGE = payload(11, 60000)
EVERY = bytes(range(256))
LOOK_ALIKE = b'\r\nOK\r\n+++\r\n+QIURC: "closed",0\r\n'


class _Told(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://%s:%d/here" % (HOST, self.server.server_address[1]))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self._body()
        told = "%s %s %s %s" % (self.command, self.path, self.headers.get("X-Name", "-"), hashlib.sha256(body).hexdigest())
        answer = LARGE if self.path == "/large" else told.encode("latin-1")
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_GET

    def finish(self):
        """End as TLS wants it: an EC200U gives out nothing more after an end without close_notify."""
        super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self.connection.unwrap()

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format, *args):
        """Nothing."""


@contextlib.contextmanager
def web_server(chain=None, version="HTTP/1.0", peers=None):
    """A real web server, with TLS when there is a chain; yields its port. `peers`: a list for the client's address per request.

    `version`: HTTP/1.1 keeps connections.
    """

    class Handler(_Told):
        protocol_version = version

        def do_GET(self):
            if peers is not None:
                peers.append(self.client_address)
            super().do_GET()

        do_POST = do_PUT = do_GET

    context = None
    if chain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
    with served(Handler, context) as port:
        yield port


def told(method, path, body=b"", name="-"):
    """What the web server answers."""
    return [200, "%s %s %s %s" % (method, path, name, hashlib.sha256(body).hexdigest())]


def _mqtt(model, tls, *options):
    want = [("to/desk/0", EVERY), ("to/desk/1", EVERY), ("to/desk/1", 5000), ("to/desk/0", LOOK_ALIKE), ("to/desk/1", b"")]
    want += [("will/board", EVERY)]
    with authority(HOST) as (trust, chain):
        for python in pythons():
            with broker(chain if tls else None) as desk, vmodem("--host", HOST + "=127.0.0.1", *options, model=model) as device:
                more = (trust,) if tls else ()
                found = run_scene("mqtt", device, HOST, desk.port, board_library(), *more, python=python)
                assert found == {"same": True, "idle": None, "answer": None}, (model, python, found)
                heard = desk.settled(len(want))
            assert len(heard[2][1]) == 5000
            heard[2] = ("to/desk/1", 5000)
            assert heard == want, (model, python, heard)


def test_umqtt_over_tcp_on_ec600e():
    _mqtt("ec600e", False, *CUT)


def test_umqtt_over_tcp_on_a76xx():
    _mqtt("a76xx", False, *CUT)


def test_umqtt_over_tls_on_ec200u():
    _mqtt("ec200u", True, *CUT)


def test_umqtt_over_tls_on_bg96():
    _mqtt("bg96", True, *CUT)


def test_umqtt_over_tls_on_a76xx():
    _mqtt("a76xx", True, *CUT)


def _web(model, tls):
    if micropython() is None:
        skip("no MicroPython for this platform")
    want = {
        "get": told("GET", "/path?a=1", name="caf\u00e9"),
        "post": told("POST", "/", b'{"name": "value"}'),
        "put": told("PUT", "/", EVERY),
        "chunks": told("POST", "/", b"one" + b"two" * 1000),
        "moved": told("GET", "/here"),
        "large": hashlib.sha256(LARGE).hexdigest(),
        "tls by the board": told("GET", "/tls"),
    }
    if tls:
        want["tls by the module"] = told("GET", "/tls")
    with authority(HOST) as (trust, chain), web_server() as port, web_server(chain) as tls_port:
        with vmodem("--host", HOST + "=127.0.0.1", *CUT, model=model) as device:
            found = run_scene("requests_get", device, HOST, port, tls_port, trust if tls else "-", python="micropython")["found"]
    assert found == want, (model, found)


def test_requests_over_tcp_and_tls_by_the_board_on_ec600e():
    _web("ec600e", False)


def test_requests_over_tcp_and_tls_on_ec200u():
    _web("ec200u", True)


def test_requests_over_tcp_and_tls_on_a76xx():
    _web("a76xx", True)


@contextlib.contextmanager
def _cutter(port):
    """Stands before a server on `port` and cuts a connection when its client sends b"CUT"; yields the port to use."""
    here, ready, over = free_port(), threading.Event(), threading.Event()

    async def serve(reader, writer):
        from_server, to_server = await asyncio.open_connection("127.0.0.1", port)

        async def answers():
            while data := await from_server.read(4096):
                writer.write(data)

        answering = asyncio.create_task(answers())
        with contextlib.suppress(OSError):
            while (data := await reader.read(4096)) and b"CUT" not in data:
                to_server.write(data)
            to_server.write_eof()
            await answering  # the server has done with the client before that one can come again
        for each in (to_server, writer):
            each.close()

    async def main():
        async with await asyncio.start_server(serve, "127.0.0.1", here):
            ready.set()
            while not over.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield here
    finally:
        over.set()
        thread.join(60)


def test_umqtt_robust_comes_back_after_broken_connections():
    for model, python in zip(("ec600e", "a76xx"), pythons()):
        with broker() as desk, _cutter(desk.port) as port, vmodem("--host", HOST + "=127.0.0.1", model=model) as device:
            found = run_scene("mqtt_robust", device, HOST, port, board_library(), python=python)
            assert found == {"came": "one", "reconnected": [True, True]}, (model, python, found)
            assert desk.settled(3) == [("to/desk/1", text) for text in (b"one", b"two", b"three")]


def test_mqtt_async_over_streams():
    if micropython() is None:
        skip("no MicroPython for this platform")
    with broker() as desk, vmodem("--host", HOST + "=127.0.0.1", *CUT) as device:
        found = run_scene("asyncio_mqtt", device, HOST, desk.port, board_library(), python="micropython")
    assert found == {"same": True}, found


def _ask(port, request):
    """Send a request to what listens on `port`, as soon as something does, and read until it has closed; return the body.

    (A client that closes first may lose the next one its connection: a module gives the id to that one before it has read the
    close command for the former.)
    """
    end = time.monotonic() + 60
    while True:
        try:
            sock = socket.create_connection(("127.0.0.1", port), 60)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < end, "nothing listens"
            time.sleep(0.02)
    with sock, sock.makefile("rb") as file:
        sock.sendall(request)
        return file.read().partition(b"\r\n\r\n")[2]


def test_clients_use_a_web_application_on_microdot():
    body = EVERY * 20
    for model, python in zip(("a76xx", "ec600e"), pythons()):
        port, answers = free_port(), []

        def clients(port=port, answers=answers):
            answers.append(_ask(port, b"GET /hello/you HTTP/1.0\r\n\r\n"))
            answers.append(json.loads(_ask(port, b"POST /sum HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)))
            answers.append(_ask(port, b"GET /large HTTP/1.0\r\n\r\n"))
            answers.append(_ask(port, b"GET /end HTTP/1.0\r\n\r\n"))

        with vmodem(model=model) as device:
            asking = threading.Thread(target=clients, daemon=True)
            asking.start()
            found = run_scene("asyncio_web", device, port, board_library(), python=python)
            asking.join(60)
        large = b"".join(bytes([n]) * 1000 for n in range(30))
        summed = {"n": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        assert answers == [b"hello you", summed, large, b"bye"], (model, python, answers)
        assert found == {"seen": ["127.0.0.1"], "left": []}, (model, python, found)


def test_calls_of_programs_that_no_registry_has():
    for model, python in zip(("a76xx", "ec600e"), pythons()):
        with web_server() as web, data_server() as data, ntp_server() as ntp:
            with vmodem("--host", "pool.ntp.org:123=127.0.0.1:%d" % ntp, model=model) as device:
                found = run_scene("unpackaged", device, web, data, python=python)
        assert abs(found.pop("clock") - 2208988800 - time.time()) < 60, (model, python)
        want = {"same": True, "nothing": None, "turns": True, "page": told("GET", "/path"), "left": []}
        assert found == want, (model, python, found)
