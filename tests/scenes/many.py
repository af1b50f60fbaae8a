"""many.py DEVICE PORT SOCKETS NBYTES [ACCESS]: several sockets under asyncio, each with a sending and a receiving task whose reads are
cancelled all the time; what comes back must be what was sent."""

import asyncio
import hashlib
import sys

from common import hexdigest, random_bytes, result

from modem import AsyncModem

CHUNK = random_bytes(4096, 3)


async def sender(sock, n):
    h = hashlib.sha256()
    left = n
    while left:
        k = min(left, len(CHUNK))
        await sock.sendall(memoryview(CHUNK)[:k])
        h.update(memoryview(CHUNK)[:k])
        left -= k
    return hexdigest(h)


async def receiver(sock, n, cancels):
    h = hashlib.sha256()
    buf = bytearray(1500)
    got = 0
    patience = 1
    while got < n:
        try:
            k = await asyncio.wait_for(sock.recv_into(buf), patience / 1000)
        except asyncio.TimeoutError:
            cancels[0] += 1
            patience = patience % 40 + 3
            continue
        if not k:
            break
        h.update(memoryview(buf)[:k])
        got += k
    return got, hexdigest(h)


async def one(modem, port, n, cancels, access):
    sock = modem.socket(access=access, rxbuf=1536 if access == "buffer" else 60000)
    await sock.connect(("srv", port))
    await sock.sendall(b"ECHO %d\n" % n)
    sent, (got, digest) = await asyncio.gather(sender(sock, n), receiver(sock, n, cancels))
    await sock.close()
    return got == n and digest == sent


async def main(device, port, sockets, n, access="buffer"):
    from ports.tty_uart import TtyUart

    path, _, rate = device.partition("@")
    modem = AsyncModem(TtyUart(path, int(rate) if rate else None))
    await modem.start()
    await modem.connect("internet")
    cancels = [0]
    ticks = [0]

    async def clock():
        while True:
            await asyncio.sleep(0.01)
            ticks[0] += 1

    task = asyncio.create_task(clock())
    same = await asyncio.gather(*[one(modem, port, n, cancels, access) for _ in range(sockets)])
    task.cancel()
    rssi = await modem.status("rssi")
    await modem.disconnect()
    await modem.close()
    result(same=same, cancels=cancels[0], ticks=ticks[0], rssi=rssi)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:]))
