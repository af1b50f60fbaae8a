"""E-mail by the module: SMTPSRV, SMTPAUTH, SMTPFROM, SMTPRCPT, SMTPSUB, SMTPBODY, SMTPBCH, SMTPFILE, SMTPSEND, SMTPSTOP (IS 3).

The module puts one mail together from settings and sends it; the date in its header is the module's clock.
"""

from binascii import b2a_base64

from ...at.command import PENDING
from ...at.params import fits, number, one_of, plain, quoted, split, text
from ...compat import const
from ...errors import CommandError, ModemError, ModemTimeout
from .inflow import LOCAL_MS, Inflow, ServiceCommand, word
from .outflow import END, Pieces, Upload, reads_bytes
from .state import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO, Literal

    from .state import _Data

    _Kind = Literal["to", "cc", "bcc"]
    _Recipients = str | Iterable[str | tuple[str, str]]
    _Attachments = str | Iterable[str | tuple[str, bytes | BinaryIO]]

_FAMILY = "simcom-smtp"
_KINDS = ("to", "cc", "bcc")
_PER_KIND = const(5)
_FILES = const(10)
_LONG = const(128)  # most bytes of addresses, servers, users, passwords (IS 3.1 to 3.4)
_NAME = const(64)
_CHARSET = const(30)
_SUBJECT = const(512)
_TYPED = const(512)  # bytes of a body in the write form; 5120 in data mode (IS 3.6)
_BODY = const(5120)
_SENDING_MS = const(1800000)  # 10 MB of attachments take their time
_COMMANDS_IN_BODY = (8, 26, 27)  # backspace, Ctrl-Z and escape: the data mode acts on them (IS 3.6)
_TRIES = const(3)
_BLANK = const(32)
_QUOTE = const(34)
_DELETE = const(127)
_MARK = const(62)  # ">"
_WORD = const(45)  # bytes in an encoded word of at most 75 characters (RFC 2047, 2)
_NAME_ALSO = " .-_'"  # besides letters and digits
_FOLDER = b"/mail_attachments/"  # of attachments, on each drive
_CLEAR = (b"+SMTPRCPT", b"+SMTPSUB", b'+SMTPBODY=""', b"+SMTPFILE", b'+SMTPBCH="utf-8"')


class _Mail(Inflow):
    """The words after "+SMTP:" of one transmission."""

    def on_line(self, buf, s, e):
        told = word(buf, s, e)
        if told != "OK":  # the server has greeted: no success yet
            self.result = told
            self.leave()
        return True


class _Setting(ServiceCommand):
    """A command of the mail client: a word before ERROR is the reason."""

    def __init__(self, line):
        super().__init__(line, _FAMILY, LOCAL_MS, b"+SMTP:")

    def on_done(self):
        self.reason(text(self.lines[0][6:]).strip() if self.lines else None)


class _BodyUpload(Upload):
    """AT+SMTPBODY in data mode: the prompt is ">> " (IS 3.6), of which the parser takes the first character."""

    def on_info(self, buf, s, e):
        return buf[s] == _MARK


class _BodyPieces(Pieces):
    """The body's bytes, without those that the data mode acts on, at most 5120 in all."""

    async def block(self):
        block = await Pieces.block(self)
        if self.done > _BODY:
            raise ValueError("body is longer than %d bytes" % _BODY)
        return _checked_body(block)


