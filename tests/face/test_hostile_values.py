# CPython only: it looks at signatures, and plays against the virtual modem in simulated time.
"""No value is ever typed as a command: every parameter of every public call gets hostile values on every model. The
places that values come from outside by: test_hostile_answers.py."""

import functools
import inspect
import re

from modem import AsyncModem, Modem
from modem.files import Files
from modem.gnss import Gnss
from modem.models import MODELS
from modem.sms import Sms
from modem.sockets import AsyncSocket
from modem.supervisor import AsyncSupervisor, Supervisor
from modem.tls import TlsContext
from tests.rigs.scene_runner import ROOT
from tests.rigs.simulated import plug_in
from tools.simulation import peers, services
from tools.simulation.identities import AUTHORITY, pem
from tools.simulation.world import World, simulated_time
from tools.vmodem import core

NAMES = [model.name for model in MODELS]
HARM = "HARM"
TEXTS = (
    'HARM"', 'HARM",1,"', "HARM\r", "HARM\rAT+HARM=1\r", "\nHARM", "HARM\0", "HARM\x1a", "\x1bHARM", "HARM;+HARM=1", "HARM&HARM",
    "+++", "+++HARM", "HARM" * 2500, "OK", "ERROR", "\r\nOK\r\n", "HARM,1", "HARM\x7f", "HÄRM\u2028HARM", "1;+HARM=1", "0\r",
    "C:/HARM;+HARM", "UFS:HARM&W", "HARM'", "C:/HARM, HARM", "C:/HARM;/x", "../HARM", "C:/HARM/",
)  # fmt: skip
OTHERS = (-1, 2**40, 1.5, True, None, b"HARM\r+HARM", b'HARM"\xff', b"1;+HARM", ["HARM;+HARM"], ("HARM\r", 1), {"HARM": "\r"})
ALLOWED = (OSError, ValueError, TypeError, EOFError)  # ModemError is an OSError
BARE = ("+FSCD", "+FSDEL", "+FSATTRI", "+FSLS", "+FSMKDIR")  # take names as they are: SIM7100
PATIENCE_S = 2000.0
# Every command that the driver can type
SOURCES = "".join(path.read_text() for path in (ROOT / "modem").rglob("*.py"))
TYPED = set(re.findall(r"[+&][A-Z]+", SOURCES)) | {"E", "D", "O", "", "A", "H", "I", "Z"}
SERVICES = ("+CFTP", "+SMTP", "+POP3")  # put together from these and a word
SIMCOM = [model.name for model in MODELS if model.vendor == "simcom"]
QUECTEL = [name for name in NAMES if name not in SIMCOM]
SIM7100, HAS_FILES = ["sim7100"], [model.name for model in MODELS if model.vendor == "simcom" or "tls" in model.facts]


class Pages(peers.Peer):
    """A web server that leads on to hostile places and has hostile headers."""

    places = (
        "http://peer.test/HARM\x1a",
        'http://HARM"/',
        "http://peer.test:80;+HARM/",
        "/HARM\x00",
        "//HARM;+HARM=1/",
        "\u00b2",
        "x:y",
    )
    asked = 0

    def on_data(self, link, data):
        place = self.places[Pages.asked % len(self.places)]
        Pages.asked += 1
        link.send(("HTTP/1.1 302 OK\r\nX: \x1a;+HARM\r\nLocation: %s\r\nContent-Length: 2\r\n\r\nOK" % place).encode())


MAIL = (
    b'From: "HARM\x1a" <a@a.example>\r\nDate: Thu, 01 Jan 2026 10:00:00 +0000\r\nSubject: HARM";+HARM=1\r\n'
    b'Content-Type: text/plain; name="HARM;+HARM=1"\r\n\r\nOK\r\nAT+HARM=1\r\n+++\r\n'
)


