"""The UART of a board as a port: MicroPython's machine.UART on ESP32, RP2040 and their kin.

    port = MachineUART(1)                                   # RP2040: UART1 on GP4 (tx) and GP5 (rx)
    port = MachineUART(1, 460800, tx=17, rx=16, rts=18, cts=19, rxbuf=4096)     # ESP32: any pins, but they must be named
    port = MachineUART(machine.UART(0, 115200, rxbuf=1024)) # one that is ready

What machine.UART does behind its documentation, and what this file does about it:

- A read waits for each byte after the first one up to `timeout_char` (at least a character time), whatever `timeout`
  says; RP2040 even waits for the next millisecond tick when nothing is there. So any() is asked first, and never more
  is read than it tells: no read here ever waits.
- Reads and writes say None for "nothing": here it is 0.
- write() is short on RP2040, and on ESP32 waits until everything is queued. Pieces of at most the transmit buffer's
  size keep that wait below the time this many bytes take: 22 ms for 256 bytes at 115200 bits per second. Where CTS may
  stop the line, that could be for ever: no more is written on ESP32 than fits for sure, as txdone() tells.
- A full receive buffer drops bytes without a word. It holds `rxbuf` bytes: rxbuf * 10 / baudrate seconds of pause, 178 ms
  for 2048 bytes at 115200 bits per second. Writing to flash (a log, a settings file) stops an RP2040 for 50 ms or more, and
  then only its 32 byte FIFO receives, whatever rxbuf is: in every access mode, use RTS and CTS with a program that does so.
  What is lost is told by lost(): a buffer that is found full, and on RP2040 and RP2350 the UART's own overrun flag.
- init() without rxbuf goes back to 256 bytes on RP2040, so set_baudrate() repeats all settings.
"""

import sys
import time

from . import Port, ticks_diff, ticks_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _typeshed import ReadableBuffer, WriteableBuffer

PLATFORM = sys.platform  # whose machine.UART it is: "rp2", "esp32", ...

_NAP_LONG_MS = 10
_SOON_MS = 50
_OVERRUN = 8  # bit OE of UARTRSR (PL011 Technical Reference Manual, 3.3.2): stays until the register is written
_NEVER = 0x3FFFFFFF
_FIFO = 128  # bytes of ESP32's, at most: its driver moves them to the receive buffer together, which is full when they do not fit
_PER_WRITE = 48  # bytes that ESP-IDF's transmit buffer takes for a write besides its data, at most


