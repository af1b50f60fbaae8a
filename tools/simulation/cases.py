"""Runs one case: a scene on a model in one flavour, with a fault at a numbered event; and judges it.

The rules: (a) what was received, (b) what was sent, (c) time, (d) errors, (e) recovery,
(f) leaks, (g) TLS, (h) secrets.
"""

import collections

from . import peers, scenes_firmware, scenes_modem, scenes_net, scenes_services  # noqa: F401 - each adds its scenes
from .faults import make
from .port import Stuck
from .program import CLOSE_S, CONNECT_S, SERVICE_S, START_S, Cut, Killed, Program
from .scenes import ECHO, SCENES
from .world import World, simulated_time

RECOVERY_S = 240.0  # from the end of a fault to the first connection that works again
# A scene may take so much longer than without a fault, besides the time that the fault takes itself and the longest call
# (which has a limit of its own); after a harmless fault not even that call may take long.
EXTRA_S = 45.0  # two time-outs that a Stream forgives, and the line brought in order
HARMLESS_S = 10.0
_TRIES = 6
_ECHO_S = 10.0  # at full speed it takes less than a second
_PAUSE_S = 5.0
_MAILBOX = "C:/Email/"  # where the module puts mails by itself


class Case:
    """`faults`: list of (number of an event, text of a fault)."""

    def __init__(self, scene, model, flavour, faults=()):
        self.scene = scene
        self.model = model
        self.flavour = flavour
        self.faults = tuple(faults)

    @classmethod
    def parse(cls, text):
        """From `scene/model/flavour/57.lost` or `.../57.late.6+80.byte-lost.3`."""
        scene, model, flavour, faults = text.split("/")
        found = []
        for each in filter(None, faults.split("+")):
            index, _, fault = each.partition(".")
            found.append((int(index), fault))
        return cls(scene, model, flavour, found)

    def __str__(self):
        return "/".join((self.scene, self.model, self.flavour, "+".join("%d.%s" % fault for fault in self.faults)))


class Outcome:
    """What came of a case."""

    def __init__(self, program, world, ok, seconds):
        self.violations = program.violations
        self.errors = program.errors
        self.happened = program.happened
        self.events = world.events
        self.heard = world.heard
        self.marks = world.marks
        self.struck = world.struck
        self.ok = ok
        self.seconds = seconds  # that the scene took


def run(case, usual_s=None, listing=False):
    """Run a case; its Outcome. `usual_s` is what the scene takes without a fault."""
    scene = SCENES[case.scene]
    faults = {index: make(text) for index, text in case.faults}
    world = World(case.model, faults, listing=listing, specs=scene.specs, quirks=scene.quirks)
    with simulated_time(world):
        scene.prepare(world)
        program = Program(world, case.flavour, scene.secrets)
        return _Run(scene, program, world, list(faults.values()), usual_s).outcome()


