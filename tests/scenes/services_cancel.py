"""services_cancel.py DEVICE FLAVOUR SERVICE PORT N: transfers that are cancelled in the middle, and what works right afterwards.

For AsyncModem. A task is cancelled when a number of bytes have passed, or after a time (asyncio.wait_for).
"""

import asyncio

from both import connected, run
from common import result
from services_parts import PASSWORD, USER, Hash, Stream, body, content, digest, mailer

from modem import ModemError


class Sink(Hash):
    """Tells when so many bytes have come."""

    def __init__(self, at):
        super().__init__()
        self.at = at
        self.reached = asyncio.Event()

    def write(self, data):
        super().write(data)
        if self.size >= self.at:
            self.reached.set()


class Source(Stream):
    """Tells when so many bytes have been read."""

    def __init__(self, n, at):
        super().__init__(n)
        self.at = at
        self.reached = asyncio.Event()

    def readinto(self, buf):
        if self._at >= self.at:
            self.reached.set()
        return super().readinto(buf)


async def cancelled(stream, call):
    """Run a coroutine until `stream` has reached its place, then cancel it; return whether it was."""
    task = asyncio.create_task(call)
    await asyncio.wait_for(stream.reached.wait(), 30)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def cut(seconds, call):
    """Run a coroutine for so long; return whether it was cancelled then. A failure is as good as an end."""
    try:
        await asyncio.wait_for(call, seconds)
    except asyncio.TimeoutError:
        return True
    except ModemError:
        pass
    return False


TIMES = (0.001, 0.01, 0.04, 0.1)


async def files(f, n):
    """FTP and FTPS."""
    await f.store("a.bin", Stream(n))
    found = {"get": [], "put": [], "cut": 0}
    for at in (1, 3000, n // 4):
        found["get"].append(await cancelled(sink := Sink(at), f.retrieve("a.bin", sink)))
        found["put"].append(await cancelled(source := Source(n, at), f.store("b.bin", source)))
    for seconds in TIMES:
        for call in (f.list("/"), f.mkdir("dir"), f.get_file("a.bin"), f.retrieve("a.bin", Hash()), f.store("b.bin", Stream(n))):
            found["cut"] += await cut(seconds, call)
    into = Hash()
    await f.store("b.bin", Stream(n))
    await f.retrieve("b.bin", into)
    found["same"] = into.digest() == digest(n)
    found["list"] = len(await f.list("/")) >= 2
    return found


async def ftp(modem, port, n):
    return await files(modem.ftp("srv", USER, PASSWORD, port), n)


async def ftps(modem, port, n):
    async with modem.ftps("srv", USER, PASSWORD, port, verify=False) as f:
        found = await files(f, n)
    found["shut"] = False
    for seconds in TIMES:
        f = modem.ftps("srv", USER, PASSWORD, port, verify=False)
        await cut(seconds, f.open())
        await cut(seconds, f.close())
    async with modem.ftps("srv", USER, PASSWORD, port, verify=False) as f:
        found["shut"] = len(await f.list("/")) >= 2
    return found


async def web(client, base, n):
    """HTTP and HTTPS."""
    found = {"get": [], "put": [], "cut": 0}
    for at in (1, 3000, n // 4):
        found["get"].append(await cancelled(sink := Sink(at), pour(client, base + "/plain", sink)))
        found["get"].append(await cancelled(sink := Sink(at), pour(client, base + "/chunked", sink)))
        found["put"].append(await cancelled(source := Source(n, at), client.post(base + "/", source, {"Content-Length": n})))
    for seconds in TIMES:
        for name in ("/plain", "/close"):
            found["cut"] += await cut(seconds, body(client, base + name))
        found["cut"] += await cut(seconds, client.post(base + "/", content(n)))
    found["same"] = await body(client, base + "/plain")
    response = await client.post(base + "/", Stream(n), {"Content-Length": n})
    found["post"] = [response.status, len(await response.read())]
    return found


async def pour(client, url, sink):
    """GET into a sink."""
    async with await client.get(url) as response:
        buf = bytearray(500)
        while True:
            k = await response.readinto(buf)
            if not k:
                return
            sink.write(memoryview(buf)[:k])


async def http(modem, port, n):
    return await web(modem.http(), "http://srv:%d" % port, n)


async def https(modem, port, n):
    async with modem.https(verify=False) as client:
        found = await web(client, "https://srv:%d" % port, n)
    for seconds in TIMES:
        client = modem.https(verify=False)
        await cut(seconds, client.get("https://srv:%d/plain" % port))
        await cut(seconds, client.close())
    async with modem.https(verify=False) as client:
        found["shut"] = await body(client, "https://srv:%d/plain" % port)
    return found


async def smtp(modem, port, n):
    s = await mailer(modem, port)
    await modem.files.put("D:/there.bin", bytes(content(n)))
    mail = ("a@a.example", "S", Stream(3000))
    found = {"cut": 0, "left": []}
    for seconds in TIMES + (0.2, 0.3, 0.4):
        mail = ("a@a.example", "S", "body " * 200)
        found["cut"] += await cut(seconds, s.send_mail(*mail, attachments=["D:/there.bin", ("new.bin", bytes(content(700)))]))
        found["left"] += await s.recipients() + await s.attachments() + [name for name, _ in await modem.files.list("C:/*")]
    await s.send_mail("last@a.example", "Last", "x")
    found["ongoing"] = await s.ongoing()
    return found


async def pop3(modem, port, n):
    p = modem.pop3("srv", "user_name", "password", port)
    found = {"cut": 0, "read": []}
    for seconds in TIMES:
        for call in (p.count(), p.sizes(), p.header(1), p.get(1, "eml"), p.get(1, "both")):
            found["cut"] += await cut(seconds, call)
    path = await p.get(1, "eml")
    for at in (1, 3000, n // 4):
        found["read"].append(await cancelled(sink := Sink(at), p.read(sink, path)))
    into = Hash()
    await p.read(into, path)
    found["eml"] = into.digest()
    await p.delete(2)
    found["cut"] += await cut(0.01, p.get(1))
    await p.logout()
    found["left"] = (await p.count())[0]
    await cut(0.001, p.logout())
    found["again"] = (await p.count())[0]
    await p.logout()
    return found


async def main(device, flavour, service, port, n):
    modem = await connected(device, flavour)
    found = await {"ftp": ftp, "ftps": ftps, "http": http, "https": https, "smtp": smtp, "pop3": pop3}[service](
        modem, int(port), int(n)
    )
    found["rssi"] = await modem.status("rssi") is not None
    await modem.disconnect()
    await modem.close()
    result(found=found)


run(main)
