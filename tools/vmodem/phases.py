"""Data phases: stretches of input that are payload and not command lines.

A phase is given to the core by a handler (after a prompt) or by `Modem.begin_phase` (transparent mode). The core calls
`start(modem)` once, then `feed(buffer)` with everything that has arrived; `feed` says how many bytes of it it took. The
phase ends itself through `Modem.end_phase`. `holds_urcs` says whether unsolicited lines wait until it is over.
"""

ESCAPE_GUARD_S = 1.0
_PENDING_LIMIT = 32768  # bytes taken from the host before the host is made to wait for the network


class CountedPhase:
    """Exactly `count` bytes; then `done(data)` becomes the outcome of the command."""

    holds_urcs = True
    carrier = False

    def __init__(self, count, done, *, timeout_s=0, timed_out=None, echo=False):
        self._count = count
        self._done = done
        self._timeout_s = timeout_s
        self._timed_out = timed_out
        self._echo = echo
        self._data = bytearray()
        self._timer = None

    def start(self, modem):
        self._modem = modem
        if self._timeout_s:
            self._timer = modem.clock.call_later(self._timeout_s, self._expire)

    def _expire(self):
        self._timer = None
        self._modem.end_phase(self, self._timed_out)

    def stop(self):
        """Give up the timer; the core calls this when the phase ends for whatever reason."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _take(self, buffer, count):
        part = bytes(memoryview(buffer)[:count])
        self._data += part[: self._count + 1 - len(self._data)]
        if self._echo:
            self._modem.send(part)
        return count

    def feed(self, buffer):
        used = self._take(buffer, min(len(buffer), self._count - len(self._data)))
        if len(self._data) >= self._count:
            self._modem.end_phase(self, self._done, bytes(self._data))
        return used


class TerminatedPhase(CountedPhase):
    """Bytes up to Ctrl-Z, which sends them, or ESC, which calls `cancelled()`. At most `count` bytes are kept."""

    def __init__(self, count, done, cancelled, *, overlong=None, **options):
        super().__init__(count, done, **options)
        self._cancelled = cancelled
        self._overlong = overlong or done

    def feed(self, buffer):
        ends = [position for position in (buffer.find(b"\x1a"), buffer.find(b"\x1b")) if position >= 0]
        if not ends:
            return self._take(buffer, len(buffer))
        end = min(ends)
        self._take(buffer, end)
        if buffer[end] == 0x1B:
            self._modem.end_phase(self, self._cancelled)
        elif len(self._data) > self._count:
            self._modem.end_phase(self, self._overlong, bytes(self._data))
        else:
            self._modem.end_phase(self, self._done, bytes(self._data))
        return end + 1


class TransparentPhase:
    """Everything goes to `send(data) -> bytes taken`, until `+++` between two seconds of silence, or `leave`.

    Bytes are sent in packets of `packet_size` as soon as so many have come, and a shorter rest `packet_wait_s` after its
    first byte. `escaped()` is called, and its outcome reported, when the escape sequence has been recognised.
    """

    holds_urcs = True
    carrier = True

    def __init__(self, send, escaped, *, packet_size=1460, packet_wait_s=0.0):
        self._send = send
        self._escaped = escaped
        self._size = packet_size
        self._wait_s = packet_wait_s
        self._pending = bytearray()
        self._plus = 0
        self._timers = {}

    def start(self, modem):
        self._modem = modem
        self._last_heard = modem.last_heard

    def stop(self):
        for name in list(self._timers):
            self._cancel(name)

    def _after(self, name, seconds, callback):
        self._cancel(name)
        self._timers[name] = self._modem.clock.call_later(seconds, self._fire, name, callback)

    def _fire(self, name, callback):
        del self._timers[name]
        callback()

    def _cancel(self, name):
        timer = self._timers.pop(name, None)
        if timer:
            timer.cancel()

    def feed(self, buffer):
        if len(self._pending) >= _PENDING_LIMIT:
            return 0
        now = self._modem.clock.now()
        silence = now - self._last_heard
        self._last_heard = now
        count = len(buffer)
        if count <= 3 - self._plus and buffer == b"+" * count and self._escape_goes_on(now, silence):
            self._plus += count
            if self._plus == 3:
                self._after("guard", ESCAPE_GUARD_S, self._recognised)
            return count
        self._release()
        self._pending += buffer
        self._push()
        return count

    def _escape_goes_on(self, now, silence):
        if self._plus:
            return now - self._first_plus <= ESCAPE_GUARD_S
        if silence < ESCAPE_GUARD_S:
            return False
        self._first_plus = now
        self._after("guard", ESCAPE_GUARD_S, self._too_slow)
        return True

    def _too_slow(self):
        """Fewer than three `+` within the time: they were payload."""
        self._release()
        self._push()

    def _release(self):
        """The held `+` turn out to be payload."""
        self._cancel("guard")
        self._pending += b"+" * self._plus
        self._plus = 0

    def _recognised(self):
        self._plus = 0
        self.flush()
        self._modem.end_phase(self, self._escaped)

    def _push(self):
        while len(self._pending) >= self._size:
            if not self._packet(self._size):
                return
        if not self._pending:
            self._cancel("wait")
        elif not self._wait_s:
            self.flush()
        elif "wait" not in self._timers:
            self._after("wait", self._wait_s, self.flush)

    def _packet(self, size):
        taken = self._send(bytes(memoryview(self._pending)[:size]))
        del self._pending[:taken]
        return taken

    def flush(self):
        """Send what has been collected, in packets; stop where the network takes no more."""
        self._cancel("wait")
        while self._pending and self._packet(min(self._size, len(self._pending))):
            pass

    def writable(self):
        """The network takes data again."""
        self._push()
        self._modem.pump()

    def hang_up(self):
        """DTR has dropped with AT&D2: the connection ends."""
        self._modem.dialect.hang_up()

    def leave(self):
        """Leave as if the escape sequence had been seen (DTR)."""
        self._release()
        self.flush()
        self._modem.end_phase(self, self._escaped)
