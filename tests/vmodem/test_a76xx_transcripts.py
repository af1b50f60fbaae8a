# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Golden transcripts of the A76XX, played from the host's side to the virtual modem: every byte of every answer is compared.

Each is played from the state that its first lines imply. When the module has nothing to say but the transcript goes on with a
turn of the module, the network does what makes it speak: `_provoke` reads from the turn what has to happen. Of the transcripts
as printed, slips included (`-P`), two are played with the quirk they show, and one is a mistyped command, which is refused.
"""

from tests.conformance import check
from tests.rigs.transcripts import transcript, transcripts
from tests.rigs.virtual_a76xx import OK, PEER, SimcomRig, SimcomTlsRig, frames

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def _provoke(rig, want):
    """Let happen what makes the module say `want`."""
    if b"+CLIENT" in want:
        rig.net.client("192.168.108.5", 57202, server=0)
    elif b"+CPING: 2" in want:
        return rig.pass_time(11)  # the time-out, and the interval
    elif b"+CPING: 3" in want:
        return b""
    elif b"+CNTP" in want:
        answer = bytearray(48)
        answer[0], answer[1] = 0x1C, 2
        rig.net.links[-1].send(bytes(answer), ("192.0.2.1", 123))
    elif b"+CIPEVENT" in want:
        rig.modem.dialect.lose_contexts()
    elif b"+IPCLOSE" in want:
        rig.net.links[-1].end()
    elif b"+CCH" in want:
        rig.net.links[-1].send(ANSWER)
    else:
        data = want.split(b"\r\n", 3)[3] if b"RECV FROM" in want else b"data from server" if b"+CIPRXGET: 1" in want else want
        link = rig.net.links[-1]
        udp = b":5254" in want or link.remote is None
        link.send(data, (PEER, 5254) if udp else None)
    return rig.pass_time()


def _play(rig, ident):
    """Play one transcript; its id."""
    rig.port.take()
    got = b""
    for index, (side, data) in enumerate(transcript(ident).turns):
        if side == "host":
            assert got == b"", (ident, index, got)
            if data == b"+++":
                rig.pass_time(1.5)
            got = rig.host(data)
            if data == b"+++":
                got += rig.pass_time(1.0)
        else:
            got += rig.pass_time()
            if not got:
                got += _provoke(rig, data)
            assert got[: len(data)] == data, (ident, index, got, data)
            got = got[len(data) :]
    assert got == b"", (ident, got)
    return ident


def _linked(quirks=()):
    rig = SimcomRig(quirks=quirks).service()
    rig.tcp(1)
    return rig


def _with(*commands, service=True):
    rig = SimcomRig()
    if service:
        rig.service()
    for command in commands:
        assert rig.command(command) == OK
    return rig


def _counted():
    rig = SimcomRig().service()
    peer = rig.tcp(0)
    rig.command("AT+CIPSEND=0,10")
    rig.host(b"0123456789")
    peer.send(b"abcde")
    return rig


def _named():
    rig = SimcomRig().service()
    rig.net.names["www.example.com"] = ["93.184.216.34"]
    return rig


def _unnamed():
    rig = SimcomRig().service()
    rig.net.refuse = "dns"
    return rig


def _pinged():
    rig = _named()
    rig.net.pings = ["timeout"] * 4
    return rig


def _tls():
    rig = SimcomTlsRig()
    rig.net.names["www.example.com"] = ["192.0.2.20"]
    rig.serve(rig.authority.issue("www.example.com"))
    return rig


def _tls_distrusted():
    rig = _tls().configure(authmode=1, cacert="ca_cert.pem").start()
    rig.modem.files.write("ca_cert.pem", type(rig.authority)("Another", key="other").pem)
    return rig


STATES = {
    "A76XX-STATUS-1": lambda: SimcomRig().service(),
    "A76XX-DEACT-1": lambda: SimcomRig().service(),
    "A76XX-URC-IPCLOSE-1-D": _linked,
    "A76XX-URC-CIPEVENT-1-D": _linked,
    "A76XX-IPERR-1-D": lambda: _with("AT+CIPCCFG=10,0,0,0,0,0,500"),
    "A76XX-TCPC-PUSH-2-P": lambda: _linked(quirks=["header=plus"]),
    "A76XX-TCPS-CMD-1-P": lambda: SimcomRig(quirks=["accept-index=next", "busy-servers=stopped"]),
    "GK-NETOPEN-TWICE": lambda: SimcomRig().service(),
    "GK-NETOPEN-QUERY": lambda: SimcomRig().service(),
    "GK-CIPOPEN-DNSFAIL": _unnamed,
    "GK-CIPSEND-ESCAPED": _linked,
    "GK-CIPRXGET-TEST": lambda: _with("AT+CIPRXGET=1"),
    "GK-PUSH-RECEIVE": _linked,
    "GK-CIPACK": _counted,
    "GK-CDNSGIP": _named,
    "GK-CDNSGIP-FAIL": lambda: SimcomRig().service(),
    "GK-CTCPKA": lambda: SimcomRig().service(),
    "GK-CPING": _pinged,
    "GK-CNTP": lambda: SimcomRig().service(),
    "GK-SSL-PUSH": _tls,
    "GK-SSL-MANUAL": _tls,
    "GK-SSL-HANDSHAKE-FAIL": _tls_distrusted,
}
MISTYPED = "A76XX-TCPC-TRANS-1-P"


def _idents():
    return [found.id for found in transcripts("simcom", "A76XX")]


def test_transcripts_of_the_a76xx_when_played_to_the_virtual_modem():
    played = [_play(STATES.get(ident, SimcomRig)(), ident) for ident in _idents() if ident != MISTYPED]
    assert len(played) == len(set(_idents())) - 1 > 40


def test_transcripts_with_a_state_of_their_own_when_counted():
    assert set(STATES) <= set(_idents())


def test_mistyped_command_of_a_transcript_when_played_to_the_virtual_modem():
    rig = _with("AT+CIPMODE=1", service=False).service()
    check("S-292", rig.host(transcript(MISTYPED).turns[0][1]), frames("ERROR"))
