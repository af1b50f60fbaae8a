"""The serial line between the module and the host: pacing, the baud rate, and faults that change or cut bytes.

Bytes become visible to the other side no earlier than a real line would have carried them, in steps of about 2 ms; time
in which the line was idle is not saved up. With baud rate 0 the line is as fast as the port.
"""

from collections import deque

TICK_S = 0.002
_HEAR_AHEAD = 512  # bytes taken from the port before the line has carried them
_HEAR_LIMIT = 65536  # bytes the module may have unread before the host is made to wait
_DRAINED = 1024

_GARBAGE = bytes((byte * 37 ^ 0xA5) & 0xFF | 0x80 for byte in range(256))


class _Pace:
    """How many bytes a line of so many bytes per second has carried by now.

    `end` is the moment at which the last byte had been carried: timers fire late, and what follows from that byte counts from
    then, so that the lateness does not add up.
    """

    def __init__(self, clock):
        self._clock = clock
        self.end = 0.0

    def begin(self, moment=None):
        """The line starts to carry after having been idle."""
        self.end = max(self.end, self._clock.now() if moment is None else moment)

    def due(self, rate, count):
        """Of `count` bytes, those that have been carried."""
        return min(count, int((self._clock.now() - self.end) * rate + 0.01))

    def wait_s(self, rate, count):
        """How long until the next step of `count` bytes has been carried."""
        return self.end + min(count / rate, TICK_S) - self._clock.now()

    def carried(self, rate, count):
        self.end += count / rate


class _Spoiler:
    """The faults `drop`, `garble` and `stall` in one direction."""

    def __init__(self, faults, direction):
        self._active = []
        for name in ("drop", "garble", "stall"):
            fault = faults.get(name)
            if fault and fault.text("dir", "out") in (direction, "both"):
                self._active.append(fault)

    def __bool__(self):
        return bool(self._active)

    def spoil(self, data):
        """Cut `data` into pieces of bytes, with pauses (float seconds) between them."""
        pieces = [bytearray()]
        for byte in data:
            for fault in self._active:
                if byte is not None and fault.hit():
                    if fault.name == "drop":
                        byte = None
                    elif fault.name == "garble":
                        byte ^= 0x55
                    else:
                        pieces += [fault.number("ms", 500) / 1000, bytearray()]
            if byte is not None:
                pieces[-1].append(byte)
        return [piece if isinstance(piece, float) else bytes(piece) for piece in pieces if piece]


