"""interrupt.py DEVICE FLAVOUR PORT OWN: every call is broken off in its middle, and what comes after it works.

"sync": by Ctrl-C, which the test sends when it sees NOW; "async": by the time-out of asyncio.wait_for. The module takes its time, so
that the call is under way by then.
"""

import asyncio
import time

from both import connected, do, run
from common import random_bytes, result

from modem import ModemError

DATA = bytes(random_bytes(3000, 4))
AFTER_S = 0.05


async def break_off(flavour, call):
    """Begin the call and break it off; return "broken off" and None, or "done" and its value where that came first."""
    if flavour == "async":
        try:
            return "done", await asyncio.wait_for(call(), AFTER_S)
        except asyncio.TimeoutError:
            return "broken off", None
    found = ("broken off", None)
    try:
        print("NOW")
        found = ("done", call())
        time.sleep(60)  # the signal comes at the latest now
    except KeyboardInterrupt:
        pass
    return found


async def echo(modem, port):
    """Return whether a new connection carries data unchanged."""
    sock = modem.socket()
    sock.settimeout(20)
    await do(sock.connect(("srv", port)))
    await do(sock.sendall(b"ECHO 3000\n"))
    await do(sock.sendall(DATA))
    same = await do(sock.read(3000)) == DATA
    await do(sock.close())
    return same


async def main(device, flavour, port, own):
    port = int(port)
    try:
        import signal

        signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio.run() has set another one
    except ImportError:
        pass  # MicroPython
    modem = await connected(device, flavour)
    found = {}

    async def state(name, call):
        word, value = await break_off(flavour, call)
        found[name] = [word, await do(modem.status("rssi")) is not None]
        return value

    async def fresh():
        sock = modem.socket()
        sock.settimeout(20)
        await do(sock.connect(("srv", port)))
        await do(sock.sendall(b"ECHO 100000\n"))
        return sock

    await state("status", lambda: modem.status("rssi"))
    await state("start", lambda: modem.start())
    await do(modem.start())
    await state("context", lambda: modem.connect("internet"))
    await do(modem.connect("internet"))
    for n in range(12 + 1):  # more than there are connection ids
        sock = modem.socket()
        await state("connect %d" % n, lambda: sock.connect(("srv", port)))  # noqa: B023
        await do(sock.close())
    sock = await fresh()
    await do(sock.sendall(DATA[:1000]))
    early = await state("recv", lambda: sock.recv(1000)) or b""
    found["what was coming"] = early + await do(sock.read(1000 - len(early))) == DATA[:1000]
    await state("readline", lambda: sock.readline())
    await state("send", lambda: sock.send(DATA[:1000]))
    sent = (await do(sock.stats()))[0]
    got = bytearray()
    while len(got) < sent - 12 - 1000:  # all that the module has taken behind the first line
        got += await do(sock.recv(1000))
    found["sent once or not at all"] = bytes(got) in (b"", DATA[:1000])
    await state("close", lambda: sock.close())
    for n in range(2):
        sock = await fresh()
        await state("close %d" % n, lambda: sock.close())  # noqa: B023
    server = modem.socket()
    await do(server.bind(("", int(own))))
    await do(server.listen(2))
    await state("accept", lambda: server.accept())
    await do(server.close())
    await state("ping", lambda: modem.ping("srv", 1, 1))
    await state("resolve", lambda: modem.resolve("srv"))
    found["echo"] = await echo(modem, port)
    try:
        await state("disconnect", lambda: modem.disconnect())
        await do(modem.connect("internet"))
    except ModemError as error:
        found["connect again"] = repr(error)
    found["echo at the end"] = await echo(modem, port)
    await do(modem.close())
    result(**found)


run(main)