class Desk:
    """A connected modem on a virtual module, and what the module has taken for commands. Made anew when something has upset it."""

    def __init__(self, model):
        self.model = model
        self.lines = []
        self.renew()

    def renew(self):
        self.world = world = World(self.model)
        for port, peer in ((7, peers.Echo), (80, Pages), (443, Pages), (123, lambda: peers.TimeServer(world.clock.wall))):
            world.net.serve(port, peer)
        self.refill()
        world.horizon = PATIENCE_S
        self.modem = Modem(plug_in(world))
        take = world.modem.input._start

        def taken(line):
            self.lines.append(line or "")
            take(line)

        world.modem.input._start = taken
        with simulated_time(world):
            self.modem.start()
            self.modem.connect("internet")
            if self.model in HAS_FILES:
                self.modem.files.put("ca.pem", pem(AUTHORITY))
            if self.model in SIM7100:
                self.modem.files.put("C:/page.bin", b"data")
        for _ in range(2):
            world.modem.messages.receive("+4915112345678", "OK\r\nAT+HARM=1\r\n+++")

    def refill(self):
        """What waits on the servers."""
        self.world.net.files = services.FileServer({"/page.bin": b"x" * 100, '/HARM";+HARM': b"x"})
        self.world.net.mail = services.MailServer([MAIL])

    def call(self, call):
        """Run `call`; return its value, or the exception, which is one that a user may meet."""
        self.world.horizon = self.world.clock.now() + PATIENCE_S
        with simulated_time(self.world):
            try:
                return call()
            except ALLOWED as error:
                return error

    def healthy(self):
        """Whether the module still listens to commands, the radio is on, and the modem connected."""
        return self.call(lambda: self.modem.command("AT+CFUN?")) == [b"+CFUN: 1"] and self.modem.isconnected()


def socket(desk, **options):
    s = desk.modem.socket(**options)
    s.settimeout(5)
    return s


def connected(desk):
    s = socket(desk)
    s.connect(("peer.test", 7))
    return s


def stack(stream):
    """In place of network.PPP: none."""
    raise OSError("no stack")


def pop3(desk):
    desk.refill()
    box = desk.modem.pop3("mail.test", services.USER, services.PASSWORD)
    box.login()
    return box


def cycle(desk):
    s = desk.modem.smtp()
    s.server("mail.test", 25)
    s.sender("a@peer.test", "A")
    return s


def supervisor(desk):
    return Supervisor(desk.modem, "internet")


def itself(desk):
    return desk.modem


HOST, PORT, ADDRESS = "peer.test", 7, ("peer.test", 7)
SOCKET_OPTIONS = {"af": 2, "type": 1, "proto": 0, "access": "buffer", "tls": None, "rxbuf": 1536}
LOOKUP = {"host": HOST, "port": PORT, "af": 2, "type": 1, "proto": 0, "flags": 0}
CONNECT = {"apn": "internet", "user": "u", "password": "p", "auth": "pap", "ip": "ipv4", "pin": "1234", "pin_retry": False}
TLS = {
    "ca": "ca.pem", "cert": "ca.pem", "key": "ca.pem", "verify": True, "version": "tls1.2", "ciphers": None, "sni": None,
    "check_time": True, "handshake_timeout_s": 300, "ca_extra": None, "password": None, "dtls": False, "ignore": (),
}  # fmt: skip
FTP = {"server": "ftp.test", "user": services.USER, "password": services.PASSWORD, "port": 21, "passive": True, "type": "I"}
FTPS = {**{k: v for k, v in FTP.items() if k != "passive"}, "verify": False, "security": 2, "single_ip": False}
PATHS = {"path": "/page.bin"}
LOCAL = {"path": "/page.bin", "folder": "C:/", "place": 0}
MAILING = {
    "to": "a@peer.test", "subject": "Hi", "body": "x", "cc": ("b@peer.test",), "bcc": (), "attachments": [("n.bin", b"data")],
    "charset": "utf-8",
}  # fmt: skip


def tls_opened(desk, **settings):
    """Make a TLS context and open a connection with it."""
    context = desk.modem.tls_context(**settings)
    if isinstance(desk.call(lambda: desk.modem.create_connection(("peer.test", 7), 5, tls=context)), OSError):
        return
    context.read()


