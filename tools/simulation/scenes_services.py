"""Scenes of the SIM7100's own services: mail, file transfer, web."""

from . import peers
from .program import SERVICE_S, Cut
from .scenes import scene
from .services import PASSWORD, USER, FileServer, MailServer

_MODELS = ("sim7100",)
_HOST = "mail.test"
_WEB_PORT, _SECURE_PORT = 80, 443
_S = SERVICE_S
_GET_MS = 250000
_PAGE, _SEED = 2500, 3


class Into:
    """Where data go: collects them."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        self.data += data


def _servers(world):
    page = peers.seeded(2300, 12)
    world.net.files = FileServer({"/page.bin": page})
    mail = b"From: a@peer.test\r\nDate: Thu, 01 Jan 2026 10:00:00 +0000\r\nSubject: Dry\r\n\r\nWater, please.\r\n"
    world.net.mail = MailServer([mail, mail.replace(b"Dry", b"Wet")])
    world.net.serve(_WEB_PORT, lambda: peers.WebServer(world.net, _PAGE, _SEED))
    world.net.serve(_SECURE_PORT, lambda: peers.WebServer(world.net, _PAGE, _SEED))


@scene(models=_MODELS, prepare=_servers, secrets=(USER, PASSWORD))
async def smtp(p):
    """A mail with an attachment, sent exactly once."""
    mail = p.modem.smtp()
    await p.do("server", lambda: mail.server(_HOST, 25), _S)
    await p.do("login", lambda: mail.login(USER, PASSWORD), _S)
    await p.do("sender", lambda: mail.sender("garden@peer.test", "The garden"), _S)
    data = peers.seeded(700, 21)
    p.made_files.add("C:/mail_attachments/log.csv")
    sent = lambda: mail.send_mail(  # noqa: E731 - made again by `do`
        to=["me@peer.test"], subject="Dry", body="Water, please.\r\n", attachments=[("log.csv", data)], timeout_ms=300000
    )
    taken = p.world.net.mail.taken
    before = len(taken)
    try:
        await p.do("send_mail", sent, 320.0)
    except (OSError, Cut):
        # what a restart has kept it from removing goes with the next mail
        p.afterwards.append(lambda: mail.send_mail(to=["me@peer.test"], attachments=[("next.csv", b"1")], timeout_ms=300000))
        if len(taken) > before + 1:
            p.violate("b", "%d mails were sent" % (len(taken) - before))
        raise
    if len(taken) != before + 1:
        p.violate("b", "%d mails were sent" % (len(taken) - before))
        return
    mail = taken[-1]
    if (mail.subject, mail.attachments) != ("Dry", [("log.csv", data)]) or b"Water, please." not in mail.body:
        named = b"Water, please." in mail.body and [each for _, each in mail.attachments] == [data]
        p.violate("b", "another mail was sent", plausible=named)


@scene(models=_MODELS, prepare=_servers, secrets=(USER, PASSWORD))
async def pop3(p):
    """A mailbox: count, header, a mail fetched and read, one deleted."""
    box = p.modem.pop3(_HOST, USER, PASSWORD)
    await p.do("login", box.login, _S)
    p.later.append(box.stop)
    count, size = await p.do("count", box.count, _S)
    waiting = p.world.net.mail.waiting
    if (count, size) != (len(waiting), sum(map(len, waiting))):
        p.violate("a", "%d mails with %d bytes" % (count, size), plausible=True)
    header = await p.do("header", lambda: box.header(1), _S)
    if header.get("subject") != "Dry":
        p.violate("a", "header %r" % header, plausible=True)
    path = await p.do("get", lambda: box.get(1, "eml", timeout_ms=_GET_MS), _S)
    into = Into()
    await p.do("read", lambda: box.read(into), _S)
    if bytes(into.data) != waiting[0]:
        p.violate("a", "another mail was read", plausible=len(into.data) == len(waiting[0]))
    await p.do("remove", lambda: p.modem.files.remove(path), _S)
    await p.do("delete", lambda: box.delete(2), _S)
    await p.do("logout", box.logout, _S)
    p.later.remove(box.stop)


async def _transfers(p, session):
    into = Into()
    page = p.world.net.files.files["/page.bin"]
    size = await p.do("retrieve", lambda: session.retrieve("/page.bin", into), _S)
    if bytes(into.data) != page or size != len(page):
        p.violate("a", "another file was retrieved (%d bytes)" % len(into.data))
    data = peers.seeded(1500, 22)
    stored = p.world.net.files.stored
    before = len(stored)
    await p.do("store", lambda: session.store("/copy.bin", data), _S)
    if stored[before:] != [("/copy.bin", data)]:
        renamed = [each for _, each in stored[before:]] == [data]
        p.violate("b", "stored: %r" % [(name, len(each)) for name, each in stored[before:]], plausible=renamed)
    listed = await p.do("list", lambda: session.list("/"), _S)
    if not any("page.bin" in line for line in listed):
        p.violate("a", "the file is not listed", plausible=True)


@scene(models=_MODELS, prepare=_servers, secrets=(USER, PASSWORD))
async def ftp(p):
    """A file from a server, one to it, and the list."""
    await _transfers(p, p.modem.ftp("ftp.peer.test", USER, PASSWORD))


@scene(models=_MODELS, prepare=_servers, secrets=(USER, PASSWORD))
async def ftps(p):
    """The same in a session by TLS."""
    session = p.modem.ftps("ftp.peer.test", USER, PASSWORD, verify=False)
    await p.do("open", session.open, _S)
    p.later.append(session.close)
    await _transfers(p, session)


async def _pages(p, client, scheme):
    for _ in range(2):
        response = await p.do("get", lambda: client.get("%s://%s/page" % (scheme, "peer.test")), _S)
        body = await p.do("read", response.read, _S)
        await p.do("close", response.close, _S)
        if response.status != 200 or body != peers.seeded(_PAGE, _SEED):
            p.violate("a", "another page (%d, %d bytes)" % (response.status, len(body)))
    response = await p.do("post", lambda: client.post("%s://%s/" % (scheme, "peer.test"), b"temperature=21.5"), _S)
    body = await p.do("read", response.read, _S)
    if body != b"got 16":
        p.violate("b", "the server has %r" % body)
    await p.do("close", response.close, _S)


@scene(models=_MODELS, prepare=_servers, about=("hostile",))
async def http(p):
    """Two pages and a post."""
    await _pages(p, p.modem.http(), "http")


@scene(models=_MODELS, prepare=_servers, about=("hostile",))
async def https(p):
    """The same over a kept connection by TLS."""
    client = p.modem.https(verify=False)
    p.verifies = False
    p.later.append(client.close)
    await _pages(p, client, "https")
