"""TLS connections on Quectel modules: QSSLCFG, QSSLOPEN, QSSLSEND, QSSLRECV, QSSLCLOSE, QSSLSTATE.

SSL-U = "EC200U&EG915U Series SSL Application Note" 1.1 (2021-08-17); SSL-B = "BG96 SSL AT Commands Manual". An open stream works
as in plain TCP, under other names of commands: see tcp.py.

The module has six sets of TLS settings ("SSL contexts"). The driver hands them out: sockets whose settings are equal share one;
a set is written whole before the first open that uses it, and again when no connection uses it any more, because neither document
says that the module keeps it then (SSL-U 2.2.5: the last close "releases the SSL context").
"""

from ..at.command import LOST
from ..at.params import fits, number, quoted, split
from ..compat import const
from ..errors import CommandError, ModemError, ModemTimeout, ProtocolError
from ..net.link import DATAGRAM, STREAM
from ..tls import HINT, VERSIONS
from .tcp import Read, Send, Tcp

_NETWORK_MS = const(150000)  # SSL-U 2.2.2: 150 s for the network, and the handshake's own time on top
_ANSWER_MS = const(5000)  # SSL-U: 300 ms for QSSLCFG and QSSLSTATE; the rest is margin
_SEND_MS = const(10000)  # the same for QSSLSEND, which has to carry a block over a slow line, too
_MOST_SILENT = const(3)
_ALL_VERSIONS = const(4)
_ALL_CHECKS = const(1048575)
_ALL_SUITES = const(0xFFFF)
_ALL_SUITES_MISPRINTED = const(0xFFFFF)  # SSL-U, table 2
_NO_CHECK = const(0)  # levels of authentication
_SERVER = const(1)
_BOTH = const(2)
_SECLEVEL = (b"seclevel", b"secllevel")  # SSL-B has the first; SSL-U prints the second, its modules are seen to take the first
_BITS = (
    ("expired", 1), ("name", 4), ("signature", 8), ("other", 256), ("key usage", 2048), ("extended key usage", 4096),
    ("ns cert type", 8192), ("key algorithm", 32768), ("key", 65536), ("all", _ALL_CHECKS),
)  # fmt: skip
# the items of AT+QSSLCFG: those of SSL-B (tls="few"; "few sni" has the name of the server besides), and what SSL-U has besides
_FEW = (b"sslversion", b"ciphersuite", b"cacert", b"clientcert", b"clientkey", b"seclevel", b"ignorelocaltime", b"negotiatetime")
_SNI = b"sni"
_MORE = (b"cacertex", _SNI, b"ignoremulticertchainverify", b"ignoreinvalidcertsign", b"dtls", b"ignorecertitem")

# what has to come of writing an item
WRITTEN = const(0)  # the module accepts it
STRICT = const(1)  # the module accepts it, or reads it back as it should be: an earlier program may have left a laxer value
ANY = const(2)  # a firmware that does not know the item behaves that way anyway


# --- the settings


def settings(m, context):
    """Return `context` as a tuple of (item, value, what has to come of writing it).

    NotSupported where the model has no such item.
    """
    dialect = m.dialect
    if not dialect.tls:
        raise dialect.lacks("TLS by the module")
    low, high = context.version
    if low != high and (low, high) != (0, len(VERSIONS) - 1):
        raise dialect.lacks('range of versions other than "all"')
    version = low if low == high else _ALL_VERSIONS
    out = [(b"sslversion", b"%d" % version, WRITTEN), (b"ciphersuite", _suite(dialect, context.ciphers), WRITTEN)]
    level = _NO_CHECK
    if context.verify:
        level = _BOTH if context.cert else _SERVER
        out.append(_path(b"cacert", "ca", context.ca))
    elif context.cert:
        raise dialect.lacks("client certificate without verification of the server (verify=False)")
    if context.cert:
        out.append(_path(b"clientcert", "cert", context.cert))
        out.append(_path(b"clientkey", "key", context.key))
    if context.password:
        raise dialect.lacks("password for the private key")
    out.append((_SECLEVEL[0], b"%d" % level, WRITTEN))
    out.append((b"ignorelocaltime", b"0" if context.check_time else b"1", WRITTEN))
    out.append((b"negotiatetime", b"%d" % context.handshake_timeout_s, WRITTEN))
    return tuple(out + (_more if dialect.tls == "all" else _few)(dialect, context))


