"""E-mail by the module: SMTPSRV, SMTPAUTH, SMTPFROM, SMTPRCPT, SMTPSUB, SMTPBODY, SMTPBCH, SMTPFILE, SMTPSEND, SMTPSTOP.

"SIM7100 AT Command Set for Internet Service" 0.01 (IS), chapter 3. The module puts one mail together from settings and sends it;
the date in its header is the module's clock.
"""

from ..answers import fits
from ..errors import CommandError, ModemError, ModemRestarted, ModemTimeout
from ..fields import number
from ..params import plain, quoted, split, text
from ..request import Request
from .transfer import LIMIT_MS, Inflow
from .upload import Pieces, Upload, reads_bytes

FAMILY = "simcom-smtp"
KINDS = ("to", "cc", "bcc")
PER_KIND = 5
FILES = 10
_LOCAL_MS = 9000
_LONG, _NAME, _CHARSET, _SUBJECT = 128, 64, 30, 512
_TYPED = 512  # characters of a body in the write form; 5120 in data mode (IS 3.6)
_BODY = 5120
_SENDING_MS = 1800000  # 10 MB of attachments take their time


class _Mail(Inflow):
    """The words after "+SMTP:" of one transmission."""

    def on_line(self, buf, s, e):
        word = text(bytes(memoryview(buf)[s:e])).strip()
        if word != "OK":  # the server has greeted: no success yet
            self.result = word
            self._m._engine.changed = True
        return True


class _Setting(Request):
    """A command of the mail client: a word before ERROR is the reason."""

    def __init__(self, line, prefix=None, limit_ms=_LOCAL_MS):
        super().__init__(b"AT" + line + b"\r", prefix or b"+SMTP:", limit_ms)

    def on_done(self):
        self.family = FAMILY
        for line in self.lines:
            if self.code is None and line.startswith(b"+SMTP:"):
                self.code = text(line[6:]).strip()


class _Body(Upload):
    """AT+SMTPBODY in data mode: the prompt is ">> " (IS 3.6), of which the parser takes the first character."""

    def on_info(self, buf, s, e):
        return buf[s] == 62


class _Text(Pieces):
    """The body's bytes, without those that the data mode gives a meaning, at most 5120 in all."""

    async def block(self):
        block = await Pieces.block(self)
        if self.done > _BODY:
            raise ValueError("body is longer than %d bytes" % _BODY)
        return checked_body(block)


def checked_body(block):
    """Return `block`; ValueError for backspace, Ctrl-Z and escape: the data mode takes them as commands (IS 3.6)."""
    for c in (8, 26, 27):
        if block.find(bytes((c,))) >= 0:
            raise ValueError("body must not contain the control character %d" % c)
    return block


def body_of(words):
    """Return a body as bytes, or the stream that it is. ValueError, TypeError."""
    data = words.encode() if isinstance(words, str) else words
    if isinstance(data, (bytes, bytearray, memoryview)):
        data = bytes(data)
        if len(checked_body(data)) > _BODY:
            raise ValueError("body is longer than %d bytes" % _BODY)
    elif not reads_bytes(data) and not hasattr(data, "readinto"):
        raise TypeError("body must be str, bytes or a stream of bytes")
    return data


