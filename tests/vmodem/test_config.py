# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's AT+QICFG: every option, its range, its default, and what it changes on the line."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig

ORDER = (
    "transpktsize transwaittm dataformat viewmode udp/sendmode udp/readmode tcp/accept passiveclosed close/mode recvind "
    "tcp/keepalive tcp/retranscfg send/auto formatcfg qisend/timeout tcp/delay_ack dns/cache tcp/twrecycle dns/retry"
).split()
DEFAULTS = {
    "transpktsize": "1024",
    "transwaittm": "2",
    "dataformat": "0,0",
    "viewmode": "0",
    "udp/sendmode": "0",
    "udp/readmode": "0",
    "tcp/accept": "1",
    "passiveclosed": "0",
    "close/mode": "0",
    "recvind": "0",
    "tcp/keepalive": "0,60,25,3",
    "tcp/retranscfg": "5,3",
    "formatcfg": "0",
    "qisend/timeout": "5",
    "tcp/delay_ack": "0",
    "dns/cache": "1",
    "tcp/twrecycle": "2",
    "dns/retry": "2,200",
}
OTHER = {  # another value for each option
    "transpktsize": "1460",
    "transwaittm": "20",
    "dataformat": "1,1",
    "viewmode": "1",
    "udp/sendmode": "1",
    "udp/readmode": "1",
    "tcp/accept": "0",
    "passiveclosed": "1",
    "close/mode": "1",
    "recvind": "1",
    "tcp/keepalive": "1,1800,100,10",
    "tcp/retranscfg": "12,60",
    "formatcfg": "1",
    "qisend/timeout": "120",
    "tcp/delay_ack": "1",
    "dns/cache": "0",
    "tcp/twrecycle": "60000",
    "dns/retry": "4,2000",
}


def value(rig, name):
    """The values that the query form shows."""
    answer = rig.command('AT+QICFG="%s"' % name)
    assert answer.startswith(b'\r\n+QICFG: "%s",' % name.encode()) and answer.endswith(b"\r\n" + OK), answer
    return answer[len(name) + 13 : -8].decode()


def put(rig, name, values):
    """Whether the set form accepts `values`."""
    answer = rig.command('AT+QICFG="%s",%s' % (name, values))
    assert answer in (OK, ERROR)
    return answer == OK


def test_options_when_listed():
    lines = Rig().command("AT+QICFG=?").split(b"\r\n\r\n")
    names = [line.split(b'"')[1].decode() for line in lines[:-1]]
    check("Q-180", (names, lines[-1]), (ORDER, b"OK\r\n"))
    assert b'"tcp/keepalive",(0,1),(1-1800),(25-100),(3-10)' in lines[10]


def test_options_when_queried_and_set():
    rig = Rig()
    check("Q-181", {name: value(rig, name) for name in DEFAULTS}, DEFAULTS)
    assert rig.command('AT+QICFG="send/auto"') == OK
    assert rig.command('AT+QICFG="send/auto",3') == b'\r\n+QICFG: "send/auto",3,0,"",0\r\n' + OK
    assert all(put(rig, name, values) for name, values in OTHER.items())
    check("Q-182", {name: value(rig, name) for name in OTHER}, OTHER)
    check("Q-183", rig.command('AT+QICFG="no/such"'), ERROR)
    check("Q-184", rig.command('AT+QICFG="ViewMode"'), b'\r\n+QICFG: "viewmode",1\r\n' + OK)
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    check("Q-186", {name: value(rig, name) for name in DEFAULTS}, DEFAULTS)
    names = ["transpktsize", "transwaittm", "tcp/keepalive", "tcp/retranscfg", "qisend/timeout", "tcp/twrecycle", "dns/retry"]
    shown = [value(rig, name) for name in names]
    check("Q-188", shown, ["1024", "2", "0,60,25,3", "5,3", "5", "2", "2,200"])


