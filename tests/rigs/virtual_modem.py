"""A virtual modem under a clock that tests turn by hand, with a network that tests play. CPython only.

    rig = Rig()
    assert rig.command("AT") == b"\\r\\nOK\\r\\n"

`Rig` joins the real core, the real line and the dialect to a port that keeps what the host would see and a network whose peers
do what the test says. No time passes unless `rig.pass_time(seconds)` lets it. `live` runs a scene with real sockets.
"""

import asyncio
import selectors

from tools.vmodem.clock import LoopClock, ManualClock
from tools.vmodem.core import Modem
from tools.vmodem.faults import Faults
from tools.vmodem.files import FileStore
from tools.vmodem.hosts import HostMap, literal
from tools.vmodem.line import Line
from tools.vmodem.models import MODELS
from tools.vmodem.net import Network

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
PROMPT_S = 0.0002  # a prompt comes when no line feed can follow the CR any more


class Port:
    """The host's end of the line: keeps what arrives, piece by piece."""

    name = "memory"

    def __init__(self, room=None):
        self.pieces = []
        self.listening = True
        self.room = room
        self.rate = None

    def write(self, data):
        if self.room is not None:
            data = data[: self.room]
            self.room -= len(data)
        if data:
            self.pieces.append(bytes(data))
        return len(data)

    def listen(self, flag):
        self.listening = flag

    def host_rate(self):
        return self.rate

    def take(self):
        data = b"".join(self.pieces)
        self.pieces.clear()
        return data


class Peer:
    """A link of the played network, and the hand of whoever is at its other end."""

    def __init__(self, net, handler, remote, local_port=0):
        self._net = net
        self.handler = handler
        self.remote = remote
        self.local = ("127.0.0.1", local_port or net.next_port())
        self.received = bytearray()  # what the module has sent
        self.datagrams = []  # (data, address) that the module has sent
        self.acknowledges = True
        self.answers_close = True
        self.paused = self.closing = self.gone = self.was_reset = self.frozen = False
        self.options = None
        self._unacknowledged = 0

    # The module's side

    def write(self, data):
        self.received += data
        self.datagrams.append((bytes(data), self.remote))
        if not self.acknowledges or self.frozen:
            self._unacknowledged += len(data)

    def write_to(self, data, host, port):
        self.datagrams.append((bytes(data), (host, port)))

    def queued(self):
        return self._unacknowledged

    def unsent(self):
        return self._unacknowledged

    def pause(self):
        self.paused = True

    def resume(self):
        self.paused = False

    def configure(self, *options):
        self.options = options

    def start(self):
        pass

    def close(self):
        self.closing = True
        if self.answers_close:
            self._net.clock.call_soon(self.handler.link_closed, self)

    def release(self):
        self.gone = True

    def abort(self):
        self.gone = self.was_reset = True

    # The peer's side

    def acknowledge(self):
        """Take everything that was sent."""
        self._unacknowledged = 0
        self.handler.link_writable(self)

    def send(self, data, source=None):
        if source:
            self.handler.link_data(self, data, source)
        else:
            self.handler.link_data(self, data)

    def end(self, reset=False):
        self.handler.link_ended(self, reset)


class PlayedNetwork:
    """A network that does what the test says: `refuse` is the reason why connections fail; `names` maps names to addresses."""

    tls, outbox = Network.tls, Network.outbox
    ftp_session, pop_session, smtp_sending = Network.ftp_session, Network.pop_session, Network.smtp_sending

    def __init__(self, clock):
        self.clock = clock
        self.hosts = HostMap()
        self.links = []
        self.listeners = []
        self.refuse = None
        self.silent = False
        self.names = {"example.com": ["192.0.2.10", "192.0.2.11", "2001:DB8::10"]}
        self.pings = []  # what the next echo requests give: (milliseconds, ttl), or a reason
        self.pinged = []
        self.looked_up = []
        self.busy_ports = set()
        self._port = 50000

    def next_port(self):
        self._port += 1
        return self._port

    def tcp(self, handler, host, port, local_port=0):
        link = Peer(self, handler, (host, port), local_port)
        self._bring_up(link, local_port)
        return link

    def udp(self, handler, local_port, remote=None):
        self._bring_up(Peer(self, handler, remote, local_port), local_port)

    def _bring_up(self, link, local_port):
        self.links.append(link)
        if local_port in self.busy_ports:
            self.clock.call_soon(link.handler.link_failed, link, "bind")
        elif self.refuse:
            self.clock.call_soon(link.handler.link_failed, link, self.refuse)
        elif not self.silent:
            self.clock.call_soon(link.handler.link_open, link)

    def listen(self, handler, port):
        if port in self.busy_ports:
            raise OSError
        self.listeners.append(Peer(self, handler, None, port))
        return self.listeners[-1]

    def client(self, host="172.31.242.222", port=54091, server=-1):
        """A client connects to a listener of the module."""
        listener = self.listeners[server]
        link = Peer(self, None, (host, port))
        self.links.append(link)
        listener.handler.link_client(listener, link)
        return link

    def resolve(self, name, found, failed):
        self.looked_up.append(name)
        addresses = [name] if literal(name) else self.names.get(name)
        if addresses:
            self.clock.call_soon(found, addresses)
        else:
            self.clock.call_soon(failed, "dns")

    def ping(self, host, timeout_s, done):
        self.pinged.append((host, timeout_s))
        result = self.pings.pop(0) if self.pings else (1, 255)
        if result == "timeout":
            self.clock.call_later(timeout_s, done, None, "timeout", 0)
        elif isinstance(result, str):
            self.clock.call_soon(done, None, result, 0)
        else:
            address = (self.names.get(host) or [host])[0]
            self.clock.call_later(result[0] / 1000, done, address, *result)

    def freeze(self):
        for link in self.links:
            link.frozen = True
            if link.handler:
                link.handler.link_frozen(link)


