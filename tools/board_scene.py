"""A board's program in small, for tools/sizes.py: start(), connect(), one TCP socket, over a UART that answers by itself.

Runs on MicroPython only. `UART` stands in for machine.UART (ports/machine_uart.py takes it) and for the module behind it:
each command line is answered at once, from a table by the start of the line, with OK for what the table does not name.
"""

_OK = b"\r\nOK\r\n"
_BLOCK = bytes(range(256)) + bytes(range(256))

_COMMON = (
    (b"AT+CMEE?", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),
    (b"AT+CGMI", b"\r\nManufacturer\r\n\r\nOK\r\n"),
    (b"AT+CGMR", b"\r\nREVISION01\r\n\r\nOK\r\n"),
    (b"AT+CGSN", b"\r\n861234567890123\r\n\r\nOK\r\n"),
    (b"AT+CPIN?", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"),
    (b"AT+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
    (b"AT+CGREG?", b"\r\n+CGREG: 0,1\r\n\r\nOK\r\n"),
    (b"AT+CEREG?", b"\r\n+CEREG: 0,1\r\n\r\nOK\r\n"),
    (b"AT+CSQ", b"\r\n+CSQ: 23,0\r\n\r\nOK\r\n"),
)

_MODULES = {
    "ec600e": _COMMON
    + (
        (b"AT+CGMM", b"\r\nEC600E-CN\r\n\r\nOK\r\n"),
        (b"AT+QISDE?", b"\r\n+QISDE: 0\r\n\r\nOK\r\n"),
        (b"AT+QIACT?", b'\r\n+QIACT: 1,1,1,"10.7.157.1"\r\n\r\nOK\r\n'),
        (b"AT+QIOPEN=", b'\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n\r\n+QIURC: "recv",0\r\n'),
        (b"AT+QIRD=", b"\r\n+QIRD: 512\r\n" + _BLOCK + b"\r\n\r\nOK\r\n"),
    ),
    "a76xx": _COMMON
    + (
        (b"AT+CGMM", b"\r\nA7670E\r\n\r\nOK\r\n"),
        (b"AT+NETOPEN?", b"\r\n+NETOPEN: 0\r\n\r\nOK\r\n"),
        (b"AT+NETOPEN", b"\r\nOK\r\n\r\n+NETOPEN: 0\r\n"),
        (b"AT+IPADDR", b"\r\n+IPADDR: 10.7.157.1\r\n\r\nOK\r\n"),
        (b"AT+CGPADDR", b"\r\n+CGPADDR: 1,10.7.157.1\r\n\r\nOK\r\n"),
        (b"AT+CIPOPEN=", b"\r\nOK\r\n\r\n+CIPOPEN: 0,0\r\n\r\n+CIPRXGET: 1,0\r\n"),
        (b"AT+CIPRXGET=2,", b"\r\n+CIPRXGET: 2,0,512,0\r\n" + _BLOCK + b"\r\nOK\r\n"),
    ),
}


class UART:
    """machine.UART with a module at its end. `open()` takes the memory that the real one takes from an RP2040's heap."""

    def __init__(self, model):
        self._answers = _MODULES[model]
        self._waiting = []
        self._line = b""
        self._buffers = None

    def open(self):
        self._buffers = (bytearray(2048), bytearray(256))  # rxbuf and txbuf

    def any(self):
        return len(self._waiting[0]) if self._waiting else 0

    def readinto(self, buf, n):
        if not self._waiting:
            return None
        data = self._waiting.pop(0)
        if len(data) > n:
            self._waiting.insert(0, data[n:])
        n = min(n, len(data))
        buf[:n] = data[:n]
        return n

    def write(self, buf, off, n):
        self._line += bytes(buf[off : off + n])
        while b"\r" in self._line:
            end = self._line.index(b"\r")
            self._waiting.append(self._answer(self._line[:end]))
            self._line = self._line[end + 1 :]
        return n

    def _answer(self, line):
        for start, answer in self._answers:
            if line.startswith(start):
                return answer
        return _OK


def start(uart):
    """Import the library and bring the module up; the Modem."""
    from modem import Modem
    from ports.machine_uart import MachineUART

    uart.open()
    modem = Modem(MachineUART(uart, rxbuf=2048))
    modem.start()
    modem.connect("internet")
    return modem


def connect(modem):
    """Open one TCP socket and read a block; the socket."""
    socket = modem.socket()
    socket.connect(("example.com", 80))
    data = socket.recv(len(_BLOCK))
    if data != _BLOCK[: len(data)] or not data:
        raise ValueError("the block came back as %r" % data)
    return socket
