# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The general commands of the virtual modem: V.250 and 3GPP TS 27.007 on every model, and what the vendors add to them."""

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.models import MODELS

QUECTEL = ("ec600e", "ec800e", "ec200u", "eg915u", "bg96")
SIMCOM = ("a76xx", "sim7100")
PLAIN = """\
AT ATE0 ATV1 ATX4 ATL1 ATM0 AT&C1 AT&D0 AT&K0 AT&S0 ATS0=0 ATS7? ATI AT&V AT+GMI AT+GMM AT+GMR AT+GSN AT+GCAP AT+CLAC AT+CGMI
AT+CGMM AT+CGMR AT+CGSN AT+CGSN=1 AT+WS46? AT+IPR? AT+IFC? AT+IFC=2,2 AT+IFC=0,0 AT+ICF? AT+ILRR=0 AT+FCLASS? AT+CMEE? AT+CMEE=1
AT+CSCS? AT+CSCS="GSM" AT+CSTA? AT+CR=0 AT+CRC=0 AT+CRLP? AT+CBST? AT+CMOD=0 AT+CVHU=0 AT+CSSN? AT+CEER AT+CPAS AT+CLCC AT+CHUP
ATH AT+CLIP=0 AT+CLIR? AT+COLP? AT+CCWA? AT+CCWA=0,2,1 AT+CCFC=0,2 AT+CUSD=0 AT+CNUM AT+CPBS? AT+CPBR=1,250 AT+CIMI AT+CPIN?
AT+CPINR AT+CLCK="SC",2 AT+CRSM=176,12258,0,0,10 AT+CSIM=10,"A0A4000002" AT+CFUN? AT+CFUN=1 AT+CREG? AT+CREG=2 AT+CREG=0
AT+CGREG=1 AT+CGREG=5 AT+CEREG=4 AT+CEREG=5 AT+CEREG=0 AT+COPS? AT+COPS=3,2 AT+COPS=3,0 AT+COPS=0 AT+COPN AT+CGATT? AT+CGATT=1 AT+CSQ AT+CESQ
AT+CGDCONT? AT+CGDCONT=1,"IP","internet" AT+CGACT? AT+CGACT=1,1 AT+CGPADDR=1 AT+CGPADDR AT+CGCONTRDP AT+CGAUTH=1,0 AT+CGEREP=0
AT+CGSMS=1 AT+CEMODE? AT+CMER=0 AT+CCLK? AT+CTZU=1 AT+CTZR=1 AT+CPSMS? AT+CPSMS=0 AT+CEDRXS? AT+CEDRXS=0 AT+CEDRXRDP
AT+CSMS=0 AT+CPMS? AT+CPMS="SM" AT+CMGF=1 AT+CMGF=0 AT+CSCA? AT+CSMP? AT+CSDH=0 AT+CSCB? AT+CNMI? AT+CNMI=2,1 AT+CSAS AT+CRES
AT+CMMS? AT+CMGL AT+CMGD=0,4 AT+CCID AT+ICCID AT+CBC"""


def info(rig, line):
    """The information lines of a command that succeeds."""
    got = rig.command(line)
    got += b"" if got.endswith(OK) else rig.pass_time(10)
    assert got.endswith(OK), (line, got)
    return [each for each in got[: -len(OK)].decode("latin-1").split("\r\n") if each]


def test_general_commands_on_every_model():
    for model in MODELS:
        rig = Rig(model)
        refused = [line for line in PLAIN.split() if not rig.command(line).endswith(OK)]
        assert refused == [], model


def test_test_forms_on_every_model():
    for model in MODELS:
        rig = Rig(model)
        without = "+CIPCFG"  # refuses all its forms, unless the quirk dataecho says otherwise
        names = [name for name in rig.modem.table.names() if rig.modem.table.find(name, "test") and name != without]
        silent = [name for name in names if not (rig.command("AT%s=?" % name) + rig.pass_time(10)).endswith(OK)]
        assert silent == [] and len(names) > 100, model


