# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""How the virtual modem carries payload: AT+QISEND, QISENDEX, QIRD, QISDE, the recv URCs and direct push."""

from tests.conformance import check
from tests.rigs.virtual_modem import ERROR, OK, Rig

SENT = b"\r\nSEND OK\r\n"
PROMPT = b"\r\n>"
EVERY = bytes(range(256))


def connected(mode=0, **options):
    rig = Rig(**options).online()
    return rig, rig.open(0, mode=mode)


def service(mode=0):
    rig = Rig().online()
    return rig, rig.open(2, "UDP SERVICE", mode=mode, host="127.0.0.1", port=0, local=3030)


def send(rig, data, number=0):
    """Send with the fixed-length form; the result."""
    assert rig.command("AT+QISEND=%d,%d" % (number, len(data))) == PROMPT
    return rig.host(data)


# AT+QISEND -------------------------------------------------------------------------------------------------------------


def test_send_when_asked_what_it_takes():
    check("Q-113", Rig().command("AT+QISEND=?"), b"\r\n+QISEND: (0-11),(0-1460)\r\n" + OK)


def test_send_when_ended_by_control_z():
    rig, peer = connected()
    got = [rig.command("AT+QISEND=0"), rig.host(b"tes"), rig.host(b"t1\x1a")]
    check("Q-114", got, [PROMPT, b"", SENT])
    check("Q-115", peer.received, b"test1")
    got = [rig.command("AT+QISEND=0"), rig.host(b"never\x1b"), rig.error()]
    check("Q-116", (got, peer.received), ([PROMPT, ERROR, 571], b"test1"))
    rig.command("AT+QISEND=0")
    assert rig.host(b"x" * 1461 + b"\x1a") == ERROR
    rig.command("AT+QISEND=0")
    assert rig.host(b"x" * 1460 + b"\x1a") == SENT
    rig.command("AT+QISEND=0")
    assert rig.host(b"\x1a") == SENT  # nothing at all


def test_send_when_of_fixed_length():
    rig, peer = connected()
    got = [rig.command("AT+QISEND=0,4"), rig.host(b"tes"), rig.host(b"tAT\r")]
    check("Q-118", got, [PROMPT, b"", SENT + OK])
    check("Q-119", [send(rig, EVERY), bytes(peer.received)], [SENT, b"test" + EVERY])
    check("Q-126", [rig.command("AT+QISEND=0,1461"), rig.error(), rig.command("AT+QISEND=0,1460")], [ERROR, 552, PROMPT])
    assert rig.host(b"z" * 1460) == SENT
    check("Q-127", len(peer.received), 4 + 256 + 1460)


def test_send_when_the_buffer_is_full():
    rig, peer = connected()
    peer.acknowledges = False
    results = [send(rig, bytes(1460)) for _ in range(8)]
    fail = b"\r\nSEND FAIL\r\n"
    check("Q-128", (results, len(peer.received)), ([SENT] * 7 + [fail], 7 * 1460))
    hexed = rig.command('AT+QISENDEX=0,"%s"' % ("00" * 256))
    check("Q-167", [hexed, rig.command('AT+QISENDEX=7,"00"')], [fail, ERROR])
    assert send(rig, bytes(20)) == SENT  # 10240 - 7 * 1460 leaves exactly these
    assert send(rig, b"x") == fail
    rig.command('AT+QICFG="sendinfo",1')
    check("Q-140", send(rig, b"x"), b"\r\n+QISEND: 0,1,0\r\n" + OK)
    peer.acknowledge()
    assert send(rig, b"x") == b"\r\n+QISEND: 0,0,10239\r\n" + OK


def test_send_when_not_connected():
    rig, peer = connected()
    got = [rig.command("AT+QISEND=3,4"), rig.error()]
    peer.end()
    rig.port.take()
    check("Q-129", got + [rig.command("AT+QISEND=0,4"), rig.error()], [ERROR, 567, ERROR, 567])


