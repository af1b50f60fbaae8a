"""Messages, position, network information and power saving: arguments device, "sync" or "async", whether texts and places come back."""

import asyncio
import sys

from both import connected, do, run

OWN = "+15550001001"  # a message to the module's own number comes back
LONG = "Grüße € " * 40  # three parts of the GSM alphabet
EMOJI = "😀" * 40  # two parts
HOSTILE = "OK\nERROR\nRDY"


async def wait_for(modem, happened, flavour):
    """Poll, or let tasks run, until `happened()`; 20 s at most."""
    for _ in range(400):
        if happened():
            return True
        await do(modem.poll(50))
        if flavour == "async":
            await asyncio.sleep(0)
    return False


async def messages(modem, flavour, found):
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    await do(modem.sms.listen())

    def texts():
        return [detail[2] for kind, detail in events if kind == "sms"]

    reference = (await do(modem.sms.send(OWN, LONG, report=True)))[-1]
    found["long"] = await wait_for(modem, lambda: LONG in texts(), flavour)
    found["report"] = await wait_for(
        modem, lambda: [d for k, d in events if k == "sms report" and d[:3] == (reference, "delivered", OWN)], flavour
    )
    await do(modem.sms.send(OWN, EMOJI))
    await do(modem.sms.send(OWN, HOSTILE))
    found["emoji"] = await wait_for(modem, lambda: EMOJI in texts(), flavour)
    found["hostile"] = await wait_for(modem, lambda: HOSTILE in texts(), flavour) and "reboot" not in [k for k, _ in events]
    found["sender"] = [detail[0] for kind, detail in events if kind == "sms"] == [OWN] * 3
    found["deleted"] = await do(modem.sms.storage())
    await do(modem.sms.listen(keep=True))
    await do(modem.sms.send(OWN, "kept"))
    found["kept"] = await wait_for(modem, lambda: "kept" in texts(), flavour)
    message = (await do(modem.sms.list()))[-1]
    found["read"] = (message.text, message.state) == ("kept", "read") and (
        await do(modem.sms.read(message.indexes[0]))
    ).text == "kept"
    await do(modem.sms.delete(*message.indexes))
    found["empty"] = await do(modem.sms.list()) == []


async def network(modem, found):
    for name in ("operator", "technology", "band", "cell", "rssi", "rsrp", "rsrq", "sinr"):
        found[name] = await do(modem.status(name))
    seconds = []
    found["scan"] = await do(modem.scan(seconds.append))
    found["progress"] = len(seconds) >= 2
    found["psm"] = [await do(modem.psm(True, 60, 108000)), await do(modem.psm()), await do(modem.psm(False))]
    found["edrx"] = [await do(modem.edrx(21)), await do(modem.edrx()), await do(modem.edrx(0))]


async def main(device, flavour):
    found = {}
    modem = await connected(device, flavour)
    await do(modem.gnss.start())
    found["no fix"] = await do(modem.gnss.position()) is None
    await messages(modem, flavour, found)
    await network(modem, found)
    place = await do(modem.gnss.position())
    found["place"] = (place.latitude_e7 // 1000, place.longitude_e7 // 1000, place.altitude, place.utc[0] >= 2024)
    await do(modem.gnss.stop())
    found["off"] = await do(modem.gnss.active()) is False
    await do(modem.active(False))
    await do(modem.connect("internet"))
    found["radio back"] = modem.isconnected()
    await do(modem.close())

    from common import result

    result(**found)


if len(sys.argv) > 1:
    run(main)
