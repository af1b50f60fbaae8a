"""listeners.py DEVICE FLAVOUR PORT OWN...: as many listeners as the module has, each with a client; one more is refused."""

from both import connected, do, run
from common import result


async def listener(modem, own):
    server = modem.socket()
    server.settimeout(20)
    await do(server.bind(("", own)))
    await do(server.listen(1))
    return server


async def serve(modem, server, own, port):
    """Have a client call `own`; give it back what it sends; return its word."""
    control = modem.socket()
    control.settimeout(30)
    await do(control.connect(("srv", port)))
    await do(control.sendall(b"CLIENTS %d 1 3000\n" % own))
    conn, _ = await do(server.accept())
    conn.settimeout(20)
    _, n = (await do(conn.readline())).split()
    await do(conn.sendall(await do(conn.read(int(n)))))
    await do(conn.close())
    word = (await do(control.readline())).strip().decode()
    await do(control.close())
    return word


async def main(device, flavour, port, *own):
    port = int(port)
    own = [int(n) for n in own]
    modem = await connected(device, flavour)
    servers = []
    for n in own[:-1]:
        servers.append(await listener(modem, n))
    try:
        await listener(modem, own[-1])
        fifth = False
    except OSError:
        fifth = True
    words = []
    for i in (2, 0, 3, 1):
        words.append(await serve(modem, servers[i], own[i], port))
    await do(servers[1].close())
    servers[1] = await listener(modem, own[-1])
    again = await serve(modem, servers[1], own[-1], port)
    for server in servers:
        await do(server.close())
    left = len(await do(modem.connections()))
    await do(modem.disconnect())
    await do(modem.close())
    result(clients=words, fifth=fifth, again=again, left=left)


run(main)
