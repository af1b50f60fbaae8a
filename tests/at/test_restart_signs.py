"""How a restart of the module that no boot line told of is noticed, and what is not taken for one. Faults F21, F34, F88 of the field."""

from modem import ModemError, ModemRestarted, ModemTimeout
from modem.compat import run
from tests.quectel.test_sockets import opening, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ready


class Restartable(Module):
    """A module whose settings go back to the factory's when it restarts; `cmee` is the factory's AT+CMEE."""

    def __init__(self, cmee=0, qisde=True):
        super().__init__({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
        self.factory = cmee
        self.table[b"AT+SILENT"] = None
        self.restart()
        self.echo = False
        self.cmee = 1
        self.table[b"AT+QISDE?"] = (b"\r\n+QISDE: 0\r\n" + OK) if qisde else b"\r\nERROR\r\n"
        self.qisde = qisde

    def restart(self):
        self.echo = True
        self.cmee = self.factory
        if b"AT+QISDE?" in self.table and self.qisde:
            self.table[b"AT+QISDE?"] = b"\r\n+QISDE: 1\r\n" + OK

    def _line(self, line):
        if self.echo:
            self._answer(line + b"\r")
        if line.startswith(b"AT+CMEE="):
            self.cmee = int(line[8:])
        self.table[b"AT+CMEE?"] = b"\r\n+CMEE: %d\r\n" % self.cmee + OK
        super()._line(line)


def _started(port):
    modem = ready(port)
    modem.module.marks = [(b"+CMEE?", b"+CMEE:", b"+CMEE: 1")]
    if port.qisde:
        modem.module.marks.append((b"+QISDE?", b"+QISDE:", b"+QISDE: 0"))
    return modem


def _silence(modem):
    """An answer is owed: the line is resynchronised before the next command."""
    with raises(ModemTimeout):
        run(modem.module.cmd(b"+SILENT", limit_ms=1000))


def test_a_restart_is_noticed_whatever_the_factory_says():
    for cmee in (0, 1, 2):
        for qisde in (True, False):
            port = Restartable(cmee, qisde)
            modem = _started(port)
            sock = modem.create_connection(("10.0.0.1", 80))
            _silence(modem)
            port.restart()
            modem.command("AT+CSQ")
            with raises(ModemRestarted):
                sock.recv(1)
            assert not modem.isconnected(), (cmee, qisde)


def test_a_program_that_changes_the_error_format_is_no_restart():
    for qisde in (True, False):
        port = Restartable(0, qisde)
        modem = _started(port)
        sock = modem.create_connection(("10.0.0.1", 80))
        modem.command("AT+CMEE=2")
        _silence(modem)
        modem.command("AT+CSQ")
        assert modem.isconnected() and sock.send(b"x") == 1, qisde


def test_an_error_format_that_was_changed_although_the_answer_was_lost_is_no_restart():
    port = Restartable()
    modem = _started(port)
    sock = modem.create_connection(("10.0.0.1", 80))
    port.table[b"AT+CMEE=2"] = None  # carried out, but nothing is heard of it
    with raises(ModemTimeout):
        modem.command("AT+CMEE=2", timeout_ms=1000)
    modem.command("AT+CSQ")
    assert port.cmee == 2 and modem.isconnected() and sock.send(b"x") == 1


def test_a_restart_is_noticed_although_the_first_question_is_answered_late():
    port = Restartable()
    modem = _started(port)
    sock = modem.create_connection(("10.0.0.1", 80))
    _silence(modem)
    port.restart()
    first = port._line
    port._line = lambda line: port._answer([(1500, b"\r\n+CMEE: 0\r\n" + OK)]) if line == b"AT+CMEE?" else first(line)
    modem.command("AT+CSQ")
    with raises(ModemRestarted):
        sock.recv(1)


def test_a_restart_shows_by_the_error_format_alone_also_where_another_question_is_answered_first():
    port = Restartable(0, qisde=False)
    modem = _started(port)
    sock = modem.create_connection(("10.0.0.1", 80))
    _silence(modem)
    port.restart()
    port.echo = False  # stored so by AT&W
    first = port._line
    port._line = lambda line: port._answer([(1500, b"\r\n+CMEE: 0\r\n" + OK)]) if line == b"AT+CMEE?" else first(line)
    modem.command("AT+CSQ")
    with raises(ModemRestarted):
        sock.recv(1)


def test_a_reader_that_only_waits_notices_it():
    port = Restartable()
    modem = _started(port)
    sock = modem.create_connection(("10.0.0.1", 80))
    port.restart()
    port.table[b"AT+QIRD="] = b"\r\nERROR\r\n"
    port.table[b"AT+QISTATE="] = OK
    with raises(ModemError):
        while sock.recv(10):
            pass
        modem.create_connection(("10.0.0.1", 80))
    assert port.now < 60000
