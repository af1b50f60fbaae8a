"""requests_get.py DEVICE HOST PORT TLS_PORT CA: MicroPython's own frozen requests over sockets of the module. MicroPython only.

The web server tells what it was asked. CA is a file here, "-" for a module without TLS.
"""

import hashlib
import sys

import requests
from common import connected, hexdigest, result

device, host, port, tls_port, ca = sys.argv[1:6]
found = {}


def seen(name, answer):
    """Note status and body of an answer."""
    found[name] = [answer.status_code, answer.text]
    answer.close()


modem = connected(device)
requests.socket = modem
url = "http://%s:%s" % (host, port)
seen("get", requests.get(url + "/path?a=1", headers={"X-Name": "caf\u00e9"}))
seen("post", requests.post(url + "/", json={"name": "value"}))
seen("put", requests.put(url + "/", data=bytes(range(256))))
seen("chunks", requests.post(url + "/", data=iter((b"one", b"two" * 1000))))
seen("moved", requests.get(url + "/moved"))
answer = requests.get(url + "/large", timeout=30)
found["large"] = hexdigest(hashlib.sha256(answer.content))
seen("tls by the board", requests.get("https://%s:%s/tls" % (host, tls_port)))
if ca != "-":
    with open(ca, "rb") as f:
        modem.files.put("ca.pem", f)
    requests.socket = modem.tls_context(ca="ca.pem")
    seen("tls by the module", requests.get("http://%s:%s/tls" % (host, tls_port)))  # http: the program itself does no TLS
modem.disconnect()
modem.close()
result(found=found)
