# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual A76XX: framing, identity, contexts, the TCP/IP service, settings, restarts, and quirks of single firmwares."""

from tests.conformance import check
from tests.rigs.virtual_a76xx import ERROR, OK, PEER, PROMPT, SimcomRig, block, frames
from tools.vmodem.command_line import TOPICS


def test_framing_when_answers_are_sent():
    rig = SimcomRig().service()
    check("S-001", [rig.command("AT+CSQ"), rig.command("AT+NETOPEN?")], [frames("+CSQ: 23,0", "OK"), frames("+NETOPEN: 1", "OK")])
    free = ["+CIPOPEN: %d" % number for number in range(10)]
    check("S-002", rig.command("AT+CIPOPEN?"), block(*free) + OK)
    assert rig.command("ATI").count(b"\r\n\r\n") == 1  # one response, then OK


def test_command_lines_when_written_in_other_ways():
    rig = SimcomRig().service()
    want = OK + frames("+CIPOPEN: 1,0")
    check("S-005", rig.command('AT+CIPOPEN=1, "TCP", "%s", 5253' % PEER), want)
    check("S-006", rig.command('at+cipopen=2,"tcp","%s",5253' % PEER), want.replace(b"1,0", b"2,0"))
    check("S-008", rig.host(b"AT\r\nAT\r\n"), OK + OK)
    check("S-010", [rig.command("AT+NOSUCH"), rig.command("AT+CIPOEPN?"), rig.command("AT#NETOPEN")], [ERROR] * 3)


def test_echo_when_switched():
    rig = SimcomRig(echo=True)
    got = [rig.command("AT"), rig.command("ATE0"), rig.command("AT"), rig.command("ATE1"), rig.command("AT")]
    check("S-015", got, [b"AT\r" + OK, b"ATE0\r" + OK, OK, OK, b"AT\r" + OK])


def test_test_forms_when_asked():
    rig = SimcomRig(quirks=["dataecho"])  # with AT+CIPCFG
    names = [name for name in rig.modem.table.names() if rig.modem.table.find(name, "test")]
    answers = [rig.command("AT%s=?" % name) + rig.pass_time(10) for name in names]
    assert len(names) > 50
    check("S-026", [name for name, answer in zip(names, answers) if not answer.endswith(OK)], [])


def test_sim_when_it_is_missing_or_locked():
    acting = [
        "AT+NETOPEN",
        'AT+CIPOPEN=1,"TCP","%s",5253' % PEER,
        "AT+CIPSEND=1,1",
        "AT+SERVERSTART=80,0",
        "AT+CCHSTART",
        "AT+CNTP",
    ]
    missing, locked = SimcomRig(faults=["no-sim"]), SimcomRig(faults=["pin:pin=4321"])
    missing.command("AT+CMEE=1")
    locked.command("AT+CMEE=2")
    got = [missing.command(line) for line in acting] + [locked.command(line) for line in acting]
    check("S-024", got, [frames("+CME ERROR: 10")] * 6 + [frames("+CME ERROR: SIM PIN required")] * 6)
    assert missing.command("AT+CPIN?") == frames("+CME ERROR: 10")
    assert locked.command("AT+CPIN?") == frames("+CPIN: SIM PIN", "OK")
    assert locked.command('AT+CPIN="4321"').startswith(OK)
    assert locked.command("AT+NETOPEN").startswith(OK)


def test_baud_rate_when_fixed_and_stored_on_one_line():
    rig = SimcomRig()
    check("S-250", [rig.command("AT+IPR=115200&W"), rig.command("AT+IPR?")], [OK, frames("+IPR: 115200", "OK")])
    assert rig.command("AT+IPR=12345") == ERROR
    rig.command("AT+IPR=230400")
    rig.command("AT+IPREX=9600")
    rig.command("AT+CRESET")
    rig.pass_time(10)
    assert rig.command("AT+IPREX?") == frames("+IPREX: 9600", "OK")


def test_status_when_asked():
    rig = SimcomRig()
    lines = ["AT+CSQ", "AT+CREG?", "AT+CGREG?", "AT+CEREG?", "AT+CPIN?"]
    want = ["+CSQ: 23,0", "+CREG: 0,1", "+CGREG: 0,1", "+CEREG: 0,1", "+CPIN: READY"]
    check("S-259", [rig.command(line) for line in lines], [frames(line, "OK") for line in want])


