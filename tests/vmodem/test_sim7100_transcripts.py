# CPython only: the virtual modem needs asyncio's sockets and threads.
"""Golden transcripts of SIM7100, played from the host's side to the virtual modem: every byte of every answer is compared.

Mail and FTP go to real servers, HTTP and HTTPS to a played network. Those whose ids end in `-P` are for the driver only: the
misprints that a module may have are quirks, which other tests try.
"""

import re
import threading

from tests.rigs.service_servers import FtpServer, Pop3Server, Scripted, SmtpServer, certificate
from tests.rigs.transcripts import transcript, transcripts
from tests.rigs.virtual_modem import OK, Rig
from tests.rigs.virtual_sim7100 import live
from tests.vmodem.test_sim7100_http import https_rig

FILLER = b"0123456789ABCDEF"
PEM = certificate()
GBK_PATH = "testdir/" + bytes.fromhex("B2E2CAD42E747874").decode("latin-1")
HOSTS = ("smtp.server.com", "pop3.server.com", "www.mydomain.com", "www.myftpsserver.com")

ON_TABLE = ["SMTPSRV-1", "SMTPAUTH-1", "SMTPFROM-1", "SMTPRCPT-1", "SMTPRCPT-2-D", "SMTPSUB-1", "SMTPBODY-1", "SMTPBODY-2"]
ON_TABLE += ["SMTPBODY-3", "SMTPBODY-4-D", "SMTPBCH-1", "SMTPSEND-2-D", "SMTPSTOP-2-D", "POP3SRV-1", "CFTPPORT-1", "CFTPMODE-1"]
ON_TABLE += ["CFTPTYPE-1", "CFTPSERV-1", "CFTPUN-1", "CFTPPW-1", "CFTPGETFILE-4", "CFTPPUTFILE-4", "CFTPGET-3", "CFTPPUT-3"]
ON_TABLE += ["CHTTPACT-3", "CFTPSTYPE-1", "CFTPSTYPE-2-D", "CFTPSGETFILE-4", "CFTPSPUTFILE-4", "CFTPSGET-3", "CFTPSSINGLEIP-1"]
ON_TABLE += ["CHTTPSSEND-4-D", "CHTTPSSTART-1", "CFTPSSTART-1"]
FILES = ["SMTPFILE-1", "SMTPFILE-2-D", "SMTPFILE-3-D"]
MAIL = ["SMTPSEND-1", "SMTPSEND-3-D", "SMTPSEND-4-D", "SMTPSTOP-1"]
POP3 = ["POP3IN-1", "POP3IN-2-D", "POP3IN-3-D", "POP3NUM-1", "POP3NUM-3-D", "POP3LIST-1", "POP3HDR-1", "POP3GET-1", "POP3GET-2"]
POP3 += ["POP3GET-3", "POP3DEL-1", "POP3OUT-1", "POP3STOP-1"]
FTP = [
    "CFTPGETFILE-1",
    "CFTPGETFILE-2",
    "CFTPGETFILE-3",
    "CFTPPUTFILE-1",
    "CFTPPUTFILE-2",
    "CFTPPUTFILE-3",
    "CFTPGET-1",
    "CFTPGET-2",
]
FTP += ["CFTPPUT-1", "CFTPPUT-2", "CFTPPUT-4-D", "CFTPLIST-1", "CFTPMKD-1", "CFTPMKD-3-D", "CFTPRMD-1", "CFTPMKD-2", "CFTPRMD-2"]
FTP += ["CFTPRMD-3-D", "CFTPDELE-1", "CFTPDELE-2", "CFTPDELE-3-D"]
FTP_FAILURES = ["CFTPGETFILE-5-D", "CFTPGETFILE-6-D", "CFTPGET-4-D", "CFTPPUT-5-D"]
HTTP = ["CHTTPACT-1", "CHTTPACT-2", "CHTTPACT-4-D", "CHTTPACT-5-D", "CHTTPACT-6-D"]
HTTPS = [
    "CHTTPSSTOP-1",
    "CHTTPSOPSE-1",
    "CHTTPSCLSE-1",
    "CHTTPSSEND-1",
    "CHTTPSSEND-2",
    "CHTTPSSEND-3",
    "CHTTPSRECV-1",
    "CHTTPS-URC-1-D",
]
FTPS = [
    "CFTPSLOGIN-1",
    "CFTPSMKD-1",
    "CFTPSCWD-1",
    "CFTPSPWD-1",
    "CFTPSMKD-2",
    "CFTPSCWD-2",
    "CFTPSRMD-2",
    "CFTPSRMD-1",
    "CFTPSDEL-1",
]
FTPS += ["CFTPSDEL-2", "CFTPSLIST-1", "CFTPSLIST-2", "CFTPSGETFILE-1", "CFTPSGETFILE-2", "CFTPSGETFILE-3", "CFTPSPUTFILE-1"]
FTPS += ["CFTPSPUTFILE-2", "CFTPSPUTFILE-3", "CFTPSGET-1", "CFTPSGET-2", "CFTPSPUT-1", "CFTPSPUT-2", "CFTPSPUT-3", "CFTPSPUT-4-D"]
FTPS += ["CFTPSLOGOUT-1", "CFTPSSTOP-1"]
FAMILY = ["GK-CFTPSGET-BREAK", "GK-CFTPSSTART-7600", "GK-CFTPSDELE", "GK-CHTTPSRECV-QUERY"]


