"""asyncio streams over the module's sockets: `AsyncModem.open_connection` and `AsyncModem.start_server`.

Reader and writer have the methods of asyncio's StreamReader and StreamWriter that apply here, with the same results, so that
programs written for asyncio run on them: HTTP clients, MQTT clients, servers.
"""

import asyncio

from .compat import BOARD, const
from .errors import ConnectionClosed, NotSupported, SocketTimeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

    from _typeshed import ReadableBuffer, WriteableBuffer

    from .sockets import AsyncSocket

_BLOCK = const(1500)
_LIMIT = const(65536)  # longest line; asyncio has the same
_HANDSHAKE_S = const(60)  # for a client's TLS handshake; asyncio has the same
_AGAIN_S = const(1)  # pause of a server that cannot ask for clients now

try:
    from asyncio import IncompleteReadError, LimitOverrunError
except (ImportError, AttributeError):  # MicroPython

    class IncompleteReadError(EOFError):
        """The stream ended in the middle of what was asked for; `partial`: the data received before the end."""

        def __init__(self, partial, expected):
            super().__init__("%d of %s bytes" % (len(partial), expected))
            self.partial = partial
            self.expected = expected

    class LimitOverrunError(Exception):
        """No separator within the limit; `consumed`: how many bytes without one are kept for the next read."""

        def __init__(self, message, consumed):
            super().__init__(message)
            self.consumed = consumed


class StreamReader:
    """Reads from a socket. One task at a time reads. What a cancelled or timed-out read has received stays for the next one.

    `limit`: the most bytes that readuntil() and readline() search for a separator. `writer`: of the same connection.
    """

    def __init__(self, sock: "AsyncSocket", writer: "StreamWriter | None" = None, limit: int = _LIMIT) -> None:
        self._sock = sock
        self._writer = writer
        self._limit = limit
        self._kept = bytearray()  # read from the socket, not yet handed out
        self._eof = False

    def at_eof(self) -> bool:
        """Return whether everything has been read."""
        return self._eof and not self._kept

    async def _more(self):
        """Add the next data to the kept bytes; return False at the end."""
        if not self._eof:
            more = await self._sock.recv(_BLOCK)
            self._eof = not more
            self._kept += more
        return not self._eof

    def _take(self, n):
        data = bytes(self._kept[:n])
        self._kept = self._kept[n:]
        return data

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes as they come, b"" at the end; -1: everything up to the end."""
        if n < 0:
            while await self._more():
                pass
            n = len(self._kept)
        elif n and not self._kept:
            await self._more()
        return self._take(n)

    async def readinto(self, buf: "WriteableBuffer") -> int:
        """Store up to `len(buf)` bytes; return how many, 0 at the end."""
        if self._kept:
            data = self._take(len(buf))
            buf[: len(data)] = data
            return len(data)
        return 0 if self._eof else await self._sock.recv_into(buf)

    async def readexactly(self, n: int) -> bytes:
        """Return exactly `n` bytes; IncompleteReadError (an EOFError) when the stream ends before."""
        while len(self._kept) < n:
            if not await self._more():
                raise IncompleteReadError(self._take(n), n)
        return self._take(n)

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Return everything up to and with `separator`; IncompleteReadError when the stream ends before.

        LimitOverrunError when there is none within 64 KiB: the data stay for the next read.
        """
        start = 0
        while True:
            at = self._kept.find(separator, start)
            if at < 0:
                start = at = max(0, len(self._kept) - len(separator) + 1)
                if at <= self._limit:
                    if await self._more():
                        continue
                    raise IncompleteReadError(self._take(len(self._kept)), None)
            if at > self._limit:
                raise LimitOverrunError("no separator within %d bytes" % self._limit, at)
            return self._take(at + len(separator))

    async def readline(self) -> bytes:
        """Return one line with its LF; the rest of the stream where no LF follows; b"" at the end.

        ValueError for a line of more than 64 KiB, as asyncio has it: what was received of it is dropped.
        """
        try:
            return await self.readuntil(b"\n")
        except IncompleteReadError as error:
            return error.partial
        except LimitOverrunError as error:
            self._take(error.consumed + self._kept.startswith(b"\n", error.consumed))
            raise ValueError("a line is longer than %d bytes" % self._limit)

    async def aclose(self) -> None:
        """Close the connection; what the writer has queued is sent first."""
        await (self._sock.close() if self._writer is None else self._writer.wait_closed())

    def __aiter__(self) -> "Self":
        return self

    async def __anext__(self) -> bytes:
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line


