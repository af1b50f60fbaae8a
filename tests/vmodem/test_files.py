# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The file commands of the virtual EC200U, EG915U and BG96, in memory and in a folder."""

import os
import tempfile

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.files import FileStore

MODELS = ("ec200u", "eg915u", "bg96")
CONNECT = b"\r\nCONNECT\r\n"
ALL_BYTES = bytes(range(256))


def table(model="bg96"):
    rig = Rig(model)
    rig.command("AT+CMEE=1")
    return rig


def failure(code):
    return b"\r\n+CME ERROR: %d\r\n" % code


def upload(rig, name, data, more=""):
    assert rig.command('AT+QFUPL="%s",%d%s' % (name, len(data), more)) == CONNECT
    return rig.host(data)


def xor(data):
    """The documented checksum, word by word."""
    words = [data[i : i + 2].ljust(2, b"\0") for i in range(0, len(data), 2)]
    result = 0
    for word in words:
        result ^= int.from_bytes(word, "big")
    return result


def test_upload_when_all_bytes_come():
    for model in MODELS:
        rig = table(model)
        assert upload(rig, "a.bin", b"1234567890") == b"\r\n+QFUPL: 10,3938\r\n" + OK, "the example of the manual"
        for name, data in (("UFS:odd", b"abc"), ("all", ALL_BYTES * 9 + b"\x1a\x1b+++"), ("zero", b"\0")):
            assert upload(rig, name, data) == b"\r\n+QFUPL: %d,%x\r\n" % (len(data), xor(data)) + OK
        assert rig.modem.files.read("all") == ALL_BYTES * 9 + b"\x1a\x1b+++"
        assert rig.modem.files.names() == ["a.bin", "all", "odd", "zero"]


def test_upload_when_data_stop_coming():
    rig = table()
    assert rig.command('AT+QFUPL="a",100,7') == CONNECT
    assert rig.host(b"12345") == b"" and rig.pass_time(6.9) == b""
    assert rig.host(b"67890") == b"" and rig.pass_time(6.9) == b""
    assert rig.pass_time(0.2) == b"\r\n+QFUPL: 10,3938\r\n" + OK
    assert rig.command('AT+QFUPL="b"') == CONNECT
    assert rig.pass_time(4.9) == b"" and rig.pass_time(0.2) == b"\r\n+QFUPL: 0,0\r\n" + OK
    assert rig.command("AT+QFLST") == b'\r\n+QFLST: "a",10\r\n\r\n+QFLST: "b",0\r\n' + OK


def test_upload_when_escaped():
    rig = table()
    rig.command('AT+QFUPL="a",100,60')
    rig.host(b"12345")
    assert rig.host(b"+++") == b"" and rig.pass_time(2) == b"", "no second of silence before"
    assert rig.host(b"+++") == b"" and rig.pass_time(0.9) == b""
    assert rig.pass_time(0.2) == b"\r\n+QFUPL: 8,%x\r\n" % xor(b"12345+++") + OK
    rig.command('AT+QFUPL="b",8,60')
    rig.host(b"12345")
    rig.pass_time(1.5)
    assert rig.host(b"+++") == b"\r\n+QFUPL: 8,%x\r\n" % xor(b"12345+++") + OK, "the last three bytes of the file"


def test_upload_when_dtr_drops():
    rig = table()
    rig.command("AT&D1")
    rig.command('AT+QFUPL="a",100,60')
    rig.host(b"12")
    rig.modem.dtr(True)
    rig.modem.dtr(False)
    rig.clock.advance()
    assert rig.port.take() == b"\r\n+QFUPL: 2,%x\r\n" % xor(b"12") + OK


def test_upload_when_acknowledgement_is_asked_for():
    rig = table()
    assert rig.command('AT+QFUPL="a",2500,5,1') == CONNECT
    answers = [rig.host(b"x" * count) for count in (1000, 24, 1024, 452)]
    assert answers == [b"", b"A", b"A", b"\r\n+QFUPL: 2500,0\r\n" + OK]


def test_upload_when_it_is_refused():
    rig = table()
    upload(rig, "a", b"x")
    for text, code in (
        ('"a",1', 407),
        ('"b/c",1', 406),
        ('"SD:b",1', 406),
        ('"",1', 406),
        ('"b",5000000', 420),
        ('"b",0', 425),
        ('"b",1,0', 425),
        ('"b",1,5,2', 425),
        ("b,1", 425),
        ('"%s",1' % ("n" * 81), 425),
    ):
        assert rig.command("AT+QFUPL=" + text) == failure(code), text
    assert rig.modem.files.names() == ["a"]
    rig.command("AT+CMEE=0")
    assert rig.command('AT+QFUPL="a",1') == ERROR


def test_download_when_the_file_is_there_and_when_not():
    for model in MODELS:
        rig = table(model)
        upload(rig, "UFS:all", ALL_BYTES)
        assert rig.command('AT+QFDWL="all"') == CONNECT + ALL_BYTES + b"\r\n+QFDWL: 256,%x\r\n" % xor(ALL_BYTES) + OK
        assert rig.command('AT+QFDWL="UFS:none"') == failure(405)


