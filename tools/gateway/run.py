"""The gateway: a SOCKS5 proxy and port forwards whose connections the modem makes.

    python3 -m tools.gateway /dev/ttyUSB2 --apn internet --socks 1080 --forward 8883=broker.example.com:8883
    curl --socks5-hostname 127.0.0.1:1080 https://example.com/
    mosquitto_pub -h 127.0.0.1 -p 8883 ...

So any program uses the modem, threads included: only this process has the port. The bytes are passed on as they are, TLS between
the program and its server stays theirs. The module resolves names when the program leaves that to the proxy (`socks5h`).

A line tells of every connection that ends, with its bytes; one a minute of all that are open. A connection more than the module
has ids is refused: the SOCKS client gets "general failure", that of a forward is disconnected. A module cannot close one
direction of a connection: when a program has closed its side, the server has two seconds of silence left.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import sys
import time

from modem import AsyncModem, ConnectionClosed
from modem.supervisor import Supervisor

from ..console.run import visible
from . import socks

_BLOCK = 16384
_RING = 16384  # of a connection: several blocks of the module
_CONNECT_S = 150
_REQUEST_S = 30  # for the request of a SOCKS client
_REST_S = 2  # silence of the server after which a connection whose client has closed is given up
_REPORT_S = 60


def _amount(n):
    """A number of bytes for people."""
    return "%d B" % n if n < 10000 else "%.1f kB" % (n / 1000) if n < 10000000 else "%.1f MB" % (n / 1000000)


class Connection:
    """One client and its connection through the module."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self.name = "?"
        self.down = self.up = 0
        self._began = time.monotonic()
        self._heard = self._began  # when the server was heard last
        self._client_ended = False

    def __str__(self):
        seconds = time.monotonic() - self._began
        return "%s: %.1f s, %s down, %s up" % (self.name, seconds, _amount(self.down), _amount(self.up))

    async def carry(self, sock):
        """Pass bytes both ways until both sides are done."""
        up = asyncio.create_task(self._carry_up(sock))
        down = asyncio.create_task(self._carry_down(sock))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            while up.done() and not up.exception() and not down.done():
                left = self._heard + _REST_S - time.monotonic()
                if left <= 0:
                    break
                await asyncio.wait((down,), timeout=left)
        finally:
            for task in (up, down):
                task.cancel()
            ended = await asyncio.gather(up, down, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _carry_up(self, sock):
        while data := await self._reader.read(_BLOCK):
            try:
                await sock.sendall(data)
            except ConnectionClosed:
                break  # the server has closed; what it has sent before comes, and tells when that was no orderly end
            self.up += len(data)
        self._heard = time.monotonic()

    async def _carry_down(self, sock):
        while data := await sock.recv(_BLOCK):
            self._heard = time.monotonic()
            self.down += len(data)
            self._writer.write(data)
            await self._writer.drain()


class Gateway:
    """The listening sockets, and what they have carried. `show`: callable for a line of text."""

    def __init__(self, modem, show=print):
        self._modem = modem
        self._show = show
        self._open = set()
        self._servers = []
        self.served = self.refused = self.down = self.up = 0

    async def listen(self, host, port, target=None):
        """Listen on `host`:`port` for SOCKS clients, or for those of the forward to `target`; return the port."""

        async def serve(reader, writer):
            await self._serve(reader, writer, target)

        server = await asyncio.start_server(serve, host, port)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer, target):
        """The outermost boundary of a connection: what goes wrong with it ends it, and nothing else."""
        connection = Connection(reader, writer)
        self._open.add(connection)
        end = ""
        try:
            await self._through(connection, reader, writer, target)
        except (OSError, EOFError, socks.SocksError, asyncio.TimeoutError) as error:
            end = ": %s: %s" % (type(error).__name__, error)
        finally:
            self._open.discard(connection)
            self.served += 1
            self.down, self.up = self.down + connection.down, self.up + connection.up
            self._show("%s%s" % (connection, end))
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _through(self, connection, reader, writer, target):
        asked = target is None
        if asked:
            connection.name = "SOCKS client"
            target = await asyncio.wait_for(socks.request(reader, writer), _REQUEST_S)
        connection.name = "%s:%d" % target
        sock = self._modem.socket(rxbuf=_RING)
        try:
            sock.settimeout(_CONNECT_S)
            try:
                await sock.connect(target)
            except (OSError, ValueError) as error:
                self.refused += 1
                if asked:
                    await socks.answer(writer, socks.reply_for(error) if isinstance(error, OSError) else socks.FAILURE)
                raise error if isinstance(error, OSError) else socks.SocksError(str(error))
            sock.settimeout(None)
            if asked:
                await socks.answer(writer, socks.GRANTED)
            await connection.carry(sock)
        finally:
            await sock.close()

    def totals(self):
        """What has been carried so far, as a line of text."""
        down, up = (sum(getattr(c, way) for c in self._open) + getattr(self, way) for way in ("down", "up"))
        return "%d open, %d served, %d of them not connected, %s down, %s up" % (
            len(self._open), self.served, self.refused, _amount(down), _amount(up),
        )  # fmt: skip

    async def report(self):
        """Show the totals once a minute in which something was carried."""
        seen = None
        while True:
            await asyncio.sleep(_REPORT_S)
            if (self.down, self.up, len(self._open)) != seen or self._open:
                seen = self.down, self.up, len(self._open)
                self._show(self.totals())

    async def close(self):
        """Listen no more."""
        for server in self._servers:
            server.close()


