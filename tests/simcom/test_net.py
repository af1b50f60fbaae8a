"""Names, ping, time, options and states on A76XX. Scripted, on both Pythons."""

from modem import CommandError, ModemError, ModemTimeout, NotSupported
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready
from tests.rigs.transcripts import transcript

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
URC = b"\r\n+CIPRXGET: 1,7\r\n"


def modem_for(dialogue):
    return ready(ScriptedPort(dialogue), "a76xx")


def test_a_name_is_resolved():
    example = transcript("GK-CDNSGIP")
    dialogue = [(example.host(), example.modem())]
    want = (["93.184.216.34"], 0)
    check("S-403", modem_for(dialogue).resolve("www.example.com"), want)
    feed_all_ways(dialogue, lambda m: m.resolve("www.example.com"), want, urc=URC, model="a76xx", step=3)
    several = b'\r\n+CDNSGIP: 1,"a.b","10.0.0.1"\r\n+CDNSGIP: 1,"a.b","10.0.0.2"\r\n' + OK
    assert modem_for([(b'AT+CDNSGIP="a.b"\r', several)]).resolve("a.b")[0] == ["10.0.0.1", "10.0.0.2"]
    failed = transcript("GK-CDNSGIP-FAIL")
    modem = modem_for([(failed.host(), failed.modem())])
    with raises(CommandError, "DNS error") as error:
        modem.resolve("no.such.host")
    assert (error.value.code, error.value.lines) == (10, [b"+CDNSGIP: 0,10"])
    with raises(ValueError):
        modem.resolve("x" * 255)


def test_a_ping_goes_on_to_its_summary():
    line = b'AT+CPING="www.example.com",1,4,64,1000,10000,255\r'
    lines = [(0, OK), (500, b"\r\n+CPING: 1,93.184.216.34,64,42,52\r\n"), (9000, b"\r\n+CPING: 2\r\n")]
    lines += [
        (20000, b"\r\n+CPING: 1,93.184.216.34,64,40,52\r\n"),
        (21000, b"\r\n+CPING: 2\r\n"),
        (22000, b"\r\n+CPING: 3,4,2,2,40,42,41\r\n"),
    ]
    modem = modem_for([(line, lines)])
    summary, replies = modem.ping("www.example.com")
    check("S-430", summary, (4, 2, 2, 40, 42, 41))
    check("S-431", [r and r[2] for r in replies], [42, None, 40, None])
    example = transcript("GK-CPING")
    modem = modem_for([(example.host(), example.modem())])
    assert modem.ping("www.example.com") == ((4, 0, 4, 0, 0, 0), [None] * 4)
    for bad in ((6, 4), (0, 4), (4, 0), (4, 101)):
        with raises(ValueError):
            modem.ping("h", *bad)
    silent = modem_for([(b'AT+CPING="h",1,1,64,1000,10000,255\r', OK)])
    with raises(ModemTimeout, "no result"):
        silent.ping("h", 1)


def test_the_time_is_fetched_and_read_from_the_clock():
    steps = [
        (b'AT+CNTP="pool.ntp.org",0\r', OK),
        (b"AT+CNTP\r", [(0, OK), (3000, b"\r\n+CNTP: 0\r\n")]),
        (b"AT+CCLK?\r", b'\r\n+CCLK: "26/11/21,12:01:02+00"\r\n' + OK),
    ]
    modem = modem_for(steps)
    check("S-432", modem.sync_time("pool.ntp.org"), (2026, 11, 21, 12, 1, 2, 0))
    modem = modem_for([steps[0], (b"AT+CNTP\r", OK + b"\r\n+CNTP: 6\r\n")])
    with raises(CommandError, "time out") as error:
        modem.sync_time("pool.ntp.org")
    assert (error.value.code, error.value.family) == (6, "simcom-ntp")
    for options in ({"port": 124}, {"set_clock": False}):
        with raises(NotSupported):
            modem.sync_time("pool.ntp.org", **options)


