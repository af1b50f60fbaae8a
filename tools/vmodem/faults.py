"""Faults: what can go wrong on the line, in the module and in the network, on demand and repeatable.

A fault is written NAME or NAME:KEY=VALUE,KEY=VALUE... `_KNOWN` has the keys of each; those that say when it strikes are:

    every=N      every Nth occasion (an occasion is a reply, a send, a byte ... as the table says)
    skip=N       not the first N occasions
    times=N      at most N times
    p=0.01       with this probability (seeded by --seed)
    cmd=+QIOPEN  only for this command
    after=N      once, when N bytes of payload have gone to the host
    at=S         once, S seconds after the start

`TABLE` lists the faults; `--help` prints it.
"""

import contextlib
import random

TABLE = """\
Line
  fragment:max=16,gap_ms=1   every write to the host is cut at random into pieces of 1..max bytes, gap_ms apart
  drop:every=N[,dir=out]     every Nth byte is lost; dir=out (to the host), in, or both
  garble:every=N[,dir=out]   every Nth byte is changed
  stall:every=N,ms=500       the output stops for so long after every Nth byte
  asleep[:ms=5000,wake_ms=50]   the module sleeps after so long a silence, as if AT+QSCLK=2 or AT+CSCLK=2 had been saved; what
                             comes then wakes it and is lost, with all that comes within wake_ms

Lines (what the module prints on a line of its own: results, headers of blocks, unsolicited lines; line=+QIRD: those that
begin so)
  lose-line[:line=OK]        the line never comes
  double-line[:line=..]      the line comes twice
  delay-line:ms=500[,line=..]   an unsolicited line, or a result line that comes after OK, comes so much later; others pass it

Answers
  delay:ms=500[,cmd=..][,urc=1]  the module thinks so much longer (occasion: a command line); urc=1: the result line that
                             comes after OK (+QIOPEN, +QIACTEX ...) comes so much later
  late:every=20,ms=1500      the whole reply, and all that follows it, comes so much later (occasion: a reply)
  same-prefix:every=5[,cmd=..]  an unsolicited line that looks like the reply, or is about the same socket, comes just before it
                             (occasion: a reply that has such a twin)
  storm:ms=1000,n=20         every ms milliseconds, n unsolicited lines
  busy:every=10              the command is refused as "busy" (occasion: a TCP/IP command)
  fail:code=N[,cmd=..][,urc=1]  the command is refused with this code; urc=1: it is accepted, and its result line that comes
                             after OK carries the code

Sending and connections
  send-fail:every=10         SEND FAIL, or +CIPSEND that says so; nothing is sent (occasion: a send)
  close:after=N              every connection is closed as if by the peer; what has arrived stays readable
  context-loss:after=N       the network deactivates every context
  blackhole:after=N          nothing more gets through in either direction, and nobody says so
  reboot:after=N,down_ms=2000   the module restarts; it is silent for so long, then boots; with cmd=, every=, skip=, times= or p=
                             it does so instead of answering (occasion: a command line; times=1 unless told otherwise)
  dns-silent                 name servers do not answer

SIM and registration; at= or after= say when it begins, ms= how long it lasts
  no-sim   pin:pin=1234   denied   roaming   searching:ms=5000   (searching without ms: for ever)
  need-apn[:apn=internet]    a context without an APN, or with another one than this, is not activated
  apn-first                  the network denies registration until a context has an APN
  contexts:max=N             the SIM lets only so many contexts be active
"""

