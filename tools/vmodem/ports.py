"""Where a host connects: a pseudo-terminal, a TCP socket, or an RFC 2217 server.

A port has `write(data) -> bytes taken`, `listen(flag)`, `host_rate()` (None when it is not known), `name` (what to open) and
`close()`; it calls `line.heard(data)`, `line.writable()` and, where it carries DTR, `modem.dtr(level)`.
"""

import asyncio
import contextlib
import os

from .hosts import literal

BLOCK = 65536
_LONGEST_SUBOPTION = 1000
# What a connection of a web browser begins with: a method of HTTP, or the record of TLS that a handshake begins with.
_BROWSERS = (
    *(b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT ", b"TRACE ", b"PRI "),
    b"\x16\x03",
)
_WRITE_LIMIT = 65536


class NoPort:
    """A port without a host: data written to it is lost."""

    name = "nowhere"

    def write(self, data):
        return len(data)

    def listen(self, flag):
        """There is nothing to read."""

    def host_rate(self):
        return None

    def close(self):
        """There is nothing to close."""


class PtyPort:
    """A new pseudo-terminal in raw mode; `link` is a symbolic link to make for it."""

    def __init__(self, loop, line, link=None, rate=115200):
        try:
            import pty
            import termios
            import tty
        except ImportError:
            raise OSError("this system has no pseudo-terminals; use --tcp or --rfc2217") from None
        if link and os.path.exists(link) and not os.path.islink(link):
            raise FileExistsError("%s is there already and is not a symbolic link" % link)
        self._loop = loop
        self._line = line
        self._termios = termios
        self._master, self._slave = pty.openpty()  # the slave stays open: a host may come and go
        tty.setraw(self._slave)
        self._set_rate(rate)
        os.set_blocking(self._master, False)
        self.name = os.ttyname(self._slave)
        self._link = link
        if link:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(link)
            os.symlink(self.name, link)
            self.name = link
        self._writing = False
        loop.add_reader(self._master, self._readable)

    def _set_rate(self, rate):
        """The speed that a host finds that does not set one itself."""
        codes = {speed: code for code, speed in _speeds(self._termios).items()}
        if rate in codes:
            settings = self._termios.tcgetattr(self._slave)
            settings[4] = settings[5] = codes[rate]
            self._termios.tcsetattr(self._slave, self._termios.TCSANOW, settings)

    def _readable(self):
        try:
            data = os.read(self._master, BLOCK)
        except (BlockingIOError, InterruptedError):
            return
        self._line.heard(data)

    def write(self, data):
        try:
            taken = os.write(self._master, data)
        except (BlockingIOError, InterruptedError):
            taken = 0
        if taken < len(data) and not self._writing:
            self._writing = True
            self._loop.add_writer(self._master, self._writable)
        return taken

    def _writable(self):
        self._writing = False
        self._loop.remove_writer(self._master)
        self._line.writable()

    def listen(self, flag):
        if flag:
            self._loop.add_reader(self._master, self._readable)
        else:
            self._loop.remove_reader(self._master)

    def host_rate(self):
        speed = self._termios.tcgetattr(self._master)[5]
        return _speeds(self._termios).get(speed)

    def close(self):
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        os.close(self._master)
        os.close(self._slave)
        if self._link:
            with contextlib.suppress(OSError):
                os.unlink(self._link)


def _speeds(termios, cache={}):  # noqa: B006 - the table is made once
    if not cache:
        for name in dir(termios):
            if name.startswith("B") and name[1:].isdigit():
                cache[getattr(termios, name)] = int(name[1:])
    return cache


def begins_as_http(data):
    """Whether the first bytes of a connection are a browser's: True, False, or None while that cannot be said yet."""
    if data.startswith(_BROWSERS):
        return True
    return None if any(first.startswith(data) for first in _BROWSERS) else False


class _HostConnection(asyncio.Protocol):
    """A host of a TCP or RFC 2217 port. `name` is its address."""

    def __init__(self, port):
        self._port = port
        self._first = b""  # what has come before it is clear that it is no browser; None afterwards

    def connection_made(self, transport):
        self.transport = transport
        self.name = "%s:%d" % transport.get_extra_info("peername")[:2]
        transport.set_write_buffer_limits(high=_WRITE_LIMIT)
        self._port.host_came(self)

    def connection_lost(self, error):
        self._port.host_left(self)

    def data_received(self, data):
        if self._first is not None:
            self._first += data
            is_browser = begins_as_http(self._first)
            if is_browser:
                self._port.turn_away(self, "HTTP and HTTPS are not for a modem")
            if is_browser is not False:
                return
            data, self._first = self._first, None
            self._port.host_speaks(self)
        self._port.received(data)

    def pause_writing(self):
        self._port.full = True

    def resume_writing(self):
        self._port.full = False
        self._port.line.writable()


class TcpPort:
    """A TCP server that carries the bare bytes, as `socat` or pyserial's `socket://` want them.

    It has one host. A second host replaces the first one when it sends data that is no request of a browser; an alarm reports it.
    """

    def __init__(self, loop, line, host, port, alarm):
        self.loop = loop
        self.line = line
        self._alarm = alarm
        self._address = host, port
        self._host = None
        self.full = False

    async def open(self):
        host, port = self._address
        self._server = await self.loop.create_server(lambda: _HostConnection(self), host, port)
        found = self._server.sockets[0].getsockname()
        if not (address := literal(found[0])) or not address.is_loopback:
            self._alarm("every computer that reaches %s port %d can use this modem" % found[:2])
        self.name = "%s:%d" % ("[%s]" % found[0] if ":" in found[0] else found[0], found[1])
        return self

    def host_came(self, connection):
        if self._host is None:
            self.adopt(connection)

    def host_speaks(self, connection):
        """The first data of a host is no request of a browser."""
        old = self._host
        if old is not connection:
            if old:
                self._alarm("the host at %s has taken the place of the one at %s" % (connection.name, old.name))
                self.host_left(old)
                old.transport.abort()
            self.adopt(connection)

    def adopt(self, connection):
        """This is the host now."""
        self._host = connection
        self.full = False
        self.listen(self.line.listening)

    def turn_away(self, connection, why):
        """End a connection before the modem has received anything from it."""
        self._alarm("the host at %s is rejected: %s" % (connection.name, why))
        connection.transport.abort()

    def host_left(self, connection):
        if self._host is connection:
            self._host = None
            self.full = False
            self.line.writable()

    def received(self, data):
        self.line.heard(data)

    def write(self, data):
        """Without a host the bytes are lost, as on a cable with nothing at its end."""
        if self._host is None:
            return len(data)
        if self.full:
            return 0
        self._host.transport.write(data)
        return len(data)

    def listen(self, flag):
        if self._host:
            if flag:
                self._host.transport.resume_reading()
            else:
                self._host.transport.pause_reading()

    def host_rate(self):
        return None

    def close(self):
        self._server.close()
        if self._host:
            self._host.transport.abort()


class _Uart:
    """What pyserial's RFC 2217 server takes for a serial port: it stores settings and passes DTR on."""

    def __init__(self, port):
        self._port = port
        self.baudrate = 115200
        self.bytesize, self.parity, self.stopbits = 8, "N", 1
        self.xonxoff = self.rtscts = self.dsrdtr = False
        self.rts = True
        self.break_condition = False
        self.cts = self.dsr = True
        self.ri = False
        self._dtr = True

    @property
    def cd(self):
        return self._port.line.modem.carrier()

    @property
    def dtr(self):
        return self._dtr

    @dtr.setter
    def dtr(self, level):
        self._dtr = level
        self._port.line.modem.dtr(level)

    def get_settings(self):
        names = ("baudrate", "bytesize", "parity", "stopbits", "xonxoff", "rtscts", "dsrdtr")
        return {name: getattr(self, name) for name in names}

    def apply_settings(self, settings):
        for name, value in settings.items():
            setattr(self, name, value)

    def reset_input_buffer(self):
        """Nothing: what the line has carried cannot be taken back."""

    reset_output_buffer = reset_input_buffer


class _Wire:
    """Where pyserial's RFC 2217 server writes its own part of the conversation."""

    def __init__(self, connection):
        self.write = connection.transport.write


class Rfc2217Port(TcpPort):
    """A serial port over TCP (RFC 2217): the host sets the baud rate and DTR, and sees DCD. Needs pyserial."""

    _POLL_S = 0.05

    def __init__(self, loop, line, host, port, alarm):
        super().__init__(loop, line, host, port, alarm)
        try:
            from serial import rfc2217
        except ImportError:
            raise SystemExit("--rfc2217 needs pyserial: pip install pyserial") from None
        self._rfc2217 = rfc2217
        self._uart = _Uart(self)
        self._manager = None

    def adopt(self, connection):
        super().adopt(connection)
        self._manager = self._rfc2217.PortManager(self._uart, _Wire(connection))
        self._watch(connection)

    def _watch(self, connection):
        if self._host is connection:
            self._manager.check_modem_lines()
            self.loop.call_later(self._POLL_S, self._watch, connection)

    def received(self, data):
        try:
            plain = b"".join(self._manager.filter(data))
            if len(self._manager.suboption or b"") > _LONGEST_SUBOPTION:
                raise ValueError("an option that does not end")
        except Exception as error:  # pyserial raises what happens to come of malformed options
            self.turn_away(self._host, "bad RFC 2217 (%s: %s)" % (type(error).__name__, error))
            return
        if plain:
            self.line.heard(plain)

    def write(self, data):
        if self._host is None or self.full:
            return super().write(data)
        super().write(b"".join(self._manager.escape(data)))
        return len(data)

    def host_rate(self):
        return self._uart.baudrate if self._host else None
