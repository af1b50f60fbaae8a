"""diagnose(): what it finds before TLS is reached, and what error numbers mean. Scripted, on both Pythons."""

from modem import CommandError, Modem
from modem.codes import meaning
from modem.models import MODELS
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ScriptedPort, ready

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
SIM = (b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n\r\nOK\r\n")
AIR = [
    (b"AT+CREG?\r", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
    (b"AT+CGREG?\r", b"\r\n+CGREG: 0,1\r\n\r\nOK\r\n"),
    (b"AT+CEREG?\r", ERROR),
    (b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"),
]
RADIO = (b"AT+CFUN?\r", b"\r\n+CFUN: 1\r\n" + OK)
RADIO_OFF = (RADIO[0], b"\r\n+CFUN: 4\r\n" + OK)
ACTIVE = (b"AT+QIACT?\r", b'\r\n+QIACT: 1,1,1,"10.7.157.1"\r\n\r\nOK\r\n')
SERVERS = (b"AT+QIDNSCFG=1\r", b'\r\n+QIDNSCFG: 1,"10.0.0.1","10.0.0.2"\r\n\r\nOK\r\n')
KNOWN = (b'AT+QIDNSGIP=1,"srv"\r', [(0, OK), (5, b'\r\n+QIURC: "dnsgip",0,1,300\r\n\r\n+QIURC: "dnsgip","192.0.2.9"\r\n')])


def findings(dialogue, model="ec200u", connected=True):
    """Play `dialogue` to a diagnosis of srv:80; return the findings as {step: (ok, text)} and the bytes that were sent."""
    port = ScriptedPort(dialogue)
    found = ready(port, model, connected=connected).diagnose("srv", 80)
    port.done()
    return {f.step: (f.ok, f.text) for f in found}, bytes(port.sent)


def test_a_good_connection_has_only_good_findings():
    opened = (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', [(0, OK), (9, b"\r\n+QIOPEN: 0,0\r\n")])
    found, sent = findings([SIM] + AIR + [ACTIVE, SERVERS, KNOWN, opened, (b"AT+QICLOSE=0\r", OK)], connected=False)
    assert all(ok for ok, _ in found.values()) and len(found) == 8, found
    assert found["signal"][1] == "-73 dBm" and found["name lookup"][1] == "srv is 192.0.2.9"
    check("Q-247", 0 < sent.find(b"AT+QIDNSCFG=1\r") < sent.find(b"AT+QIDNSGIP"), True)


def test_each_thing_that_is_missing_is_named_and_ends_the_walk():
    found, _ = findings([(b"AT+CPIN?\r", b"\r\n+CME ERROR: 10\r\n"), RADIO])
    assert "SIM not inserted" in found["SIM"][1] and len(found) == 2
    found, _ = findings([(b"AT+CPIN?\r", b"\r\n+CME ERROR: 13\r\n"), RADIO_OFF])
    assert "radio is off" in found["radio"][1] and len(found) == 3
    tries = (b'AT+QPINC="SC"\r', b'\r\n+QPINC: "SC",2,10\r\n' + OK)
    for state, more, words in ((b"SIM PIN", [tries], ("pin=", "2 tries left")), (b"SIM PUK", [], ("PUK", "AT+CPIN="))):
        found, _ = findings([(b"AT+CPIN?\r", b"\r\n+CPIN: " + state + b"\r\n" + OK)] + more)
        assert all(word in found["SIM"][1] for word in words) and found["SIM"][0] is False
    deaf = [(line, answer.replace(b"0,1", b"0,3").replace(b"20,99", b"99,99")) for line, answer in AIR]
    found, _ = findings([SIM] + deaf[:3] + [RADIO_OFF, deaf[3], (b"AT+QIACT?\r", OK)])
    assert "radio is off" in found["radio"][1]
    assert "denies" in found["registration"][1] and not found["signal"][0] and "connect(apn)" in found["context"][1], found
    nobody = (b"AT+QIDNSCFG=1\r", b'\r\n+QIDNSCFG: 1,"0.0.0.0","0.0.0.0"\r\n\r\nOK\r\n')
    unknown = (b'AT+QIDNSGIP=1,"srv"\r', [(0, OK), (5, b'\r\n+QIURC: "dnsgip",565\r\n')])
    found, _ = findings([SIM] + AIR + [ACTIVE, nobody, unknown], "bg96")
    assert "modem.dns" in found["DNS servers"][1] and "565" in found["name lookup"][1] and "TCP" not in found, found
    closed = (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', [(0, OK), (9, b"\r\n+QIOPEN: 0,566\r\n")])
    found, _ = findings([SIM] + AIR + [ACTIVE, SERVERS, KNOWN, closed, (b"AT+QICLOSE=0\r", OK)])
    assert found["TCP"][0] is False and "566" in found["TCP"][1], found


def _air(*states, rssi=b"20"):
    """What the module says of its registration in the three domains, and of the signal."""
    lines = [b"\r\n+%s: 0,%d\r\n\r\nOK\r\n" % (name, n) for name, n in zip((b"CREG", b"CGREG", b"CEREG"), states)]
    signal = b"\r\n+CSQ: %s,99\r\n\r\nOK\r\n" % rssi
    air = [(line, answer) for (line, _), answer in zip(AIR, lines + [signal])]
    registered = 1 in states or 5 in states
    return [SIM] + air[:3] + ([] if registered else [RADIO]) + air[3:] + [(b"AT+QIACT?\r", OK)]


def test_each_state_of_the_registration_has_its_words():
    for states, ok, word in (
        ((1, 0, 0), True, "at home"), ((0, 0, 5), True, "roaming"), ((2, 2, 2), False, "searching"), ((0, 2, 3), False, "denies"),
        ((0, 0, 0), False, "AT+CFUN=1"), ((11, 11, 11), False, "emergency calls only"), ((4, 4, 4), False, "4 (unknown), 4"),
    ):  # fmt: skip
        found, _ = findings(_air(*states))
        assert found["registration"][0] is ok and word in found["registration"][1], (states, found)
    weak, _ = findings(_air(1, 1, 1, rssi=b"2"))
    assert weak["signal"][0] is False and "-109 dBm, weak" in weak["signal"][1]
    fair, _ = findings(_air(1, 1, 1, rssi=b"3"))
    assert fair["signal"] == (True, "-107 dBm")


def test_a_module_that_does_not_answer_is_the_only_finding():
    port = ScriptedPort()
    port._play = lambda: None  # hears everything, says nothing
    (found,) = Modem(port, "ec200u").diagnose("srv", 80, timeout_ms=3000)
    assert (found.step, found.ok) == ("module", False) and "power and wiring" in found.text and str(found)[:2] == "!!"
    assert 3000 <= port.now < 5000


def test_a_module_at_another_baud_rate_is_found_and_named():
    port = Module()
    port.dead = True
    port.set_baudrate = lambda rate: setattr(port, "dead", rate != 38400)
    found = {f.step: (f.ok, f.text) for f in Modem(port).diagnose("srv", 80)}
    assert found["baud rate"][0] is False and "38400" in found["baud rate"][1] and "SIM" in found, found


def test_a_context_that_the_network_refuses_names_the_apn():
    port = Module({b"AT+QIACT=1": ERROR})
    modem = Modem(port)
    with raises(CommandError, "'wrong'"):
        modem.connect("wrong")
    found = {f.step: (f.ok, f.text) for f in modem.diagnose("srv", 80)}
    assert "'wrong'" in found["context"][1] and "APN" in found["context"][1], found
    del port.table[b"AT+QIACT=1"]
    modem.connect("internet")
    port.up = False
    found = {f.step: (f.ok, f.text) for f in modem.diagnose("srv", 80)}
    assert "wrong" not in found["context"][1], found


def test_locks_and_addresses_of_zeros_are_named():
    for answer, word in ((b"+CPIN: PH-NET PIN\r\n" + OK, "locked to"), (b"+CME ERROR: 40\r\n", "locked to")):
        found, _ = findings([(b"AT+CPIN?\r", b"\r\n" + answer)])
        assert word in found["SIM"][1] and found["SIM"][0] is False
    zeros = (b"AT+QIACT?\r", b'\r\n+QIACT: 1,1,1,"0.0.0.0"\r\n\r\nOK\r\n')
    found, _ = findings([SIM] + AIR + [zeros])
    assert found["context"][0] is False and "no address" in found["context"][1] and "name lookup" not in found


def test_a_clock_that_is_not_told_is_no_verdict():
    port = Module({
        b"AT+QIDNSCFG=1": SERVERS[1], b'AT+QIDNSGIP=1,"srv"': KNOWN[1], b"AT+CCLK?": ERROR,
        b"AT+QIOPEN=": [(0, OK), (9, b"\r\n+QIOPEN: 0,0\r\n")], b"AT+QSSLOPEN=": [(0, OK), (9, b"\r\n+QSSLOPEN: 0,0\r\n")],
        b'AT+QFLST="*"': b'\r\n+QFLST: "ca.pem",900\r\n\r\nOK\r\n',
    })  # fmt: skip
    port.up = True
    modem = ready(port, "bg96")
    found = {f.step: (f.ok, f.text) for f in modem.diagnose("srv", 80, modem.tls_context(ca="UFS:ca.pem"))}
    assert (
        found["clock"] == (None, "the module does not report its time") and found["certificate files"][0] and found["TLS"][0]
    ), found


def test_numbers_mean_what_the_document_of_the_model_says():
    def of(model, code):
        return meaning(ready(ScriptedPort(), model).module.dialect.error_family, code)

    found = []
    for model in [model.name for model in MODELS if model.vendor == "quectel"]:
        found.append([of(model, code) for code in (0, 550, 563, 573, 574, 1234)])
    common = ["(success)", "(unknown error)", "(socket identity has been used)"]
    want = [common + ["(port busy)", "(APN not configured)", ""]] * 2 + [common + ["(APN not configured)", "(port busy)", ""]] * 3
    check("Q-403", found, want)
    for model in ("ec600e", "ec200u"):
        assert all(of(model, code) for code in range(550, 575))


def test_numbers_of_messages_have_their_own_meanings():
    assert meaning("cms", 30) == "(unknown subscriber)" and meaning("cms", 322) == "(memory full)" and meaning("cms", 9999) == ""
    assert meaning("cme", 30) == "(no network service)" and meaning(None, 30) == ""
