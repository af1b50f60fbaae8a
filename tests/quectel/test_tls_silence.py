"""Reads and sends over TLS that a Quectel module never answers, although it answers everything else (300 ms are documented)."""

from modem import Modem, ModemError, ProtocolError
from modem.supervisor import Supervisor
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ready

STATE = b'\r\n+QSSLSTATE: 0,"SSLClient","10.0.0.1",443,65344,2,1,0,0,"uart1",0\r\n' + OK


def silent():
    """A module whose TLS connections are open and dead."""
    table = {
        b"AT+QSSLOPEN=": OK + b"\r\n+QSSLOPEN: 0,0\r\n",
        b"AT+QSSLRECV=": None,
        b"AT+QSSLSEND=": None,
        b"AT+QSSLSTATE": STATE,
    }
    return Module(table)


def connected(modem):
    return modem.create_connection(("srv", 443), tls=modem.tls_context(verify=False))


def test_a_reader_without_a_time_out_learns_that_reads_are_never_answered():
    port = silent()
    sock = connected(ready(port, "ec200u"))
    sock.settimeout(None)
    with raises(ProtocolError, "the answer to a read is lost"):
        sock.recv(10)
    assert port.now < 150000
    reads = [at for line, at in zip(port.lines, port.at) if line.startswith(b"AT+QSSLRECV=")]
    assert 1 < len(reads) <= 6


def test_a_promised_block_that_is_never_handed_out_fails_the_connection_within_seconds():
    port = silent()
    sock = connected(ready(port, "bg96"))
    port.later(1, b'\r\n+QSSLURC: "recv",0\r\n')
    with raises(ProtocolError):
        sock.recv(10)
    assert port.now < 15000


def test_a_send_that_is_never_answered_fails_within_seconds():
    port = silent()
    sock = connected(ready(port, "ec200u"))
    with raises(ModemError):
        sock.send(b"hello")
    assert 300 <= port.now < 20000


def restarts(port, seconds, work):
    """Return how often a supervisor restarts the module within so many seconds of such a program."""
    port.keeps = False
    modem = Modem(port, model="ec200u")
    done = []
    supervisor = Supervisor(modem, "internet", restart=done.append)
    while port.now < seconds * 1000:
        if supervisor.step():
            sock = connected(modem)
            sock.settimeout(30)
            try:
                work(sock)
            except ModemError:
                pass
            sock.close()
        port.now += 1000
    return len(done)


def test_a_supervisor_restarts_a_module_whose_tls_connections_are_dead():
    for work in (lambda sock: sock.send(b"hello"), lambda sock: sock.recv(10)):
        assert restarts(silent(), 300, work)


def test_a_supervisor_lets_a_module_alone_that_answers_in_between():
    port = silent()
    numbers = iter(range(10000))

    def every_third(line):
        answered = next(numbers) % 3 == 2
        if answered:
            port._answer(b"\r\n+QSSLRECV: 2\r\nhi\r\n" + OK)

    lines = port._line
    port._line = lambda line: every_third(line) if line.startswith(b"AT+QSSLRECV=") else lines(line)
    assert not restarts(port, 300, lambda sock: sock.recv(10))
