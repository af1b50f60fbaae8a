"""The drives of a SIM7100 in memory, with the face of `tools.vmodem.simcom.drives.Drives`."""

from tools.vmodem.files import FileStore
from tools.vmodem.simcom.drives import CAPACITY, DRIVES, Drives


class MemoryFiles(FileStore):
    """A module's files in memory, drives included."""

    def __init__(self, clock):
        super().__init__()
        self._clock = clock

    def drives(self):
        return MemoryDrives(self._clock)


class MemoryDrives(Drives):
    """Files and folders by full path, as long as the simulation lasts."""

    def __init__(self, clock):
        self._clock = clock
        self._files = {}  # path: (bytes, when it was written)
        self._folders = {drive + ":/" for drive in DRIVES}
        self.capacity = CAPACITY

    def paths(self):
        """All files."""
        return sorted(self._files)

    @staticmethod
    def _parent(path):
        parent = path.rpartition("/")[0]
        return parent + "/" if len(parent) == 2 else parent

    def is_file(self, path):
        return path in self._files

    def is_folder(self, path):
        return path in self._folders

    def entries(self, path):
        return tuple(
            sorted(each.rpartition("/")[2] for each in kind if self._parent(each) == path and each != path)
            for kind in (self._folders, self._files)
        )

    def read(self, path):
        return self._files[path][0]

    def write(self, path, data):
        if self.is_folder(path) or not self.is_folder(self._parent(path)):
            raise KeyError(path)
        self._files[path] = bytes(data), self._clock.wall()

    def size(self, path):
        return len(self.read(path))

    def changed(self, path):
        return self._files[path][1]

    def remove(self, path):
        del self._files[path]

    def make_folder(self, path):
        if path in self._folders or path in self._files or self._parent(path) not in self._folders:
            raise KeyError(path)
        self._folders.add(path)

    def need_folder(self, path):
        while path not in self._folders:
            self._folders.add(path)
            path = self._parent(path)

    def remove_folder(self, path):
        if len(path) <= 3:
            raise ValueError("drive")
        if path not in self._folders or any(self._parent(each) == path for each in (*self._folders, *self._files)):
            raise KeyError(path)
        self._folders.discard(path)

    def move(self, old, new):
        if old not in self._files or new in self._files or new in self._folders:
            raise KeyError(old)
        self._files[new] = self._files.pop(old)

    def used(self, drive):
        return sum(len(data) for path, (data, _) in self._files.items() if path[0] == drive)
