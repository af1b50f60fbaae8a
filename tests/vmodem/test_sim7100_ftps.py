# CPython only: the virtual modem needs asyncio's sockets and threads.
"""FTPS of the virtual SIM7100, to a real server (pyftpdlib with TLS, which takes neither log-in nor data in the clear).

"AT Command Set for Internet Service", SIM7100, 0.01, chapter 8.
"""

import random
import threading

from tests.conformance import check
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, certificate, closed_port
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.rigs.virtual_sim7100 import live

HOSTS = ["www.myftpsserver.com=127.0.0.1"]
PEM = certificate()
GBK_NAME = bytes.fromhex("B2E2CAD42E747874").decode("latin-1")


def login_line(port, password=PASSWORD, more=""):
    return 'AT+CFTPSLOGIN="www.myftpsserver.com",%d,"%s","%s"%s' % (port, USER, password, more)


def with_server(scene, *, quirks=(), faults=(), logged_in=True, pem=PEM, **options):
    """Run `scene(rig, server)`, logged in."""
    with FtpServer(pem=pem, **options) as server:

        async def run(rig):
            if logged_in:
                await rig.commands("AT+CFTPSSTART", login_line(server.port))
            await scene(rig, server)

        live(run, hosts=HOSTS, quirks=quirks, faults=faults)


async def get(rig, path):
    assert await rig.command('AT+CFTPSGET="%s"' % path) == OK
    return await rig.blocks("+CFTPSGET")


async def put(rig, path, data, size=4096):
    """AT+CFTPSPUT in parts of `size`: what it reports."""
    for at in range(0, len(data), size):
        part = data[at : at + size]
        rig.write(b"AT+CFTPSPUT=%s%d\r" % (b'"%s",' % path.encode("latin-1") if not at else b"", len(part)))
        assert await rig.expect(b">") == b"\r\n>"
        rig.write(part)
        assert await rig.expect(OK) == OK
    return await rig.result("AT+CFTPSPUT", "+CFTPSPUT")


def test_session_when_begun_and_ended():
    async def scene(rig, server):
        check("S-225", await rig.command(login_line(server.port)), ERROR)
        lines = ["AT+CFTPSSTART", login_line(server.port), "AT+CFTPSLOGOUT", "AT+CFTPSSTOP"]
        done = [await rig.command(line) for line in lines]
        refused = [await rig.command(line) for line in lines[1:]]
        await rig.commands("AT+CFTPSSTART")
        refused += [
            await rig.command(line) for line in ("AT+CFTPSSTART", login_line(closed_port()), login_line(server.port, "no"))
        ]
        check("S-226", [done, refused], [[OK] * 4, [ERROR] * 6])
        lines = ['AT+CFTPSLOGIN="www.myftpsserver.com",%d' % server.port, 'AT+CFTPSLOGIN="a","b","c","d"']
        bad = [await rig.command(line) for line in lines]
        check("S-228", bad + [await rig.command(login_line(server.port))], [ERROR, ERROR, OK])
        await rig.commands("AT+CFTPSPWD", "AT+CFTPSLOGOUT")
        lines = [
            "AT+CFTPSPWD",
            'AT+CFTPSMKD="d"',
            "AT+CFTPSLIST",
            'AT+CFTPSGET="a"',
            'AT+CFTPSPUT="a",5',
            'AT+CFTPSGETFILE="a",0',
        ]
        check("S-246", [await rig.command(line) for line in lines], [ERROR] * 6)
        assert "AUTH" in server.commands() and "PROT" in server.commands()

    with_server(scene, logged_in=False)


def test_log_in_kinds():
    async def scene(rig, server):
        await rig.commands(
            "AT+CFTPSSTART", login_line(server.port, more=",1"), "AT+CFTPSLOGOUT", login_line(server.port, more=",2")
        )
        await rig.commands("AT+CFTPSLOGOUT")
        assert await rig.command(login_line(server.port, more=",0")) == ERROR  # this server wants TLS
        assert await rig.command(login_line(server.port, more=",4")) == ERROR

    with_server(scene, logged_in=False)

    async def plain(rig, server):
        server.write("a", b"x")
        assert await rig.command("AT+CFTPSSTART") == OK
        assert await rig.command(login_line(server.port)) == ERROR  # no TLS there
        assert await rig.command(login_line(server.port, more=",0")) == OK
        assert await get(rig, "/a") == ([b"x"], 0)

    with_server(plain, logged_in=False, pem=None)


