"""keep_up.py DEVICE PORT N: downloads one after the other under a supervisor while the network and the module fail."""

import sys

from common import download, result

from modem import Modem, ModemError
from modem.supervisor import Supervisor
from ports.tty_uart import TtyUart

device, port, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
modem = Modem(TtyUart(device))
states = []
events = []
modem.on_event(lambda kind, detail: events.append(kind))
supervisor = Supervisor(modem, "internet", retry_ms=200, on_change=states.append)
good = bad = 0
for _ in range(400):
    if good == n:
        break
    if not supervisor.step():
        modem.poll(100)
        continue
    try:
        with modem.socket() as s:
            s.settimeout(20)
            s.connect(("srv", port))
            announced, got, same = download(s, b"GET %d 20000\n" % (good + 1))
            if same and got == announced:
                good += 1
            else:
                bad += 1
    except ModemError as e:
        print(repr(e))
modem.close()
result(good=good, bad=bad, states=states, events=events, restarts=supervisor.restarts)
