"""Random bytes and mutated transcripts against the driver: `python3 tools/fuzz.py [--seconds N] [--seed S] [--model NAME]`.

Runs on CPython, and on MicroPython (`MICROPYPATH=.frozen:. micropython tools/fuzz.py --seconds 60`). A round has a number;
`--seed S --rounds 1` repeats round S alone. What must hold, whatever the module sends:

  parser   no exception; every byte is counted or handed over; after reset() the next line is found
  modem    sockets open, commands in flight: a call returns or raises one of the driver's own errors (ModemError), within its
           time; nothing grows without bound; once the module is itself again, the next commands work

Exit status 1 with the round's number when something else happened. Time is the round's own: waiting takes none.
"""

import gc
import sys
import time
from errno import EAGAIN, EINVAL, ENOTCONN

if __name__ == "__main__":
    sys.path[0] = (__file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__.replace("\\", "/") else ".") + "/.."

from modem import Modem, ModemError
from modem.link import LISTENER
from modem.parser import Parser
from modem.profiles import KNOWN
from tests.helpers import ready
from tests.transcripts import transcripts

_WAITS = 60000  # more waits than this in one call: it hangs
_INPUT_MS = 5000  # so long the module waits for payload after its prompt
_STEPS = 25  # acts of the host in one round
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
    b"\r\nRDY\r\n",
    b'\r\n+QIURC: "recv",0\r\n',
    b'\r\n+QIURC: "recv",1,20\r\n',
    b'\r\n+QIURC: "recv",0,99999999999\r\n',
    b'\r\n+QIURC: "closed",1\r\n',
    b'\r\n+QIURC: "pdpdeact",1\r\n',
    b'\r\n+QIURC: "incoming",0,1,"1.2.3.4",5\r\n',
    b'\r\n+QIURC: "dnsgip",0,1,600\r\n',
    b"\r\n+QIRD: 1500\r\n",
    b"\r\n+QIOPEN: 0,0\r\n",
    b"\r\n+CIPRXGET: 1,0\r\n",
    b"\r\n+CIPRXGET: 2,0,20,0\r\n",
    b"\r\n+RECEIVE,0,20:\r\n",
    b"\r\n+IPD20\r\n",
    b"\r\n+IPCLOSE: 0,1\r\n",
    b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n",
    b"\r\n+CIPOPEN: 0,0\r\n",
    b"\r\n+CIPSEND: 0,10,-1\r\n",
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
        x = self._x
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self._x = x
        return (x >> 3) % n

    def pick(self, items):
        return items[self.below(len(items))]

    def data(self, n):
        return bytes([self.below(256) for _ in range(n)])


def golden():
    """Return what the modules say in the transcripts, turn by turn."""
    found = []
    for vendor in ("quectel", "simcom"):
        for example in transcripts(vendor):
            found += [data for side, data in example.turns if side == "modem"]
    return found


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


