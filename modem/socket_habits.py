"""What a socket of CPython has besides, for the blocking sockets there: files with a life of their own, flags, `connect_ex` ...

Only for CPython: boards do not load it. A socket of MicroPython is a stream itself, and `makefile()` returns it.

The garbage collector closes what was dropped without `close()`, at any moment and in any thread: files, and the connections of
urllib3's pools. Where that comes while a command of another call is in flight, the connection is only marked, and closed by
poll() or the next call that opens one.
"""

import copy
import io
from socket import MSG_NOSIGNAL, MSG_WAITALL, SO_ERROR, SO_TYPE, SOL_SOCKET

from .compat import finish
from .errors import NotSupported
from .net.connect import abandon
from .net.link import ENDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from _typeshed import ReadableBuffer, WriteableBuffer


def _flags(flags, *known):
    left = flags & ~MSG_NOSIGNAL
    if left not in (0, *known):
        raise NotSupported("the modules have nothing like the flags %#x" % left)
    return left


class SocketHabits:
    """Base of the blocking sockets on CPython."""

    operations: "Any"
    _life = None

    def recv(self, n: int, flags: int = 0) -> bytes:
        """See AsyncSocket.recv. `flags`: MSG_WAITALL waits for all of it; MSG_NOSIGNAL has no effect; NotSupported for others."""
        sock = self.operations
        return finish(sock.read(n) if _flags(flags, MSG_WAITALL) else sock.recv(n), sock.module)

    def recvfrom(self, n: int, flags: int = 0) -> "tuple[bytes, tuple[str, int] | None]":
        """See AsyncSocket.recvfrom. `flags`: as for `recv`, without MSG_WAITALL."""
        _flags(flags)
        return finish(self.operations.recvfrom(n), self.operations.module)

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """See AsyncSocket.send. `flags`: MSG_NOSIGNAL has no effect; NotSupported for others."""
        _flags(flags)
        return finish(self.operations.send(data), self.operations.module)

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """See AsyncSocket.sendall. `flags`: as for `send`."""
        _flags(flags)
        finish(self.operations.sendall(data), self.operations.module)

    def connect_ex(self, address: tuple[str, int]) -> int:
        """Like `connect`, but return the error number of an OSError (0: connected) in place of raising it."""
        try:
            self.connect(address)
        except OSError as error:
            return error.errno
        return 0

    def getsockopt(self, level: int, option: int, size: int = 0) -> int:
        """Return SO_ERROR (the error number that has ended the connection, or 0) or SO_TYPE; NotSupported for others."""
        sock = self.operations
        if (level, option) == (SOL_SOCKET, SO_TYPE):
            return sock.type
        if (level, option) == (SOL_SOCKET, SO_ERROR):
            return sock.link.error.errno if sock.link is not None and sock.link.error is not None else 0
        raise NotSupported("only SO_ERROR and SO_TYPE can be read: see modem.configure() for options of the module")

    def has_ended(self) -> bool:
        """Return whether the socket is closed, or its connection has ended as far as the driver knows. Nothing is sent.

        Kept connections are tried by it before they are used again.
        """
        link = self.operations.link
        return link is None or link.state >= ENDED

    def detach(self) -> "Self":
        """Return a new socket object that has the connection; this one is closed. (There is no file descriptor to return.)"""
        operations = self._let_go()
        operations.face_made = type(self)(operations)
        return operations.face_made

    def close(self) -> None:
        """Close the connection and free its id. Always succeeds; calling it again does nothing.

        The connection stays as long as a file of `makefile()` is open.
        """
        operations = self.operations
        if self._life is not None and self._life.files:
            self._life.has_socket = False
            self._let_go()
        else:
            _end(operations)

    def _let_go(self):
        """Return the operations, with their connection; this socket has closed ones from now on."""
        operations = self.operations
        self.operations = copy.copy(operations)
        self.operations.link, self.operations.closed, self.operations.kept = None, True, b""
        self._life = None
        return operations

    def makefile(
        self, mode: str = "r", buffering: int | None = None, *, encoding: str | None = None, errors: str | None = None,
        newline: str | None = None,
    ) -> "Any":  # fmt: skip
        """Return a file object of `io` on the connection, as `socket.makefile` does: binary or text, buffered or not.

        The connection is closed when the socket and all its files are. `flush()` and `close()` of a file that is written to
        return when the module has the data. A read that times out loses nothing.
        """
        if not set(mode) <= {"r", "w", "b"} or not mode:
            raise ValueError("mode must be made of r, w and b")
        reading, writing, binary = "r" in mode or "w" not in mode, "w" in mode, "b" in mode
        size = io.DEFAULT_BUFFER_SIZE if buffering is None or buffering < 0 else buffering
        if not size and not binary:
            raise ValueError("a text file has a buffer")
        self.operations.check_open()
        if self._life is None:
            self._life = _Life(type(self)(self.operations))
        raw = SocketFile(self._life, reading, writing)
        if not size:
            return raw
        if reading and writing:
            file = io.BufferedRWPair(raw, raw, size)
        else:
            file = io.BufferedReader(raw, size) if reading else io.BufferedWriter(raw, size)
        if binary:
            return file
        text = io.TextIOWrapper(file, encoding, errors, newline, line_buffering=buffering == 1)
        text.mode = mode
        return text

    def __repr__(self):
        sock = self.operations
        if sock.closed:
            state = "closed"
        elif sock.link is None:
            state = "not connected"
        else:
            state = "connection %d" % sock.link.number
            if sock.link.peer:
                state += " with %s port %s" % tuple(sock.link.peer)
            if sock.link.error is not None:
                state += ", broken: %s" % sock.link.error
            elif sock.link.state >= ENDED:
                state += ", ended"
        return "<%s %s, timeout %s>" % (type(self).__name__, state, sock.gettimeout())