def test_send_when_the_peer_closes_under_it():
    rig, peer = connected()
    rig.command("AT+QISEND=0,4")
    peer.end()
    assert rig.port.take() == b""  # held back between the prompt and the result
    assert rig.host(b"test") == ERROR + b'\r\n+QIURC: "closed",0\r\n'


def test_counters_when_asked():
    rig, peer = connected()
    assert rig.command("AT+QISEND=0,0") == b"\r\n+QISEND: 0,0,0\r\n" + OK
    rig.command("AT+QISEND=0")
    rig.host(b"test1\x1a")
    send(rig, b"test")
    nine = rig.command("AT+QISEND=0,0")
    check("Q-131", nine, b"\r\n+QISEND: 9,9,0\r\n" + OK)
    rig.command('AT+QISENDEX=0,"3132333435"')
    check("Q-133", [nine, rig.command("AT+QISEND=0,0")], [b"\r\n+QISEND: %d,%d,0\r\n" % (n, n) + OK for n in (9, 14)])
    peer.acknowledges = False
    send(rig, b"late")
    counts = [int(field) for field in rig.command("AT+QISEND=0,0")[11:].split(b"\r")[0].split(b",")]
    check("Q-132", (counts, counts[1] + counts[2]), ([18, 14, 4], counts[0]))
    assert rig.command("AT+QISEND=5,0") == ERROR


def test_datagrams_when_sent_by_a_service():
    rig, link = service()
    got = [rig.command('AT+QISEND=2,10,"10.7.89.10",6969'), rig.host(b"1234567890"), link.datagrams]
    check("Q-135", got, [PROMPT, SENT, [(b"1234567890", ("10.7.89.10", 6969))]])
    rig.open(0)
    check("Q-136", [rig.command('AT+QISEND=0,4,"10.7.89.10",6969'), rig.error()], [ERROR, 555])
    check("Q-137", [rig.command("AT+QISEND=2"), rig.command("AT+QISEND=2,4"), rig.error()], [ERROR, ERROR, 555])
    check("Q-138", [rig.command('AT+QISEND=2,4,"example.com",6969'), rig.error()], [ERROR, 552])
    assert rig.command('AT+QISEND=2,4,"10.7.89.10"') == ERROR
    assert rig.command('AT+QISEND=2,0,"10.7.89.10",5') == ERROR


def test_result_when_send_view_mode_is_on():
    rig, _ = connected()
    rig.command('AT+QICFG="sendinfo",1')
    answer = send(rig, b"test")
    check("Q-139", answer, b"\r\n+QISEND: 0,0,10240\r\n" + OK)
    check("Q-141", 0 <= int(answer.split(b",")[2].split(b"\r")[0]) <= 10240, True)
    check("Q-168", rig.command('AT+QISENDEX=0,"00"'), b"\r\n+QISENDEX: 0,0,10240\r\n" + OK)


def test_data_phase_when_the_host_is_slow():
    rig, peer = connected()
    rig.command("AT+QISEND=0,4")
    got = [rig.pass_time(4.9), rig.host(b"tes"), rig.pass_time(0.2), rig.error()]
    check("Q-143", (got, peer.received), ([b"", b"", ERROR, 569], b""))
    rig.command('AT+QICFG="qisend/timeout",120')
    rig.command("AT+QISEND=0")
    got = [rig.pass_time(119), rig.pass_time(2)]
    rig.command('AT+QICFG="qisend/timeout",0')
    rig.command("AT+QISEND=0,1")
    got += [rig.pass_time(100000), rig.host(b"x")]
    got += [rig.command('AT+QICFG="qisend/timeout",121'), rig.command('AT+QICFG="qisend/timeout"')]
    want = [b"", ERROR, b"", SENT, ERROR, b'\r\n+QICFG: "qisend/timeout",0\r\n' + OK]
    check("Q-217", got, want)


def test_send_when_in_push_mode():
    rig, peer = connected(mode=1)
    other, _ = connected(mode=0)
    check("Q-145", [send(rig, b"push"), send(other, b"buffer"), bytes(peer.received)], [SENT, SENT, b"push"])


