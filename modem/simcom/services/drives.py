"""The file system of SIM7100: CFTRANRX, CFTRANTX, FSCD, FSLS, FSATTRI, FSDEL, FSMEM, FSMKDIR.

"SIM7100 AT Command Set for Internet Service" 0.01 only names AT+FSCD and AT+FSLOCA; all of this is general knowledge of the
family. `C:/` is the module's own memory, `D:/` a storage card. Names without a drive are in `C:/`. Most commands take a name in
the current folder, unquoted: folder and command go out in one turn on the line, and a name that could be read as a command is
refused.
"""

from ...at.command import Command
from ...at.params import digits, plain, split, text
from ...compat import const
from ...errors import CommandError, ProtocolError
from ...files import FileStore
from ...net.link import ByteRing
from .inflow import DAY_MS, RING, Inflow
from .outflow import Upload

_ANSWER_MS = const(30000)
_NAME = const(250)
_QUESTION, _SHOWN = b"AT+CMEE?\r", b"+CMEE:"
_RESULTS = (b"OK", b"ERROR")
_REASON = b"+CME ERROR"
_FILL = const(512)  # bytes of a block that stands for data which the program no longer gives


def path_of(what, name):
    """Return the whole path of a file as bytes; names without a drive are in `C:/`.

    ValueError naming `what` for what is no path, is longer than 250 bytes, or holds a character that ends a command: `;`, `&`, a
    quote, a control character.
    """
    path = plain(what, name, _NAME).replace(b"\\", b"/")
    if path[1:2] != b":":
        path = b"C:/" + path.lstrip(b"/")
    if path.endswith(b"/") or path.find(b"//") >= 0 or path[2:3] != b"/":
        raise ValueError("%s is not the name of a file" % what)
    if b";" in path or b"&" in path:
        raise ValueError("%s must not contain ; or &" % what)
    return path


def folder_of(path):
    """Return the folder of a path, with its `/`."""
    return path[: path.rfind(b"/") + 1]


def last_name(path):
    """Return the last part of a path as a command takes it: quoted where it has a comma or a blank."""
    name = path[len(folder_of(path)) :]
    return b'"' + name + b'"' if b"," in name or b" " in name else name


def enter(path):
    """Return the Command that makes the folder of `path` the current one."""
    return Command(b"AT+FSCD=" + folder_of(path) + b"\r", b"+FSCD:", _ANSWER_MS)


async def run_in_folder(m, path, command, into=None):
    """Run `command` while the folder of `path` is the current one: no other task can enter another one before it. `into`: the
    Command that enters it."""
    try:
        await m.acquire(command, None)
        for each in (into or enter(path), command):
            await m.finish(each, None)
            await m.judge(each)
    finally:
        m.release(command)
    return command


async def size_of(m, path):
    """Return the size of a file, None when it is not there."""
    command = Command(b"AT+FSATTRI=" + last_name(path) + b"\r", b"+FSATTRI:", _ANSWER_MS)
    try:
        await run_in_folder(m, path, command)
    except CommandError:
        return None
    values = split(command.lines[-1]) if command.lines else ()
    return values[0] if values and isinstance(values[0], int) else None


async def make_folder(m, path):
    """Make the folder of `path`, in the root of its drive, unless it is there."""
    folder = folder_of(path)
    try:
        await run_in_folder(m, folder[:3], Command(b"AT+FSMKDIR=" + folder[3:-1] + b"\r", None, _ANSWER_MS))
    except CommandError:
        pass  # it is there already, or what is stored in it is refused


async def empty_folder(m, folder):
    """Have an empty `folder` (with its `/`) in the root of a drive: make it, or delete its files where the module confirms that
    this is the current folder.
    """
    into = enter(folder)
    rows = Command(b"AT+FSLS=2\r", b"+FSLS:", _ANSWER_MS, bare=True)
    try:
        await run_in_folder(m, folder, rows, into)
    except CommandError:
        await make_folder(m, folder)
        return
    if not into.lines or into.lines[-1].find(folder[:-1]) < 0:
        return
    for line in rows.lines:
        if not line.startswith(b"+FSLS:"):
            try:
                await remove(m, path_of("name", folder + line))
            except (CommandError, ValueError):
                pass  # it is gone already, or its name is none of ours


async def remove(m, path):
    """Delete a file. CommandError when there is none."""
    await run_in_folder(m, path, Command(b"AT+FSDEL=" + last_name(path) + b"\r", None, _ANSWER_MS))


