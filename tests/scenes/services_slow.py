"""services_slow.py DEVICE FLAVOUR SERVICE PORT N: a program that takes data more slowly than the line brings them.

Without flow control (first) and with it; a pty holds the sender back as RTS does.
"""

import asyncio
import time

from both import do, run
from common import result
from services_parts import PASSWORD, USER, Hash, digest

from modem import AsyncModem, Modem, ProtocolError
from ports.tty_uart import TtyUart


async def nap():
    await asyncio.sleep(0.3)


class Slow(Hash):
    """The first write takes 300 ms, as a flash memory does now and then."""

    def __init__(self, flavour):
        super().__init__()
        self._awaited = flavour == "async"
        self._writes = 0

    def write(self, data):
        super().write(data)
        self._writes += 1
        if self._writes == 1:
            if self._awaited:
                return nap()
            time.sleep(0.3)


async def ftp(modem, port, into):
    return await do(modem.ftp("srv", USER, PASSWORD, port).retrieve("a.bin", into))


async def http(modem, port, into):
    response = await do(modem.http().get("http://srv:%d/plain" % port))
    buf = bytearray(1000)
    while True:
        k = await do(response.readinto(buf))
        if not k:
            return into.size
        value = into.write(memoryview(buf)[:k])
        if value is not None:
            await value


async def main(device, flavour, service, port, n):
    call = {"ftp": ftp, "http": http}[service]
    found = {}
    for held in (False, True):
        modem = (AsyncModem if flavour == "async" else Modem)(TtyUart(device, None, held))
        await do(modem.start())
        await do(modem.connect("internet"))
        into = Slow(flavour)
        try:
            await call(modem, int(port), into)
            found[held] = [into.size, into.digest() == digest(int(n))]
        except ProtocolError as error:
            found[held] = error.text
        quick = Hash()
        await call(modem, int(port), quick)
        found[held] = [found[held], quick.size, await do(modem.status("rssi")) is not None]
        await do(modem.close())
    result(without=found[False], held=found[True])


run(main)
