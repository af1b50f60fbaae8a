"""One line of the module is lost, cut or changed: what was received has no hole, and nothing waits for ever.

Faults F01, F02, F19, F37, F38, F95 of the field: the same rules for every command that fetches a block.
"""

from modem import CommandError, ConnectionClosed, ProtocolError, SocketTimeout
from tests.at.test_undocumented_answers import simcom
from tests.quectel.test_sockets import connected, module, pulled, push
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK
from tests.rigs.scripted_port import ScriptedPort, modem_of, ready

EMPTY = b"\r\n+QIRD: 0\r\n\r\nOK\r\n"
STATE = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,0,%d,1,0,0,"uart1"\r\n\r\nOK\r\n'
BLOCK = bytes(range(32, 127)) * 10  # no line end in it


def _answers(*answers):
    """Answers to one command, one after the other; the last one again and again."""
    left = list(answers)

    def answer(line):
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def _reply(header, block=BLOCK):
    return b"\r\n%s\r\n%s\r\n\r\nOK\r\n" % (header, block)


def test_a_damaged_header_fails_the_connection_and_nothing_after_the_hole_is_delivered():
    good = b"+QIRD: %d" % len(BLOCK)
    headers = [good[:k] + good[k + 1 :] for k in range(len(good)) if good[k] != 32]  # each byte lost
    headers += [good[:k] + b"?" + good[k + 1 :] for k in range(len(good))]  # each byte changed
    headers += [b"+QIRD: 95", b"+QIRD: 9500", b"+QIRD: 999999999999", b""]
    for header in headers:
        port = module()
        first = _reply(b"+QIRD: %d" % len(BLOCK))
        port.table[b"AT+QIRD="] = _answers(first, _reply(header), _reply(good), EMPTY)
        sock = connected(port)
        got = b""
        with raises(ProtocolError):
            while True:
                got += sock.recv(4000)
                assert len(got) < 9000
        assert got == BLOCK, (header, len(got))
        with raises(ProtocolError):
            sock.recv(1)
        assert sock.module.engine.command is None
        sock.close()


def test_a_blank_lost_from_the_header_is_no_damage():
    port = module()
    port.table[b"AT+QIRD="] = _answers(b"\r\n+QIRD:%d\r\n%s\r\n\r\nOK\r\n" % (len(BLOCK), BLOCK), EMPTY)
    assert connected(port).recv(4000) == BLOCK


def test_more_than_a_module_pushes_is_no_header():
    for n in (b"999999999999", b"15000"):
        port = module()
        sock = connected(port, access="push")
        port.later(0, push(b"before") + b'\r\n+QIURC: "recv",0,' + n + b"\r\nabc\r\n" + push(b"after"))
        assert sock.recv(100) == b"before"
        with raises(ProtocolError):
            sock.recv(100)
        with raises(ProtocolError):
            sock.recv(100)
        assert sock.module.port.modem.status("rssi") == -57  # the line is usable


def test_a_header_that_announces_too_much_fails_at_once_and_not_after_a_silence():
    notices = [(ms, b'\r\n+QIND: "csq",23,99\r\n') for ms in range(4000, 60001, 4000)]  # the silence never comes
    port = module()
    port.table[b"AT+QIRD="] = _answers([(0, _reply(b"+QIRD: 999999999999"))] + notices, EMPTY)
    _fails_at_once(port, connected(port))
    for n in (b"999999999999", b"15000"):
        port = module()
        sock = connected(port, access="push")
        for delay_ms, data in [(0, b'\r\n+QIURC: "recv",0,' + n + b"\r\nabc\r\n")] + notices:
            port.later(delay_ms, data)
        _fails_at_once(port, sock)


def _fails_at_once(port, sock):
    sock.settimeout(100)
    began = port.now
    with raises(ProtocolError):
        sock.recv(100)
    assert port.now - began < 1000


def test_data_that_come_while_an_empty_answer_is_on_its_way_are_read_at_once():
    port = module()
    notice = b'\r\n+QIURC: "recv",0\r\n'
    port.table[b"AT+QIRD="] = _answers(notice + EMPTY, _reply(b"+QIRD: 4", b"data"), EMPTY)
    sock = connected(port)
    began = port.now
    assert sock.recv(100) == b"data" and port.now - began < 100


def test_after_one_lost_notice_the_rest_comes_at_full_speed():
    port = module()
    port.table[b"AT+QIRD="] = pulled()
    sock = connected(port)
    sock.settimeout(100)
    with raises(SocketTimeout):
        sock.settimeout(1)
        sock.recv(1)
    sock.settimeout(100)
    port.table[b"AT+QIRD="] = pulled(*[b"x" * 1500] * 40)  # and no notice
    began = port.now
    got = 0
    while got < 60000:
        got += len(sock.recv(1500))
    assert 15000 < port.now - began < 25000


