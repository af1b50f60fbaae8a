# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""Handshakes of the virtual EC200U, EG915U and BG96: client certificates, SNI, cipher suites, versions, DTLS, time limits."""

import ssl

from tests.conformance import check
from tests.rigs.tls_network import ADDRESS, FAILED, HOST, MODELS, Authority, TlsRig, attempt
from tests.rigs.virtual_modem import ERROR


def test_client_certificate_when_the_server_wants_one():
    for model in MODELS:
        rig = TlsRig(model).verify()
        users = Authority("Users", key="users")
        user = users.issue(common_name="device 7", key="device")
        rig.put("cert.pem", user.certificate_pem)
        rig.put("key.pem", user.key_pem)
        rig.serve(rig.authority.issue(HOST), client_ca=users)
        rig.configure(seclevel=2)
        without = attempt(rig)
        rig.configure(clientcert="cert.pem", clientkey="UFS:key.pem")
        with_it = attempt(rig)
        assert rig.net.links[-1].tls.getpeercert()["subject"][0][0] == ("commonName", "device 7")
        stranger = Authority("Strangers", key="other").issue(common_name="nobody", key="device")
        rig.put("cert.pem", stranger.certificate_pem)
        check("Q-396", (without, with_it, attempt(rig)), (FAILED[model], 0, FAILED[model]))
        rig.put("cert.pem", user.certificate_pem)
        assert attempt(rig.configure(seclevel=1)) == FAILED[model], "level 1 shows no client certificate"


def test_client_certificate_when_key_or_file_is_wrong():
    for model in MODELS:
        rig = TlsRig(model).verify()
        user = rig.authority.issue(common_name="device", key="device")
        rig.put("cert.pem", user.certificate_pem)
        rig.put("key.pem", rig.authority.issue(key="other").key_pem)
        rig.configure(seclevel=2, clientcert="cert.pem", clientkey="key.pem")
        assert attempt(rig) == FAILED[model], "another key"
        assert attempt(rig.configure(clientkey="absent.pem")) == FAILED[model]


def test_sni_when_it_is_on_or_off():
    for model in ("ec200u", "eg915u"):
        rig = TlsRig(model)
        seen = []
        rig.net.server.sni_callback = lambda tls, name, context, seen=seen: seen.append(name)
        for sni in (0, 1):
            assert attempt(rig.configure(sni=sni)) == 0
        check("Q-421", seen, [None, HOST])
        assert attempt(rig, host=ADDRESS) == 0 and seen[2:] == [None], "an address is no name"


def test_sni_when_the_name_cannot_be_one():
    rig = TlsRig("ec200u").configure(sni=1)
    rig.net.names[".example"] = ["192.0.2.1"]
    assert attempt(rig, host=".example") == 579 and rig.notes[-1].startswith("tls: server name")


def test_sni_when_certificates_depend_on_it():
    rig = TlsRig("ec200u").verify()
    right = rig.net.server
    rig.serve(rig.authority.issue("default.example"))

    def choose(tls, name, context):
        if name == HOST:
            tls.context = right

    rig.net.server.sni_callback = choose
    assert [attempt(rig.configure(sni=sni)) for sni in (0, 1)] == [579, 0]


def test_suites_when_the_server_has_none_of_them():
    for model in MODELS:
        rig = TlsRig(model)
        rig.serve(rig.authority.issue(HOST), ciphers="AES128-SHA")
        got = [attempt(rig.configure(ciphersuite=code)) for code in ("0X0035", "0XC02F", "0X002F", "0XFFFF")]
        check("Q-402", got, [FAILED[model], FAILED[model], 0, 0])
        assert rig.notes[-1] == "tls: TLSv1.2 AES128-SHA"


