# CPython only: the virtual modem needs asyncio's sockets and threads.
"""HTTP and HTTPS of the virtual SIM7100: real servers (http.server, with TLS), and servers that a test plays.

"AT Command Set for Internet Service", SIM7100, 0.01, chapters 6 and 7.
"""

import http.client
import io
import random

from tests.conformance import check
from tests.rigs.service_servers import Scripted, WebServer, certificate, closed_port
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.rigs.virtual_sim7100 import live
from tools.vmodem.simcom.http import ResponseEnd

HOSTS = ["www.mywebsite.com=127.0.0.1"]
BODY = random.Random(5).randbytes(20000) + bytes(range(256)) + b"\r\n+CHTTPACT: 0\r\n\r\nOK\r\n"
BEGIN = b"\r\n+CHTTPACT: REQUEST\r\n"


def escaped(data):
    return data.replace(b"\x03", b"\x03\x03").replace(b"\x1a", b"\x03\x1a") + b"\x1a"


def request(method, path, body=b"", **headers):
    """A request as a host writes it."""
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: www.mywebsite.com"] + ["%s: %s" % item for item in headers.items()]
    if body:
        lines.append("Content-Length: %d" % len(body))
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Socket(io.BytesIO):
    def makefile(self, mode):
        return self


def parsed(raw, method="GET"):
    """(status, body) of a raw response, by the standard library."""
    response = http.client.HTTPResponse(_Socket(raw), method=method)
    response.begin()
    return response.status, response.read()


async def act(rig, port, data, host="www.mywebsite.com"):
    """AT+CHTTPACT: (raw response, result)."""
    rig.write(b'AT+CHTTPACT="%s",%d\r' % (host.encode(), port))
    assert await rig.expect(b"REQUEST\r\n") == BEGIN
    rig.write(escaped(data))
    assert await rig.expect(OK) == OK
    blocks, code = await rig.blocks("+CHTTPACT")
    return b"".join(blocks), code


def test_http_with_a_real_server():
    paths = {"/a": BODY, "/close": BODY, "/chunked": BODY, "/empty": b""}

    async def scene(rig):
        got = []
        for path, body in paths.items():
            raw, code = await act(rig, server.port, request("GET", path))
            got.append((code, parsed(raw) == (200, body)))
        check("S-202", got, [(0, True)] * 4)
        assert parsed((await act(rig, server.port, request("HEAD", "/a")))[0], "HEAD") == (200, b"")
        assert parsed((await act(rig, server.port, request("GET", "/missing")))[0])[0] == 404
        raw, code = await act(rig, server.port, request("POST", "/x", BODY))
        check("S-205", [code, parsed(raw) == (201, BODY), server.posted == [BODY]], [0, True, True])

    with WebServer(paths) as server:
        live(scene, hosts=HOSTS)


def test_http_step_by_step():
    rig = Rig("sim7100")
    check("S-194", rig.command("AT+CHTTPACT=?"), b'\r\n+CHTTPACT: "ADDRESS",(1-65535)\r\n' + OK)
    lines = ['AT+CHTTPACT="a",0', 'AT+CHTTPACT="a",65536', 'AT+CHTTPACT="a"', 'AT+CHTTPACT="",80', "AT+CHTTPACT=a,80"]
    check("S-207", [rig.command(line) for line in lines], [b"\r\n+CME ERROR: 226\r\n"] * 5)
    check("S-195", rig.command('AT+CHTTPACT="www.mywebsite.com",80'), BEGIN)
    sent = request("GET", "/")
    typed = rig.host(escaped(sent))
    peer = rig.net.links[-1]
    busy = rig.command('AT+CHTTPACT="www.mywebsite.com",80')
    check("S-206", busy, b"\r\n+CME ERROR: 221\r\n")
    check("S-199", busy, b"\r\n+CME ERROR: 221\r\n")
    assert peer.received == sent and peer.remote == ("www.mywebsite.com", 80)
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 1999\r\n\r\n" + b"x" * 1999
    peer.send(response[:1500])
    peer.send(response[1500:])
    want = b"\r\n+CHTTPACT: DATA, 1020\r\n" + response[:1020] + b"\r\n+CHTTPACT: DATA, 1020\r\n" + response[1020:2040]
    check("S-197", [typed, rig.pass_time(1)], [OK, want + b"\r\n+CHTTPACT: 0\r\n"])
    assert peer.gone and not peer.was_reset