def test_options_when_out_of_range():
    rig = Rig()
    wrong = [("transpktsize", "0"), ("transwaittm", "21"), ("viewmode", "2"), ("formatcfg", '"1"'), ("recvind", "x")]
    refused = [put(rig, name, values) for name, values in wrong]
    check("Q-185", (refused, [value(rig, name) for name, _ in wrong]), ([False] * 5, ["1024", "2", "0", "0", "0"]))
    assert not put(rig, "viewmode", "1,1")
    accepted = [put(rig, "tcp/keepalive", values) for values in ("0,1,25,3", "1,1800,100,10")]
    wrong = ["2,60,25,3", "1,0,25,3", "1,1801,25,3", "1,60,24,3", "1,60,101,3", "1,60,25,2", "1,60,25,11", "1,60,25", "1"]
    check("Q-208", (accepted, [put(rig, "tcp/keepalive", values) for values in wrong]), ([True] * 2, [False] * 9))
    accepted = [put(rig, "tcp/retranscfg", values) for values in ("3,1", "12,60")]
    wrong = ["2,1", "13,1", "3,0", "3,61", "3"]
    check("Q-210", (accepted, [put(rig, "tcp/retranscfg", values) for values in wrong]), ([True] * 2, [False] * 5))
    both = [put(rig, name, values) for name in ("tcp/delay_ack", "dns/cache") for values in ("0", "1", "2")]
    check("Q-218", both, [True, True, False] * 2)
    check("Q-219", [put(rig, "tcp/twrecycle", values) for values in ("1", "2", "60000", "60001")], [False, True, True, False])
    accepted = [put(rig, "dns/retry", values) for values in ("1,100", "4,2000")]
    wrong = ["0,100", "5,100", "1,99", "1,2001", "1"]
    check("Q-220", (accepted, [put(rig, "dns/retry", values) for values in wrong]), ([True] * 2, [False] * 5))


# What they change ------------------------------------------------------------------------------------------------------


def test_dataformat_when_hexadecimal():
    rig = Rig().online()
    peer = rig.open()
    check("Q-194", [put(rig, "dataformat", values) for values in ("1", "1,2", "1,1")], [False, False, True])
    rig.command("AT+QISEND=0,4")
    check("Q-191", [rig.host(b"74657374"), bytes(peer.received)], [b"\r\nSEND OK\r\n", b"test"])
    rig.command("AT+QISEND=0")
    assert rig.host(b"0aFF\x1a") == b"\r\nSEND OK\r\n"
    assert peer.received == b"test\x0a\xff"
    rig.command("AT+QISEND=0,2")
    assert [rig.host(b"7g65"), rig.error()] == [ERROR, 552]
    rig.command("AT+QISEND=0")
    assert rig.host(b"123\x1a") == ERROR
    peer.send(b"test")
    rig.port.take()
    read = rig.command("AT+QIRD=0")
    rig.command("AT+QISWTMD=0,1")
    peer.send(b"\xab")
    want = [b"\r\n+QIRD: 4\r\n74657374\r\n" + OK, b'\r\n+QIURC: "recv",0,1\r\nAB\r\n']
    check("Q-192", [read, rig.port.take()], want)


def test_viewmode_when_in_one_line():
    rig = Rig().online()
    peer = rig.open()
    link = rig.open(2, "UDP SERVICE", mode=1, local=3030)
    answers = []
    for mode in ("0", "1"):
        put(rig, "viewmode", mode)
        peer.send(b'a,"b",1')
        rig.port.take()
        answers.append(rig.command("AT+QIRD=0"))
        link.send(b"AAAA", ("10.7.76.34", 7687))
        answers.append(rig.port.take())
    want = [
        b'\r\n+QIRD: 7\r\na,"b",1\r\n' + OK,
        b'\r\n+QIURC: "recv",2,4,"10.7.76.34",7687\r\nAAAA\r\n',
        b'\r\n+QIRD: 7,a,"b",1\r\n' + OK,
        b'\r\n+QIURC: "recv",2,4,"10.7.76.34",7687,AAAA\r\n',
    ]
    check("Q-196", answers, want)
    assert rig.command("AT+QIRD=0") == b"\r\n+QIRD: 0\r\n" + OK
    put(rig, "dataformat", "1,1")
    link.send(b"AAAA", ("10.7.76.34", 7687))
    assert rig.port.take() == b'\r\n+QIURC: "recv",2,4,"10.7.76.34",7687,41414141\r\n'


