"""Modem: what a user holds. Every operation is written once, as a coroutine, in `BaseModem`; `Modem` is its blocking face, and
`AsyncModem` (aio.py) adds how asyncio waits.

Shaped after MicroPython's network.AbstractNIC (start, connect, isconnected, ifconfig, status, config, active) and Python's
socket module: `umqtt.simple.socket = modem` works. What is rarely used is loaded when it is called.
"""

from .at.session import BlockingWait
from .compat import Blocking, Operations, apart, const, rare, unload, written_out
from .errors import CommandError, ModemTimeout
from .module import Module
from .sockets import AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, AsyncSocket, address_info, make_socket, milliseconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any, Protocol

    from _typeshed import ReadableBuffer

    from .diagnose import Finding
    from .files import Files
    from .gnss import Gnss
    from .power_key import PowerKey
    from .ppp import PppLink
    from .simcom.services.ftp import Ftp
    from .simcom.services.ftps import Ftps
    from .simcom.services.http import Http
    from .simcom.services.https import Https
    from .simcom.services.pop3 import AsyncPop3
    from .simcom.services.smtp import Smtp
    from .sms import Sms
    from .sockets import _Access
    from .tls import TlsContext

    class _Port(Protocol):  # see ports/__init__.py; MicroPython has no "/" among parameters
        pollable: Any
        rxbuf: int
        flow_control: bool

        @property
        def baudrate(self) -> int | None: ...
        def readinto(self, __buf: bytearray, __n: int) -> int: ...
        def write(self, __buf: bytearray, __off: int, __n: int) -> int: ...
        def lost(self) -> bool: ...
        def wait(self, __timeout_ms: int, __coming: int = 1) -> bool: ...
        def line_ms(self, __n: int) -> int: ...
        def close(self) -> None: ...
        def ticks_ms(self) -> int: ...


_CONNECT_MS = const(300000)  # long enough for SIM, registration and activation at their documented maxima
_START_MS = const(30000)  # a module takes up to 30 s to boot
_RADIO_MS = const(15000)  # AT+CFUN
_DIAL_MS = const(60000)  # as long as the activation of a context
_SCAN_MS = const(180000)  # AT+COPS=?, documented by Quectel; SIMCom: 120 s


def _preload(dialect):
    from .preload import preload

    preload(dialect)


