# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem in transparent mode: entering, leaving with +++ and DTR, AT+QISWTMD, ATO, NO CARRIER, packets."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig

CONNECT = b"\r\nCONNECT\r\n"
GONE = b"\r\nNO CARRIER\r\n"
EVERY = bytes(range(256))


def transparent(number=0, **options):
    rig = Rig(**options).online()
    rig.command('AT+QICFG="transwaittm",0')
    return rig, rig.open(number, mode=2)


def escape(rig):
    """Leave with true guard times."""
    rig.pass_time(1)
    return rig.host(b"+++") + rig.pass_time(1)


def test_bytes_when_transparent():
    rig, peer = transparent()
    rig.host(EVERY)
    rig.host(b"\r\nOK\r\n+QIURC")
    peer.send(EVERY)
    down = rig.port.take()
    check("Q-352", (bytes(peer.received), down), (EVERY + b"\r\nOK\r\n+QIURC", EVERY))
    check("Q-353", (rig.host(b"AT\r"), peer.received[-3:]), (b"", b"AT\r"))


def test_escape_when_recognised():
    rig, peer = transparent()
    rig.host(b"data")
    rig.pass_time(1)
    got = [rig.host(b"+++"), rig.pass_time(0.99), rig.pass_time(0.02), rig.command("AT"), rig.state(0)]
    check("Q-354", got, [b"", b"", OK, OK, 2])
    check("Q-360", got[1], b"")
    check("Q-359", bytes(peer.received), b"data")
    check("Q-366", rig.command("AT+QISTATE=1,0").split(b",")[8], b"0")
    peer.send(b"later")
    check("Q-367", [rig.port.take(), rig.command("AT+QIRD=0")], [b'\r\n+QIURC: "recv",0\r\n', b"\r\n+QIRD: 5\r\nlater\r\n" + OK])


def test_escape_when_typed_slowly_or_by_hand():
    rig, peer = transparent()
    rig.pass_time(1)
    assert rig.host(b"+") + rig.pass_time(0.4) + rig.host(b"+") + rig.pass_time(0.4) + rig.host(b"+") == b""
    assert rig.pass_time(0.99) == b""
    assert rig.pass_time(0.02) == OK
    assert peer.received == b""


def test_escape_when_it_is_payload():
    rig, peer = transparent()
    rig.host(b"data")
    rig.pass_time(0.9)
    got = rig.host(b"+++") + rig.pass_time(5)
    check("Q-355", (got, bytes(peer.received)), (b"", b"data+++"))
    rig.host(b"+++")
    rig.pass_time(0.9)
    got = rig.host(b"x") + rig.pass_time(5)
    check("Q-356", (got, bytes(peer.received)), (b"", b"data++++++x"))
    for _ in range(3):
        rig.host(b"+")
        rig.pass_time(0.6)
    check("Q-357", (rig.pass_time(5), bytes(peer.received)), (b"", b"data++++++x+++"))
    rig.host(b"+++")
    rig.host(b"+")
    rig.pass_time(5)
    check("Q-358", (rig.host(b"++++") + rig.pass_time(5), bytes(peer.received)), (b"", b"data++++++x+++" + b"+" * 8))
    rig.host(b"+++\r")
    rig.host(b"+++" + b"end")
    assert rig.pass_time(5) == b"" and peer.received.endswith(b"+++\r+++end")


def test_escape_when_right_after_connect():
    rig, peer = transparent()
    rig.host(b"+++")
    assert rig.pass_time(3) == b""
    assert peer.received == b"+++"


def test_escape_when_data_come_down():
    rig, peer = transparent()
    rig.pass_time(1)
    rig.host(b"+++")
    peer.send(b"\r\nOK\r\n")
    assert rig.port.take() + rig.pass_time(1) == b"\r\nOK\r\n" + OK


def test_mode_when_switched():
    rig = Rig().online()
    peer = rig.open(3)
    check("Q-171", rig.command("AT+QISWTMD=?"), b"\r\n+QISWTMD: (0-11),(0-2)\r\n" + OK)
    modes = []
    for mode in (1, 0):
        assert rig.command("AT+QISWTMD=3,%d" % mode) == OK
        modes.append(rig.command("AT+QISTATE=1,3").split(b",")[8])
    check("Q-172", modes, [b"1", b"0"])
    peer.send(b"waiting")
    rig.port.take()
    check("Q-173", [rig.command("AT+QISWTMD=3,2"), rig.host(b"AT\r")], [CONNECT + b"waiting", b""])
    assert escape(rig) == OK
    got = [rig.command("AT+QISWTMD=5,1"), rig.command("AT+QISWTMD=3,3")]
    peer.end()
    rig.port.take()
    check("Q-174", got + [rig.command("AT+QISWTMD=3,2")], [ERROR] * 3)
    rig.open(4, "UDP SERVICE", local=3030)
    assert [rig.command("AT+QISWTMD=4,2"), rig.error()] == [ERROR, 555]