class Smtp(Client):
    """The module's mail client. There is one: two programs' parts would be mixed.

    Each setting is read without arguments and set with them. All operations raise CommandError when the module refuses (also
    while a mail is being sent), ModemTimeout after 9 s, ValueError before anything is sent. `send_mail` does it all in one call.
    """

    def __init__(self, module):
        super().__init__(module)
        self._mail = None

    async def _set(self, line):
        await self.module.run(_Setting(line))

    async def _rows(self, name):
        return [split(line) for line in await self.module.cmd(name + b"?", name + b":", LOCAL_MS)]

    async def _both(self, name, line):
        """Set where there is a line, then read back."""
        if line is not None:
            await self._set(line)
        rows = await self._rows(name)
        return (rows[-1] if rows else []) + [None, None]

    # --- settings

    async def server(self, host: str | None = None, port: int = 25) -> tuple[str, int]:
        """Return `(host, port)` of the mail server; set it first where `host` is given ("" clears it)."""
        line = None
        if host == "":
            line = b"+SMTPSRV"
        elif host is not None:
            line = b"+SMTPSRV=%s,%d" % (quoted("host", host, _LONG), number("port", port, 1, 65535))
        return tuple((await self._both(b"+SMTPSRV", line))[:2])

    async def login(self, user: str | None = None, password: str = "") -> tuple[bool, str]:
        """Return `(in use, user)`; set user and password first where given ("" switches authentication off)."""
        line = None
        if user == "":
            line = b"+SMTPAUTH"
        elif user is not None:
            line = b"+SMTPAUTH=1," + quoted("user", user, _LONG) + b"," + quoted("password", password, _LONG)
        row = await self._both(b"+SMTPAUTH", line)
        return (row[0] == 1 or bool(row[1]), row[1])  # the flag reads as 0 in a printed example although it is set

    async def sender(self, address: str | None = None, name: str = "") -> tuple[str, str]:
        """Return `(address, name)` of the sender; set it first where `address` is given ("" clears it).

        `address` is ASCII; `name`: ASCII letters and digits (IS 3.3), blanks and . - _ ' too. ValueError for anything else.
        """
        line = None
        if address == "":
            line = b"+SMTPFROM"
        elif address is not None:
            line = b"+SMTPFROM=" + _person(address, name)
        return tuple((await self._both(b"+SMTPFROM", line))[:2])

    async def subject(self, words: str | bytes | None = None) -> str:
        """Return the subject as the module has it; set it first where given ("" clears it).

        The module takes ASCII (IS 3.5): a str with other characters is sent as encoded words (RFC 2047, UTF-8). ValueError when
        that has more than 512 bytes, and for bytes that are not ASCII.
        """
        line = None
        if words is not None:
            words = _subject(words)
            line = b'+SMTPSUB="' + words + b'"' if words else b"+SMTPSUB"
        return (await self._both(b"+SMTPSUB", line))[0]

    async def charset(self, name: str | None = None) -> str:
        """Return the character set that the mail names; set it first where given ("" goes back to utf-8)."""
        line = None
        if name is not None:
            line = _charset(name) if name else b"+SMTPBCH"
        return (await self._both(b"+SMTPBCH", line))[0]

    # --- recipients

    async def recipients(self) -> list[tuple[str, int, str, str]]:
        """Return `(kind, index, address, name)` of all recipients; `kind` is "to", "cc" or "bcc"."""
        rows = [row for row in await self._rows(b"+SMTPRCPT") if fits(row, "nn.") and 0 <= row[0] < len(_KINDS)]
        return [(_KINDS[row[0]], row[1], row[2], (row + [""])[3]) for row in rows]

    async def recipient(self, kind: "_Kind", index: int | None, address: str | None = None, name: str = "") -> None:
        """Set recipient `index` (0 to 4) of `kind`; without `address` clear it, with `index` None all of the kind.

        `address` and `name` as for `sender`.
        """
        await self._set(_recipient(kind, index, address, name))

    async def clear_recipients(self) -> None:
        """Clear all recipients."""
        await self._set(b"+SMTPRCPT")

    # --- body and attachments

    async def body(self, words: "str | _Data | None" = None) -> str | None:
        """Return the body, as far as the module shows it in one line; set it first where given: str, bytes, or a stream.

        Up to 512 printable characters go as a parameter, anything else (5120 bytes at most) through the data mode, which cannot
        carry backspace, Ctrl-Z and escape: ValueError. A stream that fails leaves the body empty.
        """
        if words is not None:
            await self._put_body(_body(words))
            return None
        rows = await self.module.cmd(b"+SMTPBODY?", b"+SMTPBODY:", LOCAL_MS, bare=True)
        return text(b"\n".join(rows)[10:].strip(b' "'))

    async def _put_body(self, data):
        if isinstance(data, bytes) and len(data) <= _TYPED and _printable(data):
            await self._set(b'+SMTPBODY="' + data + b'"')
            return
        m = self.module
        try:
            await _BodyUpload(m, b"+SMTPBODY", b">", None, _FAMILY).send(_BodyPieces("body", data), END)
        except BaseException:
            if m.started:
                await m.attempt(b'+SMTPBODY=""', limit_ms=LOCAL_MS)
            raise

    async def attachments(self) -> list[tuple[int, str, int | None]]:
        """Return `(index, path, size)` of all attachments; `size` is None where the firmware does not report it."""
        return [(row[0], row[1], (row + [None])[2]) for row in await self._rows(b"+SMTPFILE") if len(row) > 1]

    async def attach(self, index: int, path: str | bytes | None = None) -> None:
        """Make a file of the module's file system ("D:/a.jpg") attachment `index` (1 to 10); without `path` take it off.

        All together have at most 10 MB: else CommandError with code "OVERSIZE". No two may have the same name.
        """
        number("index", index, 1, _FILES)
        if path is None:
            await self._set(b"+SMTPFILE=%d" % index)
            return
        from .drives import path_of

        await self._attach(index, path_of("path", path))

    async def _attach(self, index, path):
        from .drives import last_name, run_in_folder

        await run_in_folder(self.module, path, _Setting(b'+SMTPFILE=%d,"%s"' % (index, last_name(path).strip(b'"'))))

    async def clear_attachments(self) -> None:
        """Take all attachments off."""
        await self._set(b"+SMTPFILE")

    # --- sending

    async def send(self, timeout_ms: int | None = _SENDING_MS) -> None:
        """Send the mail and wait until the server has taken it.

        After success the module forgets recipients, subject, body and attachments; after a failure it keeps everything. Raises
        CommandError whose `code` is the module's word: "PARAM ERROR", "NETWORK ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH
        ERROR", "ONGOING", or "STOPPED" after `stop()`; ModemTimeout after `timeout_ms` (half an hour); ModemError while not
        connected. The transmission is stopped after the time-out, and when the call is cancelled.
        """
        try:
            await self.begin()
            await self.result(timeout_ms)
        except Exception:
            raise
        except BaseException:
            if self._mail is not None:
                self._mail.leave()
            if self.module.started:
                await self.module.attempt(b"+SMTPSTOP", limit_ms=LOCAL_MS)
            raise

    async def begin(self) -> None:
        """Start sending and return when the session with the server stands; `result()` waits for its end.

        Errors as for `send`.
        """
        m = self.module
        m.online()
        if self.state.flows.get(b"+SMTP:") is not None:
            raise CommandError("a mail is being sent", command="AT+SMTPSEND", code="ONGOING", family=_FAMILY)
        mail = await _Mail(m, (b"+SMTP:",), _FAMILY).listen()
        try:
            command = await mail.start(b"+SMTPSEND")
            while command.result == PENDING:
                await m.turn(None)
            command.reason(mail.result)
            await m.judge(command)
        except BaseException:
            mail.leave()
            raise
        self._mail = mail

    async def result(self, timeout_ms: int | None = _SENDING_MS) -> None:
        """Wait for the end of what `begin()` has started, which is stopped after `timeout_ms` (half an hour).

        Errors as for `send`.
        """
        m, mail = self.module, self._mail
        if mail is None:
            raise ModemError("no mail is being sent: call begin() first")
        deadline = m.deadline(timeout_ms)
        while mail.result is None:
            mail.check()
            if not await m.turn(deadline) and mail.result is None:
                mail.leave()
                await m.attempt(b"+SMTPSTOP", limit_ms=LOCAL_MS)
                raise ModemTimeout("the mail was not sent in time", command="AT+SMTPSEND")
        if mail.result != "SUCCESS":
            raise CommandError("the mail was not sent", command="AT+SMTPSEND", code=mail.result, family=_FAMILY)

    async def ongoing(self) -> bool:
        """Return whether a mail is being sent."""
        return (await self._both(b"+SMTPSEND", None))[0] == 1

    async def stop(self) -> None:
        """Stop sending; a task that waits for the result gets CommandError with code "STOPPED".

        CommandError when nothing is being sent.
        """
        await self._set(b"+SMTPSTOP")
        mail = self._mail
        if mail is not None and mail.result is None:
            mail.result = "STOPPED"
            mail.leave()

    # --- a mail in one call

    async def send_mail(
        self, to: "_Recipients", subject: str | bytes = "", body: "str | _Data" = "", cc: "_Recipients" = (), bcc: "_Recipients"
        = (), attachments: "_Attachments" = (), charset: str | None = None, timeout_ms: int | None = _SENDING_MS,
    ) -> None:  # fmt: skip
        """Put a mail together and send it; server, login and sender are set before.

        `to`, `cc`, `bcc`: at most five addresses each, or `(address, name)`; a single str is a list of one. `subject` as for
        `subject()`. `attachments`: at most ten; each is the path of a file on the module ("D:/a.jpg"; a single one needs no
        list), or `(name, data)` with bytes or a file object, which is stored in the folder mail_attachments of its drive first
        and removed afterwards. That folder is the driver's: what a restart has kept it from removing is removed before the next
        mail with such attachments. `body`: str,
        bytes or a stream of at most 5120 bytes; `charset`: its coding, utf-8 without it. `timeout_ms`: for the sending itself
        (half an hour).

        ValueError and TypeError before anything is sent; errors as for `send`, and for Files.put. Whatever happens, nothing of
        this mail stays in the module, also when the call is cancelled.
        """
        lines = _recipients((to, cc, bcc))
        files = _attachments([attachments] if isinstance(attachments, (str, bytes)) else attachments)
        if subject:
            lines.append(b'+SMTPSUB="' + _subject(subject) + b'"')
        if charset is not None:
            lines.append(_charset(charset))
        data = _body(body)
        stored = []
        try:
            await self._clear()
            for line in lines:
                await self._set(line)
            if data:
                await self._put_body(data)
            for drive in sorted({path[:2] for path, source in files if source is not None}):
                from .drives import empty_folder

                await empty_folder(self.module, drive + _FOLDER)
            for index, (path, source) in enumerate(files):
                await self._attach(index + 1, path if source is None else await self._store(path, source, stored))
            await self.send(timeout_ms)
        except BaseException:
            if self.module.started:
                await self._clear()
            raise
        finally:
            await self._remove(stored)

    async def _clear(self):
        for line in _CLEAR:
            await self.module.attempt(line, limit_ms=LOCAL_MS)

    async def _store(self, path, source, stored):
        """Store a new file for an attachment, in a folder where no other files are; return its path."""
        from .drives import folder_of, store

        path = path[:2] + _FOLDER + path[len(folder_of(path)) :]
        stored.append(path)
        await store(self.module, path, source, None)
        return path

    async def _remove(self, stored):
        """Remove the files; a cancellation is raised again after that, an error when a file is still there at the third time."""
        cancelled = None
        tries = 0
        while stored and self.module.started:
            from .drives import remove, size_of

            tries += 1
            try:
                if tries == 1 or await size_of(self.module, stored[-1]) is not None:
                    await remove(self.module, stored[-1])
            except (CommandError, ModemTimeout):
                if tries == _TRIES:
                    raise
                continue
            except Exception:
                raise
            except BaseException as error:
                if cancelled is None:
                    cancelled = error
                    tries = 0
                    continue
            stored.pop()
            tries = 0
        if cancelled is not None:
            raise cancelled