def ftp_list(desk, **settings):
    desk.modem.ftp(**settings).list("/")


def ftps_list(desk, **settings):
    session = desk.modem.ftps(**settings)
    try:
        session.open()
        session.list("/")
    finally:
        session.close()


def ftp_made(desk):
    desk.refill()
    return desk.modem.ftp("ftp.test", services.USER, services.PASSWORD)


def ftps_open(desk):
    desk.refill()
    session = desk.modem.ftps("ftp.test", services.USER, services.PASSWORD, verify=False)
    session.open()
    return session


def pop3_login(desk, **settings):
    box = desk.modem.pop3(**settings)
    box.login()
    box.logout()


def changed(desk, **settings):
    s = supervisor(desk)
    s.change(**settings)
    desk.modem.disconnect()
    s.step()


def made(desk, **options):
    s = desk.modem.socket(**options)
    s.settimeout(5)
    s.connect(ADDRESS)
    s.close()


def http(desk):
    return desk.modem.http()


def https(desk):
    return desk.modem.https(verify=False)


INTO = {"into": type("Into", (), {"write": lambda self, data: None})()}
# (class, method, (how to make its object, or a function that calls it), usual arguments, models or None for all).
# Arguments after a "/" are given by position.
CALLS = [
    (AsyncModem, "connect", itself, CONNECT, None),
    (AsyncModem, "command", itself, {"line": "AT+CSQ", "prefix": "+CSQ:", "data": None}, None),
    (AsyncModem, "config", itself, {"name": "imsi"}, None),
    (AsyncModem, "configure", itself, {"option": "tcp/delay_ack", "*values": 1}, QUECTEL),
    (AsyncModem, "configure", itself, {"option": "cipccfg/nmretry", "*values": 10}, SIMCOM),
    (AsyncModem, "connections", itself, {"link": None, "context": None}, None),
    (AsyncModem, "create_connection", itself, {"address": ADDRESS, "tls": None, "access": "buffer", "rxbuf": 1536}, None),
    (AsyncModem, "diagnose", itself, {"host": HOST, "port": PORT, "tls": None}, None),
    (AsyncModem, "dial_ppp", lambda desk: functools.partial(desk.modem.dial_ppp, stack), {"apn": "internet"}, None),
    (AsyncModem, "dns", itself, {"primary": "9.9.9.9", "secondary": "9.9.9.10"}, None),
    (AsyncModem, "edrx", itself, {"cycle_s": 20.48, "nb_iot": False}, None),
    (AsyncModem, "psm", itself, {"enable": True, "active_s": 60, "period_s": 86400}, None),
    (AsyncModem, "getaddrinfo", itself, LOOKUP, None),
    (AsyncModem, "gethostbyname", itself, {"host": HOST}, None),
    (AsyncModem, "resolve", itself, {"host": HOST}, None),
    (AsyncModem, "ipconfig", itself, {"name": "addr4"}, None),
    (AsyncModem, "ping", itself, {"host": HOST, "count": 1, "timeout_s": 4}, None),
    (AsyncModem, "set_baudrate", itself, {"rate": 115200, "store": False}, None),
    (AsyncModem, "sleep", itself, {"idle_ms": 60000}, None),
    (AsyncModem, "sleep", itself, {"idle_ms": None}, None),
    (AsyncModem, "active", itself, {"flag": True}, None),
    (AsyncModem, "scan", itself, {}, None),
    (AsyncModem, "socket", made, SOCKET_OPTIONS, None),
    (AsyncModem, "start", itself, {"rates": None}, None),
    (AsyncModem, "status", itself, {"name": "operator"}, None),
    (AsyncModem, "sync_time", itself, {"server": "time.test", "port": 123, "set_clock": True}, None),
    (AsyncModem, "tls_context", tls_opened, TLS, HAS_FILES),
    (AsyncModem, "ftp", ftp_list, FTP, SIM7100),
    (AsyncModem, "ftps", ftps_list, FTPS, SIM7100),
    (AsyncModem, "http", lambda desk, **options: desk.modem.http(**options), {"rxbuf": 8192}, SIM7100),
    (AsyncModem, "https", lambda desk, **options: desk.modem.https(**options), {"rxbuf": 8192, "verify": False}, SIM7100),
    (AsyncModem, "pop3", pop3_login, {k: FTP[k] for k in ("server", "user", "password")} | {"port": 110}, SIM7100),
    (AsyncSocket, "bind", lambda desk: socket(desk), {"address": ("", 2020)}, None),
    (AsyncSocket, "connect", lambda desk: socket(desk), {"address": ADDRESS}, None),
    (AsyncSocket, "listen", lambda desk: bound(socket(desk)), {"backlog": 1}, None),
    (AsyncSocket, "read", connected, {"n": 0}, None),
    (AsyncSocket, "readline", connected, {"limit": 0}, None),
    (AsyncSocket, "recv", connected, {"n": 0}, None),
    (AsyncSocket, "recvfrom", lambda desk: bound(socket(desk, type=2)), {"n": 1}, None),
    (AsyncSocket, "send", connected, {"data": b"data"}, None),
    (AsyncSocket, "sendall", connected, {"data": b"data"}, None),
    (AsyncSocket, "write", connected, {"buf": b"data", "off": 0, "n": 4}, None),
    (AsyncSocket, "sendto", lambda desk: socket(desk, type=2), {"data": b"data", "address": ("192.0.2.10", 7)}, None),
    (AsyncSocket, "switch", connected, {"access": "push"}, None),
    (AsyncSocket, "escape", connected, {"dtr": False}, None),
    (AsyncSocket, "shutdown", connected, {"how": 1}, None),
    (AsyncSocket, "setsockopt", connected, {"*args": 1}, None),
    (TlsContext, "getaddrinfo", lambda desk: desk.modem.tls_context(verify=False), LOOKUP, HAS_FILES),
    (TlsContext, "socket", lambda desk: desk.modem.tls_context(verify=False), {k: SOCKET_OPTIONS[k] for k in SOCKET_OPTIONS if k != "tls"}, HAS_FILES),
    (Files, "get", lambda desk: desk.modem.files, {"name": "ca.pem"}, HAS_FILES),
    (Files, "list", lambda desk: desk.modem.files, {"pattern": "*.pem"}, HAS_FILES),
    (Files, "put", lambda desk: desk.modem.files, {"name": "ca.pem", "data": pem(AUTHORITY)}, HAS_FILES),
    (Files, "remove", lambda desk: desk.modem.files, {"name": "ca.pem"}, HAS_FILES),
    (Files, "get", lambda desk: desk.modem.files, {"name": "C:/page.bin"}, SIM7100),
    (Files, "list", lambda desk: desk.modem.files, {"pattern": "C:/*.bin"}, SIM7100),
    (Files, "put", lambda desk: desk.modem.files, {"name": "C:/new.bin", "data": b"data"}, SIM7100),
    (Files, "remove", lambda desk: desk.modem.files, {"name": "C:/new.bin"}, SIM7100),
    (Sms, "send", lambda desk: desk.modem.sms, {"number": "+4915112345678", "text": "Hi", "report": False, "centre": "+4917"}, None),
    (Sms, "read", lambda desk: desk.modem.sms, {"index": 1}, None),
    (Sms, "delete", lambda desk: desk.modem.sms, {"*indexes": 1}, None),
    (Sms, "listen", lambda desk: desk.modem.sms, {"keep": True}, None),
    (AsyncSupervisor, "change", changed, CONNECT, None),
    (AsyncSupervisor, "useless", supervisor, {"reason": "x"}, None),
    (AsyncSupervisor, "request_restart", supervisor, {"reason": "x"}, None),
]  # fmt: skip


