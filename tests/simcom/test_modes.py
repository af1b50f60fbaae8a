"""UDP, direct push, servers and transparent mode on A76XX. Scripted, on both Pythons."""

from modem import CommandError, ConnectionClosed, LineBusy, NotSupported, SocketTimeout
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
URC = b"\r\n+CIPRXGET: 1,7\r\n"
NO_DATA = b"\r\n+IP ERROR: No data\r\n" + ERROR
PUSH = [(b"AT+CIPHEAD=1\r", OK), (b"AT+CIPSRIP=1\r", OK), (b"AT+CIPRXGET=0\r", OK)]
TCP = (b'AT+CIPOPEN=%d,"TCP","10.0.0.1",80\r', OK + b"\r\n+CIPOPEN: %d,0\r\n")
UDP = (b'AT+CIPOPEN=0,"UDP",,,5000\r', b"\r\n+CIPOPEN: 0,0\r\n" + OK)
CLOSE_UDP = (b"AT+CIPCLOSE=0\r", b"\r\n+CIPCLOSE: 0,0\r\n" + OK)
CLOSE_TCP = (b"AT+CIPCLOSE=0\r", OK + b"\r\n+CIPCLOSE: 0,0\r\n")
TO_TRANSPARENT = [
    (b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n"),
    (b"AT+CIPMODE=1\r", OK),
    (b"AT+NETOPEN\r", OK + b"\r\n+NETOPEN: 0\r\n"),
]


def tcp(n=0):
    return tuple([part % n for part in TCP])


def sending(data, peer=b"", n=0):
    done = OK + b"\r\n+CIPSEND: %d,%d,%d\r\n" % (n, len(data), len(data))
    return [(b"AT+CIPSEND=%d,%d%s\r" % (n, len(data), peer), b"\r\n>"), (data, done)]


def reading(data=None, rest=0, n=0):
    line = b"AT+CIPRXGET=2,%d,1500\r" % n
    return (line, NO_DATA if data is None else b"\r\n+CIPRXGET: 2,%d,%d,%d\r\n" % (n, len(data), rest) + data + b"\r\n" + OK)


def modem_for(dialogue, headers=True):
    modem = ready(ScriptedPort(dialogue), "a76xx")
    modem.module.dialect.link_headers = headers
    return modem, modem.module.port


# --- UDP


def test_a_connected_datagram_socket_names_its_peer_in_every_send():
    peer = b',"117.131.85.139",5254'
    shown = [UDP] + sending(b"HELLO", peer) + [reading(b"data from server"), CLOSE_UDP]

    def scene(m):
        s = m.socket(type=m.SOCK_DGRAM)
        s.operations.bound = ("", 5000)
        s.connect(("117.131.85.139", 5254))
        s.send(b"HELLO")
        m.module.port.later(0, b"\r\n+CIPRXGET: 1,0\r\n")
        got = s.recvfrom(100)
        s.close()
        return got

    want = (b"data from server", ("117.131.85.139", 5254))
    modem, port = modem_for(shown)
    check("S-334", scene(modem), want)
    assert feed_all_ways(shown, scene, want, opaque=(b"data from server",), urc=URC, model="a76xx", step=3) > 40
    check("S-278", bytes(port.sent).startswith(b'AT+CIPOPEN=0,"UDP",,,5000\r'), True)
    check("S-296", b'AT+CIPSEND=0,5,"117.131.85.139",5254\rHELLO' in bytes(port.sent), True)
    check("S-276", modem.module.engine.unknown, 0)
    check("S-338", port.dialogue, [])


def test_a_service_knows_the_sender_of_the_first_datagram():
    dialogue = [(b"AT+CIPRXGET=5\r", OK), UDP]
    modem, port = modem_for(dialogue + [reading(b"one", 3), reading(b"two"), reading(b"six")])
    s = modem.socket(type=modem.SOCK_DGRAM)
    s.bind(("", 5000))
    port.later(0, b"\r\n+CIPRXGETIP:10.0.0.9:7000\r\n\r\n+CIPRXGET: 1,0\r\n")
    assert s.recvfrom(10) == (b"one", ("10.0.0.9", 7000))
    assert s.recvfrom(10) == (b"two", None)  # the module does not say; nothing is guessed
    port.later(0, b"\r\n+CIPRXGETIP:2409:8960::1:7001\r\n\r\n+CIPRXGET: 1,0\r\n")
    check("S-316", s.recvfrom(10), (b"six", ("2409:8960::1", 7001)))


def test_a_free_port_is_looked_for():
    modem, port = modem_for([])
    port.now = 0
    taken = (b'AT+CIPOPEN=0,"UDP",,,49152\r', b"\r\n+CIPOPEN: 0,6\r\n" + ERROR)
    rows = (b"AT+CIPOPEN?\r", b"\r\n+CIPOPEN: 0\r\n" + OK)
    free = (b'AT+CIPOPEN=0,"UDP",,,49249\r', b"\r\n+CIPOPEN: 0,0\r\n" + OK)
    port.dialogue = [taken, rows, free] + sending(b"x", b',"10.0.0.1",9')
    s = modem.socket(type=modem.SOCK_DGRAM)
    s.connect(("10.0.0.1", 9))
    s.send(b"x")
    assert s.getsockname()[1] == 49249
    port.done()


# --- direct push


def test_pushed_data_of_two_links_are_told_apart():
    modem, port = modem_for(PUSH + [tcp(0), tcp(1)])
    a = modem.create_connection(("10.0.0.1", 80), access="push")
    b = modem.create_connection(("10.0.0.1", 80), access="push")
    sent = bytes(port.sent)
    check(
        "S-393", 0 <= sent.find(b"CIPHEAD=1") < sent.find(b"CIPSRIP=1") < sent.find(b"CIPRXGET=0") < sent.find(b"CIPOPEN"), True
    )
    data = b"\r\nOK\r\n+IPCLOSE: 1,1\r\nRECV FROM:1.2.3.4:5\r\n+IPD9\r\n\x00\xff"
    port.later(0, b"\r\nRECV FROM:10.0.0.1:80\r\n+RECEIVE,1,%d\r\n" % len(data) + data)
    port.later(0, b"\r\nRECV FROM:10.0.0.1:80\r\n+RECEIVE,0,3:\r\nabc")
    check("S-318", a.recv(10), b"abc")
    check("S-315", (b.recv(100), b.link.ended()), (data, False))
    port.later(0, b"\r\n+IPCLOSE: 1,1\r\n")
    assert b.recv(10) == b""


def test_each_header_of_a_firmware_that_does_not_name_the_link():
    for item, head in (
        ("S-314", b"\r\nRECV FROM:117.131.85.139:5253\r\n+IPD16\r\n"),
        ("S-313", b"\r\n+RECV FROM:117.131.85.139:5253\r\n+IPD16\r\n"),
        ("S-314", b"\r\nRECV FROM:117.131.85.139:5253\r\n+IPD 16\r\n"),
    ):
        dialogue = (
            PUSH
            + [tcp()]
            + [(b"AT+CIPSEND=0,1\r", b"\r\n>"), (b"x", OK + b"\r\n+CIPSEND: 0,1,1\r\n" + head + b"data from server")]
        )

        def scene(m):
            s = m.create_connection(("10.0.0.1", 80), access="push")
            s.send(b"x")
            return s.recv(100)

        modem, port = modem_for(dialogue, headers=False)
        check(item, scene(modem), b"data from server")
        feed_all_ways(dialogue, scene, b"data from server", opaque=(head + b"data from server",), urc=URC, model="a76xx", step=7)


def test_a_second_push_socket_is_refused_where_links_are_not_named():
    modem, port = modem_for(PUSH + [tcp()], headers=False)
    modem.create_connection(("10.0.0.1", 80), access="push")
    with raises(NotSupported, "does not name the link"):
        modem.create_connection(("10.0.0.1", 80), access="push")
    server = modem.socket(access="push")
    server.bind(("", 8080))
    with raises(NotSupported, "does not name the link"):
        server.listen(1)
    check("S-317", port.dialogue, [])
    with raises(NotSupported, "push is in force"):
        modem.create_connection(("10.0.0.1", 80))


def test_a_full_ring_is_told_with_its_bytes():
    modem, port = modem_for(PUSH + [tcp()])
    s = modem.create_connection(("10.0.0.1", 80), access="push", rxbuf=64)
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    port.later(0, b"\r\nRECV FROM:10.0.0.1:80\r\n+RECEIVE,0,100\r\n" + bytes(100))
    assert s.recv(200) == bytes(64)
    modem.poll()
    assert events == [("overflow", (s, 36))] and s.lost == 36


def test_the_access_mode_of_the_only_socket_can_be_changed():
    modem, port = modem_for([tcp(), reading()] + PUSH)
    s = modem.create_connection(("10.0.0.1", 80))
    s.switch("push")
    port.later(0, b"\r\nRECV FROM:10.0.0.1:80\r\n+RECEIVE,0,3\r\nabc")
    assert s.recv(10) == b"abc"
    port.dialogue = [(b"AT+CIPRXGET=1\r", OK), reading(b"def")]
    s.switch("buffer")
    check("S-320", s.recv(10), b"def")


def test_a_socket_that_ended_with_its_context_does_not_keep_its_mode_in_force():
    modem, port = modem_for([tcp(0)])
    a = modem.create_connection(("10.0.0.1", 80))
    modem.module.end_links(ConnectionClosed("the PDP context was deactivated"), 1)
    port.dialogue = PUSH + [tcp(1)]
    b = modem.create_connection(("10.0.0.1", 80), access="push")
    port.later(0, b"\r\nRECV FROM:10.0.0.1:80\r\n+RECEIVE,1,3\r\nabc")
    assert b.recv(10) == b"abc"
    with raises(ConnectionClosed, "deactivated"):
        a.recv(10)
    port.dialogue = [(b"AT+CIPCLOSE=0\r", b"\r\n+CIPCLOSE: 0,4\r\n" + ERROR)]
    a.close()
    port.done()


# --- servers


def listening(modem, server=0, port=8080):
    s = modem.socket()
    s.bind(("", port))
    s.listen()
    assert s.connection_id() == server
    return s


def start(port, n):
    return (b"AT+SERVERSTART=%d,%d,3\r" % (port, n), OK)


def clients(*rows):
    """AT+CIPOPEN?, where link n is client (address, port, server) `rows[n]`."""
    shown = [b'+CIPOPEN: %d,"TCP","%s",%d,%d\r\n' % ((n,) + rows[n]) for n in range(len(rows))]
    shown += [b"+CIPOPEN: %d\r\n" % n for n in range(len(rows), 10)]
    return (b"AT+CIPOPEN?\r", b"\r\n" + b"".join(shown) + OK)


def test_four_servers_and_a_client():
    modem, port = modem_for([start(8080, 0), start(9090, 1), start(7070, 2), start(6060, 3)])
    servers = [listening(modem, n, number) for n, number in enumerate((8080, 9090, 7070, 6060))]
    check("S-345", [s.connection_id() for s in servers], [0, 1, 2, 3])
    check("S-344", bytes(port.sent).startswith(b"AT+SERVERSTART=8080,0"), True)
    with raises(OSError, "all 4"):
        listening(modem, 4, 5050)
    port.later(0, b"\r\n+CLIENT: 0,2,192.168.108.5:57202\r\n")
    port.dialogue = [clients((b"192.168.108.5", 57202, 2))]
    conn, address = servers[2].accept()
    check("S-347", (address, conn.connection_id()), (("192.168.108.5", 57202), 0))
    port.dialogue = sending(b"HELLO") + [reading(b"hi"), CLOSE_TCP]
    conn.sendall(b"HELLO")
    check("S-348", conn.recv(10), b"hi")
    conn.close()
    check("S-308", bytes(port.sent).count(b"AT+CIPSEND=0,5\r"), 1)
    for n in range(4):
        answer = b"\r\n+SERVERSTOP: %d,0\r\n" % n
        port.dialogue = [(b"AT+SERVERSTOP=%d\r" % n, answer + OK if n % 2 else OK + answer)]
        servers[n].close()
        check("S-352" if n % 2 == 0 else "S-351", (modem.module.links[12 + n], port.dialogue), (None, []))


def test_clients_end_before_their_server():
    modem, port = modem_for([start(8080, 0)])
    server = listening(modem)
    port.later(0, b"\r\n+CLIENT: 0,0,192.168.108.5:57202\r\n\r\n+CLIENT: 1,0,[2409::1]:57203\r\n")
    port.dialogue = [clients((b"192.168.108.5", 57202, 0), (b"2409::1", 57203, 0))]
    conn, _ = server.accept()
    stop = (b"AT+SERVERSTOP=0\r", b"\r\n+SERVERSTOP: 0,0\r\n" + OK)
    port.dialogue = [(b"AT+CIPCLOSE=1\r", OK + b"\r\n+CIPCLOSE: 1,0\r\n"), CLOSE_TCP, stop]
    server.close()
    check("S-353", port.dialogue, [])
    with raises(OSError, "server of this connection was closed"):
        conn.send(b"x")


def test_a_client_whose_number_came_damaged_is_looked_up():
    modem, port = modem_for([start(8080, 0)])
    server = listening(modem)
    server.settimeout(30)
    port.later(0, b"\r\n+CLIENT: 1,0,192.168.108.5:5720\r\n")
    shown = clients((b"192.168.108.5", 57202, 0))
    servers = (b"AT+SERVERSTART?\r", b"\r\n+SERVERSTART: 0,8080\r\n" + OK)
    port.dialogue = [shown, shown, servers, shown]
    conn, address = server.accept()
    assert (conn.connection_id(), address, port.dialogue) == (0, ("192.168.108.5", 57202), [])


def test_a_client_that_was_not_announced_is_found():
    modem, port = modem_for([start(8080, 0)])
    server = listening(modem)
    server.settimeout(30)
    shown = clients((b"192.168.108.5", 57202, 0))
    servers = (b"AT+SERVERSTART?\r", b"\r\n+SERVERSTART: 0,8080\r\n" + OK)
    port.dialogue = [shown, servers, shown]
    conn, address = server.accept()
    assert (conn.connection_id(), address, port.dialogue) == (0, ("192.168.108.5", 57202), [])
    assert port.now < 21000, port.now
    port.dialogue = [CLOSE_TCP]
    conn.close()
    stop = (b"AT+SERVERSTOP=0\r", b"\r\n+SERVERSTOP: 0,9\r\n" + ERROR)
    port.dialogue = [stop, shown, servers, CLOSE_TCP, (stop[0], b"\r\n+SERVERSTOP: 0,0\r\n" + OK)]
    server.close()
    assert port.dialogue == []


def test_a_server_without_network_service():
    marker = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)  # it has not restarted
    modem, port = modem_for([(start(8080, 0)[0], b"\r\n+CIPERROR: 2\r\n" + ERROR), marker])
    with raises(CommandError, "network not opened") as error:
        listening(modem)
    check("S-357", (error.value.code, error.value.family, modem.module.links[12]), (2, "simcom", None))


