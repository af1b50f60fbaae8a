"""Why does the connection fail? The documents' checklist, walked from the SIM card to the TLS handshake.

Sources: "EC200U&EG915U Series SSL Application Note" 1.1 and "BG96 SSL AT Commands Manual", chapter 4 of both (context, DNS,
version and cipher suite, CA, client certificate, dates, error code); the steps before those are general practice.
"""

from .at.params import is_address
from .attach import is_usable
from .codes import meaning
from .compat import const
from .errors import LineBusy, ModemError, ModemTimeout, NotSupported
from .registration import DENIED, HOME, ROAMING, USABLE, card_state, named, radio_is_on, registration, rssi_dbm
from .sim import PUK_WANTED, is_lock_of_module, named_lock, tries_left, tries_text
from .sockets import tls_of

_WEAK_DBM = const(-107)
_LIMIT_MS = const(5000)
_LONG_MS = const(60000)
_SEARCHING = const(2)
_OFF = const(0)
_START_MS = const(30000)
_REGISTRATION = (
    (DENIED, "the network denies registration: is the SIM card active, and allowed here?"),
    (_SEARCHING, "the module is searching for a network: antenna, coverage, bands"),
    (_OFF, "the module is not registered and does not search: is the radio on (AT+CFUN=1, AT+COPS=0)?"),
)


class Finding:
    """One step: its name `step`; `ok`: True, False, None where it could not be checked; `text`: what was found, what to do."""

    def __init__(self, step: str, ok: bool | None, text: str) -> None:
        self.step = step
        self.ok = ok
        self.text = text

    def __str__(self):
        return "%s %s: %s" % ("?" if self.ok is None else "ok" if self.ok else "!!", self.step, self.text)

    __repr__ = __str__


async def diagnose(modem, host, port, tls, deadline):
    """See `Modem.diagnose`. `modem`: a BaseModem."""
    walk = Walk(modem, host, port, tls, deadline)
    m = walk.module
    if not m.started and not await walk.find():
        return walk.findings
    name, revision = [m.identity.get(key, "unknown") for key in ("model", "revision")]
    walk.add("module", True, "%s, driven as %s, firmware %s" % (name, m.dialect.model, revision))
    if await walk.sim():
        await walk.network()
        if await walk.context() and host is not None:
            if await walk.names():
                await walk.server()
    return walk.findings


class Walk:
    """The steps, and what they have found so far."""

    def __init__(self, modem, host, port, tls, deadline):
        self.modem = modem
        self.module = modem.module
        self.host = host
        self.port = port
        self.tls = tls_of(tls)
        self.deadline = deadline
        self.findings = []

    def add(self, step, ok, text):
        """Note a finding; return `ok`."""
        self.findings.append(Finding(step, ok, text))
        return ok

    async def find(self):
        """Does the module answer, at the port's baud rate or at another one? Half of the time is for each."""
        m = self.module
        try:
            await self.modem.start(m.left_ms(self.deadline, 2 * _START_MS) // 2)
            return True
        except ModemTimeout as error:
            first = error
        try:
            await self.modem.start(m.left_ms(self.deadline, _START_MS), True)
        except (ModemTimeout, OSError) as error:
            return self.add("module", False, str(error if isinstance(error, ModemTimeout) else first))
        text = "the module is at %d, the port was set to another rate: start(rates=True), or set the port to it" % m.rate
        return not self.add("baud rate", False, text)

    async def sim(self):
        """Is there a SIM card, and is it unlocked?"""
        state = named_lock(await card_state(self.module, self.deadline))
        if state in USABLE:
            return self.add("SIM", True, "ready")
        if is_lock_of_module(state):
            return self.add("SIM", False, "the module takes only the card or operator that it is locked to (%s)" % state)
        if state not in ("SIM PIN", "SIM PUK"):
            await self.radio()
            return self.add(
                "SIM", False, "no usable SIM card (AT+CPIN?: %s %s): is it in its holder?" % (state, meaning("cme", state))
            )
        if state == "SIM PUK":
            return self.add("SIM", False, PUK_WANTED)
        left = tries_text(await tries_left(self.module, self.deadline))
        return self.add("SIM", False, "it wants its PIN%s: pass pin=... to connect()" % left)

    async def radio(self):
        """Something is missing that the radio brings: is it on?"""
        if not await radio_is_on(self.module, self.deadline):
            self.add("radio", False, "the radio is off (AT+CFUN): connect() and modem.active(True) switch it on")

    async def network(self):
        """Registration and signal. The walk goes on in any case: a context may work although these look bad."""
        states = await registration(self.module, self.deadline)
        if HOME in states or ROAMING in states:
            self.add("registration", True, "registered, %s" % ("at home" if HOME in states else "roaming"))
        else:
            await self.radio()
            words = [text for state, text in _REGISTRATION if state in states]
            self.add("registration", False, words[0] if words else "status %s: operator, antenna, coverage?" % named(states))
        dbm = await rssi_dbm(self.module, self.deadline)
        if dbm is None:
            self.add("signal", False, "the module hears no network: antenna?")
        else:
            self.add("signal", dbm >= _WEAK_DBM, "%d dBm%s" % (dbm, "" if dbm >= _WEAK_DBM else ", weak: antenna, place"))

    async def context(self):
        """Is the PDP context active?"""
        m = self.module
        addresses = await m.part("pdp").addresses(m, self.deadline)
        if addresses is None:
            why = m.refusal or "call connect(apn)"
            return self.add("context", False, "the PDP context %d is not active: %s" % (m.context, why))
        if not is_usable(addresses):
            return self.add(
                "context", False, "the network gave no address: %s. Is the APN the operator's?" % ", ".join(addresses)
            )
        m.connected = True  # an earlier program may have activated it
        m.addresses = tuple(addresses)
        return self.add("context", True, "address %s" % ", ".join([str(a) for a in addresses if a]))

    async def names(self):
        """DNS: are there servers, and do they know the host?"""
        host = self.host
        if is_address(host):
            return True
        servers = await self.module.part("resolver").name_servers(self.module, self.deadline)
        if servers is not None:
            known = [s for s in servers if s not in ("", "0.0.0.0")]
            self.add("DNS servers", bool(known), ", ".join(known) or "none: set them with modem.dns(primary, secondary)")
        try:
            found, _ = await self.module.part("resolver").resolve(self.module, host, self.module.left_ms(self.deadline, _LONG_MS))
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
                from .diagnose_tls import handshake

                await handshake(self)

    async def trial(self, tls):
        """Open a connection and close it again; return the error, None when it succeeded."""
        seconds = self.module.left_ms(self.deadline, _LONG_MS) / 1000
        try:
            sock = await self.modem.create_connection((self.host, self.port), seconds, tls=tls)
        except (LineBusy, NotSupported):
            raise
        except ModemError as error:
            if tls is not None:
                from .tls import HINT

                error.text = error.text.replace(HINT, "")
            return error
        await sock.close()
        return None
