# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's command line: framing, echo, several commands in a line, general commands, settings, restart."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig

FORMS = (  # every command of the document that has a test form
    "QICFG QICSGP QIACT QIDEACT QIACTEX QIDEACTEX QIOPEN QICLOSE QISTATE QISEND QIRD QISENDEX QISWTMD QPING QNTP QIDNSCFG "
    "QIDNSGIP QISDE QIGETERROR"
).split()


def test_results_when_framed():
    rig = Rig().online()
    check("Q-005", [rig.command("AT"), rig.command("AT+NOSUCH")], [b"\r\nOK\r\n", b"\r\nERROR\r\n"])
    check("Q-006", rig.command("AT+CREG?"), b"\r\n+CREG: 0,1\r\n\r\nOK\r\n")
    rig.open()
    rig.net.links[-1].send(b"x")
    check("Q-007", rig.port.take(), b'\r\n+QIURC: "recv",0\r\n')


def test_case_of_the_command_when_it_varies():
    rig = Rig()
    rig.command("AT+QIACT=1")
    want = rig.command("AT+QIACT?")
    assert want.startswith(b"\r\n+QIACT: 1,1,1,")
    check("Q-002", rig.command("at+qiact?"), want)
    check("Q-003", rig.command("aT+qiAct?"), want)


def test_line_feed_when_it_follows_the_terminator():
    rig = Rig(echo=True)
    check("Q-004", rig.host(b"AT\r\nAT\r\n"), b"AT\r" + OK + b"AT\r" + OK)
    assert rig.host(b"AT\r") + rig.host(b"\n") + rig.host(b"AT\r") == (b"AT\r" + OK) * 2


def test_line_feed_when_it_is_the_first_payload_byte():
    rig = Rig().online()
    peer = rig.open()
    assert rig.command("AT+QISEND=0,2") == b"\r\n>"
    assert rig.host(b"\na") == b"\r\nSEND OK\r\n"
    assert peer.received == b"\na"


def test_parameters_when_badly_formed():
    rig = Rig()
    check("Q-012", [rig.command('AT+QIACT="1"'), rig.error()], [ERROR, 552])
    check("Q-013", rig.command('AT+QICSGP= 1, 1, "CMNET" , "", "", 0'), OK)
    assert rig.command("AT+QICSGP=1") == b'\r\n+QICSGP: 1,"CMNET","","",0\r\n' + OK
    check("Q-014", [rig.command("AT+QNOSUCH=1"), rig.command("AT+QIACT="), rig.command("AT+QIRD=")], [ERROR] * 3)
    check("Q-015", [rig.command("AT+QIACT=99"), rig.error()], [ERROR, 552])
    assert rig.command('AT+QICSGP=1,1,"open') == ERROR
    assert rig.command("AT+QIACT=x") == ERROR
    assert rig.command('AT+QICSGP=1,1,"a"b') == ERROR


def test_test_forms_of_all_commands():
    rig = Rig()
    answers = {name: rig.command("AT+%s=?" % name) for name in FORMS}
    plain = {name for name, answer in answers.items() if answer == OK}
    ends = {name for name, answer in answers.items() if answer.endswith(OK) and answer.count(b"\r\n+%s: " % name.encode())}
    check("Q-016", (plain, ends | plain), ({"QISTATE", "QIGETERROR"}, set(FORMS)))


def test_omitted_parameters_when_set_before():
    rig = Rig()
    rig.command('AT+QICSGP=1,1,"A","user","word",2')
    rig.command('AT+QICSGP=1,1,"B"')
    check("Q-018", rig.command("AT+QICSGP=1"), b'\r\n+QICSGP: 1,"B","user","word",2\r\n' + OK)


def test_echo_when_switched():
    rig = Rig(echo=True)
    assert rig.command("AT") == b"AT\r\r\nOK\r\n"
    assert rig.host(b"A") == b"A"
    assert rig.host(b"T\r") == b"T\r\r\nOK\r\n"
    assert rig.command("ATE0") == b"ATE0\r\r\nOK\r\n"
    assert rig.command("ATE1") == OK
    assert rig.command("ATE") == b"ATE\r" + OK
    assert rig.command("AT") == OK


