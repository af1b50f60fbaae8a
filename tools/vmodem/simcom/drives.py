"""The files of a SIM7100: drives with folders, as folders of the host.

`C:/` is the module's own memory, `D:/` a storage card. With `--files DIR` they are DIR/C and DIR/D; else they last as long as the
process. Names are Latin-1, one character per byte. Symbolic links in the folder are not there for the module.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
import weakref

DRIVES = ("C", "D")
CAPACITY = 32 * 1024 * 1024
_BAD = ':"*?<>|\\\0\r\n'


class Drives:
    """Files by full path (`C:/Email/a.txt`). Bad paths are ValueError, what is not there is KeyError, a full drive is OSError."""

    def __init__(self, folder=None):
        if not folder:
            folder = tempfile.mkdtemp(prefix="vmodem-")
            weakref.finalize(self, shutil.rmtree, folder, True)
        self._root = pathlib.Path(folder).resolve()
        for drive in DRIVES:
            (self._root / drive).mkdir(exist_ok=True)
        self.capacity = CAPACITY

    @staticmethod
    def resolve(path, current):
        """The full path of `path`, which may begin in the folder `current` (`C:/`). Folders have no `/` at the end, drives do."""
        path = path.replace("\\", "/")
        if path[1:2] == ":":
            drive, rest = path[0].upper(), path[2:]
        else:
            drive = current[0]
            rest = path if path.startswith("/") else current[3:] + "/" + path
        if drive not in DRIVES:
            raise ValueError("drive")
        parts = []
        for part in filter(None, rest.split("/")):
            if part == "..":
                if not parts:
                    raise ValueError("above the root")
                parts.pop()
            elif part != ".":
                if any(char in part for char in _BAD) or len(part) > 250:
                    raise ValueError("file name")
                parts.append(part)
        return drive + ":/" + "/".join(parts)

    def _real(self, path):
        """The path on the host. KeyError where a symbolic link is on the way."""
        real = self._root / os.fsdecode((path[0] + path[2:]).encode("latin-1"))
        if os.path.realpath(real) != str(real):
            raise KeyError(path)
        return real

    def _has(self, path, test):
        with contextlib.suppress(KeyError):
            return test(self._real(path))
        return False

    @staticmethod
    def _shown(name):
        return os.fsencode(name).decode("latin-1")

    def is_file(self, path):
        return self._has(path, pathlib.Path.is_file)

    def is_folder(self, path):
        return self._has(path, pathlib.Path.is_dir)

    def entries(self, path):
        """([folders], [files]) by name."""
        entries = sorted(each for each in self._real(path).iterdir() if not each.is_symlink())
        names = [[self._shown(each.name) for each in entries if each.is_dir() == wanted] for wanted in (True, False)]
        return names[0], names[1]

    def read(self, path):
        if not self.is_file(path):
            raise KeyError(path)
        return self._real(path).read_bytes()

    def write(self, path, data):
        """Make or replace a file in a folder that is there."""
        real = self._real(path)
        if (real.exists() and not real.is_file()) or not real.parent.is_dir():  # a pipe would stop everything
            raise KeyError(path)
        old = self.size(path) if self.is_file(path) else 0
        if len(data) > self.free(path[0]) + old:
            raise OSError("the drive is full")
        real.write_bytes(data)

    def size(self, path):
        if not self.is_file(path):
            raise KeyError(path)
        return self._real(path).stat().st_size

    def changed(self, path):
        """When a file was written, in seconds since 1970."""
        return self._real(path).stat().st_mtime

    def remove(self, path):
        if not self.is_file(path):
            raise KeyError(path)
        self._real(path).unlink()

    def make_folder(self, path):
        """Make one folder; KeyError when it is there, or what it should be in is not."""
        try:
            self._real(path).mkdir()
        except OSError:
            raise KeyError(path) from None

    def need_folder(self, path):
        """Make a folder with all that it is in, if need be."""
        with contextlib.suppress(FileExistsError):
            self._real(path).mkdir(parents=True)

    def remove_folder(self, path):
        """Remove an empty folder."""
        if len(path) <= 3:
            raise ValueError("drive")
        try:
            self._real(path).rmdir()
        except OSError:
            raise KeyError(path) from None

    def move(self, old, new):
        if not self._real(old).exists() or self._real(new).exists():
            raise KeyError(old)
        shutil.move(self._real(old), self._real(new))

    def used(self, drive):
        """Bytes in all files of a drive."""
        return sum(each.stat().st_size for each in (self._root / drive).rglob("*") if each.is_file() and not each.is_symlink())

    def free(self, drive):
        return max(0, self.capacity - self.used(drive))
