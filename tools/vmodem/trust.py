"""What a module makes of a server's certificates: the faults that count, and the alert for the server."""

from . import certificates, tls


def checker(anchors, seconds, name, ignored=()):
    """A `TlsSettings.check`.

    anchors  trusted certificates, from `certificates.load`
    seconds  callable: what the module's clock shows, since 1970 UTC
    name     host name or address that the connection goes to
    ignored  faults (`certificates.EXPIRED`, `certificates.NAME` ...) that do not count
    """

    def check(shown):
        try:
            found = certificates.faults(shown, anchors, seconds(), name) - set(ignored)
        except certificates.CertificateError as error:
            raise tls.TlsError(str(error), tls.BAD_CERTIFICATE) from None
        if found:
            raise tls.TlsError("certificate: " + " ".join(sorted(found)), alert(found))

    return check


def alert(found):
    """The number of the TLS alert for a set of faults (RFC 5246, 7.2.2)."""
    if certificates.UNTRUSTED in found or certificates.SIGNATURE in found:
        return tls.UNKNOWN_CA
    return tls.CERTIFICATE_EXPIRED if certificates.EXPIRED in found else tls.BAD_CERTIFICATE
