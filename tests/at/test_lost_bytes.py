"""Bytes that get lost on the line (no flow control, a UART that overruns): never wrong data, always a named error."""

import io

from modem import ModemError, ProtocolError
from tests.quectel.test_sockets import connected, module
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import modem_of, ready

DATA = bytes([i * 7 & 255 for i in range(200)])


def _reply(header, data, blank=b"\r\n\r\nOK\r\n"):
    return header % len(data) + data + blank


def _quectel(replies):
    port = module()
    port.table[b"AT+QIRD="] = lambda line: replies.pop(0) if replies else b"\r\n+QIRD: 0\r\n\r\nOK\r\n"
    port.table[b"AT+QISTATE=1,0"] = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,2,1,0,0,"uart1"\r\n\r\nOK\r\n'
    return connected(port)


def _simcom(replies):
    port = Module({b"AT+CIPOPEN=": [(0, OK), (5, b"\r\n+CIPOPEN: 0,0\r\n")]})
    port.table[b"AT+CIPRXGET=2,0,1500"] = lambda line: replies.pop(0) if replies else b"\r\n+IP ERROR: No data\r\n\r\nERROR\r\n"
    port.table[b"AT+CIPCLOSE?"] = b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n\r\nOK\r\n"
    port.table[b"AT+CIPCLOSE="] = [(0, OK), (5, b"\r\n+CIPCLOSE: 0,0\r\n")]
    sock = ready(port, "a76xx").socket()
    sock.settimeout(5)
    sock.connect(("10.0.0.1", 80))
    return sock


VENDORS = ((_quectel, b"\r\n+QIRD: %d\r\n"), (_simcom, b"\r\n+CIPRXGET: 2,0,%d,0\r\n"))


def _notice(vendor):
    return b'\r\n+QIURC: "recv",0\r\n' if vendor is _quectel else b"\r\n+CIPRXGET: 1,0\r\n"


def _read(vendor, whole, damaged):
    """Read a good block, then one that was damaged on the way; return the exception of the second read."""
    sock = vendor([whole, damaged])
    port = modem_of(sock).module.port
    assert sock.recv(1500) == DATA
    port.later(10, _notice(vendor))
    sock.settimeout(90)
    with raises(ModemError) as error:
        got = sock.recv(1500)
        raise AssertionError("%d bytes were delivered" % len(got))
    began = port.now
    sock.close()
    port.table[b"AT+CSQ"] = b"\r\n+CSQ: 28,99\r\n\r\nOK\r\n"
    assert modem_of(sock).status("rssi") == -57  # the line is as good as before
    assert port.now - began < 30000
    return error.value


def test_any_number_of_bytes_lost_anywhere_in_a_block():
    for vendor, header in VENDORS:
        for blank in (b"\r\n\r\nOK\r\n", b"\r\nOK\r\n", b"\r\n\r\n\r\nOK\r\n"):
            whole = _reply(header, DATA, blank)
            for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 50, 120):
                for at in (0, 77, len(DATA) - n):
                    damaged = _reply(header, DATA, blank)
                    start = damaged.find(DATA) + at
                    error = _read(vendor, whole, damaged[:start] + damaged[start + n :])
                    assert isinstance(error, ProtocolError) and "missing" in str(error), (vendor, blank, n, at, error)
                    if n < len(blank) - 4:
                        assert " %d bytes" % n in str(error), (n, error)


def test_a_damaged_block_that_is_the_first_one_shows_by_half_a_line_end_or_with_the_next():
    for vendor, header in VENDORS:
        whole = _reply(header, DATA)
        start = whole.find(DATA) + 9
        for lost in (1, 3, 4) if vendor is _quectel else (1, 3):  # half a CR LF is left before OK, or none: some SIMCom firmware
            sock = vendor([whole[:start] + whole[start + lost :]])
            with raises(ProtocolError, "some bytes are missing"):
                sock.recv(1500)
        sock = vendor([whole[:start] + whole[start + 2 :], whole, whole])
        first = sock.recv(1500)
        assert len(first) == len(DATA)  # nothing to compare it with yet
        modem_of(sock).module.port.later(10, _notice(vendor))
        with raises(ProtocolError, " 2 bytes are missing"):
            sock.recv(1500)


