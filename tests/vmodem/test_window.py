# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The receive window: a connection keeps about 10 KiB for the host, and behind that the peer has to wait."""

import asyncio
import random
import socket
import threading

from tests.rigs.virtual_modem import OK, live
from tools.vmodem.models import MODELS, WINDOW

MUCH = random.Random(1).randbytes(1 << 20)


class Flood:
    """A server that sends a mebibyte to its only client as fast as it can; `sent` counts."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.sent = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        client, _ = self._server.accept()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with client:
            while self.sent < len(MUCH):
                self.sent += client.send(MUCH[self.sent : self.sent + 4096])

    def close(self):
        self._server.close()


async def stopped(table, server, count):
    """Wait until the peer has come to a stop; the unread bytes that `count` (a coroutine function) tells."""
    before = -1
    while before != server.sent:
        before = server.sent
        for _ in range(50):
            unread = await count()
            await asyncio.sleep(0.001)
    return unread


def test_window_of_every_model():
    assert {model.window for model in MODELS.values()} == {WINDOW} and WINDOW == 10240


def test_peer_when_the_host_does_not_read_on_quectel():
    server = Flood()

    async def scene(table):
        async def unread():
            answer = await table.command("AT+QIRD=0,0")
            return int(answer.split(b",")[2].split(b"\r")[0])

        await table.online()
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",%d' % server.port, b"+QIOPEN: 0,0\r\n")
        assert 1500 < await stopped(table, server, unread) <= WINDOW
        assert server.sent < 150_000, "the rest waits at the peer"
        got = bytearray()
        while len(got) < len(MUCH):
            await table.command("AT+QIRD=0,1500", b"+QIRD: ")
            got += await table.exactly(int(await table.expect(b"\r\n")))
            await table.expect(OK)
            await asyncio.sleep(0)  # answers are there at once: let the network have its turn
        assert got == MUCH

    live(scene)
    server.close()


def test_peer_when_the_host_does_not_read_on_simcom():
    server = Flood()

    async def scene(table):
        async def unread():
            return int((await table.command("AT+CIPRXGET=4,0")).split(b",")[2].split(b"\r")[0])

        await table.command("AT+NETOPEN", b"+NETOPEN: 0\r\n")
        await table.command("AT+CIPRXGET=1")
        await table.command('AT+CIPOPEN=0,"TCP","127.0.0.1",%d' % server.port, b"+CIPOPEN: 0,0\r\n")
        assert 1500 < await stopped(table, server, unread) <= WINDOW
        assert server.sent < 150_000
        got = bytearray()
        while len(got) < len(MUCH):
            await asyncio.sleep(0)
            if not await unread():
                continue
            await table.command("AT+CIPRXGET=2,0,1500", b"+CIPRXGET: 2,0,")
            got += await table.exactly(int((await table.expect(b"\r\n")).split(b",")[0]))
            await table.expect(OK)
        assert got == MUCH

    live(scene, model="a76xx")
    server.close()
