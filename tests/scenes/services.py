"""services.py DEVICE FLAVOUR SERVICE PORT [N]: mail, FTP and HTTP by the module, and what goes wrong with them.

One function per service; each prints what it has seen. The servers are those of tests/rigs/service_servers.py.
"""

from both import connected, do, run
from common import result
from services_parts import PASSWORD, USER, Hash, Stream, attempt, body, content, digest


async def ftp(modem, port, n):
    """A file each way, directories, and errors after which everything goes on."""
    f = modem.ftp("srv", USER, PASSWORD, port)
    seen = []
    stored = await do(f.store("up.bin", Stream(n), seen.append))
    into = Hash()
    got = await do(f.retrieve("up.bin", into))
    found = {"stored": stored, "told": seen[-1], "got": got, "same": into.digest() == digest(n)}
    found["settings"] = list(await do(f.settings()))
    found["missing"] = await attempt(f.retrieve, "nowhere.bin", Hash())
    found["password"] = await attempt(modem.ftp("srv", USER, "wrong", port).retrieve, "up.bin", Hash())
    found["refused"] = await attempt(modem.ftp("srv", USER, PASSWORD, 1).retrieve, "up.bin", Hash())
    found["source"] = await attempt(f.store, "half.bin", Stream(9000, 4096))
    found["empty"] = [await do(f.store("empty.bin", b"")), await do(f.retrieve("empty.bin", Hash()))]
    await do(f.mkdir("dir"))
    await do(f.store("dir/\xfc.txt", b"umlaut"))
    found["list"] = len(await do(f.list("dir")))
    await do(f.remove("dir/\xfc.txt"))
    found["empty list"] = await do(f.list("dir"))
    found["not there"] = await attempt(f.rmdir, "other")
    await do(f.rmdir("dir"))
    found["slow"] = await attempt(f.retrieve, "up.bin", Bad())
    await do(f.get_file("up.bin"))
    found["file"] = [size for name, size in await do(modem.files.list("C:/*")) if name == "up.bin"]
    await do(f.put_file("up.bin"))
    into = Hash()
    await do(modem.files.get("C:/up.bin", into))
    found["from files"] = into.digest() == digest(n)
    await do(modem.files.remove("C:/up.bin"))
    active = modem.ftp("srv", USER, PASSWORD, port, passive=False)
    found["active"] = await do(active.retrieve("up.bin", Hash()))
    return found


class Bad:
    """A sink that fails."""

    def write(self, data):
        raise RuntimeError("the disk is full")


async def ftps(modem, port, n):
    """As ftp, by TLS."""
    found = {"verify": await attempt(modem.ftps, "srv")}
    f = modem.ftps("srv", USER, PASSWORD, port, verify=False, single_ip=True)
    found["stored"] = await do(f.store("up.bin", Stream(n)))
    into = Hash()
    found["got"] = await do(f.retrieve("up.bin", into))
    found["same"] = into.digest() == digest(n)
    await do(f.mkdir("dir"))
    await do(f.chdir("dir"))
    found["cwd"] = await do(f.getcwd())
    found["missing"] = await attempt(f.retrieve, "nowhere.bin", Hash())
    found["cwd then"] = await do(f.getcwd())
    await do(f.store("\xfc.txt", b"umlaut"))
    found["list"] = [len(await do(f.list())), len(await do(f.list("/")))]
    await do(f.remove("\xfc.txt"))
    await do(f.chdir("/"))
    await do(f.rmdir("dir"))
    found["type"] = [await do(f.type("A")), await do(f.type("I")), await do(f.single_ip())]
    await do(f.get_file("up.bin"))
    await do(f.put_file("up.bin"))
    found["file"] = [size for name, size in await do(modem.files.list("up.*"))]
    await do(f.close())
    found["password"] = await attempt(modem.ftps("srv", USER, "wrong", port, verify=False).list)
    found["refused"] = await attempt(modem.ftps("srv", USER, PASSWORD, 1, verify=False).list)
    f = modem.ftps("srv", USER, PASSWORD, port, verify=False)
    found["again"] = len(await do(f.list()))
    await do(f.close())
    return found


