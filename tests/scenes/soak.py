"""soak.py DEVICE FLAVOUR PORT SEED SECONDS SLACK_S: a random program of sockets, for so long, over a modem on which anything may go wrong.

Each connection talks to an echo server; what comes back is compared byte by byte with what was sent. Allowed are the driver's own
errors (ModemError) and OSError EAGAIN; every call of a socket ends within its time-out and SLACK_S. At the end, whatever has
happened, the modem must be usable again. `problems` of the result is empty when all that held.
"""

import asyncio
import random
import time

from both import do, run
from common import random_bytes, result

from modem import AsyncModem, LineBusy, Modem, ModemError, SocketTimeout
from ports.tty_uart import TtyUart

LEAST_ACTS = 40  # so many calls are made, however slow the machine is
DATA = random_bytes(1 << 16, 7)


class Conn:
    """An echo connection: how much was sent and how much of it has come back."""

    def __init__(self, sock, access):
        self.sock = sock
        self.access = access
        self.sent = 0
        self.got = 0
        self.unknown = False  # a send ended without saying how much was taken


class Soak:
    def __init__(self, modem, flavour, port, slack_s):
        self.modem = modem
        self.slack_s = slack_s  # what a slow machine, a transparent escape or a line that is being resynchronised may add
        self.asyncio = flavour == "async"
        self.port = port
        self.conns = []
        self.problems = []
        self.errors = {}
        self.acts = 0
        self.nbytes = 0

    async def call(self, what, call, limit_s):
        """Make one call; return (True, value), or (False, error)."""
        self.acts += 1
        began = time.time()
        error = value = None
        try:
            pending = call()
            if self.asyncio and hasattr(pending, "send") and random.randrange(8) == 0:
                value = await asyncio.wait_for(pending, random.choice((0.001, 0.01, 0.1, 0.5)))
            else:
                value = await do(pending)
        except asyncio.TimeoutError as e:
            error = e
            name = "cancelled" if not isinstance(e, ModemError) else type(e).__name__
            self.errors[name] = self.errors.get(name, 0) + 1
        except ModemError as e:
            error = e
            self.errors[type(e).__name__] = self.errors.get(type(e).__name__, 0) + 1
        except OSError as e:
            error = e
            if e.args[0] != 11:
                self.problems.append("%s: %r" % (what, e))
        except Exception as e:
            error = e
            self.problems.append("%s: %r" % (what, e))
        seconds = time.time() - began
        if limit_s is not None and seconds > limit_s + self.slack_s:
            self.problems.append("%s took %.1f s, %s were allowed; %r" % (what, seconds, limit_s, error))
        return error is None, error if error is not None else value

    async def open(self):
        if len(self.conns) > 3:
            return
        access = random.choice(("buffer", "buffer", "push"))
        if self.conns and self.conns[0].access != access:
            access = self.conns[0].access  # some modules have one mode for all
        sock = self.modem.socket(access=access, rxbuf=random.choice((600, 1536, 8192)) if access == "buffer" else 32768)
        limit_s = random.choice((2, 5, 20))
        sock.settimeout(limit_s)
        good, _ = await self.call("connect", lambda: sock.connect(("srv", self.port)), limit_s)
        if good:
            good, _ = await self.call("hello", lambda: sock.sendall(b"ECHO 100000000\n"), limit_s)
        if good:
            self.conns.append(Conn(sock, access))
        else:
            await self.call("close", lambda: sock.close(), None)

    async def send(self, conn):
        if conn.unknown or conn.sent - conn.got > 6000:
            return
        limit_s = random.choice((0, 1, 5, 20))
        conn.sock.settimeout(limit_s)
        at = conn.sent % len(DATA)
        n = min(random.choice((1, 20, 500, 1460, 3000)), len(DATA) - at)
        good, value = await self.call("send", lambda: conn.sock.send(memoryview(DATA)[at : at + n]), limit_s or 1)
        if good:
            conn.sent += value
        elif isinstance(value, OSError) and value.args[:1] == (11,):
            pass  # nothing was taken
        elif isinstance(value, LineBusy):
            pass  # nothing was sent
        else:
            conn.unknown = True
            conn.sent += n  # at most that

    async def recv(self, conn):
        limit_s = random.choice((0, 0.1, 1, 3) if conn.got < conn.sent else (0, 0.1))
        conn.sock.settimeout(limit_s)
        n = random.choice((1, 100, 1500))
        good, value = await self.call("recv", lambda: conn.sock.recv(n), limit_s)
        if good:
            at = conn.got % len(DATA)
            want = bytes(DATA[at : at + len(value)])
            if len(want) < len(value):
                want += bytes(DATA[: len(value) - len(want)])
            if value != want:
                self.problems.append("wrong data behind byte %d (%s, lost %d)" % (conn.got, conn.access, conn.sock.lost))
            conn.got += len(value)
            self.nbytes += len(value)
            if conn.got > conn.sent:
                self.problems.append("%d bytes came back of %d" % (conn.got, conn.sent))
            if not value:
                await self.close(conn)
        elif isinstance(value, ModemError) and not isinstance(value, (SocketTimeout, LineBusy)):
            await self.close(conn)

    async def close(self, conn):
        self.conns.remove(conn)
        await self.call("close", lambda: conn.sock.close(), None)

    async def other(self):
        modem = self.modem
        calls = (
            lambda: modem.status("rssi"),
            lambda: modem.poll(random.randrange(100)),
            lambda: modem.resolve("srv", 5000),
            lambda: modem.ping("srv", 1, 1),
            lambda: modem.command("AT+CSQ"),
            lambda: modem.command("AT+NONSENSE"),
        )
        await self.call("other", random.choice(calls), None)

    async def mend(self):
        """Bring up what is down; return whether it is up."""
        modem = self.modem
        if modem.status_now() == "down":
            await self.call("start", lambda: modem.start(timeout_ms=20000), 60)
        if not modem.isconnected() and modem.status_now() != "down":
            await self.call("connect context", lambda: modem.connect("internet", timeout_ms=60000), 60)
        return modem.isconnected()

    async def step(self):
        if not await self.mend():
            for conn in list(self.conns):
                await self.close(conn)
            return
        dice = random.randrange(100)
        if dice < 8 or not self.conns:
            await self.open()
        elif dice < 11:
            await self.close(random.choice(self.conns))
        elif dice < 16:
            await self.other()
        elif dice < 55:
            await self.send(random.choice(self.conns))
        else:
            await self.recv(random.choice(self.conns))

    async def usable(self):
        """Return whether the modem can be brought to carry data again within a minute."""
        for conn in list(self.conns):
            await self.close(conn)
        until = time.time() + 60
        while time.time() < until:
            if not await self.mend():
                continue
            sock = self.modem.socket()
            sock.settimeout(20)
            try:
                await do(sock.connect(("srv", self.port)))
                await do(sock.sendall(b"ECHO 100000000\n"))
                await do(sock.sendall(memoryview(DATA)[:1000]))
                return await do(sock.read(1000)) == bytes(DATA[:1000])
            except ModemError as error:
                print("at the end:", repr(error))
            finally:
                await do(sock.close())
        return False


def status_now(modem):
    return "started" if modem.module.started else "down"


async def main(device, flavour, port, seed, seconds, slack_s):
    random.seed(int(seed))
    path, _, rate = device.partition("@")
    modem = (AsyncModem if flavour == "async" else Modem)(TtyUart(path, int(rate) if rate else None))
    type(modem).status_now = status_now
    soak = Soak(modem, flavour, int(port), float(slack_s))
    until = time.time() + float(seconds)
    while (time.time() < until or soak.acts < LEAST_ACTS) and not soak.problems:
        await soak.step()
    if not await soak.usable():
        soak.problems.append("the modem was not usable at the end")
    await do(modem.close())
    result(acts=soak.acts, nbytes=soak.nbytes, errors=soak.errors, problems=soak.problems)


run(main)