def test_directories_and_deletion():
    async def scene(rig, server):
        tests = [(name, word) for name, word in (("MKD", "DIR"), ("RMD", "DIR"), ("CWD", "DIR"), ("DEL", "FILENAME"))]
        got = [await rig.command("AT+CFTPS%s=?" % name) for name, _ in tests]
        assert got == [b'\r\n+CFTPS%s: "%s"\r\n' % (name.encode(), word.encode()) + OK for name, word in tests]
        name = '{non-ascii}"B2E2CAD42E747874"'
        lines = [
            'AT+CFTPSMKD="d"',
            "AT+CFTPSMKD=" + name,
            'AT+CFTPSCWD="d"',
            'AT+CFTPSCWD="/"',
            "AT+CFTPSCWD=" + name,
            'AT+CFTPSCWD=".."',
        ]
        done = [await rig.command(line) for line in lines]
        seen = sorted(path.name for path in server.root.iterdir())
        lines = ['AT+CFTPSRMD="d"', "AT+CFTPSRMD=" + name]
        done += [await rig.command(line) for line in lines]
        lines = ['AT+CFTPSMKD="a/b"', 'AT+CFTPSRMD="x"', 'AT+CFTPSCWD="x"', 'AT+CFTPSMKD={non-ascii}"123"']
        refused = [await rig.command(line) for line in lines]
        check("S-230", [done, seen, list(server.root.iterdir()), refused], [[OK] * 8, ["d", GBK_NAME], [], [ERROR] * 4])
        await rig.commands('AT+CFTPSMKD="deep"', 'AT+CFTPSCWD="deep"')
        check("S-232", await rig.command("AT+CFTPSPWD"), b'\r\n+CFTPSPWD: "/deep"\r\n' + OK)
        for file in ("a", "b"):
            server.write("deep/" + file, b"")
        got = [await rig.command(line) for line in ('AT+CFTPSDEL="a"', 'AT+CFTPSDELE="b"', 'AT+CFTPSDEL="a"')]
        check("S-231", [got, list((server.root / "deep").iterdir())], [[OK, OK, ERROR], []])

    with_server(scene)


def test_type_and_single_ip_when_set_read_and_tested():
    rig = Rig("sim7100")
    got = [rig.command("AT+CFTPSTYPE" + form) for form in ("=?", "?", "=A", "?", "=B")]
    answers = [b"\r\n+CFTPSTYPE: %s\r\n" % text + OK for text in (b"(A,I)", b"I", b"A")]
    check("S-233", got, [answers[0], answers[1], OK, answers[2], ERROR])
    got = [rig.command("AT+CFTPSSINGLEIP" + form) for form in ("=?", "?", "=1", "?", "=2", "=0", "?")]
    answers = [b"\r\n+CFTPSSINGLEIP: %s\r\n" % text + OK for text in (b"(0,1)", b"0", b"1", b"0")]
    check("S-244", got, [answers[0], answers[1], OK, answers[2], ERROR, OK, answers[3]])
    assert [rig.command(line) for line in ("AT+CFTPSINGLEIP=?", "AT+CFTSPGETFILE=?")] == [ERROR, ERROR]


def test_data_connections_with_single_ip():
    """The server names an address at which nobody is; only with SINGLEIP=1 is its own address used instead."""

    async def scene(rig, server):
        server.write("a", b"x")
        got = []
        for flag in (1, 0):
            await rig.commands("AT+CFTPSSINGLEIP=%d" % flag, login_line(server.port))
            blocks, code = await get(rig, "/a")
            got.append((blocks, code == 0))
            await rig.command("AT+CFTPSLOGOUT")
        check("S-440", got, [([b"x"], True), ([], False)])

    async def run(rig, server):
        await rig.commands("AT+CFTPSSTART")
        await scene(rig, server)

    with_server(run, logged_in=False, masquerade_address="127.9.9.9")


def test_listing():
    text = b"-rw-rw-rw-   1 user     group        2017 Sep  1 17:24 19800106_000128.jpg\r\n"

    async def scene(rig, server):
        server.write("testd/f", b"")
        got = []
        for line in ('="/testd"', ""):
            assert await rig.command("AT+CFTPSLIST" + line) == OK
            got.append(await rig.blocks("+CFTPSLIST"))
        assert await rig.command('AT+CFTPSLIST="/x"') == OK
        got.append(await rig.blocks("+CFTPSLIST"))
        check("S-234", got, [([text], 0), ([b"root\r\n"], 0), ([], 9)])
        got = []
        for line in ('="/testd"', ""):
            assert await rig.command("AT+CFTPSSLIST" + line) == OK
            got.append(await rig.blocks("+CFTPSSLIST"))
        check("S-235", got, [([text], 0), ([b"root\r\n"], 0)])

    with_server(scene, texts={"/testd": text, "/": b"root\r\n"})


def test_64_kib_both_ways():
    data = bytearray(random.Random(3).randbytes(65536))
    data[:256] = bytes(range(256))
    data = bytes(data)

    async def scene(rig, server):
        code = await put(rig, "/t1.bin", data)
        assert server.read("t1.bin") == data
        blocks, result = await get(rig, "/t1.bin")
        check(
            "S-237", [code, b"".join(blocks) == data, result, [len(block) for block in blocks[:2]]], ["0", True, 0, [1020, 1020]]
        )
        name = '{non-ascii}"/74/B2E2CAD42E747874"'
        server.write("t/" + GBK_NAME, b"gbk")
        assert await rig.command("AT+CFTPSGET=" + name) == OK
        assert await rig.blocks("+CFTPSGET") == ([b"gbk"], 0)

    with_server(scene)


