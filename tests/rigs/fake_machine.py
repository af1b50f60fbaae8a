"""A stand-in for `machine.UART`, `Pin` and `Signal`, with the behaviour of the real boards that drivers trip over.

    board = Board("rp2")            # or "esp32"; Board("rp2", any_says_some=True)
    board.install()                 # from now on `import machine` gives this stand-in; remove() undoes it
    uart = board.UART(1, 115200, rxbuf=2048)

The far end of the line is either the test itself:

    uart.feed(b"OK\\r\\n")          bytes arrive on RX; what does not fit into rxbuf is lost: counted in uart.overflow
    uart.sent(n)                    the line carries n bytes of the transmit buffer away, and they are returned

or a port (a pty, for example), which is emptied and filled at each call, as the interrupts of a real UART would:

    board.wire = TtyUart("/dev/pts/3")      or, for one UART only, board.wires[1] = ...

What the real ones do, and how it shows here:

- read, readinto and write give None for "nothing". [rp2, esp32]
- After the first byte, a read waits for each further byte up to timeout_char. Here it does not sleep: it gives what is
  there and counts one in uart.waits; so does a read on an empty buffer, which costs up to a millisecond. [rp2, esp32]
- any() gives the number of bytes; the documentation only promises "1 for some": any_says_some=True. [esp32]
- write() is short when txbuf is full, None when there is no room at all. [rp2]
- write() waits until all is queued; here the bytes it would have had to wait for are counted in uart.stalled. [esp32]
- uart.held = True: the module keeps CTS off, and nothing is carried away. Then write() would wait for ever: an AssertionError. [esp32]
- A receive buffer that overflows does not tell. [rp2, esp32] What the FIFO had no room for shows in the overrun flag: after
  uart.lose(n), and for a full receive buffer with firmware that leaves bytes in the FIFO then (Board(..., keeps=False): older
  firmware throws them away, and no flag shows it). [rp2]
- Bytes go to the receive buffer by the FIFO's contents, up to 120 at a time, or not at all. [esp32]
- init() without rxbuf or txbuf goes back to 256 bytes. [rp2] It keeps them. [esp32] Both lose what is in them.
- Printed, the baud rate is what the divider really gives. [rp2, esp32]

Neither feeding, reading, writing nor asking allocates on MicroPython, so that a driver can be tested with the heap locked.
"""

import io
import sys

import ports.machine_uart as machine_uart

try:
    from micropython import RingIO
except ImportError:

    class RingIO:
        """CPython's stand-in for the ring of the same name."""

        def __init__(self, size):
            self._data = bytearray()
            self._size = size

        def any(self):
            return len(self._data)

        def write(self, buf, off=0, n=None):
            data = bytes(memoryview(buf)[off:])[:n][: self._size - len(self._data)]
            self._data += data
            return len(data)

        def readinto(self, buf, n=None):
            data = self._data[: len(buf) if n is None else n]
            buf[: len(data)] = data
            del self._data[: len(data)]
            return len(data)


_POLL = 3  # io.IOBase.ioctl requests and flags, as in MicroPython's stream protocol
_POLL_RD = 1
_POLL_WR = 4


class Pin:
    """Keeps what was set; `Pin.log` is the history of all pins as (number, level)."""

    IN = 0
    OUT = 1
    log = []

    def __init__(self, number, mode=-1, pull=-1, value=None):
        self.number = number
        self.mode = mode
        self._level = None
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return self._level
        self._level = level
        Pin.log.append((self.number, level))


class Signal:
    """A pin that may be inverted, as machine.Signal."""

    def __init__(self, pin, invert=False):
        self._pin = pin
        self._invert = invert

    def value(self, level=None):
        if level is None:
            level = self._pin.value()
            return level ^ 1 if self._invert else level
        self._pin.value((0 if level else 1) if self._invert else level)


OVERRUN = (0x40034004, 0x40038004)  # addresses of RP2040's UARTRSR; UARTCR is 0x2C above it


