"""HTTP download into a file that goes on where it broke off: after a lost connection, and after a restart of the board.

Wiring  as in first_connection.py. Writing to flash stops an RP2040 for a while: from 460800 baud, wire RTS and CTS as well.
Needs   a server that knows Range and sends an ETag, as most do that serve files (Python's http.server does not): from another one
        the file comes whole, but each try begins anew.
Change  APN, HOST, PATH, FILE. For https: CA = "ca.pem" and HTTP_PORT = 443, with ca.pem in the module's files (modem/README.md).
How     "Range" asks for the missing rest, and "If-Range" for the whole file if it has changed on the server meanwhile: the mark
        of the version (ETag) is kept in FILE + ".etag" until the file is complete.
"""

import os

from modem import Modem, ModemError
from ports.machine_uart import MachineUART

APN = "internet"
HOST = "example.com"
HTTP_PORT = 80
CA = None
PATH = "/firmware.bin"
FILE = "firmware.bin"
TRIES = 20

modem = Modem(MachineUART(1, 115200, tx=4, rx=5))
buf = bytearray(1024)


def size_and_etag():
    """What an earlier try has left: (bytes, mark of the version)."""
    try:
        with open(FILE + ".etag", "rb") as f:
            return os.stat(FILE)[6], f.read()
    except OSError:
        return 0, b""


def fetch():
    """One try; True when the file is complete."""
    size, etag = size_and_etag()
    tls = modem.tls_context(ca=CA) if CA else None
    with modem.create_connection((HOST, HTTP_PORT), timeout=30, tls=tls) as s:
        request = b"GET %s HTTP/1.0\r\nHost: %s\r\n" % (PATH.encode(), HOST.encode())
        if size:
            request += b"Range: bytes=%d-\r\nIf-Range: %s\r\n" % (size, etag)
        s.sendall(request + b"\r\n")
        status = int(s.readline().split()[1])
        if status == 416:  # all of it is here already, or more than the server has now
            os.remove(FILE + ".etag")
            raise OSError("the server has no more than %d bytes" % size)
        if status not in (200, 206):
            raise ValueError("the server answers %d" % status)
        headers = {}
        while line := s.readline().strip():
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        if status == 200:  # the whole file: a new one, or the server knows no Range
            size = 0
        total = size + int(headers[b"content-length"])
        with open(FILE, "ab" if size else "wb") as f:
            with open(FILE + ".etag", "wb") as mark:
                mark.write(headers.get(b"etag", b'""'))
            while size < total:
                n = s.recv_into(buf)
                if not n:
                    raise OSError("the connection ended at %d of %d bytes" % (size, total))
                size += f.write(memoryview(buf)[:n])
    os.remove(FILE + ".etag")
    return size


modem.start()
for _ in range(TRIES):
    try:
        modem.connect(APN)
        print(fetch(), "bytes are in", FILE)
        break
    except (ModemError, OSError) as error:
        print(type(error).__name__, error)
modem.close()
