# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""What the virtual EC200U, EG915U and BG96 make of a server's certificates."""

import time

from cryptography import x509

from tests.conformance import check
from tests.rigs.tls_network import ADDRESS, DAY, FAILED, HOST, MODELS, NOW, Authority, Identity, TlsRig, attempt

TEXT = "%y/%m/%d,%H:%M:%S+00"


def set_clock(rig, seconds):
    rig.command('AT+CCLK="%s"' % time.strftime(TEXT, time.gmtime(seconds)))


def test_certificate_when_the_ca_is_the_right_one():
    for model in MODELS:
        rig = TlsRig(model).verify()
        assert attempt(rig) == 0 and attempt(rig, host=ADDRESS) == 0
        rig.configure(seclevel=2)
        assert attempt(rig) == 0


def test_certificate_when_the_ca_is_another_one():
    for model in MODELS:
        rig = TlsRig(model).verify()
        rig.put("ca.pem", Authority("Another CA", key="other").pem)
        assert attempt(rig) == FAILED[model]
        assert rig.peer.error == "TLSV1_ALERT_UNKNOWN_CA", "the server is told"
        assert rig.notes[-1] == "tls: certificate: untrusted"
        assert rig.peer.gone and not rig.peer.open


def test_certificate_when_it_has_signed_itself():
    for model in MODELS:
        rig = TlsRig(model).verify()
        own = Authority("own", key="server")
        rig.serve(Identity(own.key, own.certificate))
        assert attempt(rig) == FAILED[model]
        rig.put("ca.pem", own.pem)
        rig.configure(seclevel=1)
        if model != "bg96":
            rig.configure(ignorecertitem=4)  # it names no host
        assert attempt(rig) == 0, "a certificate in the file is trusted by itself"


def test_certificate_when_level_is_0():
    for model in MODELS:
        rig = TlsRig(model)
        rig.serve(Authority("unknown", key="other").issue("elsewhere.example", starts=NOW - 9 * DAY, ends=NOW - DAY))
        check("Q-401", attempt(rig.configure(seclevel=0, ignorelocaltime=0)), 0)


def test_ca_file_when_it_is_missing():
    for model in MODELS:
        got = []
        for level in (1, 2):
            rig = TlsRig(model).configure(seclevel=level)
            got.append(attempt(rig))
            rig.configure(cacert="absent.pem")
            got.append(attempt(rig))
            rig.put("absent.pem", b"no certificate at all")
            got.append(attempt(rig))
        check("Q-395", got, [FAILED[model]] * 6)


def test_ca_file_when_only_cacertex_is_set():
    rig = TlsRig("ec200u").configure(seclevel=1, cacertex="UFS:ca.pem")
    assert attempt(rig) == 0


def test_dates_when_the_modules_clock_is_before_within_or_after():
    for model in MODELS:
        got = []
        for level in (1, 2):
            rig = TlsRig(model).verify(seclevel=level)
            for moment in (NOW - 11 * DAY, NOW - 9 * DAY, NOW + 9 * DAY, NOW + 11 * DAY):
                set_clock(rig, moment)
                got.append(attempt(rig))
            assert rig.peer.error == "SSLV3_ALERT_CERTIFICATE_EXPIRED"
        check("Q-397", got, [FAILED[model], 0, 0, FAILED[model]] * 2)
        rig.configure(ignorelocaltime=1)
        check("Q-398", attempt(rig), 0)


def test_dates_when_the_clock_is_unset():
    rig = TlsRig("bg96").verify()
    rig.command('AT+CCLK="80/01/06,00:00:00+00"')
    assert attempt(rig) == 566


def test_dates_when_only_the_authority_has_expired():
    for model in MODELS:
        rig = TlsRig(model).verify()
        old = Authority("old", key="old", ends=NOW - DAY)
        rig.put("ca.pem", old.pem)
        rig.serve(old.issue(HOST))
        assert attempt(rig) == FAILED[model]


def test_dates_when_ignorecertitem_tolerates_them():
    for model in ("ec200u", "eg915u"):
        rig = TlsRig(model).verify(ignorecertitem=1)
        codes = []
        for moment in (NOW - 11 * DAY, NOW + 11 * DAY):
            set_clock(rig, moment)
            codes.append(attempt(rig))
        check("Q-400", codes, [0, 0])


def test_name_when_it_is_another_one():
    wrong = {"ec200u": 579, "eg915u": 579, "bg96": 0}  # the BG96's document knows no check of names
    for model in MODELS:
        rig = TlsRig(model).verify()
        rig.serve(rig.authority.issue("other.example", "*.other.example"))
        assert attempt(rig) == wrong[model]
        rig.net.names["www.other.example"] = rig.net.names["a.b.other.example"] = [ADDRESS]
        assert attempt(rig, host="www.other.example") == 0
        assert attempt(rig, host="a.b.other.example") == wrong[model], "a star stands for one label"
        assert attempt(rig, host=ADDRESS) == wrong[model], "an address must be listed as one"
        rig.serve(rig.authority.issue(common_name=HOST))
        assert attempt(rig) == 0, "without alternative names the common name counts"


