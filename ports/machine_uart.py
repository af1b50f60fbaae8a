"""The UART of a board as a port: MicroPython's machine.UART on ESP32, RP2040 and their kin.

    port = MachineUART(1)                                   # RP2040: UART1 on GP4 (tx) and GP5 (rx)
    port = MachineUART(1, 460800, tx=17, rx=16, rts=18, cts=19, rxbuf=4096)
    port = MachineUART(machine.UART(0, 115200, rxbuf=1024)) # one that is ready

What machine.UART does behind its documentation, and what this file does about it:

- A read waits for each byte after the first one up to `timeout_char` (at least a character time), whatever `timeout`
  says; RP2040 even waits for the next millisecond tick when nothing is there. So any() is asked first, and never more
  is read than it tells: no read here ever waits.
- Reads and writes say None for "nothing": here it is 0.
- write() is short on RP2040, and on ESP32 waits until everything is queued. Pieces of at most the transmit buffer's
  size keep that wait below the time this many bytes take: 22 ms for 256 bytes at 115200 bits per second.
- A full receive buffer drops bytes without a word. It holds `rxbuf` bytes: rxbuf * 10 / baudrate seconds of pause.
  Writing to flash stops an RP2040 for 50 ms, and then only its 32 byte FIFO receives: use RTS and CTS with it.
- init() without rxbuf goes back to 256 bytes on RP2040, so set_baudrate() repeats all settings.
"""

import sys
import time

from . import Port, ticks_diff, ticks_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _typeshed import ReadableBuffer, WriteableBuffer

_NAP_LONG_MS = 10
_SOON_MS = 50


class MachineUART(Port):
    """A machine.UART as a port.

    uart_or_id  number of the UART, or a ready machine.UART; that one is used as it is: rts, cts and further arguments
                are then a ValueError, and so is a receive buffer of less than 512 bytes (machine.UART's default is 256);
                its rates and buffer sizes are read from what it prints, and close() leaves it on
    baudrate    bits per second; 115200 is what Quectel's and SIMCom's modules have or find by themselves
    tx, rx      numbers or machine.Pin; tx goes to the module's RXD, rx to its TXD (through level shifters: 1.8 V)
    rts, cts    numbers or machine.Pin, or None; each given one turns its direction of flow control on. rts (output)
                goes to the module's input for it, cts (input) to its output: RTS and CTS on Quectel's modules, on some
                of SIMCom's the other way round; start() sends AT+IFC=2,2 where rts is given
    dtr         number, machine.Pin or machine.Signal of an output, or None. DTR is asserted, that is low, from here
                on, so that the module stays awake; behind an inverting level shifter give
                machine.Signal(pin, invert=True)
    rxbuf       bytes of the receive buffer; at least 2048 for blocks of 1500 bytes with a pause of some ms
    extra       further arguments of machine.UART: txbuf (default 256), invert, bits, parity, stop, ...

    While it waits, the program sleeps in time.sleep_ms(), where the chip saves power: 1 ms at a time, after 50 ms of
    silence up to 10 ms, and never longer than a quarter of the receive buffer takes to fill.
    """

    def __init__(
        self, uart_or_id: "Any", baudrate: int = 115200, tx: "Any" = 4, rx: "Any" = 5, rts: "Any" = None, cts: "Any" = None,
        dtr: "Any" = None, rxbuf: int = 2048, **extra: "Any",
    ) -> None:  # fmt: skip
        super().__init__(baudrate)
        self.rxbuf = rxbuf
        self._own = not hasattr(uart_or_id, "readinto")
        from .machine_setup import make, printed

        if self._own:
            self._uart, self._settings, self._piece = make(uart_or_id, baudrate, tx, rx, rts, cts, rxbuf, extra)
            self.flow_control = rts is not None
        elif rts is not None or cts is not None or extra:
            raise ValueError("rts, cts and further arguments are for a UART that is made here")
        else:
            self._uart = uart_or_id
            self.baudrate, self.rxbuf, self._piece = printed(uart_or_id, baudrate, rxbuf)
            self._settings = {"rxbuf": self.rxbuf, "txbuf": self._piece}
        del sys.modules["ports.machine_setup"], sys.modules["ports"].machine_setup  # it takes memory, and is needed once
        self.pollable = self._uart
        self._dtr = None
        if dtr is not None:
            from machine import Pin

            self._dtr = Pin(dtr, Pin.OUT, value=0) if isinstance(dtr, int) else dtr
            self.dtr(True)
        self._set_nap()

    def _set_nap(self):
        quarter_ms = self.rxbuf * 2500 // self.baudrate
        self._nap_ms = 1 if quarter_ms < 1 else quarter_ms if quarter_ms < _NAP_LONG_MS else _NAP_LONG_MS

    def readinto(self, buf: "WriteableBuffer", n: int) -> int:
        """Up to `n` bytes into `buf`, at once; 0: nothing there. OSError: closed."""
        there = self._uart.any()
        if not there:
            return 0
        return self._uart.readinto(buf, there if there < n else n) or 0

    def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
        """Sends buf[off:off + n] as far as there is room, at most the transmit buffer's size; returns how much."""
        return self._uart.write(buf, off, n if n < self._piece else self._piece) or 0

    def _look(self, timeout_ms):
        start = ticks_ms()
        while not self._uart.any():
            waited = ticks_diff(ticks_ms(), start)
            if waited >= timeout_ms:
                return False
            nap = 1 if waited < _SOON_MS else self._nap_ms
            if nap > timeout_ms - waited:
                nap = timeout_ms - waited
            time.sleep_ms(nap)
        return True

    def set_baudrate(self, rate: int) -> None:
        """Change the line rate to `rate` bits per second. What is in the buffers may be lost: wait for the answer before.

        OSError or ValueError: the board cannot.
        """
        self._uart.init(baudrate=rate, **self._settings)
        self.baudrate = rate
        self._set_nap()

    def dtr(self, level: bool) -> None:
        """Assert (True: the pin goes low) or release (False) DTR. OSError: no pin was given."""
        if self._dtr is None:
            super().dtr(level)
        self._dtr.value(0 if level else 1)

    def close(self) -> None:
        """Turn the UART off if it was made here. Closing twice does nothing."""
        from .closed import Closed

        uart = self._uart
        self._uart = Closed()
        self.pollable = None
        if self._own:
            self._own = False
            uart.deinit()