def _played(refuse=None, quirks=()):
    """A rig whose request has been typed: (rig, peer, what came)."""
    rig = Rig("sim7100")
    rig.modem.model = rig.modem.model.with_quirks(quirks)
    rig.net.refuse = refuse
    rig.command('AT+CHTTPACT="www.mywebsite.com",80')
    got = rig.host(escaped(request("GET", "/")))
    return rig, rig.net.links[-1], got + rig.pass_time()


def test_http_when_it_fails():
    got = []
    for reason in ("dns", "refused", "timeout"):
        rig, _, answer = _played(reason)
        got.append(answer)
        assert rig.command("AT+CHTTPACT=?").endswith(OK)
    rig, peer, answer = _played()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    peer.end()
    got.append(answer + rig.pass_time(1))
    rig, peer, answer = _played()
    got.append(answer + rig.pass_time(121))
    lines = [b"\r\n+CHTTPACT: %d\r\n" % code for code in (222, 227, 223, 224, 223)]
    block = b"\r\n+CHTTPACT: DATA, 38\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    check("S-201", got, [OK + line for line in lines[:3]] + [OK + block + lines[3], OK + lines[4]])
    rig, _, answer = _played("dns", ["http-failure=early"])
    check("S-200", answer, b"\r\n+CME ERROR: 222\r\n")
    rig, peer, answer = _played(None, ["http-failure=early", "http-end"])
    assert answer == OK
    peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert rig.pass_time() == b"\r\n+CHTTPACT: DATA, 27\r\nHTTP/1.1 204 No Content\r\n\r\n\x1a\r\n+CHTTPACT: 0\r\n"


def test_http_when_there_is_no_network():
    rig = Rig("sim7100", faults=["denied"])
    assert rig.command('AT+CHTTPACT="a",80') == b"\r\n+CME ERROR: 227\r\n"
    assert rig.command("AT+CHTTPSSTART") == ERROR


def test_http_when_the_server_refuses_or_vanishes():
    got = []

    async def scene(rig):
        got.append(await act(rig, closed_port(), request("GET", "/")))
        got.append(await act(rig, server.port, request("GET", "/")))
        got.append(await act(rig, 80, request("GET", "/"), host="no.such.host"))
        assert await rig.command("AT") == OK

    with Scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", {b"GET": None}) as server:
        live(scene, hosts=HOSTS)
    assert got == [(b"", 227), (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 224), (b"", 222)]


