"""status(), scan(), psm(), edrx() on scripted modules of both vendors. On both Pythons."""

from modem import CommandError, ModemTimeout, ProtocolError
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ready

QENG = b'+QENG: "servingcell","NOCONN","LTE","FDD",460,00,5F1EA15,12,1650,3,5,5,DE10,-100,-9,-70,17,22'
QENG_GSM = b'+QENG: "servingcell","NOCONN","GSM",262,01,5504,2BF7,23,21,0,-61,0,0,-,-,-'
QENG_DUAL = (
    b'+QENG: "servingcell","NOCONN"\r\n+QENG: "LTE","TDD",262,03,1C,1,1300,38,5,5,12,-90,-8,-60,20,1\r\n+QENG: "NR5G-NSA",262,03'
)
CPSI = b"+CPSI: LTE,Online,460-11,0x230A,175499523,318,EUTRAN-BAND3,1650,5,5,21,60,46,38"
CPSI_TENTHS = b"+CPSI: LTE,Online,262-01,0x230A,175499523,318,EUTRAN-BAND20,6300,3,3,-105,-1025,-750,12"
CPSI_GSM = b"+CPSI: GSM,Online,460-00,0x182d,12401,27 EGSM 900,-64,2110,42-42"
CPSI_NONE = b"+CPSI: NO SERVICE,Online"


def _with(line, answer, model="ec200u"):
    return ready(Module({line: answer if answer == ERROR else b"\r\n" + answer + b"\r\n" + OK}), model)


def test_operator_and_technology():
    for answer, operator, technology in (
        (b'+COPS: 0,0,"Telekom.de",7', "Telekom.de", "LTE"),
        (b'+COPS: 0,2,"26201",0', "26201", "GSM"),
        (b'+COPS: 1,0,"A, (B)",8', "A, (B)", "LTE-M"),
        (b'+COPS: 0,0,"x",9', "x", "NB-IoT"),
        (b'+COPS: 0,0,"x"', "x", None),
        (b'+COPS: 0,0,"x",77', "x", None),
        (b"+COPS: 0", None, None),
        (b'+COPS: 0,0,"Verizon ",8', "Verizon", "LTE-M"),
        (b'+COPS: 0,0,"Free Free",7,1', "Free Free", "LTE"),
        (b'+COPS: 0,0,"",7', None, "LTE"),
        (b"+COPS: 0,2,26201,7", "26201", "LTE"),
        (b"+COPS: 0,0,0", "0", None),
    ):
        modem = _with(b"AT+COPS=3,0;+COPS?", answer)
        assert (modem.status("operator"), modem.status("technology")) == (operator, technology), answer
    modem = ready(Module({b"AT+COPS=3,0;+COPS?": ERROR, b"AT+COPS?": b'\r\n+COPS: 0,0,"x",3\r\n' + OK}), "a76xx")
    assert (modem.status("operator"), modem.status("technology")) == ("x", "EDGE")


def test_signal_by_the_general_command():
    for answer, rsrp, rsrq in (
        (b"+CESQ: 99,99,255,255,20,46", -95, -10.0),
        (b"+CESQ: 99,99,255,255,0,0", -141, -20.0),
        (b"+CESQ: 99,99,255,255,34,97", -44, -3.0),
        (b"+CESQ: 20,0,255,255,255,255", None, None),
        (b"+CESQ: 20,0", None, None),
        (b"+CESQ: 99, 99, 255, 255, 26, 64, 255, 255, 255", -77, -7.0),
    ):
        modem = ready(Module({b"AT+CESQ": b"\r\n" + answer + b"\r\n" + OK, b"AT+QCSQ": ERROR}), "ec200u")
        assert (modem.status("rsrp"), modem.status("rsrq")) == (rsrp, rsrq), answer
    assert modem.status("rssi") == -57 and modem.status("registration") == [1, 1, 1]


