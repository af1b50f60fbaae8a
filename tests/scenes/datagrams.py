"""datagrams.py DEVICE FLAVOUR PORT OWN ACCESS COUNT: a connected datagram socket, and a service on port OWN."""

from both import connected, do, run
from common import random_bytes, result

from modem import SocketTimeout


async def main(device, flavour, port, own, access, count):
    port, own, count = int(port), int(own), int(count)
    modem = await connected(device, flavour)
    found = {}
    s = modem.socket(type=modem.SOCK_DGRAM, access=access, rxbuf=4096)
    s.settimeout(10)
    await do(s.connect(("srv", port)))
    same = True
    volume = 0
    while volume < 600 * count:
        for n in (1, 26, 255, 1024, 1460):
            data = bytes(random_bytes(n, n + volume))
            await do(s.send(data))
            same = same and await do(s.recvfrom(2000)) == (data, ("srv", port))
            volume += n
    found["connected"] = same
    for n in (3, 5, 7):
        await do(s.send(b"z" * n))
    sizes = []
    for _ in range(3):
        sizes.append(len(await do(s.recv(1500))))
    found["sizes"] = sizes
    try:
        await do(s.send(bytes(1501)))
    except OSError as e:
        found["too long"] = e.args[0] == 90
    s.settimeout(0.2)
    try:
        await do(s.recv(10))
    except SocketTimeout:
        found["time-out"] = True
    await do(s.close())
    control = modem.socket(access=access)
    control.settimeout(60)
    await do(control.connect(("srv", port)))
    service = modem.socket(type=modem.SOCK_DGRAM, access=access, rxbuf=4096)
    service.settimeout(20)
    await do(service.bind(("", own)))
    await do(control.sendall(b"DATAGRAMS %d %d\n" % (own, count)))
    buf = bytearray(2000)
    seen = 0
    while True:
        n, address = await do(service.recvfrom_into(buf))
        if bytes(buf[:n]) == b"END":
            break
        seen += n
        await do(service.sendto(memoryview(buf)[:n], address))
    found["service"] = (await do(control.readline())).strip().decode()
    found["seen"] = seen
    await do(service.sendto(b"to a name", ("srv", port)))
    found["named"] = await do(service.recvfrom(100)) == (b"to a name", ("127.0.0.1", port))
    await do(service.close())
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
