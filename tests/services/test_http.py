"""HTTP and HTTPS by SIM7100: requests, framings of the response, every printed spelling, errors. Scripted, on both Pythons."""

import io
from collections import OrderedDict

from modem import CommandError, ConnectionClosed, ModemTimeout, NotSupported, ProtocolError
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import feed_all_ways
from tests.services.test_ftp import ERROR, OK, URC, block, code_of, on, texts_of, turns

SITE = "http://www.mywebsite.com"
ACT = b'AT+CHTTPACT="www.mywebsite.com",80\r'
REQUEST = b"\r\n+CHTTPACT: REQUEST\r\n"
END = b"\r\n+CHTTPACT: 0\r\n"
HEAD = b"GET /a HTTP/1.1\r\nHost: www.mywebsite.com\r\nConnection: close\r\n\r\n"
TRAP = b"\r\nOK\r\n\r\n+CHTTPACT: 0\r\n\r\n+CHTTPACT: DATA, 5\r\n\x1a\x03\x00\xff> "


def reply(body, extra=b"", name=b"CHTTPACT", cut=30):
    """A response with a length, in two blocks."""
    data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(body) + extra + b"\r\n" + body
    return block(name, data[:cut], b"DATA, %d") + block(name, data[cut:])


def exchange(answer, request=HEAD):
    return [(ACT, REQUEST), (request + b"\x1a", answer)]


def get(modem):
    response = modem.http().get(SITE + "/a")
    return response.status, response.read()


def failed(answer, call=get):
    modem, port = on(exchange(answer))
    with raises(CommandError) as error:
        call(modem)
    return error.value


def test_a_request_is_complete_and_the_response_is_joined():
    dialogue = exchange(OK + reply(TRAP) + END)
    modem, port = on(dialogue)
    check("S-197", get(modem), (200, TRAP))
    check("S-196", bytes(port.sent), ACT + HEAD + b"\x1a")
    check("S-204", get(on(dialogue)[0]), (200, TRAP))
    assert feed_all_ways(dialogue, get, (200, TRAP), (TRAP,), URC, "sim7100", 3) > 30
    modem, port = on(exchange(OK + reply(TRAP) + b"\x1a\r\n+CHTTPACT: 0\r\n"))
    check("S-203", get(modem), (200, TRAP))
    modem, port = on(
        exchange(reply(TRAP) + END) + [(b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK), (b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK)]
    )
    assert get(modem) == (200, TRAP) and modem.status("rssi") == -95, "without OK: IS 6.1"


def test_a_request_that_is_broken_off_before_its_command_has_gone_out_leaves_nothing_behind():
    lined_up = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)
    modem, port = on([lined_up, lined_up] + exchange(OK + reply(TRAP) + END))
    modem.module.engine.desync = True
    client = modem.http()
    wait = port.wait

    def interrupted(timeout_ms, coming=1):
        port.wait = wait
        raise KeyboardInterrupt

    port.wait = interrupted  # while the line is being lined up
    try:
        client.get(SITE + "/a")
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    response = client.get(SITE + "/a")
    assert (response.status, response.read()) == (200, TRAP) and port.now < 1000, port.now


def test_the_printed_examples():
    for ident in ("SIM7100-CHTTPACT-1", "SIM7100-CHTTPACT-2"):
        dialogue = turns(ident)
        request = dialogue[1][0]
        modem, port = on(dialogue)
        into = io.BytesIO()
        n = modem.http().raw("www.mywebsite.com", 80, request[:-1], into)
        assert n == len(into.getvalue()) and into.getvalue().startswith(b"HTTP/1.1 200 OK\r\n"), ident
        port.done()
    dialogue = turns("SIM7100-CHTTPACT-6-D")
    modem, port = on(
        [dialogue[0], (b"POST /b HTTP/1.1\r\nHost: www.mywebsite.com\r\nConnection: close\r\nContent-Length: 3\r\n\r\n", b"")]
    )
    port.dialogue[1] = (port.dialogue[1][0] + b"\x03\x03x\x03\x1a\x1a", dialogue[1][1])
    response = modem.http().post(SITE + "/b", b"\x03x\x1a")
    check("S-205", (response.status, response.read(), port.dialogue), (200, b"", []))


