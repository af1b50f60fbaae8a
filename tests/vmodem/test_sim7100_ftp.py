# CPython only: the virtual modem needs asyncio's sockets and threads.
"""FTP of the virtual SIM7100, to a real server (pyftpdlib), both ways and both modes.

"AT Command Set for Internet Service", SIM7100, 0.01, chapter 5.
"""

import asyncio
import random
import threading

from tests.conformance import check
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, Scripted, closed_port
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.rigs.virtual_sim7100 import live

HOSTS = ["ftp.server.com=127.0.0.1"]
LOOKALIKES = b"\r\n+CFTPGET: 0\r\n\r\nOK\r\n\r\nERROR\r\n+CFTPGET: DATA,5\r\n\x1a\x03\x1b\x03\x1a+++"
GBK_NAME = bytes.fromhex("B2E2CAD42E747874").decode("latin-1")


def cme(code):
    """The final result of an FTP or HTTP command that has failed."""
    return b"\r\n+CME ERROR: %d\r\n" % code


def escaped(data):
    """Data as they are typed, up to and with their end."""
    return data.replace(b"\x03", b"\x03\x03").replace(b"\x1a", b"\x03\x1a") + b"\x1a"


def hex_name(name):
    return '{non-ascii}"%s"' % name.encode("latin-1").hex().upper()


async def configure(rig, port, *, password=PASSWORD, mode=1, server="ftp.server.com"):
    await rig.commands('AT+CFTPSERV="%s"' % server, "AT+CFTPPORT=%d" % port, 'AT+CFTPUN="%s"' % USER)
    await rig.commands('AT+CFTPPW="%s"' % password, "AT+CFTPMODE=%d" % mode)


async def get(rig, path):
    """AT+CFTPGET: (blocks, result)."""
    assert await rig.command('AT+CFTPGET="%s"' % path) == OK
    return await rig.blocks("+CFTPGET")


async def put(rig, path, data):
    """AT+CFTPPUT: the final result."""
    rig.write(b'AT+CFTPPUT="%s"\r' % path.encode("latin-1"))
    assert await rig.expect(b"BEGIN\r\n") == b"\r\n+CFTPPUT: BEGIN\r\n"
    typed = escaped(data)
    for at in range(0, len(typed), 4096):
        while rig.modem.waiting() > 65536:
            await asyncio.sleep(0)
        rig.write(typed[at : at + 4096])
    return await rig.exactly(len(OK))


def with_server(scene, *, quirks=(), faults=(), **options):
    """Run `scene(rig, server)`; the module knows the server."""
    with FtpServer(**options) as server:

        async def run(rig):
            await configure(rig, server.port)
            await scene(rig, server)

        live(run, hosts=HOSTS, quirks=quirks, faults=faults)


def test_settings_when_set_read_and_tested():
    rig = Rig("sim7100")
    names = ("PORT", "MODE", "TYPE", "SERV", "UN", "PW")
    defaults = [rig.command("AT+CFTP%s?" % name) for name in names]
    tests = [rig.command("AT+CFTP%s=?" % name) for name in names]
    texts = ("(1-65535)", "(0,1)", "(A,I)", '"ADDRESS"', '"NAME"', '"password"')
    check("S-151", tests, [b"\r\n+CFTP%s: %s\r\n" % (n.encode(), t.encode()) + OK for n, t in zip(names, texts)])
    check("S-026", all(answer.endswith(OK) for answer in tests), True)
    assert defaults[3:] == [b'\r\n+CFTP%s: ""\r\n' % name + OK for name in (b"SERV", b"UN", b"PW")]

    def ranges(name, good, bad):
        got = [rig.command("AT+CFTP%s=%s" % (name, value)) for value in good + bad]
        return [got == [OK] * len(good) + [cme(213)] * len(bad), rig.command("AT+CFTP%s?" % name)]

    want = [True, b"\r\n+CFTPPORT: 65535\r\n" + OK, b"\r\n+CFTPPORT: 21\r\n" + OK]
    check("S-145", ranges("PORT", ["1", "65535"], ["0", "65536", "x", ""]) + [defaults[0]], want)
    want = [True, b"\r\n+CFTPMODE: 1\r\n" + OK, b"\r\n+CFTPMODE: 0\r\n" + OK]
    check("S-146", ranges("MODE", ["0", "1"], ["2"]) + [defaults[1]], want)
    want = [True, b"\r\n+CFTPTYPE: A\r\n" + OK, b"\r\n+CFTPTYPE: I\r\n" + OK]
    check("S-147", ranges("TYPE", ["I", "A"], ["B", "AI"]) + [defaults[2]], want)
    check("S-148", ranges("TYPE", ["A", '"I"'], ['"B"']), [True, b"\r\n+CFTPTYPE: I\r\n" + OK])
    check(
        "S-149",
        ranges("SERV", ['"10.0.0.127"', '"www.mydomain.com"'], ["x"]),
        [True, b'\r\n+CFTPSERV: "www.mydomain.com"\r\n' + OK],
    )
    got = ranges("UN", ['"a"', '"b"'], []) + ranges("PW", ['"c"', '"d"'], [])
    check("S-150", got, [True, b'\r\n+CFTPUN: "b"\r\n' + OK, True, b'\r\n+CFTPPW: "d"\r\n' + OK])
    check("S-152", rig.command("AT+CFTPMODE=7"), b"\r\n+CME ERROR: 213\r\n")


