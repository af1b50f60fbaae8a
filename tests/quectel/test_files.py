"""The module's files on Quectel modules: upload, download, list, delete, room. Scripted, on both Pythons."""

import io

from modem import CommandError, ModemTimeout, ProtocolError
from modem.quectel.files import Checksum
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OK = b"\r\nOK\r\n"
PEM = b"-----BEGIN CERTIFICATE-----\r\nOK\r\n+QFUPL: 3,0\r\n> \x00\xff+++\r\nERROR\r\n-----END CERTIFICATE-----\n"
NONE = (b'AT+QFLST="UFS:ca.pem"\r', OK)


def checksum(data):
    seen = Checksum()
    seen(data)
    return seen.value()


def upload(name, data, size=None, told=None, form=b"%04x"):
    size = len(data) if size is None else size
    told = checksum(data) if told is None else told
    return [
        (b'AT+QFUPL="%s",%d,10\r' % (name, len(data)), b"\r\nCONNECT\r\n"),
        (data, b"\r\n+QFUPL: %d,%s\r\n\r\nOK\r\n" % (size, form % told)),
    ]


def listed(name, shown, size):
    return (b'AT+QFLST="%s"\r' % name, b'\r\n+QFLST: "%s",%d\r\n\r\nOK\r\n' % (shown, size))


def download(name, data, told=None):
    told = checksum(data) if told is None else told
    return (b'AT+QFDWL="%s"\r' % name, b"\r\nCONNECT\r\n" + data + b"\r\n+QFDWL: %d,%x\r\n\r\nOK\r\n" % (len(data), told))


def test_checksum_is_the_xor_of_16_bit_words_when_blocks_are_cut_anywhere():
    assert checksum(b"\x12\x34") == 0x1234
    assert checksum(b"\x12\x34\xff") == 0x1234 ^ 0xFF00, "an odd last byte is a high half"
    data = bytes(range(256)) * 3 + b"\x01"
    want = 0
    for i in range(0, len(data), 2):
        want ^= data[i] << 8 | (data[i + 1] if i + 1 < len(data) else 0)
    assert checksum(data) == want
    for cut in (1, 2, 3, 100, 255):
        seen = Checksum()
        for at in range(0, len(data), cut):
            seen(data[at : at + cut])
        assert seen.value() == want, cut


def test_a_file_is_uploaded_and_its_checksum_compared_as_a_number():
    steps = []

    def put(modem):
        modem.files.put("UFS:ca.pem", PEM, progress=lambda done, total: steps.append((done, total)))
        return steps[-1]

    for form in (b"%04x", b"%x", b"%X", b"0x%04X"):
        feed_all_ways(
            [NONE] + upload(b"UFS:ca.pem", PEM, form=form), put, (len(PEM), len(PEM)), model="ec200u", urc=b"\r\n+CREG: 1\r\n"
        )


def test_a_file_of_many_blocks_goes_out_whole_when_the_port_takes_little_at_a_time():
    data = bytes([i * 7 & 255 for i in range(5000)])
    for takes in (1, 7, 100, 4096):
        for source in (data, bytearray(data), io.BytesIO(data)):
            port = ScriptedPort([(b'AT+QFLST="big"\r', b"\r\nERROR\r\n")] + upload(b"big", data), takes=takes)
            modem = ready(port, "bg96")
            done = []
            modem.files.put("big", source, lambda n, total, done=done: done.append(n))
            port.done()
            assert done == sorted(done) and done[-1] == 5000 and len(done) == 10


def test_a_file_of_that_name_is_replaced():
    dialogue = [listed(b"UFS:ca.pem", b"ca.pem", 900), (b'AT+QFDEL="UFS:ca.pem"\r', OK)] + upload(b"UFS:ca.pem", PEM)
    port = ScriptedPort(dialogue)
    ready(port, "bg96").files.put("UFS:ca.pem", PEM)
    port.done()


def test_what_arrived_short_or_wrong_is_removed():
    for size, told in ((len(PEM) - 3, None), (len(PEM), 0x1234)):
        port = ScriptedPort([NONE] + upload(b"UFS:ca.pem", PEM, size, told) + [(b'AT+QFDEL="UFS:ca.pem"\r', OK)])
        with raises(ProtocolError, "removed"):
            ready(port, "ec200u").files.put("UFS:ca.pem", PEM)
        port.done()


def test_a_refused_upload_has_the_modules_code():
    port = ScriptedPort([NONE, (b'AT+QFUPL="UFS:ca.pem",%d,10\r' % len(PEM), b"\r\n+CME ERROR: 403\r\n")])
    with raises(CommandError, "403 (drive full)") as error:
        ready(port, "ec200u").files.put("UFS:ca.pem", PEM)
    assert error.value.code == 403
    port.done()


