"""mqtt.py DEVICE HOST PORT FOLDER [CA]: umqtt.simple, as it is in FOLDER, over sockets of the module; with TLS when CA is given.

CA is a file here with the certificate to trust. On CPython the three modules that the program imports by MicroPython's names
are put under these names first; the program itself is the same.
"""

import sys

from common import connected, random_bytes, result

if sys.implementation.name == "cpython":
    import binascii
    import socket
    import struct

    sys.modules.update(usocket=socket, ustruct=struct, ubinascii=binascii)

device, host, port, folder = sys.argv[1:5]
sys.path.append(folder)
import umqtt.simple  # noqa: E402

EVERY = bytes(range(256))
LOOK_ALIKE = b'\r\nOK\r\n+++\r\n+QIURC: "closed",0\r\n'
came = []


def until(client, n):
    """Let messages in until n have come."""
    while len(came) < n:
        client.wait_msg()


modem = connected(device)
umqtt.simple.socket = modem
if len(sys.argv) > 5:
    with open(sys.argv[5], "rb") as f:
        modem.files.put("ca.pem", f)
    umqtt.simple.socket = modem.tls_context(ca="ca.pem")

client = umqtt.simple.MQTTClient(b"board", host, int(port), keepalive=60)
client.set_callback(lambda topic, message: came.append((bytes(topic), bytes(message))))
client.set_last_will(b"will/board", EVERY, qos=1)
client.connect()
client.subscribe(b"to/board/0", qos=0)
client.subscribe(b"to/board/1", qos=1)
idle = client.check_msg()  # nothing there: returns at once
sent = []
for qos, data in ((0, EVERY), (1, EVERY), (1, bytes(random_bytes(5000))), (0, LOOK_ALIKE), (1, b"")):
    client.publish(b"to/desk/%d" % qos, data, qos=qos)
    sent.append((b"to/board/%d" % qos, data))
    until(client, len(sent))
client.ping()
answer = client.wait_msg()  # PINGRESP: None
client.disconnect()

lost = umqtt.simple.MQTTClient(b"board", host, int(port))
lost.set_last_will(b"will/board", EVERY, qos=1)
lost.connect()
lost.sock.close()  # without a word: the broker publishes the will
modem.disconnect()
modem.close()
result(same=came == sent, idle=idle, answer=answer)
