"""asyncio streams over the module's sockets: `AsyncModem.open_connection` and `AsyncModem.start_server`.

Reader and writer have the methods of asyncio's StreamReader and StreamWriter that make sense here, with the same results, so that
programs written for asyncio run on them: HTTP clients, MQTT clients, servers.
"""

import asyncio

from .compat import const
from .errors import ConnectionClosed, ModemError

_BLOCK = const(1500)

try:
    _Incomplete = asyncio.IncompleteReadError  # an EOFError with .partial and .expected
except AttributeError:

    class _Incomplete(EOFError):
        """The stream ended in the middle of what was asked for; `partial`: what there was."""

        def __init__(self, partial, expected):
            super().__init__("%d of %s bytes" % (len(partial), expected))
            self.partial = partial
            self.expected = expected


class StreamReader:
    """Reads from a socket. One task at a time reads."""

    def __init__(self, sock):
        self._sock = sock
        self._kept = b""  # read from the socket, not yet handed out
        self._eof = False

    def at_eof(self):
        """Return whether everything has been read."""
        return self._eof and not self._kept

    async def _more(self):
        """Add what comes next to the kept bytes; return False at the end."""
        if not self._eof:
            more = await self._sock.recv(_BLOCK)
            self._eof = not more
            self._kept += more
        return not self._eof

    def _take(self, n):
        data = self._kept[:n]
        self._kept = self._kept[n:]
        return data

    async def read(self, n=-1):
        """Return up to `n` bytes as they come, b"" at the end; -1: everything up to the end."""
        if n < 0:
            while await self._more():
                pass
            n = len(self._kept)
        elif n and not self._kept:
            await self._more()
        return self._take(n)

    async def readinto(self, buf):
        """Store up to `len(buf)` bytes; return how many, 0 at the end."""
        if self._kept:
            data = self._take(len(buf))
            buf[: len(data)] = data
            return len(data)
        return 0 if self._eof else await self._sock.recv_into(buf)

    async def readexactly(self, n):
        """Return exactly `n` bytes; IncompleteReadError (an EOFError) when the stream ends before."""
        while len(self._kept) < n:
            if not await self._more():
                raise _Incomplete(self._take(n), n)
        return self._take(n)

    async def readuntil(self, separator=b"\n"):
        """Return everything up to and with `separator`; IncompleteReadError when the stream ends before."""
        start = 0
        while True:
            at = self._kept.find(separator, start)
            if at >= 0:
                return self._take(at + len(separator))
            start = max(0, len(self._kept) - len(separator) + 1)
            if not await self._more():
                raise _Incomplete(self._take(len(self._kept)), None)

    async def readline(self):
        """Return one line with its LF; what there is at the end; b"" behind it."""
        try:
            return await self.readuntil(b"\n")
        except _Incomplete as error:
            return error.partial

    def __aiter__(self):
        return self

    async def __anext__(self):
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line


class StreamWriter:
    """Writes to a socket: `write` keeps, `drain` sends."""

    def __init__(self, sock):
        self._sock = sock
        self._out = []
        self._closing = False
        self._closed = None

    def write(self, data):
        """Keep `data` for the next `drain`."""
        if self._closing:
            raise ConnectionClosed("the stream is closed")
        if data:
            self._out.append(bytes(data))

    def writelines(self, lines):
        """Keep several pieces."""
        for line in lines:
            self.write(line)

    async def awrite(self, data):
        """Send `data` now (as MicroPython's Stream had it)."""
        self.write(data)
        await self.drain()

    async def drain(self):
        """Send what is kept; return when the module has it."""
        while self._out:
            data = b"".join(self._out)
            del self._out[:]
            await self._sock.sendall(data)

    def can_write_eof(self):
        """Return False: the modules cannot close one direction alone."""
        return False

    def is_closing(self):
        """Return whether `close` was called."""
        return self._closing

    def close(self):
        """End the stream: what is kept is sent first. `wait_closed` waits for it."""
        if not self._closing:
            self._closing = True
            self._closed = asyncio.create_task(self._finish())

    async def _finish(self):
        try:
            await self.drain()
        except ModemError:
            pass  # the peer was faster
        await self._sock.close()

    async def wait_closed(self):
        """Wait until the connection is closed."""
        if self._closed is not None:
            await self._closed

    aclose = wait_closed

    def get_extra_info(self, name, default=None):
        """Return "peername", "sockname" or "socket" of the connection, `default` for anything else."""
        if name == "peername":
            return self._sock.getpeername() if self._sock._link is not None else default
        if name == "sockname":
            return self._sock.getsockname()
        return self._sock if name == "socket" else default


def streams(sock):
    """Return (reader, writer) over a connected socket."""
    return StreamReader(sock), StreamWriter(sock)


async def open_connection(m, host, port, timeout_ms, tls, access, rxbuf):
    """See `AsyncModem.open_connection`."""
    return streams(await m._create_connection((host, port), timeout_ms, tls, access, rxbuf))


class Server:
    """What `start_server` returns: it accepts clients until `close`."""

    def __init__(self, sock, callback):
        self.sockets = (sock,)
        self._sock = sock
        self._callback = callback
        self._clients = []
        self._closing = None
        self._task = asyncio.create_task(self._accept())

    async def _accept(self):
        while self._closing is None:
            try:
                client, _ = await self._sock.accept()
            except OSError:
                if self._closing is None and self._sock._link is not None and self._sock._link.error is None:
                    await asyncio.sleep(1)  # a transparent socket has the line, or the like: clients wait in the module
                    continue
                break
            client.settimeout(None)
            self._clients = [task for task in self._clients if not task.done()]
            self._clients.append(asyncio.create_task(self._serve(client)))

    async def _serve(self, client):
        reader, writer = streams(client)
        try:
            result = self._callback(reader, writer)
            if hasattr(result, "send"):
                await result
        except (OSError, EOFError):
            pass  # the client is gone: that is no reason to stop serving
        finally:
            if not writer.is_closing():
                writer.close()
            await writer.wait_closed()

    def is_serving(self):
        """Return whether clients are accepted."""
        return self._closing is None and not self._task.done()

    def close(self):
        """Stop accepting; clients that are served go on. `wait_closed` waits until the port is free."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())

    async def _close(self):
        self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            pass
        await self._sock.close()

    async def wait_closed(self):
        """Wait until the listening socket is closed and the clients are served."""
        if self._closing is not None:
            await self._closing
        for task in self._clients:
            if not task.done():
                await task

    async def serve_forever(self):
        """Accept clients until the server is closed or this task is cancelled."""
        try:
            await self._task
        except asyncio.CancelledError:
            if self._closing is None:  # this task was cancelled
                self.close()
                raise

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        self.close()
        await self.wait_closed()


async def start_server(m, callback, host, port, backlog, access, rxbuf):
    """See `AsyncModem.start_server`."""
    if not callable(callback):
        raise TypeError("callback must be callable")
    sock = m.socket(access=access, rxbuf=rxbuf)
    await sock.bind((host or "", port))
    await sock.listen(backlog)
    return Server(sock, callback)
