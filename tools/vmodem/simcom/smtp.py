"""Sending e-mail: AT+SMTPSRV, SMTPAUTH, SMTPFROM, SMTPRCPT, SMTPSUB, SMTPBODY, SMTPBCH, SMTPFILE, SMTPSEND, SMTPSTOP.

"AT Command Set for Internet Service", SIM7100, 0.01 (IS), chapter 3.
"""

import datetime

from ..commands import AtError, ParameterError
from ..core import Prompt, Result
from ..mail_clients import AUTH_NEEDED, AUTH_REFUSED, NETWORK, SERVER, Mail
from ..phases import CountedPhase
from . import errors
from .services import Lost, Task

LONGEST_ATTACHMENTS = 10 * 1024 * 1024
_LONGEST_BODY, _LONGEST_TYPED = 5120, 512
_LONG, _NAME, _CHARSET = 128, 64, 30
_KINDS = ("To", "Cc", "Bcc")
_PER_KIND = 5
_FILES = 10
_BACKSPACE, _CTRL_Z, _ESC = 0x08, 0x1A, 0x1B
_CODES = {
    NETWORK: "NETWORK ERROR",
    "dns": "NETWORK ERROR",
    SERVER: "SERVER ERROR",
    AUTH_NEEDED: "AUTH REQUIRED",
    AUTH_REFUSED: "AUTH ERROR",
}
_REPLY_LIMIT_S = 60


class BodyPhase(CountedPhase):
    """Text up to Ctrl-Z, which keeps it, or ESC, which drops it; BACKSPACE takes back the character before it (IS, 3.6)."""

    def __init__(self, count, done, cancelled, overlong):
        super().__init__(count, done)
        self._cancelled = cancelled
        self._overlong = overlong

    def feed(self, buffer):
        for used, byte in enumerate(buffer, 1):
            if byte == _CTRL_Z:
                if len(self._data) > self._count:
                    self._modem.end_phase(self, self._overlong)
                else:
                    self._modem.end_phase(self, self._done, bytes(self._data))
                return used
            if byte == _ESC:
                self._modem.end_phase(self, self._cancelled)
                return used
            if byte == _BACKSPACE:
                del self._data[-1:]
            elif len(self._data) <= self._count:
                self._data.append(byte)
        return len(buffer)


