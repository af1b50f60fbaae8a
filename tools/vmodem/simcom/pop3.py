"""Fetching e-mail: AT+POP3SRV, POP3IN, POP3NUM, POP3LIST, POP3HDR, POP3GET, POP3DEL, POP3OUT, POP3STOP, POP3READ.

"AT Command Set for Internet Service", SIM7100, 0.01 (IS), chapter 4. Mail is kept in folders `Email/YYMMDDHHMMSS` named after the
module's clock.
"""

import email
import email.policy
import itertools
import re
import time

from ..commands import AtError, ParameterError
from ..mail_clients import NETWORK, PASSWORD_REFUSED, REFUSED, SERVER, USER_REFUSED
from . import errors
from .drives import DRIVES
from .services import Lost, Task

FREE, READY, BUSY, FETCHING = range(4)
_LONG = 128
_BODY, _WHOLE, _BOTH = 1, 2, 3
_CODES = {
    NETWORK: "NETWORK ERROR",
    "dns": "NETWORK ERROR",
    SERVER: "SERVER ERROR",
    REFUSED: "SERVER ERROR",  # a wrong message number, or what else the server does not want
    USER_REFUSED: "INVALID UN",
    PASSWORD_REFUSED: "INVALID UN/PWD",
}
_FILE_SYSTEM = "FILE SYSTEM ERROR"
_REPLY_LIMIT_S = 60
_FOLDER = "Email"
_HEAD_END = re.compile(rb"\r?\n\r?\n|\Z")
_HEADERS = ("From", "Date", "Subject")


