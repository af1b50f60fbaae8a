"""six.py DEVICE FLAVOUR PORT OWN: IPv6 alone; a TCP client and UDP in buffer and push mode, and a listener whose client is this program's own."""

import socket

from both import connected, do, run
from common import result

from modem import ModemError


async def echo(s):
    s.settimeout(20)
    await do(s.sendall(b"ECHO 5\nhello"))
    return await do(s.read(5)) == b"hello"


async def main(device, flavour, port, own):
    port, own = int(port), int(own)
    modem = await connected(device, flavour, ip="ipv6")
    found = {"address": ":" in modem.ifconfig()[0] and modem.ipconfig("addr6")[0][0] == modem.ifconfig()[0]}
    found["name"] = (await do(modem.resolve("six.test")))[0] == ["::1"]
    for access in ("buffer", "push"):
        for host in ("six.test", "::1"):
            s = modem.socket(access=access, rxbuf=4096)
            await do(s.connect((host, port)))
            found[access + host] = await echo(s)
            await do(s.close())
        s = modem.socket(type=modem.SOCK_DGRAM, access=access)
        s.settimeout(20)
        await do(s.bind(("", own)))
        await do(s.sendto(b"datagram", ("::1", port)))
        found[access + "udp"] = await do(s.recvfrom(100)) == (b"datagram", ("::1", port))
        await do(s.close())
    server = modem.socket()
    server.settimeout(20)
    await do(server.bind(("", own)))
    await do(server.listen())
    client = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    client.connect(socket.getaddrinfo("::1", own)[0][-1])
    conn, address = await do(server.accept())
    client.send(b"hi")
    found["listener"] = (address[0], await do(conn.recv(10))) == ("::1", b"hi")
    client.close()
    await do(conn.close())
    await do(server.close())
    try:
        await do(modem.create_connection(("127.0.0.1", 9)))
    except ModemError:
        found["no IPv4"] = True
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