def test_suites_when_the_model_lacks_what_the_server_wants():
    for ciphers, key, works in (
        ("ECDHE-RSA-AES256-GCM-SHA384", "server", ("ec200u", "eg915u")),
        ("ECDHE-ECDSA-AES128-SHA256", "ec", ("ec200u", "eg915u")),
        ("ECDHE-ECDSA-AES128-GCM-SHA256", "ec", ()),
        ("ECDHE-RSA-CHACHA20-POLY1305", "server", ()),
        ("ECDHE-RSA-AES128-GCM-SHA256", "server", MODELS),
    ):
        for model in MODELS:
            rig = TlsRig(model)
            rig.serve(rig.authority.issue(HOST, key=key), ciphers=ciphers)
            assert attempt(rig) == (0 if model in works else FAILED[model]), (ciphers, model)


def test_suites_when_openssl_has_lost_them():
    for model in MODELS:
        rig = TlsRig(model)
        assert [attempt(rig.configure(ciphersuite=code)) for code in ("0X0005", "0X000A", "0XC011")] == [FAILED[model]] * 3


def test_versions_when_the_server_speaks_one_only():
    names = {1: ssl.TLSVersion.TLSv1, 2: ssl.TLSVersion.TLSv1_1, 3: ssl.TLSVersion.TLSv1_2}
    for model in MODELS:
        rig = TlsRig(model)
        for wanted in range(5):
            rig.configure(sslversion=wanted)
            for offered, version in names.items():
                rig.serve(rig.authority.issue(HOST), version=version)
                assert attempt(rig) == (0 if wanted in (offered, 4) else FAILED[model]), (model, wanted, offered)
        rig.serve(rig.authority.issue(HOST), version=ssl.TLSVersion.TLSv1_3)
        assert attempt(rig) == FAILED[model], "no model has TLS 1.3"
        rig.serve(rig.authority.issue(HOST))
        assert attempt(rig.configure(sslversion=0)) == FAILED[model], "OpenSSL has no SSL 3.0"


def test_dtls_when_asked_for():
    for model in ("ec200u", "eg915u"):
        rig = TlsRig(model).configure(dtls=1)
        links = len(rig.net.links)
        assert rig.command('AT+QSSLOPEN=1,1,4,"%s",8010' % HOST) == ERROR and rig.error() == 555
        assert len(rig.net.links) == links, "refused, not faked"
        assert attempt(rig.configure(dtls=0)) == 0


def test_handshake_when_it_fails():
    for model, item, code in (("ec200u", "Q-312", 579), ("eg915u", "Q-312", 579), ("bg96", "Q-313", 566)):
        rig = TlsRig(model).verify()
        rig.put("ca.pem", Authority("Another CA", key="other").pem)
        check(item, (attempt(rig), rig.error()), (code, code))
        rig.net.server = None  # a server that speaks no TLS
        got = rig.command('AT+QSSLOPEN=1,1,4,"%s",8010' % HOST)
        rig.peer.send(b"220 mail.example ESMTP\r\n")
        assert (got + rig.pass_time()).endswith(b"\r\n+QSSLOPEN: 4,%d\r\n" % code)


def test_handshake_when_the_server_ends_it():
    for model in MODELS:
        rig = TlsRig(model)
        rig.net.mute = True
        rig.command('AT+QSSLOPEN=1,1,4,"%s",8010' % HOST)
        rig.peer.end()
        assert rig.pass_time() == b"\r\n+QSSLOPEN: 4,%d\r\n" % FAILED[model]


def test_handshake_when_it_takes_longer_than_negotiatetime():
    for model in MODELS:
        rig = TlsRig(model).configure(negotiatetime=30)
        rig.net.mute = True
        assert rig.command('AT+QSSLOPEN=1,1,4,"%s",8010' % HOST) == b"\r\nOK\r\n"
        early = rig.pass_time(29.9)
        check("Q-318", (early, rig.pass_time(0.2)), (b"", b"\r\n+QSSLOPEN: 4,%d\r\n" % FAILED[model]))
        assert rig.peer.gone and rig.tls_state() is None
