"""Made by tools/stubs.py: do not edit."""

from collections.abc import Callable
from typing import Literal, Self

from modem.simcom.services.state import BlockingClient, Client, _Into

class AsyncPop3(Client):
    """One mailbox on one server; every operation logs in first where that was not done.

    All raise CommandError whose `code` is the module's word: "NETWORK ERROR", "SERVER ERROR" (also: no such mail), "INVALID
    UN", "INVALID UN/PWD", "ONGOING", "FAILURE", "FILE SYSTEM ERROR"; ModemTimeout after 150 s, ModemError while not connected.
    `logout()` ends the session and has the server delete what `delete()` has marked; `stop()`, a lost connection or a restart of
    the module end it and nothing is deleted. After such an end the next operation logs in anew, with no marks. As context
    manager: logout at the end, stop after an exception. A `get` that is cancelled goes on in the module: the next operation waits
    for its end, `stop()` breaks it off."""

    async def login(self) -> None:
        """Log in, unless that was done; a session left by an earlier program is ended without deleting."""

    async def settings(self) -> tuple[str, str, int]:
        """Return `(server, user, port)` as the module has them, without the password."""

    async def logged_in(self) -> bool:
        """Return whether the module has a session."""

    async def logout(self) -> None:
        """End the session; the server deletes the marked mails."""

    async def stop(self) -> None:
        """End the session, or the fetching that is under way; marked mails stay."""

    async def close(self, commit: bool = True) -> None:
        """End the session where there is one: as `logout` does, or as `stop` does where `commit` is False."""

    async def count(self) -> tuple[int, int]:
        """Return `(mails, bytes in all)`."""

    async def sizes(self) -> list[tuple[int, int]]:
        """Return `(number, bytes)` of every mail. ProtocolError when some of the list was lost."""

    async def size(self, mail: int) -> int:
        """Return how many bytes mail number `mail` has."""

    async def header(self, mail: int) -> dict[str, str]:
        """Return sender, date and subject of a mail as a dict with the keys "from", "date", "subject"; each may be empty."""

    async def delete(self, mail: int) -> None:
        """Mark a mail: it is deleted by `logout()`."""

    async def get(self, mail: int, kind: Literal["body", "eml", "both"] = "body", timeout_ms: int | None = 1800000) -> str:
        """Fetch a mail into the module's file system; return the path of the file ("C:/Email/240517080102/EMAIL000.TXT").

        `kind`: "body" (header and body as text, and attachments as files beside it), "eml" (the whole mail as one file) or "both"
        (IS 4.6). `read()`, or `modem.files`, gives the content. ModemTimeout after `timeout_ms` (half an hour) from the log-in;
        the module goes on with it then, and the next operation waits for that. Folders are named by the second: the next mail is
        fetched a second later. ProtocolError when the module reports the path of an earlier mail, which is overwritten then."""

    async def read(self, into: _Into, path: str | bytes | None = None, progress: Callable[[int], object] | None = None) -> int:
        """Write the mail fetched last, or the file `path`, into `into` (anything with `write`); return its size.

        By the file commands, which count: a line such as OK in the mail does no harm. Firmware without them is read by
        AT+POP3READ, whose end is an OK that nothing follows for a second. Both give header and body (IS 4.6, 4.10).
        `progress(done)` is called after each block."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class Pop3(BlockingClient):
    """One mailbox on one server; every call waits until it is done. See AsyncPop3."""

    operations: AsyncPop3

    def login(self) -> None:
        """Log in, unless that was done; a session left by an earlier program is ended without deleting."""

    def settings(self) -> tuple[str, str, int]:
        """Return `(server, user, port)` as the module has them, without the password."""

    def logged_in(self) -> bool:
        """Return whether the module has a session."""

    def logout(self) -> None:
        """End the session; the server deletes the marked mails."""

    def stop(self) -> None:
        """End the session, or the fetching that is under way; marked mails stay."""

    def close(self, commit: bool = True) -> None:
        """End the session where there is one: as `logout` does, or as `stop` does where `commit` is False."""

    def count(self) -> tuple[int, int]:
        """Return `(mails, bytes in all)`."""

    def sizes(self) -> list[tuple[int, int]]:
        """Return `(number, bytes)` of every mail. ProtocolError when some of the list was lost."""

    def size(self, mail: int) -> int:
        """Return how many bytes mail number `mail` has."""

    def header(self, mail: int) -> dict[str, str]:
        """Return sender, date and subject of a mail as a dict with the keys "from", "date", "subject"; each may be empty."""

    def delete(self, mail: int) -> None:
        """Mark a mail: it is deleted by `logout()`."""

    def get(self, mail: int, kind: Literal["body", "eml", "both"] = "body", timeout_ms: int | None = 1800000) -> str:
        """Fetch a mail into the module's file system; return the path of the file ("C:/Email/240517080102/EMAIL000.TXT").

        `kind`: "body" (header and body as text, and attachments as files beside it), "eml" (the whole mail as one file) or "both"
        (IS 4.6). `read()`, or `modem.files`, gives the content. ModemTimeout after `timeout_ms` (half an hour) from the log-in;
        the module goes on with it then, and the next operation waits for that. Folders are named by the second: the next mail is
        fetched a second later. ProtocolError when the module reports the path of an earlier mail, which is overwritten then."""

    def read(self, into: _Into, path: str | bytes | None = None, progress: Callable[[int], object] | None = None) -> int:
        """Write the mail fetched last, or the file `path`, into `into` (anything with `write`); return its size.

        By the file commands, which count: a line such as OK in the mail does no harm. Firmware without them is read by
        AT+POP3READ, whose end is an OK that nothing follows for a second. Both give header and body (IS 4.6, 4.10).
        `progress(done)` is called after each block."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