def test_formats_when_transparent():
    rig = Rig().online()
    put(rig, "viewmode", "1")
    put(rig, "dataformat", "1,1")
    peer = rig.open(0, mode=2)
    rig.host(b"7465")
    rig.pass_time(1)
    peer.send(b"7374,\x00")
    got = rig.port.take(), bytes(peer.received)
    check("Q-193", got, (b"7374,\x00", b"7465"))
    check("Q-197", got[0], b"7374,\x00")


def test_prompt_when_formatted():
    rig = Rig().online()
    rig.open()
    prompts = []
    for mode in ("0", "1"):
        put(rig, "formatcfg", mode)
        prompts.append(rig.command("AT+QISEND=0,1"))
        rig.host(b"x")
    check("Q-215", prompts, [b"\r\n>", b"\r\n>\r\n"])
    rig.command("ATS4=33")
    check("Q-216", rig.command("AT+QISEND=0,1"), b"\r!>\r!")


def test_periodic_sends_when_configured():
    rig = Rig().online()
    peer = rig.open(3)
    accepted = [put(rig, "send/auto", '3,%d,"50494e47",0' % period) for period in (1, 19, 20)]
    rig.pass_time(19.9)
    before = bytes(peer.received)
    rig.pass_time(0.2)
    once = bytes(peer.received)
    rig.pass_time(20)
    check("Q-212", (before, once, bytes(peer.received)), (b"", b"PING", b"PINGPING"))
    stopped = put(rig, "send/auto", "3,0")
    rig.pass_time(100)
    check("Q-211", (accepted, stopped, bytes(peer.received)), ([False, False, True], True, b"PINGPING"))
    assert rig.command('AT+QICFG="send/auto",3') == b'\r\n+QICFG: "send/auto",3,0,"",0\r\n' + OK


def test_periodic_sends_when_the_first_comes_at_once():
    rig = Rig().online()
    first, later = rig.open(3), rig.open(4)
    put(rig, "send/auto", '3,20,"AA",1')
    put(rig, "send/auto", '4,20,"BB",0')
    rig.pass_time(0.1)
    at_once = bytes(first.received), bytes(later.received)
    rig.pass_time(20)
    got = (at_once, bytes(first.received), bytes(later.received))
    check("Q-213", got, ((b"\xaa", b""), b"\xaa\xaa", b"\xbb"))
    assert rig.command('AT+QICFG="send/auto"').count(b'"send/auto"') == 2
    assert rig.command('AT+QICFG="send/auto",3') == b'\r\n+QICFG: "send/auto",3,20,"AA",1\r\n' + OK
    rig.command("AT+QICLOSE=3")
    assert rig.pass_time(40) == b""


def test_periodic_message_when_long():
    rig = Rig().online()
    peer = rig.open(0)
    got = [put(rig, "send/auto", '0,20,"%s",1' % ("5A" * count)) for count in (200, 201)]
    check("Q-214", (got, bytes(peer.received)), ([True, False], b"Z" * 200))
    assert not put(rig, "send/auto", '0,20,"5",1')
    assert not put(rig, "send/auto", '12,20,"55",1')


def test_port_of_unsolicited_lines_when_chosen():
    rig = Rig().online()
    peer = rig.open()
    assert rig.command('AT+QURCCFG="urcport"') == b'\r\n+QURCCFG: "urcport","all"\r\n' + OK
    assert rig.command('AT+QURCCFG="urcport","usbat"') == OK
    peer.send(b"x")
    assert rig.port.take() == b""
    assert rig.command('AT+QURCCFG="urcport","uart1"') == OK
    rig.command("AT+QIRD=0")
    peer.send(b"x")
    assert rig.port.take() == b'\r\n+QIURC: "recv",0\r\n'
    assert rig.command('AT+QURCCFG="urcport","lpt1"') == ERROR
