# CPython only: what its own sockets have and those of MicroPython have not.
"""A blocking socket on CPython has the habits of `socket.socket`: files with a life of their own, flags, errors, repr."""

import gc
import io
import socket

from modem import CommandError, ConnectionClosed, NotSupported
from tests.quectel.test_sockets import connected, module, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK
from tests.rigs.scripted_port import modem_of, ready

_CLOSED = b"AT+QICLOSE=0"


def _payloads(port):
    """Have the module take every send; return the list of what it has taken."""
    port.after = b"\r\nSEND OK\r\n"
    return port.payloads


def test_a_file_outlives_its_socket_and_the_last_one_closes_the_connection():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"first line\nsecond", b" line\nrest")
    sock = connected(port)
    lines, rest = sock.makefile("r", encoding="ascii"), sock.makefile("rb", buffering=0)
    sock.close()
    sock.close()
    assert not port.count(_CLOSED)
    with raises(OSError):
        sock.recv(1)
    assert [lines.readline(), lines.readline()] == ["first line\n", "second line\n"]
    assert isinstance(lines, io.TextIOWrapper) and isinstance(rest, io.RawIOBase)
    lines.close()
    assert not port.count(_CLOSED)
    rest.close()
    rest.close()
    assert port.count(_CLOSED) == 1 and modem_of(sock).module.links[0] is None
    with raises(ValueError, "closed"):
        rest.readinto(bytearray(1))


def test_a_socket_outlives_its_files():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"one", b"two")
    sock = connected(port)
    with sock.makefile("rb") as file:
        assert file.read1(10) == b"one"
    assert not port.count(_CLOSED) and sock.recv(10) == b"two"
    sock.close()
    assert port.count(_CLOSED) == 1


def test_a_file_that_is_written_to_is_flushed_into_the_module():
    port = module()
    taken = _payloads(port)
    sock = connected(port)
    file = sock.makefile("w", encoding="utf-8", newline="\r\n")
    file.write("caf\u00e9\n")
    assert taken == []
    file.flush()
    assert taken == ["caf\u00e9\r\n".encode()]
    both = sock.makefile("rwb")
    both.write(b"x" * 3000)
    both.close()
    assert b"".join(taken[1:]) == b"x" * 3000
    for mode, call in (("rb", lambda f: f.write(b"x")), ("wb", lambda f: f.read(1))):
        with raises(io.UnsupportedOperation):
            call(sock.makefile(mode))
    with raises(ValueError, "mode"):
        sock.makefile("a")


def test_a_file_that_times_out_goes_on_afterwards():
    port = module()
    sock = connected(port)
    sock.settimeout(0.1)
    file = sock.makefile("rb", buffering=0)
    with raises(TimeoutError):
        file.read(1)
    port.table[b"AT+QIRD="] = pulled(b"late")
    sock.link.ready = True
    assert file.read(4) == b"late"
    sock.settimeout(0)
    assert file.read(1) is None


def test_a_file_that_is_dropped_inside_a_call_is_closed_by_a_later_one():
    port = module()
    sock = connected(port)
    modem = modem_of(sock)
    held = [sock.makefile("rb")]
    sock.close()
    answered = []

    def answer(line):
        held.clear()
        gc.collect()
        answered.append(port.count(_CLOSED))
        return b"\r\n+CSQ: 20,99\r\n" + OK

    port.table[b"AT+CSQ"] = answer
    assert modem.status("rssi") == -73 and answered == [0]
    modem.poll()
    assert port.count(_CLOSED) == 1


def test_arguments_that_python_programs_pass():
    port = module()
    taken = _payloads(port)
    port.table[b"AT+QIRD="] = pulled(b"abc", b"def", b"g")
    sock = connected(port)
    sock.sendall(b"x", socket.MSG_NOSIGNAL)
    assert (taken, sock.recv(1, 0), sock.recv(4, socket.MSG_WAITALL), sock.recv(9)) == ([b"x"], b"a", b"bcde", b"f")
    with raises(NotSupported, "flags"):
        sock.recv(1, socket.MSG_PEEK)
    with raises(TypeError, "str"):
        sock.sendall("text")
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    with raises(NotSupported, "configure"):
        sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert not sock.has_ended()
    sock.shutdown(socket.SHUT_RDWR)
    assert port.count(_CLOSED) == 1 and sock.has_ended()
    sock.close()
    assert port.count(_CLOSED) == 1


def test_a_detached_connection_goes_on_in_another_object():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"data")
    sock = connected(port)
    modem = modem_of(sock)
    other = sock.detach()
    sock.close()
    assert other.recv(10) == b"data" and other.gettimeout() == 5 and not port.count(_CLOSED)
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    port.later(0, b'\r\n+QIURC: "closed",0\r\n')
    modem.poll(10)
    assert events == [("closed", other)]


def test_errors_are_those_of_python():
    for code, kind, number in (
        (566, ConnectionRefusedError, 111),
        (565, socket.gaierror, socket.EAI_NONAME),
        (561, CommandError, 5),
    ):
        port = module()
        port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,%d\r\n" % code)]
        sock = ready(port).socket()
        with raises(kind) as error:
            sock.connect(("srv.test", 80))
        assert isinstance(error.value, CommandError) and error.value.errno == number and error.value.code == code
    port = module()
    port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,566\r\n")]
    assert ready(port).socket().connect_ex(("srv.test", 80)) == 111
    port.table[b"AT+QIDNSGIP="] = [(0, OK), (5, b'\r\n+QIURC: "dnsgip",565\r\n')]
    with raises(socket.gaierror, "565"):
        ready(port).gethostbyname("srv.test")
    assert issubclass(ConnectionClosed, ConnectionError)


def test_repr_says_what_a_socket_is():
    port = module()
    sock = ready(port).socket()
    assert repr(sock) == "<Socket not connected, timeout None>"
    sock.settimeout(2)
    sock.connect(("srv.test", 80))
    assert repr(sock) == "<Socket connection 0 with srv.test port 80, timeout 2.0>"
    port.later(0, b'\r\n+QIURC: "closed",0\r\n')
    modem_of(sock).poll(10)
    assert repr(sock) == "<Socket connection 0 with srv.test port 80, ended, timeout 2.0>"
    sock.close()
    assert repr(sock) == "<Socket closed, timeout 2.0>"