def _end(operations):
    """Close the connection. Where a command of another call is in flight, poll() or the next call that opens one does that."""
    m, link = operations.module, operations.link
    if link is not None and m.guard.depth > 1 and m.busy():
        operations.closed, operations.link = True, None
        abandon(link)
    else:
        finish(operations.close(), m)


class _Life:
    """A connection and who holds it: the socket, and files."""

    def __init__(self, face):
        self.face = face
        self.files = 0
        self.has_socket = True

    def release(self):
        """A file has ended: the last one, when the socket is closed, ends the connection."""
        self.files -= 1
        if self.files or self.has_socket:
            return
        operations = self.face.operations
        if operations.module.guard.acquire(blocking=False):
            try:
                _end(operations)
            finally:
                operations.module.guard.release()
        elif operations.link is not None:
            abandon(operations.link)


class SocketFile(io.RawIOBase):
    """The unbuffered file of a socket; made by `makefile`."""

    def __init__(self, life, reading, writing):
        self._life = life
        self._reading, self._writing = reading, writing
        self.mode = ("r" if reading else "") + ("w" if writing else "") + "b"
        life.files += 1

    def readable(self) -> bool:
        """Return whether it is open for reading."""
        self._check()
        return self._reading

    def writable(self) -> bool:
        """Return whether it is open for writing."""
        self._check()
        return self._writing

    def _check(self):
        if self.closed:
            raise ValueError("the file is closed")

    def readinto(self, buf: "WriteableBuffer") -> int | None:
        """Store what is there; return how much, 0 at the end, None when nothing is there and the socket does not wait."""
        self._check()
        if not self._reading:
            raise io.UnsupportedOperation("not open for reading")
        return self._life.face.readinto(buf)

    def write(self, data: "ReadableBuffer") -> int | None:
        """Send the beginning of `data`; return how much, None when nothing was taken and the socket does not wait."""
        self._check()
        if not self._writing:
            raise io.UnsupportedOperation("not open for writing")
        try:
            return self._life.face.send(data)
        except BlockingIOError:
            return None

    def close(self) -> None:
        """End the file; the connection ends with the last one, when the socket is closed."""
        if not self.closed:
            super().close()
            self._life.release()

    @property
    def name(self) -> int:
        """-1, as there is no file descriptor."""
        return -1
