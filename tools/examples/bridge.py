"""Bridge: the board's USB becomes a line to the module, so that any program on a computer can talk to the module.

Wiring  as in first_connection.py.
Use     `mpremote run --no-follow bridge.py`, then on the computer, with the board's serial device:
        python3 -m tools.console /dev/ttyACM0, or a terminal program, or a program of your own with ports.pyserial_uart.
        Three times Ctrl-] end it; so does a reset. Do not save it as main.py, or mpremote no longer gets to the board.
Change  the port. RATE is that of the module; the rate on USB does not matter.
"""

import sys
from select import POLLIN, poll

import micropython

from ports.machine_uart import MachineUART

RATE = 115200
END = b"\x1d\x1d\x1d"

port = MachineUART(1, RATE, tx=4, rx=5, rxbuf=4096)
usb_in, usb_out = sys.stdin.buffer, sys.stdout.buffer
waiting = poll()
waiting.register(usb_in, POLLIN)
one, buf, view = bytearray(1), bytearray(512), None
view = memoryview(buf)
last = b""

micropython.kbd_intr(-1)  # Ctrl-C goes to the module
try:
    while last != END:
        n = port.readinto(buf, len(buf))
        if n:
            usb_out.write(view[:n])
        elif waiting.poll(1):  # wait 1 ms for the computer, where the module has nothing to say
            usb_in.readinto(one)
            last = (last + one)[-3:]
            while not port.write(one, 0, 1):
                pass
finally:
    micropython.kbd_intr(3)
    port.close()
