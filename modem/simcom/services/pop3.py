"""A mailbox by the module: POP3SRV, POP3IN, POP3NUM, POP3LIST, POP3HDR, POP3GET, POP3DEL, POP3OUT, POP3STOP, POP3READ (IS 4).

Mails are fetched into the module's file system; from there they are read with file commands, which tell how long a file is.
"""

from ...at.command import OK, PENDING
from ...at.params import fields, number, one_of, plain, text
from ...at.redact import redacted
from ...compat import Blocking, const, written_out
from ...errors import CommandError, ModemTimeout, ProtocolError
from .inflow import LOCAL_MS, Inflow, ServiceCommand, check_into, word
from .state import Client, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from .state import _Into

_FAMILY = "simcom-pop3"
_KINDS = ("body", "eml", "both")  # 1 to 3
_LONG = const(128)
_FETCH_MS = const(1800000)
_MOST_MAILS = const(999999999)
_APART_MS = const(1100)  # folders of mails are named by the second (IS 4.6)
_KNOWN = const(16)  # how many paths are remembered


class _Ask(ServiceCommand):
    """A command of the mailbox: `+POP3: <word>` other than SUCCESS is a failure, whatever follows (IS 4.3: ONGOING and OK)."""

    def __init__(self, line, bare=False):
        super().__init__(line, _FAMILY, prefix=b"+POP3:", bare=bare)
        self.refused = None

    def on_info(self, buf, s, e):
        ServiceCommand.on_info(self, buf, s, e)
        if buf.startswith(b"+POP3:", s):
            told = word(buf, s + 6, e)
            if told != "SUCCESS" and not told[:1].isdigit():
                self.refused = told
        return True

    def on_done(self):
        self.reason(self.refused)


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
    """What comes after the OK of AT+POP3GET: a word, and after SUCCESS a line of its own with folder and file, `place`."""

    place = None
    _hook = None  # for the second line, which has no prefix
    _before = None  # what the engine called for unknown lines

    def on_line(self, buf, s, e):
        engine = self.module.engine
        self.result = word(buf, s, e)
        engine.changed = True
        if self._hook is not None:
            pass  # reported twice
        elif self.result == "SUCCESS":
            self._before = engine.on_unknown
            self._hook = engine.on_unknown = self._on_unknown
        elif self.given_up:
            self.leave()
        return True

    def _on_unknown(self, line):
        if self.place is not None or line[:1] in b"+*^$" or line.find(b",") < 0:
            if self._before is not None:
                self._before(line)
            return
        self.place = line
        self.module.engine.changed = True
        if self.given_up:
            self.leave()

    def complete(self):
        """Return whether the report is whole."""
        return self.result is not None and (self.result != "SUCCESS" or self.place is not None)

    def leave(self):
        engine = self.module.engine
        if self._hook is not None and engine.on_unknown is self._hook:
            engine.on_unknown = self._before
        super().leave()