def test_end_of_a_response_when_it_comes_byte_by_byte():
    heads = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
    chunked = heads + b"Transfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n"
    fixed = heads + b"Content-Length: 5\r\n\r\n12345"
    for whole in (chunked, fixed, b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"):
        end = ResponseEnd(b"GET / HTTP/1.1")
        complete = []
        for byte in whole:
            end.feed(bytes([byte]))
            complete.append(end.complete)
        assert complete == [False] * (len(whole) - 1) + [True], whole
        end = ResponseEnd(b"GET / HTTP/1.1")
        end.feed(whole)
        assert end.complete
    end = ResponseEnd(b"HEAD / HTTP/1.1")
    end.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert end.complete
    end = ResponseEnd(b"GET / HTTP/1.0")
    end.feed(b"HTTP/1.0 200 OK\r\n\r\nbody")
    assert end.open_ended and not end.complete


# HTTPS -------------------------------------------------------------------------------------------------------------------


def https_rig():
    """A session with a played server, without TLS (type 1), so that bytes and time are in the test's hand."""
    rig = Rig("sim7100")
    assert rig.command("AT+CHTTPSSTART") == OK
    assert rig.command('AT+CHTTPSOPSE="www.mywebsite.com",80,1') == OK
    return rig, rig.net.links[-1]


def test_https_session_when_begun_and_ended():
    rig = Rig("sim7100")

    def run(line):
        return rig.command(line) + rig.pass_time()

    check("S-208", run('AT+CHTTPSOPSE="www.mywebsite.com",443'), ERROR)
    lines = ["AT+CHTTPSSTART", 'AT+CHTTPSOPSE="www.mywebsite.com",443,1', "AT+CHTTPSCLSE", "AT+CHTTPSSTOP"]
    done = [run(line) for line in lines]
    refused = [run(line) for line in lines[1:]] + [run(lines[0]), run(lines[0]), run(lines[2])]
    rig.net.refuse = "refused"
    refused.append(run(lines[1]))
    check("S-209", [done, refused], [[OK] * 4, [ERROR] * 3 + [OK] + [ERROR] * 3])
    rig.net.refuse = None
    lines = ["AT+CHTTPSSEND=5", "AT+CHTTPSSEND", "AT+CHTTPSRECV=1"]
    check("S-213", [run(line) for line in lines], [ERROR] * 3)


def test_https_send_in_each_spelling():
    rig, peer = https_rig()
    tests = [rig.command("AT+%s=?" % name) for name in ("CHTTPSSEND", "CHTTPSEND", "CMMSSEND", "CHTTPSENDD")]
    got = []
    for name in ("CHTTPSEND", "CMMSSEND", "CHTTPSENDD"):
        got.append(rig.command("AT+%s=2" % name) + rig.host(b"ab"))
        got.append(rig.command("AT+%s" % name) + rig.pass_time())
    want = []
    for name in (b"CHTTPSEND", b"CMMSSEND", b"CHTTPSENDD"):
        want += [b"\r\n>" + OK, OK + b"\r\n+%s: 0\r\n" % name]
    check("S-216", [got, tests[1][:14]], [want, b"\r\n+CHTTPSEND: "])
    assert tests[0] == b"\r\n+CHTTPSSEND: (1-4096)\r\n" + OK
    assert peer.received == b"ababab"


def test_https_send_step_by_step():
    rig, peer = https_rig()
    check("S-212", [rig.command("AT+CHTTPSSEND=%s" % size) for size in ("0", "4097", "x", "")], [ERROR] * 4)
    data = bytes(range(256)) * 16
    prompt, early, late = rig.command("AT+CHTTPSSEND=4096"), rig.host(data[:-1]), rig.host(data[-1:])
    check("S-211", [prompt, early, late, bytes(peer.received) == data], [b"\r\n>", b"", OK, True])
    assert rig.host(b"") == b"" and rig.command("AT") == OK
    peer.acknowledges = False
    sizes = []
    for part in (b"x" * 80, b"y" * 8):
        rig.command("AT+CHTTPSSEND=%d" % len(part))
        rig.host(part)
        sizes.append(rig.command("AT+CHTTPSSEND?"))
    want = [b"\r\n+CHTTPSSEND: %d\r\n" % size + OK for size in (80, 88, 0)]
    check("S-223", [sizes, bytes(peer.received[4096:])], [want[:2], b"x" * 80 + b"y" * 8])
    flushed = rig.command("AT+CHTTPSSEND") + rig.pass_time(1)
    peer.acknowledge()
    flushed += rig.pass_time()
    check("S-214", sizes + [rig.command("AT+CHTTPSSEND?")], want)
    check("S-215", flushed, OK + b"\r\n+CHTTPSSEND: 0\r\n")
    rig.command("AT+CHTTPSSEND=1")
    rig.host(b"x")
    peer.end()
    assert rig.command("AT+CHTTPSSEND") + rig.pass_time() == OK + b"\r\n+CHTTPSSEND: 4\r\n"
    assert rig.command("AT+CHTTPSSEND=1") == ERROR


def test_https_receive_step_by_step():
    rig, peer = https_rig()
    peer.send(b"abc")
    event = b"\r\n+CHTTPS: RECV EVENT\r\n"
    announced = rig.port.take()
    peer.send(b"def")
    assert rig.port.take() == b""
    assert rig.command("AT+CHTTPSRECV?") == b"\r\n+CHTTPSRECV: LEN,6\r\n" + OK
    got = rig.command("AT+CHTTPSRECV=1") + rig.pass_time()
    check("S-218", got, OK + b"\r\n+CHTTPSRECV: DATA,6\r\nabcdef\r\n+CHTTPSRECV: 0\r\n")
    waiting = rig.command("AT+CHTTPSRECV=4") + rig.pass_time(1)
    peer.send(b"123")
    waiting += rig.pass_time(1)
    peer.send(b"45")
    while_receiving = rig.pass_time(0)
    peer.send(b"later")
    check(
        "S-221",
        [announced, waiting, while_receiving, rig.pass_time(0)],
        [event, OK, b"\r\n+CHTTPSRECV: DATA,5\r\n12345\r\n+CHTTPSRECV: 0\r\n", event],
    )
    rig.command("AT+CHTTPSRECV=1")
    peer.end()
    rig.pass_time(1)
    check("S-220", rig.command("AT+CHTTPSRECV=1"), b"\r\n+CHTTPSRECV: 4\r\n" + ERROR)
    assert rig.command("AT+CHTTPSCLSE") + rig.pass_time() == OK


def test_https_receive_when_nothing_comes():
    rig, peer = https_rig()
    assert rig.command("AT+CHTTPSRECV=1") + rig.pass_time(61) == OK + b"\r\n+CHTTPSRECV: 5\r\n"
    assert rig.command("AT+CHTTPSRECV=1") + rig.pass_time(1) == OK
    peer.end()
    assert rig.pass_time() == b"\r\n+CHTTPSRECV: 4\r\n"


def test_https_receive_when_the_cache_is_full():
    rig, peer = https_rig()
    peer.send(b"x" * 70000)
    assert peer.paused
    rig.command("AT+CHTTPSRECV=1")
    rig.pass_time(1)
    assert not peer.paused


def test_https_habits_of_later_models():
    rig, peer = https_rig()
    rig.modem.model = rig.modem.model.with_quirks(["https-receive=at-most", "peer-closed=notify"])
    peer.send(b"abcdef")
    rig.port.take()
    got = rig.command("AT+CHTTPSRECV=4") + rig.pass_time()
    assert got == OK + b"\r\n+CHTTPSRECV: DATA,4\r\nabcd\r\n+CHTTPSRECV: 0\r\n\r\n+CHTTPS: RECV EVENT\r\n"
    peer.end()
    assert rig.port.take() == b"\r\n+CHTTPSNOTIFY: PEER CLOSED\r\n"


async def fetch(rig, data, method="GET"):
    """A request in the open session: what the standard library makes of all that comes until the response is whole."""
    for at in range(0, len(data), 4096):
        part = data[at : at + 4096]
        rig.write(b"AT+CHTTPSSEND=%d\r" % len(part))
        await rig.expect(b">")
        rig.write(part)
        await rig.expect(OK)
    assert await rig.result("AT+CHTTPSSEND", "+CHTTPSSEND") == "0"
    end, raw = ResponseEnd(data), b""
    while not end.complete:
        assert (await rig.command("AT+CHTTPSRECV=1")).endswith(OK)
        blocks, code = await rig.blocks("+CHTTPSRECV")
        assert code == 0
        for block in blocks:
            end.feed(block)
            raw += block
    return parsed(raw, method)


def test_https_with_a_real_server():
    paths = {"/a": BODY, "/chunked": BODY}

    async def scene(rig):
        await rig.commands("AT+CHTTPSSTART", 'AT+CHTTPSOPSE="www.mywebsite.com",%d' % server.port)
        for path in paths:
            assert await fetch(rig, request("GET", path)) == (200, BODY)
        assert await fetch(rig, request("POST", "/x", BODY)) == (201, BODY)
        assert server.posted == [BODY]
        await rig.commands("AT+CHTTPSCLSE", "AT+CHTTPSSTOP")
        assert any(note.startswith("tls: TLSv1") for note in rig.notes)

    with WebServer(paths, pem=certificate()) as server:
        live(scene, hosts=HOSTS)


def test_https_when_the_server_has_no_tls():
    async def scene(rig):
        await rig.commands("AT+CHTTPSSTART")
        assert await rig.command('AT+CHTTPSOPSE="www.mywebsite.com",%d' % server.port) == ERROR
        assert await rig.command('AT+CHTTPSOPSE="no.such.host",443') == ERROR
        await rig.commands("AT+CHTTPSSTOP")

    with Scripted(b"220 hello\r\n", {}) as server:
        live(scene, hosts=HOSTS)
