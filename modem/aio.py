"""AsyncModem: the same operations, awaited. One reader digests what arrives; whoever waits is woken when something happened.

Cancelling an awaited call (asyncio.wait_for) loses no data and does not break the line: the command stays with the engine, its
data goes to the socket's ring, its result is consumed. Use one AsyncModem from one event loop.
"""

import asyncio

from .compat import ticks_diff
from .device import BaseModem
from .link import DATA, WAIT
from .sockets import BaseSocket

_POLL_MS = 5  # how often a port that nothing can poll is looked at
_LOOK_MS = 5000  # a block that begins and stalls while all tasks wait is noticed after this and the time allowed for it
_LONG_AGO_MS = 1000000
_FLUSH_MS = 2  # pause while the port's transmit buffer is full

try:
    from asyncio import core  # MicroPython

    sleep_ms = asyncio.sleep_ms

    def pause(modem, deadline):
        """AsyncModem._turn for MicroPython: a plain generator can be awaited, and is all that this allocates."""
        modem._watch()
        task = core.cur_task
        core._task_queue.push(task, core.ticks_add(core.ticks(), modem._due_ms(deadline)))
        modem._waiters.append(task)
        try:
            yield
        finally:
            modem._waiters.remove(task)
        return modem._turned(deadline)

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
        """Let whoever awaits the running task be next, before any time-out that is due.

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

    def sleep_ms(ms):
        """Await it to let `ms` pass."""
        return asyncio.sleep(ms / 1000)

    async def pause(modem, deadline):
        """AsyncModem._turn for CPython."""
        modem._watch()
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        timer = loop.call_later(modem._due_ms(deadline) / 1000, _release, future)
        modem._waiters.append(future)
        try:
            await future
        finally:
            timer.cancel()
            modem._waiters.remove(future)
        return modem._turned(deadline)

    def wake(waiters):
        """Let all waiting tasks run."""
        for future in waiters:
            _release(future)

    def _release(future):
        if not future.done():
            future.set_result(None)


class AsyncSocket(BaseSocket):
    """A socket whose calls are awaited. Names, arguments and results are those of Socket."""

    async def _data(self):
        link = self._link_open()
        modem = self._modem
        deadline = None if self._timeout_ms is None else modem._deadline(self._timeout_ms)
        while True:
            r = link.look(modem._port.ticks_ms())
            if r != WAIT:
                if core is not None:
                    hand_over()
                return r == DATA
            if link.refused:
                if not await modem._settle_link(link, deadline):
                    raise self._timed_out()
            elif not await modem._turn(deadline) and link.look(modem._port.ticks_ms()) == WAIT:
                raise self._timed_out()

    async def recv_into(self, buf, nbytes=0):
        """Store what is there at the start of `buf`, as Socket.recv_into does."""
        nbytes = nbytes or len(buf)
        link = self._link_open()
        if link.filling or not link.ring.any():  # without a coroutine more when it is there already
            if not nbytes or not await self._data():
                return 0
        elif core is not None:
            hand_over()
        return link.ring.readinto(buf, nbytes)

    async def readinto(self, buf, nbytes=0):
        """Like `recv_into`, but None when nothing is there and the socket does not wait."""
        if self._timeout_ms == 0:
            self._modem._pump()
            if self._link_open().refused:
                await self._modem._settle_link(self._link, self._modem._port.ticks_ms())
            if self._link_open().look(self._modem._port.ticks_ms()) == WAIT:
                return None
        return await self.recv_into(buf, nbytes)

    async def recv(self, n):
        """Return up to `n` bytes, b"" at the end."""
        if not n or not await self._data():
            return b""
        ring = self._link.ring
        buf = bytearray(min(n, ring.next()))
        ring.readinto(buf)
        return bytes(buf)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        await self.close()


class AsyncModem(BaseModem):
    """A module on a UART for asyncio programs."""

    _socket_class = AsyncSocket
    _background = True

    def __init__(self, uart, model=None):
        super().__init__(uart, model)
        self._engine.on_boot = self._on_boot
        self._waiters = []
        self._loop = None
        self._reader = self._watched = None
        self._brake = None  # callable: whether what arrives is left to the port's flow control for now (simcom/transfer.py)

    def open_connection(self, host, port, timeout_ms=None, tls=None, access="buffer", rxbuf=1536):
        """Connect to `host`:`port`; return (reader, writer) as `asyncio.open_connection` does. Await it.

        SocketTimeout after `timeout_ms` (None: as long as the module tries, at most 150 s), which is the socket's time-out
        later on as well. Errors as for `Socket.connect`. See streams.py.
        """
        from .streams import open_connection

        return open_connection(self, host, port, timeout_ms, tls, access, rxbuf)

    def start_server(self, callback, host, port, backlog=None, access="buffer", rxbuf=1536):
        """Listen on `port`; call `callback(reader, writer)` for each client, in a task of its own where it is a coroutine
        function. Await it: it returns a Server as `asyncio.start_server` does. `host` has no meaning here."""
        from .streams import start_server

        return start_server(self, callback, host, port, backlog, access, rxbuf)

    def _drive(self, coro):
        return coro

    # Wait until something happened, `deadline` or the engine's next date; False at `deadline`.
    _turn = pause

    def _due_ms(self, deadline):
        now = self._port.ticks_ms()
        left = min(self._engine.due_ms(now), _LOOK_MS)
        if deadline is not None:
            now = ticks_diff(deadline, now)
            if now < left:
                left = now if now > 0 else 0
        return left

    def _turned(self, deadline):
        if self._gone is not None:
            raise self._gone
        now = self._port.ticks_ms()
        if self._engine.due_ms(now) <= 2:
            self._pump()
        return deadline is None or ticks_diff(deadline, now) > 0

    def _pump(self):
        """Digest what has arrived and wake whoever waits; return True when it is left to flow control: until somebody waits."""
        engine = self._engine
        if self._brake is not None and self._brake():
            self._unwatch()
            return True
        try:
            engine.pump()
            engine.tick(self._port.ticks_ms())
        except OSError:
            self._line_gone()
            self._unwatch()
        if engine.changed:
            engine.changed = False
            wake(self._waiters)
            if engine.events or engine.events_lost:
                self._deliver()

    # --- the reader

    def _watch(self):
        """Have the event loop look at the port, from the loop that runs now."""
        if core is None:
            loop = asyncio.get_running_loop()
            if loop is not self._loop:
                self._unwatch()
                self._loop = loop
                self._watched = self._port.pollable
                if self._watched is not None:
                    loop.add_reader(self._watched, self._pump)
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
        while self._gone is None:
            await readable(pollable)
            if self._pump():
                return
            while not self._engine.flush():
                await sleep_ms(_FLUSH_MS)
                if self._pump():
                    return

    async def _poll_port(self):
        while self._gone is None and not self._pump():
            await sleep_ms(_POLL_MS)

    def _after_close(self):
        self._unwatch()
        wake(self._waiters)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        await self.close()
