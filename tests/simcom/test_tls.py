"""TLS sessions and the certificate store of A76XX. Scripted, on both Pythons."""

import sys

from modem import CommandError, ConnectionClosed, ModemError, NotSupported, ProtocolError, SocketTimeout
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, modem_of, ready
from tests.rigs.transcripts import transcript

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
URC = b"\r\n+CIPRXGET: 1,7\r\n"
CLOCK = (b"AT+CCLK?\r", b'\r\n+CCLK: "26/11/21,12:00:00+00"\r\n' + OK)


def settings(n=0, level=1, sni=1, extra=(), check_time=0, ca=True):
    values = [(b"sslversion", b"3"), (b"authmode", b"%d" % level)]
    values += [(b"cacert", b'"ca_cert.pem"')] if ca else []
    values += list(extra) + [(b"ignorelocaltime", b"%d" % check_time), (b"negotiatetime", b"300"), (b"enableSNI", b"%d" % sni)]
    return [(b'AT+CSSLCFG="%s",%d,%s\r' % (item, n, value), OK) for item, value in values]


def service(manual=1, answer=OK + b"\r\n+CCHSTART: 0\r\n"):
    return [(b"AT+CCHSET=1,%d\r" % manual, OK), (b"AT+CCHSTART\r", answer)]


def opening(n=0, answer=None):
    line = b'AT+CCHOPEN=%d,"www.example.com",443,2\r' % n
    return [(b"AT+CCHSSLCFG=%d,%d\r" % (n, n), OK), (line, OK + b"\r\n+CCHOPEN: %d,0\r\n" % n if answer is None else answer)]


def reading(data=None, n=0, size=1536):
    block = b"" if data is None else b"\r\n+CCHRECV: DATA,%d,%d\r\n" % (n, len(data)) + data
    return (b"AT+CCHRECV=%d,%d\r" % (n, size), OK + block + b"\r\n+CCHRECV: %d,0\r\n" % n)


def sending(data, n=0, result=0):
    return [(b"AT+CCHSEND=%d,%d\r" % (n, len(data)), b"\r\n>"), (data, OK + b"\r\n+CCHSEND: %d,%d\r\n" % (n, result))]


CLOSING = (b"AT+CCHCLOSE=0\r", OK + b"\r\n+CCHCLOSE: 0,0\r\n")
START = service() + [CLOCK] + settings() + opening()


def connect(modem, **options):
    return modem.create_connection(("www.example.com", 443), tls=modem.tls_context(ca="ca_cert.pem"), **options)


def modem_for(dialogue):
    modem = ready(ScriptedPort(dialogue), "a76xx")
    return modem, modem.module.port


def test_sessions_are_listed_behind_the_links():
    rows = b'\r\n+CCHOPEN: 0,"www.example.com",443,2,\r\n+CCHOPEN: 1,5\r\n+CCHOPEN: 1,"",,,\r\n\r\n' + OK
    dialogue = START + [(b"AT+CIPOPEN?\r", OK), (b"AT+CCHOPEN?\r", rows)] * 2
    modem, port = modem_for(dialogue)
    connect(modem)
    want = (0, "SSLCLIENT", "www.example.com", 443, None, "connected", 1, None, "buffer", None)
    assert modem.connections() == [want] and modem.connections(link=1) == []
    assert modem.module.engine.unknown == 2  # the results of the other session, which is nobody's here
    port.done()


def test_a_session_in_manual_mode_however_the_line_cuts_it():
    text = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    dialogue = START + sending(text) + [reading(reply), CLOSING]

    def scene(m):
        with connect(m) as s:
            s.sendall(text)
            return s.recv(100)

    modem, port = modem_for(dialogue)
    check("S-416", scene(modem), reply)
    sent = bytes(port.sent)
    check("S-412", 0 <= sent.find(b"CCHSET=1,1") < sent.find(b"CCHSTART") < sent.find(b"CCHOPEN"), True)
    assert feed_all_ways(dialogue, scene, reply, opaque=(reply,), urc=URC, model="a76xx", step=7) > 60
    check("S-428", (modem.module.links[10], port.dialogue), (None, []))
    modem, port = modem_for(START + sending(text, result=0))
    s = connect(modem)
    check("S-413", modem.module.dialect.cch, 0)
    s.sendall(text)
    check("S-419", (s.link.taken, s.link.sent), (0, 41))
    check("S-418", bytes(port.sent).endswith(b"AT+CCHSEND=0,41\r" + text), True)


