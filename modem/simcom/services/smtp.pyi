"""Made by tools/stubs.py: do not edit."""

from collections.abc import Iterable
from typing import BinaryIO, Literal

from modem.simcom.services.state import BlockingClient, Client, _Data

_Kind = Literal["to", "cc", "bcc"]
_Recipients = str | Iterable[str | tuple[str, str]]
_Attachments = str | Iterable[str | tuple[str, bytes | BinaryIO]]

class Smtp(Client):
    """The module's mail client. There is one: two programs' parts would be mixed.

    Each setting is read without arguments and set with them. All operations raise CommandError when the module refuses (also
    while a mail is being sent), ModemTimeout after 9 s, ValueError before anything is sent. `send_mail` does it all in one call."""

    async def server(self, host: str | None = None, port: int = 25) -> tuple[str, int]:
        """Return `(host, port)` of the mail server; set it first where `host` is given ("" clears it)."""

    async def login(self, user: str | None = None, password: str = "") -> tuple[bool, str]:
        """Return `(in use, user)`; set user and password first where given ("" switches authentication off)."""

    async def sender(self, address: str | None = None, name: str = "") -> tuple[str, str]:
        """Return `(address, name)` of the sender; set it first where `address` is given ("" clears it).

        `address` is ASCII; `name`: ASCII letters and digits (IS 3.3), blanks and . - _ ' too. ValueError for anything else."""

    async def subject(self, words: str | bytes | None = None) -> str:
        """Return the subject as the module has it; set it first where given ("" clears it).

        The module takes ASCII (IS 3.5): a str with other characters is sent as encoded words (RFC 2047, UTF-8). ValueError when
        that has more than 512 bytes, and for bytes that are not ASCII."""

    async def charset(self, name: str | None = None) -> str:
        """Return the character set that the mail names; set it first where given ("" goes back to utf-8)."""

    async def recipients(self) -> list[tuple[str, int, str, str]]:
        """Return `(kind, index, address, name)` of all recipients; `kind` is "to", "cc" or "bcc"."""

    async def recipient(self, kind: _Kind, index: int | None, address: str | None = None, name: str = "") -> None:
        """Set recipient `index` (0 to 4) of `kind`; without `address` clear it, with `index` None all of the kind.

        `address` and `name` as for `sender`."""

    async def clear_recipients(self) -> None:
        """Clear all recipients."""

    async def body(self, words: str | _Data | None = None) -> str | None:
        """Return the body, as far as the module shows it in one line; set it first where given: str, bytes, or a stream.

        Up to 512 printable characters go as a parameter, anything else (5120 bytes at most) through the data mode, which cannot
        carry backspace, Ctrl-Z and escape: ValueError. A stream that fails leaves the body empty."""

    async def attachments(self) -> list[tuple[int, str, int | None]]:
        """Return `(index, path, size)` of all attachments; `size` is None where the firmware does not report it."""

    async def attach(self, index: int, path: str | bytes | None = None) -> None:
        """Make a file of the module's file system ("D:/a.jpg") attachment `index` (1 to 10); without `path` take it off.

        All together have at most 10 MB: else CommandError with code "OVERSIZE". No two may have the same name."""

    async def clear_attachments(self) -> None:
        """Take all attachments off."""

    async def send(self, timeout_ms: int | None = 1800000) -> None:
        """Send the mail and wait until the server has taken it.

        After success the module forgets recipients, subject, body and attachments; after a failure it keeps everything. Raises
        CommandError whose `code` is the module's word: "PARAM ERROR", "NETWORK ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH
        ERROR", "ONGOING", or "STOPPED" after `stop()`; ModemTimeout after `timeout_ms` (half an hour); ModemError while not
        connected. The transmission is stopped after the time-out, and when the call is cancelled."""

    async def begin(self) -> None:
        """Start sending and return when the session with the server stands; `result()` waits for its end.

        Errors as for `send`."""

    async def result(self, timeout_ms: int | None = 1800000) -> None:
        """Wait for the end of what `begin()` has started, which is stopped after `timeout_ms` (half an hour).

        Errors as for `send`."""

    async def ongoing(self) -> bool:
        """Return whether a mail is being sent."""

    async def stop(self) -> None:
        """Stop sending; a task that waits for the result gets CommandError with code "STOPPED".

        CommandError when nothing is being sent."""

    async def send_mail(
        self,
        to: _Recipients,
        subject: str | bytes = "",
        body: str | _Data = "",
        cc: _Recipients = (),
        bcc: _Recipients = (),
        attachments: _Attachments = (),
        charset: str | None = None,
        timeout_ms: int | None = 1800000,
    ) -> None:
        """Put a mail together and send it; server, login and sender are set before.

        `to`, `cc`, `bcc`: at most five addresses each, or `(address, name)`; a single str is a list of one. `subject` as for
        `subject()`. `attachments`: at most ten; each is the path of a file on the module ("D:/a.jpg"; a single one needs no
        list), or `(name, data)` with bytes or a file object, which is stored in the folder mail_attachments of its drive first
        and removed afterwards. That folder is the driver's: what a restart has kept it from removing is removed before the next
        mail with such attachments. `body`: str,
        bytes or a stream of at most 5120 bytes; `charset`: its coding, utf-8 without it. `timeout_ms`: for the sending itself
        (half an hour).

        ValueError and TypeError before anything is sent; errors as for `send`, and for Files.put. Whatever happens, nothing of
        this mail stays in the module, also when the call is cancelled."""

