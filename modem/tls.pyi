from typing import Literal

_Version = Literal["ssl3", "tls1.0", "tls1.1", "tls1.2", "all"]

VERSIONS: tuple[str, ...]
IGNORABLE: tuple[str, ...]

class TlsContext:
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
    def read(self) -> dict[str, object] | None: ...
