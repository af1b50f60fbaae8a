"""What AT+CFTP... and AT+CFTPS... share: the type of a transfer, and files between the server and the module.

"AT Command Set for Internet Service", SIM7100, 0.01, 5.7, 5.8, 8.12, 8.13.
"""

from ..commands import ParameterError
from .services import name_parameter

# Folders of AT+CFTPGETFILE and CFTPPUTFILE; 0 is the current one. From general knowledge: the document does not tell them.
FOLDERS = (None, "C:/Picture", "C:/Video", "C:/VideoCall", "D:/Picture", "D:/Video", "D:/VideoCall", "C:/Audio", "D:/Audio")
_PART = 8192


class Transfers:
    """A class with `_simcom`, `_task`, `_type`, `_later(name, begin)` for commands whose result line comes after OK, and
    `_run(work, done)`, which lets `work(worker, session)` do its part and calls `done(code, result)`."""

    def _set_type(self, parameters):
        parameters.count(1, 1)
        kind = parameters.str(0, 1, bare=True).upper()
        if kind not in ("A", "I"):
            raise ParameterError()
        self._type = kind

    def _alive(self):
        if self._task:
            self._task.alive()

    def _taken(self, count):
        """Blocks are on their way to the host."""
        if self._task:
            self._task.alive()
            self._task.worker.taken(count)

    def _file_parameters(self, parameters):
        parameters.count(2, 2)
        path, place = name_parameter(parameters), parameters.int(1, 0, len(FOLDERS) - 1)
        return path, self._simcom.local_path(path, FOLDERS[place])

    def _get_file(self, name, parameters, failure):
        """From the server to the module; `failure` is the code when the drive is full."""
        path, local = self._file_parameters(parameters)
        kind, room = self._type, self._simcom.fs.drives.capacity

        def begin(finish):
            data = bytearray()

            def work(worker, session):
                def give(part):
                    data.extend(part)
                    if len(data) > room:
                        raise OSError("the drive is full")
                    worker.tell(self._alive)

                session.retrieve(worker, "RETR " + path, kind, give)

            def done(code, result):
                finish(failure if len(data) > room else code or self._simcom.keep(local, data, failure))

            self._run(work, done)

        return self._later(name, begin)

    def _put_file(self, name, parameters, failure):
        """From the module to the server; `failure` is raised when there is no such file."""
        path, local = self._file_parameters(parameters)
        try:
            data = self._simcom.fs.drives.read(local)
        except KeyError:
            raise failure from None
        kind = self._type

        def begin(finish):
            def work(worker, session):
                def parts():
                    for at in range(0, len(data), _PART):
                        worker.tell(self._alive)
                        yield data[at : at + _PART]

                session.store(worker, "STOR " + path, kind, parts())

            self._run(work, lambda code, result: finish(code))

        return self._later(name, begin)
