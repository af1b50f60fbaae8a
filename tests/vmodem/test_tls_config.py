# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""AT+QSSLCFG and the test forms of the SSL commands on the virtual EC200U, EG915U and BG96."""

from tests.conformance import check
from tests.rigs.tls_network import TlsRig
from tests.rigs.virtual_modem import ERROR, OK, Rig

MODELS = ("ec200u", "eg915u", "bg96")
COMMON = ("sslversion", "ciphersuite", "cacert", "clientcert", "clientkey", "ignorelocaltime", "negotiatetime")
LATER = ("cacertex", "sni", "ignoremulticertchainverify", "ignoreinvalidcertsign", "dtls", "ignorecertitem")
ORDER = (
    "sslversion", "ciphersuite", "cacert", "cacertex", "clientcert", "clientkey", "secllevel", "ignorelocaltime", "negotiatetime",
    "sni", "ignoremulticertchainverify", "ignoreinvalidcertsign", "dtls", "ignorecertitem",
)  # fmt: skip
BG96_SUITES = "0X0035,0X002F,0X0005,0X0004,0X000A,0X003D,0XC011,0XC012,0XC013,0XC014,0XC027,0XC028,0XC02F"
EC200U_SUITES = (
    "0X0035,0X002F,0X0005,0X0004,0X000A,0X003D,0XC002,0XC003,0XC004,0XC005,0XC007,0XC008,0XC009,0XC00A,0XC00C,0XC00D,0XC00E,0XC00F,"
    "0XC011,0XC012,0XC013,0XC014,0XC023,0XC024,0XC025,0XC026,0XC027,0XC028,0XC029,0XC02A,0XC02F,0XC030"
)
BG96_TEST = (
    b'\r\n+QSSLCFG: "sslversion",(0-5),(0-4)\r\n',
    b'\r\n+QSSLCFG: "ciphersuite",(0-5),(' + BG96_SUITES.encode() + b",0XFFFF)\r\n",
    b'\r\n+QSSLCFG: "cacert",(0-5),<cacertpath>\r\n',
    b'\r\n+QSSLCFG: "clientcert",(0-5),<client_cert_path>\r\n',
    b'\r\n+QSSLCFG: "clientkey",(0-5),<client_key_path>\r\n',
    b'\r\n+QSSLCFG: "seclevel",(0-5),(0-2)\r\n',
    b'\r\n+QSSLCFG: "ignorelocaltime",(0-5),(0,1)\r\n',
    b'\r\n+QSSLCFG: "negotiatetime",(0-5),(10-300)\r\n',
)


def value(rig, item, context=1):
    """The value part of the answer to a query; ERROR as it is."""
    got = rig.command('AT+QSSLCFG="%s",%d' % (item, context))
    start = b'\r\n+QSSLCFG: "%s",%d,' % (item.encode(), context)
    if not got.startswith(start):
        return got
    assert got.endswith(b"\r\n" + OK), got
    return got[len(start) : -len(b"\r\n" + OK)].decode()


def put(rig, item, text, context=1):
    return rig.command('AT+QSSLCFG="%s",%d,%s' % (item, context, text))


def accepts(rig, item, good, bad):
    """Whether every good value is taken and read back, and every bad one refused without effect."""
    for text in good:
        if put(rig, item, text) != OK or value(rig, item) != str(text):
            return "refused %s" % text
    for text in bad:
        before = value(rig, item)
        if put(rig, item, text) != ERROR or rig.error() != 552 or value(rig, item) != before:
            return "took %s" % text
    return True


def test_qsslcfg_when_tested_for():
    check("Q-281", Rig("bg96").command("AT+QSSLCFG=?"), b"".join(BG96_TEST) + OK)
    lines = Rig("ec200u").command("AT+QSSLCFG=?").split(b"\r\n\r\n")
    check("Q-282", [line.split(b'"')[1].decode() for line in lines[:-1]] + [lines[-1]], [*ORDER, b"OK\r\n"])
    assert lines[1].split(b"(")[2] == EC200U_SUITES.encode() + b",0XFFFF)"
    assert Rig("eg915u").command("AT+QSSLCFG=?").split(b"\r\n\r\n") == lines


