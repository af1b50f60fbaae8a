# CPython only: the virtual modem needs asyncio's sockets and threads.
"""Mail to the virtual SIM7100, from a real POP3 server (Twisted) and from servers that misbehave.

"AT Command Set for Internet Service", SIM7100, 0.01, chapter 4.
"""

from email.message import EmailMessage
from email.policy import SMTP

from tests.conformance import check
from tests.rigs.service_servers import Pop3Server, Scripted, closed_port
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.rigs.virtual_sim7100 import live

HOSTS = ["pop3.server.com=127.0.0.1"]
FIRST = (
    b"From: sendername<senderaddress@server.com>\r\nDate: Mon, 17 Aug 2009 14:09:27 +0800\r\nSubject: THIS IS A TEST MAIL\r\n\r\n"
    b"A line.\r\nOK\r\n.\r\n..dots\r\n"
)
SECOND = b"X-Nothing: known\r\n\r\nSecond\r\n"
SUCCESS = b"\r\n+POP3: SUCCESS\r\n" + OK
ONGOING = b"\r\n+POP3: ONGOING\r\n" + ERROR


def _server_line(port):
    return 'AT+POP3SRV="pop3.server.com","user_name","password",%d' % port


async def _log_in(rig, port):
    await rig.commands(_server_line(port))
    assert await rig.command("AT+POP3IN") == SUCCESS


def _with(scene, *messages):
    """Run `scene(rig, server)` with a mailbox of `messages`."""
    with Pop3Server(*messages) as server:
        live(lambda rig: scene(rig, server), hosts=HOSTS)


def test_mailbox_when_set_read_and_cleared():
    rig = Rig("sim7100")
    check("S-103", rig.command("AT+POP3SRV=?"), b"\r\n+POP3SRV: (1-65535)\r\n" + OK)
    check("S-104", rig.command("AT+POP3SRV?"), b'\r\n+POP3SRV: "", "", "", 110\r\n' + OK)
    rig.command('AT+POP3SRV="h","u","p",995')
    got = [rig.command("AT+POP3SRV?"), rig.command('AT+POP3SRV="h","u","p"'), rig.command("AT+POP3SRV?")]
    check("S-105", got, [b'\r\n+POP3SRV: "h", "u", "p", %d\r\n' % 995 + OK, OK, b'\r\n+POP3SRV: "h", "u", "p", 110\r\n' + OK])
    spaced = rig.command('AT+POP3SRV="host",  "user", "pass" , 111')
    check("S-106", [spaced, rig.command("AT+POP3SRV?")], [OK, b'\r\n+POP3SRV: "host", "user", "pass", 111\r\n' + OK])
    check("S-005", rig.command('AT+POP3SRV="a", "b", "c", 110'), OK)
    long = ["x" * 128] * 3
    got = [rig.command('AT+POP3SRV="%s","%s","%s"' % tuple(long))]
    for index in range(3):
        for text in ("", "x" * 129):
            texts = long[:index] + [text] + long[index + 1 :]
            got.append(rig.command('AT+POP3SRV="%s","%s","%s"' % tuple(texts)))
    check("S-110", got, [OK] + [ERROR] * 6)
    rig.command("AT+POP3SRV")
    check("S-107", rig.command("AT+POP3SRV?"), b'\r\n+POP3SRV: "", "", "", 110\r\n' + OK)


def test_session_when_opened_used_and_closed():
    async def scene(rig, server):
        check("S-113", await rig.command("AT+POP3IN?"), b"\r\n+POP3IN: NULL\r\n" + OK)
        await rig.commands(_server_line(server.port))
        check("S-111", await rig.command("AT+POP3IN"), SUCCESS)
        check("S-114", await rig.command("AT+POP3IN?"), b'\r\n+POP3IN: "pop3.server.com"\r\n' + OK)
        check("S-108", [await rig.command(_server_line(1)), await rig.command("AT+POP3SRV")], [ERROR, ERROR])
        sizes = len(FIRST), len(SECOND)
        check("S-116", await rig.command("AT+POP3NUM"), b"\r\n+POP3: 2, %d\r\n" % sum(sizes) + OK)
        check("S-119", await rig.command("AT+POP3LIST"), b"\r\n+POP3: 2 %d\r\n1 %d\r\n2 %d\r\n" % (sum(sizes), *sizes) + OK)
        check("S-121", await rig.command("AT+POP3LIST=2"), b"\r\n+POP3: 2, %d\r\n" % sizes[1] + OK)
        check("S-122", (await rig.command("AT+POP3LIST=3")).endswith(ERROR), True)
        head = b"\r\nFrom: sendername<senderaddress@server.com>\r\nDate: Mon, 17 Aug 2009 14:09:27 +0800\r\n"
        got = [await rig.command("AT+POP3HDR=1"), await rig.command("AT+POP3HDR=2")]
        check("S-123", got, [head + b"Subject: THIS IS A TEST MAIL\r\n" + OK, b"\r\nFrom: \r\nDate: \r\nSubject: \r\n" + OK])
        check("S-125", await rig.command("AT+POP3HDR=3"), b"\r\n+POP3: SERVER ERROR\r\n" + ERROR)
        marked = await rig.command("AT+POP3DEL=1")
        check("S-136", [marked, server.left()], [SUCCESS, [FIRST, SECOND]])
        out = await rig.command("AT+POP3OUT")
        check("S-137", [out, server.left(), await rig.command("AT+POP3IN?")], [SUCCESS, [SECOND], b"\r\n+POP3IN: NULL\r\n" + OK])
        kept = b'\r\n+POP3SRV: "pop3.server.com", "user_name", "password", %d\r\n' % server.port + OK
        check("S-109", await rig.command("AT+POP3SRV?"), kept)

    _with(scene, FIRST, SECOND)


