# CPython only: the virtual modem needs asyncio's sockets, clocks and ssl.
"""The virtual A76XX's TLS: AT+CSSLCFG, the certificate store, and sessions with real handshakes."""

import ssl

from cryptography.hazmat.primitives import serialization

from tests.conformance import check
from tests.rigs.tls_network import DAY, NOW, Authority
from tests.rigs.virtual_a76xx import ADDRESS, ERROR, HOST, OK, PROMPT, SimcomRig, SimcomTlsRig, block, frames
from tools.vmodem.simcom.channels import HANDSHAKE, NOT_SET

EVERY_BYTE = bytes(range(256))
DEFAULTS = '+CSSLCFG: %d,4,0,1,300,"","","","",0'


def _block(session, data):
    return frames("+CCHRECV: DATA,%d,%d" % (session, len(data))) + data


def _sent(rig, line, data):
    assert rig.command(line) == PROMPT
    return rig.host(data)


# Settings and certificates -------------------------------------------------------------------------------------------------


def test_contexts_when_set_and_shown():
    rig = SimcomRig()
    check(
        "S-408",
        [rig.command("AT+CSSLCFG?"), rig.command("AT+CSSLCFG=9")],
        [block(*[DEFAULTS % n for n in range(10)]) + OK, frames(DEFAULTS % 9, "OK")],
    )
    values = [("sslversion", 3), ("authmode", 2), ("ignorelocaltime", 0), ("negotiatetime", 10), ("cacert", '"ca.pem"')]
    values += [("clientcert", '"cc.pem"'), ("clientkey", '"ck.der"'), ("enableSNI", 1)]
    got = [rig.command('AT+CSSLCFG="%s",9,%s' % pair) for pair in values]
    shown = frames('+CSSLCFG: 9,3,2,0,10,"ca.pem","cc.pem","ck.der","",1', "OK")
    check("S-407", [got, rig.command("AT+CSSLCFG=9"), rig.command("AT+CSSLCFG=0")], [[OK] * 8, shown, frames(DEFAULTS % 0, "OK")])
    wrong = [
        ("sslversion", 5),
        ("authmode", 4),
        ("negotiatetime", 9),
        ("negotiatetime", 301),
        ("cacert", "ca.pem"),
        ("seclevel", 1),
    ]
    assert [rig.command('AT+CSSLCFG="%s",0,%s' % pair) for pair in wrong] == [ERROR] * 6
    assert rig.command('AT+CSSLCFG="authmode",10,1') == ERROR
    assert rig.command('AT+CSSLCFG="cacert",9,""') == OK


def test_certificates_when_stored():
    rig = SimcomRig()
    got = [
        rig.command("AT+CCERTDOWN=?"),
        _sent(rig, 'AT+CCERTDOWN="ca_cert.pem",256', EVERY_BYTE),
        rig.modem.files.read("ca_cert.pem"),
    ]
    check("S-409", got, [frames("+CCERTDOWN: (5-108),(1-10240)", "OK"), OK, EVERY_BYTE])
    check("S-409", [rig.command('AT+CCERTDOWN="a.pem",%d' % n) for n in (0, 10241)], [ERROR, ERROR])
    names = ["a.txt", ".pem", "x" * 105 + ".pem"]
    check("S-410", [rig.command('AT+CCERTDOWN="%s",1' % name) for name in names], [ERROR] * 3)
    assert _sent(rig, 'AT+CCERTDOWN="%s.der",1' % ("x" * 104), b"1") == OK
    got = [rig.command("AT+CCERTLIST"), rig.command('AT+CCERTDELE="ca_cert.pem"'), rig.command('AT+CCERTDELE="ca_cert.pem"')]
    listed = block('+CCERTLIST: "ca_cert.pem"', '+CCERTLIST: "%s.der"' % ("x" * 104))
    check("S-411", got, [listed + OK, OK, ERROR])
    rig.command('AT+CCERTDELE="%s.der"' % ("x" * 104))
    assert rig.command("AT+CCERTLIST") == OK


