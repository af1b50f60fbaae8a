"""Data phases in which a line or a byte is lost: what is typed next is never taken for data without an error. On both Pythons."""

from modem import ModemTimeout, ProtocolError
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready
from tests.simcom.test_sockets import ERROR, OK, closing, connected, opening, reading, sending

MARK = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)
ASK = b"AT+CIPSEND=0,5\r"
TAKEN = OK + b"\r\n+CIPSEND: 0,5,5\r\n"
PADS = b"\r" * 5 + b"\x1b\r"


def counters(n):
    return (b"AT+CIPACK=0\r", b"\r\n+CIPACK: %d,0,0\r\n" % n + OK)


def test_a_prompt_that_is_lost_gets_its_data():
    s, modem, port = connected([(ASK, b""), (b"hello\r", TAKEN), MARK, counters(5)])
    assert s.send(b"hello") == 5
    assert port.now < 11000, port.now
    port.done()


def test_a_command_that_is_lost_is_sent_again():
    s, modem, port = connected([(ASK, b""), (b"hello\r", b""), MARK, counters(0)] + sending(b"hello"))
    assert s.send(b"hello") == 5
    port.done()


def test_data_that_look_like_a_command_are_not_typed_without_a_prompt():
    data = b"AT+CFUN=0\r"
    ask = b"AT+CIPSEND=0,10\r"
    s, modem, port = connected([(ask, b""), (b"\r" * 10 + b"\x1b\r", b""), MARK, counters(0)])
    port.dialogue += sending(data)
    assert s.send(data) == 10
    port.done()


def test_a_byte_of_the_data_that_is_lost_fails_the_connection():
    s, modem, port = connected([(ASK, b"\r\n>"), (b"hello", b""), (PADS, TAKEN), MARK, counters(5), closing()])
    with raises(ProtocolError, "not known"):
        s.send(b"hello")
    with raises(ProtocolError, "not known"):
        s.recv(1)
    assert port.now < 11000, port.now
    s.close()
    port.done()


def test_the_same_when_the_caller_has_gone():
    s, modem, port = connected([(ASK, b"\r\n>"), (b"hello", b"")])
    s.settimeout(2)
    with raises(OSError):
        s.send(b"hello")
    port.dialogue = [(PADS, TAKEN), MARK, (b"AT+CSQ\r", b"\r\n+CSQ: 23,0\r\n" + OK), closing()]
    port.now += 20000
    assert modem.command("AT+CSQ") == [b"+CSQ: 23,0"]
    with raises(ProtocolError, "not known"):
        s.send(b"other")
    s.close()
    port.done()


def test_an_ok_that_is_lost_does_not_matter_where_the_result_has_come():
    s, modem, port = connected([(ASK, b"\r\n>"), (b"hello", b"\r\n+CIPSEND: 0,5,5\r\n"), MARK] + sending(b"other"))
    assert (s.send(b"hello"), s.send(b"other")) == (5, 5)
    assert port.now < 6000, port.now
    port.done()
    port = ScriptedPort([opening(answer=b"\r\n+CIPOPEN: 0,0\r\n"), MARK, reading(data=b"x")])
    s = ready(port, "a76xx").create_connection(("117.131.85.139", 5253))
    assert s.recv(1) == b"x"
    assert port.now < 6000, port.now


def test_a_result_that_is_lost_is_asked_for():
    s, modem, port = connected(sending(b"hello", answer=OK) + [counters(0), counters(5)] + sending(b"other"))
    assert (s.send(b"hello"), s.send(b"other")) == (5, 5)
    assert 18000 <= port.now < 19000, port.now
    port.done()


def test_an_access_mode_that_was_half_set_is_set_again():
    push = (b"AT+CIPRXGET=0\r", b"")
    unknown = (b"AT+CIPRXGET?\r", b"")
    port = ScriptedPort([(b"AT+CIPHEAD=1\r", OK), (b"AT+CIPSRIP=1\r", OK), push, MARK, unknown])
    modem = ready(port, "a76xx")
    with raises(ModemTimeout):
        modem.create_connection(("117.131.85.139", 5253), access="push")
    port.dialogue = [MARK, (b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n"), (b"AT+CIPMODE=0\r", OK)]
    port.dialogue += [(b"AT+NETOPEN\r", OK + b"\r\n+NETOPEN: 0\r\n"), (b"AT+CIPRXGET=1\r", OK), opening(), reading(data=b"x")]
    s = modem.create_connection(("117.131.85.139", 5253))
    assert s.recv(1) == b"x"
    port.done()


def test_a_close_that_is_refused_is_made_again():
    s, modem, port = connected([(closing()[0], ERROR)])
    s.close()
    flags = b"\r\n+CIPCLOSE: %d,0,0,0,0,0,0,0,0,0\r\n"
    port.dialogue = [(b"AT+CIPCLOSE?\r", flags % 1 + OK), closing(), opening()]
    modem.create_connection(("117.131.85.139", 5253))
    port.done()


def test_a_connection_that_comes_about_after_its_open_was_given_up_is_closed():
    s, modem, port = connected([(closing(0)[0], closing(0)[1])])
    s.close()
    port.later(0, b"\r\n+CIPOPEN: 0,0\r\n")
    flags = b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n"
    port.dialogue = [(b"AT+CIPCLOSE?\r", flags + OK), closing(), opening()]
    modem.poll(10)
    modem.create_connection(("117.131.85.139", 5253))
    port.done()


def test_a_close_that_comes_too_early_is_made_again():
    s, modem, port = connected([(closing()[0], b"\r\n+CIPCLOSE: 0,8\r\n" + ERROR)])
    s.close()
    flags = b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n"
    port.dialogue = [(b"AT+CIPCLOSE?\r", flags + OK), closing(), opening()]
    modem.create_connection(("117.131.85.139", 5253))
    port.done()


def test_the_result_of_a_close_that_comes_twice_is_not_that_of_the_next_connection():
    s, modem, port = connected([closing()])
    s.close()
    port.dialogue = [opening(answer=b"\r\n+CIPCLOSE: 0,0\r\n" + OK + b"\r\n+CIPOPEN: 0,0\r\n"), closing()]
    modem.create_connection(("117.131.85.139", 5253)).close()
    port.done()
