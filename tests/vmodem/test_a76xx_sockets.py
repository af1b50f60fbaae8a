# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual A76XX's links and servers: AT+CIPOPEN, CIPCLOSE, SERVERSTART, SERVERSTOP, and how links end."""

from tests.conformance import check
from tests.rigs.virtual_a76xx import ERROR, OK, PEER, SimcomRig, block, frames

TCP = 'AT+CIPOPEN=%%d,"TCP","%s",5253' % PEER
UDP = 'AT+CIPOPEN=%d,"UDP",,,5000'


def _listed(**lines):
    """The answer of AT+CIPOPEN?, with these lines for the links that are in use."""
    rows = ["+CIPOPEN: %d" % number + lines.get("link%d" % number, "") for number in range(10)]
    return block(*rows) + OK


def test_open_when_it_succeeds():
    rig = SimcomRig().service()
    check("S-275", rig.command(TCP % 1), OK + frames("+CIPOPEN: 1,0"))
    check("S-276", rig.command(UDP % 2), frames("+CIPOPEN: 2,0") + OK)
    check("S-278", [rig.net.links[-1].remote, rig.net.links[-1].local[1]], [None, 5000])
    assert rig.command('AT+CIPOPEN=3,"UDPSERVER",,,5001') == frames("+CIPOPEN: 3,0") + OK


def test_open_when_it_is_refused():
    rig = SimcomRig()
    check("S-283", rig.command(TCP % 1), frames("+CIPOPEN: 1,2", "ERROR"))
    rig.service().tcp(1)
    check("S-279", rig.command('AT+CIPOPEN=2,"UDP",,'), frames("+CIPOPEN: 2,3", "ERROR"))
    check("S-281", rig.command(TCP % 10), frames("+IP ERROR: Invalid parameter", "ERROR"))
    check("S-282", rig.command(TCP % 1), frames("+CIPOPEN: 1,4", "ERROR"))
    assert rig.command('AT+CIPOPEN=2,"SCTP","h",1') == frames("+CIPOPEN: 2,3", "ERROR")
    assert rig.command('AT+CIPOPEN=2,"TCP","",1') == frames("+CIPOPEN: 2,3", "ERROR")
    assert rig.command('AT+CIPOPEN=2,"TCP","%s",65536' % PEER) == frames("+CIPOPEN: 2,3", "ERROR")
    assert len(rig.net.links) == 1


def test_open_when_it_fails():
    rig = SimcomRig(faults=["dns-silent:at=500"]).service()
    rig.net.refuse = "dns"
    check("S-284", rig.command('AT+CIPOPEN=1,"TCP","no.such.host",80'), OK + frames("+CIPOPEN: 1,11"))
    rig.net.refuse = "refused"
    assert rig.command(TCP % 1) == OK + frames("+CIPOPEN: 1,1")
    rig.net.refuse = None
    rig.net.busy_ports.add(5000)
    assert rig.command(UDP % 1) == frames("+CIPOPEN: 1,6") + ERROR
    rig.net.silent = True
    got = [rig.command(TCP % 1), rig.pass_time(119), rig.pass_time(2)]
    check("S-285", got, [OK, b"", frames("+CIPOPEN: 1,10")])
    rig.pass_time(500)
    assert rig.command('AT+CIPOPEN=1,"TCP","example.com",80') == OK
    assert rig.pass_time(121) == frames("+CIPOPEN: 1,11")


def test_open_when_all_links_are_used():
    rig = SimcomRig().service()
    peers = [rig.tcp(number) for number in range(10)]
    for number in range(10):
        rig.command("AT+CIPSEND=%d,1" % number)
        rig.host(b"%d" % number)
    check("S-280", [bytes(peer.received) for peer in peers], [b"%d" % number for number in range(10)])


