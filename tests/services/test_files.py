"""The file system of SIM7100 (general knowledge of the family): upload, download, list, delete, room. Scripted, on both Pythons."""

import asyncio
import io

from modem import AsyncModem, CommandError, ProtocolError
from tests.rigs.assertions import MICROPYTHON, raises, skip
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready
from tests.services.test_ftp import ERROR, OK, URC, block, client, fetched, on

DATA = b"\r\nOK\r\n> \x1a\x1b\x03\x00\xff+CFTRANTX: 0\r\n" * 40


def entered(folder):
    return (b"AT+FSCD=" + folder + b"\r", b"\r\n+FSCD: " + folder + b"\r\n" + OK)


LISTED = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)


def told(name, size):
    return (b"AT+FSATTRI=" + name + b"\r", b"\r\n+FSATTRI: %d,2024/05/17 08:01:02\r\n" % size + OK)


def test_a_file_is_uploaded_in_blocks_and_its_size_compared():
    put = [(b'AT+CFTRANRX="C:/dir/a.bin",%d\r' % len(DATA), b"\r\n>"), (DATA, OK), entered(b"C:/dir/")]
    dialogue = put + [told(b"a.bin", len(DATA))]
    steps = []

    def scene(m):
        m.files.put("C:/dir/a.bin", io.BytesIO(DATA), lambda done, total: steps.append((done, total)))
        return steps[-1]

    assert feed_all_ways(dialogue, scene, (len(DATA), len(DATA)), (), URC, "sim7100") > 20
    modem, port = on(put + [told(b"a.bin", 7)])
    with raises(ProtocolError, "stored 7 bytes"):
        modem.files.put("C:/dir/a.bin", DATA)
    modem, port = on([(put[0][0], ERROR)])
    with raises(CommandError):
        modem.files.put("C:/dir/a.bin", DATA)


def test_a_source_that_fails_is_made_up_with_zeros_and_the_file_removed():
    rest = bytes(len(DATA) - 512)
    dialogue = [
        (b'AT+CFTRANRX="C:/a.bin",%d\r' % len(DATA), b"\r\n>"),
        (DATA[:512] + rest, OK),
        entered(b"C:/"),
        (b"AT+FSDEL=a.bin\r", OK),
    ]
    modem, port = on(dialogue)

    class Source(io.BytesIO):
        def read(self, n):
            if self.tell():
                raise RuntimeError("gone")
            return io.BytesIO.read(self, n)

    if MICROPYTHON:
        source = Short()
    else:
        source = Source(DATA)
    with raises(RuntimeError, "gone"):
        modem.files.put("a.bin", source)
    port.done()


class Short:
    """A file object that fails at its second block."""

    at = 0

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = len(DATA) if whence else offset
        return self.at

    def read(self, n):
        if self.at:
            raise RuntimeError("gone")
        self.at = n
        return DATA[:n]


def test_a_file_is_read_in_counted_blocks():
    answer = block(b"CFTRANTX", DATA[:512]) + block(b"CFTRANTX", DATA[512:]) + b"\r\n+CFTRANTX: 0\r\n" + OK
    dialogue = [entered(b"C:/"), told(b"a.bin", len(DATA)), (b'AT+CFTRANTX="C:/a.bin"\r', answer)]
    assert feed_all_ways(dialogue, lambda m: m.files.get("a.bin"), DATA, (DATA[:512], DATA[512:]), URC, "sim7100", 31) > 20
    modem, port = on(dialogue)
    into = io.BytesIO()
    assert modem.files.get("C:/a.bin", into) == len(DATA) and into.getvalue() == DATA
    modem, port = on([entered(b"C:/"), (b"AT+FSATTRI=a.bin\r", ERROR)])
    with raises(CommandError, "no file"):
        modem.files.get("a.bin")


