"""A transparent bridge on a board: a second UART (here any object with readinto and write) on one side, a TCP connection over
the modem on the other.

    bridge.py DEVICE PORT LOCAL    LOCAL: the terminal device that is bridged
"""

import asyncio
import sys

from common import result

from modem import AsyncModem
from ports.tty_uart import TtyUart


async def uplink(local, sock, count):
    """From the local UART to the network."""
    buf = bytearray(512)
    more = bytearray(512)
    while True:
        n = local.readinto(buf, len(buf))
        while n and n < 6 and b"QUIT\r\n".startswith(bytes(buf[:n])):
            k = local.readinto(more, 6 - n)
            buf[n : n + k] = more[:k]
            n += k
            await asyncio.sleep(0.005)
        if not n:
            await asyncio.sleep(0.005)
            continue
        if bytes(buf[:n]) == b"QUIT\r\n":
            return
        await sock.sendall(memoryview(buf)[:n])
        count[0] += n


async def downlink(local, sock, count):
    """From the network to the local UART."""
    buf = bytearray(512)
    while True:
        n = await sock.recv_into(buf)
        if not n:
            return
        count[1] += n
        at = 0
        while at < n:
            at += local.write(buf, at, n - at)
            if at < n:
                await asyncio.sleep(0.005)


async def main(device, port, local):
    modem = AsyncModem(TtyUart(device))
    await modem.start()
    await modem.connect("internet")
    local = TtyUart(local)
    sock = modem.socket(access="transparent", rxbuf=65534)  # for all, should the test be slow to read
    await sock.connect(("srv", port))
    count = [0, 0]
    down = asyncio.create_task(downlink(local, sock, count))
    await uplink(local, sock, count)
    await sock.escape()  # the connection stays: ask the module something, then go on or close
    rssi = await modem.status("rssi")
    await sock.close()
    down.cancel()
    await modem.close()
    result(up=count[0], down=count[1], rssi=rssi is not None, lost=sock.lost)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
