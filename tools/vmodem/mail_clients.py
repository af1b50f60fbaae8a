"""Sending and fetching mail: smtplib and poplib behind the host map. Every method here blocks and runs in a worker's thread."""

import base64
import contextlib
import poplib
import smtplib
import socket
from email import encoders, policy, utils
from email.generator import BytesGenerator
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from io import BytesIO

from .bounded import Bounded
from .hosts import Unreachable

# Why an operation has failed
NETWORK, SERVER, AUTH_NEEDED, AUTH_REFUSED = "network", "server", "authentication needed", "authentication refused"
USER_REFUSED, PASSWORD_REFUSED, REFUSED = "user refused", "password refused", "refused"
_LONGEST_REPLY = 65536  # bytes of one answer of an SMTP server
_LONGEST_MAIL = 4 * 1024 * 1024  # bytes of one answer of a POP3 server: a mail that the module has room for
_LONGEST_LINE = 998  # RFC 5322, 2.1.1
poplib._MAXLINE = 1 << 20  # mail with longer lines than poplib's 2048 bytes is common


class MailError(Exception):
    """An operation has failed; `reason` is one of the words above."""

    def __init__(self, reason, text=""):
        super().__init__("%s: %s" % (reason, text))
        self.reason = reason


def _connect(worker, host, port, timeout_s):
    try:
        return worker.connect(host, port, timeout_s)
    except (OSError, Unreachable) as error:
        raise MailError(NETWORK, error) from error


# Messages ----------------------------------------------------------------------------------------------------------------


class Mail:
    """An e-mail to be sent. Text is Latin-1: one character per byte.

    sender       (address, name)
    recipients   list of (kind, address, name) with kind "To", "Cc" or "Bcc"
    attachments  list of (name, bytes)
    date         a datetime with its zone
    """

    def __init__(self, sender, recipients, subject, body, charset, attachments, date):
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
        self.body = body.encode("latin-1")
        self.charset = charset
        self.attachments = attachments
        self.date = date

    def to_bytes(self):
        """The message as SMTP wants it."""
        message = self._text()
        if self.attachments:
            text, message = message, MIMEMultipart()
            message.attach(text)
            for name, data in self.attachments:
                message.attach(_attachment(name, data))
        message["From"] = utils.formataddr((self.sender[1], self.sender[0]))
        for header in ("To", "Cc"):
            shown = [utils.formataddr((name, address)) for kind, address, name in self.recipients if kind == header]
            if shown:
                message[header] = ", ".join(shown)
        message["Subject"] = self.subject
        message["Date"] = utils.format_datetime(self.date)
        message["Message-ID"] = utils.make_msgid(domain="module.invalid")
        out = BytesIO()
        BytesGenerator(out, policy=policy.SMTP).flatten(message)
        return out.getvalue()

    def _text(self):
        part = MIMENonMultipart("text", "plain", charset=self.charset)
        plain = (
            self.body.isascii() and b"\0" not in self.body and all(len(line) < _LONGEST_LINE for line in self.body.split(b"\r\n"))
        )
        if plain and not set(self.body.replace(b"\r\n", b"")) & set(b"\r\n"):
            part.set_payload(self.body.decode("ascii"))
            part["Content-Transfer-Encoding"] = "7bit"
        else:
            part.set_payload(base64.encodebytes(self.body).decode("ascii"))
            part["Content-Transfer-Encoding"] = "base64"
        return part


def _attachment(name, data):
    part = MIMEBase("application", "octet-stream")
    part.set_payload(data)
    encoders.encode_base64(part)
    if name.isascii():
        part.add_header("Content-Disposition", "attachment", filename=name)
    else:
        part.add_header(
            "Content-Disposition", "attachment", filename=("utf-8", "", name.encode("latin-1").decode("utf-8", "replace"))
        )
    return part


# SMTP --------------------------------------------------------------------------------------------------------------------


class _SmtpClient(smtplib.SMTP):
    def __init__(self, worker, timeout_s):
        super().__init__(local_hostname="module.invalid", timeout=timeout_s)
        self._worker = worker

    def getreply(self):
        if self.file is None:
            self.file = Bounded(self.sock.makefile("rb"), _LONGEST_REPLY)
        self.file.begin()
        return super().getreply()

    def _get_socket(self, host, port, timeout):
        return _connect(self._worker, host, port, timeout)


def _smtp_reason(error):
    if isinstance(error, smtplib.SMTPServerDisconnected):
        cut = error.__context__
        return NETWORK if isinstance(cut, OSError) and not isinstance(cut, TimeoutError) else SERVER
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return AUTH_REFUSED
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code in (530, 538):
        return AUTH_NEEDED
    if isinstance(error, (smtplib.SMTPException, TimeoutError, ValueError)):
        return SERVER
    return NETWORK


