# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Golden transcripts, played from the host's side to the virtual modem: every byte of every answer is compared.

What the session chooses is given to the modem beforehand where that is possible (addresses of contexts, the peer, its data, the
clock); what is left is replaced on both sides before comparing, and `CHOSEN` names it.
"""

import re

from tests.conformance import check
from tests.rigs.transcripts import transcript, transcripts
from tests.rigs.virtual_modem import OK, Rig

CONTEXTS = ["ec600e-2.4.2", "ec600e-3.1.1", "ec600e-3.1.2", "ec600e-3.1.3", "ec600e-3.1.4"]
BUFFERED = ["ec600e-3.2.1", "ec600e-3.2.2", "ec600e-3.2.3", "ec600e-3.2.4"]
TRANSPARENT = ["ec600e-3.3.1", "ec600e-3.3.2", "ec600e-3.3.3", "ec600e-3.3.4"]
PUSHED = ["ec600e-3.4.1", "ec600e-3.4.2", "ec600e-3.4.3", "ec600e-3.4.4"]
SERVERS = ["ec600e-3.5.1", "ec600e-3.5.2", "ec600e-3.5.3", "ec600e-3.5.4"]
SERVICES = ["ec600e-3.6.1", "ec600e-3.6.2", "ec600e-3.6.3", "ec600e-3.6.4"]
TOOLS = ["ec600e-3.7", "ec600e-3.8", "ec600e-3.9"]

CHOSEN = (
    (rb'"10\.\d+\.\d+\.\d+"(?=[\r,])', b'"<v4 address of the context>"'),
    (rb'"240E:[0-9A-F:]+"|"2001:DB8:[0-9A-F:]+"', b'"<v6 address of the context>"'),
    (rb'(\+QISTATE: 0,"TCP","[0-9.]+",\d+),\d+,', rb"\1,<automatic local port>,"),
    (rb'"220\.180\.239\.212",(8305|8009)|"112\.31\.84\.164",8305', b"<the peer>"),  # printed of another session
    (rb"(\+QPING: 0,4,4,0,192,479),\d+", rb"\1,<average>"),  # printed 353, which is not the average
    (rb"(\+QIGETERROR: \d+),[^\r]*", rb"\1,<text>"),
)


def _plain(data):
    for pattern, name in CHOSEN:
        data = re.sub(pattern, name, data)
    return data


def _turns(ident):
    """The turns of a transcript, with the one printed answer that contradicts its document put right."""
    turns = transcript(ident).turns
    if ident == "ec600e-3.1.4":  # a context of type 3 has both addresses
        turns[-1] = ("modem", turns[-1][1].replace(b"+QIACT: 1,1,1,", b"+QIACT: 1,1,3,"))
    return turns


def _play(rig, ident, got=b""):
    """Play one transcript; `got` is what the modem has printed already. Returns its id."""
    for index, (side, data) in enumerate(_turns(ident)):
        if side == "host":
            assert got == b"", (ident, index, got)
            if data == b"+++":
                rig.pass_time(1.5)
            got = rig.host(data)
            if data == b"+++":
                got += rig.pass_time(1.0)
        else:
            got += rig.pass_time()
            piece = _take(got, data)
            assert _plain(piece) == _plain(data), (ident, index, piece, data)
            got = got[len(piece) :]
    assert got == b"", (ident, got)
    return ident


def _take(got, want):
    """As much of `got` as stands for `want`: up to as many line ends, and what follows the last one."""
    position = 0
    for _ in range(want.count(b"\r\n")):
        position = got.find(b"\r\n", position) + 2
    rest = len(want.rpartition(b"\r\n")[2])
    return got[: position + rest]


def test_every_transcript_of_the_document_when_counted():
    played = CONTEXTS + BUFFERED + TRANSPARENT + PUSHED + SERVERS + SERVICES + TOOLS
    check("Q-415", sorted(played), sorted(found.id for found in transcripts("quectel", "EC600E")))


def test_transcripts_of_contexts_when_played_to_the_virtual_modem():
    _play(Rig(), "ec600e-2.4.2")
    rig = Rig()
    for ident in CONTEXTS[1:4]:
        _play(rig, ident)
    check("Q-415", _play(Rig(), "ec600e-3.1.4"), "ec600e-3.1.4")


def test_transcripts_of_buffer_mode_when_played_to_the_virtual_modem():
    rig = Rig(port_name="usbmodem").online()
    _play(rig, "ec600e-3.2.1")
    _play(rig, "ec600e-3.2.2")
    peer = rig.net.links[-1]
    peer.send(bytes(peer.received))
    _play(rig, "ec600e-3.2.3", rig.port.take())
    check("Q-415", _play(rig, "ec600e-3.2.4"), "ec600e-3.2.4")


def test_transcripts_of_transparent_mode_when_played_to_the_virtual_modem():
    rig = Rig().online()
    _play(rig, "ec600e-3.3.1")
    _play(rig, "ec600e-3.3.2")
    rig.pass_time(0.2)
    assert rig.net.links[-1].received == b"<data sent to the network>"
    rig.net.links[-1].send(b"Test 1")
    _play(rig, "ec600e-3.3.3")
    check("Q-415", _play(rig, "ec600e-3.3.4"), "ec600e-3.3.4")


def test_transcripts_of_direct_push_when_played_to_the_virtual_modem():
    rig = Rig(port_name="usbmodem").online()
    _play(rig, "ec600e-3.4.1")
    _play(rig, "ec600e-3.4.2")
    rig.net.links[-1].send(b"test")
    _play(rig, "ec600e-3.4.3")
    check("Q-415", _play(rig, "ec600e-3.4.4"), "ec600e-3.4.4")


def test_transcripts_of_servers_when_played_to_the_virtual_modem():
    rig = Rig(port_name="usbmodem").online()
    _play(rig, "ec600e-3.5.1")
    client = rig.net.client()
    _play(rig, "ec600e-3.5.2", rig.port.take())
    client.send(b"test")
    _play(rig, "ec600e-3.5.3", rig.port.take())
    check("Q-415", _play(rig, "ec600e-3.5.4"), "ec600e-3.5.4")


def test_transcripts_of_the_udp_service_when_played_to_the_virtual_modem():
    rig = Rig(port_name="usbmodem").online()
    _play(rig, "ec600e-3.6.1")
    link = rig.net.links[-1]
    _play(rig, "ec600e-3.6.2")
    assert link.datagrams == [(b"1234567890", ("10.7.89.10", 6969))]
    link.send(b"AAAA", ("10.7.76.34", 7687))
    _play(rig, "ec600e-3.6.3", rig.port.take())
    check("Q-415", _play(rig, "ec600e-3.6.4"), "ec600e-3.6.4")


def test_transcripts_of_ping_and_names_when_played_to_the_virtual_modem():
    rig = Rig().online()
    rig.net.names["www.baidu.com"] = ["61.135.169.125"]
    rig.net.pings = [(192, 255), (240, 255), (241, 255), (479, 255)]
    got = rig.command('AT+QPING=1,"www.baidu.com"') + rig.pass_time(2)
    assert _plain(got) == _plain(transcript("ec600e-3.7").modem())
    check("Q-415", _play(rig, "ec600e-3.9"), "ec600e-3.9")


def test_transcript_of_ntp_when_played_to_the_virtual_modem():
    rig = Rig().online()
    rig.command('AT+CCLK="19/01/01,00:00:00+32"')
    turns = _turns("ec600e-3.8")
    assert rig.host(turns[0][1]) == OK
    answer = bytearray(48)
    answer[0], answer[1] = 0x1C, 2
    answer[40:44] = (1567992762 + 2208988800).to_bytes(4, "big")  # 2019-09-09 01:32:42
    rig.net.links[-1].send(bytes(answer), ("202.112.10.36", 123))
    got = rig.port.take()
    rig.pass_time(10)
    check("Q-415", [got, rig.host(turns[3][1])], [turns[2][1], turns[4][1]])