def test_what_vendors_add():
    for model in QUECTEL:
        rig = Rig(model)
        for line in (
            "AT+QCCID",
            "AT+QPINC?",
            "AT+QSIMSTAT?",
            "AT+QINISTAT",
            "AT+QNWINFO",
            "AT+QCSQ",
            "AT+QSPN",
            "AT+QLTS",
            "AT+QGMR",
            "AT+EGMR=0,7",
        ):
            assert len(info(rig, line)) in (1, 2), (model, line)
        assert rig.command("AT+SPIC") == rig.command("AT+CPSI?") == ERROR
    for model in SIMCOM:
        rig = Rig(model)
        for line in (
            "AT+CICCID",
            "AT+SPIC",
            "AT+CPSI?",
            "AT+CNSMOD?",
            "AT+CNMP?",
            "AT+CSPN?",
            "AT+CSUB",
            "AT+CPMUTEMP",
            "AT+CLTS?",
        ):
            assert len(info(rig, line)) == 1, (model, line)
        assert rig.command("AT+QNWINFO").startswith((ERROR, b"\r\n+CME ERROR"))


def test_ranges_are_those_of_the_test_form():
    rig = Rig()
    rig.command("AT+CMEE=1")
    assert info(rig, "AT+CNMI=?") == ["+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"]
    for line in (
        "AT+CREG=3",
        "AT+CNMI=3",
        "AT+CNMI=1,1,1",
        "AT+CNMI=1,1,2,1,1,1",
        "AT+IFC=1,1",
        "AT+CMEE=x",
        "AT+CMEE=",
        "AT+WS46=25",
    ):
        assert rig.command(line) == b"\r\n+CME ERROR: 50\r\n", line
    assert rig.command("AT+CNMI=,2") == OK and info(rig, "AT+CNMI?") == ["+CNMI: 2,2,0,0,0"], "what is left out stays"


def test_settings_of_several_numbers_are_saved_and_shown():
    rig = Rig()
    rig.command("AT+IFC=2,2")
    rig.command("AT&W")
    rig.command("AT+IFC=0,0")
    rig.command("ATZ")
    assert info(rig, "AT+IFC?") == ["+IFC: 2,2"]
    assert "+IFC: 2,2" in info(rig, "AT&V")
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    assert info(rig, "AT+IFC?") == ["+IFC: 2,2"]


def test_settings_that_simcom_restores():
    for model in SIMCOM:
        rig = Rig(model)
        names = ("CMEE", "CMGF", "CNMI", "CSCS", "CSDH", "ICF", "IFC")
        before = [info(rig, "AT+%s?" % name) for name in names]
        rig.command('AT+CMEE=1;+CMGF=1;+CNMI=1,2;+CSCS="UCS2";+CSDH=1;+ICF=2,1;+IFC=2,2')
        assert not [name for name, was in zip(names, before) if info(rig, "AT+%s?" % name) == was]
        assert [rig.command("AT+" + name) for name in names] == [OK] * len(names)
        assert [info(rig, "AT+%s?" % name) for name in names] == before


def test_serial_numbers():
    rig = Rig()
    imei = info(rig, "AT+CGSN")[0]
    assert info(rig, "AT+CGSN=0") == [imei]
    assert info(rig, "AT+CGSN=1") == ['+CGSN: "%s"' % imei]
    assert info(rig, "AT+CGSN=2") == ['+CGSN: "%s01"' % imei[:14]]
    assert info(rig, "AT+EGMR=0,7") == ['+EGMR: "%s"' % imei]


def test_registration_with_place_and_timers():
    rig = Rig()
    rig.command("AT+CEREG=4")
    assert info(rig, "AT+CEREG?") == ['+CEREG: 4,1,"5A1E","0ABCDE01",7']
    rig.command('AT+CPSMS=1,,,"00000100","00001111"')
    assert info(rig, "AT+CPSMS?") == ['+CPSMS: 1,,,"00000100","00001111"']
    assert info(rig, "AT+CEREG?") == ['+CEREG: 4,1,"5A1E","0ABCDE01",7,,,"00001111","00000100"']
    rig.modem.radio.force(2)
    assert rig.port.take() == b"\r\n+CEREG: 2\r\n"
    rig.modem.radio.force(None)
    assert rig.port.take() == b'\r\n+CEREG: 1,"5A1E","0ABCDE01",7,,,"00001111","00000100"\r\n'
    assert info(rig, "AT+CPSMS=2;+CPSMS?") == ['+CPSMS: 0,,,"01000011","00100001"']
    assert rig.command('AT+CPSMS=1,,,"0000010"') == ERROR


