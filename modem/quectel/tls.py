"""TLS connections on Quectel modules: QSSLCFG, QSSLOPEN, QSSLSEND, QSSLRECV, QSSLCLOSE, QSSLSTATE.

SSL-U = "EC200U&EG915U Series SSL Application Note" 1.1 (2021-08-17); SSL-B = "BG96 SSL AT Commands Manual". What a stream does
once it is open is the same as for plain TCP, under other names: those functions come from sockets.py.

The module has six sets of TLS settings ("SSL contexts"). The driver hands them out: sockets whose settings are equal share one;
a set is written whole before the first open that uses it, and again when nothing uses it any more, because neither document
says that the module keeps it then (SSL-U 2.2.5: the last close "releases the SSL context").
"""

from ..compat import const
from ..errors import CommandError, ModemError, NotSupported, ProtocolError
from ..fields import number
from ..params import quoted, split
from ..tls import VERSIONS
from .sockets import __getattr__, max_send, reader, send  # noqa: F401  the operations of a stream
from .sockets import on_recv as _on_recv

SEND_NAME = b"+QSSLSEND"
RECV_NAME = b"+QSSLRECV"
CLOSE_NAME = b"+QSSLCLOSE"

_NETWORK_MS = const(150000)  # SSL-U 2.2.2: 150 s for the network, and the handshake's own time on top
_ANSWER_MS = const(5000)  # SSL-U: 300 ms for QSSLCFG and QSSLSTATE; the rest is margin
_SECLEVEL = (b"seclevel", b"secllevel")  # SSL-B has the first; SSL-U prints the second, its modules are seen to take the first
_BITS = (
    ("expired", 1), ("name", 4), ("signature", 8), ("other", 256), ("key usage", 2048), ("extended key usage", 4096),
    ("ns cert type", 8192), ("key algorithm", 32768), ("key", 65536), ("all", 1048575),
)  # fmt: skip


# --- the settings


def settings(dialect, context):
    """Return `context` as a tuple of (item, value, needed); NotSupported where the model has no such item.

    `needed` False: the value is the strict or the empty one, so a firmware that does not know the item behaves that way anyway.
    """
    low, high = context.version
    if low != high and (low, high) != (0, len(VERSIONS) - 1):
        raise lacks(dialect, 'a range of versions other than "all"')
    out = [(b"sslversion", b"%d" % (low if low == high else 4), True), (b"ciphersuite", _suite(dialect, context.ciphers), True)]
    level = 0
    if context.verify:
        level = 2 if context.cert else 1
        out.append((b"cacert", quoted("ca", context.ca or ""), context.ca is not None))
    elif context.cert:
        raise lacks(dialect, "a client certificate without verification of the server (verify=False)")
    if context.cert:
        out.append((b"clientcert", quoted("cert", context.cert), True))
        out.append((b"clientkey", quoted("key", context.key), True))
    if context.password:
        raise lacks(dialect, "a password for the private key")
    out.append((_SECLEVEL[0], b"%d" % level, True))
    out.append((b"ignorelocaltime", b"0" if context.check_time else b"1", True))
    out.append((b"negotiatetime", b"%d" % context.handshake_timeout_s, True))
    return tuple(out + (_few if dialect.tls_few else _more)(dialect, context))


def _few(dialect, context):
    """The items that SSL-U has and SSL-B has not: refuse what needs them."""
    for wanted, what in (
        (context.sni, "a server name in the handshake (sni)"),
        (context.dtls, "DTLS"),
        (context.ca_extra, "a second CA file (ca_extra)"),
        (context.ignore, "switching off single checks of certificates (ignore)"),
    ):
        if wanted:
            raise lacks(dialect, what)
    return []