async def read(m, context):
    """See TlsContext.read."""
    transport = m.dialect.tls_transport
    return None if transport is None else await transport.read(context)


def items(dialect):
    """Return the items of AT+QSSLCFG that the model has."""
    return _FEW + _MORE if dialect.tls == "all" else _FEW + (_SNI,) if _has_sni(dialect) else _FEW


def _has_sni(dialect):
    return dialect.tls != "few"


def _server_name(context):
    return _SNI, b"%d" % (context.sni is not False), WRITTEN if context.sni else ANY


def _path(item, name, path):
    return item, quoted(name, path or ""), STRICT if path is None else WRITTEN


def _few(dialect, context):
    """The items that SSL-U has and SSL-B has not: refuse what needs them."""
    has_sni = _has_sni(dialect)
    for wanted, what in (
        (context.sni and not has_sni, "server name in the handshake (sni)"),
        (context.dtls, "DTLS"),
        (context.ca_extra, "second CA file (ca_extra)"),
        (context.ignore, "switch for single checks of certificates (ignore)"),
    ):
        if wanted:
            raise dialect.lacks(what)
    return [_server_name(context)] if has_sni else []


def _more(dialect, context):
    out = []
    if context.verify:
        out.append(_path(b"cacertex", "ca_extra", context.ca_extra))
    bits = 0
    for name, bit in _BITS:
        if name in context.ignore:
            bits |= bit
    strict = STRICT if context.verify else ANY
    out.append(_server_name(context))
    for item, value, default in (
        (b"ignoremulticertchainverify", "chain" in context.ignore, strict),
        (b"ignoreinvalidcertsign", "broken signature" in context.ignore, strict),
        (b"dtls", context.dtls, ANY),
        (b"ignorecertitem", bits, strict),
    ):
        out.append((item, b"%d" % value, WRITTEN if value else default))
    return out


def _suite(dialect, ciphers):
    if not ciphers:
        return b"0X%04X" % _ALL_SUITES
    from ..ciphers import codes

    if len(ciphers) > 1:
        raise dialect.lacks("list of cipher suites (one, or all)")
    if ciphers[0] not in codes(dialect.tls != "all"):
        raise dialect.lacks("cipher suite 0x%04X" % ciphers[0])
    return b"0X%04X" % ciphers[0]


def _number(value):
    """Return a suite as the module writes it (0X and 0x, any case) as a number."""
    if isinstance(value, str):
        value = int(value.lower().replace("0x", ""), 16)
    return _ALL_SUITES if value == _ALL_SUITES_MISPRINTED else value


def _named(found):
    """Turn the module's items into the names of `tls_context`'s parameters."""
    version = found[b"sslversion"]
    suite = _number(found[b"ciphersuite"])
    out = {
        "version": VERSIONS[version] if version is not None and version < _ALL_VERSIONS else "all",
        "ciphers": None if suite in (None, _ALL_SUITES) else (suite,),
        "ca": found[b"cacert"] or None,
        "cert": found[b"clientcert"] or None,
        "key": found[b"clientkey"] or None,
        "verify": bool(found[_SECLEVEL[0]]),
        "check_time": found[b"ignorelocaltime"] == 0,
        "handshake_timeout_s": found[b"negotiatetime"],
    }
    if b"sni" in found:
        bits = found[b"ignorecertitem"] or 0
        ignore = ["all"] if bits == _ALL_CHECKS else [name for name, bit in _BITS if bits & bit and name != "all"]
        if found[b"ignoremulticertchainverify"]:
            ignore.append("chain")
        if found[b"ignoreinvalidcertsign"]:
            ignore.append("broken signature")
        out["ca_extra"] = found[b"cacertex"] or None
        out["sni"] = bool(found[b"sni"])
        out["dtls"] = bool(found[b"dtls"])
        out["ignore"] = tuple(ignore)
    return out