async def store(m, path, source, progress):
    """Store a Source (files.py) as `path`; what arrived in part is removed. See Files.put."""
    counted = _Whole(source, progress)
    upload = Upload(m, b'+CFTRANRX="%s",%d' % (path, source.size), None, None, "cme")
    try:
        await upload.send(counted, size=source.size)
        counted.check()
        size = await size_of(m, path)
    except BaseException:
        if upload.open:
            try:
                await remove(m, path)
            except CommandError:
                pass
        raise
    if size not in (None, source.size):
        raise ProtocolError("the module stored %d bytes of %d" % (size, source.size), command="AT+CFTRANRX=" + text(path))


async def fetch(m, path, into, progress):
    """Write the file `path` into `into`, in blocks, with `progress(done)` after each; return its size."""
    flow = await Inflow(m, (b"+CFTRANTX:",), "cme", ByteRing(RING)).listen()
    await flow.start(b'+CFTRANTX="%s"' % path, DAY_MS)
    return await flow.pour(into, progress)


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
            block = bytes(min(left, _FILL))
        self._done += len(block)
        return block

    def fail(self, error):
        """See outflow.Ending.fail."""
        first = self._error is None
        self._error = self._error or error
        return first

    def check(self):
        """Raise what went wrong with the source."""
        if self._error is not None:
            raise self._error


class _Names(Command):
    """AT+FSLS=2: a line with a colon, and bare names, of which none has one.

    A file may be called OK or ERROR, so a question is typed behind the first such line: what comes before its answer belongs to
    the list, and the last of it is the result.
    """

    def __init__(self, engine):
        super().__init__(b"AT+FSLS=2\r", None, _ANSWER_MS)
        self.prefix = b""  # every line
        self.armed = False
        self._engine = engine
        self._asked = False

    def on_info(self, buf, s, e):
        line = bytes(memoryview(buf)[s:e])
        if line.startswith(_SHOWN) and self._asked:
            self.armed = True
        elif b":" in line:
            self.armed = self.armed or line.startswith(_REASON)
            return line.startswith(b"+FSLS:")
        elif self.armed or line in (self.echo, _QUESTION[:-1]):
            return False
        else:
            if not self._asked and line in _RESULTS:
                self._asked = True
                self._engine.write(_QUESTION, 0, len(_QUESTION))
            return Command.on_info(self, buf, s, e)
        return True


async def _names(m, path):
    """Return the names in the folder of `path`."""
    rows = await run_in_folder(m, path, _Names(m.engine))
    while rows.lines and rows.lines[-1] not in _RESULTS:
        rows.lines.pop()  # nobody knows what this was
    if rows.dropped or not rows.lines:
        raise ProtocolError("the folder has too many files to list", command="AT+FSLS=2")
    if rows.lines.pop() == _RESULTS[1]:
        raise CommandError("command failed", command="AT+FSLS=2")
    return rows.lines


class _Into:
    """The program's side of a Sink (files.py)."""

    def __init__(self, sink):
        self._sink = sink

    def write(self, data):
        self._sink.write(data, 0, len(data))


class Drives(FileStore):
    """The files on the drives, as `modem.files` uses them."""

    async def put(self, name, source, progress):
        """See Files.put."""
        await store(self.module, path_of("name", name), source, progress)

    async def get(self, name, sink):
        """See Files.get."""
        m, path = self.module, path_of("name", name)
        size = await size_of(m, path)
        if size is None:
            raise CommandError("there is no file %s" % text(path), command="AT+FSATTRI")
        sink.begin(size)
        await fetch(m, path, _Into(sink), None)
        if sink.done != size:
            raise ProtocolError("the file %s came damaged: %d of %d bytes" % (text(path), sink.done, size))
        return sink.result()

    async def listing(self, pattern):
        """See Files.list; `pattern` may begin with a folder ("C:/Email/*"). The size of a file whose name cannot be typed in a
        command is None."""
        path = path_of("pattern", pattern)
        head, star, tail = path[len(folder_of(path)) :].partition(b"*")
        found = []
        for line in await _names(self.module, path):
            if not _matches(line, head, star, tail):
                continue
            try:
                size = await size_of(self.module, path_of("name", folder_of(path) + line))
            except ValueError:
                size = None
            found.append((text(line), size))
        return found

    async def remove(self, name):
        """See Files.remove."""
        await remove(self.module, path_of("name", name))

    async def free(self):
        """See Files.free: bytes left on C:, None where the module does not report them."""
        for line in await self.module.cmd(b"+FSMEM", b"+FSMEM:", _ANSWER_MS):
            at = line.find(b"C:(")
            comma = line.find(b",", at)
            if at >= 0 and comma > 0:
                return digits(line, at + 3, len(line)) - digits(line, comma + 1, len(line))
        return None


def _matches(name, head, star, tail):
    if not star:
        return name == head
    return len(name) >= len(head) + len(tail) and name.startswith(head) and (tail in (b"", b".*") or name.endswith(tail))