def test_test_forms_of_operations():
    rig = Rig("sim7100")
    got = [rig.command("AT+CFTP%s=?" % name) for name in ("GETFILE", "PUTFILE")]
    check("S-155", got, [b'\r\n+CFTP%s: [{non-ascii}]"FILEPATH",(0-8)\r\n' % name + OK for name in (b"GETFILE", b"PUTFILE")])
    names = {"MKD": "DIR", "RMD": "DIR", "DELE": "FILENAME", "LIST": "FILEPATH"}
    got = [rig.command("AT+CFTP%s=?" % name) for name in names]
    want = [b'\r\n+CFTP%s: [{non-ascii}]"%s"\r\n' % (name.encode(), word.encode()) + OK for name, word in names.items()]
    check("S-193", got, want)


def test_a_mebibyte_both_ways_in_both_modes():
    data = bytearray(random.Random(1).randbytes(1 << 20))
    data[1000:1256] = bytes(range(256))
    data[5000 : 5000 + len(LOOKALIKES)] = LOOKALIKES
    data = bytes(data)

    async def scene(rig, server):
        got = []
        for mode in (0, 1):
            await rig.commands("AT+CFTPMODE=%d" % mode)
            assert await put(rig, "/sent%d" % mode, data) == OK
            blocks, code = await get(rig, "/sent%d" % mode)
            got.append((code, b"".join(blocks) == data, server.read("sent%d" % mode) == data))
        check("S-181", got, [(0, True, True)] * 2)

    with_server(scene)


def test_data_connections_when_active_and_passive():
    async def scene(rig, server):
        server.write("a", b"x")
        got = []
        for mode in (0, 1):
            del server.log[:]
            await rig.commands("AT+CFTPMODE=%d" % mode)
            assert await get(rig, "/a") == ([b"x"], 0)
            got.append([name for name in server.commands() if name in ("PORT", "PASV")])
        check("S-438", got, [["PORT"], ["PASV"]])

    with_server(scene)


def test_get_in_blocks():
    data = bytes(range(256)) * 10

    async def scene(rig, server):
        server.write("a", data)
        server.write("empty", b"")
        rig.write(b'AT+CFTPGET="/a"\r')
        whole = OK
        for at in range(0, len(data), 1020):
            part = data[at : at + 1020]
            whole += b"\r\n+CFTPGET: DATA,%d\r\n" % len(part) + part
        whole += b"\r\n+CFTPGET: 0\r\n"
        check("S-168", await rig.exactly(len(whole)), whole)
        check("S-171", await get(rig, "/empty"), ([], 0))
        sizes = []
        for size in ("512", "mixed", "1"):
            rig.modem.model = rig.modem.model.with_quirks(["block=" + size])
            sizes.append([len(block) for block in (await get(rig, "/a"))[0]][:-1])
        check("S-175", sizes, [[512] * 4, [1020, 1058], [1] * 2559])

    with_server(scene)


