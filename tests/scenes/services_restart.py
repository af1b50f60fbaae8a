"""services_restart.py DEVICE FLAVOUR SERVICE PORT N: the module restarts, or loses its context, in the middle; then all is well."""

from both import connected, do, run
from common import result
from services_parts import PASSWORD, USER, Hash, attempt, digest


async def retrieve(f):
    into = Hash()
    await do(f.retrieve("a.bin", into))
    return into


async def ftp(modem, port):
    return await retrieve(modem.ftp("srv", USER, PASSWORD, port))


async def ftps(modem, port):
    f = modem.ftps("srv", USER, PASSWORD, port, verify=False)
    into = await retrieve(f)
    await do(f.close())
    return into


async def body(client, url):
    response = await do(client.get(url))
    into = Hash()
    buf = bytearray(700)
    while True:
        k = await do(response.readinto(buf))
        if not k:
            return into
        into.write(memoryview(buf)[:k])


async def http(modem, port):
    return await body(modem.http(), "http://srv:%d/plain" % port)


async def https(modem, port):
    client = modem.https(verify=False)
    into = await body(client, "https://srv:%d/plain" % port)
    await do(client.close())
    return into


async def main(device, flavour, service, port, n):
    modem = await connected(device, flavour)
    call = {"ftp": ftp, "ftps": ftps, "http": http, "https": https}[service]
    kept = {"https": modem.https(verify=False), "ftps": modem.ftps("srv", USER, PASSWORD, int(port), verify=False)}.get(service)
    if kept is None:
        found = {"first": await attempt(call, modem, int(port))}
    elif service == "https":
        found = {"first": await attempt(body, kept, "https://srv:%s/plain" % port)}
    else:
        found = {"first": await attempt(retrieve, kept)}
    await do(modem.start())
    await do(modem.connect("internet"))
    if kept is None:
        into = await call(modem, int(port))
    elif service == "https":
        into = await body(kept, "https://srv:%s/plain" % port)  # the same client, whose session the module has forgotten
    else:
        into = await retrieve(kept)
    found["same"] = into.digest() == digest(int(n))
    found["another"] = (await call(modem, int(port))).size == int(n)
    await do(modem.close())
    result(found=found)


run(main)
