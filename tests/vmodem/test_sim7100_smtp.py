# CPython only: the virtual modem needs asyncio's sockets and threads.
"""Mail from the virtual SIM7100: the settings, and e-mails to a real SMTP server (aiosmtpd).

"AT Command Set for Internet Service", SIM7100, 0.01, chapter 3.
"""

import email
import email.policy
import random

from tests.conformance import check
from tests.rigs.service_servers import Scripted, SmtpServer, closed_port
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.rigs.virtual_sim7100 import live

GREETING = b"220 test ESMTP\r\n"
EHLO = b"250-test\r\n250 8BITMIME\r\n"


def _rig():
    return Rig("sim7100")


def _ask(rig, line):
    """The information text of a command that must succeed."""
    got = rig.command(line)
    assert got.endswith(OK), (line, got)
    return got[: -len(OK)].strip(b"\r\n").decode("latin-1")


def _refused(rig, *lines):
    return [rig.command(line) for line in lines] == [ERROR] * len(lines)


def test_server_when_set_read_and_cleared():
    rig = _rig()
    check("S-028", _ask(rig, "AT+SMTPSRV=?"), "+SMTPSRV: (1-65535)")
    _ask(rig, 'AT+SMTPSRV="host",2525')
    _ask(rig, 'AT+SMTPSRV="host"')
    check("S-029", _ask(rig, "AT+SMTPSRV?"), '+SMTPSRV: "host", 25')
    _ask(rig, 'AT+SMTPSRV="smtp.server.com",465')
    check("S-030", rig.command("AT+SMTPSRV?"), b'\r\n+SMTPSRV: "smtp.server.com", 465\r\n' + OK)
    check("S-033", _refused(rig, 'AT+SMTPSRV="h",0', 'AT+SMTPSRV="h",65536'), True)
    check("S-034", _refused(rig, 'AT+SMTPSRV="",25'), True)
    check("S-032", [rig.command('AT+SMTPSRV="%s"' % ("x" * n)) for n in (128, 129)], [OK, ERROR])
    _ask(rig, "AT+SMTPSRV")
    check("S-031", _ask(rig, "AT+SMTPSRV?"), '+SMTPSRV: "", 25')


def test_authentication_when_set_read_and_cleared():
    rig = _rig()
    check("S-037", _ask(rig, "AT+SMTPAUTH?"), '+SMTPAUTH: 0, "", ""')
    check("S-038", rig.command('AT+SMTPAUTH=1,"u","p"'), OK)
    check("S-039", _ask(rig, "AT+SMTPAUTH?"), '+SMTPAUTH: 1, "u", "p"')
    check("S-042", _refused(rig, 'AT+SMTPAUTH=0,"u","p"'), True)
    _ask(rig, "AT+SMTPAUTH=0")
    check("S-043", _ask(rig, "AT+SMTPAUTH?"), '+SMTPAUTH: 0, "", ""')
    lengths = [(1, 0), (128, 128), (0, 1), (129, 1), (1, 129)]
    got = [rig.command('AT+SMTPAUTH=1,"%s","%s"' % ("u" * u, "p" * p)) for u, p in lengths]
    check("S-044", got, [OK, OK, ERROR, ERROR, ERROR])
    _ask(rig, "AT+SMTPAUTH")
    check("S-041", _ask(rig, "AT+SMTPAUTH?"), '+SMTPAUTH: 0, "", ""')
    assert _refused(rig, "AT+SMTPAUTH=1", 'AT+SMTPAUTH=1,"u"', "AT+SMTPAUTH=2")
    rig.modem.model = rig.modem.model.with_quirks(["smtpauth"])
    _ask(rig, 'AT+SMTPAUTH=1,"u","p"')
    assert _ask(rig, "AT+SMTPAUTH?") == '+SMTPAUTH: 0, "u", "p"'


