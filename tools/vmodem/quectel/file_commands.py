"""The module's file system: AT+QFLDS, QFLST, QFDEL, QFUPL, QFDWL, QFOPEN, QFREAD, QFWRITE, QFSEEK, QFPOSITION, QFTUCAT, QFCLOSE.

"BG96 FILE AT Commands Manual" 1.0, chapters 2 and 4, taken for EC200U and EG915U too: their SSL document names AT+QFUPL only.
There is one storage, UFS; its prefix may be left out.
"""

from ..commands import CmeError, ParameterError
from ..core import Prompt
from ..files import CAPACITY
from ..phases import TransparentPhase

LONGEST_NAME = 80
_PREFIX = "UFS:"
_UPLOAD_SIZE = 10240
_TIMEOUT_S = 5
_BLOCK = 1024  # bytes after which QFUPL says "A" when asked to
_FLASH_S = 0.06  # how long a module with the quirk upload=deaf hears nothing then
_HANDLES = 10
_OPEN_ANY, _OPEN_NEW, _OPEN_READ = range(3)

_LARGER_THAN_FILE = 401
_NOT_FOUND = 405
_BAD_NAME = 406
_EXISTS = 407
_TOO_MANY_OPEN = 413
_READ_ONLY = 414
_BAD_HANDLE = 416
_NO_SPACE = 420
_BAD_PARAMETER = 425
_OPENED = 426


def plain_name(path):
    """The name in a path: `UFS:ca.pem` and `ca.pem` are the same file."""
    return path[len(_PREFIX) :] if path.upper().startswith(_PREFIX) else path


def checksum(data):
    """The XOR of the 16-bit words, high byte first; a last odd byte is a high byte."""
    high = low = 0
    for byte in data[::2]:
        high ^= byte
    for byte in data[1::2]:
        low ^= byte
    return high << 8 | low