def test_timers_of_power_saving_in_seconds():
    rig = Rig("bg96")
    assert info(rig, "AT+QPSMS?") == ['+QPSMS: 0,,,"108000","60"'] and rig.command("AT+QPSMS=?").startswith(
        b"\r\n+QPSMS: (0-2),,,("
    )
    assert rig.command('AT+QPSMS=1,,,"00000100","00011110"') == OK
    assert info(rig, "AT+QPSMS?") == ['+QPSMS: 1,,,"2400","60"'] and info(rig, "AT+CPSMS?")[0].endswith('"00000100","00011110"')
    assert rig.command('AT+CPSMS=1,,,"11100001","11100000"') == OK and info(rig, "AT+QPSMS?") == ['+QPSMS: 1,,,"0","0"']
    assert Rig("ec200u").command("AT+QPSMS?") == ERROR


def test_registration_in_every_mode():
    """3GPP TS 27.007, 10.1.20 and 10.1.22."""
    place, timers = ',"5A1E","0ABCDE01",7', ',"00001111","00000100"'
    wanted = {  # mode: what follows it at home, and where registration is denied; AT+CGREG has a routing area after the place
        0: ("1", "3", "1", "3"),
        1: ("1", "3", "1", "3"),
        2: ("1" + place, "3", "1" + place, "3"),
        3: ("1" + place, "3,,,,0,11", "1" + place, "3,,,,,0,11"),
        4: ("1" + place + ",," + timers, "3", "1" + place + ",,," + timers, "3"),
        5: ("1" + place + ",," + timers, "3,,,,0,11", "1" + place + ",,," + timers, "3,,,,,0,11"),
    }
    for model in MODELS:
        rig = Rig(model)
        rig.command('AT+CPSMS=1,,,"00000100","00001111"')
        for mode, rows in wanted.items():
            shown = []
            for name in ("+CEREG", "+CGREG"):
                for state in (None, 3):
                    rig.modem.radio.force(state)
                    rig.port.take()
                    assert rig.command("AT%s=%d" % (name, mode)) == OK
                    shown += info(rig, "AT%s?" % name)
                rig.command("AT%s=0" % name)
            rows = [row.replace(",7", ",%d" % rig.modem.radio.technology) for row in rows]
            heads = ("+CEREG: %d," % mode, "+CEREG: %d," % mode, "+CGREG: %d," % mode, "+CGREG: %d," % mode)
            assert shown == [head + row for head, row in zip(heads, rows)], (model, mode)
        rig.modem.radio.force(None)
        for line in ("AT+CREG=3", "AT+CGREG=6", "AT+CEREG=6"):
            assert b"ERROR" in rig.command(line), line


def test_extended_reception():
    rig = Rig("a76xx")
    assert rig.command('AT+CEDRXS=2,4,"0101"') == OK + b'\r\n+CEDRXP: 4,"0101","0101","0011"\r\n'
    assert info(rig, "AT+CEDRXS?") == ['+CEDRXS: 4,"0101"']
    assert info(rig, "AT+CEDRXRDP") == ['+CEDRXRDP: 4,"0101","0101","0011"']
    assert rig.command("AT+CEDRXS=0") == OK and info(rig, "AT+CEDRXRDP") == ["+CEDRXRDP: 0"]
    assert rig.command('AT+CEDRXS=1,3,"0101"') == rig.command('AT+CEDRXS=1,4,"2101"') == b"\r\nERROR\r\n"


def test_operators_in_all_forms():
    rig = Rig("bg96")
    assert info(rig, "AT+COPS?") == ['+COPS: 0,0,"Virtual Network",8']
    rig.command("AT+COPS=3,2")
    assert info(rig, "AT+COPS?") == ['+COPS: 0,2,"00101",8']
    assert rig.command("AT+COPS=?") == b"" == rig.pass_time(2), "a scan takes its time"
    scanned = rig.pass_time(2).decode()
    assert scanned.startswith('\r\n+COPS: (2,"Virtual Network","Virtual","00101",8),(1,"Second') and ",,(0-4),(0-2)" in scanned
    rig.command("AT+CREG=1")
    got = rig.command('AT+COPS=1,2,"00102"') + rig.pass_time(2)
    assert got == OK + b"\r\n+CREG: 1\r\n" and info(rig, "AT+COPS?") == ['+COPS: 1,2,"00102",8']
    rig.command("AT+CMEE=1")
    got = rig.command('AT+COPS=1,2,"00103"') + rig.pass_time(2)
    assert got == b"\r\n+CME ERROR: 32\r\n\r\n+CREG: 3\r\n" and info(rig, "AT+COPS?") == ["+COPS: 1"]
    assert rig.command('AT+COPS=1,2,"99999"') + rig.pass_time(2) == b"\r\n+CME ERROR: 30\r\n"
    assert rig.command('AT+COPS=4,2,"00103"') + rig.pass_time(2) == OK and info(rig, "AT+COPS?")[0].startswith("+COPS: 0,")
    assert rig.command("AT+COPS=2") == OK + b"\r\n+CREG: 0\r\n" and info(rig, "AT+COPS?") == ["+COPS: 2"]
    assert rig.command("AT+COPS=0") == OK + b"\r\n+CREG: 1\r\n"


