"""habits.py DEVICE FLAVOUR PLAN: what a module's habits show in, part by part, as the JSON file PLAN says.

PLAN: `parts` (names of functions here), `data` and `peers` (ports of the rig's data server and of tests/rigs/network_peers.py), `own` (a TCP port
and a UDP port of this side), and for TLS `tls` (a port) and `ca` (a file). Whatever is not as it should be is told in words.
"""

import json

from both import connected, do, download, run, upload
from common import random_bytes, result

from modem import ModemRestarted, NotSupported


async def opened(modem, plan, **options):
    s = modem.socket(**options)
    s.settimeout(30)
    await do(s.connect(("srv", plan["data"])))
    return s


async def echo(sock, n, seed):
    data = bytes(random_bytes(n, seed))
    await do(sock.sendall(b"ECHO %d\n" % n))
    await do(sock.sendall(data))
    return await do(sock.read(n)) == data


async def two(modem, plan, **options):
    """Two connections at a time, used in turn; one is closed by this side, one is left to disconnect()."""
    a = await opened(modem, plan, **options)
    b = await opened(modem, plan, **options)
    wrong = [] if await echo(a, 5000, 1) and await echo(b, 3000, 2) else ["echo"]
    rows = await do(modem.connections())
    if [row[1] for row in rows] != ["TCP", "TCP"]:
        wrong.append(str(rows))
    await do(a.close())
    await do(modem.disconnect())
    await do(modem.connect("internet"))
    if await do(modem.connections()):
        wrong.append("a connection is left")
    c = await opened(modem, plan, **options)
    wrong += [] if await download(c, b"GET 3 20000\n") else ["download"]
    wrong += [] if await do(c.recv(10)) == b"" else ["end"]
    await do(c.close())
    return wrong


async def buffer(modem, plan):
    return await two(modem, plan)


async def push(modem, plan):
    return await two(modem, plan, access="push", rxbuf=32768)


async def push_one(modem, plan):
    """A firmware that does not name the link of what it pushes: one push socket only."""
    s = await opened(modem, plan, access="push", rxbuf=32768)
    wrong = [] if await download(s, b"HOLD 3 20000\n") and s.lost == 0 else ["download"]
    try:
        await opened(modem, plan, access="push")
        wrong.append("a second one was opened")
    except NotSupported:
        pass
    await do(s.close())
    return wrong


async def names(modem, plan):
    found = (await do(modem.resolve("two.test")))[0]
    return [] if found == ["127.0.0.1", "127.0.0.2"] else [str(found)]


async def service(modem, plan, access):
    """A service that answers whoever asks."""
    control = modem.socket(access=access)
    control.settimeout(30)
    await do(control.connect(("srv", plan["peers"])))
    s = modem.socket(type=modem.SOCK_DGRAM, access=access, rxbuf=8192)
    s.settimeout(20)
    await do(s.bind(("", plan["own"][1])))
    await do(control.sendall(b"DATAGRAMS %d 25\n" % plan["own"][1]))
    n = 0
    while True:
        data, sender = await do(s.recvfrom(1500))
        if data == b"END":
            break
        n += 1
        await do(s.sendto(data, sender))
    same = (await do(control.readline())).strip() == b"SAME"
    await do(s.close())
    await do(control.close())
    return [] if same and n == 25 else ["service"]


async def unknown(modem, plan, access):
    """A firmware that does not tell who has sent a datagram: nobody is named."""
    s = modem.socket(type=modem.SOCK_DGRAM, access=access, rxbuf=8192)
    s.settimeout(20)
    await do(s.bind(("", plan["own"][1])))
    await do(s.sendto(b"to the echo", ("127.0.0.1", plan["peers"])))
    found = await do(s.recvfrom(1500))
    await do(s.close())
    return [] if found == (b"to the echo", None) else [str(found)]


async def udp(modem, plan, access="buffer"):
    """A service, and a connected socket."""
    wrong = await (service if plan["senders"] else unknown)(modem, plan, access)
    s = modem.socket(type=modem.SOCK_DGRAM, access=access, rxbuf=8192)
    s.settimeout(20)
    await do(s.connect(("srv", plan["peers"])))
    for n in (1, 700, 1400):
        data = bytes(random_bytes(n, n))
        await do(s.send(data))
        if await do(s.recv(1500)) != data:
            wrong.append("datagram")
    await do(s.close())
    return wrong