_COUNTED = ("every", "p", "skip", "times")
_OCCASIONS = ("cmd", *_COUNTED)
_MOMENT = ("at", "after")
_KNOWN = {  # the keys that each fault takes
    "fragment": ("max", "gap_ms"),
    "drop": (*_COUNTED, "dir"),
    "garble": (*_COUNTED, "dir"),
    "stall": (*_COUNTED, "dir", "ms"),
    "asleep": ("ms", "wake_ms"),
    "lose-line": (*_COUNTED, "line"),
    "double-line": (*_COUNTED, "line"),
    "delay-line": (*_COUNTED, "line", "ms"),
    "delay": (*_OCCASIONS, "ms", "urc"),
    "late": (*_OCCASIONS, "ms"),
    "same-prefix": _OCCASIONS,
    "storm": (*_COUNTED, "ms", "n"),
    "busy": _OCCASIONS,
    "fail": (*_OCCASIONS, "code", "urc"),
    "send-fail": _COUNTED,
    "close": _MOMENT,
    "context-loss": _MOMENT,
    "blackhole": _MOMENT,
    "reboot": (*_MOMENT, *_OCCASIONS, "down_ms"),
    "dns-silent": (*_MOMENT, "ms"),
    "no-sim": (*_MOMENT, "ms"),
    "pin": (*_MOMENT, "ms", "pin"),
    "denied": (*_MOMENT, "ms"),
    "roaming": (*_MOMENT, "ms"),
    "searching": (*_MOMENT, "ms"),
    "need-apn": (*_MOMENT, "ms", "apn"),
    "apn-first": (*_MOMENT, "ms"),
    "contexts": ("max",),
}
_LASTING = ("dns-silent", "no-sim", "pin", "denied", "roaming", "searching", "need-apn", "apn-first")
_FROM_THE_START = ("fragment", "drop", "garble", "stall", "asleep")  # what the line and its sleep are built with
# At least one of these keys, because without them the fault would strike at everything.
_NEEDED = {"drop": ("every", "p"), "garble": ("every", "p"), "stall": ("every", "p"), "contexts": ("max",)}
# The same at the start of the program, when there is nothing yet to strike at.
_NEEDED_AT_THE_START = {"close": _MOMENT, "context-loss": _MOMENT}
_DIRECTIONS = ("out", "in", "both")
_TEXTS = ("apn", "cmd", "dir", "line", "pin")
_LEAST = {"every": 1, "max": 1}
_LARGEST = 1 << 40


def _value(key, text):
    """The value of a key: a text, or a number; None for what it cannot be."""
    if key in _TEXTS:
        return text
    with contextlib.suppress(ValueError):
        number = float(text) if "." in text else int(text)
        if _LEAST.get(key, 0) <= number <= (1 if key == "p" else _LARGEST):
            return number
    return None


class Fault:
    """One fault and when it strikes."""

    def __init__(self, name, options, rng):
        self.name = name
        self._options = options
        self._rng = rng
        self._seen = 0
        self.struck = 0
        self.ended = False

    def number(self, key, default=0):
        """A numeric key."""
        return self._options.get(key, default)

    def text(self, key, default=""):
        """A textual key."""
        return self._options.get(key, default)

    def counts_bytes(self):
        """Whether it strikes after so many bytes of payload."""
        return "after" in self._options

    def concerns(self, command_name):
        """Whether a `cmd=` filter lets this command through."""
        wanted = self.text("cmd")
        return not wanted or wanted.upper().lstrip("+") == command_name.upper().lstrip("+")

    def has(self, *keys):
        """Whether one of these keys is given."""
        return any(key in self._options for key in keys)

    def begins(self, line):
        """Whether a `line=` filter lets this line through."""
        return line.startswith(self.text("line"))

    def hit(self):
        """Count one occasion; whether the fault strikes at it."""
        self._seen += 1
        if self._seen <= self.number("skip"):
            return False
        if self.struck >= self.number("times", 1 << 62):
            return False
        if (self._seen - self.number("skip")) % self.number("every", 1):
            return False
        if self._rng.random() >= self.number("p", 1.0):
            return False
        self.struck += 1
        return True


