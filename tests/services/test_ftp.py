"""FTP and FTPS by SIM7100: the printed examples and their variants, orders, errors, escapes. Scripted, on both Pythons."""

import io

from modem import CommandError, ModemTimeout, NotSupported, ProtocolError
from modem.simcom.services.state import state_of
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready
from tests.rigs.transcripts import transcript

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
URC = b"\r\n+CSQN: 23,0\r\n"
PATH = "/pub/mydir/test1.txt"


def turns(ident):
    """A transcript as a dialogue: what the host sends, and all that the module answers before its next turn."""
    out = []
    for side, data in transcript(ident).turns:
        if side == "host":
            out.append((data, b""))
        else:
            out[-1] = (out[-1][0], out[-1][1] + data)
    return out


def client(modem, **options):
    """An Ftp whose settings the module has."""
    f = modem.ftp("ftp.example", "me", "secret", **options)
    operations = getattr(f, "operations", f)
    operations.state.ftp_settings = operations._settings
    return f


def session(modem, **options):
    """An Ftps that is logged in, on firmware that reports by OK alone."""
    f = modem.ftps("ftp.example", "me", "secret", verify=False, **options)
    f.operations._open = True
    f.operations.state.results_follow["simcom-ftps"] = False
    return f


def on(dialogue):
    port = ScriptedPort(dialogue)
    return ready(port, "sim7100"), port


def fetched(call, *args):
    into = io.BytesIO()
    n = call(*args, into)
    assert n == len(into.getvalue())
    return into.getvalue()


def code_of(call, *args):
    try:
        call(*args)
    except CommandError as error:
        return error.code
    return "none"


def block(name, data, form=b"DATA,%d"):
    return b"\r\n+" + name + b": " + form % len(data) + b"\r\n" + data


def test_settings_are_sent_once_and_read_back():
    texts = [
        (b'AT+CFTPSERV="ftp.example"\r', OK),
        (b"AT+CFTPPORT=21\r", OK),
        (b'AT+CFTPUN="me"\r', OK),
        (b'AT+CFTPPW="secret"\r', OK),
    ]
    asked = [
        (b"AT+CFTPSERV?\r", b'\r\n+CFTPSERV: "ftp.example"\r\n' + OK), (b"AT+CFTPPORT?\r", b"\r\n+CFTPPORT:21\r\n" + OK),
        (b"AT+CFTPUN?\r", b'\r\n+CFTPUN:   "me"\r\n' + OK), (b"AT+CFTPMODE?\r", b"\r\n+CFTPMODE:1\r\n" + OK),
        (b"AT+CFTPTYPE?\r", b"\r\n+CFTPTYPE: I\r\n" + OK),
    ]  # fmt: skip
    dialogue = texts + [(b"AT+CFTPMODE=1\r", OK), (b"AT+CFTPTYPE=I\r", OK)] + asked
    want = ("ftp.example", 21, "me", "passive", "I")

    def scene(m):
        f = m.ftp("ftp.example", "me", "secret")
        return f.settings()

    assert feed_all_ways(dialogue, scene, want, urc=URC, model="sim7100", step=7) > 20
    modem, port = on(dialogue)
    got = scene(modem)
    port.done()
    sent = bytes(port.sent)
    check("S-145", (got[1], b"+CFTPPORT=21\r" in sent), (21, True))
    check("S-146", (got[3], b"+CFTPMODE=1\r" in sent), ("passive", True))
    check("S-147", (got[4], b"+CFTPTYPE=I\r" in sent), ("I", True))
    check("S-149", (got[0], b'+CFTPSERV="ftp.example"\r' in sent), ("ftp.example", True))
    check("S-150", (got[2], b'+CFTPPW="secret"\r' in sent), ("me", True))
    check("S-154", got[1:4], want[1:4])
    with raises(ValueError, "type"):
        modem.ftp("h", type="X")
    modem, port = on(texts[:3] + [(b'AT+CFTPPW="secret"\r', b"\r\n+CME ERROR\r\n")])
    with raises(CommandError) as error:
        modem.ftp("ftp.example", "me", "secret").mkdir("x")
    check("S-153", (error.value.code, "secret" in str(error.value)), ("", False))


