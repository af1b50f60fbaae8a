"""What the scenes share: a modem on a terminal device, hashing what comes, saying the result."""

import hashlib
import json
import sys

sys.path.insert(0, sys.path[0] + "/../..")

try:
    from binascii import hexlify
except ImportError:
    hexlify = None


def result(**values):
    """Print what the test looks at."""
    print("RESULT " + json.dumps(values))


def hexdigest(h):
    """Return a hash as text (MicroPython has no hexdigest)."""
    return hexlify(h.digest()).decode()


def connected(path, model=None, modem_class=None, trace=False):
    """Return a started and connected modem on the device `path` ("/dev/pts/3", or "/dev/pts/3@921600" with a line rate)."""
    from ports.tty_uart import TtyUart

    if modem_class is None:
        from modem import Modem as modem_class
    path, _, rate = path.partition("@")
    port = TtyUart(path, int(rate) if rate else None)
    if trace:
        from ports.trace import Trace

        port = Trace(port)
    modem = modem_class(port, model)
    modem.start()
    modem.connect("internet")
    return modem


def random_bytes(n, seed=1):
    """Return n bytes of every value, the same for the same seed on both Pythons."""
    out = bytearray(n)
    x = seed * 2654435761 % 0x1000003 + 1
    for i in range(n):
        x = (x * 69069 + 1) % 0x1000000
        out[i] = x >> 12 & 255
    return out


def download(sock, request):
    """Send a request line, hash what follows its answer; return (bytes announced, bytes got, equal)."""
    sock.sendall(request)
    head = sock.readline().split()
    want, n = head[0].decode(), int(head[1])
    h = hashlib.sha256()
    buf = bytearray(1500)
    view = memoryview(buf)
    got = 0
    while True:
        k = sock.recv_into(buf)
        if not k:
            break
        got += k
        h.update(view[:k])
    return n, got, hexdigest(h) == want


def upload(sock, data, repeat=1):
    """Send `data` `repeat` times after a PUT line; return the server's word."""
    h = hashlib.sha256()
    for _ in range(repeat):
        h.update(data)
    sock.sendall(b"PUT %d %s\n" % (len(data) * repeat, hexdigest(h).encode()))
    for _ in range(repeat):
        sock.sendall(data)
    return sock.readline().decode().strip()
