"""A mailbox by the module: POP3SRV, POP3IN, POP3NUM, POP3LIST, POP3HDR, POP3GET, POP3DEL, POP3OUT, POP3STOP, POP3READ.

"SIM7100 AT Command Set for Internet Service" 0.01 (IS), chapter 4. Mails are fetched into the module's file system; from there
they are read with file commands, which tell how long a file is.
"""

from ..answers import fields
from ..errors import CommandError, ModemRestarted, ModemTimeout, ProtocolError
from ..fields import number
from ..params import plain, quoted, text
from ..request import Request
from .session import Session
from .transfer import LIMIT_MS, Inflow, check_into

FAMILY = "simcom-pop3"
KINDS = {"body": 1, "eml": 2, "both": 3}
_LOCAL_MS = 9000
_LONG = 128
_FETCH_MS = 1800000


class _Ask(Request):
    """A command of the mailbox: `+POP3: <word>` other than SUCCESS is a failure, whatever follows (IS 4.3: ONGOING and OK)."""

    def __init__(self, line, bare=False):
        super().__init__(b"AT" + line + b"\r", b"+POP3:", LIMIT_MS, bare=bare)
        self.family = FAMILY
        self.refused = None

    def on_info(self, buf, s, e):
        line = bytes(memoryview(buf)[s:e])
        self.lines.append(line)
        if line.startswith(b"+POP3:"):
            word = text(line[6:]).strip()
            if word != "SUCCESS" and not word[:1].isdigit():
                self.refused = word
        return True

    def on_done(self):
        if self.code is None:
            self.code = self.refused


class _Sizes(_Ask):
    """AT+POP3LIST: `+POP3: <num> <total>`, then exactly <num> bare lines `<id> <size>` (IS 4.4)."""

    def __init__(self):
        super().__init__(b"+POP3LIST", bare=True)
        self.total = None
        self.sizes = []

    def on_info(self, buf, s, e):
        if buf.startswith(b"+", s):
            _Ask.on_info(self, buf, s, e)
            if self.refused is None and self.total is None:
                self.total = _pair(self.lines[-1][6:])
            return True
        if self.total is not None and len(self.sizes) < self.total[0]:
            found = _pair(bytes(memoryview(buf)[s:e]))
            if found is not None:
                self.sizes.append(found)
        return True


def _pair(line):
    """Return two numbers, parted by a comma, a blank, or both (IS 4.3, 4.4); None where there are none."""
    found = line.replace(b",", b" ").split()
    return (int(found[0]), int(found[1])) if len(found) > 1 and found[0].isdigit() and found[1].isdigit() else None


class _Report(Inflow):
    """What comes after the OK of AT+POP3GET: a word, and after SUCCESS a line of its own with folder and file."""

    place = None
    _listens = False  # for the second line

    def on_line(self, buf, s, e):
        self.result = text(bytes(memoryview(buf)[s:e])).strip()
        engine = self._m._engine
        engine.changed = True
        if self._listens:
            pass  # said twice
        elif self.result == "SUCCESS":
            self._listens = True
            self._stray = engine.on_stray
            engine.on_stray = self._second
        elif self._given_up:
            self._leave()
        return True

    def _second(self, line):
        if self.place is not None or line.find(b",") < 0:
            if self._stray is not None:
                self._stray(line)
            return
        self.place = line
        self._m._engine.changed = True
        if self._given_up:
            self._leave()

    def _leave(self):
        if self._listens:
            self._listens = False
            self._m._engine.on_stray = self._stray
        super()._leave()


