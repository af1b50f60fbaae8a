"""A TCP server and a UDP service on a board, with asyncio: every client gets back what it sends, line by line.

echo_server.py DEVICE PORT TCP UDP    PORT: control server of the test; TCP, UDP: own ports
"""

import asyncio
import sys

from common import result

from modem import AsyncModem
from ports.tty_uart import TtyUart

served = [0, 0, 0]


async def serve(reader, writer):
    """One TCP client."""
    served[0] += 1
    head = await reader.readline()
    left = int(head.split()[1])
    while left:
        data = await reader.read(min(left, 1460))
        if not data:
            break
        left -= len(data)
        writer.write(data)
        await writer.drain()
    served[1] += left == 0
    writer.close()
    await writer.wait_closed()


async def datagrams(sock):
    """The UDP service."""
    buf = bytearray(1500)
    while True:
        n, sender = await sock.recvfrom_into(buf)
        if bytes(buf[:n]) == b"END":
            return
        await sock.sendto(memoryview(buf)[:n], sender)
        served[2] += 1


async def main(device, port, tcp, udp):
    modem = AsyncModem(TtyUart(device))
    await modem.start()
    await modem.connect("internet")
    server = await modem.start_server(serve, "", tcp, backlog=6)
    service = modem.socket(type=modem.SOCK_DGRAM)
    await service.bind(("", udp))
    answers = []
    for order in (b"CLIENTS %d 3 9000\n" % tcp, b"DATAGRAMS %d 30\n" % udp):
        reader, writer = await modem.open_connection("srv", port)
        writer.write(order)
        await writer.drain()
        if order.startswith(b"DATA"):
            await datagrams(service)
        answers.append((await reader.readline()).decode().strip())
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()
    await service.close()
    await modem.disconnect()
    await modem.close()
    result(answers=answers, served=served)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
