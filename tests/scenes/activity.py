"""activity.py DEVICE ACTIVITY PORTS: starts, connects, does one thing, and says how long it took; killed at any moment by its test.

PORTS: JSON, the servers' ports by name. The module may be in any state that an earlier run of this program has left it in.
"""

import json
import sys
import time

from common import download, random_bytes, result, upload

from modem import Modem
from ports.tty_uart import TtyUart

N = 12000  # bytes a transfer: about a second on the line
PATIENCE_S = 28  # a call may take so long


def fetch(modem, ports, access, **options):
    s = modem.socket(access=access, rxbuf=1536 if access == "buffer" else 16384, **options)
    s.settimeout(PATIENCE_S)
    s.connect(("srv", ports["tls" if "tls" in options else "data"]))
    n, got, same = download(s, b"GET 3 %d\n" % N)
    s.close()
    return same and n == got


def uploaded(modem, ports, access="buffer"):
    s = modem.socket(access=access)
    s.settimeout(PATIENCE_S)
    s.connect(("srv", ports["data"]))
    word = upload(s, random_bytes(N // 2), 2)
    s.close()
    return word == "SAME"


def served(modem, ports):
    server = modem.socket()
    server.settimeout(PATIENCE_S)
    server.bind(("", ports["own"]))
    server.listen(2)
    control = modem.socket()
    control.settimeout(PATIENCE_S)
    control.connect(("srv", ports["peers"]))
    control.sendall(b"CLIENTS %d 1 4000\n" % ports["own"])
    client, _ = server.accept()
    client.settimeout(PATIENCE_S)
    _, n = client.readline().split()
    client.sendall(client.read(int(n)))
    client.close()
    word = control.readline().strip()
    control.close()
    server.close()
    return word == b"SAME"


def datagrams(modem, ports):
    service = modem.socket(type=modem.SOCK_DGRAM)
    service.settimeout(PATIENCE_S)
    service.bind(("", ports["own"]))
    for n in range(100, 600, 100):
        service.sendto(bytes(random_bytes(n)), ("127.0.0.1", ports["peers"]))
        if service.recvfrom(1500)[0] != bytes(random_bytes(n)):
            return False
    service.close()
    return True


def stored(modem, ports):
    data = bytes(random_bytes(9000))  # the certificate store of A76XX takes 10240
    modem.files.put("kept.pem", data)
    listed = modem.files.list("*.pem") if modem.module.dialect.services else modem.files.list()  # SIM7100 has drives besides
    return dict(listed)["kept.pem"] in (len(data), None)  # the certificate store tells no sizes


def asleep(modem, ports):
    modem.sleep(idle_ms=300)
    modem.poll(700)
    return modem.status("rssi") is not None and fetch(modem, ports, "buffer")


def faster(modem, ports):
    modem.set_baudrate(230400)
    return fetch(modem, ports, "buffer")


def mail(modem, ports):
    s = modem.smtp()
    s.server("srv", ports["smtp"])
    s.sender("me@a.example", "Me")
    s.send_mail("a@a.example", "Hello", "x" * 3000, attachments=[("new.bin", bytes(random_bytes(3000)))])
    return True


def mailbox(modem, ports):
    p = modem.pop3("srv", "user_name", "password", ports["pop3"])
    try:
        n = p.count()[0]
        p.read(Sink(), p.get(1))
    finally:
        p.logout()
    return n == 1


class Sink:
    """What is fetched goes here."""

    size = 0

    def write(self, data):
        self.size += len(data)


def transferred(f):
    into = Sink()
    data = bytes(random_bytes(N))
    return f.store("up.bin", data) == N and f.retrieve("up.bin", into) == N and into.size == N


def ftp(modem, ports):
    return transferred(modem.ftp("srv", "myname", "mypassword", ports["ftp"]))


def ftps(modem, ports):
    f = modem.ftps("srv", "myname", "mypassword", ports["ftps"], verify=False)
    try:
        return transferred(f)
    finally:
        f.close()


def page(client, url):
    response = client.get(url)
    return response.status == 200 and len(response.read()) == N


def http(modem, ports):
    return page(modem.http(), "http://srv:%d/plain" % ports["http"])


def https(modem, ports):
    client = modem.https(verify=False)
    try:
        return page(client, "https://srv:%d/plain" % ports["https"])
    finally:
        client.close()


ACTIVITIES = {
    "buffer": lambda modem, ports: fetch(modem, ports, "buffer"),
    "push": lambda modem, ports: fetch(modem, ports, "push"),
    "transparent": lambda modem, ports: fetch(modem, ports, "transparent"),
    "upload": uploaded,
    "tls": lambda modem, ports: fetch(modem, ports, "buffer", tls=modem.tls_context(verify=False)),
    "tls push": lambda modem, ports: fetch(modem, ports, "push", tls=modem.tls_context(verify=False)),
    "server": served,
    "udp": datagrams,
    "file": stored,
    "sleep": asleep,
    "baud rate": faster,
    "smtp": mail,
    "pop3": mailbox,
    "ftp": ftp,
    "ftps": ftps,
    "http": http,
    "https": https,
}


def main(device, activity, ports):
    path, _, rate = device.partition("@")
    began = time.time()
    modem = Modem(TtyUart(path, int(rate) if rate else None))
    modem.start(90000, rates=True if activity == "baud rate" else None)
    started = time.time()
    modem.connect("internet", timeout_ms=90000)
    connected = time.time()
    same = ACTIVITIES[activity](modem, json.loads(ports))
    done = time.time()
    modem.close()
    result(same=same, start_s=started - began, connect_s=connected - started, work_s=done - connected)


main(*sys.argv[1:])