class Pop3(Session):
    """One mailbox on one server; every operation logs in first where that was not done.

    All raise CommandError whose `code` is the module's word: "NETWORK ERROR", "SERVER ERROR" (also: no such mail), "INVALID
    UN", "INVALID UN/PWD", "ONGOING", "FAILURE", "FILE SYSTEM ERROR". `logout()` ends the session and has the server delete what
    `delete()` has marked; `stop()`, a lost connection or a restart of the module end it and nothing is deleted. After such an
    end the next operation logs in anew, with no marks. As context manager: logout at the end, stop after an exception. A `get`
    that is cancelled goes on in the module: the next operation waits for its end, `stop()` breaks it off.
    """

    def __init__(self, modem, server, user, password, port):
        self._modem = modem
        self._server = (
            b"+POP3SRV=" + quoted("server", server, _LONG) + b"," + quoted("user", user, _LONG) + b","
            + quoted("password", password, _LONG) + b",%d" % number("port", port, 1, 65535)
        )  # fmt: skip
        self._open = False
        self._epoch = 0
        self._last = None  # path of the file fetched last

    def _exit(self, kind):
        return self._modem._drive(self._leave(kind is None))

    async def _leave(self, well):
        if self._open:
            await (self._logout() if well else self._stop())

    # --- session

    async def _run(self, request):
        await self._modem._run(request)
        if request.refused is not None:
            line = text(request.line).strip()
            raise CommandError("command failed", command=line, code=request.refused, lines=request.lines, family=FAMILY)
        return request

    def login(self):
        """Log in, unless that was done; a session left by an earlier program is ended without deleting."""
        return self._modem._drive(self._login())

    async def _login(self):
        m = self._modem
        m._online()
        await self._fetched()
        if self._epoch != m.dialect.epoch:
            self._epoch = m.dialect.epoch
            self._open = False
        if self._open:
            return
        try:
            await m._cmd(self._server, limit_ms=_LOCAL_MS)
        except CommandError:
            await m._try(b"+POP3STOP", limit_ms=_LOCAL_MS)
            await m._cmd(self._server, limit_ms=_LOCAL_MS)
        await self._run(_Ask(b"+POP3IN"))
        self._open = True

    async def _fetched(self):
        flow = self._modem.dialect.flows.get(b"+POP3:")
        if flow is not None and flow._given_up:
            await flow.drain()

    async def _ask(self, request):
        await self._login()
        try:
            return await self._run(request)
        except CommandError as error:
            if error.code not in ("ONGOING", "FAILURE"):
                self._open = await self._logged_in()
            raise

    async def _logged_in(self):
        lines = await self._modem._try(b"+POP3IN?", b"+POP3IN:", _LOCAL_MS)
        return bool(lines) and lines[-1].find(b"NULL") < 0

    def settings(self):
        """Return `(server, user, port)` as the module has them; the password is not given out."""
        return self._modem._drive(self._settings())

    async def _settings(self):
        lines = await self._modem._cmd(b"+POP3SRV?", b"+POP3SRV:", _LOCAL_MS)
        server, user, _, port = fields(lines, "....", b"+POP3SRV?")[:4]
        return server, user, port

    def logged_in(self):
        """Return whether the module has a session."""
        return self._modem._drive(self._logged_in())

    def logout(self):
        """End the session; the server deletes the marked mails."""
        return self._modem._drive(self._logout())

    async def _logout(self):
        await self._fetched()
        try:
            await self._run(_Ask(b"+POP3OUT"))
        finally:
            self._open = False

    def stop(self):
        """End the session, or the fetching that is under way; marked mails stay."""
        return self._modem._drive(self._stop())

    async def _stop(self):
        self._open = False
        flow = self._modem.dialect.flows.get(b"+POP3:")
        await self._modem._cmd(b"+POP3STOP", limit_ms=_LOCAL_MS)
        if flow is not None and flow._given_up:
            flow._leave()
        elif flow is not None and flow.result is None:
            flow.result = "FAILURE"
            self._modem._engine.changed = True

    # --- mails

    def count(self):
        """Return `(mails, bytes in all)`."""
        return self._modem._drive(self._count())

    async def _count(self):
        return await self._two(b"+POP3NUM")

    async def _two(self, line):
        found = (await self._ask(_Ask(line))).lines
        pair = _pair(found[-1][6:]) if found else None
        if pair is None:
            raise ProtocolError("no numbers in the answer", command="AT" + line.decode())
        return pair

    def sizes(self):
        """Return `(number, bytes)` of every mail."""
        return self._modem._drive(self._sizes())

    async def _sizes(self):
        found = await self._ask(_Sizes())
        if found.total is None or len(found.sizes) != found.total[0]:
            raise ProtocolError("the list of mails is not whole", command="AT+POP3LIST")
        return found.sizes

    def size(self, mail):
        """Return how many bytes mail number `mail` has."""
        return self._modem._drive(self._size(number("mail", mail, 1, 1 << 30)))

    async def _size(self, mail):
        return (await self._two(b"+POP3LIST=%d" % mail))[1]

    def header(self, mail):
        """Return sender, date and subject of a mail as a dict with the keys "from", "date", "subject"; each may be empty."""
        return self._modem._drive(self._header(number("mail", mail, 1, 1 << 30)))

    async def _header(self, mail):
        found = {"from": "", "date": "", "subject": ""}
        for line in (await self._ask(_Ask(b"+POP3HDR=%d" % mail, bare=True))).lines:
            name, _, value = text(line).partition(":")
            if name.lower() in found:
                found[name.lower()] = value.strip()
        return found

    def delete(self, mail):
        """Mark a mail: it is deleted by `logout()`."""
        return self._modem._drive(self._ask_only(b"+POP3DEL=%d" % number("mail", mail, 1, 1 << 30)))

    async def _ask_only(self, line):
        await self._ask(_Ask(line))

    def get(self, mail, kind="body", timeout_ms=_FETCH_MS):
        """Fetch a mail into the module's file system; return the path of the file ("C:/Email/240517080102/EMAIL000.TXT").

        `kind`: "body" (text, and attachments as files beside it), "eml" (the whole mail as one file) or "both". `read()`, or
        `modem.files`, gives the content. ModemTimeout after `timeout_ms` (half an hour), behind the log-in; the module goes on
        with it then, and the next operation waits for that.
        """
        if kind not in KINDS:
            raise ValueError("kind must be one of body, eml, both")
        line = b"+POP3GET=%d,%d" % (number("mail", mail, 1, 1 << 30), KINDS[kind])
        return self._modem._drive(self._get(line, timeout_ms))

    async def _get(self, line, timeout_ms):
        m = self._modem
        await self._login()
        flow = await _Report(m, (b"+POP3:",), FAMILY).listen()
        try:
            request = Request(b"AT" + line + b"\r", None, LIMIT_MS)
            request.family = FAMILY
            await flow.start(request)
            deadline = m._deadline(timeout_ms)
            while not request.result or (request.result == 1 and not _complete(flow)):
                if not m._started:
                    raise ModemRestarted("the module restarted", command="AT" + text(line))
                if not await m._turn(deadline) and not _complete(flow):
                    raise ModemTimeout("the mail was not fetched in time", command="AT" + text(line))
        except BaseException:
            flow.give_up()
            raise
        flow._leave()
        request.code = flow.result
        if request.result != 1 or flow.result != "SUCCESS":
            self._open = flow.result == "ONGOING" or await self._logged_in()
            await m._judge(request)
            raise CommandError("the mail was not fetched", command="AT" + text(line), code=flow.result, family=FAMILY)
        at = flow.place.rfind(b",")
        folder = flow.place[:at].strip(b' "')
        if folder[1:2] != b":":
            folder = b"C:/Email/" + folder  # described as the bare date (IS 4.6)
        try:
            self._last = plain("path", folder.rstrip(b"/") + b"/" + flow.place[at + 1 :].strip(b' "'))
        except ValueError:
            raise ProtocolError("the module names no file: " + text(flow.place), command="AT" + text(line))
        return text(self._last)

    def read(self, into, path=None, progress=None):
        """Write the mail fetched last, or the file `path`, into `into` (anything with `write`); return its size.

        By the file commands, which count: a line such as OK in the mail does no harm. Firmware without them is read by
        AT+POP3READ, whose end is an OK that nothing follows for a second. `progress(done)` is called after each block.
        """
        return self._modem._drive(self._read(into, path, progress))

    async def _read(self, into, path, progress):
        check_into(into)
        from .fs import fetch, path_of

        path = self._last if path is None else path_of("path", path)
        if path is not None and not self._modem.dialect.spelling.get("pop3read"):
            try:
                return await fetch(self._modem, path, into, progress)
            except CommandError:
                pass
        from .pop3_read import read

        n = await read(self._modem, path, into, progress)
        self._modem.dialect.spelling["pop3read"] = True
        return n


def _complete(flow):
    return flow.result is not None and (flow.result != "SUCCESS" or flow.place is not None)
