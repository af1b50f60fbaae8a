# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Who reaches the virtual modem over TCP: no browser, no host that throws another one out unnoticed, no malformed RFC 2217."""

import random
import socket

import serial

from tests.rigs.virtual_modem import Rig
from tests.vmodem.test_process import OK, talk, vmodem
from tools.vmodem.ports import TcpPort, begins_as_http

POST = b'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60\r\n\r\nAT+QFUPL="evil",4\r\nevil\r\nAT+CMEE=2\r\n'


def address_of(name):
    host, _, port = name.rpartition(":")
    return host, int(port)


def after_end(sock):
    """What comes until the other side closes."""
    sock.settimeout(30)
    got = b""
    try:
        while data := sock.recv(100):
            got += data
    except ConnectionResetError:
        pass
    return got


def told(process):
    """What the virtual modem has said on stderr."""
    process.terminate()
    return process.communicate(timeout=60)[1]


def test_first_bytes_of_browsers_and_hosts():
    for data in (
        b"GET / HTTP/1.1\r\n",
        POST,
        b"OPTIONS * HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"HEAD /",
        b"\x16\x03\x01\x02\x00\x01",
    ):
        assert begins_as_http(data) is True
        assert begins_as_http(data[:1]) is None
    for data in (b"AT\r", b"\r\n", b"ATE0", b"+++", b"\xff\xfd\x2c", b"G\r", b"POSTAT\r", b"get x"):
        assert begins_as_http(data) is False


def test_browser_when_it_connects():
    for option in ("--tcp", "--rfc2217"):
        with vmodem(option, "127.0.0.1:0") as (process, name):
            hello = b"\x16\x03\x01\x02\x00\x01\x00AT+CMEE=2\r\n"  # of https://
            for pieces in ([POST], [POST[at : at + 1] for at in range(len(POST))], [hello]):
                with socket.create_connection(address_of(name)) as browser:
                    try:
                        for piece in pieces:
                            browser.sendall(piece)
                    except OSError:
                        pass  # turned away already
                    assert b"OK" not in after_end(browser)
            scheme = "socket" if option == "--tcp" else "rfc2217"
            with serial.serial_for_url("%s://%s" % (scheme, name), timeout=0.05) as port:
                assert talk(port, "AT+CMEE?") == b"\r\n+CMEE: 0\r\n" + OK, "nothing of it has run"
            assert told(process).count("HTTP and HTTPS") == 3


def test_host_when_another_one_connects():
    with vmodem("--tcp", "127.0.0.1:0") as (process, name):
        with serial.serial_for_url("socket://" + name, timeout=0.05) as first:
            assert talk(first, "AT+CMEE=1") == OK
            with socket.create_connection(address_of(name)) as silent:
                assert talk(first, "AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK, "one that says nothing takes nothing"
                silent.sendall(POST)
                after_end(silent)
            assert talk(first, "AT") == OK, "nor does a browser"
            with socket.create_connection(address_of(name)) as second:
                second.sendall(b"AT\r")
                assert second.recv(100) == OK
        assert "has taken the place of" in told(process)


class Transport:
    """A connection that says whether it is read from."""

    reading = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def write(self, data):
        """Answers that do not matter."""

    def abort(self):
        """Gone."""


class Host:
    name = "somebody"

    def __init__(self):
        self.transport = Transport()


def test_host_when_it_comes_while_the_line_does_not_listen():
    rig = Rig(rate=9600)
    port, first, second = TcpPort(None, rig.line, "127.0.0.1", 0, rig.notes.append), Host(), Host()
    rig.line.attach(rig.modem, port)
    port.host_came(first)
    port.received(b"AT\r" * 1000)
    assert not first.transport.reading
    port.host_came(second)
    port.host_speaks(second)
    assert not second.transport.reading, "what the line has not carried yet must not grow with every new host"
    rig.clock.advance(10)
    assert second.transport.reading


def test_port_when_everybody_reaches_it():
    with vmodem("--tcp", "0.0.0.0:0") as (process, name):
        with socket.create_connection(("127.0.0.1", address_of(name)[1])) as host:
            host.sendall(b"AT\r")
            assert host.recv(100) == OK
        assert told(process).count("can use this modem") == 1
    with vmodem("--tcp", "127.0.0.1:0") as (process, _):
        assert told(process) == ""


def test_rfc2217_when_it_is_malformed():
    rng = random.Random(5)
    bad = [b"\xff\xfa\x2c\x01\xff\xf0", b"\xff\xfa\x2c\x01\x00\xff\xf0", b"\xff\xfa\xff\xf0", b"\xff\xfa\x2c\xff\xf0"]
    bad += [b"\xff\xfa\x2c" + rng.randbytes(rng.randint(0, 6)) + b"\xff\xf0" for _ in range(30)]
    bad.append(b"\xff\xfa" + bytes(1_000_000))  # it never ends
    with vmodem("--rfc2217", "127.0.0.1:0") as (process, name):
        for data in bad:
            with socket.create_connection(address_of(name)) as host:
                try:
                    host.sendall(data)
                    host.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # turned away already
                after_end(host)
        with serial.serial_for_url("rfc2217://" + name, 115200, timeout=0.05) as port:
            assert talk(port, "AT") == OK
        text = told(process)
        assert text.count("bad RFC 2217") >= 3 and "does not end" in text and "Traceback" not in text