def found(name):
    return transcript(name if name.startswith("GK-") else "SIM7100-" + name)


def test_every_transcript_of_the_document_when_counted():
    played = ON_TABLE + FILES + MAIL + POP3 + FTP + FTP_FAILURES + HTTP + HTTPS + FTPS
    wanted = [each.id for each in transcripts("simcom", "SIM7100") if not each.id.endswith("-P")]
    assert sorted(["SIM7100-" + name for name in played] + FAMILY) == sorted(wanted)


def play_on_table(rig, name, got=b""):
    """Play one transcript on a rig whose time stands; `got` has come before."""
    for side, data in found(name).turns:
        if side == "host":
            assert got == b"", (name, got)
            got = rig.host(data)
        else:
            got += rig.pass_time()
            assert got[: len(data)] == data, (name, got, data)
            got = got[len(data) :]
    assert got == b"", (name, got)


async def play(rig, *names):
    """Play transcripts to real servers."""
    for name in names:
        for side, data in found(name).turns:
            if side == "host":
                rig.write(data)
            else:
                got = await rig.exactly(len(data))
                assert got == data, (name, got, data)
        assert await rig.quiet(0.01) == b"", name


def run(scene, port=0, **options):
    live(scene, hosts=["%s=127.0.0.1%s" % (host, ":%d" % port if port else "") for host in HOSTS], **options)


def test_transcripts_of_settings():
    for name in ON_TABLE:
        play_on_table(Rig("sim7100"), name)


def test_transcripts_of_attachments():
    for name in FILES:
        rig = Rig("sim7100")
        rig.modem.model = rig.modem.model.with_quirks(["smtpfile-size"] if name == "SMTPFILE-1" else [])
        drives = rig.modem.dialect.fs.drives
        for file, size in (("file1.txt", 1024), ("file2.txt", 5), ("huge.bin", 10 * 1024 * 1024 + 1)):
            drives.write("D:/" + file, bytes(size))
        rig.command("AT+FSCD=D:/")
        play_on_table(rig, name)


async def _ready_to_send(rig):
    await rig.commands('AT+SMTPSRV="smtp.server.com",25', 'AT+SMTPFROM="a@b.c"', 'AT+SMTPRCPT=0,0,"a@b.c"')


def test_transcripts_of_sending():
    async def success(rig):
        await _ready_to_send(rig)
        await play(rig, "SMTPSEND-1")

    async def failure(rig):
        await _ready_to_send(rig)
        await play(rig, "SMTPSEND-3-D")

    async def ongoing(rig):
        await _ready_to_send(rig)
        await rig.commands("AT+SMTPSEND")
        await play(rig, "SMTPSEND-4-D", "SMTPSTOP-1")

    with SmtpServer() as server:
        run(success, server.port)
    answers = {b"EHLO": b"250 test\r\n", b"MAIL": b"250 OK\r\n"}
    with Scripted(b"220 hi\r\n", {**answers, b"RCPT": b"550 no\r\n"}) as server:
        run(failure, server.port)
    with Scripted(b"220 hi\r\n", answers) as server:
        run(ongoing, server.port)


def _message(size):
    head = found("POP3HDR-1").turns[1][1].strip() + b"\r\n\r\n"
    return head + b"x" * (size - len(head) - 2) + b"\r\n"


