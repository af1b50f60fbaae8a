"""TtyUart over a real pty, and the waiting that all ports share. The far end is tests/rigs/pty_peer.py."""

import asyncio
import os
import sys
import termios
import time

import ports
from ports import Port
from ports.tty_uart import TtyUart
from tests.rigs.pty_line import LineOfPeer, pattern, start_peer

_MICROPYTHON = sys.implementation.name == "micropython"


def raises_os_error(function, *args):
    try:
        function(*args)
    except OSError as error:
        return error.args[0]
    raise AssertionError("no OSError")


def opened(**options):
    path = start_peer()
    port = TtyUart(path, **options)
    return port, LineOfPeer(port)


def test_readinto_when_nothing_came_then_some():
    port, peer = opened()
    buf = bytearray(8)
    assert port.readinto(buf, 8) == 0
    peer.tell("say 68656c6c6f")
    peer.arrive(5)
    assert port.readinto(buf, 3) == 3 and buf == b"hel\0\0\0\0\0", buf
    assert port.readinto(buf, 0) == 0
    assert port.readinto(buf, 8) == 2 and buf == b"lol\0\0\0\0\0", buf
    assert port.readinto(buf, 8) == 0
    port.close()


def test_every_byte_passes_unchanged_both_ways():
    port, peer = opened()
    peer.tell("burst 1024")
    assert peer.take(1024) == pattern(1024)
    peer.tell("sink 1024")
    peer.send(pattern(1024))
    assert peer.line().endswith(" pattern")
    port.close()


def test_a_mebibyte_each_way():
    port, peer = opened()
    block = pattern(65536)
    peer.tell("burst %d" % (1 << 20))
    for _ in range(16):
        assert peer.take(65536) == block
    peer.tell("sink %d" % (1 << 20))
    for _ in range(16):
        peer.send(block)
    assert peer.line().endswith(" pattern")
    port.close()


def test_write_takes_only_a_slice():
    port, peer = opened()
    peer.tell("sink 300")
    data = b"xxx" + pattern(300) + b"yyy"
    at = 3
    while at < 303:
        at += port.write(data, at, 303 - at)
    assert peer.line().endswith(" pattern")
    port.close()


def test_write_when_the_far_end_reads_nothing():
    port, peer = opened()
    n = 65536  # more than three times what a pty holds
    data = pattern(n)
    refused = 0
    for _ in range(20):  # on a busy machine the peer may hear again before the line has been filled
        peer.tell("deaf %d 300" % n)
        at = 0
        while at < n:
            done = port.write(data, at, n - at)
            assert done is not None and 0 <= done <= n - at
            if not done:
                refused += 1
                port.wait(10)
            at += done
        assert peer.line().endswith(" pattern")
        if refused:
            break
    assert refused
    port.close()


def test_wait_looks_waits_and_times_out():
    port, peer = opened()
    assert port.wait(0) is False
    assert port.wait(-5) is False
    assert port.wait(20) is False
    peer.tell("say 41")
    assert port.wait(10000) is True
    assert port.wait(0) is True
    assert port.readinto(bytearray(4), 4) == 1
    assert port.wait(0) is False
    port.close()


def test_waiting_costs_no_processor_time():
    port, _ = opened()
    used = time.clock if _MICROPYTHON else time.process_time
    port.idle = lambda: None
    port.idle_ms = 100
    before = used()
    assert port.wait(500) is False
    assert used() - before < 0.1  # a loop that polls takes all 0.5 s
    port.close()


def test_hangup_while_waiting():
    port, peer = opened()
    peer.tell("hang")
    assert port.wait(10000) is True
    assert raises_os_error(port.readinto, bytearray(8), 8) == 5
    assert port.wait(10000) is True, "stays readable"
    assert raises_os_error(port.readinto, bytearray(8), 8) == 5
    assert raises_os_error(port.write, b"AT\r", 0, 3) == 5
    port.close()


def test_hangup_right_after_data():
    for _ in range(10):
        port, peer = opened()
        peer.tell("hang 4f4b0d0a")
        got = b""
        buf = bytearray(2)
        try:
            while port.wait(10000):
                got += bytes(buf[: port.readinto(buf, 2)])
        except OSError as error:
            assert error.args[0] == 5
        else:
            raise AssertionError("the hang-up was not seen")
        assert b"OK\r\n".startswith(got), got  # what the system threw away is missing, nothing is made up
        port.close()


def test_closed_port_refuses_everything():
    port, _ = opened()
    port.close()
    port.close()
    assert raises_os_error(port.wait, 10) == 9
    assert raises_os_error(port.readinto, bytearray(4), 4) == 9
    assert raises_os_error(port.write, b"AT\r", 0, 3) == 9
    assert raises_os_error(port.set_baudrate, 115200) == 9
    assert port.pollable is None


def attributes(path):
    with open(path, "r+b", **({} if _MICROPYTHON else {"buffering": 0})) as f:
        return termios.tcgetattr(f.fileno())


def test_settings_come_back_on_close():
    path = start_peer()
    before = attributes(path)
    port = TtyUart(path, 57600)
    during = attributes(path)
    assert during != before and during[3] == 0
    keep = open(path, "r+b", **({} if _MICROPYTHON else {"buffering": 0}))  # the settings die with the last one
    port.close()
    assert termios.tcgetattr(keep.fileno()) == before
    keep.close()


