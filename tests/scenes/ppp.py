"""A PPP session: arguments device, "sync" or "async"."""

import sys

from both import connected, do, run


async def main(device, flavour):
    from common import result

    from modem import LineBusy
    from tests.rigs.ppp_stack import PPP

    found = {}
    modem = await connected(device, flavour)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    for name in ("first", "again"):
        link = await do(modem.dial_ppp(PPP, "internet", user="me", key="secret"))
        for _ in range(200):
            if link.isconnected():
                break
            await do(link.poll(50))
        found[name] = [link.isconnected(), link.interface.address.count(".")]
        try:
            await do(modem.command("AT"))
        except LineBusy:
            found[name].append("busy")
        await do(link.close())
        found[name].append(await do(modem.status("rssi")) is not None)
    found["events"] = events
    await do(modem.connect("internet"))
    found["connected"] = modem.isconnected()
    link = await do(modem.dial_ppp(PPP))
    for _ in range(200):
        if link.isconnected():
            break
        await do(link.poll(50))
    link.interface.disconnect = lambda: None  # it says nothing: the driver fetches the line by +++
    await do(link.close())
    found["fetched"] = await do(modem.status("rssi")) is not None
    await do(modem.close())
    result(**found)


if len(sys.argv) > 1:
    run(main)
