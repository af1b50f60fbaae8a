"""Modem: what a user holds. Every operation is written once, as a coroutine; here it runs to its end.

Shaped after MicroPython's network.AbstractNIC (start, connect, isconnected, ifconfig, status, config, active) and Python's
socket module: `umqtt.simple.socket = modem` works.
"""

from .compat import ticks_diff
from .errors import ModemError, ModemRestarted
from .fields import number, plain
from .services import Services
from .sockets import AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, Socket, address_of, octets

_CONNECT_MS = 300000  # SIM, registration and activation, each with its document's limit, fit in


class BaseModem(Services):
    """What both flavours share. `model`: None asks the module; otherwise "ec600e" and the like."""

    AF_INET = AF_INET
    AF_INET6 = AF_INET6
    SOCK_STREAM = SOCK_STREAM
    SOCK_DGRAM = SOCK_DGRAM
    SOL_SOCKET = 1
    SO_REUSEADDR = 2
    IPPROTO_TCP = 6
    _socket_class = Socket

    def __init__(self, uart, model=None):
        super().__init__(uart)
        self._wanted = model
        self.dialect = None
        self.identity = {}
        self.context = 1  # the PDP context in use
        self._started = False
        self._rate = None  # the baud rate that start() had to search for
        self._addresses = ()
        self._apn_settings = None
        self._dns = ("0.0.0.0", "0.0.0.0")
        if model is not None:
            self._use_profile(model)

    def _use_profile(self, model):
        from .startup import profile_class

        wanted = profile_class(model)
        if type(self.dialect) is not wanted:
            self._links.extend([None] * (wanted.links - len(self._links)))
            self.dialect = wanted(self)

    # --- the module

    def start(self, timeout_ms=30000, rates=None):
        """Find the module, switch echo off, pin the wire format, read the identity and choose the profile.

        `rates`: None stays at the port's rate; a list of baud rates, or True for the usual ones, tries them in turn. Raises
        ModemTimeout when nothing answers within `timeout_ms` (a module takes up to 30 s to boot), NotSupported for an unknown
        model, listing the known ones.
        """
        return self._drive(self._start(timeout_ms, rates))

    async def _start(self, timeout_ms, rates):
        from .startup import start

        self._started = False
        await start(self, timeout_ms, rates)

    def connect(self, apn, user=None, password=None, auth=None, ip="ipv4", pin=None, timeout_ms=_CONNECT_MS):
        """Bring up the connection: SIM card (with `pin`), registration, PDP context `modem.context`, address.

        `auth`: None, "none", "pap", "chap", "either"; `ip`: "ipv4", "ipv6", "ipv4v6". Starts the module first where that was not
        done. Raises SimError, RegistrationDenied, ModemTimeout (with the last registration status), CommandError with the
        module's code when the context is refused, ValueError before anything is sent.
        """
        from .network import connect

        return self._drive(connect(self, apn, user, password, auth, ip, pin, timeout_ms))

    def disconnect(self, timeout_ms=None):
        """Deactivate the PDP context; the module closes its sockets. Raises CommandError when the module refuses."""
        return self._drive(self._disconnect(timeout_ms))

    async def _disconnect(self, timeout_ms):
        if self._connected:
            self._connected = False
            self._end_links(ModemError("the PDP context was deactivated"), self.context)
            await self.dialect.detach(self, self._deadline(timeout_ms))

    def isconnected(self):
        """Return whether the PDP context is up, as far as the module has told."""
        return self._connected

    def active(self, flag=None):
        """Without argument: whether the radio is in use as far as the driver knows. True starts the module, False switches
        the radio off (AT+CFUN=0)."""
        if flag is None:
            return self._started
        return self._drive(self._active(flag))

    async def _active(self, flag):
        if flag:
            if not self._started:
                await self._start(30000, None)
            await self._cmd(b"+CFUN=1", limit_ms=15000)
        else:
            await self._disconnect(None)
            await self._cmd(b"+CFUN=0", limit_ms=15000)
            self._started = False

    def ifconfig(self):
        """Return (address, netmask, gateway, dns) as strings; the module knows no netmask and no gateway: "0.0.0.0"."""
        return (self._addresses[0] if self._addresses else "0.0.0.0", "255.255.255.255", "0.0.0.0", self._dns[0])

    def ipconfig(self, name):
        """Return one item: "addr4" (address, netmask), "addr6" (list), "dns"."""
        four = [a for a in self._addresses if ":" not in a]
        if name == "addr4":
            return (four[0] if four else "0.0.0.0", "255.255.255.255")
        if name == "addr6":
            return [(a, 0, 0, 0) for a in self._addresses if ":" in a]
        if name == "dns":
            return self._dns[0]
        raise ValueError("name must be one of addr4, addr6, dns")

    def status(self, name=None):
        """ "rssi": signal in dBm or None; "registration": status of CREG, CGREG, CEREG; without name: "connected", "registered"...

        Asks the module, except without a name.
        """
        return self._drive(self._status(name))

    async def _status(self, name):
        from .network import registration, rssi_dbm

        if name == "rssi":
            return await rssi_dbm(self, None)
        if name == "registration":
            return await registration(self)
        if name is None:
            return "connected" if self._connected else "started" if self._started else "down"
        raise ValueError("name must be None, rssi or registration")

    def config(self, name):
        """Return "imei", "manufacturer", "model" or "revision" as read by start(), "imsi" or "iccid" from the SIM card."""
        return self._drive(self._config(name))

    async def _config(self, name):
        if name in self.identity:
            return self.identity[name]
        command = {"imsi": b"+CIMI", "iccid": self.dialect.iccid if self.dialect else b""}.get(name)
        if not command:
            raise ValueError("name must be one of imei, manufacturer, model, revision (after start()), imsi, iccid")
        lines = await self._cmd(command, b"+", bare=True)
        return "".join([chr(c) for line in lines[-1:] for c in line[line.find(b":") + 1 :] if 48 <= c <= 57 or 65 <= c <= 70])

    def command(self, line, *, prefix=None, data=None, timeout_ms=60000):
        """Run any AT command and return its information lines as bytes.

        `line`: text from "AT" on, without CR. `prefix`: of the information lines, such as "+CSQ:"; None takes lines that begin
        with the command's own name and bare ones. `data`: payload for the prompt, sent as it is (end it with Ctrl-Z yourself in
        variable-length modes). Raises CommandError, ModemTimeout, LineBusy, ValueError for control characters in `line`.
        """
        return self._drive(self._command(line, prefix, data, timeout_ms))

    async def _command(self, line, prefix, data, timeout_ms):
        from .request import SEND, Request

        text = plain_command(line)
        if prefix is None:
            prefix = text[2:].split(b"=")[0].split(b"?")[0] + b":"
        elif isinstance(prefix, str):
            prefix = prefix.encode()
        request = Request(text + b"\r", prefix if len(prefix) > 1 else None, timeout_ms, kind=SEND, bare=True)
        if data is not None:
            request.payload(octets(data))
        return (await self._run(request)).lines

    def poll(self, timeout_ms=0):
        """Let URCs in and deliver events, for `timeout_ms`. Raises OSError when the port is gone."""
        return self._drive(self._poll(timeout_ms))

    async def _poll(self, timeout_ms):
        deadline = self._deadline(timeout_ms)
        while await self._turn(deadline):
            self._deliver()
        await self._sweep()
        self._deliver()

    def close(self):
        """Close all sockets and the port. The context stays up: `disconnect()` takes it down."""
        return self._drive(self._close())

    async def _close(self):
        if self._gone is None and self._started:
            for link in self._links:
                if link is not None and link.opened:
                    await self._close_link(link)
        self._started = self._connected = False
        self._port.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # --- TLS by the module, its files, what is wrong; loaded on first use

    def tls_context(self, **settings):
        """Return settings for TLS connections, to be passed as `tls=`: ca, cert, key, verify, version, ciphers, sni...

        See tls.TlsContext for all of them and for what each model checks. Nothing is sent. Raises ValueError, NotSupported.
        """
        from .tls import TlsContext

        return TlsContext(self, **settings)

    @property
    def files(self):
        """The module's file system: put, get, list, remove, free. See files.Files."""
        from .files import Files

        return Files(self)

    def diagnose(self, host=None, port=None, tls=None, timeout_ms=None):
        """Walk the documents' checklist for connections that do not come about; return findings (diagnose.Finding), in its order.

        SIM, registration, signal, context, DNS servers, name lookup, clock, certificate files, TCP, TLS. Raises only what the
        line itself raises (ModemTimeout, LineBusy, OSError): a step that fails is a finding.
        """
        from .diagnose import diagnose

        return self._drive(diagnose(self, host, port, tls, self._deadline(timeout_ms)))

    # --- sockets

    def socket(self, af=AF_INET, type=SOCK_STREAM, proto=0, *, access="buffer", tls=None, rxbuf=1536):
        """Make a socket. `access`: "buffer", "push" or "transparent"; `tls`: from `tls_context()`; `rxbuf`: ring in bytes."""
        return self._socket_class(self, af, type, access, tls, number("rxbuf", rxbuf, 64, 65535))

    def create_connection(self, address, timeout_ms=None, tls=None, access="buffer", rxbuf=1536):
        """Make a stream socket and connect it to `(host, port)`; errors as for `connect`."""
        return self._drive(self._create_connection(address, timeout_ms, tls, access, rxbuf))

    async def _create_connection(self, address, timeout_ms, tls, access, rxbuf):
        sock = self.socket(access=access, tls=tls, rxbuf=rxbuf)
        sock._timeout_ms = timeout_ms
        await sock._connect(address)
        return sock

    def getaddrinfo(self, host, port, af=0, type=0, proto=0, flags=0):
        """Return a list with one 5-tuple whose address is `(host, port)`: the module resolves the name when it connects."""
        host, port = address_of((host, port))
        plain("host", host)
        return self._drive(self._answer([(af or AF_INET, type or SOCK_STREAM, proto, "", (host, port))]))

    async def _answer(self, value):
        return value

    def _on_boot(self):
        if self._started:
            self._started = False
            self._apn_settings = None
            self._forget_links(ModemRestarted("the module restarted"))
            super()._on_boot()
            self._engine.event("reboot")


