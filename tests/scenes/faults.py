"""faults.py DEVICE FLAVOUR PORT FILE ACCESS TIMEOUT_S UP: a download and an upload while something goes wrong, and what comes after.

FILE has the bytes that `GET 5 <its size>` brings. SocketTimeouts on the way are counted and the call is made again, as its docstring
allows. Whatever the end is, what was received must be a beginning of FILE; then everything is brought up again where it is down,
and one more command and one more download must work.
"""

import time

from both import connected, do, download, run, upload
from common import result

from modem import ModemError, SocketTimeout


async def fetch(sock, path, found):
    """Read to the end; count time-outs; compare with the file. Return the number of bytes."""
    buf = bytearray(1500)
    view = memoryview(buf)
    got = 0
    with open(path, "rb") as f:
        while True:
            try:
                k = await do(sock.recv_into(buf))
            except SocketTimeout as error:
                found["time-outs"] += 1
                if found["time-outs"] > 40:
                    found["down"] = repr(error)
                    return got
                continue
            if not k:
                return got
            found["same"] = found["same"] and f.read(k) == bytes(view[:k])
            got += k


async def get(modem, port, path, size, access, timeout_s, found):
    sock = modem.socket(access=access, rxbuf=8192)
    try:
        sock.settimeout(20)
        await do(sock.connect(("srv", port)))
        await do(sock.sendall(b"GET 5 %d\n" % size))
        head = await do(sock.readline())
        assert head.endswith(b" %d\n" % size), head
        sock.settimeout(timeout_s)
        found["got"] = await fetch(sock, path, found)
        found["down"] = "whole" if found["got"] == size else "short"
    except ModemError as error:
        found["down"] = type(error).__name__
        print("download:", repr(error))
    await do(sock.close())


async def put(modem, port, n, found):
    sock = modem.socket()
    try:
        sock.settimeout(20)
        await do(sock.connect(("srv", port)))
        found["up"] = "whole" if await upload(sock, n) else "wrong"
    except ModemError as error:
        found["up"] = type(error).__name__
        print("upload:", repr(error))
    await do(sock.close())


async def mended(modem, port):
    """Bring up what is down; return whether the next command and the next connection work."""
    for _ in range(5):
        try:
            if await do(modem.status()) == "down":
                await do(modem.start())
            if not modem.isconnected():
                await do(modem.connect("internet"))
            rssi = await do(modem.status("rssi"))
            sock = modem.socket()
            sock.settimeout(20)
            await do(sock.connect(("srv", port)))
            same = await download(sock, b"GET 7 2000\n")
            await do(sock.close())
            return rssi is not None and same
        except ModemError as error:
            print("again:", repr(error))
            await do(modem.poll(200))
    return False


async def main(device, flavour, port, path, access, timeout_s, up):
    with open(path, "rb") as f:
        size = f.seek(0, 2)
    modem = await connected(device, flavour)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    found = {"time-outs": 0, "same": True}
    began = time.time()
    await get(modem, int(port), path, size, access, float(timeout_s), found)
    print("after", time.time() - began)
    if int(up):
        if found["down"] != "whole":
            await mended(modem, int(port))
        await put(modem, int(port), int(up), found)
    found["again"] = await mended(modem, int(port))
    await do(modem.close())
    result(events=[e for e in events if e != "urc"], **found)


run(main)
