"""Connection ids are handed out once: closes, late lines and cancelled calls of an earlier holder never touch the next one.

Faults F06, F11, F17, F18, F20 of the field.
"""

import asyncio

from modem import AsyncModem, ConnectionClosed, LineBusy, SocketTimeout
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


def _modem(**table):
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    port.table.update({k.encode(): v for k, v in table.items()})
    return port, ready(port, modem_class=AsyncModem)


def test_a_late_closed_line_of_the_connection_before_is_not_the_new_ones():
    port = Module({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    modem = ready(port)
    modem.create_connection(("10.0.0.1", 80)).close()
    port.table[b"AT+QIOPEN="] = [(0, OK), (5, b'\r\n+QIURC: "closed",0\r\n'), (5, b"\r\n+QIOPEN: 0,0\r\n")]
    sock = modem.create_connection(("10.0.0.1", 80))
    assert sock.connection_id() == 0 and sock.send(b"abc") == 3
    port.table[b"AT+QIRD="] = pulled(b"alive")
    assert sock.recv(10) == b"alive"


def test_connecting_with_a_time_out_does_not_wait_for_the_close_of_a_leftover():
    for model in ("ec600e",):
        port = Module({b"AT+QIOPEN=": [(0, OK)], b"AT+QICLOSE=": None})
        modem = ready(port, model)
        with raises(SocketTimeout):
            modem.create_connection(("10.0.0.1", 80), timeout=1)
        began = port.now
        with raises(OSError):
            modem.create_connection(("10.0.0.1", 80), timeout=1)
        assert port.now - began < 3000, port.now - began


async def test_a_cancelled_connect_and_two_new_ones():
    port, modem = _modem()
    port.table[b"AT+QIOPEN="] = [(0, OK)]  # and no result
    task = asyncio.create_task(modem.create_connection(("10.0.0.1", 80)))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.sleep(0.05)
    port.table[b"AT+QIOPEN="] = opening
    socks = await asyncio.gather(*[modem.create_connection(("10.0.0.1", 80)) for _ in range(2)])
    assert len({sock.connection_id() for sock in socks}) == 2
    assert port.count(b"AT+QICLOSE=0") == 1
    for sock in socks:
        assert await sock.send(b"x") == 1
    await modem.close()


async def test_a_task_that_reads_while_another_closes_the_socket():
    for call in ("recv", "readline", "read", "recvfrom", "recv_into"):
        port, modem = _modem()
        sock = await modem.create_connection(("10.0.0.1", 80))
        argument = () if call == "readline" else (bytearray(5),) if call == "recv_into" else (5,)
        task = asyncio.create_task(getattr(sock, call)(*argument))
        await asyncio.sleep(0.05)
        await sock.close()
        try:
            await task
        except OSError as error:
            assert isinstance(error, ConnectionClosed), (call, error)
        else:
            raise AssertionError(call)
        await modem.close()


def test_reading_beside_a_transparent_socket_is_refused_as_every_other_call():
    port = Module({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    modem = ready(port)
    other = modem.create_connection(("10.0.0.1", 80))
    port.table[b"AT+QIOPEN="] = b"\r\nCONNECT\r\n"
    sock = modem.socket(access="transparent")
    sock.connect(("10.0.0.1", 80))
    other.settimeout(None)
    with raises(LineBusy):
        other.recv(1)
