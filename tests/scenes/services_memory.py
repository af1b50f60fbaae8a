"""services_memory.py DEVICE FLAVOUR SERVICE PORT N: more bytes than the heap has, each way."""

import gc

from both import connected, do, run
from common import result
from services_parts import PASSWORD, USER, Hash, Stream, digest, mailer


class File(Stream):
    """A file opened for reading, as Files.put wants it."""

    def __init__(self, n):
        super().__init__(n)
        self._most = bytearray(512)

    def tell(self):
        return self._at

    def seek(self, offset, whence=0):
        self._at = self._n if whence == 2 else offset
        return self._at

    def read(self, n):
        n = self.readinto(memoryview(self._most)[: min(n, 512)])
        return bytes(memoryview(self._most)[:n])


async def files(f, n):
    """FTP and FTPS."""
    into = Hash()
    stored = await do(f.store("a.bin", Stream(n)))
    return [stored, await do(f.retrieve("a.bin", into)), into.digest() == digest(n)]


async def ftp(modem, port, n):
    return await files(modem.ftp("srv", USER, PASSWORD, port), n)


async def ftps(modem, port, n):
    f = modem.ftps("srv", USER, PASSWORD, port, verify=False)
    found = await files(f, n)
    await do(f.close())
    return found


async def web(client, url, n):
    """A POST whose body comes back."""
    response = await do(client.post(url, Stream(n), {"Content-Length": n}))
    h = Hash()
    buf = bytearray(700)
    while True:
        k = await do(response.readinto(buf))
        if not k:
            return [n, h.size, h.digest() == digest(n)]
        h.write(memoryview(buf)[:k])


async def http(modem, port, n):
    return await web(modem.http(), "http://srv:%d/" % port, n)


async def https(modem, port, n):
    client = modem.https(verify=False)
    found = await web(client, "https://srv:%d/" % port, n)
    await do(client.close())
    return found


async def smtp(modem, port, n):
    s = await mailer(modem, port)
    await do(s.send_mail("a@a.example", "S", "B", attachments=[("a.bin", File(n))]))
    return [n, n, True]


async def pop3(modem, port, n):
    p = modem.pop3("srv", "user_name", "password", port)
    path = await do(p.get(1, "both"))
    into = Hash()
    await do(p.read(into, path))
    into = Hash()
    got = await do(modem.files.get(path[: path.rfind("/")] + "/photo.bin", into))
    await do(p.stop())
    return [n, got, into.digest() == digest(n)]


async def main(device, flavour, service, port, n):
    modem = await connected(device, flavour)
    heap = gc.mem_free() + gc.mem_alloc() if hasattr(gc, "mem_free") else 0
    scenes = {"ftp": ftp, "ftps": ftps, "http": http, "https": https, "smtp": smtp, "pop3": pop3}
    found = await scenes[service](modem, int(port), int(n))
    await do(modem.close())
    result(found=found, heap=heap)


run(main)
