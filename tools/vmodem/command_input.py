"""What the host types while no payload is expected: echo, the end of a command line and what may follow it, `A/`."""

LONGEST_LINE = 4096
_CR_LF = b"\r\n"
_TAIL_CHARACTERS = 2  # character times after a command line in which a line feed still belongs to it
_UNPACED_RATE = 115200  # what a line without a baud rate takes for one where that matters


class CommandInput:
    """Bytes that have been heard and not dealt with (`buffer`); `start(text)` is called with each command line, or with None for
    one that is too long."""

    def __init__(self, modem, start):
        self._modem = modem
        self._start = start
        self.buffer = bytearray()
        self.clear()

    def clear(self):
        """A restart of the module."""
        self.buffer.clear()
        self._echoed = 0
        self._overlong = False
        self._tail = b""  # of these bytes the next one still belongs to the command line
        self._over_at = 0.0  # from this moment on it does not
        self._waiting = None  # what goes on then

    def add(self, data):
        """Bytes that the module has heard."""
        while self._tail and data and data[0] in self._tail:
            self._tail = self._tail.partition(data[:1])[2]
            data = data[1:]
        if data or not self._tail:
            self._line_is_over()
        self.buffer += data

    def take_line(self):
        """Echo what is new; when a whole line is there, start it. False: more input is needed."""
        buffer, general = self.buffer, self._modem.general
        end = buffer.find(general.terminator, self._echoed)
        stop = end + 1 if end >= 0 else len(buffer)
        if general.echo and stop > self._echoed:
            self._modem.send(bytes(memoryview(buffer)[self._echoed : stop]))
        self._echoed = stop
        if end < 0:
            if len(buffer) > LONGEST_LINE:
                self._overlong = True
                self._drop(len(buffer))
            if bytes(buffer).strip().upper() != b"A/":
                return False
            self._drop(len(buffer))
            self._ended(_CR_LF)
            self._start("A/")
            return True
        text = bytes(memoryview(buffer)[:end]).decode("latin-1")
        self._drop(end + 1)
        if not buffer:
            self._ended(_CR_LF[1:])
        elif buffer[0] == _CR_LF[1]:
            del buffer[:1]
        overlong, self._overlong = self._overlong or end > LONGEST_LINE, False
        self._start(None if overlong else text)
        return True

    def _drop(self, count):
        del self.buffer[:count]
        self._echoed = 0

    # What may follow a line --------------------------------------------------------------------------------------------

    def _ended(self, tail):
        line = self._modem.line
        self._tail = tail
        self._over_at = line.now() + _TAIL_CHARACTERS * 10 / (line.rate or _UNPACED_RATE)

    def when_over(self, callback, *args):
        """Call back when no line feed can follow the command line any more: it must not be taken for payload."""
        line = self._modem.line
        wait_s = self._over_at - line.now()
        if self._tail and wait_s > 0:
            self._waiting = callback, args
            line.after(wait_s, self._tail_missing, self._waiting)
        else:
            self._tail = b""
            callback(*args)

    def _tail_missing(self, waiting):
        if waiting is self._waiting:
            self._line_is_over()

    def _line_is_over(self):
        self._tail = b""
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting[0](*waiting[1])
