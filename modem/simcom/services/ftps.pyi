"""Made by tools/stubs.py: do not edit."""

from typing import Literal, Self

from modem.simcom.services.ftp import BlockingFtpClient, FtpClient

class Ftps(FtpClient):
    """One account on one server, by explicit TLS; the session is opened by the first operation and lasts until `close()`.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server and learn the password. `security`: None leaves the sort of TLS to the module; 0 to 3 is
    the fifth argument of AT+CFTPSLOGIN on later firmware (0 none, 1 AUTH SSL, 2 AUTH TLS, 3 implicit). `single_ip`: True takes
    the data connection to the address of the control connection, False to the one that the server names, None leaves it. One
    session at a time: `with modem.ftps(...) as f`. See FtpClient for paths, `into`, `data` and errors. `code` of a CommandError
    is the module's number, where it gives one."""

    async def open(self) -> None:
        """Start the service and log in, unless that is done; every operation does it."""

    async def close(self) -> None:
        """Log out and stop the service; no error when nothing is open."""

    async def unsent(self) -> int:
        """Return how many bytes of a file wait in the module (AT+CFTPSPUT?)."""

    async def chdir(self, path: str | bytes) -> None:
        """Change the directory on the server."""

    async def remove(self, path: str | bytes) -> None:
        """Delete a file. The command is AT+CFTPSDELE, or AT+CFTPSDEL where the firmware has the document's name."""

    async def getcwd(self) -> str:
        """Return the current directory on the server."""

    async def type(self, type: Literal["I", "A"] | None = None) -> Literal["I", "A"]:
        """Return "I" (binary) or "A" (text); with an argument, set it for what follows."""

    async def single_ip(self, flag: bool | None = None) -> int:
        """Return where data connections go: 1 to the address of the control connection, 0 to the one the server names; with an
        argument, set it first."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class BlockingFtps(BlockingFtpClient):
    """One account on one server, by explicit TLS; the session is opened by the first operation and lasts until `close()`.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server and learn the password. `security`: None leaves the sort of TLS to the module; 0 to 3 is
    the fifth argument of AT+CFTPSLOGIN on later firmware (0 none, 1 AUTH SSL, 2 AUTH TLS, 3 implicit). `single_ip`: True takes
    the data connection to the address of the control connection, False to the one that the server names, None leaves it. One
    session at a time: `with modem.ftps(...) as f`. See FtpClient for paths, `into`, `data` and errors. `code` of a CommandError
    is the module's number, where it gives one."""

    operations: Ftps

    def open(self) -> None:
        """Start the service and log in, unless that is done; every operation does it."""

    def close(self) -> None:
        """Log out and stop the service; no error when nothing is open."""

    def unsent(self) -> int:
        """Return how many bytes of a file wait in the module (AT+CFTPSPUT?)."""

    def chdir(self, path: str | bytes) -> None:
        """Change the directory on the server."""

    def remove(self, path: str | bytes) -> None:
        """Delete a file. The command is AT+CFTPSDELE, or AT+CFTPSDEL where the firmware has the document's name."""

    def getcwd(self) -> str:
        """Return the current directory on the server."""

    def type(self, type: Literal["I", "A"] | None = None) -> Literal["I", "A"]:
        """Return "I" (binary) or "A" (text); with an argument, set it for what follows."""

    def single_ip(self, flag: bool | None = None) -> int:
        """Return where data connections go: 1 to the address of the control connection, 0 to the one the server names; with an
        argument, set it first."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