def test_leaving_the_network_takes_the_contexts_away():
    rig = Rig().online()
    peer = rig.open()
    got = rig.command("AT+COPS=2")
    assert b'+QIURC: "pdpdeact",1' in got and peer.gone
    rig = Rig().online()
    rig.open()
    assert b'+QIURC: "pdpdeact",1' in rig.command("AT+CGATT=0")
    assert info(rig, "AT+CGATT?") == ["+CGATT: 0"] and info(rig, "AT+CREG?") == ["+CREG: 0,1"]
    assert rig.command("AT+CGATT=1") == OK and info(rig, "AT+CGATT?") == ["+CGATT: 1"]


def test_signal_as_the_commands_see_it():
    rig, other = Rig("ec200u"), Rig("a76xx")
    old = Rig("sim7100")
    for each in (rig, other, old):
        each.modem.radio.tune(rssi=-91, rsrp=-111, rsrq=-14, sinr=3)
    assert info(rig, "AT+CSQ") == ["+CSQ: 11,99"] and info(other, "AT+CSQ") == ["+CSQ: 11,0"]
    assert info(rig, "AT+CESQ") == ["+CESQ: 99,99,255,255,12,30"]
    assert info(rig, "AT+QCSQ") == ['+QCSQ: "LTE",-91,-111,115,-14']
    serving = '+QENG: "servingcell","NOCONN","LTE","FDD",001,01,ABCDE01,257,1850,3,5,5,5A1E,-111,-14,-91,3,-'
    assert info(rig, 'AT+QENG="servingcell"') == [serving] and info(rig, 'AT+QENG="neighbourcell"') == []
    place = "+CPSI: LTE,Online,001-01,0x5A1E,180149761,257,EUTRAN-BAND3,1850,5,5,"
    assert info(other, "AT+CPSI?") == [place + "12,30,22,23"] and info(old, "AT+CPSI?") == [place + "-140,-1110,-910,3"]
    assert info(Rig("a76xx", quirks=["cpsi"]), "AT+CPSI?") == [place + "-100,-950,-670,15"]
    for each in (rig, other):
        each.modem.radio.force(2)
    assert info(rig, "AT+QCSQ") == ['+QCSQ: "NOSERVICE"'] and info(rig, "AT+QNWINFO") == ["+QNWINFO: No Service"]
    assert info(rig, 'AT+QENG="servingcell"') == ['+QENG: "servingcell","SEARCH"']
    assert info(other, "AT+CPSI?") == ["+CPSI: NO SERVICE,Online"]
    assert info(rig, "AT+CESQ") == ["+CESQ: 99,99,255,255,255,255"]


def test_signal_that_changes_is_announced_where_asked_for():
    rig, other = Rig(), Rig("a76xx")
    rig.modem.radio.tune(rssi=-91)
    assert rig.port.take() == b""
    rig.command('AT+QINDCFG="csq",1')
    other.command("AT+AUTOCSQ=1,1")
    for each in (rig, other):
        each.modem.radio.tune(rssi=-71)
    assert rig.port.take() == b'\r\n+QIND: "csq",21,99\r\n' and other.port.take() == b"\r\n+CSQ: 21,0\r\n"


def test_system_that_is_reported_where_asked_for():
    for model in SIMCOM:
        rig = Rig(model)
        rig.modem.radio.force(2)
        assert rig.port.take() == b"" and rig.command("AT+CNSMOD=1") == OK
        rig.modem.radio.force(1)
        rig.modem.radio.force(5)
        assert rig.port.take() == b"\r\n+CNSMOD: 8\r\n", "another network, but the same system"
        rig.modem.radio.force(2)
        assert rig.port.take() == b"\r\n+CNSMOD: 0\r\n" and info(rig, "AT+CNSMOD?") == ["+CNSMOD: 1,0"]
        assert rig.command("AT+CPSI=5") == OK
        assert rig.pass_time(11) == b"\r\n+CPSI: NO SERVICE,Online\r\n" * 2
        assert rig.command("AT+CPSI=60;+CPSI=0") == OK and rig.pass_time(200) == b"" and rig.command("AT+CPSI=256") != OK


