"""AsyncModem: the same operations, awaited; and how asyncio waits. One reader digests what arrives; waiting tasks are woken when
something has happened.

Cancelling an awaited call (asyncio.wait_for) loses no data and does not break the line: the command stays with the engine, its
data go to the socket's ring, its result is consumed. Use one AsyncModem from one event loop.
"""

import asyncio

from .compat import age_ms, const, ticks_diff
from .modem import BaseModem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from .modem import _Port
    from .power_key import PowerKey
    from .sockets import _Access
    from .streams import Server, StreamReader, StreamWriter
    from .tls import TlsContext

_IDLE_MS = const(200)  # nothing is awaited, and nothing has come for so long: nothing happens
_SOON_MS = const(2)  # the engine's next date counts as due
_LOOK_MS = const(5000)  # a block that begins and stalls while all tasks wait is noticed after this and the time allowed for it
_LONG_AGO_MS = const(1000000)
_LIMIT = const(65536)  # of a stream reader; asyncio has the same
_FLUSH_MS = const(2)  # pause while the port's transmit buffer is full
_LONGER = const(8)
_SOME = const(32)  # where something has come and more may follow, as many bytes as are worth waking up for

try:
    from asyncio import core  # MicroPython

    sleep_ms = asyncio.sleep_ms

    def pause(waiter, deadline):
        """AsyncWait.turn for MicroPython: a plain generator can be awaited, and is all that this allocates."""
        waiter.watch()
        task = core.cur_task
        core._task_queue.push(task, core.ticks_add(core.ticks(), waiter.due_ms(deadline)))
        waiter.waiting.append(task)
        try:
            yield
        finally:
            waiter.waiting.remove(task)
        return waiter.turned(deadline)

    def wake(waiters):
        """Let all waiting tasks run; one that has been cancelled is about to, and pushing it again would undo that."""
        for task in waiters:
            if not task.data:
                core._task_queue.remove(task)
                core._task_queue.push(task)

    def readable(stream):
        """Wait until `stream` can be read: await it."""
        yield core._io_queue.queue_read(stream)

    def hand_over():
        """Schedule the task that awaits the running one ahead of due time-outs.

        MicroPython's wait_for drops a result that is ready but not handed over when its time-out comes due: the bytes in it
        would be lost. Queued in the past, its helper takes the result first. A task that is not at its end yet is simply
        waited for again.
        """
        waiting = core.cur_task.state
        if isinstance(waiting, core.TaskQueue):  # else True, or what gather() put there
            first = core.ticks_add(core.ticks(), -_LONG_AGO_MS)
            while waiting.peek():
                core._task_queue.push(waiting.pop(), first)

except ImportError:
    core = None

    def hand_over():
        """Nothing: asyncio of CPython hands results over."""

    def sleep_ms(ms):
        """Await it to let `ms` pass."""
        return asyncio.sleep(ms / 1000)

    async def pause(waiter, deadline):
        """AsyncWait.turn for CPython."""
        waiter.watch()
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        timer = loop.call_later(waiter.due_ms(deadline) / 1000, _release, future)
        waiter.waiting.append(future)
        try:
            await future
        finally:
            timer.cancel()
            waiter.waiting.remove(future)
        return waiter.turned(deadline)

    def wake(waiters):
        """Let all waiting tasks run."""
        for future in waiters:
            _release(future)

    def _release(future):
        if not future.done():
            future.set_result(None)


