"""UDP telemetry with sleep: one small datagram per period, sent again until the server has confirmed it; in between both sleep.

Wiring  as in first_connection.py.
Change  APN, HOST, UDP_PORT, measure(), PERIOD_MS. The server answers each datagram with its first line: the sequence number.
How     A datagram may be lost or come twice: the server notices both by the number. The module sleeps after 5 s of silence, stays
        registered, and is woken by the driver before the next command. For periods of hours see modem.psm().
"""

import json

from machine import lightsleep

from modem import Modem, ModemError, SocketTimeout
from modem.supervisor import Supervisor
from ports.machine_uart import MachineUART

APN = "internet"
HOST = "telemetry.example.com"
UDP_PORT = 4000
PERIOD_MS = 300000
TRIES = 4
WAIT_S = 5

modem = Modem(MachineUART(1, 115200, tx=4, rx=5))
supervisor = Supervisor(modem, APN)
number = 0


def measure():
    return {"rssi": modem.status("rssi")}


def confirmed(s, datagram):
    """Send a datagram until its number comes back; False after TRIES."""
    for _ in range(TRIES):
        s.send(datagram)
        try:
            while s.recv(100).strip() != b"%d" % number:
                pass  # the confirmation of an earlier one
            return True
        except SocketTimeout:
            pass
    return False


while True:
    try:
        if not supervisor.step():  # not connected yet
            modem.poll(1000)
            continue
        modem.sleep(idle_ms=4000)  # from now on, until the module restarts
        number += 1
        with modem.socket(type=modem.SOCK_DGRAM) as s:
            s.settimeout(WAIT_S)
            s.connect((HOST, UDP_PORT))
            done = confirmed(s, b"%d\n%s" % (number, json.dumps(measure()).encode()))
        print(number, "confirmed" if done else "not confirmed")
    except (ModemError, OSError) as error:
        print(type(error).__name__, error)
    lightsleep(PERIOD_MS)  # the board keeps its memory; what the module sends meanwhile may be lost
