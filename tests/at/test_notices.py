"""What a module sends by itself comes between any command and its answer: it is never taken for the answer, nor lost.

Faults F35, F80, F81, F84, F87, F89 of the field.
"""

from modem import CommandError, Modem, ModemTimeout
from tests.quectel.test_sockets import connected, module, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import modem_of, ready

NOTICES = (
    b"RING", b"UNDER-VOLTAGE WARNNING", b"SMS Ready", b"Call Ready", b"SMS DONE", b"PB DONE", b"\xff\xff", b"+CREG: 5", b"+CGEV: ME PDN ACT 1",
    b'+QIND: "csq",20,99', b"+CTZV: +32", b'+CMTI: "SM",3', b'+QIURC: "closed",7', b'+QIURC: "recv",9', b"NO CARRIER",
    b"$GNRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A", b"$BDGSV,1,1,00*68", b"+CGNSSPWR: READY!",
)  # fmt: skip


def test_a_notice_before_any_answer_of_start_changes_nothing():
    for notice in NOTICES:
        port = Module()
        usual = port._usual
        port._usual = lambda line, usual=usual, notice=notice: b"\r\n" + notice + b"\r\n" + usual(line)
        modem = Modem(port)
        modem.start()
        assert modem.identity == {
            "manufacturer": "Quectel", "model": "EC600E-CN", "revision": "EC600ECNLCR01A01", "imei": "861536030196001"
        }, notice  # fmt: skip
        modem.connect("internet")
        assert modem.isconnected(), notice


def test_a_notice_beside_a_number_of_the_card_goes_to_its_handler():
    for command, answer in ((b"AT+CIMI", b"460001234567890"), (b"AT+QCCID", b"+QCCID: 89860025128306012474")):
        for early in (True, False):
            for notice in (b'+QIURC: "closed",0', b'+QIURC: "pdpdeact",1', b'+CMTI: "SM",12345678901', b"+CREG: 2", b"RING"):
                port = module()
                sock = connected(port)
                modem = modem_of(sock)
                lines = [notice, answer] if early else [answer, notice]
                port.table[command] = b"".join([b"\r\n" + line + b"\r\n" for line in lines]) + OK
                number = answer.split(b" ")[-1].decode()
                assert modem.config("imsi" if command == b"AT+CIMI" else "iccid") == number, notice
                if b"closed" in notice:
                    assert sock.recv(10) == b""
                if b"pdpdeact" in notice:
                    assert not modem.isconnected()


def test_a_notice_with_the_name_of_a_raw_command_is_no_line_of_its_answer():
    port = module()
    sock = connected(port)
    modem = modem_of(sock)
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    port.table[b"AT+QIURC?"] = b'\r\n+QIURC: "closed",0\r\n\r\n+QIURC: "mode",1\r\n' + OK
    assert modem.command("AT+QIURC?") == [b'+QIURC: "mode",1'] and events == [("closed", sock)]


def test_a_length_is_followed_by_data_only_where_data_are_pushed():
    port = module()
    sock = connected(port)
    port.table[b"AT+CSQ"] = b'\r\n+QIURC: "recv",5,519\r\n\r\n+CSQ: 28,99\r\n' + OK  # nobody holds connection 5
    assert sock.module.port.modem.status("rssi") == -57


def test_the_text_of_a_message_is_never_protocol():
    texts = (
        b"OK",
        b"ERROR",
        b"RDY",
        b"+QIRD: 4",
        b'+QIURC: "closed",0',
        b'+QIURC: "pdpdeact",1',
        b"+CME ERROR: 10",
        b"SEND FAIL",
        b"> ",
    )
    for text in texts:
        for notice in (b'+CMT: "+491701234567",,"26/11/30,12:00:00+04"', b"+CBM: 1,2,3,1,1", b'+CDS: 6,1,"+49",145'):
            port = module()
            port.table[b"AT+QIRD="] = pulled(b"payload")
            port.table[b"AT+CCLK?"] = b"\r\n" + notice + b"\r\n" + text + b"\r\n\r\n+CCLK: 1\r\n" + OK
            sock = connected(port)
            modem = modem_of(sock)
            assert modem.command("AT+CCLK?") == [b"+CCLK: 1"], (notice, text)
            assert sock.recv(100) == b"payload" and modem.isconnected(), (notice, text)


def test_the_text_of_a_ussd_answer_over_several_lines_is_never_protocol():
    for answer in (
        b'"Credit:\r\nOK\r\nRDY\r\n3.20",15',
        b'"Say "hi\r\nOK\r\nRDY",15',
        b'"12" pipe\r\nERROR\r\n"5", 7 ok\r\nRDY"',
        b'"one line",72',
        b'"5" left"',
    ):
        port = module()
        port.table[b"AT+CCLK?"] = b"\r\n+CUSD: 0," + answer + b"\r\n\r\n+CCLK: 1\r\n" + OK
        sock = connected(port)
        assert modem_of(sock).command("AT+CCLK?") == [b"+CCLK: 1"] and modem_of(sock).isconnected(), answer


def test_the_state_of_ussd_is_no_text():
    port = module()
    port.table[b"AT+CUSD?"] = b"\r\n+CUSD: 1\r\n" + OK
    assert modem_of(connected(port)).command("AT+CUSD?") == [b"+CUSD: 1"]


def test_a_ussd_answer_without_its_closing_quote_costs_one_command():
    port = module()
    sock = connected(port)
    modem = modem_of(sock)
    port.later(0, b'\r\n+CUSD: 0,"Credit: 3.20,15\r\n')
    port.wait(10)
    modem.poll()
    with raises(ModemTimeout):
        modem.status("rssi")
    assert modem.status("rssi") == -57
    port.table[b"AT+QIRD="] = pulled(b"payload")
    assert sock.recv(100) == b"payload"


def test_connect_and_download_ask_for_data_as_the_prompt_does():
    for word in (b"CONNECT", b"DOWNLOAD", b"> "):
        port = Module({b"AT+QHTTPURL=": b"\r\n" + word + b"\r\n"})
        port._line = lambda line, port=port, first=port._line: (setattr(port, "need", 25 if b"URL" in line else 0), first(line))
        modem = ready(port)
        assert modem.command("AT+QHTTPURL=25,5", data=b"x" * 25) == []
        assert port.payloads == [b"x" * 25]
        assert modem.status("rssi") == -57


def test_words_that_end_a_dial_command_end_it():
    for word in (b"NO CARRIER", b"BUSY", b"NO ANSWER", b"NO DIALTONE", b"CONNECT FAIL"):
        port = Module({b"ATD*99#": b"\r\n" + word + b"\r\n"})
        modem = ready(port)
        with raises(CommandError):
            modem.command("ATD*99#")
        assert port.now < 1000


def test_long_answers_are_whole_or_an_error():
    modem = ready(Module({b"AT+LIST": b"".join([b"\r\n+LIST: %d" % n for n in range(200)]) + b"\r\n" + OK}))
    assert len(modem.command("AT+LIST")) == 200
    modem = ready(Module({b"AT+COPS=?": b"\r\n+COPS: " + b'(2,"Net","N","26201",7),' * 40 + b"\r\n" + OK}))
    with raises(OSError, "too long"):
        modem.command("AT+COPS=?")
    modem = ready(Module({b"AT+LIST": b"".join([b"\r\n+LIST: %0400d" % n for n in range(50)]) + b"\r\n" + OK}))
    with raises(OSError, "too many"):
        modem.command("AT+LIST")