class Fuzz:
    """The rounds; `sayings` is what modules say."""

    def __init__(self, models=KNOWN):
        self.sayings = golden()
        self.models = models

    def noise(self, rnd):
        """Return some bytes that a module could have sent, or could not."""
        way = rnd.below(8)
        if way == 0:
            return rnd.data(rnd.below(60))
        if way == 1:
            return rnd.pick(self.sayings)
        if way < 4:
            return rnd.pick(_PIECES)
        if way == 4:
            return bytes([rnd.below(95) + 32]) * rnd.below(900)
        return mutated(rnd, rnd.pick(self.sayings if way < 7 else _PIECES))

    # --- the parser alone

    def parser_round(self, seed):
        """Feed noise in pieces of every size, with payload, prompt and raw mode asked for at random."""
        rnd = Random(seed)
        heard = _Heard(rnd)
        stream = b"".join([self.noise(rnd) for _ in range(12)])
        at = 0
        while at < len(stream):
            n = min(1 + rnd.below(rnd.pick((2, 20, 300))), len(stream) - at)
            heard.parser.feed(bytearray(stream[at : at + n] + rnd.data(4)), n)
            at += n
            way = rnd.below(12)
            if way == 0:
                heard.parser.await_prompt(True)
            elif way == 1 and not heard.parser.need:
                heard.parser.expect(rnd.below(300), heard)
            elif way == 2:
                heard.parser.set_raw(heard if heard.parser.raw is None else None)
        heard.parser.set_raw(None)
        heard.parser.reset()
        heard.wild = False
        heard.parser.feed(bytearray(b"\n\r\nOK\r\n\0\0\0\0"), 7)
        assert heard.last == b"OK\r", heard.last

    # --- the whole driver

    def modem_round(self, seed):
        """A modem with sockets; noise at any moment; then a module that behaves."""
        rnd = Random(seed)
        model = rnd.pick(self.models)
        port = Module(self, rnd)
        modem = ready(port, model, modem_class=Modem)
        if rnd.below(2):
            modem.on_event(_heed)
        modem._apn_settings = None
        socks = []
        access = "push" if rnd.below(2) else "buffer"
        try:
            for _ in range(2):
                socks.append(self.opened(modem, rnd, access))
            port.noisy = True
            for _ in range(_STEPS):
                self.act(rnd, modem, port, socks)
        finally:
            port.noisy = False
        self.recovers(modem, port, model)

    def opened(self, modem, rnd, access):
        kind = 2 if rnd.below(4) == 0 else 1
        sock = modem.socket(type=kind, access=access, rxbuf=256)
        try:
            sock.settimeout(3)
            sock.connect(("192.0.2.1", 80))
        except ModemError:
            pass
        return sock

    def bound(self, modem, rnd):
        """A socket that waits for strangers: a listening one, or for datagrams from anywhere."""
        kind = 1 + rnd.below(2)
        sock = modem.socket(type=kind, rxbuf=256)
        try:
            sock.settimeout(3)
            sock.bind(("", 5000 + rnd.below(4)))
            if kind == 1:
                sock.listen(2)
        except ModemError:
            pass
        return sock

    def act(self, rnd, modem, port, socks):
        """One act of the host; only the driver's own errors may come out of it."""
        port.waits = 0
        sock = rnd.pick(socks)
        sock.settimeout(rnd.pick((0, 0.1, 2, 30)))
        way = rnd.below(21)
        try:
            if way < 3:
                sock.recv_into(bytearray(64))
            elif way < 5:
                sock.send(b"x" * (1 + rnd.below(300)))
            elif way == 5:
                modem.poll(rnd.below(300))
            elif way == 6:
                modem.command("AT+CSQ", prefix="+CSQ:", timeout_ms=rnd.pick((5, 300, 9000)))
            elif way == 7:
                modem.status(rnd.pick(("rssi", "stations", None)))
            elif way == 8:
                sock.close()
                socks.remove(sock)
                socks.append(self.opened(modem, rnd, "buffer"))
            elif way == 9:
                modem.getaddrinfo("example.com", 80)
            elif way == 10:
                sock.stats()
            elif way == 11:
                modem.config(rnd.pick(("imsi", "iccid")))
            elif way == 12:
                modem.ping("192.0.2.1", count=1)
            elif way == 13:
                modem.connect("internet", timeout_ms=5000)
            elif way == 14:
                modem.sync_time("192.0.2.1")
            elif way == 15:
                modem.files.free()
            elif way == 16:
                modem.files.list()
            elif way == 17:
                socks.append(self.bound(modem, rnd))
            elif way == 18:
                sock.recvfrom(20)
            elif way == 19:
                sock.accept()
            else:
                modem.dns("192.0.2.1")
        except ModemError as error:
            str(error)
        except OSError as error:
            assert error.args[0] in (EAGAIN, EINVAL, ENOTCONN, 89), repr(error)  # as any socket's; 89: EDESTADDRREQ
            if error.args[0] == ENOTCONN:
                socks.remove(sock)
                socks.append(self.opened(modem, rnd, "buffer"))
        except ValueError as error:
            assert way == 7 and "must be" in str(error), repr(error)  # a name that the model's status() does not know
        self.bounded(modem)

    def bounded(self, modem):
        """Nothing in the driver grows."""
        engine = modem._engine
        assert engine.events <= 16, engine.events
        assert len(modem._links) == modem.dialect.links, len(modem._links)
        assert len(modem._lost) <= 16, modem._lost
        if engine.request is not None:
            assert len(engine.request.lines) <= 80, engine.request.lines
        for link in modem._links:
            if link is not None:
                assert link.kind == LISTENER or link.ring.any() <= link.size, link.number
                assert link.backlog is None or len(link.backlog) <= 16, link.backlog

    def recovers(self, modem, port, model):
        """The module is itself again: after the longest limit has passed, one of the next three commands works, and then all."""
        for _ in range(3):
            port.waits = 0
            try:
                modem.poll(200000)
                last = modem.command("AT+CSQ", prefix="+CSQ:")
                if last == [b"+CSQ: 20,99"]:  # else half a line that was left over has become a line of the answer
                    break
            except ModemError as error:
                last = error
        else:
            raise AssertionError("the line does not recover: %r" % last)
        port.waits = 0
        modem._started = modem._connected = True  # what start() and connect() would do after a restart
        for link in modem._links:
            if link is not None:
                modem._drive(modem._close_link(link))
        assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 20,99"]
        sock = modem.create_connection(("192.0.2.1", 80), timeout_ms=100000)
        assert sock.send(b"hello") == 5
        sock.close()

    # --- growth

    def growth(self, seed, rounds=30):
        """Feed the same noise again and again with nobody asking for anything; return how much the driver grew meanwhile."""
        rnd = Random(seed)
        port = Module(self, rnd)
        modem = ready(port, rnd.pick(self.models))
        modem._engine.urc(b"+FUZZ", _heed)
        self.opened(modem, rnd, "buffer")
        stream = b"".join([self.noise(rnd) for _ in range(40)])
        before = 0
        for k in range(3 * rounds):
            port.queue.append(stream)
            port.waits = 0
            try:
                if k % 2:
                    modem.poll(100)
                else:
                    modem._drive(modem._sleep(100))  # what a reader does that waits for data: it clears nothing away
            except ModemError:
                pass
            if k == rounds:
                before = _weight(modem)
        return _weight(modem) - before


