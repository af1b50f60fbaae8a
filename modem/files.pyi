"""Made by tools/stubs.py: do not edit."""

from collections.abc import Callable
from typing import BinaryIO, Protocol, overload

class _Writable(Protocol):
    def write(self, __data: bytes) -> object: ...

class Files:
    """What `modem.files` is. Names go to the module as they are; "UFS:name" and "name" mean the same file.

    NotSupported on EC600E and EC800E, whose documents have no commands for files."""

    async def put(
        self, name: str, data: bytes | bytearray | memoryview | BinaryIO, progress: Callable[[int, int], object] | None = None
    ) -> None:
        """Store `data` as `name`, in place of a file of that name.

        `data`: bytes, or a file object opened for reading bytes (from where it stands to its end). `progress(done, total)` is
        called after each block. The module's count and checksum are compared; an incomplete or wrong file is removed, and the one
        that it was to replace (Quectel: up to 16 KiB) is put back, at once or before the next call. Raises CommandError with the
        module's code (no room, bad name), ProtocolError when the module has stored something else than was sent."""

    @overload
    async def get(self, name: str, to: None = None, progress: Callable[[int, int], object] | None = None) -> bytes:
        """Return the content of file `name` as bytes; with `to` (an object with `write`) write it there and return its size.
        `progress(done, total)` is called after each block.

        Raises CommandError when there is no such file, ProtocolError when size or checksum differ."""

    @overload
    async def get(self, name: str, to: _Writable, progress: Callable[[int, int], object] | None = None) -> int:
        """Return the content of file `name` as bytes; with `to` (an object with `write`) write it there and return its size.
        `progress(done, total)` is called after each block.

        Raises CommandError when there is no such file, ProtocolError when size or checksum differ."""

    async def list(self, pattern: str = "*") -> list[tuple[str, int | None]]:
        """Return `(name, size)` of the files that match `pattern` ("*", "*.pem"), names without "UFS:".

        The size is None where the module does not report it. ProtocolError when there are more files than the answer can hold."""

    async def remove(self, name: str) -> None:
        """Delete file `name`. Raises CommandError when there is none."""

    async def free(self) -> int:
        """Return how many bytes of room are left. NotSupported where the module does not report it."""

class BlockingFiles:
    """What `modem.files` is. Names go to the module as they are; "UFS:name" and "name" mean the same file.

    NotSupported on EC600E and EC800E, whose documents have no commands for files."""

    operations: Files

    def put(
        self, name: str, data: bytes | bytearray | memoryview | BinaryIO, progress: Callable[[int, int], object] | None = None
    ) -> None:
        """Store `data` as `name`, in place of a file of that name.

        `data`: bytes, or a file object opened for reading bytes (from where it stands to its end). `progress(done, total)` is
        called after each block. The module's count and checksum are compared; an incomplete or wrong file is removed, and the one
        that it was to replace (Quectel: up to 16 KiB) is put back, at once or before the next call. Raises CommandError with the
        module's code (no room, bad name), ProtocolError when the module has stored something else than was sent."""

    @overload
    def get(self, name: str, to: None = None, progress: Callable[[int, int], object] | None = None) -> bytes:
        """Return the content of file `name` as bytes; with `to` (an object with `write`) write it there and return its size.
        `progress(done, total)` is called after each block.

        Raises CommandError when there is no such file, ProtocolError when size or checksum differ."""

    @overload
    def get(self, name: str, to: _Writable, progress: Callable[[int, int], object] | None = None) -> int:
        """Return the content of file `name` as bytes; with `to` (an object with `write`) write it there and return its size.
        `progress(done, total)` is called after each block.

        Raises CommandError when there is no such file, ProtocolError when size or checksum differ."""

    def list(self, pattern: str = "*") -> list[tuple[str, int | None]]:
        """Return `(name, size)` of the files that match `pattern` ("*", "*.pem"), names without "UFS:".

        The size is None where the module does not report it. ProtocolError when there are more files than the answer can hold."""

    def remove(self, name: str) -> None:
        """Delete file `name`. Raises CommandError when there is none."""

    def free(self) -> int:
        """Return how many bytes of room are left. NotSupported where the module does not report it."""
