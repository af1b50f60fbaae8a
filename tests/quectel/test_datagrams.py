"""Datagram sockets on a Quectel module: one peer, or a service for any; boundaries, senders, what does not fit."""

from modem import CommandError, SocketTimeout
from tests.conformance import check
from tests.quectel.test_sockets import NASTY, module, pulled, push
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK
from tests.rigs.scripted_port import modem_of, ready


def service(access="buffer", rxbuf=3000, **table):
    port = module(**table)
    port.after = b"\r\nSEND OK\r\n"
    modem = ready(port)
    sock = modem.socket(type=modem.SOCK_DGRAM, access=access, rxbuf=rxbuf)
    sock.settimeout(5)
    sock.bind(("", 3030))
    return port, sock


def datagrams(*given, end=b"\r\n"):
    """Answers to AT+QIRD on a service: `(data, address, port)` each, then nothing. `end`: what follows the header."""
    left = list(given)

    def answer(line):
        if not left:
            return b"\r\n+QIRD: 0\r\n\r\nOK\r\n"
        data, address, port = left.pop(0)
        return b'\r\n+QIRD: %d,"%s",%d%s%s\r\n\r\nOK\r\n' % (len(data), address, port, end, data)

    return answer


def test_service_names_the_receiver_and_tells_the_sender():
    port, sock = service()
    assert port.lines[-1] == b'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,3030,0'
    assert sock.sendto(NASTY, ("10.7.89.10", 6969)) == len(NASTY)
    assert port.lines[-1] == b'AT+QISEND=0,%d,"10.7.89.10",6969' % len(NASTY) and port.payloads == [NASTY]
    port.table[b"AT+QIRD="] = datagrams((NASTY, b"10.7.76.34", 7687), (b"two", b"10.7.76.35", 1))
    got = sock.recvfrom(1500), sock.recvfrom(2)
    check("Q-157", got, ((NASTY, ("10.7.76.34", 7687)), (b"tw", ("10.7.76.35", 1))))
    buf = bytearray(10)
    port.table[b"AT+QIRD="] = datagrams((b"three", b"10.7.76.34", 7687))
    port.later(0, b'\r\n+QIURC: "recv",0\r\n')
    assert sock.recvfrom_into(buf) == (5, ("10.7.76.34", 7687)) and bytes(buf[:5]) == b"three"


def test_headers_with_and_without_line_break_before_the_data():
    for end in (b"\r\n", b"", b","):
        for data in (b"AAAA", b"+QIURC", b"\r\n\r\n", b"a\r\nOK\r\nb", b"x" * 300, b"line\n", b"\x00"):
            if end == b"," or (end == b"" and data[:1] in b"\r\n"):
                continue
            port, sock = service()
            port.table[b"AT+QIRD="] = datagrams((data, b"10.7.76.34", 7687), (b"next", b"1.2.3.4", 5), end=end)
            got = sock.recvfrom(1500), sock.recvfrom(1500)
            check("Q-161", got, ((data, ("10.7.76.34", 7687)), (b"next", ("1.2.3.4", 5))))


def test_pushed_datagrams_keep_boundaries_and_senders():
    port, sock = service("push")
    for k in (1, 2, 3):
        header = b'\r\n+QIURC: "recv",0,%d,"10.0.0.%d",%d\r\n' % (len(NASTY) * k, k, 1000 + k)
        port.later(0, header + NASTY * k + b"\r\n")
    for k in (1, 2, 3):
        assert sock.recvfrom(1500) == (NASTY * k, ("10.0.0.%d" % k, 1000 + k))


def test_datagram_that_does_not_fit_is_dropped_whole_and_reported():
    port, sock = service("push", rxbuf=100)
    events = []
    modem_of(sock).on_event(lambda kind, detail: events.append((kind, detail)))
    for n in (60, 50, 40):
        port.later(0, b'\r\n+QIURC: "recv",0,%d,"10.0.0.1",5\r\n%s\r\n' % (n, b"d" * n))
    modem_of(sock).poll(10)
    assert events == [("overflow", (sock, 50))] and sock.lost == 50
    assert [len(sock.recv(100)), len(sock.recv(100))] == [60, 40]
    with raises(SocketTimeout):
        sock.recv(100)