class BlockingSmtp(BlockingClient):
    """The module's mail client. There is one: two programs' parts would be mixed.

    Each setting is read without arguments and set with them. All operations raise CommandError when the module refuses (also
    while a mail is being sent), ModemTimeout after 9 s, ValueError before anything is sent. `send_mail` does it all in one call."""

    operations: Smtp

    def server(self, host: str | None = None, port: int = 25) -> tuple[str, int]:
        """Return `(host, port)` of the mail server; set it first where `host` is given ("" clears it)."""

    def login(self, user: str | None = None, password: str = "") -> tuple[bool, str]:
        """Return `(in use, user)`; set user and password first where given ("" switches authentication off)."""

    def sender(self, address: str | None = None, name: str = "") -> tuple[str, str]:
        """Return `(address, name)` of the sender; set it first where `address` is given ("" clears it).

        `address` is ASCII; `name`: ASCII letters and digits (IS 3.3), blanks and . - _ ' too. ValueError for anything else."""

    def subject(self, words: str | bytes | None = None) -> str:
        """Return the subject as the module has it; set it first where given ("" clears it).

        The module takes ASCII (IS 3.5): a str with other characters is sent as encoded words (RFC 2047, UTF-8). ValueError when
        that has more than 512 bytes, and for bytes that are not ASCII."""

    def charset(self, name: str | None = None) -> str:
        """Return the character set that the mail names; set it first where given ("" goes back to utf-8)."""

    def recipients(self) -> list[tuple[str, int, str, str]]:
        """Return `(kind, index, address, name)` of all recipients; `kind` is "to", "cc" or "bcc"."""

    def recipient(self, kind: _Kind, index: int | None, address: str | None = None, name: str = "") -> None:
        """Set recipient `index` (0 to 4) of `kind`; without `address` clear it, with `index` None all of the kind.

        `address` and `name` as for `sender`."""

    def clear_recipients(self) -> None:
        """Clear all recipients."""

    def body(self, words: str | _Data | None = None) -> str | None:
        """Return the body, as far as the module shows it in one line; set it first where given: str, bytes, or a stream.

        Up to 512 printable characters go as a parameter, anything else (5120 bytes at most) through the data mode, which cannot
        carry backspace, Ctrl-Z and escape: ValueError. A stream that fails leaves the body empty."""

    def attachments(self) -> list[tuple[int, str, int | None]]:
        """Return `(index, path, size)` of all attachments; `size` is None where the firmware does not report it."""

    def attach(self, index: int, path: str | bytes | None = None) -> None:
        """Make a file of the module's file system ("D:/a.jpg") attachment `index` (1 to 10); without `path` take it off.

        All together have at most 10 MB: else CommandError with code "OVERSIZE". No two may have the same name."""

    def clear_attachments(self) -> None:
        """Take all attachments off."""

    def send(self, timeout_ms: int | None = 1800000) -> None:
        """Send the mail and wait until the server has taken it.

        After success the module forgets recipients, subject, body and attachments; after a failure it keeps everything. Raises
        CommandError whose `code` is the module's word: "PARAM ERROR", "NETWORK ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH
        ERROR", "ONGOING", or "STOPPED" after `stop()`; ModemTimeout after `timeout_ms` (half an hour); ModemError while not
        connected. The transmission is stopped after the time-out, and when the call is cancelled."""

    def begin(self) -> None:
        """Start sending and return when the session with the server stands; `result()` waits for its end.

        Errors as for `send`."""

    def result(self, timeout_ms: int | None = 1800000) -> None:
        """Wait for the end of what `begin()` has started, which is stopped after `timeout_ms` (half an hour).

        Errors as for `send`."""

    def ongoing(self) -> bool:
        """Return whether a mail is being sent."""

    def stop(self) -> None:
        """Stop sending; a task that waits for the result gets CommandError with code "STOPPED".

        CommandError when nothing is being sent."""

    def send_mail(
        self,
        to: _Recipients,
        subject: str | bytes = "",
        body: str | _Data = "",
        cc: _Recipients = (),
        bcc: _Recipients = (),
        attachments: _Attachments = (),
        charset: str | None = None,
        timeout_ms: int | None = 1800000,
    ) -> None:
        """Put a mail together and send it; server, login and sender are set before.

        `to`, `cc`, `bcc`: at most five addresses each, or `(address, name)`; a single str is a list of one. `subject` as for
        `subject()`. `attachments`: at most ten; each is the path of a file on the module ("D:/a.jpg"; a single one needs no
        list), or `(name, data)` with bytes or a file object, which is stored in the folder mail_attachments of its drive first
        and removed afterwards. That folder is the driver's: what a restart has kept it from removing is removed before the next
        mail with such attachments. `body`: str,
        bytes or a stream of at most 5120 bytes; `charset`: its coding, utf-8 without it. `timeout_ms`: for the sending itself
        (half an hour).

        ValueError and TypeError before anything is sent; errors as for `send`, and for Files.put. Whatever happens, nothing of
        this mail stays in the module, also when the call is cancelled."""