def test_input_from_before_opening_is_kept():
    path = start_peer()
    first = TtyUart(path)
    keep = open(path, "r+b", **({} if _MICROPYTHON else {"buffering": 0}))
    peer = LineOfPeer(first)
    peer.tell("say 5244590d0a")
    peer.arrive(5)
    first.close()
    raw = TtyUart(path)
    assert LineOfPeer(raw).line() == "RDY\r"
    raw.close()
    keep.close()


def test_baud_rates():
    port, peer = opened(baudrate=9600)
    assert port.baudrate == 9600
    for rate in (115200, 921600, 19200, 3000000):
        port.set_baudrate(rate)
        assert port.baudrate == rate
        peer.tell("speed")
        assert peer.line() == str(rate)
    assert raises_os_error(port.set_baudrate, 12345) == 22
    assert port.baudrate == 3000000
    peer.tell("speed")
    assert peer.line() == "3000000"
    port.close()


def test_rate_is_left_alone_when_none_is_given():
    port, peer = opened()
    assert port.baudrate is None
    peer.tell("speed")
    assert peer.line() == "38400"
    port.close()


def test_what_cannot_be_opened():
    assert raises_os_error(TtyUart, "/dev/no-such-terminal") == 2
    assert raises_os_error(TtyUart, "/dev/null") == 25  # ENOTTY
    assert raises_os_error(TtyUart, "/dev/null", 12345) == 22


def test_a_pty_has_no_dtr():
    port, _ = opened()
    assert raises_os_error(port.dtr, True) == 95
    port.close()


async def _readable(pollable):
    """Until asyncio finds the port readable, the way AsyncModem would."""
    if _MICROPYTHON:
        from asyncio import core

        def queue():
            yield core._io_queue.queue_read(pollable)

        await queue()
    else:
        seen = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(pollable, seen.set)
        await seen.wait()
        loop.remove_reader(pollable)


async def test_asyncio_polls_it():
    port, peer = opened()
    peer.tell("say 4f4b")
    await asyncio.wait_for(_readable(port.pollable), 60)
    peer.arrive(2)
    buf = bytearray(4)
    assert port.readinto(buf, 4) == 2 and buf[:2] == b"OK"
    peer.tell("hang")
    await asyncio.wait_for(_readable(port.pollable), 60)
    while not raised(port):
        port.wait(10)
    port.close()


def raised(port):
    try:
        port.readinto(bytearray(8), 8)
    except OSError:
        return True
    return False


def test_interrupt_while_waiting():
    port, peer = opened()
    if not _MICROPYTHON:
        import signal

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background may have it ignored
    try:
        assert os.system("p=$PPID; (sleep 0.3; kill -INT $p) >/dev/null 2>&1 &") == 0
        port.wait(10000)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("Ctrl-C was lost")
    peer.tell("say 4f4b")
    assert port.wait(10000)
    assert peer.take(2) == b"OK"
    port.close()


class Clock:
    """Puts a clock of its own under ports.Port, near where MicroPython's on a board wraps."""

    def __init__(self):
        self.now = ports.ticks_add(0, -500) if _MICROPYTHON else 0

    def __call__(self):
        return self.now

    def __enter__(self):
        self.real = ports.ticks_ms
        ports.ticks_ms = self
        return self

    def __exit__(self, *_):
        ports.ticks_ms = self.real

    def go(self, ms):
        self.now = ports.ticks_add(self.now, ms)


class Sleeper(Port):
    """Notes how long it was made to sleep; data comes `comes_after` looks later."""

    def __init__(self, clock, comes_after=None):
        super().__init__()
        self.clock = clock
        self.slept = []
        self.comes_after = comes_after

    def _look(self, timeout_ms, coming):
        self.slept.append(timeout_ms)
        self.clock.go(timeout_ms)
        return self.comes_after is not None and len(self.slept) > self.comes_after


def test_wait_without_hook_is_one_sleep():
    with Clock() as clock:
        port = Sleeper(clock)
        assert port.wait(5000) is False
        assert port.slept == [5000]


def test_hook_runs_every_idle_ms_while_waiting():
    with Clock() as clock:
        port = Sleeper(clock)
        fed = []
        port.idle = lambda: fed.append(ports.ticks_diff(clock(), start))
        port.idle_ms = 300
        start = clock()
        assert port.wait(1000) is False
        assert port.slept == [300, 300, 300, 100], port.slept
        assert fed == [300, 600, 900], fed


def test_hook_runs_when_every_wait_is_short():
    with Clock() as clock:
        port = Sleeper(clock, 0)
        fed = []
        port.idle = lambda: fed.append(1)
        for _ in range(40):
            assert port.wait(100) is True  # data each time
        assert len(fed) == 3, fed  # 4 s, every 1000 ms, the last one is due with the next wait


def test_hook_runs_after_the_clock_went_all_round():
    with Clock() as clock:
        port = Sleeper(clock)
        fed = []
        port.idle = lambda: fed.append(1)
        if _MICROPYTHON:
            # More than half of the clock's range ago looks like the future.
            port._fed_ms = ports.ticks_add(clock(), 1000)
            port.wait(0)
            assert fed == [1]


def test_what_a_port_lacks_it_says():
    port = Port()
    for call in (port.dtr, port.set_baudrate):
        try:
            call(1)
        except OSError as error:
            assert error.args[0] == 95 and len(error.args[1]) > 20
        else:
            raise AssertionError("silently skipped")
