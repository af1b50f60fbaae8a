# CPython only: it starts the virtual modem and real servers.
"""start() gets each model out of each state that an earlier program, or a mishap, has left it in; then a download works.

The states are made by hand, without the driver, one after the other on the same module.
"""

import concurrent.futures
import contextlib
import time

from modem import Modem
from modem.models import MODELS
from ports.tty_uart import TtyUart
from tests.rigs.scene_runner import data_server, vmodem
from tools.kills import tls_port

_REACHED = (b"CONNECT", b">", b"+QIOPEN:", b"+QSSLOPEN:", b"+CCHOPEN:", b'"recv"', b"RECV")  # without these it is not the state
LONGEST_S = 25  # the machine that runs this may be busy


class Typist:
    """What an earlier program typed, and what it saw."""

    def __init__(self, device, rate=None):
        path, _, default = device.partition("@")
        self._port = TtyUart(path, rate or int(default))

    def type(self, text, until=b"OK\r\n", timeout_s=5):
        """Type `text`; read up to `until`. The answer does not matter: what is left behind does."""
        data = text if isinstance(text, bytes) else text.encode() + b"\r"
        self._port.write(data, 0, len(data))
        seen, buf, end = b"", bytearray(512), time.monotonic() + timeout_s
        while until not in seen and b"ERROR" not in seen and time.monotonic() < end:
            self._port.wait(50)
            seen += bytes(buf[: self._port.readinto(buf, 512)])
        return seen

    def close(self):
        self._port.close()


def _quectel(ports, tls):
    """Return what leaves a Quectel module in each state: lines, each with what is waited for."""
    up = [('AT+QICSGP=1,1,"other","","",0', b"OK\r\n"), ("AT+QIACT=1", b"OK\r\n")]
    hold = b"HOLD 1 60000\n"
    states = {
        "transparent": [*up, ('AT+QIOPEN=1,0,"TCP","srv",%d,0,2' % ports["data"], b"CONNECT")],
        "transparent, data come": [*up, ('AT+QIOPEN=1,0,"TCP","srv",%d,0,2' % ports["data"], b"CONNECT"), (hold, b"\n")],
        "prompt": [*up, ('AT+QIOPEN=1,0,"TCP","srv",%d,0,0' % ports["data"], b"+QIOPEN:"), ("AT+QISEND=0,500", b">"), (b"half", b"-")],
        "push": [
            *up, ('AT+QIOPEN=1,3,"TCP","srv",%d,0,1' % ports["data"], b"+QIOPEN:"), ("AT+QISEND=3,13", b">"), (hold, b'"recv"'),
        ],
        "listener": [*up, ('AT+QIOPEN=1,5,"TCP LISTENER","127.0.0.1",0,0,0', b"+QIOPEN:")],
        "sleep": [("AT+QSCLK=1", b"OK\r\n")],
    }  # fmt: skip
    if tls:
        opened = 'AT+QSSLOPEN=1,1,4,"srv",%d,1' % ports["tls"]
        states["TLS session"] = [*up, ('AT+QSSLCFG="seclevel",1,0', b"OK\r\n"), (opened, b"+QSSLOPEN:")]
        states["file upload"] = [('AT+QFUPL="half.pem",5000,60', b"CONNECT"), (b"x" * 100, b"-")]
    return states


