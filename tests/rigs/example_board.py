"""example_board.py DEVICE FILE [FOLDER ...]: run a program as on an ESP32: a stand-in machine.UART is wired to the device, `machine`
and `esp32` are stand-ins, and the program can import from the folders. MicroPython only.

machine.reset() ends the program; lightsleep() returns after 20 ms and prints for how long it was asked.
"""

import sys
import time

sys.path.insert(0, sys.path[0] + "/../..")

from ports.tty_uart import TtyUart
from tests.rigs import fake_esp32
from tests.rigs.fake_machine import Board

board = Board("esp32")


def reset():
    print("reset", fake_esp32.Partition.log)
    sys.exit()


def lightsleep(time_ms):
    print("lightsleep", time_ms)
    time.sleep(0.02)


board.reset, board.lightsleep = reset, lightsleep
board.wire = TtyUart(sys.argv[1])
board.install()
sys.modules["esp32"] = fake_esp32
sys.path.extend(sys.argv[3:])
name = sys.argv[2]
with open(name) as f:
    source = f.read()
exec(compile(source, name, "exec"), {"__name__": "__main__"})
print("ended", fake_esp32.Partition.log)
