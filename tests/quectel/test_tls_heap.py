# MicroPython only: it locks the heap and reads the allocator's counters.
"""The receive path of a TLS connection allocates nothing, as that of a plain one (tests/at/test_receive_heap.py)."""

from tests.at.test_receive_heap import _BLOCK, _PAYLOAD, FixedPort, _cost
from tests.rigs.scripted_port import ready

_REPLY = b"\r\n+QSSLRECV: 1500\r\n" + _PAYLOAD + b"\r\n\r\nOK\r\n"
_URCS = b'\r\n+QSSLURC: "recv",0\r\n\r\n+CREG: 1\r\n\r\n+QSSLURC: "recv",3\r\n\r\n+QSSLURC: "closed",7\r\n'
_PUSHED = b'\r\n+QSSLURC: "recv",0,1500\r\n' + _PAYLOAD + b"\r\n"


class TlsPort(FixedPort):
    """Answers each read command with the same block, URCs around it."""

    urcs = _URCS

    def write(self, buf, off, n):
        if buf.startswith(b"AT+QSSLRECV", off):
            self.put(self.urcs)
            self.put(_REPLY)
            self.put(self.urcs)
        elif buf.startswith(b"AT+QSSLOPEN", off):
            self.put(b"\r\nOK\r\n\r\n+QSSLOPEN: 0,0\r\n")
        else:
            self.put(b"\r\nOK\r\n")
        return n


def _connected(port, **options):
    modem = ready(port, "ec200u")
    return modem.create_connection(("host", 443), tls=modem.tls_context(verify=False), **options)


def test_a_whole_blocking_read_with_its_command_allocates_nothing():
    for piece in (13, 97, 4096):
        sock = _connected(TlsPort(piece))
        buf = bytearray(_BLOCK)

        def round(sock=sock, buf=buf):
            got = 0
            while got < _BLOCK:
                got += sock.recv_into(buf)

        assert _cost(round) == 0, piece
        assert buf == _PAYLOAD


def test_a_pushed_block_allocates_nothing():
    port = TlsPort()
    sock = _connected(port, access="push", rxbuf=4096)
    buf = bytearray(_BLOCK)

    def round():
        port.put(_PUSHED)
        got = 0
        while got < _BLOCK:
            got += sock.recv_into(buf)

    assert _cost(round) == 0
    assert sock.link.lost == 0