class StreamWriter:
    """Writes to a socket: `write` queues, `drain` sends.

    One task of the writer's own sends what is queued, in order and each byte once. A task that waits in drain(), wait_closed() or
    aclose() only waits: when it is cancelled or its time-out comes, nothing is lost, and the sending goes on.
    """

    def __init__(self, sock: "AsyncSocket") -> None:
        self._sock = sock
        self._queue = []  # pieces that are not sent yet, in order; of the first one `_sent` bytes are
        self._sent = 0
        self._sender = None  # the task that sends them
        self._pause = asyncio.Event()  # set when the sender has ended
        self._error = None  # what has ended it
        self._closer = None  # the task that closes
        self._closed = asyncio.Event()

    def write(self, data: "ReadableBuffer") -> None:
        """Queue `data` for the next `drain`. ConnectionClosed after close()."""
        if self._closer is not None:
            raise ConnectionClosed("the stream is closed")
        if data:
            self._queue.append(bytes(data))

    def writelines(self, lines: "Iterable[ReadableBuffer]") -> None:
        """Queue several pieces."""
        for line in lines:
            self.write(line)

    async def awrite(self, data: "ReadableBuffer") -> None:
        """Send `data` now (as MicroPython's Stream had it)."""
        self.write(data)
        await self.drain()

    async def drain(self) -> None:
        """Send what is queued; return when the module has it.

        SocketTimeout after the socket's time-out: the rest stays queued, and the sending goes on. Errors as for `sendall`; what
        was not sent stays queued.
        """
        while self._queue:
            if self._sender is None:
                self._error = None
                self._pause.clear()
                self._sender = asyncio.create_task(self._send())
            seconds = self._sock.gettimeout()
            if seconds is None:
                await self._pause.wait()
            else:
                try:
                    await asyncio.wait_for(self._pause.wait(), seconds)
                except asyncio.TimeoutError:
                    raise SocketTimeout("the module has not taken everything yet")
            if self._error is not None:
                raise self._error

    async def _send(self):
        sock = self._sock
        try:
            while self._queue:
                if len(self._queue) > 1 and not self._sent:  # small pieces go out together
                    self._queue[:] = [b"".join(self._queue)]
                piece = self._queue[0]
                link = sock.open_link()
                sock.check_alive(link)
                self._sent += await sock.send_within(link, piece, self._sent, len(piece) - self._sent, None)
                if self._sent == len(piece):
                    self._queue.pop(0)
                    self._sent = 0
        except Exception as error:
            self._error = error
        finally:
            self._sender = None
            self._pause.set()

    def can_write_eof(self) -> bool:
        """Return False: the modules cannot close one direction alone."""
        return False

    def is_closing(self) -> bool:
        """Return whether the stream is closed or about to be."""
        return self._closer is not None

    def close(self) -> None:
        """End the stream: what is queued is sent first, within the socket's time-out. `wait_closed` waits for it."""
        if self._closer is None:
            self._closer = asyncio.create_task(self._close())

    async def _close(self):
        try:
            await self.drain()
        except OSError:
            pass  # the peer or the user has closed the connection before, or the module takes nothing
        try:
            await self._sock.close()
        finally:
            self._closed.set()

    async def wait_closed(self) -> None:
        """Close the stream where that was not done yet, and wait until the connection is closed."""
        self.close()
        await self._closed.wait()

    aclose = wait_closed

    def get_extra_info(self, name: str, default: "Any" = None) -> "Any":
        """Return "peername", "sockname" or "socket" of the connection, `default` for anything else."""
        if name == "peername":
            return self._sock.getpeername() if self._sock.link is not None else default
        if name == "sockname":
            return self._sock.getsockname()
        return self._sock if name == "socket" else default


def streams(sock, limit=_LIMIT):
    """Return (reader, writer) over a connected socket."""
    writer = StreamWriter(sock)
    return StreamReader(sock, writer, limit), writer


