"""FTP: AT+CFTPPORT, CFTPMODE, CFTPTYPE, CFTPSERV, CFTPUN, CFTPPW, CFTPGETFILE, CFTPPUTFILE, CFTPGET, CFTPPUT, CFTPLIST, CFTPMKD,
CFTPRMD, CFTPDELE.

"AT Command Set for Internet Service", SIM7100, 0.01 (IS), chapter 5. Each command logs in, works and logs out.
"""

from .. import ftp_client as client
from ..commands import CmeError
from ..core import PENDING, Prompt
from ..workers import AHEAD
from .phases import CTRL_Z, ETX
from .services import Blocks, Lost, Task, name_parameter, with_code
from .transfers import Transfers

UNKNOWN, BUSY, DNS, TIMEOUT, READ, WRITE, STATE, LOGIN, LOGOUT, BROKEN, REJECTED, MEMORY, PARAMETER, NETWORK = range(201, 215)
CODES = {
    client.DNS: DNS,
    client.TIMEOUT: TIMEOUT,
    client.LOGIN: LOGIN,
    client.REJECTED: REJECTED,
    client.BROKEN: BROKEN,
    client.CONNECT: NETWORK,
    client.CLOSED: NETWORK,
    client.NETWORK: NETWORK,
}
REPLY_LIMIT_S = 60
_LONGEST_TEXT = 256
_WITH_FOLDER = ': [{non-ascii}]"FILEPATH",(0-8)'


class EtxStreamPhase:
    """Data up to a bare Ctrl-Z, handed on as it comes: `part(data)` for each piece, then the outcome `done()`.

    ETX makes the byte after it an ordinary one. While `full()` the host is made to wait; `modem.pump()` goes on.
    """

    holds_urcs = True
    carrier = False

    def __init__(self, part, done, full=lambda: False):
        self._part = part
        self._done = done
        self._full = full
        self._escaped = False

    def start(self, modem):
        self._modem = modem

    def stop(self):
        """Nothing to give up."""

    def feed(self, buffer):
        if self._full():
            return 0
        out = bytearray()
        position, length = 0, len(buffer)
        ended = False
        while position < length and not ended:
            if self._escaped:
                self._escaped = False
                out.append(buffer[position])
                position += 1
                continue
            ends = [at for at in (buffer.find(ETX, position), buffer.find(CTRL_Z, position)) if at >= 0]
            stop = min(ends, default=length)
            out += memoryview(buffer)[position:stop]
            position = stop
            if stop < length:
                self._escaped = buffer[stop] == ETX
                ended = not self._escaped
                position += 1
        if out:
            self._part(bytes(out))
        if ended:
            self._modem.end_phase(self, self._done)
        return position


