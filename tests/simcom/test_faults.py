"""What must not go wrong on a bad line or with a caller who has gone, on A76XX. Scripted, on both Pythons."""

from modem import CommandError, ConnectionClosed, LineBusy, ModemRestarted, ModemTimeout, ProtocolError, SocketTimeout
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready
from tests.simcom.test_sockets import FREE

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NO_DATA = b"\r\n+IP ERROR: No data\r\n" + ERROR
SAME = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)
RESTARTED = (b"AT+CMEE?\r", b"\r\n+CMEE: 0\r\n" + OK)
ALIVE = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n" + OK)
GONE = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0\r\n" + OK)


def opening(n=0):
    return (b'AT+CIPOPEN=%d,"TCP","h",80\r' % n, OK + b"\r\n+CIPOPEN: %d,0\r\n" % n)


def closing(n=0):
    return (b"AT+CIPCLOSE=%d\r" % n, OK + b"\r\n+CIPCLOSE: %d,0\r\n" % n)


def sending(data, answer=None):
    done = OK + b"\r\n+CIPSEND: 0,%d,%d\r\n" % (len(data), len(data))
    return [(b"AT+CIPSEND=0,%d\r" % len(data), b"\r\n>"), (data, done if answer is None else answer)]


def connected(dialogue, **options):
    port = ScriptedPort([opening()] + dialogue)
    modem = ready(port, "a76xx")
    s = modem.socket(**options)
    s.connect(("h", 80))
    return s, modem, port


def test_a_send_that_never_got_its_turn_leaves_nothing_behind():
    from modem.at.command import Command

    s, modem, port = connected([(b"AT+A\r", [(5000, OK)])] + sending(b"hello"))
    modem.module.engine.begin(Command(b"AT+A\r"))
    s.settimeout(1)
    with raises(LineBusy):
        s.send(b"lost")
    s.settimeout(20)
    assert s.send(b"hello") == 5 and 5000 <= port.now < 6000
    port.done()


def test_a_result_that_is_owed_keeps_the_next_send_waiting_as_the_time_out_says():
    late = [(0, OK), (8000, b"\r\n+CIPSEND: 0,5,5\r\n")]
    s, modem, port = connected(sending(b"hello", late) + sending(b"again"))
    s.settimeout(1)
    for _ in range(2):
        with raises(SocketTimeout, "still owes"):
            s.send(b"hello")
    s.settimeout(None)
    assert s.send(b"again") == 5 and port.now >= 8000 and s.operations.link.sent == 10
    port.done()


def test_a_send_whose_result_never_comes_is_made_again_after_the_documented_time():
    counters = (b"AT+CIPACK=0\r", b"\r\n+CIPACK: 0,0,0\r\n" + OK)
    s, modem, port = connected(sending(b"hello", OK) + [counters] * 15 + sending(b"hello"))
    assert s.send(b"hello") == 5 and 120000 < port.now < 136000
    port.done()


def test_a_send_that_waits_for_its_result_asks_about_a_connection_without_counters():
    unknown = (b"AT+CIPACK=0\r", b"\r\n+IP ERROR: Connection is not created\r\n" + ERROR)
    for then, error in (([GONE, RESTARTED], ModemRestarted), ([GONE, (b"AT+CMEE?\r", SAME[1])], ProtocolError)):
        s, modem, port = connected(sending(b"hello", OK) + [unknown] + then)
        s.settimeout(20)
        with raises(error):
            s.send(b"hello")
        assert 9000 <= port.now < 11000, port.now
        port.done()
    s, modem, port = connected(sending(b"hello", [(0, OK), (12000, b"\r\n+CIPSEND: 0,5,5\r\n")]) + [unknown, ALIVE])
    assert s.send(b"hello") == 5
    port.done()


