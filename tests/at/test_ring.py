"""Rings: what goes in comes out, once, in order; what does not fit is counted."""

from modem.compat import RingIO
from modem.net.link import ByteRing
from modem.net.rings import BlockRing, PacketRing


def test_ringio_keeps_order_when_wrapping_at_every_offset():
    for start in range(8):
        ring = RingIO(7)
        out = bytearray(16)
        ring.write(b"x" * min(start, 7), 0, min(start, 7))
        ring.readinto(out)
        assert ring.write(b"-abcdefg-", 1, 5) == 5
        assert ring.any() == 5
        assert ring.readinto(out, 2) == 2 and bytes(out[:2]) == b"ab"
        assert ring.write(b"hijk", 0, 4) == 4
        assert ring.readinto(out) == 7 and bytes(out[:7]) == b"cdehijk"
        assert ring.any() == 0


def test_ringio_write_is_short_when_full():
    ring = RingIO(4)
    assert ring.write(b"abcdef", 0, 6) == 4
    assert not ring.write(b"x", 0, 1)
    out = bytearray(4)
    assert ring.readinto(out) == 4 and bytes(out) == b"abcd"


def test_byte_ring_room_and_clear():
    ring = ByteRing(100)
    ring.write(b"z" * 70, 0, 70)
    assert ring.room() == 30
    ring.clear()
    assert ring.room() == 100 and not ring.any()


def test_packet_ring_keeps_boundaries_and_sources():
    ring = PacketRing(20, 4)
    for data, source in ((b"abc", ("1.1.1.1", 1)), (b"", ("2.2.2.2", 2)), (b"defgh", ("3.3.3.3", 3))):
        ring.begin(len(data), source)
        ring.write(data, 0, len(data))
        ring.end()
    out = bytearray(10)
    assert ring.any() == 3
    assert ring.source() == ("1.1.1.1", 1) and ring.readinto(out) == 3 and bytes(out[:3]) == b"abc"
    assert ring.source() == ("2.2.2.2", 2) and ring.readinto(out) == 0
    assert ring.readinto(out, 2) == 2 and bytes(out[:2]) == b"de"
    assert ring.any() == 0 and ring.room() == 20


def test_packet_ring_drops_what_does_not_fit_whole():
    ring = PacketRing(8, 2)
    for data in (b"abcde", b"fghij", b"xyz", b"w"):
        ring.begin(len(data), None)
        assert ring.write(data, 0, len(data)) == len(data)
        ring.end()
    assert (ring.lost_packets, ring.lost_bytes) == (2, 6)
    out = bytearray(8)
    assert ring.readinto(out) == 5 and ring.readinto(out) == 3 and bytes(out[:3]) == b"xyz"


def test_packet_ring_forgets_a_datagram_that_broke_off():
    ring = PacketRing(8)
    ring.begin(6, None)
    ring.write(b"abc", 0, 3)
    ring.cancel()
    ring.begin(2, None)
    ring.write(b"ok", 0, 2)
    ring.end()
    out = bytearray(8)
    assert ring.any() == 1 and ring.readinto(out) == 2 and bytes(out[:2]) == b"ok"


def test_packet_ring_keeps_whole_datagrams_when_the_next_one_breaks_off():
    ring = PacketRing(32)
    for data in (b"one", b"two"):
        ring.begin(3, data)
        ring.write(data, 0, 3)
        ring.end()
    ring.begin(9, None)
    ring.write(b"half", 0, 4)
    ring.cancel()
    ring.begin(5, b"three")
    ring.write(b"three", 0, 5)
    ring.end()
    out = bytearray(8)
    got = []
    while ring.any():
        source = ring.source()
        got.append((source, bytes(out[: ring.readinto(out)])))
    assert got == [(b"one", b"one"), (b"two", b"two"), (b"three", b"three")]


def test_block_ring_gives_whole_blocks_while_the_next_one_is_coming():
    ring = BlockRing(10)
    out = bytearray(10)
    ring.begin(4)
    ring.write(b"abcd", 0, 2)
    assert ring.any() == 0 and ring.readinto(out) == 0
    ring.write(b"abcd", 2, 2)
    assert ring.end() == 0 and ring.any() == 4
    ring.begin(6)
    ring.write(b"efg", 0, 3)
    assert ring.any() == 4 and ring.readinto(out, 3) == 3 and bytes(out[:3]) == b"abc"
    assert ring.readinto(out) == 1 and out[0] == 100 and ring.any() == 0
    ring.cancel()
    assert ring.room() == 10


def test_block_ring_keeps_whole_blocks_when_the_next_one_breaks_off():
    ring = BlockRing(10)
    ring.begin(3)
    ring.write(b"abc", 0, 3)
    ring.end()
    ring.begin(5)
    ring.write(b"xy", 0, 2)
    ring.cancel()
    out = bytearray(10)
    assert ring.any() == 3 and ring.room() == 7
    assert ring.readinto(out) == 3 and bytes(out[:3]) == b"abc"


def test_byte_ring_keep_forgets_the_newest_bytes():
    ring = ByteRing(8)
    ring.write(b"abcdef", 0, 6)
    ring.keep(4)
    out = bytearray(8)
    assert ring.readinto(out) == 4 and bytes(out[:4]) == b"abcd"
    ring.write(b"abc", 0, 3)
    ring.keep(0)
    assert ring.any() == 0