def test_a_file_comes_in_blocks_of_every_printed_form():
    for ident in ("SIM7100-CFTPGET-1", "SIM7100-CFTPGET-1-P"):
        dialogue = turns(ident)
        want = (b"0123456789ABCDEF" * 67)[:1020] + (b"0123456789ABCDEF" * 67)[:1058]
        modem, port = on(dialogue)
        got = fetched(client(modem).retrieve, PATH)
        check("S-168" if ident[-1] == "1" else "S-169", got, want)
        port.done()
        assert feed_all_ways(dialogue, lambda m: fetched(client(m).retrieve, PATH), want, (want[:1020],), URC, "sim7100", 97) > 10
    trap = b"\r\nOK\r\n\r\n+CFTPGET: 0\r\n+CFTPGET: DATA,9\r\n" + bytes(range(256))
    for form in (b"DATA,%d", b"DATA, %d", b"DATA, %d,"):
        line = b'AT+CFTPGET="a"\r'
        answer = OK + block(b"CFTPGET", trap, form) + block(b"CFTPGET", trap[:1], form) + b"\r\n+CFTPGET: 0\r\n"
        modem, port = on([(line, answer)])
        check("S-170", fetched(client(modem).retrieve, "a"), trap + trap[:1])
        for item in ("S-017", "S-020"):
            check(item, fetched(client(on([(line, answer)])[0]).retrieve, "a"), trap + trap[:1])
        assert feed_all_ways(
            [(line, answer)], lambda m: fetched(client(m).retrieve, "a"), trap + trap[:1], (trap,), URC, "sim7100", 5
        )
    big = bytes(range(256)) * 24
    modem, port = on([(b'AT+CFTPGET="a"\r', OK + block(b"CFTPGET", big) + b"\r\n+CFTPGET:0\r\n")])
    check("S-174", fetched(client(modem).retrieve, "a"), big)


def test_orders_of_ok_and_result_and_a_missing_ok():
    line = b'AT+CFTPGET="a"\r'
    data = block(b"CFTPGET", b"abc")
    for answer in (data + b"\r\n+CFTPGET: 0\r\n" + OK, data + OK + b"\r\n+CFTPGET: 0\r\n"):
        modem, port = on([(line, answer)])
        assert fetched(client(modem).retrieve, "a") == b"abc"
    modem, port = on(
        [
            (line, data + b"\r\n+CFTPGET: 0\r\n"),
            (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK),
            (b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK),
        ]
    )
    check("S-173", fetched(client(modem).retrieve, "a"), b"abc")
    assert modem.status("rssi") == -95, "the line is lined up before the next command"
    port.done()


def test_an_empty_file_an_empty_directory_and_a_listing():
    modem, port = on([(b'AT+CFTPGET="a"\r', OK + b"\r\n+CFTPGET: 0\r\n"), (b'AT+CFTPLIST="/"\r', OK + b"\r\n+CFTPLIST: 0\r\n")])
    f = client(modem)
    check("S-171", fetched(f.retrieve, "a"), b"")
    check("S-187", f.list(), [])
    modem, port = on(turns("SIM7100-CFTPLIST-1"))
    raw = fetched(client(modem).list, "/testd")
    check("S-185", raw.count(b"\r\n"), 3)
    check("S-186", len(raw), 193)
    modem, port = on(turns("SIM7100-CFTPLIST-1"))
    lines = client(modem).list("/testd")
    assert len(lines) == 3 and lines[0].startswith("drw-rw-rw-")


def test_a_break_is_an_error_with_its_number_and_the_data_so_far():
    modem, port = on(turns("SIM7100-CFTPGET-4-D"))
    into = io.BytesIO()
    with raises(CommandError, "210 (data transfer failed)", "AT+CFTPGET") as error:
        client(modem).retrieve(PATH, into)
    check("S-172", (error.value.code, into.getvalue()), (210, b"0123456789ABCDEF"))
    modem, port = on([(b'AT+CFTPGET="a"\r', b"\r\n+CME ERROR: 208\r\n")])
    with raises(CommandError, "208 (log-in failed)"):
        client(modem).retrieve("a", io.BytesIO())