def test_certificates_when_their_names_are_not_ascii():
    rig = SimcomRig()
    name = '{non-ascii}"%s"' % b"&#x6D4B;&#x8BD5;.pem".hex().upper()
    assert _sent(rig, "AT+CCERTDOWN=%s,3" % name, b"abc") == OK
    assert rig.modem.files.read("测试.pem") == b"abc"
    assert rig.command("AT+CCERTMOVE=" + name) == OK
    assert rig.command('AT+CCERTMOVE="other.pem"') == ERROR
    assert rig.command("AT+CCERTDELE=" + name) == OK
    assert rig.command('AT+CCERTDELE={non-ascii}"ABC"') == ERROR


# Service and sessions ------------------------------------------------------------------------------------------------------


def test_service_when_started_and_stopped():
    rig = SimcomTlsRig()
    open_line = 'AT+CCHOPEN=0,"%s",443,2' % HOST
    check("S-415", rig.command(open_line), ERROR)
    assert rig.command("AT+CCHADDR") == ERROR
    check("S-413", rig.command("AT+CCHSTART"), OK + frames("+CCHSTART: 0"))
    assert rig.command("AT+CCHSTART") == ERROR
    assert rig.command("AT+CCHSET=1") == ERROR
    assert rig.command("AT+CCHMODE=1") == ERROR
    assert rig.command("AT+CCHADDR") == frames("+CCHADDR: 10.148.0.17", "OK")
    assert rig.session() == 0
    check("S-429", rig.command("AT+CCHSTOP"), OK + frames("+CCHSTOP: 0"))
    assert rig.net.links[-1].gone
    assert rig.command("AT+CCHSTOP") == ERROR
    rig = SimcomRig(quirks=["cch-order=result-first"])
    assert rig.command("AT+CCHSTART") == frames("+CCHSTART: 0", "OK")
    rig = SimcomRig(faults=["denied"])
    assert rig.command("AT+CCHSTART") == OK + frames("+CCHSTART: 17")


def test_session_when_opened():
    rig = SimcomTlsRig().start()
    line = 'AT+CCHOPEN=%%d,"%s",443,2' % HOST
    got = rig.command(line % 0) + rig.pass_time()
    check("S-416", got, OK + frames("+CCHOPEN: 0,0"))
    first = rig.net.links[-1]
    assert rig.session(1) == 0
    got = [_sent(rig, "AT+CCHSEND=%d,1" % n, b"%d" % n) for n in (0, 1)]
    check("S-417", [got, bytes(first.heard), bytes(rig.net.links[-1].heard)], [[OK, OK], b"0", b"1"])
    assert rig.command(line % 0) == ERROR  # in use
    assert rig.command(line % 2) == ERROR
    listed = block('+CCHOPEN: 0,"%s",443,2,' % HOST, '+CCHOPEN: 1,"%s",443,2,' % HOST)
    assert rig.command("AT+CCHOPEN?") == listed + OK
    check("S-428", rig.command("AT+CCHCLOSE=0"), OK + frames("+CCHCLOSE: 0,0"))
    assert first.goodbye
    assert rig.command("AT+CCHCLOSE=0") == ERROR
    assert rig.command("AT+CCHOPEN?").startswith(b'\r\n+CCHOPEN: 0,"",,,\r\n')


def test_session_when_it_does_not_come_up():
    rig = SimcomTlsRig().start()
    for reason, code in (("dns", 13), ("refused", 14), ("timeout", 5), ("bind", 12)):
        rig.net.refuse = reason
        assert rig.session() == code
    rig.net.refuse = None
    rig.net.mute = True
    rig.configure(negotiatetime=10)
    assert rig.command('AT+CCHOPEN=0,"%s",443' % HOST) == OK
    assert rig.pass_time(9) == b""
    assert rig.pass_time(2) == frames("+CCHOPEN: 0,15")
    rig.net.mute = False
    rig.net.server = None
    assert rig.command('AT+CCHOPEN=0,"%s",80,1' % HOST) == OK + frames("+CCHOPEN: 0,0")
    assert _sent(rig, "AT+CCHSEND=0,5", b"plain") == OK
    assert rig.net.links[-1].received == b"plain"


