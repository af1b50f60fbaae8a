"""States of a connection that are easily left behind: after a restart, a new attach, a close, at exact limits. Also with asyncio."""

import asyncio
from errno import EBADF

from modem import AsyncModem, ConnectionClosed, ModemError
from tests.net.test_connection_ids import RunningPort
from tests.quectel.test_sockets import connected, module, opening, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import modem_of, ready

_EMSGSIZE = 90


def test_a_stopped_engine_has_no_transparent_line_and_writes_nothing_more():
    port = Module({b"AT+QIOPEN=": b"\r\nCONNECT\r\n"}, start_ms=5000)
    modem = ready(port)
    sock = modem.socket(access="transparent")
    sock.connect(("10.0.0.1", 80))
    engine = modem.module.engine
    assert engine.parser.raw is not None
    write, port.write = port.write, lambda buf, off, n: 0  # its transmit buffer is full
    engine.write(b"data", 0, 4)
    modem.module.abort()
    port.write = write
    sent = len(port.sent)
    assert engine.parser.raw is None and engine.flush() and len(port.sent) == sent
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_attaching_with_another_apn_ends_the_connections_of_the_old_context():
    port = Module({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    modem = ready(port)
    modem.connect("first")
    sock = modem.create_connection(("10.0.0.1", 80))
    modem.connect("first")
    assert sock.send(b"x") == 1  # the same settings: nothing has changed
    modem.connect("second")
    with raises(ConnectionClosed):
        sock.send(b"x")
    assert modem.create_connection(("10.0.0.1", 80)).send(b"x") == 1


def test_a_datagram_of_exactly_the_limit_is_sent_and_one_byte_more_is_not():
    port = module()
    sock = ready(port).socket(type=2)
    sock.connect(("10.0.0.1", 80))
    most = sock.link.transport.max_send
    assert sock.send(b"x" * most) == most and port.payloads == [b"x" * most]
    lines = len(port.lines)
    with raises(OSError) as error:
        sock.send(b"x" * (most + 1))
    assert error.value.args[0] == _EMSGSIZE and len(port.lines) == lines


def test_every_call_of_a_closed_socket_says_that_it_is_closed():
    port = module()
    sock = connected(port)
    sock.close()
    sock.close()
    lines = len(port.lines)
    for call in (
        lambda: sock.recv(1), lambda: sock.recv_into(bytearray(1)), lambda: sock.read(1), sock.readline, lambda: sock.send(b"x"),
        lambda: sock.sendall(b"x"), lambda: sock.write(b"x"), sock.stats, sock.flush, sock.getpeername, lambda: sock.switch("push"),
        sock.escape, sock.accept, lambda: sock.connect(("10.0.0.1", 80)), lambda: sock.recvfrom(1), sock.listen,
    ):  # fmt: skip
        with raises(OSError) as error:
            call()
        assert error.value.args[0] == EBADF, error.value
    assert len(port.lines) == lines


async def test_an_awaited_open_returns_as_soon_as_its_result_is_there():
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    modem = ready(port, modem_class=AsyncModem)
    sock = await modem.create_connection(("10.0.0.1", 80))
    assert port.now < 1000
    await sock.close()
    await modem.close()


async def test_an_awaited_read_that_is_refused_asks_for_the_state_and_goes_on():
    answers = [b"\r\nERROR\r\n", b"\r\n+QIRD: 4\r\ndata\r\n\r\nOK\r\n"]
    state = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,0,2,1,0,0,"uart1"\r\n' + OK
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QISTATE=": state})
    port.table[b"AT+QIRD="] = lambda line: answers.pop(0) if answers else b"\r\n+QIRD: 0\r\n" + OK
    modem = ready(port, modem_class=AsyncModem)
    sock = await modem.create_connection(("10.0.0.1", 80))
    assert await sock.recv(10) == b"data"
    assert port.count(b"AT+QISTATE=1,0") == 1
    await modem.close()


async def test_an_awaited_read_that_is_refused_when_the_end_has_been_reported_does_not_wait_for_itself():
    refused = [(0, b'\r\n+QIURC: "closed",0\r\n'), (50, b"\r\nERROR\r\n")]
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": refused, b"AT+QISTATE=": OK, b"AT+QISTATE": OK})
    modem = ready(port, modem_class=AsyncModem)
    sock = await modem.create_connection(("10.0.0.1", 80))
    assert await asyncio.wait_for(sock.recv(10), 5) == b""
    await modem.close()


def test_an_open_that_finds_the_end_of_the_context_unread_sends_nothing():
    port = module()
    modem = ready(port)
    heard_at = modem.module.engine.heard_at
    port.later(0, b'\r\n+QIURC: "pdpdeact",1\r\n')
    port.now += 20000
    with raises(ModemError, "not connected"):
        modem.create_connection(("10.0.0.1", 80))
    assert not port.lines and modem.module.engine.heard_at == heard_at, "when it came is not known: the module may sleep again"


async def test_two_tasks_connect_one_socket():
    port = RunningPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    modem = ready(port, modem_class=AsyncModem)
    sock = modem.socket()
    results = await asyncio.gather(*[sock.connect(("10.0.0.1", 80)) for _ in range(2)], return_exceptions=True)
    assert results.count(None) == 1 and isinstance(next(r for r in results if r), OSError)
    await modem.close()


def test_a_modem_that_is_closed_says_so():
    port = module()
    sock = connected(port)
    modem = modem_of(sock)
    modem.close()
    for call in (lambda: modem.command("AT"), modem.start, lambda: modem.create_connection(("h", 1)), lambda: sock.recv(1)):
        with raises((ModemError, OSError), "closed"):
            call()