def test_sender_when_set_read_and_cleared():
    rig = _rig()
    _ask(rig, 'AT+SMTPFROM="a@b.c","name"')
    both = _ask(rig, "AT+SMTPFROM?")
    _ask(rig, 'AT+SMTPFROM="a@b.c"')
    check("S-047", [both, _ask(rig, "AT+SMTPFROM?")], ['+SMTPFROM: "a@b.c", "name"', '+SMTPFROM: "a@b.c", ""'])
    lengths = [(128, 64), (129, 1), (1, 65), (0, 1)]
    got = [rig.command('AT+SMTPFROM="%s","%s"' % ("a" * a, "n" * n)) for a, n in lengths]
    texts = [("a@b.c", "Two Words 2"), ("\xe4@b.c", "n"), ("a@b.c", "Gr\xfc\xdfe"), ("a@b.c", "n;&")]
    got += [rig.command('AT+SMTPFROM="%s","%s"' % pair) for pair in texts]
    check("S-048", got, [OK, ERROR, ERROR, ERROR] + [OK, ERROR, ERROR, ERROR])
    _ask(rig, "AT+SMTPFROM")
    check("S-049", _ask(rig, "AT+SMTPFROM?"), '+SMTPFROM: "", ""')


def test_recipients_when_set_listed_and_cleared():
    rig = _rig()
    check("S-057", rig.command("AT+SMTPRCPT?"), OK)
    for kind in range(3):
        for index in range(5):
            _ask(rig, 'AT+SMTPRCPT=%d,%d,"a%d@b.c","n%d"' % (kind, index, index, kind))
    want = ['+SMTPRCPT: %d, %d, "a%d@b.c", "n%d"' % (kind, index, index, kind) for kind in range(3) for index in range(5)]
    check("S-052", _ask(rig, "AT+SMTPRCPT?").split("\r\n"), want)
    check("S-053", _refused(rig, 'AT+SMTPRCPT=3,0,"a@b.c"', 'AT+SMTPRCPT=0,5,"a@b.c"'), True)
    _ask(rig, "AT+SMTPRCPT=1,2")
    check("S-054", want[7] in _ask(rig, "AT+SMTPRCPT?").split("\r\n"), False)
    _ask(rig, "AT+SMTPRCPT=0")
    check("S-055", _ask(rig, "AT+SMTPRCPT?").split("\r\n"), [line for line in want[5:] if line != want[7]])
    _ask(rig, "AT+SMTPRCPT")
    check("S-056", rig.command("AT+SMTPRCPT?"), OK)
    lengths = [(128, 64), (129, 1), (1, 65), (0, 1)]
    got = [rig.command('AT+SMTPRCPT=0,0,"%s","%s"' % ("a" * a, "n" * n)) for a, n in lengths]
    check("S-060", got, [OK, ERROR, ERROR, ERROR])


def test_subject_and_character_set_when_set_read_and_cleared():
    rig = _rig()
    _ask(rig, 'AT+SMTPSUB="%s"' % ("s" * 512))
    longest = _ask(rig, "AT+SMTPSUB?")
    refused = [rig.command('AT+SMTPSUB="%s"' % text) for text in ("s" * 513, "Gr\xfc\xdfe", "\xff")]
    check("S-062", [longest] + refused, ['+SMTPSUB: "%s"' % ("s" * 512)] + [ERROR] * 3)
    _ask(rig, "AT+SMTPSUB")
    check("S-064", _ask(rig, "AT+SMTPSUB?"), '+SMTPSUB: ""')
    check("S-075", _ask(rig, "AT+SMTPBCH=?"), '+SMTPBCH: "CHARSET"')
    check("S-076", _ask(rig, "AT+SMTPBCH?"), '+SMTPBCH: "utf-8"')
    _ask(rig, 'AT+SMTPBCH="%s"' % ("c" * 30))
    got = [_ask(rig, "AT+SMTPBCH?"), rig.command('AT+SMTPBCH="%s"' % ("c" * 31))]
    check("S-077", got, ['+SMTPBCH: "%s"' % ("c" * 30), ERROR])
    _ask(rig, "AT+SMTPBCH")
    assert _ask(rig, "AT+SMTPBCH?") == '+SMTPBCH: "utf-8"'


