"""A serial port of a desktop or server as a port, by way of pyserial (`pip install pyserial`). CPython only.

    port = SerialUART("/dev/ttyUSB2", 115200)            # or "COM7"
    port = SerialUART("socket://127.0.0.1:7000")         # raw TCP, for example a virtual modem
    port = SerialUART("rfc2217://127.0.0.1:7001")        # a serial server that carries baud rate and DTR
    port = SerialUART("spy:///dev/ttyUSB2?file=log.txt") # pyserial's own hex dump; loop://, hwgrep:// and alt:// work too

Devices with a file number are waited for in poll(2). The others (rfc2217, loop, everything on Windows) are looked at
every millisecond when a wait begins, every 10 ms when it has become long; their `pollable` is None.
"""

import errno
import select
import time

try:
    import serial
except ImportError as error:
    raise ImportError("SerialUART needs pyserial (python3 -m pip install pyserial); ports.tty_uart does without") from error

from . import Port, ticks_ms
from .machine_setup import Closed
from .overruns import Overruns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_PIECE = 1024  # longest write to a port that can only write with blocking: 11 ms at 921600 bits per second
_SOON_MS = 20  # looks of a wait: every millisecond so long,
_LATER_MS = 200  # every 5 ms so long, then every 10: 1 % of a core at most


def _os_error(error):
    """pyserial's exceptions are OSErrors, but most have no number: give it one, and keep the text."""
    return OSError(error.errno or errno.EIO, error.strerror or str(error))