def _more(dialect, context):
    out = []
    if context.verify:
        out.append((b"cacertex", quoted("ca_extra", context.ca_extra or ""), context.ca_extra is not None))
    bits = 0
    for name, bit in _BITS:
        if name in context.ignore:
            bits |= bit
    chain = "chain" in context.ignore
    broken = "broken signature" in context.ignore
    sni = context.sni is not False
    out.append((b"sni", b"%d" % sni, bool(context.sni)))
    out.append((b"ignoremulticertchainverify", b"%d" % chain, chain))
    out.append((b"ignoreinvalidcertsign", b"%d" % broken, broken))
    out.append((b"dtls", b"%d" % context.dtls, context.dtls))
    out.append((b"ignorecertitem", b"%d" % bits, bits != 0))
    return out


def _suite(dialect, ciphers):
    if not ciphers:
        return b"0XFFFF"
    from ..ciphers import codes

    if len(ciphers) > 1:
        raise lacks(dialect, "a list of cipher suites (one, or all)")
    if ciphers[0] not in codes(dialect.tls_few):
        raise lacks(dialect, "the cipher suite 0x%04X" % ciphers[0])
    return b"0X%04X" % ciphers[0]


def lacks(dialect, what):
    """Return the NotSupported that names model and document."""
    return NotSupported("%s does not have %s (%s)" % (dialect.model, what, dialect.document))


# --- the six sets


class TlsSet:
    """One of the module's sets of TLS settings."""

    def __init__(self, n):
        self.number = n
        self.settings = None  # what it is meant to hold
        self.links = []  # the connections that use it, or are about to
        self.busy = False  # its settings are on their way
        self.written = {}  # item -> value that the module has accepted, as far as this driver knows

    def users(self, m):
        """Return how many connections use it now."""
        self.links = [link for link in self.links if m._links[link.slot] is link]
        return len(self.links)


def sets(m):
    """Return the module's sets."""
    dialect = m.dialect
    if dialect.tls_sets is None:
        dialect.tls_sets = [TlsSet(n) for n in range(dialect.tls_contexts)]
    return dialect.tls_sets


async def _reserve(m, link, deadline):
    """Return the set for `link`, with its settings written. ModemError when six different ones are in use."""
    wanted = link.tls.settings()
    while True:
        group = _choose(m, wanted)
        if not group.busy:
            break
        if not await m._turn(deadline):
            raise ModemError("the TLS settings were not written in time")
    fresh = not group.users(m)
    group.links.append(link)
    if fresh:
        group.settings = wanted
        group.busy = True
        try:
            await _write(m, group, link.tls, deadline)
        except BaseException:
            group.links.remove(link)
            group.settings = None
            raise
        finally:
            group.busy = False
            m._engine.changed = True
    return group


def _choose(m, wanted):
    free = None
    for group in sets(m):
        used = group.users(m)
        if group.settings == wanted:
            return group
        if not used and not group.busy and (free is None or (free.settings is not None and group.settings is None)):
            free = group
    if free is None:
        raise ModemError("all %d sets of TLS settings of the module are in use with other settings" % m.dialect.tls_contexts)
    return free


async def _write(m, group, context, deadline):
    if context.verify and context.check_time:
        from ..clock import ensure

        await ensure(m, deadline)
    for item, value, needed in group.settings:
        try:
            await _set(m, group.number, item, value, deadline)
            group.written[item] = value
        except CommandError:
            if needed or group.written.get(item, value) != value:
                raise


async def _set(m, n, item, value, deadline):
    """Set one item; the level of authentication is tried under both its names, and the one that works is remembered."""
    name = m.dialect.tls_seclevel if item == _SECLEVEL[0] else item
    try:
        await _qsslcfg(m, name, b"%d,%s" % (n, value), deadline)
    except CommandError:
        if item != _SECLEVEL[0]:
            raise
        other = _SECLEVEL[1 - _SECLEVEL.index(name)]
        await _qsslcfg(m, other, b"%d,%s" % (n, value), deadline)
        m.dialect.tls_seclevel = other


async def _qsslcfg(m, name, values, deadline):
    """One AT+QSSLCFG; `values` begin with the number of the set: a lone 1 there would be read as that number."""
    return await m._cmd(b'+QSSLCFG="%s",%s' % (name, values), b"+QSSLCFG:", _ANSWER_MS, deadline, explain=True)


