# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""The TLS of the virtual modem over real sockets, against real TLS servers on the same machine."""

import asyncio
import contextlib
import hashlib
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import serial

from tests.rigs.scene_runner import ROOT, payload, vmodem
from tests.rigs.tls_network import DAY, Authority, server_context
from tests.rigs.virtual_modem import OK, live

HOST = "tls.example"
SEND_OK = b"\r\nSEND OK\r\n"
MEBIBYTE = 1 << 20


class Servers:
    """A TLS server on loopback. A client's first line says what it wants: GET seed n, PUT n, HOLD."""

    def __init__(self, context):
        self.context = context
        self.digests = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.context)
        return self

    async def __aexit__(self, *exception):
        self._server.close()

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        word, *numbers = (await reader.readline()).split()
        if word == b"GET":
            writer.write(payload(*map(int, numbers)))
            await writer.drain()
        elif word == b"PUT":
            self.digests.append(hashlib.sha256(await reader.readexactly(int(numbers[0]))).hexdigest())
            writer.write(b"done")
        elif word == b"CUT":
            writer.write(b"x" * int(numbers[0]))
            await writer.drain()
            writer.transport.abort()
            return
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def authority():
    now = time.time()
    return Authority(starts=now - DAY, ends=now + DAY), {"starts": now - DAY, "ends": now + DAY}


def served(scene, model="ec200u", **options):
    """Run `scene(table, servers)` with a virtual modem that trusts the server's authority, and TLS configured."""
    ca, dates = authority()
    context = server_context(ca.issue(HOST, **dates), **options)

    async def run(table):
        async with Servers(context) as servers:
            table.modem.files.write("ca.pem", ca.pem)
            await table.online()
            for item in ('"seclevel",1,1', '"cacert",1,"ca.pem"', '"ignorelocaltime",1,0'):
                await table.command("AT+QSSLCFG=" + item)
            await scene(table, servers)

    live(run, model=model, hosts=[HOST + "=127.0.0.1"])


async def connect(table, port, mode=0):
    line = 'AT+QSSLOPEN=1,1,4,"%s",%d,%d' % (HOST, port, mode)
    return await table.command(line, b"\r\nCONNECT\r\n" if mode == 2 else b"\r\n+QSSLOPEN: 4,0\r\n")


async def send(table, data):
    """Send, as often as the send buffer is full again and again."""
    while True:
        await table.command("AT+QSSLSEND=4,%d" % len(data), b"\r\n>")
        table.write(data)
        await table.expect(b"\r\nSEND ")
        done = await table.expect(b"\r\n") == b"OK\r\n"
        await asyncio.sleep(0)  # answers are there at once: let the network have its turn
        if done:
            return


async def receive(table):
    """One AT+QSSLRECV: its data."""
    await asyncio.sleep(0)
    await table.command("AT+QSSLRECV=4,1500", b"+QSSLRECV: ")
    count = int(await table.expect(b"\r\n"))
    data = (await table.exactly(count + 2))[:-2] if count else b""
    await table.expect(OK)
    return data


def test_buffer_mode_when_a_mebibyte_comes():
    for model in ("ec200u", "bg96"):

        async def scene(table, servers):
            await connect(table, servers.port)
            await send(table, b"GET 7 %d\n" % MEBIBYTE)
            seen, count, end = hashlib.sha256(), 0, time.monotonic() + 60
            while count < MEBIBYTE and time.monotonic() < end:
                data = await receive(table)
                seen.update(data)
                count += len(data)
            assert (count, seen.digest()) == (MEBIBYTE, hashlib.sha256(payload(7, MEBIBYTE)).digest())
            await table.command("AT+QSSLCLOSE=4")

        served(scene, model)


def test_buffer_mode_when_a_mebibyte_goes():
    async def scene(table, servers):
        data = payload(8, MEBIBYTE)
        await connect(table, servers.port)
        await send(table, b"PUT %d\n" % MEBIBYTE)
        for start in range(0, MEBIBYTE, 1460):
            await send(table, data[start : start + 1460])
        await table.expect(b'\r\n+QSSLURC: "recv",4\r\n')
        assert await receive(table) == b"done" and servers.digests == [hashlib.sha256(data).hexdigest()]
        await table.command("AT+QSSLCLOSE=4")

    served(scene)


def test_push_mode_when_64_kibibytes_come():
    async def scene(table, servers):
        await connect(table, servers.port, 1)
        await send(table, b"GET 9 65536\n")
        data = b""
        while len(data) < 65536:
            await table.expect(b'\r\n+QSSLURC: "recv",4,')
            data += (await table.exactly(int(await table.expect(b"\r\n")) + 2))[:-2]
        assert data == payload(9, 65536)
        await table.expect(b'\r\n+QSSLURC: "closed",4\r\n')

    served(scene)


