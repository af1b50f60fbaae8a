"""The certificate store of SIMCom modules: CCERTDOWN, CCERTLIST, CCERTDELE (public A76XX AT manual 1.09).

It takes certificates and keys only (.pem, .der), reports no sizes, and cannot be read.
"""

from ..at.command import Command
from ..at.params import fits, plain, quoted, split
from ..compat import const
from ..errors import CommandError, ProtocolError
from ..files import FileStore

_ANSWER_MS = const(120000)
_LONGEST = const(10240)  # bytes of one file
_LONGEST_NAME = const(108)
_SHORTEST_NAME = const(5)


def stored(what, name):
    """Check the name of a file in the store and return it quoted; "UFS:name" and "name" mean the same file."""
    if isinstance(name, str) and name[:4].upper() == "UFS:":
        name = name[4:]
    out = quoted(what, name, _LONGEST_NAME)
    if len(out) - 2 < _SHORTEST_NAME or out[-5:-1].lower() not in (b".pem", b".der"):
        raise ValueError("%s must be a name of 5 to 108 bytes that ends in .pem or .der" % what)
    return out


def store(m, name, what):
    """See Dialect.part. SIM7100: names that end in .pem or .der and have no drive, and those with "UFS:", are in the certificate
    store."""
    name = plain(what, name)
    drive = name[1:2] == b":" or name[-4:].lower() not in (b".pem", b".der")
    if m.dialect.services and drive and name[:4].upper() != b"UFS:":
        from .services.drives import Drives

        return Drives(m)
    return CertificateStore(m)


class CertificateStore(FileStore):
    """Certificates and keys."""

    async def put(self, name, source, progress):
        """See Files.put. The whole file goes in one command: at most 10240 bytes."""
        quoted_name = stored("name", name)
        name = quoted_name[1:-1].decode()
        if source.size > _LONGEST:
            raise ValueError("the certificate store takes files of at most %d bytes" % _LONGEST)
        data = b""
        while len(data) < source.size:
            data += source.block()
        if name in await self._names():
            await self.remove(name)
        command = Command(b"AT+CCERTDOWN=%s,%d\r" % (quoted_name, len(data)), None, _ANSWER_MS)
        await self.module.run(command.payload(data))
        if progress is not None:
            progress(len(data), len(data))
        if name not in await self._names():
            raise ProtocolError("the module does not list the file that it has taken", command=command.echo.decode())

    async def _names(self):
        rows = [split(line) for line in await self.module.cmd(b"+CCERTLIST", b"+CCERTLIST:", _ANSWER_MS)]
        return [row[0] for row in rows if fits(row, "t")]

    async def listing(self, pattern):
        """See Files.list; the module reports no sizes: None."""
        if pattern[:4].upper() == "UFS:":
            pattern = pattern[4:]
        head, star, tail = pattern.partition("*")
        if "*" in tail:
            raise ValueError("pattern may hold one *")
        found = []
        for name in await self._names():
            if name == pattern or (star and len(name) >= len(head + tail) and name.startswith(head) and name.endswith(tail)):
                found.append((name, None))
        return found

    async def remove(self, name):
        """See Files.remove."""
        name = stored("name", name)
        try:
            await self.module.cmd(b"+CCERTDELE=" + name, limit_ms=_ANSWER_MS)
        except CommandError as error:
            text = "there is no such file, or it is in use"
            raise CommandError(text, command=error.command, code=error.code, family=error.family)