def test_transcripts_of_fetching():
    server_line = 'AT+POP3SRV="pop3.server.com","user_name","%s",110'

    async def log_in(rig):
        await rig.commands(server_line % "password")
        await play(rig, "POP3IN-1")

    async def counted(rig):
        await log_in(rig)
        await play(rig, "POP3NUM-1", "POP3DEL-1", "POP3OUT-1")

    async def others(rig):
        await rig.commands(server_line % "password")
        await play(rig, "POP3IN-2-D", "POP3LIST-1", "POP3HDR-1")
        for name in ("POP3GET-1", "POP3GET-2"):
            await rig.commands('AT+CCLK="09/09/01,12:00:00+32"')
            await play(rig, name)
        await play(rig, "POP3GET-3", "POP3STOP-1")
        await rig.commands(server_line % "wrong")
        await play(rig, "POP3IN-3-D")

    async def busy(rig):
        await rig.commands(server_line % "password", "AT+POP3IN", "AT+POP3GET=1")
        await play(rig, "POP3NUM-3-D")

    with Pop3Server(_message(3057)) as server:
        run(counted, server.port)
    with Pop3Server(_message(3056)) as server:
        run(others, server.port)
    with Scripted(b"+OK\r\n", {b"USER": b"+OK\r\n", b"PASS": b"+OK\r\n"}) as server:
        run(busy, server.port)


def _fill(server):
    """What the transcripts ask for."""
    sizes = {"pub/mydir/test1.txt": 1020 + 1058, GBK_PATH: 1020}
    for path, size in sizes.items():
        turns = found("CFTPGET-1").turns
        blocks = [data.partition(b"\r\n+CFTPGET: DATA,")[2].partition(b"\r\n")[2] for side, data in turns[2:4]]
        server.write(path, b"".join(blocks)[:size])
    for name in ("test2.txt", "test", GBK_PATH.partition("/")[2], "testd/x"):
        server.write(name, b"two")


def _listing(name):
    return re.sub(rb"^.*DATA,193\r\n", b"", found(name).turns[2][1], flags=re.S)


async def _configured(rig, *, server="www.mydomain.com", password="mypassword"):
    await rig.commands('AT+CFTPSERV="%s"' % server, 'AT+CFTPUN="myname"', 'AT+CFTPPW="%s"' % password, "AT+CFTPMODE=1")
    for place in ("C:/Picture", "C:/Video"):
        rig.drives.need_folder(place)
        for name in ("test1.txt", "test2.txt", GBK_PATH.partition("/")[2]):
            rig.drives.write("%s/%s" % (place, name), b"local")


def test_transcripts_of_ftp():
    async def scene(rig):
        await _configured(rig)
        for name in FTP:
            if name == "CFTPMKD-1":
                for path in sorted(server.root.glob("testdir/*")):
                    path.unlink()
                (server.root / "testdir").rmdir()
            if name == "CFTPDELE-2":
                server.write("test", b"")
            await play(rig, name)

    with FtpServer(texts={"/testd": _listing("CFTPLIST-1")}) as server:
        _fill(server)
        run(scene, server.port, quirks=["block=mixed"])
        assert server.read("bin.dat") == b"A\x03B\x1aC\x1bD"
        assert server.read("pub/mydir/test1.txt") == b"....."


def test_transcripts_of_ftp_when_it_fails():
    gate = threading.Event()

    async def scene(rig):
        await _configured(rig, server="no.such.host")
        await play(rig, "CFTPGETFILE-5-D")
        await _configured(rig, password="wrong")
        await play(rig, "CFTPPUT-5-D")
        await _configured(rig)
        await rig.commands('AT+CFTPGET="/test2.txt"')
        await play(rig, "CFTPGETFILE-6-D")
        gate.set()
        await rig.blocks("+CFTPGET")
        await play(rig, "CFTPGET-4-D")

    with FtpServer(broken={"/pub/mydir/test1.txt": FILLER}, gate=gate) as server:
        _fill(server)
        run(scene, server.port)


