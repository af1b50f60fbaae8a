# CPython only: the virtual modem needs asyncio's sockets and threads.
"""The file system of the virtual SIM7100, and what becomes of a restart. From general knowledge of the family."""

import pathlib
import tempfile

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.log import mask
from tools.vmodem.simcom.drives import Drives


def _ask(rig, line):
    got = rig.command(line)
    assert got.endswith(OK), (line, got)
    return got[: -len(OK)].strip(b"\r\n").decode("latin-1")


def _upload(rig, path, data):
    assert rig.command('AT+CFTRANRX="%s",%d' % (path, len(data))) == b"\r\n>"
    assert rig.host(data[:-1]) == b""
    return rig.host(data[-1:])


def test_folders_when_made_entered_and_removed():
    rig = Rig("sim7100")
    assert _ask(rig, "AT+FSCD?") == "+FSCD: C:/"
    _ask(rig, 'AT+FSMKDIR="sub"')
    assert _ask(rig, "AT+FSCD=sub") == "+FSCD: C:/sub/"
    _ask(rig, "AT+FSMKDIR=deep")
    assert _ask(rig, "AT+FSCD=deep") == "+FSCD: C:/sub/deep/"
    assert _ask(rig, "AT+FSCD=..") == "+FSCD: C:/sub/"
    assert rig.command("AT+FSRMDIR=deep") == OK
    assert [rig.command("AT+FSCD=" + path) for path in ("none", "E:/", "C:/../..")] == [ERROR] * 3
    assert rig.command("AT+FSMKDIR=C:/sub") == ERROR
    assert _ask(rig, "AT+FSCD=d:") == "+FSCD: D:/"


def test_files_when_sent_listed_read_and_deleted():
    rig = Rig("sim7100")
    data = bytes(range(256)) * 5
    assert _upload(rig, "c:/t1.bin", data) == OK
    _ask(rig, "AT+FSMKDIR=sub")
    assert rig.modem.dialect.fs.drives.read("C:/t1.bin") == data
    assert _ask(rig, "AT+FSLS").split("\r\n") == ["+FSLS: SUBDIRECTORIES:", "sub", "+FSLS: FILES:", "t1.bin"]
    assert _ask(rig, "AT+FSLS=2").split("\r\n") == ["+FSLS: FILES:", "t1.bin"]
    assert _ask(rig, "AT+FSLS?") == "+FSLS: SUBDIRECTORIES:1,FILES:1"
    assert _ask(rig, 'AT+FSATTRI="t1.bin"').startswith("+FSATTRI: 1280,")
    whole = b"".join(b"\r\n+CFTRANTX: DATA,%d\r\n" % len(part) + part for part in (data[:512], data[512:1024], data[1024:]))
    end = b"\r\n+CFTRANTX: 0\r\n" + OK
    assert rig.command('AT+CFTRANTX="c:/t1.bin"') == whole + end
    assert rig.command('AT+CFTRANTX="c:/t1.bin",3,4') == b"\r\n+CFTRANTX: DATA,4\r\n" + data[3:7] + end
    _ask(rig, "AT+FSCOPY=t1.bin,sub/t2.bin")
    _ask(rig, "AT+FSRENAME=t1.bin,t3.bin")
    assert _ask(rig, "AT+FSMEM") == "+FSMEM: C:(33554432,2560),D:(33554432,0)"
    assert rig.command("AT+FSDEL=t1.bin") == ERROR
    _ask(rig, "AT+FSDEL=t3.bin")
    _ask(rig, "AT+FSCD=sub")
    _ask(rig, "AT+FSDEL=*.*")
    assert rig.command("AT+FSLS") == OK
    assert [rig.command(line) for line in ('AT+CFTRANTX="no"', 'AT+CFTRANRX="a:b",5', 'AT+CFTRANRX="x",0')] == [ERROR] * 3


def test_upload_when_the_drive_is_full():
    rig = Rig("sim7100")
    rig.modem.dialect.fs.drives.capacity = 10
    assert rig.command('AT+CFTRANRX="a",11') == ERROR
    assert _upload(rig, "a", b"x" * 10) == OK
    assert _upload(rig, "a", b"y" * 10) == OK


def test_drives_over_a_folder():
    with tempfile.TemporaryDirectory() as name:
        drives = Drives(name)
        drives.need_folder("C:/Email/x")
        drives.write("C:/Email/x/a.txt", b"1")
        assert pathlib.Path(name, "C", "Email", "x", "a.txt").read_bytes() == b"1"
        assert Drives(name).entries("C:/Email") == (["x"], [])
        for path in ("C:/../a", "..", "Z:/a", "a\0b", "a*"):
            try:
                drives.resolve(path, "C:/")
            except ValueError:
                continue
            raise AssertionError(path)


def test_settings_when_the_module_restarts():
    rig = Rig("sim7100")
    _ask(rig, 'AT+SMTPSRV="h",2525')
    _ask(rig, 'AT+CFTPPW="secret"')
    _ask(rig, "AT+FSCD=D:/")
    _upload(rig, "a", b"x")
    rig.command("AT+CRESET")
    boot = rig.pass_time(10)
    assert b"\r\nRDY\r\n" in boot and b"\r\n+CPIN: READY\r\n" in boot
    rig.command("ATE0")
    assert _ask(rig, "AT+SMTPSRV?") == '+SMTPSRV: "", 25'
    assert _ask(rig, "AT+CFTPPW?") == '+CFTPPW: ""'
    assert _ask(rig, "AT+FSCD?") == "+FSCD: C:/"
    assert rig.modem.dialect.fs.drives.read("D:/a") == b"x"


def test_sockets_as_on_a76xx():
    rig = Rig("sim7100")
    rig.command("AT+NETOPEN")
    rig.pass_time()
    assert rig.command('AT+CIPOPEN=0,"TCP","192.0.2.1",80') + rig.pass_time() == OK + b"\r\n+CIPOPEN: 0,0\r\n"


def test_log_without_passwords():
    lines = ['AT+SMTPAUTH=1,"user","secret"', '+SMTPAUTH: 1, "user", "secret"', 'AT+POP3SRV="host","user","secret",110']
    lines += ['AT+CFTPPW="secret"', 'AT+CFTPSLOGIN="host",21,"user","secret"', "Authorization: Basic secret"]
    assert [line for line in map(mask, lines) if "secret" in line] == []