# --- what a program gives, as the commands take it; ValueError, TypeError


def _ascii(what, value, limit):
    data = plain(what, value, limit)
    for c in data:
        if c > _DELETE:
            raise ValueError("%s must be ASCII: the module takes nothing else" % what)
    return data


def _person(address, name):
    """Return the parameters for an address, and a name where there is one."""
    if not address:
        raise ValueError("address must not be empty")
    out = b'"' + _ascii("address", address, _LONG) + b'"'
    if name:
        name = _ascii("name", name, _NAME)
        for c in text(name):
            if not (c.isalpha() or c.isdigit() or c in _NAME_ALSO):
                raise ValueError("name must be letters, digits, blanks and %s: the module takes nothing else" % _NAME_ALSO)
        out += b',"' + name + b'"'
    return out


def _subject(words):
    """Return a subject in ASCII, as encoded words (RFC 2047) where it is not."""
    if isinstance(words, str):
        data = plain("subject", words, _SUBJECT)
        coded = []
        while max(data, default=0) > _DELETE or (coded and data):
            n = min(_WORD, len(data))
            while n < len(data) and data[n] & 0xC0 == 0x80:  # not inside a character
                n -= 1
            coded.append(b"=?utf-8?B?" + b2a_base64(data[:n]).strip() + b"?=")
            data = data[n:]
        words = b" ".join(coded) or data
    return _ascii("subject", words, _SUBJECT)


