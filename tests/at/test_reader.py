"""The reader task of AsyncModem on a port that nothing can poll (Windows, rfc2217): no exception ends it."""

import asyncio

from modem import AsyncModem
from tests.quectel.test_sockets import opening, pulled
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ready


class RunningPort(Module):
    """Its clock runs while it is looked at: an asyncio program does not call wait()."""

    most_steps = 10**6

    def readinto(self, buf, n):
        self.now += 1
        return super().readinto(buf, n)


def _modem():
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    assert port.pollable is None
    return port, ready(port, modem_class=AsyncModem)


async def _received(port, sock, data):
    """The socket gets `data` within a second."""
    port.table[b"AT+QIRD="] = pulled(data)
    port.later(0, b'\r\n+QIURC: "recv",%d\r\n' % sock.connection_id())
    return await asyncio.wait_for(sock.recv(100), 1) == data


async def test_an_exception_of_the_event_callback_is_reported_and_reading_goes_on():
    port, modem = _modem()
    seen = []

    def callback(kind, detail):
        seen.append(kind)
        raise ValueError("a mistake of the program, printed by this test")

    modem.on_event(callback)
    sock = modem.socket()
    await sock.connect(("10.0.0.1", 80))
    for n in range(1, 4):
        port.later(0, b"\r\n+NEVER SEEN: %d\r\n" % n)
        await asyncio.sleep(0.03)
        assert seen == ["urc"] * n, seen
        assert await _received(port, sock, b"data%d" % n)
    await modem.close()


async def test_a_waiting_read_survives_it_too():
    port, modem = _modem()
    modem.on_event(lambda kind, detail: 1 // 0)
    sock = modem.socket()
    await sock.connect(("10.0.0.1", 80))
    task = asyncio.create_task(sock.recv(100))
    await asyncio.sleep(0.03)
    port.later(0, b"\r\n+NEVER SEEN: 1\r\n")
    await asyncio.sleep(0.03)
    port.table[b"AT+QIRD="] = pulled(b"data")
    port.later(0, b'\r\n+QIURC: "recv",0\r\n')
    assert await asyncio.wait_for(task, 1) == b"data"
    await modem.close()


async def test_a_reader_that_was_ended_by_anything_else_is_made_anew():
    port, modem = _modem()
    sock = modem.socket()
    await sock.connect(("10.0.0.1", 80))
    usual = port.readinto

    def broken(buf, n):
        port.readinto = usual
        raise ValueError("a mistake in a port, printed by this test")

    port.readinto = broken
    await asyncio.sleep(0.03)
    assert (await modem.command("AT+CSQ"))[0] == b"+CSQ: 28,99"
    await modem.close()
