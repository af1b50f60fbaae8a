# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's PDP contexts: AT+QICSGP, QIACT, QIDEACT, QIACTEX, QIDEACTEX, QIGETERROR, and loss of a context."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig

V4 = b'"10.7.157.1"'
V6 = b'"2001:DB8:459:40D::1"'


def test_context_when_configured():
    rig = Rig()
    check("Q-026", rig.command("AT+QICSGP=?"), b"\r\n+QICSGP: (1-15),(1-3),<APN>,<username>,<password>,(0-3)\r\n" + OK)
    check("Q-027", rig.command("AT+QICSGP=1"), b'\r\n+QICSGP: 1,"","","",0\r\n' + OK)
    check("Q-030", rig.command('AT+QICSGP=1,1,"CMNET"'), OK)
    assert rig.command('AT+QICSGP=7,3,"internet","me","word",3') == OK
    check("Q-031", rig.command("AT+QICSGP=7"), b'\r\n+QICSGP: 3,"internet","me","word",3\r\n' + OK)
    check("Q-028", rig.command("AT+QICSGP=7").split(b"\r\n")[1].split(b",")[0], b"+QICSGP: 3")
    assert rig.command('AT+QICSGP=2,1,"X",1') == OK  # <authentication> directly after <APN>
    assert rig.command("AT+QICSGP=2") == b'\r\n+QICSGP: 1,"X","","",1\r\n' + OK


def test_context_when_configured_wrongly():
    rig = Rig()
    long = "x" * 128
    wrong = ['AT+QICSGP=1,1,"A","%s","p",1' % long, 'AT+QICSGP=1,1,"A","u","%s",1' % long]
    check("Q-033", [rig.command(line) for line in wrong], [ERROR] * 2)
    assert rig.command('AT+QICSGP=1,1,"A","%s","p",1' % long[:127]) == OK
    rig.command('AT+QICSGP=1,1,"A","u","p",0')
    wrong = ['AT+QICSGP=1,0,"A"', 'AT+QICSGP=1,4,"A"', 'AT+QICSGP=1,1,"A","u","p",4']
    check("Q-034", [rig.command(line) for line in wrong], [ERROR] * 3)
    check("Q-035", [rig.command("AT+QICSGP=16"), rig.command('AT+QICSGP=15,1,"A"')], [ERROR, OK])
    assert rig.command("AT+QICSGP=1") == b'\r\n+QICSGP: 1,"A","u","p",0\r\n' + OK
    assert rig.command('AT+QICSGP=1,1,"A","u","p",1,1') == ERROR
    assert rig.command("AT+QICSGP=1,1") == ERROR


def test_settings_when_the_module_restarts():
    rig = Rig().online()
    rig.command('AT+QICSGP=3,1,"KEEP","u","p",1')
    rig.command('AT+QIDNSCFG=1,"9.9.9.9"')
    rig.command('AT+QICFG="viewmode",1')
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    kept = rig.command("AT+QICSGP=3") == b'\r\n+QICSGP: 1,"KEEP","u","p",1\r\n' + OK
    rig.command("AT+QIACT=1")
    gone = b"9.9.9.9" not in rig.command("AT+QIDNSCFG=1")
    check("Q-246", gone, True)
    check("Q-259", rig.command("AT+QISDE?"), b"\r\n+QISDE: 1\r\n" + OK)
    default = rig.command('AT+QICFG="viewmode"') == b'\r\n+QICFG: "viewmode",0\r\n' + OK
    check("Q-032", (kept, gone, default), (True, True, True))


def test_context_when_activated():
    rig = Rig()
    check("Q-039", rig.command("AT+QIACT=?"), b"\r\n+QIACT: (1-15)\r\n" + OK)
    check("Q-044", rig.command("AT+QIACT?"), OK)
    check("Q-040", [rig.command("AT+QIACT=1"), Rig(faults=["denied"]).command("AT+QIACT=1")], [OK, ERROR])
    check("Q-042", rig.command("AT+QIACT?"), b"\r\n+QIACT: 1,1,1," + V4 + b"\r\n" + OK)
    assert [rig.command("AT+QIACT=1"), rig.error()] == [ERROR, 572]
    rig.command('AT+QICSGP=2,2,"A"')
    rig.command("AT+QIACT=2")
    assert rig.command("AT+QIACT?").split(b"\r\n")[3] == b'+QIACT: 2,1,2,"2001:DB8:459:40D::2"'