def test_headers_in_the_other_spellings():
    async def scene(rig, server):
        server.write("a", b"12345")
        got = []
        for style in ("canonical", "plain", "blank", "comma"):
            rig.modem.model = rig.modem.model.with_quirks(["data-header=" + style])
            rig.write(b'AT+CFTPGET="/a"\r')
            got.append(await rig.expect(b"+CFTPGET: 0\r\n"))
        heads = (b"DATA,5", b"DATA,5", b"DATA, 5", b"DATA, 5,")
        assert got == [OK + b"\r\n+CFTPGET: " + head + b"\r\n12345\r\n+CFTPGET: 0\r\n" for head in heads]

    with_server(scene)


def test_no_urc_inside_a_block():
    data = b"x" * 30000

    async def scene(rig, server):
        server.write("a", data)
        rig.write(b'AT+CFTPGET="/a"\r')
        for _ in range(50):
            rig.modem.urc("+CREG: 1")
            await asyncio.sleep(0)
        got = await rig.expect(b"+CFTPGET: 0\r\n")
        payload, at = b"", got.find(b"+CFTPGET: DATA,")
        while at >= 0:
            size, rest = got[at + 15 :].split(b"\r\n", 1)
            payload += rest[: int(size)]
            at = got.find(b"+CFTPGET: DATA,", at + 15)
        check("S-018", [payload == data, b"+CREG: 1" in got], [True, True])

    with_server(scene)


def test_get_when_it_breaks():
    async def scene(rig, server):
        server.write("bad", b"x" * 100)
        check("S-172", await get(rig, "/bad"), ([b"0123456789ABCDEF"], 210))
        server.write("good", b"x")
        assert await get(rig, "/good") == ([b"x"], 0)

    with_server(scene, broken={"/bad": b"0123456789ABCDEF"})


def test_put_when_typed_in_pieces():
    async def scene(rig, server):
        rig.write(b'AT+CFTPPUT="/a"\r')
        check("S-176", await rig.expect(b"\r\n+CFTPPUT: BEGIN\r\n"), b"\r\n+CFTPPUT: BEGIN\r\n")
        assert await rig.quiet() == b""
        for byte in escaped(b"A\x03B\x1aC\x1bD"):
            rig.write(bytes([byte]))
        done = await rig.expect(OK)
        check("S-183", [done, server.read("a")], [OK, b"A\x03B\x1aC\x1bD"])
        check("S-182", server.read("a")[1:4], b"\x03B\x1a")
        rig.write(b'AT+CFTPPUT="/b"\r')
        await rig.expect(b"BEGIN\r\n")
        rig.write(b"\x03\x1a\x03\x03\x1bend\x1aAT\r")
        assert await rig.expect(OK + OK) == OK + OK
        check("S-178", server.read("b")[:2], b"\x1a\x03")
        check("S-180", server.read("b")[2:3], b"\x1b")
        check("S-179", server.read("b")[3:], b"end")

    with_server(scene)


def test_put_when_it_fails():
    async def scene(rig, server):
        before = []
        await rig.commands('AT+CFTPSERV=""')
        before.append(await rig.command('AT+CFTPPUT="/a"'))
        await configure(rig, server.port, password="wrong")
        rig.write(b'AT+CFTPPUT="/a"\r')
        await rig.expect(b"BEGIN\r\n")
        await asyncio.sleep(0.2)  # the log-in fails while the host is still typing
        rig.write(escaped(b"x" * 200000))
        after = await rig.exactly(len(cme(208)))
        check("S-184", before + [after], [cme(207), cme(208)])
        assert await rig.command("AT") == OK

    with_server(scene)