def test_quectel_cells():
    line = b'AT+QENG="servingcell"'
    assert _with(line, QENG).status("cell") == ("46000", 0xDE10, 0x5F1EA15)
    assert _with(line, QENG_GSM).status("cell") == ("26201", 0x5504, 0x2BF7)
    assert _with(line, QENG_DUAL).status("cell") == ("26203", 0x12, 0x1C)
    for answer, cell in (  # lines that users of such modules have shown
        (
            b'+QENG: "servingcell","CONECT","LTE","FDD",228,02,1CA6B8E,64,522,1,4,4,B3B3,-105,-7,-80,3,7,17,20',
            ("22802", 0xB3B3, 0x1CA6B8E),
        ),
        (
            b'+QENG: "servingcell","NOCONN","LTE","FDD",302,610,844D92A,248,900,2,5,5,D6E7,-89,-8,-61,17,38',
            ("302610", 0xD6E7, 0x844D92A),
        ),
        (
            b'+QENG: "servingcell","NOCONN","CAT-M","FDD",302,220,2E08C0C,201,2000,4,3,3,2C6A,-99,-13,-67,14,27',
            ("302220", 0x2C6A, 0x2E08C0C),
        ),
        (
            b'+QENG: "servingcell","NOCONN","eMTC","FDD",204,8,1A2B3C,300,6400,20,3,3,1F,-110,-12,-80,11,-',
            ("20408", 0x1F, 0x1A2B3C),
        ),
        (b'+QENG: "servingcell","LIMSRV","WCDMA",404,45,2B1F,1AE22,10663,128,1,-93,-6,-,-,-,-,-', ("40445", 0x2B1F, 0x1AE22)),
        (
            b'+QENG: "servingcell","NOCONN","LTE","TDD",460,0,321AC,12,39148,40,5,5,16A3B,-93,-8,-65,14',
            ("46000", 0x16A3B, 0x321AC),
        ),
        (b'+QENG: "servingcell","NOCONN","LTE","FDD",-,-,-,-,-,-,-,-,-,-', None),
    ):
        assert _with(line, answer).status("cell") == cell, answer
    for answer in (
        b'+QENG: "servingcell","SEARCH"',
        b'+QENG: "servingcell","LIMSRV"',
        QENG.replace(b"DE10", b"-"),
        ERROR,
        b'+QENG: "servingcell","NOCONN","LTE","FDD",460',
    ):
        assert _with(line, answer).status("cell") is None, answer
    for answer, band in (
        (b'+QNWINFO: "FDD LTE","46011","LTE BAND 3",1825', "B3"),
        (b'+QNWINFO: "EDGE","46001","GSM 1800",653', "GSM 1800"),
        (b'+QNWINFO: "eMTC","20408","LTE BAND 20",6400', "B20"),
        (b'+QNWINFO: "HSPA+","40445","WCDMA 2100",10663', "WCDMA 2100"),
        (b'+QNWINFO: "","","",', None),
        (b'+QNWINFO: "NONE"', None),
        (b"+QNWINFO: No Service", None),
        (ERROR, None),
    ):
        assert _with(b"AT+QNWINFO", answer).status("band") == band


def test_quectel_levels():
    for answer, levels in (
        (b'+QCSQ: "LTE",-61,-95,175,-10', (-95, -10, 15.0)),
        (b'+QCSQ: "CAT-M1",-52,-81,0,-11', (-81, -11, -20.0)),
        (b'+QCSQ: "eMTC",-84,-91,165,-6', (-91, -6, 13.0)),
        (b'+QCSQ: "CAT-M1",-62,-92,93,-14', (-92, -14, 93 / 5 - 20)),
        (b'+QCSQ: "LTE",-84,-91,255,-6', (-91, -6, None)),
        (b'+QCSQ: "GSM",-61', (None, None, None)),
        (b'+QCSQ: "WCDMA",-61,-75,-6', (None, None, None)),
        (b'+QCSQ: "NOSERVICE"', (None, None, None)),
        (b'+QCSQ: "LTE",-,-,-,-', (None, None, None)),
    ):
        modem = ready(Module({b"AT+CESQ": ERROR, b"AT+QCSQ": b"\r\n" + answer + b"\r\n" + OK}), "bg96")
        assert (modem.status("rsrp"), modem.status("rsrq"), modem.status("sinr")) == levels, answer


