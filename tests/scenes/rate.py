"""rate.py DEVICE@RATE FLAVOUR PORT: the baud rate is changed, data pass at it, the module restarts and is found again."""

from both import connected, do, download, run
from common import result

from modem import CommandError


async def whole(modem, port):
    s = modem.socket()
    s.settimeout(20)
    await do(s.connect(("srv", int(port))))
    same = await download(s, b"GET 3 4000\n")
    await do(s.close())
    return same


async def main(device, flavour, port):
    modem = await connected(device, flavour)
    found = {}
    for rate, store in ((921600, False), (57600, False), (460800, True), (230400, False)):
        await do(modem.set_baudrate(rate, store=store))
        found[str(rate)] = await whole(modem, port)
    try:
        await do(modem.set_baudrate(1152000))
    except CommandError:
        found["refused"] = await whole(modem, port)
    await do(modem.command("AT+CFUN=1,1"))
    await do(modem.poll(500))
    await do(modem.start())
    await do(modem.connect("internet"))
    found["again"] = modem.module.port.baudrate
    found["whole"] = await whole(modem, port)
    await do(modem.close())
    result(**found)


run(main)
