"""A real MQTT broker on loopback, and somebody at the other end of it. CPython only.

    with broker(pem=None, answers={...}) as desk:   # desk.port
        ...
        desk.settled(n)                 # waits until n messages have come to what the desk listens to

The broker is amqtt; `Desk` is a client of it.
"""

import asyncio
import contextlib
import logging
import queue
import threading

from amqtt.broker import Broker
from amqtt.client import MQTTClient

from tests.rigs.network_peers import free_port

_LIMIT_S = 100
_BOTH = {"to/desk/0": ("to/board/0", 0), "to/desk/1": ("to/board/1", 1)}


class Desk:
    """Subscribes to what `answers` has and to will/#, notes what comes, and sends it back.

    `answers`: topic -> (topic of what goes back, QoS both ways).
    """

    def __init__(self, port, answers):
        self.port = port
        self.answers = answers
        self.heard = []  # (topic, payload)
        self._came = queue.Queue()

    def settled(self, n):
        """Wait for the first n messages and return them."""
        while len(self.heard) < n:
            self.heard.append(self._came.get(timeout=_LIMIT_S))
        return self.heard

    async def attend(self, client, at_work):
        """Do the work of the class until cancelled."""
        await client.subscribe([("will/#", 1), *((topic, qos) for topic, (_, qos) in self.answers.items())])
        at_work.set()
        while True:
            message = await client.deliver_message()
            data = bytes(message.data)
            self._came.put((message.topic, data))
            if message.topic in self.answers:
                topic, qos = self.answers[message.topic]
                await client.publish(topic, data, qos=qos)


def _settings(ports, pem):
    listeners = {"default": {"type": "tcp", "bind": "127.0.0.1:%d" % ports[0]}}
    if pem:
        listeners["tls"] = {"bind": "127.0.0.1:%d" % ports[1], "ssl": True, "certfile": str(pem), "keyfile": str(pem)}
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    return {"listeners": listeners, "plugins": plugins}


async def _run(desk, ports, pem, at_work, over):
    server = Broker(_settings(ports, pem))
    await server.start()
    client = MQTTClient(client_id="desk", config={"auto_reconnect": False})
    await client.connect("mqtt://127.0.0.1:%d/" % ports[0])
    task = asyncio.create_task(desk.attend(client, at_work))
    while not over.is_set():
        await asyncio.sleep(0.02)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await client.disconnect()
    await server.shutdown()


@contextlib.contextmanager
def broker(pem=None, answers=_BOTH):
    """Run a broker and its desk; yields the Desk. With `pem`, a file with a chain and its key, `desk.port` speaks TLS."""
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    ports = (free_port(), free_port())
    desk = Desk(ports[1 if pem else 0], answers)
    at_work, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_run(desk, ports, pem, at_work, over)), daemon=True)
    thread.start()
    try:
        assert at_work.wait(_LIMIT_S), "the broker did not start"
        yield desk
    finally:
        over.set()
        thread.join(_LIMIT_S)
