"""asyncio streams over a socket: the methods of asyncio's own, with the same results, on both Pythons."""

import asyncio

from modem import ConnectionClosed
from modem.streams import Server, StreamReader, StreamWriter
from tests.rigs.assertions import raises


class FakeSocket:
    """Gives the blocks it was made with, then the end; keeps what is sent."""

    _link = None

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

    async def sendall(self, data):
        await asyncio.sleep(0)
        self.sent.append(bytes(data))

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
            self._link = self
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
