"""servers.py DEVICE FLAVOUR PORT OWN ACCESS CLIENTS NBYTES: a TCP listener on port OWN; clients send, get it back."""

import asyncio
import hashlib

from both import connected, do, run
from common import hexdigest, result


class Client:
    """One of the listener's clients: first everything is read, then it is sent back."""

    def __init__(self, conn):
        self.conn = conn
        self.data = bytearray()
        self.want = None  # (hash, bytes behind the first line)

    def take(self, more):
        """Keep what has come; return whether it is all."""
        self.data += more
        if self.want is None and b"\n" in self.data:
            head, _, rest = bytes(self.data).partition(b"\n")
            digest, size = head.split()
            self.want = digest.decode(), int(size)
            self.data = bytearray(rest)
        return self.want is not None and len(self.data) >= self.want[1]

    async def answer(self):
        """Send it back; return whether it was what the client said."""
        await do(self.conn.sendall(self.data))
        await do(self.conn.close())
        return hexdigest(hashlib.sha256(self.data)) == self.want[0]


async def serve(client):
    """For asyncio: one task for each client."""
    while not client.take(await client.conn.recv(1460)):
        pass
    return await client.answer()


async def serve_all(modem, clients):
    """Without asyncio: ask each in turn whether it has something."""
    waiting = list(clients)
    buf = bytearray(1460)
    for client in waiting:
        client.conn.settimeout(0)
    while waiting:
        modem.poll(1)
        for client in list(waiting):
            n = client.conn.readinto(buf)
            if n == 0 or (n and client.take(memoryview(buf)[:n])):
                waiting.remove(client)
    same = []
    for client in clients:
        client.conn.settimeout(60)
        same.append(await client.answer())
    return same


async def main(device, flavour, port, own, access, clients, n):
    port, own, clients, n = int(port), int(own), int(clients), int(n)
    modem = await connected(device, flavour)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    control = modem.socket(access=access)
    control.settimeout(60)
    await do(control.connect(("srv", port)))
    server = modem.socket(access=access, rxbuf=min(n + 2000, 65534))
    server.settimeout(20)
    await do(server.bind(("", own)))
    await do(server.listen(clients))
    await do(control.sendall(b"CLIENTS %d %d %d\n" % (own, clients, n)))
    conns = []
    for _ in range(clients):
        conn, address = await do(server.accept())
        conn.settimeout(30)
        conns.append(Client(conn))
        assert conn.getpeername() == address and address[0] == "127.0.0.1", address
    same = await asyncio.gather(*[serve(c) for c in conns]) if flavour == "async" else await serve_all(modem, conns)
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
