"""MQTT over TLS with a client certificate, as AWS IoT Core wants it: sends a measurement every minute, receives commands.

Wiring  as in first_connection.py.
Needs   MicroPython, and umqtt.simple: mpremote mip install umqtt.simple. Beside this file: ca.pem (AWS: AmazonRootCA1.pem),
        client.pem and key.pem (AWS: ...-certificate.pem.crt and ...-private.pem.key), which are put into the module's files
        once. A module that sends the server's name (SNI), which AWS needs: EC200U, EG915U, BG95, A76XX; not BG96.
Change  ENDPOINT to that of your account, THING to the name of your device, measure(), on_message(). On AWS the policy of the
        certificate has to allow iot:Connect for the client THING, and the topics below.
"""

import json
import time

import umqtt.simple

from modem import Modem, ModemError
from modem.supervisor import Supervisor
from ports.machine_uart import MachineUART

APN = "internet"
ENDPOINT = "xxxxxxxxxxxxxx-ats.iot.eu-central-1.amazonaws.com"
MQTT_PORT = 8883
THING = b"board-1"
TIME_SERVER = "pool.ntp.org"
PERIOD_S = 60
PAUSE_MS = 10000  # before another try

modem = Modem(MachineUART(1, 115200, tx=4, rx=5))
supervisor = Supervisor(modem, APN)


def measure():
    return {"rssi": modem.status("rssi"), "technology": modem.status("technology")}


def on_message(topic, message):
    print("command:", json.loads(message))


def provision():
    """Put the certificates into the module where they are missing."""
    there = [name for name, _ in modem.files.list()]
    for name in ("ca.pem", "client.pem", "key.pem"):
        if name not in there:
            with open(name, "rb") as f:
                modem.files.put(name, f)


def session():
    """Connect, then send and receive until something breaks."""
    provision()
    modem.sync_time(TIME_SERVER)  # the module's clock decides whether a certificate has expired
    umqtt.simple.socket = modem.tls_context(ca="ca.pem", cert="client.pem", key="key.pem")  # the module does the TLS
    client = umqtt.simple.MQTTClient(THING, ENDPOINT, MQTT_PORT, keepalive=3 * PERIOD_S)
    client.set_callback(on_message)
    client.connect()
    client.subscribe(THING + b"/commands", qos=1)
    try:
        while True:
            client.publish(THING + b"/telemetry", json.dumps(measure()).encode(), qos=1)
            due = time.time() + PERIOD_S
            while time.time() < due:
                client.check_msg()
                modem.poll(200)
    finally:
        client.sock.close()


while True:
    if not supervisor.step():  # not connected yet
        modem.poll(1000)
        continue
    try:
        session()
    except (IndexError, AssertionError):  # of umqtt: no answer to CONNECT
        print("the broker closed the connection. Does it know the client certificate, and the policy the name of the thing?")
        modem.poll(PAUSE_MS)
    except (ModemError, OSError, umqtt.simple.MQTTException) as error:
        print(type(error).__name__, error)
        modem.poll(PAUSE_MS)