class _Run:
    def __init__(self, scene, program, world, faults, usual_s):
        self._scene = scene
        self._program = program
        self._world = world
        self._faults = faults
        self._usual_s = usual_s
        self._ok = False
        self._error = None  # what has ended the scene
        self._seconds = 0.0

    def outcome(self):
        program, world = self._program, self._world
        try:
            self._alive(self._main)
            self._judge_scene()
            self._alive(self._recover)
        except Stuck as stuck:
            name = program.happened[-1][0] if program.happened else "the first call"
            program.violate("c", "hangs after %s: %s" % (name, stuck))
        self._judge_network()
        return Outcome(program, world, self._ok, self._seconds)

    def _alive(self, part):
        """Run a part of the case; a process that is killed begins the scene again."""
        while part:
            try:
                self._program.run(part)
                part = None
            except Killed:
                part = self._main

    async def _main(self, p):
        start = self._world.clock.now()
        try:
            p.boot()
            if self._scene.begins != "off":
                await p.start()
                if self._scene.begins == "attached":
                    await p.attach()
            self._world.mark()
            start = self._world.clock.now()
            await self._scene.body(p)
            self._ok = True
        except (OSError, EOFError, Cut) as error:
            self._error = error
        except Exception as error:
            self._error = error
            if error not in p.errors:  # `do` has looked at the others
                p.violate("d", "the scene raised %r" % error)
        finally:
            self._seconds = self._world.clock.now() - start
            self._world.mark()

    # Judging -----------------------------------------------------------------------------------------------------------

    def _judge_scene(self):
        p = self._program
        harmless = all(fault.harmless for fault in self._faults)
        if harmless and not self._ok:
            p.violate("e", "ended by %r" % self._error)
        if p.loop and all(fault.cancels for fault in self._faults) and not (self._ok or isinstance(self._error, Cut)):
            p.violate("e", "a call fails because another one was cancelled: %r" % self._error)
        for fault in self._faults:
            if fault.wants and fault.world and not self._ok and type(self._error).__name__ != fault.wants:
                p.violate("d", "ended by %r in place of %s" % (self._error, fault.wants))
        if self._ok and self._usual_s is not None and self._scene.timed:
            most = self._usual_s + (HARMLESS_S if harmless else EXTRA_S) + sum(fault.lasts_s for fault in self._faults)
            took = self._seconds if harmless else self._seconds - max((took for _, took, _ in p.happened), default=0.0)
            if took > most:
                p.violate("e", "the scene took %.0f s, the longest call left out, instead of at most %.0f" % (took, most))

    async def _recover(self, p):
        """What the README tells a program to do; then a small echo on a new connection has to work."""
        world = self._world
        await self._after_error(p)
        start = world.clock.now()
        for number in range(_TRIES):
            if world.fault_over > world.clock.now():
                await p.sleep(world.fault_over - world.clock.now())
                start = world.clock.now()
            try:
                if number or p.modem is None:
                    await self._again(p, number)
                await self._echo(p)
                break
            except Exception:  # `do` has looked at it
                await p.sleep(_PAUSE_S)
        else:
            p.violate("e", "no connection works any more: %r" % p.errors[-1:])
            return
        took = world.clock.now() - start
        if took > RECOVERY_S:
            p.violate("e", "it took %.0f s to come back" % took)
        for call in p.afterwards:
            try:
                await p.do("afterwards", call, SERVICE_S, cuttable=False)
            except Exception:  # `do` has looked at it
                pass
        if world.net.alive():
            await p.sleep(peers.WebServer.PATIENCE_S + _PAUSE_S)  # of some only the server makes the end
        if world.net.alive() and len(self._faults) > 1:  # the second one may have fallen on the last close: made up for later
            await p.do("poll", p.modem.poll, CLOSE_S, cuttable=False)
        if not p.handing:
            self._judge_leaks(p)
        await p.do("modem.close", p.modem.close, CLOSE_S, cuttable=False)
        if p.handing:  # of the new connection the program knows nothing: modem.close() ends it
            self._judge_leaks(p)

    def _judge_leaks(self, p):
        left = self._world.net.alive()
        if left:
            p.violate("f", "%d connections are left open on the module" % len(left))
        files = sorted(name for name in set(self._world.files()) - p.kept_files if not name.startswith(_MAILBOX))
        if files:
            # A damaged name is one that the driver has never heard of.
            p.violate("f", "files are left on the module: %s" % " ".join(files), plausible=not p.made_files & set(files))

    async def _again(self, p, number):
        """The first time only the call is made again; then start() and connect()."""
        if number > 1 or not p.modem.isconnected():
            await p.do("start again", p.modem.start, START_S)
            await p.do("connect again", lambda: p.modem.connect("internet", pin=p.pin, pin_retry=True), CONNECT_S)

    async def _after_error(self, p):
        """A stream that has failed gives nothing more; every connection can be closed."""
        for stream in p.streams:
            if stream.over is not None and not stream.closed and _is_final(stream.over):
                try:
                    stream.sock.settimeout(1.0)
                    stream.timeout_s = 1.0
                    data = await stream.recv()
                    if data:
                        p.violate("a", "%d bytes after %r" % (len(data), stream.over))
                except Exception:  # `do` has looked at it
                    pass
            try:
                await stream.close()
            except Cut:  # the second of two faults: what is left open is closed by a later call
                pass
            except Exception as error:
                p.violate("d", "close raised %r" % error)

        for end in p.later:
            try:
                await p.do("ended", end, CLOSE_S, cuttable=False)
            except Exception:  # `do` has looked at it
                p.afterwards.append(end)

    async def _echo(self, p):
        stream = await p.open(ECHO)
        begun, struck = self._world.clock.now(), len(self._world.struck)
        data = b"after the fault " * 5
        try:
            await stream.send(data)
            if await stream.read(len(data)) != data:
                p.violate("a", "another echo after the recovery")
        finally:
            await stream.close()
        if self._world.clock.now() - begun > _ECHO_S and len(self._world.struck) == struck:  # no fault fell on it
            p.violate("e", "slow after the recovery: %.0f s" % (self._world.clock.now() - begun))

    def _judge_network(self):
        p, net = self._program, self._world.net
        for stream in p.streams:
            _judge_stream(p, net, stream)
        shown = [line for line in p.traced if any(secret in line for secret in p.secrets)]
        if shown:
            p.violate("h", "the trace shows a secret: %s" % shown[0], plausible=True)
        pins = collections.Counter(self._world.pins)
        if pins and max(pins.values()) > 1:
            p.violate("b", "a refused PIN was sent %d times" % max(pins.values()))
        if net.unverified and p.verifies:
            p.violate("g", "TLS came up unverified")