def test_delays_when_configured_step_by_step():
    faults = ["delay:cmd=+CPIN,ms=11000", "delay:cmd=+CGACT,ms=151000", "delay:cmd=+CIPMODE,ms=10000"]
    faults += ["delay:cmd=+%s,ms=121000,urc=1" % name for name in ("NETOPEN", "CIPOPEN", "CIPCLOSE", "NETCLOSE")]
    rig = SimcomRig(faults=faults)
    waits = []
    for line, seconds in (
        ("AT+CPIN?", 11),
        ("AT+CGACT=1,1", 151),
        ("AT+CIPMODE=0", 10),
        ("AT+NETOPEN", 121),
        ('AT+CIPOPEN=1,"TCP","%s",1' % PEER, 121),
        ("AT+CIPCLOSE=1", 121),
        ("AT+NETCLOSE", 121),
    ):
        early = rig.command(line) + rig.pass_time(seconds - 0.1)
        waits.append(early in (b"", OK) and rig.pass_time(0.2) != b"")
    check("S-258", waits, [True] * 7)
    searching = SimcomRig(faults=["searching:ms=91000"])
    assert searching.command("AT+CEREG?") == frames("+CEREG: 0,2", "OK")
    searching.pass_time(91)
    assert searching.command("AT+CEREG?") == frames("+CEREG: 0,1", "OK")


def test_contexts_when_defined():
    rig = SimcomRig()
    got = [rig.command('AT+CGDCONT=1,"%s","CMNET"' % kind) for kind in ("IP", "IPV6", "IPV4V6", "PPP")]
    check("S-260", got, [OK, OK, OK, ERROR])
    assert rig.command("AT+CGDCONT?") == frames('+CGDCONT: 1,"IPV4V6","CMNET","0.0.0.0",0,0', "OK")
    assert rig.command("AT+CGPADDR=1") == frames("+CGPADDR: 1,0.0.0.0", "OK")
    assert rig.command("AT+CGACT=1,1") == OK
    assert rig.command("AT+CGACT?") == frames("+CGACT: 1,1", "OK")
    assert rig.command("AT+CGPADDR=1") == frames("+CGPADDR: 1,10.148.0.17,2409:8960:1e64:94d8:1:0:3b3b:7118", "OK")
    assert rig.command("AT+CGDCONT=1") == OK
    assert rig.command("AT+CGDCONT?") == OK
    assert rig.command("AT+CGACT=1,1") == ERROR
    assert rig.command('AT+CGAUTH=1,1,"secret","me"') == OK


def test_service_when_opened_and_closed():
    rig = SimcomRig()
    check("S-264", rig.command("AT+NETOPEN?"), frames("+NETOPEN: 0", "OK"))
    check("S-272", rig.command("AT+IPADDR"), frames("+IP ERROR: Network not opened", "ERROR"))
    check("S-270", rig.command("AT+NETCLOSE"), frames("+NETCLOSE: 2", "ERROR"))
    check("S-261", rig.command("AT+NETOPEN"), OK + frames("+NETOPEN: 0"))
    check("S-264", rig.command("AT+NETOPEN?"), frames("+NETOPEN: 1", "OK"))
    check("S-271", rig.command("AT+IPADDR"), frames("+IPADDR: 10.148.0.17", "OK"))
    check("S-265", rig.command("AT+NETOPEN"), frames("+IP ERROR: Network is already opened", "ERROR"))
    check("S-267", rig.command("AT+NETCLOSE"), OK + frames("+NETCLOSE: 0"))
    assert rig.command("AT+NETOPEN?") == frames("+NETOPEN: 0", "OK")


def test_service_when_it_cannot_be_opened():
    rig = SimcomRig(faults=["denied"])
    check("S-263", rig.command("AT+NETOPEN"), OK + frames("+NETOPEN: 1"))
    rig = SimcomRig()
    rig.command('AT+CGDCONT=1,"IPV6","CMNET"')
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 1")  # AT+CSOCKSETPN still says IPv4
    rig = SimcomRig(faults=["need-apn"])
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 1")
    rig.command('AT+CGDCONT=1,"IP","CMNET"')
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 0")
    rig = SimcomRig(faults=["need-apn:apn=internet"])
    rig.command('AT+CGDCONT=1,"IP","wrong"')
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 1")
    rig.command('AT+CGDCONT=1,"IP","internet"')
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 0")
    rig = SimcomRig(faults=["fail:code=8,cmd=+NETOPEN,times=1", "fail:code=5,cmd=+NETOPEN,times=1,urc=1"])
    assert rig.command("AT+NETOPEN") == frames("+NETOPEN: 8", "ERROR")
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 5")
    assert rig.command("AT+CGATT=0") == OK
    assert rig.command("AT+NETOPEN") == OK + frames("+NETOPEN: 1")


