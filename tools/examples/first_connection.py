"""First connection: find the module, join the network, read one line from a server; says what to check when a step fails.

Wiring  module TXD to GPIO 5, module RXD to GPIO 4, through level shifters for a module with 1.8 V; GND to GND. The module needs a
        supply of its own that can deliver 2 A (ports/README.md).
Change  the port, APN to that of your SIM card's operator, PIN if the card asks for one.
"""

from modem import Modem, ModemError, ModemTimeout, RegistrationDenied, SimError
from ports.machine_uart import MachineUART  # on a desktop: from ports.pyserial_uart import SerialUART

APN = "internet"
PIN = None
HOST = "example.com"
HTTP_PORT = 80

modem = Modem(MachineUART(1, 115200, tx=4, rx=5))  # on a desktop: SerialUART("/dev/ttyUSB2", 115200)


def find_module():
    try:
        modem.start()
    except ModemTimeout:
        print(
            "No answer. Is the module switched on? Are TXD and RXD crossed? Is it the baud rate? start(rates=True) tries several."
        )
        raise
    print("module:", modem.config("model"), modem.config("revision"))


def join_network():
    try:
        modem.connect(APN, pin=PIN)
    except SimError as error:
        print("SIM card:", error, "- is it inserted, and is the PIN right? Tries left:", error.tries_left)
        raise
    except RegistrationDenied:
        print("The network refuses the card. Is it active, and has it roaming where you are?")
        raise
    except ModemTimeout:
        print("No network. Signal:", modem.status("rssi"), "dBm. Is the antenna connected?")
        raise
    print("network:", modem.status("operator"), modem.status("technology"), modem.status("rssi"), "dBm")
    print("address:", modem.ifconfig()[0])


def ask_server():
    with modem.create_connection((HOST, HTTP_PORT), timeout=30) as s:
        s.sendall(b"GET / HTTP/1.0\r\nHost: %s\r\n\r\n" % HOST.encode())
        print("server:", s.readline().decode().strip())


try:
    find_module()
    join_network()
    ask_server()
except ModemError as error:
    print(type(error).__name__, error)
finally:
    modem.close()