class AsyncPop3(Client):
    """One mailbox on one server; every operation logs in first where that was not done.

    All raise CommandError whose `code` is the module's word: "NETWORK ERROR", "SERVER ERROR" (also: no such mail), "INVALID
    UN", "INVALID UN/PWD", "ONGOING", "FAILURE", "FILE SYSTEM ERROR"; ModemTimeout after 150 s, ModemError while not connected.
    `logout()` ends the session and has the server delete what `delete()` has marked; `stop()`, a lost connection or a restart of
    the module end it and nothing is deleted. After such an end the next operation logs in anew, with no marks. As context
    manager: logout at the end, stop after an exception. A `get` that is cancelled goes on in the module: the next operation waits
    for its end, `stop()` breaks it off.
    """

    def __init__(self, module, server: str, user: str, password: str, port: int) -> None:
        super().__init__(module)
        self._server = (
            b"+POP3SRV=" + filled("server", server, _LONG) + b"," + filled("user", user, _LONG) + b","
            + filled("password", password, _LONG) + b",%d" % number("port", port, 1, 65535)
        )  # fmt: skip
        self._open = False
        self._last = None  # path of the file fetched last
        self._paths = []  # of the last files fetched
        self._next_at = None  # before then the module may put a mail in the folder of the last one

    async def __aexit__(self, kind, value, trace):
        await self.close(kind is None)

    # --- session

    async def _run(self, command):
        await self.module.run(command)
        if command.refused is not None:
            raise command.error("command failed", command.refused)
        return command

    async def login(self) -> None:
        """Log in, unless that was done; a session left by an earlier program is ended without deleting."""
        m = self.module
        m.online()
        await self.state.drained(_FAMILY)
        if self._has_restarted():
            self._open = False
        if self._open:
            return
        try:
            await m.cmd(self._server, limit_ms=LOCAL_MS)
        except CommandError:
            await m.attempt(b"+POP3STOP", limit_ms=LOCAL_MS)
            await m.cmd(self._server, limit_ms=LOCAL_MS)
        await self._run(_Ask(b"+POP3IN"))
        self._open = True

    async def _ask(self, command):
        await self.login()
        try:
            return await self._run(command)
        except CommandError as error:
            if error.code not in ("ONGOING", "FAILURE"):
                self._open = await self.logged_in()
            raise

    async def settings(self) -> tuple[str, str, int]:
        """Return `(server, user, port)` as the module has them, without the password."""
        lines = await self.module.cmd(b"+POP3SRV?", b"+POP3SRV:", LOCAL_MS)
        server, user, _, port = fields(lines, "....", b"+POP3SRV?")[:4]
        return server, user, port

    async def logged_in(self) -> bool:
        """Return whether the module has a session."""
        lines = await self.module.attempt(b"+POP3IN?", b"+POP3IN:", LOCAL_MS)
        return bool(lines) and lines[-1].find(b"NULL") < 0

    async def logout(self) -> None:
        """End the session; the server deletes the marked mails."""
        await self.state.drained(_FAMILY)
        try:
            await self._run(_Ask(b"+POP3OUT"))
        finally:
            self._open = False

    async def stop(self) -> None:
        """End the session, or the fetching that is under way; marked mails stay."""
        self._open = False
        flow = self.state.flows.get(b"+POP3:")
        await self.module.cmd(b"+POP3STOP", limit_ms=LOCAL_MS)
        if flow is not None and flow.given_up:
            flow.leave()
        elif flow is not None and flow.result is None:
            flow.result = "FAILURE"
            self.module.notify()

    async def close(self, commit: bool = True) -> None:
        """End the session where there is one: as `logout` does, or as `stop` does where `commit` is False."""
        if self._open:
            await (self.logout() if commit else self.stop())

    # --- mails

    async def count(self) -> tuple[int, int]:
        """Return `(mails, bytes in all)`."""
        return await self._two(b"+POP3NUM")

    async def _two(self, line):
        found = (await self._ask(_Ask(line))).lines
        pair = _pair(found[-1][6:]) if found else None
        if pair is None:
            raise ProtocolError("no numbers in the answer", command="AT" + line.decode())
        return pair

    async def sizes(self) -> list[tuple[int, int]]:
        """Return `(number, bytes)` of every mail. ProtocolError when some of the list was lost."""
        found = await self._ask(_Sizes())
        if found.total is None or len(found.sizes) != found.total[0]:
            raise ProtocolError("the list of mails is not whole", command="AT+POP3LIST")
        return found.sizes

    async def size(self, mail: int) -> int:
        """Return how many bytes mail number `mail` has."""
        return (await self._two(b"+POP3LIST=" + _number(mail)))[1]

    async def header(self, mail: int) -> dict[str, str]:
        """Return sender, date and subject of a mail as a dict with the keys "from", "date", "subject"; each may be empty."""
        found = {"from": "", "date": "", "subject": ""}
        for line in (await self._ask(_Ask(b"+POP3HDR=" + _number(mail), bare=True))).lines:
            name, _, value = text(line).partition(":")
            if name.lower() in found:
                found[name.lower()] = value.strip()
        return found

    async def delete(self, mail: int) -> None:
        """Mark a mail: it is deleted by `logout()`."""
        await self._ask(_Ask(b"+POP3DEL=" + _number(mail)))

    async def get(self, mail: int, kind: "Literal['body', 'eml', 'both']" = "body", timeout_ms: int | None = _FETCH_MS) -> str:
        """Fetch a mail into the module's file system; return the path of the file ("C:/Email/240517080102/EMAIL000.TXT").

        `kind`: "body" (header and body as text, and attachments as files beside it), "eml" (the whole mail as one file) or "both"
        (IS 4.6). `read()`, or `modem.files`, gives the content. ModemTimeout after `timeout_ms` (half an hour) from the log-in;
        the module goes on with it then, and the next operation waits for that. Folders are named by the second: the next mail is
        fetched a second later. ProtocolError when the module reports the path of an earlier mail, which is overwritten then.
        """
        line = b"+POP3GET=%s,%d" % (_number(mail), one_of("kind", kind, _KINDS) + 1)
        m = self.module
        await self.login()
        if self._next_at is not None:
            await m.pause(m.left_ms(self._next_at, _APART_MS))
        flow = await self._fetch(line, timeout_ms)
        self._next_at = m.deadline(_APART_MS)
        path = self._path(flow.place, "AT" + text(line))
        if path in self._paths:
            raise ProtocolError("the module has stored mail %d in place of an earlier one: %s" % (mail, text(path)))
        self._paths = self._paths[1 - _KNOWN :] + [path]
        self._last = path
        return text(path)

    async def _fetch(self, line, timeout_ms):
        m = self.module
        flow = await _Report(m, (b"+POP3:",), _FAMILY).listen()
        try:
            command = await flow.start(line)
            deadline = m.deadline(timeout_ms)
            while command.result == PENDING or (command.result == OK and not flow.complete()):
                flow.check()
                if not await m.turn(deadline) and not flow.complete():
                    raise ModemTimeout("the mail was not fetched in time", command=redacted(command.line))
        except BaseException:
            flow.give_up()
            raise
        flow.leave()
        if command.result != OK or flow.result != "SUCCESS":
            self._open = flow.result == "ONGOING" or await self.logged_in()
            command.reason(flow.result)
            await m.judge(command)
            raise command.error("the mail was not fetched", flow.result)
        return flow

    def _path(self, place, command):
        at = place.rfind(b",")
        folder = place[:at].strip(b' "')
        if folder[1:2] != b":":
            folder = b"C:/Email/" + folder  # described as the bare date (IS 4.6)
        try:
            return plain("path", folder.rstrip(b"/") + b"/" + place[at + 1 :].strip(b' "'))
        except ValueError:
            raise ProtocolError("the module names no file: " + text(place), command=command)

    async def read(
        self, into: "_Into", path: str | bytes | None = None, progress: "Callable[[int], object] | None" = None
    ) -> int:
        """Write the mail fetched last, or the file `path`, into `into` (anything with `write`); return its size.

        By the file commands, which count: a line such as OK in the mail does no harm. Firmware without them is read by
        AT+POP3READ, whose end is an OK that nothing follows for a second. Both give header and body (IS 4.6, 4.10).
        `progress(done)` is called after each block.
        """
        check_into(into)
        from .drives import fetch, path_of

        path = self._last if path is None else path_of("path", path)
        if path is not None:
            counted = _Counted(into)
            try:
                return await fetch(self.module, path, counted, progress)
            except CommandError:
                if counted.done:
                    raise
        from .pop3_read import read

        return await read(self.module, path, into, progress)


class _Counted:
    """The program's `into`, and whether anything was written."""

    def __init__(self, into):
        self.done = 0
        self._into = into

    def write(self, data):
        self.done += len(data)
        return self._into.write(data)


def _number(mail):
    return b"%d" % number("mail", mail, 1, _MOST_MAILS)


class Pop3(Blocking):
    """One mailbox on one server; every call waits until it is done. See AsyncPop3."""

    def __exit__(self, kind, value, trace):
        self.close(kind is None)


written_out(Pop3, AsyncPop3)