class UploadPhase(TransparentPhase):
    """At most `count` bytes, until nothing has come for `timeout_s`, or `+++` between two silences, or DTR.

    `done(data)` is the outcome in each case. With `acknowledge`, "A" is printed after every so many bytes. A phase that is `deaf`
    loses what comes while the bytes of a block are written to flash.
    """

    def __init__(self, count, done, *, timeout_s, acknowledge=0, deaf=False):
        self._deaf = deaf
        self._hears_at = 0.0
        self._data = bytearray()
        self._count = count
        self._timeout_s = timeout_s
        self._acknowledge = acknowledge
        super().__init__(self._keep, lambda: done(bytes(self._data)))

    def start(self, modem):
        super().start(modem)
        self._after("idle", self._timeout_s, self.leave)

    def feed(self, buffer):
        if self._deaf:
            now = self._modem.clock.now()
            if now < self._hears_at:
                return len(buffer)
            buffer = buffer[: _BLOCK - len(self._data) % _BLOCK]
        used = super().feed(buffer[: self._count - len(self._data) - self._plus])
        if self._deaf and self._data and len(self._data) % _BLOCK == 0:
            self._hears_at = now + _FLASH_S
        if len(self._data) + self._plus >= self._count:  # full: a `+` that is held back can only be data
            self.leave()
        else:
            self._after("idle", self._timeout_s, self.leave)
        return used

    def _keep(self, data):
        before = len(self._data)
        self._data += data
        if self._acknowledge:
            self._modem.send(b"A" * (len(self._data) // self._acknowledge - before // self._acknowledge))
        return len(data)


class _OpenFile:
    def __init__(self, name, mode):
        self.name = name
        self.mode = mode
        self.position = 0


def _checked(handler):
    """Bad parameters are error 425."""

    def checked(*args):
        try:
            return handler(*args)
        except ParameterError:
            raise CmeError(_BAD_PARAMETER) from None

    return checked


class FileCommands:
    """All commands on files."""

    def __init__(self, modem):
        self._modem = modem
        self._shown_prefix = modem.model.quirks.get("file_prefix", "")
        self._open = {}
        self._add("+QFLDS", test="", execute=self._usage, write=self._space)
        self._add("+QFLST", test="", execute=lambda: self._lines("*"), write=self._list)
        self._add("+QFDEL", test="+QFDEL: <filename>", write=self._delete)
        self._add("+QFUPL", test=self._upload_test, write=self._upload)
        self._add("+QFDWL", test="+QFDWL: <filename>", write=self._download)
        self._add("+QFOPEN", test="+QFOPEN: <filename>[,(0-2)]", read=self._handles, write=self._open_file)
        self._add("+QFREAD", test="+QFREAD: <filehandle>[,<length>]", write=self._read)
        self._add("+QFWRITE", test="+QFWRITE: <filehandle>[,<length>[,(1-65535)]]", write=self._write)
        self._add("+QFSEEK", test="+QFSEEK: <filehandle>,<offset>[,(0-2)]", write=self._seek)
        self._add("+QFPOSITION", test="+QFPOSITION: <filehandle>", write=self._position)
        self._add("+QFTUCAT", test="+QFTUCAT: <filehandle>", write=self._truncate)
        self._add("+QFCLOSE", test="+QFCLOSE: <filehandle>", write=self._close)

    def _add(self, name, **forms):
        self._modem.table.add(
            name, **{form: _checked(handler) if callable(handler) else handler for form, handler in forms.items()}
        )

    @property
    def _files(self):
        return self._modem.files

    def reset(self):
        """A restart: files stay, handles do not."""
        self._open.clear()

    def _name(self, parameters):
        name = plain_name(parameters.str(0, LONGEST_NAME))
        try:
            self._files.exists(name)
        except ValueError:
            raise CmeError(_BAD_NAME) from None
        return name

    def _existing(self, name):
        if not self._files.exists(name):
            raise CmeError(_NOT_FOUND)
        return name

    # Directory ---------------------------------------------------------------------------------------------------------

    def _usage(self):
        return "+QFLDS: %d,%d" % (self._files.used(), len(self._files.names()))

    def _space(self, parameters):
        if parameters.str(0, LONGEST_NAME).upper().rstrip(":") != "UFS":
            raise CmeError(_BAD_NAME)
        return "+QFLDS: %d,%d" % (self._files.free(), CAPACITY)

    def _lines(self, name):
        return [
            '+QFLST: "%s%s",%d' % (self._shown_prefix, one, self._files.size(one))
            for one in self._files.names()
            if name in ("*", one)
        ]

    def _list(self, parameters):
        pattern = plain_name(parameters.str(0, LONGEST_NAME))
        return self._lines("*") if pattern == "*" else self._lines(self._existing(self._name(parameters)))

    def _delete(self, parameters):
        if plain_name(parameters.str(0, LONGEST_NAME)) == "*":
            if self._open:
                raise CmeError(_OPENED)
            for name in self._files.names():
                self._files.remove(name)
            return
        name = self._existing(self._name(parameters))
        if any(one.name == name for one in self._open.values()):
            raise CmeError(_OPENED)
        self._files.remove(name)

    # Whole files -------------------------------------------------------------------------------------------------------

    def _upload_test(self):
        return "+QFUPL: <filename>[,(1-%d)[,(1-65535)[,(0,1)]]]" % self._files.free()

    def _connect(self, phase):
        return Prompt(phase, self._modem.frame("CONNECT"))

    def _upload(self, parameters):
        parameters.count(1, 4)
        name = self._name(parameters)
        count = parameters.int(1, 1, 1 << 31, _UPLOAD_SIZE)
        timeout_s = parameters.int(2, 1, 65535, _TIMEOUT_S)
        acknowledge = parameters.int(3, 0, 1, 0)
        if self._files.exists(name):
            raise CmeError(_EXISTS)
        if count > self._files.free():
            raise CmeError(_NO_SPACE)

        deaf = self._modem.model.quirks["upload"] == "deaf" and not acknowledge

        def done(data):
            self._files.write(name, data)
            return "+QFUPL: %d,%x" % (len(data), checksum(data))

        return self._connect(UploadPhase(count, done, timeout_s=timeout_s, acknowledge=_BLOCK * acknowledge, deaf=deaf))

    def _download(self, parameters):
        parameters.count(1, 1)
        data = self._files.read(self._existing(self._name(parameters)))
        return [self._modem.frame("CONNECT"), data, "+QFDWL: %d,%x" % (len(data), checksum(data))]

    # Open files --------------------------------------------------------------------------------------------------------

    def _handles(self):
        return [
            '+QFOPEN: "%s%s",%d,%d' % (self._shown_prefix, one.name, handle, one.mode)
            for handle, one in sorted(self._open.items())
        ]

    def _open_file(self, parameters):
        parameters.count(1, 2)
        name, mode = self._name(parameters), parameters.int(1, _OPEN_ANY, _OPEN_READ, _OPEN_ANY)
        if len(self._open) == _HANDLES:
            raise CmeError(_TOO_MANY_OPEN)
        if any(one.name == name for one in self._open.values()):
            raise CmeError(_OPENED)
        if mode == _OPEN_READ:
            self._existing(name)
        elif mode == _OPEN_NEW or not self._files.exists(name):
            self._files.write(name, b"")
        handle = next(number for number in range(1, _HANDLES + 1) if number not in self._open)
        self._open[handle] = _OpenFile(name, mode)
        return "+QFOPEN: %d" % handle

    def _opened(self, parameters, most=1, changes=False):
        parameters.count(1, most)
        one = self._open.get(parameters.int(0, 0, 1 << 32))
        if one is None:
            raise CmeError(_BAD_HANDLE)
        if changes and one.mode == _OPEN_READ:
            raise CmeError(_READ_ONLY)
        self._existing(one.name)  # the folder may have been changed from outside
        return one

    def _read(self, parameters):
        one = self._opened(parameters, 2)
        data = self._files.read(one.name)[one.position :]
        data = data[: parameters.int(1, 1, 1 << 31, len(data))]
        one.position += len(data)
        end = self._modem.general.line_end
        return end + b"CONNECT %d" % len(data) + end + data + end

    def _write(self, parameters):
        one = self._opened(parameters, 3, changes=True)
        count = parameters.int(1, 1, 1 << 31, _UPLOAD_SIZE)
        timeout_s = parameters.int(2, 1, 65535, _TIMEOUT_S)
        if count > self._files.free():
            raise CmeError(_NO_SPACE)

        def done(data):
            whole = self._files.read(one.name)
            whole = whole[: one.position] + data + whole[one.position + len(data) :]
            self._files.write(one.name, whole)
            one.position += len(data)
            return "+QFWRITE: %d,%d" % (len(data), len(whole))

        return self._connect(UploadPhase(count, done, timeout_s=timeout_s))

    def _seek(self, parameters):
        one = self._opened(parameters, 3)
        offset, origin = parameters.int(1, 0, 1 << 31), parameters.int(2, 0, 2, 0)
        size = self._files.size(one.name)
        position = (offset, one.position + offset, size - offset)[origin]
        if not 0 <= position <= size:
            raise CmeError(_LARGER_THAN_FILE)
        one.position = position

    def _position(self, parameters):
        return "+QFPOSITION: %d" % self._opened(parameters).position

    def _truncate(self, parameters):
        one = self._opened(parameters, changes=True)
        self._files.write(one.name, self._files.read(one.name)[: one.position])

    def _close(self, parameters):
        self._opened(parameters)
        del self._open[parameters.int(0, 0, 1 << 32)]
