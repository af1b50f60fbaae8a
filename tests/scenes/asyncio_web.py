"""asyncio_web.py DEVICE PORT FOLDER: a web application on microdot, as it is in FOLDER, which clients of the module's listener use."""

import asyncio
import hashlib
import sys

from both import connected, do, run
from common import hexdigest, result

from modem import AsyncModem

sys.path.append(sys.argv.pop())
import microdot.microdot


class Asyncio:
    """asyncio, with the module's connections."""

    def __init__(self, modem):
        self.start_server = modem.start_server

    def __getattr__(self, name):
        return getattr(asyncio, name)


app = microdot.Microdot()
seen = []


@app.get("/hello/<name>")
async def hello(request, name):
    seen.append(request.client_addr[0])
    return "hello " + name


@app.post("/sum")
async def checksum(request):
    return {"n": len(request.body), "sha256": hexdigest(hashlib.sha256(request.body))}


@app.get("/large")
async def large(request):
    async def pieces():
        for n in range(30):
            yield bytes([n]) * 1000

    return pieces()


@app.get("/end")
async def end(request):
    request.app.shutdown()
    return "bye"


async def main(device, port):
    modem = await connected(device, "async")
    assert isinstance(modem, AsyncModem)
    microdot.microdot.asyncio = Asyncio(modem)
    await app.start_server("0.0.0.0", int(port))
    left = await do(modem.connections())
    await modem.disconnect()
    await modem.close()
    result(seen=seen, left=left)


run(main)
