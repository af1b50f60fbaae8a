# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's real network: TCP and UDP sockets, listeners, ping and NTP on loopback."""

import asyncio
import socket
import struct
import time

from tests.rigs.virtual_modem import ERROR, OK, live

OPENED = b"\r\n+QIOPEN: %d,0\r\n"


def listening(**options):
    """A listening socket on loopback and its port."""
    sock = socket.create_server(("127.0.0.1", 0), **options)
    sock.setblocking(False)
    return sock, sock.getsockname()[1]


async def accept(server):
    sock, _ = await asyncio.get_running_loop().sock_accept(server)
    return sock


async def all_acknowledged(table, line):
    """Wait until the answer to AT+QISEND=0,0 is `line`: that takes the peer 40 ms, or longer on a busy machine."""
    end = time.monotonic() + 30
    while await table.command("AT+QISEND=0,0") != line + OK:
        assert time.monotonic() < end, line
        await asyncio.sleep(0.02)


async def read(sock, count):
    data = b""
    while len(data) < count:
        part = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sock, 65536), 60)
        if not part:
            break
        data += part
    return data


def test_tcp_client_when_connected_both_ways():
    async def scene(table):
        server, port = listening()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","www.example",%d' % port, OPENED % 0)
        peer = await accept(server)
        state = await table.command("AT+QISTATE=1,0")
        local = peer.getpeername()[1]
        assert state == b'\r\n+QISTATE: 0,"TCP","127.0.0.1",%d,%d,2,1,0,0,"uart1"\r\n' % (port, local) + OK
        await table.command("AT+QISEND=0,4", b">")
        table.write(b"\x1a\x1b\x00\xff")
        await table.expect(b"\r\nSEND OK\r\n")
        assert await read(peer, 4) == b"\x1a\x1b\x00\xff"
        await all_acknowledged(table, b"\r\n+QISEND: 4,4,0\r\n")
        peer.send(b"hello")
        await table.expect(b'\r\n+QIURC: "recv",0\r\n')
        assert await table.command("AT+QIRD=0,1500") == b"\r\n+QIRD: 5\r\nhello\r\n" + OK
        peer.close()
        await table.expect(b'\r\n+QIURC: "closed",0\r\n')
        assert await table.command("AT+QICLOSE=0") == OK
        server.close()

    live(scene, hosts=["www.example=127.0.0.1"])


def test_tcp_client_when_refused_or_unreachable():
    async def scene(table):
        server, port = listening()
        server.close()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d' % port, b"\r\n+QIOPEN: 0,566\r\n")
        await table.command('AT+QIOPEN=1,0,"TCP","192.0.2.1",80', b"\r\n+QIOPEN: 0,566\r\n")
        await table.command('AT+QIOPEN=1,0,"TCP","no.such.name",80', b"\r\n+QIOPEN: 0,565\r\n")
        assert await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,2' % port, ERROR) == ERROR
        assert await table.command("AT+QISTATE") == OK

    live(scene)


def test_tcp_client_when_it_binds_its_port():
    async def scene(table):
        server, port = listening()
        taken, busy = listening()
        await table.online()
        free, number = listening()
        free.close()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,%d' % (port, number), OPENED % 0)
        peer = await accept(server)
        assert peer.getpeername()[1] == number
        await table.command('AT+QIOPEN=1,1,"TCP","127.0.0.1",%d,%d' % (port, busy), b"\r\n+QIOPEN: 1,573\r\n")
        for sock in (server, taken, peer):
            sock.close()

    live(scene)


def test_close_when_the_peer_keeps_its_side_open():
    async def scene(table):
        server, port = listening()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d' % port, OPENED % 0)
        peer = await accept(server)
        await table.command("AT+QISEND=0,3", b">")
        table.write(b"bye")
        await table.expect(b"\r\nSEND OK\r\n")
        start = time.monotonic()
        table.line.heard(b"AT+QICLOSE=0,1\r")
        assert await read(peer, 4) == b"bye"  # then the end
        await table.expect(OK)
        assert time.monotonic() - start >= 0.9
        try:
            peer.send(b"x")
            await asyncio.sleep(0.05)
            reset = peer.recv(1) == b"never"
        except ConnectionError:
            reset = True
        assert reset
        server.close()
        peer.close()

    live(scene)


