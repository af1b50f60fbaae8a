"""Web server on the module's own address: a page with the state of the board, and a switch for an output, with microdot.

Wiring  as in first_connection.py; a relay or LED on GPIO 25.
Needs   microdot: mpremote mip install github:miguelgrinberg/microdot/src/microdot/microdot.py (or copy that file). A SIM card
        whose address can be reached from outside: most operators let nobody in, some sell such an address or a VPN.
Change  APN, PORT, PASSWORD. It crosses the network as plain text: use a VPN for what matters.
"""

import asyncio

from machine import Pin
from microdot import Microdot, redirect

from modem import AsyncModem, ModemError
from ports.machine_uart import MachineUART

APN = "internet"
PORT = 80
PASSWORD = "change me"
PIN_NUMBER = 25
PAGE = """<!doctype html><title>Board</title><p>Signal %s dBm, %s<p>The output is %s
<form method=post action=/output><input type=password name=password><button name=level value=%d>Switch</button></form>"""

app = Microdot()
modem = AsyncModem(MachineUART(1, 115200, tx=4, rx=5))
output = Pin(PIN_NUMBER, Pin.OUT, value=0)


@app.get("/")
async def index(request):
    level = output.value()
    shown = (await modem.status("rssi"), await modem.status("operator"), "on" if level else "off", 1 - level)
    return PAGE % shown, {"Content-Type": "text/html"}


@app.post("/output")
async def switch(request):
    if request.form.get("password") != PASSWORD:
        return "wrong password", 403
    output.value(int(request.form.get("level", "0")) & 1)
    return redirect("/")


async def main():
    while True:
        try:
            await modem.start()
            await modem.connect(APN)
            server = await modem.start_server(app.handle_request, "", PORT, backlog=4)
            print("http://%s:%d/" % (modem.ifconfig()[0], PORT))
            await server.serve_forever()  # until the connection to the network is lost
        except (ModemError, OSError) as error:
            print(type(error).__name__, error)
            await asyncio.sleep(5)


asyncio.run(main())
