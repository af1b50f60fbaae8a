"""transfer.py DEVICE PORT DOWN UP [SEED]: download and upload over one TCP connection each, in buffer mode."""

import sys

from common import connected, download, random_bytes, result, upload

device, port, down, up = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
seed = int(sys.argv[5]) if len(sys.argv) > 5 else 1
modem = connected(device)
found = {}
if down:
    with modem.create_connection(("srv", port)) as s:
        found["announced"], found["got"], found["same"] = download(s, b"GET %d %d\n" % (seed, down))
if up:
    with modem.create_connection(("srv", port)) as s:
        found["upload"] = upload(s, random_bytes(8192, seed), up // 8192)
        s.settimeout(20)
        s.flush()
        found["stats"] = list(s.stats())
modem.disconnect()
modem.close()
result(**found)