def test_qsslcfg_when_every_item_is_set_and_read():
    texts = {"ciphersuite": "0X0035", "cacert": '"a.pem"', "clientcert": '"b.pem"', "clientkey": '"c.pem"', "negotiatetime": "60"}
    for model in MODELS:
        rig = Rig(model)
        items = (*COMMON, "seclevel") if model == "bg96" else ORDER
        initial = {item: value(rig, item) for item in items}
        want = {item: initial[item] for item in items}
        want.update(dict.fromkeys(items, "0"), ciphersuite="0XFFFF", cacert='""', clientcert='""', clientkey='""')
        want.update(sslversion="4", ignorelocaltime="1", negotiatetime="300")
        if model != "bg96":
            want["cacertex"] = '""'
        check("Q-283", initial, want)
        texts["cacertex"] = '"d.pem"'
        new = {item: texts.get(item, "1") for item in items}
        assert [put(rig, item, new[item]) for item in items] == [OK] * len(items)
        check("Q-284", {item: value(rig, item) for item in items}, new)


def test_qsslcfg_when_contexts_differ():
    for model in MODELS:
        rig = Rig(model)
        for context in range(6):
            assert put(rig, "sslversion", context % 5, context) == OK
        got = [value(rig, "sslversion", context) for context in range(6)]
        check("Q-285", (got, put(rig, "sslversion", 1, 6)), (["0", "1", "2", "3", "4", "0"], ERROR))
        assert rig.error() == 552


def test_qsslcfg_when_numbers_are_at_their_limits():
    for model in MODELS:
        rig = Rig(model)
        check("Q-286", accepts(rig, "sslversion", range(5), (5, '"1"')), True)
        check("Q-299", accepts(rig, "ignorelocaltime", (0, 1), (2,)), True)
        check("Q-300", (value(rig, "negotiatetime"), accepts(rig, "negotiatetime", (10, 300), (9, 301))), ("300", True))
        if model != "bg96":
            flags = [accepts(rig, item, (1, 0), (2,)) for item in LATER[1:5]]
            check("Q-301", flags, [True] * 4)
            bits = (0, 1, 4, 8, 256, 2048, 4096, 8192, 32768, 65536, 1 + 4 + 8, 2048 + 65536, 1048575)
            check("Q-302", accepts(rig, "ignorecertitem", bits, (1048576,)), True)


def test_ciphersuite_when_codes_are_given():
    for model, suites, item in (
        ("bg96", BG96_SUITES, "Q-287"),
        ("ec200u", EC200U_SUITES, "Q-288"),
        ("eg915u", EC200U_SUITES, "Q-288"),
    ):
        rig = Rig(model)
        bad = ("0X003C", "0XC02B", "0X1301", "0XO035", "53", '"0X0035"', *(("0XC030",) if model == "bg96" else ()))
        check(item, accepts(rig, "ciphersuite", (*suites.split(","), "0XFFFF"), bad), True)
        spellings = []
        for text in ("0xC02F", "0XC02F", "0xc02f", "0Xc02f"):
            assert put(rig, "ciphersuite", "0X0035") == OK
            spellings.append((put(rig, "ciphersuite", text), int(value(rig, "ciphersuite"), 16)))
        check("Q-289", spellings, [(OK, 0xC02F)] * 4)
        assert put(rig, "ciphersuite", "0xFFFFF") == OK and int(value(rig, "ciphersuite"), 16) == 0xFFFF
    check("Q-290", value(Rig("ec200u"), "ciphersuite"), "0XFFFF")


def test_paths_when_they_are_set():
    for model in MODELS:
        rig = Rig(model)
        got = [
            accepts(rig, item, ('"cacert.pem"', '"UFS:x.pem"', '""'), ("x.pem",))
            for item in ("cacert", "clientcert", "clientkey")
        ]
        check("Q-292", got, [True] * 3)


def test_paths_when_their_prefix_is_left_out():
    for model in MODELS:
        rig = TlsRig(model)
        got = []
        for path in ("ca.pem", "UFS:ca.pem", "ufs:ca.pem", "UFS:other.pem"):
            rig.verify(cacert=path)
            got.append(rig.tls_open() == 0)
            rig.command("AT+QSSLCLOSE=4")
        check("Q-293", got, [True, True, True, False])


def test_cacertex_when_queried():
    rig = Rig("ec200u")
    assert put(rig, "cacertex", '"UFS:b.pem"', 2) == OK
    lines = b"".join(
        b'\r\n+QSSLCFG: "cacertex",%d,"%s"\r\n' % (context, b"UFS:b.pem" if context == 2 else b"") for context in range(6)
    )
    check("Q-294", rig.command('AT+QSSLCFG="cacertex"'), lines + OK)
    check("Q-295", (value(rig, "cacertex", 2), value(rig, "cacertex", 1)), ('"UFS:b.pem"', '""'))
    assert rig.command('AT+QSSLCFG="cacert"') == ERROR