def test_an_upload_that_is_given_up_leaves_nothing_behind():
    class Broken:
        size = 2000

        def tell(self):
            return 0

        def seek(self, at, whence=0):
            return 2000

        def read(self, n):
            if n:
                raise OSError(5, "the card was pulled out")
            return b""

    port = ScriptedPort(
        [NONE, (b'AT+QFUPL="UFS:ca.pem",2000,10\r', [(0, b"\r\nCONNECT\r\n"), (10000, b"\r\n+QFUPL: 0,0\r\n" + OK)])]
    )
    modem = ready(port, "ec200u")
    with raises(OSError, "card"):
        modem.files.put("UFS:ca.pem", Broken())
    port.done()
    port.dialogue = [(b'AT+QFDEL="UFS:ca.pem"\r', OK), (b'AT+QFLST="*"\r', OK)]
    assert modem.files.list() == []
    port.done()


def test_a_file_is_downloaded_by_count():
    def get(modem):
        return modem.files.get("UFS:ca.pem")

    dialogue = [listed(b"UFS:ca.pem", b"UFS:ca.pem", len(PEM)), download(b"UFS:ca.pem", PEM)]
    feed_all_ways(dialogue, get, PEM, opaque=(PEM,), model="ec200u", urc=b"\r\n+CREG: 1\r\n", step=3)


def test_a_download_goes_to_a_file_and_reports_progress():
    data = bytes(range(256)) * 8
    port = ScriptedPort([listed(b"x", b"UFS:x", len(data)), download(b"x", data)])
    modem = ready(port, "bg96")
    out = io.BytesIO()
    steps = []
    assert modem.files.get("x", out, lambda done, total: steps.append((done, total))) == len(data)
    assert out.getvalue() == data and steps[-1] == (2048, 2048)


def test_a_full_disk_on_this_side_does_not_upset_the_line():
    class Full:
        def write(self, data):
            raise OSError(28, "no room")

    data = bytes(range(256)) * 8
    port = ScriptedPort([listed(b"x", b"x", len(data)), download(b"x", data), (b"AT\r", OK)])
    modem = ready(port, "bg96")
    with raises(OSError, "no room"):
        modem.files.get("x", Full())
    assert modem.command("AT") == []
    port.done()


def test_a_damaged_or_missing_download_is_an_error():
    port = ScriptedPort([listed(b"x", b"x", 5), download(b"x", b"hello", 1)])
    with raises(ProtocolError, "damaged"):
        ready(port, "bg96").files.get("x")
    port = ScriptedPort([(b'AT+QFLST="x"\r', OK)])
    with raises(CommandError, "no file"):
        ready(port, "bg96").files.get("x")
    port = ScriptedPort([listed(b"x", b"x", 500), (b'AT+QFDWL="x"\r', b"\r\nCONNECT\r\nhello")])
    with raises(ModemTimeout):
        ready(port, "bg96").files.get("x")


def test_files_are_listed_alike_whether_the_module_prints_the_storage_or_not():
    text = b'\r\n+QFLST: "%sca.pem",1208\r\n+QFLST: "security/",0\r\n\r\nOK\r\n'
    for prefix in (b"UFS:", b""):
        port = ScriptedPort([(b'AT+QFLST="*"\r', text % prefix), (b'AT+QFLDS="UFS"\r', b"\r\n+QFLDS: 3776512,3780000\r\n" + OK)])
        modem = ready(port, "ec200u")
        assert modem.files.list() == [("ca.pem", 1208), ("security/", 0)]
        assert modem.files.free() == 3776512
        port.done()


def test_removing_what_is_not_there_is_an_error():
    port = ScriptedPort([(b'AT+QFDEL="x"\r', b"\r\n+CME ERROR: 405\r\n")])
    with raises(CommandError, "405 (file not found)"):
        ready(port, "ec200u").files.remove("x")


def test_senseless_names_and_data_are_refused_before_anything_is_sent():
    port = ScriptedPort()
    files = ready(port, "ec200u").files
    for call, kind in (
        (lambda: files.put('a"b', b"x"), ValueError), (lambda: files.put("a" * 81, b"x"), ValueError),
        (lambda: files.put("a", b""), ValueError), (lambda: files.put("a", "text"), TypeError), (lambda: files.get(5), TypeError),
        (lambda: files.remove("a\r"), ValueError),
    ):  # fmt: skip
        with raises(kind):
            call()
    assert not port.sent
