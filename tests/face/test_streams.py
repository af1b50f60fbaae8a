"""asyncio streams over a socket: the methods of asyncio's own, with the same results, on both Pythons."""

import asyncio

from modem import ConnectionClosed, SocketTimeout
from modem.streams import LimitOverrunError, Server, StreamReader, StreamWriter, streams
from tests.rigs.assertions import raises


class FakeSocket:
    """Gives the blocks it was made with, then the end; keeps what is sent."""

    link = None

    def __init__(self, *blocks):
        self.blocks = list(blocks)
        self.sent = []
        self.closed = 0

    async def recv(self, n):
        await asyncio.sleep(0)
        if not self.blocks:
            return b""
        block = self.blocks.pop(0)
        if len(block) > n:
            self.blocks.insert(0, block[n:])
        return block[:n]

    async def recv_into(self, buf):
        data = await self.recv(len(buf))
        buf[: len(data)] = data
        return len(data)

    def gettimeout(self):
        return None

    def open_link(self):
        return None

    def check_alive(self, link):
        pass

    async def send_within(self, link, data, off, n, limit_ms):
        assert limit_ms is None
        await asyncio.sleep(0)
        self.sent.append(bytes(data[off : off + n]))
        return n

    async def close(self):
        self.closed += 1

    def settimeout(self, seconds):
        assert seconds is None


def test_reading_in_all_ways():
    async def main():
        reader = StreamReader(FakeSocket(b"one\ntw", b"o\nthree", b"four\r\n\r\nrest", b" of it", b"x" * 2000))
        assert await reader.readline() == b"one\n"
        assert await reader.read(1) == b"t" and await reader.read(100) == b"w"
        assert await reader.readexactly(4) == b"o\nth"
        assert await reader.readuntil(b"\r\n\r\n") == b"reefour\r\n\r\n"
        buf = bytearray(6)
        assert await reader.readinto(buf) == 4 and bytes(buf[:4]) == b"rest"
        assert not reader.at_eof()
        assert await reader.read() == b" of it" + b"x" * 2000
        assert reader.at_eof() and await reader.read(5) == b"" and await reader.readline() == b""
        assert await reader.readinto(buf) == 0

    asyncio.run(main())


def test_end_in_the_middle_of_what_was_asked_for():
    async def main():
        with raises(EOFError) as error:
            await StreamReader(FakeSocket(b"abc")).readexactly(5)
        assert error.value.partial == b"abc" and error.value.expected == 5
        with raises(EOFError) as error:
            await StreamReader(FakeSocket(b"abc", b"d")).readuntil(b"\r\n")
        assert error.value.partial == b"abcd"
        assert await StreamReader(FakeSocket(b"no line end")).readline() == b"no line end"

    asyncio.run(main())


def test_separator_that_is_cut_by_the_end_of_a_block():
    async def main():
        reader = StreamReader(FakeSocket(b"a\r", b"\n\r", b"\nb"))
        assert await reader.readuntil(b"\r\n\r\n") == b"a\r\n\r\n" and await reader.read() == b"b"

    asyncio.run(main())


def test_lines_one_after_the_other():
    async def main():
        out = []
        async for line in StreamReader(FakeSocket(b"a\nb", b"\nc")):
            out.append(line)
        return out

    assert asyncio.run(main()) == [b"a\n", b"b\n", b"c"]


def test_written_pieces_go_out_together_and_before_the_close():
    async def main():
        sock = FakeSocket()
        writer = StreamWriter(sock)
        writer.write(b"one ")
        writer.writelines((b"two ", bytearray(b"three")))
        assert sock.sent == []
        await writer.drain()
        await writer.drain()
        assert sock.sent == [b"one two three"]
        writer.write(b"last")
        writer.close()
        writer.close()
        assert writer.is_closing()
        with raises(OSError):
            writer.write(b"too late")
        await writer.wait_closed()
        assert sock.sent[1:] == [b"last"] and sock.closed == 1 and not writer.can_write_eof()
        assert writer.get_extra_info("peername", 7) == 7 and writer.get_extra_info("socket") is sock
        writer = StreamWriter(FakeSocket())
        await writer.awrite(b"now")
        assert writer._sock.sent == [b"now"]
        writer.close()
        await writer.aclose()
        assert writer._sock.closed == 1

    asyncio.run(main())


class FakeListener(FakeSocket):
    """Hands out one client; then the module restarts."""

    error = None

    async def accept(self):
        await asyncio.sleep(0)
        if not self.blocks:
            self.link = self
            self.error = ConnectionClosed("the module restarted")
            raise self.error
        return self.blocks.pop(), ("10.0.0.9", 5000)


def test_a_server_whose_module_restarts_does_not_serve_any_more():
    heard = []

    async def serve(reader, writer):
        heard.append(await reader.readline())

    async def main():
        server = Server(FakeListener(FakeSocket(b"hello\n")), serve)
        assert server.is_serving()
        await server.serve_forever()
        assert not server.is_serving()
        server.close()
        await server.wait_closed()
        assert not server.is_serving() and heard == [b"hello\n"]

    asyncio.run(main())