def test_a_sink_that_fails_or_is_too_slow_leaves_the_module_usable():
    line = b'AT+CFTPGET="a"\r'
    answer = OK + block(b"CFTPGET", b"x" * 2000) + block(b"CFTPGET", b"y" * 2000) + b"\r\n+CFTPGET: 0\r\n"
    modem, port = on([(line, answer), (line, answer)])

    class Sink:
        def write(self, data):
            raise RuntimeError("full")

    f = client(modem)
    with raises(RuntimeError, "full"):
        f.retrieve("a", Sink())
    assert fetched(f.retrieve, "a") == b"x" * 2000 + b"y" * 2000
    modem, port = on([(line, [(0, OK), (10, b"\r\n+CFTPGET: DATA,400\r\n" + b"z" * 300)])])
    with raises(ProtocolError, "100 bytes before the end"):
        client(modem).retrieve("a", io.BytesIO())
    modem, port = on([(line, answer)])
    with raises(ProtocolError, "did not fit"):
        client(modem, rxbuf=256).retrieve("a", io.BytesIO())


def test_a_module_that_says_nothing_any_more_is_a_time_out():
    modem, port = on([(b'AT+CFTPGET="a"\r', OK + block(b"CFTPGET", b"abc"))])
    with raises(ModemTimeout, "nothing came"):
        client(modem).retrieve("a", io.BytesIO())
    assert port.now >= 150000


def test_uploads_are_escaped_and_nothing_is_sent_before_begin():
    every = bytes(range(256))
    coded = every.replace(b"\x03", b"\x03\x03").replace(b"\x1a", b"\x03\x1a")
    dialogue = [(b'AT+CFTPPUT="bin.dat"\r', [(500, b"\r\n+CFTPPUT: BEGIN\r\n")]), (coded + b"\x1a", [(700, OK)])]
    modem, port = on(dialogue)
    check("S-181", client(modem).store("bin.dat", every), 256)
    check("S-183", port.now >= 1200, True)
    check("S-177", bytes(port.sent).endswith(coded + b"\x1a"), True)
    modem, port = on(turns("SIM7100-CFTPPUT-4-D"))
    client(modem).store("bin.dat", io.BytesIO(b"A\x03B\x1aC\x1bD"))
    check("S-178", b"\x03\x03B\x03\x1aC" in port.sent, True)
    check("S-180", b"C\x1bD\x1a" in port.sent, True)
    assert feed_all_ways(dialogue, lambda m: client(m).store("bin.dat", every), 256, (), URC, "sim7100") > 20
    modem, port = on([(b'AT+CFTPPUT="e"\r', b"\r\n+CFTPPUT: BEGIN\r\n"), (b"\x1a", OK)])
    assert client(modem).store("e", b"") == 0
    port.done()


def test_an_upload_that_fails_before_or_after_the_data():
    codes = []
    modem, port = on([(b'AT+CFTPPUT="a"\r', b"\r\n+CME ERROR: 202\r\n")])
    codes.append(code_of(client(modem).store, "a", b"x"))
    modem, port = on(turns("SIM7100-CFTPPUT-5-D"))
    codes.append(code_of(client(modem).store, PATH, b"....."))
    check("S-184", codes, [202, 208])
    modem, port = on([(b'AT+CFTPPUT="a"\r', b"\r\n+CFTPPUT: BEGIN\r\n"), (b"x" * 1024 + b"\x1a", OK)])

    class Source:
        blocks = [b"x" * 1024]

        def read(self, n):
            if not self.blocks:
                raise RuntimeError("gone")
            return self.blocks.pop()

    with raises(RuntimeError, "gone"):
        client(modem).store("a", Source())
    port.done()


def texts_of(codes, call):
    """The text of each number, as the error prints it."""
    found = set()
    for code in codes:
        with raises(CommandError) as error:
            call(b"\r\n+CME ERROR: %d\r\n" % code)
        assert error.value.code == code
        words = str(error.value)
        found.add(words[words.index("%d (" % code) : words.index(")")])
    return found


def test_each_number_has_a_text_of_its_own():
    def call(answer):
        client(on([(b'AT+CFTPMKD="x"\r', answer)])[0]).mkdir("x")

    assert len(texts_of(range(201, 215), call)) == 14


def test_a_file_is_written_in_whole_blocks_however_the_line_cuts_them():
    sizes = []

    class Sink:
        def write(self, data):
            sizes.append(len(data))

    pieces = [(0, OK + b"\r\n+CFTPGET: DATA,1020\r\n")] + [(5, b"x" * 60)] * 17 + [(5, block(b"CFTPGET", b"y" * 40))]
    modem, port = on([(b'AT+CFTPGET="a"\r', pieces + [(5, b"\r\n+CFTPGET: 0\r\n")])])
    told = []
    assert client(modem).retrieve("a", Sink(), told.append) == 1060
    assert sizes == [1020, 40] and told == [1020, 1060]


