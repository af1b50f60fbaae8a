# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual A76XX's transparent mode: entering, escaping, resuming, and how it ends."""

from tests.conformance import check
from tests.rigs.virtual_a76xx import ERROR, OK, PEER, SimcomRig, block, frames

CONNECT = frames("CONNECT 115200")
EVERY_BYTE = bytes(range(256))


def test_open_when_transparent():
    rig = SimcomRig()
    rig.command("AT+CIPMODE=1")
    rig.service()
    check("S-374", rig.command('AT+CIPOPEN=1,"TCP","%s",80' % PEER), frames("+CIPOPEN: 1,4", "ERROR"))
    check("S-375", rig.command("AT+SERVERSTART=8080,1"), frames("+CIPERROR: 4", "ERROR"))
    rig.net.refuse = "refused"
    check("S-360", rig.command('AT+CIPOPEN=0,"TCP","%s",80' % PEER), frames("CONNECT FAIL"))
    rig.net.refuse = None
    check("S-359", rig.command('AT+CIPOPEN=0,"TCP","%s",80' % PEER), CONNECT)
    allowed = SimcomRig(quirks=["links-above-0"])
    allowed.command("AT+CIPMODE=1")
    allowed.service().tcp(1)


def test_mode_when_the_service_is_open():
    rig = SimcomRig().service()
    assert rig.command("AT+CIPMODE=1") == ERROR
    assert rig.command("AT+CIPMODE?") == frames("+CIPMODE: 0", "OK")
    assert rig.command("AT+CIPMODE") == OK


def test_payload_when_transparent():
    rig = SimcomRig()
    peer = rig.transparent()
    got = rig.host(EVERY_BYTE)
    peer.send(EVERY_BYTE)
    check("S-362", [got, bytes(peer.received), rig.port.take()], [b"", EVERY_BYTE, EVERY_BYTE])
    peer.received.clear()
    check("S-363", [rig.host(b"AT+CIPCLOSE=0\r"), bytes(peer.received)], [b"", b"AT+CIPCLOSE=0\r"])


def test_datagrams_when_transparent():
    rig = SimcomRig()
    peer = rig.transparent('"UDP","%s",5254,5000' % PEER)
    check("S-361", [peer.remote, peer.local[1]], [(PEER, 5254), 5000])
    rig.host(b"DATA FROM HOST")
    assert peer.datagrams == [(b"DATA FROM HOST", (PEER, 5254))]
    assert rig.escape() == OK
    check("S-340", rig.command("AT+CIPCLOSE=0"), frames("+CIPCLOSE: 0,0", "OK"))
    rig = SimcomRig(quirks=["udp-closed"])
    rig.transparent('"UDP","%s",5254,5000' % PEER)
    rig.escape()
    assert rig.command("AT+CIPCLOSE=0") == frames("CLOSED", "+CIPCLOSE: 0,0", "OK")


def test_escape_when_the_times_are_kept():
    rig = SimcomRig()
    peer = rig.transparent()
    rig.host(b"data")
    got = [rig.pass_time(1.0) + rig.host(b"+"), rig.pass_time(0.9) + rig.host(b"+"), rig.pass_time(0.9) + rig.host(b"+")]
    got += [rig.pass_time(0.99), rig.pass_time(0.02), bytes(peer.received)]
    check("S-364", got, [b"", b"", b"", b"", OK, b"data"])
    rows = ["+CIPOPEN: %d" % number for number in range(10)]
    rows[0] += ',"TCP","%s",5253,-1' % PEER
    check("S-373", rig.command("AT+CIPOPEN?"), block(*rows) + OK)
    peer.send(b"meanwhile")
    check("S-369", [rig.port.take(), rig.command("ATO")], [b"", CONNECT + b"meanwhile"])
    assert rig.escape() == OK
    check("S-339", rig.command("AT+CIPCLOSE=0"), OK + frames("CLOSED", "+CIPCLOSE: 0,0"))
    check("S-370", rig.command("ATO"), frames("NO CARRIER"))


