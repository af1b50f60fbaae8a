"""SIM7100: sockets as on A76XX, and the services of the "AT Command Set for Internet Service", SIM7100, 0.01."""

from ..commands import CmeError, ParameterError
from . import errors, ftp, http
from .dialect import Simcom
from .fs import FileSystem
from .ftps import Ftps
from .https import Https
from .pop3 import Pop3
from .services import Finality
from .smtp import Smtp

_BOOT = ((0.0, "START"), (0.1, "+CPIN: READY"), (0.5, "OPL UPDATING"), (0.6, "PNN UPDATING"), (0.8, "SMS DONE"), (1.2, "PB DONE"))


class Sim7100(Simcom):
    """The dialect of one model. The core calls the methods without an underscore."""

    busy_code = errors.BUSY
    decimal_degrees = False

    def __init__(self, modem):
        super().__init__(modem)
        self.streams = []  # `services.Blocks` with something to print
        self.fs = FileSystem(self)
        self._services = [Smtp(self), Pop3(self), ftp.Ftp(self), Ftps(self), http.Http(self), Https(self)]
        modem.on_free.append(self._pump)

    def _pump(self):
        for stream in list(self.streams):
            stream.pump()

    def choice(self, quirk):
        """The value of a quirk."""
        return self.modem.model.quirks[quirk]

    def finality(self, name, failure=None):
        """A command that reports by its final result alone; see `services.Finality`."""
        return Finality(self, name, failure)

    def local_path(self, path, folder):
        """Where a remote file is kept: its last part, in `folder` or (None) the current one."""
        name = path.rpartition("/")[2]
        try:
            return self.fs.drives.resolve(name, folder) if folder else self.fs.find(name)
        except ValueError:
            raise ParameterError() from None

    def keep(self, path, data, failure):
        """Write a file that has been fetched: 0, or `failure`."""
        try:
            self.fs.drives.need_folder(path.rpartition("/")[0])
            self.fs.drives.write(path, data)
        except (KeyError, OSError):
            return failure
        return 0

    # Called by the core and by faults ----------------------------------------------------------------------------------

    def _reset(self):
        super()._reset()
        self.fs.reset()
        for service in self._services:
            service.reset()

    def boot_lines(self):
        return _BOOT if self.quirk("boot", "start") else super().boot_lines()

    def error(self, code):
        name = self.modem.job.current.name
        if name.startswith("+CFTP") and not name.startswith("+CFTPS"):
            return CmeError(ftp.BUSY if code == errors.BUSY else code)
        if name == "+CHTTPACT":
            return CmeError(http.BUSY if code == errors.BUSY else code)
        return super().error(code)

    def lose_contexts(self):
        super().lose_contexts()
        for service in self._services:
            service.lose()

    def close_all(self):
        super().close_all()
        for service in self._services:
            service.end_all()
