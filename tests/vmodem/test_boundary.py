# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""What must not bring the virtual modem down: faults of its own, hosts that never read, servers without end, odd folders."""

import io
import os
import pathlib
import socket
import tempfile
import threading

from tests.rigs.virtual_modem import ERROR, OK, Rig, live
from tests.rigs.virtual_sim7100 import live as live_services
from tools.vmodem.clock import ManualClock
from tools.vmodem.core import LINE_LIMIT, URC_LIMIT
from tools.vmodem.files import FileStore
from tools.vmodem.log import Log
from tools.vmodem.phases import CountedPhase
from tools.vmodem.simcom.drives import Drives

# Faults of the program --------------------------------------------------------------------------------------------------


def broken(*args):
    raise ZeroDivisionError("a fault of the program")


def test_handler_when_it_fails():
    for model in ("ec600e", "a76xx", "sim7100"):
        rig = Rig(model, payload_echo=True)
        rig.modem.table.add("+XBAD", execute=broken, write=broken)
        assert rig.command("AT+XBAD") == ERROR
        assert rig.command("AT+CSQ;+XBAD=1;+CMEE=1").endswith(ERROR)
        assert [note.count("Traceback") for note in rig.notes] == [1, 1] and "a fault of the program" in rig.notes[0]
        assert rig.command("AT") == OK


def test_later_outcome_when_it_fails():
    rig = Rig().online()
    rig.open()
    rig.modem.dialect.transfer.write = broken
    assert rig.command("AT+QISEND=0,3") + rig.host(b"abc") == b"\r\n>" + ERROR
    assert rig.command("AT") == OK and "Traceback" in rig.notes[-1]


def test_data_phase_when_it_fails():
    rig = Rig().online()
    rig.open()
    rig.command("AT+QISEND=0,300")
    was, CountedPhase.feed = CountedPhase.feed, broken
    try:
        assert rig.host(b"abc") == ERROR
    finally:
        CountedPhase.feed = was
    assert rig.command("AT") == OK and "Traceback" in rig.notes[-1]


def test_event_loop_when_a_callback_fails():
    """What `run` gives to the loop as its exception handler."""
    rig = Rig(faults=["delay:cmd=+CSQ,ms=5000"])
    rig.command("AT+CSQ")
    rig.modem.failed(ValueError("in a timer"))
    assert rig.port.take() == ERROR and "in a timer" in rig.notes[-1]
    assert rig.pass_time(10) == b"" and rig.command("AT") == OK


def test_datagram_when_it_cannot_be_reached():
    async def scene(table):
        await table.online()
        await table.command('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,0', b"+QIOPEN: 0,0\r\n")
        for address in ("10.1.1.1", "2001:db8::1", "255.255.255.255"):
            await table.command('AT+QISEND=0,1,"%s",8' % address, b">")
            table.write(b"x")
            await table.expect(b"\r\nSEND OK\r\n")
        assert await table.command('AT+QISEND=0,1,"::1%eth0",8', ERROR) == ERROR
        await table.command("AT")
        assert not any("Traceback" in note for note in table.notes)

    live(scene)


# The log and the folder of files ----------------------------------------------------------------------------------------


def test_log_when_a_remark_is_not_ascii():
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    log = Log(file, ManualClock())
    log.note("the server says Grüße \N{SNOWMAN}\nand more")
    log.received(b"\xff\xfe\r")
    log.close()
    lines = file.buffer.getvalue().split(b"\n")
    assert lines[1].endswith(b"* the server says Gr\\xfc\\xdfe \\u2603") and lines[2].endswith(b"* and more")


def test_folder_when_it_fails():
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig("bg96")
        rig.modem.files = FileStore(folder)
        os.mkdir(folder + "/taken")
        assert rig.command('AT+QFUPL="taken",3') + rig.host(b"abc") == b"\r\nCONNECT\r\n" + ERROR
        assert "IsADirectoryError" in rig.notes[-1] and "Traceback" not in rig.notes[-1]
        assert rig.command("AT") == OK


def test_open_file_when_it_is_deleted():
    rig = Rig("bg96")
    assert rig.command('AT+QFOPEN="a"') == b"\r\n+QFOPEN: 1\r\n" + OK
    assert rig.command('AT+CMEE=1;+QFDEL="*"') == b"\r\n+CME ERROR: 426\r\n"
    rig.modem.files.remove("a")
    assert [rig.command(line) for line in ("AT+QFREAD=1", "AT+QFSEEK=1,0")] == [b"\r\n+CME ERROR: 405\r\n"] * 2
    assert not any("Traceback" in note for note in rig.notes)


def test_symbolic_links_in_the_folder():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as outside:
        secret = pathlib.Path(outside, "secret")
        secret.write_bytes(b"secret")
        store = FileStore(folder)
        os.symlink(secret, folder + "/link")
        os.mkfifo(folder + "/pipe")
        os.mkdir(folder + "/folder")
        store.write("own", b"1")
        for name in ("link", "pipe", "folder"):
            assert store.names() == ["own"] and not store.exists(name) and store.used() == 1
            for act in (store.read, store.remove, store.size, lambda name: store.write(name, b"x")):
                try:
                    act(name)
                except (KeyError, OSError):
                    continue
                raise AssertionError("%s was taken for a file" % name)
        os.mkdir(folder + "/drives")
        drives = Drives(folder + "/drives")
        os.symlink(outside, folder + "/drives/C/out")
        os.symlink(secret, folder + "/drives/C/link")
        os.mkfifo(folder + "/drives/D/pipe")
        drives.need_folder("C:/a/b")
        drives.write("C:/a/b/own", b"12")
        assert drives.entries("C:/") == (["a"], []) and drives.used("C") == 2
        assert [drives.is_folder("C:/out"), drives.is_file("C:/link"), drives.is_file("C:/out/secret")] == [False] * 3
        changes = (
            lambda: drives.write("C:/link", b"x"),
            lambda: drives.write("C:/out/new", b"x"),
            lambda: drives.write("D:/pipe", b"x"),
            lambda: drives.read("D:/pipe"),
            lambda: drives.move("C:/link", "C:/b"),
            lambda: drives.make_folder("C:/out/new"),
            lambda: drives.need_folder("C:/out/a/b"),
            lambda: drives.remove("C:/out/secret"),
        )
        for act in changes:
            try:
                act()
            except KeyError:
                continue
            raise AssertionError("a link was followed")
        assert os.listdir(outside) == ["secret"] and secret.read_bytes() == b"secret"


