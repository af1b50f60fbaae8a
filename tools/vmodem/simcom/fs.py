"""The file commands of SIM7100.

AT+FSCD, FSMKDIR, FSRMDIR, FSLS, FSDEL, FSRENAME, FSCOPY, FSATTRI, FSMEM, FSLOCA, CFTRANRX, CFTRANTX.

All from general knowledge of the family (SIM5320, SIM7100, SIM7600): the Internet service document only names AT+FSCD and FSLOCA.
"""

import time

from ..commands import AtError
from ..phases import CountedPhase
from .drives import DRIVES, Drives

_START = "C:/"
_LONGEST = 255
_BLOCK = 512  # of AT+CFTRANTX


class FileSystem:
    """The current folder, and the commands."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self.drives = self._modem.files.drives() if self._modem.files else Drives()
        self.reset()
        add = self._add
        add("+FSCD", test="", read=lambda: self._shown(), write=self._change)
        add("+FSMKDIR", test="", write=lambda p: self.drives.make_folder(self._path(p)))
        add("+FSRMDIR", test="", write=lambda p: self.drives.remove_folder(self._path(p)))
        add(
            "+FSLS",
            test="+FSLS: (0-2)",
            read=self._count,
            write=lambda p: self._list(p.int(0, 0, 2)),
            execute=lambda: self._list(0),
        )
        add("+FSDEL", test="", write=self._delete)
        add("+FSRENAME", test="", write=lambda p: self.drives.move(self._path(p), self._path(p, 1)))
        add("+FSCOPY", test="", write=self._copy)
        add("+FSATTRI", test="", write=self._attributes)
        add("+FSMEM", test="", execute=self._memory)
        add("+FSLOCA", test="+FSLOCA: (0,1)", read=lambda: "+FSLOCA: %d" % DRIVES.index(self.drive), write=self._choose)
        add("+CFTRANRX", test='+CFTRANRX: [{non-ascii}]"FILEPATH"', write=self._upload)
        add("+CFTRANTX", test='+CFTRANTX: [{non-ascii}]"FILEPATH"', write=self._download)

    def _add(self, name, **forms):
        self._simcom.add(
            name, free=True, **{form: self._checked(each) if callable(each) else each for form, each in forms.items()}
        )

    @staticmethod
    def _checked(handler):
        def checked(*args):
            try:
                return handler(*args)
            except (KeyError, ValueError, OSError):
                raise AtError() from None

        return checked

    def reset(self):
        """A restart: files stay."""
        self.current = _START
        self.drive = DRIVES[0]  # where mail is kept

    def find(self, name):
        """The full path of a name in the current folder. ValueError."""
        return self.drives.resolve(name, self.current)

    def _path(self, parameters, index=0):
        return self.find(parameters.str(index, _LONGEST, bare=True))

    # Folders -----------------------------------------------------------------------------------------------------------

    def _shown(self):
        return "+FSCD: " + self.current.rstrip("/") + "/"

    def _change(self, parameters):
        path = self._path(parameters)
        if not self.drives.is_folder(path):
            raise KeyError(path)
        self.current = path
        return self._shown()

    def _count(self):
        folders, files = self.drives.entries(self.current)
        return "+FSLS: SUBDIRECTORIES:%d,FILES:%d" % (len(folders), len(files))

    def _list(self, kind):
        folders, files = self.drives.entries(self.current)
        lines = []
        if folders and kind != 2:
            lines += ["+FSLS: SUBDIRECTORIES:"] + folders
        if files and kind != 1:
            lines += ["+FSLS: FILES:"] + files
        return self._simcom.block(lines) if lines else None

    def _choose(self, parameters):
        self.drive = DRIVES[parameters.int(0, 0, 1)]

    def _memory(self):
        return "+FSMEM: " + ",".join("%s:(%d,%d)" % (drive, self.drives.capacity, self.drives.used(drive)) for drive in DRIVES)

    # Files -------------------------------------------------------------------------------------------------------------

    def _delete(self, parameters):
        if parameters.str(0, _LONGEST, bare=True) == "*.*":
            for name in self.drives.entries(self.current)[1]:
                self.drives.remove(self.find(name))
            return
        self.drives.remove(self._path(parameters))

    def _copy(self, parameters):
        self.drives.write(self._path(parameters, 1), self.drives.read(self._path(parameters)))

    def _attributes(self, parameters):
        path = self._path(parameters)
        size = self.drives.size(path)
        return "+FSATTRI: %d,%s" % (size, time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(self.drives.changed(path))))

    def _upload(self, parameters):
        parameters.count(2, 2)
        path, count = self._path(parameters), parameters.int(1, 1, self.drives.capacity)
        if count > self.drives.free(path[0]) + (self.drives.size(path) if self.drives.is_file(path) else 0):
            raise OSError("the drive is full")

        def done(data):
            self.drives.write(path, data)

        return self._simcom.prompt(CountedPhase(count, self._checked(done)))

    def _download(self, parameters):
        """Blocks, then `+CFTRANTX: 0`, then OK; with two numbers, so many bytes from a position on."""
        parameters.count(1, 3)
        data = self.drives.read(self._path(parameters))
        start = parameters.int(1, 0, len(data), 0)
        data = data[start : start + parameters.int(2, 0, 1 << 31, len(data))]
        pieces = [data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK)]
        answer = []
        for piece in pieces:
            answer += [self._modem.frame("+CFTRANTX: DATA,%d" % len(piece)), piece]
        return answer + ["+CFTRANTX: 0"]