def test_a_firmware_that_varies_its_blank_lines_is_told_from_a_bad_line():
    for vendor, header in VENDORS:
        whole, near = _reply(header, DATA), _reply(header, DATA, b"\r\nOK\r\n")
        start = whole.find(DATA)
        replies = []
        first = vendor(replies)
        modem = modem_of(first)

        def read(reply, modem=modem, replies=replies, vendor=vendor):
            sock = modem.socket()
            sock.settimeout(5)
            sock.connect(("10.0.0.1", 80))
            replies.append(reply)
            modem.module.port.later(10, _notice(vendor).replace(b",0\r", b",%d\r" % sock.connection_id()))
            try:
                return sock.recv(1500) == DATA
            except ProtocolError:
                return None
            finally:
                sock.close()

        first.close()
        assert [read(reply) for reply in (whole, near, whole, near, near, whole, near)] == [True, None, True, None] + [True] * 3
        for reply in (whole, near, whole):
            assert read(reply[:start] + reply[start + 1 :]) is None
            assert read(reply) is True


def test_lines_between_a_block_and_its_ok_are_no_damage():
    for vendor, header in VENDORS:
        whole = _reply(header, DATA)
        at = whole.find(DATA) + len(DATA) + 2
        sock = vendor([whole, whole[:at] + b"\r\n+CSQ: 9,99\r\n" + whole[at:], whole])
        for _ in range(3):
            modem_of(sock).module.port.later(10, _notice(vendor))
            assert sock.recv(1500) == DATA


def test_every_cut_of_the_answers_finds_the_same_distance():
    for vendor, header in VENDORS:
        whole = _reply(header, DATA[:20])
        for cut in range(1, 2 * len(whole) + 80):
            sock = vendor([whole, whole])
            modem_of(sock).module.port.cuts = {cut, cut + 3}
            for _ in range(2):
                modem_of(sock).module.port.later(10, _notice(vendor))
                assert sock.recv(1500) == DATA[:20], (cut, vendor)
            damaged = vendor([whole, whole[:30] + whole[31:]])
            modem_of(damaged).module.port.cuts = {cut, cut + 3}
            assert damaged.recv(1500) == DATA[:20]
            modem_of(damaged).module.port.later(10, _notice(vendor))
            with raises(ProtocolError, " 1 bytes are missing"):
                damaged.recv(1500)


def test_what_is_pushed_after_a_gap_is_not_delivered():
    header = b'\r\n+QIURC: "recv",0,%d\r\n'
    modem = ready(module(), "ec600e")
    s = modem.socket(access="push")
    s.connect(("10.0.0.1", 80))
    port = modem.module.port
    port.later(0, header % 5 + b"first" + header % 9 + b"broken")
    modem.poll(10)
    assert s.recv(5) == b"first"
    modem.poll(6000)
    port.later(0, b"\r\n" + header % 5 + b"third")
    modem.poll(10)
    with raises(ProtocolError, "3 bytes are missing"):
        s.recv(10)
    s.close()
    assert modem.status("rssi") == -57


def _ftp(answer):
    """Fetch a file whose blocks come as `answer`; return what was written and the error."""
    port = Module({b"AT+CFTPGET=": OK + answer, b"AT+CGMM": b"\r\nSIMCOM_SIM7100E\r\n" + OK})
    modem = ready(port, "sim7100")
    into = io.BytesIO()
    try:
        modem.ftp("srv").retrieve("/file", into)
    except ModemError as error:
        return into.getvalue(), error
    finally:
        port.table[b"AT+CSQ"] = b"\r\n+CSQ: 28,99\r\n" + OK
        assert modem.status("rssi") == -57
    return into.getvalue(), None