def test_context_when_dual_stack():
    rig = Rig()
    rig.command('AT+QICSGP=1,3,"A"')
    rig.command("AT+QIACT=1")
    check("Q-043", rig.command("AT+QIACT?"), b"\r\n+QIACT: 1,1,3," + V4 + b"," + V6 + b"\r\n" + OK)
    rig.command('AT+QICSGP=1,1,"A"')
    assert rig.command("AT+QIACT?") == b"\r\n+QIACT: 1,1,3," + V4 + b"," + V6 + b"\r\n" + OK  # the next activation counts


def test_context_without_apn_when_the_network_wants_one():
    rig = Rig(faults=["need-apn"])
    check("Q-049", [rig.command("AT+QIACT=1"), rig.error()], [ERROR, 574])
    assert b"574,APN not configured" in _after(rig, "AT+QIACT=1", "AT+QIGETERROR")
    rig.command('AT+QICSGP=1,1,"A"')
    assert rig.command("AT+QIACT=1") == OK


def test_context_with_an_apn_that_is_not_the_network_s():
    rig = Rig(faults=["need-apn:apn=internet"])
    rig.command('AT+QICSGP=1,1,"wrong"')
    assert [rig.command("AT+QIACT=1"), rig.error()] == [ERROR, 561]
    rig.command('AT+QICSGP=1,1,"Internet"')
    assert rig.command("AT+QIACT=1") == OK


def _after(rig, first, second):
    rig.command(first)
    return rig.command(second)


def test_many_contexts_when_activated():
    rig = Rig()
    all_up = [rig.command("AT+QIACT=%d" % number) for number in range(1, 16)]
    few = Rig(faults=["contexts:max=2"])
    limited = [few.command("AT+QIACT=%d" % number) for number in (1, 2, 3)]
    check("Q-417", (all_up, rig.command("AT+QIACT?").count(b"+QIACT"), limited), ([OK] * 15, 15, [OK, OK, ERROR]))


def test_context_when_deactivated():
    rig = Rig().online()
    peer = rig.open(0)
    rig.open(1, "UDP SERVICE", local=3030)
    check("Q-050", rig.command("AT+QIDEACT=?"), b"\r\n+QIDEACT: (1-15)\r\n" + OK)
    check("Q-051", [rig.command("AT+QIDEACT=1"), rig.command("AT+QIDEACT=16")], [OK, ERROR])
    check("Q-052", [rig.command("AT+QISTATE"), peer.gone, rig.command("AT+QIACT?")], [OK, True, OK])


def test_asynchronous_activation():
    rig = Rig()
    check("Q-055", rig.command("AT+QIACTEX=?"), b"\r\n+QIACTEX: (1-15),(0,1)\r\n" + OK)
    check("Q-056", rig.command("AT+QIACTEX=1"), OK + b"\r\n+QIACTEX: 1,0\r\n")
    check("Q-060", rig.command("AT+QIACTEX?"), b"\r\n+QIACTEX: 1,1,1," + V4 + b"\r\n" + OK)
    check("Q-059", [rig.command("AT+QIACTEX=16"), rig.command("AT+QIACTEX=1"), rig.pass_time(200)], [ERROR, ERROR, b""])
    rig.open()
    check("Q-064", rig.command("AT+QIDEACTEX=?"), b"\r\n+QIDEACTEX: (1-15)\r\n" + OK)
    check("Q-065", rig.command("AT+QIDEACTEX=1"), OK + b"\r\n+QIDEACTEX: 1,0\r\n")
    check("Q-067", [rig.command("AT+QISTATE"), rig.net.links[-1].gone], [OK, True])
    check("Q-057", rig.command("AT+QIACTEX=1,1"), OK + b"\r\n+QIACTEX: 1,0,1," + V4 + b"\r\n")


