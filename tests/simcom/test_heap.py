# MicroPython only: it locks the heap and reads the allocator's counters.
"""Receiving on A76XX allocates nothing: a whole blocking read with its command, and pushed data, links named or not."""

from tests.at.test_receive_heap import FixedPort, _cost, _loop_cost
from tests.rigs.scripted_port import ready

_PAYLOAD = (bytes(range(256)) * 5 + b"\r\nOK\r\n+CIPRXGET: 1,1\r\n> ERROR\r\n" + b"x" * 300)[:1500]
_REPLY = b"\r\n+CIPRXGET: 2,0,1500,7\r\n" + _PAYLOAD + b"\r\n\r\nOK\r\n"
_URCS = b'\r\n+CIPRXGET: 1,0\r\n\r\n+CREG: 1\r\n\r\n+CIPRXGET: 1,7\r\n\r\n+IPCLOSE: 5,1\r\n\r\n+UNKNOWN: 5,"x"\r\n'
_TLS = _PAYLOAD[:1400]
_EMPTY = b"\r\n+IP ERROR: No data\r\n\r\nERROR\r\n\r\n+CIPRXGET: 1,0\r\n"


class Port(FixedPort):
    """Answers as A76XX does; every second read finds nothing at first."""

    empty = False

    def write(self, buf, off, n):
        if buf.startswith(b"AT+CIPRXGET=2", off):
            self.empty = not self.empty
            if self.empty:
                self.put(_EMPTY)
            else:
                self.put(_URCS)
                self.put(_REPLY)
                self.put(_URCS)
        elif buf.startswith(b"AT+CCHRECV", off):
            self.put(b"\r\nOK\r\n\r\n+CCHRECV: DATA,0,1400\r\n")
            self.put(_TLS)
            self.put(b"\r\n+CCHRECV: 0,0\r\n\r\n+CCHEVENT: 0,RECV EVENT\r\n")
        elif buf.startswith(b"AT+CCHSTART", off):
            self.put(b"\r\nOK\r\n\r\n+CCHSTART: 0\r\n")
        elif buf.startswith(b"AT+CCHOPEN", off):
            self.put(b"\r\nOK\r\n\r\n+CCHOPEN: 0,0\r\n")
        elif buf.startswith(b"AT+CIPOPEN", off):
            self.put(b"\r\nOK\r\n\r\n+CIPOPEN: 0,0\r\n")
        else:
            self.put(b"\r\nOK\r\n")
        return n


def connected(access, headers=True, tls=False):
    modem = ready(Port(), "a76xx")
    modem.module.dialect.link_headers = headers
    sock = modem.socket(access=access, rxbuf=2048, tls=modem.tls_context(verify=False) if tls else None)
    sock.connect(("srv", 1))
    return modem, sock


def test_no_bytes_for_a_blocking_read_and_its_command():
    modem, sock = connected("buffer")
    buf = bytearray(1500)

    def read():
        n = 0
        while n < 1500:
            n += sock.recv_into(buf)

    cost = _cost(read) - _loop_cost()
    assert cost <= 0, cost
    assert buf == _PAYLOAD


def _pushed_cost(modem, sock, frame):
    """What it costs to receive 1400 bytes when `frame` brings them (b"": when they are asked for)."""
    buf = bytearray(1500)
    port = modem.module.port

    def read():
        port.put(frame)
        n = 0
        while n < 1400:
            n += sock.recv_into(buf)

    return _cost(read) - _loop_cost()


def test_no_bytes_for_pushed_data():
    for head, headers in ((b"+RECEIVE,0,1400\r\n", True), (b"+IPD1400\r\n", False)):
        modem, sock = connected("push", headers)
        cost = _pushed_cost(modem, sock, b"\r\nRECV FROM:117.131.85.139:5253\r\n" + head + _PAYLOAD[:1400])
        assert cost <= 0 and sock.lost == 0, (head, cost)


def test_no_bytes_for_data_of_a_tls_session():
    for access, frame in (("buffer", b""), ("push", b"\r\n+CCHRECV: DATA,0,1400\r\n" + _TLS)):
        modem, sock = connected(access, tls=True)
        cost = _pushed_cost(modem, sock, frame)
        assert cost <= 0 and sock.lost == 0, (access, cost)