def test_connected_socket_has_one_peer_and_whole_datagrams():
    port = module()
    port.after = b"\r\nSEND OK\r\n"
    port.table[b"AT+QIRD="] = pulled(b"one", b"two")
    modem = ready(port)
    sock = modem.socket(type=modem.SOCK_DGRAM)
    sock.settimeout(5)
    sock.connect(("10.0.0.1", 53))
    assert port.lines[-1] == b'AT+QIOPEN=1,0,"UDP","10.0.0.1",53,0,0' and sock.getpeername() == ("10.0.0.1", 53)
    assert sock.send(b"x") == 1 and sock.sendto(b"y", ("10.0.0.1", 53)) == 1
    assert sock.recvfrom(100) == (b"one", ("10.0.0.1", 53)) and sock.recv(2) == b"tw"
    with raises(OSError):
        sock.sendto(b"z", ("10.0.0.2", 53))
    with raises(OSError) as error:
        sock.send(bytes(1461))
    assert error.value.args[0] == 90 and len(port.payloads) == 2


def test_bound_socket_that_connects_keeps_its_port():
    port, sock = service()
    sock.connect(("10.0.0.1", 53))
    assert port.lines[-2:] == [b"AT+QICLOSE=0", b'AT+QIOPEN=1,0,"UDP","10.0.0.1",53,3030,0']


def test_socket_without_port_gets_a_free_one():
    port = module()
    port.after = b"\r\nSEND OK\r\n"
    tries = []

    def refuse_twice(line):
        tries.append(int(line.split(b",")[5]))
        if len(tries) < 3:
            return [(0, OK), (1, b"\r\n+QIOPEN: 0,573\r\n")]
        return [(0, OK), (1, b"\r\n+QIOPEN: 0,0\r\n")]

    port.table[b"AT+QIOPEN="] = refuse_twice
    modem = ready(port)
    sock = modem.socket(type=modem.SOCK_DGRAM)
    sock.sendto(b"x", ("10.0.0.1", 7))
    assert len(tries) == 3 and len(set(tries)) == 3 and sock.getsockname()[1] == tries[-1] >= 49152


def test_name_is_resolved_once():
    port, sock = service()
    port.table[b"AT+QIDNSGIP="] = [(0, OK), (50, b'\r\n+QIURC: "dnsgip",0,1,60\r\n\r\n+QIURC: "dnsgip","10.1.1.1"\r\n')]
    sock.sendto(b"a", ("example.com", 7))
    sock.sendto(b"b", ("example.com", 8))
    assert port.count(b'AT+QIDNSGIP=1,"example.com"') == 1 and port.lines[-1] == b'AT+QISEND=0,1,"10.1.1.1",8'


def test_what_a_service_cannot_do_is_refused_before_anything_is_sent():
    port, sock = service()
    before = len(port.lines)
    for call in (lambda: sock.send(b"x"), lambda: sock.getpeername(), lambda: sock.bind(("", 1)), lambda: sock.listen(1)):
        with raises(OSError):
            call()
    other = modem_of(sock).socket(type=2, access="transparent")
    with raises(OSError):
        other.bind(("", 5))
    assert len(port.lines) == before


def test_port_in_use_is_the_modules_error():
    port = module()
    port.table[b"AT+QIOPEN="] = ERROR
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 573,port busy\r\n\r\nOK\r\n"
    modem = ready(port)
    sock = modem.socket(type=modem.SOCK_DGRAM)
    with raises(CommandError) as error:
        sock.bind(("", 3030))
    assert error.value.code == 573 and push(b"") != b""