class AsyncWait:
    """How asyncio programs wait: see at/session.py. `brake`: callable, whether what arrives is left to flow control for now."""

    fair = True
    poll_ms = 5  # how often a port that nothing can poll is looked at; an eighth as often while nothing happens

    def __init__(self, session):
        self._session = session
        self._port = session.port
        self._engine = session.engine
        self.waiting = []  # tasks (MicroPython) or futures (CPython)
        self.brake = None
        self._loop = None
        self._reader = self._watched = self._worker = None
        self._came = False  # the last pump() found something

    # Wait until something happened, `deadline` or the engine's next date; False at `deadline`.
    turn = pause

    hand_over = staticmethod(hand_over)

    def notify(self):
        """Let all waiting tasks look."""
        wake(self.waiting)

    def released(self):
        """The line is free: what happened while a command was in flight can be told now."""
        self._session.deliver()

    def spawn(self, work):
        """A task awaits `work()`."""
        self._worker = asyncio.create_task(work())

    def user(self, operations):
        """Return what the program holds: the object itself."""
        return operations

    def closed(self):
        """The port has ended."""
        self._unwatch()
        wake(self.waiting)

    def due_ms(self, deadline):
        """Return after how many ms a waiting task must look again."""
        now = self._port.ticks_ms()
        left = min(self._engine.due_ms(now), _LOOK_MS)
        if deadline is not None:
            now = ticks_diff(deadline, now)
            if now < left:
                left = now if now > 0 else 0
        return left

    def turned(self, deadline):
        """A task has waited: return whether `deadline` is still to come."""
        if self._session.gone is not None:
            raise self._session.gone
        now = self._port.ticks_ms()
        if self._engine.due_ms(now) <= _SOON_MS:
            self.pump()
        return deadline is None or ticks_diff(deadline, now) > 0

    def pump(self):
        """Digest what has arrived and wake waiting tasks; return True when it is left to flow control until a task waits."""
        engine = self._engine
        if self.brake is not None and self.brake():
            self._unwatch()
            return True
        try:
            self._came = engine.pump()
            engine.tick(self._port.ticks_ms())
        except OSError:
            self._session.line_gone()
            self._unwatch()
        if engine.changed:
            engine.changed = False
            wake(self.waiting)
            self._session.deliver()

    # --- the reader

    def watch(self):
        """Have the event loop look at the port, from the loop that runs now."""
        if core is None:
            loop = asyncio.get_running_loop()
            if loop is not self._loop or (self._reader is not None and self._reader.done()):
                self._unwatch()
                self._loop = loop
                self._watched = self._port.pollable
                if self._watched is not None:
                    loop.add_reader(self._watched, self.pump)
                else:
                    self._reader = loop.create_task(self._poll_port())
        elif self._reader is None or self._reader.done():
            pollable = self._port.pollable
            self._reader = asyncio.create_task(self._poll_port() if pollable is None else self._read_port(pollable))

    def _unwatch(self):
        if core is None and self._loop is not None and self._watched is not None:
            if not self._loop.is_closed():
                self._loop.remove_reader(self._watched)  # by its number: a closed port has none, and the next one may get it
        elif self._reader is not None and self._reader is not (core and core.cur_task):
            self._reader.cancel()
        self._loop = self._reader = None

    async def _read_port(self, pollable):
        while self._session.gone is None:
            await readable(pollable)
            naps = 1
            while True:
                if self.pump():
                    return
                nap_ms = self._nap_ms(naps)
                if not nap_ms:
                    break
                await sleep_ms(nap_ms)
                naps = min(naps + naps, _LONGER)

    def _nap_ms(self, longer):
        """Return how long to let the port collect what is on its way before looking again; 0: until it says that something came.

        `longer`: so many times as long in transparent mode, where a stream has no other borders.
        """
        engine = self._engine
        if engine.unsent():
            return _FLUSH_MS
        if not self._came:
            return 0
        n = engine.coming()
        return self._port.line_ms(n * longer if engine.parser.raw is not None else max(n, _SOME))

    async def _poll_port(self):
        while self._session.gone is None and not self.pump():
            idle = self._engine.command is None and age_ms(self._engine.heard_at, self._port.ticks_ms()) > _IDLE_MS
            await sleep_ms(self.poll_ms * 8 if idle else self.poll_ms)


class AsyncModem(BaseModem):
    """A module on a UART for asyncio programs. `uart`: a port of ports/; `model`: None asks the module."""

    def __init__(self, uart: "_Port", model: str | None = None, power: "PowerKey | None" = None) -> None:
        super().__init__(uart, model, power, AsyncWait)

    async def open_connection(
        self, host: str, port: int, timeout: float | None = None, *, ssl: "SSLContext | bool | None" = None,
        server_hostname: str | None = None, limit: int = _LIMIT, tls: "TlsContext | None" = None, access: "_Access" = "buffer",
        rxbuf: int = 1536,
    ) -> "tuple[StreamReader, StreamWriter]":  # fmt: skip
        """Connect to `host`:`port`; return (reader, writer) as `asyncio.open_connection` does.

        SocketTimeout after `timeout` seconds (None: as long as the module tries, at most 150 s), which is the socket's time-out
        later on as well. Errors as for `connect`. `limit`: see StreamReader. See streams.py.

        TLS by the module: `tls`, a context of `tls_context()`. TLS by Python (CPython only): `ssl`, an `ssl.SSLContext`, or True
        for one that verifies by what the operating system trusts; `server_hostname`: the name to verify in place of `host`.
        """
        from .streams import open_connection

        return await open_connection(self, host, port, timeout, ssl, server_hostname, limit, tls, access, rxbuf)

    async def start_server(
        self, client_connected_cb: "Callable[[StreamReader, StreamWriter], object]", host: str | None = None, port: int = 0,
        backlog: int | None = None, *, limit: int = _LIMIT, ssl: "SSLContext | None" = None, access: "_Access" = "buffer",
        rxbuf: int = 1536,
    ) -> "Server":  # fmt: skip
        """Listen on `port`; call `client_connected_cb(reader, writer)` for each client, in a task of its own where it is a
        coroutine function. Returns a Server as `asyncio.start_server` does. `host` has no meaning here; `limit`: see
        StreamReader. `ssl` (CPython only): an `ssl.SSLContext` for servers; a client has 60 s for its handshake."""
        from .streams import start_server

        return await start_server(self, client_connected_cb, host, port, backlog, limit, ssl, access, rxbuf)