def test_files_between_server_and_module():
    for ident, call, item in (
        ("SIM7100-CFTPGETFILE-1", "get_file", "S-156"), ("SIM7100-CFTPPUTFILE-1", "put_file", "S-156"),
    ):  # fmt: skip
        modem, port = on(turns(ident))
        check(item, getattr(client(modem), call)(PATH, place=1), None)
        port.done()
    modem, port = on(turns("SIM7100-CFTPGETFILE-3"))
    client(modem).get_file(b"\xb2\xe2\xca\xd4.txt", place=2)
    check("S-161", bytes(port.sent), b'AT+CFTPGETFILE={non-ascii}"B2E2CAD42E747874",2\r')
    modem, port = on(turns("SIM7100-CFTPGETFILE-5-D"))
    check("S-157", code_of(lambda: client(modem).get_file(PATH, place=1)), 203)
    modem, port = on(turns("SIM7100-CFTPGETFILE-6-D"))
    check("S-158", code_of(lambda: client(modem).get_file(PATH, place=1)), 202)
    modem, port = on(
        [(b"AT+FSCD=D:/mail/\r", b"\r\n+FSCD: D:/mail/\r\n" + OK), (b'AT+CFTPPUTFILE="a",0\r', OK + b"\r\n+CFTPPUTFILE: 0\r\n")]
    )
    client(modem).put_file("a", "D:/mail")
    port.done()


def test_directory_commands_and_their_three_ways_to_fail():
    names = (("mkdir", b"CFTPMKD"), ("rmdir", b"CFTPRMD"), ("remove", b"CFTPDELE"))
    for call, name in names:
        line = b"AT+" + name + b'="x"\r'
        modem, port = on([(line, OK)])
        check("S-188", getattr(client(modem), call)("x"), None)
        failed = []
        for answer in (b"\r\n+" + name + b":211\r\n" + ERROR, ERROR):
            modem, port = on([(line, answer)])
            failed.append(code_of(getattr(client(modem), call), "x"))
        check("S-189", failed, [211, None])
        modem, port = on([(line, [(0, OK), (300, b"\r\n+" + name + b": 211\r\n")])])
        check("S-190", code_of(getattr(client(modem), call), "x"), 211)
        modem, port = on([(b"AT+" + name + b'={non-ascii}"E4"\r', OK)])
        getattr(client(modem), call)(b"\xe4")
        check("S-192", bytes(port.sent), b"AT+" + name + b'={non-ascii}"E4"\r')
    modem, port = on([])
    with raises(NotSupported, "sim7100", "changes the directory"):
        client(modem).chdir("x")
    for bad in ("", "a\nb", "x" * 257):
        with raises(ValueError, "path"):
            client(modem).mkdir(bad)
    with raises(NotSupported, "ec600e", "FTP"):
        ready(ScriptedPort([])).ftp("h")


# --- FTPS


def test_ftps_wants_verify_false_and_opens_by_itself():
    modem, port = on([])
    with raises(NotSupported, "cannot verify", "verify=False"):
        modem.ftps("h", "me", "secret")
    login = b'AT+CFTPSLOGIN="www.myftpsserver.com",990,"myname","mypassword"'
    for tail, late in ((b"", b""), (b",3", b"\r\n+CFTPS%s: 0\r\n")):
        start = [(0, OK)] + ([(100, late % b"START")] if late else [])
        logged = [(0, OK)] + ([(3000, late % b"LOGIN")] if late else [])
        ended = [(0, OK)] + ([(10, late % b"LOGOUT")] if late else [])
        stop = [(0, OK)] + ([(10, late % b"STOP")] if late else [])
        dialogue = [
            (b"AT+CFTPSSTART\r", start), (login + tail + b"\r", logged), (b"AT+CFTPSTYPE=I\r", OK),
            (b"AT+CFTPSPWD\r", b'\r\n+CFTPSPWD: "/testdir"\r\n' + OK), (b"AT+CFTPSLOGOUT\r", ended), (b"AT+CFTPSSTOP\r", stop),
        ]  # fmt: skip
        modem, port = on(dialogue)
        security = 3 if tail else None
        f = modem.ftps("www.myftpsserver.com", "myname", "mypassword", 990, verify=False, security=security)
        with f:
            check("S-232", f.getcwd(), "/testdir")
        port.done()
        check("S-227" if late else "S-226", modem.module.dialect.service_state.results_follow["simcom-ftps"], bool(late))
        check("S-229" if tail else "S-228", bytes(port.sent).find(login + tail + b"\r") > 0, True)
    modem, port = on([(b"AT+CFTPSSTART\r", [(0, OK), (9, b"\r\n+CFTPSSTART: 0\r\n")]), (b"AT+CFTPSLOGIN=", b"")][:1])
    state_of(modem.module).results_follow["simcom-ftps"] = True
    port.dialogue.append((b'AT+CFTPSLOGIN="h",21,"me","secret"\r', [(0, OK), (900, b"\r\n+CFTPSLOGIN: 9\r\n")]))
    port.dialogue += [(b"AT+CFTPSLOGOUT\r", ERROR), (b"AT+CFTPSSTOP\r", [(0, OK), (9, b"\r\n+CFTPSSTOP: 0\r\n")])]
    with raises(CommandError, "9 (rejected by the server)") as error:
        modem.ftps("h", "me", "secret", verify=False).open()
    assert "secret" not in str(error.value) and "secret" not in (error.value.command or "")
    port.done()