def test_several_commands_when_in_one_line():
    rig = Rig()
    assert rig.command("ATE0+CMEE=1;+CREG?;+CSQ") == b"\r\n+CREG: 0,1\r\n\r\n+CSQ: 23,99\r\n" + OK
    assert rig.command("AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK
    assert rig.command("AT+CMEE=2;+NOSUCH;+CMEE=0") == ERROR
    assert rig.command("AT+CMEE?") == b"\r\n+CMEE: 2\r\n" + OK
    assert rig.command('AT+QICSGP=1,1,"a;b","u,v"," w"') == OK
    assert rig.command("AT+QICSGP=1") == b'\r\n+QICSGP: 1,"a;b","u,v"," w",0\r\n' + OK


def test_last_line_when_repeated():
    rig = Rig()
    want = rig.command("AT+CSQ")
    assert rig.host(b"A/") == want
    assert rig.command("a/") == want


def test_line_when_edited_or_not_a_command():
    rig = Rig()
    assert rig.host(b"AT+CSX\bQ\r") == rig.command("AT+CSQ")
    assert rig.command("hello") == b""
    assert rig.command("xx+++AT") == OK
    assert rig.host(b"\r\r\r") == b""
    assert rig.host(b"AT" + b"x" * 9000 + b"\r") == ERROR
    assert rig.host(b"AT" + b"x" * 9000) + rig.host(b"y") + rig.host(b"\r") == ERROR
    assert rig.command("AT") == OK


def test_result_style_when_changed():
    rig = Rig()
    assert rig.command("ATV0") == b"0\r"
    assert rig.command("AT+CSQ") == b"+CSQ: 23,99\r\n0\r"
    assert rig.command("AT+NOSUCH") == b"4\r"
    assert rig.command("ATV1Q1") == b""
    assert rig.command("AT+CSQ") == b"\r\n+CSQ: 23,99\r\n"
    assert rig.command("ATQ0") == OK


def test_s_registers_when_set():
    rig = Rig()
    assert rig.command("ATS3?") == b"\r\n013\r\n" + OK
    assert rig.command("ATS4=33") == b"\r!OK\r!"
    assert rig.command("ATS4?") == b"\r!033\r!\r!OK\r!"
    assert rig.command("ATS4=10S3=59") == b";\nOK;\n"
    assert rig.host(b"AT;") == b";\nOK;\n"
    assert rig.host(b"ATS3=13;") == OK
    assert rig.command("ATS3=200") == ERROR


def test_identity_when_asked():
    rig = Rig()
    assert rig.command("ATI") == b"\r\nQuectel\r\n\r\nEC600E-CN\r\n\r\nRevision: EC600ECNLAR01A01M04\r\n" + OK
    assert rig.command("AT+CGMI") == rig.command("AT+GMI") == b"\r\nQuectel\r\n" + OK
    assert rig.command("AT+CGMM") == rig.command("AT+GMM") == b"\r\nEC600E-CN\r\n" + OK
    assert rig.command("AT+CGMR") == rig.command("AT+GMR") == b"\r\nEC600ECNLAR01A01M04\r\n" + OK
    imei = rig.command("AT+CGSN")
    assert imei == rig.command("AT+GSN") and len(imei.strip(b"\r\nOK")) == 15
    assert Rig("ec800e").command("AT+CGMM") == b"\r\nEC800E-CN\r\n" + OK
    assert rig.command("AT+CIMI") == b"\r\n001010123456789\r\n" + OK
    assert rig.command("AT+QCCID") == b"\r\n+QCCID: 89860000000000000018\r\n" + OK


def test_check_digit_of_the_imei():
    digits = [int(char) for char in Rig().command("AT+CGSN").decode().strip("\r\nOK")]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]
    assert (sum(digits[::2]) + sum(doubled)) % 10 == 0


def test_errors_when_numeric_or_in_words():
    rig = Rig(faults=["no-sim"])
    assert rig.command("AT+CPIN?") == ERROR
    rig.command("AT+CMEE=1")
    assert rig.command("AT+CPIN?") == b"\r\n+CME ERROR: 10\r\n"
    rig.command("AT+CMEE=2")
    assert rig.command("AT+CIMI") == b"\r\n+CME ERROR: SIM not inserted\r\n"
    assert rig.command("AT+CMEE=3") == b"\r\n+CME ERROR: incorrect parameters\r\n"