class Ftp(Transfers):
    """The settings, and the one operation that may run."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._task = None
        self._busy = False
        self._stream = None
        self._typed_all = False  # of AT+CFTPPUT
        self.reset()
        self._add_settings()
        get, put = "+CFTPGETFILE", "+CFTPPUTFILE"
        self._add(get, get + _WITH_FOLDER, lambda parameters: self._get_file(get, parameters, WRITE))
        self._add(put, put + _WITH_FOLDER, lambda parameters: self._put_file(put, parameters, CmeError(READ)))
        for name, handler in (("+CFTPGET", self._get), ("+CFTPPUT", self._put), ("+CFTPLIST", self._list)):
            self._add(name, '%s: [{non-ascii}]"FILEPATH"' % name, handler)
        self._add_change("+CFTPMKD", "DIR", "mkd")
        self._add_change("+CFTPRMD", "DIR", "rmd")
        self._add_change("+CFTPDELE", "FILENAME", "delete")

    def _add(self, name, test, write, **forms):
        self._simcom.add(name, test=test, write=with_code(PARAMETER, write), **forms)

    def _add_change(self, name, word, method):
        self._add(name, '%s: [{non-ascii}]"%s"' % (name, word), lambda parameters: self._change(name, method, parameters))

    # What the dialect calls --------------------------------------------------------------------------------------------

    def reset(self):
        """A restart of the module."""
        self._cancel()
        self._port, self._mode, self._type = 21, 0, "I"
        self._texts = {"+CFTPSERV": "", "+CFTPUN": "", "+CFTPPW": ""}

    def lose(self):
        """The network has gone away."""
        if self._task:
            self._task.fail(Lost())

    def end_all(self):
        """The connections end as if by the server."""
        if self._task:
            self._task.hang_up()

    def _cancel(self):
        if self._task:
            self._task.cancel()
        if self._stream:
            self._stream.cancel()
        self._task = self._stream = None
        self._busy = False

    # Settings ----------------------------------------------------------------------------------------------------------

    def _add_settings(self):
        self._add("+CFTPPORT", "+CFTPPORT: (1-65535)", self._set_port, read=lambda: "+CFTPPORT: %d" % self._port)
        self._add("+CFTPMODE", "+CFTPMODE: (0,1)", self._set_mode, read=lambda: "+CFTPMODE: %d" % self._mode)
        self._add("+CFTPTYPE", "+CFTPTYPE: (A,I)", self._set_type, read=lambda: "+CFTPTYPE: " + self._type)
        for name, word in (("+CFTPSERV", "ADDRESS"), ("+CFTPUN", "NAME"), ("+CFTPPW", "password")):

            def read(name=name):
                return '%s: "%s"' % (name, self._texts[name])

            def write(parameters, name=name):
                parameters.count(1, 1)
                self._texts[name] = parameters.str(0, _LONGEST_TEXT)

            self._add(name, '%s: "%s"' % (name, word), write, read=read)

    def _set_port(self, parameters):
        parameters.count(1, 1)
        self._port = parameters.int(0, 1, 65535)

    def _set_mode(self, parameters):
        parameters.count(1, 1)
        self._mode = parameters.int(0, 0, 1)

    # Operations --------------------------------------------------------------------------------------------------------

    def _free(self):
        """Refuse what cannot be begun."""
        if self._busy:
            raise CmeError(BUSY)
        if not self._texts["+CFTPSERV"]:
            raise CmeError(STATE)
        if not self._simcom.contexts.bring_up(1):
            raise CmeError(NETWORK)

    def _run(self, work, done):
        """Log in, let `work(worker, session)` do its part, log out; `done(code)` with 0 or an error number."""
        texts, port, passive = self._texts, self._port, self._mode == 1
        session = self._modem.net.ftp_session(REPLY_LIMIT_S, passive=passive)

        def run(worker):
            try:
                session.open(worker, texts["+CFTPSERV"], port, texts["+CFTPUN"] or "anonymous", texts["+CFTPPW"])
                result = work(worker, session)
                try:
                    session.quit(worker)
                except client.FtpError as error:
                    worker.tell(self._modem.note, "ftp: %s" % error)  # what was wanted has been done
                return result
            finally:
                session.close()

        def finished(result, error):
            self._task = None
            done(0 if error is None else code_of(error, CODES, UNKNOWN), result)

        self._busy = True
        self._task = Task(self._modem, run, finished, texts["+CFTPSERV"])

    def _change(self, name, method, parameters):
        """AT+CFTPMKD, CFTPRMD, CFTPDELE: no result line but after a failure (IS, 5.12)."""
        parameters.count(1, 1)
        path = name_parameter(parameters)
        self._free()
        finality = self._simcom.finality(name, "%s:%%d" % name)

        def done(code, result):
            self._busy = False
            finality.finish(code)

        self._run(lambda worker, session: session.command(worker, method, path), done)
        return finality.reply()

    def _later(self, name, begin):
        """A command whose result line comes after OK; `begin(finish)` starts it, `finish(code)` ends it."""
        self._free()
        operation = self._simcom.operation(ok_first=True)
        self._busy = True

        def finish(code):
            self._busy = False
            operation.finish(["%s: %d" % (name, code)], failed=code != 0)

        def started(forced):
            if self._busy:
                if forced:
                    finish(forced)
                else:
                    begin(finish)

        self._simcom.after_reply(name, started)
        return operation.reply()

    # To and from the host ----------------------------------------------------------------------------------------------

    def _download(self, name, line, kind):
        def begin(finish):
            stream = self._stream = Blocks(self._simcom, name, taken=self._taken)

            def work(worker, session):
                session.retrieve(worker, line, kind, lambda data: worker.give(stream.feed, data))

            def done(code, result):
                stream.end(lambda: self._streamed(finish, code))

            self._run(work, done)

        return self._later(name, begin)

    def _streamed(self, finish, code):
        self._stream = None
        finish(code)

    def _get(self, parameters):
        parameters.count(1, 1)
        return self._download("+CFTPGET", "RETR " + name_parameter(parameters), self._type)

    def _list(self, parameters):
        parameters.count(1, 1)
        return self._download("+CFTPLIST", "LIST " + name_parameter(parameters), "A")

    def _put(self, parameters):
        """Data go out while they are typed; a failure is told when the host has finished."""
        parameters.count(1, 1)
        path = name_parameter(parameters)
        self._free()
        outbox = self._modem.net.outbox(self._moved)
        outcome = []
        job = self._modem.job

        def done(code, result):
            outcome.append(code)
            outbox.drop()
            self._modem.pump()
            if self._typed_all:
                self._modem.complete(job, self._put_result, code)

        def part(data):
            if not outcome:
                outbox.put(data)
                self._moved()

        def typed():
            self._typed_all = True
            outbox.end()
            return self._put_result(outcome[0]) if outcome else PENDING

        self._typed_all = False
        self._run(lambda worker, session: session.store(worker, "STOR " + path, self._type, outbox.parts(worker)), done)
        full = lambda: not outcome and outbox.unsent() >= AHEAD  # noqa: E731 - a condition
        return Prompt(EtxStreamPhase(part, typed, full), self._modem.frame("+CFTPPUT: BEGIN"))

    def _moved(self):
        """Bytes have gone on: the host may send more."""
        self._alive()
        self._modem.pump()

    def _put_result(self, code):
        self._busy = False
        code = self._modem.faults.result_code("+CFTPPUT") or code
        if code:
            raise CmeError(code)


def code_of(error, codes, unknown):
    """The number for an error of a `Task`."""
    if isinstance(error, TimeoutError):
        return codes[client.TIMEOUT]
    if isinstance(error, Lost):
        return codes[client.NETWORK]
    return codes.get(getattr(error, "reason", None), unknown)
