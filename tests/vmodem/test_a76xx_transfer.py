# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual A76XX's payload: AT+CIPSEND, CIPRXGET, CIPACK, push reports."""

from tests.conformance import check
from tests.rigs.virtual_a76xx import ERROR, OK, PEER, PROMPT, SimcomRig, block, frames

EVERY_BYTE = bytes(range(256))
NO_DATA = frames("+IP ERROR: No data", "ERROR")


def _sent(rig, line, data):
    """A send: the prompt, and what comes after the data."""
    assert rig.command(line) == PROMPT
    return rig.host(data)


def _buffered(*, quirks=(), faults=()):
    rig = SimcomRig(quirks=quirks, faults=faults).service()
    assert rig.command("AT+CIPRXGET=1") == OK
    return rig, rig.tcp(1)


def _read(link, read, rest, data, mode=2):
    return b"\r\n+CIPRXGET: %d,%d,%d,%d\r\n%s\r\n" % (mode, link, read, rest, data) + OK


def test_send_when_of_fixed_length():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    check("S-294", [_sent(rig, "AT+CIPSEND=1,5", b"HELLO"), bytes(peer.received)], [OK + frames("+CIPSEND: 1,5,5"), b"HELLO"])
    peer.received.clear()
    got = _sent(rig, "AT+CIPSEND=1,256", EVERY_BYTE)
    check("S-299", [got, bytes(peer.received)], [OK + frames("+CIPSEND: 1,256,256"), EVERY_BYTE])
    check("S-305", [rig.command("AT+CIPSEND=1,1501"), rig.command("AT+CIPSEND=1,0")], [ERROR, ERROR])
    assert rig.command("AT+CIPSEND=1,1500") == PROMPT


def test_send_when_of_variable_length():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    check("S-295", [_sent(rig, "AT+CIPSEND=1,", b"abc\x1a"), bytes(peer.received)], [OK + frames("+CIPSEND: 1,3,3"), b"abc"])
    peer.received.clear()
    assert rig.command("AT+CIPSEND=1") == PROMPT
    rig.host(b"A\x03")
    got = rig.host(b"\x1a\x03\x1b\x03\x03\x1a")
    check("S-300", [got, bytes(peer.received)], [OK + frames("+CIPSEND: 1,4,4"), b"A\x1a\x1b\x03"])
    peer.received.clear()
    check("S-301", [_sent(rig, "AT+CIPSEND=1", b"abc\x1b"), bytes(peer.received)], [OK, b""])
    assert _sent(rig, "AT+CIPSEND=1", b"x" * 1501 + b"\x1a") == ERROR


def test_send_when_datagrams_are_sent():
    rig = SimcomRig().service()
    link = rig.udp(1)
    got = [_sent(rig, 'AT+CIPSEND=1,,"%s",5254' % PEER, b"HELLOSERVER\x1a"), _sent(rig, 'AT+CIPSEND=1,5,"192.0.2.9",9', b"HELLO")]
    check("S-296", got, [OK + frames("+CIPSEND: 1,11,11"), OK + frames("+CIPSEND: 1,5,5")])
    check("S-296", link.datagrams, [(b"HELLOSERVER", (PEER, 5254)), (b"HELLO", ("192.0.2.9", 9))])
    refused = frames("+CIPERROR: 3", "ERROR")
    check("S-297", [rig.command("AT+CIPSEND=1,5"), rig.command('AT+CIPSEND=1,5,"name",9')], [refused, refused])


def test_send_when_it_is_refused():
    rig = SimcomRig()
    closed = rig.command("AT+CIPSEND=1,5")
    rig.service()
    free = rig.command("AT+CIPSEND=1,5")
    check("S-309", [closed, free], [frames("+CIPERROR: 2", "ERROR"), frames("+CIPERROR: 4", "ERROR")])
    rig.server()
    rig.net.client()
    rig.port.take()
    check("S-307", [rig.command("AT+CIPSEND=0"), rig.command("AT+CIPSEND=0,1")], [frames("+CIPERROR: 4", "ERROR"), PROMPT])


def test_send_when_the_stack_takes_no_more():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    peer.acknowledges = False
    results = [_sent(rig, "AT+CIPSEND=1,1500", bytes(1500)) for _ in range(6)]
    assert results == [OK + frames("+CIPSEND: 1,1500,1500")] * 6
    assert _sent(rig, "AT+CIPSEND=1,1500", bytes(1500)) == OK  # 1240 of them fit
    assert rig.command("AT+CIPSEND=1,1") == frames("+CIPERROR: 8", "ERROR")
    peer.acknowledge()
    assert rig.pass_time(0.1) == frames("+CIPSEND: 1,1500,1500")