def test_transparent_mode_when_64_kibibytes_go_both_ways():
    async def scene(table, servers):
        await connect(table, servers.port, 2)
        table.write(b"GET 10 65536\n")
        assert await table.exactly(65536) == payload(10, 65536)
        await table.expect(b"\r\nNO CARRIER\r\n")
        await table.command("AT+QSSLCLOSE=4")
        await connect(table, servers.port, 2)
        table.write(b"PUT 65536\n" + payload(11, 65536))
        assert await table.exactly(4) == b"done"
        assert servers.digests == [hashlib.sha256(payload(11, 65536)).hexdigest()]

    served(scene)


def test_abnormal_end_when_the_server_breaks_off():
    async def scene(table, servers):
        await connect(table, servers.port)
        await send(table, b"CUT 3000\n")
        await table.expect(b'\r\n+QSSLURC: "closed",4\r\n')
        await table.command("AT+QSSLRECV=4,1500", b"\r\nERROR\r\n")
        await table.command("AT+QSSLCLOSE=4")

    served(scene)


def test_handshake_when_a_real_server_is_refused():
    async def scene(table, servers):
        table.modem.files.write("ca.pem", Authority("Another", key="other").pem)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            refused = asyncio.get_running_loop().run_in_executor(None, handshake, listener, servers.context)
            port = listener.getsockname()[1]
            await table.command('AT+QSSLOPEN=1,1,4,"%s",%d' % (HOST, port), b"\r\n+QSSLOPEN: 4,579\r\n")
            assert await refused == "TLSV1_ALERT_UNKNOWN_CA", "the server has got the alert"

    served(scene)


def handshake(listener, context):
    """Accept one client: why its handshake fails, None if it does not."""
    client, _ = listener.accept()
    client.settimeout(10)
    try:
        context.wrap_socket(client, server_side=True).close()
    except ssl.SSLError as error:
        return error.reason
    return None


def test_address_when_connections_are_listed():
    async def scene(table, servers):
        await connect(table, servers.port)
        line = await table.command("AT+QSSLSTATE=4")
        assert line.startswith(b'\r\n+QSSLSTATE: 4,"SSLClient","127.0.0.1",%d,' % servers.port)

    served(scene)


def test_process_when_started_with_each_model():
    for model, prefix in (("ec200u", b"UFS:"), ("eg915u", b"UFS:"), ("bg96", b"")):
        with (
            vmodem("--quirk", "spelling=seclevel", "--quirk", "clock=unset", model=model) as name,
            serial.Serial(name, timeout=5) as port,
        ):
            port.write(b'ATE0\rAT+QFUPL="a",2\r')
            assert port.read_until(b"CONNECT\r\n").endswith(b"\r\nCONNECT\r\n")
            port.write(b"xy")
            assert port.read_until(OK) == b"\r\n+QFUPL: 2,7879\r\n" + OK
            port.write(b"AT+CCLK?\r")
            assert port.read_until(OK).startswith(b'\r\n+CCLK: "80/01/06,00:00:0')
            port.write(b'AT+QFLST;+QSSLCFG="secllevel",1,1\r')
            assert port.read_until(b"ERROR\r\n") == b'\r\n+QFLST: "%sa",2\r\n' % prefix + b"\r\nERROR\r\n"


def test_log_when_a_private_key_is_uploaded():
    from tests.rigs.tls_network import make_key, pem

    key = pem(make_key("server"))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "log")
        with vmodem("--log", str(path), model="bg96") as name, serial.Serial(name, timeout=5) as port:
            port.write(b'ATE0\rAT+QFUPL="key.pem",%d\r' % len(key))
            port.read_until(b"CONNECT\r\n")
            port.write(key)
            assert port.read_until(OK).endswith(OK)
            port.write(b'AT+QFDWL="key.pem"\r')
            assert key in port.read_until(OK)
        text = path.read_text()
        assert text.count("BEGIN RSA PRIVATE KEY") == 2 and text.count("+QFDWL") == 2
        assert not [line for line in key.decode().split("\n")[1:-2] if line in text], "what is inside a key is no one's business"


def test_help_when_asked_for():
    command = [sys.executable, "-m", "tools.vmodem", "--help", "quirks"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in ("quirks of bg96", "spelling=both|seclevel|secllevel", "unread=lost|kept"):
        assert line in text, line
