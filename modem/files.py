"""The module's file system: certificates, keys, mail and FTP files. The same for every vendor; the commands are the dialect's.

modem.files.put("UFS:ca.pem", open("ca.pem", "rb"), progress=lambda done, total: print(done, total))
"""

from .errors import NotSupported
from .late import part
from .params import plain

_BLOCK = 512


class Files:
    """What `modem.files` is. Names go to the module as they are; "UFS:name" and "name" mean the same file.

    NotSupported on EC600E and EC800E, whose documents have no commands for files.
    """

    def __init__(self, modem):
        self._modem = modem

    def _ops(self, name, what="name"):
        if not plain(what, name):
            raise ValueError("%s must not be empty" % what)
        dialect = self._modem._known()
        if dialect.files_in is None:
            raise NotSupported("files on the module: %s does not have them (%s)" % (dialect.model, dialect.document))
        return part(dialect, dialect.files_in)

    def put(self, name, data, progress=None):
        """Store `data` as `name`, in place of a file of that name.

        `data`: bytes, or a file object opened for reading bytes (from where it stands to its end). `progress(done, total)` is
        called after each block. The module's count and checksum are compared; what arrived in part is removed. Raises
        CommandError with the module's code (no room, bad name), ProtocolError when something else arrived than was sent.
        """
        return self._modem._drive(self._ops(name).put(self._modem, name, Source(data), progress))

    def get(self, name, to=None, progress=None):
        """Return the content of file `name` as bytes; with `to` (an object with `write`) write it there and return its size.
        `progress(done, total)` is called after each block.

        Raises CommandError when there is no such file, ProtocolError when size or checksum differ.
        """
        return self._modem._drive(self._ops(name).get(self._modem, name, Sink(to, progress)))

    def list(self, pattern="*"):
        """Return `(name, size)` of the files that match `pattern` ("*", "*.pem"), names without "UFS:"."""
        return self._modem._drive(self._ops(pattern, "pattern").listing(self._modem, pattern))

    def remove(self, name):
        """Delete file `name`. Raises CommandError when there is none."""
        return self._modem._drive(self._ops(name).remove(self._modem, name))

    def free(self):
        """Return how many bytes of room are left."""
        return self._modem._drive(self._ops("*").free(self._modem))


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
    """Where what is read goes: a buffer of its own or a file object. `write` is what the parser calls."""

    def __init__(self, to=None, progress=None):
        self._to = to
        self._progress = progress
        self._store = None
        self._seen = None
        self.size = 0
        self.done = 0
        self.error = None  # what `to` or `progress` raised: kept until the module has finished

    def begin(self, size, seen=None):
        """Expect `size` bytes; `seen(buf, off, n)` gets each block too (a checksum)."""
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
