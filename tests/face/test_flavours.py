"""The public face: the same names with both flavours, and which calls are never awaited. On both Pythons."""

from modem import AsyncModem, Modem
from tests.rigs.assertions import MICROPYTHON, skip
from tests.rigs.scripted_port import ScriptedPort, ready

MODEM = (
    "start connect isconnected ifconfig ipconfig status config disconnect active close socket getaddrinfo create_connection ping "
    "sync_time dns configure scan psm edrx dial_ppp sms gnss tls_context files smtp pop3 ftp ftps http https on_event poll command resolve gethostbyname "
    "connections diagnose identity context AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR IPPROTO_TCP"
)
SOCKET = (
    "connect bind listen accept settimeout gettimeout setblocking setsockopt send sendall recv recv_into sendto recvfrom "
    "recvfrom_into getpeername getsockname shutdown read readinto readline write makefile close switch escape resume stats flush "
    "connection_id lost family type"
)
TLS = "socket getaddrinfo read AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM"
FILES = "put get list remove free"
SMS = "send list read delete storage listen"
GNSS = "start stop active position"
SERVICES = {
    "smtp": "server login sender subject charset recipients recipient clear_recipients body attachments attach clear_attachments "
    "send begin result ongoing stop send_mail",
    "pop3": "login logout stop settings logged_in count sizes size header delete get read",
    "ftp": "settings retrieve list store get_file put_file mkdir rmdir remove chdir",
    "ftps": "open close retrieve list store unsent get_file put_file mkdir rmdir remove chdir getcwd type single_ip",
    "http": "request get post raw",
    "https": "request get post raw close unsent",
}


def _has(held, names):
    return [name for name in names.split() if not hasattr(held, name)]


def _awaited(value):
    return hasattr(value, "send") and hasattr(value, "throw")


def test_both_flavours_have_every_name():
    for flavour in (Modem, AsyncModem):
        modem = ready(ScriptedPort([]), "ec200u", modem_class=flavour)
        for held, names in (
            (modem, MODEM), (modem.socket(), SOCKET), (modem.tls_context(verify=False), TLS), (modem.files, FILES),
            (modem.sms, SMS), (modem.gnss, GNSS),
        ):  # fmt: skip
            assert _has(held, names) == [], (flavour, held)
        assert _has(modem, "open_connection start_server") == [] or flavour is Modem
        modem = ready(ScriptedPort([]), "sim7100", modem_class=flavour)
        made = {
            "smtp": modem.smtp(), "pop3": modem.pop3("srv", "user", "password"), "ftp": modem.ftp("srv"),
            "ftps": modem.ftps("srv", verify=False), "http": modem.http(), "https": modem.https(verify=False),
        }  # fmt: skip
        for name in SERVICES:
            assert _has(made[name], SERVICES[name]) == [], (flavour, name)


def test_what_asks_nothing_of_the_module_is_never_awaited():
    for flavour in (Modem, AsyncModem):
        modem = ready(ScriptedPort([]), "ec200u", modem_class=flavour)
        sock = modem.socket()
        answers = [
            sock, modem.tls_context(verify=False), modem.files, modem.isconnected(), modem.ifconfig(), modem.ipconfig("addr4"),
            modem.on_event(None), modem.active(), sock.settimeout(1), sock.gettimeout(), sock.setblocking(True), sock.getsockname(),
            sock.setsockopt(1, 2, 3), sock.makefile(), sock.connection_id(), sock.lost,
        ]  # fmt: skip
        assert not [answer for answer in answers if answer is not sock and _awaited(answer)], flavour
        assert not modem.module.port.sent


def test_objects_of_services_are_named_and_documented():
    if MICROPYTHON:
        skip("docstrings and names of classes are CPython's")
    modem = ready(ScriptedPort([]), "sim7100")
    held = modem.smtp(), modem.pop3("srv", "user", "password"), modem.ftp("srv"), modem.http()
    assert [type(one).__name__ for one in held] == ["Smtp", "Pop3", "Ftp", "Http"]
    assert "send_mail" in dir(held[0]) and "server has taken" in held[0].send.__doc__