def test_service_when_closed_with_links():
    rig = SimcomRig().service()
    rig.tcp(1)
    rig.udp(2)
    rig.tcp(3)
    rig.server()
    got = rig.command("AT+NETCLOSE")
    check("S-268", got, frames("+CIPCLOSE: 2,0") + OK + frames("+CIPCLOSE: 1,0", "+CIPCLOSE: 3,0", "+NETCLOSE: 0"))
    check("S-269", [link.gone for link in rig.net.links + rig.net.listeners], [True] * 4)
    rig = SimcomRig()
    rig.transparent()
    assert rig.escape() == OK
    assert rig.command("AT+NETCLOSE") == OK + frames("CLOSED", "+CIPCLOSE: 0,0", "+NETCLOSE: 0")


def test_ipv6_when_chosen():
    rig = SimcomRig()
    assert rig.command('AT+CGDCONT=1,"IPV6","CMNET"') == OK
    assert rig.command("AT+CSOCKSETPN=1,6") == OK
    rig.service()
    check("S-386", rig.command("AT+IPADDR"), frames("+IPADDR: 2409:8960:1e64:94d8:1:0:3b3b:7118", "OK"))
    check("S-387", [rig.command("AT+CSOCKSETPN=1,1"), rig.command("AT+CSOCKSETPN?")], [ERROR, frames("+CSOCKSETPN: 1,6", "OK")])
    got = [rig.command('AT+CIPOPEN=1,"TCP","2001:db8::7",80'), rig.command('AT+CIPOPEN=2,"TCP","192.0.2.1",80')]
    got += [rig.command('AT+CIPOPEN=3,"UDP",,,5000')]
    rig.net.links[0].send(b"abc")
    got += [rig.port.take(), rig.command('AT+CIPSEND=3,1,"2001:db8::7",9'), rig.host(b"x")]
    want = [OK + frames("+CIPOPEN: 1,0"), OK + frames("+CIPOPEN: 2,1"), frames("+CIPOPEN: 3,0") + OK]
    want += [block("RECV FROM:2001:db8::7:80", "+IPD3") + b"abc", PROMPT, OK + frames("+CIPSEND: 3,1,1")]
    check("S-388", got, want)


def _flag(rig, name, default):
    lines = ["=?", "?", "=%d" % (not default), "?", "=2"]
    got = [rig.command("AT+%s%s" % (name, line)) for line in lines]
    shown = [frames("+%s: %s" % (name, text), "OK") for text in ("(0-1)", default, int(not default))]
    return got, [shown[0], shown[1], OK, shown[2], ERROR]


def test_flags_when_set_and_reset():
    rig = SimcomRig()
    check("S-389", *_flag(rig, "CIPHEAD", 1))
    check("S-389", [rig.command("AT+CIPHEAD"), rig.command("AT+CIPHEAD?")], [OK, frames("+CIPHEAD: 1", "OK")])
    check("S-391", *_flag(rig, "CIPSRIP", 1))
    check("S-391", [rig.command("AT+CIPSRIP"), rig.command("AT+CIPSRIP?")], [OK, frames("+CIPSRIP: 1", "OK")])
    check("S-394", *_flag(rig, "CIPSENDMODE", 0))


def test_time_outs_when_set():
    rig = SimcomRig().service()
    got = [
        rig.command(line)
        for line in ("AT+CIPTIMEOUT?", "AT+CIPTIMEOUT=,4000", "AT+CIPTIMEOUT?", "AT+CIPTIMEOUT=2999", "AT+CIPTIMEOUT=120001")
    ]
    shown = frames("+CIPTIMEOUT: 120000,120000,120000", "OK"), frames("+CIPTIMEOUT: 120000,4000,120000", "OK")
    check("S-396", got, [shown[0], OK, shown[1], ERROR, ERROR])
    rig.net.silent = True
    assert rig.command('AT+CIPOPEN=1,"TCP","%s",1' % PEER) == OK
    assert rig.pass_time(3.9) == b""
    assert rig.pass_time(0.2) == frames("+CIPOPEN: 1,10")


