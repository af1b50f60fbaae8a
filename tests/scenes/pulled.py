"""pulled.py DEVICE FLAVOUR PORT OWN STATE: the device disappears (the test sees NOW and takes it away) during a call that would last long."""

import time

from both import connected, do, run
from common import result

from modem import ModemError


async def end_of(call):
    """Return what became of the call, and of the next ones."""
    print("NOW")
    try:
        return repr(await do(call()))
    except ModemError as error:
        return str(error)


async def main(device, flavour, port, own, state):
    modem = await connected(device, flavour)
    sock = modem.socket(access="transparent" if state == "transparent" else "buffer", rxbuf=4096)
    if state not in ("connect", "accept", "start"):
        await do(sock.connect(("srv", int(port))))
    if state == "accept":
        await do(sock.bind(("", int(own))))
        await do(sock.listen(1))
    calls = {
        "recv": lambda: sock.recv(1),
        "readline": lambda: sock.readline(),
        "transparent": lambda: sock.recv(1),
        "accept": lambda: sock.accept(),
        "poll": lambda: modem.poll(60000),
        "command": lambda: modem.status("rssi"),
        "connect": lambda: sock.connect(("srv", int(port))),
        "send": lambda: sock.sendall(b"x" * 4000),
        "start": lambda: modem.start(),
        "close": lambda: sock.close(),
    }
    began = time.time()
    found = [await end_of(calls[state])]
    seconds = time.time() - began
    for call in (lambda: modem.poll(), lambda: sock.recv(1), lambda: modem.status("rssi"), lambda: modem.start()):
        try:
            found.append(repr(await do(call())))
        except ModemError as error:
            found.append(str(error))
        except OSError as error:
            found.append("OSError %d" % error.args[0])
    await do(sock.close())
    await do(modem.close())
    result(found=found, quick=seconds < 20, connected=modem.isconnected())


run(main)