def test_urcs_when_payload_is_being_typed():
    rig, peer = connected()
    rig.command("AT+QISEND=0,4")
    peer.send(b"hello")
    assert rig.host(b"te") == b""
    assert rig.host(b"st") == SENT + b'\r\n+QIURC: "recv",0\r\n'


def test_payload_when_echoed():
    rig, _ = connected()
    check(
        "Q-255", [rig.command("AT+QISDE=?"), rig.command("AT+QISDE?")], [b"\r\n+QISDE: (0,1)\r\n" + OK, b"\r\n+QISDE: 0\r\n" + OK]
    )
    silent = send(rig, b"test")
    assert rig.command("AT+QISDE=1") == OK
    loud = send(rig, b"te\x1ast")
    rig.command("AT+QISEND=0")
    check("Q-256", [silent, loud, rig.host(b"abc\x1a")], [SENT, b"te\x1ast" + SENT, b"abc" + SENT])
    assert rig.command("AT+QISDE=2") == ERROR


def test_payload_echo_when_just_started():
    rig = Rig(payload_echo=True).online()
    rig.open()
    rig.command("AT+QISEND=0,4")
    assert rig.host(b"test") == b"test" + SENT


# AT+QISENDEX -----------------------------------------------------------------------------------------------------------


def test_hex_string_when_sent():
    rig, peer = connected()
    check("Q-163", rig.command("AT+QISENDEX=?"), b"\r\n+QISENDEX: (0-11),<hex_string>\r\n" + OK)
    check("Q-164", [rig.command('AT+QISENDEX=0,"3132333435"'), bytes(peer.received)], [SENT, b"12345"])
    wrong = ['AT+QISENDEX=0,"313"', 'AT+QISENDEX=0,"3x"', 'AT+QISENDEX=0,"31 32"', "AT+QISENDEX=0"]
    check("Q-165", [rig.command(line) for line in wrong] + [rig.error()], [ERROR] * 4 + [552])
    rig.open(1, "TCP LISTENER", local=2020)
    rig.open(2, "UDP SERVICE", local=3030)
    check("Q-166", [rig.command('AT+QISENDEX=%d,"31"' % number) for number in (1, 2)] + [rig.error()], [ERROR, ERROR, 555])
    assert rig.command('AT+QISENDEX=0,"%s"' % ("aB" * 256)) == SENT
    assert rig.command('AT+QISENDEX=0,"%s"' % ("aB" * 257)) == ERROR


# AT+QIRD ---------------------------------------------------------------------------------------------------------------


def test_read_when_data_is_there():
    rig, peer = connected()
    check("Q-146", rig.command("AT+QIRD=?"), b"\r\n+QIRD: (0-11),(0-1500)\r\n" + OK)
    peer.send(b"test")
    rig.port.take()
    check("Q-147", rig.command("AT+QIRD=0,4"), b"\r\n+QIRD: 4\r\ntest\r\n" + OK)
    check("Q-149", rig.command("AT+QIRD=0,1500"), b"\r\n+QIRD: 0\r\n" + OK)
    check("Q-150", rig.command("AT+QIRD=7,1500"), ERROR)
    peer.send(EVERY * 8)
    rig.port.take()
    first = rig.command("AT+QIRD=0,1000")
    rest = rig.command("AT+QIRD=0,1500")
    want = [
        b"\r\n+QIRD: 1000\r\n" + (EVERY * 8)[:1000] + b"\r\n" + OK,
        b"\r\n+QIRD: 1048\r\n" + (EVERY * 8)[1000:] + b"\r\n" + OK,
    ]
    check("Q-148", [first, rest], want)
    check("Q-154", [rig.command("AT+QIRD=0,1501"), rig.error()], [ERROR, 552])


