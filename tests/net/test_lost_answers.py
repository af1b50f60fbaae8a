"""Answers that are lost, come twice, or stand where another one belongs: nothing is taken for a success, and nothing stays behind.

Rules 1, 3, 4, 6 and 8 of the line; each is a kind of fault of tools/sweep.py.
"""

from modem import CommandError, ProtocolError, SocketTimeout
from tests.quectel.test_sockets import connected, module, opening, pulled
from tests.quectel.test_transparent import RawModule
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import modem_of, ready

ROW = b'\r\n+QISTATE: %d,"%s","10.0.0.9",5,80,%d,1,0,0,"uart1"\r\n'
LISTENING = ROW % (0, b"TCP LISTENER", 3)
CLIENT = ROW % (11, b"TCP INCOMING", 2)
PROBES = ((b"AT+CMEE?", b"+CMEE: 1"), (b"AT+CSQ", b"+CSQ: 28,99"), (b"AT+CFUN?", b"+CFUN: 1"), (b"AT+COPS?", b"+COPS: 0"))


def _listener():
    port = module()
    port.table[b"AT+QISTATE"] = LISTENING + CLIENT + OK
    server = ready(port).socket()
    server.bind(("", 80))
    server.listen()
    return port, server


def test_a_client_whose_announcement_was_lost_is_accepted_all_the_same():
    port, server = _listener()
    server.settimeout(30)
    client, peer = server.accept()
    assert client.connection_id() == 11 and peer == ("10.0.0.9", 5) and 20000 <= port.now < 21000
    port.table[b"AT+QISTATE"] = LISTENING + CLIENT + OK
    server.settimeout(50)
    with raises(SocketTimeout):
        server.accept()  # one that is known is none


def test_a_client_whose_announcement_was_lost_is_closed_with_its_listener():
    port, server = _listener()
    server.close()
    assert port.lines[-3:] == [b"AT+QISTATE", b"AT+QICLOSE=0", b"AT+QICLOSE=11"]


def test_a_close_without_an_answer_is_made_again_before_the_next_open():
    port = module()
    port.table[b"AT+QICLOSE=0"] = None
    sock = connected(port)
    modem = modem_of(sock)
    sock.close()
    port.table[b"AT+QISTATE=1,0"] = ROW % (0, b"TCP", 2) + OK
    port.table[b"AT+QICLOSE=0"] = OK
    assert modem.create_connection(("10.0.0.1", 80)).connection_id() == 0
    assert port.lines[-3:-1] == [b"AT+QISTATE=1,0", b"AT+QICLOSE=0"]


def test_an_open_whose_error_has_no_reason_is_closed_later():
    port = module()
    port.table[b"AT+QIOPEN="] = lambda line: ERROR if port.count(line) == 1 and b"=1,0," in line else opening(line)
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 0,operate successfully\r\n\r\nOK\r\n"
    sock = connected(port)
    assert sock.connection_id() == 1
    modem_of(sock).poll(10)
    assert port.lines[-1] == b"AT+QICLOSE=0"


def test_an_answer_without_the_connection_is_no_proof_that_it_is_gone():
    for answer in (OK, ERROR):
        port = module()
        replies = [ERROR, b"\r\n+QIRD: 4\r\nhere\r\n" + OK]
        port.table[b"AT+QIRD="] = lambda line, replies=replies: replies.pop(0)
        port.table[b"AT+QISTATE=1,0"] = answer
        port.table[b"AT+QISTATE"] = ROW % (0, b"TCP", 2) + OK
        sock = connected(port)
        assert sock.recv(10) == b"here" and port.count(b"AT+QISTATE") == 1


def test_a_good_result_before_the_prompt_belongs_to_an_earlier_command():
    for stray in (OK, b"\r\nSEND OK\r\n"):
        port = module()
        sock = connected(port)
        port.need = 0

        def prompt(line, port=port, stray=stray):
            port.need = 5
            return [(0, stray), (20, b"\r\n> ")]

        port.table[b"AT+QISEND="] = prompt
        port.after = b"\r\nSEND OK\r\n"
        assert sock.send(b"hello") == 5 and port.payloads == [b"hello"]