def test_connection_when_resumed():
    rig, peer = transparent()
    assert escape(rig) == OK
    got = [rig.command("ATO"), rig.host(b"more") + rig.pass_time(1), bytes(peer.received)]
    check("Q-175", got, [CONNECT, b"", b"more"])
    escape(rig)
    other = rig.open(1, mode=2)
    escape(rig)
    first = rig.command("ATO")
    rig.host(b"to the last")
    check("Q-177", (first, bytes(other.received), bytes(peer.received)), (CONNECT, b"to the last", b"more"))
    escape(rig)
    other.end()
    rig.port.take()
    check("Q-178", [rig.command("ATO"), rig.command("AT")], [GONE, OK])
    rig.command("AT+QICLOSE=1")
    assert rig.command("ATO0") == CONNECT  # the one before
    check("Q-176", [Rig().command("ATO"), Rig().command("ATO0")], [GONE, GONE])


def test_connection_when_closed_and_resumed():
    rig, _ = transparent()
    escape(rig)
    assert rig.command("AT+QICLOSE=0") == OK
    assert rig.command("ATO") == GONE


def test_connection_when_lost():
    rig, peer = transparent()
    peer.send(b"last words")
    peer.end()
    check("Q-368", [rig.port.take(), rig.command("AT"), rig.state(0)], [b"last words" + GONE, OK, 4])
    assert rig.command("AT+QICLOSE=0") == OK
    rig, peer = transparent(faults=["context-loss:at=5"])
    assert rig.pass_time(5) == GONE + b'\r\n+QIURC: "pdpdeact",1\r\n'


def test_urcs_when_transparent():
    rig = Rig().online()
    other = rig.open(1)
    rig.open(2, mode=1)
    pushed = rig.net.links[-1]
    rig.open(0, mode=2)
    other.send(b"for the other")
    pushed.send(b"pushed")
    other.end()
    rig.modem.urc("+CREG: 1")
    check("Q-371", rig.pass_time(5), b"")
    got = escape(rig)
    want = [
        b'\r\n+QIURC: "recv",1\r\n',
        b"\r\n+CREG: 1\r\n",
        b'\r\n+QIURC: "recv",2,6\r\npushed\r\n',
        b'\r\n+QIURC: "closed",1\r\n',
    ]
    assert got.startswith(OK) and len(got) == len(OK) + sum(map(len, want)) and all(line in got for line in want), got


def test_dtr_when_it_falls():
    rig, peer = transparent()
    escape(rig)
    rig.command("AT&D1")
    rig.command("ATO")
    rig.host(b"data")
    rig.modem.dtr(True)
    assert rig.port.take() == b""
    rig.modem.dtr(False)
    check("Q-361", [rig.port.take(), rig.state(0), bytes(peer.received)], [OK, 2, b"data"])
    rig.modem.dtr(True)
    rig.command("AT&D0")
    rig.command("ATO")
    rig.modem.dtr(False)
    assert rig.port.take() == b""
    rig.modem.dtr(True)
    assert escape(rig) == OK
    rig.command("AT&D2")
    rig.command("ATO")
    assert rig.modem.carrier()
    rig.modem.dtr(False)
    assert rig.port.take() == GONE and rig.state(0) == 4 and peer.gone
    assert not rig.modem.carrier()


def test_packets_when_collected():
    rig = Rig().online()
    rig.command('AT+QICFG="transpktsize",10')
    rig.command('AT+QICFG="transwaittm",3')
    link = rig.open(0, "UDP", mode=2)
    sizes = []
    rig.host(b"x" * 25)
    sizes.append([len(data) for data, _ in link.datagrams])
    rig.pass_time(0.29)
    sizes.append(len(link.datagrams))
    rig.host(b"yy")  # the wait began with the first byte of the packet
    rig.pass_time(0.02)
    sizes.append([len(data) for data, _ in link.datagrams])
    check("Q-373", sizes, [[10, 10], 2, [10, 10, 7]])
    rig.host(b"z" * 10)
    check("Q-189", [len(link.datagrams), link.datagrams[-1][0]], [4, b"z" * 10])
    rig.host(b"w")
    before = len(link.datagrams)
    rig.pass_time(0.31)
    check("Q-190", [before, link.datagrams[-1][0]], [4, b"w"])
    escape(rig)
    limits = ['"transpktsize",0', '"transpktsize",1461', '"transwaittm",21', '"transpktsize",1', '"transwaittm",0']
    assert [rig.command("AT+QICFG=" + text) for text in limits] == [ERROR, ERROR, ERROR, OK, OK]


def test_rest_of_a_packet_when_the_escape_comes():
    rig = Rig().online()
    rig.command('AT+QICFG="transwaittm",20')
    peer = rig.open(0, mode=2)
    rig.host(b"short")
    assert escape(rig) == OK
    assert peer.received == b"short"


def test_host_when_the_peer_takes_nothing():
    rig, peer = transparent()
    peer.acknowledges = False
    for _ in range(60):
        rig.host(bytes(4096))
    assert not rig.port.listening  # the host is made to wait
    assert len(peer.received) < 60 * 4096
    while not rig.port.listening or rig.modem.waiting():
        peer.acknowledge()
    peer.acknowledge()
    peer.acknowledge()
    assert len(peer.received) == 60 * 4096


def test_pace_when_transparent():
    rig, peer = transparent(rate=115200)
    rig.pass_time(1)
    rig.line.heard(bytes(11520))
    rig.pass_time(0.5)
    assert abs(len(peer.received) - 5760) < 40
    rig.pass_time(0.51)
    assert len(peer.received) == 11520
