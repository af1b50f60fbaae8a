# MicroPython only: the port is for boards; the stand-in for their machine.UART is tests/rigs/fake_machine.py.
"""MachineUART on a stand-in for the UARTs of RP2040 and ESP32."""

from ports.machine_uart import MachineUART
from ports.tty_uart import TtyUart
from tests.rigs.fake_machine import Board, Pin, Signal
from tests.rigs.pty_line import LineOfPeer, pattern, start_peer


def boards():
    return Board("rp2"), Board("esp32"), Board("esp32", any_says_some=True)


def made(board, *args, **options):
    """A MachineUART on `board`, and the stand-in under it."""
    board.install()
    try:
        port = MachineUART(*args, **options)
    finally:
        board.remove()
    return port, board.made[-1]


def raises(exception, function, *args, **options):
    try:
        function(*args, **options)
    except exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_reads_what_came_and_never_waits():
    for board in boards():
        port, uart = made(board, 1)
        buf = bytearray(8)
        assert port.readinto(buf, 8) == 0 and port.wait(0) is False
        uart.feed(b"+CREG: 1\r\n")
        assert port.wait(0) is True
        got = b""
        while True:
            n = port.readinto(buf, 4)
            assert 0 <= n <= 4
            if not n:
                break
            got += bytes(buf[:n])
        assert got == b"+CREG: 1\r\n"
        assert uart.waits == 0, "a read asked for more than was there"


def test_the_stand_in_sees_a_read_that_waits():
    for board in boards():
        _, uart = made(board, 1)
        uart.feed(b"OK")
        assert uart.readinto(bytearray(8)) == 2 and uart.waits == 1
        assert uart.readinto(bytearray(8), 4) is None and uart.waits == 2
        assert uart.read(4) is None and uart.waits == 3


def test_short_writes_and_none_on_rp2():
    port, uart = made(Board("rp2"), 1)
    data = pattern(1000)
    assert port.write(data, 0, 1000) == 256
    assert port.write(data, 256, 744) == 0, "the stand-in says None"
    assert uart.sent(100) == data[:100]
    assert port.write(data, 256, 744) == 100
    assert uart.sent() == data[100:356]
    assert port.write(data, 3, 5) == 5 and uart.sent() == data[3:8]


def test_esp32_waits_for_no_more_than_one_buffer():
    port, uart = made(Board("esp32"), 1)
    data = pattern(1000)
    assert port.write(data, 0, 1000) == 256 and uart.stalled == 0
    assert port.write(data, 256, 744) == 256 and uart.stalled == 256
    port, uart = made(Board("esp32"), 1, txbuf=1024)
    assert port.write(data, 0, 1000) == 1000 and uart.stalled == 0
    port, uart = made(Board("rp2"), 1, txbuf=1024)
    assert port.write(data, 0, 1000) == 1000


def test_settings_of_a_uart_that_is_made():
    for board in boards():
        port, uart = made(board, 1, 460800, tx=8, rx=9, rts=11, cts=10, rxbuf=4096, invert=0)
        asked = uart.made_with
        assert uart.number == 1 and uart.baudrate == 460800 and port.baudrate == 460800
        assert uart.rxbuf == 4096 and port.rxbuf == 4096
        assert [asked[name].number for name in ("tx", "rx", "rts", "cts")] == [8, 9, 11, 10]
        assert asked["flow"] == uart.RTS | uart.CTS and asked["timeout"] == 0 and asked["invert"] == 0
        assert port.pollable is uart


def test_flow_control_is_set_as_far_as_pins_are_given():
    board = Board("rp2")
    assert "flow" not in made(board, 1)[1].made_with
    assert made(board, 1, rts=7)[1].made_with["flow"] == 2
    assert made(board, 1, cts=Pin(6))[1].made_with["flow"] == 1


def test_a_ready_uart_is_taken_as_it_is():
    for board in boards():
        board.install()
        try:
            uart = board.UART(1, 230400, rxbuf=1024, txbuf=512)
            port = MachineUART(uart)
            assert port.baudrate == uart.baudrate - uart.baudrate // 5000, "as the divider has it"
            assert port.rxbuf == 1024
            assert port.write(bytes(600), 0, 600) == 512
            assert MachineUART(uart, 230400).baudrate == 230400, "the caller's number, when it is that"
            raises(ValueError, MachineUART, uart, rts=3)
            raises(ValueError, MachineUART, uart, txbuf=3)
            raises(ValueError, MachineUART, board.UART(0, 115200))  # with the default buffer of 256 bytes
            port.close()
            assert uart.open, "it belongs to whoever made it"
        finally:
            board.remove()


def test_baud_change_keeps_the_buffers():
    for board in boards():
        port, uart = made(board, 1, rxbuf=4096, txbuf=1024)
        port.set_baudrate(921600)
        assert (uart.baudrate, uart.rxbuf, uart.txbuf) == (921600, 4096, 1024)
        assert port.baudrate == 921600
        board.install()
        try:
            ready = board.UART(1, 115200, rxbuf=3000)
            MachineUART(ready).set_baudrate(460800)
        finally:
            board.remove()
        assert (ready.baudrate, ready.rxbuf, ready.txbuf) == (460800, 3000, 256)


