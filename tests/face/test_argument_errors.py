"""Wrong arguments and wrong calls: each raises an error that names it, before anything is sent. On both Pythons."""

import asyncio
import io

from modem import AsyncModem, Modem, ModemError, NotSupported
from modem.at import session
from modem.models import MODELS
from modem.supervisor import Supervisor
from tests.rigs.assertions import MICROPYTHON, raises
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ScriptedPort, ready

_ALL = [model.name for model in MODELS]
_NO_FILES = [model.name for model in MODELS if model.vendor == "quectel" and "tls" not in model.facts]


def refused(modem, kind, word, call, *args, **options):
    """`call` raises `kind` with `word` in its text, and the module does not notice."""
    sent = len(modem.module.port.sent)
    with raises(kind, word):
        call(*args, **options)
    assert len(modem.module.port.sent) == sent, modem.module.port.sent[sent:]


def test_what_is_no_port_is_refused_at_once():
    for wrong in ("/dev/ttyUSB2", None, 1, bytearray(3)):
        for flavour in (Modem, AsyncModem):
            with raises(TypeError, "ports"):
                flavour(wrong)


def test_what_is_no_model():
    for wrong in ("ec99", 25, "x"):
        with raises(NotSupported, "known are: a76xx, bg96"):
            Modem(Module(), wrong)


def test_a_model_of_another_maker_than_the_modules():
    def told(maker, name):
        end = b"\r\n\r\nOK\r\n"
        return Module({b"AT+CGMI": b"\r\n" + maker + end, b"AT+CGMM": b"\r\n" + name + end})

    for model, maker, name in (
        ("a76xx", b"Quectel", b"EC25"), ("sim7100", b"Quectel", b"BG96"), ("bg96", b"SIMCOM INCORPORATED", b"SIM7600E"),
        ("ec200u", b"INCORPORATED", b"A7672E-FASE"),
    ):  # fmt: skip
        modem = Modem(told(maker, name), model)
        with raises(NotSupported, "no %s: it reports %s %s" % (model, maker.decode(), name.decode())):
            modem.start()
        with raises(ModemError, "connect()"):
            modem.socket().connect(("srv", 80))
    Modem(told(b"Nobody", b"X1"), "bg96").start()
    Modem(told(b"SIMCOM INCORPORATED", b"SIM7600E"), "sim7100").start()  # a relative: the program knows what it does


def test_nothing_of_a_connection_that_is_over():
    for model in _ALL:
        modem = ready(Module({b"AT+NETCLOSE": b"\r\nOK\r\n\r\n+NETCLOSE: 0\r\n"}), model)
        assert modem.ifconfig()[0] == modem.ipconfig("addr4")[0] == "10.7.157.1"
        modem.disconnect()
        assert modem.ifconfig()[0] == modem.ipconfig("addr4")[0] == "0.0.0.0"
        for call in (modem.ping, modem.resolve, modem.gethostbyname, modem.sync_time):
            refused(modem, ModemError, "connect()", call, "srv")
        modem.close()
        for call in (modem.ping, modem.resolve, modem.gethostbyname, modem.sync_time):
            refused(modem, ModemError, "is closed", call, "srv")


def test_hosts_and_ports_that_can_not_be_meant():
    for model in _ALL:
        modem = ready(Module(), model)
        for host in ("http://srv/", "srv/path", "a b", "", 'a"b', "a\nb"):
            refused(modem, ValueError, "host", modem.socket().connect, (host, 80))
            refused(modem, ValueError, "host", modem.create_connection, (host, 80))
        for host in (5, ["srv"]):
            refused(modem, TypeError, "host", modem.socket().connect, (host, 80))
        for port in (0, -1, 65536, 70000):
            refused(modem, ValueError, "port", modem.socket().connect, ("srv", port))
            refused(modem, ValueError, "port", modem.socket(type=modem.SOCK_DGRAM).sendto, b"x", ("10.0.0.1", port))
        for port in ("80", None, 80.0, True):
            refused(modem, TypeError, "port", modem.socket().connect, ("srv", port))
        refused(modem, ValueError, "host", modem.socket(type=modem.SOCK_DGRAM).sendto, b"x", ("", 80))
        for address in ("srv:80", ["srv", 80], ("srv",), None):
            refused(modem, TypeError, "address", modem.socket().connect, address)
            refused(modem, TypeError, "address", modem.socket(type=modem.SOCK_DGRAM).sendto, b"x", address)
        refused(modem, ValueError, "port", modem.socket().bind, ("", 70000))
        refused(modem, ValueError, "time-out", modem.create_connection, ("srv", 80), timeout=-1)
        for wrong in ("dns.example", "", "1.2.3.4;+CFUN=0"):
            refused(modem, ValueError, "primary", modem.dns, wrong)
            refused(modem, ValueError, "secondary", modem.dns, "8.8.8.8", wrong)


