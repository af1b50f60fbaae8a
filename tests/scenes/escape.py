"""escape.py DEVICE FLAVOUR PORT: a connection that is transparent from the start, left for a command and taken up again."""

from both import connected, do, run
from common import random_bytes, result

from modem import LineBusy


async def echo(s, data):
    """Send `data`; return whether it comes back."""
    await do(s.sendall(data))
    return await do(s.read(len(data))) == bytes(data)


async def main(device, flavour, port):
    modem = await connected(device, flavour)
    s = modem.socket(access="transparent", rxbuf=8192)
    s.settimeout(20)
    await do(s.connect(("srv", int(port))))
    data = random_bytes(3000, 5)
    await do(s.sendall(b"ECHO %d\n" % (3000 * 3 + 17)))
    found = {"transparent": await echo(s, data)}
    try:
        await do(modem.status("rssi"))
    except LineBusy:
        found["busy"] = True
    await do(s.sendall(b"\r\nOK\r\n+++ 8 bytes"))  # is on its way back while the line is asked for
    await do(s.escape())
    found["rssi"] = await do(modem.status("rssi")) is not None
    await do(s.resume())
    found["kept"] = await do(s.read(17)) == b"\r\nOK\r\n+++ 8 bytes"
    found["resumed"] = await echo(s, data)
    await do(s.escape())
    await do(s.resume())
    found["again"] = await echo(s, data)
    await do(s.close())
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
