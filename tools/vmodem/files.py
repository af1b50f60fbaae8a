"""The module's file system: a folder of the host, or memory.

Names are flat, as in the modules (`cert.pem`, perhaps with a storage prefix such as `UFS:` that the dialect takes off). A name
that would leave the folder is refused; symbolic links, folders and pipes in the folder are not there for the module.
"""

import pathlib

CAPACITY = 4 * 1024 * 1024


def _is_file(path):
    return path.is_file() and not path.is_symlink()


class FileStore:
    """Files by name. Methods raise KeyError for a file that is not there, ValueError for a name that cannot be."""

    def __init__(self, folder=None):
        self._folder = pathlib.Path(folder) if folder else None
        self._memory = {}
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)

    @property
    def folder(self):
        """The folder of the host (a `pathlib.Path`), or None."""
        return self._folder

    def drives(self):
        """The drives of a module that has some (SIM7100): `simcom.drives.Drives` in the same folder."""
        from .simcom.drives import Drives

        return Drives(self._folder)

    def _path(self, name):
        if not name or name in (".", "..") or len(name) > 120 or any(char in name for char in '/\\:"\0'):
            raise ValueError("file name")
        return self._folder / name if self._folder else None

    def names(self):
        """All names, sorted."""
        if self._folder:
            return sorted(path.name for path in self._folder.iterdir() if _is_file(path))
        return sorted(self._memory)

    def exists(self, name):
        """Whether there is a file of this name."""
        path = self._path(name)
        return name in self._memory if path is None else _is_file(path)

    def read(self, name):
        """The bytes of a file."""
        path = self._path(name)
        if path is None:
            return self._memory[name]
        if not _is_file(path):
            raise KeyError(name)
        return path.read_bytes()

    def write(self, name, data):
        """Make or replace a file."""
        path = self._path(name)
        if path is None:
            self._memory[name] = bytes(data)
        elif path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
            raise OSError("%s is not an ordinary file" % path)  # writing to a pipe would stop everything
        else:
            path.write_bytes(data)

    def remove(self, name):
        """Delete a file."""
        path = self._path(name)
        if path is None:
            del self._memory[name]
        elif _is_file(path):
            path.unlink()
        else:
            raise KeyError(name)

    def size(self, name):
        """The length of a file in bytes."""
        path = self._path(name)
        if path is None:
            return len(self._memory[name])
        if not _is_file(path):
            raise KeyError(name)
        return path.stat().st_size

    def used(self):
        """Bytes in all files together."""
        return sum(self.size(name) for name in self.names())

    def free(self):
        """Bytes left of `CAPACITY`."""
        return max(0, CAPACITY - self.used())
