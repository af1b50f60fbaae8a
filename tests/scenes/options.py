"""options.py DEVICE FLAVOUR PORT PORT6 OWN: options of the stack, states of connections, activation in the background, IPv6."""

import asyncio

from both import do, download, run, upload
from common import result

from modem import AsyncModem, Modem
from ports.tty_uart import TtyUart

OPTIONS = (
    ("transpktsize", (512,)), ("transwaittm", (5,)), ("tcp/accept", (0,)), ("tcp/keepalive", (1, 60, 25, 3)),
    ("tcp/retranscfg", (5, 30)), ("qisend/timeout", (9,)), ("tcp/delay_ack", (1,)), ("dns/cache", (0,)), ("tcp/twrecycle", (1500,)),
    ("dns/retry", (2, 500)),
)  # fmt: skip
BEYOND = (
    ("transpktsize", (0,)), ("transpktsize", (1461,)), ("transwaittm", (21,)), ("tcp/accept", (2,)),
    ("tcp/keepalive", (1, 1801, 25, 3)), ("tcp/keepalive", (1, 60, 24, 3)), ("tcp/keepalive", (1, 60, 25, 11)),
    ("tcp/retranscfg", (2, 30)), ("tcp/retranscfg", (5, 61)), ("qisend/timeout", (121,)), ("tcp/delay_ack", (-1,)),
    ("dns/cache", ("1",)), ("tcp/twrecycle", (1,)), ("dns/retry", (5, 500)), ("dns/retry", (2, 99)), ("send/auto", (12, 0, "", 0)),
    ("viewmode", (1,)), ("recvind", (1,)), ("nonsense", (1,)),
)  # fmt: skip


async def options(modem):
    """Set each option, read it back; demand that what is out of range is refused."""
    wrong = []
    for name, values in OPTIONS:
        before = await do(modem.configure(name))
        await do(modem.configure(name, *values))
        if await do(modem.configure(name)) != values or before == values:
            wrong.append(name)
    await do(modem.configure("send/auto", 3, 60, "0a0B", 1))
    if [str(v).lower() for v in await do(modem.configure("send/auto", 3))][1:] != ["60", "0a0b", "1"]:
        wrong.append("send/auto")
    for name, values in BEYOND:
        try:
            await do(modem.configure(name, *values))
            wrong.append([name, values])
        except (ValueError, TypeError):
            pass
    return wrong


async def background(device, flavour):
    """Connect; what else can be done on the line meanwhile? Return the modem and how often another command was answered."""
    path, _, rate = device.partition("@")
    modem = (AsyncModem if flavour == "async" else Modem)(TtyUart(path, int(rate) if rate else None))
    await do(modem.start())
    if flavour == "sync":
        modem.connect("internet", "me", "secret", ip="ipv4v6")
        return modem, -1
    task = asyncio.create_task(modem.connect("internet", "me", "secret", ip="ipv4v6"))
    asked = 0
    while not modem.isconnected():
        await modem.command("AT+CSQ", timeout_ms=1000)
        asked += 1
        await asyncio.sleep(0.02)
    await task
    return modem, asked


async def states(modem, port, port6, own):
    """Open connections of several kinds and ask for them in all forms."""
    one = await do(modem.create_connection(("srv", port)))
    six = await do(modem.create_connection(("::1", port6), access="push"))
    udp = modem.socket(type=modem.SOCK_DGRAM)
    await do(udp.bind(("", 0)))
    listener = modem.socket()
    await do(listener.bind(("", own)))
    await do(listener.listen(2))
    every = await do(modem.connections())
    found = [[c[0], c[1], c[5], c[8]] for c in every]
    single = await do(modem.connections(link=1))
    forms = [await do(modem.connections(context=1)) == every, single == [every[1]], await do(modem.connections(link=7)) == []]
    forms.append(every[0][3] == port and every[1][2:4] == ("::1", port6))
    for s in (one, six, udp, listener):
        await do(s.close())
    forms.append(await do(modem.connections()) == [])
    return found, forms


async def contexts(modem, port, own):
    """A connection in the second context, from a port of one's own, while the first context is up."""
    first = await do(modem.create_connection(("srv", port)))
    modem.context = 2
    await do(modem.connect("other"))
    s = modem.socket()
    s.settimeout(20)
    await do(s.bind(("", own)))
    await do(s.connect(("srv", port)))
    (line,) = await do(modem.connections(context=2))
    good = [line[4] == own == s.getsockname()[1], await download(s, b"GET 6 5000\n")]
    await do(modem.disconnect())  # of the second: the first goes on
    modem.context = 1
    await do(modem.connect("internet", "me", "secret", ip="ipv4v6"))
    good.append(await download(first, b"GET 7 5000\n"))
    await do(s.close())
    await do(first.close())
    return good


async def main(device, flavour, port, port6, own):
    modem, asked = await background(device, flavour)
    found = {"asked": asked > 1 or flavour == "sync"}
    found["addresses"] = [modem.ifconfig()[0].count("."), modem.ipconfig("addr6")[0][0].count(":") > 1]
    found["states"], found["forms"] = await states(modem, int(port), int(port6), int(own))
    six = modem.socket(modem.AF_INET6)
    six.settimeout(20)
    await do(six.connect(("six.test", int(port6))))
    found["down"] = await download(six, b"GET 4 20000\n")
    await do(six.close())
    six = modem.socket(modem.AF_INET6)
    await do(six.connect(("::1", int(port6))))
    found["up"] = await upload(six, 20000)
    await do(six.flush())
    sent, acknowledged, pending = await do(six.stats())
    found["stats"] = sent == acknowledged > 20000 and pending == 0
    await do(six.close())
    udp = modem.socket(modem.AF_INET6, modem.SOCK_DGRAM)
    udp.settimeout(20)
    await do(udp.connect(("::1", int(port6))))
    await do(udp.send(b"six"))
    found["udp"] = await do(udp.recv(10)) == b"six"
    await do(udp.close())
    found["resolved"] = (await do(modem.resolve("six.test")))[0]
    found["contexts"] = await contexts(modem, int(port), int(own))
    found["wrong"] = await options(modem)
    await do(modem.disconnect())
    await do(modem.close())
    result(**found)


run(main)