def test_server_verification_is_asked_for_and_never_lowered():
    modem, port = modem_for(START)
    connect(modem)
    sent = bytes(port.sent)
    check(
        "S-407", [line.split(b",")[0] for line, _ in settings() if line in sent], [line.split(b",")[0] for line, _ in settings()]
    )
    check("S-427", b'"enableSNI",0,1\r' in sent, True)
    modem, port = modem_for([])
    with raises(ValueError, "no CA file"):
        modem.create_connection(("www.example.com", 443), tls=modem.tls_context())
    check("S-425", bytes(port.sent), b"")
    modem, port = modem_for(service() + settings(level=0, check_time=0, ca=False) + opening())
    modem.create_connection(("www.example.com", 443), tls=modem.tls_context(verify=False))
    port.done()
    mine = ((b"clientcert", b'"me.pem"'), (b"clientkey", b'"me-key.pem"'))
    modem, port = modem_for(service() + [CLOCK] + settings(level=2, extra=mine) + opening())
    modem.create_connection(
        ("www.example.com", 443), tls=modem.tls_context(ca="UFS:ca_cert.pem", cert="me.pem", key="me-key.pem")
    )
    port.done()


def test_a_clock_that_is_not_set_is_seen_to_before_dates_are_checked():
    unset = (b"AT+CCLK?\r", b'\r\n+CCLK: "70/01/01,00:00:10+00"\r\n' + OK)

    __import__("modem.tls")
    clock = sys.modules["modem.tls"]
    kept = clock.utc
    clock.utc = lambda: None
    try:
        board, port = modem_for(service() + [unset])
        with raises(ModemError, "sync_time"):
            connect(board)
        check("S-426", b"ignorelocaltime" in bytes(port.sent), False)
        clock.utc = lambda: (2026, 9, 9, 1, 32, 5, 2, 252)
        given = (b'AT+CCLK="26/09/09,01:32:05+00"\r', OK)
        board, port = modem_for(service() + [unset, given] + settings() + opening())
        connect(board)
        sent = bytes(port.sent)
        check("S-426", 0 < sent.find(given[0]) < sent.find(b'"ignorelocaltime",0,0\r'), True)
    finally:
        clock.utc = kept


def test_an_address_gets_no_server_name():
    modem, port = modem_for(
        service()
        + [CLOCK]
        + settings(sni=0)
        + [(b"AT+CCHSSLCFG=0,0\r", OK), (b'AT+CCHOPEN=0,"10.0.0.1",443,2\r', OK + b"\r\n+CCHOPEN: 0,0\r\n")]
    )
    modem.create_connection(("10.0.0.1", 443), tls=modem.tls_context(ca="ca_cert.pem"))
    port.done()


def test_the_result_of_cchstart_may_come_first_and_a_service_left_running_is_started_anew():
    modem, port = modem_for(service(answer=b"\r\n+CCHSTART: 0\r\n" + OK) + [CLOCK] + settings() + opening())
    connect(modem)
    check("S-414", port.dialogue, [])
    stop = (b"AT+CCHSTOP\r", OK + b"\r\n+CCHSTOP: 0\r\n")
    modem, port = modem_for(service(answer=ERROR) + [stop] + START)
    connect(modem)
    check("S-429", port.dialogue, [])


def test_two_sessions_at_a_time():
    second = [CLOCK] + settings(1) + opening(1)
    modem, port = modem_for(START + second + sending(b"abc", 1) + [reading(b"xyz", 1), reading(b"uvw", 0)])
    a = connect(modem)
    b = connect(modem)
    b.sendall(b"abc")
    check("S-417", (a.connection_id(), b.connection_id(), b.recv(10), a.recv(10)), (0, 1, b"xyz", b"uvw"))
    with raises(OSError, "all 2"):
        connect(modem)
    with raises(NotSupported, "buffer is in force"):
        modem.module.links[11] = None
        connect(modem, access="push")


def test_data_comes_after_its_announcement():
    announced = (reading()[0], [(0, reading()[1]), (1000, b"\r\n+CCHEVENT: 0,RECV EVENT\r\n")])
    modem, port = modem_for(START + [announced, reading(b"abc"), reading()])
    s = connect(modem)
    s.settimeout(5)
    check("S-421", s.recv(10), b"abc")
    with raises(SocketTimeout):
        s.recv(10)


def test_every_order_and_number_of_blocks():
    line = reading()[0]
    two = b"\r\n+CCHRECV: DATA,0,3\r\nOK\r" + b"\r\n+CCHRECV: DATA,0,4\r\n\nabc"
    for answer in (OK + two + b"\r\n+CCHRECV: 0,0\r\n", two + b"\r\n+CCHRECV: 0,0\r\n" + OK):
        modem, port = modem_for(START + [(line, answer), CLOSING])
        with connect(modem) as s:
            assert s.read(7) == b"OK\r\nabc"
        port.done()


