"""vanish.py DEVICE FLAVOUR PORT: the server goes away in the middle of a response; the next request works."""

from both import connected, do, run
from common import result
from services_parts import Hash

from modem import ModemError


async def main(device, flavour, port):
    modem = await connected(device, flavour)
    client = modem.http()
    found = {}
    for name in ("first", "second"):
        h = Hash()
        try:
            response = await do(client.get("http://srv:%s/plain" % port))
            buf = bytearray(1000)
            while True:
                k = await do(response.readinto(buf))
                if not k:
                    break
                h.write(memoryview(buf)[:k])
            found[name] = [response.status, h.size]
        except ModemError as error:
            found[name] = [type(error).__name__, error.code]
    result(**found)


run(main)