def test_send_when_the_peer_never_takes_it():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    peer.acknowledges = False
    rig.command("AT+CIPTIMEOUT=,,3000")
    got = [_sent(rig, "AT+CIPSEND=1,1500", bytes(1500)) for _ in range(7)]
    assert got[5:] == [OK + frames("+CIPSEND: 1,1500,1500"), OK]
    assert rig.pass_time(2.9) == b""
    assert rig.pass_time(0.2) == frames("+CIPSEND: 1,1500,1240", "+IPCLOSE: 1,2")
    peer = rig.tcp(2)
    peer.acknowledges = False
    for _ in range(7):
        _sent(rig, "AT+CIPSEND=2,1500", bytes(1500))
    peer.end()
    assert rig.port.take() == frames("+CIPSEND: 2,1500,-1", "+IPCLOSE: 2,1")


def test_send_when_it_fails():
    rig = SimcomRig(faults=["send-fail:times=1"]).service()
    peer = rig.tcp(1)
    got = [_sent(rig, "AT+CIPSEND=1,3", b"abc")]
    rig.modem.dialect.lose_contexts()
    rig.port.take()
    got.append(_sent(rig, "AT+CIPSEND=1,3", b"abc"))
    check("S-304", got, [OK + frames("+CIPSEND: 1,3,0"), OK + frames("+CIPSEND: 1,3,-1")])
    assert not peer.received


def test_send_when_it_waits_for_the_peer():
    rig = SimcomRig().service()
    rig.command("AT+CIPSENDMODE=1")
    peer = rig.tcp(1)
    peer.acknowledges = False
    got = [_sent(rig, "AT+CIPSEND=1,3", b"abc"), rig.pass_time(5)]
    peer.acknowledge()
    got.append(rig.pass_time(0.1))
    check("S-395", got, [OK, b"", frames("+CIPSEND: 1,3,3")])


def test_send_when_quirks_change_it():
    rig = SimcomRig(quirks=["send-result=before-ok", "dataecho=fixed"]).service()
    rig.tcp(1)
    assert _sent(rig, "AT+CIPSEND=1,3", b"abc") == b"abc" + frames("+CIPSEND: 1,3,3", "OK")
    assert _sent(rig, "AT+CIPSEND=1", b"abc\x1a") == b"abc\x1a" + frames("+CIPSEND: 1,3,3", "OK")


def test_counters_when_asked():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    peer.acknowledges = False
    _sent(rig, "AT+CIPSEND=1,10", bytes(10))
    peer.send(b"12345")
    rig.port.take()
    waiting = rig.command("AT+CIPACK=1")
    peer.acknowledge()
    check("S-402", [waiting, rig.command("AT+CIPACK=1")], [frames("+CIPACK: 10,%d,5" % n, "OK") for n in (0, 10)])
    assert rig.command("AT+CIPACK=2") == frames("+IP ERROR: Connection is not created", "ERROR")


def test_push_when_data_come():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    peer.send(b"HELLO CLIENT\r\n")
    want = b"\r\nRECV FROM:117.131.85.139:5253\r\n+IPD14\r\nHELLO CLIENT\r\n"
    got = rig.port.take()
    check("S-312", got, want)
    check("S-319", [rig.command("AT+CIPRXGET?"), got], [frames("+CIPRXGET: 0", "OK"), want])
    peer.send(bytes(3000))
    assert rig.port.take() == (b"\r\nRECV FROM:117.131.85.139:5253\r\n+IPD1500\r\n" + bytes(1500)) * 2
    udp = rig.udp(2)
    udp.send(b"one", ("192.0.2.1", 1))
    udp.send(b"two", ("192.0.2.2", 2))
    assert rig.port.take() == block("RECV FROM:192.0.2.1:1", "+IPD3") + b"one" + block("RECV FROM:192.0.2.2:2", "+IPD3") + b"two"