def test_open_when_another_is_connecting():
    rig = SimcomRig().service()
    rig.net.silent = True
    got = [rig.command(TCP % 3), rig.command(TCP % 4)]
    first, second = rig.net.links
    second.handler.link_open(second)
    got.append(rig.port.take())
    first.handler.link_failed(first, "refused")
    got.append(rig.port.take())
    check("S-293", got, [OK, OK, frames("+CIPOPEN: 4,0"), frames("+CIPOPEN: 3,1")])
    assert rig.command("AT+CIPCLOSE?") == frames("+CIPCLOSE: 0,0,0,0,1,0,0,0,0,0", "OK")


def test_list_when_links_are_used():
    rig = SimcomRig().service()
    check("S-287", rig.command("AT+CIPOPEN?"), _listed())
    rig.tcp(1)
    rig.udp(2)
    rig.server(3, 6060)
    rig.net.client("192.168.108.5", 57202)
    rig.port.take()
    got = rig.command("AT+CIPOPEN?")
    lines = got.decode().split("\r\n")
    check("S-288", [line for line in lines if line in ("+CIPOPEN: 3", "+CIPOPEN: 9")], ["+CIPOPEN: 3", "+CIPOPEN: 9"])
    check("S-289", lines[2], '+CIPOPEN: 1,"TCP","%s",5253,-1' % PEER)
    check("S-290", lines[1], '+CIPOPEN: 0,"TCP","192.168.108.5",57202,3')
    link0, link1 = ',"TCP","192.168.108.5",57202,3', ',"TCP","%s",5253,-1' % PEER
    assert got == _listed(link0=link0, link1=link1, link2=',"UDP","0.0.0.0",0,-1')


def test_close_when_asked_for():
    rig = SimcomRig().service()
    tcp = rig.tcp(1)
    rig.udp(2)
    check("S-341", rig.command("AT+CIPCLOSE?"), frames("+CIPCLOSE: 0,1,1,0,0,0,0,0,0,0", "OK"))
    check("S-337", rig.command("AT+CIPCLOSE=1"), OK + frames("+CIPCLOSE: 1,0"))
    check("S-338", rig.command("AT+CIPCLOSE=2"), frames("+CIPCLOSE: 2,0") + OK)
    check("S-341", rig.command("AT+CIPCLOSE?"), frames("+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0", "OK"))
    check("S-342", rig.command("AT+CIPCLOSE=1"), frames("+CIPCLOSE: 1,4", "ERROR"))
    assert tcp.closing and not tcp.was_reset
    check("S-343", [rig.command(TCP % 1), rig.command(UDP % 2)], [OK + frames("+CIPOPEN: 1,0"), frames("+CIPOPEN: 2,0") + OK])
    assert rig.command("AT+CIPCLOSE=10") == frames("+IP ERROR: Invalid parameter", "ERROR")


def test_close_when_the_peer_does_not_answer():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    peer.answers_close = False
    assert rig.command("AT+CIPCLOSE=1") == OK + frames("+CIPCLOSE: 1,0")
    assert rig.command("AT+CIPCLOSE=1") == frames("+CIPCLOSE: 1,4", "ERROR")
    assert peer.closing and rig.pass_time(9) == b"" and not peer.was_reset
    assert rig.pass_time(2) == b"" and peer.was_reset


def test_end_when_the_peer_closes():
    rig = SimcomRig().service()
    rig.tcp(1).end()
    got = [rig.port.take(), rig.command("AT+CIPCLOSE?"), rig.command("AT+CIPCLOSE=1")]
    want = [frames("+IPCLOSE: 1,1"), frames("+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0", "OK"), frames("+CIPCLOSE: 1,4", "ERROR")]
    check("S-379", got, want)
    rig.tcp(1)
    rig.modem.dialect.close_all()
    assert rig.port.take() == frames("+IPCLOSE: 1,1")