class MachineUART(Port):
    """A machine.UART as a port.

    uart_or_id  number of the UART, or a ready machine.UART; that one is used as it is: rts, cts and further arguments
                are then a ValueError; its rates and buffer sizes are read from what it prints, and close() leaves it on
    baudrate    bits per second; 115200 is what Quectel's and SIMCom's modules have or find by themselves
    tx, rx      numbers or machine.Pin; tx goes to the module's RXD, rx to its TXD (through level shifters: 1.8 V). None: on
                RP2040 and RP2350 the UART's first pins, GP0 and GP1 or GP4 and GP5; elsewhere ValueError, as no pins of an
                ESP32 are safe on every board: GPIO 4 and 5 switch the module off or reset it on some (boards.py)
    rts, cts    numbers or machine.Pin, or None; each given one turns its direction of flow control on. rts (output)
                goes to the module's input for it, cts (input) to its output: RTS and CTS on Quectel's modules, on some
                of SIMCom's the other way round; start() sends AT+IFC=2,2 where rts is given
    dtr         number, machine.Pin or machine.Signal of an output, or None. DTR is asserted, that is low, from here
                on, so that the module stays awake; behind an inverting level shifter give
                machine.Signal(pin, invert=True)
    rxbuf       bytes of the receive buffer; at least 2048 for blocks of 1500 bytes with a pause of some ms. ValueError for
                less than 512 (machine.UART's default is 256), as no block of data fits
    extra       further arguments of machine.UART: txbuf (default 256; 4096 on ESP32 with cts), invert, bits, parity, ...

    While it waits, the program sleeps in time.sleep_ms(), where the chip saves power: as long as what is known to come
    takes on the line, at most half of the receive buffer; else 1 ms at a time, after 50 ms of silence up to 10 ms, and never
    longer than a quarter of the receive buffer takes to fill.
    """

    def __init__(
        self, uart_or_id: "Any", baudrate: int = 115200, tx: "Any" = None, rx: "Any" = None, rts: "Any" = None, cts: "Any" = None,
        dtr: "Any" = None, rxbuf: int = 2048, **extra: "Any",
    ) -> None:  # fmt: skip
        super().__init__(baudrate)
        self.rxbuf = rxbuf
        self._own = not hasattr(uart_or_id, "readinto")
        from .machine_setup import check, make, overrun_flag, printed

        if self._own:
            check(rxbuf)
            number, held = uart_or_id, cts is not None
            self.flow_control = rts is not None
            self._uart, self._settings, self._piece = make(number, baudrate, tx, rx, rts, cts, rxbuf, extra, PLATFORM)
        elif rts is not None or cts is not None or extra:
            raise ValueError("rts, cts and further arguments are for a UART that is made here")
        else:
            self._uart = uart_or_id
            found = printed(uart_or_id, baudrate, rxbuf, PLATFORM)
            self.baudrate, self.rxbuf, self._piece, number, self.flow_control, held = found
            self._settings = {"rxbuf": self.rxbuf, "txbuf": self._piece}
        self._memory, self._status = overrun_flag(number, PLATFORM)
        del sys.modules["ports.machine_setup"], sys.modules["ports"].machine_setup  # it takes memory, and is needed once
        self._overrun = False
        self._full = self.rxbuf - (_FIFO - 1 if PLATFORM == "esp32" else 0)
        if self.flow_control:
            self._full = _NEVER  # the module is held back, and nothing is lost
        self._queued = -1  # write() never stands still
        if held and PLATFORM == "esp32":
            self._queued = 0
            self._piece //= 2  # its driver cuts nothing in two: half of the buffer is sure to be had
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
        if there >= self._full:
            self._overrun = True
        return self._uart.readinto(buf, there if there < n else n) or 0

    def lost(self) -> bool:
        """Whether the receive buffer was full, where nothing holds the module back, or the UART had no room for a byte."""
        if self._status is not None and self._memory[self._status] & _OVERRUN:
            self._memory[self._status] = 0
            self._overrun = True
        if self._overrun:
            self._overrun = False
            return True
        return False

    def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
        """Sends buf[off:off + n] as far as there is room, at most the transmit buffer's size; returns how much."""
        if n > self._piece:
            n = self._piece
        if self._queued >= 0:
            n = self._room(n)
            if not n:
                return 0
        return self._uart.write(buf, off, n) or 0

    def _room(self, n):
        """How much of `n` bytes fits for sure, counted from when all had gone out."""
        if self._uart.txdone():
            self._queued = 0
        room = self._piece - self._queued - _PER_WRITE
        if n > room:
            n = room if room > 0 else 0
        if n:
            self._queued += n + _PER_WRITE
        return n

    def _look(self, timeout_ms, coming):
        start = ticks_ms()
        if coming > 1:
            coming = self.line_ms(coming) - self.line_ms(self._uart.any())
            if coming > 0:
                time.sleep_ms(coming if coming < timeout_ms else timeout_ms)
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
        self.lost()
        self._set_nap()

    def dtr(self, level: bool) -> None:
        """Assert (True: the pin goes low) or release (False) DTR. OSError: no pin was given."""
        if self._dtr is None:
            super().dtr(level)
        self._dtr.value(0 if level else 1)

    def close(self) -> None:
        """Turn the UART off if it was made here. Closing twice does nothing."""
        from .machine_setup import Closed

        uart = self._uart
        self._uart = Closed()
        self.pollable = None
        if self._own:
            self._own = False
            uart.deinit()
