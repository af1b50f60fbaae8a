"""What a type checker must see in a program that uses the library. Never run: tools/typecheck.py has mypy and pyright read it."""

import io
from typing import Any, Literal, assert_type

from modem import AsyncModem, CommandError, Modem, ModemTimeout
from modem.power_key import PowerKey
from modem.sockets import AsyncSocket, Socket
from modem.streams import StreamReader, StreamWriter
from modem.supervisor import Supervisor, restart_by_command
from ports.pyserial_uart import SerialUART
from ports.trace import Trace
from ports.tty_uart import TtyUart


def blocking() -> None:
    modem = Modem(SerialUART("/dev/ttyUSB2", 115200), model="ec600e", power=PowerKey(_pin, on_ms=600))
    modem.start(timeout_ms=5000)
    modem.connect("internet", ip="ipv4v6")
    assert_type(modem.isconnected(), bool)
    assert_type(modem.ifconfig(), tuple[str, str, str, str])
    assert_type(modem.status("rssi"), int | None)
    modem.set_baudrate(921600, store=True)
    assert_type(modem.active(), bool)
    assert_type(modem.command("AT+CSQ"), list[bytes])
    modem.files.put("ca.pem", b"...")
    assert_type(modem.files.get("ca.pem"), bytes)
    tls = modem.tls_context(ca="ca.pem", version=("tls1.0", "tls1.2"))
    with modem.create_connection(("example.com", 443), tls=tls) as s:
        assert_type(s, Socket)
        s.sendall(bytearray(b"GET /"))
        assert_type(s.recv(100), bytes)
        assert_type(s.recv_into(bytearray(10)), int)
        assert_type(s.readline(), bytes | None)
    try:
        modem.socket(type=modem.SOCK_DGRAM).sendto(b"x", ("10.0.0.1", 7))
    except CommandError as error:
        assert_type(error.code, int | str | None)
    except TimeoutError as timeout:
        assert isinstance(timeout, ModemTimeout)
    (sent, *_), _ = modem.ping("example.com")
    assert_type(sent, int)
    assert_type(Supervisor(modem, "internet", restart=restart_by_command).step(), bool)
    assert_type(Supervisor(modem, "internet").reason, str | None)
    assert_type(tls.version, tuple[int, int])
    modem.socket(access="nothing")  # type: ignore[arg-type]
    modem.connect()  # type: ignore[call-arg]
    modem.files.put("name", "text")  # type: ignore[arg-type]


def services() -> None:
    modem = Modem(SerialUART("/dev/ttyUSB2", 115200), model="sim7100")
    file = io.BytesIO()
    mail = modem.smtp()
    assert_type(mail.server("smtp.example.com", 25), tuple[str, int])
    assert_type(mail.login("user", "password"), tuple[bool, str])
    mail.send_mail(to=["a@example.com", ("b@example.com", "B")], cc="c@example.com", body=file, attachments=["D:/a", ("b", b"")])
    assert_type(mail.ongoing(), bool)
    with modem.pop3("pop.example.com", "user", "password") as box:
        assert_type(box.count(), tuple[int, int])
        assert_type(box.header(1)["subject"], str)
        assert_type(box.get(1, "eml"), str)
        assert_type(box.read(file, progress=print), int)
    ftp = modem.ftp("ftp.example.com", "user", "password", passive=False)
    assert_type(ftp.retrieve("/a.bin", file, progress=print), int)
    assert_type(ftp.list("/"), list[str])
    assert_type(ftp.list("/", file), int)
    with modem.ftps("ftp.example.com", verify=False) as ftps:
        assert_type(ftps.store(b"\xfc", file), int)
        assert_type(ftps.getcwd(), str)
    with modem.http().get("http://example.com/", redirects=2) as response:
        assert_type(response.status, int)
        assert_type(response.headers.get("content-type"), str | None)
        assert_type(response.readinto(bytearray(100)), int)
    with modem.https(verify=False) as https:
        assert_type(https.post("https://example.com/", "body", {"X": 1}).read(), bytes)
    mail.recipient("whom", 0, "a@example.com")  # type: ignore[arg-type]
    box.get(1, "all")  # type: ignore[arg-type]
    ftp.store("a", "text")  # type: ignore[arg-type]
    modem.ftps("ftp.example.com", security="none")  # type: ignore[arg-type]
    modem.http().request("FETCH", "http://example.com/")  # type: ignore[arg-type]
    modem.https(verify=False, rxbuf="8192")  # type: ignore[arg-type]


async def services_awaited() -> None:
    modem = AsyncModem(SerialUART("/dev/ttyUSB2", 115200), model="sim7100")
    await modem.smtp().send_mail("a@example.com", "subject", "body")
    async with modem.pop3("pop.example.com", "user", "password") as box:
        assert_type(await box.sizes(), list[tuple[int, int]])
    assert_type(await modem.ftp("ftp.example.com").store("a", b"a"), int)
    async with modem.ftps("ftp.example.com", verify=False) as ftps:
        assert_type(await ftps.type("A"), Literal["I", "A"])
    async with await modem.http().get("http://example.com/") as response:
        assert_type(await response.read(), bytes)
    async with modem.https(verify=False) as https:
        assert_type(await https.raw("example.com", 443, b"GET / HTTP/1.0", _Counter()), int)
        (await https.get("https://example.com/")).read().decode()  # type: ignore[attr-defined]


class _Counter:
    async def write(self, data: bytes | memoryview) -> None:
        print(len(data))


async def awaited() -> None:
    async with AsyncModem(Trace(TtyUart("/dev/pts/3"), print)) as modem:
        await modem.start()
        await modem.connect("internet")
        assert_type(modem.isconnected(), bool)
        assert_type(await modem.status("registration"), list[int])
        s = modem.socket(access="push")
        await s.connect(("example.com", 80))
        assert_type(await s.read(10), bytes | None)
        conn, address = await s.accept()
        assert_type(conn, AsyncSocket)
        assert_type(address, tuple[str, int])
        assert_type(await modem.files.list(), list[tuple[str, int | None]])
        modem.on_event(lambda kind, detail: _seen(kind, detail))
        reader, writer = await modem.open_connection("example.com", 80)
        writer.write(b"GET /")
        await writer.drain()
        assert_type(await reader.readline(), bytes)
        async with await modem.start_server(_serve, None, 8080) as server:
            await server.serve_forever()
        assert_type(await Supervisor(modem, "internet").step(), bool)
        s.recv(10).decode()  # type: ignore[attr-defined]


async def _serve(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(await reader.readexactly(10))


class _Pin:
    def value(self, level: int) -> None:
        print(level)


_pin = _Pin()


def _seen(kind: str, detail: Any) -> None:
    print(kind, detail)