def test_socket_parameters_when_set():
    rig = SimcomRig().service()
    lines = ["=?", "?", "=5,,,0", "?", "", "?", "=11", "=10,0,1"]
    first = "+CIPCCFG: 10,0,0,1,0,0,500,0"
    want = [frames("+CIPCCFG: (0-10),(0-1000),(0),(0-1),(0-1),(0-1),(500-120000),(0-1)", "OK"), frames(first, "OK"), OK]
    want += [frames("+CIPCCFG: 5,0,0,0,0,0,500,0", "OK"), OK, frames(first, "OK"), ERROR, ERROR]
    check("S-398", [rig.command("AT+CIPCCFG" + line) for line in lines], want)
    rig.command("AT+CIPCCFG=,,,0")
    got = [rig.command("AT+CIPRXGET=2,1"), rig.command("AT+NETOPEN"), rig.command('AT+CIPOPEN=10,"TCP","h",1')]
    check("S-399", got, [frames("+IP ERROR: %d" % number, "ERROR") for number in (22, 4, 12)])


def test_keep_alive_when_set():
    assert SimcomRig(quirks=["keep-alive=service-only"]).command("AT+CTCPKA=1,2,5,1") == ERROR
    rig = SimcomRig()
    assert rig.command("AT+CTCPKA=1,3,5,1") == OK  # the service is closed
    peer = rig.service().tcp()
    check("S-404", [rig.command("AT+CTCPKA=1,2,5,1"), rig.command("AT+CTCPKA?")], [OK, frames("+CTCPKA: 1,2,5,1", "OK")])
    assert peer.options[0] == (1, 120, 60, 5)


def test_retransmission_when_set():
    rig = SimcomRig().service()
    peer = rig.tcp()
    assert peer.options[1] == 120  # ten retries take longer than AT+CIPSEND waits
    for line, seconds in (("=2,,,,,,1000", 7), ("=0,,,,,,500", 1), ("=3,,,,,,90000", 120), ("=10,,,,,,500", 120)):
        assert rig.command("AT+CIPCCFG" + line) == OK
        assert peer.options[1] == seconds, (line, peer.options)
    rig.command("AT+CIPTIMEOUT=,,3000")
    assert rig.tcp(2).options[1] == 3


def test_output_delay_when_set():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    assert rig.command("AT+CIPCCFG=,700") == OK
    peer.send(b"abc")
    assert rig.pass_time(0.6) == b""
    assert rig.pass_time(0.2) == block("RECV FROM:117.131.85.139:5253", "+IPD3") + b"abc"
    peer.send(b"def")
    assert rig.command("AT+CIPCLOSE=1") == OK + frames("+CIPCLOSE: 1,0")
    assert rig.pass_time(1) == b""


def test_socket_parameters_when_the_firmware_is_older():
    rig = SimcomRig(quirks=["cipccfg=old"])
    lines = ["=?", "=10,0,0,0,1,0,500,1", "=10,0,0,0,1,0,500", "?"]
    want = [frames("+CIPCCFG: (0-10),(0-1000),(0),(0-1),(0-1),(0-1),(500-120000)", "OK"), ERROR, OK]
    assert [rig.command("AT+CIPCCFG" + line) for line in lines] == want + [frames("+CIPCCFG: 10,0,0,0,1,0,500", "OK")]
    rig = SimcomRig(quirks=["cipccfg=missing", "rxget-source=unknown"])
    assert {rig.command("AT+CIPCCFG" + line) for line in ("=?", "?", "", "=10")} == {ERROR}
    assert [rig.command("AT+CIPRXGET=%d" % mode) for mode in (5, 1)] == [ERROR, OK]


def test_restart_when_asked_for():
    rig = SimcomRig().service()
    peer = rig.tcp()
    rig.command("AT+CIPRXGET=1")
    assert rig.command("AT+CRESET") == OK
    assert rig.command("AT") == b""
    boot = ("*ATREADY: 1", "+CPIN: READY", "SMS DONE", "+CGEV: EPS PDN ACT 1", "PB DONE")
    assert rig.pass_time(5) == frames(*boot)
    assert peer.gone
    assert rig.command("AT+CIPRXGET?") == frames("+CIPRXGET: 0", "OK")
    assert rig.command('AT+CIPOPEN=1,"TCP","%s",1' % PEER) == frames("+CIPOPEN: 1,2", "ERROR")