def test_local_commands_are_given_up_after_9_s():
    marker = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)
    stop = (b"AT+SERVERSTOP=0\r", b"\r\n+SERVERSTOP: 0,0\r\n" + OK)  # it may be listening
    modem, port = modem_for([(start(8080, 0)[0], b""), marker, stop, marker])
    with raises(OSError, "no answer within 9 s"):
        listening(modem)
    check("S-256", 9000 <= port.now <= 9500, True)
    check("S-023", (modem.command("AT+CMEE?"), port.dialogue), ([b"+CMEE: 1"], []))


# --- transparent mode


def transparent(after=(), kind=None, answer=b"\r\nCONNECT 115200\r\n"):
    line = b'AT+CIPOPEN=0,"TCP","10.0.0.1",80\r' if kind is None else b'AT+CIPOPEN=0,"UDP","10.0.0.1",5254,5000\r'
    modem, port = modem_for(TO_TRANSPARENT + [(line, answer)] + list(after))
    s = (
        modem.socket(access="transparent", rxbuf=4096)
        if kind is None
        else modem.socket(type=kind, access="transparent", rxbuf=4096)
    )
    s.settimeout(20)
    if kind is not None:
        s.operations.bound = ("", 5000)
    s.connect(("10.0.0.1", 80) if kind is None else ("10.0.0.1", 5254))
    return s, modem, port