def test_push_when_headers_are_changed():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    rig.command("AT+CIPHEAD=0")
    peer.send(b"abc")
    check("S-390", rig.port.take(), frames("RECV FROM:117.131.85.139:5253") + b"abc")
    rig.command("AT+CIPHEAD=1")
    rig.command("AT+CIPSRIP=0")
    peer.send(b"abc")
    check("S-392", rig.port.take(), frames("+IPD3") + b"abc")
    rig.command("AT+CIPHEAD=0")
    peer.send(b"abc")
    assert rig.port.take() == b"abc"
    rig.command("AT+CIPHEAD=1")
    rig.command("AT+CIPSRIP=1")
    rig.command("AT+CIPCCFG=,,,,1")
    peer.send(b"abc")
    check("S-400", rig.port.take(), block("RECV FROM:117.131.85.139:5253", "+RECEIVE,1,3") + b"abc")
    for quirk, want in (
        ("plus", b"\r\n+RECV FROM:%s:5253\r\n+IPD3\r\nabc"),
        ("blank", b"\r\nRECV FROM:%s:5253\r\n+IPD 3\r\nabc"),
    ):
        rig = SimcomRig(quirks=["header=" + quirk]).service()
        rig.tcp(1).send(b"abc")
        assert rig.port.take() == want % PEER.encode()


def test_push_when_payload_is_being_typed():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    rig.command("AT+CIPSEND=1,3")
    peer.send(b"late")
    assert rig.port.take() == b""
    got = rig.host(b"abc")
    assert got == OK + frames("+CIPSEND: 1,3,3") + block("RECV FROM:117.131.85.139:5253", "+IPD4") + b"late"


def test_block_when_something_else_happens():
    rig = SimcomRig(rate=9600)
    lines = ["AT+NETOPEN", "AT+CIPRXGET=1", 'AT+CIPOPEN=1,"TCP","%s",1' % PEER, 'AT+CIPOPEN=2,"TCP","%s",1' % PEER]
    for line in lines:
        rig.command(line)
        rig.pass_time(1)
    block_link, other = rig.net.links
    block_link.send(EVERY_BYTE)
    rig.pass_time(1)
    rig.line.heard(b"AT+CIPRXGET=2,1\r")
    got = rig.pass_time(0.1)
    assert 30 < len(got) < 200  # the block is under way
    other.send(b"noise")
    other.end()
    got += rig.pass_time(2)
    noise = frames("+CIPRXGET: 1,2", "+IPCLOSE: 2,1")
    check("S-018", got, _read(1, 256, 0, EVERY_BYTE) + noise)


def test_buffer_when_read():
    rig, peer = _buffered()
    check(
        "S-320",
        [rig.command("AT+CIPRXGET=0"), rig.command("AT+CIPRXGET=1"), rig.command("AT+CIPRXGET?")],
        [OK, OK, frames("+CIPRXGET: 1", "OK")],
    )
    peer.send(b"data from server")
    check("S-321", rig.port.take(), frames("+CIPRXGET: 1,1"))
    check("S-324", rig.command("AT+CIPRXGET=4,1"), frames("+CIPRXGET: 4,1,16", "OK"))
    parts = [rig.command("AT+CIPRXGET=2,1,5"), rig.command("AT+CIPRXGET=3,1,5"), rig.command("AT+CIPRXGET=2,1")]
    check("S-322", parts[0], _read(1, 5, 11, b"data "))
    check("S-323", parts[1], _read(1, 5, 6, b"66726F6D20", 3))
    check("S-332", parts, [_read(1, 5, 11, b"data "), _read(1, 5, 6, b"66726F6D20", 3), _read(1, 6, 0, b"server")])
    check("S-326", rig.command("AT+CIPRXGET=2,1"), NO_DATA)
    check("S-327", rig.command("AT+CIPRXGET=4,1"), frames("+CIPRXGET: 4,1,0", "OK"))
    check("S-328", [rig.command("AT+CIPRXGET=2,2"), rig.command("AT+CIPRXGET=3,9")], [NO_DATA, NO_DATA])
    rig.command("AT+CIPCCFG=,,,0")
    check("S-335", rig.command("AT+CIPRXGET=2,1"), frames("+IP ERROR: 22", "ERROR"))
    assert rig.command("AT+CIPRXGET=2,1,1501") == ERROR
    assert rig.command("AT+CIPRXGET=3,1,751") == ERROR


def test_buffer_when_read_without_a_length():
    rig, peer = _buffered()
    peer.send(bytes(4000))
    got = [rig.command("AT+CIPRXGET=2,1"), rig.command("AT+CIPRXGET=3,1")]
    check("S-325", got, [frames("+CIPRXGET: 1,1") + _read(1, 1500, 2500, bytes(1500)), _read(1, 750, 1750, b"00" * 750, 3)])


def test_buffer_when_the_peer_has_closed():
    rig, peer = _buffered()
    peer.send(b"the last words")
    peer.end()
    rig.port.take()
    got = [
        rig.command("AT+CIPRXGET=4,1"),
        rig.command("AT+CIPRXGET=2,1,4"),
        rig.command("AT+CIPRXGET=2,1"),
        rig.command("AT+CIPRXGET=2,1"),
    ]
    want = [frames("+CIPRXGET: 4,1,14", "OK"), _read(1, 4, 10, b"the "), _read(1, 10, 0, b"last words"), NO_DATA]
    check("S-333", got, want)