def test_network_when_it_goes_away():
    rig = SimcomRig(faults=["context-loss:at=60"]).service()
    peer = rig.tcp(1)
    rig.net.silent = True
    rig.command(TCP % 2)
    got = rig.pass_time(61)
    check("S-384", got, frames("+CIPOPEN: 2,1", "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY"))
    peer.send(b"lost")
    rig.command("AT+CIPSEND=1,2")
    got = [rig.host(b"hi"), rig.command("AT+CIPRXGET=4,1"), rig.command("AT+CIPCLOSE?"), rig.command("AT+NETOPEN?")]
    want = [OK + frames("+CIPSEND: 1,2,-1"), frames("+CIPRXGET: 4,1,0", "OK"), frames("+CIPCLOSE: 0,1,0,0,0,0,0,0,0,0", "OK")]
    check("S-382", got, want + [frames("+NETOPEN: 1", "OK")])
    assert rig.command(TCP % 2) == OK + frames("+CIPOPEN: 2,1")
    assert rig.command("AT+CIPCLOSE=1") == OK + frames("+CIPCLOSE: 1,0")
    assert rig.command("AT+NETCLOSE") == OK + frames("+NETCLOSE: 0")
    rig.net.silent = False
    rig.service().tcp(1)


def test_servers_when_started_and_stopped():
    rig = SimcomRig()
    check("S-357", rig.command("AT+SERVERSTART=8080,0"), frames("+CIPERROR: 2", "ERROR"))
    assert rig.command("AT+SERVERSTART?") == frames("+CIPERROR: 2", "ERROR")
    rig.service()
    check("S-344", [rig.command("AT+SERVERSTART=8080,0"), rig.net.listeners[-1].local[1]], [OK, 8080])
    got = [rig.command("AT+SERVERSTART=%d,%d" % (8080 + number, number)) for number in (1, 2, 3)]
    listed = block(*["+SERVERSTART: %d,%d" % (number, 8080 + number) for number in range(4)])
    check("S-345", got + [rig.command("AT+SERVERSTART?")], [OK] * 3 + [listed + OK])
    check(
        "S-346", [rig.command("AT+SERVERSTART=9,4"), rig.command("AT+SERVERSTART=9,1")], [ERROR, frames("+CIPERROR: 7", "ERROR")]
    )
    check("S-351", rig.command("AT+SERVERSTOP=1"), frames("+SERVERSTOP: 1,0", "OK"))
    check("S-355", rig.command("AT+SERVERSTOP=1"), frames("+SERVERSTOP: 1,4", "ERROR"))
    check("S-356", rig.command("AT+SERVERSTOP"), frames("+SERVERSTOP: 0,0", "OK"))
    rig.net.busy_ports.add(7)
    assert rig.command("AT+SERVERSTART=7,0") == frames("+CIPERROR: 6", "ERROR")
    assert rig.command("AT+SERVERSTART=9,0,4") == ERROR


def test_clients_when_they_come_and_go():
    rig = SimcomRig().service()
    rig.tcp(0)
    rig.server(2)
    client = rig.net.client("192.168.108.5", 57202)
    check("S-347", rig.port.take(), frames("+CLIENT: 1,2,192.168.108.5:57202"))
    client.send(b"hi")
    assert rig.port.take() == block("RECV FROM:192.168.108.5:57202", "+IPD2") + b"hi"
    check("S-354", rig.command("AT+SERVERSTOP=2"), frames("+SERVERSTOP: 2,9", "ERROR"))
    rig.tcp(3)
    numbers = []
    for _ in range(7):
        rig.net.client()
        numbers.append(rig.port.take()[11:12])
    check("S-349", numbers, [b"2", b"4", b"5", b"6", b"7", b"8", b"9"])
    late = rig.net.client()
    check("S-350", [late.gone, rig.port.take()], [True, b""])
    assert rig.command("AT+CIPCLOSE=1") == OK + frames("+CIPCLOSE: 1,0")
    assert client.closing
    rig = SimcomRig(quirks=["busy-servers", "accept-index"]).service()
    rig.server()
    client = rig.net.client()
    rig.port.take()
    assert rig.command("AT+CIPOPEN?").split(b"\r\n")[1].endswith(b",1")
    assert rig.command("AT+SERVERSTOP=0") == frames("+SERVERSTOP: 0,0", "OK")
    assert client.gone