def test_a_transparent_connection_carries_every_byte():
    s, modem, port = transparent()
    check("S-359", s.connection_id(), 0)
    check("S-358", 0 < bytes(port.sent).find(b"CIPMODE=1") < bytes(port.sent).find(b"AT+NETOPEN"), True)
    data = bytes(range(256)) + b"\r\n+CIPRXGET: 1,0\r\nOK\r\nAT\r"
    port.dialogue = [(data, data)]
    s.sendall(data)
    check("S-362", s.read(len(data)), data)
    with raises(LineBusy):
        modem.status("rssi")
    with raises(NotSupported, "transparent is in force"):
        other = modem.socket()
        modem.module.engine.parser.set_raw(None)
        other.connect(("10.0.0.1", 80))
    assert port.dialogue == []


def test_a_transparent_datagram_socket_gives_all_five_fields():
    s, modem, port = transparent(kind=2)
    check("S-361", b'"UDP","10.0.0.1",5254,5000' in bytes(port.sent), True)


def test_a_transparent_open_that_fails():
    with raises(CommandError):
        transparent(answer=b"\r\nCONNECT FAIL\r\n")
    with raises(CommandError, "not supported") as error:
        transparent(answer=b"\r\n+CIPOPEN: 0,4\r\n" + ERROR)
    check("S-360", error.value.code, 4)


