"""portable.py DEVICE FLAVOUR MODEL DATA PEERS OWN_TCP OWN_UDP: what every model with sockets does through the same lines.

Only MODEL differs between the runs (asyncio programs have the module say who it is). DATA is the port of the rig's data server, PEERS that of tests/rigs/network_peers.py (a control server, and
a UDP echo on the same number); OWN_TCP and OWN_UDP are where this side listens.
"""

import time

from both import connected, do, download, run, upload
from common import random_bytes, result

from modem import ConnectionClosed, SocketTimeout


async def client(modem, port):
    """A TCP client: 64 KiB down to the end, as many up, in blocks and by the methods of a stream; a refused connection."""
    found = {}
    s = modem.socket()
    s.settimeout(30)
    await do(s.connect(("srv", port)))
    found["down"] = await download(s, b"GET 3 65536\n")
    found["end"] = await do(s.recv(10)) == b"" and s.getpeername() == ("srv", port)
    await do(s.close())
    s = await do(modem.create_connection(("srv", port)))
    s.settimeout(30)
    found["up"] = await upload(s, 65536)
    sent, acknowledged, pending = await do(s.stats())
    await do(s.flush())
    found["counters"] = sent > 65536 and sent == acknowledged + pending
    await do(s.close())
    try:
        await do(modem.create_connection(("srv", 9)))
    except OSError as error:
        found["refused"] = not isinstance(error, SocketTimeout) and error.code is not None
    s = modem.socket()
    s.settimeout(30)
    await do(s.connect(("srv", port)))
    await do(s.sendall(b"ECHO 600\n"))
    data = bytes(random_bytes(600))
    await do(s.write(data))
    found["stream"] = await do(s.read(256)) + await do(s.recv(344)) == data
    s.settimeout(0.2)
    try:
        await do(s.recv(1))
    except SocketTimeout:
        found["time-out"] = True
    s.setblocking(False)
    found["nothing"] = await do(s.read(1)) is None
    await do(s.close())
    return found


async def datagrams(modem, port, own, control):
    """UDP: a connected socket, and a service that answers whoever asks."""
    found = {}
    s = modem.socket(type=modem.SOCK_DGRAM)
    s.settimeout(20)
    await do(s.connect(("srv", port)))
    same = True
    for n in (1, 255, 1400):
        data = bytes(random_bytes(n, n))
        await do(s.send(data))
        same = same and await do(s.recv(1500)) == data
    found["echo"] = same
    await do(s.close())
    service = modem.socket(type=modem.SOCK_DGRAM, rxbuf=3000)
    service.settimeout(20)
    await do(service.bind(("", own)))
    await do(control.sendall(b"DATAGRAMS %d 20\n" % own))
    n = 0
    while True:
        data, sender = await do(service.recvfrom(1500))
        if data == b"END":
            break
        n += 1
        await do(service.sendto(data, sender))
    found["service"] = n == 20 and (await do(control.readline())).strip() == b"SAME"
    await do(service.sendto(b"by name", ("srv", port)))
    found["named"] = await do(service.recvfrom(100)) == (b"by name", ("127.0.0.1", port))
    await do(service.close())
    return found


async def listener(modem, own, control):
    """A TCP server with two clients at a time."""
    server = modem.socket()
    server.settimeout(20)
    await do(server.bind(("", own)))
    await do(server.listen(2))
    await do(control.sendall(b"CLIENTS %d 2 3000\n" % own))
    conns = []
    for _ in range(2):
        conn, address = await do(server.accept())
        conn.settimeout(20)
        assert address[0] == "127.0.0.1" and conn.getpeername() == address, address
        conns.append(conn)
    for conn in conns:
        _, n = (await do(conn.readline())).split()
        await do(conn.sendall(await do(conn.read(int(n)))))
        await do(conn.close())
    found = (await do(control.readline())).strip() == b"SAME"
    await do(server.close())
    return found


async def tools(modem):
    """Names, ping, time, and what the modem says about itself."""
    found = {}
    found["name"] = (await do(modem.resolve("srv")))[0] == ["127.0.0.1"] and await do(modem.gethostbyname("srv")) == "127.0.0.1"
    found["info"] = (await do(modem.getaddrinfo("srv", 80)))[0][4] == ("srv", 80)
    summary, replies = await do(modem.ping("srv", 2))
    found["ping"] = summary[:3] == (2, 2, 0) and len(replies) == 2 and replies[0][0] == "127.0.0.1"
    told = await do(modem.sync_time("ntp.test"))
    found["time"] = len(told) == 7 and abs(told[0] - (time.localtime()[0])) <= 1
    found["dns"] = len(await do(modem.dns("192.0.2.9"))) > 0 and (await do(modem.dns()))[0] == "192.0.2.9"
    found["address"] = modem.ifconfig()[0].count(".") == 3
    found["rssi"] = await do(modem.status("rssi")) is not None
    found["imei"] = len(await do(modem.config("imei"))) == 15
    return found


async def main(device, flavour, model, data, peers, own_tcp, own_udp):
    modem = await connected(device, flavour, model if flavour == "sync" else None)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    found = {"model": modem.module.dialect.model == model}
    found.update(await tools(modem))
    found.update(await client(modem, int(data)))
    for act in ("udp", "listener"):
        control = modem.socket()
        control.settimeout(30)
        await do(control.connect(("srv", int(peers))))
        if act == "udp":
            found.update(await datagrams(modem, int(peers), int(own_udp), control))
        else:
            found["listener"] = await listener(modem, int(own_tcp), control)
        await do(control.close())
    found["left"] = len(await do(modem.connections()))
    found["incoming"] = events.count("incoming")
    s = modem.socket()
    await do(s.connect(("srv", int(data))))
    await do(modem.disconnect())
    try:
        await do(s.send(b"x"))
    except ConnectionClosed:
        found["ends with the context"] = not modem.isconnected()
    await do(modem.connect("internet"))
    found["again"] = modem.isconnected()
    await do(modem.close())
    result(**found)


run(main)