def test_each_failure_has_its_number_and_text():
    modem, port = on([(ACT, b"\r\n+CME ERROR: 221\r\n")])
    check("S-199", code_of(get, modem), 221)
    check("S-200", failed(b"\r\n+CME ERROR: 227\r\n").code, 227)
    found = failed(OK + b"\r\n+CHTTPACT: 222\r\n")
    check("S-201", (found.code, str(found).find("(server address not resolved)") > 0), (222, True))
    check("S-198", failed(b"\r\n+CHTTPACT: 223\r\n").code, 223)
    check(
        "S-201",
        failed(OK + block(b"CHTTPACT", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") + b"\r\n+CHTTPACT: 224\r\n").code,
        224,
    )
    modem, port = on(exchange(OK + b"\r\n+CHTTPACT: 227\r\n") + exchange(OK + reply(b"x") + END))
    client = modem.http()
    check("S-201", code_of(client.get, SITE + "/a"), 227)
    assert client.get(SITE + "/a").read() == b"x", "the module is usable afterwards"


def test_each_number_has_a_text_of_its_own():
    def call(answer):
        get(on([(ACT, answer)])[0])

    assert len(texts_of(range(220, 228), call)) == 8


def test_bodies_in_each_framing_and_those_that_end_too_early():
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n"
        + TRAP[:10]
        + b"\r\n0\r\nTrailer: 1\r\n\r\n"
    )
    until = b"HTTP/1.0 200 OK\r\nX: 1\r\nX: 2\r\n\r\n" + TRAP
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    for data, want in ((chunked, (200, b"hello" + TRAP[:10])), (until, (200, TRAP)), (early, (204, b""))):
        for size in (1, 7, len(data)):
            parts = [block(b"CHTTPACT", data[i : i + size]) for i in range(0, len(data), size)]
            modem, port = on(exchange(OK + b"".join(parts) + END))
            assert get(modem) == want, (data, size)
    for data in (chunked[:60], b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", b"HTTP/1.1 200"):
        modem, port = on(exchange(OK + block(b"CHTTPACT", data) + END))
        with raises(ConnectionClosed, "ended"):
            get(modem)
    for data in (b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"):
        modem, port = on(exchange(OK + block(b"CHTTPACT", data) + END))
        with raises(ProtocolError):
            get(modem)
    modem, port = on(exchange(OK + block(b"CHTTPACT", until) + END))
    response = modem.http().get(SITE + "/a")
    assert response.headers == {"x": "1, 2"} and response.read(3) == TRAP[:3]
    response.close()
    assert response.read() == b""


def test_requests_are_checked_and_bodies_of_unknown_length_go_in_chunks():
    modem, port = on([])
    client = modem.http()
    for url in ("https://a/", "http://", "http://a:0/", "http://u@a/", "http://a/\xe4", "ftp://a"):
        with raises(ValueError):
            client.get(url)
    with raises(ValueError, "method"):
        client.request("get", SITE)
    with raises(ValueError, "line end"):
        client.get(SITE, {"X": "a\r\nb"})
    assert not port.sent
    head = b"POST /?q HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
    sent = head + b"5\r\nhello\r\n0\r\n\r\n\x1a"
    modem, port = on([(b'AT+CHTTPACT="::1",8080\r', REQUEST), (sent, OK + reply(b"") + END)])
    assert modem.http().post("http://[::1]:8080?q", io.BytesIO(b"hello"), {"A": "b"}).read() == b""


def test_redirects_only_when_asked_for():
    moved = block(b"CHTTPACT", b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n")
    first = exchange(OK + moved + END, HEAD.replace(b"/a", b"/b"))
    modem, port = on(first)
    assert modem.http().get(SITE + "/b").status == 302
    modem, port = on(first + exchange(OK + reply(b"there") + END))
    assert modem.http().get(SITE + "/b", redirects=1).read() == b"there"
    port.done()


def _moved(to):
    return block(b"CHTTPACT", b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % to)


def test_where_a_redirect_leads():
    for to, path in (
        (b"a", b"/x/a"), (b"?q=/", b"/x/b?q=/"), (b"/a", b"/a"), (b"//www.mywebsite.com/a", b"/a"),
        (b"HTTP://www.mywebsite.com/a", b"/a"), (b"a?to=http://b/", b"/x/a?to=http://b/"),
    ):  # fmt: skip
        first = exchange(OK + _moved(to) + END, HEAD.replace(b"/a", b"/x/b?c=/d/"))
        modem, port = on(first + exchange(OK + reply(b"there") + END, HEAD.replace(b"/a", path)))
        assert modem.http().get(SITE + "/x/b?c=/d/", redirects=1).read() == b"there", to
        port.done()
    for to in (b"https://www.mywebsite.com/a", b"ftp://b/", b"http://", b"/\xc3\xbc", b"http://b:99999/"):
        modem, port = on(exchange(OK + _moved(to) + END))
        response = modem.http().get(SITE + "/a", redirects=3)  # cannot be followed: the program sees it as it is
        assert (response.status, response.read()) == (302, b"")


def test_a_redirect_takes_no_secrets_to_another_server():
    secret = HEAD.replace(b"close\r\n", b"close\r\nAuthorization: Basic x\r\nCookie: a=b\r\nAccept: */*\r\n")
    for to, there, kept in ((b"/b", b"www.mywebsite.com", secret), (b"http://b.example/b", b"b.example", HEAD)):
        want = kept.replace(b"/a", b"/b").replace(b"www.mywebsite.com", there)
        if kept is HEAD:
            want = want.replace(b"close\r\n", b"close\r\nAccept: */*\r\n")
        second = [(b'AT+CHTTPACT="%s",80\r' % there, REQUEST), (want + b"\x1a", OK + reply(b"there") + END)]
        modem, port = on(exchange(OK + _moved(to) + END, secret) + second)
        headers = OrderedDict((("Authorization", "Basic x"), ("Cookie", "a=b"), ("Accept", "*/*")))
        assert modem.http().get(SITE + "/a", headers, redirects=1).read() == b"there"
        port.done()


# --- HTTPS

START = [(b"AT+CHTTPSSTART\r", OK), (b'AT+CHTTPSOPSE="www.mywebsite.com",443\r', OK)]
STOP = [(b"AT+CHTTPSCLSE\r", OK), (b"AT+CHTTPSSTOP\r", OK)]
KEPT = HEAD.replace(b"close", b"keep-alive")
SEND = [(b"AT+CHTTPSSEND=%d\r" % len(KEPT), b"\r\n>"), (KEPT, OK), (b"AT+CHTTPSSEND\r", OK + b"\r\n+CHTTPSSEND: 0\r\n")]
LEN = b"AT+CHTTPSRECV?\r"
EVENT = b"\r\n+CHTTPS: RECV EVENT\r\n"


def cached(n):
    return (LEN, b"\r\n+CHTTPSRECV: LEN,%d\r\n" % n + OK)


def receive(data, n=None, code=0):
    asked = b"AT+CHTTPSRECV=%d\r" % (len(data) if n is None else n)
    return (asked, OK + block(b"CHTTPSRECV", data, b"DATA, %d,") + b"\r\n+CHTTPSRECV: %d\r\n" % code)


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + TRAP[:20] + b"\x1a" * 20


def secure(modem):
    client = modem.https(verify=False)
    body = client.get("https://www.mywebsite.com/a").read()
    client.close()
    return body


def test_https_wants_verify_false():
    modem, port = on([])
    with raises(NotSupported, "cannot verify", "verify=False"):
        modem.https()
    assert not port.sent


def test_a_session_from_start_to_stop():
    dialogue = START + SEND + [cached(0), receive(ANSWER[:9], 1), cached(len(ANSWER) - 9), receive(ANSWER[9:])] + STOP
    modem, port = on(dialogue)
    check("S-218", secure(modem), ANSWER[-40:])
    port.done()
    check("S-209", bytes(port.sent).endswith(b"AT+CHTTPSCLSE\rAT+CHTTPSSTOP\r"), True)
    check("S-211", b"AT+CHTTPSSEND=%d\r" % len(KEPT) + KEPT in port.sent, True)
    check("S-215", b"AT+CHTTPSSEND\r" in port.sent, True)
    check("S-219", b"AT+CHTTPSRECV=1\r" in port.sent, True)
    assert feed_all_ways(dialogue[2:-2], opened, ANSWER[-40:], (ANSWER[:9], ANSWER[9:]), URC, "sim7100", 5) > 20


def opened(modem):
    client = modem.https(verify=False)
    operations = client.operations
    operations.state.results_follow["simcom-https"] = False
    session = operations._session
    session._listen()
    session._started = True
    session.peer = ("www.mywebsite.com", 443)
    return client.get("https://www.mywebsite.com/a").read()


def test_every_printed_spelling_of_the_send_command():
    for shown in (b"+CHTTPSSEND", b"+CHTTPSEND", b"+CMMSSEND", b"+CHTTPSENDD"):
        flush = (b"AT+CHTTPSSEND\r", OK + b"\r\n" + shown + b": 0\r\n")
        modem, port = on(SEND[:2] + [flush, cached(len(ANSWER)), receive(ANSWER)])
        check("S-217", opened(modem), ANSWER[-40:])
    other = [(line.replace(b"CHTTPSSEND", b"CHTTPSEND"), answer) for line, answer in SEND]
    refused = [(SEND[0][0], ERROR), (b"AT+CHTTPSSEND?\r", ERROR)]
    modem, port = on(refused + other + [cached(len(ANSWER)), receive(ANSWER)])
    assert opened(modem) == ANSWER[-40:]
    modem, port = on(turns("SIM7100-CHTTPSSEND-3"))
    check("S-214", modem.https(verify=False).unsent(), 88)


def test_results_by_a_line_of_their_own():
    lines = [
        (START[0][0], [(0, OK), (50, b"\r\n+CHTTPSSTART: 0\r\n")]),
        (START[1][0], [(0, OK), (7000, b"\r\n+CHTTPSOPSE: 0\r\n")]),
    ]
    stop = [(line, OK + b"\r\n+" + line[3:-1] + b": 0\r\n") for line, _ in STOP]
    modem, port = on(lines + SEND + [cached(len(ANSWER)), receive(ANSWER)] + stop)
    check("S-210", secure(modem), ANSWER[-40:])
    assert port.now >= 7050
    modem, port = on([lines[0], (START[1][0], [(0, OK), (500, b"\r\n+CHTTPSOPSE: 14\r\n")]), stop[1]])
    with raises(CommandError, "14 (socket not connected)"):
        modem.https(verify=False).get("https://www.mywebsite.com/a")
    port.done()


def test_the_event_tells_of_data_and_all_are_read():
    late = (b"AT+CHTTPSRECV=1\r", [(0, b"\r\n+CHTTPSRECV: 5\r\n" + ERROR), (600, EVENT)])
    parts = [late, cached(20), receive(ANSWER[:20]), cached(len(ANSWER) - 20), receive(ANSWER[20:])]
    modem, port = on(SEND + [cached(0)] + parts)
    check("S-222", opened(modem), ANSWER[-40:])
    port.done()
    modem, port = on(SEND + [(LEN, ERROR), receive(ANSWER, 1)])
    assert opened(modem) == ANSWER[-40:], "firmware that does not tell how much there is"


def test_the_server_closes_and_errors_while_receiving():
    endless = b"HTTP/1.1 200 OK\r\n\r\nabc"
    notify = b"\r\n+CHTTPSNOTIFY: PEER CLOSED\r\n"
    closed = (STOP[0][0], ERROR)
    read = (b"AT+CHTTPSRECV=%d\r" % len(endless), receive(endless)[1] + notify)
    modem, port = on(SEND + [cached(len(endless)), read, cached(0), closed])
    check("S-224", opened(modem), b"abc")
    port.done()
    modem, port = on(
        SEND
        + [cached(len(endless)), receive(endless), cached(0), (b"AT+CHTTPSRECV=1\r", b"\r\n+CHTTPSRECV: 4\r\n" + ERROR), closed]
    )
    assert opened(modem) == b"abc", "closed by the server: 4"
    modem, port = on(SEND + [cached(9), (b"AT+CHTTPSRECV=9\r", b"\r\n+CHTTPSRECV: 6\r\n" + ERROR), closed])
    check("S-220", code_of(opened, modem), 6)
    modem, port = on(SEND + [cached(9), (b"AT+CHTTPSRECV=9\r", OK)] + [closed])
    with raises(ModemTimeout):
        opened(modem)


def test_a_kept_connection_is_used_again_or_opened_anew():
    answer = [cached(len(ANSWER)), receive(ANSWER)]
    again = STOP[:1] + START[1:] + SEND
    for second in (SEND, [(SEND[0][0], ERROR), cached(0)] + again):
        modem, port = on(START + SEND + answer + second + answer + STOP)
        with modem.https(verify=False) as client:
            for _ in range(2):
                assert client.get("https://www.mywebsite.com/a").read() == ANSWER[-40:]
        port.done()
    modem, port = on(START[:1] + [(START[1][0], ERROR), STOP[1]])
    with raises(CommandError):
        modem.https(verify=False).get("https://www.mywebsite.com/a")
    port.done()