async def open_connection(modem, host, port, timeout, ssl, server_hostname, limit, tls, access, rxbuf):
    """See `AsyncModem.open_connection`."""
    wrap = _wrapper(ssl)
    sock = await modem.create_connection((host, port), timeout, tls=tls, access=access, rxbuf=rxbuf)
    if wrap:
        sock = await wrap(sock, ssl, False, server_hostname or host)
    return streams(sock, limit)


def _wrapper(ssl):
    """Return what puts a socket into TLS by Python; None when `ssl` asks for none."""
    if not ssl:
        return None
    if BOARD:
        raise NotSupported("MicroPython's ssl needs a socket of its own kind: use tls=modem.tls_context(), or Modem")
    from .ssl_sockets import wrap

    return wrap


class Server:
    """What `start_server` returns: it accepts clients until `close`. `ends_clients`: closing `sock` closes them, too."""

    def __init__(self, sock, callback, limit=_LIMIT, ends_clients=False, ssl=None):
        self.sockets = (sock,)
        self._sock = sock
        self._callback = callback
        self._limit = limit
        self._ends_clients = ends_clients
        self._ssl = ssl
        self._clients = []  # tasks
        self._serving = 0  # how many of them are not done
        self._idle = asyncio.Event()  # set while no client is served
        self._idle.set()
        self._closer = None  # the task that closes
        self._closed = asyncio.Event()
        self._task = asyncio.create_task(self._accept())

    async def _accept(self):
        while self._closer is None:
            try:
                client, _ = await self._sock.accept()
            except OSError:
                if self._closer is None and self._sock.link is not None and self._sock.link.error is None:
                    await asyncio.sleep(_AGAIN_S)  # a transparent socket has the line, or the like: clients wait in the module
                    continue
                break
            client.settimeout(_HANDSHAKE_S if self._ssl else None)
            self._clients = [task for task in self._clients if not task.done()]
            self._serving += 1
            self._idle.clear()
            self._clients.append(asyncio.create_task(self._serve(client)))

    async def _serve(self, client):
        writer = client  # what is to be closed in the end
        try:
            if self._ssl:
                writer = client = await _wrapper(self._ssl)(client, self._ssl, True, None)
                client.settimeout(None)
            reader, writer = streams(client, self._limit)
            result = self._callback(reader, writer)
            if hasattr(result, "send"):
                await result
        except (OSError, EOFError):
            pass  # the client is gone: the server goes on
        finally:
            try:
                await (client.close() if writer is client else writer.wait_closed())
            finally:
                self._serving -= 1
                if not self._serving:
                    self._idle.set()

    def is_serving(self) -> bool:
        """Return whether clients are accepted."""
        return self._closer is None and not self._task.done()

    def close(self) -> None:
        """Stop accepting; clients that are served go on. `wait_closed` waits until the port is free.

        A SIMCom module cannot stop listening while it has clients of the server: those that come meanwhile are closed with it.
        """
        if self._closer is None:
            self._closer = asyncio.create_task(self._close())

    async def _close(self):
        self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            pass
        if self._ends_clients:
            await self._idle.wait()
        try:
            await self._sock.close()
        finally:
            self._closed.set()

    async def wait_closed(self) -> None:
        """Wait until the clients are served and, after `close`, the listening socket is closed."""
        if self._closer is not None:
            await self._closed.wait()
        await self._idle.wait()

    async def serve_forever(self) -> None:
        """Accept clients until the server is closed or this task is cancelled."""
        try:
            await self._task
        except asyncio.CancelledError:
            if self._closer is None:  # this task was cancelled
                self.close()
                raise

    async def __aenter__(self) -> "Self":
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()
        await self.wait_closed()


async def start_server(modem, callback, host, port, backlog, limit, ssl, access, rxbuf):
    """See `AsyncModem.start_server`."""
    if not callable(callback):
        raise TypeError("client_connected_cb must be callable")
    _wrapper(ssl)
    sock = modem.socket(access=access, rxbuf=rxbuf)
    await sock.bind((host or "", port))
    await sock.listen(backlog)
    return Server(sock, callback, limit, sock.module.dialect.server_ends_clients, ssl)