class BaseModem(Operations):
    """A module on a UART. `uart`: a port of ports/; `model`: None asks the module, otherwise "ec600e" and the like; `power`: a
    power_key.PowerKey, with which start() switches a module on that is off.

    `waiting`: how a task waits; see at/session.py.
    """

    AF_INET = AF_INET
    AF_INET6 = AF_INET6
    SOCK_STREAM = SOCK_STREAM
    SOCK_DGRAM = SOCK_DGRAM
    SOL_SOCKET = 1
    SO_REUSEADDR = 2
    IPPROTO_TCP = 6

    def __init__(
        self, uart: "_Port", model: str | None = None, power: "PowerKey | None" = None, waiting: type = BlockingWait
    ) -> None:
        if not hasattr(uart, "ticks_ms"):
            raise TypeError("uart must be a port: one of ports/")
        wanted = None
        if model is not None:
            from .models import known

            wanted = known(model)
        self.module = Module(uart, waiting, wanted)
        self.module.preload = _preload
        self.module.power = power
        if wanted is not None:
            self.module.use_model(wanted)

    @property
    def context(self) -> int:
        """The PDP context in use; set it before connect()."""
        return self.module.context

    @context.setter
    def context(self, value: int) -> None:
        self.module.context = value

    @property
    def identity(self) -> dict[str, str]:
        """What start() has read: "manufacturer", "model", "revision", "imei"."""
        return self.module.identity

    # --- the module

    async def start(self, timeout_ms: int | None = _START_MS, rates: "Iterable[int] | bool | None" = None) -> None:
        """Find the module, switch echo off, pin the wire format, read the identity and choose the model.

        `rates`: None stays at the port's rate (after set_baudrate(): or tries the one before); a list of baud rates, or True for
        the usual ones, tries them in turn. Raises ModemTimeout when nothing answers within `timeout_ms` (a module takes up to
        30 s to boot), NotSupported for an unknown model, listing the known ones, and for a `model` of another maker than the
        module's.
        """
        from .startup import start

        await start(self.module, timeout_ms, rates)
        unload(self.module.dialect.vendor)

    async def connect(
        self, apn: str, user: str | None = None, password: str | None = None, auth: str | None = None, ip: str = "ipv4",
        pin: str | None = None, timeout_ms: int | None = _CONNECT_MS, pin_retry: bool = False,
    ) -> None:  # fmt: skip
        """Bring up the connection: SIM card (with `pin`), registration, PDP context `modem.context`, address.

        `auth`: None, "none", "pap", "chap", "either"; `ip`: "ipv4", "ipv6", "ipv4v6". Starts the module first where that was
        not done. `timeout_ms`: for all of it, registration included. A PIN is sent once: one that was refused, or may have
        been, is sent again only with `pin_retry`, because three wrong ones lock the card (`SimError.tries_left`). Raises
        SimError, RegistrationDenied, ModemTimeout (with the last registration status), CommandError with the module's code when
        the context is refused, ValueError before anything is sent.
        """
        from .attach import connect

        await connect(self.module, apn, user, password, auth, ip, pin, timeout_ms, pin_retry)
        if not self.module.pushing():
            unload(self.module.dialect.vendor)

    @rare
    async def disconnect(self, timeout_ms: int | None = None) -> None:
        """Deactivate the PDP context; the module closes its sockets. Raises CommandError when the module refuses,
        ModemTimeout after `timeout_ms` (None: the document's own limit); the module goes on with it then.
        """
        m = self.module
        if m.connected:
            m.context_closed()
            await m.part("pdp").detach(m, m.deadline(timeout_ms))

    @rare
    def active(self, flag: bool | None = None) -> "bool | Coroutine[Any, Any, None]":
        """Without argument, and never awaited: whether the radio is in use as far as the driver knows. True starts the module,
        False switches the radio off (AT+CFUN=0); `connect()` switches it on again."""
        return self.module.started if flag is None else self._switch_radio(flag)

    @rare
    async def _switch_radio(self, flag):
        m = self.module
        if flag:
            if not m.started:
                await self.start()
            await m.cmd(b"+CFUN=1", limit_ms=_RADIO_MS)
        else:
            await self.disconnect()
            await m.cmd(b"+CFUN=0", limit_ms=_RADIO_MS)
            m.started = False

    def isconnected(self) -> bool:
        """Return whether the PDP context is up, as far as the module has reported. Never awaited."""
        return self.module.connected

    @rare
    def ifconfig(self) -> tuple[str, str, str, str]:
        """Return (address, netmask, gateway, dns) as strings; the module knows no netmask and no gateway. Never awaited."""
        m = self.module
        found = m.addresses if m.connected else ()
        return (found[0] if found else "0.0.0.0", "255.255.255.255", "0.0.0.0", m.dns_servers[0])

    @rare
    def ipconfig(self, name: str) -> "str | tuple[str, str] | list[tuple[str, int, int, int]]":
        """Return one item: "addr4" (address, netmask), "addr6" (list), "dns". Never awaited."""
        m = self.module
        found = m.addresses if m.connected else ()
        four = [a for a in found if ":" not in a]
        if name == "addr4":
            return (four[0] if four else "0.0.0.0", "255.255.255.255")
        if name == "addr6":
            return [(a, 0, 0, 0) for a in found if ":" in a]
        if name == "dns":
            return m.dns_servers[0]
        raise ValueError("name must be one of addr4, addr6, dns")

    @rare
    async def status(self, name: str | None = None) -> "str | int | float | list[int] | tuple[str, int, int] | None":
        """Return one thing about the module or its network; without `name`, and without asking: "connected", "started" or "down".

        "registration"  states of CREG, CGREG and CEREG (3GPP TS 27.007, 7.2), -1 where the module has no such domain
        "operator"      name of the network, or its number where it has no name
        "technology"    "GSM", "EDGE", "UMTS", "HSPA", "LTE", "LTE-M", "NB-IoT", "5G"
        "band"          "B3" for LTE; for GSM and UMTS as the module reports it
        "cell"          (number of the network, tracking or location area, cell id)
        "rssi" "rsrp"   signal in dBm      "rsrq" "sinr"   its quality in dB; not every technology has all of them

        None: not known, such as without network. AT+CSQ, CESQ, COPS (27.007); AT+QENG, QNWINFO, QCSQ ("EC2x&EG9x&EG2x-G&EM05
        Series AT Commands Manual" 2.0); AT+CPSI ("A76XX Series AT Command Manual" 1.09). Raises ValueError for another name.
        """
        if name is None:
            return "connected" if self.module.connected else "started" if self.module.started else "down"
        from .registration import registration, rssi_dbm

        if name == "rssi":
            return await rssi_dbm(self.module, None)
        if name == "registration":
            return await registration(self.module)
        return await apart("network_info", "network").status(self.module, name)

    @rare
    async def scan(
        self, progress: "Callable[[int], object] | None" = None, timeout_ms: int = _SCAN_MS
    ) -> list[tuple[str, str, str, str]]:
        """Search for networks; return (name, number, technology, state) of each.

        `state`: "available", "current", "forbidden" or "unknown". Takes 20 s to 3 minutes, in which connections may stall;
        `progress(seconds)` is called about each second. The module cannot break it off: after ModemTimeout (`timeout_ms`) or a
        cancellation, the next command waits until it is over. AT+COPS=?: 3GPP TS 27.007, 7.3.
        """
        return await apart("network_info", "network").scan(self.module, progress, timeout_ms)

    @rare
    async def config(self, name: str) -> str:
        """Return "imei", "manufacturer", "model" or "revision" as read by start(), "imsi" or "iccid" from the SIM card."""
        from .sim import identity

        return await identity(self.module, name)

    @rare
    async def command(
        self,
        line: str | bytes,
        *,
        prefix: str | bytes | None = None,
        data: "ReadableBuffer | None" = None,
        timeout_ms: int = 60000,
    ) -> list[bytes]:
        """Run any AT command and return its information lines as bytes.

        `line`: text from "AT" on, without CR. `prefix`: of the information lines, such as "+CSQ:"; None takes lines that begin
        with the command's own name and bare ones. `data`: payload for the prompt (or for CONNECT or DOWNLOAD in its place), sent
        as it is (end it with Ctrl-Z yourself in variable-length modes). `timeout_ms`: when the command is given up. Raises
        CommandError, ModemTimeout, LineBusy, ProtocolError when lines of the answer were lost, ValueError for control characters
        in `line`.
        """
        from .raw_command import run

        return await run(self.module, line, prefix, data, timeout_ms)

    async def poll(self, timeout_ms: int = 0) -> None:
        """Let URCs in and deliver events, for `timeout_ms`. Raises OSError when the port is gone.

        Connections and contexts that nobody holds any more are closed then, which takes as long as the module takes.
        """
        m = self.module
        deadline = m.deadline(timeout_ms)
        more = True
        while more:
            more = await m.turn(deadline)
            m.deliver()
            if m.sms is not None:
                await m.sms.fetch(not more)
        await m.close_abandoned()
        m.deliver()

    @rare
    def on_event(self, callback: "Callable[[str, Any], object] | None") -> None:
        """Call `callback(kind, detail)` for what happens by itself; None switches it off. Never awaited.

        kind: "closed" (detail: the socket), "incoming" (listening socket), "incoming full", "context lost" (context id),
        "driven as" (name of the model whose commands are used for a relative), "registration" (states, dBm), "reboot",
        "overflow" (socket, bytes lost), "line too long" (bytes dropped), "slow" (what takes longer than usual), "input lost" (by
        the port, or in a call that was interrupted: what was being received has failed), "sms", "sms report", "sms full" (see
        sms.Sms), "ppp closed" (PppLink), "events lost" (how many), "urc" (bytes: a line that no table knows). Callbacks run only
        while no command is in flight: from `poll()`, at the end of a call, or from AsyncModem's reader task. At most 16 events
        wait; more are counted and reported as "events lost". `callback` is a plain function with either flavour. What it raises
        is printed, and ends nothing else.
        """
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable, or None")
        self.module.on_event(callback)

    @rare
    async def close(self) -> None:
        """Close all sockets and the port. The context stays up: `disconnect()` takes it down."""
        m = self.module
        if m.gone is None and m.started:
            from .net.connect import close_link
            from .net.link import NEW

            for link in m.links:
                if link is not None and link.state != NEW:
                    await close_link(m, link)
        m.line_gone("the modem is closed")
        m.port.close()
        m.waiter.closed()

    # --- the line

    @rare
    async def sleep(self, idle_ms: int | None = None) -> None:
        """Let the module sleep while nothing is going on; it loses what wakes it, so it is woken before the next command.

        Without `idle_ms` by DTR, once: it may sleep from now on; the next command switches DTR on again. With `idle_ms` (1 to
        3600000) by itself, after some 5 s of silence, again and again: a command that comes after `idle_ms` without a byte from
        the module is preceded by AT; choose less than the module's time. 0: no more, as after start(). Waking takes 0.2 s. Data
        that come wake the module by themselves; a read that waits asks for them every 20 s. Raises CommandError where the
        firmware cannot, NotSupported where the port has no DTR, ModemError before start(). AT+QSCLK and AT+CSCLK, of the
        vendors' general AT manuals; start() switches them off.
        """
        from .power_saving import sleep

        await sleep(self.module, idle_ms)

    @rare
    async def psm(self, enable: bool | None = None, active_s: int = 60, period_s: int = 86400) -> tuple[bool, int, int]:
        """Power saving mode: the module switches its radio off, stays registered, and cannot be reached until `period_s` is over.

        It is reachable for `active_s` seconds (0 to 11160) after each time that it has been in use; `period_s`: up to 35712000.
        `enable`: True, False, or None to read what is set. Both times are rounded up to what the network's format has (3GPP TS
        24.008, 10.5.7.3 and 10.5.7.4a) and returned: (enabled, active_s, period_s); the network may decide on others. Many
        modules switch themselves off in this mode: the power key wakes them, and start() is due. Raises CommandError where the
        firmware has no such mode. AT+CPSMS: 27.007, 7.38.
        """
        return await apart("psm", "network").psm(self.module, enable, active_s, period_s)

    @rare
    async def edrx(self, cycle_s: float | None = None, nb_iot: bool = False) -> float:
        """Extended discontinuous reception: the module listens for data only once in `cycle_s` seconds (5.12 to 10485.76).

        The longest cycle that is not longer than `cycle_s` is asked for, and returned; 0 switches it off, None reads what is
        set (0: off). `nb_iot`: for NB-IoT instead of LTE and LTE-M. Raises ValueError for less than the shortest cycle,
        CommandError where the firmware has no such mode. AT+CEDRXS: 3GPP TS 27.007, 7.40; cycles: 24.008, 10.5.5.32.
        """
        return await apart("psm", "network").edrx(self.module, cycle_s, nb_iot)

    @rare
    async def dial_ppp(
        self, ppp: "Callable[[Any], Any]", apn: str | None = None, timeout_ms: int = _DIAL_MS, **options: object
    ) -> "PppLink":
        """Dial a PPP session and hand the line to `ppp`, MicroPython's network.PPP; return a PppLink, which takes it back.

        Sockets are then those of Python's own `socket` module, for any number of connections; calls of this modem raise LineBusy
        until `close()` of the PppLink, or until it has noticed the end. `apn`: defined for `modem.context` first (AT+CGDCONT);
        None: as the module has it. `options` go to `ppp(...).connect(...)`: `security`, `user`, `key`. The SIM card must be
        unlocked and the module registered: `connect()` does that, and its PDP context is deactivated here. Raises NotSupported
        where `ppp` is none (firmware without network.PPP), ModemError while sockets are open, CommandError (NO CARRIER),
        ModemTimeout after `timeout_ms`. ATD*99***<context>#: 3GPP TS 27.007, 10.2.1.
        """
        return await apart("ppp", "ppp").dial(self, ppp, apn, timeout_ms, options)

    @rare
    async def set_baudrate(self, rate: int, store: bool = False) -> None:
        """Change the baud rate of the module and of the port, and see whether the module is heard at it.

        `rate`: 300 to 4000000 bits per second, as far as both can. `store`: the module keeps it for its next start (AT&W, with
        its other settings); otherwise it comes back at the old one, and start() finds it there. Best done right after start().
        Raises ModemError before start(), while connections are open, and when the module does not answer at the new rate (the
        line is at the old one again); CommandError when the module refuses the rate, NotSupported when the port does, before
        anything is changed; ModemTimeout when it is heard at neither rate. AT+IPR of V.250, 6.2.10.
        """
        from .baudrate import change

        await change(self.module, rate, store)

    # --- sockets

    def socket(
        self, af: int = AF_INET, type: int = SOCK_STREAM, proto: int = 0, *, access: "_Access" = "buffer",
        tls: "TlsContext | None" = None, rxbuf: int = 1536,
    ) -> AsyncSocket:  # fmt: skip
        """Make a socket. `access`: "buffer", "push" or "transparent"; `tls`: from `tls_context()`; `rxbuf`: ring in bytes.

        "buffer": the module keeps received data until they are asked for. "push": it sends them at once, "transparent": the line
        carries nothing else. Then a program that is away for longer than the port's receive buffer lasts (178 ms for 2048 bytes
        at 115200 bits per second) loses data, and the connection fails, unless RTS/CTS hold the module back. In every mode,
        "buffer" too, a board that writes to its flash (a log, a settings file) needs RTS/CTS: meanwhile only the UART's FIFO
        receives. A loss that the port notices is the event "input lost" and ends what was being received.

        `rxbuf`: 64 to 65534, the most that MicroPython's ring takes. `type`: SOCK_STREAM or SOCK_DGRAM. Nothing is sent. `af` and
        `proto` mean nothing here: the context has its addresses. Never awaited.
        """
        return make_socket(self.module, af, type, access, tls, rxbuf)

    async def create_connection(
        self, address: tuple[str, int], timeout: float | None = None, *, tls: "TlsContext | None" = None,
        access: "_Access" = "buffer", rxbuf: int = 1536,
    ) -> AsyncSocket:  # fmt: skip
        """Make a stream socket and connect it to `(host, port)`; errors as for `connect`.

        `timeout`: time-out of the socket in seconds, for connecting and for all later calls; None waits without limit.
        """
        sock = self.socket(access=access, tls=tls, rxbuf=rxbuf)
        sock.timeout_ms = milliseconds(timeout)
        await sock.connect(address)
        return sock

    @rare
    async def getaddrinfo(
        self, host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Return a list with one 5-tuple whose address is `(host, port)`: the module resolves the name when it connects."""
        return address_info(host, port, af, type, proto)

    @rare
    def tls_context(self, **settings: object) -> "TlsContext":
        """Return settings for TLS connections, to be passed as `tls=`: ca, cert, key, verify, version, ciphers, sni...

        See tls.TlsContext for all of them and for what each model checks. Nothing is sent. Raises ValueError, NotSupported. Never
        awaited.
        """
        from .tls import TlsContext

        return TlsContext(self.module, **settings)

    @rare
    async def connections(self, link: int | None = None, context: int | None = None) -> list[tuple[object, ...]]:
        """Return what the module itself reports about its connections: all, the one with id `link`, or those of a `context`.

        One tuple each: (id, service, address, remote port, local port, state, context, server id, access mode, port name), with
        the states "initial", "opening", "connected", "listening", "closing". TLS connections, whose ids are a series of
        their own, follow as service "SSLCLIENT".
        """
        return await self.module.part("resolver").connections(self.module, link, context)

    @rare
    async def configure(self, option: str, *values: object) -> "tuple[object, ...] | None":
        """Set an option of the module's TCP/IP stack by its name in the document; without values, return what is set.

        For example `configure("tcp/keepalive", 1, 60, 25, 3)`. The module forgets options at its next restart. Raises ValueError
        for an unknown option or a value out of range (before anything is sent), and for options that would break the driver's
        parsing; CommandError when this firmware lacks the option.
        """
        return await self.module.part("options").configure(self.module, option, values)

    # --- names, ping, time

    @rare
    async def resolve(self, host: str, timeout_ms: int | None = None) -> tuple[list[str], int]:
        """Return `([address, ...], ttl_s)` of a host name, asked by the module. Raises CommandError with the module's code
        (565 on Quectel: unknown name), ModemTimeout after 60 s or `timeout_ms`, ModemError when not connected.
        """
        m = self.module
        try:
            found = await m.part("resolver").resolve(m, host, timeout_ms)
        except (CommandError, ModemTimeout) as error:
            if m.on_outcome is not None:
                m.on_outcome(error)
            raise
        if m.on_outcome is not None:
            m.on_outcome(None)
        return found

    @rare
    async def gethostbyname(self, host: str) -> str:
        """Return the first address of a host name; an address comes back as it is. Errors as for `resolve`."""
        from .at.params import is_address

        return host if is_address(host) else (await self.resolve(host))[0][0]

    @rare
    async def dns(self, primary: str | None = None, secondary: str | None = None) -> tuple[str, ...]:
        """Return the name servers of the context as a tuple of addresses; with arguments, set them first.

        The module forgets them at its next restart. Raises CommandError, ModemError when not connected, ValueError for a name.
        """
        from .at.params import is_address

        for name, value in (("primary", primary), ("secondary", secondary)):
            if value is not None and not (value and is_address(value)):
                raise ValueError("%s must be an address" % name)
        found = await self.module.part("resolver").dns(self.module, primary, secondary)
        if found:
            self.module.dns_servers = found
        return found

    @rare
    async def ping(
        self, host: str, count: int = 4, timeout_s: int = 4
    ) -> "tuple[tuple[int, ...], list[tuple[str, int, int, int] | None]]":
        """Send `count` (1 to 10) echo requests to `host`, each waited for `timeout_s` (1 to 255) seconds.

        Returns `((sent, received, lost, min_ms, max_ms, avg_ms), replies)`; a reply is `(address, bytes, time_ms, ttl)`, or None
        for a request without answer. The figures are the module's. Raises CommandError when the ping cannot begin (565: unknown
        name).
        """
        return await self.module.part("resolver").ping(self.module, host, count, timeout_s)

    @rare
    async def sync_time(
        self, server: str, port: int = 123, set_clock: bool = True, timeout_ms: int | None = None
    ) -> tuple[int, int, int, int, int, int, int]:
        """Ask a time server (NTP) through the module; `set_clock`: set the module's own clock (AT+CCLK) by it.

        Returns `(year, month, day, hour, minute, second, zone)`, `zone` in minutes east of UTC, as the module gives it. The hour
        is UTC by the document ("EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.15), and on SIMCom because zone 0 is
        asked for. The document's example carries zone +32 nevertheless: compare with AT+CCLK? where it matters. Takes up to
        125 s, 700 s at most (event "slow" after 125 s); `timeout_ms` makes it ModemTimeout sooner.
        """
        return await self.module.part("resolver").sync_time(self.module, server, port, set_clock, timeout_ms)

    @rare
    async def diagnose(
        self, host: str | None = None, port: int | None = None, tls: "TlsContext | None" = None, timeout_ms: int | None = None
    ) -> "list[Finding]":
        """Walk the documents' checklist for connections that fail; return findings (diagnose.Finding), in its order.

        SIM, registration, signal, context, DNS servers, name lookup, clock, certificate files, TCP, TLS. `timeout_ms`: for all of
        it; None: each step has its own limit. Raises only what the line itself raises (ModemTimeout, LineBusy, OSError): a step
        that fails is a finding.
        """
        return await apart("diagnose", "diagnose").diagnose(self, host, port, tls, self.module.deadline(timeout_ms))

    # --- messages, position

    @property
    def sms(self) -> "Sms":
        """Short messages: send, list, read, delete, listen. See sms.Sms."""
        return apart("sms", "sms").of(self.module)

    @property
    def gnss(self) -> "Gnss":
        """The satellite receiver: start, position, stop. See gnss.Gnss."""
        return apart("gnss", "gnss").Gnss(self.module)

    # --- files, and mail, FTP, HTTP by the module (SIM7100)

    @property
    def files(self) -> "Files":
        """The module's file system: put, get, list, remove, free. See files.Files."""
        from .files import Files

        return Files(self.module)

    @rare
    def smtp(self) -> "Smtp":
        """Return the module's mail client: see simcom.services.smtp.Smtp. NotSupported on models without one. Never awaited."""
        return self.module.known().service("smtp", (), {})

    @rare
    def pop3(self, server: str, user: str, password: str, port: int = 110) -> "AsyncPop3":
        """Return the module's mailbox client: see simcom.services.pop3.Pop3. NotSupported on models without it. Never awaited."""
        return self.module.known().service("pop3", (server, user, password, port), {})

    @rare
    def ftp(self, server: str, user: str = "anonymous", password: str = "", port: int = 21, **options: object) -> "Ftp":
        """Return the module's FTP client: see simcom.services.ftp.Ftp. NotSupported on models without one. Never awaited."""
        return self.module.known().service("ftp", (server, user, password, port), options)

    @rare
    def ftps(self, server: str, user: str = "anonymous", password: str = "", port: int = 21, **options: object) -> "Ftps":
        """Return the module's FTPS client: see simcom.services.ftps.Ftps. It wants `verify=False`: the server is not verified.
        Never awaited."""
        return self.module.known().service("ftps", (server, user, password, port), options)

    @rare
    def http(self, **options: object) -> "Http":
        """Return the module's HTTP client: see simcom.services.http.Http. NotSupported on models without one. Never awaited."""
        return self.module.known().service("http", (), options)

    @rare
    def https(self, **options: object) -> "Https":
        """Return the module's HTTPS client: see simcom.services.https.Https. It wants `verify=False`: the server is not verified.
        Never awaited."""
        return self.module.known().service("https", (), options)


class Modem(Blocking):
    """A module on a UART; every call waits until it is done. `uart`: a port of ports/; `model`: None asks the module."""

    def __init__(self, uart: "_Port", model: str | None = None, power: "PowerKey | None" = None) -> None:
        super().__init__(BaseModem(uart, model, power))

    @property
    def context(self):
        """The PDP context in use; set it before connect()."""
        return self.operations.context

    @context.setter
    def context(self, value):
        self.operations.context = value


written_out(Modem, BaseModem)
