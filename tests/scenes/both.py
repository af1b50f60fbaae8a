"""Scenes for both flavours: `await do(x)` waits where AsyncModem wants it, and just takes the value where Modem has given it."""

import asyncio
import hashlib
import sys

from common import hexdigest, random_bytes

from modem import AsyncModem, Modem


async def do(value):
    """Return the value of a call to a modem or socket of either flavour."""
    return await value if hasattr(value, "send") and hasattr(value, "throw") else value


async def connected(device, flavour, model=None, **options):
    """Return a started and connected modem on `device`, "sync" or "async"; without `model` it asks the module who it is."""
    from ports.tty_uart import TtyUart

    path, _, rate = device.partition("@")
    modem = (AsyncModem if flavour == "async" else Modem)(TtyUart(path, int(rate) if rate else None), model)
    await do(modem.start())
    await do(modem.connect("internet", **options))
    return modem


def run(main):
    """Run the scene with the program's arguments."""
    asyncio.run(main(*sys.argv[1:]))


async def download(sock, request):
    """Send a request line, hash what follows its answer; return whether all of it came, unchanged."""
    await do(sock.sendall(request))
    head = (await do(sock.readline())).split()
    return await check(sock, head[0].decode(), int(head[1]))


async def check(sock, digest, n):
    """Read `n` bytes; return whether their hash is `digest`."""
    h = hashlib.sha256()
    buf = bytearray(1500)
    view = memoryview(buf)
    while n:
        k = await do(sock.recv_into(buf, min(n, len(buf))))
        if not k:
            return False
        n -= k
        h.update(view[:k])
    return hexdigest(h) == digest


async def upload(sock, n, seed=1):
    """Send `n` bytes after a PUT line; return whether the server got them unchanged."""
    block = memoryview(random_bytes(min(n, 8192), seed))
    h = hashlib.sha256()
    for at in range(0, n, 8192):
        h.update(block[: min(8192, n - at)])
    await do(sock.sendall(b"PUT %d %s\n" % (n, hexdigest(h).encode())))
    for at in range(0, n, 8192):
        await do(sock.sendall(block[: min(8192, n - at)]))
    return (await do(sock.readline())).strip() == b"SAME"
