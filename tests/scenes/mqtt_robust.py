"""mqtt_robust.py DEVICE HOST PORT FOLDER: umqtt.robust, as it is in FOLDER, connects again where a connection has broken.

The connection is cut by the other side when "CUT" is sent. What the desk sends back is waited for only once: the broker may lose what
comes for a client that it has just seen again.
"""

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
client.publish(b"to/desk/1", b"one", qos=1)
while not came:
    client.wait_msg()  # what the desk sends back
first = client.sock
first.close()  # it breaks on this side
client.publish(b"to/desk/1", b"two", qos=1)
second = client.sock
client.publish(b"to/desk/0", b"CUT", qos=0)  # it breaks on the other side: what stands between cuts it
second.setblocking(False)
while second.read(1) != b"":  # what is sent before the end is known may be lost
    modem.poll(10)
client.publish(b"to/desk/1", b"three", qos=1)
third = client.sock
client.disconnect()
modem.disconnect()
modem.close()
result(came=came[0], reconnected=[second is not first, third is not second])