# Hosts that never read --------------------------------------------------------------------------------------------------


def test_commands_when_the_host_never_reads():
    rig = Rig("bg96", room=0)
    rig.modem.files.write("big", bytes(1_000_000))
    for _ in range(300):
        rig.line.heard(b'AT+QFDWL="big"\r')
    assert rig.line.backlog() < 1_000_000 + LINE_LIMIT, "one answer, and no more commands until it has gone"
    rig.modem.files.write("big", b"not any more")
    while rig.port.listening:
        rig.line.heard(b'AT+QFDWL="big"\r' * 100)
    assert rig.modem.waiting() < 100_000, "and in the end the host is made to wait"
    rig.port.room = None
    rig.line.writable()
    assert rig.port.listening and rig.port.take().count(b"CONNECT") > 300


def test_echoes_when_the_host_never_reads():
    for model, command in (("ec600e", "AT+QISEND=0"), ("a76xx", "AT+CIPSEND=0,")):
        rig = Rig(model, payload_echo=True, quirks=["dataecho=fixed"] if model == "a76xx" else [])
        if model == "a76xx":
            rig.command("AT+NETOPEN")
            rig.command('AT+CIPOPEN=0,"TCP","192.0.2.1",80')
        else:
            rig.online().open()
        assert rig.command(command).endswith(b">")
        rig.port.room = 0
        for _ in range(1000):
            if rig.port.listening:
                rig.line.heard(b"x" * 4096)
        assert rig.line.backlog() + rig.modem.waiting() < 250_000 and not rig.port.listening
        rig.port.room = None
        rig.line.writable()
        assert rig.port.listening


def test_unsolicited_lines_when_the_host_never_reads():
    rig = Rig(room=0, faults=["storm:ms=10,n=50"])
    rig.pass_time(60)
    assert rig.line.backlog() <= URC_LIMIT + 100
    rig.port.room = None
    rig.line.writable()
    assert rig.command("AT").endswith(OK)


def test_unsolicited_lines_when_the_line_is_transparent_for_long():
    rig = Rig().online()
    rig.open(mode=2)
    for number in range(5000):
        rig.modem.urc("+CREG: %d" % (number % 6))
    rig.pass_time(2)
    rig.host(b"+++")
    assert rig.pass_time(1.1).count(b"+CREG") == 1000


# Servers without end ----------------------------------------------------------------------------------------------------


class Endless:
    """A server that sends `start` and then `more` for as long as anybody takes it; `sent` counts."""

    def __init__(self, start, more):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._start, self._more = start, more * 2000
        self.sent = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        client, _ = self._server.accept()
        with client:
            try:
                client.sendall(self._start)
                while self.sent < 200_000_000:
                    client.sendall(self._more)
                    self.sent += len(self._more)
            except OSError:
                pass

    def close(self):
        self._server.close()


def endless(start, more, commands, last, until):
    """What comes after the command `last`, up to `until`, of a server without end; how much it has sent."""
    server = Endless(start, more)

    async def scene(rig):
        for command in commands:
            await rig.commands(command % {"port": server.port})
        rig.write(last.encode() + b"\r")
        got.append(await rig.expect(until))

    got = []
    live_services(scene, hosts=["h=127.0.0.1"])
    server.close()
    assert server.sent < 100_000_000
    return got[0]


def test_answers_without_end():
    pop = ['AT+POP3SRV="h","u","p",%(port)d']
    assert b"SERVER ERROR" in endless(b"", b"+OK \xff", pop, "AT+POP3IN", b"ERROR\r\n")
    assert b"SERVER ERROR" in endless(b"+OK\r\n+OK\r\n", b"x" * 60 + b"\r\n", pop, "AT+POP3IN", b"ERROR\r\n")
    smtp = ['AT+SMTPSRV="h",%(port)d', 'AT+SMTPFROM="a@b.c"', 'AT+SMTPRCPT=0,0,"a@b.c"', 'AT+SMTPBODY="x"']
    assert b"+SMTP: SERVER ERROR" in endless(b"220-x\r\n", b"220-more\r\n", smtp, "AT+SMTPSEND", b"ERROR\r\n")
    ftp = ['AT+CFTPSERV="h"', "AT+CFTPPORT=%(port)d", 'AT+CFTPUN="u"', 'AT+CFTPPW="p"']
    endless(b"220-x\r\n", b"220-more\r\n", ftp, 'AT+CFTPGET="/a"', b"+CFTPGET: ")


def test_heads_of_http_without_end():
    rig = Rig("sim7100")
    rig.command('AT+CHTTPACT="example.com",80')
    rig.host(b"GET / HTTP/1.1\r\n\r\n\x1a")
    peer = rig.net.links[-1]
    for _ in range(100):
        peer.send(b"X-More: " + b"y" * 1000 + b"\r\n")
    rig.port.take()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n")
    peer.end()
    assert rig.pass_time(5).endswith(b"+CHTTPACT: 0\r\n")
    assert not any("Traceback" in note for note in rig.notes)
