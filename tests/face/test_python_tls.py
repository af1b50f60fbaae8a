# CPython only: it uses Python's own ssl, urllib, requests, httpx and amqtt.
"""TLS by Python's ssl over a modem's sockets, and programs that bring their own connections: urllib, http.client, requests, httpx."""

import asyncio
import contextlib
import gc
import hashlib
import http.client
import socket
import ssl
import sys
import threading
import urllib.request

import amqtt.client

from modem import AsyncModem, Modem
from modem.ssl_sockets import create_default_context
from ports.tty_uart import TtyUart
from tests.face.test_foreign_programs import EVERY, HOST, LARGE, told, web_server
from tests.rigs.assertions import raises
from tests.rigs.foreign_programs import HTTPX, REQUESTS, authority, packages
from tests.rigs.mqtt_broker import broker
from tests.rigs.network_peers import free_port
from tests.rigs.scene_runner import payload, vmodem

_LONG_S = 60


@contextlib.contextmanager
def _modem(model="ec600e", flavour=Modem):
    with vmodem("--host", HOST + "=127.0.0.1", "--host", "other.test=127.0.0.1", model=model) as device:
        modem = flavour(TtyUart(device))
        if flavour is Modem:
            modem.start()
            modem.connect("internet")
        yield modem
        if flavour is Modem:
            modem.close()


@contextlib.contextmanager
def _echo_server(chain):
    """Send back what comes, with TLS; yields the port."""
    port, ready, over = free_port(), threading.Event(), threading.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    async def serve(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                writer.write(data)
                await writer.drain()
            writer.close()

    async def main():
        async with await asyncio.start_server(serve, "127.0.0.1", port, ssl=context):
            ready.set()
            while not over.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(_LONG_S)
    try:
        yield port
    finally:
        over.set()
        thread.join(_LONG_S)


def test_certificate_and_name_are_verified_and_bytes_arrive():
    data = payload(3, 40000)
    with authority(HOST) as (trust, chain), authority(HOST) as (foreign, _), _echo_server(chain) as port, _modem() as modem:
        context = create_default_context(cafile=str(trust))
        for wrong, name in (
            (create_default_context(cafile=str(foreign)), HOST),
            (context, "other.test"),
            (create_default_context(), HOST),
        ):
            with raises(ssl.SSLCertVerificationError):
                wrong.wrap_socket(modem.create_connection((HOST, port), _LONG_S), server_hostname=name)
        plain = modem.create_connection((HOST, port), _LONG_S)
        sock = context.wrap_socket(plain, server_hostname=HOST)
        with raises(OSError):
            plain.recv(1)
        assert sock.version() in ("TLSv1.2", "TLSv1.3") and sock.getpeercert()["subjectAltName"] == (("DNS", HOST),)
        with sock, sock.makefile("rb") as file:
            for at in range(0, len(data), 10000):
                sock.sendall(data[at : at + 10000])
                assert file.read(10000) == data[at : at + 10000]
            sock.settimeout(0.2)
            with raises(TimeoutError):
                file.read(1)
            sock.settimeout(_LONG_S)
            sock.sendall(b"x")
            assert file.read(1) == b"x"
        assert modem.module.links == [None] * len(modem.module.links)


def test_streams_of_asyncio_with_tls():
    data = payload(4, 60000)

    async def main(modem, trust, port):
        await modem.start()
        await modem.connect("internet")
        with raises(ssl.SSLCertVerificationError):
            await modem.open_connection(HOST, port, _LONG_S, ssl=True)
        context = ssl.create_default_context(cafile=str(trust))
        reader, writer = await modem.open_connection(HOST, port, _LONG_S, ssl=context)

        async def write():
            for at in range(0, len(data), 7000):
                writer.write(data[at : at + 7000])
                await writer.drain()

        writing = asyncio.create_task(write())  # both ways at a time
        assert await reader.readexactly(len(data)) == data
        await writing
        for _ in range(3):  # cancelled in the middle: nothing is sent twice or lost
            task = asyncio.create_task(writer.get_extra_info("socket").sendall(b"y" * 5000))
            await asyncio.sleep(0.01)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await writer.get_extra_info("socket").sendall(b"end\n")
        assert (await reader.readline()).endswith(b"yend\n")
        await writer.wait_closed()
        assert modem.module.links == [None] * len(modem.module.links)
        await modem.close()

    with authority(HOST) as (trust, chain), _echo_server(chain) as port, _modem("a76xx", AsyncModem) as modem:
        asyncio.run(main(modem, trust, port))


def test_a_server_of_asyncio_with_tls():
    data = payload(5, 20000)

    def clients(port, trust, answers):
        context = ssl.create_default_context(cafile=str(trust))
        with socket.create_connection(("127.0.0.1", port), _LONG_S) as plain:
            plain.sendall(b"no TLS at all\n\n")
            while plain.recv(100):  # an alert, and the end
                pass
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port), _LONG_S), server_hostname=HOST) as sock:
            with sock.makefile("rwb") as file:
                file.write(data)
                file.flush()
                answers.append(file.read(len(data)))

    async def main(modem, trust, chain):
        await modem.start()
        await modem.connect("internet")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain)
        served, answers, port = [], [], free_port()

        async def serve(reader, writer):
            served.append(writer.get_extra_info("socket").version())
            writer.write(await reader.readexactly(len(data)))
            await writer.drain()

        async with await modem.start_server(serve, port=port, ssl=context):
            await asyncio.to_thread(clients, port, trust, answers)
        assert answers == [data] and len(served) == 1 and served[0].startswith("TLSv1."), served
        assert modem.module.links == [None] * len(modem.module.links)
        await modem.close()

    for model in ("ec600e", "a76xx"):
        with authority(HOST) as (trust, chain), _modem(model, AsyncModem) as modem:
            asyncio.run(main(modem, trust, chain))


