# CPython only: it starts the virtual modem, real servers, and both Pythons.
"""Mail, FTP and HTTP by the module, end to end on both Pythons, sync and asyncio, against real servers."""

import email
import email.policy
from email.message import EmailMessage

from tests.rig import payload, pythons, run_scene, vmodem
from tests.scenes_content import content, digest
from tests.service_servers import PASSWORD, USER, FtpServer, Pop3Server, SmtpServer, WebServer, certificate

CUT = ("--fault", "fragment:max=300,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")
EVERY = [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _scene(service, server, n, flavours=EVERY, options=CUT, timeout_s=120):
    found = []
    for python, flavour in flavours:
        with vmodem(*options, model="sim7100") as device:
            done = run_scene("services", device, flavour, service, server.port, n, python=python, timeout_s=timeout_s)
        found.append(((python, flavour), done["found"]))
    return found


def _ftp_want(n, port):
    return {
        "stored": n, "told": n, "got": n, "same": True, "settings": ["srv", port, USER, "passive", "I"], "missing": 211,
        "password": 208, "refused": 214, "source": "RuntimeError", "empty": [0, 0], "list": 1, "empty list": [],
        "not there": 211, "slow": "RuntimeError", "file": [n], "from files": True, "active": n,
    }  # fmt: skip


def test_ftp_with_everything_that_goes_wrong():
    with FtpServer() as server:
        for who, found in _scene("ftp", server, 20000):
            assert found == _ftp_want(20000, server.port), (who, found)
        assert server.read("half.bin") == content(4096), "what had been sent before the source failed"


def test_a_mebibyte_each_way_by_ftp():
    n = 1 << 20
    with FtpServer() as server:
        for who, found in _scene("ftp", server, n, [(python, "sync") for python in pythons()]):
            assert found == _ftp_want(n, server.port), (who, found)
        assert server.read("up.bin") == content(n)


def test_ftp_over_a_paced_line_and_a_firmware_that_reports_by_lines():
    options = (*PACED, "--quirk", "results=line", "--quirk", "data-header=comma", "--quirk", "block=mixed")
    with FtpServer() as server:
        for who, found in _scene("ftp", server, 20000, EVERY[:1], options):
            assert found == _ftp_want(20000, server.port), (who, found)


def _ftps_want(n):
    return {
        "verify": "NotSupported", "stored": n, "got": n, "same": True, "cwd": "/dir", "missing": 9, "cwd then": "/dir",
        "list": [1, 2], "type": ["A", "I", 1], "file": [n], "again": 1,
    }  # fmt: skip


def test_64_kib_each_way_by_ftps_and_everything_that_goes_wrong():
    with FtpServer(pem=certificate()) as server:
        for who, found in _scene("ftps", server, 65536):
            assert (found.pop("password"), found.pop("refused")) == ("CommandError", "CommandError"), who
            assert found == _ftps_want(65536), (who, found)
        assert server.read("up.bin") == content(65536)
        options = (*CUT, "--quirk", "results=line")
        for who, found in _scene("ftps", server, 5000, EVERY[:1], options):
            assert (found.pop("password"), found.pop("refused")) == (9, 14), "this firmware gives numbers"
            assert found == _ftps_want(5000), (who, found)


def _web_want(n):
    body = [200, n, True]
    return {
        "plain": body, "chunked": body, "close": body, "post": [201, True, True], "stream": [201, n - 5, 5],
        "head": [200, True, True], "missing": 404, "line end": "ValueError", "after": body,
    }  # fmt: skip


def _web(service, n, flavours, options, pem, refused):
    body = content(n)
    with WebServer({"/plain": body, "/chunked": body, "/close": body}, pem) as server:
        for who, found in _scene(service, server, n, flavours, options):
            assert found.pop("refused") == refused, who
            assert found.pop("verify", "NotSupported") == "NotSupported" and found.pop("raw", True), who
            assert found == _web_want(n), (who, found)
        assert set(server.posted) == {body}


def test_http_in_each_framing():
    _web("http", 20000, EVERY, CUT, None, 227)
    _web("http", 20000, EVERY[:1], (*PACED, "--quirk", "http-failure=early"), None, 227)


def test_https_in_each_framing():
    pem = certificate()
    _web("https", 20000, EVERY, CUT, pem, "CommandError")
    for quirk in ("https-receive=at-most", "peer-closed=notify"):
        _web("https", 20000, EVERY[:1], (*PACED, "--quirk", quirk), pem, "CommandError")
    _web("https", 20000, EVERY[:1], (*CUT, "--quirk", "results=line"), pem, 14)


def test_mail_is_sent_with_attachments_byte_for_byte():
    with SmtpServer((USER, PASSWORD)) as server:
        for each in EVERY:
            ((who, found),) = _scene("smtp", server, 30000, [each])
            assert found == {
                "server": ["srv", server.port], "login": [True, USER], "left": [[], [], []], "password": "AUTH ERROR",
                "cleared": [[], ""], "refused": "NETWORK ERROR", "nobody": "PARAM ERROR", "too long": "ValueError",
                "stop": "CommandError", "ongoing": False,
            }, (who, found)  # fmt: skip
            first, last = server.envelopes
            server.envelopes.clear()
            assert sorted(first.rcpt_tos) == ["a@a.example", "b@a.example", "c@a.example", "d@a.example"]
            message = email.message_from_bytes(first.content, policy=email.policy.default)
            assert message["Subject"] == "Hello" and "d@a.example" not in str(message["To"]) + str(message["Cc"])
            parts = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
            assert parts == {"there.bin": content(30000), "new.bin": content(700)}
            assert message.get_body(("plain",)).get_content().splitlines()[1:3] == [".", 'lines with "quotes"']
            assert email.message_from_bytes(last.content, policy=email.policy.default).get_content().strip() == "x" * 5000


def test_mail_is_fetched_and_nothing_is_deleted_by_accident():
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "a@a.example", "Hi there", "Mon, 1 Jan 2024 00:00:00 +0000"
    mail.set_content("Hello\r\nOK\r\n\r\nOK\r\n+POP3: SUCCESS\r\nbye\r\n")
    mail.add_attachment(content(30000), maintype="application", subtype="octet-stream", filename="photo.bin")
    data = mail.as_bytes(policy=email.policy.SMTP)
    for python, flavour in EVERY:
        with Pop3Server(data, data) as server:
            ((who, found),) = _scene("pop3", server, 30000, [(python, flavour)])
            assert len(server.left()) == 1
        kind, counted, hashed = found.pop("eml")
        assert (kind, counted) == (".eml", True) and hashed == digest(data), who
        assert found == {
            "password": "INVALID UN/PWD", "refused": "NETWORK ERROR", "count": 2, "sizes": 2, "subject": "Hi there",
            "no such": "SERVER ERROR", "size": True, "body": [".TXT", True], "attachment": [30000, True], "again": 2, "deleted": 1,
        }, (who, found)  # fmt: skip


def test_the_server_vanishes_midway_and_the_module_goes_on():
    body = payload(3, 400000)
    with WebServer({"/plain": body}) as server:
        with vmodem("--baud", "921600", "--fault", "close:after=5000", model="sim7100") as device:
            for python, flavour in EVERY[:1]:
                found = run_scene("vanish", device, flavour, server.port, python=python)
    assert found == {"first": ["CommandError", 224], "second": [200, len(body)]}, found