def bound(s):
    s.bind(("", 2020))
    return s


def _services():
    from modem.simcom.services.ftp import Ftp
    from modem.simcom.services.ftps import Ftps
    from modem.simcom.services.http import Http
    from modem.simcom.services.https import Https
    from modem.simcom.services.pop3 import AsyncPop3
    from modem.simcom.services.smtp import Smtp

    rows = [
        (Smtp, "attach", cycle, {"index": 1, "path": "C:/page.bin"}),
        (Smtp, "body", cycle, {"words": "words"}),
        (Smtp, "charset", cycle, {"name": "utf-8"}),
        (Smtp, "login", cycle, {"user": services.USER, "password": services.PASSWORD}),
        (Smtp, "recipient", cycle, {"kind": "to", "index": 0, "address": "a@peer.test", "name": "A"}),
        (Smtp, "send_mail", cycle, MAILING),
        (Smtp, "sender", cycle, {"address": "a@peer.test", "name": "A"}),
        (Smtp, "server", cycle, {"host": "mail.test", "port": 25}),
        (Smtp, "subject", cycle, {"words": "Hi"}),
        (AsyncPop3, "close", pop3, {"commit": True}),
        (AsyncPop3, "delete", pop3, {"mail": 1}),
        (AsyncPop3, "get", pop3, {"mail": 1, "kind": "eml"}),
        (AsyncPop3, "header", pop3, {"mail": 1}),
        (AsyncPop3, "read", pop3, {**INTO, "path": "C:/Email/1.eml"}),
        (AsyncPop3, "size", pop3, {"mail": 1}),
        (Ftps, "single_ip", ftps_open, {"flag": False}),
        (Ftps, "type", ftps_open, {"type": "I"}),
    ]
    for kind, make in ((Ftp, ftp_made), (Ftps, ftps_open)):
        rows += [(kind, name, make, PATHS) for name in ("chdir", "list", "mkdir", "rmdir", "remove")]
        rows += [(kind, name, make, LOCAL) for name in ("get_file", "put_file")]
        rows += [(kind, "retrieve", make, {**PATHS, **INTO}), (kind, "store", make, {**PATHS, "data": b"data"})]
    for kind, make, scheme in ((Http, http, "http"), (Https, https, "https")):
        url = {"url": scheme + "://peer.test/page", "headers": {"A": "b"}}
        rows += [
            (kind, "get", make, {**url, "redirects": 2}),
            (kind, "post", make, {**url, "body": b"data"}),
            (kind, "request", make, {"method": "GET", **url, "body": b"", "redirects": 2}),
            (kind, "raw", make, {"host": "peer.test", "port": 80, "data": b"GET / HTTP/1.0\r\n\r\n", **INTO}),
        ]
    return [(*row, SIM7100) for row in rows]