def _connections(modem, context, base, secure):
    """Classes of connections, plain and TLS, as modem/ssl_sockets.py tells."""

    class Plain(base):
        def connect(self):
            self.sock = modem.create_connection((self.host, self.port), _LONG_S)

    class Secure(secure):
        def connect(self):
            sock = modem.create_connection((self.host, self.port), _LONG_S)
            self.sock = context.wrap_socket(sock, server_hostname=self.host)

    return Plain, Secure


def test_urllib_and_http_client_with_kept_connections():
    with authority(HOST) as (trust, chain), web_server() as port, web_server(chain) as tls_port, _modem() as modem:
        context = create_default_context(cafile=str(trust))
        plain, secure = _connections(modem, context, http.client.HTTPConnection, http.client.HTTPSConnection)

        class Http(urllib.request.HTTPHandler):
            def http_open(self, request):
                return self.do_open(plain, request)

        class Https(urllib.request.HTTPSHandler):
            def https_open(self, request):
                return self.do_open(secure, request)

        opener = urllib.request.build_opener(Http, Https)
        for scheme, number in (("http", port), ("https", tls_port)):
            url = "%s://%s:%d" % (scheme, HOST, number)
            with opener.open(url + "/a?b=1", data=EVERY) as answer:
                assert [answer.status, answer.read().decode()] == told("POST", "/a?b=1", EVERY)
            with opener.open(url + "/large") as answer:
                assert answer.read() == LARGE
        with opener.open("http://%s:%d/moved" % (HOST, port)) as answer:
            assert answer.url.endswith("/here")
        for kind, number in ((plain, port), (secure, tls_port)):
            kept = kind(HOST, number)
            for path in ("/1", "/2", "/3"):  # the server closes, as HTTP/1.0 has it: each takes a new connection
                kept.request("GET", path, headers={"Connection": "close"})
                answer = kept.getresponse()
                assert [answer.status, answer.read().decode()] == told("GET", path)
            kept.close()
        assert modem.module.links == [None] * len(modem.module.links)


@contextlib.contextmanager
def _kept(chain=None):
    """A web server that keeps its connections; yields (port, list of the peers' addresses)."""
    seen = []
    with web_server(chain, "HTTP/1.1", seen) as port:
        yield port, seen


def test_connections_are_kept_and_used_again():
    with authority(HOST) as (trust, chain), _kept() as (port, seen), _kept(chain) as (tls_port, tls_seen), _modem() as modem:
        context = create_default_context(cafile=str(trust))
        plain, secure = _connections(modem, context, http.client.HTTPConnection, http.client.HTTPSConnection)
        for kind, number, peers in ((plain, port, seen), (secure, tls_port, tls_seen)):
            kept = kind(HOST, number)
            for path in ("/1", "/2", "/3"):
                kept.request("GET", path)
                answer = kept.getresponse()
                assert [answer.status, answer.read().decode()] == told("GET", path)
            kept.close()
            assert len(peers) == 3 and len(set(peers)) == 1, peers