def test_name_servers_without_prefix():
    shown = b"\r\nPrimary IPv4 DNS: 8.8.8.8,Secondary IPv4 DNS: 8.8.4.4\r\nPrimary IPv6 DNS: ::,Secondary IPv6 DNS: ::\r\n" + OK
    modem = modem_for([(b"AT+CDNSCFG=8.8.8.8,8.8.4.4\r", OK), (b"AT+CDNSCFG?\r", shown)])
    check("S-405", modem.dns("8.8.8.8", "8.8.4.4"), ("8.8.8.8", "8.8.4.4"))
    modem = modem_for([(b"AT+CDNSCFG?\r", ERROR)])
    check("S-401", modem.dns(), ())
    with raises(ValueError):
        modem.dns("dns.example.com")


def test_options_have_their_ranges():
    modem = modem_for(
        [(b"AT+CIPTIMEOUT=3000,3000,3000\r", OK), (b"AT+CIPTIMEOUT?\r", b"\r\n+CIPTIMEOUT: 3000,3000,3000\r\n" + OK)]
    )
    modem.configure("ciptimeout", 3000, 3000, 3000)
    check("S-396", modem.configure("ciptimeout"), (3000, 3000, 3000))
    modem = modem_for([(b"AT+CIPSENDMODE=1\r", OK), (b"AT+CIPSENDMODE?\r", b"\r\n+CIPSENDMODE: 1\r\n" + OK)])
    modem.configure("cipsendmode", 1)
    check("S-394", modem.configure("CIPSENDMODE"), (1,))
    modem = modem_for(
        [
            (b"AT+CIPCCFG=5\r", OK),
            (b"AT+CIPCCFG=,,,,,,700\r", OK),
            (b"AT+CIPCCFG?\r", b"\r\n+CIPCCFG: 5,0,0,0,1,0,700,1\r\n" + OK),
        ]
    )
    modem.configure("cipccfg/nmretry", 5)
    modem.configure("cipccfg/timeoutval", 700)
    check("S-398", modem.configure("cipccfg/timeoutval"), (700,))
    modem = modem_for([(b"AT+CTCPKA=1,2,5,1\r", OK), (b"AT+CTCPKA?\r", b"\r\n+CTCPKA: 1,2,5,1\r\n" + OK)])
    modem.configure("ctcpka", 1, 2, 5, 1)
    check("S-404", modem.configure("ctcpka"), (1, 2, 5, 1))
    modem = modem_for([(b"AT+CIPHEAD?\r", b"\r\n+CIPHEAD: 1\r\n" + OK), (b"AT+CIPSRIP?\r", b"\r\n+CIPSRIP: 1\r\n" + OK)])
    check("S-389", modem.configure("ciphead"), (1,))
    check("S-391", modem.configure("cipsrip"), (1,))
    for bad in (("ciphead", 0), ("cipsrip", 0), ("cipmode", 1), ("ciprxget", 0), ("ciptimeout", 2999, 3000, 3000), ("cipsendmode", 2),
                ("ctcpka", 1), ("nothing", 1), ("cipccfg", 1)):  # fmt: skip
        with raises(ValueError):
            modem.configure(*bad)
    shown = b'\r\n+CIPCFG: "transwaittm",250\r\n+CIPCFG: "DATAECHO",OFF\r\n\r\nOK\r\n'
    modem = modem_for([(b'AT+CIPCFG="transwaittm",250\r', OK), (b"AT+CIPCFG?\r", shown), (b"AT+CIPCFG?\r", shown)])
    modem.configure("cipcfg/transwaittm", 250)
    assert modem.configure("cipcfg/transwaittm") == (250,) and modem.configure("cipcfg/dataecho") == ("DATAECHO", "OFF")
    for bad in (4, 1001):
        with raises(ValueError, "collecting time"):
            modem.configure("cipcfg/transwaittm", bad)
    with raises(ValueError, "belongs to the driver"):
        modem.configure("cipcfg/dataecho", "ON")
    modem = modem_for([(b"AT+CTCPKA=0,1,1,1\r", ERROR)])
    with raises(CommandError):
        modem.configure("ctcpka", 0, 1, 1, 1)
    assert modem.isconnected()