class Line:
    """Sits between `modem.send`/`modem.feed` and a port.

    The port has `write(data) -> bytes taken`, `listen(flag)` (whether to read), and `host_rate()` (or None); it calls
    `heard(data)` and `writable()`.
    """

    def __init__(self, clock, faults, rate=0, log=None):
        self._clock = clock
        self._log = log
        self.paced = rate > 0
        self.rate = rate
        self.moment = None  # when what is going on now should have happened, if that is known better than by the clock
        self.modem = None
        self._port = None
        self._out = deque()  # bytes; float: a pause in seconds; int: a new baud rate
        self._out_bytes = 0
        self._out_pace = _Pace(clock)
        self._out_timer = None
        self._blocked = False
        self._in = bytearray()
        self._in_pace = _Pace(clock)
        self._in_timer = None
        self.listening = True
        self._fragment = faults.get("fragment")
        self._rng = faults.rng
        self._spoil_out = _Spoiler(faults, "out")
        self._spoil_in = _Spoiler(faults, "in")

    def attach(self, modem, port):
        self.modem = modem
        self._port = port

    def set_rate(self, rate):
        """The module's baud rate changes (AT+IPR), once everything before has gone out."""
        if self.paced and rate:
            self._queue(int(rate))

    def _mismatch(self):
        """Whether the host talks at another rate than the module."""
        if not self.paced or self.modem.general.value("+IPR") == 0:
            return False
        host = self._port.host_rate()
        return bool(host) and host != self.rate

    # To the host -------------------------------------------------------------------------------------------------------

    def now(self):
        """The moment that counts for what is going on."""
        return self._clock.now() if self.moment is None else self.moment

    def after(self, seconds, callback, *args):
        """Call back so long after the moment that counts, which may be a little before the clock's now."""
        moment = self.now() + seconds
        return self._clock.call_later(max(0.0, moment - self._clock.now()), self._at, moment, callback, args)

    def _at(self, moment, callback, args):
        self.moment = moment
        callback(*args)
        self.moment = None

    def write(self, data):
        """Bytes from the module to the host."""
        if self._spoil_out:
            for piece in self._spoil_out.spoil(data):
                self._queue(piece)
        else:
            self._queue(data)

    def hold(self, seconds):
        """All that follows goes out so much later."""
        self._queue(float(seconds))

    def _queue(self, item):
        idle = not self._out and self._out_timer is None
        if idle and not self.paced and not self._fragment and not self._blocked and isinstance(item, bytes):
            item = self._put(item)
            if not item:
                return
        if isinstance(item, bytes):
            self._out_bytes += len(item)
        self._out.append(item)
        if idle:
            self._out_pace.begin(self.moment)
            self._run_out()

    def _put(self, data):
        """Give bytes to the port; what it did not take."""
        shown = data.translate(_GARBAGE) if self._mismatch() else data
        taken = self._port.write(shown)
        if self._log and taken:
            self._log.sent(shown[:taken])
        if taken < len(data):
            self._blocked = True
            return data[taken:]
        return b""

    def _run_out(self):
        self._out_timer = None
        while self._out and not self._blocked:
            item = self._out[0]
            if isinstance(item, float):
                self._out.popleft()
                self._wait_out(item, begin=True)
                return
            if isinstance(item, int):
                self._out.popleft()
                self.rate = item
                self._out_pace.begin()
                continue
            count = len(item)
            if self.paced:
                count = self._out_pace.due(self.rate / 10, count)
                if not count:
                    self._wait_out(max(self._out_pace.wait_s(self.rate / 10, len(item)), 10 / self.rate))
                    return
            pause_s = 0.0
            if self._fragment:
                count = min(count, self._rng.randint(1, self._fragment.number("max", 16)))
                pause_s = self._fragment.number("gap_ms", 1) / 1000
            count -= len(self._put(item[:count]))
            self._sent(item, count)
            if pause_s:
                self._wait_out(pause_s)
                return
        if self._out_bytes < _DRAINED:
            self.modem.drained()

    def _sent(self, item, count):
        if self.paced:
            self._out_pace.carried(self.rate / 10, count)
        self._out_bytes -= count
        if count == len(item):
            self._out.popleft()
        else:
            self._out[0] = item[count:]

    def _wait_out(self, seconds, begin=False):
        self._out_timer = self._clock.call_later(seconds, self._begin_out if begin else self._run_out)

    def _begin_out(self):
        self._out_pace.begin()
        self._run_out()

    def writable(self):
        """The port takes bytes again."""
        self._blocked = False
        if self._out_timer is None:
            self._out_pace.begin()
            self._run_out()

    def backlog(self):
        """Bytes that the module has handed over and the host has not been given yet."""
        return self._out_bytes

    def backlog_s(self):
        """How long that takes at the line's rate, in seconds."""
        return self._out_bytes * 10 / self.rate if self.paced else 0.0

    def clear(self):
        """The module has gone down: what was still to be sent never comes."""
        self._out.clear()
        self._out_bytes = 0
        if self._out_timer:
            self._out_timer.cancel()
            self._out_timer = None

    def close(self):
        """The port is about to be closed."""
        self.clear()
        self._blocked = True
        if self._in_timer:
            self._in_timer.cancel()

    # From the host -----------------------------------------------------------------------------------------------------

    def heard(self, data):
        """Bytes that the port has read."""
        if self._log:
            self._log.received(data)
        if self._mismatch():
            data = data.translate(_GARBAGE)
        if self._spoil_in:
            data = b"".join(piece for piece in self._spoil_in.spoil(data) if isinstance(piece, bytes))
        if not self.paced and not self._in:
            self.modem.feed(data)
        else:
            if not self._in:
                self._in_pace.begin()
            self._in += data
            if self._in_timer is None:
                self._wait_in()
        self.check_input()

    def _wait_in(self):
        wait_s = max(self._in_pace.wait_s(self.rate / 10, len(self._in)), 10 / self.rate) if self.paced else 0
        self._in_timer = self._clock.call_later(wait_s, self._run_in)

    def _run_in(self):
        self._in_timer = None
        count = self._in_pace.due(self.rate / 10, len(self._in)) if self.paced else len(self._in)
        if self._in[count - 1 : count + 1] == b"\r\n":
            count -= 1  # CR and LF arrive together: the module must know what ends the line
        if count > 0:
            data = bytes(memoryview(self._in)[:count])
            del self._in[:count]
            if self.paced:
                self._in_pace.carried(self.rate / 10, count)
                self.moment = self._in_pace.end
            self.modem.feed(data)
            self.moment = None
        if self._in and self._in_timer is None:
            self._wait_in()
        self.check_input()

    def check_input(self):
        """Listen to the port, or make the host wait."""
        listen = len(self._in) < _HEAR_AHEAD and self.modem.waiting() < _HEAR_LIMIT
        if listen != self.listening:
            self.listening = listen
            self._port.listen(listen)
