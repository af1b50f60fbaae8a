"""The module's file system: certificates, keys, mail and FTP files. The same for every vendor; the commands are the dialect's.

modem.files.put("UFS:ca.pem", open("ca.pem", "rb"), progress=lambda done, total: print(done, total))
"""

from .at.params import plain
from .compat import Operations, const
from .errors import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, Protocol

    class _Writable(Protocol):
        def write(self, __data: bytes) -> object: ...


_BLOCK = const(512)
_LONGEST = const(1 << 30)


class FileStore:
    """Where a module keeps files, and the commands for it; a vendor's package derives it. See Dialect.part.

    Where a broken-off call can leave something to do, one object serves all calls and does that first. Methods raise CommandError
    with the module's code, and ProtocolError when the module's answer does not fit.
    """

    def __init__(self, module):
        self.module = module

    async def put(self, name, source, progress):
        """Store what `source` (a Source) gives as `name`; see Files.put."""
        raise self.module.dialect.lacks("upload of files")

    async def get(self, name, sink):
        """Read file `name` into `sink` (a Sink); return `sink.result()`; see Files.get."""
        raise self.module.dialect.lacks("download of files")

    async def listing(self, pattern):
        """See Files.list."""
        raise self.module.dialect.lacks("list of files")

    async def remove(self, name):
        """See Files.remove."""
        raise self.module.dialect.lacks("removal of files")

    async def free(self):
        """See Files.free."""
        raise self.module.dialect.lacks("report of free space")


class Files(Operations):
    """What `modem.files` is. Names go to the module as they are; "UFS:name" and "name" mean the same file.

    NotSupported on EC600E and EC800E, whose documents have no commands for files.
    """

    def __init__(self, module):
        self.module = module

    def _store(self, name, what="name"):
        if not plain(what, name):
            raise ValueError("%s must not be empty" % what)
        return self.module.part("files").store(self.module, name, what)

    async def put(
        self, name: str, data: "bytes | bytearray | memoryview | BinaryIO", progress: "Callable[[int, int], object] | None" = None
    ) -> None:
        """Store `data` as `name`, in place of a file of that name.

        `data`: bytes, or a file object opened for reading bytes (from where it stands to its end). `progress(done, total)` is
        called after each block. The module's count and checksum are compared; an incomplete or wrong file is removed, and the one
        that it was to replace (Quectel: up to 16 KiB) is put back, at once or before the next call. Raises CommandError with the
        module's code (no room, bad name), ProtocolError when the module has stored something else than was sent.
        """
        await self._store(name).put(name, Source(data), progress)

    async def get(
        self, name: str, to: "_Writable | None" = None, progress: "Callable[[int, int], object] | None" = None
    ) -> "bytes | int":
        """Return the content of file `name` as bytes; with `to` (an object with `write`) write it there and return its size.
        `progress(done, total)` is called after each block.

        Raises CommandError when there is no such file, ProtocolError when size or checksum differ.
        """
        return await self._store(name).get(name, Sink(to, progress))

    async def list(self, pattern: str = "*") -> "list[tuple[str, int | None]]":
        """Return `(name, size)` of the files that match `pattern` ("*", "*.pem"), names without "UFS:".

        The size is None where the module does not report it. ProtocolError when there are more files than the answer can hold.
        """
        return await self._store(pattern, "pattern").listing(pattern)

    async def remove(self, name: str) -> None:
        """Delete file `name`. Raises CommandError when there is none."""
        await self._store(name).remove(name)

    async def free(self) -> int:
        """Return how many bytes of room are left. NotSupported where the module does not report it."""
        return await self._store("*").free()


class Source:
    """What is to be stored: bytes or a file object, read in blocks."""

    def __init__(self, data):
        self._file = None
        self._data = data
        self._at = 0
        if hasattr(data, "read"):
            self._file = data
            if not isinstance(data.read(0), bytes):
                raise TypeError("data must be a file opened for reading bytes")
            start = data.tell()
            self.size = data.seek(0, 2) - start
            data.seek(start)
        elif isinstance(data, (bytes, bytearray, memoryview)):
            self._data = bytes(data)
            self.size = len(self._data)
        else:
            raise TypeError("data must be bytes or a file opened for reading bytes")
        if not self.size:
            raise ValueError("data is empty: a module keeps no empty files")

    def block(self, most=_BLOCK):
        """Return the next bytes, at most `most`; b"" at the end. ValueError when a file has become shorter."""
        n = min(most, self.size - self._at)
        if self._file is not None:
            out = self._file.read(n) if n else b""
            if not isinstance(out, bytes):
                raise TypeError("data must be a file opened for reading bytes")
            if n and not out:
                raise ValueError("the file has become shorter while it was being sent")
        else:
            out = self._data[self._at : self._at + n]
        self._at += len(out)
        return out


class Sink:
    """Where a file that is read goes: a buffer of its own or a file object. `write` is what the parser calls."""

    def __init__(self, to=None, progress=None):
        self._to = to
        self._progress = progress
        self._store = None
        self._seen = None
        self.size = 0
        self.done = 0
        self.error = None  # raised by `to` or `progress`: kept until the module has finished

    def begin(self, size, seen=None):
        """Expect `size` bytes, as the module reports it; `seen(block)` gets each block too (a checksum)."""
        if not 0 <= size < _LONGEST:
            raise ProtocolError("no file is of %d bytes" % size)
        self.size = size
        self._seen = seen
        if self._to is None:
            self._store = bytearray(size)

    def write(self, buf, off, n):
        """Take `buf[off:off+n]`; return `n`."""
        block = bytes(memoryview(buf)[off : off + n])
        if self._seen is not None:
            self._seen(block)
        self.done += n
        try:
            if self._store is not None:
                self._store[self.done - n : self.done] = block
            elif self.error is None:
                self._to.write(block)
            if self._progress is not None and self.error is None:
                self._progress(self.done, self.size)
        except Exception as error:
            self.error = error
        return n

    def result(self):
        """Return the bytes, or how many were written to `to`; raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.done if self._store is None else bytes(self._store)
