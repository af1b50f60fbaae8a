# CPython only: it starts the virtual modem, real servers, and both Pythons.
"""Mail, FTP and HTTP by the module when a server vanishes or a call is cancelled: a named error, and the next call works."""

import concurrent.futures
import email
import email.policy
import pathlib
import tempfile
from email.message import EmailMessage

from tests.rigs.scene_runner import pythons, run_scene, vmodem
from tests.rigs.service_content import content, digest
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, Pop3Server, SmtpServer, Vanishing, WebServer, certificate

N = 20000
PACED = ("--baud", "921600", "--latency-ms", "1")
EVERY = [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _scene(name, service, port, who, options=PACED):
    python, flavour = who
    with vmodem(*options, model="sim7100") as device:
        found = run_scene(name, device, flavour, service, port, N, python=python)["found"]
    assert found.pop("rssi") is True, (who, found)
    return found


def _each(play, whos=EVERY):
    """Run `play(who)` for each (Python, flavour) all at a time: they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(play, whos))


def _web(pem=None, patience_s=None):
    body = content(N)
    return WebServer({"/plain": body, "/chunked": body, "/close": body}, pem, patience_s)


def _mail():
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "a@a.example", "Hi there", "Mon, 1 Jan 2024 00:00:00 +0000"
    mail.set_content("Hello\r\nOK\r\n\r\nOK\r\n+POP3: SUCCESS\r\nbye\r\n")
    mail.add_attachment(content(N), maintype="application", subtype="octet-stream", filename="photo.bin")
    return mail.as_bytes(policy=email.policy.SMTP)


# --- the server vanishes midway


def _ftp_server_vanishes(pem, code):
    def play(who):
        with FtpServer(pem=pem, vanish={"/dying.bin": N // 2, "/dead.bin": N // 2}) as server:
            server.write("dying.bin", content(N))
            found = _scene("services_vanish", "ftps" if pem else "ftp", server.port, who)
            assert found == {"get": code, "put": code, "same": True}, (who, found)
            assert server.read("again.bin") == content(N)

    _each(play)


def test_an_ftp_server_vanishes_in_each_direction():
    _ftp_server_vanishes(None, 210)


def test_an_ftps_server_vanishes_in_each_direction():
    _ftp_server_vanishes(certificate(), 6)


def _web_server_vanishes(service, pem, limits, errors):
    whole = [200, N, True]

    def play(who):
        with _web(pem) as server, Vanishing(server.port, *limits) as way:
            found = _scene("services_vanish", service, way.port, who)
            assert [found.pop("get"), found.pop("post")] == errors, (who, found)
            assert found == {"then": whole, "last": [[201, N], whole]}, (who, found)
            assert server.posted.count(content(N)) == 1, "nothing is sent twice"

    _each(play)


def test_an_http_server_vanishes_in_each_direction():
    _web_server_vanishes("http", None, (("down", 9000), ("", 0), ("up", 9000)), [224, 224])


def test_an_https_server_vanishes_in_each_direction():
    _web_server_vanishes("https", certificate(), (("down", 15000), ("up", 15000)), ["ConnectionClosed", "CommandError"])


def test_a_mail_server_vanishes_while_it_takes_a_mail():
    def play(who):
        with SmtpServer((USER, PASSWORD)) as server, Vanishing(server.port, ("up", 9000)) as way:
            found = _scene("services_vanish", "smtp", way.port, who)
            assert found == {"first": "SERVER ERROR", "left": [[], [], [], False]}, (who, found)
            assert len(server.envelopes) == 1, "the second mail, once"

    _each(play)


def test_a_mailbox_vanishes_while_a_mail_is_fetched_and_deletes_nothing():
    data = _mail()

    def play(who):
        with Pop3Server(data, data) as server, Vanishing(server.port, ("down", 9000)) as way:
            found = _scene("services_vanish", "pop3", way.port, who)
            assert found == {"first": "SERVER ERROR", "count": 2, "eml": digest(data)}, (who, found)
            assert len(server.left()) == 2, "the mark was lost with the session"

    _each(play)


# --- the module restarts, or loses its context


def _upset(fault, whos, errors):
    n = 200000

    def play(run):
        who, service = run
        pem = certificate() if service[-1] == "s" else None
        server = FtpServer(pem=pem) if service[:3] == "ftp" else WebServer({"/plain": content(n)}, pem)
        with server, vmodem("--fault", fault, model="sim7100") as device:
            if service[:3] == "ftp":
                server.write("a.bin", content(n))
            found = run_scene("services_restart", device, who[1], service, server.port, n, python=who[0])["found"]
        assert found.pop("first") in errors[service], (who, service, found)
        assert found == {"same": True, "another": True}, (who, service, found)

    _each(play, [(who, service) for who in whos for service in errors])


def test_the_module_restarts_in_the_middle():
    # In the middle of a block its boot lines are counted as the block's bytes, and then the rest is missing.
    errors = ("ModemRestarted", "ProtocolError")
    _upset("reboot:after=70000,down_ms=200", EVERY[:1], dict.fromkeys(("ftp", "ftps", "http", "https"), errors))
    _upset("reboot:after=70000,down_ms=200", EVERY[3:], dict.fromkeys(("ftp", "https"), errors))


def test_the_context_is_lost_in_the_middle():
    errors = {"ftp": (214,), "ftps": (10,), "http": (227,), "https": ("ConnectionClosed",)}
    _upset("context-loss:after=70000", EVERY[1:3], errors)


# --- the program is slow

SLOW_N = 150000


def test_a_slow_program_is_told_what_did_not_fit_and_loses_nothing_with_flow_control():
    body = content(SLOW_N)
    whole = [[SLOW_N, True], SLOW_N, True]

    def play(run):
        who, service = run
        with FtpServer() if service == "ftp" else WebServer({"/plain": body}) as server, vmodem(model="sim7100") as device:
            if service == "ftp":
                server.write("a.bin", body)
            found = run_scene("services_slow", device, who[1], service, server.port, SLOW_N, python=who[0])
        assert found["held"] == whole, (who, service, found)
        if who[1] == "sync":
            assert found["without"] == whole, "nobody reads meanwhile: a pty holds the sender back by itself"
        else:
            lost, *then = found["without"]
            assert then == whole[1:] and int(lost.split()[0]) > 0 and " bytes did not fit" in lost, (who, service, found)

    _each(play, [(who, service) for who in EVERY for service in ("ftp", "http")])


# --- the most that a mail can have


def test_a_mail_with_everything_it_can_have_and_more_than_that():
    with tempfile.TemporaryDirectory() as folder:
        drive = pathlib.Path(folder) / "D"
        drive.mkdir()
        for i in range(10):
            (drive / ("%d.bin" % i)).write_bytes(content(1000 + i))
        for megabytes in (5, 6):
            (drive / ("%d MB.bin" % megabytes)).write_bytes(bytes(megabytes << 20))

        def play(who):
            with SmtpServer((USER, PASSWORD)) as server, vmodem("--files", folder, model="sim7100") as device:
                found = run_scene("services_limits", device, who[1], server.port, python=who[0])["found"]
            assert found == {
                "left": [[], []], "six": "ValueError", "eleven": "ValueError", "long": ["ValueError"] * 2, "large": "OVERSIZE",
                "missing": "CommandError", "none": [[], [], ""],
            }, (who, found)  # fmt: skip
            (envelope,) = server.envelopes
            assert len(envelope.rcpt_tos) == 15
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert [len(part.get_payload(decode=True)) for part in message.iter_attachments()] == list(range(1000, 1010))
            assert message["Subject"] == "s" * 512 and message.get_body(("plain",)).get_content().strip() == "b" * 5120

        _each(play)


# --- calls are cancelled

THRICE = [True, True, True]


def _cancelled(service, fewest, serve, judge):
    """Play the scene on both Pythons at a time; some of the timed calls are cancelled, and `judge(found, server)` sees the rest."""

    def play(python):
        with serve() as server:
            found = _scene("services_cancel", service, server.port, (python, "async"))
            assert found.pop("cut") >= fewest, (python, found)
            assert judge(found, server), (python, found)

    _each(play, pythons())


def test_ftp_transfers_are_cancelled():
    want = {"get": THRICE, "put": THRICE, "same": True, "list": True}
    _cancelled("ftp", 8, FtpServer, lambda found, _: found == want)


def test_ftps_transfers_are_cancelled():
    want = {"get": THRICE, "put": THRICE, "same": True, "list": True, "shut": True}
    _cancelled("ftps", 8, lambda: FtpServer(pem=certificate()), lambda found, _: found == want)


def test_http_requests_are_cancelled():
    want = {"get": THRICE * 2, "put": THRICE, "same": [200, N, True], "post": [201, N]}
    _cancelled("http", 6, lambda: _web(patience_s=0.4), lambda found, _: found == want)


def test_https_requests_are_cancelled_and_the_session_is_given_back():
    whole = [200, N, True]
    want = {"get": THRICE * 2, "put": THRICE, "same": whole, "post": [201, N], "shut": whole}
    _cancelled("https", 6, lambda: _web(certificate(), patience_s=0.4), lambda found, _: found == want)


def test_a_mail_is_cancelled_at_any_moment_and_nothing_of_it_stays():
    def judge(found, server):
        return found == {"left": [], "ongoing": False} and server.envelopes[-1].rcpt_tos == ["last@a.example"]

    _cancelled("smtp", 4, lambda: SmtpServer((USER, PASSWORD), delay_s=0.3), judge)


def test_fetching_a_mail_is_cancelled_and_marks_stay():
    data = _mail()
    want = {"read": THRICE, "eml": digest(data), "left": 1, "again": 1}
    _cancelled("pop3", 3, lambda: Pop3Server(data, data), lambda found, _: found == want)
