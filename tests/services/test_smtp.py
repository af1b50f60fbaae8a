"""Mail by SIM7100: settings and their printed variants, the body's data mode, the final word. Scripted, on both Pythons."""

import io
from binascii import a2b_base64

from modem import CommandError, ModemTimeout
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready
from tests.services.test_ftp import ERROR, OK, URC, code_of, on, turns

SERVER = (b'AT+SMTPSRV="mail.example",25\r', OK)


def test_server_and_login_are_set_and_read_back():
    dialogue = [SERVER, (b"AT+SMTPSRV?\r", b'\r\n+SMTPSRV: "mail.example", 25\r\n' + OK)]
    modem, port = on(dialogue)
    check("S-029", modem.smtp().server("mail.example"), ("mail.example", 25))
    assert feed_all_ways(dialogue, lambda m: m.smtp().server("mail.example"), ("mail.example", 25), (), URC, "sim7100") > 20
    for ident in ("SIM7100-SMTPAUTH-1", "SIM7100-SMTPAUTH-1-P"):
        modem, port = on(turns(ident))
        s = modem.smtp()
        assert s.login() == (False, "")
        got = s.login("username", "password")
        check("S-040" if ident[-1] == "P" else "S-038", got, (True, "username"))
        assert s.login("") == (False, "")
        port.done()
    modem, port = on([(b'AT+SMTPAUTH=1,"me","secret"\r', ERROR)])
    with raises(CommandError) as error:
        modem.smtp().login("me", "secret")
    assert "secret" not in str(error.value)


def test_sender_subject_and_charset_are_set_and_read_back():
    modem, port = on(turns("SIM7100-SMTPFROM-1"))
    s = modem.smtp()
    check("S-047", s.sender("senderaddress@server.com", "sendername"), ("senderaddress@server.com", "sendername"))
    assert s.sender("") == ("", "")
    modem, port = on(turns("SIM7100-SMTPSUB-1"))
    s = modem.smtp()
    assert s.subject() == ""
    check("S-062", s.subject("THIS IS A TEST MAIL"), "THIS IS A TEST MAIL")
    long = "s" * 512
    modem, port = on([(b'AT+SMTPSUB="%s"\r' % long.encode(), OK), (b"AT+SMTPSUB?\r", b'\r\n+SMTPSUB: "S"\r\n' + OK)])
    check("S-062", modem.smtp().subject(long), "S")
    modem, port = on(turns("SIM7100-SMTPBCH-1")[1:])
    check("S-077", modem.smtp().charset("gb2312"), "gb2312")
    for call, bad in (
        ("charset", "c" * 31),
        ("subject", "s" * 513),
        ("subject", 'a"b'),
        ("sender", "x" * 129),
        ("server", "a\rb"),
    ):
        with raises(ValueError):
            getattr(modem.smtp(), call)(bad)


def test_recipients_with_and_without_blanks():
    for ident in ("SIM7100-SMTPRCPT-1", "SIM7100-SMTPRCPT-1-P"):
        modem, port = on(turns(ident)[:4])
        s = modem.smtp()
        s.recipient("to", 0, "rcptaddress_to@server.com", "rcptname_to")
        first = s.recipients()
        s.recipient("cc", 0, "rcptaddress_cc@server.com", "rcptname_cc")
        want = [("to", 0, "rcptaddress_to@server.com", "rcptname_to"), ("cc", 0, "rcptaddress_cc@server.com", "rcptname_cc")]
        check("S-058", (first, s.recipients()), (want[:1], want))
        check("S-004", first, want[:1])
    lines = [b'AT+SMTPRCPT=%d,%d,"a@b.c"\r' % (kind, index) for kind in range(3) for index in range(5)]
    modem, port = on(
        [(line, OK) for line in lines] + [(b"AT+SMTPRCPT=2,4\r", OK), (b"AT+SMTPRCPT=1\r", OK), (b"AT+SMTPRCPT\r", OK)]
    )
    s = modem.smtp()
    for kind in ("to", "cc", "bcc"):
        for index in range(5):
            s.recipient(kind, index, "a@b.c")
    s.recipient("bcc", 4)
    s.recipient("cc", None)
    s.clear_recipients()
    port.done()
    check("S-052", bytes(port.sent).startswith(b"".join(lines)), True)
    for kind, index in (("to", 5), ("also", 0)):
        with raises(ValueError):
            s.recipient(kind, index, "a@b.c")