def _is_final(error):
    return type(error).__name__ in ("ProtocolError", "ConnectionClosed", "ModemRestarted")


def _judge_stream(p, net, stream):
    """What the peers' ends of a connection say about its bytes."""
    if stream.client:
        links = [link for link in net.links if link.incoming]  # on whatever port the module listens
    else:
        links = [link for link in net.links if link.remote[1] == stream.port]
    got = bytes(stream.got)
    if p.torn:
        got = max((_mended(bytes(link.sent), got) for link in links), key=len, default=got)
    if got and not any(bytes(link.sent).startswith(got) for link in links):
        p.violate("a", "%d bytes were received, which no peer has sent so" % len(got))
    elif stream.ended and not any(link.ended and (link.lost or p.torn or bytes(link.sent) == got) for link in links):
        # Of a connection that was reset the module says the same as of one that was closed.
        p.violate("a", "an end after %d bytes that no peer has made" % len(got))
    broken = stream.error is not None or stream.ended
    if stream.sent and not any(_arrived(bytes(link.received), stream.sent, link.ended or broken) for link in links):
        p.violate("b", "the peer got something else than was sent", told=not all(certain for _, certain in stream.sent))


def _mended(sent, got):
    """`got` with what is missing at one place where `sent` has more."""
    at = next((at for at, (one, other) in enumerate(zip(sent, got)) if one != other), min(len(sent), len(got)))
    for start in range(at, max(-1, at - 4), -1):  # the first bytes of what is missing may look like those behind it
        end = sent.find(got[start:], start) if got[start:] else -1
        if end >= 0:
            return sent[:end] + got[start:]
    return got


def _arrived(received, parts, ended):
    """Whether a peer's bytes are the parts in their order, those whose fate is unknown in part or not at all.

    What was sent last may be missing when the connection has `ended`, and the program knows that it has.
    """
    ways = {0}  # how many bytes the parts so far may account for
    for data, certain in parts:
        after = set()
        for at in ways:
            common = 0
            while common < len(data) and received[at + common : at + common + 1] == data[common : common + 1]:
                common += 1
            if certain and common < len(data):
                if ended and at + common == len(received):
                    return True
            else:
                after.update((at + len(data),) if certain else range(at, at + common + 1))
        ways = after
    return len(received) in ways
