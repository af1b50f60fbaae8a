"""reboot.py DEVICE PORT N: the module restarts during a download; then everything is brought up again and done once more."""

import sys

from common import connected, download, result

from modem import ConnectionClosed, ModemError

device, port, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
modem = connected(device)
events = []
modem.on_event(lambda kind, detail: events.append(kind))
s = modem.create_connection(("srv", port))
s.sendall(b"GET 5 %d\n" % n)
head = s.readline().split()
got = bytearray()
error = None
try:
    while True:
        more = s.recv(1500)
        if not more:
            break
        got += more
except ModemError as e:
    error = e
s.close()
modem.poll()
print(repr(error), len(got), "of", int(head[1]))
with open(sys.argv[4], "rb") as f:
    prefix_same = f.read(len(got)) == bytes(got)
modem.start(timeout_ms=30000)
modem.connect("internet")
with modem.create_connection(("srv", port)) as s:
    announced, again, same = download(s, b"GET 6 20000\n")
modem.close()
result(
    error=type(error).__name__,
    closed=isinstance(error, ConnectionClosed),
    reboot="reboot" in events,
    got=len(got),
    prefix_same=prefix_same,
    again=again == announced and same,
)