class SerialUART(Port):
    """Whatever serial.serial_for_url() opens, as a port.

    device_or_url  a device name or a URL that pyserial knows
    baudrate       bits per second; over socket:// it is up to the other end, and ignored here
    rtscts         True: RTS/CTS flow control; start() turns it on in the module too (AT+IFC=2,2)
    dtr            level of DTR from opening on: True asserted, False released, None as pyserial does it (asserted)
    rxbuf          bytes the receive buffer holds; asked for on Windows, a statement elsewhere

    The device is opened for this program alone where the system can do that. What came in before is dropped, and
    the terminal's settings stay changed after close(): both are pyserial's ways (TtyUart has the others).

    OSError: no such device, in use, no permission, connection refused; also for an option that the URL's kind of port
    does not have (socket:// has neither flow control, DTR nor a baud rate to change).
    """

    def __init__(
        self, device_or_url: str, baudrate: int = 115200, rtscts: bool = False, dtr: bool | None = None, rxbuf: int = 4096
    ) -> None:
        super().__init__(baudrate)
        self.rxbuf = rxbuf
        self.flow_control = bool(rtscts)
        self._bare = device_or_url.lower().startswith("socket:")
        if self._bare and rtscts:
            raise OSError(errno.EOPNOTSUPP, "socket:// has no RTS/CTS flow control")
        # With time-out 0 pyserial's rfc2217 port gives one byte per read; _read() asks it for no more than is there.
        timeout = 1 if device_or_url.lower().startswith("rfc2217:") else 0
        self._serial = port = serial.serial_for_url(
            device_or_url, baudrate, timeout=timeout, rtscts=rtscts, exclusive=True, do_not_open=True
        )
        if dtr is not None:
            port.dtr = dtr  # before opening: otherwise the line would go up for a moment
        try:
            port.open()
        except serial.SerialException as error:
            if error.errno == errno.EAGAIN:  # flock's word for "somebody else has it"
                raise OSError(errno.EBUSY, str(error.strerror))
            raise _os_error(error)
        try:
            if dtr is not None:
                self.dtr(dtr)  # pyserial's open() says nothing when there is no such line
            self._full = None
            if hasattr(port, "set_buffer_size"):
                port.set_buffer_size(rx_size=rxbuf)
                if not rtscts:
                    self._full = rxbuf  # Windows: when so much waits, more has been lost
            self._in = self._out = self._overruns = None
            self._gone = self._overrun = False
            self._find_fd()
        except BaseException:
            port.close()
            raise

    def _find_fd(self):
        try:
            self.pollable = self._serial.fileno() if hasattr(select, "poll") else None
        except OSError:  # io.UnsupportedOperation
            self.pollable = None
        if self.pollable is None:
            return
        self._overruns = Overruns(self.pollable)
        self._serial.write_timeout = 0
        self._in = select.poll()
        self._in.register(self.pollable, select.POLLIN)
        self._out = select.poll()
        self._out.register(self.pollable, select.POLLOUT)

    def readinto(self, buf: "WriteableBuffer", n: int) -> int:
        """Up to `n` bytes into `buf`; 0: nothing there. OSError: unplugged, hung up, disconnected, closed."""
        port = self._serial
        if self._in is None:
            waiting = self._waiting()
            if self._full is not None and waiting >= self._full:
                self._overrun = True
            n = min(n, waiting)
            if not n and self._gone:
                raise OSError(errno.EIO, "the line was disconnected")
        try:
            data = port.read(n) if n else b""
        except serial.SerialException as error:
            raise _os_error(error)
        if self._in is None and len(data) < n:
            self._gone = True  # rfc2217's mark for the end came instead of a byte that was counted
        n = len(data)
        buf[:n] = data
        return n

    def lost(self) -> bool:
        """Whether the system has lost input: as Linux' driver counts, on Windows when the receive buffer is found full."""
        if self._overruns is not None:
            return self._overruns.lost()
        lost, self._overrun = self._overrun, False
        return lost

    def write(self, buf: "ReadableBuffer", off: int, n: int) -> int:
        """Sends buf[off:off + n] as far as there is room; returns how much. OSError as in readinto()."""
        port = self._serial
        if self._out is not None:
            # Without room pyserial's write() would spin until there is some.
            if not self._out.poll(0):
                return 0
        else:
            if n > _PIECE:
                n = _PIECE
            room = getattr(port, "buffer_size", None)
            if room is not None:  # loop:// waits for ever once its queue is full
                n = min(n, room - self._waiting())
        try:
            return port.write(memoryview(buf)[off : off + n]) if n else 0
        except serial.SerialException as error:
            raise _os_error(error)

    def _waiting(self):
        try:
            return self._serial.in_waiting
        except serial.SerialException as error:
            raise _os_error(error)

    def _look(self, timeout_ms, coming):
        if self._in is not None:
            return bool(self._in.poll(timeout_ms))
        start = ticks_ms()
        while True:
            try:
                if self._gone or self._waiting():
                    return True
            except OSError:
                return True  # readinto() says what is wrong
            waited = ticks_ms() - start
            if waited >= timeout_ms:
                return False
            nap = 1 if waited < _SOON_MS else 5 if waited < _LATER_MS else 10
            time.sleep(min(nap, timeout_ms - waited) / 1000)

    def set_baudrate(self, rate: int) -> None:
        """Change the line rate to `rate` bits per second. OSError: the port cannot, or refuses this rate."""
        self._check("baud rate to change")
        try:
            self._serial.baudrate = rate
        except serial.SerialException as error:
            raise _os_error(error)
        except (ValueError, NotImplementedError) as error:  # according to the kind of port
            raise OSError(errno.EINVAL, "the port refuses %d bits per second: %s" % (rate, error))
        self.baudrate = rate

    def dtr(self, level: bool) -> None:
        """Assert (True) or release (False) DTR. OSError: the port has no such line, or is gone."""
        self._check("DTR line")
        try:
            self._serial.dtr = bool(level)
        except serial.SerialException as error:
            raise _os_error(error)
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                raise OSError(errno.EOPNOTSUPP, "the device has no DTR line")
            raise

    def _check(self, option):
        if self._bare:
            raise OSError(errno.EOPNOTSUPP, "socket:// has no " + option)
        if not self._serial.is_open:
            raise OSError(errno.EBADF, "the port is closed")

    def close(self) -> None:
        """Give the device back. Closing twice does nothing."""
        if self._in is not None:
            self._in = self._out = self._overruns = Closed()
        self.pollable = None
        self._serial.close()
