"""Files on Quectel modules: QFUPL, QFDWL, QFLST, QFDEL, QFLDS.

The SSL documents send certificates onto the module with AT+QFUPL and refer to the vendor's FILE manual for it; the syntax here is
the one of "BG96 FILE AT Commands Manual", chapter 2, which the vendor's other LTE modules share.
"""

from ..at.command import PENDING, Command
from ..at.params import fields, fits, quoted, split, text
from ..compat import const
from ..errors import CommandError, ModemError, ProtocolError
from ..files import FileStore, Sink, Source

_NAME = const(80)  # bytes; longest file name of QFUPL
_ANSWER_MS = const(10000)
_INPUT_S = const(10)  # the module ends an upload when no byte comes for so long
_SLOW_MS = const(2)  # most ms per byte of a transfer: a line of 9600 Bd takes 1.04
_CONNECT = b"CONNECT"
_ACK = const(65)  # "A": in ACK mode the module sends it after each block, without a line end
_ACK_BLOCK = const(1024)
_KEPT = const(16384)  # bytes; largest file that is kept in memory while another one takes its place
_FAMILY = "quectel-file"


class Checksum:
    """The module's checksum: XOR of the file's big-endian 16-bit words, an odd last byte being a high half."""

    def __init__(self):
        self._high = 0
        self._low = 0
        self._odd = False

    def __call__(self, block):
        high, low = (self._low, self._high) if self._odd else (self._high, self._low)
        for i in range(0, len(block) - 1, 2):
            high ^= block[i]
            low ^= block[i + 1]
        if len(block) & 1:
            high ^= block[-1]
            high, low = low, high
            self._odd = not self._odd
        self._high, self._low = (low, high) if self._odd else (high, low)

    def value(self):
        """Return the 16-bit number."""
        return self._high << 8 | self._low


class Transfer(Command):
    """A command that answers CONNECT, moves bytes without a prompt, and ends with a line of size and checksum and OK.

    `open`: the next block may be sent. `acks`: the module asks for each block after the first one.
    """

    connected = False

    def __init__(self, engine, line, name, size, sink=None, acks=False):
        super().__init__(line, name, 2 * _ANSWER_MS + _INPUT_S * 1000 + _SLOW_MS * size)
        self._name = name
        self.prefix = b""  # on_info() looks at every line, CONNECT too
        self._sink = sink
        self._engine = engine
        if acks:
            self.data = b""  # the engine writes nothing when the module asks: put() does

    def on_info(self, buf, s, e):
        if not self.connected and e - s == len(_CONNECT) and buf.startswith(_CONNECT, s):
            self.connected = self.open = self._engine.changed = True
            if self._sink is not None and self._sink.size:
                self._engine.expect(self._sink.size, self._sink, self)
            return True
        return buf.startswith(self._name, s) and Command.on_info(self, buf, s, e)

    def is_fed(self):
        return self.connected

    def outcome(self):
        """Return (size, checksum) as the module has counted them. ProtocolError where it has reported none."""
        shown = text(self.lines[-1]) if self.lines else "nothing"
        values = shown[shown.find(":") + 1 :].split(",")
        try:
            return int(values[0]), int(values[1].strip(), 16)
        except (IndexError, ValueError):
            raise ProtocolError("no size and checksum in the answer: " + shown, command=text(self.echo))


def store(m, name, what):
    """See Dialect.part. The documents of EC600E and EC800E have no commands for files."""
    dialect = m.dialect
    if not dialect.tls:
        raise dialect.lacks("file commands")
    if dialect.files is None:
        dialect.files = QuectelFiles(m)
    return dialect.files