async def read(m, context):
    """See TlsContext.read."""
    for group in sets(m):
        if group.settings is not None and group.settings == context.settings():
            found = {}
            for item in m.dialect.tls_items:
                name = m.dialect.tls_seclevel if item == _SECLEVEL[0] else item
                lines = await _qsslcfg(m, name, b"%d" % group.number, None)
                values = split(lines[-1]) if lines else ()
                found[item] = values[2] if len(values) > 2 else None
            try:
                return _named(found)
            except (TypeError, ValueError):
                raise ProtocolError("settings without sense: %r" % (found,), command="AT+QSSLCFG")
    return None


def _number(value):
    """Return a suite as the module writes it (0X and 0x, any case) as a number; 0xFFFFF is a slip of the documents for 0xFFFF."""
    if isinstance(value, str):
        value = int(value.lower().replace("0x", ""), 16)
    return 0xFFFF if value == 0xFFFFF else value


def _named(found):
    """Turn the module's items into the names of `tls_context`'s parameters."""
    version = found[b"sslversion"]
    level = found[_SECLEVEL[0]]
    suite = _number(found[b"ciphersuite"])
    out = {
        "version": VERSIONS[version] if version is not None and version < 4 else "all",
        "ciphers": None if suite in (None, 0xFFFF) else (suite,),
        "ca": found[b"cacert"] or None,
        "cert": found[b"clientcert"] or None,
        "key": found[b"clientkey"] or None,
        "verify": bool(level),
        "check_time": found[b"ignorelocaltime"] == 0,
        "handshake_timeout_s": found[b"negotiatetime"],
    }
    if b"sni" in found:
        bits = found[b"ignorecertitem"] or 0
        ignore = ["all"] if bits == 1048575 else [name for name, bit in _BITS if bits & bit and name != "all"]
        if found[b"ignoremulticertchainverify"]:
            ignore.append("chain")
        if found[b"ignoreinvalidcertsign"]:
            ignore.append("broken signature")
        out["ca_extra"] = found[b"cacertex"] or None
        out["sni"] = bool(found[b"sni"])
        out["dtls"] = bool(found[b"dtls"])
        out["ignore"] = tuple(ignore)
    return out


# --- one connection


async def open(m, link, host, port, deadline):
    """Open `link` to `host`:`port`. Raises CommandError (563: the id is taken; 579: the handshake failed), ModemTimeout."""
    host = quoted("host", host, 150)
    number("port", port, 1, 65535)
    try:
        group = await _reserve(m, link, deadline)
    except BaseException:
        m._links[link.slot] = None  # the module has not been asked to open anything
        raise
    line = b"+QSSLOPEN=%d,%d,%d,%s,%d,%d" % (m.context, group.number, link.number, host, port, link.access)
    try:
        from .opening import begin

        await begin(m, link, line, _NETWORK_MS + link.tls.handshake_timeout_s * 1000, deadline)
    except CommandError as error:
        error.text += " (modem.diagnose(host, port, tls) tries to find out why)"
        raise


def on_recv(link, buf, s, e):
    """URC "recv": fetch at once what the ring can take, because it may be unreadable after an abnormal close (SSL-U 2.2.4)."""
    _on_recv(link, buf, s, e)
    if link.read is not None and link.error is None:
        link.look(link.engine.port.ticks_ms())


async def counters(m, link, deadline=None):
    """There are none: neither document has a query form of QSSLSEND."""
    raise lacks(m.dialect, "byte counters of TLS connections")


async def state(m, link, deadline=None):
    """Return the module's number for the state of `link` (2: connected), None when it does not know the connection."""
    lines = await m._try(b"+QSSLSTATE=%d" % link.number, b"+QSSLSTATE:", _ANSWER_MS, deadline)
    values = split(lines[-1]) if lines else ()
    return values[5] if len(values) >= 6 else None