def test_simcom_cells_and_levels():
    for answer, want in (
        (CPSI, (("46011", 0x230A, 175499523), "B3", -81, -9.5, 18)),
        (CPSI_TENTHS, (("26201", 0x230A, 175499523), "B20", -102.5, -10.5, 12)),
        (CPSI.replace(b"46,38", b"255,255"), (("46011", 0x230A, 175499523), "B3", -81, -9.5, None)),
        (CPSI_TENTHS.replace(b",12", b",-32768"), (("26201", 0x230A, 175499523), "B20", -102.5, -10.5, None)),
        (CPSI_GSM, (("46000", 0x182D, 12401), "27 EGSM 900", None, None, None)),
        (CPSI_NONE, (None, None, None, None, None)),
        (  # lines that users of such modules have shown
            b"+CPSI: LTE,Online,250-20,0x4D07,200468759,468,EUTRAN-BAND7,3400,3,3,-69,-900,-661,20",
            (("25020", 0x4D07, 200468759), "B7", -90.0, -6.9, 20),
        ),
        (
            b"+CPSI: LTE CAT-M1,Online,240-07,0x2AFE,34564631,149,EUTRAN-BAND20,6400,3,3,-12,-81,-52,10",
            (("24007", 0x2AFE, 34564631), "B20", -81, -12, 10),
        ),
        (
            b"+CPSI: WCDMA,Online,505-01,0x0152,14302219,WCDMA 850,214,4436,0,12.5,83,23,36,500",
            (("50501", 0x152, 14302219), "WCDMA 850", None, None, None),
        ),
        (b"+CPSI: GSM,Online,460-00,0182,12401,27 EGSM 900", (("46000", 0x182, 12401), "27 EGSM 900", None, None, None)),
        (b"+CPSI: LTE,Online", (None, None, None, None, None)),
        (CPSI.replace(b"0x230A", b"-"), (None, "B3", -81, -9.5, 18)),
        (ERROR, (None, None, None, None, None)),
    ):
        answer = answer if answer == ERROR else b"\r\n" + answer + b"\r\n" + OK
        modem = ready(Module({b"AT+CESQ": ERROR, b"AT+CPSI?": answer}), "sim7100")
        assert tuple([modem.status(name) for name in ("cell", "band", "rsrp", "rsrq", "sinr")]) == want, answer


def test_an_unknown_name_is_refused_before_anything_is_sent():
    modem = ready(Module(), "ec200u")
    with raises(ValueError, "rsrp"):
        modem.status("power")
    assert modem.status() == "connected" and not modem.module.port.lines


SCAN = (
    b'\r\n+COPS: (2,"Telekom.de","TDG","26201",7),(1,"O2 (DE)","O2","26203",7),(3,"Vodafone","Voda","26202",0),'
    b'(0,,,"26298",9),(1,"x","","26299"),,(0-4),(0-2)\r\n'
)
FOUND = [
    ("Telekom.de", "26201", "LTE", "current"), ("O2 (DE)", "26203", "LTE", "available"), ("Vodafone", "26202", "GSM", "forbidden"),
    ("26298", "26298", "NB-IoT", "unknown"), ("x", "26299", "", "available"),
]  # fmt: skip


def test_a_search_reports_its_progress_and_its_networks():
    port = Module({b"AT+COPS=?": [(61500, SCAN), (0, OK)]})
    modem = ready(port, "ec200u")
    seconds = []
    assert modem.scan(progress=seconds.append) == FOUND
    assert seconds == list(range(1, 62))
    assert modem.scan() == FOUND


def test_networks_on_a_line_each_and_without_names():
    port = Module(
        {
            b"AT+COPS=?": b'\r\n+COPS: (1,"CMCC","CMCC","46000",7)\r\n+COPS: (2,"","CT","46011",7),(1,"AT&T","AT&T","310410",7)\r\n'
            + OK
        }
    )
    assert ready(port, "a76xx").scan() == [
        ("CMCC", "46000", "LTE", "available"),
        ("CT", "46011", "LTE", "current"),
        ("AT&T", "310410", "LTE", "available"),
    ]
    for empty in (b"\r\n+COPS: ,,(0-4),(0-2)\r\n", b"\r\n+COPS: \r\n"):
        assert ready(Module({b"AT+COPS=?": empty + OK}), "ec200u").scan() == []


def test_an_answer_longer_than_any_other_line():
    rows = [b'(1,"Network number %d","Net %d","%05d",7)' % (n, n, n) for n in range(24)]
    answer = b"\r\n+COPS: " + b",".join(rows) + b",,(0-4),(0-2)\r\n"
    assert len(answer) > 900
    for cuts in (0, 1, {300, 900}):
        port = Module({b"AT+COPS=?": answer + OK})
        port.cuts = cuts
        modem = ready(port, "a76xx")
        found = modem.scan()
        assert len(found) == 24 and found[23] == ("Network number 23", "00023", "LTE", "available")
        port.later(0, b"\r\n" + b"x" * 600 + b"\r\n")  # other lines have their limit again
        modem.poll(100)
        assert modem.module.engine.parser.overruns == 1
    port = Module({b"AT+COPS=?": b"\r\n+COPS: " + b",".join(rows * 3) + b"\r\n" + OK})
    with raises(ProtocolError, "AT+COPS=?"):
        ready(port, "a76xx").scan()


