"""asleep.py DEVICE FLAVOUR PORT: a module that sleeps after 0.8 s of silence, at the start already, and then because it may."""

import time

from both import connected, do, run
from common import random_bytes, result

PAUSE_S = 1


async def echo(s, data):
    """Send `data`; return whether it comes back."""
    await do(s.sendall(data))
    return await do(s.read(len(data))) == bytes(data)


async def main(device, flavour, port):
    time.sleep(PAUSE_S)
    modem = await connected(device, flavour)
    found = {"started": True}
    time.sleep(PAUSE_S)
    found["off"] = await do(modem.status("rssi")) is not None
    s = modem.socket()
    s.settimeout(20)
    await do(s.connect(("srv", int(port))))
    await do(s.sendall(b"ECHO 3000\n"))
    await do(modem.sleep(idle_ms=300))
    time.sleep(PAUSE_S)
    found["sent"] = await echo(s, random_bytes(2000, 1))
    time.sleep(PAUSE_S)
    other = modem.socket()
    other.settimeout(20)
    await do(other.connect(("srv", int(port))))
    found["opened"] = await echo(s, random_bytes(1000, 2))
    await do(modem.sleep(0))
    time.sleep(PAUSE_S)
    await do(other.close())
    await do(s.close())
    await do(modem.close())
    result(**found)


run(main)