def test_listing():
    text = b"drw-rw-rw-   1 user     group           0 Sep  1 18:01 .\r\n" + b"x" * 135

    async def scene(rig, server):
        for name in ("testd/f", "more/f"):
            server.write(name, b"")
        (server.root / "empty").mkdir()
        assert await rig.command('AT+CFTPLIST="/more"') == OK
        blocks, code = await rig.blocks("+CFTPLIST")
        check("S-185", [code, b"".join(blocks).endswith(b" f\r\n")], [0, True])
        assert await rig.command('AT+CFTPLIST="/testd"') == OK
        check("S-186", await rig.blocks("+CFTPLIST"), ([text], 0))
        assert await rig.command('AT+CFTPLIST="/empty"') == OK
        check("S-187", await rig.blocks("+CFTPLIST"), ([], 0))
        assert await rig.result('AT+CFTPLIST="/nowhere"', "+CFTPLIST") == "211"

    with_server(scene, texts={"/testd": text})


def test_directories_and_deletion():
    async def scene(rig, server):
        server.write("f", b"")
        lines = ['AT+CFTPMKD="/d"', 'AT+CFTPRMD="/d"', 'AT+CFTPDELE="f"']
        check("S-188", [await rig.command(line) for line in lines], [OK] * 3)
        assert list(server.root.iterdir()) == []
        lines = ['AT+CFTPRMD="/d"', 'AT+CFTPDELE="f"', 'AT+CFTPMKD="/d/e"']
        got = [await rig.command(line) for line in lines]
        check("S-189", got, [b"\r\n+CFTP%s:211\r\n" % name + ERROR for name in (b"RMD", b"DELE", b"MKD")])
        name = hex_name("/" + GBK_NAME)
        got = [await rig.command("AT+CFTPMKD=" + name), [path.name for path in server.root.iterdir()]]
        assert await rig.command("AT+CFTPLIST=" + name) == OK
        got.append(await rig.blocks("+CFTPLIST"))
        got.append(await rig.command("AT+CFTPRMD= " + name.replace("}", "} ")))
        server.write(GBK_NAME, b"")
        got.append(await rig.command("AT+CFTPDELE=" + name))
        check("S-192", got, [OK, [GBK_NAME], ([], 0), OK, OK])
        long = "/" + "/".join(["x" * 62] * 4)
        path = server.root
        for part in long.split("/")[1:-1]:
            path /= part
            path.mkdir()
        lengths = [await rig.command('AT+CFTPMKD="%s"' % (long + "yyy" + "y" * more)) for more in (1, 2)]
        check("S-191", lengths, [OK, cme(213)])

    with_server(scene)


def test_module_files_both_ways():
    data = random.Random(2).randbytes(70000)

    async def scene(rig, server):
        server.write("pub/mydir/test1.txt", data)
        server.write("test2.txt", b"two")
        assert await rig.command('AT+CFTPGETFILE="/pub/mydir/test1.txt",0') == OK
        got = [await rig.line_of("+CFTPGETFILE"), rig.drives.read("C:/test1.txt") == data]
        got.append(await rig.result('AT+CFTPPUTFILE="/pub/test1.txt",0', "+CFTPPUTFILE"))
        check("S-156", got + [server.read("pub/test1.txt") == data], ["0", True, "0", True])
        got = [await rig.result('AT+CFTPGETFILE="test2.txt",%d' % place, "+CFTPGETFILE") for place in range(9)]
        check("S-159", got + [await rig.command('AT+CFTPGETFILE="test2.txt",9')], ["0"] * 9 + [cme(213)])
        check("S-160", [arg for name, arg in server.log if name == "RETR"][1], "test2.txt")
        await rig.commands("AT+FSMKDIR=sub", "AT+FSCD=sub")
        assert await rig.result('AT+CFTPGETFILE="test2.txt",0', "+CFTPGETFILE") == "0"
        check("S-439", rig.drives.read("C:/sub/test2.txt"), b"two")
        server.write("testdir/" + GBK_NAME, b"gbk")
        name = '{non-ascii}"/2F74657374646972/B2E2CAD42E747874"'
        got = [await rig.result("AT+CFTPGETFILE=%s,0" % name, "+CFTPGETFILE"), rig.drives.read("C:/sub/" + GBK_NAME)]
        check("S-161", got, ["0", b"gbk"])
        names = ("B2E", "ZZ", "B2 E2", "2F74657374646972/7")
        check("S-162", [await rig.command('AT+CFTPGETFILE={non-ascii}"%s",0' % name) for name in names], [cme(213)] * 4)

    with_server(scene)