def test_send_when_reported():
    rig = SimcomTlsRig().start("1,0")
    rig.session()
    check("S-419", _sent(rig, "AT+CCHSEND=0,5", b"hello"), OK + frames("+CCHSEND: 0,0"))
    rig = SimcomTlsRig().start()
    rig.session()
    got = _sent(rig, "AT+CCHSEND=0,256", EVERY_BYTE)
    check("S-418", [got, bytes(rig.net.links[-1].heard)], [OK, EVERY_BYTE])
    check("S-418", [rig.command("AT+CCHSEND=0,%d" % n) for n in (0, 2049)] + [rig.command("AT+CCHSEND=1,1")], [ERROR] * 3)
    assert rig.command("AT+CCHSEND?") == frames("+CCHSEND: 0,0,1,0", "OK")
    assert rig.command("AT+CCHSEND=0,2048") == PROMPT


def test_send_when_the_peer_takes_no_more():
    rig = SimcomTlsRig().start("1,0")
    rig.session()
    assert rig.command('AT+CCHCFG="sendtimeout",0,60') == OK
    peer = rig.net.links[-1]
    peer.acknowledges = False
    got = [_sent(rig, "AT+CCHSEND=0,2048", bytes(2048)) for _ in range(5)]
    assert got[0] == OK + frames("+CCHSEND: 0,0")
    assert got[-1] == OK
    assert rig.command("AT+CCHSEND=0,1") == ERROR
    assert rig.pass_time(59) == b""
    assert rig.pass_time(2) == frames("+CCHSEND: 0,18")
    rig = SimcomTlsRig().start()
    rig.session()
    peer = rig.net.links[-1]
    peer.acknowledges = False
    got = [_sent(rig, "AT+CCHSEND=0,2048", bytes(2048)) for _ in range(5)]
    assert got[-1] == b""  # OK waits for the room
    peer.acknowledge()
    assert rig.pass_time(0.1) == OK
    rig = SimcomTlsRig(faults=["send-fail:times=1"]).start("1,0")
    rig.session()
    assert _sent(rig, "AT+CCHSEND=0,1", b"x") == OK + frames("+CCHSEND: 0,6")


def test_data_when_received_automatically():
    rig = SimcomTlsRig().start()
    rig.session()
    rig.net.links[-1].send(EVERY_BYTE)
    check("S-420", rig.port.take(), _block(0, EVERY_BYTE))
    rig.net.links[-1].send(bytes(3000))
    assert rig.port.take() == _block(0, bytes(2048)) + _block(0, bytes(952))
    assert rig.command("AT+CCHRECV=0") == frames("+CCHRECV: 0,11", "ERROR")


def test_data_when_received_by_hand():
    rig = SimcomTlsRig().start("0,1")
    rig.session()
    peer = rig.net.links[-1]
    peer.send(EVERY_BYTE)
    peer.send(b"more")
    got = [rig.port.take(), rig.command("AT+CCHRECV=0,100"), rig.command("AT+CCHRECV=0")]
    want = [frames("+CCHEVENT: 0,RECV EVENT"), OK + _block(0, EVERY_BYTE[:100]) + frames("+CCHRECV: 0,0")]
    want.append(OK + _block(0, EVERY_BYTE[100:] + b"more") + frames("+CCHRECV: 0,0"))
    check("S-421", got, want)
    assert rig.command("AT+CCHRECV=0") == OK + frames("+CCHRECV: 0,0")
    peer.send(bytes(5000))
    rig.port.take()
    check("S-422", rig.command("AT+CCHRECV?"), frames("+CCHRECV: LEN,5000,0", "OK"))
    got = rig.command("AT+CCHRECV=0")
    assert got == OK + _block(0, bytes(2048)) * 2 + _block(0, bytes(904)) + frames("+CCHRECV: 0,0")
    assert rig.command("AT+CCHRECV=1") == frames("+CCHRECV: 1,11", "ERROR")


