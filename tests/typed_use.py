"""What a type checker must see in a program that uses the library. Never run: tools/typecheck.py has mypy read it."""

from typing import Any, assert_type

from modem import AsyncModem, CommandError, Modem, ModemTimeout
from modem.aio import AsyncSocket
from modem.sockets import Socket
from modem.streams import StreamReader, StreamWriter
from modem.supervisor import Supervisor, power_key
from ports.pyserial_uart import SerialUART
from ports.trace import Trace
from ports.tty_uart import TtyUart


def blocking() -> None:
    modem = Modem(SerialUART("/dev/ttyUSB2", 115200), model="ec600e")
    modem.start(timeout_ms=5000)
    modem.connect("internet", ip="ipv4v6")
    assert_type(modem.isconnected(), bool)
    assert_type(modem.ifconfig(), tuple[str, str, str, str])
    assert_type(modem.status("rssi"), int | None)
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
    assert_type(Supervisor(modem, "internet", restart=power_key(_pin)).step(), bool)
    modem.socket(access="nothing")  # type: ignore[arg-type]
    modem.connect()  # type: ignore[call-arg]
    modem.files.put("name", "text")  # type: ignore[arg-type]


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
        assert_type(await modem.files.list(), list[tuple[str, int]])
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
