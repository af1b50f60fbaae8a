"""Modem: what a user holds. Every operation is written once, as a coroutine; here it runs to its end.

Shaped after MicroPython's network.AbstractNIC (start, connect, isconnected, ifconfig, status, config, active) and Python's
socket module: `umqtt.simple.socket = modem` works.
"""

from .compat import const, ticks_diff
from .errors import ModemRestarted
from .fields import number
from .late import base, forget
from .line import Line
from .request import REBOOT
from .sockets import AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, Socket

_CONNECT_MS = const(300000)  # SIM, registration and activation, each with its document's limit, fit in


_COMPANIONS = (
    (
        "trouble",
        "_explain _family _failure _no_answer _busy _line_up _line_gone _keep_data _context_lost _forget_links _leave "
        "_leave_orphan _settle_link close _close _after_close on_event _stray",
    ),
    (
        "services",
        "resolve gethostbyname _gethostbyname dns _dns_servers ping sync_time connections configure "
        "smtp pop3 ftp ftps http https _service _known _online",
    ),
    ("extras", ""),
)


class BaseModem(Line, base(_COMPANIONS)):
    """What both flavours share. `model`: None asks the module; otherwise "ec600e" and the like."""

    _companions = _COMPANIONS
    AF_INET = AF_INET
    AF_INET6 = AF_INET6
    SOCK_STREAM = SOCK_STREAM
    SOCK_DGRAM = SOCK_DGRAM
    SOL_SOCKET = 1
    SO_REUSEADDR = 2
    IPPROTO_TCP = 6
    _rates = None  # of set_baudrate(): the module may be at any of them
    _background = False  # activate the context by a command that leaves the line free
    _socket_class = Socket

    def __init__(self, uart, model=None):
        if not hasattr(uart, "ticks_ms"):
            raise TypeError("uart must be a port: one of ports/")
        super().__init__(uart)
        self._wanted = model
        self.dialect = None
        self.identity = {}
        self.context = 1  # the PDP context in use
        self._started = self._radio_off = False
        self._rate = None  # the baud rate that start() had to search for
        self._addresses = ()
        self._apn_settings = None
        self._dns = ("0.0.0.0", "0.0.0.0")
        if model is not None:
            from .startup import use_profile

            use_profile(self, model)

    # --- the module

    def start(self, timeout_ms=30000, rates=None):
        """Find the module, switch echo off, pin the wire format, read the identity and choose the profile.

        `rates`: None stays at the port's rate (after set_baudrate(): or tries the one before); a list of baud rates, or True for
        the usual ones, tries them in turn. Raises ModemTimeout when nothing answers within `timeout_ms` (a module takes up to
        30 s to boot), NotSupported for an unknown model, listing the known ones, and for a `model` of another maker than the
        module's.
        """
        return self._drive(self._start(timeout_ms, rates))

    async def _start(self, timeout_ms, rates):
        from .startup import start

        self._started = False
        await start(self, timeout_ms, rates)
        forget(self.dialect)

    def connect(self, apn, user=None, password=None, auth=None, ip="ipv4", pin=None, timeout_ms=_CONNECT_MS):
        """Bring up the connection: SIM card (with `pin`), registration, PDP context `modem.context`, address.

        `auth`: None, "none", "pap", "chap", "either"; `ip`: "ipv4", "ipv6", "ipv4v6". Starts the module first where that was not
        done. `timeout_ms`: for all of it. Raises SimError, RegistrationDenied, ModemTimeout (with the last registration
        status), CommandError with the module's code when the context is refused, ValueError before anything is sent.
        """
        return self._drive(self._connect(apn, user, password, auth, ip, pin, timeout_ms))

    async def _connect(self, *settings):
        from .network import connect

        await connect(self, *settings)
        forget(self.dialect)

    def isconnected(self):
        """Return whether the PDP context is up, as far as the module has told."""
        return self._connected

    def ifconfig(self):
        """Return (address, netmask, gateway, dns) as strings; the module knows no netmask and no gateway: "0.0.0.0"."""
        found = self._addresses if self._connected else ()
        return (found[0] if found else "0.0.0.0", "255.255.255.255", "0.0.0.0", self._dns[0])

    def poll(self, timeout_ms=0):
        """Let URCs in and deliver events, for `timeout_ms`. Raises OSError when the port is gone."""
        return self._drive(self._poll(timeout_ms))

    async def _poll(self, timeout_ms):
        deadline = self._deadline(timeout_ms)
        while await self._turn(deadline):
            self._deliver()
        await self._sweep()
        self._deliver()

    # --- TLS by the module, its files, what is wrong; loaded on first use

    @property
    def files(self):
        """The module's file system: put, get, list, remove, free. See files.Files."""
        from .files import Files

        return Files(self)

    # --- sockets

    def socket(self, af=AF_INET, type=SOCK_STREAM, proto=0, *, access="buffer", tls=None, rxbuf=1536):
        """Make a socket. `access`: "buffer", "push" or "transparent"; `tls`: from `tls_context()`; `rxbuf`: ring in bytes.

        `rxbuf`: 64 to 65534, the most that MicroPython's ring takes. `type`: SOCK_STREAM or SOCK_DGRAM. Nothing is sent. `af` and
        `proto` mean nothing here: the context has its addresses.
        """
        number("type", type, SOCK_STREAM, SOCK_DGRAM)
        return self._socket_class(self, af, type, access, tls, number("rxbuf", rxbuf, 64, 65534))

    def _on_boot(self):
        if self._started:
            self._started = False
            self._apn_settings = None
            self._forget_links(ModemRestarted("the module restarted"))
            self._engine.stop(REBOOT)
            self._engine.event("reboot")


class Modem(BaseModem):
    """A module on a UART; every call waits until it is done."""

    def __init__(self, uart, model=None):
        super().__init__(uart, model)
        self._engine.on_boot = self._on_boot

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

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
            raise self._gone

    async def _turn(self, deadline):
        return self._wait(deadline)