def _heed(*what):
    repr(what)


def _weight(modem):
    """Return what the driver keeps: heap bytes on MicroPython, else the number of things reachable from the modem."""
    if hasattr(gc, "mem_alloc"):
        gc.collect()
        return gc.mem_alloc()
    seen = {}
    todo = [modem]
    while todo:
        item = todo.pop()
        if id(item) in seen or isinstance(item, type):
            continue
        seen[id(item)] = item
        if isinstance(item, dict):
            todo += list(item.values())
        elif isinstance(item, (list, tuple)):
            todo += item
        elif type(item).__module__.startswith("modem"):
            todo += list(vars(item).values())
    return len(seen)


class _Heard:
    """Takes what the parser finds; asks for payload in the middle of things."""

    def __init__(self, rnd):
        self.parser = Parser(self, 200)
        self.last = None
        self.wild = True
        self._rnd = rnd

    def on_line(self, buf, s, e):
        assert 0 <= s <= e < len(buf), (s, e)
        self.last = bytes(buf[s:e])
        if self.wild and self._rnd.below(9) == 0:
            self.parser.expect(self._rnd.below(50), self)

    def on_prompt(self):
        pass

    def on_payload(self):
        assert self.parser.need == 0

    def on_overrun(self, nbytes):
        assert nbytes > 200, nbytes

    def write(self, buf, off, n):
        assert 0 <= off and 0 < n and off + n <= len(buf), (off, n)
        return n


