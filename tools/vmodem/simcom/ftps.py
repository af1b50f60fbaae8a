"""FTPS: AT+CFTPSSTART, CFTPSSTOP, CFTPSLOGIN, CFTPSLOGOUT, CFTPSMKD, CFTPSRMD, CFTPSDEL, CFTPSCWD, CFTPSPWD, CFTPSTYPE,
CFTPSLIST, CFTPSGETFILE, CFTPSPUTFILE, CFTPSGET, CFTPSPUT, CFTPSSINGLEIP.

"AT Command Set for Internet Service", SIM7100, 0.01 (IS), chapter 8. The numbers of its result lines are from general knowledge.
"""

from .. import ftp_client as client
from ..commands import AtError, ParameterError
from ..phases import CountedPhase
from .ftp import REPLY_LIMIT_S, code_of
from .services import Blocks, Lost, Task, name_parameter
from .transfers import Transfers

STOPPED, STARTED, READY, BUSY, STORING = range(5)
UNKNOWN, IN_USE, CLOSED, TIMEOUT, BROKEN, FILE, PARAMETER, REJECTED, NETWORK, STATE, DNS = range(2, 13)
CONNECT = 14
CODES = {
    client.DNS: DNS,
    client.TIMEOUT: TIMEOUT,
    client.LOGIN: REJECTED,
    client.REJECTED: REJECTED,
    client.BROKEN: BROKEN,
    client.CONNECT: CONNECT,
    client.CLOSED: CLOSED,
    client.NETWORK: NETWORK,
}
_SECURITY = (client.PLAIN, client.EXPLICIT, client.EXPLICIT, client.IMPLICIT)
_LONGEST_PUT = 4096
_WITH_FOLDER = ': [{non-ascii}]"FILEPATH",(0-8)'


