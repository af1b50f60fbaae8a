"""The file system of SIM7100: CFTRANRX, CFTRANTX, FSCD, FSLS, FSATTRI, FSDEL, FSMEM.

"SIM7100 AT Command Set for Internet Service" 0.01 only names AT+FSCD and AT+FSLOCA; all of this is general knowledge of the
family. `C:/` is the module's own memory, `D:/` a storage card. Names without a drive are in `C:/`, except those that end in
.pem or .der: they go to the certificate store, as on A76XX (files.py).
"""

from ..compat import const
from ..errors import CommandError, ProtocolError
from ..fields import digits
from ..params import plain, split, text
from ..request import Request
from . import files
from .transfer import RING, Inflow
from .upload import Upload

_ANSWER_MS = const(30000)
_NAME = const(250)


def _of_store(name):
    if isinstance(name, bytes):
        name = name.decode()
    return name[:4].upper() == "UFS:" or (name[1:2] != ":" and name[-4:].lower() in (".pem", ".der"))


def path_of(what, name):
    """Return the whole path of a file as bytes; names without a drive are in `C:/`. ValueError."""
    path = plain(what, name, _NAME).replace(b"\\", b"/")
    if path[1:2] != b":":
        path = b"C:/" + path.lstrip(b"/")
    if path.endswith(b"/") or path.find(b"//") >= 0:
        raise ValueError("%s is no name of a file" % what)
    return path


async def enter(m, path):
    """Make the folder of `path` the current one; return the name without it, as a command takes it."""
    cut = path.rfind(b"/") + 1
    await m._cmd(b"+FSCD=" + path[:cut], limit_ms=_ANSWER_MS, prefix=b"+FSCD:")
    name = path[cut:]
    return b'"' + name + b'"' if b"," in name or b" " in name else name


async def put(m, name, source, progress):
    """See Files.put."""
    if _of_store(name):
        return await files.put(m, name, source, progress)
    path = path_of("name", name)
    counted = _Whole(source, progress)
    upload = Upload(m._engine, b'+CFTRANRX="%s",%d' % (path, source.size), None, None, "cme")
    try:
        await upload.send(m, counted)
        counted.check()
        size = await _size(m, path)
    except BaseException:
        if upload.open:
            await m._try(b"+FSDEL=" + await enter(m, path), limit_ms=_ANSWER_MS)
        raise
    if size not in (None, source.size):
        raise ProtocolError("the module stored %d bytes of %d" % (size, source.size), command="AT+CFTRANRX=" + text(path))


class _Whole:
    """A Source whose every byte the module waits for, without end.

    When it ends early, or the caller is cancelled, zeros make up the rest, and `check` raises.
    """

    def __init__(self, source, progress):
        self._source = source
        self._progress = progress
        self._done = 0
        self._error = None

    def block(self):
        left = self._source.size - self._done
        block = b""
        if self._error is None:
            try:
                block = self._source.block()
                if self._progress is not None and block:
                    self._progress(self._done + len(block), self._source.size)
            except Exception as error:
                self._error = error
        if self._error is not None and not block:
            block = bytes(min(left, 512))
        self._done += len(block)
        return block

    def fail(self, error):
        first = self._error is None
        self._error = self._error or error
        return first

    def check(self):
        if self._error is not None:
            raise self._error


async def get(m, name, sink):
    """See Files.get."""
    if _of_store(name):
        return await files.get(m, name, sink)
    path = path_of("name", name)
    size = await _size(m, path)
    if size is None:
        raise CommandError("there is no file %s" % text(path), command="AT+FSATTRI")
    sink.begin(size)
    await fetch(m, path, _Into(sink), None)
    if sink.done != size:
        raise ProtocolError("the file %s came damaged: %d of %d bytes" % (text(path), sink.done, size))
    return sink.result()


class _Into:
    def __init__(self, sink):
        self._sink = sink

    def write(self, data):
        self._sink.write(data, 0, len(data))


async def fetch(m, path, into, progress):
    """Write the file `path` into `into`, in blocks, with `progress(done)` after each; return its size."""
    flow = await Inflow(m, (b"+CFTRANTX:",), "cme", RING).listen()
    await flow.start(Request(b'AT+CFTRANTX="%s"\r' % path, None, 86400000))
    return await flow.pour(into, progress)


class _Rows(Request):
    """Any number of bare lines."""

    def on_info(self, buf, s, e):
        self.lines.append(bytes(memoryview(buf)[s:e]))
        return True


async def listing(m, pattern):
    """See Files.list: `pattern` may begin with a folder ("C:/Email/*"); the certificate store is asked for .pem and .der."""
    if _of_store(pattern):
        return await files.listing(m, pattern)
    path = path_of("pattern", pattern)
    wanted = path[path.rfind(b"/") + 1 :]
    await enter(m, path)
    request = _Rows(b"AT+FSLS=2\r", b"+FSLS:", _ANSWER_MS, bare=True)
    await m._run(request)
    found = []
    head, star, tail = wanted.partition(b"*")
    for line in request.lines:
        if line.startswith(b"+FSLS:") or not (line == wanted or (star and _fits(line, head, tail))):
            continue
        found.append((text(line), await _size(m, path[: path.rfind(b"/") + 1] + line)))
    return found


def _fits(name, head, tail):
    return len(name) >= len(head) + len(tail) and name.startswith(head) and (tail in (b"", b".*") or name.endswith(tail))


async def remove(m, name):
    """See Files.remove."""
    if _of_store(name):
        return await files.remove(m, name)
    await m._cmd(b"+FSDEL=" + await enter(m, path_of("name", name)), limit_ms=_ANSWER_MS)


async def free(m):
    """See Files.free: bytes left on C:, None where the module does not tell."""
    for line in await m._cmd(b"+FSMEM", b"+FSMEM:", _ANSWER_MS):
        at = line.find(b"C:(")
        comma = line.find(b",", at)
        if at >= 0 and comma > 0:
            return digits(line, at + 3, len(line)) - digits(line, comma + 1, len(line))
    return None


async def _size(m, path):
    """Return the size of a file, None when it is not there."""
    lines = await m._try(b"+FSATTRI=" + await enter(m, path), b"+FSATTRI:", _ANSWER_MS)
    return split(lines[-1])[0] if lines else None