def test_body_when_set_and_typed():
    rig = _rig()
    _ask(rig, 'AT+SMTPBODY="%s"' % ("b" * 512))
    got = [_ask(rig, "AT+SMTPBODY?"), rig.command('AT+SMTPBODY="%s"' % ("b" * 513))]
    check("S-066", got, ['+SMTPBODY: "%s"' % ("b" * 512), ERROR])
    prompt = rig.command("AT+SMTPBODY")
    check("S-067", [prompt, rig.host(b"two\r\nlines"), rig.host(b"\x1a")], [b"\r\n>> ", b"", OK])
    check("S-069", _ask(rig, "AT+SMTPBODY?"), '+SMTPBODY: "two\r\nlines"')
    rig.command("AT+SMTPBODY")
    cancelled = rig.host(b"something else\x1b")
    check("S-070", [cancelled, _ask(rig, "AT+SMTPBODY?")], [OK, '+SMTPBODY: ""'])
    rig.command("AT+SMTPBODY")
    rig.host(b"\x08abx\x08c\x1a")
    check("S-071", _ask(rig, "AT+SMTPBODY?"), '+SMTPBODY: "abc"')
    rig.command("AT+SMTPBODY")
    whole = rig.host(b"x" * 5120 + b"\x1a")
    rig.command("AT+SMTPBODY")
    check("S-072", [whole, rig.host(b"y" * 5121 + b"\x1a"), len(_ask(rig, "AT+SMTPBODY?"))], [OK, ERROR, 5120 + 13])


def test_attachments_when_selected():
    rig = _rig()
    drives = rig.modem.dialect.fs.drives
    drives.make_folder("C:/sub")
    for name in ["f%d.txt" % number for number in range(1, 11)] + ["sub/f1.txt"]:
        drives.write("C:/" + name, b"12345")
    got = [rig.command('AT+SMTPFILE=%d,"f%d.txt"' % (number, number)) for number in range(1, 11)]
    check("S-079", [got, _refused(rig, 'AT+SMTPFILE=0,"f1.txt"', 'AT+SMTPFILE=11,"f1.txt"')], [[OK] * 10, True])
    check("S-083", _ask(rig, "AT+SMTPFILE?").split("\r\n")[1], '+SMTPFILE: 2, "C:/f2.txt", 5')
    _ask(rig, "AT+SMTPFILE=3")
    check("S-080", _refused(rig, 'AT+SMTPFILE=3,"f1.txt"', 'AT+SMTPFILE=3,"C:/f1.txt"'), True)
    check("S-433", _refused(rig, 'AT+SMTPFILE=3,"C:/sub/f1.txt"'), True)
    assert _refused(rig, 'AT+SMTPFILE=3,"missing.txt"')
    drives.write("C:/big.bin", bytes(10 * 1024 * 1024 - 44))
    over = rig.command('AT+SMTPFILE=3,"big.bin"')
    _ask(rig, "AT+SMTPFILE")
    check("S-085", rig.command("AT+SMTPFILE?"), OK)
    _ask(rig, 'AT+SMTPFILE=1,"f1.txt"')
    check("S-081", [over, rig.command('AT+SMTPFILE=2,"big.bin"')], [b"\r\n+SMTP: OVERSIZE\r\n" + ERROR, OK])


def _mail(port, *, login=None):
    """The commands that prepare an e-mail."""
    lines = ['AT+SMTPSRV="smtp.server.com",%d' % port, 'AT+SMTPFROM="from@server.com","Sender Name"']
    lines += [
        'AT+SMTPRCPT=0,0,"to@server.com","To Name"',
        'AT+SMTPRCPT=1,0,"cc@server.com","Cc"',
        'AT+SMTPRCPT=2,0,"bcc@x.com","B"',
    ]
    lines += ['AT+SMTPSUB="A subject"', 'AT+SMTPBODY="Hello, body"']
    return lines + (['AT+SMTPAUTH=1,"%s","%s"' % login] if login else [])


HOSTS = ["smtp.server.com=127.0.0.1"]


async def _state(rig):
    """What is kept: each setting as it is read."""
    names = ("SRV", "AUTH", "FROM", "RCPT", "SUB", "BODY", "FILE")
    return {name: await rig.command("AT+SMTP%s?" % name) for name in names}


