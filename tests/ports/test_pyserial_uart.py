# CPython only: pyserial is.
"""SerialUART over ptys and pyserial's URLs: socket://, rfc2217://, loop://, spy://; and what only CPython's TtyUart does."""

import asyncio
import os
import pty
import signal
import socket
import struct
import tempfile
import threading
import time

import serial
import serial.rfc2217

from ports.pyserial_uart import SerialUART
from ports.tty_uart import TtyUart
from tests.rigs.pty_line import LineOfPeer, pattern, start_peer


def raises_os_error(function, *args, **options):
    """The error's number; the text must say something."""
    try:
        function(*args, **options)
    except OSError as error:
        assert isinstance(error.args[0], int) and error.args[1], error
        return error.args[0]
    raise AssertionError("no OSError")


def over_tcp():
    """A socket:// port, and its far end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = SerialUART("socket://127.0.0.1:%d" % server.getsockname()[1])
        far, _ = server.accept()
    return port, far


def take(port, n):
    got = b""
    buf = bytearray(4096)
    while len(got) < n:
        assert port.wait(20000), "no data"
        got += buf[: port.readinto(buf, n - len(got))]
    return got


def send(port, data):
    at = 0
    while at < len(data):
        at += port.write(data, at, len(data) - at)


def test_device_name():
    port = SerialUART(start_peer(), 460800)
    peer = LineOfPeer(port)
    buf = bytearray(8)
    assert port.readinto(buf, 8) == 0 and port.wait(0) is False and port.wait(20) is False
    assert isinstance(port.pollable, int) and port.rxbuf == 4096 and port.baudrate == 460800
    peer.tell("speed")
    assert peer.line() == "460800"
    port.set_baudrate(115200)
    peer.tell("speed")
    assert peer.line() == "115200" and port.baudrate == 115200
    peer.tell("burst 70000")
    assert peer.take(70000) == pattern(70000)
    refused = 0
    for _ in range(20):  # on a busy machine the peer may hear again before the line has been filled
        peer.tell("deaf 100000 200")
        at = 0
        while at < 100000:
            done = port.write(pattern(100000), at, 100000 - at)
            refused += not done
            at += done
            if not done:
                port.wait(5)
        assert peer.line().endswith(" pattern")
        if refused:
            break
    assert refused
    assert raises_os_error(port.dtr, True) == 95
    assert raises_os_error(port.set_baudrate, -5) == 22
    peer.tell("hang")
    assert port.wait(20000) is True
    assert raises_os_error(port.readinto, buf, 8) == 5
    assert raises_os_error(port.write, b"AT\r", 0, 3) == 5
    assert raises_os_error(port.set_baudrate, 9600) == 5
    port.close()


def test_nothing_is_skipped_when_a_device_lacks_dtr():
    master, slave = pty.openpty()
    try:
        assert raises_os_error(SerialUART, os.ttyname(slave), dtr=True) == 95
        SerialUART(os.ttyname(slave)).close()  # the refused one has let go of it
    finally:
        os.close(master)
        os.close(slave)


def test_only_one_port_has_a_device():
    path = start_peer()
    for first, second in ((SerialUART, TtyUart), (TtyUart, SerialUART), (TtyUart, TtyUart), (SerialUART, SerialUART)):
        keep = os.open(path, os.O_RDWR | os.O_NOCTTY)
        port = first(path)
        assert raises_os_error(second, path) == 16, (first, second)
        port.close()
        second(path).close()
        os.close(keep)
        path = start_peer()


def test_what_cannot_be_opened():
    assert raises_os_error(SerialUART, "/dev/no-such-terminal") == 2
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    assert raises_os_error(SerialUART, "socket://127.0.0.1:%d" % free) == 5


def test_socket_url():
    port, far = over_tcp()
    buf = bytearray(8)
    assert port.readinto(buf, 8) == 0 and port.wait(0) is False
    far.sendall(b"hello")
    assert port.wait(20000) and port.readinto(buf, 3) == 3 and buf[:3] == b"hel"
    assert take(port, 2) == b"lo" and port.readinto(buf, 8) == 0
    assert port.write(b"xxAT\ryy", 2, 3) == 3 and far.recv(10) == b"AT\r"
    assert port.pollable == port._serial.fileno()
    far.close()
    assert port.wait(20000) is True
    assert raises_os_error(port.readinto, buf, 8) == 5
    port.close()
    port.close()
    for call in (lambda: port.wait(0), lambda: port.readinto(buf, 8), lambda: port.write(b"A", 0, 1)):
        assert raises_os_error(call) in (5, 9)


def test_socket_url_does_not_block_when_the_far_end_reads_nothing():
    port, far = over_tcp()
    data = bytes(1 << 20)
    sent = 0
    while True:
        n = port.write(data, 0, len(data))
        assert 0 <= n <= len(data)
        if not n:
            break
        sent += n
    got = 0
    while got < sent:
        got += len(far.recv(1 << 20))
    assert port.write(b"AT\r", 0, 3) == 3
    far.close()
    port.close()


def test_socket_url_reset():
    port, far = over_tcp()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.close()
    assert port.wait(20000) is True
    assert raises_os_error(port.readinto, bytearray(8), 8) == 5
    port.close()


def test_socket_url_says_what_it_lacks():
    port, far = over_tcp()
    assert raises_os_error(port.set_baudrate, 9600) == 95
    assert raises_os_error(port.dtr, False) == 95
    port.close()
    far.close()
    assert raises_os_error(SerialUART, "socket://127.0.0.1:1", rtscts=True) == 95
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert raises_os_error(SerialUART, "socket://127.0.0.1:%d" % server.getsockname()[1], dtr=True) == 95


def test_loop_url():
    port = SerialUART("loop://", 115200)
    buf = bytearray(8)
    assert port.pollable is None
    assert port.wait(0) is False and port.wait(30) is False and port.readinto(buf, 8) == 0
    assert port.write(b"xhellox", 1, 5) == 5
    assert port.wait(0) is True and port.readinto(buf, 3) == 3 and buf[:3] == b"hel"
    assert port.readinto(buf, 8) == 2 and buf[:2] == b"lo"
    sent = 0
    while port.write(bytes(1000), 0, 1000):
        sent += 1000
    assert sent >= 4000, "a full queue is no room"
    assert len(take(port, 4000)) == 4000
    port.dtr(False)
    port.dtr(True)
    port.set_baudrate(921600)
    assert port.baudrate == 921600
    port.close()
    assert raises_os_error(port.readinto, buf, 8) == 5
    assert raises_os_error(port.set_baudrate, 9600) == 9
    assert raises_os_error(port.dtr, True) == 9


def test_loop_url_wakes_a_wait():
    port = SerialUART("loop://")
    timer = threading.Timer(0.3, port.write, (b"RDY", 0, 3))
    timer.start()
    assert port.wait(20000) is True and take(port, 3) == b"RDY"
    timer.join()
    port.close()


def test_the_hook_runs_where_there_is_nothing_to_poll():
    port = SerialUART("loop://")
    fed = []
    port.idle = lambda: fed.append(1)
    port.idle_ms = 20
    assert port.wait(200) is False
    assert len(fed) >= 2
    before = time.process_time()
    port.wait(500)
    assert time.process_time() - before < 0.1  # 0.5 when it spins
    port.close()


def test_spy_url():
    with tempfile.NamedTemporaryFile() as log:
        port = SerialUART("spy://%s?file=%s" % (start_peer(), log.name))
        peer = LineOfPeer(port)
        peer.tell("say 4f4b0d0a")
        assert peer.take(4) == b"OK\r\n"
        port.close()
        dump = log.read()
    assert b"TX" in dump and b"RX" in dump and b"4F 4B 0D 0A" in dump, dump


class Rfc2217Server:
    """A serial server: RFC 2217 in front of pyserial's loop://, for one connection."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.device = serial.serial_for_url("loop://", timeout=0)
        self.settings = []
        threading.Thread(target=self.run, daemon=True).start()

    @property
    def url(self):
        return "rfc2217://127.0.0.1:%d" % self.server.getsockname()[1]

    def write(self, data):  # what PortManager answers with
        self.far.sendall(data)

    def run(self):
        self.far, _ = self.server.accept()
        self.server.close()
        manager = serial.rfc2217.PortManager(self.device, self)
        self.far.settimeout(0.01)
        while True:
            try:
                data = self.far.recv(4096)
                if not data:
                    return
                self.device.write(b"".join(manager.filter(data)))
                self.settings.append((self.device.baudrate, self.device.dtr))
            except TimeoutError:
                pass
            except OSError:
                return
            answer = self.device.read(4096)
            if answer:
                self.write(b"".join(manager.escape(answer)))


