"""closing.py DEVICE FLAVOUR PLAN: connections that the other side ends, as the JSON file PLAN says.

PLAN: `port`, `access`, `tls` (arguments of tls_context, or null), `files` ([name on the module, path here], ...), `content` (path of
what the server sends, or the beginning of it), and `cases`: [what the server is asked, bytes, how this side reads], in that order.
The result has for each case: bytes received, whether they are the beginning of `content` (else how many of them are), how the
connection ended, what sending on it gives.
"""

import json
import time

from both import connected, do, run
from common import result

from modem import ModemError, ModemRestarted


async def take(s, how, content):
    """Read to the end; return (bytes, True or how many of them are the beginning of `content`, how it ended)."""
    got = 0
    same = True
    buf = bytearray(700)
    try:
        while True:
            if how == "recv":
                data = await do(s.recv(1500))
            elif how == "read":
                data = await do(s.read(97))
            else:
                data = bytes(memoryview(buf)[: await do(s.recv_into(buf))])
            if not data:
                return got, same, "end"
            if same is True:
                same = beginning(data, content.read(len(data)), got)
            got += len(data)
    except ModemError as error:
        return got, same, type(error).__name__


def beginning(data, want, got):
    """Return True if `data` is what was wanted, else how many bytes were right, with `got` before them."""
    if data == want:
        return True
    n = 0
    while data[n : n + 1] == want[n : n + 1]:
        n += 1
    return got + n


async def receive(modem, plan, tls, ask, n, how):
    s = modem.socket(access=plan["access"], tls=tls, rxbuf=plan.get("rxbuf", 1536))
    s.settimeout(20)
    await do(s.connect(("srv", plan["port"])))
    await do(s.sendall(b"%s 5 %d\n" % (ask.encode(), n)))
    with open(plan["content"], "rb") as content:
        try:
            head = await do(s.readline())
        except ModemError:
            head = b""
        found = await take(s, how, content) if head.endswith(b"\n") else (0, True, "before the answer")
    return list(found) + [await after(s)]


async def send(modem, plan, tls, ask, n, how):
    """Send without end to a server that takes `n` bytes and goes."""
    s = modem.socket(access=plan["access"], tls=tls, rxbuf=plan.get("rxbuf", 1536))
    s.settimeout(20)
    await do(s.connect(("srv", plan["port"])))
    block = bytes(1000)
    sent = 0
    ended = "never"
    end = time.time() + 60
    try:
        await do(s.sendall(b"%s %d\n" % (ask.encode(), n)))
        while time.time() < end:
            sent += await do(s.send(block))
    except ModemError as error:
        ended = type(error).__name__
    return [0, sent >= n - 2000, ended, await after(s)]


async def after(s):
    """What sending gives on a connection that has ended; then it is closed."""
    try:
        await do(s.send(b"x"))
        word = "sent"
    except ModemError as error:
        word = type(error).__name__
    await do(s.close())
    return word


async def case(modem, plan, tls, ask, n, how):
    if not modem.isconnected():
        await do(modem.connect("internet", timeout_ms=60000))
    return await (send if how == "send" else receive)(modem, plan, tls, ask, n, how)


async def main(device, flavour, path):
    with open(path) as f:
        plan = json.load(f)
    modem = await connected(device, flavour)
    for name, source in plan.get("files", ()):
        with open(source, "rb") as f:
            await do(modem.files.put(name, f))
    tls = modem.tls_context(**plan["tls"]) if plan.get("tls") else None
    found = []
    for ask, n, how in plan["cases"]:
        try:
            found.append(await case(modem, plan, tls, ask, n, how))
        except ModemRestarted:  # noticed only by opening: the lines that told it came where payload was announced
            found.append(await case(modem, plan, tls, ask, n, how))
    rssi = await do(modem.status("rssi")) is not None
    left = len(await do(modem.connections()))
    await do(modem.disconnect())
    await do(modem.close())
    result(found=found, rssi=rssi, left=left)


run(main)