def _forward(text):
    """LOCAL=HOST:PORT as (local port, (host, port))."""
    local, _, target = text.partition("=")
    host, _, port = target.rpartition(":")
    if not (local.isdigit() and port.isdigit() and host and int(local) < 65536 and 0 < int(port) < 65536):
        raise argparse.ArgumentTypeError("%r is not LOCAL=HOST:PORT" % text)
    return int(local), (host.strip("[]"), int(port))


def parser():
    """The command line."""
    plain = argparse.RawDescriptionHelpFormatter
    found = argparse.ArgumentParser(prog="tools.gateway", description=__doc__, formatter_class=plain)
    found.add_argument("port", help="serial device or pyserial URL")
    found.add_argument("--baud", type=int, default=115200, help="line rate (default: %(default)s)")
    found.add_argument("--rtscts", action="store_true", help="hardware flow control")
    found.add_argument("--model", help="the module's name, where it does not tell it itself")
    found.add_argument("--apn", default="internet", help="access point name (default: %(default)s)")
    found.add_argument("--user", help="user of the access point")
    found.add_argument("--password", help="and password")
    found.add_argument("--pin", help="PIN of the SIM card")
    found.add_argument("--socks", type=int, nargs="?", const=1080, metavar="PORT", help="SOCKS5 there (default: 1080; 0: any)")
    found.add_argument("--forward", type=_forward, action="append", default=[], metavar="LOCAL=HOST:PORT", help="a port forward")
    found.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS", help="listen there (default: only for this machine)")
    return found


def _show(text, file=None):
    """Show a line: names come from any program, and errors from the module."""
    print(visible(text).replace("\n", "\\x0a"), flush=True, file=file)


async def run(options, port, show=_show):
    """Connect, listen, and serve until cancelled."""
    modem = AsyncModem(port, options.model)
    gateway = Gateway(modem, show)
    tasks = []
    try:
        await modem.start()
        await modem.connect(options.apn, options.user, options.password, pin=options.pin)
        if not ipaddress.ip_address(options.listen).is_loopback:
            show("every machine that reaches %s can use this modem, and nobody asks for a password" % options.listen)
        if options.socks is not None:
            show("ready socks %s:%d" % (options.listen, await gateway.listen(options.listen, options.socks)))
        for local, target in options.forward:
            show("ready %s:%d to %s:%d" % (options.listen, await gateway.listen(options.listen, local, target), *target))
        watch = Supervisor(
            modem, options.apn, options.user, options.password, pin=options.pin, on_change=lambda state: show("modem " + state)
        )
        tasks = [asyncio.create_task(watch.run()), asyncio.create_task(gateway.report())]
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        show(gateway.totals())
        await gateway.close()
        await modem.close()


def main(arguments=None):
    """Run from the command line; the exit status."""
    found = parser()
    options = found.parse_args(arguments)
    if options.socks is None and not options.forward:
        found.error("nothing to do: give --socks, --forward or both")
    from ports.pyserial_uart import SerialUART

    try:
        asyncio.run(run(options, SerialUART(options.port, options.baud, options.rtscts)))
    except (OSError, ValueError) as error:
        _show("gateway: %s: %s" % (type(error).__name__, error), sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0
