"""Commands by SMS, from one number only: "on", "off" and "status" switch an output and ask for its state; each gets an answer.

Wiring  as in first_connection.py; a relay or LED on GPIO 25.
Change  OWNER: your own number in the international form; COMMANDS.
How     Messages of other senders are deleted unread, without an answer. A sender's number can be forged: for what must not be
        switched by anyone else, have the text begin with a secret word as well. An answer costs what an SMS costs.
"""

import time

from machine import Pin

from modem import Modem, ModemError
from ports.machine_uart import MachineUART

OWNER = "+491701234567"
PIN_NUMBER = 25
PERIOD_MS = 1000  # for which an order may wait

output = Pin(PIN_NUMBER, Pin.OUT, value=0)
modem = Modem(MachineUART(1, 115200, tx=4, rx=5))
orders = []  # texts from the owner that have not been dealt with yet


def on_event(kind, detail):
    if kind == "sms":
        sender, _, text = detail
        if sender == OWNER and isinstance(text, str):
            orders.append(text.strip().lower())
        else:
            print("ignored: a message from", sender)


def switch(level):
    output.value(level)
    return status()


def status():
    return "output %s, signal %s dBm" % ("on" if output.value() else "off", modem.status("rssi"))


COMMANDS = {"on": lambda: switch(1), "off": lambda: switch(0), "status": status}

modem.on_event(on_event)
while True:
    try:
        modem.start()
        modem.command("AT+CPIN?")  # CommandError: the card is missing or wants a PIN. A data connection is not needed
        modem.sms.listen()  # messages that arrived earlier are reported too
        while modem.status() != "down":  # until the module restarts
            modem.poll(PERIOD_MS)  # events are delivered here
            while orders:
                order = orders.pop(0)
                answer = COMMANDS[order]() if order in COMMANDS else "I know: " + ", ".join(sorted(COMMANDS))
                print(order, "->", answer)
                modem.sms.send(OWNER, answer)
    except ModemError as error:
        print(type(error).__name__, error)
        time.sleep(5)
