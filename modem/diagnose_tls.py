"""The TLS part of diagnose(): which setting makes the handshake fail? Found by trying with fewer demands."""

from .compat import const
from .errors import CommandError, ModemError, NotSupported
from .tls import EARLIEST, VERSIONS, TlsContext, year

_TRIAL_S = const(60)  # longest handshake of a trial


async def handshake(walk):
    """Add the findings about TLS to `walk`, in the order of chapter 4: version and suite, CA, client certificate, dates, code."""
    tls = walk.tls
    if tls.verify and not (tls.ca or tls.ca_extra):
        walk.add("CA file", False, "none is given: modem.files.put(name, ...), then tls_context(ca=name)")
        return
    missing = await _files(walk)
    shown = await _clock(walk)
    error = None if missing else await walk.trial(tls)
    if not missing and error is None:
        walk.add("TLS", True, "the handshake succeeds" + ("" if tls.verify else ", but nothing is verified"))
        return
    agreed = await _agreed(walk)
    if agreed is not False:
        await _verified(walk, missing, shown, agreed)
    if error is not None:
        walk.add("TLS", False, str(error))


async def _files(walk):
    """Does the module have the files that the context names? Return the names of the missing ones."""
    tls = walk.tls
    wanted = [name for name in (tls.ca, tls.ca_extra, tls.cert, tls.key) if name]
    if not wanted:
        return []
    try:
        there = [name for name, _ in await walk.module.part("files").store(walk.module, wanted[0], "name").listing("*")]
    except (CommandError, NotSupported) as error:
        walk.add("certificate files", None, str(error))
        return []
    missing = [name for name in wanted if _bare(name) not in there]
    if missing:
        walk.add("certificate files", False, "not on the module: %s; modem.files.put(name, ...)" % ", ".join(missing))
    else:
        walk.add("certificate files", True, "on the module: " + ", ".join(wanted))
    return missing


def _bare(name):
    return name[4:] if name[:4].upper() == "UFS:" else name


async def _clock(walk):
    """Can the module check dates? Return the year that its clock shows."""
    if not (walk.tls.verify and walk.tls.check_time):
        return None
    shown = await year(walk.module, walk.deadline)
    if shown is None:
        walk.add("clock", None, "the module does not report its time")
    elif shown < EARLIEST:
        walk.add("clock", False, "the module's clock shows the year %d: call sync_time(server), or use check_time=False" % shown)
    else:
        walk.add("clock", True, "the module's clock shows the year %d" % shown)
    return shown


def _like(walk, **changes):
    """Return the user's settings with `changes`."""
    tls = walk.tls
    settings = {
        "ca": tls.ca, "ca_extra": tls.ca_extra, "cert": tls.cert, "key": tls.key, "verify": tls.verify, "sni": tls.sni,
        "check_time": tls.check_time, "dtls": tls.dtls, "ignore": tls.ignore, "ciphers": list(tls.ciphers) or None,
        "version": (VERSIONS[tls.version[0]], VERSIONS[tls.version[1]]),
        "handshake_timeout_s": min(tls.handshake_timeout_s, _TRIAL_S), "password": tls.password,
    }  # fmt: skip
    settings.update(changes)
    return TlsContext(walk.module, **settings)


async def _agreed(walk):
    """Do client and server agree on a version and a suite, leaving certificates aside?"""
    bare = {"verify": False, "ca": None, "ca_extra": None, "cert": None, "key": None, "password": None}
    step = "TLS version and cipher suite"
    if await walk.trial(_like(walk, **bare)) is None:
        return walk.add(step, True, "the server accepts them")
    every = await walk.trial(_like(walk, version="all", ciphers=None, **bare))
    if every is None:
        return walk.add(step, False, "the server wants others than those of the context; it accepts version all with all suites")
    if walk.tls.cert:
        return walk.add(step, None, "no handshake without the client certificate: the server may demand it")
    return walk.add(
        step, False,
        "no handshake even with every version and suite and without verification: the server may demand a client certificate "
        "(cert=, key=), or support only what the module does not, such as TLS 1.3 or other keys than RSA (%s)" % every,
    )  # fmt: skip


async def _verified(walk, missing, shown, agreed):
    """The server's certificate: is it the dates, the name, or the CA? Then the client's. `agreed`: what _agreed() found."""
    tls = walk.tls
    if missing or not tls.verify:
        return
    timeless = await walk.trial(_like(walk, check_time=False))
    if timeless is None:
        walk.add("CA", True, "the server's certificate comes from it")
        walk.add("dates", False, "a certificate has expired or is not valid yet, or the module's clock is wrong (%s)" % shown)
        return
    try:
        if "name" not in tls.ignore:
            nameless = await walk.trial(_like(walk, check_time=False, ignore=tls.ignore + ("name",)))
            if nameless is None:
                walk.add("CA", True, "the server's certificate comes from it")
                walk.add("host name", False, "the server's certificate is for another name than " + walk.host)
                return
    except (NotSupported, ModemError):
        pass
    walk.add(
        "CA",
        agreed and False,  # None where the client's certificate may be to blame as well
        "the server's certificate does not come from a CA in %s, or its chain is incomplete" % (tls.ca or tls.ca_extra),
    )
    if agreed is None:
        walk.add("client certificate", None, "or the server does not accept %s, or %s is not its key" % (tls.cert, tls.key))
