"""FTP by the module: CFTPSERV, CFTPPORT, CFTPUN, CFTPPW, CFTPMODE, CFTPTYPE, CFTPGET, CFTPPUT, CFTPLIST and others (IS 5).

Each operation logs in, works and logs out. An error has the number of IS 5.15 (201 to 214) as its `code`. What FTP and FTPS
(ftps.py) share is here.
"""

from ...at.params import fields, number, plain, quoted, text
from ...compat import const
from ...net.link import ByteRing
from .inflow import LOCAL_MS, RING, Inflow, ServiceCommand, check_into, run_command
from .outflow import END, Pieces, Upload, escaped, remote
from .state import Client, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .state import _Data, _Into

TEXT = const(128)  # characters of server, user and password
_FOLDERS = const(8)  # <dir> 0 to 8: 0 is the current folder, the others are not explained (IS 5.7)


class Lines:
    """Where a listing goes when the program wants it as lines."""

    def __init__(self):
        self._rest = b""
        self.lines = []

    def write(self, data):
        """Take a piece."""
        parts = (self._rest + bytes(data)).split(b"\n")
        self._rest = parts.pop()
        self.lines += [text(p.strip(b"\r")) for p in parts]

    def end(self):
        """Return all lines."""
        if self._rest:
            self.lines.append(text(self._rest))
        return self.lines


class FtpClient(Client):
    """Transfers and directories. Derived classes give the names of the commands, and log in where that is not done.

    Paths are str (UTF-8 where they are not ASCII) or bytes. Transfers go at the speed of the line: `into.write` must keep up, or
    the port needs flow control (AT+IFC=2,2 and RTS/CTS); what is lost is a ProtocolError. Every operation raises CommandError,
    ModemTimeout when nothing happens for 150 s, ModemRestarted, ModemError while not connected; ValueError and TypeError come
    before anything is sent.
    """

    _prefix = b"+CFTP"  # of all commands
    _family = "simcom-ftp"
    _whole_list = b'="/"'  # what follows the command that lists without a path

    def __init__(self, module, type, rxbuf):
        super().__init__(module)
        if type not in ("A", "I"):
            raise ValueError("type must be A or I")
        self._type = type.encode()
        self._rxbuf = rxbuf

    async def _ready(self):
        """Be ready for an operation."""

    async def _guarded(self, work):
        """Run the coroutine of an operation."""
        return await work

    def _results(self, name):
        """Return the prefixes of the result lines of command `name`."""
        return (name + b":",)

    # --- data over the line

    async def retrieve(self, path: str | bytes, into: "_Into", progress: "Callable[[int], object] | None" = None) -> int:
        """Fetch a file from the server into `into` (anything with `write`), in blocks; return its size.

        `progress(done)` is called after each block. After an error `into` has the beginning of the file.
        """
        return await self._guarded(self._download(b"GET", b"=" + remote("path", path), into, progress))

    async def _download(self, name, argument, into, progress=None):
        check_into(into)
        await self._ready()
        name = self._prefix + name
        flow = await Inflow(self.module, self._results(name), self._family, ByteRing(self._rxbuf)).listen()
        await flow.start(name + argument)
        return await flow.pour(into, progress)

    async def list(self, path: str | bytes | None = None, into: "_Into | None" = None) -> "list[str] | int":
        """Return the lines of a directory listing, as the server makes them; with `into`, write them there and return their size.

        `path`: None lists "/" (Ftp) or the current directory (Ftps).
        """
        argument = self._whole_list if path is None else b"=" + remote("path", path)
        to = Lines() if into is None else into
        n = await self._guarded(self._list(argument, to))
        return to.end() if into is None else n

    async def _list(self, argument, to):
        return await self._download(b"LIST", argument, to)

    async def store(self, path: str | bytes, data: "_Data", progress: "Callable[[int], object] | None" = None) -> int:
        """Store a file on the server: `data` is bytes, or an object with `readinto` or `read`; return how many bytes it had.

        `progress(done)` is called after each piece. The module reports a failure while sending at the end. When `data` raises,
        the server keeps what had been sent.
        """
        return await self._guarded(self._store(remote("path", path), data, progress))

    # --- between the server and the module's files

    async def get_file(self, path: str | bytes, folder: str = "C:/", place: int = 0) -> None:
        """Fetch a file into `folder` of the module's file system; its name is the last part of `path`.

        `place` is the <dir> of the command: 0 takes `folder`, 1 to 8 are folders that depend on the firmware.
        """
        await self._guarded(self._file(b"GETFILE", path, folder, place))

    async def put_file(self, path: str | bytes, folder: str = "C:/", place: int = 0) -> None:
        """Store a file of the module's file system on the server; see `get_file`."""
        await self._guarded(self._file(b"PUTFILE", path, folder, place))

    async def _file(self, name, path, folder, place):
        name = self._prefix + name
        line = name + b"=" + remote("path", path) + b",%d" % number("place", place, 0, _FOLDERS)
        before = None
        if place == 0:
            from .drives import enter, path_of

            before = enter(path_of("folder", plain("folder", folder).rstrip(b"/") + b"/x"))
        await self._ready()
        flow = await Inflow(self.module, self._results(name), self._family).listen()
        await flow.start(line, before=before)
        await flow.finish()

    # --- directories

    async def mkdir(self, path: str | bytes) -> None:
        """Make a directory."""
        await self._guarded(self._command(b"MKD=", path))

    async def rmdir(self, path: str | bytes) -> None:
        """Remove an empty directory."""
        await self._guarded(self._command(b"RMD=", path))

    async def remove(self, path: str | bytes) -> None:
        """Delete a file."""
        await self._guarded(self._command(b"DELE=", path))

    async def _command(self, name, path):
        path = remote("path", path)
        await self._ready()
        await run_command(self.module, self._prefix + name + path, self._family)


