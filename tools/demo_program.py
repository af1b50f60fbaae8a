"""The program of the demonstration: unchanged on CPython and on MicroPython. tools/demo.py starts it.

    demo_program.py DEVICE HOST PORT PATH RATE1 RATE2 FIRST [CA]

Downloads http://HOST:PORT/PATH through the modem on DEVICE: the first FIRST bytes at RATE1 baud, the rest at RATE2. It prints
`AT text` (the dialogue of the first seconds), `SAY text`, `RATE baud`, `GOT n` (progress) and `SHA256 n hex`. With CA, a file
with a certificate in PEM form, the file goes onto the module first and the download is by TLS.
"""

import hashlib
import sys
from binascii import hexlify

from modem import Modem
from ports.trace import Trace
from ports.tty_uart import TtyUart


def show_dialogue(device, rate, host, tcp_port, path):
    """Find the module, bring up the connection and ask for the file's head, with everything shown that passes."""
    with Modem(Trace(TtyUart(device, rate), out=lambda line: print("AT", line))) as modem:
        modem.start()
        modem.connect("internet")
        print("SAY signal %s dBm, address %s, %s %s" % (
            modem.status("rssi"), modem.ifconfig()[0], modem.config("manufacturer"), modem.config("model")))  # fmt: skip
        with modem.create_connection((host, tcp_port)) as s:
            s.sendall(b"HEAD %s HTTP/1.0\r\n\r\n" % path.encode())
            print("SAY the server says:", s.readline().decode().strip())


def get(modem, port, host, tcp_port, path, first, rate, tls):
    """Download; return (bytes, SHA-256 as text)."""
    buf = bytearray(1500)
    view = memoryview(buf)
    digest = hashlib.sha256()
    with modem.create_connection((host, tcp_port), tls=tls) as s:
        s.sendall(b"GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path.encode(), host.encode()))
        while s.readline() not in (b"\r\n", b""):
            pass
        got = 0
        while True:
            n = s.recv_into(buf)
            if not n:
                break
            digest.update(view[:n])
            got += n
            print("GOT", got)
            if first and got >= first:
                first = 0
                modem.command("AT+IPR=%d" % rate)
                port.set_baudrate(rate)
                print("RATE", rate)
    return got, hexlify(digest.digest()).decode()


def main(device, host, tcp_port, path, rate1, rate2, first, ca=None):
    """Show the dialogue, then download with nothing in between."""
    if not ca:
        show_dialogue(device, rate1, host, tcp_port, path)
    port = TtyUart(device, rate1)
    modem = Modem(port)
    modem.start()
    tls = None
    if ca:
        with open(ca, "rb") as f:
            modem.files.put("UFS:ca.pem", f.read())
        tls = modem.tls_context(ca="UFS:ca.pem", check_time=False)
    modem.connect("internet")
    print("RATE", rate1)
    got, digest = get(modem, port, host, tcp_port, path, first, rate2, tls)
    print("SHA256", got, digest)
    modem.disconnect()
    if first:
        modem.command("AT+IPR=%d" % rate1)
        port.set_baudrate(rate1)
    modem.close()


if __name__ == "__main__":
    a = sys.argv
    main(a[1], a[2], int(a[3]), a[4], int(a[5]), int(a[6]), int(a[7]), a[8] if len(a) > 8 else None)