def test_an_event_callback_that_wants_to_be_awaited():
    async def callback(kind, detail):
        raise AssertionError("never runs")

    modem = ready(ScriptedPort([]))
    modem.on_event(callback)
    modem.module.port.later(0, b"\r\n+NOBODY: 1\r\n")
    print_error, reported = session.report, []
    session.report = reported.append  # what a callback raises is reported by itself and ends nothing else
    try:
        modem.poll(10)
        assert [type(error) for error in reported] == [TypeError] and "plain function" in str(reported[0])
        modem.on_event(None)
        modem.module.port.later(0, b"\r\n+NOBODY: 1\r\n")
        modem.poll(10)
        assert len(reported) == 1
    finally:
        session.report = print_error


def test_servers_that_can_not_be_meant():
    for model in _ALL:
        modem = ready(Module(), model)
        sock = modem.socket()
        refused(modem, OSError, "bound", sock.listen)
        sock.bind(("", 0))
        refused(modem, ValueError, "port", sock.listen)
        sock = modem.socket()
        sock.bind(("", 2020))
        for backlog in (0, -1, 99):
            refused(modem, ValueError, "backlog", sock.listen, backlog)
        refused(modem, TypeError, "backlog", sock.listen, "4")

    async def main():
        modem = ready(Module(), modem_class=AsyncModem)
        for kind, word, args in (
            (TypeError, "client_connected_cb", (None, "", 2020)), (ValueError, "port", (print, "", 0)), (ValueError, "backlog", (print, "", 2020, 0)),
        ):  # fmt: skip
            with raises(kind, word):
                await modem.start_server(*args)
        with raises(OSError, "buffer or push"):
            await modem.start_server(client_connected_cb=print, port=2020, backlog=4, access="transparent")
        assert not modem.module.port.sent

    asyncio.run(main())


def test_a_supervisor_that_could_not_do_its_work_later():
    modem = ready(Module())
    for args, options in (((), {}), (("internet",), {"restart": 5}), (("internet",), {"on_change": "up"})):
        with raises(TypeError):
            Supervisor(modem, *args, **options)
    Supervisor(modem, apn="internet", restart=lambda modem: None)


def test_names_of_files():
    for model in [name for name in _ALL if name not in _NO_FILES]:
        modem = ready(Module(), model)
        files = modem.files
        for call in (lambda name, files=files: files.put(name, b"x"), files.get, files.remove):
            refused(modem, ValueError, "name", call, "")
            refused(modem, TypeError, "name", call, 5)
        refused(modem, TypeError, "pattern", files.list, 5)
        refused(modem, TypeError, "bytes", files.put, "a.pem", "text")
        refused(modem, TypeError, "bytes", files.put, "a.pem", 5)
        refused(modem, TypeError, "bytes", files.put, "a.pem", io.StringIO("text"))


def test_files_where_the_document_has_none():
    for model in _NO_FILES:
        modem = ready(Module(), model)
        files = modem.files
        for call in (lambda files=files: files.put("a", b"x"), lambda files=files: files.get("a"), files.list, files.free):
            refused(modem, NotSupported, "no file commands for " + model + " (written from: EC600E-CN", call)


def test_tls_settings_of_another_type():
    modem = ready(Module(), "ec200u")
    refused(modem, TypeError, "ca", modem.tls_context, ca=5)
    for version in (1.2, "1.2", "tls1.3", ("tls1.2", "tls1.0"), ("tls1.2",), None):
        refused(modem, ValueError, "version", modem.tls_context, ca="a.pem", version=version)