def test_escape_and_resume():
    s, modem, port = transparent()
    before = port.now
    port.dialogue = [(b"+++", [(1000, b"last words\r\nOK\r\n")])]
    s.escape()
    check("S-367", (port.now - before >= 2000, bytes(port.sent[-3:])), (True, b"+++"))
    row = b'\r\n+CIPOPEN: 0,"TCP","10.0.0.1",80,-1\r\n+CIPOPEN: 1\r\n'
    port.dialogue = [(b"AT+CIPOPEN?\r", row + OK)]
    check("S-373", modem.connections()[0][:4], (0, "TCP", "10.0.0.1", 80))
    with raises(NotSupported, "resume"):
        s.send(b"x")
    port.dialogue = [(b"ATO\r", b"\r\nCONNECT 115200\r\nmore")]
    s.resume()
    check("S-369", port.dialogue, [])
    check("S-368", s.read(14), b"last wordsmore")
    port.dialogue = [(b"+++", [(1000, OK)]), (b"AT+CIPCLOSE=0\r", OK + b"\r\nCLOSED\r\n\r\n+CIPCLOSE: 0,0\r\n")]
    s.close()
    check("S-339", (modem.module.links[0], modem.module.engine.unknown, port.dialogue), (None, 0, []))


def test_a_transparent_datagram_socket_is_closed_with_or_without_closed():
    for answer in (b"\r\n+CIPCLOSE: 0,0\r\n" + OK, b"\r\nCLOSED\r\n\r\n+CIPCLOSE: 0,0\r\n" + OK):
        s, modem, port = transparent(kind=2)
        port.dialogue = [(b"+++", [(1000, OK)]), (b"AT+CIPCLOSE=0\r", answer)]
        s.close()
        check("S-340", (modem.module.links[0], modem.module.engine.unknown), (None, 0))


