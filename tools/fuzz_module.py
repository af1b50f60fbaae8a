"""The module that tools/fuzz.py talks to: it answers well or, while `noisy`, as it likes. Runs on both Pythons.

What it says when it is noisy: its own answers, whole, mutated or not at all; answers that the documents' examples have for
the same command; garbage, pieces of the protocol, and lines that belong to connections which may exist or not.
"""

from ports import Port
from tests.rigs.transcripts import transcripts

_WAITS = 60000  # more waits than this in one call: it hangs
_INPUT_MS = 5000  # so long the module waits for payload after its prompt
_PIECES = (
    b"\r\n",
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 4294967296\r\n",
    b"\r\n+CME ERROR: \xff\r\n",
    b"\r\n> ",
    b"\r\nSEND OK\r\n",
    b"\r\nSEND FAIL\r\n",
    b"\r\nCONNECT\r\n",
    b"\r\nNO CARRIER\r\n",
    b"\r\nCLOSED\r\n",
    b"\r\nRDY\r\n",
    b'\r\n+QIURC: "recv",0,99999999999\r\n',
    b'\r\n+QIURC: "pdpdeact",1\r\n',
    b'\r\n+QIURC: "incoming full"\r\n',
    b'\r\n+QIURC: "dnsgip",0,1,600\r\n',
    b'\r\n+QIURC: "dnsgip","192.0.2.7"\r\n',
    b"\r\n+QIRD: 1500\r\n",
    b"\r\n+QIACTEX: 1,0\r\n",
    b'\r\n+QPING: 0,"192.0.2.1",32,40,255\r\n',
    b'\r\n+QNTP: 0,"2026/05/01,10:11:12+08"\r\n',
    b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n",
    b"\r\n+CIPEVENT: SOCKET,0 RESET\r\n",
    b"\r\n+IP ERROR: Connection is busy\r\n",
    b"\r\n+CCHEVENT: 0,RECV EVENT\r\n",
    b"\r\n+CHTTPS: RECV EVENT\r\n",
    b"\r\n+CHTTPSNOTIFY: PEER CLOSED\r\n",
    b"\r\n+POP3: SUCCESS\r\n",
    b"\r\n+SMTP: SUCCESS\r\n",
    b"\r\n+CFTPPUT: BEGIN\r\n",
    b"\r\n+CHTTPACT: REQUEST\r\n",
    b"\r\n+CFTPGET: 0\r\n",
    b"\r\n+CFTPSGET: 0\r\n",
    b"\r\n+CHTTPACT: 0\r\n",
)
# a connection's number, a length, and so many bytes
_PUSHED = (
    b'\r\n+QIURC: "recv",%d,%d\r\n%s\r\n',
    b'\r\n+QIURC: "recv",%d,%d,"192.0.2.1",80\r\n%s\r\n',
    b'\r\n+QSSLURC: "recv",%d,%d\r\n%s\r\n',
    b"\r\n+RECEIVE,%d,%d:\r\n%s",
    b"\r\nRECV FROM:192.0.2.1:80\r\n+RECEIVE,%d,%d:\r\n%s",
    b"\r\n+CCHRECV: DATA,%d,%d\r\n%s\r\n",
    b"\r\n+CIPRXGET: 2,%d,%d,0\r\n%s\r\n\r\nOK\r\n",
)
_PUSHED_ALONE = (
    b"\r\n+QIRD: %d\r\n%s\r\n\r\nOK\r\n",
    b'\r\n+QIRD: %d,"192.0.2.1",80\r\n%s\r\n\r\nOK\r\n',
    b"\r\n+QSSLRECV: %d\r\n%s\r\n\r\nOK\r\n",
    b"\r\n+IPD%d\r\n%s",
    b"\r\n+CFTPGET: DATA,%d\r\n%s",
    b"\r\n+CFTPLIST: DATA,%d\r\n%s",
    b"\r\n+CFTPSGET: DATA,%d\r\n%s",
    b"\r\n+CHTTPACT: DATA, %d\r\n%s",
    b"\r\n+CHTTPSRECV: DATA,%d\r\n%s",
    b"\r\nCONNECT %d\r\n%s\r\nOK\r\n",
)
# a connection's number, and one more
_TOLD = (
    b'\r\n+QIURC: "recv",%d\r\n',
    b'\r\n+QIURC: "closed",%d\r\n',
    b'\r\n+QSSLURC: "recv",%d\r\n',
    b'\r\n+QSSLURC: "closed",%d\r\n',
    b"\r\n+CIPRXGET: 1,%d\r\n",
    b"\r\n+CCH_RECV_CLOSED: %d,0\r\n",
    b"\r\n+CCH_PEER_CLOSED: %d\r\n",
)
_TOLD_MORE = (
    b"\r\n+QIOPEN: %d,%d\r\n",
    b"\r\n+QSSLOPEN: %d,%d\r\n",
    b"\r\n+CIPOPEN: %d,%d\r\n",
    b"\r\n+IPCLOSE: %d,%d\r\n",
    b"\r\n+CIPSEND: %d,10,%d\r\n",
    b"\r\n+CCHOPEN: %d,%d\r\n",
    b"\r\n+CCHSEND: %d,%d\r\n",
    b"\r\n+CCHCLOSE: %d,%d\r\n",
    b'\r\n+QIURC: "incoming",%d,%d,"192.0.2.9",4000\r\n',
    b"\r\n+CLIENT: %d,%d,192.0.2.9:4000\r\n",
)


