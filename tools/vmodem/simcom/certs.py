"""The certificate store: AT+CCERTDOWN, CCERTLIST, CCERTDELE, CCERTMOVE (AT, chapter "SSL").

Certificates lie in the module's folder of files, so that what AT+CCERTMOVE would move is there already.
"""

import html

from ..commands import AtError, ParameterError
from ..phases import CountedPhase

LONGEST = 10240
_NON_ASCII = "{non-ascii}"
_ENDINGS = (".pem", ".der")


def file_name(parameters, index, empty=False):
    """A certificate's name: 5 to 108 bytes with a known ending; `{non-ascii}"<hex>"` is the UTF-8 of its `&#x....;` notation."""
    text = parameters.str(index, 300, default="" if empty else None, bare=True) if parameters.given(index) else ""
    if empty and not text:
        return ""
    if text.startswith(_NON_ASCII + '"') and text.endswith('"'):
        try:
            text = html.unescape(bytes.fromhex(text[len(_NON_ASCII) + 1 : -1]).decode())
        except ValueError:
            raise ParameterError() from None
    elif not parameters.quoted(index):
        raise ParameterError()
    if not 5 <= len(text.encode()) <= 108 or not text.lower().endswith(_ENDINGS):
        raise ParameterError()
    return text


class Certificates:
    """The commands."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._files = simcom.modem.files
        table = simcom.modem.table
        table.add("+CCERTDOWN", test="+CCERTDOWN: (5-108),(1-%d)" % LONGEST, write=self._download)
        table.add("+CCERTLIST", test="", execute=self._list)
        table.add("+CCERTDELE", test="", write=self._delete)
        table.add("+CCERTMOVE", test="", write=self._move)

    def _names(self):
        return [name for name in self._files.names() if name.lower().endswith(_ENDINGS)]

    def _download(self, parameters):
        parameters.count(2, 2)
        name, count = file_name(parameters, 0), parameters.int(1, 1, LONGEST)
        if count > self._files.free():
            raise AtError()
        return self._simcom.prompt(CountedPhase(count, lambda data: self._store(name, data)))

    def _store(self, name, data):
        try:
            self._files.write(name, data)
        except (OSError, ValueError):
            raise AtError() from None

    def _list(self):
        lines = ['+CCERTLIST: "%s"' % name.encode("ascii", "xmlcharrefreplace").decode() for name in self._names()]
        return self._simcom.block(lines) if lines else None

    def _delete(self, parameters):
        parameters.count(1, 1)
        try:
            self._files.remove(file_name(parameters, 0))
        except (KeyError, ValueError):
            raise AtError() from None

    def _move(self, parameters):
        parameters.count(1, 1)
        if file_name(parameters, 0) not in self._names():
            raise AtError()