def test_transcripts_of_ftps():
    async def scene(rig):
        await _configured(rig)
        await rig.commands("AT+CFTPSSTART")
        for name in FTPS:
            if name == "CFTPSCWD-2":
                await rig.commands('AT+CFTPSCWD="/"')
            if name == "CFTPSMKD-2":  # the name in hex is the one of CFTPSMKD-1
                await rig.commands('AT+CFTPSCWD="/"', 'AT+CFTPSRMD="testdir"')
            if name == "CFTPSRMD-2":
                await rig.commands('AT+CFTPSCWD="/"')
            if name == "CFTPSRMD-1":
                await rig.commands('AT+CFTPSMKD="testdir"')
            if name == "CFTPSDEL-2":
                server.write("test", b"")
            if name == "CFTPSGETFILE-1":
                _fill(server)
            if name == "CFTPSPUTFILE-1":
                server.write("pub/mydir/x", b"")
            if name == "CFTPSGET-1":
                _fill(server)
            if name == "CFTPSPUT-3":
                gate.clear()
                rig.write(b'AT+CFTPSPUT="t2.txt",88\r')
                await rig.expect(b">")
                rig.write(b"x" * 88)
                await rig.expect(OK)
            await play(rig, name)
            if name == "CFTPSPUT-3":
                gate.set()
                await rig.result("AT+CFTPSPUT", "+CFTPSPUT")
        assert server.read("t1.txt") == b"testcontent"

    gate = threading.Event()
    gate.set()
    listing = _listing("CFTPSLIST-1")
    with FtpServer(pem=PEM, texts={"/testd": listing, "/": listing}, gate=gate) as server:
        server.write("test", b"")
        server.write("testd/x", b"")
        run(scene, server.port, quirks=["block=mixed"])


def test_transcripts_of_ftps_from_general_knowledge():
    async def broken(rig):
        await rig.commands("AT+CFTPSSTART", 'AT+CFTPSLOGIN="www.myftpsserver.com",990,"myname","mypassword"')
        await play(rig, "GK-CFTPSDELE", "GK-CFTPSGET-BREAK")

    with FtpServer(pem=PEM, broken={"/pub/mydir/test1.txt": FILLER}) as server:
        _fill(server)
        run(broken, server.port)
    rig = Rig("sim7100")
    rig.modem.model = rig.modem.model.with_quirks(["results=line"])
    play_on_table(rig, "GK-CFTPSSTART-7600")


def _response(name):
    """The response in a transcript."""
    data = b"".join(data for side, data in found(name).turns if b"DATA," in data)
    return re.sub(rb"^.*?DATA, ?\d+\r\n", b"", data, count=1, flags=re.S)


def test_transcripts_of_http():
    for name in HTTP:
        rig = Rig("sim7100")
        rig.net.refuse = "dns" if name == "CHTTPACT-4-D" else None
        if name == "CHTTPACT-5-D":
            rig.command('AT+CHTTPACT="www.mywebsite.com",80')
            rig.host(b"GET / HTTP/1.1\r\n\r\n\x1a")
        got = b""
        for side, data in found(name).turns:
            if side == "host":
                assert got == b"", (name, got)
                got = rig.host(data)
                response = _response(name)
                if data.endswith(b"\x1a") and response:
                    rig.net.links[-1].send(response)
                    assert b"\x1a" not in bytes(rig.net.links[-1].received) or name == "CHTTPACT-6-D"
            else:
                got += rig.pass_time()
                assert got[: len(data)] == data, (name, got, data)
                got = got[len(data) :]
        assert got == b"", (name, got)


def test_transcripts_of_https():
    for name in HTTPS:
        rig = Rig("sim7100")
        rig.command("AT+CHTTPSSTART")
        if name not in ("CHTTPSSTOP-1", "CHTTPSOPSE-1"):
            rig, peer = https_rig()
        elif name == "CHTTPSOPSE-1":
            from tests.rigs.tls_network import Authority, TlsNetwork, server_context

            rig.net = rig.modem.net = TlsNetwork(rig.clock)
            rig.net.server = server_context(Authority().issue("www.mywebsite.com"))
        got = b""
        if name == "CHTTPSSEND-3":
            peer.acknowledges = False
            rig.command("AT+CHTTPSSEND=88")
            rig.host(b"x" * 88)
        if name.startswith(("CHTTPSRECV", "CHTTPS-URC")):
            peer.send(_response(name))
            got = rig.port.take() if name == "CHTTPS-URC-1-D" else rig.port.take()[:0]
        play_on_table(rig, name, got)


def test_transcript_of_cached_bytes():
    rig, peer = https_rig()
    peer.send(b"x" * 227)
    rig.port.take()
    play_on_table(rig, "GK-CHTTPSRECV-QUERY")
