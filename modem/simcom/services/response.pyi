"""Made by tools/stubs.py: do not edit."""

from typing import Self

class Response:
    """Status line and headers of a response, and its body as a stream.

    `status` (int), `reason`, `headers` (dict, names in small letters; lines with the same name are joined by ", "). `read(n)`,
    `readinto(buf)` and `close()` as for sockets: b"" and 0 at the end of the body, whatever framing it has. Read it to its end or
    close it: the next request gives up what is left. ConnectionClosed when the body ends too early, ProtocolError when its
    framing is damaged, CommandError with the module's number."""

    status: int
    reason: str
    headers: dict[str, str]

    async def readinto(self, buf: object, n: int | None = None) -> int:
        """Store what is there of the body at the start of `buf`, at most `n` bytes; return how many, 0 at its end. Waits."""

    async def read(self, n: int = -1) -> bytes:
        """Return exactly `n` bytes of the body, fewer at its end; all of the rest for -1 (it has to fit into the memory)."""

    async def close(self) -> None:
        """Pass over the rest, and leave the module ready for the next request."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class BlockingResponse:
    """Status line and headers of a response, and its body as a stream.

    `status` (int), `reason`, `headers` (dict, names in small letters; lines with the same name are joined by ", "). `read(n)`,
    `readinto(buf)` and `close()` as for sockets: b"" and 0 at the end of the body, whatever framing it has. Read it to its end or
    close it: the next request gives up what is left. ConnectionClosed when the body ends too early, ProtocolError when its
    framing is damaged, CommandError with the module's number."""

    status: int
    reason: str
    headers: dict[str, str]
    operations: Response

    def readinto(self, buf: object, n: int | None = None) -> int:
        """Store what is there of the body at the start of `buf`, at most `n` bytes; return how many, 0 at its end. Waits."""

    def read(self, n: int = -1) -> bytes:
        """Return exactly `n` bytes of the body, fewer at its end; all of the rest for -1 (it has to fit into the memory)."""

    def close(self) -> None:
        """Pass over the rest, and leave the module ready for the next request."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
