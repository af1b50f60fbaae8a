"""services_vanish.py DEVICE FLAVOUR SERVICE PORT N: the server goes away in the middle, each way; then everything works again."""

from both import connected, do, run
from common import result
from services_parts import PASSWORD, USER, Hash, Stream, attempt, body, content, digest, mailer


async def files(f, n):
    """FTP and FTPS: the server dies in the middle of dying.bin and dead.bin."""
    await do(f.store("good.bin", Stream(n)))
    found = {"get": await attempt(f.retrieve, "dying.bin", Hash())}
    into = Hash()
    await do(f.retrieve("good.bin", into))
    found["same"] = into.digest() == digest(n)
    found["put"] = await attempt(f.store, "dead.bin", Stream(n))
    await do(f.store("again.bin", Stream(n)))
    return found


async def ftp(modem, port, n):
    return await files(modem.ftp("srv", USER, PASSWORD, port), n)


async def ftps(modem, port, n):
    f = modem.ftps("srv", USER, PASSWORD, port, verify=False)
    found = await files(f, n)
    await do(f.close())
    return found


async def outcome(call, *args):
    """What a coroutine function gives, or the error it raises."""
    seen = []

    async def run():
        seen.append(await call(*args))

    error = await attempt(run)
    return seen[0] if seen else error


async def web(client, base, n):
    """The first and the second connection die: in a response, and in a request."""

    async def post(data):
        response = await do(client.post(base + "/", data, {"Content-Length": n}))
        return [response.status, len(await do(response.read()))]

    found = {"get": await outcome(body, client, base + "/plain"), "then": await outcome(body, client, base + "/plain")}
    found["post"] = await outcome(post, Stream(n))
    found["last"] = [await outcome(post, Stream(n)), await outcome(body, client, base + "/chunked")]
    return found


async def http(modem, port, n):
    return await web(modem.http(), "http://srv:%d" % port, n)


async def https(modem, port, n):
    client = modem.https(verify=False)
    found = await web(client, "https://srv:%d" % port, n)
    await do(client.close())
    return found


async def smtp(modem, port, n):
    s = await mailer(modem, port)
    mail = {"attachments": [("a.bin", bytes(content(n)))]}
    found = {"first": await attempt(s.send_mail, "a@a.example", "S", "B", **mail)}
    found["left"] = [
        await do(s.recipients()),
        await do(s.attachments()),
        await do(modem.files.list("C:/*")),
        await do(s.ongoing()),
    ]
    await do(s.send_mail("a@a.example", "S", "B", **mail))
    return found


async def pop3(modem, port, n):
    p = modem.pop3("srv", "user_name", "password", port)
    await do(p.delete(2))
    found = {"first": await attempt(p.get, 1, "eml"), "count": (await do(p.count()))[0]}
    into = Hash()
    path = await do(p.get(1, "eml"))
    await do(p.read(into, path))
    found["eml"] = into.digest()
    await do(p.logout())
    return found


async def main(device, flavour, service, port, n):
    modem = await connected(device, flavour)
    scenes = {"ftp": ftp, "ftps": ftps, "http": http, "https": https, "smtp": smtp, "pop3": pop3}
    found = await scenes[service](modem, int(port), int(n))
    found["rssi"] = await do(modem.status("rssi")) is not None
    await do(modem.disconnect())
    await do(modem.close())
    result(found=found)


run(main)