def test_list_when_files_come_and_go():
    for model, prefix in (("ec200u", b"UFS:"), ("eg915u", b"UFS:"), ("bg96", b"")):
        rig = table(model)
        assert rig.command("AT+QFLST") == OK and rig.command('AT+QFLST="*"') == OK
        upload(rig, "b", b"22")
        upload(rig, "a", b"1")
        line_a, line_b = b'\r\n+QFLST: "%sa",1\r\n' % prefix, b'\r\n+QFLST: "%sb",2\r\n' % prefix
        assert rig.command("AT+QFLST") == line_a + line_b + OK and rig.command('AT+QFLST="UFS:*"') == line_a + line_b + OK
        assert rig.command('AT+QFLST="b"') == line_b + OK and rig.command('AT+QFLST="c"') == failure(405)
        assert rig.command('AT+QFDEL="UFS:a"') == OK and rig.command('AT+QFDEL="a"') == failure(405)
        upload(rig, "c", b"333")
        assert rig.command('AT+QFDEL="*"') == OK and rig.command("AT+QFLST") == OK


def test_space_when_files_take_it():
    rig = table()
    assert (
        rig.command('AT+QFLDS="UFS"') == b"\r\n+QFLDS: 4194304,4194304\r\n" + OK
        and rig.command("AT+QFLDS") == b"\r\n+QFLDS: 0,0\r\n" + OK
    )
    upload(rig, "a", b"x" * 100)
    assert rig.command('AT+QFLDS="UFS"') == b"\r\n+QFLDS: 4194204,4194304\r\n" + OK
    assert rig.command("AT+QFLDS") == b"\r\n+QFLDS: 100,1\r\n" + OK
    assert rig.command("AT+QFUPL=?") == b"\r\n+QFUPL: <filename>[,(1-4194204)[,(1-65535)[,(0,1)]]]\r\n" + OK
    assert rig.command('AT+QFLDS="RAM"') == failure(406)


def test_open_files_when_read_and_written():
    rig = table()
    assert rig.command('AT+QFOPEN="f"') == b"\r\n+QFOPEN: 1\r\n" + OK
    assert rig.command("AT+QFWRITE=1,10") + rig.host(b"0123456789") == CONNECT + b"\r\n+QFWRITE: 10,10\r\n" + OK
    assert rig.command("AT+QFPOSITION=1") == b"\r\n+QFPOSITION: 10\r\n" + OK
    assert rig.command("AT+QFREAD=1") == b"\r\nCONNECT 0\r\n\r\n" + OK
    assert rig.command("AT+QFSEEK=1,2,0") == OK
    assert rig.command("AT+QFREAD=1,3") == b"\r\nCONNECT 3\r\n234\r\n" + OK
    assert rig.command("AT+QFSEEK=1,1,1") == OK and rig.command("AT+QFREAD=1,1") == b"\r\nCONNECT 1\r\n6\r\n" + OK
    assert rig.command("AT+QFSEEK=1,4,2") == OK
    assert rig.command("AT+QFWRITE=1,2") + rig.host(b"xy") == CONNECT + b"\r\n+QFWRITE: 2,10\r\n" + OK
    assert rig.command("AT+QFTUCAT=1") == OK and rig.modem.files.read("f") == b"012345xy"
    assert rig.command("AT+QFSEEK=1,9,0") == failure(401)
    assert rig.command("AT+QFOPEN?") == b'\r\n+QFOPEN: "f",1,0\r\n' + OK
    assert rig.command('AT+QFDEL="f"') == failure(426) and rig.command('AT+QFOPEN="f"') == failure(426)
    assert rig.command("AT+QFCLOSE=1") == OK and rig.command("AT+QFREAD=1") == failure(416)


def test_open_files_when_modes_differ():
    rig = table()
    upload(rig, "f", b"old")
    assert rig.command('AT+QFOPEN="f",2') == b"\r\n+QFOPEN: 1\r\n" + OK and rig.command("AT+QFWRITE=1,1") == failure(414)
    rig.command("AT+QFCLOSE=1")
    assert rig.command('AT+QFOPEN="none",2') == failure(405)
    assert rig.command('AT+QFOPEN="f",1') == b"\r\n+QFOPEN: 1\r\n" + OK and rig.modem.files.read("f") == b""
    for number in range(2, 11):
        assert rig.command('AT+QFOPEN="f%d"' % number) == b"\r\n+QFOPEN: %d\r\n" % number + OK
    assert rig.command('AT+QFOPEN="f11"') == failure(413)
    rig.command("AT+CFUN=1,1")
    rig.pass_time(10)
    rig.command("ATE0")
    assert rig.command("AT+QFOPEN?") == OK and len(rig.modem.files.names()) == 10, "files outlive a restart, handles do not"


def test_files_when_a_folder_holds_them():
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig("ec200u")
        rig.modem.files = FileStore(folder)
        with open(os.path.join(folder, "ca.pem"), "wb") as f:
            f.write(b"certificate")
        assert rig.command("AT+QFLST") == b'\r\n+QFLST: "UFS:ca.pem",11\r\n' + OK
        upload(rig, "UFS:key.pem", b"key")
        with open(os.path.join(folder, "key.pem"), "rb") as f:
            assert f.read() == b"key"
        assert rig.command('AT+QFDEL="ca.pem"') == OK and os.listdir(folder) == ["key.pem"]
        assert rig.command('AT+QFUPL="../out",1') == ERROR and os.listdir(folder) == ["key.pem"]