class Ftp(FtpClient):
    """One account on one server. Nothing is sent before the first operation.

    `passive`: the module makes the data connection (the default here: behind a carrier's NAT the server cannot); `type`: "I"
    binary, "A" text. `rxbuf`: bytes that wait for `into.write`. Paths are relative to the directory after log-in unless they
    begin with "/". See FtpClient for what all operations raise; `code` of a CommandError is 201 to 214.
    """

    def __init__(
        self, module, server: str, user: str, password: str, port: int, passive: bool = True, type: str = "I",
        rxbuf: int = RING,
    ) -> None:  # fmt: skip
        super().__init__(module, type, rxbuf)
        self._settings = (
            (b"+CFTPSERV", filled("server", server, TEXT)),
            (b"+CFTPPORT", b"%d" % number("port", port, 1, 65535)),
            (b"+CFTPUN", filled("user", user, TEXT)),
            (b"+CFTPPW", quoted("password", password, TEXT)),
            (b"+CFTPMODE", b"1" if passive else b"0"),
            (b"+CFTPTYPE", self._type),
        )

    async def _ready(self):
        m, state = self.module, self.state
        m.online()
        await state.drained(self._family)
        if state.ftp_settings != self._settings:
            state.ftp_settings = None
            for name, value in self._settings:
                await m.run(ServiceCommand(name + b"=" + value, self._family, LOCAL_MS))
            state.ftp_settings = self._settings

    async def settings(self) -> tuple[str, int, str, str, str]:
        """Return what the module is set to: (server, port, user, "passive" or "active", "I" or "A"). The password is not read."""
        await self._ready()
        found = []
        for name, _ in self._settings:
            if name != b"+CFTPPW":
                found.append(fields(await self.module.cmd(name + b"?", name + b":", LOCAL_MS), ".", name + b"?")[0])
        found[3] = "passive" if found[3] else "active"
        return tuple(found)

    async def _store(self, path, data, progress):
        pieces = Pieces("data", data, escaped, progress)
        await self._ready()
        await Upload(self.module, b"+CFTPPUT=" + path, b"+CFTPPUT:", b"BEGIN", self._family).send(pieces, END)
        return pieces.done

    async def chdir(self, path: str | bytes) -> None:
        """NotSupported: each operation logs in anew. Give whole paths, or use ftps()."""
        raise self.module.dialect.lacks("command that changes the directory on an FTP server")
