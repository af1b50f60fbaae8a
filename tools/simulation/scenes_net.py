"""Scenes of sockets other than one plain connection: several, UDP, listeners, TLS, transparent mode, asyncio's streams."""

import asyncio

from . import peers
from .identities import AUTHORITY, pem
from .program import ASYNC, TIMEOUT_S, Cut, Stream
from .scenes import CLERK, ECHO, IMPOSTOR, SOURCE, scene

TLS_MODELS = ("ec200u", "eg915u", "bg96", "a76xx", "sim7100")
_CERTIFICATE = {"a76xx": "ca.pem", "sim7100": "ca.pem"}
_UDP_PORT, _SERVER_PORT = 5353, 2020
FILES_S = 200.0


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
    if [len(stream.got) for stream in streams] != [1700, 3000, 9]:
        p.violate("a", "an early end")
    for stream in streams:
        await stream.close()


@scene(flavours=(ASYNC,))
async def beside(p):
    """A download, and another task that sends on a second connection and has commands of its own meanwhile."""
    down, up = await p.open(SOURCE), await p.open(ECHO)

    async def ping_pong():
        for number in range(3):
            data = b"turn %d" % number
            up.sent.append((data, False))
            await p.do("send beside", lambda: up.sock.sendall(data), 5.0, cuttable=False)
            up.sent[-1] = (data, True)
            await p.do("command beside", lambda: p.modem.command("AT+CSQ"), 5.0, cuttable=False)
            up.got += await p.do("recv beside", lambda: up.sock.recv(6), TIMEOUT_S, cuttable=False)

    other = p.loop.create_task(ping_pong())
    try:
        await down.read_all()
    finally:
        results = await asyncio.gather(other, return_exceptions=True)
        if results and isinstance(results[0], BaseException):
            if not isinstance(results[0], OSError):
                raise results[0]
            up.error = results[0]
    if results[0] is not None:
        raise results[0]
    await down.close()
    await up.close()


@scene()
async def udp(p):
    """A datagram socket with one peer; boundaries are kept."""
    sock = p.modem.socket(type=p.modem.SOCK_DGRAM)
    await p.do("connect udp", lambda: sock.connect(("192.0.2.10", ECHO)), TIMEOUT_S)
    sock.settimeout(TIMEOUT_S)
    try:
        for data in (b"one", b"", b"three three three"):
            if not data:
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
    await p.do("bind", lambda: sock.bind(("", _UDP_PORT)), TIMEOUT_S)
    sock.settimeout(TIMEOUT_S)
    try:
        for data in (b"who is there", b"and again"):
            await p.do("sendto", lambda data=data: sock.sendto(data, ("192.0.2.10", ECHO)), TIMEOUT_S)
            got, sender = await p.do("recvfrom", lambda: sock.recvfrom(100), TIMEOUT_S)
            if got != data or sender not in (("192.0.2.10", ECHO), None):
                p.violate("a", "%r from %r came back for %r" % (got, sender, data))
    finally:
        p.later.append(sock.close)


@scene()
async def listener(p):
    """A server with two clients, one after the other; each line is given back."""
    server = p.modem.socket()
    await p.do("bind", lambda: server.bind(("", _SERVER_PORT)), TIMEOUT_S)
    await p.do("listen", lambda: server.listen(2), TIMEOUT_S)
    server.settimeout(TIMEOUT_S)
    p.later.append(server.close)
    for number in range(2):
        listening = [each for each in p.world.net.listeners if not each.gone]
        if listening:
            p.world.net.client(listening[-1], peers.Client(number))
        stream = await p.accept(server)
        while True:
            line = await stream.recv()
            if not line:
                break
            await stream.send(line)
        await stream.close()


async def _provided(p):
    """The authority's certificate is on the module; its name."""
    name = _CERTIFICATE.get(p.world.model, "UFS:ca.pem")
    p.kept_files.add("ca.pem")
    await p.do("put", lambda: p.modem.files.put(name, pem(AUTHORITY)), FILES_S)
    return name


@scene(models=TLS_MODELS)
async def tls(p):
    """An echo over a TLS connection of the module, verified."""
    context = p.modem.tls_context(ca=await _provided(p))
    stream = await p.open(CLERK, tls=context, timeout_s=60.0)
    await stream.send(b"GET 1900\n")
    if len(await stream.read(1900)) != 1900:
        p.violate("a", "an early end")
    await stream.send(b"GET 5\n")
    await stream.read(5)
    await stream.close()


@scene(models=TLS_MODELS)
async def tls_push(p):
    """The same, sent on as it comes."""
    context = p.modem.tls_context(ca=await _provided(p))
    stream = await p.open(CLERK, tls=context, access="push", rxbuf=8192, timeout_s=60.0)
    await stream.send(b"GET 1900\n")
    if len(await stream.read(1900)) != 1900:
        p.violate("a", "an early end")
    await stream.close()


@scene(models=TLS_MODELS)
async def impostor(p):
    """A server that nobody trusts: whatever happens, no connection comes up."""
    context = p.modem.tls_context(ca=await _provided(p))
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
    reader, writer = await p.do("open_connection", lambda: p.modem.open_connection("peer.test", CLERK, 20000), TIMEOUT_S)
    p.later.append(lambda: _closed(writer))
    for size in (1200, 30):
        line = b"GET %d\n" % size
        stream.sent.append((line, False))
        writer.write(line)
        await p.do("drain", writer.drain, TIMEOUT_S)
        stream.sent[-1] = (line, True)
        try:
            stream.got += await p.do("readexactly", lambda size=size: reader.readexactly(size), TIMEOUT_S)
        except Cut:
            stream.got += await p.do("readexactly", lambda size=size: reader.readexactly(size), TIMEOUT_S)


async def _closed(writer):
    writer.close()
    await writer.wait_closed()
