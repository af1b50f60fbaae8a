"""Why does the connection not come about? The documents' checklist, walked from the SIM card to the TLS handshake.

Sources: "EC200U&EG915U Series SSL Application Note" 1.1 and "BG96 SSL AT Commands Manual", chapter 4 of both (context, DNS,
version and cipher suite, CA, client certificate, dates, error code); the steps before those are general practice.
"""

from .compat import const
from .errors import LineBusy, ModemError, ModemTimeout, NotSupported
from .late import part
from .network import registration, rssi_dbm
from .params import split

_WEAK_DBM = -107
_LONG_MS = const(60000)
_REGISTRATION = (
    (3, "the network denies registration: is the SIM card active, and allowed here?"),
    (2, "the module is searching for a network: antenna, coverage, bands"),
    (0, "the module is not registered and does not search: is the radio on (AT+CFUN=1)?"),
)


class Finding:
    """One step: its name `step`; `ok`: True, False, None where it could not be checked; `text`: what was found, what to do."""

    def __init__(self, step, ok, text):
        self.step = step
        self.ok = ok
        self.text = text

    def __str__(self):
        return "%s %s: %s" % ("?" if self.ok is None else "ok" if self.ok else "!!", self.step, self.text)

    __repr__ = __str__


async def diagnose(m, host, port, tls, deadline):
    """See `Modem.diagnose`."""
    walk = Walk(m, host, port, tls, deadline)
    if not m._started:
        try:
            await m._start(m._left_ms(deadline), None)
        except ModemTimeout as error:
            walk.add("module", False, str(error))
            return walk.findings
    walk.checks = part(m.dialect, "checks")
    walk.add("module", True, "%s, firmware %s" % (m.dialect.model, m.identity.get("revision", "unknown")))
    sim = await walk.sim()
    if sim:
        await walk.network()
        if await walk.context() and host is not None:
            if await walk.names():
                await walk.server()
    return walk.findings


class Walk:
    """The steps, and what they have found so far."""

    def __init__(self, m, host, port, tls, deadline):
        self.m = m
        self.host = host
        self.port = port
        self.tls = tls
        self.deadline = deadline
        self.findings = []
        self.checks = None  # the vendor's part

    def add(self, step, ok, text):
        """Note a finding; return `ok`."""
        self.findings.append(Finding(step, ok, text))
        return ok

    async def sim(self):
        """Is there a SIM card, and is it open?"""
        try:
            lines = await self.m._cmd(b"+CPIN?", b"+CPIN:", 5000, self.deadline)
        except (LineBusy, ModemTimeout):
            raise
        except ModemError as error:
            return self.add("SIM", False, "no usable SIM card (%s)" % error)
        state = split(lines[-1])[0] if lines else None
        if state == "READY":
            return self.add("SIM", True, "ready")
        return self.add("SIM", False, "it says %s: pass pin=... to connect()" % state)

    async def network(self):
        """Registration and signal; a context may work all the same, so nothing ends here."""
        states = await registration(self.m, self.deadline)
        if 1 in states or 5 in states:
            self.add("registration", True, "registered, %s" % ("at home" if 1 in states else "roaming"))
        else:
            words = [text for state, text in _REGISTRATION if state in states]
            self.add("registration", False, words[0] if words else "status %s" % (states,))
        dbm = await rssi_dbm(self.m, self.deadline)
        if dbm is None:
            self.add("signal", False, "the module hears no network: antenna?")
        else:
            self.add("signal", dbm >= _WEAK_DBM, "%d dBm%s" % (dbm, "" if dbm >= _WEAK_DBM else ", weak: antenna, place"))

    async def context(self):
        """Is the PDP context active?"""
        addresses = (self.m._addresses or ()) if self.m._connected else None
        if self.checks is not None:
            addresses = await self.checks.addresses(self.m, self.deadline)
        if addresses is None:
            return self.add("context", False, "the PDP context %d is not active: call connect(apn)" % self.m.context)
        self.m._connected = True  # somebody else may have activated it
        self.m._addresses = tuple(addresses)
        return self.add("context", True, "address %s" % ", ".join([str(a) for a in addresses if a]))

    async def names(self):
        """DNS: are there servers, and do they know the host?"""
        host = self.host
        if ":" in host or host.replace(".", "").isdigit():
            return True
        servers = None if self.checks is None else await self.checks.dns_servers(self.m, self.deadline)
        if servers is not None:
            known = [s for s in servers if s not in ("", "0.0.0.0")]
            self.add("DNS servers", bool(known), ", ".join(known) or "none: set them with modem.dns(primary, secondary)")
        try:
            found, _ = await part(self.m.dialect, "net").resolve(self.m, host, self.m._left_ms(self.deadline, _LONG_MS))
        except LineBusy:
            raise
        except ModemError as error:
            return self.add("name lookup", False, "%s is not known (%s)" % (host, error))
        return self.add("name lookup", True, "%s is %s" % (host, ", ".join(found)))

    async def server(self):
        """TCP, then TLS."""
        if self.port is None:
            return
        error = await self.trial(None)
        if error is not None:
            self.add("TCP", False, "port %d does not answer: server down, firewall, wrong port? (%s)" % (self.port, error))
        else:
            self.add("TCP", True, "port %d is open" % self.port)
            if self.tls is not None:
                from .handshake import handshake

                await handshake(self)

    async def trial(self, tls):
        """Open a connection and close it again; return the error, None when it came about."""
        limit_ms = self.m._left_ms(self.deadline, _LONG_MS)
        try:
            sock = await self.m._create_connection((self.host, self.port), limit_ms, tls, "buffer", 1536)
        except (LineBusy, NotSupported):
            raise
        except ModemError as error:
            return error
        await sock._close()
        return None
