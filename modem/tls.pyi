from typing import Final, Literal

from .sockets import Socket, _Access, _Address

_Version = Literal["ssl3", "tls1.0", "tls1.1", "tls1.2", "all"]

VERSIONS: tuple[str, ...]
IGNORABLE: tuple[str, ...]

class TlsContext:
    AF_INET: Final = 2
    AF_INET6: Final = 10
    SOCK_STREAM: Final = 1
    SOCK_DGRAM: Final = 2
    ca: str | None
    cert: str | None
    key: str | None
    ca_extra: str | None
    password: str | None
    verify: bool
    check_time: bool
    sni: bool | None
    dtls: bool
    handshake_timeout_s: int
    version: tuple[int, int]
    ciphers: tuple[int, ...]
    ignore: tuple[str, ...]
    def socket(
        self, af: int = 2, type: int = 1, proto: int = 0, *, access: _Access = "buffer", rxbuf: int = 1536
    ) -> Socket: ...
    def getaddrinfo(
        self, host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[int, int, int, str, _Address]]: ...
    def read(self) -> dict[str, object] | None: ...
