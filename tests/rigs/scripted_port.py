"""A scripted port with its own clock, a modem on it, and every way to feed it answers. Runs on both Pythons."""

from ports import Port


class ScriptedPort(Port):
    """A port that plays a dialogue and has its own clock: waiting takes no time.

    `dialogue`: pairs (what the host must send, what the module answers). An answer is bytes, or a list of (delay_ms, bytes). The
    host's bytes are compared strictly and in order; at the end `done()` demands that all were sent. `cuts` says how answers
    arrive: 0 whole, 1 byte by byte, or a set of positions (counted over all answer bytes) at which a read ends. `takes` is the
    most that one write takes.

    A dialogue that goes round in circles fails: after `most_steps` calls by either side, or when the host has sent `most_sent`
    bytes. Either is more than any test here needs: a longer story sets them higher. `overrun`: lost() says so once.
    """

    most_steps = 100000
    most_sent = 30000
    baudrate = None
    idle = None
    idle_ms = 1000
    overrun = False

    def __init__(self, dialogue=(), cuts=0, rxbuf=4096, takes=4096, start_ms=0):
        self.dialogue = list(dialogue)
        self.cuts = cuts
        self.rxbuf = rxbuf
        self.takes = takes
        self.now = start_ms
        self.sent = bytearray()
        self.unmatched = bytearray()
        self.waiting = []  # (due_ms, bytes), in order
        self.read = 0
        self.gone = False
        self.rates = []
        self.steps = 0

    def step(self):
        """Count a call; demand that the dialogue has not become endless."""
        self.steps += 1
        assert self.steps <= self.most_steps, "the dialogue does not end, at last %r" % bytes(self.sent[-80:])
        assert len(self.sent) <= self.most_sent, "the host does not stop, at last %r" % bytes(self.sent[-80:])

    def later(self, delay_ms, data):
        """Let the module send `data` by itself, `delay_ms` from now (never before what is already on its way)."""
        self.step()
        self.waiting.append((self.now + delay_ms, data))

    def ticks_ms(self):
        return self.now

    def wait(self, timeout_ms, coming=1):
        self.step()
        if self.gone:
            return True
        if self.waiting and self.waiting[0][0] <= self.now + timeout_ms:
            self.now = max(self.now, self.waiting[0][0])
            return True
        self.now += timeout_ms
        return False

    def readinto(self, buf, n):
        self.step()
        if self.gone:
            raise OSError(5, "the line is gone")
        if not self.waiting or self.waiting[0][0] > self.now:
            return 0
        due, data = self.waiting.pop(0)
        n = min(n, len(data))
        if self.cuts == 1:
            n = 1
        elif self.cuts:
            for cut in self.cuts:
                if self.read < cut < self.read + n:
                    n = cut - self.read
        if n < len(data):
            self.waiting.insert(0, (due, data[n:]))
        self.read += n
        for i in range(n):
            buf[i] = data[i]
        return n

    def lost(self):
        overrun, self.overrun = self.overrun, False
        return overrun

    def write(self, buf, off, n):
        self.step()
        if self.gone:
            raise OSError(5, "the line is gone")
        n = min(n, self.takes)
        data = bytes(memoryview(buf)[off : off + n])
        self.sent += data
        self.unmatched += data
        self._play()
        return n

    def _play(self):
        while self.dialogue:
            want, answer = self.dialogue[0]
            seen = bytes(self.unmatched[: len(want)])
            assert want.startswith(seen), "host sent %r where %r was expected" % (bytes(self.unmatched), want)
            if seen != want:
                return
            self.unmatched = self.unmatched[len(want) :]
            self.dialogue.pop(0)
            for delay_ms, data in answer if isinstance(answer, list) else [(0, answer)]:
                if data:
                    self.later(delay_ms, data)
        assert not self.unmatched, "host sent %r when nothing more was expected" % bytes(self.unmatched)

    def done(self):
        """Demand that the host has sent everything that was expected of it."""
        assert not self.dialogue, "host never sent %r" % self.dialogue[0][0]

    def set_baudrate(self, rate):
        self.rates.append(rate)

    def dtr(self, level):
        raise OSError(95, "this port has no DTR line")

    def close(self):
        self.gone = True


def ready(port, model="ec600e", connected=True, modem_class=None):
    """Return a Modem on `port` as start() and connect() leave it, without the dialogue."""
    if modem_class is None:
        from modem import Modem as modem_class
    modem = port.modem = modem_class(port, model)
    modem.module.started = True
    modem.module.connected = connected
    modem.module.addresses = ("10.7.157.1",)
    modem.module.marks = [(b"+CMEE?", b"+CMEE:", b"+CMEE: 1")]
    return modem


def modem_of(sock):
    """Return the modem that `ready` has made for the port of a socket."""
    return sock.module.port.modem


def answers(dialogue):
    """Return all answer pieces of a dialogue, in order."""
    out = []
    for _, answer in dialogue:
        for piece in answer if isinstance(answer, list) else [(0, answer)]:
            out.append(piece[1])
    return out


URC = b'\r\n+QIURC: "recv",11\r\n'


def gaps(data, opaque):
    """Return the positions in one answer at which another frame may stand: between frames, never inside a payload.

    `opaque`: the payloads that occur in it, in any order.
    """
    inside = set()
    for payload in opaque:
        at = data.find(payload)
        while payload and at >= 0:
            inside.update(range(at - 2, at + len(payload) + 1))
            at = data.find(payload, at + len(payload))
    found = [0]
    at = data.find(b"\r\n\r\n")
    while at >= 0:
        found.append(at + 2)
        at = data.find(b"\r\n\r\n", at + 2)
    if data.endswith(b"\r\n"):
        found.append(len(data))
    return [at for at in found if at not in inside]


def feed_all_ways(dialogue, scene, want=None, opaque=(), urc=URC, model="ec600e", step=1):
    """Play `scene(modem)` against `dialogue` with its answers fed in every way, and demand the same result each time.

    Whole; byte by byte; cut at every position (every `step`th); with an unknown line as a tail behind every answer; with `urc` in
    every gap between two frames. `opaque`: payloads inside which there is no gap. Returns how many ways that were.
    """
    total = sum([len(a) for a in answers(dialogue)])
    ways = [(dialogue, 0), (dialogue, 1)]
    ways += [(dialogue, {k}) for k in range(1, total, step)]
    ways.append(([(host, _tailed(answer)) for host, answer in dialogue], 0))
    for i in range(len(dialogue)):
        host, answer = dialogue[i]
        pieces = answer if isinstance(answer, list) else [(0, answer)]
        for p in range(len(pieces)):
            delay_ms, data = pieces[p]
            for at in gaps(data, opaque) if data else ():
                if at == len(data) and data.endswith(b"> "):
                    continue
                changed = list(pieces)
                changed[p] = (delay_ms, data[:at] + urc + data[at:])
                ways.append((dialogue[:i] + [(host, changed)] + dialogue[i + 1 :], 0))
                ways.append((dialogue[:i] + [(host, changed)] + dialogue[i + 1 :], 1))
    for played, cuts in ways:
        port = ScriptedPort(played, cuts)
        got = scene(ready(port, model))
        assert got == want, "got %r, want %r; cuts %s, dialogue %r" % (got, want, cuts, played)
        port.done()
    return len(ways)


def _tailed(answer):
    tail = b"\r\n+UNKNOWN: 1\r\n"
    if isinstance(answer, list):
        return [(ms, data + tail if data.endswith(b"\r\n") else data) for ms, data in answer]
    return answer + tail if answer.endswith(b"\r\n") else answer
