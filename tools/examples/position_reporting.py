"""Position reporting: asks the module's receiver where it is, and sends that to a server as JSON, every minute.

Wiring  as in first_connection.py, and a GNSS antenna at the module, with a view of the sky. The module needs a receiver: EC25,
        EG25, BG95, BG96, A7670 with G in its name, SIM7600 and others. BG95 and BG96 receive only while LTE is idle.
Change  APN, HOST, PATH. The server is asked by plain HTTP: for TLS see http_download.py.
"""

import json

from modem import Modem, ModemError
from modem.supervisor import Supervisor
from ports.machine_uart import MachineUART

APN = "internet"
HOST = "tracker.example.com"
HTTP_PORT = 80
PATH = "/positions"
PERIOD_MS = 60000

modem = Modem(MachineUART(1, 115200, tx=4, rx=5))
supervisor = Supervisor(modem, APN)


def report():
    """What is sent; "fix" is null while there is none, which takes 30 s under a free sky after switching on, or minutes."""
    place = modem.gnss.position()
    found = {"imei": modem.config("imei"), "cell": modem.status("cell"), "fix": None}
    if place is not None:
        # Whole numbers: a board's float has 24 bits, a metre at the equator.
        found["fix"] = {"latitude_e7": place.latitude_e7, "longitude_e7": place.longitude_e7, "altitude_m": place.altitude}
        found["utc"] = place.utc
    return json.dumps(found).encode()


def post(body):
    with modem.create_connection((HOST, HTTP_PORT), timeout=30) as s:
        head = "POST %s HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        s.sendall((head % (PATH, HOST, len(body))).encode() + body)
        status = s.readline().split()[1]
        if not status.startswith(b"2"):
            raise ValueError("the server answers %s" % status.decode())


while True:
    try:
        if not supervisor.step():  # not connected yet
            modem.poll(1000)
            continue
        modem.gnss.start()  # again after a restart of the module; does nothing while the receiver is on
        post(report())
    except (ModemError, OSError, ValueError) as error:
        print(type(error).__name__, error)
    modem.poll(PERIOD_MS)