# --- the six sets


class TlsSet:
    """One of the module's sets of TLS settings."""

    def __init__(self, module, n):
        self._module = module
        self.number = n
        self.settings = None  # what it is meant to hold
        self.busy = False  # its settings are on their way
        self.links = []  # the connections that use it, or are about to
        self._written = {}  # item -> value that the module has accepted, as far as this driver knows

    def users(self):
        """Return how many connections use it now."""
        self.links = [link for link in self.links if self._module.link_at(link.slot) is link]
        return len(self.links)

    async def use(self, link, wanted, deadline):
        """Have `link` use the set; write `wanted` first where no connection uses it."""
        fresh = not self.users()
        self.links.append(link)
        if not fresh:
            return
        self.settings = wanted
        self.busy = True
        try:
            await self._write(link.tls, deadline)
        except BaseException:
            self.links.remove(link)
            self.settings = None
            raise
        finally:
            self.busy = False
            self._module.notify()

    async def _write(self, context, deadline):
        if context.verify and context.check_time:
            from ..tls import ensure

            await ensure(self._module, deadline)
        for item, value, needed in self.settings:
            try:
                await self.write_item(item, value, deadline)
                self._written[item] = value
            except CommandError:
                if needed == STRICT and await self._holds(item, value, deadline):
                    continue
                if needed != ANY or self._written.get(item, value) != value:
                    raise

    async def write_item(self, item, value, deadline):
        """Set one item; the level of authentication is tried under both its names, and the one that works is remembered."""
        dialect = self._module.dialect
        name = dialect.tls_seclevel if item == _SECLEVEL[0] else item
        try:
            await self._set(name, value, deadline)
        except CommandError:
            if item != _SECLEVEL[0]:
                raise
            other = _SECLEVEL[1 - _SECLEVEL.index(name)]
            await self._set(other, value, deadline)
            dialect.tls_seclevel = other

    async def _set(self, name, value, deadline):
        """Set an item under one of its names. CommandError where the module shows a value in place of setting one: it has read
        another command than was sent.
        """
        lines = await _qsslcfg(self._module, name, b"%d,%s" % (self.number, value), deadline)
        if lines:
            raise CommandError("the module has shown a setting, and changed none", command='AT+QSSLCFG="%s"' % name.decode())

    async def _holds(self, item, value, deadline):
        """Whether the module reads the item back with this value; a path that it does not print is empty."""
        line = b'+QSSLCFG="%s",%d' % (item, self.number)
        lines = await self._module.attempt(line, b"+QSSLCFG:", _ANSWER_MS, deadline)
        values = split(lines[-1]) if lines else ()
        if not fits(values, "tn") or values[0] != item.decode() or values[1] != self.number:
            return False
        found = values[2] if len(values) > 2 else None
        return found == split(value)[0] or (found is None and value == b'""')

    async def read(self):
        """Return what the module holds, under the names of `tls_context`'s parameters."""
        dialect = self._module.dialect
        found = {}
        for item in items(dialect):
            name = dialect.tls_seclevel if item == _SECLEVEL[0] else item
            lines = await _qsslcfg(self._module, name, b"%d" % self.number, None)
            values = split(lines[-1]) if lines else ()
            found[item] = values[2] if len(values) > 2 else None
        try:
            return _named(found)
        except (TypeError, ValueError):
            raise ProtocolError("unexpected TLS settings: %r" % (found,), command="AT+QSSLCFG")


async def _qsslcfg(m, name, values, deadline):
    """One AT+QSSLCFG; `values` begin with the number of the set: a lone 1 there would be read as that number."""
    return await m.cmd(b'+QSSLCFG="%s",%s' % (name, values), b"+QSSLCFG:", _ANSWER_MS, deadline, explain=True)


# --- the connections


class _Read(Read):
    def on_done(self):
        Read.on_done(self)
        self._link.transport.on_result(self.result)