# Calls and parameters that nothing is typed from: functions, streams, times, and what only looks
UNTYPED = {
    "timeout_ms", "timeout", "progress", "callback", "into", "buffering", "ppp", "ssl", "server_hostname", "again", "client_connected_cb",
}  # fmt: skip
UNCALLED = {
    "AsyncModem.disconnect", "AsyncModem.on_event", "AsyncModem.poll",  # no parameter but these
    "AsyncModem.open_connection", "AsyncModem.start_server",  # made of create_connection, bind and listen
    "AsyncSocket.check_alive", "AsyncSocket.send_part", "AsyncSocket.send_within",  # of the driver itself
    "AsyncSocket.makefile", "AsyncSocket.setblocking", "AsyncSocket.settimeout",  # never reach the line
    "AsyncSocket.readinto", "AsyncSocket.recv_into", "AsyncSocket.recvfrom_into",  # as read and recvfrom
    "Sms.fetch", "Smtp.send", "Smtp.result",
    "Files.get(to)",
}  # fmt: skip
WRAPPED = {  # where a value is part of a larger one
    "address": (lambda v: (v, 80), lambda v: ("192.0.2.10", v)),
    "attachments": (lambda v: [(v, b"data")], lambda v: [v]),
    "to": (lambda v: [(v, "A")], lambda v: [("a@peer.test", v)]),
    "cc": (lambda v: [(v, v)],),
    "headers": (lambda v: {v: "x"} if isinstance(v, str) else v, lambda v: {"X": v}),
    "url": tuple(
        functools.partial(lambda text, v: text % (v,), text) for text in ("http://%s/", "https://peer.test/%s", "http://u:%s/")
    ),
    "version": (lambda v: (v, v),),
    "ciphers": (lambda v: [v],),
    "rates": (lambda v: (v,),),
}