class Pop3:
    """The mailbox and its commands. State: free, ready, busy with a command that the host waits for, or fetching."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._session = self._task = None
        self._state = FREE
        self._clear_server()
        self._last = None  # the message file fetched last
        self._kept = None  # the message fetched last, and its folder
        add = simcom.add
        add("+POP3SRV", test="+POP3SRV: (1-65535)", read=self._show_server, write=self._set_server, execute=self._reset_server)
        add("+POP3IN", test="", read=self._show_login, execute=self._log_in)
        add("+POP3NUM", test="", execute=lambda: self._ask("status", (), lambda pair: ["+POP3: %d, %d" % pair]))
        add("+POP3LIST", test="", write=self._size, execute=lambda: self._ask("sizes", (), self._sizes))
        add("+POP3HDR", test="", write=self._header)
        add("+POP3GET", test="", write=self._get)
        add("+POP3DEL", test="", write=lambda p: self._ask("mark", self._number(p), lambda result: ["+POP3: SUCCESS"]))
        add("+POP3OUT", test="", execute=self._log_out)
        add("+POP3STOP", test="", execute=self._stop)
        add("+POP3READ", test="", write=self._read, execute=self._read_last)

    # What the dialect calls --------------------------------------------------------------------------------------------

    def reset(self):
        """A restart of the module."""
        self._leave()
        self._clear_server()
        self._last = None

    def lose(self):
        """The network has gone away."""
        if self._task:
            self._task.fail(Lost())
        self._leave()

    def end_all(self):
        """The connection ends as if by the server."""
        if self._session:
            self._session.cut()

    def _leave(self):
        """The session is over; nothing is deleted."""
        task, self._task = self._task, None
        if task:
            task.cancel()
        if self._session:
            self._session.close()
        self._session = self._kept = None
        self._state = FREE

    # Settings ----------------------------------------------------------------------------------------------------------

    def _show_server(self):
        return '+POP3SRV: "%s", "%s", "%s", %d' % self._server

    def _set_server(self, parameters):
        parameters.count(3, 4)
        if self._state != FREE:
            raise AtError()
        texts = [parameters.str(index, _LONG) for index in range(3)]
        if not all(texts):
            raise ParameterError()
        self._server = (*texts, parameters.int(3, 1, 65535, 110))

    def _clear_server(self):
        self._server = "", "", "", 110

    def _reset_server(self):
        if self._state != FREE:
            raise AtError()
        self._clear_server()

    def _show_login(self):
        return '+POP3IN: "%s"' % self._server[0] if self._state != FREE else "+POP3IN: NULL"

    # Commands that block -----------------------------------------------------------------------------------------------

    def _ready(self):
        """Refuse a command that needs a session with nothing to do."""
        if self._state == FETCHING:
            if self._simcom.quirk("pop3-ongoing", "ok"):
                return ["+POP3: ONGOING"]
            raise errors.Refused("+POP3: ONGOING")
        if self._state != READY:
            raise AtError()
        return None

    def _ask(self, method, args, lines, after=READY):
        """Ask the server; `lines(result)` is the answer. Returns what the handler returns."""
        refused = self._ready()
        if refused:
            return refused
        operation = self._simcom.operation(ok_first=False)
        self._state = BUSY

        def done(result, error):
            self._task = None
            self._after(error, after)
            operation.finish(["+POP3: " + _code(error)] if error else lines(result), failed=bool(error))

        session = self._session
        self._task = Task(self._modem, lambda worker: getattr(session, method)(worker, *args), done)
        return operation.reply()

    def _after(self, error, after=READY):
        """An operation is over: the state that follows."""
        self._state = READY
        if (error and getattr(error, "reason", NETWORK) in (NETWORK, SERVER)) or (not error and after == FREE):
            self._leave()

    def _number(self, parameters, most=1):
        parameters.count(1, most)
        return (parameters.int(0, 1, 1 << 31),)

    def _log_in(self):
        if self._state == FETCHING:
            raise errors.Refused("+POP3: ONGOING")
        if self._state != FREE or not self._server[0]:
            raise AtError()
        if not self._simcom.contexts.bring_up(1):
            raise errors.Refused("+POP3: NETWORK ERROR")
        operation = self._simcom.operation(ok_first=False)
        session = self._session = self._modem.net.pop_session()
        self._state = BUSY

        def done(result, error):
            self._task = None
            self._state = READY
            if error:
                self._leave()
            operation.finish(["+POP3: " + (_code(error) if error else "SUCCESS")], failed=bool(error))

        host, user, password, port = self._server

        def run(worker):
            session.open(worker, host, port, user, password, _REPLY_LIMIT_S)

        self._task = Task(self._modem, run, done, host)
        return operation.reply()

    def _log_out(self):
        return self._ask("quit", (), lambda result: ["+POP3: SUCCESS"], FREE)

    def _size(self, parameters):
        return self._ask("size", self._number(parameters), lambda pair: ["+POP3: %d, %d" % pair])

    def _sizes(self, pairs):
        first = "+POP3: %d %d" % (len(pairs), sum(size for _, size in pairs))
        return [self._simcom.block([first] + ["%d %d" % pair for pair in pairs])]

    def _header(self, parameters):
        def lines(data):
            message = email.message_from_bytes(data + b"\r\n\r\n", policy=email.policy.compat32)
            shown = [" ".join(str(message.get(name, "")).split()) for name in _HEADERS]
            return [self._simcom.block(["%s: %s" % pair for pair in zip(_HEADERS, shown)])]

        return self._ask("header", self._number(parameters), lines)

    def _stop(self):
        if self._state == FREE:
            raise AtError()
        self._leave()

    # AT+POP3GET --------------------------------------------------------------------------------------------------------

    def _get(self, parameters):
        (number,) = self._number(parameters, 2)
        kind = parameters.int(1, _BODY, _BOTH, _BODY)
        refused = self._ready()
        if refused:
            return refused
        operation = self._simcom.operation(ok_first=True)
        self._state = FETCHING
        self._simcom.after_reply("+POP3GET", self._fetch, operation, number, kind)
        return operation.reply()

    def _fetch(self, operation, number, kind, forced):
        session = self._session
        if self._state != FETCHING:
            return

        def done(result, error):
            self._task = None
            self._after(error)
            if error:
                code = "FAILURE" if getattr(error, "reason", None) == REFUSED else _code(error)
                operation.finish(["+POP3: " + code], failed=True)
                return
            try:
                folder, name = self._keep(number, result, kind)
            except (KeyError, ValueError, OSError):
                self._leave()
                operation.finish(["+POP3: " + _FILE_SYSTEM], failed=True)
                return
            operation.finish([self._simcom.block(["+POP3: SUCCESS", "%s/, %s" % (folder, name)])])

        self._task = Task(self._modem, lambda worker: session.fetch(worker, number), done)

    def _keep(self, number, data, kind):
        """Save message `number`; (folder, name of the file to be read)."""
        drives = self._simcom.fs.drives
        stamp, folder = self._folder(number, drives)
        self._kept = number, folder
        drives.need_folder(folder)
        name = stamp + ".eml"
        if kind != _BODY:
            drives.write("%s/%s" % (folder, name), data)
        if kind != _WHOLE:
            body, attachments = _parts(data)
            name = _free_name({each.lower() for each in attachments})
            drives.write("%s/%s" % (folder, name), data[: _HEAD_END.search(data).end()] + body)
            for each, content in attachments.items():
                drives.write("%s/%s" % (folder, each), content)
        self._last = "%s/%s" % (folder, name)
        return folder, name

    def _folder(self, number, drives):
        """(name, path) of the folder of a message: named after the second, or after the next one that no other message has."""
        for seconds in itertools.count(int(self._modem.rtc.seconds())):
            stamp = time.strftime("%y%m%d%H%M%S", time.gmtime(seconds))
            folder = "%s:/%s/%s" % (self._simcom.fs.drive, _FOLDER, stamp)
            if not drives.is_folder(folder) or self._kept == (number, folder):
                return stamp, folder

    # AT+POP3READ -------------------------------------------------------------------------------------------------------

    def _read(self, parameters):
        parameters.count(2, 2)
        drive = DRIVES[parameters.int(0, 0, 1)]
        try:
            return self._text(self._simcom.fs.drives.resolve(parameters.str(1, _LONG), "%s:/%s" % (drive, _FOLDER)))
        except ValueError:
            raise AtError() from None

    def _read_last(self):
        if self._last is None:
            raise AtError()
        return self._text(self._last)

    def _text(self, path):
        if self._state == FETCHING:
            raise AtError()
        try:
            data = self._simcom.fs.drives.read(path)
        except KeyError:
            raise AtError() from None
        end = self._modem.general.line_end
        return end + data + end


def _code(error):
    if isinstance(error, TimeoutError):
        return _CODES[SERVER]
    return _CODES.get(getattr(error, "reason", NETWORK), _CODES[NETWORK])


def _free_name(taken):
    """The name of the file with header and body: it counts up where an attachment has it (IS, 4.6)."""
    return next(name for name in ("EMAIL%03d.TXT" % number for number in range(1000)) if name.lower() not in taken)


def _parts(data):
    """The text of a message, and its attachments by name, as bytes."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    text = message.get_body(("plain", "html"))
    body = _content(text) if text is not None else b""
    attachments = {}
    for part in message.iter_attachments():
        name = part.get_filename() or "ATTACH%03d.DAT" % len(attachments)
        name = name.encode("utf-8", "surrogateescape").decode("latin-1").replace("\\", "/").rpartition("/")[2]
        name = "".join("_" if char in ':"*?<>|' or char < " " else char for char in name) or "_"
        while name in attachments:
            name = "_" + name
        attachments[name] = _content(part)
    return body, attachments


def _content(part):
    if part.is_multipart():
        return part.as_bytes()
    return part.get_payload(decode=True) or b""