def test_files_may_be_called_like_answers_and_boot_lines():
    for first, name in ((OK, b"OK"), (ERROR, b"ERROR")):
        names = b"\r\n+FSLS: FILES:\r\n+++\r\nRDY" + first + b"RING\r\n*a\r\n" + OK
        sizes = []
        for each in (b"+++", b"RDY", name, b"RING", b"*a"):
            sizes += [entered(b"C:/"), told(each, 3)]
        listing = [entered(b"C:/"), (b"AT+FSLS=2\r", names), LISTED] + sizes
        listing.append((b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n" + OK))
        found = [("+++", 3), ("RDY", 3), (name.decode(), 3), ("RING", 3), ("*a", 3)]
        assert feed_all_ways(listing, lambda m: (m.files.list("C:/*"), m.status("rssi")), (found, -73), model="sim7100") > 50
    modem, port = on([entered(b"C:/"), (b"AT+FSLS=2\r", ERROR), LISTED, (b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n" + OK)])
    with raises(CommandError, "FSLS"):
        modem.files.list("C:/*")
    assert modem.status("rssi") == -73
    port.done()


def test_files_are_listed_and_removed_and_the_room_is_told():
    rows = b"\r\n+FSLS: FILES:\r\na.bin\r\nb c.txt\r\nd.bin\r\n" + OK
    modem, port = on(
        [
            entered(b"D:/x/"),
            (b"AT+FSLS=2\r", rows),
            LISTED,
            entered(b"D:/x/"),
            told(b"a.bin", 5),
            entered(b"D:/x/"),
            told(b"d.bin", 6),
        ]
    )
    assert modem.files.list("D:/x/*.bin") == [("a.bin", 5), ("d.bin", 6)]
    port.done()
    modem, port = on(
        [entered(b"C:/"), (b'AT+FSDEL="b c.txt"\r', OK), (b"AT+FSMEM\r", b"\r\n+FSMEM: C:(1000,300),D:(5,1)\r\n" + OK)]
    )
    modem.files.remove("b c.txt")
    assert modem.files.free() == 700
    port.done()
    for bad in ("C:/a\r", "C:/", "C:/a//b"):
        with raises(ValueError):
            modem.files.remove(bad)


def test_certificates_go_to_the_certificate_store():
    modem, port = on([(b'AT+CCERTDELE="ca.pem"\r', OK)])
    modem.files.remove("ca.pem")
    port.done()


def test_a_cancelled_download_is_swallowed_and_the_next_one_is_whole():
    if MICROPYTHON:
        skip("the scripted clock and MicroPython's event loop do not go together")
    line = b'AT+CFTPGET="a"\r'
    port = ScriptedPort(
        [(line, OK + block(b"CFTPGET", b"x" * 500)), (line, OK + block(b"CFTPGET", b"new") + b"\r\n+CFTPGET: 0\r\n")]
    )

    async def main():
        modem = ready(port, "sim7100", modem_class=AsyncModem)
        f = client(modem)
        into = io.BytesIO()
        try:
            await asyncio.wait_for(f.retrieve("a", into), 0.1)
        except asyncio.TimeoutError:
            pass
        assert into.getvalue() == b"x" * 500
        port.later(0, block(b"CFTPGET", b"y" * 300) + b"\r\n+CFTPGET: 0\r\n")
        into = io.BytesIO()
        await f.retrieve("a", into)
        return into.getvalue()

    assert asyncio.run(main()) == b"new"
    port.done()


def test_a_stream_of_the_program_may_be_awaited():
    if MICROPYTHON:
        skip("the scripted clock and MicroPython's event loop do not go together")

    class Writer:
        got = b""

        async def write(self, data):
            await asyncio.sleep(0)
            self.got += data

    async def main():
        port = ScriptedPort([(b'AT+CFTPGET="a"\r', OK + block(b"CFTPGET", DATA) + b"\r\n+CFTPGET: 0\r\n")])
        into = Writer()
        await client(ready(port, "sim7100", modem_class=AsyncModem)).retrieve("a", into)
        return into.got

    assert asyncio.run(main()) == DATA
    modem, port = on([(b'AT+CFTPGET="a"\r', OK + b"\r\n+CFTPGET: 0\r\n")])
    assert fetched(client(modem).retrieve, "a") == b""


def test_ctrl_c_in_the_middle_leaves_the_module_usable():
    line = b'AT+CFTPGET="a"\r'
    answer = OK + block(b"CFTPGET", b"x" * 500) + block(b"CFTPGET", DATA) + b"\r\n+CFTPGET: 0\r\n"
    modem, port = on([(line, answer), (line, answer), (b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK)])

    class Sink:
        def write(self, data):
            raise KeyboardInterrupt

    f = client(modem)
    with raises(KeyboardInterrupt):
        f.retrieve("a", Sink())
    assert fetched(f.retrieve, "a") == b"x" * 500 + DATA
    assert modem.status("rssi") == -95
    port.done()


def test_stop_ends_a_mail_that_another_task_fetches():
    if MICROPYTHON:
        skip("the scripted clock and MicroPython's event loop do not go together")
    none = b"\r\n+POP3IN: NULL\r\n" + OK
    port = ScriptedPort([(b"AT+POP3GET=1,1\r", OK), (b"AT+POP3STOP\r", OK), (b"AT+POP3IN?\r", none)])

    async def main():
        modem = ready(port, "sim7100", modem_class=AsyncModem)
        p = modem.pop3("h", "user", "password")
        p._open = True
        task = asyncio.create_task(p.get(1))
        await asyncio.sleep(0.05)
        await p.stop()
        try:
            await task
        except CommandError as error:
            return error.code, p._open

    assert asyncio.run(main()) == ("FAILURE", False)
    port.done()


def test_a_cancelled_fetch_is_waited_for_and_keeps_the_session():
    if MICROPYTHON:
        skip("the scripted clock and MicroPython's event loop do not go together")
    count = (b"AT+POP3NUM\r", b"\r\n+POP3: 2 300\r\n" + OK)
    port = ScriptedPort([(b"AT+POP3GET=1,1\r", OK), count])

    async def main():
        modem = ready(port, "sim7100", modem_class=AsyncModem)
        p = modem.pop3("h", "user", "password")
        p._open = True
        try:
            await asyncio.wait_for(p.get(1), 0.05)
        except asyncio.TimeoutError:
            pass
        task = asyncio.create_task(p.count())
        await asyncio.sleep(0.05)
        assert b"POP3NUM" not in port.sent, "the module would say ONGOING"
        port.later(0, b"\r\n+POP3: SUCCESS\r\nC:/Email/1/, EMAIL000.TXT\r\n")
        return await task, p._open

    assert asyncio.run(main()) == ((2, 300), True)
    port.done()


def test_names_from_outside_are_never_typed_as_commands():
    names = b"\r\n+FSLS: FILES:\r\na;+CFUN=0\r\nb&D\r\nok\r\n" + OK
    modem, port = on([entered(b"C:/x/"), (b"AT+FSLS=2\r", names), LISTED, entered(b"C:/x/"), told(b"ok", 3)])
    assert modem.files.list("C:/x/*") == [("a;+CFUN=0", None), ("b&D", None), ("ok", 3)]
    port.done()
    for bad in ("C:/a;b", "C:/a;+CFUN=0/x", "D:/a&b", 'a"b', "a\rb", "x" * 251):
        for call, args in (
            (modem.files.remove, ()), (modem.files.get, ()), (client(modem).get_file, ("a",)), (modem.smtp().attach, (1,)),
        ):  # fmt: skip
            with raises(ValueError):
                call(*args + (bad,))