def test_read_counters_when_asked():
    rig, peer = connected()
    peer.send(b"0123456789")
    rig.port.take()
    rig.command("AT+QIRD=0,4")
    answer = rig.command("AT+QIRD=0,0")
    check("Q-151", answer, b"\r\n+QIRD: 10,4,6\r\n" + OK)
    counts = [int(field) for field in answer[9:].split(b"\r")[0].split(b",")]
    check("Q-152", counts[0], counts[1] + counts[2])
    check("Q-153", [rig.command("AT+QIRD=0,0"), rig.command("AT+QIRD=0")], [answer, b"\r\n+QIRD: 6\r\n456789\r\n" + OK])


def test_datagrams_when_read_from_a_service():
    rig, link = service()
    for index in range(3):
        link.send(b"datagram%d" % index, ("10.7.76.34", 7687 + index))
    rig.port.take()
    first = rig.command("AT+QIRD=2")
    check("Q-155", first, b'\r\n+QIRD: 9,"10.7.76.34",7687\r\ndatagram0\r\n' + OK)
    check("Q-156", rig.command("AT+QIRD=2"), b'\r\n+QIRD: 9,"10.7.76.34",7688\r\ndatagram1\r\n' + OK)
    assert rig.command("AT+QIRD=2,4") == b'\r\n+QIRD: 4,"10.7.76.34",7689\r\ndata\r\n' + OK
    assert rig.command("AT+QIRD=2") == b'\r\n+QIRD: 5,"10.7.76.34",7689\r\ngram2\r\n' + OK  # the rest is kept
    assert rig.command("AT+QIRD=2") == b"\r\n+QIRD: 0\r\n" + OK


def test_datagrams_when_read_as_a_stream():
    rig = Rig().online()
    link = rig.open(0, "UDP", port=53)
    remote = ("112.31.84.164", 53)
    for data in (b"one", b"two"):
        link.send(data, remote)
    rig.port.take()
    got = [rig.command("AT+QIRD=0,1500"), rig.command("AT+QIRD=0,1500")]
    check("Q-200", got, [b"\r\n+QIRD: 3\r\none\r\n" + OK, b"\r\n+QIRD: 3\r\ntwo\r\n" + OK])
    rig.command('AT+QICFG="udp/readmode",1')
    for data in (b"one", b"two"):
        link.send(data, remote)
    rig.port.take()
    got = [rig.command("AT+QIRD=0,4"), rig.command("AT+QIRD=0,1500")]
    check("Q-201", got, [b"\r\n+QIRD: 4\r\nonet\r\n" + OK, b"\r\n+QIRD: 2\r\nwo\r\n" + OK])


def test_datagrams_when_sent_by_a_client():
    rig = Rig().online()
    link = rig.open(0, "UDP", port=53)
    send(rig, b"one")
    send(rig, b"two")
    check("Q-202", [data for data, _ in link.datagrams], [b"one", b"two"])


# Received data announced -----------------------------------------------------------------------------------------------


def test_recv_urc_when_it_rearms():
    rig, peer = connected()
    peer.send(b"first")
    check("Q-266", rig.port.take(), b'\r\n+QIURC: "recv",0\r\n')
    peer.send(b"second")
    rig.command("AT+QIRD=0,5")
    peer.send(b"third")
    check("Q-267", rig.port.take(), b"")
    rig.command("AT+QIRD=0,0")
    peer.send(b"fourth")
    assert rig.port.take() == b""  # the query does not re-arm
    assert rig.command("AT+QIRD=0,1500") == b"\r\n+QIRD: 17\r\nsecondthirdfourth\r\n" + OK
    peer.send(b"fifth")
    check("Q-268", rig.port.take(), b'\r\n+QIURC: "recv",0\r\n')


def test_recv_urc_when_it_shows_the_length():
    rig, peer = connected()
    peer.send(b"0123456789")
    plain = rig.port.take()
    rig.command("AT+QIRD=0")
    rig.command('AT+QICFG="recvind",1')
    peer.send(b"01234567890123")
    other, other_peer = connected(mode=1)
    other.command('AT+QICFG="recvind",1')
    other_peer.send(b"test")
    want = [b'\r\n+QIURC: "recv",0\r\n', b'\r\n+QIURC: "recv",0,14\r\n', b'\r\n+QIURC: "recv",0,4\r\ntest\r\n']
    check("Q-206", [plain, rig.port.take(), other.port.take()], want)


