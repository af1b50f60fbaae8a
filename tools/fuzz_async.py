"""Rounds of tools/fuzz.py under asyncio: several tasks share a modem, their calls are cancelled at any moment. On both Pythons.

The event loop's clock is the round's own, so that waiting takes no time here either.
"""

import asyncio
from errno import EBADF

from modem import AsyncModem, ModemError
from modem.aio import AsyncWait
from tests.rigs.scripted_port import ready
from tools.fuzz_host import ALLOWED, HOST
from tools.fuzz_module import Hang, Module, Random

_TASKS = 3
_ACTS = 10  # of each task
_MOST_TURNS = 200000  # of the event loop in one round
_POLL_MS = 100  # so often the modem looks at the port: the usual 5 ms would be most of a round's work
_MODES = ("buffer", "buffer", "buffer", "push", "push", "transparent")


class AsyncPort(Module):
    """The module's port as AsyncModem uses it: nothing waits for it, it is looked at every few milliseconds."""

    def readinto(self, buf, n):
        """As a port's; noise comes by itself."""
        if self.noisy and self._rnd.below(40) == 0:
            self.queue.append(self._noise.noise(self._rnd))
        return Module.readinto(self, buf, n)

    def pass_ms(self, ms):
        """Time passes."""
        self.waits += 1
        if self.waits > _MOST_TURNS:
            raise Hang("a round does not come to its end")
        self._now += ms


def run(port, coro):
    """Run `coro` in an event loop whose clock is the port's. What calls raise that nobody waits for any more counts too."""
    unseen = []
    usual = AsyncWait.poll_ms
    AsyncWait.poll_ms = _POLL_MS
    try:
        _run(port, coro, lambda loop, context: unseen.append(context.get("exception")))
    finally:
        AsyncWait.poll_ms = usual
    for error in unseen:
        if error is not None and not allowed(error):
            raise error


def allowed(error):
    """Return whether a call of the driver may raise this; make its text."""
    str(error)
    return isinstance(error, ModemError) or (isinstance(error, OSError) and (error.args or (0,))[0] in ALLOWED + (EBADF,))


def _run(port, coro, on_error):
    try:
        from asyncio import core
    except ImportError:
        return _run_on_cpython(port, coro, on_error)
    asyncio.new_event_loop().set_exception_handler(on_error)
    ticks, queue = core.ticks, core._io_queue
    wait = queue.wait_io_event
    core.ticks = port.ticks_ms
    try:
        core._io_queue = _Queue(port, queue)
        return asyncio.run(coro)
    finally:
        core.ticks = ticks
        core._io_queue = queue
        queue.wait_io_event = wait
        asyncio.new_event_loop().set_exception_handler(None)


class _Queue:
    """In place of MicroPython's queue for I/O: nothing is polled, waiting lets time pass."""

    def __init__(self, port, queue):
        self._port = port
        self._queue = queue
        self.remove = queue.remove

    def wait_io_event(self, ms):
        """Sleep for `ms`."""
        if ms < 0:
            raise Hang("everybody waits for ever")
        self._port.pass_ms(ms)


def _run_on_cpython(port, coro, on_error):
    import selectors

    class Selector(selectors.SelectSelector):
        def select(self, timeout=None):
            events = super().select(0)
            if not events:
                if timeout is None:
                    raise Hang("everybody waits for ever")
                # rounded up, or the loop would be a hair too early for ever
                port.pass_ms(-int(-timeout * 1000 // 1))
            return events

    loop = asyncio.SelectorEventLoop(Selector())
    loop.time = lambda: port._now / 1000
    loop._clock_resolution = 1e-6
    loop.set_exception_handler(on_error)
    try:
        return loop.run_until_complete(coro)
    finally:
        loop.close()


class Task:
    """One task of the program: acts on a socket of its own."""

    def __init__(self, rnd, modem):
        self.rnd = rnd
        self.modem = modem
        self.sock = None
        self.last = None

    async def opened(self):
        """Have a socket, connected or not."""
        rnd = self.rnd
        if self.sock is not None:
            await self.sock.close()
        self.sock = self.modem.socket(type=1 + (rnd.below(4) == 0), access=rnd.pick(_MODES), rxbuf=256)
        self.sock.settimeout(rnd.pick((0.5, 3, 30)))
        if rnd.below(5) == 0:
            await self.sock.bind(("", 5000 + rnd.below(9)))
            if self.sock.type == 1:
                await self.sock.listen(2)
        else:
            await self.sock.connect(HOST)

    def act(self):
        """Return something to await."""
        sock, modem, rnd = self.sock, self.modem, self.rnd
        way = rnd.below(17)
        self.last = way
        if sock is None or way == 0 or (sock.link is None and rnd.below(8)):
            return self.opened()
        if way < 4:
            return sock.recv_into(bytearray(64))
        if way < 6:
            return sock.send(b"x" * (1 + rnd.below(300)))
        return (
            lambda: sock.recv(100),
            lambda: sock.readline(),
            lambda: sock.read(20),
            lambda: sock.sendall(b"OK\r\n" * rnd.below(700)),
            lambda: sock.switch(rnd.pick(_MODES)),
            lambda: sock.close(),
            lambda: sock.stats(),
            lambda: sock.accept(),
            lambda: modem.command("AT+CSQ", prefix="+CSQ:", timeout_ms=rnd.pick((5, 300, 9000))),
            lambda: modem.poll(50),
            lambda: modem.resolve("example.com"),
        )[way - 6]()

    async def run(self):
        """Do so many acts, each given up after a while."""
        for _ in range(_ACTS):
            if not (self.modem.module.started and self.modem.module.connected):
                self.modem.module.started = self.modem.module.connected = True
            act = self.act()
            try:
                await asyncio.wait_for(act, self.rnd.pick((0.003, 0.2, 2, 100)))
            except (asyncio.TimeoutError, asyncio.CancelledError):
                pass  # the second: MicroPython's wait_for, when the time is over before its helper has begun
            except OSError as error:
                assert allowed(error), "act %s: %r" % (self.last, error)


async def _program(fuzz, rnd, port, modem):
    tasks = [Task(rnd, modem) for _ in range(_TASKS)]
    port.noisy = True
    try:
        await asyncio.gather(*[task.run() for task in tasks])
    finally:
        port.calm()
    await _recovers(modem, port, tasks)


async def _recovers(modem, port, tasks):
    for task in tasks:
        if task.sock is not None:
            await task.sock.close()
    last = None
    for _ in range(3):
        try:
            await modem.poll(200000)
            last = await modem.command("AT+CSQ", prefix="+CSQ:")
            if last == [b"+CSQ: 20,99"]:
                break
        except ModemError as error:
            last = error
    else:
        raise AssertionError("the line does not recover: %r" % last)
    modem.module.started = modem.module.connected = True
    sock = await modem.create_connection(HOST, timeout=100)
    assert await sock.send(b"hello") == 5
    await sock.close()
    await modem.close()


def async_round(fuzz, seed):
    """One round: tasks, noise, cancelled calls; then a module that behaves."""
    rnd = Random(seed)
    port = AsyncPort(fuzz, rnd)
    port.close = lambda: None
    model = rnd.pick(fuzz.models)
    modem = ready(port, model, modem_class=AsyncModem)
    modem.module.apn_settings = None
    try:
        run(port, _program(fuzz, rnd, port, modem))
    except Exception:
        print("asyncio round %d, %s" % (seed, model))
        raise