def test_what_needs_the_network_is_refused_without_it():
    modem = ready(ScriptedPort([]), "a76xx", connected=False)
    for call in (lambda: modem.resolve("h"), lambda: modem.ping("h"), lambda: modem.sync_time("h")):
        with raises(ModemError, "not connected"):
            call()


START = [
    (b"AT\r", OK), (b"AT+CMEE?\r", b"\r\n+CMEE: 0\r\n" + OK),
    (b"ATE0+CMEE=1;+CMEE?\r", b"ATE0+CMEE=1;+CMEE?\r\r\n+CMEE: 1\r\n" + OK), (b"AT+CGMI;+CGMM;+CGMR;+CGSN\r", ERROR),
    (b"AT+CGMI\r", b"\r\nSIMCOM INCORPORATED\r\n" + OK), (b"AT+CGMM\r", b"\r\nSMS DONE\r\n\r\nA7670E-LASE\r\n" + OK),
    (b"AT+CGMR\r", b"\r\n+CGMR: A011B07A7670M7\r\n" + OK), (b"AT+CGSN\r", b"\r\n861234567890123\r\n" + OK),
]  # fmt: skip
PINS = (
    b"AT+CSCLK=0;+CIPSENDMODE=0;+CIPHEAD=1;+CIPSRIP=1;+CIPRXGET=1;+CIPCCFG=10,0,0,0,1,0,500,1;+CIPCCFG?"
    b';+CMGF=0;+CNMI=2,1,0,0,0;+CIPCCFG?;+CIPCFG="DATAECHO",OFF\r'
)
SHOWN = b"\r\n+CIPCCFG: 10,0,0,0,1,0,500,1\r\n"
TWICE = SHOWN * 2
SINGLE = [
    (PINS, ERROR), (b"AT+CSCLK=0\r", OK), (b"AT+CIPSENDMODE=0\r", OK), (b"AT+CIPHEAD=1\r", OK), (b"AT+CIPSRIP=1\r", OK),
    (b"AT+CIPRXGET=1\r", OK), (b"AT+CMGF=0;+CNMI=2,1,0,0,0\r", b"\r\n+CMS ERROR: 310\r\n"), (b'AT+CIPCFG="DATAECHO",OFF\r', ERROR),
]  # fmt: skip
CLEAN = [(b"AT+NETOPEN?;+CIPMODE?;+CCHOPEN?\r", b"\r\n+NETOPEN: 0\r\n\r\n+CIPMODE: 0\r\n" + ERROR)]


def _started(dialogue, **options):
    from modem import Modem

    port = ScriptedPort(dialogue)
    modem = Modem(port)
    modem.start(**options)
    port.done()
    return modem, port


def test_the_module_is_found_and_told_how_to_talk():
    newest = [(PINS, TWICE + OK)]
    newer = [(PINS, TWICE + ERROR)]  # without the last command of the line: what comes before the error shows it
    no_card = [(PINS, SHOWN + b"\r\n+CMS ERROR: 310\r\n"), (b'AT+CIPCFG="DATAECHO",OFF\r', OK)]
    single = SINGLE + [(b"AT+CIPCCFG=10,0,0,0,1,0,500,1\r", OK), (b"AT+CIPCCFG?\r", SHOWN + OK)]
    old = SINGLE + [(b"AT+CIPCCFG=10,0,0,0,1,0,500,1\r", ERROR), (b"AT+CIPCCFG=10,0,0,0,1,0,500\r", ERROR)]
    for pins, named in ((newest, True), (newer, True), (no_card, True), (single, True), (old, False)):
        modem, port = _started(START + pins + CLEAN)
        check("S-248", (modem.module.dialect.model, modem.config("model")), ("a76xx", "A7670E-LASE"))
        assert modem.module.dialect.link_headers == named and modem.config("imei") == "861234567890123"
        assert len(modem.module.marks) == 1 + named


