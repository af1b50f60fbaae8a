"""clients.py DEVICE FLAVOUR PORT OWN ACCESS AWAY: clients of a listener that leave at awkward times; the listener itself goes too."""

import hashlib

from both import connected, do, run
from common import hexdigest, result

from modem import ConnectionClosed, ModemError


async def drain(conn):
    """Read to the end; return (bytes, hash, how it ended)."""
    h = hashlib.sha256()
    got = 0
    try:
        while True:
            data = await do(conn.recv(1460))
            if not data:
                return got, hexdigest(h), "end"
            h.update(data)
            got += len(data)
    except ModemError as error:
        return got, None, type(error).__name__


async def closed(conn):
    """Whether sending says that the connection has ended; it is closed."""
    try:
        await do(conn.send(b"x"))
        return False
    except ConnectionClosed:
        return True
    finally:
        await do(conn.close())


class World:
    def __init__(self, modem, port, own, access):
        self.modem = modem
        self.port = port
        self.own = own
        self.access = access
        self.control = None
        self.server = None

    async def listen(self, backlog):
        self.server = self.modem.socket(access=self.access, rxbuf=40000)
        self.server.settimeout(20)
        await do(self.server.bind(("", self.own)))
        await do(self.server.listen(backlog))

    async def ask(self, words):
        """Have the control server do something; it serves one line per connection."""
        self.control = await do(self.modem.create_connection(("srv", self.port), timeout=20, access=self.access))
        self.control.settimeout(30)
        await do(self.control.sendall(words))

    async def answer(self):
        line = (await do(self.control.readline())).strip().decode()
        await do(self.control.close())
        return line

    async def call(self, n, reset, late):
        """A client sends `n` bytes and goes; it is accepted before that, or after (`late`)."""
        await self.ask(b"CALL %d %d %d\n" % (self.own, n, reset))
        digest = await self.answer() if late else None
        conn, _ = await do(self.server.accept())
        conn.settimeout(20)
        got, seen, end = await drain(conn)
        gone = await closed(conn)
        return [got == n and seen == (digest or await self.answer()), end, gone]


async def main(device, flavour, port, own, access, away):
    modem = await connected(device, flavour)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    w = World(modem, int(port), int(own), access)
    await w.listen(3)
    found = {}
    for n in (0, 1, 1500, 30000):
        found["late %d" % n] = await w.call(n, 0, True)
        found["early %d" % n] = await w.call(n, 0, False)
    found["reset"] = (await w.call(20000, 1, True))[2]
    await w.ask(b"CALL %d 10 0\n" % w.own)  # nobody accepts this one
    await w.answer()
    await do(w.server.close())
    found["left"] = len(await do(modem.connections()))
    await w.listen(1)
    await w.ask(b"KNOCK %d 3 %d\n" % (w.own, int(away)))
    found["stay"] = await w.answer()
    await do(w.server.close())
    found["full"] = events.count("incoming full")
    found["left"] += len(await do(modem.connections()))
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