def test_sessions_of_requests_and_pools_of_urllib3():
    sys.path.insert(0, str(packages(*REQUESTS)))
    try:
        import requests
        import urllib3
    finally:
        del sys.path[0]
    with authority(HOST) as (trust, chain), _kept() as (port, seen), _kept(chain) as (tls_port, tls_seen), _modem() as modem:
        context = create_default_context(cafile=str(trust))

        def kinds_of(modem):
            kinds = {}
            for pool in (urllib3.HTTPConnectionPool, urllib3.HTTPSConnectionPool):

                class Pooled(pool.ConnectionCls):
                    def _new_conn(self):
                        return modem.create_connection((self._dns_host, self.port), _LONG_S)

                    @property
                    def is_connected(self):
                        return self.sock is not None and not self.sock.has_ended()

                kinds[pool.scheme] = type(pool.__name__, (pool,), {"ConnectionCls": Pooled})
            return kinds

        class Adapter(requests.adapters.HTTPAdapter):
            def init_poolmanager(self, *args, **more):
                super().init_poolmanager(*args, ssl_context=context, **more)
                self.poolmanager.pool_classes_by_scheme = kinds_of(modem)

        with requests.Session() as session:
            for scheme, number, peers in (("http", port, seen), ("https", tls_port, tls_seen)):
                session.mount(scheme + "://", Adapter())
                url = "%s://%s:%d" % (scheme, HOST, number)
                for path in ("/1", "/2"):
                    answer = session.post(url + path, data=EVERY)
                    assert [answer.status_code, answer.text] == told("POST", path, EVERY)
                with session.get(url + "/large", stream=True) as answer:
                    assert hashlib.sha256(b"".join(answer.iter_content(1000))).digest() == hashlib.sha256(LARGE).digest()
                assert len(set(peers)) == 1, peers
        with urllib3.PoolManager(ssl_context=context) as pools:
            pools.pool_classes_by_scheme = kinds_of(modem)
            for scheme, number in (("http", port), ("https", tls_port)):
                answer = pools.request("PUT", "%s://%s:%d/3" % (scheme, HOST, number), body=EVERY)
                assert [answer.status, answer.data.decode()] == told("PUT", "/3", EVERY)
        del answer, session  # urllib3 closes the connections of a pool when the garbage collector takes it
        gc.collect()
        assert modem.module.links == [None] * len(modem.module.links)


def test_httpx_over_a_network_backend_of_httpcore():
    sys.path.insert(0, str(packages(*HTTPX)))
    try:
        import httpcore
        import httpx
    finally:
        del sys.path[0]

    class Stream(httpcore.NetworkStream):
        def __init__(self, sock):
            self._sock = sock

        def read(self, max_bytes, timeout=None):
            self._sock.settimeout(timeout)
            return self._sock.recv(max_bytes)

        def write(self, buffer, timeout=None):
            self._sock.settimeout(timeout)
            self._sock.sendall(buffer)

        def close(self):
            self._sock.close()

        def start_tls(self, ssl_context, server_hostname=None, timeout=None):
            self._sock.settimeout(timeout)
            return Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))

        def get_extra_info(self, info):
            return self._sock.has_ended() if info == "is_readable" else None

    class Backend(httpcore.NetworkBackend):
        def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
            return Stream(modem.create_connection((host, port), timeout))

    with authority(HOST) as (trust, chain), _kept() as (port, seen), _kept(chain) as (tls_port, tls_seen), _modem() as modem:
        transport = httpx.HTTPTransport()
        transport._pool = httpcore.ConnectionPool(create_default_context(cafile=str(trust)), network_backend=Backend())
        with httpx.Client(transport=transport, timeout=_LONG_S) as client:
            for url, peers in (("http://%s:%d" % (HOST, port), seen), ("https://%s:%d" % (HOST, tls_port), tls_seen)):
                for path in ("/1", "/2"):
                    answer = client.post(url + path, content=EVERY)
                    assert [answer.status_code, answer.text] == told("POST", path, EVERY)
                assert client.get(url + "/large").content == LARGE
                assert len(peers) == 3 and len(set(peers)) == 1, peers
        assert modem.module.links == [None] * len(modem.module.links)


class _Asyncio:
    """asyncio, with the modem's connections, as the guide has it."""

    def __init__(self, modem):
        self.open_connection = modem.open_connection

    def __getattr__(self, name):
        return getattr(asyncio, name)


def test_amqtt_over_streams():
    async def main(modem, urls):
        await modem.start()
        await modem.connect("internet")
        amqtt.client.asyncio = _Asyncio(modem)
        try:
            for url, more in urls:
                client = amqtt.client.MQTTClient(client_id="board", config={"auto_reconnect": False})
                await client.connect(url, **more)
                await client.subscribe([("to/board/0", 0), ("to/board/1", 1)])
                for n, data in enumerate((EVERY, EVERY * 20)):
                    await client.publish("to/desk/%d" % n, data, qos=n)
                    message = await asyncio.wait_for(client.deliver_message(), _LONG_S)
                    assert (message.topic, bytes(message.data)) == ("to/board/%d" % n, data)
                await client.disconnect()
        finally:
            amqtt.client.asyncio = asyncio
        await modem.disconnect()
        await modem.close()

    with (
        authority(HOST) as (trust, chain), broker() as plain, broker(chain) as secure, _modem(flavour=AsyncModem) as modem,
    ):  # fmt: skip
        urls = [("mqtt://%s:%d/" % (HOST, plain.port), {}), ("mqtts://%s:%d/" % (HOST, secure.port), {"cafile": str(trust)})]
        asyncio.run(main(modem, urls))