def test_the_body_goes_as_a_parameter_or_through_the_data_mode():
    modem, port = on(turns("SIM7100-SMTPBODY-1"))
    s = modem.smtp()
    s.body("THIS IS A TEST MAIL FROM SIMCOM MODULE")
    check("S-066", s.body(), "THIS IS A TEST MAIL FROM SIMCOM MODULE")
    lines = 'Dear\r\nOK\r\n> all, "quoted"\r\n'
    for prompt, item in ((b"\r\n>> ", "S-067"), (b"\r\n>>", "S-068")):
        dialogue = [(b"AT+SMTPBODY\r", [(10, prompt)]), (lines.encode() + b"\x1a", OK), (b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK)]
        modem, port = on(dialogue)
        stray = []
        modem.on_event(lambda kind, detail, stray=stray: stray.append(detail))
        modem.smtp().body(lines)
        check(item, (modem.status("rssi"), stray), (-95, []))
        port.done()
        modem, port = on(dialogue)
        modem.smtp().body(io.BytesIO(lines.encode()))
        assert feed_all_ways(dialogue[:2], lambda m: m.smtp().body(lines), None, (), URC, "sim7100") > 8
    modem, port = on([(b"AT+SMTPBODY\r", b"\r\n>> "), (b"x" * 513 + b"\x1a", OK)])
    modem.smtp().body("x" * 513)
    for bad in ("x" * 5121, "a\x08", "a\x1a", "a\x1b"):
        with raises(ValueError, "body"):
            modem.smtp().body(bad)
    modem, port = on([(b"AT+SMTPBODY\r", b"\r\n>> "), (b"ab\x1a", OK), (b'AT+SMTPBODY=""\r', OK)])

    class Source:
        blocks = [b"b\x1b", b"ab"]

        def read(self, n):
            return self.blocks.pop()

    with raises(ValueError, "27"):
        modem.smtp().body(Source())
    port.done()


def test_attachments_with_and_without_sizes_and_too_many_bytes():
    folder = (b"AT+FSCD=D:/\r", b"\r\n+FSCD: D:/\r\n" + OK)
    modem, port = on([folder, (b'AT+SMTPFILE=1,"file1.txt"\r', OK), (b"AT+SMTPFILE=10\r", OK), (b"AT+SMTPFILE\r", OK)])
    s = modem.smtp()
    s.attach(1, "D:/file1.txt")
    s.attach(10)
    s.clear_attachments()
    port.done()
    check("S-079", (b'=1,"file1.txt"' in port.sent, b"=10\r" in port.sent), (True, True))
    for bad in (0, 11):
        with raises(ValueError, "index"):
            s.attach(bad, "D:/a")
    for ident, want in (("SIM7100-SMTPFILE-1", (1, "D:/file1.txt", None)), ("SIM7100-SMTPFILE-2-D", (1, "D:/file1.txt", 1024))):
        modem, port = on(turns(ident)[1:2])
        check("S-084", modem.smtp().attachments(), [want])
    modem, port = on([(b"AT+FSCD=C:/\r", b"\r\n+FSCD: C:/\r\n" + OK)] + turns("SIM7100-SMTPFILE-3-D"))
    with raises(CommandError, "OVERSIZE (the attachments have more than 10 MB in all)") as error:
        modem.smtp().attach(3, "C:/huge.bin")
    check("S-082", error.value.code, "OVERSIZE")


def send(modem):
    modem.smtp().send()
    return "sent"


def test_only_the_last_word_is_success():
    late = [(0, b"\r\n+SMTP: OK\r\n" + OK), (90000, b"\r\n+SMTP: SUCCESS\r\n")]
    modem, port = on([(b"AT+SMTPSEND\r", late)])
    send(modem)
    check("S-092", port.now >= 90000, True)
    assert feed_all_ways([(b"AT+SMTPSEND\r", late)], send, "sent", (), URC, "sim7100") > 20
    swapped = OK + b"\r\n+SMTP: OK\r\n\r\n+SMTP:SUCCESS\r\n"
    modem, port = on([(b"AT+SMTPSEND\r", swapped)])
    send(modem)


def test_each_failure_early_and_late_has_its_own_text_and_ends_the_transmission():
    words = ("NETWORK ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH ERROR")
    texts = set()
    for word in words:
        line = b"\r\n+SMTP: " + word.encode() + b"\r\n"
        modem, port = on([(b"AT+SMTPSEND\r", line + ERROR)])
        check("S-095", code_of(modem.smtp().send), word)
        modem, port = on(
            [
                (b"AT+SMTPSEND\r", [(0, b"\r\n+SMTP: OK\r\n" + OK), (900, line)]),
                (b"AT+SMTPSEND\r", OK + b"\r\n+SMTP: SUCCESS\r\n"),
            ]
        )
        s = modem.smtp()
        with raises(CommandError, word) as error:
            s.send()
        texts.add(str(error.value))
        check("S-096", error.value.code, word)
        s.send()
        check("S-097", port.dialogue, [])
    assert len(texts) == 4 and all("(" in t for t in texts), texts
    modem, port = on(turns("SIM7100-SMTPSEND-2-D"))
    assert code_of(modem.smtp().send) == "PARAM ERROR"