def test_a_lost_closed_line_is_found_out_by_asking_for_the_state():
    for access in ("buffer", "push"):
        port = module()
        port.table[b"AT+QIRD="] = EMPTY
        port.table[b"AT+QISTATE="] = STATE % 4
        sock = connected(port, access=access)
        sock.settimeout(None)
        began = port.now
        assert sock.recv(100) == b"" and port.now - began < 60000
        assert port.count(b"AT+QISTATE=1,0") == 3  # is it open, was that so, does the module have it


def test_one_damaged_answer_about_the_state_ends_no_connection():
    for access in ("buffer", "push"):
        port = module()
        port.table[b"AT+QIRD="] = EMPTY
        port.table[b"AT+QISTATE="] = STATE % 2
        answers = port._line
        damaged = [b"AT+QISTATE=1,0", b"AT+QISTATE"]

        def line(text, port=port, answers=answers, damaged=damaged):
            if text in damaged:
                damaged.remove(text)
                port._answer(OK)
            else:
                answers(text)

        port._line = line
        sock = connected(port, access=access)
        sock.settimeout(70)
        with raises(SocketTimeout):
            sock.recv(100)
        assert not damaged


def test_a_silent_connection_that_is_open_stays_open():
    for access in ("buffer", "push"):
        port = module()
        port.table[b"AT+QIRD="] = EMPTY
        port.table[b"AT+QISTATE="] = STATE % 2
        sock = connected(port, access=access)
        sock.settimeout(200)
        with raises(SocketTimeout):
            sock.recv(100)
        assert 5 <= port.count(b"AT+QISTATE=1,0") <= 11  # once in 20 s
        port.table[b"AT+QIRD="] = pulled(b"late")
        port.later(5, push(b"late") if access == "push" else b'\r\n+QIURC: "recv",0\r\n')
        assert sock.recv(100) == b"late"


def test_reads_that_are_refused_again_and_again_end_with_the_modules_answer():
    port = module()
    port.table[b"AT+QIRD="] = b"\r\n+CME ERROR: 4711\r\n"
    port.table[b"AT+QISTATE="] = STATE % 2
    sock = connected(port)
    sock.settimeout(None)
    with raises(OSError, "4711"):
        sock.recv(100)
    assert port.count(b"AT+QIRD=0,1500") <= 10


def test_one_refused_read_of_a_live_connection_is_no_end():
    for state in (2, 3):
        port = module()
        port.table[b"AT+QIRD="] = _answers(b"\r\nERROR\r\n", _reply(b"+QIRD: 4", b"data"), EMPTY)
        port.table[b"AT+QISTATE="] = STATE % state
        assert connected(port).recv(100) == b"data"


def test_a_module_that_says_closed_while_it_promised_data_is_an_error():
    port = module()
    port.table[b"AT+QIRD="] = b"\r\nERROR\r\n"
    port.table[b"AT+QISTATE="] = OK
    sock = connected(port)
    port.later(0, b'\r\n+QIURC: "recv",0\r\n')
    with raises(ConnectionClosed, "discarded"):
        sock.recv(100)


def _two_answers_of_which_one_is_lost(count, data=b"second"):
    """A module that hands `data` out in an answer that never arrives; AT+QIRD=0,0 then says that it has handed out `count` bytes."""
    port = module()
    answers = _answers(_reply(b"+QIRD: 5", b"first"), [], _reply(b"+QIRD: 5", b"third"), EMPTY)
    asked = b"\r\n+QIRD: 16,%d,0\r\n\r\nOK\r\n" % count
    port.table[b"AT+QIRD="] = lambda line: asked if line == b"AT+QIRD=0,0" else answers(line)
    port.table[b"AT+QISTATE"] = STATE % 2
    sock = connected(port)
    sock.settimeout(200)
    assert sock.recv(100) == b"first"
    return sock


def test_a_lost_answer_that_held_data_is_a_hole():
    sock = _two_answers_of_which_one_is_lost(11)
    with raises(ProtocolError, "the answer to a read is lost"):
        sock.recv(100)
    with raises(ProtocolError):
        sock.recv(100)


def test_a_lost_answer_that_held_nothing_is_no_hole():
    sock = _two_answers_of_which_one_is_lost(5)
    assert sock.recv(100) == b"third"


