"""Random bytes and mutated transcripts against the driver: `python3 tools/fuzz.py [--seconds N] [--seed S] [--model NAME]`.

Runs on CPython, and on MicroPython (`MICROPYPATH=.frozen:. micropython tools/fuzz.py --seconds 60`). A round has a number;
`--seed S --rounds 1` repeats round S alone. What must hold, whatever the module sends:

  parser   it finds what a plain reading of the same bytes finds (fuzz_parser.py); after reset() the next line is found
  modem    sockets of each kind open (streams, TLS, datagrams, listeners; buffer, push and transparent mode), commands and
           services in flight, waits broken off, several tasks whose calls are cancelled under asyncio: a call returns or
           raises one of the driver's own errors (ModemError), reads within their time-out; nothing grows without bound; once
           the module is itself again, the next commands work

Exit status 1 with the round's number when something else happened. Time is the round's own: waiting takes none.
"""

import gc
import sys
import time

if __name__ == "__main__":
    sys.path[0] = (__file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__.replace("\\", "/") else ".") + "/.."

from modem import Modem, ModemError
from modem.compat import run
from modem.models import MODELS
from modem.net.connect import close_link
from tests.rigs.scripted_port import ready
from tools.fuzz_async import async_round
from tools.fuzz_host import Host
from tools.fuzz_module import Module, Noise, Random
from tools.fuzz_parser import parser_round

_STEPS = 25  # acts of the host in one round
_LISTENER = 3  # a kind of link; on a board its name is gone (tools/fold.py)


class Fuzz(Noise):
    """The rounds."""

    def __init__(self, models=None):
        super().__init__()
        self.models = models or tuple([model.name for model in MODELS])

    # --- the whole driver

    def modem_round(self, seed):
        """A modem with sockets; noise at any moment; then a module that behaves."""
        rnd = Random(seed)
        model = rnd.pick(self.models)
        port = Module(self, rnd)
        modem = ready(port, model, modem_class=Modem)
        if rnd.below(2):
            modem.on_event(_heed)
        modem.module.apn_settings = None
        host = Host(rnd, modem, port)
        done = []
        try:
            for _ in range(2):
                host.opened()
            port.noisy = True
            port.interrupts = rnd.below(2)
            for _ in range(_STEPS):
                done.append(host.act())
                self.bounded(modem)
            port.calm()
            self.recovers(modem, port, host)
        except Exception:
            print("round %d, %s: %s" % (seed, model, " ".join(done)))
            raise

    def bounded(self, modem):
        """Nothing in the driver grows."""
        engine = modem.module.engine
        assert engine.events <= 16, engine.events
        assert len(modem.module.links) == modem.module.dialect.links, len(modem.module.links)
        assert len(modem.module.lost_contexts) <= 16, modem.module.lost_contexts
        if engine.command is not None:
            assert len(engine.command.lines) <= 80, engine.command.lines
        for link in modem.module.links:
            if link is not None:
                assert link.kind == _LISTENER or link.ring.any() <= link.size, link.number
                assert link.backlog is None or len(link.backlog) <= 16, link.backlog

    def hangs_up(self, host):
        """Who has the line for himself gives it back; a late CONNECT may just have given it to him."""
        for sock in host.socks:
            raw = host.modem.module.engine.parser.raw
            link = sock.link
            if raw is not None and link is not None and (raw.link is link or raw.link in (link.backlog or ())):
                host.port.waits = 0
                sock.close()

    def recovers(self, modem, port, host):
        """The module is itself again: after the longest limit has passed, one of the next three commands works, and then all."""
        for _ in range(3):
            self.hangs_up(host)
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
        modem.module.started = modem.module.connected = True  # what start() and connect() would do after a restart
        for link in modem.module.links:
            if link is not None:
                run(close_link(modem.module, link))
        assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 20,99"]
        sock = modem.create_connection(("192.0.2.1", 80), timeout=100)
        assert sock.send(b"hello") == 5
        sock.close()

    # --- growth

    def growth(self, seed, rounds=30):
        """Feed the same noise again and again with nobody asking for anything; return how much the driver grew meanwhile."""
        rnd = Random(seed)
        port = Module(self, rnd)
        modem = ready(port, rnd.pick(self.models))
        modem.module.engine.urc(b"+FUZZ", _heed)
        Host(rnd, modem, port).opened("buffer")
        stream = b"".join([self.noise(rnd) for _ in range(40)])
        before = 0
        for k in range(3 * rounds):
            port.queue.append(stream)
            port.waits = 0
            try:
                if k % 2:
                    modem.poll(100)
                else:
                    run(modem.module.pause(100))  # what a reader does that waits for data: it clears nothing away
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


def main(arguments):
    """Run rounds until the time is over; return the exit status."""
    options = {"--seconds": 10, "--seed": 1, "--rounds": 0, "--model": ""}
    while arguments:
        if arguments[0] not in options or len(arguments) < 2:
            print(__doc__)
            return 0 if arguments[0] == "--help" else 2
        given = arguments[1]
        options[arguments[0]] = given if arguments[0] == "--model" else int(given)
        arguments = arguments[2:]
    fuzz = Fuzz((options["--model"],) if options["--model"] else None)
    seed = options["--seed"]
    failed = done = 0
    end = time.time() + options["--seconds"]
    while done < options["--rounds"] or (not options["--rounds"] and time.time() < end):
        try:
            parser_round(fuzz, seed)
            fuzz.modem_round(seed)
            if seed % 4 == 0:
                async_round(fuzz, seed)
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