def test_the_with_of_the_other_flavour():
    def sessions(flavour):
        modem = ready(ScriptedPort([]), "sim7100", modem_class=flavour)
        box = modem.pop3("srv", "user", "password")
        return modem, modem.socket(), box, modem.ftps("srv", verify=False), modem.https(verify=False)

    for held in sessions(AsyncModem):
        try:
            with held:
                raise AssertionError("entered")
        except (TypeError, AttributeError):
            pass

    async def entered(held):
        try:
            async with held:
                raise AssertionError("entered")
        except (TypeError, AttributeError):
            pass

    for held in sessions(Modem):
        asyncio.run(entered(held))


def test_mail_is_checked_as_a_whole_before_it_is_begun():
    modem = ready(Module(), "sim7100")
    send = modem.smtp().send_mail
    me = "me@example.com"
    for to in ("", [""], [("", "Me")], 'a"b', [me] * 6, [], ()):
        refused(modem, ValueError, "", send, to=to)
    refused(modem, ValueError, "address", modem.smtp().recipient, "to", 0, "")
    for options in ({"subject": "a\nb"}, {"subject": "x" * 513}, {"charset": "x" * 31}, {"body": "x" * 5121}, {"body": "\x1a"}):
        refused(modem, ValueError, "", send, me, **options)
    refused(modem, TypeError, "body", send, me, body=5)
    refused(modem, TypeError, "bytes", send, me, attachments=[("log.csv", "text")])
    for name in ('a".csv', "", "a/", "a\r"):
        refused(modem, ValueError, "", send, me, attachments=[(name, b"data")])
        refused(modem, ValueError, "", send, me, attachments=[name])
    refused(modem, ValueError, "attachments", send, me, attachments=[("a", b"x")] * 11)
    refused(modem, ModemError, "begin()", modem.smtp().result)


def test_one_attachment_needs_no_list():
    port = Module({b"AT+SMTPSEND": b"\r\n+SMTP: OK\r\n\r\nOK\r\n\r\n+SMTP: SUCCESS\r\n"})
    ready(port, "sim7100").smtp().send_mail("me@example.com", attachments="D:/log.csv")
    assert [line for line in port.lines if line.startswith(b"AT+SMTPFILE=")] == [b'AT+SMTPFILE=1,"log.csv"']


def test_where_services_shall_put_what_they_fetch():
    modem = ready(Module(), "sim7100")
    ftp = modem.ftp("srv")
    ftps = modem.ftps("srv", verify=False)
    http = modem.http()
    box = modem.pop3("srv", "user", "password")
    calls = [
        lambda into: ftp.retrieve("a", into),
        lambda into: ftps.retrieve("a", into),
        lambda into: ftp.list("/", into),
        lambda into: ftps.list("/", into),
        lambda into: http.raw("srv", 80, b"GET", into),
        lambda into: box.read(into),
    ]
    for call in calls:
        for into in ("file.bin", b"", 5):
            refused(modem, TypeError, "write", call, into)
    refused(modem, ValueError, "kind", box.get, 1, "all")
    refused(modem, ValueError, "empty", ftps.store, "a", b"")
    for source in ("text", 5) if MICROPYTHON else ("text", 5, io.StringIO("text")):  # there a text file gives bytes, too
        refused(modem, TypeError, "bytes", ftp.store, "a", source)
        refused(modem, TypeError, "bytes", ftps.store, "a", source)
        if source != "text":
            refused(modem, TypeError, "bytes", http.post, "http://srv/", source)
            refused(modem, TypeError, "body", modem.smtp().send_mail, "me@example.com", body=source)
    refused(modem, ValueError, "url", http.get, None)
    refused(modem, ValueError, "url", http.get, "example.com")
    refused(modem, TypeError, "headers", http.get, "http://srv/", headers=["A: b"])


def test_servers_and_users_of_services_that_are_empty():
    modem = ready(Module(), "sim7100")
    for call, args in (
        (modem.pop3, ("srv", "", "")), (modem.pop3, ("", "me", "secret")), (modem.pop3, ("srv", "me", "")), (modem.ftp, ("",)),
        (modem.ftp, ("srv", "")),
    ):  # fmt: skip
        refused(modem, ValueError, "empty", call, *args)
    refused(modem, ValueError, "", modem.ftps, "", verify=False)
    refused(modem, ValueError, "", modem.http().raw, "", 80, b"GET", io.BytesIO())