class Rig:
    """A virtual modem on the table. Echo and QISDE are off unless asked for, as in the transcripts. `parts`: see `Modem`."""

    def __init__(
        self,
        model="ec600e",
        *,
        quirks=(),
        faults=(),
        rate=0,
        latency_s=0.0,
        echo=False,
        port_name="uart1",
        room=None,
        payload_echo=False,
        **parts,
    ):
        self.clock = ManualClock()
        self.net = PlayedNetwork(self.clock)
        self.faults = Faults(faults)
        self.port = Port(room)
        self.notes = []
        self.line = Line(self.clock, self.faults, rate)
        self.modem = Modem(
            MODELS[model].with_quirks(quirks),
            self.clock,
            self.net,
            self.line,
            faults=self.faults,
            files=FileStore(),
            latency_s=latency_s,
            echo=echo,
            port_name=port_name,
            note=self.notes.append,
            **parts,
        )
        if rate:
            self.modem.general.set_home_rate(rate)
        self.line.attach(self.modem, self.port)
        if not payload_echo:
            self.command("AT+QISDE=0")
        self.port.take()

    def host(self, data):
        """Bytes from the host; what comes back at once (with a baud rate: within half a second)."""
        self.line.heard(data)
        self.clock.advance(0.5 if self.line.paced else PROMPT_S)
        return self.port.take()

    def command(self, line):
        """A command line; what comes back at once."""
        return self.host(line.encode("latin-1") + b"\r")

    def pass_time(self, seconds=0.0):
        """Let time pass; what comes in it."""
        self.clock.advance(seconds)
        return self.port.take()

    def online(self, *, context=1):
        """Activate a context."""
        assert self.command('AT+QICSGP=%d,1,"CMNET"' % context) == OK
        assert self.command("AT+QIACT=%d" % context) == OK
        return self

    def open(self, number=0, service="TCP", mode=0, host="112.31.84.164", port=8305, local=0):
        """Open a socket in mode 0 or 1; the peer."""
        line = 'AT+QIOPEN=1,%d,"%s","%s",%d,%d,%d' % (number, service, host, port, local, mode)
        want = b"\r\nCONNECT\r\n" if mode == 2 else OK + b"\r\n+QIOPEN: %d,0\r\n" % number
        assert self.command(line) == want
        return self.net.listeners[-1] if service == "TCP LISTENER" else self.net.links[-1]

    def error(self):
        """The number that AT+QIGETERROR reports."""
        answer = self.command("AT+QIGETERROR")
        return int(answer.split(b": ")[1].split(b",")[0])

    def state(self, number):
        """`<socket_state>` of a socket, None if it is not listed."""
        fields = self.command("AT+QISTATE=1,%d" % number).split(b",")
        return int(fields[5]) if len(fields) > 5 else None


class Live:
    """A virtual modem on a running event loop, with real sockets; its port is in memory."""

    def __init__(self, *, model="ec600e", hosts=(), faults=(), allow_net=False, rate=0):
        loop = asyncio.get_running_loop()
        self.notes = []
        self.net = Network(loop, HostMap(hosts, allow_net), self.notes.append, MODELS[model].window)
        self.faults = Faults(faults)
        self.port = Port()
        self.line = Line(LoopClock(loop), self.faults, rate)
        self.modem = Modem(MODELS[model], LoopClock(loop), self.net, self.line, faults=self.faults, files=FileStore(), echo=False)
        self.line.attach(self.modem, self.port)
        self._seen = b""

    async def expect(self, text, timeout_s=60.0):
        """Wait until `text` (bytes) has come; everything up to and with it."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while True:
            self._seen += self.port.take()
            at = self._seen.find(text)
            if at >= 0:
                got, self._seen = self._seen[: at + len(text)], self._seen[at + len(text) :]
                return got
            assert loop.time() < end, "no %r in %r" % (text, self._seen)
            await asyncio.sleep(0.001)

    async def exactly(self, count, timeout_s=60.0):
        """The next `count` bytes, whatever they are."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while len(self._seen) < count:
            self._seen += self.port.take()
            await asyncio.sleep(0)
            assert loop.time() < end, "%d of %d bytes" % (len(self._seen), count)
        data, self._seen = self._seen[:count], self._seen[count:]
        return data

    async def command(self, line, until=OK):
        """A command line; what comes up to and with `until`."""
        self.line.heard(line.encode() + b"\r")
        return await self.expect(until)

    async def online(self):
        await self.command("AT+QISDE=0")
        await self.command("AT+QIACT=1")

    def write(self, data):
        self.line.heard(data)


def live(scene, **options):
    """Run `scene(live)`, a coroutine function, with a `Live` virtual modem."""

    async def run():
        table = Live(**options)
        try:
            await scene(table)
        finally:
            table.net.close()

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(run())
