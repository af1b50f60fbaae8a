# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""The virtual A76XX over real sockets: TCP, UDP, servers, transparent mode, TLS, ping, NTP, and the process itself."""

import asyncio
import hashlib
import pathlib
import socket
import struct
import tempfile
import time

import serial

from tests.rigs.network_peers import free_port
from tests.rigs.scene_runner import payload, vmodem
from tests.rigs.tls_network import DAY, Authority, make_key, pem, server_context
from tests.rigs.virtual_a76xx import OK, PROMPT, block, frames
from tests.rigs.virtual_modem import live

SERVER = "server.example"
KIB64, MEBIBYTE = 65536, 1 << 20


def simcom(scene, *commands, **options):
    """Run `scene(table)` with an A76XX whose service is open, after `commands`."""

    async def run(table):
        for command in commands:
            await table.command(command)
        await table.command("AT+NETOPEN", b"\r\n+NETOPEN: 0\r\n")
        await scene(table)

    live(run, model="a76xx", hosts=[SERVER + "=127.0.0.1"], **options)


class Servers:
    """A server on loopback, with TLS if there is a context. A client's first line: GET seed n, PUT n, ECHO n."""

    def __init__(self, context=None):
        self._context = context
        self.digests = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception):
        self._server.close()

    async def _serve(self, reader, writer):
        word, *numbers = (await reader.readline()).split()
        if word == b"GET":
            writer.write(payload(*map(int, numbers)))
        elif word == b"PUT":
            self.digests.append(hashlib.sha256(await reader.readexactly(int(numbers[0]))).hexdigest())
            writer.write(b"done")
        elif word == b"ECHO":
            left = int(numbers[0])
            while left:
                data = await reader.read(left)
                left -= len(data)
                writer.write(data)
        await writer.drain()
        writer.close()


async def connect(table, port, number=1):
    await table.command('AT+CIPOPEN=%d,"TCP","%s",%d' % (number, SERVER, port), b"\r\n+CIPOPEN: %d,0\r\n" % number)


async def send(table, data, number=1):
    await table.command("AT+CIPSEND=%d,%d" % (number, len(data)), PROMPT)
    table.write(data)
    await table.expect(b"\r\n+CIPSEND: %d,%d,%d\r\n" % (number, len(data), len(data)))


async def receive(table, number=1):
    """One AT+CIPRXGET=2: its data; b"" when there are none."""
    await asyncio.sleep(0)
    table.line.heard(b"AT+CIPRXGET=4,%d\r" % number)
    await table.expect(b"+CIPRXGET: 4,%d," % number)
    waiting = int(await table.expect(b"\r\n"))
    await table.expect(OK)
    if not waiting:
        return b""
    await table.command("AT+CIPRXGET=2,%d,1500" % number, b"+CIPRXGET: 2,%d," % number)
    count = int((await table.expect(b",")).rstrip(b","))
    await table.expect(b"\r\n")
    data = await table.exactly(count)
    await table.expect(OK)
    return data


async def receive_all(table, count):
    parts, end = [], time.monotonic() + 60
    while sum(map(len, parts)) < count and time.monotonic() < end:
        parts.append(await receive(table))
    return b"".join(parts)


def test_buffer_mode_when_a_mebibyte_goes_each_way():
    async def scene(table):
        async with Servers() as servers:
            await connect(table, servers.port)
            await send(table, b"GET 1 %d\n" % MEBIBYTE)
            assert await receive_all(table, MEBIBYTE) == payload(1, MEBIBYTE)
            await connect(table, servers.port, 2)
            await send(table, b"PUT %d\n" % MEBIBYTE, 2)
            data = payload(2, MEBIBYTE)
            for start in range(0, MEBIBYTE, 1500):
                await send(table, data[start : start + 1500], 2)
            while await receive(table, 2) != b"done":
                pass
            assert servers.digests == [hashlib.sha256(data).hexdigest()]

    simcom(scene, "AT+CIPRXGET=1")


def test_push_mode_when_64_kibibytes_come():
    async def scene(table):
        async with Servers() as servers:
            await connect(table, servers.port)
            await send(table, b"GET 3 %d\n" % KIB64)
            data = b""
            while len(data) < KIB64:
                await table.expect(b"\r\nRECV FROM:127.0.0.1:%d\r\n+IPD" % servers.port)
                data += await table.exactly(int(await table.expect(b"\r\n")))
            assert data == payload(3, KIB64)
            await table.expect(frames("+IPCLOSE: 1,1"))

    simcom(scene)


def test_transparent_mode_when_64_kibibytes_go_each_way():
    async def scene(table):
        async with Servers() as servers:
            await table.command('AT+CIPOPEN=0,"TCP","%s",%d' % (SERVER, servers.port), frames("CONNECT 115200"))
            table.write(b"ECHO %d\n" % KIB64 + payload(4, KIB64))
            assert await table.exactly(KIB64) == payload(4, KIB64)
            await table.expect(frames("CLOSED", "+IPCLOSE: 0,1"))

    simcom(scene, "AT+CIPMODE=1")