def test_put_step_by_step():
    async def scene(rig, server):
        check("S-243", await rig.command("AT+CFTPSPUT=5"), ERROR)
        assert await rig.command("AT+CFTPSPUT") == ERROR
        rig.write(b'AT+CFTPSPUT="t1.txt",4\r')
        prompt = await rig.expect(b">")
        rig.write(b"te\x1a\x1bAT\r")
        check("S-238", [prompt, await rig.expect(OK)], [b"\r\n>", OK])
        check("S-247", await rig.expect(OK), OK)  # the bytes beyond the fourth were a command line
        rig.write(b"AT+CFTPSPUT=7\r")
        await rig.expect(b">")
        rig.write(b"content")
        assert await rig.expect(OK) == OK
        code = await rig.result("AT+CFTPSPUT", "+CFTPSPUT")
        check("S-239", server.read("t1.txt"), b"te\x1a\x1bcontent")
        check("S-240", [code, await rig.command("AT+CFTPSPUT")], ["0", ERROR])
        assert [await rig.command('AT+CFTPSPUT="a",%s' % size) for size in ("0", "x")] == [ERROR, ERROR]

    with_server(scene)


def test_put_while_the_server_waits():
    gate = threading.Event()

    async def scene(rig, server):
        rig.write(b'AT+CFTPSPUT="t1.txt",88\r')
        await rig.expect(b">")
        rig.write(b"x" * 88)
        await rig.expect(OK)
        unsent = await rig.command("AT+CFTPSPUT?")
        assert await rig.command('AT+CFTPSPUT="t2.txt",1') == ERROR
        gate.set()
        code = await rig.result("AT+CFTPSPUT", "+CFTPSPUT")
        check(
            "S-242",
            [unsent, await rig.command("AT+CFTPSPUT?"), code],
            [b"\r\n+CFTPSPUT: %d\r\n" % n + OK for n in (88, 0)] + ["0"],
        )
        assert server.read("t1.txt") == b"x" * 88

    with_server(scene, gate=gate)


def test_put_when_the_server_refuses():
    async def scene(rig, server):
        assert await put(rig, "/no/such/t1.txt", b"x") == "9"
        assert await put(rig, "/t1.txt", b"x") == "0"

    with_server(scene)


def test_module_files_both_ways():
    data = random.Random(4).randbytes(30000)

    async def scene(rig, server):
        names = (b"GETFILE", b"PUTFILE")
        got = [await rig.command("AT+CFTPS%s=?" % name.decode()) for name in names]
        assert got == [b'\r\n+CFTPS%s: [{non-ascii}]"FILEPATH",(0-8)\r\n' % name + OK for name in names]
        server.write("pub/a.bin", data)
        got = [await rig.result('AT+CFTPSGETFILE="/pub/a.bin",1', "+CFTPSGETFILE"), rig.drives.read("C:/Picture/a.bin") == data]
        got += [await rig.result('AT+CFTPSPUTFILE="/a.bin",1', "+CFTPSPUTFILE"), server.read("a.bin") == data]
        got += [await rig.result('AT+CFTPSGETFILE="/none",1', "+CFTPSGETFILE")]
        got += [await rig.command('AT+CFTPSPUTFILE="/none",1'), await rig.command('AT+CFTPSGETFILE="/a.bin",9')]
        check("S-236", got, ["0", True, "0", True, "9", ERROR, ERROR])

    with_server(scene)


def test_transfer_when_it_breaks():
    async def scene(rig, server):
        server.write("bad", b"x" * 100)
        blocks, code = await get(rig, "/bad")
        assert (blocks, code) == ([b"0123456789ABCDEF"], 6)
        assert await rig.command("AT") == OK

    with_server(scene, broken={"/bad": b"0123456789ABCDEF"})


def test_session_when_the_server_or_the_network_goes_away():
    async def scene(rig, server):
        rig.modem.dialect.close_all()
        assert await rig.command("AT+CFTPSPWD") == ERROR
        await rig.commands(login_line(server.port))
        rig.modem.dialect.lose_contexts()
        assert await rig.command("AT+CFTPSPWD") == ERROR
        await rig.commands(login_line(server.port), "AT+CFTPSPWD")

    with_server(scene)


def test_results_in_the_way_of_later_firmware():
    async def scene(rig, server):
        got = [await rig.result("AT+CFTPSSTART", "+CFTPSSTART"), await rig.result(login_line(server.port), "+CFTPSLOGIN")]
        got += [await rig.result('AT+CFTPSMKD="d"', "+CFTPSMKD"), await rig.result('AT+CFTPSMKD="d"', "+CFTPSMKD")]
        got += [await rig.result("AT+CFTPSLOGOUT", "+CFTPSLOGOUT"), await rig.result("AT+CFTPSSTOP", "+CFTPSSTOP")]
        assert got == ["0", "0", "0", "9", "0", "0"]

    with_server(scene, logged_in=False, quirks=["results=line"])