def _simcom(ports):
    """The same for a SIMCom module."""
    up = [('AT+CGDCONT=1,"IP","other"', b"OK\r\n"), ("AT+NETOPEN", b"+NETOPEN:")]
    link = 'AT+CIPOPEN=%d,"TCP","srv",' + str(ports["data"])
    hold = b"HOLD 1 60000\n"
    closed = [("AT+NETCLOSE", b"+NETCLOSE:")]
    silent = [*closed, ("AT+CIPMODE=1", b"OK\r\n"), *up, (link % 0, b"CONNECT")]
    return {
        "transparent": silent,
        "transparent, data come": [*silent, (hold, b"\n")],
        "prompt": [*up, ("AT+CIPRXGET=1", b"OK\r\n"), (link % 0, b"+CIPOPEN:"), ("AT+CIPSEND=0,500", b">"), (b"half", b"-")],
        "push": [*closed, *up, ("AT+CIPRXGET=0", b"OK\r\n"), (link % 3, b"+CIPOPEN:"), ("AT+CIPSEND=3,13", b">"), (hold, b"RECV")],
        "listener": [*up, ("AT+SERVERSTART=0,2", b"OK\r\n")],
        "sleep": [("AT+CSCLK=1", b"OK\r\n")],
        "TLS session": [
            *up, ("AT+CCHSET=1,0", b"OK\r\n"), ("AT+CCHSTART", b"+CCHSTART:"), ('AT+CSSLCFG="authmode",1,0', b"OK\r\n"),
            ("AT+CCHSSLCFG=1,1", b"OK\r\n"), ('AT+CCHOPEN=1,"srv",%d,2' % ports["tls"], b"+CCHOPEN:"),
        ],
        "file upload": [('AT+CCERTDOWN="half.pem",5000', b">"), (b"x" * 100, b"-")],
    }  # fmt: skip


COMMON = {
    "echo, errors in words": [("ATE1", b"OK\r\n"), ("AT+CMEE=2", b"OK\r\n")],
    "half a command": [(b"AT+COP", b"-")],
    "command in flight": [(b"AT+CGMI;+CGMM;+CGMR;+CGSN\r", b"\r\n")],
    "message being written": [("AT+CMGF=1", b"OK\r\n"), ('AT+CMGS="123"', b">"), (b"some words", b"-")],
    "radio off": [("AT+CFUN=0", b"OK\r\n")],
    "booting": [("AT+CFUN=1,1", b"OK\r\n")],
    "another baud rate": [("AT+IPR=230400", b"OK\r\n")],
    "another baud rate, stored": [("AT+IPR=57600;&W", b"OK\r\n")],
}


def play(model):
    """Leave `model` in each state, and start; return {state: seconds until start() and connect() have done it}."""
    took = {}
    facts = {each.name: each for each in MODELS}[model]
    with data_server() as data, tls_port() as tls, vmodem("--baud", "115200", "--latency-ms", "2", model=model) as device:
        ports = {"data": data, "tls": tls}
        states = _simcom(ports) if facts.vendor == "simcom" else _quectel(ports, "tls" in facts.facts)
        rate = int(device.partition("@")[2])
        for state, lines in {**states, **COMMON}.items():
            with contextlib.closing(Typist(device, rate)) as typist:
                typist.type("ATE0")
                for line, until in lines:
                    seen = typist.type(line, until, 0.1 if until == b"-" else 5)
                    assert until in seen or until not in _REACHED, (model, state, line, seen)
            modem = Modem(TtyUart(device.partition("@")[0], rate))
            began = time.monotonic()
            try:
                modem.start(60000, rates=True if "baud" in state else None)
                modem.connect("internet", timeout_ms=60000)
                took[state] = time.monotonic() - began
                sock = modem.create_connection(("srv", data), 20)
                sock.sendall(b"GET 2 3000\n")
                assert len(sock.readline().split()) == 2 and len(sock.read(3000)) == 3000
                sock.close()
            except Exception as error:
                raise AssertionError("%s: %s: %r" % (model, state, error)) from error
            rate = modem.module.port.baudrate
            modem.close()
    return took


def test_start_gets_every_model_out_of_every_state():
    names = [model.name for model in MODELS]
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:  # they mostly wait
        found = dict(zip(names, pool.map(play, names), strict=True))
    for model, took in found.items():
        print(model, {state: round(seconds, 1) for state, seconds in took.items()})
        assert max(took.values()) < LONGEST_S, (model, took)