def test_send_buffer_when_the_peer_does_not_read():
    async def scene(table):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d' % server.getsockname()[1], OPENED % 0)
        peer = await accept(server)
        sent = 0
        while True:
            await table.command("AT+QISEND=0,1460", b">")
            table.write(sent.to_bytes(4, "big") * 365)
            result = await table.expect(b"\r\nSEND ")
            if b"F" in await table.expect(b"\r\n"):
                break
            sent += 1
            assert sent < 1000 and result
        answer = await table.command("AT+QISEND=0,0")
        total, acknowledged, waiting = map(int, answer[11:].split(b"\r")[0].split(b","))
        assert total == sent * 1460 == acknowledged + waiting and 10240 - 1460 < waiting <= 10240
        data = await read(peer, total)
        assert data == b"".join(index.to_bytes(4, "big") * 365 for index in range(sent))
        await all_acknowledged(table, b"\r\n+QISEND: %d,%d,0\r\n" % (total, total))
        peer.close()
        server.close()

    live(scene)


def test_many_bytes_when_pushed_and_read():
    async def scene(table):
        server, port = listening()
        blob = bytes(range(256)) * 2048
        await table.online()
        for mode in (0, 1):
            await table.command('AT+QIOPEN=1,%d,"TCP","127.0.0.1",%d,0,%d' % (mode, port, mode), OPENED % mode)
            peer = await accept(server)
            loop = asyncio.get_running_loop()
            sending = loop.create_task(loop.sock_sendall(peer, blob))
            got = b""
            while len(got) < len(blob):
                if mode == 0:
                    table.line.heard(b"AT+QIRD=0,1500\r")
                header = await table.expect(b"+QIRD: " if mode == 0 else b'+QIURC: "recv",1,')
                assert header
                count = int((await table.expect(b"\r\n"))[:-2])
                if mode == 0 and count == 0:
                    await asyncio.sleep(0.001)
                    continue
                got += await table.exactly(count)
            assert got == blob
            await sending
            peer.close()
            await table.expect(b'+QIURC: "closed",%d\r\n' % mode)
        server.close()

    live(scene)


def test_udp_client_and_service_when_they_talk():
    async def scene(table):
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        peer.bind(("127.0.0.1", 0))
        peer.setblocking(False)
        table.net.hosts.add("10.0.0.5:7=127.0.0.1:%d" % peer.getsockname()[1])
        loop = asyncio.get_running_loop()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"UDP","10.0.0.5",7', OPENED % 0)
        await table.command("AT+QISEND=0,5", b">")
        table.write(b"hello")
        await table.expect(b"\r\nSEND OK\r\n")
        data, source = await asyncio.wait_for(loop.sock_recvfrom(peer, 100), 60)
        assert data == b"hello"
        peer.sendto(b"back", source)
        await table.expect(b'\r\n+QIURC: "recv",0\r\n')
        assert await table.command("AT+QIRD=0") == b"\r\n+QIRD: 4\r\nback\r\n" + OK
        await table.command('AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,0,1', OPENED % 1)
        service = int((await table.command("AT+QISTATE=1,1")).split(b",")[4])
        peer.sendto(b"to the service", ("127.0.0.1", service))
        await table.expect(b'\r\n+QIURC: "recv",1,14,"10.0.0.5",7\r\nto the service\r\n')
        await table.command('AT+QISEND=1,3,"10.0.0.5",7', b">")
        table.write(b"yes")
        await table.expect(b"\r\nSEND OK\r\n")
        assert await asyncio.wait_for(loop.sock_recvfrom(peer, 100), 60) == (b"yes", ("127.0.0.1", service))
        peer.close()

    live(scene)


def test_listener_when_clients_come():
    async def scene(table):
        await table.online()
        table.net.hosts.add("127.0.0.1:80=127.0.0.1:0")  # what the module calls port 80 is any free port here
        await table.command('AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,80,0,1', OPENED % 0)
        port = table.modem.dialect.sockets.get(0).link.local[1]
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        incoming = b'\r\n+QIURC: "incoming",11,0,"127.0.0.1",%d\r\n' % client.getsockname()[1]
        assert await table.expect(incoming) == incoming
        second = socket.create_connection(("127.0.0.1", port))
        second.setblocking(False)
        await table.expect(b'\r\n+QIURC: "incoming full"\r\n')
        try:
            assert await read(second, 1) == b""
        except ConnectionError:
            pass
        client.send(b"ping")
        await table.expect(b'\r\n+QIURC: "recv",11\r\n')
        assert await table.command("AT+QIRD=11") == b"\r\n+QIRD: 4\r\nping\r\n" + OK
        await table.command("AT+QISEND=11,4", b">")
        table.write(b"pong")
        await table.expect(b"\r\nSEND OK\r\n")
        assert await read(client, 4) == b"pong"
        client.shutdown(socket.SHUT_WR)
        await table.expect(b'\r\n+QIURC: "closed",11\r\n')
        assert await table.command("AT+QICLOSE=11") == OK
        assert await table.command("AT+QICLOSE=0") == OK
        busy, number = listening()
        await table.command('AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,%d' % number, b"\r\n+QIOPEN: 0,573\r\n")
        for sock in (client, second, busy):
            sock.close()

    live(scene)