def test_data_when_the_peer_has_closed():
    rig = SimcomTlsRig().start("0,1")
    rig.session()
    peer = rig.net.links[-1]
    peer.send(b"the last words")
    peer.close_tls()
    check("S-424", rig.port.take(), frames("+CCHEVENT: 0,RECV EVENT", "+CCH_PEER_CLOSED: 0"))
    got = [rig.command("AT+CCHCLOSE=0"), rig.command("AT+CCHRECV?"), rig.command("AT+CCHRECV=0")]
    want = [ERROR, frames("+CCHRECV: LEN,14,0", "OK"), OK + _block(0, b"the last words") + frames("+CCHRECV: 0,0")]
    check("S-423", got, want)
    rig = SimcomTlsRig().start()
    rig.session()
    rig.net.links[-1].send(b"cut")
    rig.net.links[-1].end()
    assert rig.port.take() == _block(0, b"cut") + frames("+CCH_RECV_CLOSED: 0,6", "+CCH_PEER_CLOSED: 0")


def test_network_when_it_goes_away():
    rig = SimcomTlsRig().start()
    rig.session()
    rig.modem.dialect.lose_contexts()
    assert rig.port.take() == frames("+CCH: CCH STOP")
    assert rig.command('AT+CCHOPEN=0,"%s",443' % HOST) == ERROR
    assert rig.command("AT+CCHSTART") == OK + frames("+CCHSTART: 0")
    rig.session()
    rig.modem.dialect.close_all()
    assert rig.port.take() == frames("+CCH_PEER_CLOSED: 0")


def test_session_when_transparent():
    rig = SimcomTlsRig()
    assert rig.command("AT+CCHMODE=1") == OK
    rig.start()
    assert rig.command('AT+CCHOPEN=1,"%s",443' % HOST) == ERROR
    line = 'AT+CCHOPEN=0,"%s",443' % HOST
    assert rig.command(line) + rig.pass_time() == frames("CONNECT 115200")
    peer = rig.net.links[-1]
    peer.send(EVERY_BYTE)
    assert rig.host(b"AT\r") == EVERY_BYTE
    rig.pass_time()
    assert peer.heard == b"AT\r"
    assert rig.escape() == OK
    assert rig.command("AT+CCHSEND=0,1") == ERROR
    assert rig.command("ATO") == frames("CONNECT 115200")
    assert rig.escape() == OK
    check("S-428", rig.command("AT+CCHCLOSE=0"), OK + frames("CLOSED"))
    rig.command(line)
    rig.pass_time()
    rig.net.links[-1].close_tls()
    assert rig.port.take().endswith(frames("CLOSED", "+CCH_PEER_CLOSED: 0"))
    rig.net.refuse = "refused"
    assert rig.command(line) == frames("CONNECT FAIL")
    rig.net.refuse = None
    rig.command("AT&D2")
    rig.command(line)
    rig.pass_time()
    rig.modem.dtr(False)
    assert rig.port.take().endswith(frames("CLOSED", "+CCH_PEER_CLOSED: 0"))


# Authentication ------------------------------------------------------------------------------------------------------------


def _result(configure, serve=None, clock=None):
    """The result of an open with these settings, against this server."""
    rig = SimcomTlsRig()
    if serve:
        serve(rig)
    if clock:
        assert rig.command('AT+CCLK="%s"' % clock) == OK
    rig.configure(**configure).start()
    return rig.session()


