# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's sockets: AT+QIOPEN, QICLOSE, QISTATE, listeners and their clients, the end of connections."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig

TCP = 'AT+QIOPEN=1,%d,"TCP","192.0.2.1",80'
LISTENER = 'AT+QIOPEN=1,%d,"TCP LISTENER","127.0.0.1",0,%d'
SERVICE = 'AT+QIOPEN=1,%d,"UDP SERVICE","127.0.0.1",0,%d'


def opened(number, code=0):
    return OK + b"\r\n+QIOPEN: %d,%d\r\n" % (number, code)


def test_open_when_asked_what_it_takes():
    want = b'\r\n+QIOPEN: (1-15),(0-11),"TCP/UDP/TCP LISTENER/UDP SERVICE","<IP_address>/<domain_name>",<remote_port>,'
    check("Q-068", Rig().command("AT+QIOPEN=?"), want + b"<local_port>,(0-2),(0-12)\r\n" + OK)


def test_open_when_it_succeeds_or_fails():
    rig = Rig().online()
    check("Q-069", [rig.command(TCP % 0), rig.command(TCP % 1 + ",0,1")], [opened(0), opened(1)])
    rig.net.refuse = "refused"
    check("Q-070", [rig.command(TCP % 2), rig.state(2)], [opened(2, 566), None])
    rig.net.refuse = "unreachable"
    assert rig.command(TCP % 2 + ",0,1") == opened(2, 566)


def test_open_when_nobody_answers():
    rig = Rig().online()
    rig.net.silent = True
    assert rig.command(TCP % 0) == OK
    assert rig.state(0) == 1
    assert rig.command(TCP % 1) == OK
    assert rig.command("AT+QICLOSE=1") == OK  # gives up opening
    assert rig.command("AT+QISEND=0,1") == ERROR
    assert rig.command("AT+QIRD=0") == ERROR
    assert rig.pass_time(119) == b""
    assert rig.pass_time(2) == b"\r\n+QIOPEN: 0,569\r\n"
    assert rig.error() == 569


def test_open_when_transparent():
    rig = Rig().online()
    check("Q-071", rig.command(TCP % 0 + ",0,2"), b"\r\nCONNECT\r\n")
    rig = Rig().online()
    rig.net.refuse = "refused"
    check("Q-072", [rig.command(TCP % 0 + ",0,2"), rig.error()], [ERROR, 566])
    assert rig.command("AT+QISTATE") == OK


def test_open_when_refused():
    rig = Rig()
    check("Q-085", [rig.command(TCP % 0), rig.error()], [ERROR, 561])
    rig.online()
    got = [rig.command(TCP % 12), rig.command(TCP.replace("=1", "=16") % 0), rig.pass_time(200)]
    check("Q-073", got, [ERROR, ERROR, b""])
    check("Q-086", got[:2], [ERROR, ERROR])
    rig.command(TCP % 0)
    check("Q-084", [rig.command(TCP % 0), rig.error()], [ERROR, 563])


def test_service_types_when_given():
    rig = Rig().online()
    lines = [TCP % 0, 'AT+QIOPEN=1,1,"UDP","192.0.2.1",53', LISTENER % (2, 2020), SERVICE % (3, 3030)]
    lines += ['AT+QIOPEN=1,4,"SCTP","192.0.2.1",80', 'AT+QIOPEN=1,4,"TCP INCOMING","192.0.2.1",80', "AT+QIOPEN=1,4,TCP,h,80"]
    check("Q-076", [rig.command(line) for line in lines], [opened(n) for n in range(4)] + [ERROR] * 3)
    assert rig.command(TCP.replace("TCP", "tcp") % 5) == opened(5)


