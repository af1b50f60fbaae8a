# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The habits of Quectel firmwares that the virtual modem can take on (`--quirk`)."""

from tests.rigs.virtual_modem import ERROR, OK, Rig


def test_the_blank_line_in_front_of_ok():
    rig = Rig(quirks=["blank-line=missing"])
    assert rig.command("AT+CSQ").endswith(b"\r\nOK\r\n") and b"\r\n\r\n" not in rig.command("AT+CSQ")
    assert rig.command("AT") == OK, "an OK alone is framed"
    assert rig.command("AT+NONSENSE") == ERROR
    assert b"\r\n\r\nOK" in Rig().command("AT+CSQ")


def test_the_blank_behind_the_prompt():
    for model, usual, other in (("ec600e", b">", b"> "), ("ec200u", b"> ", b">"), ("bg96", b"> ", b">")):
        for quirks, prompt in (((), usual), (["prompt"], other)):
            rig = Rig(model, quirks=quirks).online()
            rig.open(0)
            assert rig.command("AT+QISEND=0,3") == b"\r\n" + prompt


def test_the_end_of_pushed_payload():
    for quirks, end in (((), b"\r\n"), (["push-end=none"], b"")):
        rig = Rig(quirks=quirks).online()
        rig.open(0, mode=1).send(b"abc")
        assert rig.port.take() == b'\r\n+QIURC: "recv",0,3\r\nabc' + end


def test_announcements_of_buffered_data():
    line = b'\r\n+QIURC: "recv",0\r\n'
    for quirks, n in (((), 1), (["recv-urc=repeated"], 3)):
        rig = Rig(quirks=quirks).online()
        peer = rig.open(0)
        for _ in range(3):
            peer.send(b"abc")
        assert rig.port.take() == line * n
        assert rig.command("AT+QIRD=0") == b"\r\n+QIRD: 9\r\nabcabcabc\r\n" + OK


def test_reasons_that_say_nothing():
    rig = Rig(quirks=["geterror=useless"]).online()
    assert rig.command("AT+QIRD=5") == ERROR
    assert rig.command("AT+QIGETERROR") == b"\r\n+QIGETERROR: 0,operate successfully\r\n" + OK


def test_boot_lines():
    def boot(value):
        rig = Rig(quirks=["boot=" + value])
        assert rig.command("AT+CFUN=1,1") == OK
        return rig.pass_time(10)

    assert boot("usual").startswith(b"\r\nRDY\r\n") and boot("app-rdy") == b"\r\nRDY\r\n\r\nAPP RDY\r\n"
    assert b"RDY" not in boot("usb").replace(b"APP RDY", b"") and b"APP RDY" in boot("usb")
    assert 0 < boot("pb-first").find(b"PB DONE") < boot("pb-first").find(b"SMS DONE")
