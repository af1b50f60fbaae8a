"""Scenes of sockets other than one plain connection: several, UDP, listeners, TLS, transparent mode, asyncio's streams."""

import asyncio
import contextlib

from modem import ModemTimeout, NotSupported, SocketTimeout, models
from tools.vmodem.hosts import literal

from . import peers
from .identities import AUTHORITY, pem
from .net import NAMES
from .notices import QUECTEL
from .program import ASYNC, COMMAND_S, OPEN_S, TIMEOUT_S, Cut, Stream
from .scenes import CLERK, ECHO, HALVES, IMPOSTOR, NOBODY, SERVER_PORT, SINK, SOURCE, scene

TLS_MODELS = tuple(model.name for model in models.MODELS if model.vendor == "simcom" or "tls" in model.facts)
_UDP_PORT = 5353
_PATIENT_S = 200.0  # within this a reader without a time-out has found out by itself that all has come
_LINES_TRIES = 12
_FAIR = 3  # commands on the line until a call beside a download has its own behind it: one in flight, and one that waits
FILES_S = 200.0
_CHATTER_S = 2.0
_LONG_S = 30.0


@scene()
async def several(p):
    """Three connections that take turns."""
    streams = [await p.open(port) for port in (CLERK, SOURCE + 1, ECHO)]
    await streams[0].send(b"GET 1700\n")
    await streams[2].send(b"both ways")
    for size in (100, 1400):
        await streams[1].read(size)
        await streams[0].read(size // 2)
    await streams[2].read(9)
    await streams[0].read(950)
    await streams[1].read(1500)
    for stream in streams:
        await stream.close()


@scene(flavours=(ASYNC,))
async def beside(p):
    """A download, and another task that sends on a second connection and has commands of its own meanwhile, each in its turn."""
    down, up = await p.open(SOURCE + 2), await p.open(ECHO)

    async def all_of_it():
        down.got += await p.do("read", down.sock.read, _LONG_S, cuttable=False)
        down.ended = True

    async def in_turn(coro):
        before = p.world.commands
        await coro
        if p.world.harmless() and p.world.commands - before > _FAIR:
            p.violate("c", "a call beside a download waited for %d commands" % (p.world.commands - before))

    async def ping_pong():
        for number in range(3):
            with contextlib.suppress(Cut):
                await in_turn(up.send(b"turn %d" % number))
                await in_turn(p.do("command", lambda: p.modem.command("AT+CSQ"), COMMAND_S))
                await up.read(6)

    await both(p, all_of_it(), ping_pong())
    await down.close()
    await up.close()


async def refused(p, name, call, *kinds):
    """`call` is a mistake: it raises one of `kinds`."""
    p.expected = kinds
    try:
        await p.do(name, call, COMMAND_S)
        p.violate("d", "%s was accepted" % name)
    except (*kinds, Cut):
        pass
    finally:
        p.expected = ()


async def both(p, *coros):
    """Run coroutines as tasks; then raise what the first of them that failed has raised."""
    results = await asyncio.gather(*map(p.loop.create_task, coros), return_exceptions=True)
    for each in results:
        if isinstance(each, BaseException):
            raise each


@scene(flavours=(ASYNC,), about=("cancelled",))
async def together(p):
    """A connect that may be cut short; then two tasks connect at the same time, another asks for two names: each gets its own."""
    with contextlib.suppress(Cut):
        await (await p.open(SINK)).close()

    async def one(number):
        stream = await p.open(ECHO)
        await stream.send(b"task %d" % number)
        await stream.read(6)
        await stream.close()

    async def look_up(name):
        found = await p.do("resolve", lambda: p.modem.resolve(name, 40000), 43.0, cuttable=False)
        if list(found[0]) != NAMES[name]:
            p.violate("a", "%s is %r" % (name, found[0]), plausible=all(map(literal, found[0])))

    await both(p, one(1), one(2), look_up("peer.test"), look_up("other.test"))


@scene()
async def again(p):
    """A connection whose peer closes, and the next one with the same number."""
    for _ in range(2):
        stream = await p.open(ECHO)
        await stream.send(b"once")
        await stream.read(4)
        await stream.close()


@scene()
async def nobody(p):
    """A port where nobody listens: an error with its reason, and then one where somebody does."""
    try:
        stream = await p.open(NOBODY)
        await stream.close()
        p.violate("a", "connected to nobody", plausible=True)
    except (OSError, Cut):
        pass
    stream = await p.open(ECHO)
    await stream.send(b"there")
    await stream.read(5)
    await stream.close()


async def _patiently(p, access):
    stream = await p.open(SOURCE, access=access, rxbuf=8192)
    stream.sock.settimeout(None)
    stream.timeout_s = _PATIENT_S
    await stream.read_all()
    await stream.close()


@scene()
async def patient(p):
    """A reader without a time-out: it learns of the end whatever has been lost."""
    await _patiently(p, "buffer")


@scene()
async def patient_push(p):
    """The same where data are sent on as they come."""
    await _patiently(p, "push")


@scene()
async def slow_push(p):
    """Data are sent on as they come, and the program does not look for a while: whole, or an error where the hole is."""
    stream = await p.open(SOURCE, access="push", rxbuf=1536)
    await p.sleep(4)
    try:
        await stream.read_all()
    except OSError:
        pass
    await stream.close()


@scene()
async def lines(p):
    """A line that comes in two halves, read with a time-out that passes in between: nothing is lost."""
    stream = await p.open(HALVES)
    stream.sock.settimeout(1.0)
    stream.timeout_s = 1.0
    for _ in range(_LINES_TRIES):
        try:
            line = await p.do("readline", stream.sock.readline, 1.0)
        except (Cut, TimeoutError):
            continue
        stream.got += line
        if line.endswith(b"\n"):
            break
    if bytes(stream.got) != b"0123456789 and the rest\n":
        if p.world.harmless():
            p.violate("a", "the line is %r" % bytes(stream.got))
        raise EOFError("no line")
    await stream.close()


@scene(timed=False, about=("interrupted", "late"))
async def hasty(p):
    """A sender that waits for half a second only, and one that does not wait at all: the error says so, and nothing else."""
    stream = await p.open(SINK)
    for timeout_s in (0.5, 0.0):
        stream.sock.settimeout(timeout_s)
        stream.timeout_s = timeout_s or 1.0
        for number in range(3):
            try:
                await stream.send(b"message %d;" % number)
            except (SocketTimeout, BlockingIOError, Cut):
                continue
            except ModemTimeout as error:
                p.violate("d", "a send with a time-out of %.1f s raised %r" % (timeout_s, error))
    await stream.close()


def _chatter(world):
    world.clock.call_later(_CHATTER_S, _say, world)


def _say(world):
    world.modem.urc("+CREG: 1")
    _chatter(world)


@scene(prepare=_chatter, about=("digit-doubled",))
async def chatty(p):
    """Downloads while the module tells something every two seconds: what is damaged does not wait for silence.

    Not where a SIMCom module pushes: no document says how long its blocks are at most.
    """
    for access in ("buffer", "push") if p.world.vendor == QUECTEL else ("buffer", "buffer"):
        stream = await p.open(SOURCE + 1, access=access, rxbuf=4096)
        await stream.read(3000)
        await stream.close()


@scene()
async def persistent(p):
    """A program that goes on sending after a call was cut short or timed out: each message arrives at most once, in order."""
    stream = await p.open(SINK)
    for number in range(4):
        try:
            await stream.send(b"message %d;" % number)
        except (Cut, TimeoutError):
            continue
    await stream.close()


@scene(models=("ec600e", "ec200u"), flavours=(ASYNC,))
async def taken(p):
    """A second socket while a transparent one has the line: its calls say so at once."""
    other = await p.open(ECHO)
    stream = await p.open(CLERK, access="transparent", rxbuf=8192)
    try:
        await p.do("recv beside", lambda: other.sock.recv(10), 2.0)
        p.violate("a", "data out of nothing")
    except OSError:
        pass
    await stream.send(b"GET 90\n")
    await stream.read(90)
    await p.do("escape", stream.sock.escape, 30.0)
    await stream.close()
    await other.close()


@scene()
async def visitors(p):
    """Clients that come and go before anybody accepts them, and then one that stays: it gets its own bytes."""
    server = p.modem.socket()
    server.settimeout(TIMEOUT_S)
    await p.do("bind", lambda: server.bind(("", SERVER_PORT)), OPEN_S)
    await p.do("listen", lambda: server.listen(2), OPEN_S)
    p.later.append(server.close)
    for number in range(3):
        _come(p, peers.Passer(number))
        await p.sleep(0.5)
    for number in range(4):
        if number == 3:
            _come(p, peers.Client(number))
        try:
            stream = await p.accept(server)
        except TimeoutError:
            continue  # the third was turned away
        with contextlib.suppress(OSError, Cut):
            while True:
                line = await stream.recv()
                if not line:
                    break
                await stream.send(line)
        await stream.close()
    if b"client 3" not in stream.got:
        raise EOFError("the last client was not served")


def _come(p, peer):
    """A client connects to the scene's listener, if there is one."""
    listening = [each for each in p.world.net.listeners if not each.gone]
    if listening:
        p.world.net.client(listening[-1], peer)


@scene()
async def udp(p):
    """A datagram socket with one peer; boundaries are kept. One without data cannot be sent, and the error says so."""
    sock = p.modem.socket(type=p.modem.SOCK_DGRAM)
    sock.settimeout(TIMEOUT_S)
    await p.do("connect udp", lambda: sock.connect(("192.0.2.10", ECHO)), TIMEOUT_S)
    try:
        for data in (b"one", b"", b"three three three"):
            if not data:
                await refused(p, "send nothing", lambda: sock.send(b""), NotSupported)
                continue
            await p.do("send", lambda data=data: sock.send(data), TIMEOUT_S)
            got = await p.do("recv", lambda: sock.recv(100), TIMEOUT_S)
            if got != data:
                p.violate("a", "%r came back for %r" % (got, data))
    finally:
        p.later.append(sock.close)


@scene()
async def service(p):
    """A bound datagram socket that asks a peer."""
    sock = p.modem.socket(type=p.modem.SOCK_DGRAM)
    sock.settimeout(TIMEOUT_S)
    await p.do("bind", lambda: sock.bind(("", _UDP_PORT)), OPEN_S)
    try:
        for data in (b"who is there", b"and again"):
            await p.do("sendto", lambda data=data: sock.sendto(data, ("192.0.2.10", ECHO)), TIMEOUT_S)
            got, sender = await p.do("recvfrom", lambda: sock.recvfrom(100), TIMEOUT_S)
            if got != data:
                p.violate("a", "%r came back for %r" % (got, data))
            elif sender not in (("192.0.2.10", ECHO), None):
                p.violate("a", "the sender is %r" % (sender,), plausible=bool(literal(sender[0])))
    finally:
        p.later.append(sock.close)


@scene()
async def listener(p):
    """A server with two clients, one after the other; each line is given back."""
    server = p.modem.socket()
    server.settimeout(TIMEOUT_S)
    await p.do("bind", lambda: server.bind(("", SERVER_PORT)), OPEN_S)
    await p.do("listen", lambda: server.listen(2), OPEN_S)
    p.later.append(server.close)
    for number in range(2):
        _come(p, peers.Client(number))
        stream = await p.accept(server)
        while True:
            line = await stream.recv()
            if not line:
                break
            await stream.send(line)
        await stream.close()


async def provided(p):
    """The authority's certificate is on the module; its name."""
    name = "ca.pem" if models.find(p.world.model).vendor == "simcom" else "UFS:ca.pem"
    p.kept_files.add("ca.pem")
    await p.do("put", lambda: p.modem.files.put(name, pem(AUTHORITY)), FILES_S)
    return name


@scene(models=TLS_MODELS)
async def tls(p):
    """An echo over a TLS connection of the module, verified."""
    context = p.modem.tls_context(ca=await provided(p))
    stream = await p.open(CLERK, tls=context, timeout_s=60.0)
    await stream.send(b"GET 1900\n")
    await stream.read(1900)
    await stream.send(b"GET 5\n")
    await stream.read(5)
    await stream.close()


@scene(models=TLS_MODELS)
async def tls_push(p):
    """The same, sent on as it comes."""
    context = p.modem.tls_context(ca=await provided(p))
    stream = await p.open(CLERK, tls=context, access="push", rxbuf=8192, timeout_s=60.0)
    await stream.send(b"GET 1900\n")
    await stream.read(1900)
    await stream.close()


@scene(models=TLS_MODELS)
async def impostor(p):
    """A server that nobody trusts: whatever happens, no connection comes up."""
    context = p.modem.tls_context(ca=await provided(p))
    try:
        stream = await p.open(IMPOSTOR, tls=context, timeout_s=60.0)
    except OSError:
        return
    await stream.close()


@scene()
async def transparent(p):
    """A connection that has the line: there and back, out of it, a command, in again, to the end."""
    stream = await p.open(CLERK, access="transparent", rxbuf=8192)
    await stream.send(b"GET 700\n")
    await stream.read(700)
    await p.do("escape", stream.sock.escape, 30.0)
    await p.do("status", lambda: p.modem.status("rssi"), 130.0)
    await p.do("resume", stream.sock.resume, 30.0)
    await stream.send(b"GET 300\n")
    await stream.read(300)
    await stream.close()


@scene(flavours=(ASYNC,))
async def streams(p):
    """asyncio's reader and writer: lines, exact reads, drain, close."""
    stream = Stream(p, CLERK, TIMEOUT_S)
    p.streams.append(stream)
    reader, writer = await p.do("open_connection", lambda: p.modem.open_connection("peer.test", CLERK, TIMEOUT_S), TIMEOUT_S)
    p.later.append(lambda: _closed(writer))
    for size in (1200, 30):
        line = b"GET %d\n" % size
        stream.sent.append((line, False))
        writer.write(line)
        try:
            await p.do("drain", writer.drain, TIMEOUT_S)
        except Cut:  # what is queued is still to be sent
            await p.do("drain", writer.drain, TIMEOUT_S)
        stream.sent[-1] = (line, True)
        try:
            stream.got += await p.do("readexactly", lambda size=size: reader.readexactly(size), TIMEOUT_S)
        except Cut:
            stream.got += await p.do("readexactly", lambda size=size: reader.readexactly(size), TIMEOUT_S)


@scene(flavours=(ASYNC,))
async def writers(p):
    """Two tasks share a writer. One whose drain is cut short goes on: all arrives once, in the order of the writes."""
    stream = Stream(p, SINK, TIMEOUT_S)
    p.streams.append(stream)
    _, writer = await p.do("open_connection", lambda: p.modem.open_connection("peer.test", SINK, TIMEOUT_S), TIMEOUT_S)
    p.later.append(lambda: _closed(writer))

    async def write(number):
        for size in (2500, 40):
            data = peers.seeded(size, number)
            stream.sent.append((data, False))
            writer.write(data)
            with contextlib.suppress(Cut):
                await p.do("drain", writer.drain, TIMEOUT_S)

    await both(p, write(1), write(2))
    await p.do("drain", writer.drain, TIMEOUT_S, cuttable=False)
    stream.sent = [(data, True) for data, _ in stream.sent]


async def _closed(writer):
    writer.close()
    await writer.wait_closed()