def test_local_ports_when_given_or_not():
    rig = Rig().online()
    rig.command(TCP % 0)
    rig.command(TCP % 1 + ",0,0")
    rig.command(TCP % 2 + ",4567")
    lines = rig.command("AT+QISTATE").split(b"\r\n\r\n")
    ports = [line.split(b",")[4] for line in lines[:3]]
    modes = [line.split(b",")[8] for line in lines[:3]]
    check("Q-077", (ports[0] > b"5", modes[0]), (True, b"0"))
    check("Q-078", (ports[1] > b"5", ports[1] != ports[0]), (True, True))
    assert ports[2] == b"4567"
    check(
        "Q-079", [rig.command((LISTENER % (3, 1))[:-2]), rig.command((SERVICE % (3, 1))[:-2]), rig.error()], [ERROR, ERROR, 552]
    )
    servers = ['AT+QIOPEN=1,3,"TCP LISTENER","127.0.0.1"', 'AT+QIOPEN=1,3,"UDP SERVICE","127.0.0.1",,3030']
    check("Q-081", [rig.command(line) for line in servers], [ERROR, ERROR])
    rig.net.busy_ports = {5000}
    assert rig.command(LISTENER % (3, 5000)) == opened(3, 573)  # "port busy" is 573 in this document
    assert rig.command(TCP % 3 + ",5000") == opened(3, 573)


def test_ports_when_at_the_ends_of_the_range():
    rig = Rig().online()
    remote = 'AT+QIOPEN=1,%d,"TCP","192.0.2.1",%d,%d'
    got = [rig.command(remote % (0, 0, 0)), rig.command(remote % (1, 65535, 65535))]
    got += [rig.command(remote % (2, 65536, 0)), rig.command(remote % (2, 80, 65536))]
    check("Q-418", got, [opened(0), opened(1), ERROR, ERROR])


def test_names_when_opened():
    rig = Rig().online()
    check(
        "Q-082", [rig.command('AT+QIOPEN=1,0,"TCP","example.com",80'), rig.net.links[-1].remote], [opened(0), ("example.com", 80)]
    )
    assert rig.command('AT+QIOPEN=1,1,"UDP","example.com",53') == opened(1)
    check("Q-083", rig.command('AT+QIOPEN=1,2,"TCP","no.such.name",80'), opened(2, 565))


def test_name_servers_when_silent():
    rig = Rig(faults=["dns-silent"]).online()
    line = 'AT+QIOPEN=1,0,"TCP","example.com",80'
    assert rig.command(line) == OK
    assert rig.pass_time(0.39) == b""
    assert rig.pass_time(0.02) == b"\r\n+QIOPEN: 0,565\r\n"
    rig.command('AT+QICFG="dns/retry",4,2000')
    assert rig.command(line) == OK
    assert rig.pass_time(7.9) == b""
    assert rig.pass_time(0.2) == b"\r\n+QIOPEN: 0,565\r\n"
    assert rig.command(TCP % 1) == opened(1)


def test_name_when_cached():
    rig = Rig().online()
    rig.command('AT+QIOPEN=1,0,"TCP","example.com",80')
    rig.command('AT+QIOPEN=1,1,"TCP","EXAMPLE.com",80')
    assert rig.net.looked_up == ["example.com"]
    rig.command('AT+QICFG="dns/cache",0')
    rig.command('AT+QIOPEN=1,2,"TCP","example.com",80')
    assert rig.net.looked_up == ["example.com"] * 2


def test_client_limit_when_given():
    rig = Rig().online()
    got = [rig.command(LISTENER % (0, 2020) + ",0,0"), rig.command(LISTENER % (1, 2021) + ",0,12")]
    check("Q-087", got + [rig.command(LISTENER % (2, 2022) + ",0,13")], [opened(0), opened(1), ERROR])


def test_servers_when_asked_to_be_transparent():
    rig = Rig().online()
    check(
        "Q-088", [rig.command(LISTENER % (0, 1) + ",2"), rig.command(SERVICE % (0, 1) + ",2"), rig.error()], [ERROR, ERROR, 555]
    )


def test_twelve_sockets_when_open():
    rig = Rig().online()
    got = [rig.command(TCP % number) for number in range(12)]
    check("Q-089", (got, rig.command("AT+QISTATE").count(b"+QISTATE")), ([opened(n) for n in range(12)], 12))


# AT+QICLOSE ------------------------------------------------------------------------------------------------------------


