# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The habits of Quectel firmwares that the virtual modem can take on (`--quirk`)."""

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.vmodem.test_process import ROOT
from tools.vmodem.faults import _KNOWN
from tools.vmodem.models import MODELS


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


GROUPS = {
    "all": set(MODELS),
    "Quectel": {"ec600e", "ec800e", "ec200u", "eg915u", "bg96"},
    "EC200U, EG915U, BG96": {"ec200u", "eg915u", "bg96"},
    "EC600E, EC800E": {"ec600e", "ec800e"},
    "EC200U, EG915U": {"ec200u", "eg915u"},
    "SIMCom": {"a76xx", "sim7100"},
    "all but SIM7100": set(MODELS) - {"sim7100"},
    "BG96": {"bg96"},
    "A76XX": {"a76xx"},
    "SIM7100": {"sim7100"},
}


def rows():
    """The rows of the table in tools/README.md: quirks that are the same on several models have one."""
    found = {}
    for key, model in MODELS.items():
        for name, option in model.options.items():
            found.setdefault((name, *option), set()).add(key)
    for (name, values, meaning), models in sorted(found.items()):
        group = next(title for title, members in GROUPS.items() if members == models)
        shown = ", ".join("`%s`" % value for value in values)
        yield "| `%s` | %s | %s | %s |" % (name, group, shown, meaning.rstrip(".").replace("*", "\\*"))


def test_the_tables_of_the_readme():
    text = (ROOT / "tools" / "README.md").read_text(encoding="utf-8")
    assert [row for row in rows() if row not in text] == []
    faults = text.partition("### Faults of the virtual modem")[2].partition("### Quirks")[0]
    assert [name for name in _KNOWN if "`%s`" % name not in faults] == []