class Ftps(Transfers):
    """The session and its commands.

    State: stopped, started, ready (logged in), busy, storing (a file is open for AT+CFTPSPUT).
    """

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._session = self._task = self._stream = None
        self.reset()
        add = simcom.add
        for name in ("+CFTPSSTART", "+CFTPSTART"):  # the contents of IS lack an S
            add(name, execute=lambda name=name: self._start(name))
        for name in ("+CFTPSSTOP", "+CFTPSTOP"):
            add(name, execute=lambda name=name: self._stop(name))
        add("+CFTPSLOGIN", write=self._log_in)
        add("+CFTPSLOGOUT", execute=self._log_out)
        for name, method in (("+CFTPSMKD", "mkd"), ("+CFTPSRMD", "rmd"), ("+CFTPSCWD", "cwd")):
            self._add_change(name, "DIR", method)
        for name in ("+CFTPSDEL", "+CFTPSDELE"):  # the document's spelling, and the family's
            self._add_change(name, "FILENAME", "delete")
        add("+CFTPSPWD", execute=self._show_folder)
        add("+CFTPSTYPE", test="+CFTPSTYPE: (A,I)", read=lambda: "+CFTPSTYPE: " + self._type, write=self._set_type)
        for name in ("+CFTPSLIST", "+CFTPSSLIST"):  # printed both ways (IS, 8.11)
            add(
                name,
                write=lambda p, name=name: self._download(name, "LIST " + self._name(p), "A"),
                execute=lambda name=name: self._download(name, "LIST", "A"),
            )
        get, put = "+CFTPSGETFILE", "+CFTPSPUTFILE"
        add(get, test=get + _WITH_FOLDER, write=lambda p: self._get_file(get, p, FILE))
        add(put, test=put + _WITH_FOLDER, write=lambda p: self._put_file(put, p, AtError()))
        add(
            "+CFTPSGET",
            test='+CFTPSGET: [{non-ascii}]"FILEPATH"',
            write=lambda p: self._download("+CFTPSGET", "RETR " + self._name(p), self._type),
        )
        add("+CFTPSPUT", read=lambda: "+CFTPSPUT: %d" % self._unsent(), write=self._put, execute=self._end_put)
        single_ip = lambda: "+CFTPSSINGLEIP: %d" % self._single_ip  # noqa: E731 - a read form
        add("+CFTPSSINGLEIP", test="+CFTPSSINGLEIP: (0,1)", read=single_ip, write=self._set_single_ip)

    def _add_change(self, name, word, method):
        def write(parameters):
            path = self._name(parameters)
            return self._ask(name, lambda worker, session: session.command(worker, method, path))

        self._simcom.add(name, test='%s: "%s"' % (name, word), write=write)

    @staticmethod
    def _name(parameters):
        parameters.count(1, 1)
        return name_parameter(parameters)

    # What the dialect calls --------------------------------------------------------------------------------------------

    def reset(self):
        """A restart of the module."""
        self._leave()
        self._state = STOPPED
        self._type = "I"
        self._single_ip = 0

    def lose(self):
        """The network has gone away."""
        if self._task:
            self._task.fail(Lost())
        if self._session:
            self._session.close()
            self._session = None
        if self._state == READY:
            self._state = STARTED

    def end_all(self):
        """The connections end as if by the server."""
        if self._task:
            self._task.hang_up()
        elif self._session:
            self._session.cut()

    def _leave(self):
        task, self._task = self._task, None
        if task:
            task.cancel()
        if self._stream:
            self._stream.cancel()
        if self._session:
            self._session.close()
        self._session = self._stream = None
        self._forget_file()

    def _forget_file(self):
        self._outbox = self._outcome = self._reporting = None

    # Session -----------------------------------------------------------------------------------------------------------

    def _need(self, state):
        if self._state != state:
            raise AtError()

    def _local(self, name):
        """A command that needs no network: its final result, or its result line, at once."""
        finality = self._simcom.finality(name)
        self._modem.later(0, finality.finish, 0)
        return finality.reply()

    def _start(self, name):
        self._need(STOPPED)
        if not self._simcom.contexts.bring_up(1):
            raise AtError()
        self._state = STARTED
        return self._local(name)

    def _stop(self, name):
        if self._state == STOPPED:
            raise AtError()
        self._leave()
        self._state = STOPPED
        return self._local(name)

    def _log_in(self, parameters):
        parameters.count(4, 5)
        host, port = parameters.str(0, 256), parameters.int(1, 1, 65535)
        user, password = parameters.str(2, 256), parameters.str(3, 256)
        security = _SECURITY[parameters.int(4, 0, 3, 2)]
        self._need(STARTED)
        if not host:
            raise ParameterError()
        if not self._simcom.contexts.bring_up(1):
            raise AtError()
        session = self._modem.net.ftp_session(REPLY_LIMIT_S, security=security, single_ip=bool(self._single_ip))
        self._session = session
        finality = self._simcom.finality("+CFTPSLOGIN")
        self._state = BUSY

        def done(result, error):
            self._task = None
            self._state = STARTED if error else READY
            if error:
                self._leave()
            finality.finish(code_of(error, CODES, UNKNOWN) if error else 0)

        self._task = Task(self._modem, lambda worker: session.open(worker, host, port, user, password), done, host)
        return finality.reply()

    def _log_out(self):
        def done(code):
            self._leave()
            self._state = STARTED
            return 0

        return self._ask("+CFTPSLOGOUT", lambda worker, session: session.quit(worker), ended=done)

    def _run(self, work, finish):
        """`work(worker, session)` in the session; then `finish(code, result)`. A session that has ended is left."""
        session = self._session
        self._state = BUSY

        def done(result, error):
            self._task = None
            if self._state == BUSY:
                self._state = READY
            code = code_of(error, CODES, UNKNOWN) if error else 0
            if code in (CLOSED, TIMEOUT, NETWORK, BROKEN):
                self._drop_session()
            finish(code, result)

        self._task = Task(self._modem, lambda worker: work(worker, session), done)

    def _drop_session(self):
        """The connection is of no use any more."""
        if self._session:
            self._session.close()
        self._session = None
        self._state = STARTED

    def _ask(self, name, work, ended=None):
        """A command that blocks."""
        self._need(READY)
        finality = self._simcom.finality(name)

        def finish(code, result):
            if ended:
                code = ended(code)
            finality.finish(code)

        self._run(work, finish)
        return finality.reply()

    def _show_folder(self):
        """AT+CFTPSPWD: its line comes before OK in every firmware."""
        self._need(READY)
        operation = self._simcom.operation(ok_first=False)

        def finish(code, result):
            operation.finish([] if code else ['+CFTPSPWD: "%s"' % result], failed=bool(code))

        self._run(lambda worker, session: session.command(worker, "pwd"), finish)
        return operation.reply()

    def _set_single_ip(self, parameters):
        parameters.count(1, 1)
        self._single_ip = parameters.int(0, 0, 1)

    # Transfers ---------------------------------------------------------------------------------------------------------

    def _later(self, name, begin):
        """A command whose result line comes after OK."""
        self._need(READY)
        operation = self._simcom.operation(ok_first=True)
        self._state = BUSY

        def finish(code, result=None):
            operation.finish(["%s: %d" % (name, code)], failed=code != 0)

        def started(forced):
            if self._state != BUSY:
                return  # the module has been restarted
            if self._session is None or forced:
                self._state = READY if self._session else STARTED
                finish(forced or NETWORK)
            else:
                begin(finish)

        self._simcom.after_reply(name, started)
        return operation.reply()

    def _download(self, name, line, kind):
        def begin(finish):
            stream = self._stream = Blocks(self._simcom, name, taken=self._taken)

            def ended(code, result):
                state, self._state = self._state, BUSY  # until the last block is on its way
                stream.end(lambda: self._streamed(finish, state, code))

            def work(worker, session):
                session.retrieve(worker, line, kind, lambda data: worker.give(stream.feed, data))

            self._run(work, ended)

        return self._later(name, begin)

    def _streamed(self, finish, state, code):
        self._stream = None
        self._state = state if self._session else STARTED
        finish(code)

    # AT+CFTPSPUT -------------------------------------------------------------------------------------------------------

    def _unsent(self):
        return self._outbox.unsent() if self._outbox else 0

    def _put(self, parameters):
        """`="path",<len>` opens a file, `=<len>` goes on with it; bytes go out in the background."""
        parameters.count(1, 2)
        new = len(parameters) == 2
        path = name_parameter(parameters) if new else None
        count = parameters.int(len(parameters) - 1, 1, _LONGEST_PUT)
        if not (self._state == READY if new else self._state == STORING and self._outcome is None):
            raise AtError()

        def typed(data):
            if new and self._session is not None:
                self._open_file(path)
            if self._outbox is None:
                raise AtError()
            if self._outcome is None:
                self._outbox.put(data)

        return self._simcom.prompt(CountedPhase(count, typed))

    def _open_file(self, path):
        outbox = self._outbox = self._modem.net.outbox(self._alive)
        kind = self._type

        def ended(code, result):
            outbox.drop()
            self._outcome = code
            if self._state == READY:
                self._state = STORING
            if self._reporting:
                self._report()

        self._run(lambda worker, session: session.store(worker, "STOR " + path, kind, outbox.parts(worker)), ended)
        self._state = STORING

    def _end_put(self):
        if self._outbox is None:
            raise AtError()
        operation = self._simcom.operation(ok_first=True)
        self._outbox.end()
        self._reporting = operation
        if self._outcome is not None:
            self._modem.later(0, self._report)
        return operation.reply()

    def _report(self):
        operation, code = self._reporting, self._outcome
        if operation is None:
            return
        code = self._modem.faults.result_code("+CFTPSPUT") or code
        self._forget_file()
        if self._state == STORING:
            self._state = READY
        operation.finish(["+CFTPSPUT: %d" % code], failed=code != 0)
