"""asyncio_mqtt.py DEVICE HOST PORT FOLDER: mqtt_async, as it is in FOLDER, over streams of the module. MicroPython only.

A board's `machine` and `network` have what the program imports; this interpreter gets stand-ins for it. The program wants one object
for both ways, as MicroPython's asyncio has it.
"""

import asyncio
import sys

from both import connected, run
from common import random_bytes, result

sys.path.append(sys.argv.pop())


class _Board:
    """What the program takes from `machine` and `network`."""

    STA_IF = 0
    unique_id = staticmethod(lambda: b"\x00\x01\x02\x03")
    WLAN = staticmethod(lambda interface: None)


sys.modules["machine"] = sys.modules["network"] = _Board
import mqtt_async  # noqa: E402


class Stream:
    """Reader and writer in one object."""

    def __init__(self, reader, writer):
        self.read = reader.read
        self.write, self.drain, self.close, self.wait_closed = writer.write, writer.drain, writer.close, writer.wait_closed


class Names:
    """socket.getaddrinfo() that leaves the name to the module."""

    @staticmethod
    def getaddrinfo(host, port):
        return [(0, 0, 0, "", (host, port))]


async def main(device, host, port):
    modem = await connected(device, "async")

    async def open_connection(address):
        return Stream(*await modem.open_connection(*address))

    mqtt_async.open_connection = open_connection
    mqtt_async.socket = Names
    mqtt_async.log.info = lambda *arguments: None
    came = []
    arrived = asyncio.Event()

    def on_message(topic, message, retained, qos):
        came.append((bytes(topic), bytes(message)))
        arrived.set()

    config = mqtt_async.config
    config.server, config.port, config.interface, config.subs_cb = host, int(port), modem, on_message
    config.clean = False  # or it connects twice at once, and the broker may lose what comes for it
    client = mqtt_async.MQTTClient(config)
    await client.connect()
    await client.subscribe("to/board/0", 0)
    await client.subscribe("to/board/1", 1)
    sent = []
    for qos, data in ((0, bytes(range(256))), (1, bytes(random_bytes(5000))), (1, b'\r\nOK\r\n+++\r\n+QIURC: "closed",0\r\n')):
        await client.publish("to/desk/%d" % qos, data, qos=qos)
        sent.append((b"to/board/%d" % qos, data))
        while len(came) < len(sent):
            arrived.clear()
            await arrived.wait()
    await client.disconnect()
    await modem.disconnect()
    await modem.close()
    result(same=came == sent)


run(main)