def test_contexts_seen_by_the_general_commands_of_quectel():
    rig = Rig("ec200u")
    assert rig.command('AT+CGDCONT=1,"IP","internet","0.0.0.0",0,0') == OK
    assert info(rig, "AT+QICSGP=1") == ['+QICSGP: 1,"internet","","",0'], "both commands see the same contexts"
    assert rig.command('AT+QICSGP=2,3,"two"') == OK
    rows = ['+CGDCONT: 1,"IP","internet","0.0.0.0",0,0,0,0', '+CGDCONT: 2,"IPV4V6","two","0.0.0.0",0,0,0,0']
    assert info(rig, "AT+CGDCONT?") == rows
    assert info(rig, "AT+CGACT?") == ["+CGACT: 1,1", "+CGACT: 2,0"], "the bearer of context 1 comes with the attach"
    assert info(rig, "AT+CGPADDR") == ['+CGPADDR: 1,"10.7.157.1"', '+CGPADDR: 2,"0.0.0.0"']
    assert rig.command("AT+CGACT=1,2") == OK
    assert info(rig, "AT+CGPADDR=2") == ['+CGPADDR: 2,"10.7.157.2"'] and info(rig, "AT+QIACT?") == []
    assert info(rig, "AT+CGCONTRDP=2") == ['+CGCONTRDP: 2,6,"two","10.7.157.2","","8.8.8.8","8.8.4.4"']
    assert rig.command("AT+QIACT=1") == OK
    assert rig.command("AT+CGACT=0,1") == OK + b'\r\n+QIURC: "pdpdeact",1\r\n'
    assert rig.command("AT+CGDCONT=2") == OK and len(info(rig, "AT+CGDCONT?")) == 1
    assert rig.command('AT+CGDCONT=1,"PPPP","x"') == rig.command("AT+CGACT=1,9") == rig.command("AT+CGPADDR=0") == ERROR
    offline = Rig("ec200u", faults=["denied"])
    offline.command("AT+CMEE=1")
    assert offline.command("AT+CGACT=1,1") == b"\r\n+CME ERROR: 30\r\n"


def test_configuration_by_name():
    rig = Rig("bg96")
    assert rig.command('AT+QCFG="band",f,400a0e189f,a0e189f') == OK, "as FreeRTOS-Cellular sends it"
    assert info(rig, 'AT+QCFG="band"') == ['+QCFG: "band",f,400a0e189f,a0e189f']
    assert rig.command('AT+QCFG="nwscanmode",3,1') == OK and info(rig, 'AT+QCFG="nwscanmode"') == ['+QCFG: "nwscanmode",3']
    assert rig.command('AT+QCFG="nwscanmode",0') == OK and info(rig, 'AT+QCFG="nwscanmode"') == ['+QCFG: "nwscanmode",0']
    assert rig.command('AT+QCFG="nwscanseq",0203,1') == OK and info(rig, 'AT+QCFG="nwscanseq"') == ['+QCFG: "nwscanseq",0203']
    assert rig.command('AT+QCFG="band",0,80,80,1') == OK and info(rig, 'AT+QCFG="band"') == ['+QCFG: "band",0,80,80']
    assert rig.command('AT+QCFG="nwscanmode",3,2') == ERROR
    assert rig.command('AT+QCFG="nwscanmode",9') == rig.command('AT+QCFG="nosuch"') == rig.command("AT+QCFG=") == ERROR
    assert rig.command('AT+QCFG="urc/ri/ring","off"') == OK and info(rig, 'AT+QCFG="URC/RI/RING"') == [
        '+QCFG: "urc/ri/ring","off"'
    ]


def test_time_of_the_network():
    rig = Rig("ec200u")
    rig.modem.rtc.network_time(8)
    assert rig.port.take() == b"" and info(rig, "AT+CCLK?") == ['+CCLK: "23/11/14,22:13:20+00"']
    rig.command("AT+CTZU=1;+CTZR=2")
    rig.modem.rtc.network_time(-8)
    assert rig.port.take() == b'\r\n+CTZE: "-08",0,"2023/11/14,20:13:20"\r\n'
    assert info(rig, "AT+CCLK?") == ['+CCLK: "23/11/14,20:13:20-08"'] and info(rig, "AT+QLTS=2")[0].startswith(
        '+QLTS: "2023/11/14,20:'
    )
    rig.command("AT+CTZR=1")
    rig.modem.rtc.network_time(4)
    assert rig.port.take() == b"\r\n+CTZV: +04\r\n"


