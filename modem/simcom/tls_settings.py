"""TlsContext as SIMCom modules write it: AT+CSSLCFG (public A76XX AT manual 1.09)."""

from ..errors import CommandError, NotSupported
from ..params import split
from ..tls import VERSIONS
from . import LINKS, SESSIONS
from .order import LOCAL_MS


def lacks(dialect, what):
    """Return the NotSupported that names model and document."""
    return NotSupported("%s does not have %s (A76XX AT command manual, AT+CSSLCFG)" % (dialect.model, what))


def settings(dialect, context):
    """Return `context` as a tuple of (item, value); the server name is decided when the host is known."""
    low, high = context.version
    if low != high and (low, high) != (0, len(VERSIONS) - 1):
        raise lacks(dialect, 'a range of versions other than "all"')
    for wanted, what in (
        (context.ciphers, "a choice of cipher suites"),
        (context.dtls, "DTLS"),
        (context.ca_extra, "a second CA file (ca_extra)"),
        (context.ignore, "switching off single checks of certificates (ignore)"),
    ):
        if wanted:
            raise lacks(dialect, what)
    level = (2 if context.cert else 1) if context.verify else (3 if context.cert else 0)
    out = [(b"sslversion", b"%d" % (low if low == high else 4)), (b"authmode", b"%d" % level)]
    for item, name, value in (
        (b"cacert", "ca", context.ca if context.verify else None),
        (b"clientcert", "cert", context.cert),
        (b"clientkey", "key", context.key),
        (b"password", "password", context.password),
    ):
        if value is not None:
            from .files import stored

            out.append((item, stored(name, value)))
    out.append((b"ignorelocaltime", b"0" if context.check_time else b"1"))
    out.append((b"negotiatetime", b"%d" % context.handshake_timeout_s))
    return tuple(out)


async def read(m, context):
    """See TlsContext.read: the first session that uses it shows its settings."""
    for link in m._links[LINKS : LINKS + SESSIONS]:
        if link is not None and link.tls is context:
            lines = await m._cmd(b"+CSSLCFG=%d" % link.number, b"+CSSLCFG:", LOCAL_MS)
            v = split(lines[-1]) if lines else [None]
            v += [None] * (10 - len(v))
            return {
                "version": VERSIONS[v[1]] if v[1] in (0, 1, 2, 3) else "all",
                "verify": v[2] in (1, 2),
                "check_time": v[3] == 0,
                "handshake_timeout_s": v[4],
                "ca": v[5] or None,
                "cert": v[6] or None,
                "key": v[7] or None,
                "password": v[8] or None,
                "sni": v[9] == 1,
            }
    return None


async def write(m, link, host, deadline):
    """Write the whole TLS context of `link`'s session."""
    context = link.tls
    wanted = context.ready()
    if context.verify and context.check_time:
        from ..clock import ensure

        await ensure(m, deadline)
    from ..datagrams import is_address

    named = not is_address(host) if context.sni is None else context.sni
    for item, value in wanted + ((b"enableSNI", b"%d" % named),):
        line = b'+CSSLCFG="%s",%d,%s' % (item, link.number, value)
        try:
            await m._cmd(line, b"+CSSLCFG:", LOCAL_MS, deadline)
        except CommandError:
            if item != b"enableSNI" or context.sni:  # an older firmware names no server
                raise