def test_bytes_lost_in_a_transfer_of_the_modules_own_ftp():
    text = b"a line of text that is long enough\r\n" * 6
    for data in (DATA, text):
        for between in (b"", b"\r\n+CSQN: 23,0\r\n", b"\r\nSMS DONE\r\n"):
            block = between + b"\r\n+CFTPGET: DATA,%d\r\n" % len(data) + data
            whole = block * 4 + between + b"\r\n+CFTPGET: 0\r\n"
            assert _ftp(whole) == (data * 4, None)
            for first in (False, True):
                for n in (1, 2, 3, 5, 9, 14, 20, 26, 60, 150) if not between else (26, 60, 150):  # a notice may hide a few
                    start = whole.find(data) + 7 + (0 if first else len(block))
                    got, error = _ftp(whole[:start] + whole[start + n :])
                    assert isinstance(error, ModemError), (n, first, between, len(got))


def test_pushed_data_whose_next_header_was_swallowed_end_with_an_error():
    for model, header, behind in (
        ("ec600e", b'\r\n+QIURC: "recv",0,%d\r\n', b"\r\n"),
        ("a76xx", b"\r\n+RECEIVE,0,%d:\r\n", b""),
    ):
        port = Module({b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n", b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n"})
        port.table[b"AT+CIPCLOSE="] = OK + b"\r\n+CIPCLOSE: 0,0\r\n"
        for n in (0, 5, 12, 40, 120):
            modem = ready(port, model)
            s = modem.socket(access="push")
            s.connect(("10.0.0.1", 80))
            s.settimeout(30)
            whole = header % len(DATA) + DATA + behind
            second = (whole[: len(whole) // 2] + whole[len(whole) // 2 + n :]) if n else whole
            port.later(0, whole + second + whole + b"\r\n+CSQN: 23,0\r\n" + whole)
            assert s.read(len(DATA)) == DATA
            if n:
                with raises(ProtocolError, "lost on the line"):
                    s.read(len(DATA) * 5)
            else:
                assert s.read(len(DATA) * 3) == DATA * 3
            s.close()
            assert modem.status("rssi") == -57


def test_notices_of_other_kinds_are_no_gap_in_what_is_pushed():
    for notice in (
        b"UNDER-VOLTAGE WARNNING",
        b"VOICE CALL: BEGIN",
        b"MISSED_CALL: 10:12AM 0123",
        b"$GPRMC,,V,,,,,,,,,,N*53",
        b"^MODE: 15,8,1,0",
    ):
        for model, header in (("ec600e", b'\r\n+QIURC: "recv",0,5\r\n'), ("a76xx", b"\r\n+RECEIVE,0,5:\r\n")):
            port = Module({b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n", b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n"})
            s = ready(port, model).socket(access="push")
            s.connect(("10.0.0.1", 80))
            s.settimeout(30)
            port.later(0, header + b"abcde\r\n" + notice + b"\r\n" + header + b"fghij")
            assert s.read(10) == b"abcdefghij", notice


def test_the_echo_of_what_is_sent_is_no_gap_in_what_is_pushed():
    port = Module({b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n"})
    modem = ready(port, "a76xx")
    s = modem.socket(access="push")
    s.connect(("10.0.0.1", 80))
    s.settimeout(30)
    text = b"what is sent comes back\nas lines of no module\n" * 4
    pushed = b"\r\n+RECEIVE,0,5:\r\nabcde"

    def prompt(line):
        port.need = int(line.split(b",")[1])
        return pushed + b"\r\n>"

    port.table[b"AT+CIPSEND="] = prompt
    port.after = text + OK + b"\r\n+CIPSEND: 0,%d,%d\r\n" % (len(text), len(text))
    s.sendall(text)
    port.later(0, pushed)
    assert s.read(10) == b"abcdeabcde"