def test_dtr_in_place_of_the_escape_sequence():
    s, modem, port = transparent()
    levels = []

    def dtr(level):
        levels.append(level)
        if not level:
            port.later(20, OK)

    port.dtr = dtr
    s.escape(dtr=True)
    check("S-372", (levels, b"+++" in bytes(port.sent)), ([False, True], False))


def test_the_end_of_a_transparent_connection_in_each_order():
    for end in (
        b"\r\nCLOSED\r\n\r\n+IPCLOSE: 0,1\r\n",
        b"\r\n+IPCLOSE: 0,1\r\n\r\nCLOSED\r\n",
        b"\r\nCLOSED\r\n",
        b"\r\n+IPCLOSE: 0,1\r\n",
    ):
        for pieces in ([(0, b"bye" + end)], [(0, b"bye"), (5, end[:12]), (9, end[12:])]):
            s, modem, port = transparent()
            for delay_ms, piece in pieces:
                if piece:
                    port.later(delay_ms, piece)
            check("S-378", s.read(), b"bye")
            with raises(ConnectionClosed):
                s.send(b"x")


def test_what_only_looks_like_the_end_is_data():
    s, modem, port = transparent()
    port.later(0, b"\r\nCLOSED\r\nnot yet")
    port.later(100, b"\r\n+IPCLOSE: 0,1\r\n!")
    want = b"\r\nCLOSED\r\nnot yet\r\n+IPCLOSE: 0,1\r\n!"
    assert s.read(len(want)) == want
    s.settimeout(2)
    with raises(SocketTimeout):
        s.read(1)