def test_datagrams_when_sent_and_received():
    async def scene(table):
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        peer.bind(("127.0.0.1", 0))
        peer.setblocking(False)
        loop, port = asyncio.get_running_loop(), peer.getsockname()[1]
        with peer:
            local = free_port(socket.SOCK_DGRAM)
            await table.command('AT+CIPOPEN=1,"UDP",,,%d' % local, frames("+CIPOPEN: 1,0") + OK)
            await table.command('AT+CIPSEND=1,4,"127.0.0.1",%d' % port, PROMPT)
            table.write(b"ping")
            await table.expect(frames("+CIPSEND: 1,4,4"))
            data, address = await asyncio.wait_for(loop.sock_recvfrom(peer, 100), 60)
            assert (data, address[1]) == (b"ping", local)
            peer.sendto(b"pong", address)
            await table.expect(block("RECV FROM:127.0.0.1:%d" % port, "+IPD4") + b"pong")
            await table.command('AT+CIPSEND=1,4,"192.0.2.1",9', PROMPT)
            table.write(b"lost")
            await table.expect(frames("+CIPSEND: 1,4,4"))
            await table.command('AT+CIPOPEN=2,"UDP",,,%d' % local, frames("+CIPOPEN: 2,6"))

    simcom(scene)


def test_servers_when_clients_connect():
    async def scene(table):
        ports = [free_port(), free_port()]
        for number, port in enumerate(ports):
            await table.command("AT+SERVERSTART=%d,%d" % (port, number))
        pairs = []
        for number, port in enumerate(ports):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            local = writer.get_extra_info("sockname")[1]
            await table.expect(frames("+CLIENT: %d,%d,127.0.0.1:%d" % (number, number, local)))
            pairs.append((reader, writer))
        for number, (reader, writer) in enumerate(pairs):
            writer.write(b"question")
            await table.expect(b"+IPD8\r\nquestion")
            await send(table, b"answer", number)
            assert await asyncio.wait_for(reader.readexactly(6), 60) == b"answer"
        pairs[0][1].close()
        await table.expect(frames("+IPCLOSE: 0,1"))
        await table.command("AT+CIPCLOSE=1")
        assert await asyncio.wait_for(pairs[1][0].read(), 60) == b""
        pairs[1][1].close()
        await table.expect(frames("+CIPCLOSE: 1,0"))
        await table.command("AT+SERVERSTOP=1", frames("+SERVERSTOP: 1,0") + OK)

    simcom(scene)


def test_open_when_nobody_listens():
    async def scene(table):
        await table.command('AT+CIPOPEN=1,"TCP","%s",%d' % (SERVER, free_port()), frames("+CIPOPEN: 1,1"))
        await table.command('AT+CIPOPEN=1,"TCP","192.0.2.1",80', frames("+CIPOPEN: 1,1"))
        await table.command('AT+CIPOPEN=1,"TCP","no.such.host",80', frames("+CIPOPEN: 1,11"))

    simcom(scene)


def secured(scene, **options):
    """Run `scene(table, servers)` with TLS servers, whose authority the module trusts, and the channel service started."""
    now = time.time()
    authority = Authority(starts=now - DAY, ends=now + DAY)
    context = server_context(authority.issue(SERVER, starts=now - DAY, ends=now + DAY))

    async def run(table):
        async with Servers(context) as servers:
            await table.command('AT+CCERTDOWN="ca.pem",%d' % len(authority.pem), PROMPT)
            table.write(authority.pem)
            await table.expect(OK)
            for setting in ('"authmode",0,1', '"cacert",0,"ca.pem"', '"ignorelocaltime",0,0', '"enableSNI",0,1'):
                await table.command("AT+CSSLCFG=" + setting)
            await table.command("AT+CCHSET=1,1")
            await table.command("AT+CCHSTART", frames("+CCHSTART: 0"))
            await table.command('AT+CCHOPEN=0,"%s",%d,2' % (SERVER, servers.port), frames("+CCHOPEN: 0,0"))
            await scene(table, servers)

    live(run, model="a76xx", hosts=[SERVER + "=127.0.0.1"], **options)


async def send_tls(table, data):
    await table.command("AT+CCHSEND=0,%d" % len(data), PROMPT)
    table.write(data)
    await table.expect(frames("+CCHSEND: 0,0"))