class Faults:
    """All faults of one virtual modem."""

    def __init__(self, specs=(), seed=0):
        self.rng = random.Random(seed)
        self._faults = {}
        for spec in specs:
            fault = self._parse(spec)
            self._need(fault, _NEEDED_AT_THE_START)
            self._faults.setdefault(fault.name, []).append(fault)
        self._in_force = set()
        self._delivered = 0
        self._waiting = []

    def _parse(self, spec):
        name, _, rest = spec.partition(":")
        if name not in _KNOWN:
            raise ValueError("unknown fault %r; known: %s" % (name, " ".join(sorted(_KNOWN))))
        options = {}
        for item in filter(None, rest.split(",")):
            key, equals, value = item.partition("=")
            if key not in _KNOWN[name] or not equals:
                keys = " ".join(each + "=" for each in _KNOWN[name])
                raise ValueError("fault %s: what is %r? It takes %s" % (name, item, keys))
            options[key] = _value(key, value)
            if options[key] is None:
                raise ValueError("fault %s: what is %r?" % (name, item))
        if options.get("dir", "out") not in _DIRECTIONS:
            raise ValueError("fault %s: dir is one of %s" % (name, ", ".join(_DIRECTIONS)))
        fault = Fault(name, options, self.rng)
        self._need(fault, _NEEDED)
        return fault

    @staticmethod
    def _need(fault, needed):
        keys = needed.get(fault.name)
        if keys and not fault.has(*keys):
            raise ValueError("fault %s: it needs %s" % (fault.name, " or ".join(key + "=" for key in keys)))

    def _check_command(self, fault):
        """ValueError for a `cmd=` that the model does not have: the fault would never strike."""
        if fault.text("cmd") and not any(fault.concerns(name) for name in self._modem.table.names()):
            raise ValueError("fault %s: %s has no command %s" % (fault.name, self._modem.model.name, fault.text("cmd")))

    def arm(self, modem):
        """Start what the clock or the byte count sets off."""
        self._modem = modem
        for faults in self._faults.values():
            for fault in faults:
                self._check_command(fault)
                self._start(fault)

    def add(self, spec):
        """Arm a fault while the modem runs; times and bytes count from now. ValueError for those that the line is built with."""
        fault = self._parse(spec)
        if fault.name in _FROM_THE_START:
            raise ValueError("the fault %s can only be given at the start (--fault)" % fault.name)
        self._check_command(fault)
        self._faults.setdefault(fault.name, []).append(fault)
        self._start(fault)
        if self.on(fault.name):
            self._modem.radio.announce()

    def remove(self, name):
        """End the faults of this name. ValueError if there is none."""
        for fault in self._faults.pop(name, None) or self._unknown(name):
            fault.ended = True
            if self.on(name):
                self._end(fault)

    @staticmethod
    def _unknown(name):
        raise ValueError("no fault %r is armed" % name)

    def _start(self, fault):
        modem = self._modem
        actions = {
            "reboot": lambda fault: modem.reboot(fault.number("down_ms", 2000) / 1000),
            "close": lambda fault: modem.dialect.close_all(),
            "context-loss": lambda fault: modem.dialect.lose_contexts(),
            "blackhole": lambda fault: modem.net.freeze(),
        }
        if fault.name in actions:
            if fault.counts_bytes():
                self._wait_for_bytes(fault, actions[fault.name])
            elif fault.name != "reboot" or not fault.has(*_OCCASIONS):
                modem.clock.call_later(fault.number("at"), self._act, actions[fault.name], fault)
        elif fault.name == "storm":
            modem.clock.call_later(fault.number("ms", 1000) / 1000, self._storm, fault)
        elif fault.name in _LASTING:
            self._arm_lasting(fault)

    def _wait_for_bytes(self, fault, action):
        self._waiting.append((self._delivered + fault.number("after"), fault, action))
        self._waiting.sort(key=lambda entry: entry[0])

    def _act(self, action, fault):
        if not fault.ended:
            self._modem.note("fault " + fault.name)
            action(fault)

    def _arm_lasting(self, fault):
        """A fault that is in force for a time."""
        clock = self._modem.clock
        begins_s = fault.number("at")
        if fault.counts_bytes():
            self._wait_for_bytes(fault, self._begin)
        elif begins_s:
            clock.call_later(begins_s, self._act, self._begin, fault)
        else:
            self._in_force.add(fault.name)
            if fault.number("ms"):
                clock.call_later(fault.number("ms") / 1000, self._end, fault)

    def _begin(self, fault):
        self._in_force.add(fault.name)
        self._modem.radio.announce()
        if fault.number("ms"):
            self._modem.clock.call_later(fault.number("ms") / 1000, self._end, fault)

    def _end(self, fault):
        self._in_force.discard(fault.name)
        self._modem.radio.announce()

    def _storm(self, fault):
        if fault.ended:
            return
        if not self._modem.urcs_held() and fault.hit():
            for index in range(fault.number("n", 20)):
                self._modem.urc(self._modem.dialect.harmless_urc(index))
        self._modem.clock.call_later(fault.number("ms", 1000) / 1000, self._storm, fault)

    def get(self, name):
        """The first fault of this name, or None."""
        found = self._faults.get(name)
        return found[0] if found else None

    def on(self, name):
        """Whether a lasting fault is in force."""
        if name == "denied" and "apn-first" in self._in_force and not self._modem.dialect.knows_apn():
            return True
        return name in self._in_force

    def refuses_apn(self, apn):
        """Whether the network does not activate a context with this APN."""
        if not self.on("need-apn"):
            return False
        right = self.get("need-apn").text("apn")
        return apn.lower() != right.lower() if right else not apn

    def hit(self, name):
        """Count one occasion for the faults of this name; whether one strikes."""
        return sum(fault.hit() for fault in self._faults.get(name, ())) > 0

    def delivered(self, count):
        """`count` bytes of payload have been handed to the host."""
        self._delivered += count
        while self._waiting and self._waiting[0][0] <= self._delivered:
            _, fault, action = self._waiting.pop(0)
            self._modem.clock.call_soon(self._act, action, fault)

    # Called by the core ------------------------------------------------------------------------------------------------

    def extra_delay_s(self, job):
        """How much longer the module thinks about a command line."""
        total = 0.0
        for fault in self._faults.get("delay", ()):
            names = [command.name for command in job.commands] or [""]
            if not fault.number("urc") and any(fault.concerns(name) for name in names) and fault.hit():
                total += fault.number("ms", 500) / 1000
        return total

    def restarts(self, job):
        """Whether the module restarts instead of carrying out a command line."""
        for fault in self._faults.get("reboot", ()):
            names = [command.name for command in job.commands] or [""]
            if not fault.has(*_OCCASIONS) or not any(fault.concerns(name) for name in names):
                continue
            if (fault.has("times") or not fault.struck) and fault.hit():
                self._modem.reboot(fault.number("down_ms", 2000) / 1000)
                return True
        return False

    def copies(self, line):
        """How often a line (str, without its ends) is printed: 0 when it is lost, 2 when it comes twice."""
        if any(fault.begins(line) and fault.hit() for fault in self._faults.get("lose-line", ())):
            return 0
        return 1 + any(fault.begins(line) and fault.hit() for fault in self._faults.get("double-line", ()))

    def line_delay_s(self, line):
        """How much later a line comes."""
        faults = self._faults.get("delay-line", ())
        return sum(fault.number("ms", 500) / 1000 for fault in faults if fault.begins(line) and fault.hit())

    def urc_delay_s(self, command_name):
        """How much later the result line of a command comes."""
        total = 0.0
        for fault in self._faults.get("delay", ()):
            if fault.number("urc") and fault.concerns(command_name) and fault.hit():
                total += fault.number("ms", 500) / 1000
        return total

    def refuse(self, command):
        """Raise the error with which a command is refused, if one of the faults says so."""
        dialect = self._modem.dialect
        for fault in self._faults.get("fail", ()):
            if not fault.number("urc") and fault.concerns(command.name) and dialect.refusable(command) and fault.hit():
                raise dialect.error(fault.number("code", 550))
        for fault in self._faults.get("busy", ()):
            if fault.concerns(command.name) and dialect.refusable(command) and fault.hit():
                raise dialect.error(dialect.busy_code)

    def result_code(self, command_name):
        """The code that a later result line must carry, or None."""
        for fault in self._faults.get("fail", ()):
            if fault.number("urc") and fault.concerns(command_name) and fault.hit():
                return fault.number("code", 550)
        return None

    def before_reply(self, job, data):
        """What happens between a command and its reply."""
        modem = self._modem
        for fault in self._faults.get("late", ()):
            name = job.current.name if job.commands else ""
            if fault.concerns(name) and fault.hit():
                modem.line.hold(fault.number("ms", 1500) / 1000)
        twins = [fault for fault in self._faults.get("same-prefix", ()) if job.commands and fault.concerns(job.current.name)]
        if twins and not modem.urcs_held():
            line = modem.dialect.same_prefix(job.current, data)
            if line and any(fault.hit() for fault in twins):
                modem.send(modem.frame(line))