class Hang(Exception):
    """A call waits for ever."""


class Random:
    """Random numbers that are the same on both Pythons: xorshift, 32 bits."""

    def __init__(self, seed):
        self._x = (seed * 2654435761 + 88172645) & 0xFFFFFFFF or 1
        for _ in range(4):
            self.below(2)

    def below(self, n):
        """Return a number from 0 to n - 1."""
        x = self._x
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self._x = x
        return (x >> 3) % n

    def pick(self, items):
        """Return one of `items`."""
        return items[self.below(len(items))]

    def data(self, n):
        """Return `n` bytes."""
        return bytes([self.below(256) for _ in range(n)])


def golden():
    """Return what the modules say in the transcripts: all turns, and by the name of the command that they answer.

    An answer by name is a pair: what comes at once, and what comes after the host has sent data to its prompt (or None).
    """
    said = []
    replies = {}
    for vendor in ("quectel", "simcom"):
        for example in transcripts(vendor):
            turns = []  # adjacent turns of one side joined
            for side, data in example.turns:
                if side == "modem":
                    said.append(data)
                if turns and turns[-1][0] == side:
                    turns[-1] = (side, turns[-1][1] + data)
                else:
                    turns.append((side, data))
            for at in range(len(turns) - 1):
                side, data = turns[at]
                if side == "host" and data[:2] == b"AT":
                    more = turns[at + 3][1] if len(turns) > at + 3 and turns[at + 2][1][:2] != b"AT" else None
                    replies.setdefault(command_name(data), []).append((turns[at + 1][1], more))
    return said, replies


def command_name(line):
    """Return the name of the command in `line`, without AT."""
    return line[2:].split(b"\r")[0].split(b"=")[0].split(b"?")[0]


def mutated(rnd, data):
    """Return `data` with a few things wrong with it."""
    data = bytearray(data)
    for _ in range(1 + rnd.below(4)):
        at = rnd.below(len(data) + 1)
        n = rnd.below(12)
        way = rnd.below(8)
        if way == 0:
            data = data[:at] + data[at + n :]
        elif way == 1:
            data = data[:at] + data[at : at + n] + data[at:]
        elif way == 2:
            data = data[:at] + rnd.data(n) + data[at:]
        elif way == 3:
            data = data[:at] + rnd.pick(_PIECES) + data[at:]
        elif way == 4:
            data = data[:at]
        elif way == 5:
            data = (
                data[:at]
                + rnd.pick((b"9", b"-", b",", b'"', b"99999999999999999999", b"\n", b"\x00", b" ", b":"))
                + data[at + 1 :]
            )
        elif way == 6:
            data = data.replace(b"1", rnd.pick((b"", b"77", b"x", b'"')))
        elif at < len(data):
            data[at] = rnd.below(256)
    return bytes(data)


def told(rnd):
    """Return something that a module says by itself, about a connection that may exist."""
    n = rnd.below(rnd.pick((2, 4, 12)))
    way = rnd.below(4)
    if way == 0:
        return rnd.pick(_TOLD) % n
    if way == 1:
        return rnd.pick(_TOLD_MORE) % (n, rnd.below(rnd.pick((1, 4, 700))))
    size = rnd.below(rnd.pick((4, 60, 400)))
    if way == 2:
        return rnd.pick(_PUSHED) % (n, size, rnd.data(size))
    return rnd.pick(_PUSHED_ALONE) % (size, rnd.data(size))