def test_commands_without_a_session():
    async def scene(rig, server):
        lines = ["AT+POP3NUM", "AT+POP3LIST", "AT+POP3LIST=1", "AT+POP3HDR=1", "AT+POP3GET=1", "AT+POP3DEL=1", "AT+POP3OUT"]
        await rig.commands(_server_line(server.port))
        check("S-436", [await rig.command(line) for line in lines], [ERROR] * 7)
        check("S-135", await rig.command("AT+POP3GET=1"), ERROR)
        check("S-140", await rig.command("AT+POP3STOP"), ERROR)

    _with(scene, FIRST)


def test_empty_mailbox_when_listed():
    async def scene(rig, server):
        await _log_in(rig, server.port)
        check("S-126", await rig.command("AT+POP3LIST"), b"\r\n+POP3: 0 0\r\n" + OK)

    _with(scene)


def test_marks_when_a_session_is_stopped_or_lost():
    async def scene(rig, server):
        await _log_in(rig, server.port)
        await rig.commands("AT+POP3DEL=1")
        stopped = await rig.command("AT+POP3STOP")
        await _log_in(rig, server.port)
        check("S-138", [stopped, server.left()], [OK, [FIRST, SECOND]])
        await rig.commands("AT+POP3DEL=1")
        rig.modem.dialect.close_all()
        lost = await rig.command("AT+POP3NUM")
        assert lost in (b"\r\n+POP3: %s ERROR\r\n" % word + ERROR for word in (b"SERVER", b"NETWORK")), lost
        await _log_in(rig, server.port)
        check("S-139", server.left(), [FIRST, SECOND])

    _with(scene, FIRST, SECOND)


def _log_in_answer(port):
    got = []

    async def scene(rig):
        await rig.commands(_server_line(port))
        got.append(await rig.command("AT+POP3IN"))
        assert await rig.command("AT+POP3IN?") == b"\r\n+POP3IN: NULL\r\n" + OK

    live(scene, hosts=HOSTS)
    return got[0]


def test_log_in_when_it_fails():
    codes = [b"NETWORK ERROR", b"SERVER ERROR", b"SERVER ERROR", b"INVALID UN", b"INVALID UN/PWD"]
    got = [_log_in_answer(closed_port())]
    scripts = [(None, {}), (b"-ERR go away\r\n", {}), (b"+OK\r\n", {b"USER": b"-ERR who\r\n"})]
    scripts.append((b"+OK\r\n", {b"USER": b"+OK\r\n", b"PASS": b"-ERR no\r\n"}))
    for greeting, answers in scripts:
        with Scripted(greeting, answers) as server:
            got.append(_log_in_answer(server.port))
    check("S-112", got, [b"\r\n+POP3: %s\r\n" % code + ERROR for code in codes])


LOGGED_IN = {b"USER": b"+OK\r\n", b"PASS": b"+OK\r\n"}


def test_commands_while_a_message_is_fetched():
    async def scene(rig):
        await _log_in(rig, server.port)
        accepted = await rig.command("AT+POP3GET=1")
        lines = ["AT+POP3NUM", "AT+POP3LIST", "AT+POP3HDR=1", "AT+POP3GET=1", "AT+POP3DEL=1", "AT+POP3OUT"]
        check("S-118", [accepted] + [await rig.command(line) for line in lines], [OK] + [ONGOING] * 6)
        rig.drives.need_folder("C:/Email/x")
        rig.drives.write("C:/Email/x/a.txt", b"text")
        check("S-143", [await rig.command("AT+POP3READ"), await rig.command('AT+POP3READ=0,"x/a.txt"')], [ERROR, ERROR])
        assert await rig.command("AT+POP3STOP") == OK
        assert await rig.quiet() == b""
        assert await rig.command('AT+POP3READ=0,"x/a.txt"') == b"\r\ntext\r\n" + OK

    with Scripted(b"+OK\r\n", LOGGED_IN) as server:
        live(scene, hosts=HOSTS)