def _must(reply):
    code, text = reply
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, text)


class SmtpSending:
    """One e-mail on its way. `run(worker)` sends it; `began()` is called in the event loop when the session stands.

    credentials  (user, password) or None
    patient      the session stands once the server has taken log-in and sender; else once it has greeted
    """

    def __init__(self, host, port, credentials, mail, timeout_s, began, patient=True):
        self._address = host, port
        self._credentials = credentials
        self._mail = mail
        self._timeout_s = timeout_s
        self._began = began
        self._patient = patient

    def run(self, worker):
        client = _SmtpClient(worker, self._timeout_s)
        try:
            self._session(worker, client)
        except MailError:
            raise
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailError(_smtp_reason(error), error) from error
        finally:
            client.close()

    def _session(self, worker, client):
        code, text = client.connect(*self._address)
        if code != 220:
            raise smtplib.SMTPResponseException(code, text)
        client.ehlo_or_helo_if_needed()
        if not self._patient:
            worker.tell(self._began)
        self._introduce(client)
        if self._patient:
            worker.tell(self._began)
        for _, address, _ in self._mail.recipients:
            _must(client.rcpt(address))
        _must(client.data(self._mail.to_bytes()))
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()

    def _introduce(self, client):
        if self._credentials:
            try:
                client.login(*self._credentials)
            except smtplib.SMTPNotSupportedError as error:
                raise MailError(AUTH_REFUSED, error) from error
        _must(client.mail(self._mail.sender[0]))


# POP3 --------------------------------------------------------------------------------------------------------------------


class _Mailbox:
    """A socket whose `makefile` is bounded: poplib makes its own file."""

    def __init__(self, sock):
        self._sock = sock

    def makefile(self, mode):
        return Bounded(self._sock.makefile(mode), _LONGEST_MAIL)

    def __getattr__(self, name):
        return getattr(self._sock, name)


class _PopClient(poplib.POP3):
    def __init__(self, worker, host, port, timeout_s):
        self.worker = worker
        super().__init__(host, port, timeout=timeout_s)

    def _create_socket(self, timeout):
        return _Mailbox(_connect(self.worker, self.host, self.port, timeout))

    def _putcmd(self, line):
        self.file.begin()
        super()._putcmd(line)


class PopSession:
    """A mailbox. Methods raise MailError; after `server` and `network` the session is over."""

    def __init__(self):
        self._client = None

    @contextlib.contextmanager
    def _in(self, worker, refused):
        if self._client:
            worker.adopt(self._client.sock)
        try:
            yield self._client
        except poplib.error_proto as error:
            answer = error.args[0] if error.args else b""
            spoken = isinstance(answer, bytes) and answer.startswith(b"-ERR")  # poplib's own complaints are str
            raise MailError(refused if spoken else SERVER, error) from error
        except (TimeoutError, ValueError) as error:
            raise MailError(SERVER, error) from error
        except OSError as error:
            raise MailError(NETWORK, error) from error

    def open(self, worker, host, port, user, password, timeout_s):
        """Connect and log in."""
        with self._in(worker, SERVER):
            self._client = _PopClient(worker, host, port, timeout_s)
        with self._in(worker, USER_REFUSED):
            self._client.user(user)
        with self._in(worker, PASSWORD_REFUSED):
            self._client.pass_(password)

    def status(self, worker):
        """(messages, bytes)."""
        with self._in(worker, REFUSED) as client:
            return client.stat()

    def sizes(self, worker):
        """[(message, bytes), ...]."""
        with self._in(worker, REFUSED) as client:
            return [tuple(map(int, line.split()[:2])) for line in client.list()[1]]

    def size(self, worker, number):
        """(message, bytes)."""
        with self._in(worker, REFUSED) as client:
            return tuple(map(int, client.list(number).split()[1:3]))

    def header(self, worker, number):
        """The header of a message."""
        with self._in(worker, REFUSED) as client:
            return b"\r\n".join(client.top(number, 0)[1])

    def fetch(self, worker, number):
        """A whole message."""
        with self._in(worker, REFUSED) as client:
            return b"".join(line + b"\r\n" for line in client.retr(number)[1])

    def mark(self, worker, number):
        """Mark a message for deletion."""
        with self._in(worker, REFUSED) as client:
            client.dele(number)

    def quit(self, worker):
        """Leave; the server deletes what is marked."""
        with self._in(worker, REFUSED) as client:
            client.quit()

    def cut(self):
        """The connection ends as if by the peer."""
        if self._client and self._client.sock:
            with contextlib.suppress(OSError):
                self._client.sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        """Let go of the connection without a word: nothing is deleted."""
        if self._client:
            with contextlib.suppress(OSError):
                self._client.close()
