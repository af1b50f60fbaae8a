"""HTTP responses as servers should not send them: sizes, lengths and redirects without sense. Scripted, on both Pythons."""

from modem import ConnectionClosed, ProtocolError
from modem.simcom.services.state import state_of
from tests.rigs.assertions import raises
from tests.services.test_ftp import ERROR, OK, block, on
from tests.services.test_http import ANSWER, END, SEND, SITE, START, STOP, cached, exchange, get, receive, reply

_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def answering(data):
    return on(exchange(OK + block(b"CHTTPACT", data) + END))[0]


def redirecting(to):
    """Follow a redirect to `to`; return the status of what came of it."""
    moved = block(b"CHTTPACT", b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % to)
    modem, port = on(exchange(OK + moved + END))
    return modem.http().get(SITE + "/a", redirects=1).status


def test_sizes_of_chunks_are_hexadecimal_digits_and_nothing_else():
    for size in (b"-5", b"0x5", b"1_0", b"+5", b"", b"5 5", b"9" * 5000, b"g"):
        with raises(ProtocolError):
            get(answering(_CHUNKED + size + b"\r\nhello\r\n0\r\n\r\n"))
    assert get(answering(_CHUNKED + b"0005 ;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n")) == (200, b"hello")


def test_trailers_and_interim_responses_have_an_end():
    response = answering(_CHUNKED + b"5\r\nhello\r\n0\r\n" + b"A: b\r\n" * 300 + b"\r\n").http().get(SITE + "/a")
    for _ in range(2):  # the error stays
        with raises(ProtocolError):
            response.read()
    with raises(ProtocolError):
        get(answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + _HEAD + b"\r\n"))
    assert get(answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + _HEAD + b"Content-Length: 2\r\n\r\nhi")) == (200, b"hi")


def test_lengths_are_digits_and_only_one():
    for length in (b"\xc2\xb2", b"5" * 5000, b"-5", b"5, 6", b"", b"0x5"):
        with raises(ProtocolError):
            get(answering(_HEAD + b"Content-Length: " + length + b"\r\n\r\nhello"))
    assert get(answering(_HEAD + b"Content-Length: 5\r\n" * 2 + b"\r\nhello")) == (200, b"hello")


def test_a_redirect_to_what_is_no_server_is_not_followed():
    for to in (
        b"http://a b/", b"http://b:x/", b"http://u@b/", b"http://" + b"h" * 300 + b"/", b"http://\xc3\xbc/", b'http://a"b/',
        b"http://b:\xc2\xb2/",
    ):  # fmt: skip
        with raises(ProtocolError, "plain host"):
            redirecting(to)
    for to in (b"http://[/", b"http://b:" + b"9" * 5000):
        assert redirecting(to) == 302  # the program sees it as it is


def test_a_response_ends_with_the_next_request():
    modem, port = on(exchange(OK + reply(b"x" * 600) + END) + exchange(OK + reply(b"y") + END))
    client = modem.http()
    response = client.get(SITE + "/a")
    assert response.read(3) == b"xxx"
    assert client.get(SITE + "/a").read() == b"y"
    with raises(ConnectionClosed, "next request"):
        response.read()


def test_a_response_ends_with_its_connection_also_where_another_client_closes_that():
    first = block(b"CHTTPSRECV", ANSWER[:50], b"DATA, %d,") + block(b"CHTTPSRECV", ANSWER[50:60], b"DATA, %d,")
    # the last line never comes
    begun = START + SEND + [cached(450), (b"AT+CHTTPSRECV=450\r", OK + first)]
    again = [(START[0][0], ERROR)] + STOP + START + SEND + [cached(len(ANSWER)), receive(ANSWER)]
    modem, port = on(begun + again)
    state_of(modem.module).results_follow["simcom-https"] = False
    url = "https://www.mywebsite.com/a"
    response = modem.https(verify=False).get(url)
    assert modem.https(verify=False).get(url).read() == ANSWER[-40:] and port.now < 10000, port.now
    port.done()
    with raises(ConnectionClosed):
        response.read()
