# Heap: 2M for the command lines of long stories.
"""The supervisor when the context is up and connections fail all the same, or are said to be of no use."""

from modem.errors import ModemError
from tests.net.test_supervisor import MINUTE, steps, watched
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module, SimcomModule


def _refuse(port, line):
    """Let opens be refused from now on."""
    port.table[line] = ERROR


def _fail_open(supervisor, times):
    for _ in range(times):
        with raises(ModemError):
            supervisor.modem.create_connection(("10.0.0.1", 80), 5)


def test_opens_that_fail_although_the_context_is_up_deactivate_it_and_then_restart_the_module():
    for port, opens, off in (
        (Module(), b"AT+QIOPEN=", b"AT+QIDEACT=1"),
        (SimcomModule(), b"AT+CIPOPEN=", b"AT+CGACT=0,1"),
    ):
        _refuse(port, opens)
        supervisor = watched(port)
        supervisor.step()
        _fail_open(supervisor, 2)
        assert supervisor.step() and port.count(off) == 0
        _fail_open(supervisor, 1)
        assert supervisor.step() and port.count(off) == 1 and supervisor.done == []
        _fail_open(supervisor, 3)
        assert supervisor.step() and len(supervisor.done) == 1 and port.count(off) == 1
        _fail_open(supervisor, 3)  # the restart was of no use either: ten minutes, although the module says that it is up
        assert supervisor.step() and len(supervisor.done) == 1
        steps(supervisor, 11 * MINUTE, port)
        assert len(supervisor.done) == 2 and supervisor.restarts == 2
        port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,0\r\n")]
        port.table.pop(b"AT+CIPOPEN=", None)
        supervisor.modem.create_connection(("10.0.0.1", 80), 5)
        assert supervisor.step() and (supervisor.restarts, supervisor.reason) == (0, None)


def test_hours_of_failed_opens_restart_the_module_as_often_as_the_pauses_allow():
    port = Module({b"AT+QIOPEN=": ERROR})
    port.keeps = False
    supervisor = watched(port)
    for _ in range(5 * 360):
        if supervisor.step():
            _fail_open(supervisor, 1)
        port.now += 10000
    gaps = [round((b - a) / MINUTE) for a, b in zip(supervisor.done, supervisor.done[1:])]
    assert [gap // 10 for gap in gaps] == [1, 3, 6, 12], gaps


def test_failed_lookups_count_and_one_that_succeeds_ends_the_count():
    port = Module({b"AT+QIDNSGIP=": [(0, OK), (5, b'\r\n+QIURC: "dnsgip",565\r\n')]})
    supervisor = watched(port)
    supervisor.step()

    def lookups(n):
        for _ in range(n):
            with raises(ModemError):
                supervisor.modem.resolve("srv")

    lookups(2)
    port.table[b"AT+QIDNSGIP="] = [(0, OK), (5, b'\r\n+QIURC: "dnsgip",0,1,9\r\n\r\n+QIURC: "dnsgip","10.0.0.1"\r\n')]
    supervisor.modem.resolve("srv")
    port.table[b"AT+QIDNSGIP="] = [(0, OK), (5, b'\r\n+QIURC: "dnsgip",565\r\n')]
    lookups(2)
    assert supervisor.step() and port.count(b"AT+QIDEACT=1") == 0
    lookups(1)
    assert supervisor.step() and port.count(b"AT+QIDEACT=1") == 1


def test_a_connection_that_is_open_shows_that_the_network_is_there():
    port = Module({b"AT+QIOPEN=": [(0, OK), (5, b"\r\n+QIOPEN: 0,0\r\n")]})
    supervisor = watched(port)
    supervisor.step()
    sock = supervisor.modem.create_connection(("10.0.0.1", 80))
    _refuse(port, b"AT+QIOPEN=")
    _fail_open(supervisor, 9)
    assert supervisor.step() and port.count(b"AT+QIDEACT=1") == 0
    sock.close()
    _fail_open(supervisor, 1)
    assert supervisor.step() and port.count(b"AT+QIDEACT=1") == 1


def test_a_program_reports_that_the_connection_is_of_no_use_and_that_it_is():
    port = Module({b"AT+QIOPEN=": [(0, OK), (5, b"\r\n+QIOPEN: 0,0\r\n")]})
    supervisor = watched(port)
    supervisor.step()
    supervisor.useless("the server's certificate is another one's")
    assert supervisor.step() and port.count(b"AT+QIDEACT=1") == 1 and supervisor.done == []
    supervisor.modem.create_connection(("10.0.0.1", 80)).close()  # no success for a program that reports by itself
    supervisor.useless("again")
    assert supervisor.step() and len(supervisor.done) == 1
    supervisor.success()
    supervisor.useless("once more")
    assert supervisor.step() and port.count(b"AT+QIDEACT=1") == 2 and len(supervisor.done) == 1


def test_a_context_that_cannot_be_deactivated_is_used_and_the_module_restarted_when_that_is_no_use():
    port = Module({b"AT+QIDEACT=1": ERROR, b"AT+QIOPEN=": ERROR, b"AT+QICSGP=1": b'\r\n+QICSGP: 1,"internet","","",0\r\n' + OK})
    supervisor = watched(port)
    supervisor.step()
    _fail_open(supervisor, 3)
    assert supervisor.step() is True and port.count(b"AT+QIDEACT=1") == 1
    _fail_open(supervisor, 3)
    assert supervisor.step() is True and len(supervisor.done) == 1
