"""A mailbox by SIM7100: words that mean failure, listings, fetching, reading without being fooled. Scripted, on both Pythons."""

import io

from modem import CommandError, ProtocolError
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import feed_all_ways
from tests.services.test_ftp import ERROR, OK, URC, block, code_of, on, turns

SRV = (b'AT+POP3SRV="pop3.server.com","user_name","password",110\r', OK)
IN = (b"AT+POP3IN\r", b"\r\n+POP3: SUCCESS\r\n" + OK)
OUT = (b"AT+POP3IN?\r", b"\r\n+POP3IN: NULL\r\n" + OK)
STILL = (b"AT+POP3IN?\r", b'\r\n+POP3IN: "pop3.server.com"\r\n' + OK)


def box(modem, opened=True):
    p = modem.pop3("pop3.server.com", "user_name", "password")
    p.operations._open = opened
    return p


def test_the_first_operation_logs_in():
    slow = (b"AT+POP3IN\r", [(100000, IN[1])])
    settings = (b"AT+POP3SRV?\r", b'\r\n+POP3SRV: "pop3.server.com", "user_name", "password", 110\r\n' + OK)
    modem, port = on([SRV, slow, settings])
    p = box(modem, False)
    p.login()
    check("S-115", port.now >= 100000, True)
    check("S-105", p.settings(), ("pop3.server.com", "user_name", 110))
    check("S-111", p.operations._open, True)
    modem, port = on([(SRV[0], ERROR), (b"AT+POP3STOP\r", OK), SRV, IN])
    box(modem, False).login()
    port.done()
    for word in ("NETWORK ERROR", "SERVER ERROR", "INVALID UN", "INVALID UN/PWD"):
        modem, port = on([SRV, (b"AT+POP3IN\r", b"\r\n+POP3: " + word.encode() + b"\r\n" + ERROR)])
        with raises(CommandError, word + " (") as error:
            box(modem, False).login()
        check("S-112", error.value.code, word)
        assert "password" not in error.value.command


def test_count_sizes_and_headers():
    modem, port = on(turns("SIM7100-POP3NUM-1")[1:] + turns("SIM7100-POP3LIST-1")[1:])
    p = box(modem)
    check("S-116", p.count(), (1, 3057))
    check("S-119", p.sizes(), [(1, 3056)])
    check("S-121", p.size(1), 3056)
    rows = b"\r\n".join([b"%d %d" % (i, 100 + i) for i in range(1, 101)])
    dialogue = [(b"AT+POP3LIST\r", b"\r\n+POP3: 100 15050\r\n" + rows + b"\r\n" + OK)]
    want = [(i, 100 + i) for i in range(1, 101)]
    modem, port = on(dialogue)
    check("S-120", box(modem).sizes(), want)
    assert feed_all_ways(dialogue, lambda m: box(m).sizes(), want, (rows,), URC, "sim7100", 211) > 5
    for answer in (ERROR, b"\r\n+POP3: SERVER ERROR\r\n" + ERROR):
        modem, port = on([(b"AT+POP3LIST=9\r", answer), STILL])
        check("S-122", code_of(box(modem).size, 9), "SERVER ERROR" if b"SERVER" in answer else None)
    modem, port = on(turns("SIM7100-POP3HDR-1"))
    found = box(modem).header(1)
    check("S-123", (found["from"], found["date"][:11]), ("sendername<senderaddress@server.com>", "Mon, 17 Aug"))
    modem, port = on([(b"AT+POP3HDR=1\r", b"\r\nFrom: \r\nDate:\r\nSubject: \r\n" + OK)])
    check("S-124", box(modem).header(1), {"from": "", "date": "", "subject": ""})
    modem, port = on([(b"AT+POP3HDR=1\r", b"\r\n+POP3: SERVER ERROR\r\n" + ERROR), STILL])
    check("S-125", code_of(box(modem).header, 1), "SERVER ERROR")


def test_busy_is_a_failure_whatever_follows_the_word():
    for ident in ("SIM7100-POP3NUM-2-P", "SIM7100-POP3NUM-3-D"):
        modem, port = on(turns(ident))
        p = box(modem)
        check("S-117", (code_of(p.count), p.operations._open), ("ONGOING", True))


def test_an_operation_without_a_session_is_an_error_and_the_next_one_logs_in():
    calls = [
        ("NUM", "count", ()),
        ("LIST", "sizes", ()),
        ("HDR=1", "header", (1,)),
        ("DEL=1", "delete", (1,)),
        ("OUT", "logout", ()),
    ]
    for name, call, args in calls:
        line = b"AT+POP3" + name.encode() + b"\r"
        modem, port = on([(line, ERROR)] + ([] if name == "OUT" else [OUT]))
        p = box(modem)
        check("S-436", (code_of(getattr(p, call), *args), p.operations._open), (None, False))
        port.done()
    modem, port = on([(b"AT+POP3GET=1,1\r", ERROR), OUT])
    check("S-436", code_of(box(modem).get, 1), None)