class Smtp:
    """One e-mail, its settings, and its transmission."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._task = None
        self._forget()
        add = self._add
        add("+SMTPSRV", "+SMTPSRV: (1-65535)", lambda: '+SMTPSRV: "%s", %d' % self._server, self._set_server, self._clear_server)
        add("+SMTPAUTH", "+SMTPAUTH: (0,1)", self._show_login, self._set_login, self._clear_login)
        add("+SMTPFROM", "", lambda: '+SMTPFROM: "%s", "%s"' % self._sender, self._set_sender, self._clear_sender)
        add("+SMTPRCPT", "+SMTPRCPT: (0-2), (0-4)", self._show_recipients, self._set_recipient, self._clear_recipients)
        add("+SMTPSUB", "", lambda: '+SMTPSUB: "%s"' % self._subject, self._set_subject, self._clear_subject)
        add("+SMTPBODY", "", lambda: '+SMTPBODY: "%s"' % self._body, self._set_body, self._type_body)
        add("+SMTPBCH", '+SMTPBCH: "CHARSET"', lambda: '+SMTPBCH: "%s"' % self._charset, self._set_charset, self._clear_charset)
        add("+SMTPFILE", "+SMTPFILE: (1-10)", self._show_files, self._set_file, self._clear_files)
        sending = lambda: "+SMTPSEND: %d" % (self._task is not None)  # noqa: E731 - a read form
        simcom.add("+SMTPSEND", test="", read=sending, execute=self._send)
        simcom.add("+SMTPSTOP", test="", execute=self._stop)

    def _add(self, name, test, read, write, execute):
        """A setting: it cannot be changed while an e-mail is being sent."""

        def idle(handler):
            def checked(*args):
                if self._task:
                    raise AtError()
                return handler(*args)

            return checked

        self._simcom.add(name, test=test, read=read, write=idle(write), execute=idle(execute))

    def _forget(self):
        self._clear_server()
        self._clear_login()
        self._clear_sender()
        self._clear_charset()
        self._sent()

    def _sent(self):
        """An e-mail has been sent: what belonged to it goes (IS, 3.1)."""
        self._clear_recipients()
        self._clear_subject()
        self._body = ""
        self._clear_files()

    # What the dialect calls --------------------------------------------------------------------------------------------

    def reset(self):
        """A restart of the module: nothing is kept."""
        if self._task:
            self._task.cancel()
            self._task = None
        self._forget()

    def lose(self):
        """The network has gone away."""
        if self._task:
            self._task.fail(Lost())

    def end_all(self):
        """The connection ends as if by the server."""
        if self._task:
            self._task.hang_up()

    # Settings ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _text(parameters, index, longest, shortest=0, default=None):
        text = parameters.str(index, longest) if default is None else parameters.str(index, longest, default)
        if len(text) < shortest:
            raise ParameterError()
        return text

    def _set_server(self, parameters):
        parameters.count(1, 2)
        self._server = self._text(parameters, 0, _LONG, 1), parameters.int(1, 1, 65535, 25)

    def _clear_server(self):
        self._server = "", 25

    def _show_login(self):
        shown = 0 if self._simcom.quirk("smtpauth", "printed") else self._login[0]
        return '+SMTPAUTH: %d, "%s", "%s"' % (shown, *self._login[1:])

    def _set_login(self, parameters):
        if not parameters.int(0, 0, 1):
            parameters.count(1, 1)
            self._clear_login()
            return
        parameters.count(3, 3)
        self._login = 1, self._text(parameters, 1, _LONG, 1), self._text(parameters, 2, _LONG)

    def _clear_login(self):
        self._login = 0, "", ""

    def _set_sender(self, parameters):
        parameters.count(1, 2)
        address, name = self._text(parameters, 0, _LONG, 1), self._text(parameters, 1, _NAME, default="")
        if not address.isascii() or not name.isascii() or not (name.replace(" ", "") + "x").isalnum():
            raise ParameterError()  # IS, 3.3: ASCII, alphanumeric ASCII
        self._sender = address, name

    def _clear_sender(self):
        self._sender = "", ""

    def _show_recipients(self):
        lines = ['+SMTPRCPT: %d, %d, "%s", "%s"' % (*place, *who) for place, who in sorted(self._recipients.items())]
        return self._simcom.block(lines) if lines else None

    def _set_recipient(self, parameters):
        parameters.count(1, 4)
        kind = parameters.int(0, 0, len(_KINDS) - 1)
        index = parameters.int(1, 0, _PER_KIND - 1, None)
        if len(parameters) > 2:
            if index is None:
                raise ParameterError()
            self._recipients[kind, index] = self._text(parameters, 2, _LONG, 1), self._text(parameters, 3, _NAME, default="")
            return
        for place in list(self._recipients):
            if place[0] == kind and index in (None, place[1]):
                del self._recipients[place]

    def _clear_recipients(self):
        self._recipients = {}

    def _set_subject(self, parameters):
        parameters.count(1, 1)
        subject = self._text(parameters, 0, 512)
        if not subject.isascii():
            raise ParameterError()  # IS, 3.5
        self._subject = subject

    def _clear_subject(self):
        self._subject = ""

    def _set_charset(self, parameters):
        parameters.count(1, 1)
        self._charset = self._text(parameters, 0, _CHARSET, 1)

    def _clear_charset(self):
        self._charset = "utf-8"

    # Body and attachments ----------------------------------------------------------------------------------------------

    def _set_body(self, parameters):
        parameters.count(1, 1)
        text = self._text(parameters, 0, _LONGEST_TYPED)
        if any(char < " " for char in text):
            raise ParameterError()
        self._body = text

    def _type_body(self):
        def typed(data):
            self._body = data.decode("latin-1")

        def cancelled():
            self._body = ""

        def overlong():
            raise AtError()

        return Prompt(BodyPhase(_LONGEST_BODY, typed, cancelled, overlong), self._modem.general.line_end + b">> ")

    def _show_files(self):
        sizes = self._simcom.quirk("smtpfile-size", "shown")
        drives = self._simcom.fs.drives
        lines = []
        for index, path in sorted(self._files.items()):
            size = ", %d" % drives.size(path) if sizes and drives.is_file(path) else ""
            lines.append('+SMTPFILE: %d, "%s"%s' % (index, path, size))
        return self._simcom.block(lines) if lines else None

    def _set_file(self, parameters):
        parameters.count(1, 2)
        index = parameters.int(0, 1, _FILES)
        if len(parameters) == 1:
            self._files.pop(index, None)
            return
        try:
            path = self._simcom.fs.find(self._text(parameters, 1, 255, 1))
        except ValueError:
            raise AtError() from None
        drives = self._simcom.fs.drives
        others = [other for place, other in self._files.items() if place != index]
        if not drives.is_file(path) or any(_name(path).lower() == _name(other).lower() for other in others):
            raise AtError()
        if sum(map(drives.size, others)) + drives.size(path) > LONGEST_ATTACHMENTS:
            raise errors.Refused("+SMTP: OVERSIZE")
        self._files[index] = path

    def _clear_files(self):
        self._files = {}

    # Transmission ------------------------------------------------------------------------------------------------------

    def _send(self):
        if self._task:
            raise errors.Refused("+SMTP: ONGOING")
        if not (self._server[0] and self._sender[0] and self._recipients):
            raise errors.Refused("+SMTP: PARAM ERROR")
        if not self._simcom.contexts.bring_up(1):
            raise errors.Refused("+SMTP: NETWORK ERROR")
        try:
            mail = self._mail()
        except KeyError:  # an attachment has been deleted
            raise errors.Refused("+SMTP: PARAM ERROR") from None
        operation = self._simcom.operation(ok_first=False)
        stands = []

        def began():
            stands.append(True)
            operation.finish(["+SMTP: OK"])

        def done(result, error):
            self._task = None
            line = "+SMTP: SUCCESS" if error is None else "+SMTP: " + _code(error)
            if error is None:
                self._sent()
            if stands:
                self._modem.later(self._modem.faults.urc_delay_s("+SMTPSEND"), self._simcom.urc, line)
            else:
                operation.finish([line], failed=True)

        credentials = self._login[1:] if self._login[0] else None
        patient = self._simcom.quirk("smtp-session", "accepted")
        sending = self._modem.net.smtp_sending(*self._server, credentials, mail, _REPLY_LIMIT_S, began, patient)
        self._task = Task(self._modem, sending.run, done, self._server[0])
        return operation.reply()

    def _mail(self):
        drives = self._simcom.fs.drives
        rtc = self._modem.rtc
        zone = datetime.timezone(datetime.timedelta(minutes=15 * rtc.zone_quarters))
        digits = datetime.datetime.fromtimestamp(int(rtc.seconds()), datetime.UTC)
        recipients = [(_KINDS[kind], *who) for (kind, _), who in sorted(self._recipients.items())]
        attachments = [(_name(path), drives.read(path)) for _, path in sorted(self._files.items())]
        return Mail(self._sender, recipients, self._subject, self._body, self._charset, attachments, digits.replace(tzinfo=zone))

    def _stop(self):
        if not self._task:
            raise AtError()
        self._task.cancel()
        self._task = None
        return Result()


def _name(path):
    return path.rpartition("/")[2]


def _code(error):
    if isinstance(error, TimeoutError):
        return _CODES[SERVER]
    return _CODES.get(getattr(error, "reason", NETWORK), _CODES[SERVER])
