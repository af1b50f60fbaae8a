from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, Protocol, Self, overload

from _typeshed import ReadableBuffer

from .diagnose import Finding
from .files import Files
from .simcom.ftp import Ftp
from .simcom.ftps import Ftps
from .simcom.http import Http
from .simcom.https import Https
from .simcom.pop3 import Pop3
from .simcom.smtp import Smtp
from .sockets import Socket
from .tls import TlsContext, _Version

_Access = Literal["buffer", "push", "transparent"]
_Reply = tuple[str, int, int, int]
_AddressInfo = tuple[int, int, int, str, tuple[str, int]]

class _Port(Protocol):
    pollable: Any
    rxbuf: int
    def readinto(self, buf: bytearray, n: int, /) -> int: ...
    def write(self, buf: bytearray, off: int, n: int, /) -> int: ...
    def wait(self, timeout_ms: int, /) -> bool: ...
    def close(self) -> None: ...
    def ticks_ms(self) -> int: ...

class BaseModem:
    AF_INET: Final = 2
    AF_INET6: Final = 10
    SOCK_STREAM: Final = 1
    SOCK_DGRAM: Final = 2
    SOL_SOCKET: Final = 1
    SO_REUSEADDR: Final = 2
    IPPROTO_TCP: Final = 6
    context: int
    identity: dict[str, str]
    def __init__(self, uart: _Port, model: str | None = None) -> None: ...
    def isconnected(self) -> bool: ...
    def ifconfig(self) -> tuple[str, str, str, str]: ...
    @overload
    def ipconfig(self, name: Literal["addr4"]) -> tuple[str, str]: ...
    @overload
    def ipconfig(self, name: Literal["addr6"]) -> list[tuple[str, int, int, int]]: ...
    @overload
    def ipconfig(self, name: Literal["dns"]) -> str: ...
    def on_event(self, callback: Callable[[str, Any], object] | None) -> None: ...

class Modem(BaseModem):
    @property
    def files(self) -> Files: ...
    def start(self, timeout_ms: int | None = 30000, rates: Iterable[int] | Literal[True] | None = None) -> None: ...
    def connect(
        self,
        apn: str,
        user: str | None = None,
        password: str | None = None,
        auth: Literal["none", "pap", "chap", "either"] | None = None,
        ip: Literal["ipv4", "ipv6", "ipv4v6"] = "ipv4",
        pin: str | None = None,
        timeout_ms: int | None = 300000,
    ) -> None: ...
    def disconnect(self, timeout_ms: int | None = None) -> None: ...
    @overload
    def active(self, flag: None = None) -> bool: ...
    @overload
    def active(self, flag: bool) -> None: ...
    def sleep(self, idle_ms: int | None = None) -> None: ...
    def set_baudrate(self, rate: int, store: bool = False) -> None: ...
    @overload
    def status(self, name: None = None) -> str: ...
    @overload
    def status(self, name: Literal["rssi"]) -> int | None: ...
    @overload
    def status(self, name: Literal["registration"]) -> list[int]: ...
    def config(self, name: Literal["imei", "manufacturer", "model", "revision", "imsi", "iccid"]) -> str: ...
    def command(
        self,
        line: str | bytes,
        *,
        prefix: str | bytes | None = None,
        data: ReadableBuffer | None = None,
        timeout_ms: int = 60000,
    ) -> list[bytes]: ...
    def poll(self, timeout_ms: int = 0) -> None: ...
    def close(self) -> None: ...
    def tls_context(
        self,
        *,
        ca: str | None = None,
        cert: str | None = None,
        key: str | None = None,
        verify: bool = True,
        version: _Version | tuple[_Version, _Version] = "tls1.2",
        ciphers: str | int | Iterable[str | int] | None = None,
        sni: bool | None = None,
        check_time: bool = True,
        handshake_timeout_s: int = 300,
        ca_extra: str | None = None,
        password: str | None = None,
        dtls: bool = False,
        ignore: str | Iterable[str] = (),
    ) -> TlsContext: ...
    def socket(
        self,
        af: int = 2,
        type: int = 1,
        proto: int = 0,
        *,
        access: _Access = "buffer",
        tls: TlsContext | None = None,
        rxbuf: int = 1536,
    ) -> Socket: ...
    def create_connection(
        self,
        address: tuple[str, int],
        timeout_ms: int | None = None,
        tls: TlsContext | None = None,
        access: _Access = "buffer",
        rxbuf: int = 1536,
    ) -> Socket: ...
    def getaddrinfo(
        self, host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[_AddressInfo]: ...
    def resolve(self, host: str, timeout_ms: int | None = None) -> tuple[list[str], int]: ...
    def gethostbyname(self, host: str) -> str: ...
    def dns(self, primary: str | None = None, secondary: str | None = None) -> tuple[str, ...]: ...
    def ping(self, host: str, count: int = 4, timeout_s: int = 4) -> tuple[tuple[int, ...], list[_Reply | None]]: ...
    def sync_time(
        self, server: str, port: int = 123, set_clock: bool = True, timeout_ms: int | None = None
    ) -> tuple[int, int, int, int, int, int, int]: ...
    def connections(self, link: int | None = None, context: int | None = None) -> list[tuple[Any, ...]]: ...
    def configure(self, option: str, *values: int | str | bytes) -> Any: ...
    def diagnose(
        self, host: str | None = None, port: int | None = None, tls: TlsContext | None = None, timeout_ms: int | None = None
    ) -> list[Finding]: ...
    def smtp(self) -> Smtp: ...
    def pop3(self, server: str, user: str, password: str, port: int = 110) -> Pop3: ...
    def ftp(
        self,
        server: str,
        user: str = "anonymous",
        password: str = "",
        port: int = 21,
        *,
        passive: bool = True,
        type: Literal["I", "A"] = "I",
        rxbuf: int = 8192,
    ) -> Ftp: ...
    def ftps(
        self,
        server: str,
        user: str = "anonymous",
        password: str = "",
        port: int = 21,
        *,
        verify: Literal[False],
        type: Literal["I", "A"] = "I",
        security: int | None = None,
        single_ip: bool | None = None,
        rxbuf: int = 8192,
    ) -> Ftps: ...
    def http(self, *, rxbuf: int = 8192) -> Http: ...
    def https(self, *, verify: Literal[False], rxbuf: int = 8192) -> Https: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
