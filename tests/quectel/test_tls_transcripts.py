"""The golden transcripts of the two SSL documents, played to the driver: it says what the host says.

The module's side comes whole, byte by byte, and cut at every second place. Scripted, on both Pythons.
"""

from modem import SocketTimeout
from modem.compat import run
from tests.conformance import check
from tests.quectel.test_tls_sockets import OK, TEXT, Held, plain
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready
from tests.rigs.transcripts import transcript, transcripts

ADDRESSES = {"ec200u": "220.180.239.212", "bg96": "220.180.239.201"}
_played = set()
_cuts = [0]  # how the ports of the scene under way give out what the module says
_read = [0]  # the most bytes that one of them has given out


class _Port(ScriptedPort):
    """Gives out its answers as `_cuts` says."""

    def __init__(self, dialogue):
        super().__init__(dialogue, _cuts[0])

    def done(self):
        """As a scripted port's."""
        super().done()
        _read[0] = max(_read[0], self.read)


def _in_every_way(scene, *args):
    """Play `scene(*args)` with its answers cut in every way; return what it returns, the same each time."""
    _read[0] = 0
    want = scene(*args)
    ways = [1] + [{k} for k in range(1, _read[0], 2)]
    assert len(ways) > 10, ways
    try:
        for cuts in ways:
            _cuts[0] = cuts
            got = scene(*args)
            assert got == want, (args, cuts, got)
    finally:
        _cuts[0] = 0
    return want


def _turns(ident):
    """A transcript as a dialogue: pairs of host bytes and what the module says before the host's next turn."""
    _played.add(ident)
    out = []
    for side, data in transcript(ident).turns:
        if side == "host":
            out.append([data, b""])
        elif out:
            out[-1][1] += data
        else:
            out.append([b"", data])
    return [(host, answer) for host, answer in out]


def _settings(vendor):
    port = _Port(_turns(vendor + "-3.2"))
    modem = ready(port, vendor)
    modem.module.dialect.tls_seclevel = b"secllevel" if vendor == "ec200u" else b"seclevel"
    path = "UFS:cacert.pem" if vendor == "ec200u" else "cacert.pem"
    context = modem.tls_context(ca=path, version="tls1.0", ciphers="TLS_RSA_WITH_AES_256_CBC_SHA")
    settings = {item: value for item, value, _ in context.settings()}
    for item in (b"sslversion", b"ciphersuite", b"seclevel", b"cacert"):
        run(modem.module.dialect.transport(context).sets[1].write_item(item, settings[item], None))
    port.done()


def _open(modem, vendor, port, access="buffer"):
    """A socket with client id 4 and set 1, as the examples have it."""
    for n in range(4):
        Held(modem, n)
    return modem.create_connection((ADDRESSES[vendor], port), tls=plain(modem, first=1), access=access)


def _sends(vendor, chapter):
    """The examples of sending: variable length (end of text Ctrl-Z; the driver itself never uses it), then fixed length."""
    if vendor == "ec200u" and chapter == 3:
        return _turns("ec200u-3.3.2.1") + _turns("ec200u-3.3.2.2")
    return _turns("%s-3.%d.2" % (vendor, chapter))


def _send(modem, s):
    modem.command("AT+QSSLSEND=4", data=TEXT + b"\x1a")
    s.sendall(TEXT)


def _buffer_mode(vendor):
    open_it, state = _turns(vendor + "-3.3.1")
    announced, data, empty = _turns(vendor + "-3.3.3")
    port = _Port([open_it, state, (b"AT+QSSLRECV=4,1500\r", empty[1])] + _sends(vendor, 3))
    modem = ready(port, vendor)
    s = _open(modem, vendor, 8010)
    s.settimeout(1)
    states = modem.command("AT+QSSLSTATE")
    with raises(SocketTimeout):
        s.recv(1500)
    _send(modem, s)
    port.done()
    port.later(3, announced[1])
    port.dialogue = [data, empty] + _turns(vendor + "-3.3.4")
    got = s.recv(1500)
    with raises(SocketTimeout):
        s.recv(1500)
    s.close()
    port.done()
    return got, states[0].count(b"SSLClient")


def _push_mode(vendor):
    open_it, state = _turns(vendor + "-3.4.1")
    port = _Port([open_it, state] + _sends(vendor, 4) + _turns(vendor + "-3.4.4"))
    modem = ready(port, vendor)
    s = _open(modem, vendor, 8011, "push")
    states = modem.command("AT+QSSLSTATE")
    _send(modem, s)
    port.later(3, _turns(vendor + "-3.4.3")[0][1])
    got = s.recv(1500)
    s.close()
    port.done()
    return got, states[0].count(b"SSLClient")


def _transparent_mode(vendor):
    """Open and send, leave, close; then open and receive, leave, close."""
    open_it, sent, left = _turns(vendor + "-3.5.1")
    receiving, left_again = _turns(vendor + "-3.5.2")
    close = _turns(vendor + "-3.5.3")
    connect = open_it[1]
    received = receiving[1][len(connect) :]
    port = _Port([open_it, sent, (left[0], [(1000, left[1])])] + close)
    modem = ready(port, vendor)
    s = _open(modem, vendor, 8011, "transparent")
    s.sendall(b"<data sent to the network>")
    s.escape()
    s.close()
    port.done()
    port.dialogue = [(receiving[0], [(0, connect), (500, received)]), (left_again[0], [(1000, left_again[1])])] + close
    s = modem.create_connection((ADDRESSES[vendor], 8011), tls=s.operations.tls, access="transparent")
    got = s.read(len(received))
    s.escape()
    s.close()
    port.done()
    return got


def _contexts(vendor):
    inactive = (b"AT+QIACT?\r", OK)
    dialogue = [inactive] + _turns(vendor + "-3.1.1") + _turns(vendor + "-3.1.2") + _turns(vendor + "-3.1.3")
    port = _Port(dialogue)
    modem = ready(port, vendor, connected=False)
    pdp = modem.module.dialect.part("pdp")
    settings = pdp.settings({"ec200u": "UNINET", "bg96": "CMCIOT"}[vendor], None, None, 1, 0)
    addresses = run(pdp.attach(modem.module, settings, None))
    run(pdp.detach(modem.module, None))
    port.done()
    return addresses


def test_transcripts_of_settings_are_produced_and_understood():
    for vendor in ADDRESSES:
        _in_every_way(_settings, vendor)


def test_transcripts_of_every_mode_are_produced_and_understood():
    for vendor in ADDRESSES:
        assert _in_every_way(_buffer_mode, vendor) == (TEXT, 1)
        assert _in_every_way(_push_mode, vendor) == (TEXT, 1)
        assert _in_every_way(_transparent_mode, vendor) == b"<Received data>"


def test_transcripts_of_contexts_are_produced_and_understood():
    for vendor in ADDRESSES:
        assert _in_every_way(_contexts, vendor) == ("10.7.157.1",)


def test_no_transcript_of_the_two_documents_is_left_out():
    _played.clear()
    for scene in (_settings, _buffer_mode, _push_mode, _transparent_mode, _contexts):
        for vendor in ADDRESSES:
            scene(vendor)
    known = [t.id for model in ("EC200U", "BG96") for t in transcripts("quectel", model)]
    check("Q-414", (sorted(_played), len(known)), (sorted(known), 31))