def test_other_commands_run_while_a_mail_is_being_sent_and_stop_ends_it():
    dialogue = [(b"AT+SMTPSEND\r", b"\r\n+SMTP: OK\r\n" + OK), (b"AT+SMTPSEND?\r", b"\r\n+SMTPSEND: 1\r\n" + OK)]
    for last in (b"", b"\r\n+SMTP: NETWORK ERROR\r\n"):
        modem, port = on(dialogue + [(b"AT+SMTPSTOP\r", OK + last), (b"AT+SMTPSEND\r", OK + b"\r\n+SMTP: SUCCESS\r\n")])
        s = modem.smtp()
        s.begin()
        check("S-098", s.ongoing(), True)
        with raises(CommandError, "ONGOING"):
            s.send()
        s.stop()
        with raises(CommandError) as error:
            s.result()
        check("S-101", error.value.code in ("STOPPED", "NETWORK ERROR"), True)
        modem.poll(10)
        s.send()
        port.done()
    modem, port = on([dialogue[0], (b"AT+SMTPSTOP\r", OK)])
    with raises(ModemTimeout, "not sent in time"):
        modem.smtp().send(5000)
    port.done()


CLEAR = [
    (b"AT+SMTPRCPT\r", OK),
    (b"AT+SMTPSUB\r", OK),
    (b'AT+SMTPBODY=""\r', OK),
    (b"AT+SMTPFILE\r", OK),
    (b'AT+SMTPBCH="utf-8"\r', OK),
]


def test_send_mail_puts_it_together_and_clears_it_after_a_failure():
    mail = [
        (b'AT+SMTPRCPT=0,0,"a@b.c","A"\r', OK), (b'AT+SMTPRCPT=1,0,"c@b.c"\r', OK), (b'AT+SMTPSUB="S"\r', OK),
        (b'AT+SMTPBODY="B"\r', OK),
        (b"AT+FSCD=D:/\r", b"\r\n+FSCD: D:/\r\n" + OK), (b'AT+SMTPFILE=1,"x.jpg"\r', OK),
    ]  # fmt: skip
    sent = (b"AT+SMTPSEND\r", b"\r\n+SMTP: OK\r\n" + OK + b"\r\n+SMTP: SUCCESS\r\n")
    refused = (b"AT+SMTPSEND\r", b"\r\n+SMTP: AUTH ERROR\r\n" + ERROR)

    def scene(m):
        m.smtp().send_mail([("a@b.c", "A")], "S", "B", cc="c@b.c", attachments=["D:/x.jpg"])

    modem, port = on(CLEAR + mail + [sent])
    scene(modem)
    port.done()
    modem, port = on(CLEAR + mail + [refused] + CLEAR)
    assert code_of(scene, modem) == "AUTH ERROR"
    port.done()
    modem, port = on([])
    s = modem.smtp()
    for to, more in ([[], {}], [["a@b.c"] * 6, {}], [["a@b.c"], {"attachments": ["a"] * 11}], [['a"b'], {}]):
        with raises(ValueError):
            s.send_mail(to, "S", "B", **more)
    assert not port.sent
    with raises(CommandError):
        send(ready(ScriptedPort([(b"AT+SMTPSEND\r", ERROR)]), "sim7100"))


FOLDER = (b"AT+FSCD=C:/mail_attachments/\r", b"\r\n+FSCD: C:/mail_attachments/\r\n" + OK)


def test_a_stored_attachment_is_removed_also_when_that_is_broken_off():
    mail = [
        (b'AT+SMTPRCPT=0,0,"a@b.c"\r', OK), FOLDER, (b"AT+FSLS=2\r", OK),
        (b'AT+CFTRANRX="C:/mail_attachments/new.bin",4\r', b"\r\n>"), (b"data", OK),
        FOLDER, (b"AT+FSATTRI=new.bin\r", b"\r\n+FSATTRI: 4,2026/11/21 19:10:59\r\n" + OK),
        FOLDER, (b'AT+SMTPFILE=1,"new.bin"\r', OK), (b"AT+SMTPSEND\r", OK + b"\r\n+SMTP: SUCCESS\r\n"),
    ]  # fmt: skip
    modem, port = on(CLEAR + mail + [FOLDER, FOLDER, (b"AT+FSDEL=new.bin\r", OK)])
    wait = port.wait

    def interrupted(timeout_ms, coming=1):
        if b"SMTPSEND" in port.sent and port.sent.endswith(FOLDER[0]):
            port.wait = wait
            raise KeyboardInterrupt
        return wait(timeout_ms)

    port.wait = interrupted
    try:
        modem.smtp().send_mail("a@b.c", "", "", attachments=[("new.bin", b"data")])
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    port.done()


