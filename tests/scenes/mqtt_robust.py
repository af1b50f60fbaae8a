"""mqtt_robust.py DEVICE HOST PORT FOLDER: umqtt.robust, as it is in FOLDER, keeps its subscription over broken connections."""

import sys

from common import connected, result

if sys.implementation.name == "cpython":  # modules that the program imports by MicroPython's names
    import binascii
    import socket
    import struct
    import time

    sys.modules.update(usocket=socket, ustruct=struct, ubinascii=binascii, utime=time)

device, host, port, folder = sys.argv[1:]
sys.path.append(folder)
import umqtt.robust  # noqa: E402
import umqtt.simple  # noqa: E402

came = []
modem = connected(device)
umqtt.simple.socket = modem
client = umqtt.robust.MQTTClient(b"board", host, int(port))
client.set_callback(lambda topic, message: came.append(message.decode()))
client.connect(clean_session=False)
client.subscribe(b"to/board/1", qos=1)


def echoed(text):
    """Send a message to the desk, and wait for what it sends back."""
    client.publish(b"to/desk/1", text, qos=1)
    while len(came) < len(sent):
        client.wait_msg()


sent = ["one"]
echoed(b"one")
first = client.sock
client.sock.close()  # it breaks on this side: found by publish()
sent.append("two")
echoed(b"two")
second = client.sock
thief = umqtt.simple.MQTTClient(b"board", host, int(port))
thief.connect(clean_session=False)  # it breaks on the other side: a broker ends the older connection of a client
thief.sock.close()
sent.append("three")
client.publish(b"to/desk/0", b"three", qos=0)
while len(came) < len(sent):
    client.wait_msg()
again = client.sock is not second
client.disconnect()
modem.disconnect()
modem.close()
result(came=came, reconnected=[second is not first, again])
