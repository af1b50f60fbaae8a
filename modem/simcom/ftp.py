"""FTP by the module: CFTPSERV, CFTPPORT, CFTPUN, CFTPPW, CFTPMODE, CFTPTYPE, CFTPGET, CFTPPUT, CFTPLIST and others.

"SIM7100 AT Command Set for Internet Service" 0.01 (IS), chapter 5. Each operation logs in, works and logs out. An error has the
number of IS 5.15 (201 to 214) as its `code`.
"""

from ..answers import fields
from ..errors import NotSupported
from ..fields import number
from ..params import quoted, text
from ..request import Request
from .transfer import LIMIT_MS, RING, Asked, Inflow, check_into, command, drained
from .upload import Pieces, Upload, escaped, remote

_FAMILY = "simcom-ftp"
_LOCAL_MS = 9000
_TEXT = 128
_FOLDERS = 8  # <dir> 0 to 8: 0 is the current folder, the others are not explained (IS 5.7)


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


class Ftp:
    """One account on one server. Nothing is sent before the first operation.

    `passive`: the module makes the data connection (the default here: behind a carrier's NAT the server cannot); `type`: "I"
    binary, "A" text. Paths are str (UTF-8 where they are not ASCII) or bytes, and relative to the folder after log-in unless
    they begin with "/". Transfers go at the speed of the line: `into.write` must keep up, or the port needs flow control
    (AT+IFC=2,2 and RTS/CTS); what is lost is a ProtocolError. All methods raise CommandError with `code` 201 to 214,
    ModemTimeout when nothing happens for 150 s.
    """

    def __init__(self, modem, server, user, password, port, passive=True, type="I", rxbuf=RING):
        self._modem = modem
        if type not in ("A", "I"):
            raise ValueError("type must be A or I")
        self._settings = (
            (b"+CFTPSERV", quoted("server", server, _TEXT)),
            (b"+CFTPPORT", b"%d" % number("port", port, 1, 65535)),
            (b"+CFTPUN", quoted("user", user, _TEXT)),
            (b"+CFTPPW", quoted("password", password, _TEXT)),
            (b"+CFTPMODE", b"1" if passive else b"0"),
            (b"+CFTPTYPE", type.encode()),
        )
        self._rxbuf = rxbuf

    async def _ready(self):
        m = self._modem
        m._online()
        await drained(m, _FAMILY)
        if m.dialect.ftp_settings != self._settings:
            m.dialect.ftp_settings = None
            for name, value in self._settings:
                await m._run(Asked(name + b"=" + value, _FAMILY, _LOCAL_MS))
            m.dialect.ftp_settings = self._settings

    def settings(self):
        """Return what the module is set to: (server, port, user, "passive" or "active", "I" or "A"). The password is not read."""
        return self._modem._drive(self._read_settings())

    async def _read_settings(self):
        await self._ready()
        found = []
        for name, _ in self._settings:
            if name != b"+CFTPPW":
                lines = await self._modem._cmd(name + b"?", name + b":", _LOCAL_MS)
                found.append(fields(lines, ".", name + b"?")[0])
        found[3] = "passive" if found[3] else "active"
        return tuple(found)

    # --- data over the line

    def retrieve(self, path, into, progress=None):
        """Fetch a file from the server into `into` (anything with `write`), in blocks; return its size.

        `progress(done)` is called after each block. After an error `into` has the beginning of the file.
        """
        return self._modem._drive(self._download(b"+CFTPGET", remote("path", path), into, progress))

    async def _download(self, name, path, into, progress):
        check_into(into)
        await self._ready()
        flow = await Inflow(self._modem, (name + b":",), _FAMILY, self._rxbuf).listen()
        await flow.start(Request(b"AT" + name + b"=" + path + b"\r", None, LIMIT_MS))
        return await flow.pour(into, progress)

    def list(self, path="/", into=None):
        """Return the lines of a directory listing, as the server makes them.

        With `into` write them there and return their size.
        """
        return self._modem._drive(self._list(remote("path", path), into))

    async def _list(self, path, into):
        to = Lines() if into is None else into
        n = await self._download(b"+CFTPLIST", path, to, None)
        return to.end() if into is None else n

    def store(self, path, data, progress=None):
        """Store a file on the server: `data` is bytes, or an object with `readinto` or `read`; return how many bytes it had.

        `progress(done)` is called after each piece. A failure while sending is told by the module at the end. When `data` raises,
        the server keeps what had been sent.
        """
        return self._modem._drive(self._store(remote("path", path), Pieces("data", data, escaped, progress)))

    async def _store(self, path, pieces):
        await self._ready()
        await Upload(self._modem._engine, b"+CFTPPUT=" + path, b"+CFTPPUT:", b"BEGIN", _FAMILY).send(self._modem, pieces, b"\x1a")
        return pieces.done

    # --- between the server and the module's files

    def get_file(self, path, folder="C:/", place=0):
        """Fetch a file into `folder` of the module's file system; its name is the last part of `path`.

        `place` is the <dir> of the command: 0 takes `folder`, 1 to 8 are folders that depend on the firmware.
        """
        return self._modem._drive(self._file(b"+CFTPGETFILE", path, folder, place))

    def put_file(self, path, folder="C:/", place=0):
        """Store a file of the module's file system on the server; see `get_file`."""
        return self._modem._drive(self._file(b"+CFTPPUTFILE", path, folder, place))

    async def _file(self, name, path, folder, place):
        line = name + b"=" + remote("path", path) + b",%d" % number("place", place, 0, _FOLDERS)
        await self._ready()
        await transfer_file(self._modem, line, (name + b":",), _FAMILY, folder if place == 0 else None)

    # --- directories

    def mkdir(self, path):
        """Make a directory."""
        return self._modem._drive(self._command(b"+CFTPMKD=", path))

    def rmdir(self, path):
        """Remove an empty directory."""
        return self._modem._drive(self._command(b"+CFTPRMD=", path))

    def remove(self, path):
        """Delete a file."""
        return self._modem._drive(self._command(b"+CFTPDELE=", path))

    async def _command(self, name, path):
        path = remote("path", path)
        await self._ready()
        await command(self._modem, name + path, _FAMILY)

    def chdir(self, path):
        """Refuse: each operation logs in anew. Give whole paths, or use ftps()."""
        raise NotSupported("%s has no command that changes the directory on an FTP server (%s)" % (
            self._modem.dialect.model, self._modem.dialect.document))  # fmt: skip


async def transfer_file(m, line, names, family, folder):
    """Run a transfer between server and module file system, in `folder` where one is given."""
    if folder is not None:
        from .fs import enter, path_of

        await enter(m, path_of("folder", folder.rstrip("/") + "/x"))
    flow = await Inflow(m, names, family).listen()
    await flow.start(Request(b"AT" + line + b"\r", None, LIMIT_MS))
    await flow.finish()
