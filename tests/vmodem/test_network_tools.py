# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's network tools: AT+QPING, QNTP, QIDNSCFG, QIDNSGIP."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig


def lines(data):
    """The lines after OK."""
    assert data.startswith(OK), data
    return [line for line in data[len(OK) :].split(b"\r\n") if line]


# AT+QPING --------------------------------------------------------------------------------------------------------------


def test_ping_when_asked_what_it_takes():
    check("Q-221", Rig().command("AT+QPING=?"), b"\r\n+QPING: (1-15),<host>,(1-255),(1-10)\r\n" + OK)


def test_ping_when_it_succeeds():
    rig = Rig().online()
    rig.net.pings = [(192, 64), (240, 64), (300, 64), (479, 64)]
    got = rig.command('AT+QPING=1,"192.0.2.1"') + rig.pass_time(2)
    printed = lines(got)
    check("Q-222", (got[:6], printed[-1].count(b","), [line.count(b",") for line in printed[:-1]]), (OK, 6, [4] * 4))
    check("Q-223", len(printed), 5)
    check("Q-224", printed[0], b'+QPING: 0,"192.0.2.1",32,192,64')
    check("Q-225", printed[-1], b"+QPING: 0,4,4,0,192,479,302")


def test_ping_when_requests_are_lost():
    rig = Rig().online()
    rig.net.pings = ["timeout", (20, 64)]
    got = rig.command('AT+QPING=1,"192.0.2.1",2,2')
    early = got + rig.pass_time(1.9)
    printed = lines(early + rig.pass_time(1))
    check("Q-226", (early, printed[0]), (OK, b"+QPING: 569"))
    assert printed[1:] == [b'+QPING: 0,"192.0.2.1",32,20,64', b"+QPING: 0,2,1,1,20,20,20"]
    rig.net.pings = ["timeout"] * 4
    got = rig.command('AT+QPING=1,"192.0.2.1"')
    early = got + rig.pass_time(3.9)
    later = rig.pass_time(0.2)
    check("Q-419", (early, later), (OK, b"\r\n+QPING: 569\r\n"))
    assert lines(OK + rig.pass_time(20)) == [b"+QPING: 569"] * 3 + [b"+QPING: 0,4,0,4,0,0,0"]
    assert rig.error() == 0


def test_ping_when_the_host_is_unknown():
    rig = Rig().online()
    check("Q-227", rig.command('AT+QPING=1,"no.such.name"') + rig.pass_time(60), OK + b"\r\n+QPING: 565\r\n")
    rig.net.pings = [(5, 64)]
    assert lines(rig.command('AT+QPING=1,"example.com",1,1') + rig.pass_time(1))[0] == b'+QPING: 0,"192.0.2.10",32,5,64'


def test_ping_when_refused():
    rig = Rig().online()
    wrong = ['1,"h",0', '1,"h",256', '1,"h",4,0', '1,"h",4,11']
    check("Q-228", [rig.command("AT+QPING=" + text) for text in wrong], [ERROR] * 4)
    assert [rig.command('AT+QPING=2,"h"'), rig.error()] == [ERROR, 561]
    assert rig.command('AT+QPING=1,"192.0.2.1"') == OK
    assert [rig.command('AT+QPING=1,"192.0.2.1"'), rig.error()] == [ERROR, 568]


def test_ping_when_the_module_restarts():
    rig = Rig().online()
    rig.net.pings = [(500, 64)] * 4
    rig.command('AT+QPING=1,"192.0.2.1"')
    rig.command("AT+CFUN=1,1")
    assert b"QPING" not in rig.pass_time(60)


# AT+QNTP ---------------------------------------------------------------------------------------------------------------


def ntp_answer(seconds, fraction=0):
    """The 48 bytes of an NTP server's answer (RFC 5905)."""
    packet = bytearray(48)
    packet[0], packet[1] = 0x1C, 2
    packet[40:48] = (seconds + 2208988800).to_bytes(4, "big") + fraction.to_bytes(4, "big")
    return bytes(packet)


def test_time_when_asked_for():
    rig = Rig().online()
    check("Q-232", rig.command("AT+QNTP=?"), b"\r\n+QNTP: (1-15),<server>,(1-65535),(0,1)\r\n" + OK)
    assert rig.command('AT+QNTP=1,"192.0.2.123",1123,0') == OK
    link = rig.net.links[-1]
    assert link.remote == ("192.0.2.123", 1123)
    assert link.datagrams[0][0] == b"\x1b" + bytes(47)
    during = rig.command("AT+QNTP?")
    link.send(ntp_answer(1790000000), ("192.0.2.123", 1123))
    check("Q-233", rig.port.take(), b'\r\n+QNTP: 0,"2026/09/21,14:13:20+00"\r\n')
    check("Q-237", [during, rig.command("AT+QNTP?")], [b'\r\n+QNTP: "192.0.2.123",1123\r\n' + OK, OK])
    before = rig.command("AT+CCLK?")
    rig.command('AT+QNTP=1,"192.0.2.123",1123,1')
    rig.net.links[-1].send(ntp_answer(1790000000), ("192.0.2.123", 1123))
    rig.port.take()
    after = rig.command("AT+CCLK?")
    check(
        "Q-236", (before, after), (b'\r\n+CCLK: "23/11/14,22:13:20+00"\r\n' + OK, b'\r\n+CCLK: "26/09/21,14:13:20+00"\r\n' + OK)
    )


