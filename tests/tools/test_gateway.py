# CPython only: the gateway is a tool for desktops.
"""tools/gateway: curl, a page of many small files, httpx and MQTT clients use the virtual modem's connection through it."""

import asyncio
import contextlib
import functools
import hashlib
import http.server
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from tests.face.test_foreign_programs import EVERY, HOST, told, web_server
from tests.rigs.assertions import skip
from tests.rigs.foreign_programs import AIOMQTT, HTTPX, PAHO, authority, packages
from tests.rigs.mqtt_broker import broker
from tests.rigs.network_peers import free_port, served
from tests.rigs.scene_runner import ROOT, data_server, payload, vmodem

_BIG = 5000000
_LIMIT_S = 200


@contextlib.contextmanager
def _gateway(*options, model="ec600e", line=()):
    """Run virtual modem and gateway; yields (port of the SOCKS proxy or None, list of the lines that it shows)."""
    with vmodem("--host", HOST + "=127.0.0.1", *line, model=model) as device:
        device, _, rate = device.partition("@")
        command = [sys.executable, "-m", "tools.gateway", device, *(("--baud", rate) if rate else ()), *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        shown = []
        reading = threading.Thread(target=lambda: shown.extend(line.rstrip() for line in process.stdout), daemon=True)
        reading.start()
        try:
            ready = _wait(lambda: [line for line in shown if line.startswith("ready ")] and shown, shown)
            socks = [line for line in ready if line.startswith("ready socks ")]
            yield int(socks[0].rpartition(":")[2]) if socks else None, shown
        finally:
            process.terminate()
            process.wait(60)
            reading.join(10)
            process.stdout.close()


def _wait(found, shown):
    end = time.monotonic() + 60
    while not (value := found()):
        assert time.monotonic() < end, shown
        time.sleep(0.02)
    return value


def _curl(proxy, *arguments):
    if shutil.which("curl") is None:
        skip("no curl here")
    command = [
        "curl",
        "--silent",
        "--show-error",
        "--max-time",
        str(_LIMIT_S),
        "--socks5-hostname",
        "127.0.0.1:%d" % proxy,
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, timeout=_LIMIT_S + 20)


@contextlib.contextmanager
def _files(chain, content):
    """A web server with TLS that has the file `content` under any name."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in content.items():
            (pathlib.Path(folder) / name).write_bytes(data)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *args):
                """Nothing."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        with served(functools.partial(Handler, directory=folder), context) as port:
            yield port


def test_a_large_download_and_eight_at_a_time_by_curl():
    big, small = payload(8, _BIG), payload(9, 60000)
    with (
        authority(HOST) as (trust, chain),
        _files(chain, {"big": big, "small": small}) as port,
        _gateway("--socks", "0") as (proxy, shown),
    ):
        url = "https://%s:%d/" % (HOST, port)
        done = _curl(proxy, "--cacert", str(trust), url + "big")
        assert (done.returncode, done.stderr) == (0, b"") and hashlib.sha256(done.stdout).digest() == hashlib.sha256(big).digest()
        results = [None] * 8

        def fetch(n):
            results[n] = _curl(proxy, "--cacert", str(trust), url + "small")

        threads = [threading.Thread(target=fetch, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_LIMIT_S)
        assert [(done.returncode, done.stdout == small) for done in results] == [(0, True)] * 8
        page = ["%ssmall?%d" % (url, n) for n in range(30)]  # as a browser has it: many files over few connections
        done = _curl(proxy, "--cacert", str(trust), "--parallel", "--parallel-max", "6", *page)
        assert done.returncode == 0 and len(done.stdout) == 30 * len(small), done.stderr
        _wait(lambda: len([line for line in shown if " down, " in line]) >= 9, shown)
        first = next(line for line in shown if " down, " in line)
        assert first.startswith("%s:%d: " % (HOST, port)) and " 5009.0 kB down, " in first and first.endswith(" up"), first


def test_what_cannot_be_is_refused_in_words():
    local = free_port()
    with (
        data_server() as port,
        _gateway("--socks", "0", "--forward", "%d=srv:%d" % (local, port), model="a76xx") as (proxy, shown),
    ):
        for host, number, words in (("nobody.test", 80, "DNS"), (HOST, free_port(), "connection failed")):
            done = _curl(proxy, "http://%s:%d/" % (host, number))
            assert done.returncode == 97, done
            _wait(lambda words=words: any(words in line for line in shown), shown)
        held = []
        with contextlib.ExitStack() as stack:
            while not (held and held[-1] != 0):
                sock = stack.enter_context(socket.create_connection(("127.0.0.1", proxy), 60))
                sock.sendall(b"\5\1\0" + b"\5\1\0\3\x03srv" + port.to_bytes(2, "big"))
                with sock.makefile("rb") as file:
                    answer = file.read(12)
                held.append(answer[3])
                assert len(held) < 20
            with socket.create_connection(("127.0.0.1", local), 60) as sock:
                assert sock.recv(1) == b""
        assert set(held[:-1]) == {0} and len(held) == 11 and held[-1] == 1
        words = "all 10 connections of the module are in use"
        _wait(lambda: len([line for line in shown if words in line]) == 2, shown)  # the SOCKS client's, and that of the forward
        name = b"a\x1b[2J\nready"
        with socket.create_connection(("127.0.0.1", proxy), 60) as sock, sock.makefile("rb") as file:
            sock.sendall(b"\5\1\0" + b"\5\1\0\3" + bytes([len(name)]) + name + b"\0\x50")
            assert file.read(4) == b"\5\0\5\1"
        _wait(lambda: any(line.startswith("a\\x1b[2J\\x0aready:80: ") for line in shown), shown)
        for request, answer in ((b"\4\1\0\x50", b""), (b"\5\1\2", b"\5\xff"), (b"\5\1\0\5\2\0\1\0\0\0\0\0\0", b"\5\0\5\7")):
            with socket.create_connection(("127.0.0.1", proxy), 60) as sock, sock.makefile("rb") as file:
                sock.sendall(request)
                assert file.read(4) == answer, request
        with web_server() as web:
            _wait(lambda: len([line for line in shown if line.startswith("srv:")]) >= 10, shown)
            done = _curl(proxy, "-d", "a=1", "http://%s:%d/after" % (HOST, web))
            assert [200, done.stdout.decode()] == told("POST", "/after", b"a=1")


@contextlib.contextmanager
def _imports_from(*folders):
    sys.path[:0] = map(str, folders)
    try:
        yield
    finally:
        del sys.path[: len(folders)]


def test_httpx_aiomqtt_and_amqtt_by_proxy_and_forward():
    with _imports_from(packages(*HTTPX), packages(*AIOMQTT)):
        import aiomqtt
        import httpcore  # noqa: F401  httpx imports both when it is used
        import httpx
        import socksio  # noqa: F401
    from amqtt.client import MQTTClient

    async def pages(url, proxy, verify):
        async with httpx.AsyncClient(proxy=proxy, verify=verify, timeout=60) as client:
            for answer in await asyncio.gather(*[client.post(url + "/%d" % n, content=EVERY) for n in range(4)]):
                assert [answer.status_code, answer.text] == told("POST", answer.url.path, EVERY)

    async def by_aiomqtt(port, context):
        async with aiomqtt.Client("127.0.0.1", port, tls_context=context, tls_insecure=True) as client:
            await client.subscribe("to/board/1", qos=1)
            await client.publish("to/desk/1", EVERY * 20, qos=1)
            async for message in client.messages:
                return str(message.topic), message.payload

    async def by_amqtt(port, trust):
        client = MQTTClient(client_id="other", config={"auto_reconnect": False, "check_hostname": False})
        await client.connect("mqtts://127.0.0.1:%d/" % port, cafile=str(trust))
        await client.subscribe([("to/board/0", 0)])
        await client.publish("to/desk/0", EVERY, qos=0)
        message = await asyncio.wait_for(client.deliver_message(), 60)
        await client.disconnect()
        return message.topic, bytes(message.data)

    with authority(HOST) as (trust, chain), broker(chain) as desk, web_server(chain, "HTTP/1.1") as web:
        local = free_port()
        with _gateway("--socks", "0", "--forward", "%d=%s:%d" % (local, HOST, desk.port)) as (proxy, _):
            url, context = "https://%s:%d" % (HOST, web), ssl.create_default_context(cafile=str(trust))
            with httpx.Client(proxy="socks5h://127.0.0.1:%d" % proxy, verify=context, timeout=60) as client:
                answer = client.get(url + "/path")
                assert [answer.status_code, answer.text] == told("GET", "/path")
            asyncio.run(pages(url, "socks5h://127.0.0.1:%d" % proxy, context))
            assert asyncio.run(by_aiomqtt(local, context)) == ("to/board/1", EVERY * 20)
            assert asyncio.run(by_amqtt(local, trust)) == ("to/board/0", EVERY)


def test_paho_with_a_thread_of_its_own_through_a_forward():
    with _imports_from(packages(*PAHO)):
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion
    came = {}
    with authority(HOST) as (trust, chain), broker(chain) as desk:
        local = free_port()
        with _gateway("--forward", "%d=%s:%d" % (local, HOST, desk.port)):
            client = paho.Client(CallbackAPIVersion.VERSION2, client_id="board")
            client.tls_set(str(trust))
            client.tls_insecure_set(True)  # the name in the certificate is the server's, not that of the forward
            arrived = threading.Event()

            def on_message(client, user, message):
                came[message.topic] = message.payload
                if len(came) == 2:
                    arrived.set()

            client.on_message = on_message
            subscribed = threading.Event()
            client.on_subscribe = lambda *args: subscribed.set()
            client.on_connect = lambda client, *args: client.subscribe([("to/board/0", 0), ("to/board/1", 1)])
            client.connect("127.0.0.1", local)
            client.loop_start()
            assert subscribed.wait(60)
            client.publish("to/desk/0", EVERY, qos=0)
            client.publish("to/desk/1", EVERY * 20, qos=1)
            assert arrived.wait(60), came
            client.disconnect()
            client.loop_stop()
    assert came == {"to/board/0": EVERY, "to/board/1": EVERY * 20}


def test_command_line():
    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "tools.gateway", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stderr

    assert "nothing to do" in run("/dev/none")[1]
    for wrong in ("80", "x=srv:80", "80=srv", "80=srv:0", "99999=srv:80"):
        assert "LOCAL=HOST:PORT" in run("/dev/none", "--forward", wrong)[1], wrong
    status, words = run("/dev/none", "--socks")
    assert (status == 1 and words.startswith("gateway: OSError")) or "FileNotFoundError" in words, words
    with _gateway("--socks", "0", "--listen", "0.0.0.0") as (proxy, shown):
        assert any("every machine" in line for line in shown)
