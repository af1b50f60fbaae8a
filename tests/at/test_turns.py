"""Turns on the line are fair: whoever asks has the line after the command in flight, in order of asking, reads included."""

import asyncio

from modem import AsyncModem, LineBusy, ModemTimeout
from tests.quectel.test_sockets import opening, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ready


class RunningPort(Module):
    """Its clock runs while it is looked at: an asyncio program does not call wait()."""

    most_steps = 10**6

    def readinto(self, buf, n):
        self.now += 1
        return super().readinto(buf, n)


def _modem(blocks):
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled(*[b"x" * 1500] * blocks)})
    return port, ready(port, modem_class=AsyncModem)


async def _connected(modem):
    sock = modem.socket()
    sock.settimeout(60)
    await sock.connect(("10.0.0.1", 80))
    return sock


async def _download(sock, size):
    buf = bytearray(1500)
    got = 0
    while got < size:
        got += await sock.recv_into(buf)


def _reads_before(port, start, line):
    """Return how many reads began between `start` and the command line `line`."""
    lines = port.lines[start:]
    return lines[: lines.index(line)].count(b"AT+QIRD=0,1500")


async def test_a_command_beside_a_download_has_the_next_turn():
    port, modem = _modem(60)
    sock = await _connected(modem)
    task = asyncio.create_task(_download(sock, 60 * 1500))
    for _ in range(5):
        await asyncio.sleep(0.03)
        start = len(port.lines)
        await modem.command("AT+CSQ")
        assert _reads_before(port, start, b"AT+CSQ") <= 2
        start = len(port.lines)
        await sock.send(b"x")
        assert _reads_before(port, start, b"AT+QISEND=0,1") <= 2
    await task
    await modem.close()


async def test_two_downloads_take_turns():
    port, modem = _modem(0)
    reads = []

    def answer(line):
        reads.append(line)
        return b"\r\n+QIRD: 1500\r\n" + b"x" * 1500 + b"\r\n\r\nOK\r\n"

    port.table[b"AT+QIRD="] = answer
    socks = []
    for _ in range(3):
        socks.append(await _connected(modem))
    await asyncio.gather(*[_download(sock, 15 * 1500) for sock in socks])
    for k in range(0, 30, 3):
        assert len(set(reads[k : k + 3])) == 3, reads
    await modem.close()


async def test_commands_run_in_the_order_in_which_they_were_asked_for():
    port, modem = _modem(0)
    await asyncio.gather(*[modem.command("AT+N%d" % n) for n in range(8)])
    assert [line for line in port.lines if line.startswith(b"AT+N")] == [b"AT+N%d" % n for n in range(8)]
    await modem.close()


async def test_who_gives_up_waiting_leaves_the_queue():
    port, modem = _modem(0)
    port.table[b"AT+SLOW"] = None
    slow = asyncio.create_task(modem.command("AT+SLOW"))
    await asyncio.sleep(0.02)
    waiting = [asyncio.create_task(modem.command("AT+W%d" % n)) for n in range(3)]
    await asyncio.sleep(0.02)
    waiting[0].cancel()
    waiting[2].cancel()
    await asyncio.sleep(0.02)
    port.later(0, OK)  # of the slow one
    await slow
    await waiting[1]
    assert [line for line in port.lines if line.startswith(b"AT+W")] == [b"AT+W1"]
    await modem.command("AT+CSQ")
    await modem.close()


async def test_the_reason_of_an_error_is_asked_for_before_the_next_turn():
    port, modem = _modem(0)
    port.table[b"AT+QISEND="] = b"\r\nERROR\r\n"
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 4711,x\r\n" + OK
    sock = await _connected(modem)
    results = await asyncio.gather(sock.send(b"x"), modem.command("AT+CSQ"), return_exceptions=True)
    assert results[0].code == 4711 and results[1]
    at = port.lines.index(b"AT+QIGETERROR")
    assert port.lines[at - 1].startswith(b"AT+QISEND") and port.lines[at + 1] == b"AT+CSQ"
    await modem.close()


async def test_a_call_that_cannot_have_the_line_in_time_says_which_command_has_it():
    port, modem = _modem(0)
    port.table[b"AT+SLOW"] = None
    slow = asyncio.create_task(modem.command("AT+SLOW"))
    await asyncio.sleep(0.02)
    with raises((LineBusy, ModemTimeout), "AT+SLOW"):
        await modem.module.cmd(b"+CSQ", deadline=modem.module.deadline(0))
    slow.cancel()
    await modem.close()


async def test_two_lookups_at_a_time_run_one_after_the_other():
    def answer(line):
        address = b"10.0.0.1" if b"first" in line else b"10.0.0.2"
        return [(0, OK), (20, b'\r\n+QIURC: "dnsgip",0,1,300\r\n\r\n+QIURC: "dnsgip","%s"\r\n' % address)]

    port = RunningPort({b"AT+QIDNSGIP=": answer})
    modem = ready(port, modem_class=AsyncModem)
    found = await asyncio.gather(modem.gethostbyname("first"), modem.gethostbyname("second"))
    assert list(found) == ["10.0.0.1", "10.0.0.2"]
    await modem.close()