def test_mail_with_attachments_when_sent():
    rng = random.Random(7)
    first, second = rng.randbytes(5000), bytes(range(256)) * 2

    async def scene(rig):
        await rig.commands(*_mail(server.port, login=("user", "secret")))
        rig.drives.write("C:/one.bin", first)
        rig.drives.write("C:/two.bin", second)
        await rig.commands('AT+SMTPFILE=5,"two.bin"', 'AT+SMTPFILE=2,"one.bin"', 'AT+CCLK="09/09/01,12:00:00+32"')
        before = await _state(rig)
        check("S-089", await rig.command("AT+SMTPSEND=?"), OK)
        began = await rig.command("AT+SMTPSEND")
        check("S-091", [began, await rig.line_of("+SMTP")], [b"\r\n+SMTP: OK\r\n" + OK, "SUCCESS"])
        after = await _state(rig)
        check("S-036", after["SRV"], before["SRV"])
        check("S-046", after["AUTH"], before["AUTH"])
        check("S-050", after["FROM"], before["FROM"])
        check("S-059", after["RCPT"], OK)
        check("S-063", after["SUB"], b'\r\n+SMTPSUB: ""\r\n' + OK)
        check("S-073", after["BODY"], b'\r\n+SMTPBODY: ""\r\n' + OK)
        check("S-086", after["FILE"], OK)

    with SmtpServer(login=("user", "secret")) as server:
        live(scene, hosts=HOSTS)
    (envelope,) = server.envelopes
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    heads = [mail["From"], mail["To"], mail["Cc"], mail["Subject"], envelope.mail_from, b"bcc@" in envelope.content]
    want = [
        "Sender Name <from@server.com>",
        "To Name <to@server.com>",
        "Cc <cc@server.com>",
        "A subject",
        "from@server.com",
        False,
    ]
    check("S-434", heads, want)
    assert envelope.rcpt_tos == ["to@server.com", "cc@server.com", "bcc@x.com"]
    check("S-435", mail["Date"][:22] + mail["Date"][-6:], "Tue, 01 Sep 2009 12:00" + " +0800")
    parts = list(mail.iter_attachments())
    check("S-087", [part.get_filename() for part in parts], ["one.bin", "two.bin"])
    assert [part.get_payload(decode=True) for part in parts] == [first, second]
    assert mail.get_body().get_payload(decode=True) == b"Hello, body"


def test_body_bytes_when_typed_in_another_character_set():
    body = bytes(range(32, 256)) + b"\r\nlone\rCR\nLF"

    async def scene(rig):
        await rig.commands(*_mail(server.port), 'AT+SMTPBCH="gb2312"')
        rig.write(b"AT+SMTPBODY\r")
        await rig.expect(b">> ")
        rig.write(body + b"\x1a")
        assert await rig.expect(OK) == OK
        await rig.command("AT+SMTPSEND")
        assert await rig.line_of("+SMTP") == "SUCCESS"

    with SmtpServer() as server:
        live(scene, hosts=HOSTS)
    mail = email.message_from_bytes(server.envelopes[0].content)
    assert (mail.get_payload(decode=True), mail.get_content_charset()) == (body, "gb2312")


BUSY = (
    ("S-035", 'AT+SMTPSRV="x",25'),
    ("S-045", "AT+SMTPAUTH=0"),
    ("S-051", 'AT+SMTPFROM="x@y"'),
    ("S-061", "AT+SMTPRCPT=0"),
    ("S-065", 'AT+SMTPSUB="x"'),
    ("S-078", 'AT+SMTPBCH="x"'),
    ("S-088", "AT+SMTPFILE=1"),
)


def test_commands_while_a_mail_is_being_sent():
    answers = {b"EHLO": EHLO, b"MAIL": b"250 OK\r\n"}

    async def scene(rig):
        await rig.commands(*_mail(server.port))
        idle = await rig.command("AT+SMTPSEND?")
        check("S-100", await rig.command("AT+SMTPSTOP"), ERROR)
        before = await _state(rig)
        assert await rig.command("AT+SMTPSEND") == b"\r\n+SMTP: OK\r\n" + OK
        want = [b"\r\n+SMTPSEND: %d\r\n" % flag + OK for flag in (0, 1)]
        check("S-090", [idle, await rig.command("AT+SMTPSEND?")], want)
        check("S-094", await rig.command("AT+SMTPSEND"), b"\r\n+SMTP: ONGOING\r\n" + ERROR)
        for item, line in BUSY:
            check(item, await rig.command(line), ERROR)
        got = [await rig.command("AT+SMTPBODY"), await rig.command('AT+SMTPBODY="x"')]
        check("S-074", got, [ERROR, ERROR])
        check("S-099", [await rig.command("AT+SMTPSTOP"), await rig.command("AT+SMTPSEND?")], [OK, idle])
        check("S-102", await _state(rig), before)
        assert await rig.quiet() == b""

    with Scripted(GREETING, answers) as server:
        live(scene, hosts=HOSTS)