def test_message_when_the_server_fails_while_it_is_fetched():
    codes = ["FAILURE", "SERVER ERROR", "NETWORK ERROR"]
    got = []
    for answer in (b"-ERR gone\r\n", None, "reset"):

        async def scene(rig):
            await _log_in(rig, server.port)
            got.append(await rig.result("AT+POP3GET=1", "+POP3"))
            assert await rig.quiet() == b""
            assert await rig.command("AT") == OK

        with Scripted(b"+OK\r\n", {**LOGGED_IN, b"RETR": answer}) as server:
            live(scene, hosts=HOSTS)
    check("S-132", got, codes)


def _mail_with_attachments():
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"] = "a@b.c", "files"
    mail.set_content("The body\r\n")
    mail.add_attachment(bytes(range(256)), "application", "octet-stream", filename="data.bin")
    mail.add_attachment(b"not the body", "application", "octet-stream", filename="EMAIL000.TXT")
    return mail.as_bytes()


async def _fetch(rig, command):
    """AT+POP3GET: what comes at once, and the two lines of the report."""
    at_once = await rig.command(command)
    return at_once, await rig.line_of("+POP3"), (await rig.expect(b"\r\n"))[:-2].decode()


def test_message_when_fetched_in_each_way():
    whole = _mail_with_attachments()
    folder = "C:/Email/090901120000"

    async def fetch(rig, server):
        await _log_in(rig, server.port)
        await rig.commands('AT+CCLK="09/09/01,12:00:00+32"')
        got = await _fetch(rig, "AT+POP3GET=1")
        check("S-127", got[0], OK)
        check("S-128", got[1:], ("SUCCESS", folder + "/, EMAIL001.TXT"))
        check("S-130", rig.drives.entries("C:/Email")[0], ["090901120000"])
        text = whole[: whole.index(b"\r\n\r\n") + 4] + b"The body\r\n"
        check("S-131", rig.drives.read(folder + "/EMAIL001.TXT"), text)
        check(
            "S-437",
            [rig.drives.read(folder + name) for name in ("/data.bin", "/EMAIL000.TXT")],
            [bytes(range(256)), b"not the body"],
        )
        check("S-142", await rig.command("AT+POP3READ"), b"\r\n" + text + b"\r\n" + OK)
        names = [rig.drives.entries(folder)[1]]
        for kind, clock in ((2, "13:00:00"), (3, "14:00:00")):
            await rig.commands('AT+CCLK="09/09/01,%s+32"' % clock)
            report = await _fetch(rig, "AT+POP3GET=2,%d" % kind)
            names.append(rig.drives.entries(report[2].split(",")[0])[1])
        want = [["EMAIL000.TXT", "EMAIL001.TXT", "data.bin"], ["090901130000.eml"], ["090901140000.eml", "EMAIL000.TXT"]]
        check("S-129", names, want)
        rig.write(b'AT+POP3READ=0,"090901130000/090901130000.eml"\r')
        text = b"\r\n" + FIRST + b"\r\n" + OK  # a line of the mail is OK as well
        check("S-141", await rig.exactly(len(text)), text)
        check("S-134", (await _fetch(rig, "AT+POP3GET=2,"))[:2], (OK, "SUCCESS"))
        assert rig.drives.read("C:/Email/090901130000/090901130000.eml") == FIRST

    _with(fetch, whole, FIRST)


def test_messages_when_fetched_within_one_second():
    async def scene(rig, server):
        await _log_in(rig, server.port)
        reports = []
        for number in (1, 2, 3):
            await rig.commands('AT+CCLK="09/09/01,12:00:00+32"')
            reports.append((await _fetch(rig, "AT+POP3GET=%d" % number))[2])
        names = ["0909011200%02d" % second for second in range(3)]
        assert reports == ["C:/Email/%s/, EMAIL000.TXT" % name for name in names]
        assert rig.drives.entries("C:/Email")[0] == names
        stored = [rig.drives.read("C:/Email/%s/EMAIL000.TXT" % name) for name in names]
        assert len(set(stored)) == 3 and [data.split(b"\r\n\r\n")[0] for data in stored] == [
            data.split(b"\r\n\r\n")[0] for data in (FIRST, SECOND, third)
        ]

    third = FIRST.replace(b"ubject: ", b"ubject: another ")
    assert third != FIRST
    _with(scene, FIRST, SECOND, third)


def test_message_when_the_drive_is_full():
    async def scene(rig, server):
        await _log_in(rig, server.port)
        rig.drives.capacity = 10
        got = await rig.result("AT+POP3GET=1", "+POP3")
        check("S-133", [got, await rig.command("AT+POP3IN?")], ["FILE SYSTEM ERROR", b"\r\n+POP3IN: NULL\r\n" + OK])
        rig.drives.capacity = 1 << 20
        await rig.commands("AT+FSLOCA=1", "AT+POP3IN")
        assert (await _fetch(rig, "AT+POP3GET=1"))[2].startswith("D:/Email/")

    _with(scene, FIRST)