def test_fetching_tells_the_file_in_each_order():
    place = b"\r\n+POP3: SUCCESS\r\nC:/Email/090901120000/, EMAIL000.TXT\r\n"
    want = "C:/Email/090901120000/EMAIL000.TXT"
    for answer in ([(0, OK), (60000, place)], place + OK):
        modem, port = on([(b"AT+POP3GET=1,1\r", answer)])
        check("S-128", box(modem).get(1), want)
        if not isinstance(answer, bytes):
            check("S-127", port.now >= 60000, True)
            assert feed_all_ways([(b"AT+POP3GET=1,1\r", answer)], lambda m: box(m).get(1), want, (), URC, "sim7100") > 20
    modem, port = on([(b"AT+POP3GET=1,2\r", OK + b"\r\n+POP3: SUCCESS\r\n090901120000, 090901120000.eml\r\n")])
    assert box(modem).get(1, "eml") == "C:/Email/090901120000/090901120000.eml", "the folder as the text describes it"
    modem, port = on([(b"AT+POP3GET=1,1\r", place.replace(b"EMAIL0", b'EM\x01IL"') + OK)])
    with raises(ProtocolError, "names no file", "AT+POP3GET=1,1"):
        box(modem).get(1)
    for word in ("FAILURE", "NETWORK ERROR", "SERVER ERROR"):
        modem, port = on([(b"AT+POP3GET=2,1\r", OK + b"\r\n+POP3: " + word.encode() + b"\r\n"), STILL])
        check("S-132", code_of(box(modem).get, 2), word)
    modem, port = on([(b"AT+POP3GET=2,1\r", OK + b"\r\n+POP3: FILE SYSTEM ERROR\r\n"), OUT])
    p = box(modem)
    check("S-133", (code_of(p.get, 2), p.operations._open), ("FILE SYSTEM ERROR", False))
    for answer in (ERROR, b"\r\n+POP3: ONGOING\r\n" + ERROR):
        modem, port = on([(b"AT+POP3GET=2,1\r", answer)] + ([] if b"ONGOING" in answer else [STILL]))
        check("S-135", code_of(box(modem).get, 2), "ONGOING" if b"ONGOING" in answer else None)


def test_two_mails_are_never_taken_for_one():
    place = b"\r\n+POP3: SUCCESS\r\nC:/Email/090901120000/, EMAIL000.TXT\r\n"  # the folder is named by the second (IS 4.6)
    modem, port = on([(b"AT+POP3GET=1,1\r", OK + place), (b"AT+POP3GET=2,1\r", OK + place)])
    p = box(modem)
    p.get(1)
    fetched_at = port.now
    with raises(ProtocolError, "mail 2"):
        p.get(2)
    assert port.now >= fetched_at + 1000


def test_marks_logout_and_stop():
    modem, port = on([(b"AT+POP3DEL=1\r", IN[1]), (b"AT+POP3OUT\r", IN[1])])
    with box(modem) as p:
        check("S-136", p.delete(1), None)
    port.done()
    assert not p.operations._open
    modem, port = on([(b"AT+POP3DEL=1\r", IN[1]), (b"AT+POP3STOP\r", OK)])
    with raises(RuntimeError), box(modem) as p:
        p.delete(1)
        raise RuntimeError("changed my mind")
    port.done()


MAIL = b"Hello\r\nOK\r\n\r\nOK\r\n\r\nERROR\r\n+POP3: SUCCESS\r\nlast line\r\n"


def read(modem, path=None):
    into = io.BytesIO()
    assert box(modem).read(into, path) == len(into.getvalue())
    return into.getvalue()


def test_a_mail_is_read_by_counting_commands():
    answer = block(b"CFTRANTX", MAIL * 3) + block(b"CFTRANTX", MAIL) + b"\r\n+CFTRANTX: 0\r\n" + OK
    dialogue = [(b'AT+CFTRANTX="C:/Email/1/EMAIL000.TXT"\r', answer)]
    modem, port = on(dialogue)
    check("S-144", read(modem, "C:/Email/1/EMAIL000.TXT"), MAIL * 4)
    assert (
        feed_all_ways(dialogue, lambda m: read(m, "C:/Email/1/EMAIL000.TXT"), MAIL * 4, (MAIL * 3, MAIL), URC, "sim7100", 13) > 10
    )


def test_a_mail_is_read_by_pop3read_where_there_are_no_file_commands():
    text = [(5, b"\r\n" + MAIL), (400, MAIL + b"\r\n\r\nOK\r\n")]
    line = b'AT+POP3READ=1,"090901103000/EMAIL000.TXT"\r'
    next_one = (b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK)
    for cuts in (0, 1, {20}, {22, 60}):
        modem, port = on([(b'AT+CFTRANTX="D:/Email/090901103000/EMAIL000.TXT"\r', ERROR), (line, text), next_one])
        port.cuts = cuts
        check("S-141", read(modem, "D:/Email/090901103000/EMAIL000.TXT"), MAIL * 2)
        assert modem.status("rssi") == -95
        port.done()
    modem, port = on([(b"AT+POP3READ\r", text)])
    check("S-142", read(modem), MAIL * 2)
    modem, port = on([(b"AT+POP3READ\r", ERROR), next_one])
    with raises(CommandError, "no such mail"):
        read(modem)
    assert modem.status("rssi") == -95


def test_words_with_a_field_that_no_document_knows_and_a_message_that_comes_between():
    p = box(on([SRV, (IN[0], IN[1].replace(b"SUCCESS", b"SUCCESS,7"))])[0], False)
    p.login()
    message = b'\r\n+CMT: "+491701234567",,"26/01/01,10:00:00+04"\r\nOK\r\n'
    report = OK + b"\r\n+POP3: SUCCESS\r\n" + message + b"C:/Email/260101000000/, 260101000000.eml\r\n"
    seen = []
    modem, port = on([(b"AT+POP3GET=1,2\r", report)])
    modem.on_event(lambda kind, detail: seen.append(detail))
    assert box(modem).get(1, "eml") == "C:/Email/260101000000/260101000000.eml"
    assert seen == [message.split(b"\r\n")[1]]