def test_an_error_after_the_data_is_looked_into_by_the_counters():
    for taken, sent in ((5, 5), (0, None)):
        port = module()
        sock = connected(port)
        port.after = ERROR
        port.table[b"AT+QISEND=0,0"] = b"\r\n+QISEND: %d,0,0\r\n" % taken + OK
        port.table[b"AT+QISTATE=1,0"] = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,2,1,0,0,"uart1"\r\n' + OK
        if sent:
            assert sock.send(b"hello") == sent
        else:
            with raises(CommandError):
                sock.send(b"hello")
        assert port.payloads == [b"hello"]


def _raw(answer):
    port = RawModule({b"AT+CSQ": b"\r\n+CSQ: 9,99\r\n" + OK})
    real = port._connect

    def connect(line):
        real(line)
        return answer

    port.table[b"AT+QIOPEN="] = connect
    return port


def test_nothing_but_the_escape_is_typed_after_a_connect_that_was_lost():
    for answer, error in ((None, SocketTimeout), (b"\r\nCONNECT", SocketTimeout), (ERROR, CommandError)):
        port = _raw(answer)
        port.raw.append((0, b""))
        modem = ready(port)
        sock = modem.socket(access="transparent")
        sock.settimeout(10)
        with raises(error):
            sock.connect(("10.0.0.1", 80))
        if not port.lines[-1].startswith(b"AT+CSQ"):
            port.now += 200000  # the limit of the command
        assert modem.status("rssi") == -95
        assert port.payload() == b"+++", (answer, port.payload())


def test_an_ok_before_connect_belongs_to_an_earlier_command():
    port = _raw([(0, OK), (20, b"\r\nCONNECT\r\n")])
    sock = ready(port).socket(access="transparent")
    sock.connect(("10.0.0.1", 80))
    sock.send(b"AT+data")
    assert port.payload() == b"AT+data"


def test_payload_that_is_taken_for_lines_is_no_restart_and_no_answer():
    port = module()
    sock = connected(port)
    payload = b"x" * 30 + b"\r\nOK\r\n\r\nRDY\r\n\r\n+CSQ: 1,99\r\n\r\nOK\r\n"
    port.table[b"AT+QIRD="] = [(0, b"\r\n+QRD: 90\r\n" + payload[:40]), (30, payload[40:]), (60, b"\r\nOK\r\n")]
    with raises(ProtocolError):
        sock.recv(100)
    modem = modem_of(sock)
    assert modem.status("rssi") == -57 and modem.module.started


def test_late_answers_to_the_questions_of_an_earlier_call_are_none_to_this_ones():
    port = module()
    sock = connected(port)
    modem = modem_of(sock)
    back = port.now + 100000
    for line, answer in PROBES:
        whole = b"\r\n" + answer + b"\r\n" + OK
        port.table[line] = lambda line, whole=whole: [(max(0, back - port.now), whole)]
    port.table[b"AT+CREG?"] = None
    for _ in range(3):
        with raises(OSError):
            modem.command("AT+CREG?", timeout_ms=1000)
    port.now = back - 100
    port.table[b"AT+CREG?"] = b"\r\n+CREG: 0,5\r\n" + OK
    assert modem.command("AT+CREG?") == [b"+CREG: 0,5"]


def test_a_sender_that_is_no_address_fails_the_read():
    header = b'\r\n+QIRD: 5,"1920.2.10.1",7\r\n'
    for answer in (header + b"hello\r\n\r\nOK\r\n", b'\r\n+QIRD: 5,"10.0.0.9",7\r\x0bhello\r\n\r\nOK\r\n'):
        port = Module({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
        port.table[b"AT+QIRD="] = answer
        modem = ready(port)
        sock = modem.socket(type=modem.SOCK_DGRAM)
        sock.settimeout(5)
        sock.bind(("", 5000))
        with raises(ProtocolError):
            sock.recvfrom(100)


def test_a_result_that_comes_after_its_caller_has_gone_is_not_taken_for_the_next_ones():
    port = module()
    sock = connected(port)
    sock.settimeout(1)
    port.after = [(3000, b"\r\nSEND OK\r\n")]
    with raises(SocketTimeout):
        sock.send(b"0123456789")

    def counters(line):
        port.after = b"\r\nSEND OK\r\n"
        return b"\r\n+QISEND: 10,10,0\r\n" + OK

    port.table[b"AT+QISEND=0,0"] = counters
    port.after = b""  # the second payload is lost, and with it its result
    sock.settimeout(None)
    assert sock.send(b"abcdefghij") == 10
    assert port.payloads == [b"0123456789", b"abcdefghij", b"abcdefghij"] and sock.link.sent == 20
