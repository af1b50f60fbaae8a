"""Files on Quectel modules: QFUPL, QFDWL, QFLST, QFDEL, QFLDS.

The SSL documents send certificates onto the module with AT+QFUPL and refer to the vendor's FILE manual for it; the syntax here is
the one of "BG96 FILE AT Commands Manual", chapter 2, which the vendor's other LTE modules share.
"""

from ..compat import const
from ..errors import CommandError, ProtocolError
from ..params import quoted, split, text
from ..request import PENDING, Request

_NAME = const(80)  # bytes; longest file name of QFUPL
_ANSWER_MS = const(10000)
_INPUT_S = const(10)  # the module gives an upload up when no byte comes for so long
_SLOW_MS = const(2)  # most ms per byte of a transfer: a line of 9600 Bd takes 1.04


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


class Transfer(Request):
    """A command that answers CONNECT, moves bytes without a prompt, and ends with an information line and OK."""

    def __init__(self, line, name, size, sink=None):
        super().__init__(line, name, 2 * _ANSWER_MS + _INPUT_S * 1000 + _SLOW_MS * size)
        self._name = name
        self.prefix = b""  # every line is looked at, CONNECT too
        self.connected = False
        self._sink = sink
        self._engine = None

    def on_info(self, buf, s, e):
        if not self.connected and e - s == 7 and buf.startswith(b"CONNECT", s):
            self.connected = True
            if self._sink is not None and self._sink.size:
                self._engine.expect(self._sink.size, self._sink, self)
            self._engine.changed = True
            return True
        return buf.startswith(self._name, s) and Request.on_info(self, buf, s, e)

    def on(self, engine):
        """Say which engine counts the payload; returns the request."""
        self._engine = engine
        return self


def _outcome(request):
    """Return (size, checksum) of the last information line, checksum None when there is none."""
    if not request.lines:
        return None, None
    line = text(request.lines[-1])
    fields = line[line.find(":") + 1 :].split(",")
    try:
        return int(fields[0]), int(fields[1].strip(), 16) if len(fields) > 1 else None
    except ValueError:
        raise ProtocolError("no size and checksum: " + line)


def _plain(line, prefix=None):
    return Request(b"AT" + line + b"\r", prefix, _ANSWER_MS)


async def _run(m, request):
    return await _named(m._run(request))


async def _named(running):
    """Await `running`; the numbers of its CommandError are those of the FILE manual."""
    try:
        return await running
    except CommandError as error:
        error.family = "quectel-file"
        raise


async def put(m, name, source, progress):
    """See Files.put."""
    stored = quoted("name", name, _NAME)
    await _tidy(m)
    if await _size(m, stored) is not None:
        await _run(m, _plain(b"+QFDEL=" + stored))
    line = b"AT+QFUPL=%s,%d,%d\r" % (stored, source.size, _INPUT_S)
    request = Transfer(line, b"+QFUPL:", source.size).on(m._engine)
    checksum = Checksum()
    upload = _Upload(m, source, checksum, progress)
    try:
        await upload.run(request)
    except BaseException:
        if request.connected:
            _leftovers(m).append(stored)  # removed before the next operation on files
        raise
    size, told = _outcome(request)
    if size is None:
        size = await _size(m, stored)
    if size != source.size or told not in (None, checksum.value()):
        await m._try(b"+QFDEL=" + stored, limit_ms=_ANSWER_MS)
        raise ProtocolError(
            "the module stored %s of %d bytes, checksum %s where %04x was sent; the file was removed"
            % (size, source.size, "none" if told is None else "%04x" % told, checksum.value()),
            command=text(line).strip(),
        )


class _Upload:
    """Feeds a Transfer with what a Source has."""

    def __init__(self, m, source, checksum, progress):
        self._m = m
        self._source = source
        self._checksum = checksum
        self._progress = progress
        self._done = 0

    async def run(self, request):
        """Run `request` to its end; CommandError and the like as for every command."""
        m = self._m
        engine = m._engine
        await m._acquire(None)
        engine.begin(request)
        while request.result == PENDING:
            if request.connected and self._done < self._source.size and engine.flush():
                block = self._source.block()
                self._checksum(block)
                self._done += len(block)
                engine.write(block, 0, len(block))
                if self._progress is not None:
                    self._progress(self._done, self._source.size)
            elif request.result == PENDING:
                await m._turn(None)
        if self._done < self._source.size and request.connected:
            engine.desync = True  # part of the file may stand in the module's command line
        await _named(m._judge(request))


async def get(m, name, sink):
    """See Files.get."""
    stored = quoted("name", name, _NAME)
    await _tidy(m)
    size = await _size(m, stored)
    if size is None:
        raise CommandError("there is no file %s" % text(stored), command="AT+QFLST=" + text(stored))
    checksum = Checksum()
    sink.begin(size, checksum)
    request = Transfer(b"AT+QFDWL=%s\r" % stored, b"+QFDWL:", size, sink).on(m._engine)
    await _run(m, request)
    told_size, told = _outcome(request)
    if sink.done != size or told_size not in (None, size) or told not in (None, checksum.value()):
        raise ProtocolError("the file %s came damaged: %d of %d bytes" % (text(stored), sink.done, size))
    return sink.result()


async def listing(m, pattern):
    """See Files.list."""
    wanted = quoted("pattern", pattern, _NAME)
    await _tidy(m)
    found = []
    for line in await m._try(b"+QFLST=" + wanted, b"+QFLST:", _ANSWER_MS) or ():
        values = split(line)
        if len(values) >= 2 and isinstance(values[0], str):
            found.append((_bare(values[0]), values[1]))
    return found


async def remove(m, name):
    """See Files.remove."""
    stored = quoted("name", name, _NAME)
    await _tidy(m)
    await _run(m, _plain(b"+QFDEL=" + stored))


async def free(m):
    """See Files.free."""
    await _tidy(m)
    lines = (await _run(m, _plain(b'+QFLDS="UFS"', b"+QFLDS:"))).lines
    return split(lines[-1])[0] if lines else None


async def _size(m, stored):
    """Return the size of a file, None when it is not there (an empty list, or ERROR)."""
    lines = await m._try(b"+QFLST=" + stored, b"+QFLST:", _ANSWER_MS)
    wanted = _bare(text(stored).strip('"'))
    for line in lines or ():
        values = split(line)
        if len(values) >= 2 and isinstance(values[0], str) and _bare(values[0]) == wanted:
            return values[1]
    return None


def _bare(name):
    """Return a name without the prefix of the flash storage, which some models print and others do not."""
    return name[4:] if name[:4].upper() == "UFS:" else name


def _leftovers(m):
    if m.dialect.leftovers is None:
        m.dialect.leftovers = []
    return m.dialect.leftovers


async def _tidy(m):
    """Remove what uploads that were given up have left behind."""
    while m.dialect.leftovers:
        await m._try(b"+QFDEL=" + m.dialect.leftovers[-1], limit_ms=_ANSWER_MS)
        m.dialect.leftovers.pop()
