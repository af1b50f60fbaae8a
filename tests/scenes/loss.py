"""loss.py DEVICE FLAVOUR PORT: nothing gets through any more after a download; what do the byte counters say?"""

from both import connected, do, download, run
from common import result

from modem import SocketTimeout


async def main(device, flavour, port):
    modem = await connected(device, flavour)
    s = modem.socket()
    s.settimeout(1)
    await do(s.connect(("srv", int(port))))
    found = {"down": await download(s, b"HOLD 2 4000\n")}
    first = await do(s.stats())
    await do(s.sendall(bytes(3000)))
    sent, acknowledged, pending = await do(s.stats())
    found["pending"] = [sent - first[0], acknowledged - first[1], pending]
    try:
        await do(s.flush())
    except SocketTimeout:
        found["flush"] = "SocketTimeout"
    s.settimeout(3)
    try:
        for _ in range(400):  # the module's send buffer fills
            await do(s.send(bytes(1460)))
    except SocketTimeout as error:
        found["send"] = "send buffer" in str(error)
    before = s.stats() if flavour == "sync" else await s.stats()
    found["kept"] = before[0] - before[1] == before[2] > 3000
    await do(s.close())
    found["rssi"] = await do(modem.status("rssi")) is not None
    await do(modem.close())
    result(**found)


run(main)