def test_the_end_by_the_peer_comes_after_what_is_cached():
    modem, port = modem_for(START + [reading(b"last"), (reading()[0], b"\r\n+CCHRECV: 0,11\r\n" + ERROR), CLOSING])
    s = connect(modem)
    port.later(0, b"\r\n+CCHEVENT: 0,RECV EVENT\r\n\r\n+CCH_PEER_CLOSED: 0\r\n")
    check("S-424", s.read(), b"last")
    with raises(ConnectionClosed):
        s.send(b"x")
    s.close()
    port.done()


def test_pushed_data():
    data = b"\r\nOK\r\n+CCHRECV: 0,0\r\n"
    modem, port = modem_for(service(0) + [CLOCK] + settings() + opening())
    s = connect(modem, access="push")
    port.later(0, b"\r\n+CCHRECV: DATA,0,%d\r\n" % len(data) + data)
    check("S-420", s.recv(100), data)


def test_data_pushed_to_a_session_that_never_was_are_missed_by_the_one_there_is():
    modem, port = modem_for(service(0) + [CLOCK] + settings() + opening())
    s = connect(modem, access="push")
    port.later(0, b"\r\n+CCHRECV: DATA,1,20\r\n01234567890123456789\r\n+CCHRECV: DATA,0,5\r\nlater")
    with raises(ProtocolError):
        s.recv(100)


def test_a_handshake_that_fails_and_other_numbers():
    for code, words in ((15, "handshake"), (13, "DNS"), (19, "certificates")):
        failed = (START[-1][0], OK + b"\r\n+CCHOPEN: 0,%d\r\n" % code)
        modem, port = modem_for(START[:-1] + [failed, (CLOSING[0], b"\r\n+CCHCLOSE: 0,4\r\n" + ERROR)])
        with raises(CommandError, words) as error:
            connect(modem)
        assert (error.value.code, error.value.family, modem.module.links[10]) == (code, "simcom-tls", None)
        assert "diagnose" in str(error.value)
    modem, port = modem_for(START + sending(b"abc", result=6) + [CLOSING])
    s = connect(modem)
    with raises(ConnectionClosed, "transfer failed"):
        s.send(b"abc")


def test_bytes_lost_in_a_block_are_noticed():
    data = bytes([n * 7 & 255 for n in range(200)])
    end = reading(data)[1][len(OK) :]
    for whole in (OK + end, end + OK):
        for n in (1, 2, 3, 9, 16, 17, 18, 30, 120):
            for at in (0, 77, len(data) - n):
                start = whole.find(data) + at
                replies = [whole, whole[:start] + whole[start + n :]]
                s = connect(ready(answering(replies), "a76xx"))
                s.settimeout(60)
                assert s.recv(1000) == data
                with raises(ProtocolError, "missing"):
                    got = s.recv(1000)
                    raise AssertionError("%d bytes were delivered" % len(got))
                s.close()
                assert modem_of(s).status("rssi") == -57


def answering(replies):
    """A scripted module with one TLS session, and what it answers to each read."""
    return Module({
        b"AT+CCHSTART": OK + b"\r\n+CCHSTART: 0\r\n", b"AT+CCHOPEN=": OK + b"\r\n+CCHOPEN: 0,0\r\n", CLOCK[0][:-1]: CLOCK[1],
        b"AT+CCHCLOSE=": CLOSING[1], b"AT+CCHRECV=": lambda line: replies.pop(0) if replies else reading()[1],
    })  # fmt: skip


def test_blocks_that_follow_each_other_are_each_compared():
    block = b"\r\n+CCHRECV: DATA,0,5\r\nhello"
    end = b"\r\n+CCHRECV: 0,0\r\n"
    modem, port = modem_for(START + [(reading()[0], OK + block * 3 + end), (reading()[0], OK + block + block[:-1] + block + end)])
    s = connect(modem)
    s.settimeout(60)
    assert s.read(15) == b"hello" * 3
    assert s.read(5) == b"hello"
    with raises(ProtocolError, " 1 bytes are missing"):
        s.read(1)