def test_ftps_transfers_and_every_printed_spelling():
    for ident, item in (("SIM7100-CFTPSGET-1", "S-237"), ("SIM7100-CFTPSGET-1-P", "S-169")):
        modem, port = on(turns(ident))
        check(item, len(fetched(session(modem).retrieve, PATH)), 2078)
    modem, port = on(turns("GK-CFTPSGET-BREAK") + [(b"AT+CFTPSPWD\r", b'\r\n+CFTPSPWD: "/"\r\n' + OK)])
    f = session(modem)
    with raises(CommandError, "6 (transfer failed)"):
        f.retrieve(PATH, io.BytesIO())
    assert f.operations._open, "the session has survived"
    for ident, args in (("SIM7100-CFTPSLIST-1", ("/testd",)), ("SIM7100-CFTPSLIST-2", ())):
        modem, port = on(turns(ident))
        check("S-234", len(session(modem).list(*args)), 3)
    modem, port = on([(b'AT+CFTPSLIST="/testd"\r', ERROR)] + turns("SIM7100-CFTPSLIST-3-P"))
    check("S-235", len(session(modem).list("/testd")), 3)
    for call in ("get_file", "put_file"):
        name = b"CFTPS" + call[:3].upper().encode() + b"FILE"
        for shown in (name, b"CFTPSPPUTFILE") if call[0] == "p" else (name, b"CFTSPGETFILE"):
            modem, port = on([(b"AT+" + name + b'="a",1\r', OK + b"\r\n+" + shown + b": 0\r\n")])
            check("S-236", getattr(session(modem), call)("a", place=1), None)


def test_ftps_puts_in_counted_pieces_and_reports_at_the_end():
    data = bytes(range(256)) * 5
    none = b"\r\n+CFTPSPUT: 0\r\n" + OK
    for shown in (b"+CFTPSPUT", b"+CFTPSSPUT"):
        dialogue = [
            (b'AT+CFTPSPUT="t1.txt",1024\r', b"\r\n>"), (data[:1024], OK), (b"AT+CFTPSPUT?\r", b"\r\n+CFTPSPUT: 5000\r\n" + OK),
            (b"AT+CFTPSPUT?\r", none), (b"AT+CFTPSPUT=256\r", b"\r\n>"), (data[1024:], OK), (b"AT+CFTPSPUT?\r", none),
            (b"AT+CFTPSPUT\r", [(0, OK), (2000, b"\r\n" + shown + b": 0\r\n")]),
        ]  # fmt: skip
        modem, port = on(dialogue)
        check("S-240" if shown[6:] == b"PUT" else "S-241", session(modem).store("t1.txt", io.BytesIO(data)), 1280)
        port.done()
        check("S-238", data[:1024] in port.sent, True)
        check("S-239", b"AT+CFTPSPUT=256\r" in port.sent, True)
        assert port.sent.count(b"AT+CFTPSPUT?") == 3
    modem, port = on(turns("SIM7100-CFTPSPUT-3"))
    check("S-242", session(modem).unsent(), 88)
    modem, port = on(
        [
            (b'AT+CFTPSPUT="a",1\r', b"\r\n>"),
            (b"x", OK),
            (b"AT+CFTPSPUT?\r", none),
            (b"AT+CFTPSPUT\r", OK + b"\r\n+CFTPSPUT: 9\r\n"),
        ]
    )
    check("S-240", code_of(session(modem).store, "a", b"x"), 9)
    alive = (b"AT+CFTPSPWD\r", b'\r\n+CFTPSPWD: "/"\r\n' + OK)
    ended = (b"AT+CFTPSPUT?\r", OK)  # it has read AT+CFTPSPUT, which ends the file
    modem, port = on([(b'AT+CFTPSPUT="a",1\r', b"\r\n>"), (b"x", OK), ended, (b"AT+CFTPSPUT\r", ERROR), alive])
    with raises(CommandError):
        session(modem).store("a", b"x")
    with raises(ValueError, "empty"):
        session(modem).store("a", b"")


