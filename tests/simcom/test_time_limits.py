"""How long the driver waits for an A76XX, command by command (flow charts of the note). The clock is turned by hand."""

from modem import Modem, ModemError
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, SimcomModule


def _given_up(call, command, answer=None, before=None):
    """Return after how many ms `call(modem, socket)` gives the command up, which the module answers by `answer`: not to the end."""
    port = SimcomModule()
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    sock = modem.create_connection(("10.0.0.1", 80)) if before else None
    port.table[command] = answer
    if command == b"AT+CIPSEND=":  # the data are asked for and taken, but no result comes

        def asks(line):
            port.need, port.after = 5, OK
            return b"\r\n> "

        port.table[command] = asks
    port.table[b"AT+CIPCLOSE?"] = b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n" + OK  # asked, the module says that it is still open
    began = []
    usual = port._line

    def noted(line):
        if line.startswith(command):
            began.append(port.now)
        usual(line)

    port._line = noted
    ended = None
    try:
        call(modem, sock)
    except ModemError:
        ended = port.now
    return (port.now if ended is None else ended) - began[0]


def _reconnect(modem, sock):
    modem.disconnect()
    modem.connect("internet")


def _transparent(modem, sock):
    modem.socket(access="transparent").connect(("10.0.0.1", 80))


def _push(modem, sock):
    modem.socket(access="push").connect(("10.0.0.1", 80))


def _listen(modem, sock):
    server = modem.socket()
    server.bind(("", 8080))
    server.listen(1)


def test_modes_and_servers_have_9_s():
    found = {
        "CIPMODE": _given_up(_transparent, b"AT+CIPMODE="),
        "CIPRXGET": _given_up(_push, b"AT+CIPRXGET=0"),
        "SERVERSTART": _given_up(_listen, b"AT+SERVERSTART="),
    }
    check("S-256", {name: 9000 <= ms < 10500 for name, ms in found.items()}, dict.fromkeys(found, True))


def test_what_uses_the_network_has_120_s_for_its_result():
    found = {
        "NETOPEN": _given_up(_reconnect, b"AT+NETOPEN", OK),
        "CIPOPEN": _given_up(lambda modem, sock: modem.create_connection(("10.0.0.1", 80)), b"AT+CIPOPEN=", OK),
        "CIPSEND": _given_up(lambda modem, sock: sock.send(b"hello"), b"AT+CIPSEND=", None, True),
        "CIPCLOSE": _given_up(lambda modem, sock: sock.close(), b"AT+CIPCLOSE=", OK, True),
        "NETCLOSE": _given_up(lambda modem, sock: modem.disconnect(), b"AT+NETCLOSE", OK),
    }
    # 120 s, and the way over the line; a send that was given up has counters to be asked for
    check("S-257", {name: 120000 <= ms < 140000 for name, ms in found.items()}, dict.fromkeys(found, True))


def test_a_link_that_the_module_does_not_have_is_never_asked_for():
    port = SimcomModule()
    port.table[b"AT+CIPOPEN="] = lambda line: [(0, OK), (5, b"\r\n+CIPOPEN: %d,0\r\n" % int(line.split(b",")[0][11:]))]
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    socks = [modem.create_connection(("10.0.0.1", 80)) for _ in range(10)]
    with raises(ModemError, "10 connections"):
        modem.create_connection(("10.0.0.1", 80))
    opened = [line.split(b",")[0] for line in port.lines if line.startswith(b"AT+CIPOPEN=")]
    assert opened == [b"AT+CIPOPEN=%d" % n for n in range(10)] and len(socks) == 10
