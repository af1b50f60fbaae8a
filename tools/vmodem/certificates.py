"""Checks of a server's certificates the way modules make them: fault by fault, against the module's own clock and files.

The faults are those that "ignorecertitem" of the "EC200U & EG915U Series SSL Application Note" 1.1, 2.2.1, tells apart. A
certificate in the trusted file is an anchor whether it has signed itself or not. Needs the package `cryptography`.
"""

import datetime
import ipaddress

EXPIRED = "expired"  # or not valid yet: the documents make no difference
NAME = "name"
UNTRUSTED = "untrusted"  # no way from the certificate to a trusted one
SIGNATURE = "signature"  # the issuer is known, but has not signed it
KEY_USAGE = "keyUsage"
EXTENDED_KEY_USAGE = "extendedKeyUsage"
NS_CERT_TYPE = "nsCertType"
ALGORITHM = "algorithm"
KEY = "key"
ALL = frozenset((EXPIRED, NAME, UNTRUSTED, SIGNATURE, KEY_USAGE, EXTENDED_KEY_USAGE, NS_CERT_TYPE, ALGORITHM, KEY))

_LONGEST_CHAIN = 8
_SHORTEST_RSA = 2048  # the default of Mbed TLS, whose numbers "ignorecertitem" has
_NS_CERT_TYPE = "2.16.840.1.113730.1.1"
_NS_SERVER = 0x40  # bit 1 of the bit string


class CertificateError(Exception):
    """Something is no certificate."""


def load(data):
    """The certificates of a file, PEM (several) or DER (one)."""
    try:
        from cryptography import x509
    except ImportError:
        raise CertificateError("the package cryptography is not installed") from None

    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise CertificateError("not a certificate: %s" % error) from None


def faults(shown, anchors, seconds, name):
    """The faults of a chain, a set.

    shown    DER of the certificates that the server has sent, its own first
    anchors  trusted certificates, from `load`
    seconds  what the module's clock shows, since 1970
    name     host name or address that the certificate must be for
    """
    from cryptography import x509

    try:
        chain = [load(data)[0] for data in shown]
        found, path = _path(chain, anchors)
        now = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        if not all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in path):
            found.add(EXPIRED)
        if not _is_for(chain[0], name):
            found.add(NAME)
        return found | _usage(chain[0]) | _key(chain[0])
    except (ValueError, x509.DuplicateExtension) as error:  # what its parts hold is read only when it is asked for
        raise CertificateError("not a certificate: %s" % error) from None


def _path(chain, anchors):
    """Faults of trust, and the certificates from the server's up to the trusted one as far as they are known."""
    current, path = chain[0], [chain[0]]
    while current not in anchors:
        named = [one for one in (*anchors, *chain[1:]) if one.subject == current.issuer and one not in path]
        signers = [one for one in named if _has_signed(one, current)]
        able = [one for one in signers if _may_sign(one)]
        if not able or len(path) == _LONGEST_CHAIN:
            return {SIGNATURE if named and not signers else UNTRUSTED}, path
        current = able[0]
        path.append(current)
    return set(), path


def _has_signed(issuer, certificate):
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def _extension(certificate, kind):
    """The value of an extension, or None."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _may_sign(certificate):
    from cryptography import x509

    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    if certificate.version == x509.Version.v1:
        return True
    return bool(constraints and constraints.ca) and (usage is None or usage.key_cert_sign)


def _is_for(certificate, name):
    """RFC 6125: the alternative names, or the common name where there are none."""
    from cryptography import x509

    names = _extension(certificate, x509.SubjectAlternativeName)
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        address = None
    if names is None:
        patterns = [one.value for one in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
        return any(_matches(pattern, name) for pattern in patterns)
    if address is not None:
        return address in names.get_values_for_type(x509.IPAddress)
    return any(_matches(pattern, name) for pattern in names.get_values_for_type(x509.DNSName))


def _matches(pattern, name):
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return pattern == name


def _usage(certificate):
    """Whether the certificate may be used by a TLS server."""
    from cryptography import x509

    found = set()
    usage = _extension(certificate, x509.KeyUsage)
    if usage and not (usage.digital_signature or usage.key_encipherment or usage.key_agreement):
        found.add(KEY_USAGE)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    allowed = (x509.ExtendedKeyUsageOID.SERVER_AUTH, x509.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if purposes and not any(one in allowed for one in purposes):
        found.add(EXTENDED_KEY_USAGE)
    for extension in certificate.extensions:
        if extension.oid.dotted_string == _NS_CERT_TYPE and not extension.value.value[-1] & _NS_SERVER:
            found.add(NS_CERT_TYPE)
    return found


def _key(certificate):
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return {ALGORITHM}
    if not isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        return {ALGORITHM}
    return {KEY} if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SHORTEST_RSA else set()