def test_calls_that_come():
    rig = Rig()
    assert info(rig, "AT+CPAS") == ["+CPAS: 0"] and rig.command("ATA") == b"\r\nNO CARRIER\r\n"
    rig.command("AT+CLIP=1")
    assert rig.modem.calls.ring("+491701234567") and not rig.modem.calls.ring("1")
    ring = b'\r\nRING\r\n\r\n+CLIP: "+491701234567",145,,,,0\r\n'
    assert rig.port.take() == ring and rig.pass_time(5) == ring
    assert info(rig, "AT+CPAS") == ["+CPAS: 3"]
    rig.port.take()
    assert rig.command("ATA") == OK and rig.pass_time(20) == b""
    assert info(rig, "AT+CLCC") == ['+CLCC: 1,1,0,0,0,"+491701234567",145'] and rig.command("AT+VTS=5") == OK
    assert rig.modem.calls.drop() and rig.port.take() == b"\r\nNO CARRIER\r\n"
    assert info(rig, "AT+CLCC") == [] and not rig.modem.calls.drop()
    rig.command("AT+CRC=1;S0=2;+CLIP=0")
    rig.modem.calls.ring("123")
    assert rig.port.take() == b"\r\n+CRING: VOICE\r\n" == rig.pass_time(5), "the second ring is answered by ATS0"
    assert info(rig, "AT+CPAS") == ["+CPAS: 4"] and rig.command("ATH") == OK and info(rig, "AT+CPAS") == ["+CPAS: 0"]


def test_calls_that_go():
    rig = Rig()
    assert rig.command("ATD+491701234567;") == OK
    assert rig.command("AT+CLCC").startswith(b'\r\n+CLCC: 1,0,2,0,0,"+491701234567",145')
    rig.pass_time(5)
    assert rig.command("AT+CLCC").startswith(b"\r\n+CLCC: 1,0,0,") and rig.command("ATD1;") == ERROR
    assert rig.command("AT+CHUP") == OK and info(rig, "AT+CLCC") == []
    assert rig.command("ATD123") == b"\r\nNO CARRIER\r\n"
    rig.modem.radio.force(2)
    assert rig.command("ATD1;") == b"\r\nNO CARRIER\r\n"


def test_services_of_the_network():
    rig = Rig()
    assert rig.command('AT+CUSD=1,"*100#",15') == OK and rig.pass_time(2) == b'\r\n+CUSD: 0,"Balance: 12.34 EUR",15\r\n'
    assert info(rig, "AT+CUSD?") == ["+CUSD: 1"] and rig.command("AT+CUSD=2") == OK
    assert rig.command('AT+CCFC=0,3,"+49123"') == OK and info(rig, "AT+CCFC=0,2") == ['+CCFC: 1,7,"+49123",129']
    assert rig.command("AT+CCFC=0,4") == OK and info(rig, "AT+CCFC=0,2") == ["+CCFC: 0,7"]
    assert info(rig, "AT+CLIR?") == ["+CLIR: 0,4"] and rig.command("AT+CLIR=3") == ERROR


def test_phonebook():
    rig = Rig("sim7100")
    rig.command("AT+CMEE=1")
    assert rig.command('AT+CPBW=,"+49123",145,"Bob"') == OK and rig.command('AT+CPBW=7,"456",129,"Alice"') == OK
    rows = ['+CPBR: 1,"+49123",145,"Bob"', '+CPBR: 7,"456",129,"Alice"']
    assert info(rig, "AT+CPBR=1,250") == rows and info(rig, 'AT+CPBF="al"') == [rows[1].replace("CPBR", "CPBF")]
    assert info(rig, "AT+CPBS?") == ['+CPBS: "SM",2,250'] and rig.command('AT+CPBF="x"') == b"\r\n+CME ERROR: 22\r\n"
    assert rig.command("AT+CPBW=1") == OK and info(rig, "AT+CPBR=1,250") == rows[1:]
    assert rig.command('AT+CPBW=251,"1"') == rig.command('AT+CPBS="ME"') == b"\r\n+CME ERROR: 50\r\n"
