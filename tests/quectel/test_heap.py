# MicroPython only: it locks the heap and reads the allocator's counters.
"""Direct push, datagrams and transparent mode allocate nothing while data come in, nor while they are read."""

from tests.at.test_receive_heap import FixedPort, _cost
from tests.rigs.scripted_port import ready

_PAYLOAD = (bytes(range(256)) * 3 + b'\r\nOK\r\n+QIURC: "closed",0\r\n> \r\nNO CARRIER\r\nx')[:800]
_STREAM = b'\r\n+QIURC: "recv",0,%d\r\n%s\r\n' % (len(_PAYLOAD), _PAYLOAD)
_DATAGRAM = b'\r\n+QIURC: "recv",0,%d,"10.7.76.34",7687\r\n%s\r\n' % (len(_PAYLOAD), _PAYLOAD)


class PushingPort(FixedPort):
    """Has what `put` gives, cut into pieces; answers opens; allocates nothing."""

    def write(self, buf, off, n):
        if buf.startswith(b"AT+QIOPEN", off):
            self.put(b"\r\nCONNECT\r\n" if buf.find(b",2\r", off) > 0 else b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n")
        return n


def _rounds(port, sock, buf, data):
    """Return a function that puts `data` on the line and reads its payload."""

    def round():
        port.put(data)
        got = 0
        while got < len(_PAYLOAD):
            got += sock.recv_into(buf)

    return round


def _receiving(access, kind, data):
    for piece in (1, 13, 97, 512, 4096):
        port = PushingPort(piece)
        sock = ready(port).socket(type=kind, access=access, rxbuf=2048)
        sock.connect(("10.0.0.1", 80))
        buf = bytearray(len(_PAYLOAD))
        cost = _cost(_rounds(port, sock, buf, data))
        assert cost == 0, (piece, cost)
        sock.settimeout(5)
        cost = _cost(_rounds(port, sock, buf, data))
        assert cost == 0, (piece, cost)
        if access == "push":
            assert buf == _PAYLOAD


def test_pushed_blocks_of_a_stream_allocate_nothing():
    _receiving("push", 1, _STREAM)


def test_pushed_datagrams_allocate_nothing():
    _receiving("push", 2, _STREAM)


def test_transparent_data_allocate_nothing():
    _receiving("transparent", 1, _PAYLOAD)


def test_datagrams_of_the_same_sender_allocate_nothing_until_they_are_taken_out():
    port = PushingPort(97)
    modem = ready(port)
    sock = modem.socket(type=2, access="push", rxbuf=2048)
    sock.bind(("", 3030))
    engine = modem.module.engine
    buf = bytearray(len(_PAYLOAD))

    def round():
        port.put(_DATAGRAM)
        while port._ring.any():
            engine.pump()
        sock.recv_into(buf)

    cost = _cost(round)
    assert cost == 0, cost
    port.put(_DATAGRAM)
    assert sock.recvfrom_into(buf) == (len(_PAYLOAD), ("10.7.76.34", 7687)) and buf == _PAYLOAD


def test_datagrams_that_do_not_fit_allocate_nothing():
    port = PushingPort(97)
    modem = ready(port)
    sock = modem.socket(type=2, access="push", rxbuf=100)
    sock.connect(("10.0.0.1", 80))
    engine = modem.module.engine

    def round():
        port.put(_STREAM)
        while port._ring.any():
            engine.pump()

    cost = _cost(round)
    assert cost == 0, cost
    assert sock.lost > 20 * 700 and engine.events == 1