async def web(modem, client, base, n):
    """GET in each framing, POST, HEAD, errors."""
    found = {}
    for name in ("plain", "chunked", "close"):
        found[name] = await body(client, base + "/" + name)
    response = await do(client.request("POST", base + "/", {"X-Test": "1"}, content(n)))
    h = Hash()
    h.write(await do(response.read()))
    found["post"] = [response.status, h.size == n, h.digest() == digest(n)]
    response = await do(client.request("POST", base + "/", {"Content-Length": str(n)}, Stream(n)))
    found["stream"] = [response.status, len(await do(response.read(n - 5))), len(await do(response.read()))]
    response = await do(client.request("HEAD", base + "/plain"))
    found["head"] = [response.status, response.headers["content-length"] == str(n), await do(response.read()) == b""]
    response = await do(client.get(base + "/plain"))
    await do(response.close())
    found["missing"] = (await body(client, base + "/nowhere"))[0]
    found["refused"] = await attempt(client.get, base[: base.rfind(":")] + ":1/")
    found["line end"] = await attempt(client.request, "GET", base + "/", {"X": "a\r\nb"})
    found["after"] = await body(client, base + "/plain")
    return found


async def http(modem, port, n):
    """HTTP by CHTTPACT."""
    client = modem.http()
    found = await web(modem, client, "http://srv:%d" % port, n)
    into = Hash()
    await do(client.raw("srv", port, b"GET /plain HTTP/1.0\r\n\r\n", into))
    found["raw"] = into.size > n
    return found


async def https(modem, port, n):
    """HTTPS, the session kept and given back."""
    found = {"verify": await attempt(modem.https)}
    client = modem.https(verify=False)
    found.update(await web(modem, client, "https://srv:%d" % port, n))
    await do(client.close())
    return found


async def smtp(modem, port, n):
    """A mail with attachments, settings, and failures."""
    s = modem.smtp()
    await do(s.server("srv", port))
    await do(s.login(USER, PASSWORD))
    await do(s.sender("me@a.example", "Me"))
    await do(modem.files.put("D:/there.bin", bytes(content(n))))
    mail = {"subject": "Hello", "body": 'Two\r\n.\r\nlines with "quotes"\r\nOK\r\n', "cc": ["c@a.example"]}
    mail["attachments"] = ["D:/there.bin", ("new.bin", bytes(content(700)))]
    found = {"server": await do(s.server()), "login": await do(s.login())}
    await do(s.send_mail([("a@a.example", "A"), "b@a.example"], bcc="d@a.example", **mail))
    found["left"] = [await do(s.recipients()), await do(s.attachments()), [x for x, _ in await do(modem.files.list("C:/*"))]]
    await do(s.login(USER, "wrong"))
    found["password"] = await attempt(s.send_mail, "a@a.example", "S", "B")
    found["cleared"] = [await do(s.recipients()), await do(s.subject())]
    await do(s.server("srv", 1))
    found["refused"] = await attempt(s.send_mail, "a@a.example", "S", "B")
    await do(s.server("srv", port))
    await do(s.login(USER, PASSWORD))
    found["nobody"] = await attempt(s.send)
    found["too long"] = await attempt(s.body, "x" * 5121)
    found["stop"] = await attempt(s.stop)
    found["ongoing"] = await do(s.ongoing())
    await do(s.send_mail("a@a.example", "Last", "x" * 5000))
    return found


async def pop3(modem, port, n):
    """A mailbox."""
    found = {}
    p = modem.pop3("srv", "user_name", "password", port)
    found["password"] = await attempt(modem.pop3("srv", "user_name", "wrong", port).count)
    found["refused"] = await attempt(modem.pop3("srv", "user_name", "password", 1).count)
    found["count"] = (await do(p.count()))[0]
    found["sizes"] = len(await do(p.sizes()))
    found["subject"] = (await do(p.header(1)))["subject"]
    found["no such"] = await attempt(p.header, 99)
    found["size"] = await do(p.size(1)) > 10
    path = await do(p.get(1, "eml"))
    into = Hash()
    found["eml"] = [path[-4:], await do(p.read(into)) == into.size, into.digest()]
    path = await do(p.get(1))
    into = Hash()
    await do(p.read(into, path))
    found["body"] = [path[-4:], into.size > 0]
    folder = path[: path.rfind("/")]
    for name, size in await do(modem.files.list(folder + "/*")):
        if name == "photo.bin":
            into = Hash()
            await do(modem.files.get(folder + "/" + name, into))
            found["attachment"] = [size, into.digest() == digest(n)]
    await do(p.delete(2))
    await do(p.stop())
    found["again"] = (await do(p.count()))[0]
    await do(p.delete(1))
    await do(p.logout())
    found["deleted"] = (await do(p.count()))[0]
    await do(p.logout())
    return found


async def main(device, flavour, service, port, n="0"):
    modem = await connected(device, flavour)
    scenes = {"ftp": ftp, "ftps": ftps, "http": http, "https": https, "smtp": smtp, "pop3": pop3}
    found = await scenes[service](modem, int(port), int(n))
    await do(modem.disconnect())
    await do(modem.close())
    result(found=found)


run(main)
