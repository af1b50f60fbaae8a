"""switching.py DEVICE FLAVOUR PORT: one connection through all access modes and back, data in each, nothing lost."""

from both import connected, do, run
from common import random_bytes, result

from modem import LineBusy


async def echo(s, data):
    """Send `data`; return whether it comes back."""
    await do(s.sendall(data))
    return await do(s.read(len(data))) == bytes(data)


async def main(device, flavour, port):
    modem = await connected(device, flavour)
    s = modem.socket(rxbuf=16384)
    s.settimeout(20)
    await do(s.connect(("srv", int(port))))
    data = random_bytes(3000, 5)
    await do(s.sendall(b"ECHO %d\n" % (3000 * 6 + 20)))
    found = {"buffer": await echo(s, data)}
    await do(s.switch("push"))
    found["push"] = await echo(s, data)
    await do(s.switch("transparent"))
    found["transparent"] = await echo(s, data)
    try:
        await do(modem.status("rssi"))
    except LineBusy:
        found["busy"] = True
    await do(s.sendall(b"\r\nOK\r\n+++ 8 bytes"))  # is on its way back while the line is asked for
    await do(s.escape())
    found["rssi"] = await do(modem.status("rssi")) is not None
    found["kept"] = await do(s.read(17)) == b"\r\nOK\r\n+++ 8 bytes"
    found["after escape"] = await echo(s, data)
    await do(s.sendall(b"abc"))  # waits in the module when the line becomes transparent
    await do(s.resume())
    found["waiting"] = await do(s.read(3)) == b"abc"
    found["resumed"] = await echo(s, data)
    await do(s.switch("buffer"))
    found["back"] = await echo(s, data)
    await do(s.close())
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