def test_a_start_takes_few_command_lines():
    who = b"\r\nSIMCOM INCORPORATED\r\n\r\nA7670E-LASE\r\n\r\n+CGMR: A011B07A7670M7\r\n\r\n861234567890123\r\n"
    modem, port = _started(START[:3] + [(START[3][0], who + OK), (PINS, TWICE + OK)] + CLEAN)
    assert port.sent.count(b"\r") == 6 and modem.config("revision") == "A011B07A7670M7"


def test_what_an_earlier_program_left_open_is_closed():
    close = (b"AT+NETCLOSE\r", OK + b"\r\n+CIPCLOSE: 3,0\r\n\r\n+NETCLOSE: 0\r\n")
    modes = CLEAN[0][0]
    used = b"AT+CIPCLOSE?;+SERVERSTART?\r"
    is_open = (modes, b"\r\n+NETOPEN: 1\r\n\r\n+CIPMODE: 0\r\n" + ERROR)
    flags = b"\r\n+CIPCLOSE: 0,0,0,%d,0,0,0,0,0,0\r\n"
    start = START + [(PINS, TWICE + OK)]
    _started(start + [is_open, (used, flags % 0 + OK)])  # nothing is in use
    for left in (flags % 1 + OK, flags % 0 + b"\r\n+SERVERSTART: 0,80\r\n" + OK, ERROR):
        _started(start + [is_open, (used, left), close])
    _started(start + [(modes, b"\r\n+NETOPEN: 1\r\n\r\n+CIPMODE: 1\r\n" + ERROR), close])
    sessions = b'\r\n+NETOPEN: 0\r\n\r\n+CIPMODE: 0\r\n\r\n+CCHOPEN: 0,"",,,\r\n\r\n+CCHOPEN: 1,"%s",443,2,\r\n' + OK
    _started(start + [(modes, sessions % b"")])
    _started(start + [(modes, sessions % b"srv"), (b"AT+CCHSTOP\r", OK + b"\r\n+CCHSTOP: 0\r\n")])


def test_a_rate_that_was_searched_for_is_kept_by_the_module():
    silent = [(b"AT\r", b"")] * 2
    asked = (b"AT+IPR?\r", b"\r\n+IPR: 0\r\n" + OK)
    write = (b"AT+IPR=115200&W\r", OK)
    modem, port = _started(silent + START + [(PINS, TWICE + OK), asked, write] + CLEAN, rates=[9600, 115200])
    check("S-249", port.rates, [9600, 115200])
    asked = (b"AT+IPR?\r", b"\r\n+IPR: 115200\r\n" + OK)  # its flash is written to once, not by every start
    _started(silent + START + [(PINS, TWICE + OK), asked] + CLEAN, rates=[9600, 115200])


def test_a_restart_that_no_line_tells_of_is_noticed_by_the_configuration():
    modem = modem_for([(b'AT+CIPOPEN=0,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n")])
    modem.module.marks = [(b"+CMEE?", b"+CMEE:", b"+CMEE: 1"), (b"+CIPCCFG?", b"+CIPCCFG:", b"+CIPCCFG: 10,0,0,0,1,0,500,1")]
    modem.create_connection(("h", 80))
    port = modem.module.port
    for shown, up in ((b"10,0,0,0,1,0,500,1", True), (b"10,0,0,1,0,0,500,0", False)):
        port.dialogue = [
            (b"AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 2\r\n" + OK),
            (b"AT+CIPCCFG?\r", b"\r\n+CIPCCFG: " + shown + b"\r\n" + OK),
            (b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n" + OK),
        ]
        modem.module.engine.desync = True
        modem.status("rssi")
        assert modem.isconnected() == up


def test_a_restart_in_mid_session_ends_everything():
    modem = modem_for([(b'AT+CIPOPEN=0,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n")])
    s = modem.create_connection(("h", 80))
    modem.module.port.dialogue = [(b"AT+CIPRXGET=2,0,1500\r", b"\r\n*ATREADY: 1\r\n\r\n+CPIN: READY\r\n")]
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    with raises(ModemError, "restarted"):
        s.recv(10)
    modem.poll()
    assert events[0] == "reboot" and not modem.isconnected() and modem.module.dialect.cch is None
    s.close()