def test_what_is_pending_and_what_is_cached():
    modem, port = modem_for(
        START
        + sending(b"abc")
        + [(b"AT+CCHSEND?\r", b"\r\n+CCHSEND: 0,1,1,0\r\n" + OK), (b"AT+CCHRECV?\r", b"\r\n+CCHRECV: LEN,40,0\r\n" + OK)]
    )
    s = connect(modem)
    s.send(b"abc")
    assert s.stats() == (3, 2, 1)
    check("S-422", modem.command("AT+CCHRECV?"), [b"+CCHRECV: LEN,40,0"])


def test_the_service_that_is_lost_with_the_network():
    for line in (b"+CCH: CCH STOP", b"+CCH:CCH STOP"):
        modem, port = modem_for(START + [reading()])
        s = connect(modem)
        port.later(100, b"\r\n" + line + b"\r\n")
        with raises(ConnectionClosed, "TLS service"):
            s.recv(10)
        assert modem.module.dialect.cch is None


def test_what_the_module_is_set_to():
    shown = b'\r\n+CSSLCFG: 0,3,1,0,300,"ca_cert.pem","","","",1\r\n' + OK
    modem, port = modem_for(START + [(b"AT+CSSLCFG=0\r", shown)])
    tls = modem.tls_context(ca="ca_cert.pem")
    assert tls.read() is None
    modem.create_connection(("www.example.com", 443), tls=tls)
    found = tls.read()
    check(
        "S-408",
        (found["version"], found["verify"], found["check_time"], found["ca"], found["sni"]),
        ("tls1.2", True, True, "ca_cert.pem", True),
    )


def test_what_the_model_lacks_is_refused_before_anything_is_sent():
    modem, port = modem_for([])
    for options in (
        {"ciphers": "TLS_RSA_WITH_AES_128_CBC_SHA"},
        {"dtls": True},
        {"ignore": "expired"},
        {"version": ("tls1.0", "tls1.2")},
    ):
        with raises(NotSupported, "a76xx"):
            modem.tls_context(ca="ca_cert.pem", **options)
    with raises(NotSupported, "buffer or push"):
        connect(modem, access="transparent")
    for bad in ("ca.txt", ".pem", "x" * 105 + ".pem"):
        with raises(ValueError):
            modem.tls_context(ca=bad)
    modem, port = modem_for(START)
    with raises(NotSupported, "buffer or push"):
        connect(modem).switch("transparent")
    port.done()


# --- the certificate store


def test_a_certificate_goes_in_and_out():
    example = transcript("GK-CCERTDOWN")
    pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    empty = (b"AT+CCERTLIST\r", OK)
    listed = (b"AT+CCERTLIST\r", b'\r\n+CCERTLIST: "ca_cert.pem"\r\n' + OK)
    down = [(b'AT+CCERTDOWN="ca_cert.pem",59\r', b"\r\n>"), (pem, OK)]
    remove = (b'AT+CCERTDELE="ca_cert.pem"\r', OK)
    steps = []
    modem, port = modem_for([empty] + down + [listed, listed, remove])
    modem.files.put("UFS:ca_cert.pem", pem, lambda done, total: steps.append((done, total)))
    check("S-409", steps, [(59, 59)])
    assert b'AT+CCERTDOWN="ca_cert.pem",59\r' in example.host()
    assert modem.files.list("*.pem") == [("ca_cert.pem", None)]
    modem.files.remove("ca_cert.pem")
    check("S-411", port.dialogue, [])
    modem, port = modem_for([listed, remove] + down + [listed])
    modem.files.put("UFS:ca_cert.pem", pem)  # in place of the one of that name
    port.done()
    modem, port = modem_for([])
    for name, data in (("ca.txt", b"x"), ("ca_cert.pem", bytes(10241))):
        with raises(ValueError):
            modem.files.put(name, data)
    for call in (lambda: modem.files.get("ca_cert.pem"), modem.files.free):
        with raises(NotSupported):
            call()


def test_blanks_in_the_lines_of_a_session_change_nothing():
    blocks = (b"one", b"two two", b"x" * 600)
    for colon, comma in ((b":", b","), (b": ", b", "), (b":  ", b",  ")):

        def spaced(pair, colon=colon, comma=comma):
            line, answer = pair
            head, payload, tail = answer, b"", b""
            for block in blocks:
                if block in answer:
                    head, payload, tail = answer.partition(block)
            return line, head.replace(b": ", colon).replace(b",", comma) + payload + tail.replace(b": ", colon)

        dialogue = START + sending(b"hello") + [reading(block) for block in blocks] + [CLOSING]
        modem, port = modem_for([spaced(pair) if pair != CLOCK else pair for pair in dialogue])
        with connect(modem) as s:
            s.sendall(b"hello")
            check("S-004", [s.recv(1000) for _ in blocks], list(blocks))
        port.done()
