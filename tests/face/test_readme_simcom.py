# CPython only: it starts the virtual modem, real servers and both Pythons.
"""The guide's program for SIMCom runs as it stands there, and what it says about the model is so."""

import contextlib
import http.server
import socketserver
import ssl
import threading

from tests.face.test_readme import TWICE, _Hello, _run_on_board, blocks, run_desktop
from tests.rigs.assertions import skip
from tests.rigs.foreign_programs import authority
from tests.rigs.network_peers import free_port, ntp_server
from tests.rigs.scene_runner import micropython, vmodem


class _Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)


@contextlib.contextmanager
def _world():
    """An HTTPS server and a UDP echo; yields the CA's file and the virtual modem's options."""
    with authority("example.com") as (trust, chain), ntp_server() as ntp:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hello)
        web.socket = context.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
        echo = socketserver.UDPServer(("127.0.0.1", 0), _Echo)
        for server in (web, echo):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        hosts = {"example.com:443": web.server_address[1], "127.0.0.1:7": echo.server_address[1], "pool.ntp.org:123": ntp}
        try:
            yield trust, [word for name, port in hosts.items() for word in ("--host", "%s=127.0.0.1:%d" % (name, port))]
        finally:
            for server in (web, echo):
                server.shutdown()
                server.server_close()


def _check(printed):
    lines = printed.splitlines()
    assert "200 OK" in lines[0] and lines[1].startswith("b'are you there?' ('127.0.0.1', "), lines
    assert "buffer is in force" in lines[2] and len(lines) == 3, lines


def test_the_program_for_a76xx_runs():
    (program,) = blocks("a76xx")
    program = program.replace("3030", str(free_port()))
    with _world() as (trust, options):
        with vmodem("--baud", "115200", *options, model="a76xx") as device:
            for _ in TWICE:
                _check(run_desktop(program, device.partition("@")[0], {"ca.pem": trust.read_bytes()}))
            if micropython() is None:
                skip("no MicroPython for this platform: the other half has passed")
            program = program.replace("pyserial_uart", "machine_uart").replace("SerialUART", "MachineUART")
            program = program.replace('"/dev/ttyUSB2", 115200', "1, 115200, tx=4, rx=5")
            moved = "import os\nos.chdir(%r)\n" % str(trust.parent)
            _check("\n".join(_run_on_board(moved + program, device)))
