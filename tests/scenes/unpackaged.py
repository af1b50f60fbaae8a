"""unpackaged.py DEVICE WEB_PORT DATA_PORT: the calls of programs for boards that no package registry has.

ntptime, aiohttp (of micropython-lib) and mqtt_as make these calls, with these arguments, in this order; each gets the modem as its
`socket` or its `asyncio`. mqtt_as polls a socket that does not wait, from asyncio.
"""

import asyncio
import struct

from both import connected, run
from common import random_bytes, result


def ntptime(socket):
    """Ask a time server; return the seconds since 1900."""
    address = socket.getaddrinfo("pool.ntp.org", 123)[0][-1]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.settimeout(1)
        query = bytearray(48)
        query[0] = 0x23
        s.sendto(query, address)
        answer = s.recv(48)
    finally:
        s.close()
    return struct.unpack("!I", answer[40:44])[0]


async def mqtt_as(socket, port):
    """Send and receive by polling; return whether all of it came back, and how often another task ran meanwhile."""
    turns = []

    async def count():
        while True:
            turns.append(None)
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    data = bytes(random_bytes(20000))
    s = socket.socket()
    s.setblocking(False)
    s.connect(socket.getaddrinfo("srv", port)[0][-1])
    await asyncio.sleep(0)
    left = memoryview(b"ECHO %d\n" % len(data) + data)
    while left:
        n = s.write(left)
        left = left[n or 0 :]
        await asyncio.sleep(0)
    buf = bytearray(len(data))
    view = memoryview(buf)
    got = 0
    while got < len(buf):
        n = s.readinto(view[got:], len(buf) - got)
        assert n != 0
        got += n or 0
        await asyncio.sleep(0)
    nothing = s.read(1)
    s.close()
    counting.cancel()
    return bytes(buf) == data, nothing, len(turns)


async def aiohttp(asyncio, port):
    """Get a page; the reader alone is closed."""
    reader, writer = await asyncio.open_connection("srv", port, ssl=None)
    await writer.awrite(b"GET /path HTTP/1.0\r\nConnection: close\r\nHost: srv\r\n\r\n")
    status = (await reader.readline()).split(None, 2)[1].decode()
    length = 0
    while True:
        line = await reader.readline()
        if not line or line == b"\r\n":
            break
        if line.startswith(b"Content-Length:"):
            length = int(line.split()[1])
    body = await reader.read(length)
    await reader.aclose()
    return int(status), body.decode()


async def main(device, web_port, data_port):
    modem = await connected(device, "sync")
    clock = ntptime(modem)
    same, nothing, turns = await mqtt_as(modem, int(data_port))
    modem.close()
    modem = await connected(device, "async")
    page = await aiohttp(modem, int(web_port))
    left = await modem.connections()
    await modem.disconnect()
    await modem.close()
    result(clock=clock, same=same, nothing=nothing, turns=turns > 2, page=page, left=left)


run(main)
