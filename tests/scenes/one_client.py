"""one_client.py DEVICE FLAVOUR OWN N: a transparent server, whose `N` clients come right one behind the other."""

from both import connected, do, run
from common import result


async def main(device, flavour, own, count):
    modem = await connected(device, flavour)
    server = modem.socket(access="transparent", rxbuf=8192)
    server.settimeout(30)
    await do(server.bind(("", int(own))))
    await do(server.listen(1))
    found = []
    for _ in range(int(count)):
        conn, _ = await do(server.accept())
        conn.settimeout(20)
        data = await do(conn.read(1000))
        await do(conn.sendall(data))
        found.append(await do(conn.recv(10)) == b"")
        await do(conn.close())
    await do(server.close())
    rssi = await do(modem.status("rssi")) is not None
    await do(modem.close())
    result(ends=found, rssi=rssi)


run(main)