def test_a_buffer_connection_is_not_made_transparent():
    modem, port = modem_for([tcp(), reading()])
    s = modem.create_connection(("10.0.0.1", 80))
    with raises(NotSupported, "when the socket is made"):
        s.switch("transparent")
    check("S-374", port.dialogue, [])


def test_a_transparent_server_has_one_client():
    modem, port = modem_for(TO_TRANSPARENT + [start(8080, 0)])
    server = modem.socket(access="transparent", rxbuf=4096)
    server.bind(("", 8080))
    server.listen()
    other = modem.socket(access="transparent")
    other.bind(("", 9090))
    with raises(NotSupported, "no other socket"):
        other.listen()
    check("S-375", port.dialogue, [])
    port.later(0, b"\r\n+CLIENT: 0,0,192.168.108.5:57202\r\n\r\nCONNECT 115200\r\nhello +CLIENT: 1,0,1.2.3.4:5\r\n")
    conn, address = server.accept()
    want = b"hello +CLIENT: 1,0,1.2.3.4:5\r\n"
    check("S-376", (address, conn.read(len(want))), (("192.168.108.5", 57202), want))
    port.dialogue = [(b"answer", b"more")]
    conn.sendall(b"answer")
    assert conn.read(4) == b"more"
    stop = (b"AT+SERVERSTOP=0\r", b"\r\n+SERVERSTOP: 0,0\r\n" + OK)
    port.dialogue = [(b"+++", [(1000, OK)]), (b"AT+CIPCLOSE=0\r", OK + b"\r\nCLOSED\r\n\r\n+CIPCLOSE: 0,0\r\n"), stop]
    conn.close()
    server.close()
    port.done()


def test_the_next_client_of_a_transparent_server_may_come_right_behind_the_last():
    for end in (b"\r\nCLOSED\r\n\r\n+IPCLOSE: 0,1\r\n", b"\r\n+IPCLOSE: 0,1\r\n\r\nCLOSED\r\n", b"\r\n+IPCLOSE: 0,1\r\n"):
        modem, port = modem_for(TO_TRANSPARENT + [start(8080, 0)])
        server = modem.socket(access="transparent", rxbuf=4096)
        server.bind(("", 8080))
        server.listen()
        head = b"\r\n+CLIENT: 0,0,192.168.108.5:%d\r\n\r\nCONNECT 115200\r\n"
        port.later(0, head % 57202 + b"first" + end + head % 57203 + b"second\r\nOK\r\n")
        one, _ = server.accept()
        assert (one.read(20), one.recv(1)) == (b"first", b""), end
        two, address = server.accept()
        assert address == ("192.168.108.5", 57203)
        one.close()  # says nothing to the module, whose link 0 is another client's
        assert two.read(12) == b"second\r\nOK\r\n"
        port.dialogue = [(b"answer", b"more")]
        two.sendall(b"answer")
        assert two.read(4) == b"more"
        port.done()


def test_ipv6_peers():
    modem, port = modem_for([(b'AT+CIPOPEN=0,"TCP","2409:8960::1",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n")] + PUSH[2:])
    s = modem.create_connection(("2409:8960::1", 80))
    check("S-388", s.getpeername(), ("2409:8960::1", 80))