def test_data_when_the_peer_closes_with_some_left():
    rig, peer = connected()
    peer.send(EVERY * 10)
    peer.end()
    assert rig.port.take() == b'\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n'
    got = b""
    while len(got) < 2560:
        answer = rig.command("AT+QIRD=0,1500")
        count = int(answer[9:].split(b"\r")[0])
        got += answer.split(b"\r\n", 2)[2][:count]
    assert got == EVERY * 10
    assert rig.command("AT+QIRD=0,1500") == b"\r\n+QIRD: 0\r\n" + OK


def test_network_when_much_is_unread():
    rig, peer = connected()
    peer.send(bytes(rig.modem.window))
    assert peer.paused
    rig.command("AT+QIRD=0,1500")
    assert not peer.paused


# Direct push -----------------------------------------------------------------------------------------------------------


def test_push_when_data_arrive():
    rig, peer = connected(mode=1)
    peer.send(b"test")
    check("Q-271", rig.port.take(), b'\r\n+QIURC: "recv",0,4\r\ntest\r\n')
    peer.send(EVERY * 8)
    first = b'\r\n+QIURC: "recv",0,1500\r\n' + (EVERY * 8)[:1500] + b"\r\n"
    check("Q-273", rig.port.take(), first + b'\r\n+QIURC: "recv",0,548\r\n' + (EVERY * 8)[1500:] + b"\r\n")
    assert rig.command("AT+QIRD=0,0") == b"\r\n+QIRD: 2052,2052,0\r\n" + OK


def test_push_when_from_a_service():
    rig, link = service(mode=1)
    link.send(b"AAAA", ("10.7.76.34", 7687))
    check("Q-272", rig.port.take(), b'\r\n+QIURC: "recv",2,4,"10.7.76.34",7687\r\nAAAA\r\n')


def test_push_when_other_lines_come_in_between():
    rig, peer = connected(mode=1, rate=115200)
    rig.pass_time(1)
    peer.send(b"x" * 1500)
    rig.net.clock.advance(0.02)
    rig.modem.urc("+CREG: 1")
    rig.line.heard(b"AT\r")
    got = rig.pass_time(1)
    check("Q-274", got, b'\r\n+QIURC: "recv",0,1500\r\n' + b"x" * 1500 + b"\r\n" + b"\r\n+CREG: 1\r\n" + OK)


def test_push_when_the_host_is_slow():
    rig, peer = connected(mode=1, room=3000)
    for _ in range(50):
        peer.send(bytes(1500))
    assert peer.paused  # neither the line nor the module keeps more than its limit
    rig.port.room = None
    rig.line.writable()
    got = rig.pass_time()
    assert got.count(b'+QIURC: "recv",0,1500\r\n') >= 48 and not peer.paused
    peer.end()
    assert rig.pass_time().endswith(b'\r\n+QIURC: "closed",0\r\n')


def test_push_when_it_ends_with_data_held_back():
    rig, peer = connected(mode=1)
    rig.command("AT+QISEND=0,2")
    peer.send(b"last words")
    peer.end()
    assert rig.host(b"xx") == ERROR + b'\r\n+QIURC: "recv",0,10\r\nlast words\r\n' + b'\r\n+QIURC: "closed",0\r\n'


def test_mode_when_switched_with_data_waiting():
    rig, peer = connected()
    peer.send(b"waiting")
    rig.port.take()
    assert rig.command("AT+QISWTMD=0,1") == OK + b'\r\n+QIURC: "recv",0,7\r\nwaiting\r\n'
    assert rig.command("AT+QISWTMD=0,0") == OK
    peer.send(b"again")
    assert rig.port.take() == b'\r\n+QIURC: "recv",0\r\n'
