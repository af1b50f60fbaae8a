# MicroPython only: CPython has no heap to lock.
"""After construction, no port allocates: with the heap locked, and with the count of all bytes ever allocated unchanged.

The lock alone does not see the heap frames of big functions, which fall back to the C stack; mem_total() does.
"""

import gc

import micropython

from ports import Port
from ports.machine_uart import MachineUART
from ports.tty_uart import TtyUart
from tests.rigs.fake_machine import Board
from tests.rigs.pty_line import LineOfPeer, start_peer

_calls = [0]


def idle():
    _calls[0] += 1


def allocates_nothing(function):
    """Run it once to warm up, once counted and once locked; returns what it gave the last time."""
    function()
    gc.collect()
    before = micropython.mem_total()
    function()
    after = micropython.mem_total()
    micropython.heap_lock()
    try:
        result = function()
    finally:
        micropython.heap_unlock()
    assert after == before, "%d bytes" % (after - before)
    return result


def test_the_measure_sees_what_allocates():
    for bad in (lambda: bytes(100), lambda: [1, 2], lambda: bytearray(8)[1:3]):
        try:
            allocates_nothing(bad)
        except (MemoryError, AssertionError):
            continue
        raise AssertionError("an allocation was not seen")


def everything(port, buf, out):
    """One round of all calls; returns how many bytes came."""
    got = 0
    port.ticks_ms()
    port.wait(0)
    while port.wait(2):
        n = port.readinto(buf, 64)
        port.lost()
        if not n:
            break
        got += n
    port.wait(2, 50)
    port.readinto(buf, 64)
    port.write(out, 1, 10)
    return got


def test_tty_uart():
    path = start_peer()
    port = TtyUart(path, 115200)
    peer = LineOfPeer(port)
    buf = bytearray(64)
    port.idle = idle
    port.idle_ms = 1
    peer.tell("sink 1000000")
    for _ in range(3):
        allocates_nothing(lambda: everything(port, buf, b"0123456789abcdef"))
    port.close()
    assert _calls[0] > 3


def test_tty_uart_while_data_come():
    port = TtyUart(start_peer())
    peer = LineOfPeer(port)
    buf = bytearray(64)
    peer.tell("burst 12000")
    peer.arrive(1)
    left = 12000

    def take():
        got = 0
        while got < 1000:
            if port.wait(1000):
                got += port.readinto(buf, 64 if got < 936 else 1000 - got)
        return got

    for _ in range(4):
        assert allocates_nothing(take) == 1000
        left -= 3000
    assert left == 0 and not port.wait(0)
    port.close()


def machine_uart(board):
    board.install()
    try:
        port = MachineUART(1, 115200, tx=17, rx=16)
    finally:
        board.remove()
    port.idle = idle
    port.idle_ms = 1
    uart = board.made[0]
    buf = bytearray(64)
    data = b'+QIURC: "recv",0\r\n' * 8

    def turn():
        uart.feed(data)
        got = everything(port, buf, data)
        uart._tx.readinto(buf)
        return got

    assert allocates_nothing(turn) == len(data)
    assert uart.waits == 0


def test_machine_uart_of_both_boards():
    machine_uart(Board("rp2"))
    machine_uart(Board("esp32"))
    machine_uart(Board("esp32", any_says_some=True))


def test_waiting_with_a_hook():
    class Still(Port):
        def _look(self, timeout_ms, coming):
            return False

    port = Still()
    port.idle = idle
    port.idle_ms = 2
    before = _calls[0]
    assert allocates_nothing(lambda: port.wait(5)) is False
    assert _calls[0] > before