class _Send(Send):
    def on_done(self):
        Send.on_done(self)
        self._link.transport.on_result(self.result)


class Tls(Tcp):
    """Streams over TLS."""

    SEND_NAME = b"+QSSLSEND"
    RECV_NAME = b"+QSSLRECV"
    CLOSE_NAME = b"+QSSLCLOSE"
    STATE_NAME = b"+QSSLSTATE"
    ASK_STATE = b"+QSSLSTATE=%d"
    READ = _Read
    SEND = _Send
    send_ms = _SEND_MS
    kinds = (STREAM,)
    repeats = False  # SSL-U 2.2.3 knows no reason to

    def __init__(self, module, sets=None):
        super().__init__(module)
        self.sets = sets  # shared by both sorts of connections
        self._datagrams = None
        self.silent = 0  # reads and sends in a row that the module did not answer
        if sets is None:
            self.sets = []
            self.forget()

    def forget(self):
        """The module has restarted: its sets have their defaults."""
        self.silent = 0
        self.sets[:] = [TlsSet(self.module, n) for n in range(self.module.dialect.tls_contexts)]

    def over(self, context):
        """Return the transport for connections with these settings: itself, or that of DTLS."""
        if not context.dtls:
            return self
        if self._datagrams is None:
            self._datagrams = Dtls(self.module, self.sets)
        return self._datagrams

    async def read(self, context):
        """See TlsContext.read."""
        for group in self.sets:
            if group.settings is not None and group.settings == context.settings():
                return await group.read()
        return None

    async def open(self, link, host, port, deadline):
        """CommandError 563: the id is taken; 579 (BG96: 566): the handshake failed."""
        host = quoted("host", host, 150)
        number("port", port, 1, 65535)
        group = await self._reserve(link, deadline)
        if link.error is not None:  # the module has restarted meanwhile
            raise link.error
        line = b"+QSSLOPEN=%d,%d,%d,%s,%d,%d" % (link.context, group.number, link.number, host, port, link.access)
        try:
            await self.begin(link, line, _NETWORK_MS + link.tls.handshake_timeout_s * 1000, deadline)
        except CommandError as error:
            error.text += HINT
            raise

    async def _reserve(self, link, deadline):
        """Return the set for `link`, with its settings written. ModemError when six different ones are in use."""
        wanted = link.tls.settings()
        while True:
            group = self._choose(wanted)
            if not group.busy:
                await group.use(link, wanted, deadline)
                return group
            if not await self.module.turn(deadline):
                raise ModemTimeout("the TLS settings were not written in time")

    def _choose(self, wanted):
        free = None
        for group in self.sets:
            used = group.users()
            if group.settings == wanted:
                return group
            if not used and not group.busy and (free is None or (free.settings is not None and group.settings is None)):
                free = group
        if free is None:
            raise ModemError("all %d sets of TLS settings of the module are in use with other settings" % len(self.sets))
        return free

    def on_data(self, link):
        """Fetch at once what the ring can take, because it may be unreadable after an abnormal close (SSL-U 2.2.4)."""
        link.on_recv()
        if link.read is not None and link.error is None and link.engine.parser.raw is None:
            link.look(link.engine.port.ticks_ms())

    async def handed_out(self, link, deadline):
        """None: nothing of a TLS connection is counted."""

    async def counters(self, link, deadline):
        """There are none: neither document has a query form of QSSLSEND."""
        raise self.module.dialect.lacks("byte counters of TLS connections")

    def on_result(self, result):
        """A read or send has ended. No allocation."""
        self.silent = self.silent + 1 if result == LOST else 0

    def restart_reason(self):
        """See Dialect.restart_reason."""
        if self.silent < _MOST_SILENT:
            return None
        self.silent = 0
        return "no answer to %d commands in a row for data of TLS connections" % _MOST_SILENT


class Dtls(Tls):
    """DTLS, for datagram sockets; a stream socket that asks for it gets the bytes of the datagrams.

    The documents say no more of DTLS than the setting that switches it on.
    """

    kinds = (STREAM, DATAGRAM)