def test_a_search_that_fails_or_takes_too_long():
    with raises(CommandError):
        ready(Module({b"AT+COPS=?": ERROR}), "ec200u").scan()
    with raises(ProtocolError):
        ready(Module({b"AT+COPS=?": OK}), "ec200u").scan()
    port = Module({b"AT+COPS=?": [(61500, SCAN), (0, OK)]})
    modem = ready(port, "ec200u")
    with raises(ModemTimeout, "AT+COPS=?"):
        modem.scan(timeout_ms=5000)
    assert port.now == 5000
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and port.now >= 61500, "its late answer is consumed"

    def stop(seconds):
        raise RuntimeError("enough")

    with raises(RuntimeError, "enough"):
        modem.scan(stop)
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    with raises(TypeError, "progress"):
        modem.scan(progress=3)


def test_power_saving_mode():
    port = Module({b"AT+CPSMS?": b'\r\n+CPSMS: 1,,,"01000011","00100001"\r\n' + OK})
    modem = ready(port, "bg96")
    assert modem.psm() == (True, 60, 108000)
    for asked, line, got in (
        ((60, 86400), b'AT+CPSMS=1,,,"00111000","00011110"', (True, 60, 86400)),
        ((0, 0), b'AT+CPSMS=1,,,"01100000","00000000"', (True, 0, 0)),
        ((63, 63), b'AT+CPSMS=1,,,"10000011","00100010"', (True, 120, 90)),
        ((11160, 35712000), b'AT+CPSMS=1,,,"11011111","01011111"', (True, 11160, 35712000)),
    ):
        assert modem.psm(True, *asked) == got, asked
        assert port.lines[-1] == line, port.lines[-1]
    assert modem.psm(False) == (False, 0, 0) and port.lines[-1] == b"AT+CPSMS=0"
    for answer, got in (
        (b"+CPSMS: 0", (False, 0, 0)),
        (b"+CPSMS: 1,,,00111000,00011110", (True, 60, 86400)),  # without quotes
        (b'+CPSMS: 1,,,"11100000","11100001"', (True, 0, 0)),  # off
        (b'+CPSMS: 1,"","","",""', (True, 0, 0)),
    ):
        port.table[b"AT+CPSMS?"] = b"\r\n" + answer + b"\r\n" + OK
        assert modem.psm() == got, answer
    for wrong in ((11161, 0), (0, 35712001), (-1, 0)):
        with raises(ValueError, "_s"):
            modem.psm(True, *wrong)
    port.table[b"AT+CPSMS?"] = OK
    with raises(ProtocolError):
        modem.psm()
    port.table[b"AT+CPSMS=0"] = ERROR
    with raises(CommandError):
        modem.psm(False)


def test_discontinuous_reception():
    port = Module({b"AT+CEDRXS?": b'\r\n+CEDRXS: 4,"0101"\r\n+CEDRXS: 5,"1111"\r\n' + OK})
    modem = ready(port, "bg96")
    assert (modem.edrx(), modem.edrx(nb_iot=True)) == (81.92, 10485.76)
    for answer, got in (
        (b'+CEDRXS: 1,4,"0101"', 81.92),  # as the EC200 series writes it
        (b'+CEDRXS: 2,5,"0101"', 0),
        (b'+CEDRXS: 4,"0101","0101","0011"', 81.92),
        (b"+CEDRXS: ", 0),
        (b"+CEDRXS: 0", 0),
    ):
        other = ready(Module({b"AT+CEDRXS?": b"\r\n" + answer + b"\r\n" + OK}), "ec200u")
        assert other.edrx() == got, answer
    for asked, nb_iot, line, got in (
        (5.12, False, b'AT+CEDRXS=1,4,"0000"', 5.12),
        (60, False, b'AT+CEDRXS=1,4,"0011"', 40.96),
        (1e6, False, b'AT+CEDRXS=1,4,"1111"', 10485.76),
        (30, True, b'AT+CEDRXS=1,5,"0010"', 20.48),
        (0, False, b"AT+CEDRXS=0,4", 0),
    ):
        assert modem.edrx(asked, nb_iot) == got and port.lines[-1] == line, (asked, port.lines[-1])
    sent = len(port.lines)
    for wrong in (5, -1):
        with raises(ValueError, "5.12"):
            modem.edrx(wrong)
    assert len(port.lines) == sent
    port.table[b"AT+CEDRXS?"] = OK
    assert modem.edrx() == 0
