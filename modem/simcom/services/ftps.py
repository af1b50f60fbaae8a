"""FTP over TLS by the module: CFTPSSTART, CFTPSLOGIN, CFTPSGET, CFTPSPUT, CFTPSLIST and others (IS 8).

The document gives no error numbers; those in codes.py are general knowledge of the family.
"""

from ...at.params import digits, fields, number, quoted
from ...compat import const
from ...errors import CommandError, ModemError, ProtocolError
from .ftp import TEXT, FtpClient
from .inflow import LIMIT_MS, LOCAL_MS, RING, Inflow, ServiceCommand, run_command
from .outflow import Pieces
from .state import filled, refuse_verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_PIECE = const(1024)  # one edition limits <len> to 2048
_UNSENT = const(4096)  # bytes that may wait in the module before the next piece is sent
_POLL_MS = const(50)
_HARMLESS = (7, 8, 9, 17)  # file missing, wrong parameter, rejected by the server, file error: the session goes on
# the other spellings of results that the document prints
_ALSO = {
    b"+CFTPSLIST": b"+CFTPSSLIST:",
    b"+CFTPSSLIST": b"+CFTPSLIST:",
    b"+CFTPSPUT": b"+CFTPSSPUT:",
    b"+CFTPSGETFILE": b"+CFTSPGETFILE:",
    b"+CFTPSPUTFILE": b"+CFTPSPPUTFILE:",
}