class UART(io.IOBase):
    """See the module. Made by a Board, which sets `board`."""

    RTS = 2
    CTS = 1
    board = None

    def __init__(self, number, baudrate=115200, **settings):
        self.number = number
        self.baudrate = 115200
        self.made_with = settings
        self.rxbuf = self.txbuf = 256
        self.timeout = self.timeout_char = 0
        self.waits = 0
        self.stalled = 0
        self.overflow = 0
        self.open = True
        self.held = False
        self._scratch = bytearray(512)
        self._one = bytearray(1)
        self.init(baudrate, **settings)
        self.board.made.append(self)

    def init(self, baudrate=0, **settings):
        for name in ("tx", "rx", "rts", "cts"):
            # Numbers are refused by ESP32, taken by RP2040.
            assert self.board.name == "rp2" or not isinstance(settings.get(name), int), "a Pin is wanted"
        self.flow = flow = settings.get("flow", 0)
        self.board.mem32[OVERRUN[self.number] + 0x2C] = 1 << 14 if flow & UART.RTS else 0
        assert not flow & UART.RTS or "rts" in settings
        assert not flow & UART.CTS or "cts" in settings
        forgets = self.board.name == "rp2"
        self.rxbuf = settings.get("rxbuf", 256 if forgets else self.rxbuf)
        self.txbuf = settings.get("txbuf", 256 if forgets else self.txbuf)
        if baudrate:
            self.baudrate = baudrate
            wire = self.board.wires.get(self.number, self.board.wire)
            if getattr(wire, "baudrate", None) not in (None, baudrate):
                wire.set_baudrate(baudrate)
        shortest = 13000 // self.baudrate + 1
        self.timeout = settings.get("timeout", 0)
        self.timeout_char = max(settings.get("timeout_char", 0), shortest)
        self._rx = RingIO(self.rxbuf)
        self._tx = RingIO(self.txbuf)
        self._tx_size = self.txbuf

    def deinit(self):
        self.open = False

    def __str__(self):
        real = self.baudrate - self.baudrate // 5000
        flow = ""
        if self.board.name == "esp32" and self.flow:
            flow = ", flow=" + ("", "CTS", "RTS", "RTS|CTS")[self.flow]
        return "UART(%d, baudrate=%d, bits=8, parity=None, stop=1, tx=4, rx=5, txbuf=%d, rxbuf=%d, timeout=%d%s)" % (
            self.number,
            real,
            self.txbuf,
            self.rxbuf,
            self.timeout,
            flow,
        )

    __repr__ = __str__

    # The far end.

    def feed(self, data):
        """`data` arrives on RX."""
        self._arrive(data, len(data))

    def lose(self, n):
        """`n` bytes come while interrupts are off, and the FIFO has no room for them."""
        self.overflow += n
        if self.board.name == "rp2":
            self.board.mem32[OVERRUN[self.number]] = 8

    def sent(self, n=None):
        """The line carries away the first `n` bytes waiting to be sent (None: all); returns them."""
        out = bytearray(self._tx.any() if n is None else min(n, self._tx.any()))
        self._tx.readinto(out)
        return bytes(out)

    def _arrive(self, data, n):
        at = 0
        while at < n:
            chunk = min(120, n - at) if self.board.name == "esp32" else n
            if self.board.name == "esp32" and self._rx.any() + chunk > self.rxbuf:
                break
            took = self._rx.write(data, at, chunk)
            at += took
            if took < chunk:
                break
        if at < n and self.board.keeps:
            self.lose(n - at)
        else:
            self.overflow += n - at

    def _run_wire(self):
        wire = self.board.wires.get(self.number, self.board.wire)
        if wire is None:
            return
        n = wire.readinto(self._scratch, 512)
        while n:
            self._arrive(self._scratch, n)
            n = wire.readinto(self._scratch, 512)
        while self._tx.any() and not self.held:
            n = self._tx.readinto(self._scratch)
            done = 0
            while done < n:
                done += wire.write(self._scratch, done, n - done)

    # The driver's end.

    def txdone(self):
        self._run_wire()
        return not self._tx.any()

    def any(self):
        self._run_wire()
        n = self._rx.any()
        return 1 if n and self.board.any_says_some else n

    def readinto(self, buf, n=-1):
        self._run_wire()
        if n < 0:
            n = len(buf)
        if self._rx.any() < n:
            self.waits += 1
        return self._rx.readinto(buf, n) or None

    def read(self, n=-1):
        self._run_wire()
        there = self._rx.any()
        if n < 0 or there < n:
            self.waits += 1
            n = there
        out = bytearray(n)
        self._rx.readinto(out)
        return bytes(out) or None

    def write(self, buf, off=None, n=None):
        if off is None:
            return self._write(buf, 0, len(buf))
        return self._write(buf, 0, off) if n is None else self._write(buf, off, n)

    def _write(self, buf, off, n):
        self._run_wire()
        done = self._tx.write(buf, off, n)
        if done < n and self.board.name == "esp32":
            self._wait_for_room(buf, off + done, n - done)
            done = n
        self._run_wire()
        return done or None

    def _wait_for_room(self, buf, off, n):
        assert not self.held, "write() stands still for ever"
        self.stalled += n
        while n:  # the line drains while the caller waits
            self._drain_one()
            done = self._tx.write(buf, off, n)
            off += done
            n -= done

    def _drain_one(self):
        if self.board.wire is None:
            self._tx.readinto(self._one)
            self.board.carried.append(self._one[0])
        else:
            self._run_wire()

    def ioctl(self, request, flags):
        if request != _POLL:
            return -1
        self._run_wire()
        ready = _POLL_RD if self._rx.any() else 0
        if self.board.name == "esp32" or self._tx.any() < self._tx_size:
            ready |= _POLL_WR
        return ready & flags


class Board:
    """One board: its kind of UART, and the line behind it.

    wire     a port whose bytes the UART receives, and that gets what it sends; None: the test is the far end
    wires    the same for single UARTs, by their numbers
    made     all UARTs made, in order
    carried  what esp32's write() has put on the line while it waited, with wire None
    """

    def __init__(self, name, any_says_some=False, keeps=True):
        assert name in ("rp2", "esp32")
        self.name = name
        self.any_says_some = any_says_some
        self.keeps = keeps
        self.mem32 = {OVERRUN[0]: 0, OVERRUN[1]: 0}
        self.wire = None
        self.wires = {}
        self.made = []
        self.carried = []
        self.Pin = Pin
        self.Signal = Signal
        self.UART = type("UART", (UART,), {"board": self})
        self._before = self._platform = None

    def install(self):
        """`import machine` gives this board, and machine_uart.py believes to be on it."""
        self._before = sys.modules.get("machine")
        self._platform, machine_uart.PLATFORM = machine_uart.PLATFORM, self.name
        sys.modules["machine"] = self

    def remove(self):
        """`import machine` gives again what it did before."""
        machine_uart.PLATFORM = self._platform
        if self._before is None:
            del sys.modules["machine"]
        else:
            sys.modules["machine"] = self._before
