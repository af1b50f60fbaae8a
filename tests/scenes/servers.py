"""servers.py DEVICE FLAVOUR PORT OWN ACCESS CLIENTS NBYTES: a TCP listener on port OWN; clients send, get it back."""

import asyncio

from both import connected, do, run
from common import result


async def serve(conn, n):
    digest, size = (await do(conn.readline())).split()
    data = bytearray()
    while len(data) < int(size):
        data += await do(conn.recv(1460))
    await do(conn.sendall(data))
    await do(conn.close())
    import hashlib

    from common import hexdigest

    return hexdigest(hashlib.sha256(data)) == digest.decode()


async def main(device, flavour, port, own, access, clients, n):
    port, own, clients, n = int(port), int(own), int(clients), int(n)
    modem = await connected(device, flavour)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    control = modem.socket(access=access)
    control.settimeout(60)
    await do(control.connect(("srv", port)))
    server = modem.socket(access=access, rxbuf=n + 2000)
    server.settimeout(20)
    await do(server.bind(("", own)))
    await do(server.listen(clients))
    await do(control.sendall(b"CLIENTS %d %d %d\n" % (own, clients, n)))
    conns = []
    for _ in range(clients):
        conn, address = await do(server.accept())
        conn.settimeout(30)
        conns.append(conn)
        assert conn.getpeername() == address and address[0] == "127.0.0.1", address
    if flavour == "async":
        same = await asyncio.gather(*[serve(c, n) for c in conns])
    else:
        same = []
        for conn in conns:
            same.append(await serve(conn, n))
    found = {"same": all(same), "clients": (await do(control.readline())).strip().decode()}
    found["incoming"] = events.count("incoming")
    await do(control.close())
    server.settimeout(0)
    try:
        await do(server.accept())
    except OSError as e:
        found["empty"] = e.args[0] == 11
    await do(server.close())
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
