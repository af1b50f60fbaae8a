"""services_limits.py DEVICE FLAVOUR PORT: the most that a mail can have, and more. The files are on D: already."""

from both import connected, do, run
from common import result
from services_parts import attempt, mailer


def people(kind, n):
    return ["%s%d@a.example" % (kind, i) for i in range(n)]


async def main(device, flavour, port):
    modem = await connected(device, flavour)
    s = await mailer(modem, int(port))
    names = ["D:/%d.bin" % i for i in range(10)]
    most = {"cc": people("cc", 5), "bcc": people("bcc", 5), "attachments": names}
    await do(s.send_mail(people("to", 5), "s" * 512, "b" * 5120, **most))
    found = {"left": [await do(s.recipients()), await do(s.attachments())]}
    found["six"] = await attempt(s.send_mail, people("to", 6), "S", "B")
    found["eleven"] = await attempt(s.send_mail, "a@a.example", "S", "B", attachments=names + names[:1])
    found["long"] = [
        await attempt(s.send_mail, "a@a.example", "s" * 513, "B"),
        await attempt(s.send_mail, "a@a.example", "S", "b" * 5121),
    ]
    found["large"] = await attempt(s.send_mail, "a@a.example", "S", "B", attachments=["D:/6 MB.bin", "D:/5 MB.bin"])
    found["missing"] = await attempt(s.send_mail, "a@a.example", "S", "B", attachments=["D:/nowhere.bin"])
    found["none"] = [await do(s.recipients()), await do(s.attachments()), await do(s.subject())]
    await do(modem.close())
    result(found=found)


run(main)
