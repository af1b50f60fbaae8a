"""access.py DEVICE FLAVOUR PORT ACCESS NBYTES: a TCP client in one access mode; download, upload, end by the peer."""

from both import connected, do, download, run, upload
from common import result


async def main(device, flavour, port, access, n):
    port, n = int(port), int(n)
    modem = await connected(device, flavour)
    found = {"overflow": 0}

    def event(kind, detail):
        if kind == "overflow":
            found["overflow"] += detail[1]

    modem.on_event(event)
    s = modem.socket(access=access, rxbuf=32768 if access != "buffer" else 1536)
    s.settimeout(30)
    await do(s.connect(("srv", port)))
    found["down"] = await download(s, b"GET 3 %d\n" % n)
    found["end"] = await do(s.recv(10)) == b""
    await do(s.close())
    s = modem.socket(access=access, rxbuf=4096)
    s.settimeout(60)
    await do(s.connect(("srv", port)))
    found["up"] = await upload(s, n)
    await do(s.close())
    found["lost"] = s.lost
    found["rssi"] = await do(modem.status("rssi")) is not None
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