class Noise:
    """What modules say, right or wrong."""

    def __init__(self):
        self.sayings, self.replies = golden()

    def noise(self, rnd):
        """Return some bytes that a module could have sent, or could not."""
        way = rnd.below(10)
        if way == 0:
            return rnd.data(rnd.below(60))
        if way == 1:
            return rnd.pick(self.sayings)
        if way < 4:
            return rnd.pick(_PIECES)
        if way == 4:
            return bytes([rnd.below(95) + 32]) * rnd.below(900)
        if way < 7:
            return told(rnd)
        return mutated(rnd, rnd.pick(self.sayings) if way < 9 else told(rnd))


class Module(Port):
    """A port with a module behind it that answers well, or, while `noisy`, as it likes. Waiting takes no time.

    While it is noisy, a wait may also be broken off by KeyboardInterrupt, when `interrupts` is set.
    """

    rxbuf = 2048
    baudrate = None

    def __init__(self, noise, rnd):
        self._noise = noise
        self._rnd = rnd
        self._typed = b""
        self._owed = 0  # payload bytes after the prompt
        self._owed_until = 0
        self._after = b""
        self._more = None  # said when the host has sent something to the prompt of an example
        self._transparent = False
        self._now = 0
        self.queue = []
        self.noisy = False
        self.interrupts = False
        self.waits = 0

    def calm(self):
        """Be well behaved from now on: in command mode, and with nothing owed."""
        self.noisy = self._transparent = False
        self._more = None

    def ticks_ms(self):
        return self._now & 0x3FFFFFFF

    def wait(self, timeout_ms, coming=1):
        self.waits += 1
        if self.waits > _WAITS:
            raise Hang("a call does not come to its end")
        if self.noisy:
            if self._rnd.below(6) == 0:
                self.queue.append(self._noise.noise(self._rnd))
            if self.interrupts and self._rnd.below(60) == 0:
                raise KeyboardInterrupt
        if self.queue:
            self._now += 1
            return True
        self._now += timeout_ms
        return False

    def readinto(self, buf, n):
        if not self.queue:
            return 0
        data = self.queue.pop(0)
        if self.noisy:
            n = min(n, 1 + self._rnd.below(n))
        if len(data) > n:
            self.queue.insert(0, data[n:])
            data = data[:n]
        buf[: len(data)] = data
        return len(data)

    def write(self, buf, off, n):
        if self.noisy:
            n = 1 + self._rnd.below(n)
        data = bytes(memoryview(buf)[off : off + n])
        if self._transparent or self._more is not None:
            self._swallow(data)
            return n
        self._typed += data
        if self._now >= self._owed_until:
            self._owed = 0
        while self._typed:
            if self._owed:
                k = min(self._owed, len(self._typed))
                self._owed -= k
                self._typed = self._typed[k:]
                if not self._owed:
                    self.say(self._after)
            elif b"\r" in self._typed:
                at = self._typed.index(b"\r")
                line, self._typed = self._typed[:at], self._typed[at + 1 :]
                if line:  # an empty one is answered by nothing
                    self.say(self.reply(line[max(0, line.rfind(b"AT")) :]))
            else:
                break
        return n

    def _swallow(self, data):
        """Data for a peer, or for the prompt of an example."""
        if not self._transparent:
            data, self._more = self._more, None
            self.say(data)
        elif data == b"+++":
            self._transparent = False
            self.say(b"\r\nOK\r\n")

    def _await(self, n):
        self._owed = n
        self._owed_until = self._now + _INPUT_MS

    def say(self, answer):
        """Send `answer`, or what comes of it."""
        if self.noisy:
            way = self._rnd.below(8)
            if way == 0:
                return
            if way < 3:
                answer = mutated(self._rnd, answer)
            if way in (2, 3):
                self.queue.append(self._noise.noise(self._rnd))
        self.queue.append(answer)

    def reply(self, line):
        """Return what comes after a command line: an answer, while noisy perhaps that of an example for the same command."""
        known = self._noise.replies.get(command_name(line)) if self.noisy and self._rnd.below(2) else None
        if known is None:
            return self.answer(line)
        answer, self._more = self._rnd.pick(known)
        return answer

    def answer(self, line):
        """Return what a well-behaved module says to a command line."""
        if not line.startswith(b"AT"):
            return b"\r\nERROR\r\n"
        name, _, tail = line[2:].partition(b"=")
        values = tail.split(b",")
        n = int(values[1]) if len(values) > 1 and values[1].isdigit() else 0
        ok = b"\r\nOK\r\n"
        if name in (b"+QISEND", b"+QSSLSEND") and n:
            self._await(n)
            self._after = b"\r\nSEND OK\r\n"
            return b"\r\n> "
        if name == b"+CIPSEND" and n:
            self._await(n)
            self._after = b"\r\nOK\r\n\r\n+CIPSEND: %s,%d,%d\r\n" % (values[0], n, n)
            return b"\r\n>"
        if name == b"+CCHSEND" and n:
            self._await(n)
            self._after = b"\r\nOK\r\n\r\n+CCHSEND: %s,0\r\n" % values[0]
            return b"\r\n>"
        if name in (b"+QIRD", b"+QSSLRECV") and self.noisy and n and self._rnd.below(2):
            n = 1 + self._rnd.below(min(n, 90))
            return b"\r\n%s: %d\r\n%s\r\n" % (name, n, self._rnd.data(n)) + ok
        for known, text in _ANSWERS:
            if name == known:
                return text % values[0] + ok if b"%s" in text else text + ok
        return self._ended(name, values, n, ok)

    def _ended(self, name, values, n, ok):
        """Answers whose result is a line after or before OK."""
        if name == b"O" or (name in (b"+QIOPEN", b"+QSSLOPEN") and values[-1] == b"2"):
            self._transparent = True
            return b"\r\nCONNECT\r\n"
        if name in (b"+QIOPEN", b"+QSSLOPEN"):
            return ok + b"\r\n%s: %s,0\r\n" % (name, values[min(1 if name == b"+QIOPEN" else 2, len(values) - 1)])
        if name in (b"+QIACTEX", b"+QIDEACTEX", b"+CIPOPEN", b"+CCHOPEN"):
            return ok + b"\r\n%s: %s,0\r\n" % (name, values[0])
        if name in (b"+NETOPEN", b"+NETCLOSE", b"+CCHSTART", b"+CCHSTOP"):
            return ok + b"\r\n%s: 0\r\n" % name
        if name in (b"+CIPCLOSE", b"+SERVERSTOP", b"+CCHCLOSE", b"+CCHRECV"):
            return ok + b"\r\n%s: %s,0\r\n" % (name, values[0])
        if name == b"+CIPRXGET" and values[0] == b"2":
            if self.noisy and self._rnd.below(2):
                n = 1 + self._rnd.below(90)
                return b"\r\n+CIPRXGET: 2,%s,%d,0\r\n%s\r\n" % (values[1], n, self._rnd.data(n)) + ok
            return b"\r\n+IP ERROR: No data\r\n\r\nERROR\r\n"
        return ok