def test_every_call_and_parameter_is_in_the_walk():
    rows = CALLS + _services()
    called = {"%s.%s" % (row[0].__name__, row[1]): row[3] for row in rows}
    for kind in {row[0] for row in rows} | {Gnss}:
        for name, function in inspect.getmembers(kind, inspect.isfunction):
            parameters = list(inspect.signature(function).parameters.values())[1:]
            full = "%s.%s" % (kind.__name__, name)
            if name.startswith("_") or full in UNCALLED or not parameters:
                continue
            for each in parameters:
                known = each.name in UNTYPED or each.kind == each.VAR_KEYWORD or "%s(%s)" % (full, each.name) in UNCALLED
                assert known or {each.name, "*" + each.name} & set(called[full]) or each.name == "settings", (full, each.name)


def _invoked(desk, name, make, arguments):
    """Call method `name` of what `make` makes, or `make` itself where it takes arguments; close what can be closed."""
    if "**" in str(inspect.signature(make)):
        return make(desk, **arguments)
    thing = make(desk)
    many = [value for key, value in arguments.items() if key[0] == "*"]
    named = {key: value for key, value in arguments.items() if key[0] != "*"}
    if name == "configure":
        many, named = [named.pop("option"), *many], named
    try:
        result = (thing if isinstance(thing, functools.partial) else getattr(thing, name))(*many, **named)
        if hasattr(result, "close"):
            desk.call(result.close)
        return result
    finally:
        if type(thing).__name__ not in ("Modem", "Files", "Sms", "partial") and hasattr(thing, "close"):
            desk.call(thing.close)


def harmless(lines, what):
    """Nothing that the module has taken for a command holds a control character, or anything hostile outside its quotes."""
    for line in lines:
        assert not re.search(r"[\0-\x1f\x7f]", line) and line.count('"') % 2 == 0, (what, line)
        if what[1:4] == ("AsyncModem", "command", "line"):
            continue  # it is the program's own
        names = {command.name for command in core.parse_line(line[2:].upper())}
        assert not [name for name in names - TYPED if not name.startswith(SERVICES)], (what, line)
        if names & set(BARE):
            assert len(names) == 1, (what, line)
        else:
            assert HARM not in re.sub('"[^"]*"', "", line.upper()), (what, line)


def _hostile(parameter):
    """Hostile values, as they are and as parts of larger ones."""
    for wrap in (lambda v: v, *WRAPPED.get(parameter, ())):
        for value in TEXTS + OTHERS:
            try:
                yield wrap(value)
            except TypeError:
                pass  # no such value can be part of it


def _walk(model):
    """Call everything; returns how many calls with hostile values were made."""
    desk = Desk(model)
    calls = 0
    for kind, name, make, arguments, models in CALLS + _services():
        if models is not None and model not in models:
            continue
        usual = desk.call(functools.partial(_invoked, desk, name, make, arguments))
        assert not isinstance(usual, (ValueError, TypeError)), (model, kind.__name__, name, usual)
        for parameter in arguments:
            for hostile in _hostile(parameter) if parameter not in UNTYPED else ():
                if not desk.healthy():
                    desk.renew()
                desk.lines.clear()
                calls += 1
                result = desk.call(functools.partial(_invoked, desk, name, make, {**arguments, parameter: hostile}))
                harmless(list(desk.lines), (model, kind.__name__, name, parameter, hostile, result))
        if not desk.healthy():
            desk.renew()
    return calls


def test_nothing_of_a_hostile_value_is_typed_as_a_command():
    for model in NAMES:
        assert _walk(model) > 3500, model
