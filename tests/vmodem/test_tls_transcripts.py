# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""Golden transcripts of EC200U/EG915U and BG96, played from the host's side to the virtual modem: every byte is compared.

One session per model and access mode, with the settings of the transcripts themselves: TLS 1.0, one cipher suite, server
authentication against the CA file. Only the local port is the session's own choice and replaced before comparing.
"""

import re

from tests.conformance import check
from tests.rigs.tls_network import TlsRig
from tests.rigs.transcripts import transcript, transcripts

SERVERS = {"ec200u": "220.180.239.212", "bg96": "220.180.239.201"}
TEXT = b"Test data from SSL"


def _plain(data):
    return re.sub(rb'(\+QSSLSTATE: 4,"SSLClient","[0-9.]+",\d+),\d+,', rb"\1,<local port>,", data)


class Session:
    """A virtual modem and what it has said beyond the turns that were compared."""

    def __init__(self, model):
        self.model = model
        self.rig = TlsRig(model, quirks=["prompt=plain"], port_name="usbmodem")  # they leave the blank out
        self.rig.command("AT+QIDEACT=1")
        self.rig.serve(self.rig.authority.issue(SERVERS[model]), ciphers="AES256-SHA")
        self.rig.put("cacert.pem", self.rig.authority.pem)
        self.played = set()
        self._extra = b""
        self._seen = 0
        for part in ("3.1.1", "3.1.2", "3.2"):
            self.play(part)

    @property
    def peer(self):
        return self.rig.peer

    def play(self, part, extra=b""):
        """Play one transcript; `extra` is what the module has said before it."""
        ident = "%s-%s" % (self.model, part)
        got, self.played = extra, self.played | {ident}
        for index, (side, data) in enumerate(transcript(ident).turns):
            if side == "modem":
                if data == b"<Received data>":
                    self.peer.send(data)
                got += self.rig.pass_time()
                piece, got = self._cut(got, data)
                assert _plain(piece) == _plain(data), (ident, index, piece, data)
            else:
                assert got == b"", (ident, index, got)
                if data == b"+++":
                    self.rig.pass_time(1.5)
                got = self.rig.host(data)
                if data == b"+++":
                    got += self.rig.pass_time(1.0)
        assert got == b"", (ident, got)

    @staticmethod
    def _cut(got, want):
        """As many line ends of `got` as `want` has."""
        position = 0
        for _ in range(want.count(b"\r\n")):
            position = got.find(b"\r\n", position) + 2
        rest = len(want.rpartition(b"\r\n")[2]) if not want.endswith(b"\r\n") else 0
        return got[: position + rest], got[position + rest :]

    def heard(self, data):
        """Check what the server has heard since the last time."""
        assert bytes(self.peer.heard[self._seen :]) == data
        self._seen = len(self.peer.heard)

    def arrives(self):
        """The server sends the text of the examples; what the module says about it."""
        self.peer.send(TEXT)
        return self.rig.port.take()

    def again(self):
        """The next connection counts from zero."""
        self._seen = 0


def _ec200u():
    session = Session("ec200u")
    session.play("3.3.1")
    assert session.peer.tls.version() == "TLSv1" and session.peer.tls.cipher()[0] == "AES256-SHA"
    for part in ("3.3.2.1", "3.3.2.2"):
        session.play(part)
        session.heard(TEXT)
    session.play("3.3.3", session.arrives())
    session.play("3.3.4")
    _push_and_transparent(session)
    return session.played


def _bg96():
    session = Session("bg96")
    session.play("3.3.1")
    session.play("3.3.2")
    session.heard(TEXT * 2)
    session.play("3.3.3", session.arrives())
    session.play("3.3.4")
    _push_and_transparent(session)
    return session.played


def _push_and_transparent(session):
    session.again()
    session.play("3.4.1")
    session.play("3.4.2")
    session.heard(TEXT * 2)
    session.play("3.4.3", session.arrives())
    session.play("3.4.4")
    session.again()
    session.play("3.5.1")
    session.heard(b"<data sent to the network>")
    session.play("3.5.3")
    session.again()
    session.play("3.5.2")
    session.play("3.5.3")
    session.play("3.1.3")


def test_transcripts_of_ec200u_when_played_to_the_virtual_modem():
    check("Q-415", _ec200u(), {found.id for found in transcripts("quectel", "EC200U")})


def test_transcripts_of_bg96_when_played_to_the_virtual_modem():
    check("Q-415", _bg96(), {found.id for found in transcripts("quectel", "BG96")})
