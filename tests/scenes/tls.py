"""tls.py DEVICE FLAVOUR PLAN: files onto the module, then TLS connections one after the other, as the JSON file PLAN says.

PLAN: `files` is a list of [name on the module, path here]; `cases` a list of objects with `id`, `host`, `port`, `tls` (arguments
of tls_context), `access`, and how many bytes to fetch (`down`), to send (`up`), or through how many sockets at a time to echo
(`many`, with `sets` different settings), what the module is to say that it is set to (`read`), or through one with TLS and one
without (`plain`: the other's port).
"""

import json

from both import connected, do, download, run, upload
from common import random_bytes, result

from modem import ModemError


async def one(modem, case):
    """Run a case; return "ok", or what went wrong."""
    try:
        if "many" in case:
            return await many(modem, case)
        if "plain" in case:
            return await both_sorts(modem, case)
        tls = modem.tls_context(**case["tls"])
        if "read" in case:
            return await read_back(modem, case, tls)
        access = case.get("access", "buffer")
        word = "ok"
        for kind in ("down", "up"):
            n = case.get(kind)
            if n is None:
                continue
            s = modem.socket(access=access, tls=tls, rxbuf=1536 if access == "buffer" else 32768)
            s.settimeout(60)
            await do(s.connect((case["host"], case["port"])))
            if n:
                ask = b"%s 5 %d\n" % (case.get("ask", "HOLD").encode(), n)
                same = await (download(s, ask) if kind == "down" else upload(s, n))
                word = word if same else kind + " differs"
                if case.get("ask") == "GET" and await do(s.recv(10)) != b"":
                    word = "no end"
            await do(s.close())
        return word
    except ModemError as error:
        return error.code or str(error)
    except ValueError as error:
        return "ValueError: " + str(error).split(":")[0]


async def read_back(modem, case, tls):
    """Compare what the module says of a context in use with `case["read"]`; return what differs."""
    if await do(tls.read()) is not None:
        return "read before it is used"
    s = modem.socket(tls=tls)
    s.settimeout(30)
    try:
        await do(s.connect((case["host"], case["port"])))
    except ModemError:
        pass  # what was set stays there to be read
    found = await do(tls.read())
    await do(s.close())
    wrong = [name for name in case["read"] if listed(found[name]) != case["read"][name]]
    wrong += [name for name in found if name not in case["read"]]
    return wrong or "ok"


def listed(value):
    """Return `value` as JSON gives it back: lists for tuples."""
    return list(value) if isinstance(value, tuple) else value


async def many(modem, case):
    """Open `many` sockets with `sets` different settings, all at the same time, and have each echo something else."""
    socks = []
    for i in range(case["many"]):
        tls = modem.tls_context(handshake_timeout_s=20 + i % case["sets"], **case["tls"])
        s = modem.socket(tls=tls, rxbuf=512)
        s.settimeout(60)
        await do(s.connect((case["host"], case["port"])))
        socks.append(s)
    word = "ok"
    for i in range(len(socks)):
        data = random_bytes(400, i)
        await do(socks[i].sendall(b"ECHO 400\n" + data))
    for i in range(len(socks)):
        if await do(socks[i].read(400)) != random_bytes(400, i):
            word = "differs"
    for s in socks:
        await do(s.close())
    return word


async def both_sorts(modem, case):
    """A push TLS session and a buffered plain connection, used in turn: each sort has an access mode of its own."""
    plain = modem.socket()
    plain.settimeout(60)
    await do(plain.connect((case["host"], case["plain"])))
    secret = modem.socket(tls=modem.tls_context(**case["tls"]), access="push", rxbuf=8192)
    secret.settimeout(60)
    await do(secret.connect((case["host"], case["port"])))
    for i in range(2):
        data = random_bytes(3000, i)
        for s in (plain, secret):
            await do(s.sendall((b"ECHO 6000\n" if i == 0 else b"") + data))
        for s in (secret, plain):
            if await do(s.read(3000)) != data:
                return "differs"
    await do(plain.close())
    await do(secret.close())
    return "ok"


async def main(device, flavour, path):
    with open(path) as f:
        plan = json.load(f)
    modem = await connected(device, flavour)
    for name, source in plan["files"]:
        with open(source, "rb") as f:
            await do(modem.files.put(name, f))
    found = {}
    for case in plan["cases"]:
        found[case["id"]] = await one(modem, case)
    names = sorted([name for name, _ in await do(modem.files.list())])
    await do(modem.disconnect())
    await do(modem.close())
    result(found=found, names=names)


run(main)