_ANSWERS = (
    (b"+CMEE?", b"\r\n+CMEE: 1\r\n"),
    (b"+CSQ", b"\r\n+CSQ: 20,99\r\n"),
    (b"+CFUN?", b"\r\n+CFUN: 1\r\n"),
    (b"+COPS?", b'\r\n+COPS: 0,0,"X",7\r\n'),
    (b"+CPIN?", b"\r\n+CPIN: READY\r\n"),
    (b"+CEREG?", b"\r\n+CEREG: 0,1\r\n"),
    (b"+CCLK?", b'\r\n+CCLK: "26/05/01,10:11:12+08"\r\n'),
    (b"+QIACT?", b'\r\n+QIACT: 1,1,1,"10.0.0.1"\r\n'),
    (b"+NETOPEN?", b"\r\n+NETOPEN: 1\r\n"),
    (b"+IPADDR", b"\r\n+IPADDR: 10.0.0.1\r\n"),
    (b"+QIRD", b"\r\n+QIRD: 0\r\n"),
    (b"+QIGETERROR", b"\r\n+QIGETERROR: 0,operate successfully\r\n"),
    (b"+QSSLRECV", b"\r\n+QSSLRECV: 0\r\n"),
    (b"+QFLDS", b"\r\n+QFLDS: 100000,200000\r\n"),
)