def test_close_when_the_peer_answers():
    rig = Rig().online()
    peer = rig.open()
    peer.answers_close = False
    check("Q-090", rig.command("AT+QICLOSE=?"), b"\r\n+QICLOSE: (0-11),(0-65535)\r\n" + OK)
    got = [rig.command("AT+QICLOSE=0"), rig.pass_time(3)]
    peer.handler.link_closed(peer)
    check("Q-091", got + [rig.port.take()], [b"", b"", OK])
    check("Q-098", [rig.command("AT+QISTATE"), rig.command(TCP % 0)], [OK, opened(0)])
    assert peer.closing and peer.gone and not peer.was_reset


def test_close_when_the_peer_does_not_answer():
    rig = Rig().online()
    peer = rig.open()
    peer.answers_close = False
    got = [rig.command("AT+QICLOSE=0"), rig.pass_time(9.9), rig.pass_time(0.2), peer.was_reset]
    check("Q-094", got, [b"", b"", OK, True])
    peer = rig.open()
    peer.answers_close = False
    got = [rig.command("AT+QICLOSE=0,30"), rig.pass_time(29.9), rig.pass_time(0.2), peer.was_reset]
    check("Q-095", got, [b"", b"", OK, True])
    peer = rig.open()
    assert rig.command("AT+QICLOSE=0,0") == OK
    assert peer.was_reset


def test_close_when_the_context_ends_meanwhile():
    rig = Rig(faults=["delay:cmd=QIDEACTEX,ms=3000,urc=1"]).online()
    rig.open().answers_close = False
    got = [rig.command("AT+QIDEACTEX=1"), rig.command("AT+QICLOSE=0"), rig.pass_time(2.9), rig.pass_time(0.2)]
    assert got[:3] == [OK, b"", b""] and OK in got[3] and b"\r\n+QIDEACTEX: 1,0\r\n" in got[3], got
    assert rig.command("AT+CSQ").endswith(OK)


def test_close_when_in_the_background():
    rig = Rig().online()
    rig.command('AT+QICFG="close/mode",1')
    peer = rig.open()
    peer.answers_close = False
    got = [rig.command("AT+QICLOSE=0"), rig.command("AT+CSQ"), rig.state(0)]
    peer.handler.link_closed(peer)
    check("Q-092", got + [rig.port.take()], [OK, b"\r\n+CSQ: 23,99\r\n" + OK, 4, b'\r\n+QIURC: "closed",0\r\n'])
    assert rig.state(0) is None
    check("Q-205", [rig.command('AT+QICFG="close/mode"')], [b'\r\n+QICFG: "close/mode",1\r\n' + OK])
    rig.open(1, "UDP SERVICE", local=3030)
    assert rig.command("AT+QICLOSE=1") == OK + b'\r\n+QIURC: "closed",1\r\n'


def test_close_when_there_is_nothing_to_close():
    rig = Rig().online()
    got = [rig.command("AT+QICLOSE=5")]
    rig.command('AT+QICFG="close/mode",1')
    check("Q-093", got + [rig.command("AT+QICLOSE=5"), rig.error()], [ERROR, ERROR, 567])
    peer = rig.open()
    peer.answers_close = False
    assert rig.command("AT+QICLOSE=0") == OK
    assert [rig.command("AT+QICLOSE=0"), rig.error()] == [ERROR, 568]


def test_close_when_the_peer_has_closed_before():
    rig = Rig().online()
    peer = rig.open()
    peer.send(b"left over")
    peer.end()
    rig.port.take()
    assert rig.state(0) == 4
    assert rig.command("AT+QIRD=0") == b"\r\n+QIRD: 9\r\nleft over\r\n" + OK
    check("Q-099", [rig.command("AT+QICLOSE=0"), rig.command("AT+QISTATE"), peer.was_reset], [OK, OK, False])


def test_local_port_when_it_rests_after_a_close():
    rig = Rig().online()
    rig.command('AT+QICFG="tcp/twrecycle",60000')
    rig.open(0, local=4567)
    rig.command("AT+QICLOSE=0")
    assert rig.command(TCP % 0 + ",4567") == opened(0, 573)
    rig.pass_time(60)
    assert rig.command(TCP % 0 + ",4567") == opened(0)


