# CPython only: it plays against the virtual modem in simulated time.
"""The fields of the module's answers are whatever they are: calls return, or raise what the guide names, and the line goes on."""

import re

from modem import Modem
from tests.rigs.simulated import Port, served
from tools.simulation.services import PASSWORD, USER
from tools.simulation.world import simulated_time

ODD = (
    lambda fields: b"",
    lambda fields: b"\xb2",
    lambda fields: b'"\xff\xfe",' + fields,
    lambda fields: b"9" * 300,
    lambda fields: b",".join([b'"x"'] * 12),
    lambda fields: b",".join([b""] * 12),
    lambda fields: fields[: len(fields) // 2],
    lambda fields: re.sub(rb"\d+", b"9" * 20, fields),
    lambda fields: re.sub(rb"\d+", b"-5", fields),
    lambda fields: re.sub(rb"\d", "²".encode(), fields),
    lambda fields: re.sub(rb'"[^"]*"', b'"\xc3("', fields),
    lambda fields: re.sub(rb"[0-9A-F]", b"G", fields),
)
LINES = rb"(?m)^([+*][A-Z0-9]+: ?)([^\r\n]*)"


class OddPort(Port):
    """The fields of lines that come are made odd by `odd`, while that is set."""

    odd = None

    def arrived(self, data, rate):
        if self.odd:
            data = re.sub(LINES, lambda line: line[1] + self.odd(line[2]), data)
        super().arrived(data, rate)


def _mailbox(m):
    box = m.pop3("mail.test", USER, PASSWORD)
    box.login()
    return box


def _ftps(m):
    session = m.ftps("ftp.test", USER, PASSWORD, verify=False)
    session.open()
    for call in (session.getcwd, session.type, session.single_ip, session.unsent):
        call()


CALLS = [
    *[lambda m, name=name: m.status(name) for name in ("rssi", "operator", "rsrp", "rsrq", "sinr", "band", "cell", "registration")],
    *[lambda m, name=name: m.config(name) for name in ("imsi", "iccid", "imei")],
    lambda m: m.scan(), lambda m: m.psm(), lambda m: m.psm(True), lambda m: m.edrx(), lambda m: m.edrx(20.48),
    lambda m: m.sms.list(), lambda m: m.sms.storage(), lambda m: m.sms.read(0), lambda m: m.sms.send("+4915112345678", "x"),
    lambda m: m.gnss.start(), lambda m: m.gnss.position(), lambda m: m.connections(), lambda m: m.dns(), lambda m: m.active(),
    lambda m: m.resolve("peer.test"), lambda m: m.ping("peer.test", 1), lambda m: m.sync_time("time.test"),
    lambda m: m.diagnose("peer.test", 7), lambda m: m.start(), lambda m: m.create_connection(("peer.test", 7), 20),
]  # fmt: skip
FILES = [
    lambda m: m.files.list(), lambda m: m.files.free(), lambda m: m.files.put("b.pem", b"abc"), lambda m: m.files.get("a.pem"),
]  # fmt: skip
SERVICES = [
    lambda m: m.files.list("C:/*"), lambda m: m.files.get("C:/a.bin"), lambda m: m.files.put("C:/b.bin", b"abc"),
    lambda m: _mailbox(m).count(), lambda m: _mailbox(m).sizes(), lambda m: _mailbox(m).header(1), lambda m: _mailbox(m).get(1),
    lambda m: m.ftp("ftp.test", USER, PASSWORD).list("/"), lambda m: m.ftp("ftp.test", USER, PASSWORD).settings(), _ftps,
    *[lambda m, name=name: getattr(m.smtp(), name)() for name in ("server", "sender", "login", "recipients", "attachments")],
]  # fmt: skip
MODELS = {"bg96": CALLS, "ec200u": FILES, "a76xx": CALLS + FILES, "sim7100": SERVICES}


def _survives(model, call, odd):
    """Make one call with odd answers; the next command, with usual ones, has its own answer."""
    world = served(model, [b"Subject: a\r\n\r\nx"])
    world.horizon = 5000.0
    world.port = port = OddPort(world)
    world.line.attach(world.modem, port)
    world.modem.messages.receive("+4915112345678", "hello")
    with simulated_time(world):
        modem = Modem(port)
        modem.start()
        modem.connect("internet")
        if call in FILES + SERVICES:
            modem.files.put("C:/a.bin" if call in SERVICES else "a.pem", b"abc")
        port.odd = odd
        try:
            call(modem)
        except OSError:  # ModemError is one
            pass
        port.odd = None
        for _ in range(3):
            try:
                return modem.command("AT+CSQ")[-1].startswith(b"+CSQ: 23,")
            except OSError:
                pass
    return False


def test_odd_answers_raise_nothing_odd():
    for model, calls in MODELS.items():
        for number, call in enumerate(calls):
            for kind, odd in enumerate(ODD):
                try:
                    assert _survives(model, call, odd)
                except Exception as error:
                    raise AssertionError("%s, call %d, answers %d: %r" % (model, number, kind, error)) from error