async def receive_tls(table):
    """One AT+CCHRECV: its data."""
    await asyncio.sleep(0)
    await table.command("AT+CCHRECV=0,2048", OK)
    head = await table.expect(b"\r\n+CCHRECV: ")
    assert head
    kind = await table.expect(b",")
    if kind != b"DATA,":
        await table.expect(b"0\r\n")
        return b""
    await table.expect(b"0,")
    data = await table.exactly(int(await table.expect(b"\r\n")))
    await table.expect(frames("+CCHRECV: 0,0"))
    return data


def test_tls_when_a_mebibyte_comes_and_goes():
    async def scene(table, servers):
        await send_tls(table, b"GET 5 %d\n" % MEBIBYTE)
        parts, end = [], time.monotonic() + 60
        while sum(map(len, parts)) < MEBIBYTE and time.monotonic() < end:
            parts.append(await receive_tls(table))
        assert b"".join(parts) == payload(5, MEBIBYTE)
        while b'+CCHOPEN: 0,"",' not in await table.command("AT+CCHOPEN?"):
            await asyncio.sleep(0)
        await table.command('AT+CCHOPEN=0,"%s",%d,2' % (SERVER, servers.port), frames("+CCHOPEN: 0,0"))
        data = payload(6, MEBIBYTE)
        await send_tls(table, b"PUT %d\n" % MEBIBYTE)
        for start in range(0, MEBIBYTE, 2048):
            await send_tls(table, data[start : start + 2048])
        await table.expect(frames("+CCHEVENT: 0,RECV EVENT"))
        assert await receive_tls(table) == b"done"
        assert servers.digests == [hashlib.sha256(data).hexdigest()]

    secured(scene)


def test_tls_when_the_server_is_not_trusted():
    async def scene(table, servers):
        table.modem.files.write("ca.pem", Authority("Another", key="other").pem)
        await table.command('AT+CCHOPEN=1,"%s",%d,2' % (SERVER, servers.port), frames("+CCHOPEN: 1,0"))  # context 1: no check
        await table.command("AT+CCHCLOSE=1", frames("+CCHCLOSE: 1,0"))
        await table.command("AT+CCHSSLCFG=1,0")
        await table.command('AT+CCHOPEN=1,"%s",%d,2' % (SERVER, servers.port), frames("+CCHOPEN: 1,15"))

    secured(scene)


def test_tools_when_real_servers_answer():
    async def scene(table):
        loop = asyncio.get_running_loop()

        class Ntp(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, address):
                seconds = 1567992762 + 2208988800
                self.transport.sendto(struct.pack("!BBBb11I", 0x1C, 2, 6, -20, *[0] * 9, seconds, 0), address)

        transport, _ = await loop.create_datagram_endpoint(Ntp, ("127.0.0.1", 0))
        table.net.hosts.add("time.example:123=127.0.0.1:%d" % transport.get_extra_info("sockname")[1])
        await table.command('AT+CNTP="time.example",0')
        await table.command("AT+CNTP", frames("+CNTP: 0"))
        assert b'"19/09/09,01:32:4' in await table.command("AT+CCLK?")
        transport.close()
        got = await table.command('AT+CDNSGIP="%s"' % SERVER)
        assert got == frames('+CDNSGIP: 1,"%s","127.0.0.1"' % SERVER, "OK")
        await table.command('AT+CPING="%s",1,1' % SERVER, b"\r\n+CPING: 1,127.0.0.1,64,")
        await table.expect(b"\r\n+CPING: 3,1,1,0,")

    simcom(scene)


def test_process_when_started_with_quirks():
    with (
        vmodem("--quirk", "order=result-first", "--quirk", "boot=rdy", model="a76xx") as name,
        serial.Serial(name, timeout=5) as port,
    ):
        port.write(b"ATE0\rAT+NETOPEN\r")
        assert port.read_until(b"+NETOPEN: 0\r\n\r\nOK\r\n").endswith(b"\r\n+NETOPEN: 0\r\n\r\nOK\r\n")
        port.write(b"AT+CRESET\r")
        assert port.read_until(b"PB DONE\r\n").startswith(OK + frames("RDY", "+CPIN: READY"))


def test_log_when_secrets_are_sent():
    key = pem(make_key("server"))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "log")
        with vmodem("--log", str(path), model="a76xx") as name, serial.Serial(name, timeout=5) as port:
            port.write(b'ATE0\rAT+CCERTDOWN="key.pem",%d\r' % len(key))
            port.read_until(b"\r\n>")
            port.write(key)
            assert port.read_until(OK).endswith(OK)
            port.write(b'AT+CGAUTH=1,1,"hush-hush","some-user"\r')
            assert port.read_until(OK).endswith(OK)
            port.write(b"AT+CGAUTH?\r")
            assert b"hush-hush" in port.read_until(OK)
        text = path.read_text()
        assert "BEGIN RSA PRIVATE KEY" in text and "+CGAUTH" in text
        assert "hush-hush" not in text and "some-user" not in text
        assert not [line for line in key.decode().split("\n")[1:-2] if line in text]