class Ftps(FtpClient):
    """One account on one server, by explicit TLS; the session is opened by the first operation and lasts until `close()`.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server and learn the password. `security`: None leaves the sort of TLS to the module; 0 to 3 is
    the fifth argument of AT+CFTPSLOGIN on later firmware (0 none, 1 AUTH SSL, 2 AUTH TLS, 3 implicit). `single_ip`: True takes
    the data connection to the address of the control connection, False to the one that the server names, None leaves it. One
    session at a time: `with modem.ftps(...) as f`. See FtpClient for paths, `into`, `data` and errors. `code` of a CommandError
    is the module's number, where it gives one.
    """

    _prefix = b"+CFTPS"
    _family = "simcom-ftps"
    _whole_list = b""

    def __init__(
        self, module, server: str, user: str, password: str, port: int, verify: bool = True, type: str = "I",
        security: int | None = None, single_ip: bool | None = None, rxbuf: int = RING,
    ) -> None:  # fmt: skip
        refuse_verify(module, verify, "FTPS")
        super().__init__(module, type, rxbuf)
        self._login = b"+CFTPSLOGIN=%s,%d,%s,%s" % (
            filled("server", server, TEXT), number("port", port, 1, 65535), filled("user", user, TEXT),
            quoted("password", password, TEXT),
        )  # fmt: skip
        if security is not None:
            self._login += b",%d" % number("security", security, 0, 3)
        self._single_ip = single_ip
        self._open = False
        self._storing = False  # a file is open in the module

    def _results(self, name):
        return (name + b":", _ALSO[name]) if name in _ALSO else (name + b":",)

    # --- session

    async def open(self) -> None:
        """Start the service and log in, unless that is done; every operation does it."""
        await self._ready()

    async def _ready(self):
        m = self.module
        m.online()
        await self.state.drained(self._family)
        if self._has_restarted():
            self._open = False
        if self._open:
            if self._storing:  # by a call that was cancelled
                try:
                    await self._end_file()
                except CommandError:
                    pass
            return
        self._storing = False
        try:
            await run_command(m, b"+CFTPSSTART", self._family)
        except CommandError:
            await self._stop()  # left by an earlier program
            await run_command(m, b"+CFTPSSTART", self._family)
        try:
            if self._single_ip is not None:
                await m.cmd(b"+CFTPSSINGLEIP=%d" % bool(self._single_ip), limit_ms=LOCAL_MS)
            await run_command(m, self._login, self._family)
            self._open = True
            await m.cmd(b"+CFTPSTYPE=" + self._type, limit_ms=LOCAL_MS)
        except BaseException:
            await self.close()
            raise

    async def _stop(self):
        for line in (b"+CFTPSLOGOUT", b"+CFTPSSTOP"):
            try:
                await run_command(self.module, line, self._family)
            except CommandError:
                pass  # it is not logged in, or not started

    async def close(self) -> None:
        """Log out and stop the service; no error when nothing is open."""
        self._open = False
        if self.module.started:
            await self._stop()

    async def _guarded(self, work):
        """Run `work`; when the session has not survived an error, leave it, so that the next operation logs in anew."""
        try:
            return await work
        except CommandError as error:
            lost = self._open and error.code not in _HARMLESS
            if lost and await self.module.attempt(b"+CFTPSPWD", b"+CFTPS", LIMIT_MS) is None:
                await self.close()
            raise
        except ModemError:
            self._open = False
            raise

    # --- data over the line

    async def _list(self, argument, to):
        spelling = self.state.spelling
        name = spelling.get("list", b"LIST")
        try:
            n = await self._download(name, argument, to)
        except CommandError as error:
            if error.code is not None or "list" in spelling:
                raise
            name = b"SLIST"  # the other printed spelling (IS 8.11)
            n = await self._download(name, argument, to)
        spelling["list"] = name
        return n

    async def _store(self, path, data, progress):
        m = self.module
        pieces = Pieces("data", data, None, progress, _PIECE)
        block = await pieces.block()
        if not block:
            raise ValueError("data is empty: AT+CFTPSPUT takes no empty file")
        await self._ready()
        head = path + b","
        try:
            while block:
                await m.run(ServiceCommand(b"+CFTPSPUT=%s%d" % (head, len(block)), self._family).payload(block))
                head = b""
                while await self.unsent() > _UNSENT and await m.pause(_POLL_MS):
                    pass
                block = await pieces.block()
        except Exception:
            if not head:
                await self._end_file()  # it knows why: its number is raised in place of a bare ERROR
            raise
        except BaseException:
            self._storing = True
            raise
        await self._end_file()
        return pieces.done

    async def _end_file(self):
        flow = await Inflow(self.module, self._results(b"+CFTPSPUT"), self._family).listen()
        await flow.start(b"+CFTPSPUT")
        self._storing = False
        await flow.finish()

    async def unsent(self) -> int:
        """Return how many bytes of a file wait in the module (AT+CFTPSPUT?)."""
        lines = await self.module.attempt(b"+CFTPSPUT?", b"+CFTPS", LOCAL_MS)
        if lines is not None and not lines:  # without its last character the command is the one that ends a file
            raise ProtocolError("no number in the answer", command="AT+CFTPSPUT?")
        return digits(lines[-1], lines[-1].find(b":") + 1, len(lines[-1])) if lines else 0

    # --- directories

    async def chdir(self, path: str | bytes) -> None:
        """Change the directory on the server."""
        await self._guarded(self._command(b"CWD=", path))

    async def remove(self, path: str | bytes) -> None:
        """Delete a file. The command is AT+CFTPSDELE, or AT+CFTPSDEL where the firmware has the document's name."""
        await self._guarded(self._remove(path))

    async def _remove(self, path):
        spelling = self.state.spelling
        name = spelling.get("delete", b"DELE=")
        try:
            await self._command(name, path)
        except CommandError as error:
            if error.code is not None or "delete" in spelling:
                raise
            name = b"DEL="
            await self._command(name, path)
        spelling["delete"] = name

    async def getcwd(self) -> str:
        """Return the current directory on the server."""
        return await self._guarded(self._getcwd())

    async def _getcwd(self):
        await self._ready()
        return await self._ask(b"+CFTPSPWD", LIMIT_MS)

    async def type(self, type: "Literal['I', 'A'] | None" = None) -> "Literal['I', 'A']":
        """Return "I" (binary) or "A" (text); with an argument, set it for what follows."""
        if type not in (None, "A", "I"):
            raise ValueError("type must be A or I")
        now = await self._setting(b"+CFTPSTYPE", type and type.encode())
        if type is not None:
            self._type = type.encode()
        return now

    async def single_ip(self, flag: bool | None = None) -> int:
        """Return where data connections go: 1 to the address of the control connection, 0 to the one the server names; with an
        argument, set it first."""
        return await self._setting(b"+CFTPSSINGLEIP", None if flag is None else b"%d" % bool(flag))

    async def _setting(self, name, value):
        self.module.online()
        if value is not None:
            await self.module.cmd(name + b"=" + value, limit_ms=LOCAL_MS)
        return await self._ask(name + b"?", LOCAL_MS)

    async def _ask(self, line, limit_ms):
        lines = await self.module.cmd(line, b"+CFTPS", limit_ms)
        return fields(lines, ".", line)[0]