class Modem(BaseModem):
    """A module on a UART; every call waits until it is done."""

    def __init__(self, uart, model=None):
        super().__init__(uart, model)
        self._engine.on_boot = self._on_boot

    def _drive(self, coro):
        """Run a coroutine that never really suspends to its end."""
        try:
            coro.send(None)
        except StopIteration as stop:
            if self._engine.events or self._engine.events_lost:
                self._deliver()
            return stop.value
        coro.close()
        raise RuntimeError("suspended in a blocking modem")

    def _wait(self, deadline):
        """Wait until bytes come, `deadline` or the engine's next date; return False at `deadline`. No allocation."""
        now = self._port.ticks_ms()
        left = self._engine.due_ms(now)
        if deadline is not None:
            now = ticks_diff(deadline, now)
            if now < left:
                left = now if now > 0 else 0
        self._listen(left)
        now = self._port.ticks_ms()
        self._engine.tick(now)
        return deadline is None or ticks_diff(deadline, now) > 0

    def _listen(self, timeout_ms):
        try:
            self._port.wait(timeout_ms)
            self._engine.pump()
        except OSError:  # without a name for it: that would take the frame from the heap
            self._line_gone()
            raise

    async def _turn(self, deadline):
        return self._wait(deadline)


def plain_command(line):
    """Return a command line as bytes; ValueError for control characters, or when it does not begin with AT."""
    text = line.encode() if isinstance(line, str) else bytes(line)
    if text[:2].upper() != b"AT":
        raise ValueError("line must begin with AT")
    for c in text:
        if c < 32 or c == 127:
            raise ValueError("line must not contain a control character")
    return text
