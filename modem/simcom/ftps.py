"""FTP over TLS by the module: CFTPSSTART, CFTPSLOGIN, CFTPSGET, CFTPSPUT, CFTPSLIST and others.

"SIM7100 AT Command Set for Internet Service" 0.01 (IS), chapter 8. The document gives no error numbers; those in codes.py are
general knowledge of the family.
"""

from ..answers import fields
from ..errors import CommandError, ModemError, NotSupported
from ..fields import digits, number
from ..params import quoted
from ..request import Request
from .ftp import Lines, transfer_file
from .session import Session
from .transfer import LIMIT_MS, RING, Asked, Inflow, check_into, command, drained
from .upload import Pieces, remote

_FAMILY = "simcom-ftps"
_LOCAL_MS = 9000
_TEXT = 128
_PIECE = 1024  # one edition limits <len> to 2048
_UNSENT = 4096  # bytes that wait in the module before the next piece is sent
_POLL_MS = 50
_HARMLESS = (7, 8, 9, 17)  # file missing, wrong parameter, rejected by the server, file error: the session goes on
# the spellings of results that the document prints
_PREFIXES = {
    b"+CFTPSLIST": (b"+CFTPSLIST:", b"+CFTPSSLIST:"),
    b"+CFTPSPUT": (b"+CFTPSPUT:", b"+CFTPSSPUT:"),
    b"+CFTPSGET": (b"+CFTPSGET:",),
    b"+CFTPSGETFILE": (b"+CFTPSGETFILE:", b"+CFTSPGETFILE:"),
    b"+CFTPSPUTFILE": (b"+CFTPSPUTFILE:", b"+CFTPSPPUTFILE:"),
}