VERIFY = {"authmode": 1, "cacert": "ca_cert.pem", "ignorelocaltime": 0}


def test_server_when_it_is_authenticated():
    def other(rig):
        rig.serve(Authority("Another", key="other").issue(HOST))

    def expired(rig):
        rig.serve(rig.authority.issue(HOST, starts=NOW - 9 * DAY, ends=NOW - DAY))

    assert _result(VERIFY) == 0
    assert _result(VERIFY, other) == HANDSHAKE
    assert _result({}, other) == 0  # the module's own default
    assert _result(VERIFY, expired) == HANDSHAKE
    assert _result({**VERIFY, "ignorelocaltime": 1}, expired) == 0
    assert _result(VERIFY, clock="70/01/01,00:00:00+00") == HANDSHAKE
    assert _result({"authmode": 1}) == NOT_SET
    assert _result({"authmode": 1, "cacert": "missing.pem"}) == NOT_SET
    assert _result({"authmode": 2, "cacert": "ca_cert.pem"}) == NOT_SET


def test_clock_when_its_zone_is_not_utc():
    def short(rig):
        rig.serve(rig.authority.issue(HOST, starts=NOW - 3600, ends=NOW + 3600))

    assert _result(VERIFY, short, clock="23/11/15,06:13:20+32") == 0  # 22:13:20 UTC
    assert _result(VERIFY, short, clock="23/11/15,06:13:20+00") == HANDSHAKE


def test_server_when_it_wants_a_client_certificate():
    def strict(rig):
        authority = rig.authority
        rig.serve(authority.issue(HOST), client_ca=authority)
        client = authority.issue("client", key="client")
        rig.modem.files.write("cc.pem", client.certificate_pem)
        rig.modem.files.write("ck.pem", client.key_pem)
        locked = client.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word")
        )
        rig.modem.files.write("ck.der", locked)
        rig.modem.files.write("pw.pem", b"word\r\n")
        rig.modem.files.write("cc.der", client.certificate.public_bytes(serialization.Encoding.DER))

    client = {"clientcert": "cc.pem", "clientkey": "ck.pem"}
    locked = {"clientcert": "cc.der", "clientkey": "ck.der", "password": "pw.pem"}
    assert _result({**VERIFY, "authmode": 2, **client}, strict) == 0
    assert _result({"authmode": 3, **client}, strict) == 0
    assert _result({"authmode": 3, **locked}, strict) == 0
    assert _result({"authmode": 3, **locked, "password": ""}, strict) == NOT_SET
    assert _result(VERIFY, strict) == HANDSHAKE


def test_versions_when_limited():
    def modern(rig):
        rig.serve(rig.authority.issue(HOST), version=ssl.TLSVersion.TLSv1_2)

    assert _result({"sslversion": 3}, modern) == 0
    assert _result({"sslversion": 2}, modern) == HANDSHAKE
    assert _result({"sslversion": 0}) == HANDSHAKE


def test_name_when_it_is_sent():
    names = []

    def watching(rig):
        rig.net.server.sni_callback = lambda tls, name, context: names.append(name)

    assert _result({"enableSNI": 1}, watching) == 0
    assert _result({"enableSNI": 0}, watching) == 0
    assert names == [HOST, None]


def test_context_when_chosen_for_a_session():
    rig = SimcomTlsRig().configure(7, authmode=1).start()
    assert rig.command("AT+CCHSSLCFG=0,7") == OK
    assert rig.command("AT+CCHSSLCFG?") == block("+CCHSSLCFG: 0,7", "+CCHSSLCFG: 1,1") + OK
    assert rig.session() == NOT_SET
    assert rig.session() == 0  # the choice is lost with the failed open
    assert rig.command("AT+CCHSSLCFG=0,7") == ERROR
    assert rig.command('AT+CCHCFG="sslctx",1,7') == OK
    assert rig.session(1, ADDRESS) == NOT_SET
