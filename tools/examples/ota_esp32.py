"""Over-the-air update of an ESP32: an image goes into the idle OTA partition, block by block, and is started when its hash fits.

Wiring  as in first_connection.py. The board needs firmware with OTA partitions (such as ESP32_GENERIC-OTA).
Change  APN, HOST, the paths. An HTTPS server has the image (MicroPython's .app-bin) and a text with its hash and size:
        echo $(sha256sum <fw.app-bin | cut -c1-64) $(stat -c %s fw.app-bin) >fw.txt
        ca.pem, in the module's files, decides whose images are installed: use a CA of your own (modem/README.md).
How     A lost connection or a restart costs one block: STATE counts those in flash. The hash is that of what is in flash. The new
        image counts as good once it has connected; until then the boot loader goes back to the old one, which does not try again.
"""

import hashlib

import machine
from esp32 import Partition

from modem import Modem, ModemError
from ports.machine_uart import MachineUART

APN = "internet"
HOST = "updates.example.com"
TEXT = "/fw.txt"
IMAGE = "/fw.app-bin"
STATE = "update.txt"  # hash of the image, number of blocks in flash
BLOCK = 4096

modem = Modem(MachineUART(1, 115200, tx=4, rx=5))
buf = bytearray(BLOCK)


def get(path, first=0):
    """Ask for a file from byte `first` on; return the connection, at the body."""
    s = modem.create_connection((HOST, 443), timeout=30, tls=modem.tls_context(ca="ca.pem"))
    s.sendall(b"GET %s HTTP/1.0\r\nHost: %s\r\nRange: bytes=%d-\r\n\r\n" % (path.encode(), HOST.encode(), first))
    if b" 206 " not in s.readline():
        raise ValueError("the server does not give %s from byte %d" % (path, first))
    while s.readline().strip():
        pass
    return s


def save(*state):
    with open(STATE, "w") as f:
        f.write("%s %d" % state)


def update():
    """Install what is new; False when there is nothing new. ValueError: the image is not the one that was announced."""
    with get(TEXT) as s:
        digest, size = s.readline().decode().split()
    try:
        with open(STATE) as f:
            known, done = f.read().split()
    except (OSError, ValueError):
        known, done = "", 0
    pieces = [min(BLOCK, int(size) - at) for at in range(0, int(size), BLOCK)]
    done = int(done) if known == digest else 0
    if done > len(pieces):  # it has been installed
        return False
    partition = Partition(Partition.RUNNING).get_next_update()
    if done < len(pieces):
        with get(IMAGE, done * BLOCK) as s:
            for number in range(done, len(pieces)):
                data = s.read(pieces[number])
                if len(data) < pieces[number]:
                    raise OSError("the connection ended in block %d of %d" % (number, len(pieces)))
                buf[: len(data)] = data
                partition.writeblocks(number, buf)
                save(digest, number + 1)
    seen = hashlib.sha256()
    for number, length in enumerate(pieces):
        partition.readblocks(number, buf)
        seen.update(memoryview(buf)[:length])
    if seen.digest().hex() != digest:
        save("", 0)
        raise ValueError("the hash of the image does not fit")
    partition.set_boot()
    save(digest, len(pieces) + 1)
    return True


modem.start()
modem.connect(APN)
Partition.mark_app_valid_cancel_rollback()  # allowed at each start
for _ in range(20):
    try:
        if update():
            machine.reset()
        break
    except (ModemError, OSError) as error:
        print(type(error).__name__, error)
