# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual A76XX's network tools: AT+CDNSGIP, CDNSCFG, CPING, CNTP."""

from tests.conformance import check
from tests.rigs.virtual_a76xx import ERROR, OK, SimcomRig, block, frames


def _ntp_answer(seconds):
    answer = bytearray(48)
    answer[0], answer[1] = 0x1C, 2
    answer[40:44] = (seconds + 2208988800).to_bytes(4, "big")
    return bytes(answer)


def test_names_when_looked_up():
    rig = SimcomRig()
    rig.net.names["www.example.com"] = ["93.184.216.34"]
    got = [rig.command('AT+CDNSGIP="www.example.com"'), rig.command('AT+CDNSGIP="no.such.host"')]
    check("S-403", got, [frames('+CDNSGIP: 1,"www.example.com","93.184.216.34"', "OK"), frames("+CDNSGIP: 0,10", "ERROR")])
    two = block('+CDNSGIP: 1,"example.com","192.0.2.10"', '+CDNSGIP: 2,"example.com","192.0.2.11"')
    assert rig.command('AT+CDNSGIP="example.com"') == two + OK
    ones = SimcomRig(quirks=["dns-index=always-1"]).command('AT+CDNSGIP="example.com"')
    assert ones == two.replace(b": 2,", b": 1,") + OK
    rig.command("AT+CSOCKSETPN=1,6")
    assert rig.command('AT+CDNSGIP="example.com"') == frames('+CDNSGIP: 1,"example.com","2001:DB8::10"', "OK")
    assert rig.command('AT+CDNSGIP="%s"' % ("a" * 64)) == ERROR
    assert rig.command("AT+CDNSGIP") == ERROR


def test_names_when_servers_are_silent():
    rig = SimcomRig(faults=["dns-silent"])
    assert rig.command('AT+CDNSGIP="example.com"') == b""
    assert rig.pass_time(7) == frames("+CDNSGIP: 0,10", "ERROR")
    assert SimcomRig(faults=["denied"]).command('AT+CDNSGIP="example.com"') == frames("+CDNSGIP: 0,10", "ERROR")


def test_name_servers_when_set():
    rig = SimcomRig()
    lines = [
        "Primary IPv4 DNS: 192.0.2.53,Secondary IPv4 DNS: 192.0.2.54",
        "Primary IPv6 DNS: 2001:db8::35,Secondary IPv6 DNS: 2001:db8::36",
    ]
    check("S-405", rig.command("AT+CDNSCFG?"), frames(*lines) + OK)
    assert rig.command("AT+CDNSCFG=198.51.100.1") == OK
    assert rig.command("AT+CDNSCFG=2001:db8::1,2001:db8::2,1") == OK
    lines = [
        "Primary IPv4 DNS: 198.51.100.1,Secondary IPv4 DNS: 192.0.2.54",
        "Primary IPv6 DNS: 2001:db8::1,Secondary IPv6 DNS: 2001:db8::2",
    ]
    assert rig.command("AT+CDNSCFG?") == frames(*lines) + OK
    assert rig.command("AT+CDNSCFG=2001:db8::1") == ERROR


def test_ping_when_answered():
    rig = SimcomRig()
    rig.net.pings = [(20, 53), (40, 53), "timeout"]
    got = rig.command('AT+CPING="example.com",1,3,32,1000,10000') + rig.pass_time(60)
    want = ["+CPING: 1,192.0.2.10,32,20,53", "+CPING: 1,192.0.2.10,32,40,53", "+CPING: 2", "+CPING: 3,3,2,1,20,40,30"]
    check("S-430", got, OK + frames(*want))


def test_ping_when_it_cannot_be():
    rig = SimcomRig()
    for line in (
        '"h",3',
        '"h",1,6',
        '"h",1,4,3',
        '"h",1,4,64,999',
        '"h",1,4,64,1000,9999',
        '"h",1,4,64,1000,10000,15',
        '"",1',
        '"h",2',
    ):
        assert rig.command("AT+CPING=" + line) == ERROR
    rig.net.pings = ["dns"]
    assert rig.command('AT+CPING="no.such.host",1') == OK + frames("+CPING: 3,0,0,0,0,0,0")
    assert SimcomRig(faults=["denied"]).command('AT+CPING="192.0.2.1",1') == OK + frames("+CPING: 3,0,0,0,0,0,0")


def test_ping_when_stopped():
    rig = SimcomRig()
    assert rig.command("AT+CPINGSTOP") == ERROR
    rig.net.pings = [(20, 53)] * 5
    rig.command('AT+CPING="192.0.2.1",1,5')
    rig.pass_time(0.1)
    assert rig.command('AT+CPING="192.0.2.1",1') == ERROR
    assert rig.command("AT+CPINGSTOP") == OK + frames("+CPING: 3,1,1,0,20,20,20")
    assert rig.pass_time(60) == b""


def test_time_when_fetched():
    rig = SimcomRig()
    got = [rig.command('AT+CNTP="pool.ntp.org",32'), rig.command("AT+CNTP?"), rig.command("AT+CNTP")]
    rig.net.links[-1].send(_ntp_answer(1567992762), ("192.0.2.1", 123))  # 2019-09-09 01:32:42 UTC
    got += [rig.port.take(), rig.command("AT+CCLK?")]
    want = [OK, frames('+CNTP: "pool.ntp.org",32', "OK"), OK, frames("+CNTP: 0"), frames('+CCLK: "19/09/09,09:32:42+32"', "OK")]
    check("S-432", got, want)
    assert rig.command('AT+CNTP="pool.ntp.org",-8') == OK
    rig.command("AT+CNTP")
    rig.net.links[-1].send(_ntp_answer(1567992762), ("192.0.2.1", 123))
    rig.port.take()
    assert rig.command("AT+CCLK?") == frames('+CCLK: "19/09/08,23:32:42-08"', "OK")


def test_time_when_it_cannot_be_fetched():
    rig = SimcomRig()
    assert rig.command("AT+CNTP") == OK + frames("+CNTP: 2")
    assert rig.command('AT+CNTP="pool.ntp.org",97') == ERROR
    rig.command('AT+CNTP="pool.ntp.org"')
    assert rig.command("AT+CNTP") == OK
    assert rig.command("AT+CNTP") == ERROR
    assert rig.pass_time(14) == b""
    assert rig.pass_time(2) == frames("+CNTP: 6")
    rig.net.refuse = "dns"
    assert rig.command("AT+CNTP") == OK + frames("+CNTP: 4")