class OpenListener(FakeListener):
    """Hands out one client, and no other one."""

    closed = False

    async def accept(self):
        if not self.blocks:
            await asyncio.sleep(3600)
        return self.blocks.pop(), ("10.0.0.9", 5000)

    async def close(self):
        self.closed = True


def test_clients_go_on_when_their_server_is_closed():
    async def main(ends_clients):
        go, served, open_then = asyncio.Event(), [], []

        async def serve(reader, writer):
            await go.wait()
            served.append(await reader.readline())

        listener = OpenListener(FakeSocket(b"hello\n"))
        server = Server(listener, serve, ends_clients=ends_clients)
        for _ in range(4):
            await asyncio.sleep(0)
        server.close()
        for _ in range(4):
            await asyncio.sleep(0)
        open_then.append(not listener.closed)
        go.set()
        await server.wait_closed()
        assert listener.closed and served == [b"hello\n"] and open_then == [ends_clients]

    for ends_clients in (False, True):  # a SIMCom module would close them with the server
        asyncio.run(main(ends_clients))


class SlowSocket(FakeSocket):
    """Takes 100 bytes at a time, and only while `open` is set."""

    seconds = None

    def __init__(self, *blocks):
        super().__init__(*blocks)
        self.open = asyncio.Event()
        self.error = None

    def gettimeout(self):
        return self.seconds

    async def send_within(self, link, data, off, n, limit_ms):
        await self.open.wait()
        if self.error is not None:
            raise self.error
        n = min(n, 100)
        self.sent.append(bytes(data[off : off + n]))
        return n

    def taken(self):
        return b"".join(self.sent)


def test_a_cancelled_or_timed_out_drain_loses_nothing_and_sends_nothing_twice():
    async def main():
        sock = SlowSocket()
        writer = StreamWriter(sock)
        data = bytes([i & 255 for i in range(950)])
        writer.write(data)
        task = asyncio.create_task(writer.drain())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        sock.seconds = 0.001
        with raises(SocketTimeout):
            await writer.drain()
        sock.seconds = None
        writer.write(b"more")
        sock.open.set()
        await writer.drain()
        assert sock.taken() == data + b"more"

    asyncio.run(main())


def test_whole_writes_of_two_tasks_go_out_in_order():
    async def main():
        sock = SlowSocket()
        writer = StreamWriter(sock)

        async def talk(letter):
            for _ in range(3):
                writer.write(letter * 250)
                await writer.drain()

        tasks = [asyncio.create_task(talk(letter)) for letter in (b"a", b"b")]
        sock.open.set()
        for task in tasks:
            await task
        seen = sock.taken()
        assert len(seen) == 1500
        for at in range(0, 1500, 250):
            assert len(set(seen[at : at + 250])) == 1, at

    asyncio.run(main())


def test_what_is_queued_is_sent_before_the_close_and_a_cancelled_wait_does_not_stop_it():
    async def main():
        sock = SlowSocket()
        reader, writer = streams(sock)
        writer.write(b"x" * 250)
        for close in (writer.wait_closed, writer.aclose, reader.aclose):
            task = asyncio.create_task(close())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
            assert writer.is_closing() and not sock.closed
        sock.open.set()
        await reader.aclose()
        assert sock.taken() == b"x" * 250 and sock.closed == 1

    asyncio.run(main())


def test_a_failed_drain_raises_and_keeps_what_was_not_sent():
    async def main():
        sock = SlowSocket()
        sock.open.set()
        sock.error = OSError(16, "the line is busy")
        writer = StreamWriter(sock)
        writer.write(b"hello")
        for _ in range(2):
            with raises(OSError, "busy"):
                await writer.drain()
        sock.error = None
        await writer.drain()
        assert sock.taken() == b"hello"

    asyncio.run(main())


def test_a_line_without_end_is_an_error_at_the_limit_of_asyncio():
    async def main():
        reader = StreamReader(FakeSocket(*[b"x" * 1500] * 50 + [b"\nnext\n"]))
        with raises(LimitOverrunError) as error:
            await reader.readuntil(b"\n")
        assert 65536 < error.value.consumed < 70000
        with raises(ValueError, "65536"):
            await reader.readline()
        rest = await reader.readline()
        assert rest.strip(b"x") == b"\n" and len(rest) < 10000 and await reader.readline() == b"next\n"
        reader = StreamReader(FakeSocket(b"x" * 100 + b"\n" + b"y" * 101 + b"\nz\n"), limit=100)
        assert len(await reader.readline()) == 101
        with raises(ValueError, "100"):
            await reader.readline()
        assert await reader.readline() == b"z\n"

    asyncio.run(main())


def test_a_read_that_is_cancelled_keeps_what_it_has_received():
    class Stuck(FakeSocket):
        async def recv(self, n):
            if not self.blocks:
                await asyncio.Event().wait()
            return self.blocks.pop(0)

    async def main():
        for read in ("readexactly", "readuntil", "read"):
            reader = StreamReader(Stuck(b"half"))
            argument = {"readexactly": 8, "readuntil": b"!", "read": -1}[read]
            task = asyncio.create_task(getattr(reader, read)(argument))
            await asyncio.sleep(0.001)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
            assert await reader.read(10) == b"half"

    asyncio.run(main())