class QuectelFiles(FileStore):
    """The module's flash, "UFS"."""

    def __init__(self, module):
        super().__init__(module)
        self._undone = []  # uploads that were broken off: (quoted name, content of the file they were to replace or None)

    async def put(self, name, source, progress):
        stored = quoted("name", name, _NAME)
        await self._tidy()
        old = None
        size = await self._size(stored)
        if size is not None:
            old = await self._content(stored, size)
            await self._run(b"+QFDEL=" + stored)
        command = self._upload_command(stored, source.size)
        try:
            await self._upload(command, source, progress)
        except BaseException as error:
            if command.connected or old is not None:
                self._undone.append((stored, old))
            if isinstance(error, (CommandError, ProtocolError)):  # the module answers: at once
                try:
                    await self._tidy()
                except ModemError:
                    error.text += "; the old file could not be put back"
            raise

    async def get(self, name, sink):
        stored = quoted("name", name, _NAME)
        await self._tidy()
        size = await self._size(stored)
        if size is None:
            raise CommandError("there is no file %s" % text(stored), command="AT+QFLST=" + text(stored))
        await self._download(stored, size, sink)
        return sink.result()

    async def listing(self, pattern):
        wanted = quoted("pattern", pattern, _NAME)
        await self._tidy()
        return await self._list(wanted)

    async def remove(self, name):
        stored = quoted("name", name, _NAME)
        await self._tidy()
        await self._run(b"+QFDEL=" + stored)

    async def free(self):
        await self._tidy()
        lines = await self._run(b'+QFLDS="UFS"', b"+QFLDS:")
        return fields(lines, "n", b"+QFLDS")[0]

    # --- what they are made of

    def _upload_command(self, stored, size):
        acks = not getattr(self.module.port, "flow_control", False)  # bytes are lost while the module writes a block to its flash
        line = b"AT+QFUPL=%s,%d,%d%s\r" % (stored, size, _INPUT_S, b",1" if acks else b"")
        return Transfer(self.module.engine, line, b"+QFUPL:", size, acks=acks)

    async def _upload(self, command, source, progress):
        checksum = Checksum()
        await _named(self._feed(command, source, checksum, progress))
        size, told = command.outcome()
        if size != source.size or told != checksum.value():
            raise ProtocolError(
                "the module stored %d of %d bytes, checksum %04x where %04x was sent; the file was removed"
                % (size, source.size, told, checksum.value()),
                command=text(command.echo),
            )

    async def _feed(self, command, source, checksum, progress):
        """Run `command` to its end, and send the blocks of `source` meanwhile."""
        m = self.module
        engine = m.engine
        acks = command.data is not None
        done = 0
        try:
            await m.acquire(command, None)
            engine.begin(command)
            while command.result == PENDING:
                if command.open and done < source.size and not engine.unsent():
                    block = source.block(_ACK_BLOCK) if acks else source.block()
                    if acks:
                        command.open = False
                        engine.parser.await_prompt(True, _ACK)
                    checksum(block)
                    done += len(block)
                    engine.write(block, 0, len(block))
                    if progress is not None:
                        progress(done, source.size)
                else:
                    await m.turn(None)
            if done < source.size and command.connected:
                engine.desync = True  # part of the file may stand in the module's command line
            await m.judge(command)
        finally:
            m.release(command)

    async def _download(self, stored, size, sink):
        checksum = Checksum()
        sink.begin(size, checksum)
        command = Transfer(self.module.engine, b"AT+QFDWL=%s\r" % stored, b"+QFDWL:", size, sink)
        await _named(self.module.run(command))
        if sink.done != size or command.outcome() != (size, checksum.value()):
            raise ProtocolError("the file %s came damaged: %d of %d bytes" % (text(stored), sink.done, size))

    async def _content(self, stored, size):
        """Return the content of a file, None where it is large or the module does not hand it out."""
        if size > _KEPT:
            return None
        sink = Sink()
        try:
            await self._download(stored, size, sink)
        except CommandError:
            return None
        return sink.result() or None

    async def _run(self, line, prefix=None):
        return await _named(self.module.cmd(line, prefix, _ANSWER_MS))

    async def _list(self, wanted):
        found = []
        for line in await self.module.attempt(b"+QFLST=" + wanted, b"+QFLST:", _ANSWER_MS) or ():
            values = split(line)
            if fits(values, "tn") and (_bare(values[0]), values[1]) not in found[-1:]:  # the line came twice
                found.append((_bare(values[0]), values[1]))
        return found

    async def _size(self, stored):
        """Return the size of a file, None when it is not there (an empty list, or ERROR)."""
        wanted = _bare(text(stored).strip('"'))
        for name, size in await self._list(stored):
            if name == wanted:
                return size
        return None

    async def _tidy(self):
        """Remove what broken-off uploads have left, and put back the files that they were to replace."""
        while self._undone:
            entry = self._undone.pop()  # no other task does it too
            stored, old = entry
            try:
                await self.module.attempt(b"+QFDEL=" + stored, limit_ms=_ANSWER_MS)
                if old is not None:
                    await self._upload(self._upload_command(stored, len(old)), Source(old), None)
            except (CommandError, ProtocolError):
                raise  # trying again would not help
            except BaseException:
                self._undone.append(entry)
                raise


async def _named(running):
    """Await `running`; the numbers of its CommandError are those of the FILE manual."""
    try:
        return await running
    except CommandError as error:
        error.family = _FAMILY
        raise


def _bare(name):
    """Return a name without the prefix of the flash storage, which some models print and others do not."""
    return name[4:] if name[:4].upper() == "UFS:" else name