def test_a_refusal_in_place_of_promised_data_is_a_hole_where_the_module_has_handed_them_out():
    def waits(n):
        return (b"AT+CIPRXGET=4,0\r", b"\r\n+CIPRXGET: 4,0,%d\r\n" % n + OK)

    def has(n):
        return (b"AT+CIPACK=0\r", b"\r\n+CIPACK: 0,0,%d\r\n" % n + OK)

    fetch = b"AT+CIPRXGET=2,0,1500\r"
    first = (fetch, b"\r\n+CIPRXGET: 2,0,5,11\r\nfirst\r\n" + OK)
    last = (fetch, b"\r\n+CIPRXGET: 2,0,5,0\r\nthird\r\n" + OK)
    for counts, hole in (
        ([waits(5), has(16), waits(5)], True),
        ([waits(11), has(16), waits(11), ALIVE], False),
        ([waits(5), has(16), waits(9), has(20), waits(9), ALIVE], True),
        ([waits(11), has(20), waits(15), has(20), waits(15), ALIVE], False),
        ([waits(1), has(1), waits(2), has(2), waits(3), has(3), waits(4), has(4), ALIVE], False),
        ([(waits(0)[0], ERROR), ALIVE], False),
    ):
        s, modem, port = connected([(fetch, NO_DATA), first, (fetch, ERROR)] + counts + [last])
        s.settimeout(30)
        port.later(0, b"\r\n+CIPRXGET: 1,0\r\n")
        assert s.recv(5) == b"first"
        if hole:
            with raises(ProtocolError, "the data in it"):
                s.recv(5)
        else:
            assert s.recv(5) == b"third"
            port.done()


def test_a_send_that_was_cut_short_ends_the_connection_also_when_its_caller_has_gone():
    late = [(0, OK), (2000, b"\r\n+CIPSEND: 0,5,3\r\n")]
    s, modem, port = connected(sending(b"hello", late))
    s.settimeout(1)
    with raises(SocketTimeout):
        s.send(b"hello")
    modem.poll(2000)
    with raises(ConnectionClosed, "took 3 of 5"):
        s.send(b"x")
    with raises(ConnectionClosed, "took 3 of 5"):
        s.recv(1)


