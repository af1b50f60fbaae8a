"""Made by tools/stubs.py: do not edit."""

from collections.abc import Callable
from typing import Final, overload

from modem.simcom.services.state import BlockingClient, Client, _Data, _Into

TEXT: Final = 128

class FtpClient(Client):
    """Transfers and directories. Derived classes give the names of the commands, and log in where that is not done.

    Paths are str (UTF-8 where they are not ASCII) or bytes. Transfers go at the speed of the line: `into.write` must keep up, or
    the port needs flow control (AT+IFC=2,2 and RTS/CTS); what is lost is a ProtocolError. Every operation raises CommandError,
    ModemTimeout when nothing happens for 150 s, ModemRestarted, ModemError while not connected; ValueError and TypeError come
    before anything is sent."""

    async def retrieve(self, path: str | bytes, into: _Into, progress: Callable[[int], object] | None = None) -> int:
        """Fetch a file from the server into `into` (anything with `write`), in blocks; return its size.

        `progress(done)` is called after each block. After an error `into` has the beginning of the file."""

    @overload
    async def list(self, path: str | bytes | None = None, into: None = None) -> list[str]:
        """Return the lines of a directory listing, as the server makes them; with `into`, write them there and return their size.

        `path`: None lists "/" (Ftp) or the current directory (Ftps)."""

    @overload
    async def list(self, path: str | bytes | None, into: _Into) -> int:
        """Return the lines of a directory listing, as the server makes them; with `into`, write them there and return their size.

        `path`: None lists "/" (Ftp) or the current directory (Ftps)."""

    async def store(self, path: str | bytes, data: _Data, progress: Callable[[int], object] | None = None) -> int:
        """Store a file on the server: `data` is bytes, or an object with `readinto` or `read`; return how many bytes it had.

        `progress(done)` is called after each piece. The module reports a failure while sending at the end. When `data` raises,
        the server keeps what had been sent."""

    async def get_file(self, path: str | bytes, folder: str = "C:/", place: int = 0) -> None:
        """Fetch a file into `folder` of the module's file system; its name is the last part of `path`.

        `place` is the <dir> of the command: 0 takes `folder`, 1 to 8 are folders that depend on the firmware."""

    async def put_file(self, path: str | bytes, folder: str = "C:/", place: int = 0) -> None:
        """Store a file of the module's file system on the server; see `get_file`."""

    async def mkdir(self, path: str | bytes) -> None:
        """Make a directory."""

    async def rmdir(self, path: str | bytes) -> None:
        """Remove an empty directory."""

    async def remove(self, path: str | bytes) -> None:
        """Delete a file."""

class BlockingFtpClient(BlockingClient):
    """Transfers and directories. Derived classes give the names of the commands, and log in where that is not done.

    Paths are str (UTF-8 where they are not ASCII) or bytes. Transfers go at the speed of the line: `into.write` must keep up, or
    the port needs flow control (AT+IFC=2,2 and RTS/CTS); what is lost is a ProtocolError. Every operation raises CommandError,
    ModemTimeout when nothing happens for 150 s, ModemRestarted, ModemError while not connected; ValueError and TypeError come
    before anything is sent."""

    operations: FtpClient

    def retrieve(self, path: str | bytes, into: _Into, progress: Callable[[int], object] | None = None) -> int:
        """Fetch a file from the server into `into` (anything with `write`), in blocks; return its size.

        `progress(done)` is called after each block. After an error `into` has the beginning of the file."""

    @overload
    def list(self, path: str | bytes | None = None, into: None = None) -> list[str]:
        """Return the lines of a directory listing, as the server makes them; with `into`, write them there and return their size.

        `path`: None lists "/" (Ftp) or the current directory (Ftps)."""

    @overload
    def list(self, path: str | bytes | None, into: _Into) -> int:
        """Return the lines of a directory listing, as the server makes them; with `into`, write them there and return their size.

        `path`: None lists "/" (Ftp) or the current directory (Ftps)."""

    def store(self, path: str | bytes, data: _Data, progress: Callable[[int], object] | None = None) -> int:
        """Store a file on the server: `data` is bytes, or an object with `readinto` or `read`; return how many bytes it had.

        `progress(done)` is called after each piece. The module reports a failure while sending at the end. When `data` raises,
        the server keeps what had been sent."""

    def get_file(self, path: str | bytes, folder: str = "C:/", place: int = 0) -> None:
        """Fetch a file into `folder` of the module's file system; its name is the last part of `path`.

        `place` is the <dir> of the command: 0 takes `folder`, 1 to 8 are folders that depend on the firmware."""

    def put_file(self, path: str | bytes, folder: str = "C:/", place: int = 0) -> None:
        """Store a file of the module's file system on the server; see `get_file`."""

    def mkdir(self, path: str | bytes) -> None:
        """Make a directory."""

    def rmdir(self, path: str | bytes) -> None:
        """Remove an empty directory."""

    def remove(self, path: str | bytes) -> None:
        """Delete a file."""

class Ftp(FtpClient):
    """One account on one server. Nothing is sent before the first operation.

    `passive`: the module makes the data connection (the default here: behind a carrier's NAT the server cannot); `type`: "I"
    binary, "A" text. `rxbuf`: bytes that wait for `into.write`. Paths are relative to the directory after log-in unless they
    begin with "/". See FtpClient for what all operations raise; `code` of a CommandError is 201 to 214."""

    async def settings(self) -> tuple[str, int, str, str, str]:
        """Return what the module is set to: (server, port, user, "passive" or "active", "I" or "A"). The password is not read."""

    async def chdir(self, path: str | bytes) -> None:
        """NotSupported: each operation logs in anew. Give whole paths, or use ftps()."""

class BlockingFtp(BlockingFtpClient):
    """One account on one server. Nothing is sent before the first operation.

    `passive`: the module makes the data connection (the default here: behind a carrier's NAT the server cannot); `type`: "I"
    binary, "A" text. `rxbuf`: bytes that wait for `into.write`. Paths are relative to the directory after log-in unless they
    begin with "/". See FtpClient for what all operations raise; `code` of a CommandError is 201 to 214."""

    operations: Ftp

    def settings(self) -> tuple[str, int, str, str, str]:
        """Return what the module is set to: (server, port, user, "passive" or "active", "I" or "A"). The password is not read."""

    def chdir(self, path: str | bytes) -> None:
        """NotSupported: each operation logs in anew. Give whole paths, or use ftps()."""