def test_mail_when_something_is_not_set():
    rig = _rig()
    refusal = b"\r\n+SMTP: PARAM ERROR\r\n" + ERROR
    lines = ['AT+SMTPSRV="smtp.server.com",25', 'AT+SMTPFROM="a@b.c"', 'AT+SMTPRCPT=0,0,"a@b.c"']
    got = []
    for missing in range(3):
        for number, line in enumerate(lines):
            rig.command(line.split("=")[0] if number == missing else line)
        got.append(rig.command("AT+SMTPSEND"))
    check("S-093", got, [refusal] * 3)


def _early(port, login=None, quirks=()):
    """The answer to AT+SMTPSEND at a server that fails early, and whether everything is kept."""
    got = []

    async def scene(rig):
        await rig.commands(*_mail(port, login=login))
        before = await _state(rig)
        got.append(await rig.command("AT+SMTPSEND"))
        assert await _state(rig) == before
        assert await rig.command("AT+SMTPSEND?") == b"\r\n+SMTPSEND: 0\r\n" + OK

    live(scene, hosts=HOSTS, quirks=quirks)
    return got[0]


def test_mail_when_the_server_refuses_early():
    codes = ["NETWORK ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH ERROR"]
    got = [_early(closed_port())]
    with Scripted(b"554 no\r\n", {}) as server:
        got.append(_early(server.port))
    with SmtpServer(login=("user", "secret")) as server:
        got.append(_early(server.port))
        got.append(_early(server.port, ("user", "wrong")))
    check("S-095", got, [b"\r\n+SMTP: %s\r\n" % code.encode() + ERROR for code in codes])


def _late(port, login=None, quirks=("smtp-session=greeted",)):
    got = []

    async def scene(rig):
        await rig.commands(*_mail(port, login=login))
        before = await _state(rig)
        assert await rig.command("AT+SMTPSEND") == b"\r\n+SMTP: OK\r\n" + OK
        got.append(await rig.line_of("+SMTP"))
        assert await _state(rig) == before  # a failure clears nothing
        assert await rig.command("AT") == OK

    live(scene, hosts=HOSTS, quirks=quirks)
    return got[0]


def test_mail_when_it_fails_late():
    answers = {b"EHLO": EHLO, b"MAIL": b"250 OK\r\n"}
    got = []
    with Scripted(GREETING, {**answers, b"RCPT": "reset"}) as server:
        got.append(_late(server.port))
    for answer in (b"550 no\r\n", None):
        with Scripted(GREETING, {**answers, b"RCPT": answer}) as server:
            got.append(_late(server.port, quirks=()))
    with SmtpServer(login=("user", "secret")) as server:
        got.append(_late(server.port))
        got.append(_late(server.port, ("user", "wrong")))
    check("S-096", got, ["NETWORK ERROR", "SERVER ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH ERROR"])


def test_mail_when_the_network_goes_away():
    async def scene(rig):
        await rig.commands(*_mail(server.port))
        await rig.command("AT+SMTPSEND")
        rig.modem.dialect.lose_contexts()
        assert await rig.line_of("+SMTP") == "NETWORK ERROR"

    with Scripted(GREETING, {b"EHLO": EHLO, b"MAIL": b"250 OK\r\n"}) as server:
        live(scene, hosts=HOSTS)


def test_services_without_a_sim():
    rig = Rig("sim7100", faults=["no-sim"])
    lines = ["AT+SMTPSEND", "AT+POP3IN", 'AT+CFTPGET="/a"', 'AT+CHTTPACT="a",80', "AT+CHTTPSSTART", "AT+CFTPSSTART"]
    lines += ['AT+SMTPSRV="a",25', 'AT+CFTPSERV="a"', "AT+CHTTPSSEND", 'AT+CFTPSMKD="a"', "AT+POP3NUM"]
    check("S-024", {rig.command(line) for line in lines}, {b"\r\n+CME ERROR: SIM not inserted\r\n"})
    assert rig.command("AT+CFTPSERV?") == b'\r\n+CFTPSERV: ""\r\n' + OK


def test_serial_line_after_start():
    rig = Rig("sim7100")
    check("S-027", [rig.command("AT+IPR?"), rig.command("AT+IFC?")], [b"\r\n+IPR: 115200\r\n" + OK, b"\r\n+IFC: 0,0\r\n" + OK])