def _decoded(words):
    """Return what the encoded words (RFC 2047) of a subject say; plain text stays as it is."""
    if not words.startswith(b"=?"):
        return words.decode()
    out = b""
    for word in words.split(b" "):
        assert len(word) <= 75 and word.startswith(b"=?utf-8?B?") and word.endswith(b"?="), word
        part = a2b_base64(word[10:-2])
        part.decode()  # no character is cut in two (RFC 2047, 5)
        out += part
    return out.decode()


def test_a_subject_that_is_not_ascii_goes_as_encoded_words():
    for words in ("Gr\u00fc\u00dfe", "Gr\u00fc\u00dfe " * 20, "\u65e5\u672c\u8a9e" * 14, "plain", "\U0001f600" * 30):
        sent = []

        def subject(line, sent=sent):
            sent.append(line)
            return OK

        port = Module({b"AT+SMTPSUB=": subject, b"AT+SMTPSUB?": b'\r\n+SMTPSUB: "x"\r\n' + OK})
        ready(port, "sim7100").smtp().subject(words)
        got = sent[0][len(b'AT+SMTPSUB="') : -1]
        assert len(got) <= 512 and all(31 < c < 127 for c in got) and _decoded(got) == words, got
    modem, port = on([])
    for bad in ("\u00fc" * 300, b"\xff", '\u00fc"', "\u00fc\r\nX: y"):
        with raises(ValueError, "subject"):
            modem.smtp().subject(bad)
    assert not port.sent


def test_names_and_addresses_that_the_module_does_not_take():
    modem, port = on([])
    s = modem.smtp()
    for name in ("J\u00fcrgen", "A, B", "a@b", "<x>"):
        for call, args in ((s.sender, ()), (s.recipient, ("to", 0))):
            with raises(ValueError, "name"):
                call(*args + ("a@b.c", name))
    with raises(ValueError, "address"):
        s.sender("\u00e4@b.c")
    assert not port.sent


def test_an_attachment_leaves_a_file_of_the_same_name_alone_and_the_charset_is_of_one_mail():
    root = (b"AT+FSCD=C:/\r", b"\r\n+FSCD: C:/\r\n" + OK)
    stored = (b"AT+FSATTRI=log.csv\r", b"\r\n+FSATTRI: 4,2026/11/21 19:10:59\r\n" + OK)
    mail = [
        (b'AT+SMTPRCPT=0,0,"a@b.c"\r', OK), (b'AT+SMTPSUB="S"\r', OK), (b'AT+SMTPBCH="gb2312"\r', OK),
        (FOLDER[0], ERROR), root, (b"AT+FSMKDIR=mail_attachments\r", OK),
        (b'AT+CFTRANRX="C:/mail_attachments/log.csv",4\r', b"\r\n>"), (b"data", OK), FOLDER, stored,
        FOLDER, (b'AT+SMTPFILE=1,"log.csv"\r', OK), (b"AT+SMTPSEND\r", OK + b"\r\n+SMTP: SUCCESS\r\n"),
        FOLDER, (b"AT+FSDEL=log.csv\r", OK),
    ]  # fmt: skip
    plain = [(b'AT+SMTPRCPT=0,0,"a@b.c"\r', OK), (b"AT+SMTPSEND\r", OK + b"\r\n+SMTP: SUCCESS\r\n")]
    modem, port = on(CLEAR + mail + CLEAR + plain)
    s = modem.smtp()
    s.send_mail("a@b.c", "S", "", attachments=[("log.csv", b"data")], charset="gb2312")
    s.send_mail("a@b.c")  # CLEAR sets utf-8
    port.done()


def test_what_a_restart_has_left_of_an_attachment_is_removed_before_the_next_one():
    left = b"\r\n+FSLS: FILES:\r\nold.csv\r\na;b\r\n" + OK
    refused = [(b'AT+CFTRANRX="C:/mail_attachments/new.csv",4\r', ERROR)]
    gone = [FOLDER, (b"AT+FSDEL=new.csv\r", ERROR), FOLDER, (b"AT+FSATTRI=new.csv\r", ERROR)]
    for entered, removed in ((FOLDER[1], [FOLDER, (b"AT+FSDEL=old.csv\r", OK)]), (b"\r\n+FSCD: C:/\r\n" + OK, [])):
        begun = [(b'AT+SMTPRCPT=0,0,"a@b.c"\r', OK), (FOLDER[0], entered), (b"AT+FSLS=2\r", left)]
        modem, port = on(CLEAR + begun + removed + refused + CLEAR + gone)
        with raises(CommandError):
            modem.smtp().send_mail("a@b.c", attachments=[("new.csv", b"data")])
        port.done()