def test_registration_when_asked():
    rig = Rig()
    for name in ("CREG", "CGREG", "CEREG"):
        assert rig.command("AT+%s?" % name) == b"\r\n+%s: 0,1\r\n" % name.encode() + OK
    assert rig.command("AT+CEREG=2") == OK
    assert rig.command("AT+CEREG?") == b'\r\n+CEREG: 2,1,"5A1E","0ABCDE01",7\r\n' + OK
    assert rig.command("AT+COPS?") == b'\r\n+COPS: 0,0,"Virtual Network",7\r\n' + OK
    rig.command("AT+CREG=1;+CEREG=0")
    assert rig.command("AT+CFUN=0") == OK + b"\r\n+CREG: 0\r\n"
    assert rig.command("AT+CSQ;+COPS?") == b"\r\n+CSQ: 99,99\r\n\r\n+COPS: 0\r\n" + OK
    assert rig.command("AT+CFUN?") == b"\r\n+CFUN: 0\r\n" + OK
    assert rig.command("AT+CFUN=1") == OK + b"\r\n+CREG: 1\r\n"
    assert rig.command("AT+CFUN=2") == ERROR


def test_clock_when_set():
    rig = Rig()
    assert rig.command("AT+CCLK?") == b'\r\n+CCLK: "23/11/14,22:13:20+00"\r\n' + OK
    assert rig.command('AT+CCLK="26/02/28,23:59:58+32"') == OK
    rig.pass_time(3)
    assert rig.command("AT+CCLK?") == b'\r\n+CCLK: "26/03/01,00:00:01+32"\r\n' + OK
    assert rig.command('AT+CCLK="26/13/01,00:00:00+00"') == ERROR
    assert rig.command('AT+CCLK="26/12/01,00:00:00+99"') == ERROR


def test_settings_when_saved_and_restored():
    rig = Rig()
    rig.command("AT+CMEE=2")
    rig.command("AT&W")
    rig.command("AT+CMEE=1")
    assert rig.command("ATZ") == OK
    assert rig.command("AT+CMEE?") == b"\r\n+CMEE: 2\r\n" + OK
    assert rig.command("AT&F") == OK
    assert rig.command("AT+CMEE?") == b"\r\n+CMEE: 0\r\n" + OK
    assert b"\r\n+CMEE: 0\r\n" in rig.command("AT&V")


def test_restart_when_commanded():
    rig = Rig().online()
    peer = rig.open()
    rig.command("AT+CMEE=2")
    assert rig.command("AT+CFUN=1,1") == OK
    assert peer.gone
    assert rig.command("AT") == b""
    assert rig.pass_time(1.9) == b""
    want = [b"RDY", b"+CFUN: 1", b"+CPIN: READY", b"+QUSIM: 1", b"+QIND: SMS DONE", b"+QIND: PB DONE"]
    assert rig.pass_time(2) == b"".join(b"\r\n" + line + b"\r\n" for line in want)
    assert rig.command("AT+QIACT?") == OK
    assert rig.command("AT+QISTATE") == OK
    assert rig.command("AT+CMEE?") == b"\r\n+CMEE: 0\r\n" + OK


def test_echo_when_the_module_has_restarted():
    rig = Rig(echo=True)
    rig.command("ATE0")
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    assert rig.command("AT") == b"AT\r" + OK


def test_second_command_when_the_first_is_running():
    rig = Rig(faults=["delay:cmd=QIACT,ms=3000"])
    got = [rig.command("AT+QIACT=1"), rig.command("AT+CSQ"), rig.pass_time(2.9), rig.pass_time(0.2)]
    check("Q-024", got, [b"", b"", b"", OK + b"\r\n+CSQ: 23,99\r\n" + OK])


def test_latency_when_given():
    rig = Rig(latency_s=0.005)
    rig.pass_time(1)
    assert rig.command("AT") == b""
    assert rig.pass_time(0.0047) == b""
    assert rig.pass_time(0.0004) == OK