def test_errors_of_operations():
    async def scene(rig, server):
        server.write("a", b"x" * 1000)
        got = [await rig.result('AT+CFTPGETFILE="/nowhere",0', "+CFTPGETFILE"), await get(rig, "/nowhere")]
        check("S-165", got, ["211", ([], 211)])
        rig.drives.capacity = 10
        full = await rig.result('AT+CFTPGETFILE="/a",0', "+CFTPGETFILE")
        check("S-167", [await rig.command('AT+CFTPPUTFILE="nothing",0'), full], [cme(205), "206"])
        await configure(rig, server.port, password="wrong")
        late = await rig.result('AT+CFTPGETFILE="/a",0', "+CFTPGETFILE")
        check(
            "S-164",
            [late, await get(rig, "/a"), await rig.command('AT+CFTPMKD="/d"')],
            ["208", ([], 208), b"\r\n+CFTPMKD:208\r\n" + ERROR],
        )
        await configure(rig, server.port, server="no.such.host")
        check(
            "S-166", [await get(rig, "/a"), await rig.command('AT+CFTPDELE="/a"')], [([], 203), b"\r\n+CFTPDELE:203\r\n" + ERROR]
        )
        await configure(rig, closed_port())
        check("S-157", [late, await rig.result('AT+CFTPGETFILE="/a",0', "+CFTPGETFILE")], ["208", "214"])
        await rig.commands('AT+CFTPSERV=""')
        check("S-158", await rig.command('AT+CFTPGETFILE="/a",0'), cme(207))

    with_server(scene)


def test_operations_while_another_runs():
    gate = threading.Event()

    async def scene(rig, server):
        server.write("a", b"x")
        assert await rig.command('AT+CFTPGET="/a"') == OK
        lines = ['AT+CFTPGET="/a"', 'AT+CFTPLIST="/"', 'AT+CFTPMKD="/d"', 'AT+CFTPPUT="/b"', 'AT+CFTPGETFILE="/a",0']
        check("S-163", [await rig.command(line) for line in lines], [cme(202)] * 5)
        gate.set()
        assert await rig.blocks("+CFTPGET") == ([b"x"], 0)

    with_server(scene, gate=gate)


def test_server_when_it_vanishes():
    answers = {b"USER": b"331 ok\r\n", b"PASS": b"230 ok\r\n", b"TYPE": b"200 ok\r\n"}
    got = []
    for answer in (None, "reset"):
        with Scripted(b"220 hi\r\n", {**answers, b"PASV": answer}) as server:

            async def scene(rig):
                await configure(rig, server.port)
                got.append(await get(rig, "/a"))
                assert await rig.command("AT") == OK

            live(scene, hosts=HOSTS)
    assert got == [([], 214)] * 2


def test_connections_when_the_network_or_the_module_goes_away():
    gate = threading.Event()

    async def scene(rig, server):
        server.write("a", b"x")
        got = []
        for cut in (rig.modem.dialect.lose_contexts, rig.modem.dialect.close_all):
            assert await rig.command('AT+CFTPGET="/a"') == OK
            await rig.until(lambda: "RETR" in server.commands())
            cut()
            got.append(await rig.blocks("+CFTPGET"))
            del server.log[:]
        assert got == [([], 214)] * 2
        gate.set()
        assert await get(rig, "/a") == ([b"x"], 0)
        rig.modem.reboot(0.01)
        await rig.expect(b"RDY\r\n")
        assert await rig.command("AT+CFTPSERV?") == b'\r\n+CFTPSERV: ""\r\n' + OK

    with_server(scene, gate=gate)


def test_results_when_faults_force_them():
    async def scene(rig, server):
        server.write("a", b"x")
        assert await get(rig, "/a") == ([], 204)
        assert await rig.command('AT+CFTPMKD="/d"') == cme(212)
        assert await get(rig, "/a") == ([b"x"], 0)

    with_server(scene, faults=["fail:code=204,cmd=+CFTPGET,urc=1,times=1", "fail:code=212,cmd=+CFTPMKD,times=1"])