def test_ftps_directories_deletion_type_and_single_ip():
    for call, name in (("mkdir", b"MKD"), ("rmdir", b"RMD"), ("chdir", b"CWD")):
        modem, port = on([(b"AT+CFTPS" + name + b'="testdir"\r', OK), (b"AT+CFTPS" + name + b'={non-ascii}"E4"\r', OK)])
        f = session(modem)
        check("S-230", (getattr(f, call)("testdir"), getattr(f, call)(b"\xe4")), (None, None))
        port.done()
    modem, port = on([(b'AT+CFTPSDELE="test"\r', ERROR), (b'AT+CFTPSDEL="test"\r', OK), (b'AT+CFTPSDEL="b"\r', OK)])
    f = session(modem)
    f.remove("test")
    f.remove("b")
    port.done()
    modem, port = on([(b"AT+CFTPSTYPE=A\r", OK), (b"AT+CFTPSTYPE?\r", b"\r\n+CFTPSTYPE: A\r\n" + OK)])
    check("S-233", session(modem).type("A"), "A")
    for shown in (b"+CFTPSSINGLEIP: 1", b"+CFTPSINGLEIP:1", b"+CFTPSPORT: 1"):
        modem, port = on([(b"AT+CFTPSSINGLEIP=1\r", OK), (b"AT+CFTPSSINGLEIP?\r", b"\r\n" + shown + b"\r\n" + OK)])
        check("S-245", session(modem).single_ip(True), 1)
    check("S-244", bytes(port.sent), b"AT+CFTPSSINGLEIP=1\rAT+CFTPSSINGLEIP?\r")


class Interrupted(ScriptedPort):
    """Ctrl-C comes while the line `at` waits for its answer."""

    at = None

    def wait(self, timeout_ms, coming=1):
        if self.at is not None and bytes(self.sent).endswith(self.at):
            self.at = None
            raise KeyboardInterrupt
        return ScriptedPort.wait(self, timeout_ms)

    def write(self, buf, off, n):
        if self.at == b"da" and n < 8:  # RTS/CTS: the module takes two bytes and no more for now
            n = 0 if bytes(self.sent).endswith(self.at) else 2
        return ScriptedPort.write(self, buf, off, n) if n else 0


def test_an_upload_that_is_given_up_before_the_module_asks_for_data_is_ended_when_it_does():
    done = b"\r\n+CFTPPUT: 0\r\n" + OK
    for late_ms in (3000, 20000, 100000):
        port = Interrupted([(b'AT+CFTPPUT="/f"\r', [(late_ms, b"\r\n+CFTPPUT: BEGIN\r\n")]), (b"\x1a", done), CSQ])
        port.at = b'AT+CFTPPUT="/f"\r'
        modem = ready(port, "sim7100")
        with raises(KeyboardInterrupt):
            client(modem).store("/f", b"data")
        assert modem.status("rssi") == -65 and port.now >= late_ms
        port.done()


CSQ = (b"AT+CSQ\r", b"\r\n+CSQ: 24,99\r\n" + OK)


def test_an_upload_that_is_given_up_in_the_middle_goes_out_as_far_as_it_was_begun():
    port = Interrupted([(b'AT+CFTPPUT="/f"\r', b"\r\n+CFTPPUT: BEGIN\r\n"), (b"data\x1a", b"\r\n+CFTPPUT: 0\r\n" + OK), CSQ])
    port.at = b"da"
    modem = ready(port, "sim7100")
    with raises(KeyboardInterrupt):
        client(modem).store("/f", b"data")
    assert modem.status("rssi") == -65
    port.done()