def test_where_a_simcom_module_does_not_count_a_lost_answer_is_a_hole_if_data_were_promised():
    for promised in (True, False):
        port = simcom({})
        answers = _answers(b"\r\n+CIPRXGET: 2,0,5,0\r\nfirst\r\n\r\nOK\r\n", [], b"\r\n+CIPRXGET: 2,0,5,0\r\nthird\r\n\r\nOK\r\n")
        port.table[b"AT+CIPRXGET="] = answers
        port.table[b"AT+CIPCLOSE?"] = b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n" + OK
        sock = ready(port, "a76xx").create_connection(("10.0.0.1", 80), timeout=200)
        assert sock.recv(5) == b"first"
        if promised:
            sock.link.on_recv()
            with raises(ProtocolError, "the answer to a read is lost"):
                sock.recv(100)
        else:
            assert sock.recv(100) == b"third"


def test_a_refusal_in_place_of_data_that_were_promised_is_a_hole_where_the_module_has_handed_them_out():
    for count in (11, 5):
        port = module()
        answers = _answers(_reply(b"+QIRD: 5", b"first"), b"\r\nERROR\r\n", _reply(b"+QIRD: 5", b"third"), EMPTY)
        asked = b"\r\n+QIRD: 16,%d,0\r\n\r\nOK\r\n" % count
        port.table[b"AT+QIRD="] = lambda line, asked=asked, answers=answers: asked if line == b"AT+QIRD=0,0" else answers(line)
        port.table[b"AT+QISTATE"] = STATE % 2
        sock = connected(port)
        assert sock.recv(100) == b"first"
        sock.link.on_recv()
        if count == 5:
            assert sock.recv(100) == b"third"
        else:
            with raises(ProtocolError):
                sock.recv(100)


def test_words_in_capitals_between_a_block_and_its_ok_are_what_is_left_of_a_block():
    port = simcom({})
    head = b"\r\n+CIPRXGET: 2,0,9,0\r\n"
    port.table[b"AT+CIPRXGET="] = head + head + b"GOT 3800\n\r\n\r\nOK\r\n"  # the header has come twice
    sock = ready(port, "a76xx").create_connection(("10.0.0.1", 80), timeout=20)
    with raises(ProtocolError):
        sock.recv(100)


def test_an_error_that_came_twice_does_not_end_the_send_after_it():
    scripts = {
        "ec600e": (b"AT+QISEND=0,5\r", b"\r\n> ", b"\r\nSEND OK\r\n"),
        "a76xx": (b"AT+CIPSEND=0,5\r", b"\r\n>", b"\r\nOK\r\n\r\n+CIPSEND: 0,5,5\r\n"),
    }
    for model, (line, prompt, done) in scripts.items():
        refused = (b"AT+NOSUCH\r", b"\r\nERROR\r\n")
        port, sock = _open(model, [refused, (line, [(1, b"\r\nERROR\r\n"), (40, prompt)]), (b"hello", done)])
        with raises(CommandError):
            modem_of(sock).command("AT+NOSUCH")
        assert sock.send(b"hello") == 5
        port.done()


def test_an_error_that_came_twice_does_not_end_the_read_after_it():
    scripts = {
        "ec600e": (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 5\r\nhello\r\n\r\nOK\r\n", b'\r\n+QIURC: "recv",0\r\n'),
        "a76xx": (b"AT+CIPRXGET=2,0,1500\r", b"\r\n+CIPRXGET: 2,0,5,0\r\nhello\r\nOK\r\n", b"\r\n+CIPRXGET: 1,0\r\n"),
    }
    for model, (line, block, notice) in scripts.items():
        port, sock = _open(model, [(line, [(1, b"\r\nERROR\r\n"), (250, block)])])
        port.later(0, notice)
        modem_of(sock).poll(10)
        assert sock.recv(5) == b"hello"
        port.done()


def test_an_error_in_place_of_the_prompt_is_believed_after_a_moment():
    reason = (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 552\r\n" + OK)
    for model, line, then in (("ec600e", b"AT+QISEND=0,5\r", [reason]), ("a76xx", b"AT+CIPSEND=0,5\r", [])):
        refused = [(line, b"\r\nERROR\r\n")] + then
        port, sock = _open(model, refused * (1 + len(then)))  # a Quectel module is asked twice
        begun = port.now
        with raises(CommandError):
            sock.send(b"hello")
        assert 300 <= port.now - begun < 2000
        port.done()


def _open(model, dialogue):
    opening = {
        "ec600e": (b'AT+QIOPEN=1,0,"TCP","h",80,0,0\r', OK + b"\r\n+QIOPEN: 0,0\r\n"),
        "a76xx": (b'AT+CIPOPEN=0,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n"),
    }
    port = ScriptedPort([opening[model]] + dialogue)
    sock = ready(port, model).socket()
    sock.connect(("h", 80))
    return port, sock