def test_ignorecertitem_when_one_fault_is_tolerated():
    rig = TlsRig("ec200u").verify()
    stranger = Authority("stranger", key="other")
    faulty = {
        4: rig.authority.issue("other.example"),
        8: stranger.issue(HOST),
        1048575: stranger.issue("other.example", starts=NOW - 9 * DAY, ends=NOW - DAY),
    }
    got = {}
    for bits, identity in faulty.items():
        rig.serve(identity)
        got[bits] = [attempt(rig.configure(ignorecertitem=value)) for value in (0, 1048575 & ~bits & 0xFFFFE, bits)]
    check("Q-422", got, {bits: [579, 579, 0] for bits in faulty})


def test_ignorecertitem_when_the_use_is_not_allowed():
    usage = dict.fromkeys(
        (
            "content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
            "decipher_only", "digital_signature", "key_encipherment",
        ),
        False,
    )  # fmt: skip
    netscape = x509.ObjectIdentifier("2.16.840.1.113730.1.1")
    extensions = {
        4096: x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]),
        8192: x509.UnrecognizedExtension(netscape, b"\x03\x02\x07\x80"),  # SSL client
        2048: x509.KeyUsage(**{**usage, "crl_sign": True}),
    }
    rig = TlsRig("ec200u").verify()
    for bit, extension in extensions.items():
        rig.serve(rig.authority.issue(HOST, extensions=[extension]))
        assert [attempt(rig.configure(ignorecertitem=value)) for value in (0, bit)] == [579, 0], (bit, rig.notes)
    good = x509.UnrecognizedExtension(netscape, b"\x03\x02\x06\x40")  # SSL server
    rig.serve(rig.authority.issue(HOST, extensions=[good, x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])]))
    assert attempt(rig.configure(ignorecertitem=0)) == 0


def test_ignorecertitem_when_the_key_is_too_short():
    rig = TlsRig("ec200u").verify(ciphersuite="0X0035")
    rig.serve(rig.authority.issue(HOST, key="rsa-short"))
    assert [attempt(rig.configure(ignorecertitem=value)) for value in (0, 65536)] == [579, 0]


def test_ignoreinvalidcertsign_when_the_signature_is_anothers():
    rig = TlsRig("ec200u").verify()
    forger = Authority("Test CA", key="other")  # the trusted one's name, and another key
    rig.serve(forger.issue(HOST))
    assert attempt(rig) == 579 and rig.notes[-1] == "tls: certificate: signature"
    assert attempt(rig.configure(ignoreinvalidcertsign=1)) == 0
    assert attempt(rig.configure(ignoreinvalidcertsign=0, ignorecertitem=8)) == 0
    rig.configure(ignorecertitem=0, ignoreinvalidcertsign=1)
    rig.serve(Authority("unknown", key="other").issue(HOST))
    assert attempt(rig) == 579, "an unknown issuer is no invalid signature"


def test_ignoremulticertchainverify_when_the_chain_leads_elsewhere():
    rig = TlsRig("ec200u").verify()
    root = Authority("root", key="root")
    middle = Authority("middle", key="middle", parent=root)
    rig.serve(middle.issue(HOST), chain=[middle.certificate])
    assert attempt(rig) == 579
    assert attempt(rig.configure(ignoremulticertchainverify=1)) == 0
    rig.configure(ignoremulticertchainverify=0)
    rig.put("ca.pem", root.pem)
    assert attempt(rig) == 0, "from the server's certificate over the one sent with it to the trusted one"
    rig.put("ca.pem", middle.pem)
    assert attempt(rig) == 0, "a trusted certificate need not have signed itself"
    rig.put("ca.pem", root.pem)
    rig.serve(middle.issue(HOST))
    assert attempt(rig) == 579, "the one between is missing"


def test_certificate_when_its_parts_make_no_sense():
    for model in MODELS:
        rig = TlsRig(model).verify()
        broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.24"), b"\x30\x05no")  # TLS feature
        rig.serve(rig.authority.issue(extensions=[broken]))
        assert attempt(rig) == FAILED[model] and rig.notes[-1].startswith("tls: not a certificate")
        assert attempt(rig.configure(seclevel=0)) == 0


def test_chain_when_one_in_it_may_not_sign():
    for model in MODELS:
        rig = TlsRig(model).verify()
        server = rig.authority.issue("evil.example", key="evil")
        rig.serve(Authority.of(server).issue(HOST), chain=[server.certificate])
        assert attempt(rig) == FAILED[model]