def test_buffer_when_its_number_is_used_again():
    rig, peer = _buffered()
    peer.send(b"old")
    peer.end()
    rig.port.take()
    rig.tcp(1)
    assert rig.command("AT+CIPRXGET=4,1") == frames("+CIPRXGET: 4,1,0", "OK")


def test_buffer_when_datagrams_come():
    rig, _ = _buffered()
    link = rig.udp(2)
    link.send(b"one", (PEER, 1))
    link.send(b"two", (PEER, 2))
    got = [rig.port.take(), rig.command("AT+CIPRXGET=2,2,4"), rig.command("AT+CIPRXGET=2,2")]
    check("S-334", got, [frames("+CIPRXGET: 1,2"), _read(2, 4, 2, b"onet"), _read(2, 2, 0, b"wo")])
    rig.command("AT+CIPCCFG=,,,,,,,1")
    link.send(b"one", (PEER, 1))
    link.send(b"two", (PEER, 2))
    rig.port.take()
    assert rig.command("AT+CIPRXGET=2,2") == _read(2, 3, 3, b"one")
    rig.command("AT+CIPRXGET=5")
    rig.port.take()
    rig.command("AT+CIPRXGET=2,2")
    link.send(b"three", (PEER, 3))
    assert rig.port.take() == frames("+CIPRXGETIP:%s:3" % PEER, "+CIPRXGET: 1,2")


def test_announcement_when_more_data_come():
    rig, peer = _buffered()
    peer.send(b"1")
    peer.send(b"2")
    assert rig.port.take() == frames("+CIPRXGET: 1,1")
    rig.command("AT+CIPRXGET=2,1,1")
    peer.send(b"3")
    assert rig.port.take() == b""  # not empty in between
    rig.command("AT+CIPRXGET=2,1")
    peer.send(b"4")
    assert rig.port.take() == frames("+CIPRXGET: 1,1")
    rig, peer = _buffered(quirks=["rxget-urc"])
    peer.send(b"1")
    peer.send(b"2")
    assert rig.port.take() == frames("+CIPRXGET: 1,1") * 2
    rig, peer = _buffered(faults=["same-prefix:cmd=+CIPRXGET"])
    peer.send(b"1")
    rig.port.take()
    assert rig.command("AT+CIPRXGET=2,1") == frames("+CIPRXGET: 1,1") + _read(1, 1, 0, b"1")


def test_network_when_the_host_does_not_read():
    rig, peer = _buffered()
    peer.send(bytes(rig.modem.window))
    assert peer.paused
    for _ in range(2):
        rig.command("AT+CIPRXGET=2,1")
    assert not peer.paused


def test_data_when_the_mode_changes():
    rig, peer = _buffered()
    peer.send(b"abc")
    assert rig.port.take() == frames("+CIPRXGET: 1,1")
    assert rig.command("AT+CIPRXGET=0") == OK + block("RECV FROM:117.131.85.139:5253", "+IPD3") + b"abc"


def test_echo_of_payload_when_the_firmware_can_switch_it():
    rig = SimcomRig(quirks=["dataecho"]).service()
    rig.tcp(1)
    assert rig.command("AT+CIPCFG?") == block('+CIPCFG: "transwaittm",100', '+CIPCFG: "DATAECHO",ON') + OK
    assert _sent(rig, "AT+CIPSEND=1,3", b"abc") == b"abc" + OK + frames("+CIPSEND: 1,3,3")
    assert rig.command('AT+CIPCFG="DATAECHO",OFF') == OK
    assert _sent(rig, "AT+CIPSEND=1,3", b"abc") == OK + frames("+CIPSEND: 1,3,3")
    assert rig.command('AT+CIPCFG="DATAECHO",MAYBE') == ERROR
    assert rig.command('AT+CIPCFG="transwaittm",4') == ERROR
    rig = SimcomRig()
    lines = ("=?", "?", '="DATAECHO",OFF')
    assert [rig.command("AT+CIPCFG" + line) for line in lines] == [ERROR] * 3
    rig = SimcomRig(quirks=["dataecho"])
    assert rig.command('AT+CIPCFG="transwaittm",500') == OK
    peer = rig.transparent()
    rig.host(b"abc")
    rig.pass_time(0.4)
    assert not peer.received
    rig.pass_time(0.2)
    assert peer.received == b"abc"
