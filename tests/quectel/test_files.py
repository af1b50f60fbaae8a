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
    out = [[b'AT+QFUPL="%s",%d,10,1\r' % (name, len(data)), b"\r\nCONNECT\r\n"]]
    for at in range(0, len(data), 1024):
        block = data[at : at + 1024]
        out.append([block, b"A" if len(block) == 1024 else b""])
    out[-1][1] += b"\r\n+QFUPL: %d,%s\r\n\r\nOK\r\n" % (size, form % told)
    return [tuple(step) for step in out]


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
            assert done == sorted(done) and done[-1] == 5000 and len(done) == 5


def test_a_file_of_that_name_is_replaced():
    dialogue = [listed(b"UFS:ca.pem", b"ca.pem", 900), download(b"UFS:ca.pem", b"o" * 900), (b'AT+QFDEL="UFS:ca.pem"\r', OK)]
    dialogue += upload(b"UFS:ca.pem", PEM)
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
    port = ScriptedPort([NONE, (b'AT+QFUPL="UFS:ca.pem",%d,10,1\r' % len(PEM), b"\r\n+CME ERROR: 403\r\n")])
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
        [NONE, (b'AT+QFUPL="UFS:ca.pem",2000,10,1\r', [(0, b"\r\nCONNECT\r\n"), (10000, b"\r\n+QFUPL: 0,0\r\n" + OK)])]
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


def test_without_flow_control_each_block_waits_until_the_module_asks_for_it():
    data = bytes([i * 7 & 255 for i in range(2500)])
    for delay_ms in (0, 60):
        dialogue = [(b'AT+QFLST="big"\r', OK), (b'AT+QFUPL="big",2500,10,1\r', b"\r\nCONNECT\r\n")]
        dialogue += [(data[:1024], [(delay_ms, b"A")]), (data[1024:2048], [(delay_ms, b"A")])]
        dialogue += [(data[2048:], b"\r\n+QFUPL: 2500,%x\r\n\r\nOK\r\n" % checksum(data))]
        port = ScriptedPort(dialogue)
        ready(port, "ec200u").files.put("big", data)
        port.done()
        assert port.now == 2 * delay_ms


def test_a_urc_among_the_requests_for_blocks_is_no_request():
    data = bytes(1024) + b"end"
    dialogue = [(b'AT+QFLST="big"\r', OK), (b'AT+QFUPL="big",1027,10,1\r', b"\r\nCONNECT\r\n\r\n+CREG: 1\r\n")]
    dialogue += [(data[:1024], b"\r\n+CREG: 1\r\n\r\n+QUSIM: A\r\nA"), (b"end", b"\r\n+QFUPL: 1027,%x\r\n" % checksum(data) + OK)]
    for cuts in (0, 1):
        port = ScriptedPort(dialogue, cuts)
        ready(port, "ec200u").files.put("big", data)
        port.done()


def test_with_flow_control_the_file_goes_out_without_waiting():
    port = ScriptedPort([(b'AT+QFLST="f"\r', OK), (b'AT+QFUPL="f",3000,10\r', b"\r\nCONNECT\r\n")])
    port.flow_control = True
    port.dialogue.append((bytes(3000), b"\r\n+QFUPL: 3000,0\r\n" + OK))
    ready(port, "ec200u").files.put("f", bytes(3000))
    port.done()


def _replaced(new, refusal):
    """The dialogue of replacing a file of PEM by one of `new`, up to the refusal of the new one."""
    dialogue = [listed(b"ca.pem", b"UFS:ca.pem", len(PEM)), download(b"ca.pem", PEM), (b'AT+QFDEL="ca.pem"\r', OK)]
    return dialogue + [(b'AT+QFUPL="ca.pem",%d,10,1\r' % len(new), refusal)]


def test_a_file_whose_replacement_is_refused_is_put_back():
    back = [(b'AT+QFDEL="ca.pem"\r', b"\r\n+CME ERROR: 405\r\n")] + upload(b"ca.pem", PEM)
    port = ScriptedPort(_replaced(b"new", b"\r\n+CME ERROR: 403\r\n") + back)
    with raises(CommandError, "403 (drive full)"):
        ready(port, "bg96").files.put("ca.pem", b"new")
    port.done()
    wrong = [(b"new", b"\r\n+QFUPL: 2,0\r\n" + OK), (b'AT+QFDEL="ca.pem"\r', OK)] + upload(b"ca.pem", PEM)
    port = ScriptedPort(_replaced(b"new", b"\r\nCONNECT\r\n") + wrong)
    with raises(ProtocolError, "removed"):
        ready(port, "bg96").files.put("ca.pem", b"new")
    port.done()


def test_a_file_that_could_not_be_put_back_at_once_is_put_back_before_the_next_call():
    port = ScriptedPort(_replaced(b"new", b""))
    modem = ready(port, "bg96")
    with raises(ModemTimeout):
        modem.files.put("ca.pem", b"new")
    port.dialogue = [(b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"), (b'AT+QFDEL="ca.pem"\r', OK)] + upload(b"ca.pem", PEM)
    port.dialogue += [(b'AT+QFLST="*"\r', b'\r\n+QFLST: "ca.pem",9\r\n' + OK)]
    assert modem.files.list() == [("ca.pem", 9)]
    port.done()


def test_an_answer_without_size_and_checksum_is_no_success():
    port = ScriptedPort(
        [NONE, (b'AT+QFUPL="UFS:ca.pem",5,10,1\r', b"\r\nCONNECT\r\n"), (b"hello", OK), (b'AT+QFDEL="UFS:ca.pem"\r', OK)]
    )
    with raises(ProtocolError, "no size"):
        ready(port, "ec200u").files.put("UFS:ca.pem", b"hello")
    port.done()
    port = ScriptedPort([listed(b"x", b"x", 5), (b'AT+QFDWL="x"\r', b"\r\nCONNECT\r\nhello\r\n" + OK)])
    with raises(ProtocolError, "no size"):
        ready(port, "bg96").files.get("x")


def test_seventy_files_are_all_listed():
    names = ["f%02d.pem" % n for n in range(70)]
    port = ScriptedPort([(b'AT+QFLST="*"\r', b"".join([b'\r\n+QFLST: "UFS:%s",7\r\n' % n.encode() for n in names]) + OK)])
    assert ready(port, "ec200u").files.list() == [(name, 7) for name in names]
