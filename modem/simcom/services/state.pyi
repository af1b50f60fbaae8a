"""Made by tools/stubs.py: do not edit."""

from typing import Any, Protocol

class _Readable(Protocol):
    def read(self, __n: int) -> Any: ...

class _Readinto(Protocol):
    def readinto(self, __buf: bytearray) -> Any: ...

class _Into(Protocol):
    def write(self, __data: bytes) -> Any: ...

_Data = bytes | bytearray | memoryview | _Readable | _Readinto

class Client:
    """Base of the clients of a Module."""

class BlockingClient:
    """Base of the clients of a Module."""

    operations: Client