class Smtp:
    """The module's mail client. There is one: two programs' parts would be mixed.

    Each setting is read without arguments and set with them. All raise CommandError when the module refuses (also while a mail is
    being sent), ValueError before anything is sent. `send_mail` does all of it in one call.
    """

    def __init__(self, modem):
        self._modem = modem
        self._mail = None

    async def _set(self, line):
        await self._modem._run(_Setting(line))

    async def _rows(self, name):
        return [split(line) for line in await self._modem._cmd(name + b"?", name + b":", _LOCAL_MS)]

    async def _both(self, name, line):
        """Set where there is a line, then read back."""
        if line is not None:
            await self._set(line)
        rows = await self._rows(name)
        return (rows[-1] if rows else []) + [None, None]

    # --- settings

    def server(self, host=None, port=25):
        """Return `(host, port)` of the mail server; set it first where `host` is given ("" clears it)."""
        return self._modem._drive(self._server(host, port))

    async def _server(self, host, port):
        line = None
        if host == "":
            line = b"+SMTPSRV"
        elif host is not None:
            line = b"+SMTPSRV=%s,%d" % (quoted("host", host, _LONG), number("port", port, 1, 65535))
        return tuple((await self._both(b"+SMTPSRV", line))[:2])

    def login(self, user=None, password=""):
        """Return `(in use, user)`; set user and password first where given ("" switches authentication off)."""
        return self._modem._drive(self._login(user, password))

    async def _login(self, user, password):
        line = None
        if user == "":
            line = b"+SMTPAUTH"
        elif user is not None:
            line = b"+SMTPAUTH=1," + quoted("user", user, _LONG) + b"," + quoted("password", password, _LONG)
        row = await self._both(b"+SMTPAUTH", line)
        return (row[0] == 1 or bool(row[1]), row[1])  # the flag reads as 0 in a printed example although it is set

    def sender(self, address=None, name=""):
        """Return `(address, name)` of the sender; set it first where `address` is given ("" clears it)."""
        return self._modem._drive(self._sender(address, name))

    async def _sender(self, address, name):
        line = None
        if address == "":
            line = b"+SMTPFROM"
        elif address is not None:
            line = b"+SMTPFROM=" + quoted("address", address, _LONG)
            line += b"," + quoted("name", name, _NAME) if name else b""
        return tuple((await self._both(b"+SMTPFROM", line))[:2])

    def subject(self, words=None):
        """Return the subject; set it first where given ("" clears it)."""
        return self._modem._drive(self._word(b"+SMTPSUB", "subject", words, _SUBJECT))

    def charset(self, name=None):
        """Return the character set told in the mail; set it first where given ("" goes back to utf-8)."""
        return self._modem._drive(self._word(b"+SMTPBCH", "charset", name, _CHARSET))

    async def _word(self, command, what, value, limit):
        line = None
        if value is not None:
            line = command + b"=" + quoted(what, value, limit) if value else command
        return (await self._both(command, line))[0]

    # --- recipients

    def recipients(self):
        """Return `(kind, index, address, name)` of all recipients; `kind` is "to", "cc" or "bcc"."""
        return self._modem._drive(self._recipients())

    async def _recipients(self):
        rows = [row for row in await self._rows(b"+SMTPRCPT") if fits(row, "nn.") and 0 <= row[0] < len(KINDS)]
        return [(KINDS[row[0]], row[1], row[2], (row + [""])[3]) for row in rows]

    def recipient(self, kind, index, address=None, name=""):
        """Set recipient `index` (0 to 4) of `kind`; without `address` clear it, with `index` None all of the kind."""
        return self._modem._drive(self._set(recipient_line(kind, index, address, name)))

    def clear_recipients(self):
        """Clear all recipients."""
        return self._modem._drive(self._set(b"+SMTPRCPT"))

    # --- body and attachments

    def body(self, words=None):
        """Return the body, as far as the module shows it in one line; set it first where given: str, bytes, or a stream.

        Up to 512 printable characters go as a parameter, anything else (5120 bytes at most) through the data mode, which cannot
        carry backspace, Ctrl-Z and escape: ValueError. A stream that fails leaves the body empty.
        """
        return self._modem._drive(self._body(words))

    async def _body(self, words):
        if words is None:
            rows = await self._modem._cmd(b"+SMTPBODY?", b"+SMTPBODY:", _LOCAL_MS, bare=True)
            return text(b"\n".join(rows)[10:].strip(b' "'))
        await self._put_body(words)
        return None

    async def _put_body(self, words):
        data = body_of(words)
        if isinstance(data, bytes) and len(data) <= _TYPED and _printable(data):
            await self._set(b'+SMTPBODY="' + data + b'"')
            return
        upload = _Body(self._modem._engine, b"+SMTPBODY", b">", None, FAMILY)
        try:
            await upload.send(self._modem, _Text("body", data), b"\x1a")
        except BaseException:
            if self._modem._started:
                await self._modem._try(b'+SMTPBODY=""', limit_ms=_LOCAL_MS)
            raise

    def attachments(self):
        """Return `(index, path, size)` of all attachments; `size` is None where the firmware does not tell."""
        return self._modem._drive(self._attachments())

    async def _attachments(self):
        return [(row[0], row[1], (row + [None])[2]) for row in await self._rows(b"+SMTPFILE") if len(row) > 1]

    def attach(self, index, path=None):
        """Make a file of the module's file system ("D:/a.jpg") attachment `index` (1 to 10); without `path` take it off.

        All together have at most 10 MB: else CommandError with code "OVERSIZE". No two may have the same name.
        """
        number("index", index, 1, FILES)
        return self._modem._drive(self._attach(index, path if path is None else plain("path", path)))

    async def _attach(self, index, path):
        line = b"+SMTPFILE=%d" % index
        if path is not None:
            from .fs import enter, path_of

            name = await enter(self._modem, path_of("path", path))
            line += b',"' + name.strip(b'"') + b'"'
        await self._set(line)

    def clear_attachments(self):
        """Take all attachments off."""
        return self._modem._drive(self._set(b"+SMTPFILE"))

    # --- sending

    def send(self, timeout_ms=_SENDING_MS):
        """Send the mail and wait until the server has taken it.

        After success the module forgets recipients, subject, body and attachments; after a failure it keeps everything. Raises
        CommandError whose `code` is the module's word: "PARAM ERROR", "NETWORK ERROR", "SERVER ERROR", "AUTH REQUIRED", "AUTH
        ERROR", "ONGOING", or "STOPPED" after `stop()`; ModemTimeout after `timeout_ms`. The transmission is stopped then,
        and when the call is cancelled.
        """
        return self._modem._drive(self._send(timeout_ms))

    async def _send(self, timeout_ms):
        try:
            await self._begin()
            await self._result(timeout_ms)
        except Exception:
            raise
        except BaseException:
            m = self._modem
            if m._started:
                await m._try(b"+SMTPSTOP", limit_ms=_LOCAL_MS)
            raise

    def begin(self):
        """Start sending and return when the session with the server stands; `result()` waits for its end.

        Errors as for `send`.
        """
        return self._modem._drive(self._begin())

    async def _begin(self):
        m = self._modem
        m._online()
        mail = _Mail(m, (b"+SMTP:",), FAMILY)
        if m.dialect.flows.get(b"+SMTP:") is not None:
            raise CommandError("a mail is being sent", command="AT+SMTPSEND", code="ONGOING", family=FAMILY)
        await mail.listen()
        request = Request(b"AT+SMTPSEND\r", None, LIMIT_MS)
        try:
            await mail.start(request)
            while not request.result:
                await m._turn(None)
            if request.code is None:
                request.code = mail.result
            request.family = FAMILY
            await m._judge(request)
        except BaseException:
            mail._leave()
            raise
        self._mail = mail

    def result(self, timeout_ms=_SENDING_MS):
        """Wait for the end of what `begin()` has started, which is stopped after `timeout_ms` (half an hour).

        Errors as for `send`.
        """
        return self._modem._drive(self._result(timeout_ms))

    async def _result(self, timeout_ms):
        m, mail = self._modem, self._mail
        if mail is None:
            raise ModemError("no mail is being sent: call begin() first")
        deadline = m._deadline(timeout_ms)
        try:
            while mail.result is None:
                if not m._started:
                    raise ModemRestarted("the module restarted", command="AT+SMTPSEND")
                if not await m._turn(deadline) and mail.result is None:
                    await m._try(b"+SMTPSTOP", limit_ms=_LOCAL_MS)
                    raise ModemTimeout("the mail was not sent in time", command="AT+SMTPSEND")
        finally:
            mail._leave()
        if mail.result != "SUCCESS":
            raise CommandError("the mail was not sent", command="AT+SMTPSEND", code=mail.result, family=FAMILY)

    def ongoing(self):
        """Return whether a mail is being sent."""
        return self._modem._drive(self._ongoing())

    async def _ongoing(self):
        return (await self._both(b"+SMTPSEND", None))[0] == 1

    def stop(self):
        """Stop sending; who waits for the result gets CommandError with code "STOPPED".

        CommandError when nothing is being sent.
        """
        return self._modem._drive(self._stop())

    async def _stop(self):
        await self._set(b"+SMTPSTOP")
        if self._mail is not None and self._mail.result is None:
            self._mail.result = "STOPPED"
            self._modem._engine.changed = True

    def send_mail(self, to, subject="", body="", cc=(), bcc=(), attachments=(), charset=None, timeout_ms=_SENDING_MS):
        """Put a mail together and send it; server, login and sender are set before. See mail.send_mail.

        `timeout_ms`: for the sending itself (half an hour). Errors as for `send`, ValueError before anything is sent.
        """
        from .mail import send_mail

        return self._modem._drive(send_mail(self, (to, cc, bcc), subject, body, attachments, charset, timeout_ms))


def recipient_line(kind, index, address, name):
    """Return the command that sets or clears recipients. ValueError."""
    if kind not in KINDS:
        raise ValueError("kind must be one of to, cc, bcc")
    line = b"+SMTPRCPT=%d" % KINDS.index(kind)
    if index is not None:
        line += b",%d" % number("index", index, 0, PER_KIND - 1)
    if address is not None:
        if not address:
            raise ValueError("address must not be empty")
        line += b"," + quoted("address", address, _LONG)
        line += b"," + quoted("name", name, _NAME) if name else b""
    return line


def _printable(data):
    for c in data:
        if not 32 <= c < 127 or c == 34:
            return False
    return True