def test_time_when_the_port_is_omitted():
    rig = Rig().online()
    rig.command('AT+QNTP=1,"example.com"')
    check("Q-235", rig.net.links[-1].remote, ("example.com", 123))


def test_time_when_nobody_answers():
    rig = Rig().online()
    assert rig.command('AT+QNTP=1,"192.0.2.123"') == OK
    rig.net.links[-1].send(b"\x1c" + bytes(10), ("192.0.2.123", 123))  # too short
    check("Q-234", [rig.pass_time(14.9), rig.pass_time(0.2), rig.error()], [b"", b"\r\n+QNTP: 569\r\n", 569])
    assert len(rig.net.links[-1].datagrams) == 3
    assert rig.command('AT+QNTP=1,"no.such.name"') == OK + b"\r\n+QNTP: 565\r\n"
    assert rig.command('AT+QNTP=1,"192.0.2.123",0') == ERROR
    assert [rig.command('AT+QNTP=2,"192.0.2.123"'), rig.error()] == [ERROR, 561]
    rig.command('AT+QNTP=1,"192.0.2.123"')
    assert [rig.command('AT+QNTP=1,"192.0.2.123"'), rig.error()] == [ERROR, 568]
    rig.command("AT+CFUN=1,1")
    assert b"QNTP" not in rig.pass_time(60)


# AT+QIDNSCFG and QIDNSGIP ----------------------------------------------------------------------------------------------


def with_kind(kind):
    rig = Rig()
    rig.command('AT+QICSGP=1,%d,"A"' % kind)
    rig.command("AT+QIACT=1")
    return rig


def test_name_servers_when_configured():
    rig = with_kind(1)
    check("Q-241", rig.command("AT+QIDNSCFG=?"), b"\r\n+QIDNSCFG: (1-15),<pridnsaddr>,<secdnsaddr>\r\n" + OK)
    check("Q-242", rig.command("AT+QIDNSCFG=1"), b'\r\n+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"\r\n' + OK)
    check("Q-243", with_kind(2).command("AT+QIDNSCFG=1"), b'\r\n+QIDNSCFG: 1,"2001:DB8::35","2001:DB8::36"\r\n' + OK)
    both = b'\r\n+QIDNSCFG: 1,"192.0.2.53","192.0.2.54","2001:DB8::35","2001:DB8::36"\r\n' + OK
    check("Q-244", with_kind(3).command("AT+QIDNSCFG=1"), both)
    one = [rig.command('AT+QIDNSCFG=1,"9.9.9.9"'), rig.command("AT+QIDNSCFG=1")]
    two = [rig.command('AT+QIDNSCFG=1,"8.8.8.8","8.8.4.4"'), rig.command("AT+QIDNSCFG=1")]
    want = [OK, b'\r\n+QIDNSCFG: 1,"9.9.9.9","192.0.2.54"\r\n' + OK, OK, b'\r\n+QIDNSCFG: 1,"8.8.8.8","8.8.4.4"\r\n' + OK]
    check("Q-245", one + two, want)
    wrong = ['1,"dns.example"', '1,"2001:db8::1"', '1,"1.1.1.1","2001:db8::1"', '1,"1.1.1.1","1.1.1.2","1.1.1.3"', "2"]
    assert [rig.command("AT+QIDNSCFG=" + text) for text in wrong] == [ERROR] * 5


def test_names_when_looked_up():
    rig = Rig().online()
    check("Q-248", rig.command("AT+QIDNSGIP=?"), b"\r\n+QIDNSGIP: (1-15),<hostname>\r\n" + OK)
    got = lines(rig.command('AT+QIDNSGIP=1,"example.com"'))
    want = [b'+QIURC: "dnsgip",0,2,300', b'+QIURC: "dnsgip","192.0.2.10"', b'+QIURC: "dnsgip","192.0.2.11"']
    check("Q-249", got, want)
    check("Q-250", rig.command('AT+QIDNSGIP=1,"no.such.name"'), OK + b'\r\n+QIURC: "dnsgip",565\r\n')
    check("Q-251", rig.error(), 565)
    assert [rig.command('AT+QIDNSGIP=2,"example.com"'), rig.error()] == [ERROR, 561]
    assert rig.command('AT+QIDNSGIP=1,""') == ERROR
    assert lines(rig.command('AT+QIDNSGIP=1,"198.51.100.7"'))[1] == b'+QIURC: "dnsgip","198.51.100.7"'
    assert lines(with_kind(2).command('AT+QIDNSGIP=1,"example.com"'))[1:] == [b'+QIURC: "dnsgip","2001:DB8::10"']
    rig = Rig(faults=["dns-silent"]).online()
    assert rig.command('AT+QIDNSGIP=1,"example.com"') == OK
    assert [rig.command('AT+QIDNSGIP=1,"example.com"'), rig.error()] == [ERROR, 564]
    assert rig.pass_time(1) == b'\r\n+QIURC: "dnsgip",565\r\n'
