"""Made by tools/stubs.py: do not edit."""

from typing import Any, Protocol

class _Readable(Protocol):
    def read(self, n: int, /) -> Any: ...

class _Readinto(Protocol):
    def readinto(self, buf: bytearray, /) -> Any: ...

class _Into(Protocol):
    def write(self, data: bytes, /) -> Any: ...

_Data = bytes | bytearray | memoryview | _Readable | _Readinto

class Client:
    """Base of the clients of a Module."""

class _BlockingClient:
    """Base of the clients of a Module."""

    operations: Client