class Ftps(Session):
    """One account on one server, by explicit TLS; the session is opened by the first operation and lasts until `close()`.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server and learn the password. `security`: None leaves the sort of TLS to the module; 0 to 3 is
    the fifth argument of AT+CFTPSLOGIN on later firmware (0 none, 1 AUTH SSL, 2 AUTH TLS, 3 implicit). `single_ip`: True takes
    the data connection to the address of the control connection, False to the one that the server names, None leaves it. One
    session at a time: `with modem.ftps(...) as f`. Paths, `into` and `data` as for Ftp. CommandError has the module's number as
    `code`, where it gives one.
    """

    def __init__(self, modem, server, user, password, port, verify=True, type="I", security=None, single_ip=None, rxbuf=RING):
        self._modem = modem
        if verify:
            raise NotSupported(
                "%s cannot verify an FTPS server: its document (%s) has no command for certificates. Say verify=False to go "
                "without, or use a TLS socket" % (modem.dialect.model, modem.dialect.document)
            )
        if type not in ("A", "I"):
            raise ValueError("type must be A or I")
        self._login = b"+CFTPSLOGIN=%s,%d,%s,%s" % (
            quoted("server", server, _TEXT), number("port", port, 1, 65535), quoted("user", user, _TEXT),
            quoted("password", password, _TEXT),
        )  # fmt: skip
        if security is not None:
            self._login += b",%d" % number("security", security, 0, 3)
        self._type = type.encode()
        self._single_ip = single_ip
        self._rxbuf = rxbuf
        self._open = False
        self._storing = False  # a file is open in the module
        self._epoch = 0

    # --- session

    def open(self):
        """Start the service and log in, unless that is done; every operation does it."""
        return self._modem._drive(self._ready())

    async def _ready(self):
        m = self._modem
        m._online()
        await drained(m, _FAMILY)
        if self._epoch != m.dialect.epoch:
            self._epoch = m.dialect.epoch
            self._open = False
        if self._open:
            if self._storing:  # by a call that was cancelled
                try:
                    await self._end()
                except CommandError:
                    pass
            return
        self._storing = False
        try:
            await command(m, b"+CFTPSSTART", _FAMILY)
        except CommandError:
            await self._stop()  # left by an earlier program
            await command(m, b"+CFTPSSTART", _FAMILY)
        try:
            if self._single_ip is not None:
                await m._cmd(b"+CFTPSSINGLEIP=%d" % bool(self._single_ip), limit_ms=_LOCAL_MS)
            await command(m, self._login, _FAMILY)
            self._open = True
            await m._cmd(b"+CFTPSTYPE=" + self._type, limit_ms=_LOCAL_MS)
        except BaseException:
            await self._close()
            raise

    async def _stop(self):
        for line in (b"+CFTPSLOGOUT", b"+CFTPSSTOP"):
            try:
                await command(self._modem, line, _FAMILY)
            except CommandError:
                pass  # it is not logged in, or not started: as good

    def close(self):
        """Log out and stop the service; as good when nothing is open."""
        return self._modem._drive(self._close())

    async def _close(self):
        self._open = False
        if self._modem._started:
            await self._stop()

    async def _lost(self):
        return await self._modem._try(b"+CFTPSPWD", b"+CFTPS", LIMIT_MS) is None

    async def _guarded(self, work):
        """Run `work`; when the session has not survived an error, leave it, so that the next operation logs in anew."""
        try:
            return await work
        except CommandError as error:
            if self._open and error.code not in _HARMLESS and await self._lost():
                await self._close()
            raise
        except ModemError:
            self._open = False
            raise

    # --- data over the line

    def retrieve(self, path, into, progress=None):
        """Fetch a file from the server into `into`; return its size. `progress` and errors as for Ftp.retrieve."""
        return self._modem._drive(self._guarded(self._download(b"+CFTPSGET", b"=" + remote("path", path), into, progress)))

    async def _download(self, name, path, into, progress=None):
        check_into(into)
        await self._ready()
        known = _PREFIXES[b"+CFTPSLIST" if name == b"+CFTPSSLIST" else name]
        flow = await Inflow(self._modem, known, _FAMILY, self._rxbuf).listen()
        await flow.start(Request(b"AT" + name + path + b"\r", None, LIMIT_MS))
        return await flow.pour(into, progress)

    def list(self, path=None, into=None):
        """Return the lines of a directory listing (None: of the current one); with `into` write them there, return their size."""
        return self._modem._drive(self._guarded(self._list(b"" if path is None else b"=" + remote("path", path), into)))

    async def _list(self, path, into):
        spelling = self._modem.dialect.spelling
        to = Lines() if into is None else into
        name = spelling.get("list", b"+CFTPSLIST")
        try:
            n = await self._download(name, path, to)
        except CommandError as error:
            if error.code is not None or "list" in spelling:
                raise
            n = await self._download(b"+CFTPSSLIST", path, to)  # the other printed spelling (IS 8.11)
            name = b"+CFTPSSLIST"
        spelling["list"] = name
        return to.end() if into is None else n

    def store(self, path, data, progress=None):
        """Store a file on the server; `data` and `progress` as for Ftp.store. Not an empty one: the command takes none."""
        return self._modem._drive(self._guarded(self._store(remote("path", path), Pieces("data", data, None, progress, _PIECE))))

    async def _store(self, path, pieces):
        m = self._modem
        block = await pieces.block()
        if not block:
            raise ValueError("data is empty: AT+CFTPSPUT takes no empty file")
        await self._ready()
        head = path + b","
        try:
            while block:
                await m._run(Asked(b"+CFTPSPUT=%s%d" % (head, len(block)), _FAMILY).payload(block))
                head = b""
                while await self._unsent() > _UNSENT and await m._sleep(_POLL_MS):
                    pass
                block = await pieces.block()
        except Exception:
            if not head:
                await self._end()  # it knows why: its number is raised in place of a bare ERROR
            raise
        except BaseException:
            self._storing = True
            raise
        await self._end()
        return pieces.done

    async def _end(self):
        flow = await Inflow(self._modem, _PREFIXES[b"+CFTPSPUT"], _FAMILY).listen()
        await flow.start(Request(b"AT+CFTPSPUT\r", None, LIMIT_MS))
        self._storing = False
        await flow.finish()

    async def _unsent(self):
        lines = await self._modem._try(b"+CFTPSPUT?", b"+CFTPS", _LOCAL_MS)
        return digits(lines[-1], lines[-1].find(b":") + 1, len(lines[-1])) if lines else 0

    def unsent(self):
        """Return how many bytes of a file wait in the module (AT+CFTPSPUT?)."""
        return self._modem._drive(self._unsent())

    # --- between the server and the module's files

    def get_file(self, path, folder="C:/", place=0):
        """Fetch a file into the module's file system; see Ftp.get_file."""
        return self._modem._drive(self._guarded(self._file(b"+CFTPSGETFILE", path, folder, place)))

    def put_file(self, path, folder="C:/", place=0):
        """Store a file of the module's file system on the server; see Ftp.get_file."""
        return self._modem._drive(self._guarded(self._file(b"+CFTPSPUTFILE", path, folder, place)))

    async def _file(self, name, path, folder, place):
        line = name + b"=" + remote("path", path) + b",%d" % number("place", place, 0, 8)
        await self._ready()
        await transfer_file(self._modem, line, _PREFIXES[name], _FAMILY, folder if place == 0 else None)

    # --- directories

    def mkdir(self, path):
        """Make a directory."""
        return self._modem._drive(self._guarded(self._command(b"+CFTPSMKD=", path)))

    def rmdir(self, path):
        """Remove an empty directory."""
        return self._modem._drive(self._guarded(self._command(b"+CFTPSRMD=", path)))

    def chdir(self, path):
        """Change the directory on the server."""
        return self._modem._drive(self._guarded(self._command(b"+CFTPSCWD=", path)))

    async def _command(self, name, path):
        path = remote("path", path)
        await self._ready()
        await command(self._modem, name + path, _FAMILY)

    def remove(self, path):
        """Delete a file. The command is AT+CFTPSDELE, or AT+CFTPSDEL where the firmware has the document's name."""
        return self._modem._drive(self._guarded(self._remove(remote("path", path))))

    async def _remove(self, path):
        spelling = self._modem.dialect.spelling
        await self._ready()
        name = spelling.get("delete", b"+CFTPSDELE=")
        try:
            await command(self._modem, name + path, _FAMILY)
        except CommandError as error:
            if error.code is not None or "delete" in spelling:
                raise
            await command(self._modem, b"+CFTPSDEL=" + path, _FAMILY)
            name = b"+CFTPSDEL="
        spelling["delete"] = name

    def getcwd(self):
        """Return the current directory on the server."""
        return self._modem._drive(self._guarded(self._ask(b"+CFTPSPWD", LIMIT_MS)))

    def type(self, type=None):
        """Return "I" (binary) or "A" (text); with an argument, set it for what follows."""
        if type not in (None, "A", "I"):
            raise ValueError("type must be A or I")
        return self._modem._drive(self._set(b"+CFTPSTYPE", type and type.encode()))

    def single_ip(self, flag=None):
        """Return where data connections go: 1 to the address of the control connection, 0 to the one the server names; set it."""
        return self._modem._drive(self._set(b"+CFTPSSINGLEIP", None if flag is None else b"%d" % bool(flag)))

    async def _set(self, name, value):
        self._modem._online()
        if value is not None:
            await self._modem._cmd(name + b"=" + value, limit_ms=_LOCAL_MS)
            if name == b"+CFTPSTYPE":
                self._type = value
        return await self._ask(name + b"?", _LOCAL_MS)

    async def _ask(self, line, limit_ms):
        if line == b"+CFTPSPWD":
            await self._ready()
        lines = await self._modem._cmd(line, b"+CFTPS", limit_ms)  # the prefix is printed in several ways (IS 8.16)
        return fields(lines, ".", line)[0]