def test_a_link_given_out_anew_ends_what_stood_for_it():
    start = (b"AT+SERVERSTART=8080,0,2\r", OK)
    port = ScriptedPort([start])
    modem = ready(port, "a76xx")
    server = modem.socket()
    server.bind(("", 8080))
    server.listen(2)
    port.later(0, b"\r\n+CLIENT: 0,0,10.0.0.1:1\r\n\r\n+IPCLOSE: 0,1\r\n\r\n+CLIENT: 0,0,10.0.0.2:2\r\n")
    a, address = server.accept()
    assert address == ("10.0.0.1", 1)
    with raises(ConnectionClosed):  # nobody had asked for its data
        a.recv(10)
    a.close()  # says nothing to the module, whose link 0 is another client's
    shown = b'+CIPOPEN: 0,"TCP","10.0.0.2",2,0\r\n' + b"".join([b"+CIPOPEN: %d\r\n" % n for n in range(1, 10)])
    port.dialogue = [(b"AT+CIPOPEN?\r", b"\r\n" + shown + OK)]
    b, address = server.accept()
    assert address == ("10.0.0.2", 2)
    port.dialogue = [(b"AT+CIPRXGET=2,0,1500\r", b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n" + OK)]
    assert b.recv(10) == b"abc"
    port.done()
    # as many as may wait, wait; one more is closed at the next chance
    for n in range(1, 4):
        port.later(0, b"\r\n+CLIENT: %d,0,10.0.0.3:3\r\n" % n)
    modem.module.engine.pump()
    port.dialogue = [closing(3)]
    modem.poll(10)
    port.done()
    assert len(server.operations.link.backlog) == 2


def test_a_port_scan_leaves_no_links_behind():
    port = ScriptedPort([(b"AT+SERVERSTART=8080,0,3\r", OK)])
    modem = ready(port, "a76xx")
    server = modem.socket()
    server.bind(("", 8080))
    server.listen()
    for n in range(300):
        port.later(0, b"\r\n+CLIENT: 0,0,10.0.0.1:%d\r\n\r\n+IPCLOSE: 0,1\r\n" % (n + 1))
    port.dialogue = [closing()]  # of the last one, for which there was no room
    modem.poll(10)
    assert len(server.operations.link.backlog) <= 10
    assert len([x for x in modem.module.links if x is not None]) == 1


def test_a_block_that_was_read_for_an_earlier_client_is_missing_to_the_next_one():
    port = ScriptedPort([(b"AT+SERVERSTART=8080,0,3\r", OK)])
    modem = ready(port, "a76xx")
    server = modem.socket()
    server.bind(("", 8080))
    server.listen()
    port.later(0, b"\r\n+CLIENT: 0,0,10.0.0.1:1\r\n")
    port.dialogue = [(b"AT+CIPOPEN?\r", b'\r\n+CIPOPEN: 0,"TCP","10.0.0.1",1,0\r\n' + OK)]
    first, _ = server.accept()
    answer = [(0, b"\r\n+IPCLOSE: 0,1\r\n\r\n+CLIENT: 0,0,10.0.0.2:2\r\n"), (1, b"\r\n+CIPRXGET: 2,0,6,0\r\nsecond\r\n" + OK)]
    port.dialogue = [(b"AT+CIPRXGET=2,0,1500\r", answer)]
    with raises(ConnectionClosed):
        first.recv(10)
    modem.poll(10)  # the answer comes
    second, address = server.accept()
    assert address == ("10.0.0.2", 2)
    port.dialogue = [closing()]
    with raises(ProtocolError):
        second.recv(10)


def test_the_end_of_an_earlier_connection_does_not_end_the_next_one():
    late = (opening()[0], b"\r\n+IPCLOSE: 0,1\r\n" + OK + b"\r\n+IPCLOSE: 0,1\r\n\r\n+CIPOPEN: 0,0\r\n")
    modem = ready(ScriptedPort([late]), "a76xx")
    s = modem.create_connection(("h", 80))
    assert not s.operations.link.ended()


def test_a_result_of_a_close_that_nobody_asked_for_leaves_the_id_to_be_closed():
    for answer in (OK + b"\r\n+CIPCLOSE: 0,0\r\n", b"\r\n+CIPCLOSE: 0,4\r\n" + ERROR):
        stray = (b"AT+CSQ\r", b"\r\n+CIPCLOSE: 0,0\r\n\r\n+CSQ: 20,99\r\n" + OK)
        s, modem, port = connected([stray, (b"AT+CIPCLOSE=0\r", answer), opening()])
        modem.command("AT+CSQ")
        s.close()
        modem.socket().connect(("h", 80))
        port.done()


def test_flags_that_come_late_close_nothing():
    s, modem, port = connected([])
    port.later(0, b"\r\n+CIPCLOSE: 0,0,1,0,0,0,0,0,0,0\r\n")
    modem.poll(10)
    assert not s.operations.link.ended()


def test_reads_that_are_refused_end():
    read = (b"AT+CIPRXGET=2,0,1500\r", b"\r\n+CIPERROR: 4\r\n" + ERROR)
    s, modem, port = connected([read, ALIVE] * 6)
    with raises(CommandError, "refuses to be read") as error:
        s.recv(10)
    assert error.value.code == 4 and len(port.dialogue) < 12


def test_data_that_were_promised_and_are_gone_are_an_error():
    refused = (b"AT+CIPRXGET=2,0,1500\r", ERROR)
    nothing = (b"AT+CIPRXGET=2,0,1500\r", NO_DATA)
    closed, none = (GONE[0], ERROR), (b"AT+CIPOPEN?\r", FREE)
    for dialogue in (
        [refused, (b"AT+CIPRXGET=4,0\r", ERROR), closed, none, SAME, closed, none],
        [nothing, nothing, closed, none, SAME, closed, none],
        [nothing, nothing, closed, none, SAME, GONE],
        [nothing, nothing, GONE, SAME, GONE],
    ):
        s, modem, port = connected(dialogue)
        port.later(0, b"\r\n+CIPRXGET: 1,0\r\n")
        modem.poll(10)
        with raises(ConnectionClosed, "discarded"):
            s.recv(10)
        port.done()
    # a promise that was too much, and an end in order
    s, modem, port = connected([nothing, nothing])
    port.later(0, b"\r\n+CIPRXGET: 1,0\r\n")
    port.later(100, b"\r\n+IPCLOSE: 0,1\r\n")
    assert s.recv(10) == b""
    port.done()


def test_the_result_of_netopen_that_does_not_come_is_asked_for():
    from tests.simcom.test_context import DEFINE, FOUND_CLOSED, IS_OPEN, READY, REGISTERED, SIM, connect, offline

    for answer in (OK, OK + b"\r\n+NETOPEN: 0"):
        dialogue = SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [(b"AT+NETOPEN\r", answer), IS_OPEN] + READY
        modem, port = offline(dialogue)
        assert connect(modem) == "10.148.0.17" and port.now < 15000
        port.done()


def test_answers_are_taken_by_their_shape():
    urc = b"\r\n+CIPRXGET: 1,0\r\n\r\n+IPCLOSE: 0,1\r\n\r\n+CIPCLOSE: 0,0\r\n"
    s, modem, port = connected([(b"AT+CIPRXGET?\r", urc[:18] + b"\r\n+CIPRXGET: 1\r\n" + OK)])
    assert modem.configure("ciprxget") == (1,)
    assert s.operations.link.promised


def test_a_lookup_given_up_does_not_answer_the_next_one():
    port = ScriptedPort([
        (b'AT+CDNSGIP="first"\r', b""), (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK),
        (b'AT+CDNSGIP="second"\r', b'\r\n+CDNSGIP: 1,"first","10.0.0.1"\r\n\r\n+CDNSGIP: 1,"second","10.0.0.2"\r\n' + OK),
    ])  # fmt: skip
    modem = ready(port, "a76xx")
    with raises(ModemTimeout):
        modem.resolve("first")
    assert modem.resolve("second") == (["10.0.0.2"], 0)


def test_the_time_that_comes_with_the_result():
    port = ScriptedPort([
        (b'AT+CNTP="pool",0\r', OK), (b"AT+CNTP\r", OK + b'\r\n+CNTP: 0,"2026/11/30,10:00:00"\r\n'),
        (b"AT+CCLK?\r", b'\r\n+CCLK: "26/11/30,10:00:01+00"\r\n' + OK),
    ])  # fmt: skip
    assert ready(port, "a76xx").sync_time("pool") == (2026, 11, 30, 10, 0, 1, 0)


def test_no_address_is_no_connection():
    from tests.simcom.test_context import DEFINE, FOUND_CLOSED, OPEN, READY, REGISTERED, SIM, offline

    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [OPEN, (READY[0][0], b"\r\n+IPADDR: 0.0.0.0\r\n" + OK)])
    with raises(CommandError, "no address"):
        modem.connect("CMNET")
    assert not modem.isconnected()


def test_a_tls_service_left_running_that_refuses_its_settings_is_started_anew():
    from tests.simcom.test_tls import CLOCK, connect, opening, service, settings

    stop = (b"AT+CCHSTOP\r", OK + b"\r\n+CCHSTOP: 0\r\n")
    port = ScriptedPort([(b"AT+CCHSET=1,1\r", ERROR), stop] + service() + [CLOCK] + settings() + opening())
    connect(ready(port, "a76xx"))
    port.done()


def test_a_session_that_keeps_other_tls_settings_is_not_opened():
    from tests.simcom.test_tls import CLOCK, connect, opening, service, settings

    refused = (b"AT+CCHSSLCFG=0,0\r", ERROR)
    asked = (b"AT+CCHSSLCFG?\r", b"\r\n+CCHSSLCFG: 0,5\r\n+CCHSSLCFG: 1,1\r\n" + OK)
    port = ScriptedPort(service() + [CLOCK] + settings() + [refused, asked])
    with raises(CommandError, "other TLS settings"):
        connect(ready(port, "a76xx"))
    port.done()
    port = ScriptedPort(service() + [CLOCK] + settings() + [refused, (asked[0], ERROR)] + opening()[1:])
    connect(ready(port, "a76xx"))
    port.done()


def test_a_read_of_a_tls_session_that_is_refused_ends():
    from tests.simcom.test_tls import START, connect, reading

    row = b'\r\n+CCHOPEN: 0,"www.example.com",443,2,\r\n+CCHOPEN: 1,"",,,\r\n\r\n' + OK
    for answer in (ERROR, b"\r\n+CCHRECV: 0,3\r\n" + ERROR, OK + b"\r\n+CCHRECV: 0,3\r\n"):
        port = ScriptedPort(START + [(reading()[0], answer), (b"AT+CCHOPEN?\r", row)] * 6)
        s = connect(ready(port, "a76xx"))
        with raises(CommandError, "refuses to be read"):
            s.recv(10)


def test_a_restart_ends_what_waits_for_a_result():
    from tests.simcom.test_context import DEFINE, FOUND_CLOSED, REGISTERED, SIM, offline

    boot = [(0, OK), (2000, b"\r\n*ATREADY: 1\r\n")]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [(b"AT+NETOPEN\r", boot)])
    with raises(ModemRestarted):
        modem.connect("CMNET")
    assert port.now < 5000 and not modem.isconnected()
    s, modem, port = connected([(closing()[0], boot)])
    s.close()
    assert port.now < 5000
    modem = ready(ScriptedPort([(opening()[0], boot)]), "a76xx")
    with raises(ModemRestarted):
        modem.create_connection(("h", 80))
    s, modem, port = connected(sending(b"hello", boot))
    with raises(ModemRestarted):
        s.send(b"hello")
    assert port.now < 5000