def _charset(name):
    return b"+SMTPBCH=" + quoted("charset", name, _CHARSET)


def _recipient(kind, index, address, name):
    """Return the command that sets or clears recipients."""
    line = b"+SMTPRCPT=%d" % one_of("kind", kind, _KINDS)
    if index is not None:
        line += b",%d" % number("index", index, 0, _PER_KIND - 1)
    return line if address is None else line + b"," + _person(address, name)


def _recipients(lists):
    """Return the commands that set the recipients."""
    lines = []
    for kind, addresses in zip(_KINDS, lists):
        addresses = [addresses] if isinstance(addresses, (str, bytes)) else list(addresses)
        if len(addresses) > _PER_KIND:
            raise ValueError("%s has more than %d recipients" % (kind, _PER_KIND))
        for index, one in enumerate(addresses):
            address, name = (one, "") if isinstance(one, (str, bytes)) else one
            lines.append(_recipient(kind, index, address, name))
    if not lines:
        raise ValueError("there is no recipient")
    return lines


def _attachments(given):
    """Return the attachments as (path on the module, Source or None)."""
    found = []
    for one in given:
        from ...files import Source
        from .drives import path_of

        name, data = (one, None) if isinstance(one, (str, bytes)) else one
        found.append((path_of("name", name), None if data is None else Source(data)))
    if len(found) > _FILES:
        raise ValueError("there are more than %d attachments" % _FILES)
    return found


def _checked_body(block):
    for c in _COMMANDS_IN_BODY:
        if block.find(bytes((c,))) >= 0:
            raise ValueError("body must not contain the control character %d" % c)
    return block


def _body(words):
    """Return a body as bytes, or the stream that it is."""
    data = words.encode() if isinstance(words, str) else words
    if isinstance(data, (bytes, bytearray, memoryview)):
        data = bytes(data)
        if len(_checked_body(data)) > _BODY:
            raise ValueError("body is longer than %d bytes" % _BODY)
    elif not reads_bytes(data) and not hasattr(data, "readinto"):
        raise TypeError("body must be str, bytes or a stream of bytes")
    return data


def _printable(data):
    for c in data:
        if not _BLANK <= c < _DELETE or c == _QUOTE:
            return False
    return True
