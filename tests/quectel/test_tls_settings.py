"""TLS contexts: what they accept, what the module is sent for them, and who shares one. Scripted, on both Pythons."""

import modem.tls as modem_clock
from modem import CommandError, ModemError, NotSupported
from modem.compat import run
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NO_REASON = (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 0,operate successfully\r\n\r\nOK\r\n")
CLOCK = (b"AT+CCLK?\r", b'\r\n+CCLK: "26/09/09,01:32:52+32"\r\n\r\nOK\r\n')
STRICT = (
    (b"cacertex", b'""'), (b"sni", b"1"), (b"ignoremulticertchainverify", b"0"), (b"ignoreinvalidcertsign", b"0"),
    (b"dtls", b"0"), (b"ignorecertitem", b"0"),
)  # fmt: skip


def cfg(item, n, value, answer=OK):
    return (b'AT+QSSLCFG="%s",%d,%s\r' % (item, n, value), answer)


def written(n, ca=b'"UFS:ca.pem"', level=b"1", more=STRICT, suite=b"0XFFFF", check_time=b"0", wait=b"300"):
    """The dialogue that writes one set of settings."""
    out = [cfg(b"sslversion", n, b"3"), cfg(b"ciphersuite", n, suite)]
    if ca:
        out.append(cfg(b"cacert", n, ca))
    out += [cfg(b"seclevel", n, level), cfg(b"ignorelocaltime", n, check_time), cfg(b"negotiatetime", n, wait)]
    return out + [cfg(item, n, value) for item, value in more]


def opened(n, ident, host=b"srv", port=8883, result=b"0"):
    return (
        b'AT+QSSLOPEN=1,%d,%d,"%s",%d,0\r' % (n, ident, host, port),
        [(0, OK), (10, b"\r\n+QSSLOPEN: %d,%s\r\n" % (ident, result))],
    )


def closed(ident):
    return (b"AT+QSSLCLOSE=%d\r" % ident, OK)


def sent_items(port):
    """The items of AT+QSSLCFG that the host has set, in order."""
    found = []
    for line in bytes(port.sent).split(b"\r"):
        if line.startswith(b"AT+QSSLCFG="):
            found.append(line.split(b'"')[1])
    return found


def test_nothing_is_sent_when_the_server_could_not_be_verified():
    port = ScriptedPort()
    modem = ready(port, "ec200u")
    with raises(ValueError, "no CA file", "verify=False") as error:
        modem.create_connection(("srv", 8883), tls=modem.tls_context())
    check("Q-394", (bytes(port.sent), type(error.value)), (b"", ValueError))


def test_the_whole_set_is_written_before_the_first_open_and_again_after_the_last_close():
    dialogue = [CLOCK] + written(0) + [opened(0, 0), opened(0, 1), closed(0), opened(0, 0), closed(0), closed(1)]
    dialogue += [CLOCK] + written(0) + [opened(0, 0), closed(0)]
    port = ScriptedPort(dialogue)
    modem = ready(port, "ec200u")
    tls = modem.tls_context(ca="UFS:ca.pem")
    first = modem.create_connection(("srv", 8883), tls=tls)
    assert len(sent_items(port)) == 12
    second = modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
    first.close()
    modem.create_connection(("srv", 8883), tls=tls).close()
    assert len(sent_items(port)) == 12, "equal settings share a set while somebody uses it"
    second.close()
    modem.create_connection(("srv", 8883), tls=tls).close()
    check("Q-306", len(sent_items(port)), 24)
    port.done()


def test_after_a_restart_the_set_is_written_again():
    port = ScriptedPort([CLOCK] + written(0) + [opened(0, 0)])
    modem = ready(port, "ec200u")
    tls = modem.tls_context(ca="UFS:ca.pem")
    modem.create_connection(("srv", 8883), tls=tls)
    port.later(5, b"\r\nRDY\r\n")
    modem.poll(100)
    port.done()
    port.dialogue = [CLOCK] + written(0) + [opened(0, 0)]
    modem.module.started = modem.module.connected = True
    modem.create_connection(("srv", 8883), tls=tls)
    port.done()


def test_bg96_gets_its_eight_items_and_no_other():
    first = [b"sslversion", b"ciphersuite", b"cacert", b"clientcert", b"clientkey"]
    want = first + [b"seclevel", b"ignorelocaltime", b"negotiatetime"]
    dialogue = [cfg(b"sslversion", 0, b"4"), cfg(b"ciphersuite", 0, b"0XC02F"), cfg(b"cacert", 0, b'"ca.pem"')]
    dialogue += [cfg(b"clientcert", 0, b'"me.pem"'), cfg(b"clientkey", 0, b'"me.key"'), cfg(b"seclevel", 0, b"2")]
    dialogue += [cfg(b"ignorelocaltime", 0, b"1"), cfg(b"negotiatetime", 0, b"10"), opened(0, 0)]
    port = ScriptedPort(dialogue)
    modem = ready(port, "bg96")
    tls = modem.tls_context(
        ca="ca.pem", cert="me.pem", key="me.key", version=("ssl3", "tls1.2"), check_time=False, handshake_timeout_s=10,
        ciphers="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    )  # fmt: skip
    modem.create_connection(("srv", 8883), tls=tls)
    assert sent_items(port) == want
    port.done()


def test_what_a_model_lacks_is_refused_before_anything_is_sent():
    port = ScriptedPort()
    bg96 = ready(port, "bg96")
    for settings in (
        {"sni": True}, {"dtls": True}, {"ca_extra": "b.pem"}, {"ignore": "name"}, {"ciphers": 0xC030},
        {"ciphers": [0x35, 0x2F]}, {"version": ("tls1.0", "tls1.2")}, {"password": "pw.txt"},
    ):  # fmt: skip
        with raises(NotSupported, "bg96", "BG96 SSL AT Commands Manual"):
            bg96.tls_context(ca="ca.pem", **settings)
    ec200u = ready(port, "ec200u")
    assert ec200u.tls_context(ca="ca.pem", ciphers=0xC030).settings()[1][1] == b"0XC030"
    with raises(NotSupported, "verify=False"):
        ec200u.tls_context(cert="me.pem", key="me.key", verify=False)
    with raises(NotSupported, "ec600e", "TLS"):
        ready(port, "ec600e").tls_context(ca="ca.pem")
    assert not port.sent


def test_values_without_sense_are_refused():
    modem = ready(ScriptedPort(), "eg915u")
    for settings, word in (
        ({"ca": "-----BEGIN CERTIFICATE-----"}, "upload"), ({"ca": b"\x30\x82"}, "upload"), ({"ca": 'a"b'}, "ca"),
        ({"cert": "me.pem"}, "belong together"), ({"handshake_timeout_s": 9}, "10 to 300"),
        ({"handshake_timeout_s": 301}, "10 to 300"),
        ({"version": "tls1.3"}, "version"), ({"version": ("tls1.2", "tls1.0")}, "version"), ({"ignore": ("nose",)}, "ignore"),
        ({"ciphers": "TLS_AES_128_GCM_SHA256"}, "cipher suite"), ({"ciphers": 0}, "ciphers"),
    ):  # fmt: skip
        with raises(ValueError, word):
            modem.tls_context(**settings)
    with raises(TypeError, "verify"):
        modem.tls_context(verify="yes")


def test_every_check_can_be_switched_off_on_ec200u():
    modem = ready(ScriptedPort(), "ec200u")

    def value(item, **settings):
        found = modem.tls_context(ca="ca.pem", **settings).settings()
        return next(v for i, v, _ in found if i == item)

    bits = (1, 4, 8, 256, 2048, 4096, 8192, 32768, 65536, 1048575)
    names = (
        "expired",
        "name",
        "signature",
        "other",
        "key usage",
        "extended key usage",
        "ns cert type",
        "key algorithm",
        "key",
        "all",
    )
    for name, bit in zip(names, bits):
        assert value(b"ignorecertitem", ignore=name) == b"%d" % bit
    assert value(b"ignorecertitem", ignore=("name", "expired")) == b"5"
    assert value(b"ignoremulticertchainverify", ignore="chain") == b"1"
    assert value(b"ignoreinvalidcertsign", ignore="broken signature") == b"1"
    assert value(b"sni", sni=False) == b"0"
    assert value(b"dtls", dtls=True) == b"1"
    assert value(b"cacertex", ca_extra="more.pem") == b'"more.pem"'
    assert value(b"sslversion", version="tls1.1") == b"2"


def test_the_other_spelling_of_the_level_is_tried_once_and_remembered():
    plain = written(0, ca=None, level=b"0", more=STRICT[1:])
    at = next(i for i in range(len(plain)) if b"seclevel" in plain[i][0])
    taken = cfg(b"secllevel", 0, b"0")
    dialogue = plain[:at] + [cfg(b"seclevel", 0, b"0", ERROR), NO_REASON, taken] + plain[at + 1 :] + [opened(0, 0), closed(0)]
    dialogue += plain[:at] + [taken] + plain[at + 1 :] + [opened(0, 0), closed(0)]
    port = ScriptedPort(dialogue)
    modem = ready(port, "ec200u")
    tls = modem.tls_context(verify=False)
    for _ in range(2):
        modem.create_connection(("srv", 8883), tls=tls).close()
    check("Q-298", (bytes(port.sent).count(b'"seclevel"'), bytes(port.sent).count(b'"secllevel"')), (1, 2))
    port.done()


def test_a_strict_value_that_the_firmware_does_not_know_is_passed_over_but_a_lax_one_is_not():
    plain = written(0, ca=None, level=b"0", more=())
    refused = []
    for item, value in STRICT[1:]:
        refused += [cfg(item, 0, value, ERROR), NO_REASON]
    port = ScriptedPort(plain + refused + [opened(0, 0)])
    modem = ready(port, "ec200u")
    modem.create_connection(("srv", 8883), tls=modem.tls_context(verify=False))
    port.done()

    port = ScriptedPort(plain + [cfg(b"sni", 0, b"1"), cfg(b"ignoremulticertchainverify", 0, b"1", ERROR), NO_REASON, closed(0)])
    modem = ready(port, "ec200u")
    with raises(CommandError, "ignoremulticertchainverify"):
        modem.create_connection(("srv", 8883), tls=modem.tls_context(verify=False, ignore="chain"))
    port.done()


def test_six_different_settings_fit_and_the_seventh_is_refused():
    dialogue = []
    waits = [b"%d" % (20 + n) for n in range(7)]
    for n in range(6):
        dialogue += written(n, ca=None, level=b"0", more=STRICT[1:], wait=waits[n]) + [opened(n, n)]
    port = ScriptedPort(dialogue)
    modem = ready(port, "ec200u")
    contexts = [modem.tls_context(verify=False, handshake_timeout_s=20 + n) for n in range(7)]
    socks = [modem.create_connection(("srv", 8883), tls=contexts[n]) for n in range(6)]
    port.done()
    with raises(ModemError, "all 6 sets"):
        modem.create_connection(("srv", 8883), tls=contexts[6])
    port.dialogue = [closed(2)] + written(2, ca=None, level=b"0", more=STRICT[1:], wait=waits[6]) + [opened(2, 2)]
    socks[2].close()
    modem.create_connection(("srv", 8883), tls=contexts[6])
    port.done()


def test_twelve_sockets_share_six_sets():
    dialogue = []
    for n in range(12):
        if n < 6:
            dialogue += written(n, ca=None, level=b"0", more=STRICT[1:], wait=b"%d" % (20 + n))
        dialogue.append(opened(n % 6, n))
    port = ScriptedPort(dialogue)
    modem = ready(port, "ec200u")
    for n in range(12):
        modem.create_connection(("srv", 8883), tls=modem.tls_context(verify=False, handshake_timeout_s=20 + n % 6))
    port.done()


def test_settings_are_read_back_under_their_names():
    answers = (
        (b"sslversion", b"1"), (b"ciphersuite", b"0x0035"), (b"cacert", b'"UFS:ca.pem"'), (b"clientcert", b'""'),
        (b"clientkey", b'""'), (b"seclevel", b"1"), (b"ignorelocaltime", b"0"), (b"negotiatetime", b"300"),
        (b"cacertex", b'""'), (b"sni", b"1"),
        (b"ignoremulticertchainverify", b"1"), (b"ignoreinvalidcertsign", b"0"), (b"dtls", b"0"), (b"ignorecertitem", b"5"),
    )  # fmt: skip

    def asked(name=b"seclevel", suite=b"0x0035", extra=b""):
        out = []
        for item, value in answers:
            shown = suite if item == b"ciphersuite" else value
            asked_as = b"seclevel" if item == b"seclevel" else item
            told = name if item == b"seclevel" else item
            line = b'\r\n+QSSLCFG: "%s",0,%s%s\r\n\r\nOK\r\n' % (told, shown, extra)
            out.append((b'AT+QSSLCFG="%s",0\r' % asked_as, line))
        return out

    def read(dialogue):
        port = ScriptedPort(written(0, ca=None, level=b"0", more=STRICT[1:]) + [opened(0, 0)] + dialogue)
        modem = ready(port, "ec200u")
        tls = modem.tls_context(verify=False)
        assert tls.read() is None and not port.sent
        modem.create_connection(("srv", 8883), tls=tls)
        found = tls.read()
        port.done()
        return found

    found = read(asked())
    assert found["version"] == "tls1.0" and found["ca"] == "UFS:ca.pem" and found["cert"] is None
    assert found["check_time"] and found["handshake_timeout_s"] == 300 and found["sni"] and not found["dtls"]
    assert found["ignore"] == ("expired", "name", "chain")
    check("Q-291", [read(asked(suite=s))["ciphers"] for s in (b"0X0035", b"0x0035", b"0XC02f")], [(0x35,), (0x35,), (0xC02F,)])
    check("Q-411", [read(asked(suite=s))["ciphers"] for s in (b"0xFFFFF", b"0XFFFF")], [None, None])
    check("Q-410", read(asked(name=b"secllevel"))["verify"], True)
    assert read(asked(extra=b",1"))["verify"]


def test_an_unset_clock_is_set_from_this_side_or_named():
    unset = (b"AT+CCLK?\r", b'\r\n+CCLK: "80/01/06,00:02:13+00"\r\n\r\nOK\r\n')
    real = modem_clock.utc
    try:
        modem_clock.utc = lambda: (2026, 9, 9, 1, 32, 5, 2, 252)
        port = ScriptedPort([unset, (b'AT+CCLK="26/09/09,01:32:05+00"\r', OK)] + written(0) + [opened(0, 0)])
        modem = ready(port, "ec200u")
        modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
        check("Q-399", bytes(port.sent).find(b"AT+CCLK=") < bytes(port.sent).find(b"AT+QSSLOPEN"), True)
        port.done()

        modem_clock.utc = lambda: None
        port = ScriptedPort([unset])
        modem = ready(port, "ec200u")
        with raises(ModemError, "1980", "sync_time", "check_time=False"):
            modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
        assert b"QSSLOPEN" not in bytes(port.sent)
    finally:
        modem_clock.utc = real


def test_years_of_clocks_are_understood():
    def year(text):
        modem = ready(ScriptedPort([(b"AT+CCLK?\r", b"\r\n+CCLK: %s\r\n\r\nOK\r\n" % text)]), "bg96")
        return run(modem_clock.year(modem.module))

    shown = (b'"26/09/09,01:32:52+32"', b'"80/01/06,00:00:00+00"', b'"2026/09/09,01:32:52+32"', b'""', b'"70/01/01,00:00:00"')
    assert [year(t) for t in shown] == [2026, 1980, 2026, None, 1970]


def read_back(item, value):
    return (b'AT+QSSLCFG="%s",0\r' % item, b'\r\n+QSSLCFG: "%s",0,%s\r\n' % (item, value) + OK)


def test_a_check_that_cannot_be_switched_on_and_may_be_off_refuses_the_connection():
    before = [CLOCK] + written(0, more=STRICT[:5])
    refused = [cfg(b"ignorecertitem", 0, b"0", ERROR), NO_REASON]
    closed_0 = [closed(0)]
    for answer in (read_back(b"ignorecertitem", b"1048575"), (b'AT+QSSLCFG="ignorecertitem",0\r', ERROR)):
        port = ScriptedPort(before + refused + [answer] + closed_0)
        modem = ready(port, "ec200u")
        with raises(CommandError, "ignorecertitem"):
            modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
        assert b"QSSLOPEN" not in bytes(port.sent)
        port.done()
    port = ScriptedPort(before + refused + [read_back(b"ignorecertitem", b"0"), opened(0, 0)])
    modem = ready(port, "ec200u")
    modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
    port.done()


def test_a_second_ca_of_an_earlier_program_is_not_trusted():
    refused = [cfg(b"cacertex", 0, b'""', ERROR), NO_REASON]
    port = ScriptedPort([CLOCK] + written(0, more=()) + refused + [read_back(b"cacertex", b'"UFS:other.pem"'), closed(0)])
    modem = ready(port, "ec200u")
    with raises(CommandError, "cacertex"):
        modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
    port.done()
    for empty in (b'""', b""):
        port = ScriptedPort(
            [CLOCK] + written(0, more=()) + refused + [read_back(b"cacertex", empty)] + written(0, more=STRICT[1:])[6:]
        )
        port.dialogue += [opened(0, 0)]
        modem = ready(port, "ec200u")
        modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
        port.done()


def test_datagrams_go_over_dtls_and_never_over_tls():
    port = ScriptedPort()
    modem = ready(port, "ec200u")
    tls, dtls = modem.tls_context(verify=False), modem.tls_context(verify=False, dtls=True)
    with raises(NotSupported):
        modem.socket(type=modem.SOCK_DGRAM, tls=tls).connect(("srv", 8883))
    with raises(NotSupported):
        modem.socket(type=modem.SOCK_DGRAM, tls=tls).bind(("", 5000))
    assert not port.sent
    more = STRICT[1:4] + ((b"dtls", b"1"), STRICT[5])
    port.dialogue = written(0, ca=None, level=b"0", more=more) + [
        opened(0, 0),
        (b"AT+QSSLSEND=0,4\r", b"\r\n> "),
        (b"ping", b"\r\nSEND OK\r\n"),
    ]
    port.dialogue += [
        (b"AT+QSSLRECV=0,1500\r", b"\r\n+QSSLRECV: 4\r\npong\r\n" + OK),
        (b"AT+QSSLRECV=0,1500\r", b"\r\n+QSSLRECV: 0\r\n" + OK),
    ]
    s = modem.socket(type=modem.SOCK_DGRAM, tls=dtls)
    s.connect(("srv", 8883))
    s.send(b"ping")
    assert s.recv(100) == b"pong"
    s.settimeout(1)
    with raises(OSError):
        s.recv(100)
    port.done()


def test_an_open_that_was_not_begun_closes_nothing():
    port = ScriptedPort([(b"AT+CCLK?\r", b"")])
    modem = ready(port, "ec200u")
    s = modem.socket(tls=modem.tls_context(ca="UFS:ca.pem"))
    s.settimeout(1)
    with raises(OSError):
        s.connect(("srv", 8883))
    assert modem.module.links[0] is None


def test_a_bg95_is_told_the_servers_name_and_nothing_else_that_a_bg96_does_not_know():
    for sni, more in ((None, (b"1", OK)), (None, (b"1", ERROR)), (True, (b"1", OK)), (False, (b"0", OK))):
        wanted = [CLOCK] + written(0, more=()) + [cfg(b"sni", 0, *more)]
        if more[1] is ERROR:
            wanted.append(NO_REASON)
        port = ScriptedPort(wanted + [opened(0, 0)])
        modem = ready(port, "bg95")
        modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem", sni=sni))
        port.done()
    modem = ready(ScriptedPort(), "bg95")
    with raises(NotSupported, "DTLS"):
        modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem", dtls=True))


def test_a_relative_with_tls_of_a_model_without():
    port = ScriptedPort([CLOCK] + written(0) + [opened(0, 0)])
    modem = ready(port, "EC800M-CN")
    modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
    port.done()
    with raises(NotSupported, "TLS"):
        ready(ScriptedPort(), "EC800E-CN").tls_context(verify=False).ready()


def test_a_setting_that_is_shown_in_place_of_being_made_is_no_success():
    dialogue = [step for step in written(0) if b"ignore" not in step[0]]
    at = [b"seclevel" in step[0] for step in dialogue].index(True)
    shown = b'\r\n+QSSLCFG: "seclevel",1,0\r\n' + OK  # it has read "seclevel",01
    other = (dialogue[at][0].replace(b"seclevel", b"secllevel"), shown)
    port = ScriptedPort([CLOCK] + dialogue[:at] + [(dialogue[at][0], shown), other, (b"AT+QSSLCLOSE=0\r", OK)])
    modem = ready(port, "ec200u")
    with raises(CommandError, "shown"):
        modem.create_connection(("srv", 8883), tls=modem.tls_context(ca="UFS:ca.pem"))
    assert b"QSSLOPEN" not in port.sent