class Module:
    """A port with a module behind it that answers well, or, while `noisy`, as it likes. Waiting takes no time."""

    pollable = None
    rxbuf = 2048
    idle = None
    idle_ms = 1000

    def __init__(self, fuzz, rnd):
        self._fuzz = fuzz
        self._rnd = rnd
        self._typed = b""
        self._owed = 0  # payload bytes after the prompt
        self._owed_until = 0
        self._after = b""
        self._now = 0
        self.queue = []
        self.noisy = False
        self.waits = 0

    def ticks_ms(self):
        return self._now & 0x3FFFFFFF

    def wait(self, timeout_ms):
        self.waits += 1
        if self.waits > _WAITS:
            raise Hang("a call does not come to its end")
        if self.noisy and self._rnd.below(6) == 0:
            self.queue.append(self._fuzz.noise(self._rnd))
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
        self._typed += bytes(memoryview(buf)[off : off + n])
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
                self.say(self.answer(line))
            else:
                break
        return n

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
                self.queue.append(self._fuzz.noise(self._rnd))
        self.queue.append(answer)

    def answer(self, line):
        """Return what a module says to a command line."""
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
        for known, text in _ANSWERS:
            if name == known:
                return text % values[0] + ok if b"%s" in text else text + ok
        if name in (b"+QIACTEX", b"+QIDEACTEX"):
            return ok + b"\r\n%s: %s,0\r\n" % (name, values[0])
        if name in (b"+NETOPEN", b"+NETCLOSE"):
            return ok + b"\r\n%s: 0\r\n" % name
        if name in (b"+QIOPEN", b"+QSSLOPEN"):
            return ok + b"\r\n%s: %d,0\r\n" % (name, n)
        if name == b"+CIPOPEN":
            return ok + b"\r\n+CIPOPEN: %s,0\r\n" % values[0]
        if name in (b"+CIPCLOSE", b"+SERVERSTOP"):
            return ok + b"\r\n%s: %s,0\r\n" % (name, values[0])
        if name == b"+CIPRXGET" and values[0] == b"2":
            return b"\r\n+IP ERROR: No data\r\n\r\nERROR\r\n"
        return ok


_ANSWERS = (
    (b"+CMEE?", b"\r\n+CMEE: 1\r\n"),
    (b"+CSQ", b"\r\n+CSQ: 20,99\r\n"),
    (b"+CFUN?", b"\r\n+CFUN: 1\r\n"),
    (b"+COPS?", b'\r\n+COPS: 0,0,"X",7\r\n'),
    (b"+CPIN?", b"\r\n+CPIN: READY\r\n"),
    (b"+CEREG?", b"\r\n+CEREG: 0,1\r\n"),
    (b"+QIACT?", b'\r\n+QIACT: 1,1,1,"10.0.0.1"\r\n'),
    (b"+NETOPEN?", b"\r\n+NETOPEN: 1\r\n"),
    (b"+IPADDR", b"\r\n+IPADDR: 10.0.0.1\r\n"),
    (b"+QIRD", b"\r\n+QIRD: 0\r\n"),
    (b"+QIGETERROR", b"\r\n+QIGETERROR: 0,operate successfully\r\n"),
    (b"+QSSLRECV", b"\r\n+QSSLRECV: 0\r\n"),
)


def main(arguments):
    """Run rounds until the time is over; return the exit status."""
    options = {"--seconds": 10, "--seed": 1, "--rounds": 0, "--model": ""}
    while arguments:
        if arguments[0] not in options or len(arguments) < 2:
            print(__doc__)
            return 2
        given = arguments[1]
        options[arguments[0]] = given if arguments[0] == "--model" else int(given)
        arguments = arguments[2:]
    fuzz = Fuzz((options["--model"],) if options["--model"] else KNOWN)
    seed = options["--seed"]
    failed = done = 0
    end = time.time() + options["--seconds"]
    while done < options["--rounds"] or (not options["--rounds"] and time.time() < end):
        try:
            fuzz.parser_round(seed)
            fuzz.modem_round(seed)
        except Exception as error:
            failed += 1
            print("round %d failed" % seed)
            if hasattr(sys, "print_exception"):
                sys.print_exception(error)
            else:
                import traceback

                traceback.print_exc()
        seed += 1
        done += 1
    print("%d rounds, %d failed" % (done, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