# AT+QISTATE ------------------------------------------------------------------------------------------------------------


def _busy_rig():
    rig = Rig().online()
    rig.online(context=2)
    rig.open(0)
    rig.open(1, "TCP LISTENER", host="127.0.0.1", port=0, local=2020)
    rig.command('AT+QIOPEN=2,2,"UDP SERVICE","127.0.0.1",0,3030,1')
    rig.net.client()
    rig.port.take()
    return rig


def test_states_when_listed():
    rig = _busy_rig()
    check("Q-101", rig.command("AT+QISTATE=?"), OK)
    every = rig.command("AT+QISTATE")
    check("Q-102", (every.count(b"+QISTATE: "), rig.command("AT+QISTATE?")), (4, every))
    second = b'\r\n+QISTATE: 2,"UDP SERVICE","10.7.157.2",0,3030,2,2,2,1,"uart1"\r\n'
    check("Q-103", rig.command("AT+QISTATE=0,2"), second + OK)
    check("Q-104", rig.command("AT+QISTATE=1,2"), second + OK)
    check("Q-105", [rig.command("AT+QISTATE=1,7"), rig.command("AT+QISTATE=0,7")], [OK, OK])
    check("Q-106", second.count(b",") + 1, 10)
    incoming = rig.command("AT+QISTATE=1,11")
    check("Q-108", incoming, b'\r\n+QISTATE: 11,"TCP INCOMING","172.31.242.222",54091,2020,2,1,1,0,"uart1"\r\n' + OK)
    listener = rig.command("AT+QISTATE=1,1")
    check("Q-109", listener, b'\r\n+QISTATE: 1,"TCP LISTENER","10.7.157.1",0,2020,3,1,1,0,"uart1"\r\n' + OK)
    names = ["usbmodem", "usbat", "uart1", "cmux1", "cmux2", "cmux3", "cmux4"]
    check("Q-110", every.split(b"\r\n")[1].split(b",")[-1].strip(b'"').decode() in names, True)
    rig.net.links[0].end()
    rig.port.take()
    check("Q-107", [rig.state(11), rig.state(1), rig.state(2), rig.state(0)], [2, 3, 2, 4])
    assert rig.command("AT+QISTATE=2,0") == ERROR
    assert rig.command("AT+QISTATE=1") == ERROR


# The end of connections ------------------------------------------------------------------------------------------------


def test_connection_when_the_peer_closes():
    rig = Rig().online()
    peer = rig.open(3)
    peer.end()
    check("Q-275", [rig.port.take(), rig.state(3)], [b'\r\n+QIURC: "closed",3\r\n', 4])
    assert [rig.command("AT+QISEND=3,1"), rig.error()] == [ERROR, 567]
    assert rig.command(TCP % 3) == ERROR


def test_connection_when_dropped_passively():
    rig = Rig().online()
    states = []
    for value in (0, 1):
        rig.command('AT+QICFG="passiveclosed",%d' % value)
        rig.open(value).end()
        states.append((rig.port.take(), rig.state(value)))
    check("Q-204", states, [(b'\r\n+QIURC: "closed",0\r\n', 4), (b'\r\n+QIURC: "closed",1\r\n', None)])


def test_connection_when_the_network_is_a_black_hole():
    rig = Rig(faults=["blackhole:at=100"]).online()
    rig.command('AT+QICFG="tcp/keepalive",1,60,25,3')
    rig.open(0)
    rig.pass_time(90)
    rig.net.links[0].send(b"x")
    rig.port.take()
    quiet = rig.pass_time(90 + 60 + 75 - 90 - 0.1)
    check("Q-209", (quiet, rig.pass_time(0.2)), (b"", b'\r\n+QIURC: "closed",0\r\n'))