def test_dtr_is_low_when_asserted():
    board = Board("rp2")
    port, _ = made(board, 1, dtr=22)
    assert Pin.log[-1] == (22, 0) and port._dtr.mode == Pin.OUT
    port.dtr(False)
    assert Pin.log[-1] == (22, 1)
    port.dtr(True)
    assert Pin.log[-1] == (22, 0)
    port, _ = made(board, 1, dtr=Signal(Pin(21, Pin.OUT), invert=True))
    assert Pin.log[-1] == (21, 1)


def test_without_dtr_it_says_so():
    port, _ = made(Board("rp2"), 1)
    assert raises(OSError, port.dtr, True).args[0] == 95


def test_closed():
    for board in boards():
        port, uart = made(board, 1)
        port.close()
        port.close()
        assert not uart.open and port.pollable is None
        assert raises(OSError, port.readinto, bytearray(4), 4).args[0] == 9
        assert raises(OSError, port.write, b"AT", 0, 2).args[0] == 9
        assert raises(OSError, port.wait, 0).args[0] == 9
        assert raises(OSError, port.set_baudrate, 9600).args[0] == 9


class Naps:
    """Stands in for time.sleep_ms in the port: notes the naps, and lets bytes arrive meanwhile."""

    def __init__(self, uart, bytes_per_ms):
        self.uart, self.rate, self.naps, self.now = uart, bytes_per_ms, [], 0

    def sleep_ms(self, ms):
        self.naps.append(ms)
        self.now += ms
        if self.rate:
            self.uart.feed(bytes(ms * self.rate))

    def ticks_ms(self):
        return self.now

    def __enter__(self):
        import ports
        import ports.machine_uart as module

        self.saved = module.time, module.ticks_ms, ports.ticks_ms
        module.time, module.ticks_ms, ports.ticks_ms = self, self.ticks_ms, self.ticks_ms
        return self

    def __exit__(self, *_):
        import ports
        import ports.machine_uart as module

        module.time, module.ticks_ms, ports.ticks_ms = self.saved


def test_naps_are_short_at_first_and_never_longer_than_the_buffer_allows():
    for rate, rxbuf, longest in ((115200, 2048, 10), (921600, 1024, 2), (921600, 256, 1), (9600, 256, 10)):
        port, uart = made(Board("rp2"), 1, rate, rxbuf=rxbuf)
        with Naps(uart, 0) as naps:
            assert port.wait(500) is False
            assert sum(naps.naps) == 500
            assert set(naps.naps[:50]) == {1} and max(naps.naps) == longest, naps.naps


def test_a_long_wait_loses_nothing():
    for rate, rxbuf in ((115200, 2048), (115200, 256), (921600, 2048), (921600, 512)):
        port, uart = made(Board("rp2"), 1, rate, rxbuf=rxbuf)
        buf = bytearray(rxbuf)
        with Naps(uart, 0) as naps:
            port.wait(200)
            naps.rate = rate // 10000 + 1
            for _ in range(100):
                assert port.wait(1000)
                while port.readinto(buf, rxbuf):
                    pass
        assert uart.overflow == 0


def test_the_hook_runs_while_it_waits():
    port, uart = made(Board("rp2"), 1)
    with Naps(uart, 0) as naps:
        fed = []
        port._fed_ms = 0
        port.idle = lambda: fed.append(naps.now)
        port.idle_ms = 200
        port.wait(1000)
        assert fed == [200, 400, 600, 800], fed


def test_over_a_pty():
    for board in boards():
        board.wire = TtyUart(start_peer())
        port, uart = made(board, 1, rxbuf=8192)
        peer = LineOfPeer(port)
        peer.tell("burst 4096")
        assert peer.take(4096) == pattern(4096)
        peer.tell("sink 3000")
        peer.send(pattern(3000))
        assert peer.line().endswith(" pattern")
        assert uart.waits == 0 and uart.overflow == 0
        board.wire.close()


def test_the_stand_in_loses_what_does_not_fit_without_a_word():
    port, uart = made(Board("rp2"), 1, rxbuf=64)
    uart.feed(pattern(100))
    buf = bytearray(128)
    assert port.readinto(buf, 128) == 64 and buf[:64] == pattern(64)
    assert port.readinto(buf, 128) == 0
    assert uart.overflow == 36


async def test_asyncio_polls_the_uart():
    import asyncio

    port, uart = made(Board("rp2"), 1)

    async def later():
        await asyncio.sleep_ms(20)
        uart.feed(b"OK")

    def readable():
        yield asyncio.core._io_queue.queue_read(port.pollable)

    task = asyncio.create_task(later())
    await asyncio.wait_for(readable(), 60)
    assert port.readinto(bytearray(4), 4) == 2
    await task