def test_rfc2217_url():
    server = Rfc2217Server()
    port = SerialUART(server.url, 115200, dtr=False)
    assert port.pollable is None
    assert port.readinto(bytearray(8), 8) == 0 and port.wait(0) is False and port.wait(30) is False
    data = pattern(3000)  # 255 is telnet's escape
    send(port, data)
    assert take(port, 3000) == data
    port.set_baudrate(9600)
    port.dtr(True)
    assert server.device.baudrate == 9600 and port.baudrate == 9600
    send(port, b"AT\r")
    assert take(port, 3) == b"AT\r"
    seen = [dtr for _, dtr in server.settings]
    assert False in seen and server.device.dtr is True
    server.far.shutdown(socket.SHUT_RDWR)
    assert port.wait(20000) is True
    for _ in range(3):
        assert raises_os_error(port.readinto, bytearray(8), 8) == 5
        assert port.wait(0) is True
    port.close()


async def test_asyncio_without_and_with_a_file_number():
    loop = asyncio.get_running_loop()
    port, far = over_tcp()
    seen = asyncio.Event()
    loop.add_reader(port.pollable, seen.set)
    far.sendall(b"RDY")
    await asyncio.wait_for(seen.wait(), 60)
    loop.remove_reader(port.pollable)
    assert take(port, 3) == b"RDY"
    far.close()
    port.close()
    port = SerialUART("loop://")
    buf = bytearray(8)
    loop.call_later(0.05, port.write, b"RDY", 0, 3)
    n = 0
    while not n:  # as AsyncModem does when pollable is None
        await asyncio.sleep(0.005)
        n = port.readinto(buf, 8)
    assert buf[:n] == b"RDY"[:n]
    port.close()


def test_a_signal_does_not_end_a_wait():
    hits = []
    for make in (SerialUART, TtyUart):
        port = make(start_peer())
        hits.clear()
        before = signal.signal(signal.SIGALRM, lambda *_: hits.append(time.monotonic()))
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        start = time.monotonic()
        try:
            assert port.wait(400) is False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert hits and time.monotonic() - start >= 0.39
        port.close()