def test_sent_data_when_never_acknowledged():
    rig = Rig(faults=["blackhole:at=1"]).online()
    rig.open(0)
    rig.pass_time(2)
    rig.command("AT+QISEND=0,4")
    assert rig.host(b"test") == b"\r\nSEND OK\r\n"
    assert rig.command("AT+QISEND=0,0") == b"\r\n+QISEND: 4,0,4\r\n" + OK
    assert rig.pass_time(14.9) == b""
    assert rig.pass_time(0.2) == b'\r\n+QIURC: "closed",0\r\n'


# Servers ---------------------------------------------------------------------------------------------------------------


def test_listener_when_a_client_comes():
    rig = Rig().online()
    check("Q-374", [rig.command(LISTENER % (1, 2020) + ",1"), rig.state(1)], [opened(1), 3])
    rig.net.client("192.0.2.7", 1234)
    check("Q-278", rig.port.take(), b'\r\n+QIURC: "incoming",11,1,"192.0.2.7",1234\r\n')
    line = rig.command("AT+QISTATE=1,11").split(b",")
    check("Q-377", (line[1], line[8]), (b'"TCP INCOMING"', b"1"))
    rig.open(10)
    numbers = []
    for _ in range(3):
        rig.net.client()
        numbers.append(int(rig.port.take().split(b",")[1]))
    check("Q-375", (len(set(numbers)), set(numbers) & {1, 10, 11}), (3, set()))
    assert [rig.command("AT+QISEND=1,1"), rig.error()] == [ERROR, 572]
    assert [rig.command("AT+QIRD=1"), rig.error()] == [ERROR, 555]


def test_listener_when_full():
    rig = Rig().online()
    rig.command(LISTENER % (1, 2020) + ",0,2")
    urcs = []
    for _ in range(3):
        client = rig.net.client()
        urcs.append(rig.port.take().split(b",")[0])
    full = b'\r\n+QIURC: "incoming full"\r\n'
    check("Q-379", urcs, [b'\r\n+QIURC: "incoming"', b'\r\n+QIURC: "incoming"', full])
    check("Q-279", (urcs[2], client.was_reset, rig.command("AT+QISTATE").count(b"INCOMING")), (full, True, 2))
    rig.command("AT+QICLOSE=11")
    rig.net.client()
    assert rig.port.take().startswith(b'\r\n+QIURC: "incoming",11')


def test_listener_when_all_numbers_are_taken():
    rig = Rig().online()
    rig.command(LISTENER % (0, 2020))
    for number in range(1, 12):
        rig.open(number)
    rig.net.client()
    check("Q-380", rig.port.take(), b'\r\n+QIURC: "incoming full"\r\n')
    rig = Rig().online()
    rig.command(LISTENER % (0, 2020) + ",0,0")
    rig.net.client()
    assert rig.port.take() == b'\r\n+QIURC: "incoming full"\r\n'


def test_listener_when_closed_separately():
    rig = Rig().online()
    rig.command(LISTENER % (1, 2020))
    client = rig.net.client()
    rig.port.take()
    got = [rig.command("AT+QICLOSE=1"), rig.state(1), rig.state(11), client.gone]
    check("Q-381", got + [rig.command("AT+QICLOSE=11"), rig.state(11)], [OK, None, 2, False, OK, None])


def test_listener_when_it_does_not_accept():
    rig = Rig().online()
    rig.command(LISTENER % (1, 2020))
    accepted = rig.net.client().gone, rig.port.take()[:22]
    rig.command('AT+QICFG="tcp/accept",0')
    refused = rig.net.client().was_reset, rig.port.take()
    check("Q-203", (accepted, refused), ((False, b'\r\n+QIURC: "incoming",1'), (True, b"")))


def test_options_of_connections_when_configured():
    rig = Rig().online()
    peer = rig.open()
    assert peer.options == ((0, 60, 25, 3), 15, 0)
    rig.command('AT+QICFG="tcp/keepalive",1,30,50,5')
    rig.command('AT+QICFG="tcp/retranscfg",12,60')
    rig.command('AT+QICFG="tcp/delay_ack",1')
    assert peer.options == ((1, 30, 50, 5), 720, 1)