def test_boot_lines_when_a_quirk_changes_them():
    def boot(value):
        rig = SimcomRig(quirks=["boot=" + value])
        rig.command("AT+CRESET")
        return rig.pass_time(10)

    assert boot("rdy").startswith(frames("RDY"))
    assert b"*ISIMAID" in boot("isimaid")
    assert boot("flapping").find(b"DEACT") < boot("flapping").rfind(b"PDN ACT")
    assert b"PB DONE" not in boot("no-pb")
    assert boot("pb-first").find(b"PB DONE") < boot("pb-first").find(b"SMS DONE")


def test_order_when_a_quirk_changes_it():
    rig = SimcomRig(quirks=["order=result-first"])
    assert rig.command("AT+NETOPEN") == frames("+NETOPEN: 0", "OK")
    assert rig.command('AT+CIPOPEN=1,"TCP","%s",1' % PEER) == frames("+CIPOPEN: 1,0", "OK")
    rig.net.refuse = "refused"
    assert rig.command('AT+CIPOPEN=2,"TCP","%s",1' % PEER) == frames("+CIPOPEN: 2,1", "ERROR")
    assert rig.command("AT+CIPCLOSE=1") == frames("+CIPCLOSE: 1,0", "OK")
    rig = SimcomRig(quirks=["order=swapped"])
    assert rig.command("AT+NETOPEN") == frames("+NETOPEN: 0", "OK")
    assert rig.command('AT+CIPOPEN=1,"UDP",,,5000') == OK + frames("+CIPOPEN: 1,0")
    assert rig.command("AT+CIPCLOSE=1") == OK + frames("+CIPCLOSE: 1,0")
    rig = SimcomRig(quirks=["order=ok-first"]).service()
    assert rig.command('AT+CIPOPEN=1,"UDP",,,5000') == OK + frames("+CIPOPEN: 1,0")


def test_lines_when_other_quirks_change_them():
    rig = SimcomRig(quirks=["urc-crlf=after", "prompt", "ipaddr-error"])
    assert rig.command("AT+IPADDR") == frames("+IPADDR: Network not opened", "ERROR")
    assert rig.command("AT+NETOPEN") == OK + b"+NETOPEN: 0\r\n"
    rig.command('AT+CIPOPEN=1,"TCP","%s",1' % PEER)
    assert rig.command("AT+CIPSEND=1,2") == PROMPT + b" "
    rig = SimcomRig(quirks=["urc-crlf=doubled"])
    assert rig.command("AT+NETOPEN") == OK + b"\r\n\r\n+NETOPEN: 0\r\n\r\n"
    rig = SimcomRig(quirks=["netclose=silent"]).service()
    rig.tcp()
    assert rig.command("AT+NETCLOSE") == OK + frames("+NETCLOSE: 0")
    rig = SimcomRig(quirks=["netclose=refuses"]).service()
    rig.tcp()
    assert rig.command("AT+NETCLOSE") == frames("+NETCLOSE: 9", "ERROR")


def test_quirks_when_unknown():
    for spec in ("nothing", "order=backwards"):
        try:
            SimcomRig(quirks=[spec])
        except ValueError as error:
            assert spec.split("=")[0] in str(error)
        else:
            raise AssertionError(spec)
    text = TOPICS["quirks"]("vmodem")
    for name in SimcomRig().modem.model.options:
        assert name + "=" in text


def test_faults_when_they_refuse_commands():
    rig = SimcomRig(faults=["busy:cmd=+CIPOPEN,times=1", "fail:code=4,cmd=+CIPCLOSE,times=1", "same-prefix:cmd=+CREG"]).service()
    assert rig.command('AT+CIPOPEN=1,"TCP","%s",1' % PEER) == frames("+CIPOPEN: 1,8", "ERROR")
    rig.tcp()
    assert rig.command("AT+CIPCLOSE=1") == frames("+CIPCLOSE: 1,4", "ERROR")
    assert rig.command("AT+CREG?") == frames("+CREG: 1", "+CREG: 0,1", "OK")


def test_radio_when_switched_off():
    rig = SimcomRig().service()
    assert rig.command("AT+CFUN=0") == OK + frames("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
    assert rig.command("AT+NETOPEN?") == frames("+NETOPEN: 1", "OK")


def test_clock_when_no_network_has_set_it():
    rig = SimcomRig(quirks=["clock"])
    assert rig.command("AT+CCLK?") == frames('+CCLK: "70/01/01,00:00:00+00"', "OK")