def test_authentication_level_when_spelled_either_way():
    check("Q-296", accepts(Rig("bg96"), "seclevel", (1, 2, 0), (3,)), True)
    both = [accepts(Rig("ec200u"), item, (1, 2, 0), (3,)) for item in ("secllevel", "seclevel")]
    check("Q-297", both, [True, True])
    rig = Rig("ec200u")
    assert put(rig, "secllevel", 2) == OK and value(rig, "seclevel") == "2", "one setting under two names"
    for only, other in (("seclevel", "secllevel"), ("secllevel", "seclevel")):
        rig = TlsRig("eg915u", quirks=["spelling=" + only])
        assert put(rig, only, 2) == OK and value(rig, only) == "2"
        assert put(rig, other, 2) == ERROR and value(rig, other) == ERROR and rig.error() == 552


def test_items_of_later_models_when_given_to_the_bg96():
    rig = Rig("bg96")
    got = [rig.command('AT+QSSLCFG="%s",1%s' % (item, text)) for item in LATER for text in ("", ",0", ',"x"')]
    check("Q-303", got, [ERROR] * 18)


def test_settings_when_the_module_restarts():
    rig = Rig("ec200u")
    for item, text in (("sslversion", "3"), ("cacert", '"a"'), ("secllevel", "2"), ("sni", "1"), ("negotiatetime", "20")):
        assert put(rig, item, text) == OK
    rig.command("AT+CFUN=1,1")
    rig.pass_time(10)
    rig.command("ATE0")
    got = [value(rig, item) for item in ("sslversion", "cacert", "secllevel", "sni", "negotiatetime")]
    check("Q-304", got, ["4", '""', "0", "0", "300"])


def test_ssl_commands_when_tested_for():
    bg96, ec200u = Rig("bg96"), Rig("ec200u")
    symbols = b",(0-5),(0-11),<serveraddr>,<server_port>[,(0-2)]\r\n"
    check("Q-307", bg96.command("AT+QSSLOPEN=?"), b"\r\n+QSSLOPEN: (1-16)" + symbols + OK)
    check("Q-308", ec200u.command("AT+QSSLOPEN=?"), b"\r\n+QSSLOPEN: (1-7)" + symbols + OK)
    for rig in (bg96, ec200u):
        check("Q-319", rig.command("AT+QSSLSEND=?"), b"\r\n+QSSLSEND: (0-11)[,(1-1460)]\r\n" + OK)
        check("Q-327", rig.command("AT+QSSLRECV=?"), b"\r\n+QSSLRECV: (0-11),(1-1500)\r\n" + OK)
        check("Q-336", rig.command("AT+QSSLCLOSE=?"), b"\r\n+QSSLCLOSE: (0-11),(0-65535)\r\n" + OK)
        check("Q-341", rig.command("AT+QSSLSTATE=?"), OK)
        assert rig.command("AT+QSSLSTATE?") == ERROR


def test_contexts_when_their_numbers_are_at_the_limit():
    for model, last, item in (("bg96", 16, "Q-036"), ("ec200u", 7, "Q-037"), ("eg915u", 7, "Q-037")):
        rig = Rig(model)
        got = [rig.command('AT+QICSGP=%d,1,"CMNET"' % number) for number in (last, last + 1)]
        check(item, (got, rig.error()), ([OK, ERROR], 552))
        assert rig.command("AT+QIACT=%d" % last) == OK and rig.command("AT+QIACT=%d" % (last + 1)) == ERROR


def test_tcp_commands_when_the_model_is_one_with_tls():
    for model in MODELS:
        rig = Rig(model).online()
        peer = rig.open(0)
        assert rig.host(b"AT+QISEND=0,4\r") + rig.host(b"test") == b"\r\n> \r\nSEND OK\r\n" and bytes(peer.received) == b"test"
        peer.send(b"back")
        assert rig.port.take() == b'\r\n+QIURC: "recv",0\r\n'
        assert rig.command("AT+QIRD=0,1500") == b"\r\n+QIRD: 4\r\nback\r\n" + OK
        assert rig.command('AT+QIOPEN=%d,1,"TCP","a",1,0,0' % (17 if model == "bg96" else 8)) == ERROR


def test_error_numbers_when_apn_or_port_are_the_matter():
    for model in MODELS:
        rig = Rig(model, faults=["need-apn"])
        assert rig.command("AT+QIACT=1") == ERROR and rig.error() == 573
        rig.command('AT+QICSGP=1,1,"CMNET"')
        rig.command("AT+QIACT=1")
        rig.net.busy_ports.add(2020)
        assert rig.command('AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020') == OK + b"\r\n+QIOPEN: 0,574\r\n"