def test_escape_when_there_is_no_silence():
    rig = SimcomRig()
    peer = rig.transparent()
    rig.host(b"data")
    got = [rig.pass_time(0.9), rig.host(b"+++"), rig.pass_time(5)]
    got += [rig.host(b"+++"), rig.pass_time(0.9), rig.host(b"x"), rig.pass_time(5)]
    check("S-365", got + [bytes(peer.received)], [b""] * 7 + [b"data++++++x"])


def test_escape_when_a_gap_is_too_long():
    rig = SimcomRig()
    peer = rig.transparent()
    got = [rig.pass_time(2), rig.host(b"+"), rig.host(b"+"), rig.pass_time(0.95), rig.host(b"+"), rig.pass_time(5)]
    check("S-366", got + [bytes(peer.received)], [b""] * 6 + [b"+++"])


def test_dtr_when_it_drops():
    rig = SimcomRig()
    assert rig.command("AT&D1") == OK
    peer = rig.transparent()
    rig.modem.dtr(False)
    got = [rig.port.take(), rig.command("AT+CIPCLOSE?"), peer.gone]
    check("S-371", got, [OK, frames("+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0", "OK"), False])
    rig = SimcomRig()
    rig.command("AT&D2")
    peer = rig.transparent()
    rig.modem.dtr(False)
    assert rig.port.take() == frames("CLOSED", "+IPCLOSE: 0,2")
    assert peer.gone


def test_end_when_the_peer_closes():
    for quirk, want in (
        ("before-ipclose", frames("CLOSED", "+IPCLOSE: 0,1")),
        ("after-ipclose", frames("+IPCLOSE: 0,1", "CLOSED")),
    ):
        rig = SimcomRig(quirks=["closed=" + quirk])
        peer = rig.transparent()
        peer.send(b"bye")
        peer.end()
        check("S-377", [rig.port.take(), rig.command("AT")], [b"bye" + want, OK])
    rig = SimcomRig(quirks=["closed=missing"])
    rig.transparent().end()
    assert rig.port.take() == frames("+IPCLOSE: 0,1")


def test_end_when_the_peer_closes_after_the_escape():
    rig = SimcomRig()
    peer = rig.transparent()
    assert rig.escape() == OK
    peer.send(b"unread")
    peer.end()
    assert rig.port.take() == b""
    assert rig.command("ATO") == CONNECT + b"unread" + frames("CLOSED", "+IPCLOSE: 0,1")


def test_end_when_the_network_goes_away():
    rig = SimcomRig()
    rig.transparent()
    rig.modem.dialect.lose_contexts()
    assert rig.port.take() == frames("CLOSED", "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
    assert rig.command("ATO") == frames("NO CARRIER")


def test_server_when_transparent():
    rig = SimcomRig()
    rig.command("AT+CIPMODE=1")
    rig.service().server(0)
    client = rig.net.client("192.168.108.5", 57202)
    check("S-376", rig.port.take(), frames("+CLIENT: 0,0,192.168.108.5:57202") + CONNECT)
    assert rig.net.client().gone
    rig.host(b"hi")
    assert client.received == b"hi"
    assert rig.escape() == OK
    assert rig.command("AT+CIPCLOSE=0") == OK + frames("CLOSED", "+CIPCLOSE: 0,0")
    rig.line.heard(b"AT+CDNSGIP=")
    rig.net.client()
    assert rig.port.take() == frames("+CLIENT: 0,0,172.31.242.222:54091") + CONNECT


def test_network_when_it_takes_no_more():
    rig = SimcomRig()
    peer = rig.transparent()
    peer.acknowledges = False
    rig.host(bytes(20000))
    assert len(peer.received) == 10240
    peer.acknowledge()
    rig.pass_time(0.1)
    assert len(peer.received) == 20000


def test_lines_when_transparent():
    rig = SimcomRig()
    peer = rig.transparent()
    rig.modem.dialect.urc("+CREG: 1")
    assert rig.port.take() == b""
    assert rig.escape() == OK + frames("+CREG: 1")
    assert not peer.received
