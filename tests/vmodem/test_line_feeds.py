# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""A host that ends its command lines with CR LF: the line feed never becomes payload, and a payload may begin with one."""

from tests.rigs.virtual_a76xx import SimcomRig
from tests.rigs.virtual_modem import OK, Rig

CHARACTER_S = 10 / 9600


def until(rig, text, limit_s=1.0):
    """Let time pass in small steps until the host has seen `text`."""
    got = b""
    for _ in range(int(limit_s / 0.0005)):
        got += rig.pass_time(0.0005)
        if got.endswith(text):
            return got
    raise AssertionError(got)


def send(rig, payload, pieces):
    for piece in pieces:
        if isinstance(piece, float):
            rig.clock.advance(piece)
        else:
            rig.line.heard(piece)
    until(rig, b">")
    rig.line.heard(payload)
    until(rig, b"SEND OK\r\n")


def test_line_feed_when_200_paced_sends_end_their_commands_with_it():
    rig = Rig(rate=9600).online()
    peer = rig.open()
    for number in range(200):
        rig.clock.advance(number * 0.0001)  # every place of the line's steps of 2 ms
        send(rig, b"hello", [b"AT+QISEND=0,5\r\n"])
    assert peer.received == b"hello" * 200


def test_line_feed_when_the_host_writes_it_apart():
    for rate in (0, 9600, 115200):
        character_s = 10 / (rate or 115200)
        for apart_s in (0.0, character_s, 1.9 * character_s):
            rig = Rig(rate=rate).online()
            peer = rig.open()
            for _ in range(20):
                send(rig, b"hello", [b"AT+QISEND=0,5\r", apart_s, b"\n"])
            assert peer.received == b"hello" * 20, (rate, apart_s)


def test_payload_when_it_begins_with_a_line_feed():
    for rate in (0, 9600):
        rig = Rig(rate=rate).online()
        peer = rig.open()
        send(rig, b"\nabcd", [b"AT+QISEND=0,5\r"])
        send(rig, b"\nabcd", [b"AT+QISEND=0,5\r\n"])
        assert peer.received == b"\nabcd" * 2


def test_line_feed_when_the_line_becomes_transparent():
    rig = Rig(rate=115200).online()
    rig.line.heard(b'AT+QIOPEN=1,0,"TCP","112.31.84.164",8305,0,2\r\n')
    until(rig, b"CONNECT\r\n")
    rig.line.heard(b"\nhello")
    rig.pass_time(1)
    assert rig.net.links[-1].received == b"\nhello"
    rig.pass_time(1.1)
    rig.line.heard(b"+++")
    assert rig.pass_time(1.1) == OK
    for pieces in ([b"ATO\r\n"], [b"ATO\r", b"\n"]):
        for piece in pieces:
            rig.line.heard(piece)
        until(rig, b"CONNECT\r\n")
        rig.line.heard(b"x")
        rig.pass_time(2)
        rig.line.heard(b"+++")
        assert rig.pass_time(1.1) == OK
    assert rig.net.links[-1].received == b"\nhelloxx"


def test_line_feed_when_a_file_is_uploaded():
    rig = Rig("bg96", rate=9600)
    rig.pass_time(1)
    for number, pieces in enumerate(([b'AT+QFUPL="%d",5\r\n'], [b'AT+QFUPL="%d",5\r', b"\n"])):
        rig.line.heard(pieces[0] % number)
        for piece in pieces[1:]:
            rig.line.heard(piece)
        until(rig, b"CONNECT\r\n")
        rig.line.heard(b"hello")
        until(rig, OK)
        assert rig.modem.files.read(str(number)) == b"hello"


def test_line_feed_when_simcom_asks_for_payload():
    rig = SimcomRig(rate=9600)
    rig.host(b"AT+NETOPEN\r\n")
    rig.host(b'AT+CIPOPEN=0,"TCP","117.131.85.139",5253\r\n')
    for pieces in ([b"AT+CIPSEND=0,5\r\n"], [b"AT+CIPSEND=0,5\r", b"\n"]) * 20:
        for piece in pieces:
            rig.line.heard(piece)
        until(rig, b">")
        rig.line.heard(b"hello")
        until(rig, b"+CIPSEND: 0,5,5\r\n")
    assert rig.net.links[-1].received == b"hello" * 40


def test_line_feed_when_the_module_restarts_before_it_has_come():
    rig = Rig().online()
    rig.open()
    rig.line.heard(b"AT+QISEND=0,5\r")
    rig.modem.reboot()
    assert b">" not in rig.pass_time(5)
    assert rig.command("AT") == OK