async def udp_push(modem, plan):
    return await udp(modem, plan, "push")


async def listener(modem, plan):
    """A server, its client as the module lists it; the server is closed while the client is there."""
    control = modem.socket()
    control.settimeout(30)
    await do(control.connect(("srv", plan["peers"])))
    server = modem.socket()
    server.settimeout(20)
    await do(server.bind(("", plan["own"][0])))
    await do(server.listen(2))
    await do(control.sendall(b"CLIENTS %d 1 2000\n" % plan["own"][0]))
    conn, address = await do(server.accept())
    conn.settimeout(20)
    _, n = (await do(conn.readline())).split()
    await do(conn.sendall(await do(conn.read(int(n)))))
    wrong = [] if (await do(control.readline())).strip() == b"SAME" else ["client"]
    rows = [row for row in await do(modem.connections()) if row[1] == "TCP INCOMING"]
    if len(rows) > 1 or (rows and rows[0][2:4] != address):
        wrong.append(str(rows))
    await do(server.close())
    await do(conn.close())  # some modules close it with its server
    await do(control.close())
    left = await do(modem.connections())
    return wrong + ([str(left)] if left else [])


async def transparent(modem, plan):
    """The end by the other side, the end by this side, and a UDP connection."""
    s = await opened(modem, plan, access="transparent", rxbuf=32768)
    wrong = [] if await download(s, b"GET 3 20000\n") and await do(s.recv(10)) == b"" else ["download"]
    await do(s.close())
    s = await opened(modem, plan, access="transparent", rxbuf=32768)
    wrong += [] if await upload(s, 20000) else ["upload"]
    await do(s.close())
    s = modem.socket(type=modem.SOCK_DGRAM, access="transparent", rxbuf=8192)
    s.settimeout(20)
    await do(s.connect(("127.0.0.1", plan["peers"])))
    await do(s.send(b"datagram"))
    back = b""
    while len(back) < 8:  # transparent mode keeps no boundaries
        back += await do(s.recv(100))
    wrong += [] if back == b"datagram" else ["datagram"]
    await do(s.close())
    return wrong + (await two(modem, plan))


async def tls(modem, plan):
    with open(plan["ca"], "rb") as f:
        await do(modem.files.put("ca.pem", f))
    wrong = []
    for access in ("buffer", "push"):
        s = modem.socket(access=access, rxbuf=32768, tls=modem.tls_context(ca="ca.pem"))
        s.settimeout(30)
        await do(s.connect(("good.test", plan["tls"])))
        wrong += [] if await echo(s, 5000, 4) else [access]
        await do(s.close())
    return wrong


async def reboot(modem, plan):
    """The module restarts on demand: its lines make nothing go wrong, and all is as before."""
    s = await opened(modem, plan)
    await restarted(modem)
    try:
        await do(s.send(b"x"))
        return ["the socket survived"]
    except OSError:
        pass
    await do(modem.start())
    await do(modem.connect("internet"))
    return await two(modem, plan)


async def restarted(modem, command="AT+CFUN=1,1"):
    """Have the module restart by `command`, and wait for the line that reports it."""
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    try:
        await do(modem.command(command))
        for _ in range(100):
            if "reboot" in events:
                break
            await do(modem.poll(100))
    except ModemRestarted:
        pass


async def radio(modem, plan):
    """The module restarts with its radio switched off; connect() switches it on."""
    await restarted(modem, "AT+CFUN=0,1")
    await do(modem.start())
    await do(modem.connect("internet"))
    return await two(modem, plan)


async def keep_alive(modem, plan):
    """An option that some firmware takes only while the network service is open."""
    await do(modem.configure("ctcpka", 1, 2, 5, 1))
    shown = await do(modem.configure("ctcpka"))
    return [] if tuple(shown) == (1, 2, 5, 1) else [str(shown)]


PARTS = (buffer, push, push_one, names, udp, udp_push, listener, transparent, tls, reboot, radio, keep_alive)


async def main(device, flavour, path):
    with open(path) as f:
        plan = json.load(f)
    modem = await connected(device, flavour)
    found = {}
    for part in PARTS:
        if part.__name__ in plan["parts"]:
            found[part.__name__] = await part(modem, plan)
    found["rssi"] = [] if await do(modem.status("rssi")) is not None else ["none"]
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
