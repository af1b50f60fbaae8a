"""What tools/bench.py measures over the line to a virtual modem inside one Python; see bench_program.py, which starts it."""

import json
import sys
import time

try:
    from time import sleep_ms, ticks_diff, ticks_us
except ImportError:

    def ticks_us():
        return time.perf_counter_ns() // 1000

    def ticks_diff(end, start):
        return end - start

    def sleep_ms(ms):
        time.sleep(ms / 1000)


from modem import Modem

_BLOCK = 512
_ROOM = _BLOCK + 4  # of the buffers that are read into
_BLOCK_BYTES = 1500  # what a buffer-mode read asks for
_HASH = 64 + 2  # the server's first line: a hash, a blank, the number of bytes, LF; readline() would take more than the line


def say(**values):
    """Print one result."""
    print(json.dumps(values))


def connected(device, rate):
    """Return a modem on `device`, ready for sockets."""
    from ports.tty_uart import TtyUart

    modem = Modem(TtyUart(device, rate or None))
    modem.start()
    modem.connect("internet")
    return modem


def goodput(device, port, access, n, rate):
    """Receive `n` bytes over one connection; the clock runs from the end of the first block to the end of the last.

    What the ring still holds of the first block when the clock starts is not counted: one read need not take all of it. Nor are
    the reads: the fewest blocks in which so many bytes can come are those that the protocol needs.
    """
    modem = connected(device, rate)
    sock = modem.create_connection(("srv", port), access=access, rxbuf=8192 if access == "push" else 1536)
    sock.sendall(b"HOLD 1 %d\n" % n)
    sock.recv_into(bytearray(_HASH + len(str(n))))
    buf = bytearray(1500)
    got = 0
    first = sock.link.ring.any()
    start = ticks_us()
    while got < n:
        k = sock.recv_into(buf)
        if not k:
            break
        got += k
    took = ticks_diff(ticks_us(), start)
    say(part="goodput", bytes=got - first, blocks=blocks(got - first), seconds=took / 1000000, whole=got == n)
    sock.close()
    modem.close()


def blocks(nbytes):
    """Return in how many blocks so many bytes can come."""
    return (nbytes + _BLOCK_BYTES - 1) // _BLOCK_BYTES


def first_byte(device, port, rate):
    """Count command lines and time from Modem() to the first byte of a download; `device`: a module that is on and attached."""
    from ports.tty_uart import TtyUart

    class Counted(TtyUart):
        lines = 0

        def write(self, buf, off, n):
            self.lines += bytes(buf[off : off + 2]) == b"AT"
            return TtyUart.write(self, buf, off, n)

    start = ticks_us()
    uart = Counted(device, rate)
    modem = Modem(uart)
    modem.start()
    modem.connect("internet")
    sock = modem.create_connection(("srv", port))
    sock.sendall(b"HOLD 1 4000\n")
    sock.recv(1)
    took = ticks_diff(ticks_us(), start)
    say(part="first byte", seconds=took / 1000000, lines=uart.lines)
    sock.close()
    modem.close()


def awaited(device, port, n, rate):
    """Receive as goodput() does in buffer mode, with AsyncModem."""
    from tools.bench_async import run

    got, took, whole = run(device, port, n, rate, _HASH + len(str(n)), ticks_us, ticks_diff)
    say(part="goodput", bytes=got, blocks=blocks(got), seconds=took / 1000000, whole=whole)


def sending(device, port, n, rate):
    """Send `n` bytes over one connection, in commands of 1460 bytes."""
    modem = connected(device, rate)
    sock = modem.create_connection(("srv", port))
    sock.sendall(b"PUT %d -\n" % n)
    data = bytes(1460)
    start = ticks_us()
    for _ in range(n // 1460):
        sock.sendall(data)
    took = ticks_diff(ticks_us(), start)
    say(part="goodput", bytes=n // 1460 * 1460, blocks=n // 1460, seconds=took / 1000000, whole=True)
    sock.close()
    modem.close()


def by_hand(device, port, n, rate):
    """Send `n` bytes as sending() does, but without the driver: write, wait for the prompt, write, wait for SEND OK."""
    modem = connected(device, rate)
    sock = modem.create_connection(("srv", port))
    sock.sendall(b"PUT %d -\n" % n)
    line = modem.module.port
    rx = bytearray(_ROOM)

    def ask(data, answer):
        at = 0
        while at < len(data):
            at += line.write(data, at, len(data) - at)
        seen = b""
        while seen.find(answer) < 0:
            line.wait(1000)
            k = line.readinto(rx, _BLOCK)
            seen += rx[:k]

    data = bytes(1460)
    start = ticks_us()
    for _ in range(n // 1460):
        ask(b"AT+QISEND=%d,1460\r" % sock.link.number, b">")
        ask(data, b"SEND OK\r\n")
    took = ticks_diff(ticks_us(), start)
    say(part="goodput", bytes=n // 1460 * 1460, blocks=n // 1460, seconds=took / 1000000, whole=True)
    sock.close()
    modem.close()


def waiting(device, port, seconds):
    """Wait for data that do not come; the lines WAITING and WAITED say when somebody may look at the CPU time."""
    modem = connected(device, 0)
    sock = modem.create_connection(("srv", port))
    sock.settimeout(seconds)
    print("WAITING")
    try:
        sock.recv(1)
    except OSError:
        pass
    print("WAITED")
    sys.stdin.readline()
    modem.close()


def roundtrip(device, count):
    """Time `count` commands AT through the driver, and the same exchange done by hand on the same port."""
    modem = connected(device, 0)
    port = modem.module.port
    rx = bytearray(64)

    def driver():
        modem.command("AT")

    def by_hand():
        port.write(b"AT\r", 0, 3)
        got = 0
        while got < 6:
            port.wait(1000)
            got += port.readinto(rx, 64)

    found = {"ours": [], "floor: write, wait, readinto": []}
    for _ in range(count):
        for name, function in (("ours", driver), ("floor: write, wait, readinto", by_hand)):
            start = ticks_us()
            function()
            found[name].append(ticks_diff(ticks_us(), start))
    for name in ("ours", "floor: write, wait, readinto"):
        times = sorted(found[name])
        say(part="roundtrip", way=name, median_us=times[len(times) // 2], best_us=times[0])
    modem.close()
