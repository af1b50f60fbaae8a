"""Blocking work in threads: the standard library's mail and FTP clients, kept apart from the event loop that the modem lives on.

A `Worker` runs one function in a thread of its own and tells its outcome, and whatever it gives on the way, in the event loop.
Bytes go to the thread through an `Outbox` and come from it through `Worker.give`; both make the faster side wait.
"""

import contextlib
import socket
import threading

AHEAD = 65536  # bytes that the faster side may be ahead


class Aborted(Exception):
    """The work is not wanted any more."""


class Worker:
    """`run(worker)` in a thread, then `done(result, None)` or `done(None, error)` in the event loop.

    Nothing is told any more after `abort()`, or once the network is frozen.
    """

    handler = None  # `net.freeze` asks whom to tell: whoever began the work keeps a time limit

    def __init__(self, net, run, done):
        self._net = net
        self._loop = net.loop
        self._run = run
        self._done = done
        self._sockets = []
        self._ahead = threading.Condition()
        self._given = 0
        self.over = self._frozen = False

    def start(self):
        """Begin, unless the network is frozen already."""
        if not self._frozen:
            threading.Thread(target=self._main, daemon=True).start()
        return self

    # In the thread -----------------------------------------------------------------------------------------------------

    def _main(self):
        try:
            outcome = self._run(self), None
        except Exception as error:  # whatever it is, it is the outcome
            outcome = None, error
        self.tell(self._finish, *outcome)

    def tell(self, callback, *args):
        """Call `callback(*args)` in the event loop."""
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            self._loop.call_soon_threadsafe(self._deliver, callback, args)

    def give(self, callback, data):
        """Hand bytes to `callback` in the event loop; waits while more than `AHEAD` have not been `taken`."""
        with self._ahead:
            while self._given >= AHEAD and not self.over:
                self._ahead.wait()
            if self.over:
                raise Aborted
            self._given += len(data)
        self.tell(callback, data)

    def connect(self, host, port, timeout_s):
        """A connected socket to `host`, port as the module sees them. Raises `hosts.Unreachable` and OSError."""
        return self.adopt(socket.create_connection(self._net.hosts.route(host, port), timeout_s))

    def route(self, host, port):
        """Where an address of the module's world really is."""
        return self._net.hosts.route(host, port)

    def adopt(self, sock):
        """Let `abort` and `hang_up` reach a socket."""
        self._sockets.append(sock)
        if self.over:
            cut(sock)
        return sock

    # In the event loop -------------------------------------------------------------------------------------------------

    def _deliver(self, callback, args):
        if not (self.over or self._frozen):
            callback(*args)

    def _finish(self, result, error):
        self.over = True
        self._net.forget(self)
        self._done(result, error)

    def taken(self, count):
        """So many of the given bytes are on their way: the thread may give more."""
        with self._ahead:
            self._given -= count
            self._ahead.notify()

    def freeze(self):
        """Nothing gets through any more, and nobody says so: what the thread may still do is not told."""
        self._frozen = True
        self.hang_up()

    def hang_up(self):
        """Every connection ends as if by the peer."""
        for sock in self._sockets:
            cut(sock)

    def abort(self):
        """Give the work up; nothing is told any more."""
        with self._ahead:
            self.over = True
            self._ahead.notify()
        self.hang_up()
        self._net.forget(self)


def cut(sock):
    """End both directions of a connection, so that a thread that waits for it wakes up."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class Outbox:
    """Bytes on their way from the event loop to a worker. `on_room()` is called in the event loop when some have gone."""

    def __init__(self, on_room):
        self._on_room = on_room
        self._parts = []
        self._filled = threading.Condition()
        self._bytes = 0
        self._ended = False

    def put(self, data):
        """Queue bytes; from the event loop."""
        with self._filled:
            self._parts.append(bytes(data))
            self._bytes += len(data)
            self._filled.notify()

    def end(self):
        """No more bytes will come."""
        with self._filled:
            self._ended = True
            self._filled.notify()

    def unsent(self):
        """Bytes that the worker has not handed to the network."""
        return self._bytes

    def drop(self):
        """Forget everything: the worker has failed."""
        with self._filled:
            self._parts.clear()
            self._bytes = 0

    def parts(self, worker):
        """The bytes, part by part, until the end; from the worker's thread. A part counts as sent when the next is asked for."""
        while True:
            with self._filled:
                while not self._parts and not self._ended and not worker.over:
                    self._filled.wait(0.5)
                if worker.over:
                    raise Aborted
                if not self._parts:
                    return
                part = self._parts.pop(0)
            yield part
            with self._filled:
                self._bytes = max(0, self._bytes - len(part))
            worker.tell(self._on_room)