def test_asynchronous_activation_when_it_fails():
    rig = Rig(faults=["denied"])
    check("Q-058", rig.command("AT+QIACTEX=1,1"), OK + b"\r\n+QIACTEX: 1,561\r\n")
    assert rig.error() == 561
    rig = Rig(faults=["fail:cmd=QIDEACTEX,code=562,urc=1"]).online()
    assert rig.command("AT+QIDEACTEX=1") == OK + b"\r\n+QIDEACTEX: 1,562\r\n"
    assert rig.command("AT+QIACT?") != OK


def test_activation_result_when_the_read_form_runs():
    rig = Rig(faults=["delay:cmd=QIACTEX,ms=1000,urc=1", "late:cmd=QIACTEX,skip=1,ms=2000"])
    rig.command("AT+QIACT=2")
    assert rig.command("AT+QIACTEX=1,1") == OK
    answer = rig.command("AT+QIACTEX?") + rig.pass_time(3)
    want = b'\r\n+QIACTEX: 2,1,1,"10.7.157.2"\r\n' + OK + b"\r\n+QIACTEX: 1,0,1," + V4 + b"\r\n"
    check("Q-062", answer, want)


def test_delays_when_beyond_every_limit():
    rig = Rig(faults=["delay:cmd=QIACT,ms=200000", "delay:cmd=QIDEACTEX,ms=50000,urc=1"])
    got = [rig.command("AT+QIACT=1"), rig.pass_time(199.9), rig.pass_time(0.2)]
    got += [rig.command("AT+QIDEACTEX=1"), rig.pass_time(49.9), rig.pass_time(0.2)]
    check("Q-392", got, [b"", b"", OK, OK, b"", b"\r\n+QIDEACTEX: 1,0\r\n"])


def test_context_when_the_network_takes_it():
    rig = Rig(faults=["context-loss:at=10"]).online()
    rig.open(3)
    rig.open(4, "TCP LISTENER", local=2020)
    want = b'\r\n+QIURC: "pdpdeact",1\r\n\r\n+QIURC: "closed",3\r\n\r\n+QIURC: "closed",4\r\n'
    check("Q-276", rig.pass_time(10), want)
    assert rig.command("AT+QIACT?") == OK
    assert rig.state(3) == 4
    assert [rig.command("AT+QIACT=1"), rig.error()] == [ERROR, 572]  # AT+QIDEACT comes first
    assert rig.command("AT+QIDEACT=1") == OK
    assert rig.command("AT+QISTATE") == OK
    assert rig.command("AT+QIACT=1") == OK


def test_context_when_the_radio_is_switched_off():
    rig = Rig().online()
    rig.open(0)
    assert rig.command("AT+CFUN=4") == b'\r\n+QIURC: "pdpdeact",1\r\n\r\n+QIURC: "closed",0\r\n' + OK


def test_last_error_when_asked():
    rig = Rig()
    check("Q-260", rig.command("AT+QIGETERROR=?"), OK)
    rig.command("AT+QIACT=99")
    check("Q-261", rig.command("AT+QIGETERROR"), b"\r\n+QIGETERROR: 552,invalid parameters\r\n" + OK)
    codes = [rig.error()]
    rig.command("AT+QIACT=1")
    check("Q-262", codes + [rig.error()], [552, 0])
    rig.net.refuse = "refused"
    assert rig.command('AT+QIOPEN=1,0,"TCP","192.0.2.1",80') == OK + b"\r\n+QIOPEN: 0,566\r\n"
    check("Q-263", rig.error(), 566)


def test_every_error_code_when_injected():
    codes = [*range(550, 575)]
    seen = []
    for code in codes:
        rig = Rig(faults=["fail:cmd=QIACT,code=%d" % code, "fail:cmd=QIOPEN,code=%d,urc=1" % code])
        refused = rig.command("AT+QIACT=1"), rig.error()
        rig = Rig(faults=["fail:cmd=QIOPEN,code=%d,urc=1" % code]).online()
        by_urc = rig.command('AT+QIOPEN=1,0,"TCP","192.0.2.1",80'), rig.error()
        seen.append((refused, by_urc))
    check("Q-408", seen, [((ERROR, code), (OK + b"\r\n+QIOPEN: 0,%d\r\n" % code, code)) for code in codes])
