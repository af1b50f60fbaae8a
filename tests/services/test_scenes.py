# CPython only: it starts the virtual modem, real servers, and both Pythons.
"""Mail, FTP and HTTP by the module, end to end on both Pythons, sync and asyncio, against real servers."""

import concurrent.futures
import email
import email.policy
from email.message import EmailMessage

from tests.rigs.scene_runner import payload, pythons, run_scene, vmodem
from tests.rigs.service_content import content, digest
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, Pop3Server, SmtpServer, WebServer, certificate

CUT = ("--fault", "fragment:max=300,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")
EVERY = [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _each(play, whos=EVERY):
    """Run `play(who)` for each (Python, flavour) all at a time: they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(play, whos))


def _scene(service, server, n, who, options=CUT):
    python, flavour = who
    with vmodem(*options, model="sim7100") as device:
        return run_scene("services", device, flavour, service, server.port, n, python=python)["found"]


def _ftp_want(n, port):
    return {
        "stored": n, "told": n, "got": n, "same": True, "settings": ["srv", port, USER, "passive", "I"], "missing": 211,
        "password": 208, "refused": 214, "source": "RuntimeError", "empty": [0, 0], "list": 1, "empty list": [],
        "not there": 211, "slow": "RuntimeError", "file": [n], "from files": True, "active": n,
    }  # fmt: skip


def _ftp(n, who, options=CUT):
    with FtpServer() as server:
        found = _scene("ftp", server, n, who, options)
        assert found == _ftp_want(n, server.port), (who, found)
        return server.read("half.bin"), server.read("up.bin")


def test_ftp_with_everything_that_goes_wrong():
    def play(who):
        half, _ = _ftp(20000, who)
        assert half == content(4096), "what had been sent before the source failed"

    _each(play)


def test_a_mebibyte_each_way_by_ftp():
    n = 1 << 20

    def play(who):
        assert _ftp(n, who)[1] == content(n)

    _each(play, [(python, "sync") for python in pythons()])


def test_ftp_over_a_paced_line_and_a_firmware_that_reports_by_lines():
    _ftp(20000, EVERY[0], (*PACED, "--quirk", "results=line", "--quirk", "data-header=comma", "--quirk", "block=mixed"))


def _ftps_want(n):
    return {
        "verify": "NotSupported", "stored": n, "got": n, "same": True, "cwd": "/dir", "missing": 9, "cwd then": "/dir",
        "list": [1, 2], "type": ["A", "I", 1], "file": [n], "again": 1,
    }  # fmt: skip


def _ftps(n, who, options, password, refused):
    with FtpServer(pem=certificate()) as server:
        found = _scene("ftps", server, n, who, options)
        assert (found.pop("password"), found.pop("refused")) == (password, refused), who
        assert found == _ftps_want(n), (who, found)
        assert server.read("up.bin") == content(n)


def test_64_kib_each_way_by_ftps_and_everything_that_goes_wrong():
    _each(lambda who: _ftps(65536, who, CUT, "CommandError", "CommandError"))
    _ftps(5000, EVERY[0], (*CUT, "--quirk", "results=line"), 9, 14)  # this firmware gives numbers


def _web_want(n):
    body = [200, n, True]
    return {
        "plain": body, "chunked": body, "close": body, "post": [201, True, True], "stream": [201, n - 5, 5],
        "head": [200, True, True], "missing": 404, "line end": "ValueError", "after": body,
    }  # fmt: skip


def _web(service, n, who, options, pem, refused):
    body = content(n)
    with WebServer({"/plain": body, "/chunked": body, "/close": body}, pem) as server:
        found = _scene(service, server, n, who, options)
        assert found.pop("refused") == refused, who
        assert found.pop("verify", "NotSupported") == "NotSupported" and found.pop("raw", True), who
        assert found == _web_want(n), (who, found)
        assert set(server.posted) == {body}


def test_http_in_each_framing():
    _each(lambda who: _web("http", 20000, who, CUT, None, 227))
    _web("http", 20000, EVERY[0], (*PACED, "--quirk", "http-failure=early"), None, 227)


def test_https_in_each_framing():
    pem = certificate()
    _each(lambda who: _web("https", 20000, who, CUT, pem, "CommandError"))
    habits = (
        ((*PACED, "--quirk", "https-receive=at-most"), "CommandError"),
        ((*PACED, "--quirk", "peer-closed=notify"), "CommandError"),
        ((*CUT, "--quirk", "results=line"), 14),
    )
    _each(lambda habit: _web("https", 20000, EVERY[0], habit[0], pem, habit[1]), habits)


def test_mail_is_sent_with_attachments_byte_for_byte():
    def play(who):
        with SmtpServer((USER, PASSWORD)) as server:
            found = _scene("smtp", server, 30000, who)
            assert found == {
                "server": ["srv", server.port], "login": [True, USER], "left": [[], [], []], "password": "AUTH ERROR",
                "cleared": [[], ""], "refused": "NETWORK ERROR", "nobody": "PARAM ERROR", "too long": "ValueError",
                "stop": "CommandError", "ongoing": False,
            }, (who, found)  # fmt: skip
            first, last = server.envelopes
            assert sorted(first.rcpt_tos) == ["a@a.example", "b@a.example", "c@a.example", "d@a.example"]
            message = email.message_from_bytes(first.content, policy=email.policy.default)
            assert message["Subject"] == "Hello" and "d@a.example" not in str(message["To"]) + str(message["Cc"])
            parts = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
            assert parts == {"there.bin": content(30000), "new.bin": content(700)}
            assert message.get_body(("plain",)).get_content().splitlines()[1:3] == [".", 'lines with "quotes"']
            assert email.message_from_bytes(last.content, policy=email.policy.default).get_content().strip() == "x" * 5000

    _each(play)


def test_mail_is_fetched_and_nothing_is_deleted_by_accident():
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "a@a.example", "Hi there", "Mon, 1 Jan 2024 00:00:00 +0000"
    mail.set_content("Hello\r\nOK\r\n\r\nOK\r\n+POP3: SUCCESS\r\nbye\r\n")
    mail.add_attachment(content(30000), maintype="application", subtype="octet-stream", filename="photo.bin")
    data = mail.as_bytes(policy=email.policy.SMTP)

    def play(who):
        with Pop3Server(data, data) as server:
            found = _scene("pop3", server, 30000, who)
            assert len(server.left()) == 1
        kind, counted, hashed = found.pop("eml")
        assert (kind, counted) == (".eml", True) and hashed == digest(data), who
        assert found == {
            "password": "INVALID UN/PWD", "refused": "NETWORK ERROR", "count": 2, "sizes": 2, "subject": "Hi there",
            "no such": "SERVER ERROR", "size": True, "body": [".TXT", True], "attachment": [30000, True], "again": 2, "deleted": 1,
        }, (who, found)  # fmt: skip

    _each(play)


def test_the_server_vanishes_midway_and_the_module_goes_on():
    body = payload(3, 400000)
    with WebServer({"/plain": body}) as server:
        with vmodem("--baud", "921600", "--fault", "close:after=5000", model="sim7100") as device:
            for python, flavour in EVERY[:1]:
                found = run_scene("vanish", device, flavour, server.port, python=python)
    assert found == {"first": ["CommandError", 224], "second": [200, len(body)]}, found