def test_transparent_mode_when_the_peer_echoes():
    async def scene(table):
        server, port = listening()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,2' % port, b"\r\nCONNECT\r\n")
        peer = await accept(server)
        blob = bytes(range(256)) * 1000
        loop = asyncio.get_running_loop()
        up = loop.create_task(read(peer, len(blob)))
        for start in range(0, len(blob), 4096):
            table.write(blob[start : start + 4096])
            await asyncio.sleep(0)
        assert await up == blob
        down = loop.create_task(loop.sock_sendall(peer, blob))
        assert await table.expect(blob) == blob
        await down
        peer.close()
        await table.expect(b"\r\nNO CARRIER\r\n")
        assert await table.command("AT+QICLOSE=0") == OK
        server.close()

    live(scene)


def test_ping_when_on_loopback():
    async def scene(table):
        await table.online()
        table.net.hosts.add("ping.example=127.0.0.1")
        table.line.heard(b'AT+QPING=1,"ping.example",2,2\r')
        got = await table.expect(b"+QPING: 0,2,2,0,")
        replies = got.count(b'+QPING: 0,"127.0.0.1",32,')
        assert replies == 2
        await table.expect(b"\r\n")
        table.line.heard(b'AT+QPING=1,"::1",1,1\r')
        assert b"+QPING: " in await table.expect(b"\r\n+QPING: ")
        assert not [note for note in table.notes if "synthetic" not in note]

    live(scene)


def test_ping_when_the_system_forbids_it():
    async def scene(table):
        await table.online()
        table.net._pinger._open = lambda family: table.notes.append(
            "ping: the system permits no ICMP here; answers are synthetic"
        )
        table.line.heard(b'AT+QPING=1,"127.0.0.1",1,1\r')
        await table.expect(b'+QPING: 0,"127.0.0.1",32,1,64\r\n')
        assert table.notes == ["ping: the system permits no ICMP here; answers are synthetic"]

    live(scene)


class NtpServer(asyncio.DatagramProtocol):
    """A small NTP server (RFC 5905, mode 4) whose clock stands still."""

    def __init__(self, seconds):
        self._seconds = seconds

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, source):
        if len(data) == 48 and data[0] & 7 == 3:
            stamp = struct.pack("!II", self._seconds + 2208988800, 0)
            version = data[0] & 0x38
            self._transport.sendto(bytes([version | 4, 1, 4, 0xEC]) + bytes(12) + stamp + data[40:48] + stamp + stamp, source)


def test_time_when_a_server_answers():
    async def scene(table):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: NtpServer(1893456000), ("127.0.0.1", 0))
        table.net.hosts.add("ntp.example:123=127.0.0.1:%d" % transport.get_extra_info("sockname")[1])
        await table.online()
        await table.command('AT+QNTP=1,"ntp.example"')
        await table.expect(b'\r\n+QNTP: 0,"2030/01/01,00:00:00+00"\r\n')
        assert b'+CCLK: "30/01/01,00:00:0' in await table.command("AT+CCLK?")
        transport.close()

    live(scene)


def test_names_when_in_the_map():
    async def scene(table):
        await table.online()
        await table.command('AT+QIDNSGIP=1,"two.example"', b'+QIURC: "dnsgip","127.0.0.3"\r\n')
        await table.command('AT+QIDNSGIP=1,"none.example"', b'+QIURC: "dnsgip",565\r\n')

    live(scene, hosts=["two.example=127.0.0.2", "two.example=127.0.0.3"])


def test_links_when_everything_freezes():
    async def scene(table):
        server, port = listening()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d' % port, OPENED % 0)
        peer = await accept(server)
        table.net.freeze()
        peer.send(b"never")
        await table.command("AT+QISEND=0,3", b">")
        table.write(b"abc")
        await table.expect(b"\r\nSEND OK\r\n")
        assert await table.command("AT+QISEND=0,0") == b"\r\n+QISEND: 3,0,3\r\n" + OK
        await asyncio.sleep(0.1)
        assert await table.command("AT+QIRD=0") == b"\r\n+QIRD: 0\r\n" + OK
        assert await table.command("AT+QICLOSE=0,0") == OK
        peer.close()
        server.close()

    live(scene)


def test_network_when_the_module_restarts():
    async def scene(table):
        server, port = listening()
        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d' % port, OPENED % 0)
        peer = await accept(server)
        await table.command("AT+CFUN=1,1")
        try:
            assert await read(peer, 1) == b""
        except ConnectionError:
            pass
        peer.close()
        server.close()

    live(scene)
