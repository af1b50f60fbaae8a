"""Events: what a callback raises is reported by itself and ends nothing else; a read that delivers one still returns its data."""

import array

from modem import NotSupported
from tests.quectel.test_sockets import connected, module, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import modem_of

URC = b'\r\n+QIURC: "incoming full"\r\n'


def test_what_a_callback_raises_ends_no_call():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"data", b"more")
    sock = connected(port)
    modem = modem_of(sock)
    seen = []

    def callback(kind, detail):
        seen.append(kind)
        raise ValueError("of the program")

    modem.on_event(callback)
    port.later(0, URC)
    assert sock.send(b"hello") == 5 and sock.link.sent == 5
    port.later(0, URC)
    assert sock.recv(4) == b"data"
    port.later(0, URC)
    modem.poll(10)
    assert modem.status("rssi") == -57
    assert seen == ["incoming full"] * 3


def test_a_callback_that_wants_to_be_awaited_is_reported_and_ends_nothing():
    port = module()
    sock = connected(port)

    async def callback(kind, detail):
        raise AssertionError("never runs")

    modem_of(sock).on_event(callback)
    port.later(0, URC)
    modem_of(sock).poll(10)
    assert sock.send(b"x") == 1
    with raises(TypeError):
        modem_of(sock).on_event("no callable")


def test_all_bytes_of_any_buffer_are_sent():
    port = module()
    sock = connected(port)
    words = array.array("H", [1, 2, 3, 60000])
    for data in (memoryview(words), words, memoryview(b"12345678"), bytearray(b"12345678")):
        sock.sendall(data)
        assert len(port.payloads[-1]) == 8, data
    assert port.payloads[0] == bytes(memoryview(words).cast("B")) if hasattr(memoryview, "cast") else True
    assert modem_of(sock).status("rssi") == -57


def test_amounts_that_cannot_be_are_named_before_anything_is_asked():
    port = module()
    sock = connected(port)
    lines = len(port.lines)
    for call, kind in (
        (lambda: sock.recv(-1), ValueError), (lambda: sock.recv(None), TypeError), (lambda: sock.recv("5"), TypeError),
        (lambda: sock.recv_into(bytearray(5), -1), ValueError), (lambda: sock.read("5"), TypeError), (lambda: sock.send(5), TypeError),
    ):  # fmt: skip
        with raises(kind):
            call()
    assert len(port.lines) == lines
    assert sock.recv(0) == b"" == sock.read(0)


def test_an_empty_datagram_is_refused_by_name_because_no_command_sends_one():
    port = module()
    modem = modem_of(connected(port))
    sock = modem.socket(type=2)
    sock.connect(("10.0.0.1", 7))
    lines = len(port.lines)
    with raises(NotSupported, "empty datagrams"):
        sock.send(b"")
    with raises(NotSupported, "empty datagrams"):
        sock.sendto(b"", ("10.0.0.1", 7))
    assert len(port.lines) == lines
